"""Leaves can be pickled and copied, with data, gradient, name and sharing; results cannot."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import GraphError, Tensor, as_tensor, no_grad, op, ops

Again = Callable[[Any], Any]
PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)
WAYS: dict[str, Again] = {
    "deepcopy": copy.deepcopy,
    **{f"pickle {p}": lambda t, p=p: pickle.loads(pickle.dumps(t, p)) for p in PROTOCOLS},
}


@pytest.fixture(params=WAYS)
def again(request: Any) -> Again:
    return WAYS[request.param]


def trained() -> Tensor:
    """A named leaf with a gradient."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="weight", dtype="float64")
    (x * x).sum().backward()
    return x


def test_a_leaf_keeps_data_gradient_name_and_whether_it_is_tracked(again: Again) -> None:
    x = trained()
    y = again(x)
    assert type(y) is Tensor
    assert (y.name, y.requires_grad, y.is_leaf, y.dtype) == ("weight", True, True, np.float64)
    np.testing.assert_array_equal(y.data, x.data)
    np.testing.assert_array_equal(y.grad.data, x.grad.data)


@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "bool"])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_every_dtype_and_shape_comes_back(again: Again, shape: Any, dtype: str) -> None:
    x = Tensor(np.ones(shape, dtype))
    y = again(x)
    assert (y.shape, y.dtype, y.requires_grad) == (x.shape, x.dtype, False)
    assert (y.name, y.grad) == (None, None)
    assert type(y.data) is np.ndarray
    np.testing.assert_array_equal(y.data, x.data)


def test_a_copy_has_memory_of_its_own(again: Again) -> None:
    x = trained()
    y = again(x)
    y.data[0] = 9.0
    y.grad.data[0] = 9.0
    np.testing.assert_array_equal(x.data, [1.0, 2.0])
    np.testing.assert_array_equal(x.grad.data, [2.0, 4.0])


def test_a_copy_starts_a_graph_of_its_own(again: Again) -> None:
    x = trained()
    y = again(x)
    (y * 3).sum().backward()
    np.testing.assert_array_equal(y.grad.data, [5.0, 7.0])
    np.testing.assert_array_equal(x.grad.data, [2.0, 4.0])


def test_two_references_to_one_tensor_stay_one(again: Again) -> None:
    x = trained()
    first, (second,) = again([x, (x,)])
    assert first is second
    assert first is not x


def test_a_tensor_and_its_detached_handle_share_memory_still(again: Again) -> None:
    x = trained()
    y, detached = again([x, x.detach()])
    assert np.shares_memory(y.data, detached.data)
    assert not np.shares_memory(x.data, y.data)


def test_a_write_through_a_restored_handle_is_seen(again: Again) -> None:
    x = trained()
    y, detached = again([x, x.detach()])
    z = y * y
    detached[0] = 5.0
    with pytest.raises(GraphError, match="overwritten"):
        z.sum().backward()


def test_a_view_of_another_tensor_comes_back_with_equal_values_of_its_own(again: Again) -> None:
    """NumPy pickles and copies views apart: only handles on one whole array keep sharing it."""
    base = np.arange(6.0)
    whole, part = again([as_tensor(base), as_tensor(base[2:])])
    np.testing.assert_array_equal(part.data, base[2:])
    assert not np.shares_memory(whole.data, part.data)


def test_a_gradient_with_a_graph_comes_back_as_its_values(again: Again) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    (x**3).sum().backward(create_graph=True)
    y = again(x)
    np.testing.assert_array_equal(y.grad.data, [3.0, 12.0])
    assert not y.grad.requires_grad
    assert x.grad.requires_grad


def test_hooks_stay_behind(again: Again) -> None:
    x = trained()
    x.register_hook(lambda g: g * 100)
    y = again(x)
    (y * 1).sum().backward()
    np.testing.assert_array_equal(y.grad.data, [3.0, 5.0])


def test_the_result_of_an_operation_is_refused_with_the_remedy(again: Again) -> None:
    y = ops.tanh(trained())
    with pytest.raises(GraphError, match=r"result of 'tanh'.*\.detach\(\)"):
        again(y)
    np.testing.assert_array_equal(again(y.detach()).data, y.data)


def test_a_result_inside_a_list_is_refused_too(again: Again) -> None:
    x = trained()
    with pytest.raises(GraphError, match=r"\.detach\(\)"):
        again([x, x * 2])


def test_one_output_of_several_is_refused_by_the_name_of_its_operation(again: Again) -> None:
    values, _ = ops.topk(trained(), 1)
    with pytest.raises(GraphError, match="result of 'topk'"):
        again(values)


def test_a_result_made_under_no_grad_is_a_leaf_and_can_be_copied(again: Again) -> None:
    x = trained()
    with no_grad():
        y = x * 2
    np.testing.assert_array_equal(again(y).data, [2.0, 4.0])


class Parameter(Tensor):
    """A subclass, as a module's parameters are."""

    __slots__ = ()


def test_a_subclass_keeps_its_class(again: Again) -> None:
    y = again(Parameter([1.0, 2.0], requires_grad=True))
    assert type(y) is Parameter
    assert y.requires_grad


class Annotated(Tensor):
    """A subclass whose instances take attributes."""


def test_what_a_subclass_adds_comes_back(again: Again) -> None:
    x = Annotated([1.0, 2.0], requires_grad=True, name="w")
    x.rate, x.history, x.itself = 0.5, [1, 2], x
    y = again(x)
    assert type(y) is Annotated
    assert (y.rate, y.history, y.name, y.requires_grad) == (0.5, [1, 2], "w", True)
    assert y.history is not x.history
    assert y.itself is y


@op("x²")
def squared(xp: Any, x: Any) -> Any:
    return x * x


squared.vjp(x=("∂z/∂x = 2 · x", lambda g, x: 2 * g * x))


def test_an_operation_is_copied_and_pickled_as_itself(again: Again) -> None:
    assert again(ops.relu) is ops.relu
    assert again(squared) is squared
    assert copy.copy(squared) is squared
    assert again({"activation": [squared, ops.tanh]}) == {"activation": [squared, ops.tanh]}


def test_an_operation_that_is_no_module_s_own_is_not_pickled() -> None:
    local = op("x")(lambda xp, x: x * 1)
    assert copy.deepcopy(local) is local
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(local)


def test_a_shallow_copy_shares_the_memory_but_not_the_handle() -> None:
    x = trained()
    y = copy.copy(x)
    assert y is not x
    assert np.shares_memory(x.data, y.data)


def test_a_fortran_ordered_array_keeps_its_order_and_values(again: Again) -> None:
    x = as_tensor(np.asfortranarray(np.arange(6.0).reshape(2, 3)))
    y = again(x)
    np.testing.assert_array_equal(y.data, x.data)
    assert y.data.flags.f_contiguous
