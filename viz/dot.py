"""A view as a `graphviz.Digraph`: the textbook figure, if plain `dot` draws it.

Each wire is split by a small table: the value above, the forward wire, the thicker gradient wire,
the gradient below; the tables' ports carry the edges on both sides. `ordering=in` keeps operands in
their order. `render` runs the `dot` program, which may be missing or hang.
"""

from __future__ import annotations

import html
import shutil
import subprocess
import sys

import graphviz

from viz import format
from viz.boxes import Box, Kind, View, Wire
from viz.style import Style
from viz.value import Value

FONTS = "NanumGothic,Noto Sans CJK KR,Malgun Gothic,Apple SD Gothic Neo,Helvetica,Arial,sans-serif"
"""Fonts with Hangul come first: Graphviz does not look for missing letters everywhere."""

SECONDS = 20
"""How long the `dot` program may take."""

WARNING = "⚠"
"""Stands before nan and inf, so that their colour is not needed."""

TEXT = {"shape": "plaintext", "height": "0.3", "margin": "0.07,0.02"}


class DotError(RuntimeError):
    """The `dot` program is missing, took too long or failed. The message is one line."""


def dot_of(view: View, style: Style) -> graphviz.Digraph:
    """The view as a graph for Graphviz, the same for the same view."""
    palette = style.palette
    graph = graphviz.Digraph("graphgrad")
    graph.attr(
        "graph", rankdir=style.direction, bgcolor=palette.ground, fontname=FONTS, nodesep="0.18",
        ranksep="0.22", splines="spline", outputorder="edgesfirst", pad="0.25", ordering="in",
    )  # fmt: skip
    graph.attr("node", fontname=FONTS, fontsize="14", fontcolor=palette.ink, color=palette.wire)
    graph.attr("edge", fontname=FONTS, color=palette.wire, arrowsize="0.7", penwidth="1.2")
    for box in view.boxes:
        graph.node(box.id, **_box(box, style))
    kinds = {box.id: box.kind for box in view.boxes}
    for wire in view.wires:
        _Painter(graph, style, wire, kinds[wire.source], kinds[wire.target]).paint()
    return graph


def _box(box: Box, style: Style) -> dict[str, str]:
    """The attributes of a box."""
    palette = style.palette
    if box.kind == "branch":
        return {"label": "", "shape": "point", "width": "0.11", "color": palette.wire}
    label = {"label": _plain(box.label)}
    if box.kind == "hidden":
        return label | {"shape": "box", "style": "dashed,rounded", "fontcolor": palette.muted}
    if box.kind != "operation":
        return label | TEXT
    filled = {"fillcolor": palette.fill, "color": palette.line, "penwidth": "1.8"}
    if len(box.label) > 4:
        size = {"shape": "box", "height": "0.36", "margin": "0.14,0.04", "fontsize": "12"}
        return label | filled | size | {"style": "filled,rounded"}
    points = {1: "21", 2: "15", 3: "14"}.get(len(box.label), "11")
    size = {"shape": "circle", "fixedsize": "true", "width": "0.52", "fontsize": points}
    return label | filled | size | {"style": "filled"}


def _escaped(text: str) -> str:
    """text inside an HTML label, where Graphviz would still replace \\N by the name of the node."""
    return html.escape(text).replace("\\", "\\\\")


def _plain(text: str) -> str:
    """text as a label that Graphviz shows as it is: it would read \\n, &amp; and <…> as its own."""
    escaped: str = graphviz.escape(text.replace("&", "&amp;"))
    return escaped


