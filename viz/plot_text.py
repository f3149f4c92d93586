"""A curve in characters: dots of Braille for the first series of a panel, marks for the others.

0.92 ┤⣆
     │⠈⢆
     │  ⠑⢄⡀
0.11 ┤    ⠈⠉⠒⠒
     └─────────
      0       9
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from viz import format
from viz.plots import Curve, Numbers, Series, quantity, thinned
from viz.terminal import columns, cut, padded, wrapped
from viz.text import can_encode, spelled

BRAILLE = 0x2800
"""The first character of Braille; each dot adds its bit."""

BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bits of the dots of a character: left and right, each from above to below."""

NAMES, EXTREME = 20, 30
"""Columns for a name below the curve, and those that must be left for one of its values."""

SHARPEST = 15
"""Digits that labels may have, where fewer would make different ones equal."""


@dataclass(frozen=True, slots=True)
class Lines:
    """What is drawn with. line: the first series, None for Braille.  marks: the further ones."""

    tick: str = "┤"
    side: str = "│"
    corner: str = "└"
    floor: str = "─"
    bad: str = "✗"
    sample: str = "⠒⠒"
    line: str | None = None
    cut: str = "…"
    marks: str = "×o+*#@abcdefghijklmnpqrstuvwyz"


ASCII = Lines("+", "|", "+", "-", "!", "*", "*", "~", "xo+#@%abcdefghijklmnpqrstuvwyz")
"""The same where there is nothing but ASCII."""


def text_of(curve: Curve, encoding: str) -> str:
    """The curve as lines that encoding can hold, without a newline at the end."""
    text = _drawn(curve, Lines())
    if can_encode(text, encoding):
        return text
    panels = tuple(tuple(_spelled(one, encoding) for one in panel) for panel in curve.panels)
    return _drawn(replace(curve, title=spelled(curve.title, encoding), panels=panels), ASCII)


def _spelled(one: Series, encoding: str) -> Series:
    name, remark = (spelled(text, encoding) for text in (one.name, one.remark))
    return replace(one, name=name, remark=remark)


def _drawn(curve: Curve, lines: Lines) -> str:
    known = [one.x for panel in curve.panels for one in panel]
    span = min(float(x[0]) for x in known), max(float(x[-1]) for x in known)
    text = [cut(curve.title, curve.width, lines.cut)] if curve.title else []
    for panel in curve.panels:
        if len(curve.panels) > 1:
            text += [""] if text else []
            text.append(cut(quantity(panel[0].name), curve.width, lines.cut))
        text += _Panel(curve, panel, span, lines).rows()
    return "\n".join(line.rstrip() for line in text)


