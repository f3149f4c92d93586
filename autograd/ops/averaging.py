"""Sum and average pooling: the sum of each window, divided by how much it covers.

Windows are products of spans, so the work is done axis by axis in `spans.py`. Max pooling is in
`pooling.py`, average pooling to a given size in `adaptive.py`.
"""

from __future__ import annotations

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.either import either
from autograd.ops.pooling import pool_window
from autograd.ops.spans import Spans, averages, scattered
from autograd.ops.window import Shape, Sizes

__all__ = [
    "avg_pool",
    "avg_pool1d",
    "avg_pool2d",
    "scatter_avg_pool",
    "sum_pool1d",
    "sum_pool2d",
]


def _pool_spans(
    shape: Shape,
    n: int,
    name: str,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    ceil_mode: bool,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> tuple[Spans, ...]:
    """What the cells of average pooling cover; padding counts in the divisor, not in the sum."""
    window = pool_window(shape, n, name, kernel_size, stride, padding, 1, ceil_mode)
    if divisor_override is not None and (
        not isinstance(divisor_override, (int, np.integer)) or divisor_override == 0
    ):
        raise ShapeError(
            f"{name}: divisor_override={divisor_override!r} must be an integer other than 0. "
            "None divides by the window's size."
        )
    spans = []
    rows = zip(window.size, window.kernel, window.stride, window.pads, window.out, strict=True)
    for axis, (size, kernel, step, (low, high), out) in enumerate(rows):
        first = step * np.arange(out) - low
        starts, stops = np.maximum(first, 0), np.minimum(first + kernel, size)
        counts = (
            np.minimum(first + kernel, size + high) - first if count_include_pad else stops - starts
        )
        if divisor_override is not None:
            counts = np.full(out, divisor_override if axis == 0 else 1)
        spans.append(Spans(size, starts, stops, counts))
    return tuple(spans)


@op("avg pool", floating=True)
def avg_pool(
    xp: ArrayModule,
    x: Array,
    *,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    """avg_pool2d on any number of spatial axes.

    x: (N, C, *spatial).  Returns (N, C, *out).
    """
    spans = _pool_spans(
        x.shape,
        x.ndim - 2,
        "avg_pool",
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
    )
    return averages(xp, x, spans)


@op("avg pool", floating=True)
def avg_pool1d(
    xp: ArrayModule,
    x: Array,
    *,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    """The mean of each window along one axis; see avg_pool2d.

    x: (N, C, L).  Returns (N, C, out).
    """
    spans = _pool_spans(
        x.shape,
        1,
        "avg_pool1d",
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
    )
    return averages(xp, x, spans)


@op("avg pool", floating=True)
def avg_pool2d(
    xp: ArrayModule,
    x: Array,
    *,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    """The mean of each window.

    x: (N, C, H, W).  Returns (N, C, out, out) with out = ⌊(size + 2p − k) / s⌋ + 1; with ceil_mode
    the quotient is rounded up, but no window starts behind the input. stride: kernel_size if None.
    padding: of zeros, at most half the kernel; they count in the mean if count_include_pad.
    divisor_override: what to divide by instead.
    Raises ShapeError for more padding, or a kernel larger than the padded input.
    """
    spans = _pool_spans(
        x.shape,
        2,
        "avg_pool2d",
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
    )
    return averages(xp, x, spans)


@op("sum pool", floating=True)
def sum_pool1d(
    xp: ArrayModule,
    x: Array,
    *,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
) -> Array:
    """The sum of each window along one axis; see avg_pool2d.

    x: (N, C, L).  Returns (N, C, out).
    """
    spans = _pool_spans(
        x.shape, 1, "sum_pool1d", kernel_size, stride, padding, ceil_mode, divisor_override=1
    )
    return averages(xp, x, spans)


@op("sum pool", floating=True)
def sum_pool2d(
    xp: ArrayModule,
    x: Array,
    *,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
) -> Array:
    """The sum of each window; see avg_pool2d.

    x: (N, C, H, W).  Returns (N, C, out, out).
    """
    spans = _pool_spans(
        x.shape, 2, "sum_pool2d", kernel_size, stride, padding, ceil_mode, divisor_override=1
    )
    return averages(xp, x, spans)


@op("avg pool")
def scatter_avg_pool(
    xp: ArrayModule,
    x: Array,
    *,
    shape: tuple[int, ...],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    """What avg_pool sends back to its input: each x shared out evenly over its window.

    x: (N, C, *out).  shape: the shape (N, C, *spatial) returned.
    """
    spans = _pool_spans(
        shape,
        len(shape) - 2,
        "scatter_avg_pool",
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
    )
    return scattered(xp, x, spans)


def _avg_dx(
    g: Array,
    x_shape: Shape,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Array:
    return either(
        scatter_avg_pool,
        g,
        shape=x_shape,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
        divisor_override=divisor_override,
    )


def _sum_dx(
    g: Array,
    x_shape: Shape,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    ceil_mode: bool,
) -> Array:
    return _avg_dx(g, x_shape, kernel_size, stride, padding, ceil_mode, True, 1)


def _scatter_avg_dx(
    g: Array,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Array:
    return either(
        avg_pool,
        g,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
        divisor_override=divisor_override,
    )


_MOVES = "kernel_size=kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode"
_COUNTS = "count_include_pad=count_include_pad, divisor_override=divisor_override"

for _op in (avg_pool, avg_pool1d, avg_pool2d):
    _op.vjp(x=(f"dx = scatter_avg_pool(g, shape=x_shape, {_MOVES}, {_COUNTS})", _avg_dx))
for _sum in (sum_pool1d, sum_pool2d):
    _sum.vjp(x=(f"dx = scatter_avg_pool(g, shape=x_shape, {_MOVES}, divisor_override=1)", _sum_dx))
scatter_avg_pool.vjp(x=(f"dx = avg_pool(g, {_MOVES}, {_COUNTS})", _scatter_avg_dx))
