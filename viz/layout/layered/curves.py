"""Curves through the layers: level where something stands in the way, else as wide as can be.

A curve leaves and enters labels and rooms level. At a box it points to the middle, or, where a
neighbour is in the way, ends level at that box's side. x grows all along. Source of the slopes:
Fritsch & Carlson, Monotone piecewise cubic interpolation (1980).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from viz.layout.layered.sheet import Item, Sheet, Step
from viz.layout.plan import Point

CLEAR = 4.0
"""Between a curve and what it passes, where it is not level."""

CORNER = 0.6
"""How far from the level end of a curve towards the middle of a box its corner lies."""

BUNDLE = 5.0
"""Between wires that turn to a box side by side."""

EDGE = 12.0
"""Next to the corners of a rectangle, where no wire ends that runs straight into its side."""

STRAIGHT = 30.0
"""How far from the middle a wire runs straight into a side: a spot may exceed its box."""

LEVEL = 0.01
"""Heights that differ less are the same."""


@dataclass(slots=True)
class Stop:
    """Where a curve is for sure: at one height from start to end.

    slope: there, if start and end are one point.
    """

    start: float
    end: float
    height: float
    slope: float = 0.0


@dataclass(frozen=True, slots=True)
class Aim:
    """The end of a curve at a box: it points to the focus, from via on if that is given."""

    item: Item
    focus: Point
    via: Point | None = None


def curves(sheet: Sheet) -> dict[int, tuple[Point, ...]]:
    """For each way of the sheet its curve, 3k + 1 points (along, across)."""
    router = _Router(sheet)
    return {link: router.curve(way) for link, way in sheet.ways.items()}


class _Router:
    """Draws curves through the layers of a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self.layers = sheet.layers

    def curve(self, way: Sequence[Step]) -> tuple[Point, ...]:
        """The curve of one way."""
        tail, head = way[0], way[-1]
        after = [(step.head.across + step.enters) for step in way]
        before = [(step.tail.across + step.leaves) for step in way]
        stops = [self._passing(s, b, a) for s, b, a in zip(way, before, after[1:], strict=False)]
        start = self._end(tail, after[0], is_in=False)
        end = self._end(head, before[-1], is_in=True)
        if isinstance(start, Aim) and isinstance(end, Aim) and not stops:
            if not start.via and not end.via:
                return _straight(start, end)
            stops, start, end = _between(start, end)
        points: list[Point] = []
        if isinstance(start, Stop):
            stops.insert(0, start)
        if isinstance(end, Stop):
            stops.append(end)
        _set_slopes(stops)
        first, last = stops[0], stops[-1]
        if isinstance(start, Aim):
            points += _aimed((first.start, first.height), start)[::-1]
        else:
            points.append((first.start, first.height))
        _join(points, stops)
        if isinstance(end, Aim):
            points += _aimed((last.end, last.height), end)[1:]
        return tuple(points)

    def _passing(self, step: Step, before: float, after: float) -> Stop:
        """The stop at a place between two layers that a wire passes."""
        item = step.head
        start = end = item.along
        left = self._obstacle(item, before, is_in=True)
        right = self._obstacle(item, after, is_in=False)
        return Stop(
            start if left is None else min(start, left[0]),
            end if right is None else max(end, right[0]),
            item.across,
        )

    def _end(self, step: Step, other: float, *, is_in: bool) -> Stop | Aim:
        """The end of a way, whose other end, or next stop, is at the height other."""
        item = step.head if is_in else step.tail
        height = item.across + (step.enters if is_in else step.leaves)
        sign = -1 if is_in else 1
        side = item.along + sign * item.size.along / 2
        obstacle = self._obstacle(item, other, is_in=is_in)
        if not (item.is_wire or item.size.is_label or item.size.ports is not None):
            focus = side - sign * min(item.size.along, item.size.across) / 2
            if obstacle is None or (obstacle[0] - focus) * sign < 0:
                return Aim(item, (focus, item.across))
            behind = self._behind(step, is_in=is_in)
            via = (obstacle[0] + sign * BUNDLE * behind, obstacle[1])
            return Aim(item, (focus, item.across), via)
        level = side if obstacle is None else sign * max(sign * side, sign * obstacle[0])
        return Stop(level, side, height) if is_in else Stop(side, level, height)

    def _behind(self, step: Step, *, is_in: bool) -> int:
        """How many wires to the same side of a box come from farther away: they pass nearer."""
        steps = step.head.ins if is_in else step.tail.outs
        box = step.head if is_in else step.tail
        ends = [(s.tail if is_in else s.head).across for s in steps]
        own = ends[steps.index(step)]
        return sum((end - own) * (own - box.across) > 0 for end in ends)

    def _obstacle(self, item: Item, other: float, *, is_in: bool) -> Point | None:
        """How far neighbours reach that lie in its layer between an item and a height.

        is_in: to the left, else to the right; a little further than they do. And the height next to
        the nearest of them, on the item's side.
        """
        layer = self.layers[item.layer]
        sign = -1 if other < item.across else 1
        far: list[float] = []
        edge = 0.0
        place = item.place + sign
        while 0 <= place < len(layer):
            near = layer[place]
            limit = near.across - sign * near.size.across / 2
            if (limit - other) * sign > -LEVEL:
                break
            if not near.is_wire:
                half = near.size.along / 2 + CLEAR
                edge = edge if far else limit - sign * CLEAR
                far.append(near.along - half if is_in else near.along + half)
            place += sign
        return ((min if is_in else max)(far), edge) if far else None


