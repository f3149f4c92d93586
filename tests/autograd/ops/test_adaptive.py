"""Adaptive average pooling against PyTorch, to smaller and to larger sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import normal


@pytest.mark.parametrize(
    ("shape", "output_size"),
    [
        ((2, 3, 7), 3),
        ((1, 2, 3), 5),
        ((1, 1, 40), 4),
        ((2, 2, 7, 5), (3, 2)),
        ((2, 2, 7, 5), 1),
        ((1, 2, 6, 4), (None, 2)),
        ((1, 1, 13, 29), (4, 3)),
    ],
)
def test_adaptive_pooling_and_its_gradient_agree_with_pytorch(
    shape: tuple[int, ...], output_size: Any
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    name = f"adaptive_avg_pool{len(shape) - 2}d"
    x = Tensor(normal(*shape), requires_grad=True, dtype="float64")
    mirror = torch.tensor(x.detach().numpy(), requires_grad=True)
    z = getattr(ops, name)(x, output_size=output_size)
    expected = getattr(torch.nn.functional, name)(mirror, output_size)
    np.testing.assert_allclose(
        z.detach().numpy(), expected.detach().numpy(), rtol=1e-10, atol=1e-12
    )
    g = normal(*z.shape, seed=9)
    expected.backward(torch.tensor(g))
    found = grad(z, x, g)[0].numpy()
    np.testing.assert_allclose(found, mirror.grad.numpy(), rtol=1e-10, atol=1e-12)


def test_pooling_to_one_cell_is_the_mean() -> None:
    x = normal(2, 3, 5, 4)
    z = ops.adaptive_avg_pool2d(x, output_size=1).numpy()
    np.testing.assert_allclose(z[..., 0, 0], x.mean(axis=(2, 3)))


@pytest.mark.parametrize(
    ("shape", "output_size", "message"),
    [
        ((1, 1, 4), 2, r"x is \(1, 1, 4\); it must be"),
        ((1, 1, 0, 4), 2, "not empty"),
        ((1, 1, 4, 4), 0, "output_size=.* must be an integer of at least 1"),
        ((1, 1, 4, 4), (1, 2, 3), "2 of them"),
    ],
)
def test_wrong_arguments_are_refused_with_their_values(
    shape: tuple[int, ...], output_size: Any, message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        ops.adaptive_avg_pool2d(np.ones(shape), output_size=output_size)
