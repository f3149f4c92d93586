"""Colours and marks that tell classes apart, for every eye and without colour.

Source: Okabe and Ito (2008), "Color universal design", whose eight colours look different to people
with any kind of colour blindness. Classes beyond those differ by their marks.
"""

from __future__ import annotations

COLOURS = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999",
)  # fmt: skip
"""Of the classes, by their order."""

MARKERS = "os^DvP*X<>phd"
"""Of their points, as matplotlib calls them."""

GREYS = (0.0, 0.18, 0.34, 0.1, 0.26, 0.42)
"""How dark the regions of the classes are in print, of black."""


def colour_of(index: int) -> str:
    """The colour of a class."""
    return COLOURS[index % len(COLOURS)]


def marker_of(index: int) -> str:
    """The mark of a class's points; no colour comes with the same mark twice for 104 classes."""
    return MARKERS[index % len(MARKERS)]


def mixed(ground: str, colour: str, share: float) -> str:
    """A colour laid over another, as opaque as share says.

    >>> mixed("#ffffff", "#000000", 0.5)
    '#808080'
    """
    one, other = ([int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (ground, colour))
    return "#" + "".join(
        f"{round(a + share * (b - a)):02x}" for a, b in zip(one, other, strict=True)
    )
