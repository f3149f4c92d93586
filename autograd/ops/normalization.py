"""Layer, root-mean-square and batch normalisation, each fused into one operation.

The composites beside them are the same functions in plain operations: their specification, and
their higher derivatives. What a node keeps of its own is one mean and one scale for each row or
channel; the normalised input is computed again in the backward pass, since one pass over an array
costs less than holding it. The layers, and running statistics, are in `nn`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.elementary import sqrt
from autograd.ops.reduction import mean, var
from autograd.shapes import normalize_axes

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["batch_norm", "layer_norm", "rms_norm"]

Axes = int | tuple[int, ...]
Slopes = tuple[Array | None, ...]


def _wide(x: Array) -> Array:
    """x in at least single precision: a sum of squares is soon beyond half."""
    return x.astype(np.float32) if x.dtype.itemsize == 2 else x


# Rows: layer_norm and rms_norm


def _row_shape(x: Array, axis: Axes, name: str) -> tuple[int, int]:
    """(M, D): x as M rows of the D elements along axis, which must be the last axes."""
    axes = normalize_axes(axis, x.ndim, name)
    count = x.ndim - len(axes)
    if sorted(axes) != list(range(count, x.ndim)) or not axes:
        raise ShapeError(
            f"{name}: axis={axis} of x, which is {x.shape}, must be its last axes. "
            "Move them behind the others with transpose()."
        )
    return prod(x.shape[:count]), prod(x.shape[count:])


def _check_rows(x: Array, axis: Axes, name: str, **affine: Array | None) -> None:
    """Raises ShapeError unless weight and bias have the shape that x has along axis."""
    shape = x.shape[-len(normalize_axes(axis, x.ndim, name)) :]
    for word, values in affine.items():
        if values is not None and values.shape != shape:
            raise ShapeError(
                f"{name}: {word} is {values.shape} and x is {x.shape}; {word} must be {shape}, "
                f"the shape of x along axis {axis}."
            )


def _row_scale(xp: ArrayModule, rows: Array, eps: float) -> Array:
    """1 / √(mean(row²) + eps), (M, 1)."""
    return 1 / xp.sqrt(_row_dots(xp, rows, rows) / (rows.shape[1] or 1) + eps)


def _row_dots(xp: ArrayModule, x: Array, y: Array) -> Array:
    """The inner product of each row of x (M, D) with that of y, (M, 1). In a long row einsum, which
    adds one by one, loses three digits more than BLAS."""
    return xp.matmul(x[:, None], y[:, :, None])[:, 0]


def _layer_norm_composite(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, *, axis: Axes, eps: float
) -> Any:
    """layer_norm in plain operations."""
    spread = sqrt(var(x, axis=axis, keepdims=True) + eps)
    z: Any = (x - mean(x, axis=axis, keepdims=True)) / spread
    z = z if weight is None else z * weight
    return z if bias is None else z + bias


@op("layer norm", floating=True, private=("center", "scale"), composite=_layer_norm_composite)
def layer_norm(
    xp: ArrayModule,
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    axis: Axes = -1,
    eps: float = 1e-5,
) -> tuple[Array, Array, Array]:
    """x with mean 0 and variance 1 along axis, then scaled and shifted.

        z = (x − mean(x)) / √(var(x) + eps) · weight + bias

    axis: the last axis of x, or the last few.  weight, bias: of the shape that x has there.
    Raises ShapeError if axis is not last, or weight or bias does not fit.
    Source: Ba, Kiros and Hinton (2016), "Layer normalization".
    """
    m, d = _row_shape(x, axis, "layer_norm")
    _check_rows(x, axis, "layer_norm", weight=weight, bias=bias)
    rows = _wide(x.reshape(m, d))
    center = (rows @ xp.ones(d, rows.dtype))[:, None] / (d or 1)
    z = rows - center
    scale = _row_scale(xp, z, eps)
    z *= scale
    if weight is not None:
        z *= weight.ravel()
    if bias is not None:
        z += bias.ravel()
    return z.reshape(x.shape).astype(x.dtype, copy=False), center, scale


def _row_slopes(
    xp: ArrayModule,
    g: Array,
    x: Array,
    weight: Array | None,
    center: Array | None,
    scale: Array,
    shape: tuple[int, int],
    needs: tuple[bool, ...],
) -> Slopes:
    """The gradients for x and weight, of rows that were centred unless center is None.

    dx = (h − mean(h) − x̂ · mean(h · x̂)) · scale with h = g · weight; without mean(h) if x̂ was not
    centred. Row sums are products with a vector, since BLAS adds three times as fast as NumPy.
    """
    d = shape[1] or 1
    rows, g = _wide(x.reshape(shape)), _wide(g.reshape(shape))
    moved = rows if center is None else rows - center
    h, total, dweight = g, xp.ones(shape[1], g.dtype), None
    if weight is None:
        along = _row_dots(xp, g, moved)
    else:
        h, total = g * moved, _wide(weight.ravel())
        along = (h @ total)[:, None]
        dweight = (scale[:, 0] @ h).reshape(weight.shape) if needs[1] else None
        if needs[0]:
            xp.multiply(g, total, out=h)
    if not needs[0]:
        return None, dweight
    dx = xp.multiply(moved, along * scale * scale / -d, out=None if center is None else moved)
    dx += h
    if center is not None:
        dx -= (g @ total)[:, None] / d
    dx *= scale
    return dx.reshape(x.shape), dweight


def _layer_norm_slopes(
    xp: ArrayModule,
    g: Array,
    x: Array,
    weight: Array | None,
    bias_shape: tuple[int, ...] | None,
    center: Array,
    scale: Array,
    axis: Axes,
    needs: tuple[bool, ...],
) -> Slopes:
    shape = _row_shape(x, axis, "layer_norm")
    found: Slopes = (None, None)
    if needs[0] or needs[1]:
        found = _row_slopes(xp, g, x, weight, center, scale, shape, needs)
    if not needs[2]:
        return *found, None
    rows = _wide(g.reshape(shape))
    return *found, (xp.ones(shape[0], rows.dtype) @ rows).reshape(bias_shape)


_LAYER = "layer_norm(x, axis=axis, eps=eps)"
_H = "g · weight"
layer_norm.vjp_all(
    _layer_norm_slopes,
    x=f"dx = ({_H} − mean({_H}, axis=axis, keepdims=True) − {_LAYER} · "
    f"mean({_H} · {_LAYER}, axis=axis, keepdims=True)) / √(var(x, axis=axis, keepdims=True) + eps)",
    weight=f"∂z/∂weight = {_LAYER}",
    bias="∂z/∂bias = 1",
)


def _rms_norm_composite(x: Tensor, weight: Tensor | None, *, axis: Axes, eps: float) -> Any:
    """rms_norm in plain operations."""
    z: Any = x / sqrt(mean(x * x, axis=axis, keepdims=True) + eps)
    return z if weight is None else z * weight


@op("RMS norm", floating=True, private=("scale",), composite=_rms_norm_composite)
def rms_norm(
    xp: ArrayModule,
    x: Array,
    weight: Array | None = None,
    *,
    axis: Axes = -1,
    eps: float = 1e-5,
) -> tuple[Array, Array]:
    """x with root mean square 1 along axis, then scaled.

        z = x / √(mean(x²) + eps) · weight

    axis: the last axis of x, or the last few.  weight: of the shape that x has there.
    Raises ShapeError if axis is not last, or weight does not fit.
    Source: Zhang and Sennrich (2019), "Root mean square layer normalization".
    """
    shape = _row_shape(x, axis, "rms_norm")
    _check_rows(x, axis, "rms_norm", weight=weight)
    rows = _wide(x.reshape(shape))
    scale = _row_scale(xp, rows, eps)
    z = rows * scale
    if weight is not None:
        z *= weight.ravel()
    return z.reshape(x.shape).astype(x.dtype, copy=False), scale


def _rms_norm_slopes(
    xp: ArrayModule,
    g: Array,
    x: Array,
    weight: Array | None,
    scale: Array,
    axis: Axes,
    needs: tuple[bool, ...],
) -> Slopes:
    shape = _row_shape(x, axis, "rms_norm")
    return _row_slopes(xp, g, x, weight, None, scale, shape, needs)


_RMS = "rms_norm(x, axis=axis, eps=eps)"
rms_norm.vjp_all(
    _rms_norm_slopes,
    x=f"dx = ({_H} − {_RMS} · mean({_H} · {_RMS}, axis=axis, keepdims=True)) / "
    "√(mean(x², axis=axis, keepdims=True) + eps)",
    weight=f"∂z/∂weight = {_RMS}",
)


# Channels: batch_norm


def _by_channel(values: Any, ndim: int) -> Any:
    """values (C,), of a shape that broadcasts against x (N, C, ...)."""
    return values.reshape((-1,) + (1,) * (ndim - 2))


def _batch_norm_composite(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, *, eps: float
) -> tuple[Any, Any, Any]:
    """batch_norm in plain operations."""
    axes = tuple([axis for axis in range(x.ndim) if axis != 1])
    center, spread = mean(x, axis=axes), var(x, axis=axes)
    z: Any = (x - _by_channel(center, x.ndim)) / _by_channel(sqrt(spread + eps), x.ndim)
    z = z if weight is None else z * _by_channel(weight, x.ndim)
    return z if bias is None else z + _by_channel(bias, x.ndim), center, spread


def _channel_sum(xp: ArrayModule, x: Array) -> Array:
    """The sum of each channel of x (N, C, L), as (C,)."""
    n, c, length = x.shape
    if length == 1:
        return xp.ones(n, x.dtype) @ x[..., 0]
    return (x.reshape(n * c, length) @ xp.ones(length, x.dtype)).reshape(n, c).sum(axis=0)


@op(
    "batch norm",
    floating=True,
    outputs=("z", "mean", "var"),
    private=("center", "scale"),
    composite=_batch_norm_composite,
)
def batch_norm(
    xp: ArrayModule,
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    eps: float = 1e-5,
) -> tuple[tuple[Array, Array, Array], Array, Array]:
    """x with mean 0 and variance 1 in each channel, then scaled and shifted.

        z = (x − mean(x)) / √(var(x) + eps) · weight + bias

    x: (N, C, ...).  weight, bias: (C,).  Returns z, of x's shape, and the mean and the biased
    variance of each channel over all other axes, (C,).
    Raises ShapeError if x has no channels, or weight or bias does not fit.
    Source: Ioffe and Szegedy (2015), "Batch normalization".
    """
    if x.ndim < 2:
        raise ShapeError(f"batch_norm: x is {x.shape}; it must be (N, C, ...), channels second.")
    n, c = x.shape[:2]
    for word, values in (("weight", weight), ("bias", bias)):
        if values is not None and values.shape != (c,):
            raise ShapeError(
                f"batch_norm: {word} is {values.shape} and x is {x.shape}; {word} must be ({c},), "
                "one for each channel along axis 1."
            )
    count = x.size // (c or 1) or 1
    wide = _wide(x.reshape(n, c, prod(x.shape[2:])))
    center = _channel_sum(xp, wide) / count
    z = wide - center[:, None]
    spread = xp.einsum("ncl,ncl->c", z, z) / count
    scale = 1 / xp.sqrt(spread + eps)
    z *= (scale if weight is None else scale * weight)[:, None]
    if bias is not None:
        z += bias[:, None]
    z = z.reshape(x.shape).astype(x.dtype, copy=False)
    return (z, center.astype(x.dtype), spread.astype(x.dtype)), center, scale


def _batch_norm_slopes(
    xp: ArrayModule,
    g: tuple[Array, Array, Array],
    x: Array,
    weight: Array | None,
    center: Array,
    scale: Array,
    needs: tuple[bool, ...],
) -> Slopes:
    """dx = a · g + b · (x − mean) + c, with one a, b and c for each channel."""
    n, c = x.shape[:2]
    shape, count = (n, c, prod(x.shape[2:])), x.size // (c or 1) or 1
    upstream = _wide(g[0].reshape(shape))
    total = _channel_sum(xp, upstream) if needs[0] or needs[2] else None
    if not needs[0] and not needs[1]:
        return None, None, total
    centered = _wide(x.reshape(shape)) - center[:, None]
    along = xp.einsum("ncl,ncl->c", upstream, centered) * scale
    if not needs[0]:
        return None, along, total
    a = scale if weight is None else scale * weight
    centered *= ((2 * g[2] - a * along * scale) / count)[:, None]
    centered += upstream * a[:, None]
    centered += ((g[1] - a * total) / count)[:, None]
    return centered.reshape(x.shape), along, total


_ROOT = "√(z2 + eps)"
batch_norm.vjp_all(
    _batch_norm_slopes,
    x=f"dx = weight / {_ROOT} · (g0 − mean(g0, axis=0) − "
    "(x − z1) / (z2 + eps) · mean(g0 · (x − z1), axis=0)) + "
    "(g1 + 2 · g2 · (x − z1)) / sum([x = x], axis=0)",
    weight=f"dweight = g0 · (x − z1) / {_ROOT}",
    bias="dbias = g0",
)
