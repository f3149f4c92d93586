"""Reductions: sums, means, extremes and norms over axes."""

from __future__ import annotations

from autograd.backend import Array, ArrayModule
from autograd.op import op
from autograd.shapes import expand_reduced


@op("Σ")
def sum(xp: ArrayModule, x: Array, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Array:
    """z = Σ x over axis (all axes if None); reduced axes stay with size 1 if keepdims."""
    return x.sum(axis=axis, keepdims=keepdims)


def _spread(xp, g, x_shape, axis, keepdims):  # type: ignore[no-untyped-def]
    return xp.broadcast_to(expand_reduced(g, x_shape, axis, keepdims), x_shape)


sum.vjp(x=("∂z/∂x = 1", _spread))
