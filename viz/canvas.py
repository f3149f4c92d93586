"""Elements of an SVG, one after the other: texts, matrices, outlines, lines.

A canvas remembers which colours were used, for `stylesheet.py`. Coordinates have two decimals, and
whatever a text holds, the result is XML. `svg.py` decides what is painted.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from viz.labels import WARNING
from viz.layout.plan import Point
from viz.lettering import BRACKET, GAP, Line, Matrix, Run, edges

BASE = 0.82
"""How far the base line lies below the top of letters, in em."""

DASHED = ' stroke-dasharray="5 3"'

SIGN_FONTS = ("'DejaVu Sans'", "'Noto Sans CJK KR'")
"""Fonts that have small digits, and ∂ and ∇ of the size of letters; NanumGothic's are tiny or not
there. The second is first where there are East Asian letters too: resvg looks for a font that has
the whole of a text."""

EAST_ASIAN = "\u2e80"
"""Letters from here on are no alphabet's."""

_SIGNS = re.compile("[∂∇]")

_SMALL = re.compile("[ᵀ₀-₉⁰⁴-⁹]")

_ILLEGAL = re.compile("[^\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def escaped(text: str) -> str:
    """text for XML, whatever it holds: what XML forbids is written out, as Python would."""
    return html.escape(_ILLEGAL.sub(lambda found: repr(found[0])[1:-1], text))


def decimal(length: float) -> str:
    """A coordinate with at most two decimals.

    >>> decimal(-0.001), decimal(12.5), decimal(3.14159)
    ('0', '12.5', '3.14')
    """
    text = f"{length:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class Canvas:
    """What was painted, back to front, and the classes of the stylesheet that it needs.

    Roles are fields of Palette.  is_picture: for a renderer that turns it into pixels at once.
    """

    def __init__(self, is_picture: bool = False) -> None:
        self.is_picture = is_picture
        self.elements: list[str] = []
        self.classes: dict[str, None] = {}

    def add(self, element: str) -> None:
        """Adds an element, or one of its tags, as it is."""
        self.elements.append(element)

    def start(self, id: str, kind: str, tooltip: str = "") -> None:
        """Opens a group; the tooltip is shown where the mouse rests on it."""
        # With a prefix: a page around the picture may well have rules for ".hidden".
        self.add(f'<g id="{escaped(id)}" class="gg-{kind}">')
        if tooltip:
            # Line by line: a line break is welcome here.
            self.add(f"<title>{chr(10).join(map(escaped, tooltip.splitlines()))}</title>")

    def end(self) -> None:
        """Closes the group."""
        self.add("</g>")

    def use(self, *names: str) -> str:
        """The value of a class attribute."""
        self.classes.update(dict.fromkeys(names))
        return " ".join(names)

    def lettered(self, text: str) -> str:
        """The content of a text; in a picture with a font that draws ∂ and ∇ as large as letters,
        since who reads pixels cannot choose another than the one that came first."""
        text = escaped(text)
        if not self.is_picture:
            return text
        is_east_asian = any(letter >= EAST_ASIAN for letter in text)
        fonts = ", ".join((*SIGN_FONTS[:: -1 if is_east_asian else 1], "sans-serif"))
        if _SMALL.search(text):  # all in one font, or a serif takes the letters beside a ₀
            return f'<tspan font-family="{fonts}">{text}</tspan>'
        return _SIGNS.sub(lambda sign: f'<tspan font-family="{fonts}">{sign[0]}</tspan>', text)

    def rectangle(
        self,
        left: float,
        top: float,
        width: float,
        height: float,
        *,
        fill: str,
        line: str,
        thick: float,
        corner: float = 10.0,
        more: str = "",
    ) -> None:
        """A rectangle with round corners."""
        x, y, wide, high = map(decimal, (left, top, width, height))
        self.add(
            f'<rect class="{self.use(f"f-{fill}", f"s-{line}")}" x="{x}" y="{y}" width="{wide}" '
            f'height="{high}" rx="{decimal(corner)}" stroke-width="{thick:g}"{more}/>'
        )

    def circle(
        self, centre: Point, radius: float, fill: str, more: str = "", line: str = ""
    ) -> None:
        """A disc; with a line around it, if that has a colour."""
        x, y = map(decimal, centre)
        classes = self.use(f"f-{fill}", *([f"s-{line}"] if line else []))
        self.add(f'<circle class="{classes}" cx="{x}" cy="{y}" r="{decimal(radius)}"{more}/>')

    def path(self, points: Sequence[Point], classes: str, more: str = "") -> None:
        """A line of 3k + 1 points of cubic Bézier curves."""
        first, *rest = [f"{decimal(x)} {decimal(y)}" for x, y in points]
        curves = "".join(f"C{' '.join(rest[i : i + 3])}" for i in range(0, len(rest), 3))
        self.add(f'<path class="{classes}" fill="none" d="M{first}{curves}"{more}/>')

    def polygon(self, points: Iterable[Point], role: str) -> None:
        """A filled polygon."""
        corners = " ".join(f"{decimal(x)},{decimal(y)}" for x, y in points)
        self.add(f'<polygon class="{self.use(f"f-{role}")}" points="{corners}"/>')

    def badge(self, text: str, role: str, centre: Point) -> None:
        """A small sign in a pill."""
        run, (x, y) = Run(text, role, 10, True), centre
        wide = max(15.0, run.width + 8)
        left = x - wide / 2
        self.rectangle(left, y - 7.5, wide, 15, fill="ground", line=role, thick=1.2, corner=7.5)
        self.text(run, (x, y + 3.5))

    def text(self, run: Run, at: Point, anchor: str = "middle") -> None:
        """One run; at is on its base line, at its middle unless anchor says otherwise."""
        x, y = map(decimal, at)
        self.add(
            f'<text class="{self.use(f"f-{run.role}")}" x="{x}" y="{y}" text-anchor="{anchor}"'
            f"{_font(run)}>{self.lettered(run.text)}</text>"
        )

    def stack(self, lines: Iterable[Line], x: float, top: float) -> None:
        """Lines one below the other, their middles at x."""
        for line in lines:
            self.line(line, x, top)
            top += line.height

    def line(self, line: Line, x: float, top: float, anchor: str = "middle") -> None:
        """One line, its middle at x; of runs only, also its start."""
        runs = [item for item in line.items if isinstance(item, Run)]
        # Where a renderer must look for another font, it may set the whole text in that.
        if len(runs) == len(line.items) and not any(WARNING in run.text for run in runs[:-1]):
            size = max(run.size for run in runs)
            self._runs(runs, (x, top + (line.height - size) / 2 + BASE * size), anchor)
            return
        left = x - line.width / 2
        for item in line.items:
            y = top + (line.height - item.height) / 2
            if isinstance(item, Matrix):
                self._matrix(item, left, y)
            else:
                base = y + (item.height - item.size) / 2 + BASE * item.size
                self.text(item, (left + item.width / 2, base))
            left += item.width

    def _runs(self, runs: Sequence[Run], at: Point, anchor: str) -> None:
        """Runs as one text, so that the reader's own font sets their distances."""
        if len(runs) == 1:
            self.text(runs[0], at, anchor)
            return
        spans = "".join(
            f'<tspan class="{self.use(f"f-{run.role}")}"{_font(run)} xml:space="preserve">'
            f"{self.lettered(run.text)}</tspan>"
            for run in runs
        )
        x, y = map(decimal, at)
        self.add(
            f'<text x="{x}" y="{y}" text-anchor="{anchor}" xml:space="preserve">{spans}</text>'
        )

    def _matrix(self, matrix: Matrix, left: float, top: float) -> None:
        ends = edges(matrix.columns, left + BRACKET, GAP)
        for i, row in enumerate(matrix.rows):
            base = top + 2 + matrix.row_height * i + 0.93 * matrix.size
            for cell, right in zip(row, ends, strict=True):
                self.text(Run(cell, matrix.role, matrix.size), (right, base), "end")
        low, high = decimal(top + matrix.height - 1), decimal(top + 1)
        for x, serif in ((left + 0.5, 3), (left + matrix.width - 0.5, -3)):
            d = f"M{decimal(x + serif)} {high}H{decimal(x)}V{low}H{decimal(x + serif)}"
            self.add(f'<path class="{self.use(f"s-{matrix.role}")}" fill="none" d="{d}"/>')


def _font(run: Run) -> str:
    weight = ' font-weight="bold"' if run.bold else ""
    return f' font-size="{run.size:g}"{weight}'
