"""Lines of text and small matrices with their sizes, before anyone knows where they will stand.

`figure.py` decides what is written; `svg.py` sets it. Sizes are pixels and come from `metrics.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from viz.metrics import glyphs, width

LEADING = 1.25
"""The height of a line, as a multiple of the size of its letters."""

GAP = 8.0
"""Between the columns of a matrix."""

BRACKET = 5.0
"""How wide a bracket of a matrix is, with the room inside of it."""

BREAKS = " ._-/,:·"
"""A long name is broken after one of these, if it has any."""


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one colour, which role names after a field of Palette."""

    text: str
    role: str = "ink"
    size: float = 13.0
    bold: bool = False

    @property
    def width(self) -> float:
        """In pixels."""
        return width(self.text, self.size, self.bold)

    @property
    def height(self) -> float:
        """In pixels."""
        return self.size * LEADING


@dataclass(frozen=True, slots=True)
class Matrix:
    """The numbers of a small array between brackets, columns flush right."""

    rows: tuple[tuple[str, ...], ...]
    role: str = "ink"
    size: float = 12.0

    @property
    def columns(self) -> list[float]:
        """The width of each column."""
        return [max(width(cell, self.size) for cell in c) for c in zip(*self.rows, strict=True)]

    @property
    def width(self) -> float:
        """In pixels, with the brackets."""
        return sum(self.columns) + GAP * (len(self.columns) - 1) + 2 * BRACKET

    @property
    def height(self) -> float:
        """In pixels."""
        return self.row_height * len(self.rows) + 4

    @property
    def row_height(self) -> float:
        """In pixels."""
        return self.size * LEADING


@dataclass(frozen=True, slots=True)
class Line:
    """Runs and matrices side by side."""

    items: tuple[Run | Matrix, ...]

    @property
    def width(self) -> float:
        """In pixels."""
        return sum(item.width for item in self.items)

    @property
    def height(self) -> float:
        """In pixels."""
        return max(item.height for item in self.items)


def size_of(lines: Sequence[Line]) -> tuple[float, float]:
    """Width and height of lines one below the other, in pixels."""
    return max((line.width for line in lines), default=0.0), sum(line.height for line in lines)


def wrapped(text: str, size: float, most: float, bold: bool = False) -> list[str]:
    """text in lines of at most that many pixels, broken after a space or a dot where possible.

    >>> wrapped("encoder.layers.11.attention.weight", 12, 130)
    ['encoder.layers.11.', 'attention.weight']
    """
    if width(text, size, bold) <= most:
        return [text]
    lines = _broken(text, size, most, bold)
    # No narrower than needed for as many lines, so that the last is no single letter.
    for share in (0.55, 0.7, 0.85):
        narrower = _broken(text, size, most * share, bold)
        if len(narrower) == len(lines):
            return narrower
    return lines


def _broken(text: str, size: float, most: float, bold: bool) -> list[str]:
    signs = glyphs(text)
    lines: list[str] = []
    while signs:
        count = _fitting(signs, size, most, bold)
        if count < len(signs):
            breaks = [i for i in range(count // 3, count) if signs[i] in BREAKS]
            count = breaks[-1] + 1 if breaks else count
        lines.append("".join(signs[:count]).strip(" "))
        signs = signs[count:]
    return [line for line in lines if line]


def _fitting(signs: Sequence[str], size: float, most: float, bold: bool) -> int:
    """How many signs fit; at least one."""
    total = 0.0
    for i, sign in enumerate(signs):
        total += width(sign, size, bold)
        if total > most and i:
            return i
    return len(signs)


def edges(widths: Sequence[float], start: float, gap: float) -> list[float]:
    """Where columns of those widths end, the first beginning at start, with a gap between."""
    ends = [start + widths[0]]
    for _, following in pairwise(widths):
        ends.append(ends[-1] + gap + following)
    return ends
