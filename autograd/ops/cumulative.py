"""Products, and running sums and products.

Their gradients hold where factors are 0: nothing is divided by x. The product of all other factors
is the product of those before times that of those behind, which two running products give.
"""

from __future__ import annotations

from math import prod as _product
from typing import Any

from autograd.backend import Array, ArrayModule
from autograd.op import op
from autograd.ops.reduction import Axes, refusal
from autograd.shapes import expand_reduced, normalize_axes, normalize_axis

__all__ = ["cumprod", "cumsum", "prod"]


@op("cumsum")
def cumsum(xp: ArrayModule, x: Array, *, axis: int | None = None) -> Array:
    """zₖ = x₀ + … + xₖ along axis; x is flattened first if axis is None.

    Raises ShapeError for an axis that is not there.
    """
    return x.cumsum(axis=None if axis is None else normalize_axis(axis, x.ndim, "cumsum"))


def _cumsum_rule(xp: ArrayModule, g: Any, x_shape: tuple[int, ...], axis: int | None) -> Any:
    """The running sum of g from the other end: xᵢ is a term of zₖ for all k ≥ i."""
    axis = 0 if axis is None else axis
    behind = xp.flip(xp.cumsum(xp.flip(g, axis=axis), axis=axis), axis=axis)
    return behind.reshape(x_shape)


cumsum.vjp(
    x=(
        "dx = reshape(flip(cumsum(flip(g, axis=axis), axis=axis), axis=axis), x_shape)",
        _cumsum_rule,
    )
)


@op("cumprod")
def cumprod(xp: ArrayModule, x: Array, *, axis: int | None = None) -> Array:
    """zₖ = x₀ · … · xₖ along axis; x is flattened first if axis is None.

    Raises ShapeError for an axis that is not there.
    """
    return x.cumprod(axis=None if axis is None else normalize_axis(axis, x.ndim, "cumprod"))


def _cumprod_rule(xp: ArrayModule, g: Any, x: Any, axis: int | None) -> Any:
    """dxᵢ = x₀ · … · xᵢ₋₁ · sᵢ, where sᵢ = gᵢ + xᵢ₊₁ sᵢ₊₁ sums what is behind."""
    if axis is None:
        rows, axis = x.reshape((-1,)), 0
    else:
        rows = x.swapaxes(axis, -1)
    dx = _before(xp, rows) * _weighted_behind(xp, g.swapaxes(axis, -1), rows)
    return dx.swapaxes(axis, -1).reshape(x.shape)


def _before(xp: ArrayModule, rows: Any) -> Any:
    """For each element of the last axis, the product of those before it; 1 for the first."""
    first = xp.ones_like(rows[..., :1])
    return xp.concatenate([first, xp.cumprod(rows[..., :-1], axis=-1)], axis=-1)


def _weighted_behind(xp: ArrayModule, g: Any, rows: Any) -> Any:
    """s with sᵢ = gᵢ + rowsᵢ₊₁ sᵢ₊₁ along the last axis, by doubling: log₂ n steps on whole arrays.

    With steps of length m, sᵢ covers g from i to i + m − 1, and factorᵢ is the product of the m
    rows behind i.
    """
    s, factor, length = g, rows[..., 1:], 1
    while length < rows.shape[-1]:
        nearer = s[..., :-length] + factor * s[..., length:]
        s = xp.concatenate([nearer, s[..., -length:]], axis=-1)
        factor = factor[..., :-length] * factor[..., length:]
        length *= 2
    return s


cumprod.vjp(
    x=(
        "dx = reshape(flip(cumsum(flip(g · z, axis=axis), axis=axis), axis=axis), x_shape) / x",
        _cumprod_rule,
    )
)


@op("Π")
def prod(xp: ArrayModule, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
    """z = Π x over axis; 1 for no elements. Raises ShapeError for an axis that is not there."""
    try:
        return x.prod(axis=axis, keepdims=keepdims)
    except (ValueError, TypeError) as error:
        raise refusal("prod", x, axis, error) from None


def _prod_rule(xp: ArrayModule, g: Any, x: Any, axis: Axes, keepdims: bool) -> Any:
    """g times the product of all other factors; the reduced axes are brought together as one."""
    if not x.ndim:
        return g
    reduced = normalize_axes(axis, x.ndim, "prod")
    order = tuple([a for a in range(x.ndim) if a not in reduced]) + reduced
    moved = x.transpose(order)
    kept = moved.shape[: x.ndim - len(reduced)]
    rows = moved.reshape((*kept, _product(moved.shape[len(kept) :])))
    behind = xp.flip(_before(xp, xp.flip(rows, axis=-1)), axis=-1)
    others = (_before(xp, rows) * behind).reshape(moved.shape)
    back = tuple(sorted(range(x.ndim), key=order.__getitem__))
    return expand_reduced(g, x.shape, axis, keepdims) * others.transpose(back)


prod.vjp(x=("∂z/∂x = z / x", _prod_rule))
