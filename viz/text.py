"""A view in characters, for the terminal: a line for each wire, an operation's inputs together.

    사과 가격  100 ─→ ┐ ←─ 2.2
    사과 개수    2 ─→ × ←─ 110  = v1

The value goes right, the gradient comes back left; the last input stands beside the operation and
what it makes. Wide characters are counted as two columns, and 80 are not exceeded where names and
shapes allow it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from autograd.expression import display_width
from viz import format
from viz.boxes import Box, View, Wire
from viz.style import Style
from viz.value import Value

WIDTH = 80
"""Columns that a drawing may take."""

NAMES = (24, 16, 12, 8)
"""Columns for names, from the most to the least: the first that lets everything fit is taken."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters that wires are made of."""

    forward: str = "─→"
    backward: str = "←─"
    first: str = "┐"
    middle: str = "│"
    branch: str = "•"
    warning: str = "⚠"
    none: str = format.NO_GRADIENT
    cut: str = "…"


ASCII = Marks("->", "<-", ".", "|", "o", "!", "-", "~")
"""The same where the terminal has no such characters."""

SPELLINGS = {"×": "*", "÷": "/", "−": "-", "–": "-", "…": "...", "∂": "d"}
"""Symbols that have an equal in ASCII; an operation without one is called by its name."""


def text_of(view: View, style: Style, encoding: str = "utf-8", width: int = WIDTH) -> str:
    """The view as lines that encoding can hold, without a newline at the end."""
    encoding = encoding if can_encode("", encoding) else "ascii"
    text = _drawn(view, style, Marks(), width)
    if can_encode(text, encoding):
        return text
    return _drawn(_spelled(view, encoding), style, ASCII, width)


def can_encode(text: str, encoding: str) -> bool:
    """Whether encoding has all characters of text."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def spelled(text: str, encoding: str) -> str:
    r"""text in characters that encoding has: × becomes *, 사 becomes \uc0ac.

    >>> spelled("사 × 2", "ascii")
    '\\uc0ac * 2'
    """
    encoding = encoding if can_encode("", encoding) else "ascii"
    known = "".join(c if can_encode(c, encoding) else SPELLINGS.get(c, c) for c in text)
    return known.encode(encoding, "backslashreplace").decode(encoding)


def _spelled(view: View, encoding: str) -> View:
    def box(b: Box) -> Box:
        can_show = b.kind != "operation" or can_encode(b.label, encoding) or b.label in SPELLINGS
        label = spelled(b.label if can_show else b.op, encoding)
        return replace(b, label=label, results=tuple(spelled(name, encoding) for name in b.results))

    wires = tuple(replace(wire, name=spelled(wire.name, encoding)) for wire in view.wires)
    notes = tuple(spelled(note, encoding) for note in view.notes)
    return replace(view, boxes=tuple(map(box, view.boxes)), wires=wires, notes=notes)


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of one wire; value and gradient may have several lines."""

    name: str
    value: list[str]
    mark: str
    has_more: bool
    gradient: list[str]
    result: str


def _drawn(view: View, style: Style, marks: Marks, width: int) -> str:
    """The lines in the roomiest of the arrangements that fit, or else in the tightest."""
    lines: list[str] = []
    for is_compact, longest in ((False, NAMES[0]), *((True, n) for n in NAMES)):
        lines = _lines(list(_rows(view, style, marks, is_compact, longest)), style, marks)
        if max(map(display_width, lines), default=0) <= width:
            break
    notes = [line for note in view.notes for line in textwrap.wrap(note, width)]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def _rows(view: View, style: Style, marks: Marks, is_compact: bool, longest: int) -> Iterator[_Row]:
    boxes = {box.id: box for box in view.boxes}

    def short(name: str) -> str:
        return _cut(name, longest, marks.cut)

    for target, group in groupby(view.wires, key=lambda wire: wire.target):
        box, wires = boxes[target], list(group)
        for i, wire in enumerate(wires):
            is_last = i == len(wires) - 1
            bracket = marks.middle if i else marks.first
            yield _Row(
                short(wire.name),
                _number(wire.value, style, marks, is_compact) if style.values else [],
                _symbol(box, marks) if is_last else bracket,
                not is_last,
                _gradient(wire, style, marks, is_compact),
                _result(box, wire, short) if is_last else "",
            )


def _symbol(box: Box, marks: Marks) -> str:
    if box.kind == "branch":
        return marks.branch
    return box.label if box.kind in ("operation", "hidden") else ""


def _result(box: Box, wire: Wire, short: Callable[[str], str]) -> str:
    if box.results:
        return f"= {', '.join(map(short, box.results))}"
    return f"= {short(box.label)}" if box.kind == "output" and box.label != wire.name else ""


def _number(
    value: Value | None, style: Style, marks: Marks, is_compact: bool, with_shape: bool = True
) -> list[str]:
    """The lines of a value: a number, the rows of a small array, or shape and norm."""
    if value is None:
        return [""]
    cells = None if is_compact else format.cells(value, style.precision)
    if cells is not None:
        columns = [max(map(len, column)) for column in zip(*cells, strict=True)]
        padded = (" ".join(c.rjust(n) for c, n in zip(row, columns, strict=True)) for row in cells)
        return [f"[{row}]" for row in padded]
    sign = f"{marks.warning} " if value.health == "bad" else ""
    return [sign + format.summary(value, style.precision, with_shape=with_shape)]


def _gradient(wire: Wire, style: Style, marks: Marks, is_compact: bool) -> list[str]:
    if wire.gradient is None:
        return [marks.none]
    lines = _number(wire.gradient, style, marks, is_compact, with_shape=not style.shows_values)
    terms = format.sum_text(wire.parts, style.precision)
    return [f"{terms} = {lines[0]}"] if terms else lines


def _lines(rows: list[_Row], style: Style, marks: Marks) -> list[str]:
    """The rows with their columns aligned."""
    names = max((display_width(row.name) for row in rows), default=0)
    values = max((display_width(line) for row in rows for line in row.value), default=0)
    middle = max((display_width(row.mark) for row in rows), default=0)
    slopes = max((display_width(line) for row in rows for line in row.gradient), default=0)
    lines = []
    for row in rows:
        for i in range(max(len(row.value), len(row.gradient), 1)):
            is_first = i == 0
            mark = row.mark if is_first else marks.middle if row.has_more else ""
            parts = [_pad(row.name if is_first else "", names)]
            if style.shows_values:
                parts.append(_pad(row.value[i] if i < len(row.value) else "", values, ">"))
                parts.append(marks.forward if is_first else "  ")
            parts.append(_pad(mark, middle, "^"))
            if style.shows_gradients:
                parts.append(marks.backward if is_first else "  ")
                parts.append(_pad(row.gradient[i] if i < len(row.gradient) else "", slopes))
            parts.append(row.result if is_first else "")
            lines.append(" ".join(parts).rstrip())
    return lines


def _pad(text: str, width: int, align: str = "<") -> str:
    """text in that many columns: to the left, to the right, or in the middle."""
    room = max(0, width - display_width(text))
    left = {"<": 0, ">": room, "^": room // 2}[align]
    return " " * left + text + " " * (room - left)


def _cut(text: str, longest: int, mark: str) -> str:
    """text in at most that many columns."""
    if display_width(text) <= longest:
        return text
    while text and display_width(text) > longest - 1:
        text = text[:-1]
    return text + mark
