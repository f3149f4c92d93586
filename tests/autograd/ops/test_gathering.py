"""take, take_along_axis and scatter_add: values, adjoints, PyTorch's numbers, and errors."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import DTypeError, ShapeError, Tensor, grad, ops
from tests.samples import normal


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_take_gives_numpys_value(axis: int | None) -> None:
    x, indices = normal(3, 4), np.array([[2, 0], [-1, 2]])
    np.testing.assert_array_equal(
        ops.take(Tensor(x), indices, axis=axis).numpy(), np.take(x, indices, axis=axis)
    )


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_scatter_take_is_the_adjoint_of_take(axis: int) -> None:
    x, indices = normal(3, 4, 5), np.array([[2, 0], [-1, 2]])
    z = np.take(x, indices, axis=axis)
    g = normal(*z.shape, seed=1)
    back = ops.scatter_take(Tensor(g), indices, shape=x.shape, axis=axis).numpy()
    np.testing.assert_allclose((z * g).sum(), (x * back).sum())


def test_a_row_gather_adds_up_repeated_rows_in_float32() -> None:
    rng = np.random.default_rng(0)
    rows, g = rng.integers(0, 50, 1000), rng.standard_normal((1000, 8)).astype(np.float32)
    expected = np.zeros((50, 8))
    np.add.at(expected, rows, g)
    x = Tensor(np.zeros((50, 8), np.float32), requires_grad=True)
    ops.take(x, rows, axis=0).backward(Tensor(g))
    assert x.grad.dtype == np.float32
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-5, atol=1e-5)


def test_embedding_rows_have_pytorchs_gradient() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x, rows = normal(5, 3), np.array([[0, 4, 4], [1, 0, 4]])
    ours, theirs = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    (ops.take(ours, rows, axis=0) ** 3).sum().backward()
    (torch.nn.functional.embedding(torch.from_numpy(rows), theirs) ** 3).sum().backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy())


@pytest.mark.parametrize("axis", [0, 1, -2])
def test_take_along_axis_has_numpys_value_and_pytorchs_gradient(axis: int) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x, indices = normal(3, 3), np.array([[0, 2, 2], [1, 1, 0], [0, 0, 0]])
    ours, theirs = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    z = ops.take_along_axis(ours, indices, axis=axis)
    np.testing.assert_array_equal(z.detach().numpy(), np.take_along_axis(x, indices, axis=axis))
    (z**2).sum().backward()
    (torch.gather(theirs, axis, torch.from_numpy(indices)) ** 2).sum().backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy())


def test_scatter_add_has_pytorchs_values_and_gradients_for_a_smaller_index() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x, updates, indices = normal(3, 5), normal(2, 6, seed=1), np.array([[0, 1, 2, 0, 0]])
    ours = [Tensor(a, requires_grad=True) for a in (x, updates)]
    theirs = [torch.tensor(a, requires_grad=True) for a in (x, updates)]
    z = ops.scatter_add(ours[0], indices, ours[1], axis=0)
    # PyTorch takes larger updates too, but not backwards.
    t = theirs[0].scatter_add(0, torch.from_numpy(indices), theirs[1][:1, :5])
    np.testing.assert_allclose(z.detach().numpy(), t.detach().numpy())
    (z**2).sum().backward()
    (t**2).sum().backward()
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.grad.numpy(), other.grad.numpy())


def test_scatter_add_adds_integers_and_leaves_its_input() -> None:
    x = Tensor(np.array([1, 2]))
    z = ops.scatter_add(x, np.array([0, 0, 1]), Tensor(np.array([10, 20, 30])), axis=0)
    assert z.tolist() == [31, 32]
    assert x.tolist() == [1, 2]


def test_gathers_keep_float16_and_float32() -> None:
    indices = np.array([1, 1])
    for dtype in ("float16", "float32"):
        x = Tensor(np.ones(3), requires_grad=True, dtype=dtype)
        z = ops.take(x, indices) + ops.take_along_axis(x, indices)
        (dx,) = grad(z.sum(), [x])
        assert z.dtype == dx.dtype == dtype


def test_bad_indices_are_refused_with_axis_size_and_dtype() -> None:
    x = Tensor(normal(3, 4))
    with pytest.raises(IndexError, match="take: index 7 is out of range for axis 1 of size 4"):
        ops.take(x, np.array([0, 7]), axis=1)
    with pytest.raises(IndexError, match="take: index -13 is out of range for axis 0 of size 12"):
        ops.take(x, -13)
    with pytest.raises(DTypeError, match="take: an index array must be integer"):
        ops.take(x, np.array([0.5]))
    with pytest.raises(IndexError, match="take_along_axis: index 3 is out of range for axis 0"):
        ops.take_along_axis(x, np.array([[3, 0, 0, 0]]), axis=0)
    with pytest.raises(ShapeError, match="the same number of axes"):
        ops.take_along_axis(x, np.array([0]), axis=0)
    with pytest.raises(ShapeError, match="indices must not be larger than updates"):
        ops.scatter_add(x, np.zeros((2, 4), int), Tensor(normal(1, 4)), axis=0)
    with pytest.raises(IndexError, match="scatter_add: index 9 is out of range for axis 0"):
        ops.scatter_add(x, np.full((1, 4), 9), Tensor(normal(1, 4)), axis=0)
    with pytest.raises(ShapeError, match="axis 2 is out of range"):
        ops.take(x, 0, axis=2)


def test_take_along_axis_names_the_sizes_that_do_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"x is \(2, 3\) and indices is \(3, 3\)"):
        ops.take_along_axis(np.ones((2, 3)), np.zeros((3, 3), int), axis=1)
