"""What is written where, and how large: a view and a style become shapes, labels and titles.

Sizes do not depend on the style's mode: a drawing of the forward pass leaves room for the
gradients, so that the drawings of both passes have the same places. `plan` asks a layout for these
places; `svg.py` paints them. What stands on a wire is in `labels.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from viz.boxes import Box, Cluster, View, Wire, common_cluster
from viz.labels import Label, label_of
from viz.layout.plan import Link, Plan, Region, Spot
from viz.lettering import Line, Run, size_of, wrapped
from viz.metrics import glyphs
from viz.rows import learned
from viz.style import Style

Form: TypeAlias = Literal["text", "circle", "rounded", "dot"]

CIRCLE = 37.4
"""The diameter of an operation's circle: 0.52 inch, as in the textbook figure."""

DOT = 9.0
"""The diameter of a branch."""

SYMBOLS = {1: 21.0, 2: 15.0, 3: 14.0, 4: 11.0}
"""The size of a symbol by its number of letters; a longer one gets a box instead of a circle."""

LONGEST = 190.0
"""Names that are wider are set smaller, and broken into lines."""

AIR = 5.0
"""Pixels around a box that other wires stay out of: their lines run beside a layout's curves."""

SIDE = 15.0
"""How far a loop swings out beside its box; each further one as far beyond the last."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A wire from a box back to itself: its label, and the line that carries it, far from the box.

    away: how far that line is from the middle of the box, across the flow.  reach: how far the loop
    goes along the flow, to both sides.  start: how far from the middle it leaves the box.
    """

    label: Label
    away: float
    reach: float
    start: float


@dataclass(frozen=True, slots=True)
class Shape:
    """A box as it will be drawn. width, height: its own, in pixels; room: with its loops."""

    box: Box
    form: Form
    lines: tuple[Line, ...]
    width: float
    height: float
    loops: tuple[Loop, ...] = ()
    room: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Title:
    """The title of a cluster."""

    cluster: Cluster
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """All that will be drawn, by the ids of the view."""

    view: View
    shapes: Mapping[str, Shape]
    labels: Mapping[str, Label]
    titles: Mapping[str, Title]


def figure_of(view: View, style: Style) -> Figure:
    """The figure of a view: what each box, wire and cluster says, and the room it takes."""
    boxes = {box.id: box for box in view.boxes}
    labels = {
        wire.id: label_of(wire, boxes[wire.source], boxes[wire.target], style)
        for wire in view.wires
    }
    loops: dict[str, list[Label]] = {}
    for wire in view.wires:
        if wire.is_loop:
            loops.setdefault(wire.target, []).append(labels[wire.id])
    shapes = {box.id: _shape(box, style, loops.get(box.id, ())) for box in view.boxes}
    return Figure(view, shapes, labels, {c.id: _title(c, style.direction) for c in view.clusters})


def plan(figure: Figure, style: Style) -> Plan:
    """What a layout must know: the rooms of boxes and labels, half wires, and the frames.

    The halves of wire e0 are e0a and e0b.
    """
    view = figure.view
    entering: dict[str, list[Wire]] = {box.id: [] for box in view.boxes}
    for wire in view.wires:
        if not wire.is_loop:
            entering[wire.target].append(wire)
    clusters = {box.id: box.cluster for box in view.boxes}
    parents = {cluster.id: cluster.parent for cluster in view.clusters}
    spots: list[Spot] = []
    links: list[Link] = []
    for box in view.boxes:
        for wire in entering[box.id]:
            label = figure.labels[wire.id]
            region = common_cluster(clusters[wire.source], box.cluster, parents)
            spots.append(Spot(wire.id, *_rounded(label.size), region, is_label=True))
            links.append(Link(f"{wire.id}a", wire.source, wire.id))
            links.append(Link(f"{wire.id}b", wire.id, box.id))
        shape = figure.shapes[box.id]
        width, height = _rounded(shape.room)
        is_round = shape.form in ("circle", "dot") and not shape.loops
        spots.append(
            Spot(box.id, width + 2 * AIR, height + 2 * AIR, box.cluster, is_round=is_round)
        )
    regions = tuple(
        Region(c.id, c.parent, *_rounded(size_of(figure.titles[c.id].lines))) for c in view.clusters
    )
    return Plan(tuple(spots), tuple(links), regions, style.direction)


