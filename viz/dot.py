"""A view as a `graphviz.Digraph`: the textbook figure, if plain `dot` draws it.

Each wire is split by a small table: the value above, the forward wire, the thicker gradient wire,
the gradient below; the tables' ports carry the edges on both sides. `ordering=in` keeps operands in
their order. Boxes and tables come first, in the order of the view; clusters then only list what
stands in them. `render` runs the `dot` program, which may be missing or hang.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import graphviz

from viz import format
from viz.boxes import Box, View, Wire, common_cluster
from viz.labels import WARNING
from viz.layout import install
from viz.layout.engines import LARGE, ROUNDS
from viz.layout.process import finish
from viz.rows import learned
from viz.style import Style
from viz.tables import TABLE, beside, escaped, font, framed, left, matrix, plain, stacked
from viz.terminal import wrapped
from viz.value import Value

FONTS = "NanumGothic,Noto Sans CJK KR,Malgun Gothic,Apple SD Gothic Neo,Helvetica,Arial,sans-serif"
"""Fonts with Hangul come first: Graphviz does not look for missing letters everywhere."""

SECONDS = 20
"""How long the `dot` program may take."""

NOTE = 90
"""Letters in a line of a note below the picture."""

TEXT = {"shape": "plaintext", "height": "0.3", "margin": "0.07,0.02"}


class DotError(RuntimeError):
    """The `dot` program is missing, took too long or failed. The message is one line."""


class DotTimeout(DotError):
    """It took too long, and would again."""


def dot_of(view: View, style: Style) -> graphviz.Digraph:
    """The view as a graph for Graphviz, the same for the same view."""
    palette = style.palette
    graph = graphviz.Digraph("graphgrad")
    graph.attr(
        "graph", rankdir=style.direction, bgcolor=palette.ground, fontname=FONTS, nodesep="0.18",
        ranksep="0.22", splines="spline", outputorder="edgesfirst", pad="0.25", ordering="in",
        fontcolor=palette.muted,
    )  # fmt: skip
    if view.clusters:
        # A cluster that is left and entered again must not make wires run back; a second search
        # for fewer crossings would forget the order of the operands in clusters.
        graph.attr("graph", newrank="true", remincross="false")
    if len(view.boxes) + len(view.wires) > LARGE:
        graph.attr("graph", nslimit=str(ROUNDS))
    if view.notes:
        lines = [line for note in view.notes for line in wrapped(note, NOTE)]
        graph.attr("graph", label=left(lines), labelloc="b", labeljust="l", fontsize="11")
    graph.attr("node", fontname=FONTS, fontsize="14", fontcolor=palette.ink, color=palette.wire)
    graph.attr("edge", fontname=FONTS, color=palette.wire, arrowsize="0.7", penwidth="1.2")
    for box in view.boxes:
        graph.node(box.id, **_outline(box, style))
    boxes = {box.id: box for box in view.boxes}
    painters = [_Painter(graph, style, w, boxes[w.source], boxes[w.target]) for w in view.wires]
    for painter in painters:
        painter.paint_table()
    _add_clusters(graph, view, style, [p.wire for p in painters if p.is_split])
    for painter in _in_order(painters, style.direction):
        painter.paint_edges()
    return graph


def _change(change: str, style: Style) -> str:
    """The colour of what changed, or ""."""
    return str(getattr(style.palette, change)) if change else ""


def _outline(box: Box, style: Style) -> dict[str, str]:
    """The label of a box, and the shape around it."""
    palette = style.palette
    line = palette.gradient if "∂" in box.pair else palette.line
    line = _change(box.change, style) or line
    dashes = "dashed," if box.change == "removed" else ""
    match box.kind:
        case "branch":
            colour = _change(box.change, style) or palette.wire
            return {"label": "", "shape": "point", "width": "0.11", "color": colour}
        case "hidden":
            shape = {"shape": "box", "style": "dashed,rounded", "fontcolor": palette.muted}
            return {"label": _written(box, style)} | shape
        case "module" | "parameter":
            return {"label": _framed(box, style), "shape": "plain"}
        case "operation":
            fill = palette.blush if "∂" in box.pair else palette.fill
            look = {"fillcolor": fill, "color": line, "penwidth": "1.8"}
            if len(box.label) > 4 or box.details:
                size = {"shape": "box", "height": "0.36", "margin": "0.14,0.04", "fontsize": "12"}
                return {"label": _written(box, style), "style": f"{dashes}filled,rounded"} | (
                    look | size
                )
            points = {1: "21", 2: "15", 3: "14"}.get(len(box.label), "11")
            # Room for a mark below the symbol.
            wide = "0.66" if _marks(box, style) else "0.52"
            size = {"shape": "circle", "fixedsize": "true", "width": wide, "fontsize": points}
            return {"label": _written(box, style), "style": f"{dashes}filled"} | look | size
    return {"label": _written(box, style)} | TEXT


def _marks(box: Box, style: Style) -> list[str]:
    """Small lines that say what changed, and which operations belong together."""
    colour = _change(box.change, style) or style.palette.line
    marks = [mark for mark in (box.pair, box.change) if mark]
    return [font(escaped(mark), colour, 10, bold=True) for mark in marks]


def _written(box: Box, style: Style) -> str:
    """The label of a box that is no table, with its details and marks below."""
    details = [font(escaped(detail), style.palette.muted, 10.5) for detail in box.details]
    lines = [*details, *_marks(box, style)]
    return f"<{stacked([escaped(box.label), *lines])}>" if lines else plain(box.label)


def _framed(box: Box, style: Style) -> str:
    """A module or a parameter: its name in bold, and smaller what it is."""
    palette = style.palette
    details = [escaped(detail) for detail in box.details]
    line = _change(box.change, style)
    name = f"<B>{escaped(box.label)}</B>"
    if box.kind == "parameter":
        small = [font(detail, palette.muted, 10.5) for detail in details]
        return framed([name, *small, *_marks(box, style)], palette.warm, line or palette.gold, 3)
    lines = [font(detail, palette.ink, 11) for detail in details]
    count = learned(box, style)
    lines += [font(escaped(count), palette.muted, 10)] if count else []
    return framed([name, *lines, *_marks(box, style)], palette.fill, line or palette.line, 4)


def _add_clusters(graph: graphviz.Digraph, view: View, style: Style, split: list[Wire]) -> None:
    """The frames, each inside of the one around it, with the boxes and tables that they hold."""
    parents = {cluster.id: cluster.parent for cluster in view.clusters}
    homes = {box.id: box.cluster for box in view.boxes}
    members: dict[str, list[str]] = {cluster: [] for cluster in ("", *parents)}
    for box in view.boxes:
        members[box.cluster].append(box.id)
    for wire in split:
        members[common_cluster(homes[wire.source], homes[wire.target], parents)].append(wire.id)
    frames = {cluster.id: graphviz.Digraph(f"cluster_{cluster.id}") for cluster in view.clusters}
    palette = style.palette
    for cluster in reversed(view.clusters):
        detail = font(escaped(cluster.detail), palette.muted, 10.5) if cluster.detail else ""
        frame = frames[cluster.id]
        frame.attr(
            label=f"<<B>{escaped(cluster.name)}</B>  {detail}>", labeljust="l", labelloc="b",
            style="rounded,filled", fillcolor=palette.frame, color=palette.edge, margin="12",
            fontsize="13",
        )  # fmt: skip
        for member in members[cluster.id]:
            frame.node(member)
        for inner in view.clusters:
            if inner.parent == cluster.id:
                frame.subgraph(frames[inner.id])
    for cluster in view.clusters:
        if not cluster.parent:
            graph.subgraph(frames[cluster.id])


def _in_order(painters: list[_Painter], direction: str) -> Iterator[_Painter]:
    """The order that keeps operands in order: inside of clusters, Graphviz turns it around."""
    into: dict[str, list[_Painter]] = {}
    for painter in painters:
        into.setdefault(painter.wire.target, []).append(painter)
    for group in into.values():
        is_turned = group[0].target.cluster and direction == "LR"
        yield from reversed(group) if is_turned else group


class _Painter:
    """Paints one wire: its table, and the edges on both sides of it."""

    def __init__(
        self, graph: graphviz.Digraph, style: Style, wire: Wire, source: Box, target: Box
    ) -> None:
        self.graph, self.style, self.wire, self.target = graph, style, wire, target
        self.is_constant = source.kind == "constant"
        self.has_shape_elsewhere = source.kind == "parameter" and bool(source.details)
        is_inner = source.kind in ("operation", "module", "hidden") and target.kind != "output"
        is_told = wire.is_named or wire.count > 1 or wire.is_loop
        self.name = wire.name if is_inner and is_told else ""
        self.is_across = style.direction == "TB"
        self.gradient = wire.gradient if style.shows_gradients else None
        palette = style.palette
        self.change = _change(wire.change, style) if wire.change != "changed" else ""
        slope = palette.of(self.gradient.health) if self.gradient else palette.gradient
        self.colour = self.change or slope
        self.above, self.below = ("", "") if wire.is_loop else (self._above(), self._below())
        self.is_split = bool(self.above or self.below or self.gradient is not None)

    def paint_table(self) -> None:
        """Adds the table to the graph, if anything is written on the wire."""
        if self.is_split:
            self.graph.node(self.wire.id, shape="plain", label=self._table())

    def paint_edges(self) -> None:
        """Adds the edges to the graph."""
        wire, style = self.wire, self.style
        line = {"color": self.change or style.palette.wire}
        line |= {"style": "dashed"} if wire.change == "removed" else {}
        bare = line if style.shows_values else line | {"dir": "none", "style": "dotted"}
        if wire.is_loop:
            name = f"<{font(escaped(f'↺ {self.name}'), style.palette.muted, 11)}>"
            self.graph.edge(wire.source, wire.target, label=name, **bare)
            return
        if not self.is_split:
            self.graph.edge(wire.source, wire.target, weight="4", **bare)
            return
        if style.shows_values:
            self._edges("m", "4", line | {"dir": "none"}, line)
        if self.gradient is not None:
            thick = line | {"penwidth": f"{style.palette.thick:g}", "color": self.colour}
            weight = "1" if style.shows_values else "4"
            self._edges("g", weight, thick | {"dir": "back"}, thick | {"dir": "none"})
        elif not style.shows_values:
            self._edges("m", "4", bare, bare)

    def _edges(self, port: str, weight: str, start: dict[str, str], end: dict[str, str]) -> None:
        entry, exit = ("n", "s") if self.is_across else ("w", "e")
        wire = self.wire
        self.graph.edge(wire.source, f"{wire.id}:{port}:{entry}", weight=weight, **start)
        self.graph.edge(f"{wire.id}:{port}:{exit}", wire.target, weight=weight, **end)

    def _above(self) -> str:
        """What changed, the name of a named value in the middle, and the value; as HTML."""
        wire, style = self.wire, self.style
        change = [font(wire.change, self.change, 10, bold=True)] if self.change else []
        if not style.shows_values or self.is_constant:
            return stacked(change)
        lines = [font(escaped(self.name), style.palette.muted, 11)] if self.name else []
        if style.values and wire.value is not None:
            colour = self.change or style.palette.ink
            with_shape = not self.has_shape_elsewhere
            lines.append(self._changed(wire.value, wire.old_value, colour, with_shape))
        return stacked(change + lines)

    def _below(self) -> str:
        """The gradient, or – where there is none; as HTML.

        A wire of several values has no one gradient, and – would say that it was not computed.
        """
        wire, gradient = self.wire, self.gradient
        if not self.style.shows_gradients:
            return ""
        if gradient is None:
            is_asked = wire.value is not None and not self.is_constant
            return font(format.NO_GRADIENT, self.colour) if is_asked else ""
        terms = format.sum_text(wire.parts, self.style.precision)
        if terms and wire.old_gradient is None:
            terms = terms.replace(" ", "") if "more" not in terms else terms
            total = format.summary(gradient, self.style.precision)
            return font(f"{_sign(gradient)}{terms} = <B>{total}</B>", self.colour)
        with_shape = not (self.style.shows_values or self.has_shape_elsewhere)
        return self._changed(gradient, wire.old_gradient, self.colour, with_shape)

    def _changed(self, new: Value, old: Value | None, colour: str, with_shape: bool) -> str:
        """A value; if it was another one before, that one, an arrow and this one."""
        if old is None or old == new:
            return self._number(new, colour, with_shape)
        palette, differs = self.style.palette, old.shape != new.shape
        before = self._number(old, palette.muted, with_shape or differs)
        after = self._number(new, palette.changed, differs)
        after = after if differs else after.replace("norm ", "", 1)
        return beside([before, font(" → ", palette.changed), after])

    def _number(self, value: Value, colour: str, with_shape: bool) -> str:
        if value.health == "bad" and not self.change:
            colour = self.style.palette.bad
        rows = format.cells(value, self.style.precision)
        if rows is not None:
            cells = matrix(rows, colour)
            return beside([font(_sign(value), colour), cells]) if _sign(value) else cells
        text = format.summary(value, self.style.precision, with_shape=with_shape)
        text = text.replace(") ", ")<BR/>", 1) if value.shape else text
        return font(f"{_sign(value)}{text}", colour)

    def _table(self) -> str:
        """The table that splits the wire: texts outside, the two wires between them."""
        blank = '<FONT POINT-SIZE="13"> </FONT>'
        has_forward = self.style.shows_values or self.gradient is None
        cells = [f'<TD CELLPADDING="2">{self.above or blank}</TD>']
        if has_forward:
            cells.append(self._line("m", 1, self.change or self.style.palette.wire))
        if has_forward and self.style.shows_gradients:
            gap = "WIDTH" if self.is_across else "HEIGHT"
            cells.append(f'<TD {gap}="{5 if self.gradient else 7}"></TD>')
        if self.gradient is not None:
            cells.append(self._line("g", round(self.style.palette.thick), self.colour))
        cells.append(f'<TD CELLPADDING="2">{self.below or blank}</TD>')
        rows = ["".join(cells)] if self.is_across else cells
        return f"<{TABLE}{''.join(f'<TR>{row}</TR>' for row in rows)}</TABLE>>"

    def _line(self, port: str, thickness: int, colour: str) -> str:
        thin, long = ("WIDTH", "HEIGHT") if self.is_across else ("HEIGHT", "WIDTH")
        size = f'{thin}="{thickness}" CELLPADDING="0" BGCOLOR="{colour}" {long}="34"'
        return f'<TD PORT="{port}" {size}></TD>'


def _sign(value: Value) -> str:
    return f"{WARNING} " if value.health == "bad" else ""


def render(source: str, kind: str = "svg", seconds: float = SECONDS) -> bytes:
    """What the `dot` program makes of the source, in a process of its own. Raises DotError."""
    program = shutil.which("dot")
    if program is None:
        raise DotError(f"there is no `dot` program here; install Graphviz: {install()}")
    try:
        done = finish([program, f"-T{kind}"], source.encode(), seconds)
    except subprocess.TimeoutExpired:
        raise DotTimeout(
            f"`dot` took more than {seconds:g} s; draw fewer boxes with max_nodes="
        ) from None
    except OSError as error:
        raise DotError(
            f"`dot` could not be run ({error}); install Graphviz again: {install()}"
        ) from error
    if done.returncode or not done.stdout:
        message = " ".join(done.stderr.decode(errors="replace").split())[:200]
        raise DotError(
            f"`dot` failed with code {done.returncode} ({message}); "
            f"install Graphviz again: {install()}"
        )
    return done.stdout
