"""Norms of vectors, and the Frobenius norm of all else, as NumPy's `linalg.norm` is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.mode import local
from autograd.op import op
from autograd.ops.arithmetic import abs as absolute
from autograd.ops.reduction import Axes, max, min, sum
from autograd.ops.shaping import astype
from autograd.promote import to_array
from autograd.shapes import expand_reduced, normalize_axes

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["norm"]


def norm(
    x: Any, ord: float | str | None = None, axis: Axes = None, keepdims: bool = False
) -> Tensor:
    """z = (Σ |x|ᵖ)^(1/p) over axis, for p = ord; its gradient at x = 0 is 0.

    ord: None or "fro" for √Σx² over any axes; else of a vector: 1 for Σ|x|, 2, inf for max |x|,
    −inf for min |x|, or another number.  axis: all if None.
    Raises ShapeError for an axis that is not there, ord=0, or an ord other than None and "fro" over
    several axes.
    """
    axes = normalize_axes(axis, to_array(x).ndim, "norm")
    if ord in (None, "fro") or (ord == 2 and len(axes) <= 1):
        return _norm(x, axis=axes, keepdims=keepdims)
    if isinstance(ord, str) or not ord or len(axes) > 1:
        raise ShapeError(
            f"norm: ord={ord!r} over {len(axes)} axes of x, which is {to_array(x).shape}, is not "
            'offered. Over several axes ord is None or "fro"; over one any number but 0. '
            "Give one axis, or x.ravel()."
        )
    if to_array(x).dtype.kind != "f":
        x = astype(x, local.mode.dtype)
    if ord == 1:
        return sum(absolute(x), axis=axes, keepdims=keepdims)
    if np.isinf(ord):
        return (max if ord > 0 else min)(absolute(x), axis=axes, keepdims=keepdims)
    return _norm_p(x, ord=float(ord), axis=axes, keepdims=keepdims)


def _wide(x: Array) -> Array:
    """x in at least single precision: a square of 300 is beyond half."""
    return x.astype(np.float32) if x.dtype.itemsize == 2 else x


@op("‖ ‖", name="norm", floating=True)
def _norm(xp: ArrayModule, x: Array, *, axis: tuple[int, ...], keepdims: bool) -> Array:
    """z = √Σx² over axis."""
    wide = _wide(x)
    return xp.sqrt((wide * wide).sum(axis=axis, keepdims=keepdims)).astype(x.dtype)


def _norm_rule(
    xp: ArrayModule, g: Any, x: Any, z: Any, axis: tuple[int, ...], keepdims: bool
) -> Any:
    """g · x / z, and 0 where z is 0."""
    is_zero = z == 0
    scale = xp.where(is_zero, 0, g / xp.where(is_zero, 1, z))
    return expand_reduced(scale, x.shape, axis, keepdims) * x


_norm.vjp(x=("∂z/∂x = x / z", _norm_rule))


@op("‖ ‖ₚ", name="norm_p", floating=True)
def _norm_p(
    xp: ArrayModule, x: Array, *, ord: float, axis: tuple[int, ...], keepdims: bool
) -> Array:
    """z = (Σ |x|ᵖ)^(1/p) over axis, for p = ord."""
    powers = xp.abs(_wide(x)) ** ord
    return (powers.sum(axis=axis, keepdims=keepdims) ** (1 / ord)).astype(x.dtype)


def _norm_p_rule(
    xp: ArrayModule, g: Any, x: Any, z: Any, ord: float, axis: tuple[int, ...], keepdims: bool
) -> Any:
    """g · sign(x) (|x| / z)ᵖ⁻¹, a quotient of at most 1; 0 where z is 0, and where x is."""
    is_zero = z == 0
    scale = expand_reduced(xp.where(is_zero, 0, g), x.shape, axis, keepdims)
    size = expand_reduced(xp.where(is_zero, 1, z), x.shape, axis, keepdims)
    ratio = xp.where(x == 0, 1, xp.abs(x) / size)
    return scale * xp.sign(x) * ratio ** (ord - 1)


_norm_p.vjp(x=("∂z/∂x = sign(x) · (|x| / z)^(ord − 1)", _norm_p_rule))
