"""What all pictures by matplotlib share: settings of a theme, and bytes that never differ.

Importing this file needs matplotlib. Neither pyplot nor the user's backend or settings have a part
in the pictures.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from typing import Any

import matplotlib.style
from matplotlib import font_manager
from matplotlib.figure import Figure

from viz.style import THEMES, Palette

DPI = 200
"""Pixels per inch of a .png."""

FONTS = (
    "DejaVu Sans", "Noto Sans CJK KR", "NanumGothic", "NanumBarunGothic", "Malgun Gothic",
    "Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK JP", "IPAexGothic", "Hiragino Sans",
    "Yu Gothic", "Arial Unicode MS",
)  # fmt: skip
"""Fonts for names in any script, the first that has a letter wins; Korean before the others."""

DATES: dict[str, dict[str, None]] = {
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
    "png": {"Software": None},
}
"""What each format would say of the moment or the place it was made."""


def bytes_of(figure_in: Callable[[Palette], Figure], theme: str, kind: str) -> bytes:
    """The content of a file of that kind, "png", "svg" or "pdf", with the figure that figure_in
    makes in the colours of the theme."""
    palette = THEMES["light" if theme == "auto" else theme]
    with matplotlib.style.context(["default", settings(palette)]), warnings.catch_warnings():
        # Where no font has a letter, a box stands in its place.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        data = io.BytesIO()
        figure = figure_in(palette)
        figure.savefig(data, format=kind, metadata=DATES[kind], facecolor=palette.ground)
    return in_pixels(data.getvalue()) if kind == "svg" else data.getvalue()


def in_pixels(svg: bytes) -> bytes:
    """A picture of matplotlib's, as large in pixels as it is in points, which resvg does not take.

    >>> in_pixels(b'<svg width="72pt" height="36pt">')
    b'<svg width="96" height="48">'
    """

    def pixels(found: re.Match[bytes]) -> bytes:
        return b'%s="%g"' % (found[1], float(found[2]) * 96 / 72)

    return re.sub(rb'(width|height)="([\d.]+)pt"', pixels, svg, count=2)


def settings(palette: Palette) -> dict[str, Any]:
    """matplotlib's settings for a theme."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    edge, ink, muted = palette.edge, palette.ink, palette.muted
    return {
        "font.family": [name for name in FONTS if name in known] or ["sans-serif"],
        "font.size": 10,
        "svg.hashsalt": "graphgrad",
        "savefig.dpi": DPI,
        "axes.facecolor": palette.ground, "axes.edgecolor": edge, "axes.labelcolor": muted,
        "axes.titlecolor": ink, "axes.grid": True, "axes.spines.top": False,
        "axes.spines.right": False, "axes.unicode_minus": True, "text.color": ink,
        "grid.color": edge, "grid.linewidth": 0.6, "grid.alpha": 0.5,
        "xtick.color": edge, "ytick.color": edge,
        "xtick.labelcolor": muted, "ytick.labelcolor": muted, "legend.frameon": False,
        "legend.labelcolor": ink,
    }  # fmt: skip