class _Painter:
    """Paints one wire: its table, and the edges on both sides of it."""

    def __init__(
        self, graph: graphviz.Digraph, style: Style, wire: Wire, start: Kind, end: Kind
    ) -> None:
        self.graph, self.style, self.wire = graph, style, wire
        self.is_constant = start == "constant"
        is_inner = start in ("operation", "hidden") and end != "output"
        self.name = wire.name if is_inner and (wire.is_named or wire.count > 1) else ""
        self.is_across = style.direction == "TB"
        self.gradient = wire.gradient if style.shows_gradients else None
        self.colour = (
            style.palette.of(self.gradient.health) if self.gradient else style.palette.gradient
        )

    def paint(self) -> None:
        """Adds the table and the edges to the graph."""
        above, below = self._above(), self._below()
        if not above and not below and self.gradient is None:
            self.graph.edge(self.wire.source, self.wire.target, weight="4", **self._plain_edge())
            return
        self.graph.node(self.wire.id, shape="plain", label=self._table(above, below))
        if self.style.shows_values:
            self._edges("m", "4", {"dir": "none"}, {})
        if self.gradient is not None:
            thick = {"penwidth": "2", "color": self.colour}
            weight = "1" if self.style.shows_values else "4"
            self._edges("g", weight, {"dir": "back"} | thick, {"dir": "none"} | thick)
        elif not self.style.shows_values:
            self._edges(
                "m", "4", {"dir": "none", "style": "dotted"}, {"dir": "none", "style": "dotted"}
            )

    def _plain_edge(self) -> dict[str, str]:
        return {} if self.style.shows_values else {"dir": "none", "style": "dotted"}

    def _edges(self, port: str, weight: str, start: dict[str, str], end: dict[str, str]) -> None:
        entry, exit = ("n", "s") if self.is_across else ("w", "e")
        wire = self.wire
        self.graph.edge(wire.source, f"{wire.id}:{port}:{entry}", weight=weight, **start)
        self.graph.edge(f"{wire.id}:{port}:{exit}", wire.target, weight=weight, **end)

    def _above(self) -> str:
        """The value and, for a value in the middle that has a name, its name; as HTML."""
        wire, style = self.wire, self.style
        if not style.shows_values or self.is_constant:
            return ""
        font = f'<FONT COLOR="{style.palette.muted}" POINT-SIZE="11">'
        lines = [f"{font}{_escaped(self.name)}</FONT>"] if self.name else []
        if style.values and wire.value is not None:
            colour = style.palette.bad if wire.value.health == "bad" else style.palette.ink
            lines.append(self._number(wire.value, colour, with_shape=True))
        return _stacked(lines)

    def _below(self) -> str:
        """The gradient, or – where there is none; as HTML."""
        if not self.style.shows_gradients or (self.is_constant and self.gradient is None):
            return ""
        if self.gradient is None:
            return f'<FONT COLOR="{self.colour}" POINT-SIZE="13">{format.NO_GRADIENT}</FONT>'
        number = self._number(self.gradient, self.colour, with_shape=not self.style.shows_values)
        if terms := format.sum_text(self.wire.parts, self.style.precision):
            terms = terms.replace(" ", "") if "more" not in terms else terms
            start = f'<FONT COLOR="{self.colour}" POINT-SIZE="13">{terms} = '
            return start + f"<B>{format.summary(self.gradient, self.style.precision)}</B></FONT>"
        return number

    def _number(self, value: Value, colour: str, *, with_shape: bool) -> str:
        sign = f"{WARNING} " if value.health == "bad" else ""
        rows = format.cells(value, self.style.precision)
        if rows is not None:
            return _matrix([[html.escape(cell) for cell in row] for row in rows], colour)
        text = format.summary(value, self.style.precision, with_shape=with_shape)
        text = text.replace(") ", ")<BR/>", 1) if value.shape else text
        return f'<FONT COLOR="{colour}" POINT-SIZE="13">{sign}{text}</FONT>'

    def _table(self, above: str, below: str) -> str:
        """The table that splits the wire: texts outside, the two wires between them."""
        blank = '<FONT POINT-SIZE="13"> </FONT>'
        has_forward = self.style.shows_values or self.gradient is None
        cells = [f'<TD CELLPADDING="2">{above or blank}</TD>']
        if has_forward:
            cells.append(self._line("m", 1, self.style.palette.wire))
        if has_forward and self.style.shows_gradients:
            gap = "WIDTH" if self.is_across else "HEIGHT"
            cells.append(f'<TD {gap}="{5 if self.gradient else 7}"></TD>')
        if self.gradient is not None:
            cells.append(self._line("g", 2, self.colour))
        cells.append(f'<TD CELLPADDING="2">{below or blank}</TD>')
        rows = ["".join(cells)] if self.is_across else cells
        return f"<{_TABLE}{''.join(f'<TR>{row}</TR>' for row in rows)}</TABLE>>"

    def _line(self, port: str, thickness: int, colour: str) -> str:
        thin, long = ("WIDTH", "HEIGHT") if self.is_across else ("HEIGHT", "WIDTH")
        size = f'{thin}="{thickness}" CELLPADDING="0" BGCOLOR="{colour}" {long}="34"'
        return f'<TD PORT="{port}" {size}></TD>'


_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'


def _stacked(lines: list[str]) -> str:
    if len(lines) < 2:
        return "".join(lines)
    return f"{_TABLE}{''.join(f'<TR><TD>{line}</TD></TR>' for line in lines)}</TABLE>"


def _matrix(rows: list[list[str]], colour: str) -> str:
    """A small array between brackets, its columns aligned."""
    sides = f'BORDER="1" SIDES="LR" COLOR="{colour}"'
    table = f'<TABLE {sides} CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">'
    font = f'<FONT COLOR="{colour}" POINT-SIZE="12">'
    lines = (
        "".join(f'<TD ALIGN="RIGHT">{font} {cell} </FONT></TD>' for cell in row) for row in rows
    )
    return f"{table}{''.join(f'<TR>{line}</TR>' for line in lines)}</TABLE>"


def render(source: str, kind: str = "svg", seconds: float = SECONDS) -> bytes:
    """What the `dot` program makes of the source, in a process of its own. Raises DotError."""
    program = shutil.which("dot")
    if program is None:
        raise DotError(f"there is no `dot` program here; install Graphviz: {_install()}")
    try:
        done = subprocess.run(
            [program, f"-T{kind}"], input=source.encode(), capture_output=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise DotError(
            f"`dot` took more than {seconds:g} s; draw fewer boxes with max_nodes="
        ) from None
    except OSError as error:
        raise DotError(
            f"`dot` could not be run ({error}); install Graphviz again: {_install()}"
        ) from error
    if done.returncode or not done.stdout:
        said = " ".join(done.stderr.decode(errors="replace").split())[:200]
        raise DotError(
            f"`dot` failed with code {done.returncode} ({said}); "
            f"install Graphviz again: {_install()}"
        )
    return done.stdout


def _install() -> str:
    commands = {"darwin": "brew install graphviz", "win32": "winget install graphviz"}
    return commands.get(sys.platform, "sudo apt-get install graphviz")
