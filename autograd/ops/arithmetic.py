"""The four operations, powers, and their kin: what the lecture's shopping graphs are made of."""

from __future__ import annotations

from autograd.backend import Array, ArrayModule
from autograd.op import op


@op("+")
def add(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = x + y, elementwise; shapes broadcast."""
    return x + y


add.vjp(
    x=("∂z/∂x = 1", lambda g: g),
    y=("∂z/∂y = 1", lambda g: g),
)


@op("×")
def mul(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = x · y, elementwise; shapes broadcast."""
    return x * y


mul.vjp(
    x=("∂z/∂x = y", lambda g, y: g * y),
    y=("∂z/∂y = x", lambda g, x: g * x),
)
