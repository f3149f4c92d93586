"""Linear algebra: NumPy's values, PyTorch's gradients, singular matrices, dtypes and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, gradcheck, ops
from tests.samples import normal
from tests.samples.linalg import RANK_1, RANK_2, positive, regular

NAMES = ["inv", "det", "slogdet", "cholesky"]


def floats(z: Any) -> list[Tensor]:
    return list(z) if isinstance(z, tuple) else [z]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(3, 3), (2, 1, 4, 4), (0, 2, 2), (1, 1)])
def test_values_are_numpys(name: str, shape: tuple[int, ...]) -> None:
    x = positive(*shape)
    ours, theirs = getattr(ops, name)(x), getattr(np.linalg, name)(x)
    several = theirs if isinstance(theirs, tuple) else (theirs,)
    for one, other in zip(floats(ours), several, strict=True):
        np.testing.assert_allclose(one.numpy(), other, rtol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    a = positive(2, 3, 3)
    x, t = Tensor(a, requires_grad=True), torch.tensor(a, requires_grad=True)
    (floats(getattr(ops, name)(x))[-1] ** 3).sum().backward()
    theirs = getattr(torch.linalg, name)(t)
    ((theirs[-1] if isinstance(theirs, tuple) else theirs) ** 3).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy(), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize(
    ("a", "b"),
    [((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (3, 2)), ((3, 3), (2, 3, 1)), ((2, 2, 2), (2,))],
)
def test_solve_has_numpys_value_and_the_gradients_of_the_inverse(a: Any, b: Any) -> None:
    x, y = Tensor(regular(*a), requires_grad=True), Tensor(normal(*b, seed=1), requires_grad=True)
    z = ops.solve(x, y)
    np.testing.assert_allclose(z.detach().numpy(), np.linalg.solve(x.data, y.data))
    ours = grad((z**2).sum(), [x, y])
    theirs = grad(((ops.inv(x) @ y) ** 2).sum(), [x, y])
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-9, atol=1e-12)


def test_the_gradient_of_det_is_the_cofactors_even_of_singular_matrices() -> None:
    x = Tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True, dtype="float64")
    (dx,) = grad(ops.det(x), [x])
    np.testing.assert_allclose(dx.numpy(), [[4.0, -2.0], [-2.0, 1.0]])
    for a in (RANK_1, RANK_2, np.zeros((3, 3)), np.stack([np.eye(3), RANK_2])):
        assert gradcheck(ops.det, [Tensor(a, requires_grad=True)])


def test_cofactors_are_those_of_laplaces_rule() -> None:
    x = normal(4, 4)
    minors = [
        [np.linalg.det(np.delete(np.delete(x, i, 0), j, 1)) * (-1) ** (i + j) for j in range(4)]
        for i in range(4)
    ]
    np.testing.assert_allclose(ops.cofactor(x).numpy(), minors)


def test_an_empty_matrix_has_determinant_one_and_an_empty_gradient() -> None:
    x = Tensor(np.zeros((2, 0, 0)), requires_grad=True)
    z = ops.det(x)
    (dx,) = grad(z.sum(), [x], create_graph=True)
    assert z.tolist() == [1.0, 1.0]
    assert dx.shape == (2, 0, 0)


def test_cholesky_factors_the_symmetric_part() -> None:
    a = positive(3, 3)
    skewed = a + np.array([[0, 1, 0], [-1, 0, 2], [0, -2, 0]])
    np.testing.assert_allclose(ops.cholesky(skewed).numpy(), np.linalg.cholesky(a))


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", [*NAMES, "cofactor"])
def test_linear_algebra_keeps_the_dtype(name: str, dtype: str) -> None:
    x = Tensor(positive(2, 2), requires_grad=True, dtype=dtype)
    z = floats(getattr(ops, name)(x))[-1]
    (dx,) = grad(z.sum(), [x], create_graph=True)
    (second,) = grad((dx * dx).sum(), [x])
    assert z.dtype == dx.dtype == second.dtype == dtype
    y = ops.solve(x, Tensor(np.ones(2), dtype=dtype))
    assert y.dtype == grad(y.sum(), [x])[0].dtype == dtype


def test_integers_become_floats() -> None:
    assert ops.inv(np.array([[2, 0], [0, 4]])).tolist() == [[0.5, 0.0], [0.0, 0.25]]


def test_singular_matrices_are_named_with_a_remedy() -> None:
    zeros = Tensor(np.zeros((3, 3)))
    message = (
        r"inv: x is \(3, 3\) and singular. Check its rank, or add a small multiple of the identity."
    )
    with pytest.raises(np.linalg.LinAlgError, match=message):
        ops.inv(zeros)
    with pytest.raises(np.linalg.LinAlgError, match=r"solve: a is \(3, 3\) and singular"):
        ops.solve(zeros, Tensor(np.ones(3)))
    with pytest.raises(
        np.linalg.LinAlgError, match=r"cholesky: x is \(2, 3, 3\).* not positive definite"
    ):
        ops.cholesky(Tensor(np.stack([np.eye(3), -np.eye(3)])))


def test_slogdet_of_a_singular_matrix_is_minus_infinity() -> None:
    sign, logabsdet = ops.slogdet(Tensor(np.zeros((2, 2))))
    assert (sign.item(), logabsdet.item()) == (0.0, -np.inf)


@pytest.mark.parametrize("name", [*NAMES, "cofactor", "solve"])
def test_matrices_must_be_square(name: str) -> None:
    for shape in ((2, 3), (3,)):
        x = Tensor(np.zeros(shape))
        arguments = (x, x) if name == "solve" else (x,)
        with pytest.raises(ShapeError, match=rf"{name}: . is .* must be a square matrix"):
            getattr(ops, name)(*arguments)


def test_solve_names_the_rows_that_are_missing() -> None:
    with pytest.raises(
        ShapeError, match=r"solve: a is \(3, 3\) and b is \(2, 4\); b must have 3 rows"
    ):
        ops.solve(Tensor(np.eye(3)), Tensor(np.zeros((2, 4))))
