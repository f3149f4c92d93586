"""A curve as a picture, by matplotlib: the extra `plot`. Importing this file needs it.

What all such pictures share is in `plot_figure.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from viz.plot_figure import bytes_of
from viz.plots import Curve, Series, quantity, thinned
from viz.style import Palette

WIDTH, PANEL, TITLE = 6.4, 2.9, 0.3
"""Of the picture, of each panel's height, and of the title's, in inches."""

COLUMNS = 2_000
"""Columns that points are thinned to: more could not be told apart."""

LARGEST, FARTHEST = 1e300, 1e150
"""Values are drawn up to here, on a log axis up to the second and down to 1 / it: matplotlib adds
a margin to their range, which must be a number too."""

STROKES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 3)))
"""How the lines of a panel are told apart without colour."""

COLOURS = ("line", "gradient", "added", "changed", "muted", "ink")
"""Their colours, by field of the palette."""


def image_of(curve: Curve, kind: str) -> bytes:
    """The content of a file of that kind: "png", "svg" or "pdf"."""
    return bytes_of(partial(_figure, curve), curve.theme, kind)


def _figure(curve: Curve, palette: Palette) -> Figure:
    height = PANEL * len(curve.panels) + TITLE * bool(curve.title)
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    all_axes = figure.subplots(len(curve.panels), sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(all_axes, curve.panels, strict=True):
        for i, one in enumerate(panel):
            _plot(axes, one, i, curve, palette)
        if curve.log and any(one.shown(True).any() for one in panel):
            axes.set_yscale("log")
        _name(axes, panel, curve)
    all_axes[-1].set_xlabel(curve.unit)
    all_axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    steps = {step for panel in curve.panels for one in panel for step in (one.x[0], one.x[-1])}
    if len(steps) == 1:
        all_axes[-1].set_xlim(min(steps) - 1, min(steps) + 1)
    if curve.title:
        figure.suptitle(curve.title, parse_math=False)
    return figure


def _name(axes: Any, panel: Sequence[Series], curve: Curve) -> None:
    """Names what is drawn: beside the axis or, of several series, above it, clear of all lines."""
    # Never parsed: a dollar sign is one, and not the start of a formula.
    if len(panel) == 1:
        axes.set_ylabel(_label(panel[0], curve.log), parse_math=False)
        return
    if len(curve.panels) > 1:
        axes.set_ylabel(quantity(panel[0].name), parse_math=False)
    legend = axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=min(len(panel), 3), borderaxespad=0.2,
        handlelength=2.6,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)


def _plot(axes: Any, one: Series, i: int, curve: Curve, palette: Palette) -> None:
    """Draws one series, a cross below each value that does not stand on the axis."""
    shown = one.shown(curve.log)
    ends = (1 / FARTHEST, FARTHEST) if curve.log else (-LARGEST, LARGEST)
    heights = np.where(shown, np.clip(one.y, *ends), np.nan)
    x, y = thinned(one.x, heights, COLUMNS)
    colour, stroke = getattr(palette, COLOURS[i % len(COLOURS)]), STROKES[i % len(STROKES)]
    alone = _alone(y)
    label = _label(one, curve.log)
    # A leading underscore would hide the series from the legend.
    label = f"\u200b{label}" if label.startswith("_") else label
    axes.plot(x, y, color=colour, linestyle=stroke, linewidth=1.8, label=label, zorder=3)
    axes.plot(x[alone], y[alone], color=colour, linestyle="", marker="o", markersize=4, zorder=3)
    if not shown.all():
        gaps = np.unique(thinned(one.x, np.where(shown, np.nan, 0.0), COLUMNS)[0])
        gaps = one.x[~shown] if (~shown).sum() <= COLUMNS else gaps
        axes.plot(
            gaps, np.full(len(gaps), 0.025), color=palette.bad, linestyle="", marker="x",
            markersize=5, transform=axes.get_xaxis_transform(), clip_on=False, zorder=4,
        )  # fmt: skip


def _alone(y: Any) -> Any:
    """Which points have no neighbour to draw a line to."""
    known = ~np.isnan(y)
    before, after = np.append(False, known[:-1]), np.append(known[1:], False)
    return known & ~before & ~after


def _label(one: Series, log: bool) -> str:
    missing = one.missing(log)
    return f"{one.name} (× {missing})" if missing else one.name