class _Panel:
    """One axis, and the series that stand on it."""

    def __init__(
        self, curve: Curve, panel: Sequence[Series], span: tuple[float, float], lines: Lines
    ) -> None:
        self.curve, self.panel, self.span, self.lines = curve, panel, span, lines
        self.heights = [np.where(one.shown(curve.log), one.y, math.nan) for one in panel]
        known = np.concatenate([y[~np.isnan(y)] for y in self.heights])
        self.range = (float(known.min()), float(known.max())) if len(known) else None
        self.precision = format.PRECISION
        self.labels = self._labels()
        self.margin = max(map(len, self.labels.values()), default=0)
        self.columns = curve.width - self.margin - 2
        self.bits = np.zeros((curve.height, self.columns), int)
        self.marks: dict[tuple[int, int], str] = {}

    def rows(self) -> list[str]:
        """The lines of the panel, from its top to the numbers of its series."""
        marks = self.lines.marks
        more = (marks[i % len(marks)] for i in range(len(self.panel) - 1))
        signs = [self.lines.line, *more]
        for one, y, sign in zip(self.panel, self.heights, signs, strict=True):
            if sign is None:
                self._trace(one.x, y)
            else:
                self._dot(one.x, y, sign)
        rows = []
        for row in range(self.curve.height):
            label = self.labels.get(row, "")
            edge = self.lines.tick if label else self.lines.side
            cells = (self._cell(row, column) for column in range(self.columns))
            rows.append(f"{label:>{self.margin}} {edge}{''.join(cells)}")
        return [*rows, self._floor(), self._steps(), *self._legend(signs), *self._notes()]

    def _cell(self, row: int, column: int) -> str:
        bits = int(self.bits[row, column])
        return self.marks.get((row, column)) or (chr(BRAILLE + bits) if bits else " ")

    def _labels(self) -> dict[int, str]:
        """What stands beside the rows: the greatest, a middle and the least value."""
        if self.range is None:
            return {}
        low, high = self.range
        last = self.curve.height - 1
        if low == high:
            return {last // 2: format.number(high)}
        middle = math.sqrt(low) * math.sqrt(high) if self.curve.log else low / 2 + high / 2
        values = {0: high, last: low}
        if last >= 4 and last % 2 == 0:
            values[last // 2] = middle
        labels = {row: self._number(value) for row, value in values.items()}
        while len({*labels.values()}) < len(labels) and self.precision < SHARPEST:
            self.precision += 1
            labels = {row: self._number(value) for row, value in values.items()}
        return labels

    def _number(self, value: float) -> str:
        return format.number(value, self.precision)

    def _across(self, x: Numbers, count: int) -> Numbers:
        """The column of each step, of so many."""
        low, high = self.span
        if low == high:
            return np.full(len(x), float((count - 1) // 2))
        return np.asarray((x - low) / (high - low) * (count - 1))

    def _down(self, y: Numbers, count: int) -> Numbers:
        """The row of each value, of so many, from the top."""
        assert self.range is not None  # some value stands on the axis
        low, high = self.range
        if low == high:
            return np.full(len(y), float((count - 1) // 2))
        if self.curve.log:
            y, low, high = np.log10(y), math.log10(low), math.log10(high)
        # Halved, since the difference of two large numbers may be too large for one.
        return np.asarray((high / 2 - y / 2) / (high / 2 - low / 2) * (count - 1))

    def _points(self, x: Numbers, y: Numbers, finer: tuple[int, int]) -> list[tuple[int, int]]:
        """The dots to set, column and row, finer than characters; (-1, -1) for a gap."""
        width, height = self.columns * finer[0], self.curve.height * finer[1]
        x, y = thinned(x, y, width)
        known = ~np.isnan(y)
        places = np.full((len(x), 2), -1)
        if known.any():
            places[known, 0] = np.rint(self._across(x[known], width))
            places[known, 1] = np.rint(self._down(y[known], height))
        return [(int(column), int(row)) for column, row in places]

    def _trace(self, x: Numbers, y: Numbers) -> None:
        """Sets the dots of a line through all points."""
        before = -1, -1
        for at in self._points(x, y, (2, 4)):
            if at[0] >= 0:
                for column, row in _between(before if before[0] >= 0 else at, at):
                    self.bits[row // 4, column // 2] |= BITS[column % 2][row % 4]
            before = at

    def _dot(self, x: Numbers, y: Numbers, sign: str) -> None:
        """Sets a mark at each point."""
        for column, row in self._points(x, y, (1, 1)):
            if column >= 0:
                self.marks[row, column] = sign

    def _floor(self) -> str:
        """The step axis, with a mark below each value that does not stand on the value axis."""
        cells = [self.lines.floor] * self.columns
        for one, y in zip(self.panel, self.heights, strict=True):
            for column in np.unique(np.rint(self._across(one.x[np.isnan(y)], self.columns))):
                cells[int(column)] = self.lines.bad
        return f"{'':>{self.margin}} {self.lines.corner}{''.join(cells)}"

    def _steps(self) -> str:
        low, high = self.span
        if low == high:
            return " " * (self.margin + 2) + format.number(low).center(self.columns)
        first, last = format.number(low), f"{self.curve.unit} {format.number(high)}"
        room = self.columns - len(first) - len(last)
        return f"{'':>{self.margin + 2}}{first}{' ' * max(1, room)}{last}"

    def _legend(self, signs: Sequence[str | None]) -> list[str]:
        """For each series its mark, its name, and its last, least and greatest value."""
        longest = min(NAMES, self.curve.width - EXTREME)
        names = [cut(one.name, longest, self.lines.cut) for one in self.panel]
        width = max(map(columns, names))
        lines = []
        for one, name, sign in zip(self.panel, names, signs, strict=True):
            start = f"{sign or self.lines.sample:<2} {padded(name, width)}  "
            parts = [f"last {self._number(float(one.y[-1]))}", *self._extremes(one)]
            lines += _packed(start, parts, self.curve.width)
        return lines

    def _extremes(self, one: Series) -> list[str]:
        known = np.flatnonzero(one.shown(self.curve.log))
        if not len(known):
            return []
        least, most = known[np.argmin(one.y[known])], known[np.argmax(one.y[known])]
        return [
            f"{what} {self._number(float(one.y[i]))} at {format.number(float(one.x[i]))}"
            for what, i in (("min", least), ("max", most))
        ]

    def _notes(self) -> list[str]:
        notes = [one.remark for one in self.panel if one.remark]
        for one in self.panel:
            if missing := one.missing(self.curve.log):
                notes.append(f"{self.lines.bad} {one.name}: {missing}")
        return [line for note in notes for line in wrapped(note, self.curve.width)]


def _between(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    """The dots of a straight line."""
    (column, row), (last_column, last_row) = start, end
    count = max(abs(last_column - column), abs(last_row - row), 1)
    return [
        (
            round(column + (last_column - column) * i / count),
            round(row + (last_row - row) * i / count),
        )
        for i in range(count + 1)
    ]


def _packed(start: str, parts: Sequence[str], width: int) -> list[str]:
    """start and the parts in as few lines as the width allows."""
    lines, margin = [start], " " * columns(start)
    for part in parts:
        line = lines[-1] + ("  " if lines[-1] not in (start, margin) else "") + part
        if columns(line) > width and lines[-1] != margin and lines[-1] != start:
            lines.append(margin + part)
        else:
            lines[-1] = line
    return lines
