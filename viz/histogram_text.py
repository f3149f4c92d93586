"""Histograms in characters: for each array its numbers in words, and a row of bars.

The least and the greatest number stand at the ends of the row. A bar is as high as its count is of
the greatest, and seen where there is anything.
"""

from __future__ import annotations

import math

import numpy as np

from viz import format
from viz.histogram import Distribution, Histogram
from viz.terminal import columns, cut, wrapped
from viz.text import can_encode, spelled

BARS = " ▁▂▃▄▅▆▇█"
"""From nothing to the greatest count."""

PLAIN_BARS = " .:-=+*#@"
"""The same where there is nothing but ASCII."""


def text_of(histogram: Histogram, encoding: str = "utf-8") -> str:
    """The histograms as lines that encoding can hold."""
    bars = BARS if can_encode(BARS, encoding) else PLAIN_BARS
    lines = []
    for panel in histogram.panels:
        lines += _words(panel, histogram.width, encoding)
        lines += [] if math.isnan(panel.mean) else [_row(panel, bars, histogram.width)]
    return "\n".join(line.rstrip() for line in lines)


def share_text(share: float) -> str:
    """A share in per cent: never 0% for some, nor 100% for not all.

    >>> share_text(0.0), share_text(0.00001), share_text(0.5), share_text(0.99999)
    ('0%', '<0.1%', '50%', '>99.9%')
    """
    if 0 < share < 0.001:
        return "<0.1%"
    if 0.999 < share < 1:
        return ">99.9%"
    return f"{format.number(100 * share, 3)}%"


def words_of(panel: Distribution) -> str:
    """Mean, standard deviation and share of zeros; and how many numbers are none."""
    bad = f"   {panel.bad:,} nan or inf" if panel.bad else ""
    if math.isnan(panel.mean):
        return f"no finite numbers{bad}" if panel.size else "empty"
    mean, std = (format.number(n, 3) for n in (panel.mean, panel.std))
    return f"mean {mean}   std {std}   zeros {share_text(panel.zeros)}{bad}"


def _words(panel: Distribution, width: int, encoding: str) -> list[str]:
    """The name and the shape, and what is told of the numbers: in one line, if that is enough."""
    mark = "…" if can_encode("…", encoding) else "..."
    name = panel.name if can_encode(panel.name, encoding) else spelled(panel.name, encoding)
    shape = format.shape_text(panel.shape)
    told = words_of(panel)
    first = f"{cut(name, max(width - len(shape) - 1, 8), mark)} {shape}"
    whole = f"{first}   {told}"
    return [whole] if columns(whole) <= width else [first, *wrapped(f"  {told}", width)]


def _row(panel: Distribution, bars: str, width: int) -> str:
    """The bars between the least and the greatest number."""
    low, high = format.number(panel.low, 3), format.number(panel.high, 3)
    room = width - 22
    counts = panel.counts
    if len(counts) > room:
        counts = np.add.reduceat(counts, np.linspace(0, len(counts), room + 1)[:-1].astype(int))
    most, last = int(counts.max()), len(bars) - 1
    # What is there at all is seen.
    heights = (0 if n == 0 else max(1, round(last * int(n) / most)) for n in counts)
    return f"{low:>10} {''.join(bars[h] for h in heights)} {high}"
