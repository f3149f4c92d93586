"""Norms: NumPy's values, gradient 0 at the origin, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import distinct, normal

INF = float("inf")


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("ord", [None, 1, 2, 3, 1.5, 0.5, -1, INF, -INF])
@pytest.mark.parametrize("axis", [0, -1, (1,)])
def test_vector_norms_are_those_of_numpy(ord: Any, axis: Any, keepdims: bool) -> None:
    x = normal(3, 4)
    ours = ops.norm(Tensor(x), ord, axis, keepdims).numpy()
    np.testing.assert_allclose(ours, np.linalg.norm(x, ord, axis, keepdims), rtol=1e-12)


@pytest.mark.parametrize("ord", [None, "fro"])
@pytest.mark.parametrize("axis", [None, (0, 1), (2, 0)])
def test_frobenius_norms_are_those_of_numpy(ord: Any, axis: Any) -> None:
    x = normal(2, 3, 4) if axis else normal(3, 4)
    np.testing.assert_allclose(
        ops.norm(Tensor(x), ord, axis).numpy(), np.linalg.norm(x, ord, axis), rtol=1e-12
    )


def test_the_norm_without_order_takes_any_number_of_axes() -> None:
    x = normal(2, 3, 4)
    np.testing.assert_allclose(ops.norm(Tensor(x)).item(), np.sqrt((x * x).sum()))


@pytest.mark.parametrize("ord", [None, 1, 2, 3, 1.5, 0.5, INF, -INF])
def test_the_gradient_at_zero_is_zero_and_so_is_its_curvature(ord: Any) -> None:
    x = Tensor(np.zeros(3), requires_grad=True)
    (first,) = grad(ops.norm(x, ord), x, create_graph=True)
    assert first.tolist() == [0.0, 0.0, 0.0]
    (second,) = grad((first * normal(3)).sum() + (x * 0).sum(), x)
    assert second.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("ord", [1.5, 0.5, 3])
def test_a_zero_among_others_has_gradient_zero(ord: float) -> None:
    x = Tensor(np.array([0.0, 3.0, 4.0]), requires_grad=True)
    (g,) = grad(ops.norm(x, ord), x)
    assert g.numpy()[0] == 0 and np.isfinite(g.numpy()).all()


def test_equally_large_elements_share_the_gradient_of_the_largest_norm() -> None:
    x = Tensor(np.array([3.0, -3.0, 1.0]), requires_grad=True)
    (g,) = grad(ops.norm(x, INF), x)
    assert g.tolist() == [0.5, -0.5, 0.0]


def test_a_half_precision_norm_does_not_overflow_in_the_squares() -> None:
    x = Tensor(np.full(4, 300, np.float16), requires_grad=True)
    z = ops.norm(x)
    z.backward()
    assert z.dtype == np.float16 and z.item() == 600
    assert x.grad is not None and x.grad.dtype == np.float16 and x.grad.tolist() == [0.5] * 4


@pytest.mark.parametrize("ord", [None, 1, 2, 3, INF])
def test_single_precision_is_kept(ord: Any) -> None:
    x = Tensor(normal(2, 3).astype(np.float32), requires_grad=True)
    z = ops.norm(x, ord, axis=1)
    z.sum().backward()
    assert x.grad is not None and z.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize("ord", [1, 2, INF, "nuc", -2])
def test_norms_of_matrices_other_than_frobenius_are_refused(ord: Any) -> None:
    with pytest.raises(ShapeError, match=r"norm: ord=.* over 2 axes of x, which is \(2, 3\)"):
        ops.norm(Tensor(normal(2, 3)), ord)


def test_order_zero_is_refused() -> None:
    with pytest.raises(ShapeError, match="any number but 0"):
        ops.norm(Tensor(normal(3)), 0)


@pytest.mark.parametrize("ord", [None, 1, 2, 3, 1.5, INF, -INF])
def test_gradients_agree_with_pytorch(ord: Any) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x = distinct(3, 4)
    leaf, mine = torch.tensor(x, requires_grad=True), Tensor(x, requires_grad=True)
    torch.linalg.vector_norm(leaf, 2 if ord is None else ord, dim=1).sum().backward()
    ops.norm(mine, ord, axis=1).sum().backward()
    assert mine.grad is not None
    np.testing.assert_allclose(mine.grad.numpy(), leaf.grad.numpy(), rtol=1e-10)


@pytest.mark.parametrize("ord", [None, 1, 2, 3, np.inf, -np.inf])
def test_norms_of_integers_are_floating(ord: Any) -> None:
    z = ops.norm(np.array([3, -4]), ord)
    assert z.dtype == np.float32
    np.testing.assert_allclose(z.numpy(), np.linalg.norm([3, -4], ord), rtol=1e-6)
