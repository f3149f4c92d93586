"""Shapes, axes, dtypes and devices: NumPy's results, views where NumPy gives views, and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import BackendError, DTypeError, GraphError, ShapeError, Tensor, grad, ops
from tests import standin
from tests.samples import normal

MOVES: list[tuple[str, dict[str, Any], Any]] = [
    ("reshape", {"shape": (4, -1)}, lambda x: x.reshape(4, -1)),
    ("reshape", {"shape": -1}, lambda x: x.reshape(-1)),
    ("ravel", {}, np.ravel),
    ("flatten", {}, np.ravel),
    ("transpose", {}, np.transpose),
    ("transpose", {"axes": (1, -1, 0)}, lambda x: x.transpose(1, -1, 0)),
    ("permute", {"axes": (2, 0, 1)}, lambda x: x.transpose(2, 0, 1)),
    ("swapaxes", {"axis1": 0, "axis2": -1}, lambda x: x.swapaxes(0, -1)),
    ("moveaxis", {"source": 0, "destination": 2}, lambda x: np.moveaxis(x, 0, 2)),
    (
        "moveaxis",
        {"source": (0, -1), "destination": (1, 0)},
        lambda x: np.moveaxis(x, (0, -1), (1, 0)),
    ),
    ("expand_dims", {"axis": -1}, lambda x: x[..., None]),
    ("expand_dims", {"axis": (0, 2)}, lambda x: np.expand_dims(x, (0, 2))),
    ("broadcast_to", {"shape": (5, 2, 3, 4)}, lambda x: np.broadcast_to(x, (5, 2, 3, 4))),
    ("copy", {}, np.copy),
]


@pytest.mark.parametrize(("name", "settings", "expected"), MOVES)
def test_values_are_those_of_numpy_and_gradients_go_back(
    name: str, settings: dict[str, Any], expected: Any
) -> None:
    x = Tensor(normal(2, 3, 4), requires_grad=True)
    z = getattr(ops, name)(x, **settings)
    np.testing.assert_array_equal(z.detach().numpy(), expected(x.data))
    positions = np.arange(24.0).reshape(2, 3, 4)
    (g,) = grad([z], [x], [np.array(expected(positions))])
    copies = z.size // x.size
    np.testing.assert_array_equal(g.numpy(), positions * copies)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), ()])
def test_squeeze_drops_axes_of_size_one(axis: Any) -> None:
    x = normal(1, 3, 1)
    assert ops.squeeze(Tensor(x), axis=axis).shape == np.squeeze(x, axis).shape


@pytest.mark.parametrize("name", ["ravel", "transpose", "squeeze"])
def test_moves_that_need_no_copy_are_views(name: str) -> None:
    x = Tensor(normal(2, 3))
    assert np.shares_memory(getattr(ops, name)(x).data, x.data)


def test_a_copy_has_memory_of_its_own() -> None:
    x = Tensor(normal(2, 3))
    assert not np.shares_memory(ops.copy(x).data, x.data)


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("reshape", {"shape": (4, 2)}, r"reshape: x is \(2, 3\) with 6 elements, .* shape \(4, 2\)"),
    ("squeeze", {"axis": 1}, r"squeeze: axis 1 of x, which is \(2, 3\), has size 3, not 1"),
    ("squeeze", {"axis": 2}, "squeeze: axis 2 is out of range for 2 dimensions"),
    ("expand_dims", {"axis": 3}, "expand_dims: axis 3 is out of range for 3 dimensions"),
    ("expand_dims", {"axis": (0, -4)}, r"expand_dims: axis \(0, -4\) names an axis twice"),
    ("broadcast_to", {"shape": (3, 2)}, r"x is \(2, 3\), which does not repeat into \(3, 2\)"),
    ("sum_to_shape", {"shape": (2, 2)}, r"\(2, 3\) does not sum to shape \(2, 2\)"),
    ("transpose", {"axes": (0, 0)}, r"transpose: x is \(2, 3\) but axes is \(0, 0\)"),
    ("transpose", {"axes": (0,)}, r"transpose: x is \(2, 3\) but axes is \(0,\)"),
    ("transpose", {"axes": (0, 2)}, r"transpose: x is \(2, 3\) but axes is \(0, 2\)"),
    ("swapaxes", {"axis1": 0, "axis2": 2}, "swapaxes: axis 2 is out of range"),
    ("moveaxis", {"source": (0, 1), "destination": 0}, r"moveaxis: source \(0, 1\)"),
    ("moveaxis", {"source": 5, "destination": 0}, "moveaxis: axis 5 is out of range"),
]


@pytest.mark.parametrize(("name", "settings", "message"), BAD)
def test_bad_shapes_and_axes_raise_with_their_values(
    name: str, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        getattr(ops, name)(Tensor(normal(2, 3)), **settings)


sizes = st.lists(st.integers(0, 3), max_size=4)


@given(sizes, st.data())
def test_sum_to_shape_is_the_adjoint_of_broadcast_to(large: list[int], data: Any) -> None:
    dropped = data.draw(st.integers(0, len(large)))
    shape = tuple(data.draw(st.sampled_from([1, n])) for n in large[dropped:])
    x, y = normal(*shape), normal(*large, seed=1)
    lifted = ops.broadcast_to(Tensor(x), shape=tuple(large)).numpy()
    lowered = ops.sum_to_shape(Tensor(y), shape=shape).numpy()
    assert lowered.shape == shape
    np.testing.assert_allclose((lifted * y).sum(), (x * lowered).sum(), atol=1e-12)


def test_inverse_axes_undo_a_transposition() -> None:
    x = normal(2, 3, 4)
    for axes in [(1, 2, 0), (-1, 0, 1), (0, 1, 2)]:
        np.testing.assert_array_equal(x.transpose(axes).transpose(ops.inverse_axes(axes)), x)
    assert ops.inverse_axes(None) is None


def test_a_cast_brings_its_gradient_back_in_the_input_dtype() -> None:
    x = Tensor(normal(3).astype(np.float32), requires_grad=True)
    z = ops.astype(x, "float64")
    z.sum().backward()
    assert z.dtype == np.float64
    assert x.grad is not None and x.grad.dtype == np.float32


def test_a_cast_to_the_same_dtype_is_the_tensor_itself() -> None:
    x = Tensor(normal(3))
    assert ops.astype(x, np.float64) is x


def test_a_cast_to_the_other_byte_order_is_one_to_this_machines() -> None:
    assert ops.astype(Tensor([1.0]), ">f8").dtype.isnative


@pytest.mark.parametrize("dtype", ["int64", "bool"])
def test_a_cast_to_whole_numbers_has_no_gradient_and_says_so(dtype: str) -> None:
    z = ops.astype(Tensor([1.5, 0.0], requires_grad=True), dtype)
    assert z.dtype == dtype and not z.requires_grad
    with pytest.raises(GraphError, match="as_whole"):
        z.backward()


@pytest.mark.parametrize("dtype", ["complex64", "object", "datetime64[s]"])
def test_a_cast_to_what_is_no_number_is_refused(dtype: str) -> None:
    with pytest.raises(DTypeError, match=r"astype: .* is no dtype for a Tensor"):
        ops.astype(Tensor([1.0]), dtype)


def test_a_gradient_comes_back_to_the_device_of_the_input() -> None:
    with standin.installed():
        x = Tensor(normal(3), device="cuda", requires_grad=True)
        z = ops.to_device(x, "cpu")
        assert z.device == "cpu"
        (g,) = grad(z.sum(), x, create_graph=True)
        assert g.device == "cuda:0" and g.cpu().tolist() == [1.0, 1.0, 1.0]


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(BackendError, match="'tpu' is not known"):
        ops.to_device(Tensor([1.0]), "tpu")


def test_lists_of_axes_are_taken_as_tuples_are() -> None:
    assert ops.expand_dims(normal(2, 3), axis=[0, 1]).shape == (1, 1, 2, 3)
    assert ops.squeeze(normal(1, 2, 1), axis=[0, 2]).shape == (2,)


@pytest.mark.parametrize("name", ["reshape", "broadcast_to", "transpose"])
def test_a_shape_that_is_text_is_refused_by_name(name: str) -> None:
    with pytest.raises(ShapeError, match=f"{name}: x is"):
        getattr(ops, name)(normal(2, 3), "ab")