def _set_slopes(stops: Sequence[Stop]) -> None:
    """Lets a curve run through a stop without a wiggle, where it goes on in one direction."""
    for before, stop, after in zip(stops, stops[1:], stops[2:], strict=False):
        if stop.start != stop.end:
            continue
        long, next_long = stop.start - before.end, after.start - stop.end
        if min(long, next_long) < 1:
            continue
        rise = (stop.height - before.height) / long
        next_rise = (after.height - stop.height) / next_long
        if rise * next_rise > 0:
            stop.slope = 2 * rise * next_rise / (rise + next_rise)


def _join(points: list[Point], stops: Sequence[Stop]) -> None:
    """Draws on from stop to stop. points: end at the start of the first, or before it."""
    for i, stop in enumerate(stops):
        if i:
            before = stops[i - 1]
            reach = (stop.start - before.end) * (0.5 if stop.slope == before.slope == 0 else 1 / 3)
            points += [
                (before.end + reach, before.height + before.slope * reach),
                (stop.start - reach, stop.height - stop.slope * reach),
                (stop.start, stop.height),
            ]
        points += _line(points[-1], (stop.end, stop.height))


def _line(start: Point, end: Point) -> list[Point]:
    """What a straight curve adds; nothing, if it has no length."""
    if abs(start[0] - end[0]) < LEVEL and abs(start[1] - end[1]) < LEVEL:
        return []
    (a, b), (c, d) = start, end
    return [*((a + (c - a) * t, b + (d - b) * t) for t in (1 / 3, 2 / 3)), end]


def _between(start: Aim, end: Aim) -> tuple[list[Stop], Aim, Aim]:
    """A stop between neighbouring boxes, one of which is hidden from the other, and new aims.

    It is as high as the one that nothing hides, or in the middle between both turns, which then
    must not lie beyond it.
    """
    left, right = (a.item.along + s * a.item.size.along / 2 for a, s in ((start, 1), (end, -1)))
    if start.via and end.via:
        (left, one), (right, other) = start.via, end.via
        height = (one + other) / 2
        if (other - one) * (end.item.across - start.item.across) < 0:
            start, end = replace(start, via=(left, height)), replace(end, via=(right, height))
    elif start.via:
        left, height = start.via[0], end.item.across
    else:
        right = end.via[0] if end.via else right
        height = start.item.across
    middle = (left + right) / 2
    return [Stop(middle, middle, height)], start, end


def _straight(start: Aim, end: Aim) -> tuple[Point, ...]:
    """A line from middle to middle of two boxes."""
    first, last = _border(start, end.focus), _border(end, start.focus)
    return (first, *_line(first, last))


def _aimed(level: Point, aim: Aim) -> list[Point]:
    """A curve that begins level and points to the middle of a box, and the same backwards."""
    (x, y), (focus, middle) = level, aim.focus
    rise = abs(middle - y)
    if rise < LEVEL:
        end = _border(aim, level)
        return [level, *_line(level, end)]
    if aim.via:
        return _turning(level, aim, aim.via)
    item, distance = aim.item, focus - x
    half, is_round = item.size.across / 2, item.size.is_round
    if not is_round and rise < min(half - min(EDGE, half / 2), STRAIGHT):
        end = (item.along - math.copysign(item.size.along / 2, distance), y)
        return [level, *_line(level, end)]
    # The corner has to lie outside of the box.
    reach = half + 2
    free = math.sqrt(max(0.0, reach * reach - rise * rise)) if is_round else reach * (rise < reach)
    side = math.copysign(max(0.0, min(CORNER * abs(distance), abs(distance) - free)), distance)
    corner = (x + side, y)
    end = _border(aim, corner)
    return [
        level,
        (x + 0.75 * side, y),
        (corner[0] + 0.3 * (end[0] - corner[0]), corner[1] + 0.3 * (end[1] - corner[1])),
        end,
    ]


def _turning(level: Point, aim: Aim, via: Point) -> list[Point]:
    """A curve that begins level, passes to via and goes straight to the middle of a box."""
    (x, y), (focus, middle) = level, aim.focus
    sign = math.copysign(1.0, focus - x)
    reach = min(max(sign * via[0], sign * x + 1), sign * focus - 1)
    turn = (sign * reach, via[1])
    room, rest = turn[0] - x, (focus - turn[0], middle - turn[1])
    # Without a limit, a curve that comes from near the turn would swing out beyond it.
    back = min(0.4 * room / rest[0], 0.6 * abs(turn[1] - y) / (abs(rest[1]) or 1.0))
    before = (turn[0] - back * rest[0], turn[1] - back * rest[1])
    return [level, (x + 0.6 * room, y), before, turn, *_line(turn, _border(aim, turn))]


def _border(aim: Aim, point: Point) -> Point:
    """Where the line from a point outside to the focus of a box meets the border of the box."""
    size, (x, y) = aim.item.size, aim.focus
    dx, dy = point[0] - x, point[1] - y
    if size.is_round:
        scale = size.along / 2 / (math.hypot(dx, dy) or 1.0)
        return x + dx * scale, y + dy * scale
    reach = min(size.along, size.across) / 2
    scales = [reach / abs(dx)] if dx else []
    scales += [size.across / 2 / abs(dy)] if dy else []
    scale = min(scales, default=0.0)
    return x + dx * scale, y + dy * scale
