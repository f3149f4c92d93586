"""Sums and averages over spans of each axis, and their adjoint, on raw arrays.

Along each axis a cell of the output covers a span of the input, and an element of the input is
covered by a span of cells: so both directions are sums over spans, one axis after the other, and
nothing is scattered. `averaging.py` and `adaptive.py` say which spans.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from autograd.backend import Array, ArrayModule

_FEW = 8
"""Spans up to this length are added slice by slice; summing so short an axis costs NumPy more."""


@dataclass(frozen=True, slots=True)
class Spans:
    """What the cells of one axis cover: cell i covers starts[i] ≤ j < stops[i] of size elements.

    starts and stops do not decrease.  counts: what an average divides by, for each cell.
    """

    size: int
    starts: np.ndarray[Any, Any]
    stops: np.ndarray[Any, Any]
    counts: np.ndarray[Any, Any]

    def transposed(self) -> Spans:
        """For each element, the cells that cover it."""
        elements = np.arange(self.size)
        starts = np.searchsorted(self.stops, elements, side="right")
        stops = np.searchsorted(self.starts, elements, side="right")
        return Spans(len(self.starts), starts, stops, np.ones_like(elements))


def _span_sums(xp: ArrayModule, x: Array, axis: int, spans: Spans) -> Array:
    """z[i] = Σ x[starts[i] : stops[i]] along axis, a fresh array."""
    lengths = spans.stops - spans.starts
    longest, cells = int(lengths.max()), len(lengths)
    before = (slice(None),) * axis
    if longest > _FEW and (spans.starts == longest * np.arange(cells)).all():
        if (lengths == longest).all():
            tiles = x[(*before, slice(0, longest * cells))]
            return tiles.reshape(*x.shape[:axis], cells, longest, *x.shape[axis + 1 :]).sum(
                axis=axis + 1
            )
    z = _at(xp, x, axis, spans.starts, lengths > 0)
    for k in range(1, longest):
        z += _at(xp, x, axis, spans.starts + k, lengths > k)
    return z


def _at(xp: ArrayModule, x: Array, axis: int, index: Any, inside: Any) -> Array:
    """x at index along axis, 0 where not inside; a fresh array."""
    if not inside.all():
        taken = x.take(xp.asarray(np.where(inside, index, 0)), axis=axis)
        return xp.where(xp.asarray(inside.reshape(-1, *(1,) * (x.ndim - axis - 1))), taken, 0)
    step = int(index[1] - index[0]) if len(index) > 1 else 1
    if step > 0 and (np.diff(index) == step).all():
        return x[(slice(None),) * axis + (slice(int(index[0]), int(index[-1]) + 1, step),)].copy()
    return x.take(xp.asarray(index), axis=axis)


def _divided(xp: ArrayModule, x: Array, spans: tuple[Spans, ...]) -> Array:
    """x, (N, C, *cells), divided by how much each cell covers."""
    counts = reduce(np.multiply.outer, [s.counts for s in spans])
    if (counts == counts.flat[0]).all():
        return x / int(counts.flat[0]) if counts.flat[0] != 1 else x
    return x / xp.asarray(counts, dtype=x.dtype)


def averages(xp: ArrayModule, x: Array, spans: tuple[Spans, ...]) -> Array:
    """The average that each cell covers: (N, C, *size) to (N, C, *cells)."""
    for axis, along in enumerate(spans, start=2):
        x = _span_sums(xp, x, axis, along)
    return _divided(xp, x, spans)


def scattered(xp: ArrayModule, g: Array, spans: tuple[Spans, ...]) -> Array:
    """The adjoint of averages: (N, C, *cells) to (N, C, *size)."""
    g = _divided(xp, g, spans)
    for axis, along in enumerate(spans, start=2):
        g = _span_sums(xp, g, axis, along.transposed())
    return g
