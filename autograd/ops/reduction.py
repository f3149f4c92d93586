"""Reductions: sums, means, extremes and norms over axes."""

from __future__ import annotations

from autograd.backend import Array, ArrayModule
from autograd.op import op
from autograd.shapes import expand_reduced


@op("Σ")
def sum(xp: ArrayModule, x: Array, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Array:
    """z = Σ x over axis (all axes if None); reduced axes stay with size 1 if keepdims."""
    return x.sum(axis=axis, keepdims=keepdims)


# The engine repeats a gradient that is smaller than its input, so g need only get its axes back.
sum.vjp(
    x=("∂z/∂x = 1", lambda g, x_shape, axis, keepdims: expand_reduced(g, x_shape, axis, keepdims)),
)
