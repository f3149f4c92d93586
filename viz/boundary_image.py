"""Decision regions as a picture, by matplotlib. Importing this file needs it.

Regions are pale, the lines between them dark, and the points of each class have a colour and a
mark of their own; in print, greys and marks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from viz.boundary import UNDECIDED, Boundary, Plane
from viz.class_colours import GREYS, colour_of, marker_of, mixed
from viz.plot_figure import bytes_of
from viz.style import THEMES, Palette

PANEL, ACROSS, LEGEND = 3.3, 3, 0.55
"""Inches of a plane, planes in a row, and inches of the legend."""

SHARE = {"light": 0.3, "dark": 0.42}
"""How strong the colours of regions are on their ground."""

LONGEST = 34
"""Letters of a title."""

CROWD = 400
"""Points from which they are drawn small."""


def image_of(boundary: Boundary, kind: str) -> bytes:
    """The content of a file of that kind: "png", "svg" or "pdf"."""
    return bytes_of(lambda palette: _figure(boundary, palette), boundary.theme, kind)


def _figure(boundary: Boundary, palette: Palette) -> Figure:
    count = len(boundary.planes)
    columns = 2 if count == 4 else min(count, ACROSS)
    rows = -(-count // columns)
    figure = Figure(figsize=(PANEL * columns + 0.3, PANEL * rows + LEGEND), layout="constrained")
    all_axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, plane in zip(all_axes, boundary.planes, strict=False):
        _draw(axes, boundary, plane, palette)
    for axes in all_axes[count:]:
        axes.set_axis_off()
    handles, labels = all_axes[0].get_legend_handles_labels()
    legend = figure.legend(
        handles, labels, loc="outside lower center", ncols=min(len(labels), 6), handletextpad=0.2
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    return figure


def _draw(axes: Any, boundary: Boundary, plane: Plane, palette: Palette) -> None:
    left, right, low, high = boundary.extent
    shades = [_shade(k, palette) for k in range(len(boundary.classes))]
    colours = np.array([_parts(c) for c in (*shades, palette.muted)], "uint8")
    regions = np.where(plane.regions == UNDECIDED, len(boundary.classes), plane.regions)
    axes.imshow(
        colours[regions], extent=boundary.extent, origin="lower", aspect="auto",
        interpolation="nearest", zorder=1,
    )  # fmt: skip
    grid = [np.linspace(a, b, n) for (a, b), n in zip(
        ((left, right), (low, high)), plane.regions.shape[::-1], strict=True)]  # fmt: skip
    for margin in plane.margins:
        known = margin[~np.isnan(margin)]
        if len(known) and known.min() < 0 < known.max():
            # Beyond any number is still on a side.
            finite = abs(known[np.isfinite(known)]).max(initial=1.0)
            axes.contour(*grid, margin.clip(-finite, finite), [0.0],
                         colors=palette.ink, linewidths=1.4, zorder=2)  # fmt: skip
    _points(axes, boundary, palette)
    axes.grid(False)
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
    axes.set_xlabel(boundary.names[0], parse_math=False)
    axes.set_ylabel(boundary.names[1], parse_math=False)
    right_ones = f"{plane.right:,} of {len(boundary.points):,} right"
    name = plane.title if len(plane.title) <= LONGEST else f"{plane.title[: LONGEST - 1]}…"
    title = f"{name}\n{right_ones}" if name else right_ones
    axes.set_title(title, fontsize=10, parse_math=False)


def _points(axes: Any, boundary: Boundary, palette: Palette) -> None:
    """The points of each class with a mark of its own."""
    size = 42 if len(boundary.points) < CROWD // 4 else 22 if len(boundary.points) < CROWD else 9
    for k, name in enumerate(boundary.classes):
        here = boundary.points[boundary.targets == k]
        inside = ("#ffffff" if k % 2 else "#000000") if _is_print(palette) else colour_of(k)
        # Black on black could not be told apart.
        edge = "#ffffff" if inside == "#000000" else palette.ink
        axes.scatter(
            here[:, 0], here[:, 1], s=size, marker=marker_of(k), color=inside, zorder=3,
            edgecolors=edge if size > 9 else "none", linewidths=0.8,
            label=f"\u200b{name}" if name.startswith("_") else name,
        )  # fmt: skip


def _is_print(palette: Palette) -> bool:
    return palette is THEMES["print"]


def _shade(k: int, palette: Palette) -> str:
    """The colour of a class's region."""
    if _is_print(palette):
        return mixed(palette.ground, "#000000", GREYS[k % len(GREYS)])
    share = SHARE["dark" if palette is THEMES["dark"] else "light"]
    return mixed(palette.ground, colour_of(k), share)


def _parts(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
