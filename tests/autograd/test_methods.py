"""Tensor's operators and methods: from both sides, in place, with NumPy's functions, in lists."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import DTypeError, GraphError, ShapeError, Tensor, grad, no_grad, ops
from autograd.methods import _METHODS
from tests import standin

BINARY = "add sub mul truediv floordiv mod pow lt le gt ge eq ne".split()


def leaf(*values: float) -> Tensor:
    return Tensor(np.array(values, "float32"), requires_grad=True)


# Operators


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize(
    "other", [3, 2.5, np.float64(2.5), np.array([1.0, 2.0]), np.array(2.0)], ids=repr
)
def test_an_operator_takes_numbers_and_arrays_on_either_side(name: str, other: Any) -> None:
    function, x = getattr(operator, name), leaf(1.0, 2.0)
    for result, expected in [
        (function(x, other), function(x.data, other)),
        (function(other, x), function(other, x.data)),
    ]:
        assert type(result) is Tensor
        np.testing.assert_allclose(result.detach().numpy(), expected, rtol=1e-6)
        is_smooth = name in ("add", "sub", "mul", "truediv", "mod", "pow")
        assert result.requires_grad == is_smooth


def test_a_numpy_scalar_or_0d_array_does_not_widen() -> None:
    x = leaf(1.0, 2.0)
    for result in (np.float64(2) * x, x * np.float64(2), np.array(2.0) * x, 2 * x, x + 1.5):
        assert result.dtype == np.float32
    assert (np.ones(2) * x).dtype == np.float64


def test_a_list_is_an_operand_too() -> None:
    assert (leaf(1.0, 2.0) * [10, 20]).tolist() == [10, 40]


def test_reflected_operators_keep_the_order_of_their_operands() -> None:
    x = leaf(2.0)
    results = [3 - x, 3 / x, 3**x, 3 // x, 3 % x, 3 + x, 3 * x]
    assert [r.item() for r in results] == [1, 1.5, 9, 1, 1, 5, 6]
    assert all(
        r.node.parents[1] is x.node for r in results if r.requires_grad and r.node is not None
    )


def test_matrix_products_work_from_both_sides() -> None:
    x, a = Tensor(np.ones((2, 2)), requires_grad=True), np.array([[1.0, 2.0], [3.0, 4.0]])
    assert (x @ a).tolist() == [[4, 6], [4, 6]] and (a @ x).tolist() == [[3, 3], [7, 7]]
    assert grad((a @ x).sum(), x)[0].tolist() == [[4, 4], [6, 6]]


def test_unary_operators_and_pythons_functions_of_numbers() -> None:
    x = leaf(-1.26, 2.0)
    assert (-x).tolist() == [pytest.approx(1.26), -2] and abs(x).tolist() == [
        pytest.approx(1.26),
        2,
    ]
    assert round(x).tolist() == [-1, 2] and round(x, 1).tolist() == [pytest.approx(-1.3), 2]
    quotient, rest = divmod(leaf(7.0), 2)
    assert (quotient.item(), rest.item(), divmod(7, leaf(2.0))[1].item()) == (3, 1, 1)
    same = +x
    assert same is not x and same.data is not x.data and grad(same.sum(), x)[0].tolist() == [1, 1]


@pytest.mark.parametrize("name", ["add", "mul", "lt"])
@pytest.mark.parametrize(
    "other", [None, "two", object(), [leaf(1.0)]], ids=["None", "str", "object", "list"]
)
def test_what_is_no_number_is_refused(name: str, other: Any) -> None:
    with pytest.raises(DTypeError):
        getattr(operator, name)(leaf(1.0, 2.0), other)


# Equality


def test_equality_is_elementwise_and_hashing_by_identity() -> None:
    x, y = leaf(1.0, 2.0), leaf(1.0, 3.0)
    assert (x == y).tolist() == [True, False] and (x != y).tolist() == [False, True]
    assert len({x, y, x}) == 2 and {x: 1, y: 2}[y] == 2


def test_a_tensor_is_not_equal_to_what_is_no_number() -> None:
    x = leaf(1.0, 2.0)
    assert (x == None) is False and (x != None) is True  # noqa: E711  # a user may write so
    assert (x == "x") is False and x not in ["x", None]


def test_a_list_finds_a_tensor_by_identity_whatever_else_it_holds() -> None:
    a, b, c, twin = leaf(1.0, 2.0), leaf(3.0, 4.0), leaf(1.0, 2.0, 3.0), leaf(1.0, 2.0)
    assert b in [a, b] and b in (c, None, "b", b)
    assert b not in [a, c] and twin not in [a]
    assert [t for t in (a, b, c) if t not in [a, c]] == [b]


def test_elsewhere_the_truth_of_several_elements_is_an_error() -> None:
    a, b, c = leaf(1.0, 2.0), leaf(3.0, 4.0), leaf(1.0, 2.0, 3.0)
    for ambiguous in (lambda: bool(a == b), lambda: not a, lambda: a and b, lambda: [a].index(b)):
        with pytest.raises(ShapeError, match=r"ambiguous. Use .any\(\) or .all\(\)"):
            ambiguous()
    with pytest.raises(ShapeError, match="do not broadcast"):
        a == c  # noqa: B015  # the comparison is the test


# In place


def test_a_recorded_change_leaves_the_old_value_to_its_keepers() -> None:
    x = leaf(1.0, 2.0)
    h = x * 3
    kept, view, square = h.detach(), h[:1], h * h
    handle = h
    h += 1
    h *= 2
    assert h is handle and h.tolist() == [8, 14] and not h.is_leaf
    assert kept.tolist() == [3, 6] and view.tolist() == [3]
    assert grad((h + square).sum(), x)[0].tolist() == [6 + 18, 6 + 36]


def test_item_assignment_is_recorded_for_both_sides() -> None:
    x, v = leaf(1.0, 2.0, 3.0), leaf(5.0)
    h = x * 2
    h[1] = v[0] * 10
    h[h > 40] = 7
    assert h.tolist() == [2, 7, 6]
    dx, dv = grad(h.sum(), (x, v), allow_unused=True)
    assert dx.tolist() == [2, 0, 2] and dv.tolist() == [0]


@pytest.mark.parametrize("change", ["add", "setitem"])
def test_an_untracked_tensor_becomes_tracked_by_a_tracked_value(change: str) -> None:
    t, v = Tensor([1.0, 2.0]), leaf(3.0)
    if change == "add":
        t += v
    else:
        t[0:1] = v
    assert t.requires_grad and grad(t.sum(), v)[0].tolist() == [2 if change == "add" else 1]


@pytest.mark.parametrize("name", "iadd isub imul itruediv ifloordiv imod ipow".split())
def test_every_in_place_operator_writes_into_an_untracked_tensor(name: str) -> None:
    t = Tensor([5.0, 7.0])
    data = t.data
    expected = data.copy()
    expected = getattr(operator, name)(expected, 2)
    assert getattr(operator, name)(t, 2) is t
    assert t.data is data and t.tolist() == expected.tolist()


def test_matrices_and_masks_change_in_place_too() -> None:
    t, mask = Tensor(np.eye(2)), Tensor(np.array([True, False]))
    t @= np.array([[1.0, 2.0], [3.0, 4.0]])
    mask |= True
    mask &= np.array([False, True])
    mask ^= True
    assert t.tolist() == [[1, 2], [3, 4]] and mask.tolist() == [True, False]


def test_a_leaf_that_requires_grad_refuses_to_change() -> None:
    x = leaf(1.0, 2.0)
    with pytest.raises(GraphError, match=r"t \+= v on a leaf of shape \(2,\).*no_grad"):
        x += 1
    with pytest.raises(GraphError, match=r"t\[...\] = v on a leaf"):
        x[0] = 3
    assert x.tolist() == [1, 2] and x.is_leaf


def test_under_no_grad_a_leaf_is_overwritten_where_it_lies() -> None:
    x = leaf(1.0, 2.0)
    data = x.data
    with no_grad():
        x -= 0.5
        x[1] = 9
    assert x.data is data and x.tolist() == [0.5, 9] and x.requires_grad and x.is_leaf


@pytest.mark.parametrize("change", [lambda t: t.__iadd__(1), lambda t: t.__setitem__(0, 5.0)])
def test_a_true_write_to_what_an_operation_kept_is_found_at_backward(change: Any) -> None:
    x, w = Tensor([2.0, 3.0]), leaf(1.0, 1.0)
    y = (x * w).sum()
    change(x)
    with pytest.raises(GraphError, match=r"'mul'.*was overwritten after the forward pass"):
        y.backward()


def test_a_change_in_place_keeps_shape_and_dtype() -> None:
    t, whole = Tensor(np.ones((1, 2), "float32")), Tensor(np.array([1, 2]))
    with pytest.raises(ShapeError, match=r"the tensor is \(1, 2\) but the result is \(3, 2\)"):
        t += np.ones((3, 2))
    with pytest.raises(DTypeError, match="the tensor is int64 but the result is float32"):
        whole += 0.5
    t += np.ones((1, 2))
    h = leaf(1.0, 2.0) * 1
    h += np.array([1.0, 2.0])
    assert t.dtype == h.dtype == np.float32 and h.requires_grad
    assert t.tolist() == [[2, 2]] and whole.tolist() == [1, 2]


def test_a_failed_assignment_names_the_shapes_and_changes_nothing() -> None:
    t = Tensor([1.0, 2.0, 3.0])
    with pytest.raises(ShapeError, match=r"v is \(2,\) but x\[index\] is \(3,\)"):
        t[:] = [1.0, 2.0]
    with pytest.raises(IndexError):
        t[5] = 1.0
    assert t.tolist() == [1, 2, 3]


def test_names_and_retained_gradients_follow_the_handle() -> None:
    h = leaf(1.0) * 2
    h.name = "h"
    h.retain_grad()
    h += 1
    (h * 5).sum().backward()
    assert h.name == "h" and h.grad is not None and h.grad.tolist() == [5]


# Shape, type, words


def test_methods_of_shape_take_numbers_or_one_tuple() -> None:
    x = Tensor(np.arange(6.0).reshape(1, 2, 3))
    assert x.reshape(3, 2).shape == x.reshape((3, 2)).shape == x.reshape([3, -1]).shape == (3, 2)
    assert x.reshape(-1).shape == x.ravel().shape == x.flatten().shape == (6,)
    assert x.transpose().shape == x.T.shape == (3, 2, 1) and x.mT.shape == (1, 3, 2)
    assert x.transpose(1, 0, 2).shape == x.transpose((1, 0, 2)).shape == x.permute(1, 0, 2).shape
    assert x.swapaxes(0, 2).shape == (3, 2, 1) and x.moveaxis(0, -1).shape == (2, 3, 1)
    assert x.squeeze(0).shape == (2, 3) and x.expand_dims(0).shape == (1, 1, 2, 3)


def test_short_names_of_dtypes_cast() -> None:
    x = Tensor([0.0, 1.5])
    kinds = [x.double(), x.half(), x.float(), x.int(), x.long(), x.bool(), x.astype("int8")]
    names = "float64 float16 float32 int32 int64 bool int8".split()
    assert [k.dtype.name for k in kinds] == names and x.bool().tolist() == [False, True]


def test_a_cast_sends_gradients_back_in_the_old_dtype() -> None:
    x = leaf(1.0)
    (g,) = grad(x.double().sum(), x)
    assert g.dtype == np.float32


def test_clone_and_copy_have_memory_of_their_own() -> None:
    x = leaf(1.0)
    for twin in (x.clone(), x.copy()):
        assert not np.shares_memory(twin.data, x.data) and grad(twin.sum(), x)[0].tolist() == [1]


@pytest.mark.parametrize("name", _METHODS)
def test_a_method_is_the_operation_of_its_name(name: str) -> None:
    method, function = getattr(Tensor, name), getattr(ops, name)
    assert method.__wrapped__ is getattr(function, "call", function) and method.__doc__


def test_pytorchs_words_are_refused_with_numpys() -> None:
    x = Tensor(np.ones((2, 3)))
    with pytest.raises(TypeError, match=r"sum\(\) takes no dim=.*Use axis="):
        x.sum(dim=0)
    with pytest.raises(TypeError, match=r"takes no keepdim=.*Use keepdims="):
        x.max(axis=0, keepdim=True)
    with pytest.raises(TypeError, match=r"takes no unbiased=.*Use ddof="):
        x.var(unbiased=False)
    with pytest.raises(TypeError, match=r"Use \.reshape\(\)"):
        x.view(3, 2)
    with pytest.raises(TypeError, match="unexpected keyword argument 'axes'"):
        x.sum(axes=0)


# NumPy's functions


def test_numpys_ufuncs_become_operations_with_gradients() -> None:
    x = leaf(0.5, 1.0)
    for name in "exp log sqrt tanh negative absolute square".split():
        y = getattr(np, name)(x)
        assert type(y) is Tensor and y.requires_grad
        np.testing.assert_allclose(y.detach().numpy(), getattr(np, name)(x.data), rtol=1e-6)
    assert np.maximum(x, 0.75).tolist() == [0.75, 1] and np.isnan(x).tolist() == [False, False]
    assert np.hypot(np.array([3.0, 4.0]), x).requires_grad


def test_numpys_other_functions_become_operations_too() -> None:
    x = leaf(1.0, 3.0)
    assert np.sum(x).requires_grad and np.mean(x, axis=0).item() == 2
    assert np.concatenate([x, np.zeros(1)]).requires_grad and np.stack([x, x]).shape == (2, 2)
    assert np.where(x > 2, x, 0).tolist() == [0, 3] and np.clip(x, 0, 2).tolist() == [1, 2]
    assert np.reshape(x, (2, 1)).shape == (2, 1) and np.linalg.norm(x).requires_grad
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((2,), 1, 2)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: np.heaviside(x, 0.5), "np.heaviside does not take Tensors.*detach"),
        (lambda x: np.add.reduce(x), "np.add.reduce does not take Tensors.*x.sum()"),
        (
            lambda x: np.add(x, 1, out=np.ones(2)),
            "np.add: a Tensor cannot be written into an array",
        ),
        (
            lambda x: np.exp(x, where=np.array([True, False])),
            "np.exp takes no where= with a Tensor",
        ),
        (lambda x: np.sum(x, out=np.ones(())), "np.sum: a Tensor cannot be written into an array"),
        (lambda x: np.fft.fft(x), "numpy.fft.fft does not take Tensors"),
        (lambda x: np.linalg.trace(x), "numpy.linalg.trace does not take Tensors"),
        (lambda x: np.median(x), "numpy.median does not take Tensors"),
    ],
)
def test_what_numpy_cannot_do_with_a_tensor_says_what_to_do(function: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        function(leaf(1.0, 2.0))


def test_an_array_does_not_swallow_a_tensor_in_place() -> None:
    a = np.ones(2)
    with pytest.raises(TypeError, match=r"Use what it returns: a = a \+ t"):
        a += leaf(1.0, 2.0)
    assert a.tolist() == [1, 1]


def test_an_array_of_a_gpu_and_a_tensor_meet_as_tensors() -> None:
    with standin.installed() as cupy:
        a, x = cupy.ones(2), Tensor([1.0, 2.0], requires_grad=True, device="cuda")
        for y in (a * x, x * a, a - x, a / x, np.exp(x), np.float64(2) * x, a @ x):
            assert type(y) is Tensor and y.requires_grad and y.device == "cuda:0"
        assert (a < x).cpu().tolist() == [False, True]
        x2 = Tensor([1.0, 2.0, 3.0], device="cuda")
        x2[1:] = 7
        x2 += 1
        assert x2.cpu().tolist() == [2, 8, 8]
        with pytest.raises(IndexError):
            x2[5] = 1.0


def test_operators_are_the_generated_functions_themselves() -> None:
    assert Tensor.__add__ is ops.add.call and Tensor.__lt__ is ops.less.call
    assert autograd.Tensor.__hash__ is object.__hash__


def test_numpys_spare_and_older_keywords_are_understood() -> None:
    x = Tensor([-1.0, 0.5, 2.0])
    assert np.clip(x, a_min=0, a_max=1).tolist() == [0.0, 0.5, 1.0]
    assert np.sum(x, dtype=None, out=None).item() == 1.5