def _rounded(size: tuple[float, float]) -> tuple[float, float]:
    return round(size[0], 2), round(size[1], 2)


def _shape(box: Box, style: Style, loops: Sequence[Label]) -> Shape:
    form, lines, padding = _written(box, style)
    # As large as with its gradient, so that boxes stand at the same places in all modes.
    width, height = size_of(_written(box, replace(style, mode="both"))[1])
    width, height = width + 2 * padding[0], height + 2 * padding[1]
    if form in ("circle", "dot"):
        width = height = CIRCLE if form == "circle" else DOT
    looped, room = _loops(loops, width, height, style.direction)
    return Shape(box, form, lines, width, height, looped, room)


def _written(box: Box, style: Style) -> tuple[Form, tuple[Line, ...], tuple[float, float]]:
    """The form of a box, what is written in it, and the room around that."""
    match box.kind:
        case "branch":
            return "dot", (), (0, 0)
        case "operation":
            size = SYMBOLS.get(len(glyphs(box.label)))
            if size is not None and not box.details:
                return "circle", (Line((Run(box.label, "ink", size),)),), (0, 0)
            lines = (*_named(box.label, 13), *_details(box.details))
            return "rounded", lines, (11, 6)
        case "module":
            lines = (*_named(box.label, 14, bold=True), *_details(box.details, 11.5, "ink"))
            count = learned(box, style)
            return "rounded", (*lines, *_details((count,) if count else ())), (12, 7)
        case "parameter":
            lines = (*_named(box.label, 13, bold=True), *_details(box.details))
            return "rounded", lines, (10, 5)
        case "hidden":
            lines = (*_named(box.label, 13, "muted"), *_details(box.details))
            return "rounded", lines, (12, 8)
    return "text", (*_named(box.label, 14), *_details(box.details)), (6, 4)


def _named(name: str, size: float, role: str = "ink", *, bold: bool = False) -> tuple[Line, ...]:
    lines = wrapped(name, size, LONGEST, bold)
    if len(lines) > 1:
        size -= 2
        lines = wrapped(name, size, LONGEST, bold)
    return tuple(Line((Run(line, role, size, bold),)) for line in lines)


def _details(details: Sequence[str], size: float = 10.5, role: str = "muted") -> tuple[Line, ...]:
    return tuple(
        Line((Run(line, role, size),))
        for detail in details
        for line in wrapped(detail, size, LONGEST * 1.3)
    )


def _loops(
    labels: Sequence[Label], width: float, height: float, direction: str
) -> tuple[tuple[Loop, ...], tuple[float, float]]:
    """The loops of a box, one around the other, and the room of the box with them."""
    is_across = direction == "TB"
    along, across = (height, width) if is_across else (width, height)
    reach, away = along / 2, across / 2
    loops = []
    for i, label in enumerate(labels):
        # An outer loop leaves nearer to the middle, so that it does not cross the inner ones.
        start = min(13.0 + 12.0 * (len(labels) - 1 - i), 0.7 * across / 2)
        # Symmetric about its line, so half of it is on the near side.
        long, deep = label.size[::-1] if is_across else label.size
        reach = max(reach + SIDE, long / 2 + 6)
        loops.append(Loop(label, away + deep / 2 + 2, reach, start))
        away += deep + (12 if is_across else 4)
    if not loops:
        return (), (width, height)
    room = (2 * reach + 8, 2 * away)
    return tuple(loops), (room[1], room[0]) if is_across else room


def _title(cluster: Cluster, direction: str) -> Title:
    """One line; two where wires leave through the side that the title stands at."""
    name = Run(cluster.name, "muted", 13, True)
    if not cluster.detail:
        return Title(cluster, (Line((name,)),))
    if direction == "TB":
        return Title(cluster, (Line((name,)), Line((Run(cluster.detail, "muted", 11),))))
    return Title(cluster, (Line((name, Run(f"  {cluster.detail}", "muted", 11))),))
