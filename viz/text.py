"""A view in characters, for the terminal: a line for each wire, an operation's inputs together.

    사과 가격  100 ─→ ┐ ←─ 2.2
    사과 개수    2 ─→ × ←─ 110  = v1

The value goes right, the gradient comes back left; the last input stands beside the operation and
what it makes. A module that is shown open has a header and a line down its side; a folded one has
its name in brackets for a symbol, and what it is behind its result. A wire that stands for several
values, or goes round to the next step (↺), has no numbers of its own: nothing stands there, because
"–" would say that a gradient was not computed. `rows.py` says what stands in a line,
`terminal.py` how many columns it takes; 80 are not exceeded where names and shapes allow it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from viz.boxes import Box, Change, View
from viz.rows import ASCII, Marks, Row, Writer, learned
from viz.style import Style
from viz.terminal import TIED, coloured, columns, cut, padded, wrapped

WIDTH = 80
"""Columns that a drawing may take."""

NAMES = (24, 16, 12, 8)
"""Columns for names, from the most to the least: the first that lets everything fit is taken."""

NARROWEST = 26
"""What stands behind a result is wrapped there if so many columns are left, else below it."""

INDENT = 4
"""Columns before what is told below a line."""

Piece: TypeAlias = tuple[str, str]
"""Text, and its role in `terminal.COLOURS`, or ""."""

Line: TypeAlias = list[Piece]


SPELLINGS = {
    "×": "*", "÷": "/", "−": "-", "–": "-", "…": "...", "∂": "d", "·": "*", "→": "->", "∇": "grad",
    "⚠": "!", "─": "-", "Σ": "sum", "ᵀ": "^T", "²": "^2",
}  # fmt: skip
"""Symbols that have an equal in ASCII; an operation without one is called by its name."""

SIGNS: dict[Change, str] = {"": "", "added": "+", "removed": "-", "changed": "~"}
"""The first column of a line, in a drawing of two graphs."""


def text_of(
    view: View, style: Style, encoding: str = "utf-8", width: int = WIDTH, colour: bool = False
) -> str:
    """The view as lines that encoding can hold, without a newline at the end.

    colour: whether to add the sequences that colour gradients, faults and changes in a terminal;
    `terminal.wants_colour` says where they are welcome.
    """
    encoding = encoding if can_encode("", encoding) else "ascii"
    view = _told(view, style)
    lines = _drawn(view, style, Marks(), width)
    if not can_encode("\n".join(map(_plain, lines)), encoding):
        lines = _drawn(_spelled(view, encoding), style, ASCII, width)
    if not colour:
        return "\n".join(map(_plain, lines))
    return "\n".join("".join(coloured(*piece) for piece in line).rstrip() for line in lines)


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


def _plain(line: Line) -> str:
    return "".join(text for text, _ in line).rstrip()


def _told(view: View, style: Style) -> View:
    """The view with what modules learn among their details."""
    boxes = (
        replace(box, details=(*box.details, count)) if (count := learned(box, style)) else box
        for box in view.boxes
    )
    return replace(view, boxes=tuple(boxes))


def _spelled(view: View, encoding: str) -> View:
    def to(text: str) -> str:  # a dot in a label parts; elsewhere it is a product
        return spelled(text if can_encode("·", encoding) else text.replace("·", "-"), encoding)

    def box(b: Box) -> Box:
        can_show = b.kind != "operation" or can_encode(b.label, encoding) or b.label in SPELLINGS
        return replace(
            b,
            label=to(b.label if can_show else b.op),
            results=tuple(map(to, b.results)),
            details=tuple(map(to, b.details)),
            pair=to(b.pair),
        )

    return replace(
        view,
        boxes=tuple(map(box, view.boxes)),
        wires=tuple(replace(wire, name=to(wire.name)) for wire in view.wires),
        clusters=tuple(replace(c, name=to(c.name), detail=to(c.detail)) for c in view.clusters),
        notes=tuple(map(to, view.notes)),
    )


def _drawn(view: View, style: Style, marks: Marks, width: int) -> list[Line]:
    """The lines in the roomiest of the arrangements that fit, or else in the tightest."""
    lines: list[Line] = []
    for is_compact, longest in ((False, NAMES[0]), *((True, n) for n in NAMES)):
        rows = list(Writer(view, style, marks, is_compact, longest).rows())
        lines = _Table(rows, style, marks, width).lines()
        if all(columns(_plain(line)) <= width for line in lines):
            break
    if view.notes and lines:
        lines.append([])
    return lines + [[(line, "muted")] for note in view.notes for line in wrapped(note, width)]


class _Table:
    """Arranges rows in columns; what stands behind a result is wrapped at that width."""

    def __init__(self, rows: list[Row], style: Style, marks: Marks, width: int) -> None:
        self.rows, self.style, self.marks, self.width = rows, style, marks, width
        self.names = max((columns(row.name) for row in rows), default=0)
        self.values = max((columns(line) for row in rows for line in row.value), default=0)
        self.symbols = max((columns(row.mark) for row in rows), default=0)
        # A gradient with nothing behind it, such as a sum, may be longer than the column.
        closed = [row for row in rows if row.result or row.note]
        self.slopes = max((columns(line) for row in closed for line in row.gradient), default=0)
        self.has_slopes = style.shows_gradients and any(row.gradient for row in rows)
        self.has_signs = any(row.change for row in rows)
        self.has_frames = any(row.header for row in rows)

    def lines(self) -> list[Line]:
        """All lines, from above."""
        return [line for row in self.rows for line in self._lines(row)]

    def _lines(self, row: Row) -> list[Line]:
        if row.header:
            signs = [(" ", "")] if self.has_signs else []
            name = cut(row.header, self.width - 2 * len(signs), self.marks.cut)
            return [_joined([*signs, (name, "title")])]
        start = sum(columns(text) + 1 for text, _ in self._cells(row, 0))
        behind, below = self._behind(row, self.width - start)
        count = max(len(row.value), len(row.gradient), len(behind), 1)
        lines = [
            _joined([*self._cells(row, i), (behind[i] if i < len(behind) else "", "")])
            for i in range(count)
        ]
        edge = self._edges(row, is_first=False)
        indent = " " * INDENT
        return lines + [_joined([*edge, (indent + line, "")]) for line in below]

    def _behind(self, row: Row, room: int) -> tuple[list[str], list[str]]:
        """The result with what is told of the box, and what has to be told below the line."""
        whole = "  ".join(filter(None, (row.result, row.note)))
        if columns(whole) <= room or not row.note:
            return [whole], []
        # Broken behind a dot, so that "39,250 params" stays together.
        dot = f"{TIED}{self.marks.dot}"
        note = row.note.replace(" ", TIED).replace(f"{dot}{TIED}", f"{dot} ")
        if room >= NARROWEST:
            return wrapped("  ".join(filter(None, (row.result, note))), room), []
        return [row.result], wrapped(note, self.width - INDENT - 4)

    def _edges(self, row: Row, *, is_first: bool) -> Line:
        """The columns before the name: what changed, and the side of a frame."""
        edges = [(padded(SIGNS[row.change] if is_first else "", 1), row.change)]
        sides = [(self.marks.side if row.is_inside else " ", "")]
        return edges * self.has_signs + sides * self.has_frames

    def _cells(self, row: Row, i: int) -> Line:
        """The columns of a row's line i, without what stands behind the gradient."""
        is_first, style, marks = i == 0, self.style, self.marks
        mark = row.mark if is_first else marks.middle if row.has_more else ""
        parts = self._edges(row, is_first=is_first)
        tone = row.tone or row.change
        parts.append((padded(row.name if is_first else "", self.names), row.change))
        arrow = len(marks.forward)
        if style.shows_values:
            parts.append((padded(_item(row.value, i), self.values, ">"), tone))
            parts.append((padded(row.forward if is_first else "", arrow, ">"), row.change))
        parts.append((padded(mark, self.symbols, "^"), ""))
        if self.has_slopes:
            slope = row.slope if row.change in ("", "changed") else row.change
            parts.append((padded(row.backward if is_first else "", arrow), slope))
            parts.append((padded(_item(row.gradient, i), self.slopes), slope))
        return [part for part in parts if part[0]]


def _item(lines: list[str], i: int) -> str:
    return lines[i] if i < len(lines) else ""


def _joined(parts: Line) -> Line:
    """parts with a space between them."""
    return [piece for part in parts for piece in (part, (" ", ""))][:-1]
