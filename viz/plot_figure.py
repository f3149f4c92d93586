"""What all pictures by matplotlib share: settings of a theme, and bytes that never differ.

Importing this file needs matplotlib. Neither pyplot nor the user's backend or settings have a part
in the pictures.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable

import matplotlib.style
from matplotlib.figure import Figure

from viz.plot_image import DATES, settings
from viz.style import THEMES, Palette


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
    return data.getvalue()
