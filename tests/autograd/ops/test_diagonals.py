"""Triangles and diagonals: NumPy's values, adjoints, dtypes and errors."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import normal


@pytest.mark.parametrize("name", ["tril", "triu"])
@pytest.mark.parametrize("k", [-5, -1, 0, 2])
def test_triangles_have_numpys_values(name: str, k: int) -> None:
    x = normal(2, 3, 4)
    np.testing.assert_array_equal(getattr(ops, name)(x, k=k).numpy(), getattr(np, name)(x, k=k))


def test_a_triangle_hides_infinities_outside_it() -> None:
    x = Tensor([[1.0, np.inf], [2.0, np.nan]], requires_grad=True)
    z = ops.tril(x, k=-1)
    (dx,) = grad((z * z).sum(), [x])
    assert z.tolist() == [[0.0, 0.0], [2.0, 0.0]]
    assert dx.tolist() == [[0.0, 0.0], [4.0, 0.0]]


@pytest.mark.parametrize("offset", [-3, -1, 0, 1, 2, 9])
@pytest.mark.parametrize(("axis1", "axis2"), [(0, 1), (2, 0), (-1, -2)])
def test_diagonals_and_traces_have_numpys_values(offset: int, axis1: int, axis2: int) -> None:
    x, settings = normal(3, 4, 2), {"offset": offset, "axis1": axis1, "axis2": axis2}
    np.testing.assert_array_equal(ops.diagonal(x, **settings).numpy(), np.diagonal(x, **settings))
    np.testing.assert_allclose(ops.trace(x, **settings).numpy(), np.trace(x, **settings))


@pytest.mark.parametrize("offset", [-1, 0, 2])
def test_scatter_diagonal_is_the_adjoint_of_diagonal(offset: int) -> None:
    x = normal(3, 4, 2)
    settings = {"offset": offset, "axis1": 1, "axis2": 0}
    z = np.diagonal(x, **settings)
    g = normal(*z.shape, seed=1)
    back = ops.scatter_diagonal(Tensor(g), shape=x.shape, **settings).numpy()
    np.testing.assert_allclose((z * g).sum(), (x * back).sum())


@pytest.mark.parametrize("k", [-1, 0, 2])
def test_diag_makes_matrices_of_vectors_and_vectors_of_matrices(k: int) -> None:
    for x in (normal(3), normal(3, 4)):
        np.testing.assert_array_equal(ops.diag(x, k).numpy(), np.diag(x, k))


def test_the_gradient_of_a_trace_is_the_identity() -> None:
    x = Tensor(normal(2, 3), requires_grad=True, dtype="float16")
    (dx,) = grad(ops.trace(x), [x])
    assert dx.dtype == np.float16
    assert dx.tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


def test_vectors_have_no_triangle_and_no_diagonal() -> None:
    x = Tensor(normal(3))
    for name in ("tril", "triu", "diagonal", "trace"):
        with pytest.raises(ShapeError, match=name):
            getattr(ops, name)(x)
    with pytest.raises(ShapeError, match="names an axis twice"):
        ops.diagonal(Tensor(normal(2, 2)), axis1=0, axis2=-2)
    with pytest.raises(ShapeError, match="diag: x is"):
        ops.diag(Tensor(normal(2, 2, 2)))


@pytest.mark.parametrize("name", ["tril", "triu", "diag"])
def test_half_a_diagonal_is_refused_and_not_cut(name: str) -> None:
    with pytest.raises(ShapeError, match=rf"{name}: k=1\.5 must be an integer"):
        getattr(ops, name)(np.ones((2, 3)), k=1.5)


def test_diag_takes_a_list() -> None:
    assert ops.diag([1.0, 2.0]).tolist() == [[1.0, 0.0], [0.0, 2.0]]
