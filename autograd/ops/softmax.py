"""Softmax and its logarithm: scores made probabilities along one axis.

Both subtract the largest score first, so that they are finite at ±1e4. A score of −∞ is masked: its
probability and its gradient are 0. The losses that read the logits are in `losses.py`.
"""

from __future__ import annotations

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.shapes import normalize_axis, summed

__all__ = ["log_softmax", "softmax"]

_INF = float("inf")


def shifted(xp: ArrayModule, x: Array, axis: int) -> Array:
    """x minus its maximum along axis, a fresh array: at most 0, so that its exponential is finite.

    A slice whose maximum is −∞ stays −∞, where −∞ − (−∞) would be NaN.
    """
    top = x.max(axis=axis, keepdims=True)
    return x - xp.maximum(top, float(np.finfo(x.dtype).min))


def _check_axis(x: Array, axis: int, name: str) -> None:
    normalize_axis(axis, x.ndim, name)
    if not x.shape[axis]:
        raise ShapeError(
            f"{name}: x is {x.shape} and has no elements along axis {axis}; there is nothing to "
            "share a probability of 1 among. Choose an axis that is not empty."
        )


@op("softmax", floating=True)
def softmax(xp: ArrayModule, x: Array, *, axis: int = -1) -> Array:
    """The probabilities that the scores x give along axis: positive, of sum 1.

        zᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)

    A score of −∞ gets probability 0 and gradient 0; where all scores are −∞, all are 0, not NaN.
    Raises ShapeError if there is no such axis, or it is empty.
    Source: Bridle (1990), "Probabilistic interpretation of feedforward classification network
    outputs".
    """
    _check_axis(x, axis, "softmax")
    z = shifted(xp, x, axis)
    xp.exp(z, out=z)
    total = summed(z, axis, keepdims=True)
    z /= xp.where(total == 0, 1, total)
    return z


softmax.vjp(
    x=(
        "dx = z · (g − sum(g · z, axis=axis, keepdims=True))",
        lambda g, z, axis: z * (g - summed(g * z, axis, keepdims=True)),
    ),
)


@op("log softmax", floating=True)
def log_softmax(xp: ArrayModule, x: Array, *, axis: int = -1) -> Array:
    """The logarithm of softmax, exact where a probability underflows.

        zᵢ = xᵢ − log Σⱼ exp(xⱼ)

    A score of −∞ stays −∞ and gets gradient 0, whatever is upstream of it; where all scores are −∞,
    all stay so. Raises ShapeError if there is no such axis, or it is empty.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, §4.1 and §6.2.2.3.
    """
    _check_axis(x, axis, "log_softmax")
    z = shifted(xp, x, axis)
    total = summed(xp.exp(z), axis, keepdims=True)
    z -= xp.log(xp.where(total == 0, 1, total))
    return z


def _log_softmax_dx(xp: ArrayModule, g: Array, z: Array, axis: int) -> Array:
    # What stays −∞ under any finite change has no slope, and an upstream 0 · ∞ must not spread.
    g = xp.where(z == -_INF, 0, g)
    return g - xp.exp(z) * summed(g, axis, keepdims=True)


log_softmax.vjp(
    x=("dx = g − exp(z) · sum(g, axis=axis, keepdims=True)", _log_softmax_dx),
)
