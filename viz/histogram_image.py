"""Histograms as a picture, by matplotlib. Importing this file needs it.

One panel for each array, its name and its numbers in words above; a dotted line marks 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from viz import format
from viz.histogram import Distribution, Histogram
from viz.histogram_text import words_of
from viz.plot_figure import bytes_of
from viz.style import Palette

WIDE, HIGH, ACROSS = 3.1, 1.9, 3
"""Inches of a panel, and panels in a row."""

WIDEST = 1e300
"""Axes that are wider are too much for matplotlib."""

LONGEST = 34
"""Letters of a title's line."""


def image_of(histogram: Histogram, kind: str) -> bytes:
    """The content of a file of that kind: "png", "svg" or "pdf"."""
    return bytes_of(lambda palette: _figure(histogram, palette), histogram.theme, kind)


def _figure(histogram: Histogram, palette: Palette) -> Figure:
    count = len(histogram.panels)
    columns = count if count < ACROSS else 2 if count in (2, 4) else ACROSS
    rows = -(-count // columns)
    figure = Figure(figsize=(max(WIDE * columns, 4.2), HIGH * rows + 0.2), layout="constrained")
    all_axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, panel in zip(all_axes, histogram.panels, strict=False):
        _draw(axes, panel, palette)
    for axes in all_axes[count:]:
        axes.set_axis_off()
    return figure


def _draw(axes: Any, panel: Distribution, palette: Palette) -> None:
    axes.set_title(_title(panel), fontsize=8.5, loc="left", parse_math=False)
    axes.tick_params(labelsize=7.5)
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.grid(False)
    if math.isnan(panel.mean) or float(panel.edges[-1]) - float(panel.edges[0]) > WIDEST:
        axes.set_xticks([])
        return
    axes.stairs(panel.counts, panel.edges, fill=True, color=palette.line, zorder=2)
    axes.stairs(panel.counts, panel.edges, color=palette.ink, linewidth=0.6, zorder=3)
    if panel.edges[0] < 0 < panel.edges[-1]:
        axes.axvline(0, color=palette.muted, linewidth=0.8, linestyle=":", zorder=4)
    axes.set_xlim(panel.edges[0], panel.edges[-1])
    axes.set_ylim(0, 1.05 * float(np.max(panel.counts)))
    axes.xaxis.set_major_locator(MaxNLocator(4))


def _title(panel: Distribution) -> str:
    name = panel.name if len(panel.name) <= LONGEST else f"…{panel.name[1 - LONGEST :]}"
    return f"{name} {format.shape_text(panel.shape)}\n{words_of(panel)}"
