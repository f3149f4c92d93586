"""Adaptive average pooling: averages over a given number of cells.

Cells need not be equally long, and may overlap; the sums over them are in `spans.py`. Pooling with
a given kernel is in `averaging.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.either import either
from autograd.ops.spans import Spans, averages, scattered
from autograd.ops.window import Shape, Sizes, per_axis

__all__ = [
    "adaptive_avg_pool",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "scatter_adaptive_avg_pool",
]


def _adaptive_spans(shape: Shape, n: int, name: str, output_size: Any) -> tuple[Spans, ...]:
    """Cells as equal as can be: cell i covers ⌊i·size/out⌋ up to ⌈(i + 1)·size/out⌉."""
    if len(shape) != n + 2 or n < 1 or 0 in shape[2:]:
        hint = " Give x a batch axis: x[None]." if len(shape) == n + 1 else ""
        raise ShapeError(
            f"{name}: x is {shape}; it must be (N, C, *spatial) with {n + 2} axes, the spatial "
            f"ones not empty.{hint}"
        )
    several: tuple[Any, ...] = (
        tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size,) * n
    )
    if len(several) == n:
        several = tuple(
            m if out is None else out for out, m in zip(several, shape[2:], strict=True)
        )
    spans = []
    for size, out in zip(shape[2:], per_axis(several, n, 1, f"{name}: output_size"), strict=True):
        cells = np.arange(out)
        starts, stops = cells * size // out, -(-(cells + 1) * size // out)
        spans.append(Spans(size, starts, stops, stops - starts))
    return tuple(spans)


@op("avg pool", floating=True)
def adaptive_avg_pool(
    xp: ArrayModule, x: Array, *, output_size: Sizes | tuple[int | None, ...]
) -> Array:
    """adaptive_avg_pool2d on any number of spatial axes.

    x: (N, C, *spatial).  Returns (N, C, *output_size).
    """
    return averages(xp, x, _adaptive_spans(x.shape, x.ndim - 2, "adaptive_avg_pool", output_size))


@op("avg pool", floating=True)
def adaptive_avg_pool1d(
    xp: ArrayModule, x: Array, *, output_size: Sizes | tuple[int | None, ...]
) -> Array:
    """The means of output_size spans of one axis; see adaptive_avg_pool2d.

    x: (N, C, L).  Returns (N, C, output_size).
    """
    return averages(xp, x, _adaptive_spans(x.shape, 1, "adaptive_avg_pool1d", output_size))


@op("avg pool", floating=True)
def adaptive_avg_pool2d(
    xp: ArrayModule, x: Array, *, output_size: Sizes | tuple[int | None, ...]
) -> Array:
    """The means of as many cells as asked for, of as equal sizes as can be.

    Cell i of an axis covers the elements from ⌊i·size/out⌋ up to, not with, ⌈(i + 1)·size/out⌉;
    cells overlap where out does not divide size.
    x: (N, C, H, W).  output_size: one number, or two; None keeps a size.
    Returns (N, C, *output_size). Raises ShapeError for other shapes and sizes.
    """
    return averages(xp, x, _adaptive_spans(x.shape, 2, "adaptive_avg_pool2d", output_size))


@op("avg pool")
def scatter_adaptive_avg_pool(
    xp: ArrayModule,
    x: Array,
    *,
    shape: tuple[int, ...],
    output_size: Sizes | tuple[int | None, ...],
) -> Array:
    """What adaptive_avg_pool sends back to its input.

    x: (N, C, *out).  shape: the shape (N, C, *spatial) returned.
    """
    name = "scatter_adaptive_avg_pool"
    return scattered(xp, x, _adaptive_spans(shape, len(shape) - 2, name, output_size))


for _adaptive in (adaptive_avg_pool, adaptive_avg_pool1d, adaptive_avg_pool2d):
    _adaptive.vjp(
        x=(
            "dx = scatter_adaptive_avg_pool(g, shape=x_shape, output_size=output_size)",
            lambda g, x_shape, output_size: either(
                scatter_adaptive_avg_pool, g, shape=x_shape, output_size=output_size
            ),
        )
    )
scatter_adaptive_avg_pool.vjp(
    x=(
        "dx = adaptive_avg_pool(g, output_size=output_size)",
        lambda g, output_size: either(adaptive_avg_pool, g, output_size=output_size),
    )
)
