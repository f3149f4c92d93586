"""Operations that only move numbers: each names the operation that moves them back."""

from __future__ import annotations

from typing import Any

from autograd.backend import Array, ArrayModule
from autograd.op import op
from autograd.shapes import sum_to_shape


@op("reshape")
def reshape(xp: ArrayModule, x: Array, *, shape: int | tuple[int, ...]) -> Array:
    """z = x with its elements, in row-major order, in another shape; one size may be −1.

    Raises ShapeError if the sizes do not match.
    """
    return x.reshape(shape)


reshape.vjp(x=("dx = reshape(g, x_shape)", lambda g, x_shape: g.reshape(x_shape)))


@op("⇉")
def broadcast_to(xp: ArrayModule, x: Array, *, shape: tuple[int, ...]) -> Array:
    """z = x repeated along the axes where shape is larger."""
    return xp.broadcast_to(x, shape)


broadcast_to.vjp(x=("dx = sum_to_shape(g, x_shape)", lambda g, x_shape: sum_to_shape(g, x_shape)))


@op("cast")
def astype(xp: ArrayModule, x: Array, *, dtype: Any) -> Array:
    """z = x in another dtype. Its gradient comes back in x's dtype."""
    return x.astype(dtype)


astype.vjp(x=("∂z/∂x = 1", lambda g: g))


@op("copy")
def copy(xp: ArrayModule, x: Array) -> Array:
    """z = x in memory of its own."""
    return x.copy()


copy.vjp(x=("∂z/∂x = 1", lambda g: g))


def to_device(x: Any, device: str) -> Any:
    """x on device."""
    raise NotImplementedError
