"""The lines of a wire: the forward one and the gradient's beside it, each with its arrowhead.

A layout gives one curve for each half of a wire. Both lines run parallel to it, straight through
the label in the middle, and end at the borders of the boxes. `svg.py` paints what is made here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from viz.bezier import (
    Border,
    Path,
    Point,
    cut,
    ended_at,
    heading,
    joined,
    length,
    line,
    parallel,
    turned,
    with_end,
    with_start,
)
from viz.figure import Figure, Loop, Shape
from viz.labels import OFFSET, Label
from viz.layout.plan import Placement

STROKE = 0.9
"""Half the thickness of a box's outline, at whose outer edge wires end."""

CORNERS = {"text": 4.0, "rounded": 10.0}
"""The radius of the corners that a form has."""

HEADS = {"forward": (8.5, 3.0), "gradient": (10.5, 4.2)}
"""Length of an arrowhead, and half its width, in pixels."""

BEND = 0.5523
"""How far the control points of a quarter of a circle lie from its ends, in radii."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line and its arrowhead, a triangle that begins with its tip; () for a line without one.

    path: the line as far as it shows.  whole: to the tip.
    """

    path: Path
    head: tuple[Point, ...]
    whole: Path


@dataclass(frozen=True, slots=True)
class WireLines:
    """Both lines of a wire, and the middle of its label.

    forward runs with the value, gradient against it.
    """

    label: Label
    centre: Point
    forward: Stroke
    gradient: Stroke


def lines_of(figure: Figure, placement: Placement, direction: str) -> dict[str, WireLines]:
    """The lines of every wire, by its id."""
    tracer = _Tracer(figure, placement, direction)
    lines = {}
    for wire in figure.view.wires:
        if wire.is_loop:
            loops = figure.shapes[wire.target].loops
            loop = next(loop for loop in loops if loop.label.wire is wire)
            lines[wire.id] = tracer.around(loop, wire.target)
        else:
            lines[wire.id] = tracer.through(figure.labels[wire.id])
    return lines


def border_of(shape: Shape, centre: Point) -> Border:
    """The outline at which wires to a box end."""
    half_width, half_height = shape.width / 2, shape.height / 2
    if shape.form == "text":
        return Border(*centre, half_width, half_height, CORNERS["text"])
    half_width, half_height = half_width + STROKE, half_height + STROKE
    corner = CORNERS.get(shape.form, half_width)
    return Border(*centre, half_width, half_height, min(corner, half_height))


class _Tracer:
    """Traces the lines of wires. side: +1 if the forward line is to the left of the way."""

    def __init__(self, figure: Figure, placement: Placement, direction: str) -> None:
        self.placement, self.is_across = placement, direction == "TB"
        self.side = -1.0 if self.is_across else 1.0
        self.borders = {
            id: border_of(shape, placement.centres[id]) for id, shape in figure.shapes.items()
        }

    def through(self, label: Label) -> WireLines:
        """The lines of a wire from one box to another."""
        wire, centre = label.wire, self.placement.centres[label.wire.id]
        before, after = (self.placement.curves[f"{wire.id}{half}"] for half in "ab")
        tail, head = self.borders[wire.source], self.borders[wire.target]
        # Both lines follow one curve to the border, then each meets it where it does.
        before, after = turned(ended_at(turned(before), tail)), ended_at(after, head)
        forward = self._line(label, centre, before, after, self.side * OFFSET)
        gradient = self._line(label, centre, before, after, -self.side * OFFSET)
        return WireLines(
            label,
            centre,
            _headed(_between(forward, tail, head), "forward"),
            _headed(turned(_between(gradient, tail, head)), "gradient"),
        )

    def _line(
        self, label: Label, centre: Point, before: Path, after: Path, distance: float
    ) -> Path:
        """The parallel of both halves, and straight through the label between them."""
        width, height = label.size
        x, y = centre
        if self.is_across:
            ends = [(x + distance, y - height / 2), (x + distance, y + height / 2)]
        else:
            ends = [(x - width / 2, y - distance), (x + width / 2, y - distance)]
        return joined(
            with_end(parallel(before, distance), ends[0]),
            line(*ends),
            with_start(parallel(after, distance), ends[1]),
        )

    def around(self, loop: Loop, id: str) -> WireLines:
        """The lines of a loop, out of the far side of a box and over it into the near one."""
        border = self.borders[id]
        middle = _arc(loop, border, self.is_across)
        # The way back runs against the flow, so that the sides change.
        forward = parallel(middle, -OFFSET if not self.is_across else OFFSET)
        gradient = parallel(middle, OFFSET if not self.is_across else -OFFSET)
        centre = (border.x, border.y - loop.away)
        if self.is_across:
            centre = (border.x + loop.away, border.y)
        return WireLines(
            loop.label,
            centre,
            _headed(_between(forward, border, border), "forward"),
            _headed(turned(_between(gradient, border, border)), "gradient"),
        )


def _between(path: Path, tail: Border, head: Border) -> Path:
    """The path from one border to the other."""
    return turned(ended_at(turned(ended_at(path, head)), tail))


def _headed(path: Path, kind: str) -> Stroke:
    """The path with an arrowhead at its end, shortened so that its line stays inside of it."""
    long, half = HEADS[kind]
    if math.dist(path[0], path[-1]) < 2 * long:
        long = min(long, 0.6 * length(path))
    tip, shaft = path[-1], cut(path, long)
    back = shaft[-1]
    size = math.dist(tip, back)
    ahead = ((tip[0] - back[0]) / size, (tip[1] - back[1]) / size) if size > 0.5 else heading(path)
    dx, dy = ahead
    head = (
        tip,
        (back[0] - dy * half, back[1] + dx * half),
        (back[0] + dy * half, back[1] - dx * half),
    )
    # The line reaches a little into the head, so that no seam shows.
    return Stroke(joined(shaft, line(back, (back[0] + dx, back[1] + dy))), head, path)


def _arc(loop: Loop, border: Border, is_across: bool) -> Path:
    """The middle of a loop: forward out of the box, up, back over it, down, and in again."""
    start, far, away = -loop.start, loop.reach, loop.away
    radius = min(10.0, (away + start) / 2)
    inner = (border.half_width if not is_across else border.half_height) * 0.5
    corners = [(far, start), (far, -away), (-far, -away), (-far, start)]
    points: list[Point] = [(inner, start)]
    for i, corner in enumerate(corners):
        previous = (inner, start) if i == 0 else corners[i - 1]
        following = (-inner, start) if i == 3 else corners[i + 1]
        points += _rounded(previous, corner, following, radius, points[-1])
    points += line(points[-1], (-inner, start))[1:]
    if is_across:
        return tuple((border.x - c, border.y + a) for a, c in points)
    return tuple((border.x + a, border.y + c) for a, c in points)


def _rounded(
    previous: Point, corner: Point, following: Point, radius: float, at: Point
) -> tuple[Point, ...]:
    """From at straight towards the corner, and round it in a quarter of a circle."""
    begin, end = _towards(corner, previous, radius), _towards(corner, following, radius)
    arc = (
        _towards(begin, corner, radius * BEND),
        _towards(end, corner, radius * BEND),
        end,
    )
    return (*line(at, begin)[1:], *arc)


def _towards(start: Point, end: Point, far: float) -> Point:
    size = math.dist(start, end) or 1.0
    return (
        start[0] + (end[0] - start[0]) * far / size,
        start[1] + (end[1] - start[1]) * far / size,
    )
