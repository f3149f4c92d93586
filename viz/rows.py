"""What each line of a text drawing says, before anyone knows how wide its columns are.

A line belongs to a wire; the last input of a box also says what the box makes. `text.py` arranges
the lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from viz import format
from viz.boxes import Box, Change, Cluster, View, Wire
from viz.style import Style
from viz.terminal import columns, cut
from viz.value import Value

SYMBOL = 9
"""Columns for a symbol; a longer one stands behind the result."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters that wires and frames are made of."""

    forward: str = "─→"
    backward: str = "←─"
    loop: str = "↺"
    first: str = "┐"
    middle: str = "│"
    branch: str = "•"
    box: str = "□"
    hidden: str = "…"
    warning: str = "⚠"
    none: str = format.NO_GRADIENT
    cut: str = "…"
    before: str = "→"
    frame: str = "┌─"
    again: str = "├─"
    side: str = "│"
    dot: str = "·"


ASCII = Marks(
    "->", "<-", "@", ".", "|", "o", "#", "...", "!", "-", "~", "->", ".-", "|-", "|", "-",
)  # fmt: skip
"""The same where the terminal has no such characters."""


def learned(box: Box, style: Style) -> str:
    """How many numbers a module learns and how large their gradient is; "" for what is no module.

    Of the form "39,250 params · |∇| 0.033", or "650 params, shared".
    """
    if box.parameters is None:
        return ""
    text = f"{box.parameters:,} param{'s' * (box.parameters != 1)}"
    text += f", {box.note}" if box.note else ""
    if box.gradient is None or not style.shows_gradients:
        return text
    norm = format.summary(box.gradient, style.precision, with_shape=False).removeprefix("norm ")
    sign = f"{Marks().warning} " if box.gradient.health == "bad" else ""
    return f"{text} · |∇| {sign}{norm}"


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one wire, of a box that no wire enters, or the header of a cluster.

    value, gradient: line by line.  tone, slope: their roles.  has_more: the next line is an input
    of the same box.  note: what stands behind the result.
    """

    name: str = ""
    value: list[str] = field(default_factory=list)
    tone: str = ""
    forward: str = ""
    mark: str = ""
    has_more: bool = False
    backward: str = ""
    gradient: list[str] = field(default_factory=list)
    slope: str = ""
    result: str = ""
    note: str = ""
    change: Change = ""
    is_inside: bool = False
    header: str = ""


class Writer:
    """Writes the rows of a view, with at most that many columns for a name.

    is_compact: small arrays are written as shape and norm.
    """

    def __init__(
        self, view: View, style: Style, marks: Marks, is_compact: bool, longest: int
    ) -> None:
        self.view, self.style, self.marks = view, style, marks
        self.is_compact, self.longest = is_compact, longest
        self.boxes = {box.id: box for box in view.boxes}
        # Where the value of a wire comes from; of one that leaves a branch, from before it.
        self.origins = dict(self.boxes)
        self.headers = _headers(view.clusters)

    def rows(self) -> Iterator[Row]:
        """Box by box, and for each its inputs in order: the order of view.wires."""
        entering: dict[str, list[Wire]] = {box.id: [] for box in self.view.boxes}
        for wire in self.view.wires:
            entering[wire.target].append(wire)
        cluster, seen = "", set()
        for box in self.view.boxes:
            wires = entering[box.id]
            if not wires and box.kind not in ("operation", "module", "hidden"):
                continue
            if box.cluster != cluster and box.cluster:
                name, detail = self.headers[box.cluster]
                is_new = box.cluster not in seen
                lead = self.marks.frame if is_new else self.marks.again
                rest = f"  {detail}" if is_new and detail else ""
                yield Row(header=f"{lead} {name}{rest}")
            cluster = box.cluster
            seen.add(cluster)
            yield from self._rows(box, wires)

    def _rows(self, box: Box, wires: list[Wire]) -> Iterator[Row]:
        inside = bool(box.cluster)
        if box.kind == "branch":
            self.origins[box.id] = self.origins[wires[0].source]
        for i, wire in enumerate(wires[:-1]):
            bracket = self.marks.middle if i else self.marks.first
            yield replace(self._row(wire, box), mark=bracket, has_more=True, is_inside=inside)
        last = self._row(wires[-1], box) if wires else Row()
        mark, note = self._symbol(box)
        yield replace(
            last,
            mark=mark,
            note=note,
            result=self._result(box, wires[-1] if wires else None),
            change=last.change or box.change,
            is_inside=inside,
        )

    def _row(self, wire: Wire, target: Box) -> Row:
        origin, marks, style = self.origins[wire.source], self.marks, self.style
        value = self._changed(wire.value, wire.old_value, with_shape=True)
        gradient = self._gradient(wire)
        has_gradient = bool(gradient) and style.shows_gradients
        health = wire.gradient.health if wire.gradient is not None else "fine"
        is_bad = wire.value is not None and wire.value.health == "bad"
        loop = marks.loop if wire.is_loop else ""
        return Row(
            name=self._name(wire, origin, target),
            value=value if style.values else [],
            tone="bad" if is_bad else "",
            forward=loop or marks.forward,
            backward=marks.backward if has_gradient else "" if style.shows_values else loop,
            gradient=gradient,
            slope="gradient" if health == "fine" else health,
            change=wire.change,
        )

    def _name(self, wire: Wire, origin: Box, target: Box) -> str:
        name = wire.name
        if origin.kind == "constant" and not (self.style.shows_values and self.style.values):
            name = name or origin.label
        # The header names the module already, so "weight" is enough.
        if origin.kind in ("parameter", "input") and origin.cluster and wire.count == 1:
            name = origin.label if origin.cluster == target.cluster else name
        return cut(name, self.longest, self.marks.cut)

    def _symbol(self, box: Box) -> tuple[str, str]:
        """What stands for a box between the arrows, and what is told of it behind its result."""
        marks = self.marks
        if box.kind not in ("operation", "module", "hidden"):
            return marks.branch if box.kind == "branch" else "", ""
        mark = f"[{box.label}]" if box.kind == "module" else box.label
        is_hidden = box.kind == "hidden"
        name = box.label if is_hidden or columns(mark) > SYMBOL else ""
        if name:
            mark = marks.hidden if is_hidden else marks.box
        told = f" {marks.dot} ".join(box.details)
        note = ": ".join(filter(None, (name, told)))
        return mark, f"[{note}]" if note else ""

    def _result(self, box: Box, wire: Wire | None) -> str:
        pair = f"({box.pair})" if box.pair else ""
        results = box.results
        if box.kind == "output" and wire is not None:
            name = wire.name or self.origins[wire.source].label
            results = (box.label,) if box.label != name else ()
        shown = ", ".join(cut(result, self.longest, self.marks.cut) for result in results)
        return " ".join(filter(None, (f"= {shown}" if shown else "", pair)))

    def _gradient(self, wire: Wire) -> list[str]:
        if wire.gradient is None:
            is_asked = wire.value is not None and self.boxes[wire.source].kind != "constant"
            return [self.marks.none] if is_asked else []
        terms = format.sum_text(wire.parts, self.style.precision)
        if terms and wire.old_gradient is None:
            return [f"{terms} = {self._number(wire.gradient, with_shape=False)[0]}"]
        with_shape = not self.style.shows_values
        return self._changed(wire.gradient, wire.old_gradient, with_shape=with_shape)

    def _changed(self, new: Value | None, old: Value | None, *, with_shape: bool) -> list[str]:
        """A value; if it was another one before, both with an arrow between them, in one line."""
        if new is None:
            return []
        if old is None or old == new:
            return self._number(new, with_shape=with_shape)
        differs = old.shape != new.shape
        before = self._in_line(old, with_shape=with_shape or differs)
        after = self._in_line(new, with_shape=differs)
        return [f"{before} {self.marks.before} {after.removeprefix('norm ')}"]

    def _in_line(self, value: Value, *, with_shape: bool) -> str:
        if not self.is_compact and format.cells(value, self.style.precision) is not None:
            return self._sign(value) + format.in_line(value, self.style.precision)
        return self._sign(value) + format.summary(
            value, self.style.precision, with_shape=with_shape
        )

    def _number(self, value: Value, *, with_shape: bool) -> list[str]:
        """The lines of a value: a number, the rows of a small array, or shape and norm."""
        cells = None if self.is_compact else format.cells(value, self.style.precision)
        if cells is None:
            return [self._in_line(value, with_shape=with_shape)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        rows = [" ".join(c.rjust(n) for c, n in zip(row, widths, strict=True)) for row in cells]
        sign = self._sign(value)
        return [f"{' ' * len(sign) if i else sign}[{row}]" for i, row in enumerate(rows)]

    def _sign(self, value: Value) -> str:
        return f"{self.marks.warning} " if value.health == "bad" else ""


def _headers(clusters: tuple[Cluster, ...]) -> dict[str, tuple[str, str]]:
    """The path and the detail of each cluster; of equal paths, the later ones with a number."""
    names = {cluster.id: cluster.name for cluster in clusters}
    paths: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for cluster in clusters:
        path = cluster.name
        if cluster.parent:
            # A name may be a path already.
            path = f"{paths[cluster.parent]}.{path.removeprefix(f'{names[cluster.parent]}.')}"
        counts[path] += 1
        paths[cluster.id] = f"{path} ({counts[path]})" if counts[path] > 1 else path
    return {cluster.id: (paths[cluster.id], cluster.detail) for cluster in clusters}
