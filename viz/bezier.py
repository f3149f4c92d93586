"""Cubic Bézier paths: parallels, cuts and meetings with the border of a box.

A path is 3k + 1 points: a start, and for each of k curves two control points and an end. x runs to
the right and y down, in pixels. `wires.py` makes the wires of a picture from the curves that a
layout gives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Path: TypeAlias = tuple[Point, ...]

STEPS = 16
"""Straight pieces by which the length of one curve is measured."""

TURN = 0.5
"""Radians that one curve of a parallel may turn: of a circle, 0.1% from the true one."""


NEAR = 10.0
"""Pixels by which a path is drawn out straight to meet a border."""


@dataclass(frozen=True, slots=True)
class Border:
    """The outline of a rectangle with round corners; of a circle, if all three sizes are equal."""

    x: float
    y: float
    half_width: float
    half_height: float
    corner: float = 0.0

    def distance(self, point: Point) -> float:
        """How far outside a point lies, in pixels; negative inside."""
        across = abs(point[0] - self.x) - self.half_width + self.corner
        along = abs(point[1] - self.y) - self.half_height + self.corner
        outside = math.hypot(max(across, 0.0), max(along, 0.0))
        return outside + min(max(across, along), 0.0) - self.corner

    def nearest(self, point: Point) -> tuple[Point, Point]:
        """The point of the outline nearest to one outside, and the direction in from there."""
        wide, high = self.half_width - self.corner, self.half_height - self.corner
        x = min(max(point[0], self.x - wide), self.x + wide)
        y = min(max(point[1], self.y - high), self.y + high)
        dx, dy = _unit((point[0] - x, point[1] - y))
        return (x + dx * self.corner, y + dy * self.corner), (-dx, -dy)


def line(start: Point, end: Point) -> Path:
    """A straight path."""
    return (start, _between(start, end, 1 / 3), _between(start, end, 2 / 3), end)


def joined(*paths: Path) -> Path:
    """One path of several, each beginning where the one before it ends."""
    first, *rest = paths
    return (*first, *(point for path in rest for point in path[1:]))


def parallel(path: Path, distance: float) -> Path:
    """The path at a distance to its left, as seen on the way along it (to its right if negative).

    Source: Tiller & Hanson, Offsets of two-dimensional profiles (1984).
    """
    points: list[Point] = []
    for curve in curves(path):
        for piece in _gentle(curve):
            start, end = _normal(piece, 0.0), _normal(piece, 1.0)
            moved = [
                (p[0] + n[0] * distance, p[1] + n[1] * distance)
                for p, n in zip(piece, (start, start, end, end), strict=True)
            ]
            chord = math.dist(piece[0], piece[3])
            scale = math.dist(moved[0], moved[3]) / chord if chord > 1e-9 else 1.0
            moved[1] = _between(moved[0], moved[1], scale)
            moved[2] = _between(moved[3], moved[2], scale)
            points += moved if not points else moved[1:]
    return tuple(points)


def curves(path: Path) -> Iterator[Path]:
    """The curves of a path, four points each."""
    for i in range(0, len(path) - 1, 3):
        yield path[i : i + 4]


def length(path: Path) -> float:
    """The length of a path in pixels."""
    return sum(math.dist(a, b) for a, b in pairwise(samples(path)))


def samples(path: Path) -> list[Point]:
    """Points on a path, close to one another."""
    return [point for curve in curves(path) for point in _samples(curve)]


def cut(path: Path, amount: float) -> Path:
    """The path without its last pixels, but never without all of it."""
    parts = list(curves(path))
    while parts:
        points = _samples(parts[-1])
        for i in range(STEPS, 0, -1):
            step = math.dist(points[i - 1], points[i])
            if step >= amount > 0:
                t = (i - amount / step) / STEPS
                return joined(*parts[:-1], _split(parts[-1], max(t, 1e-3))[0])
            amount -= step
        if amount <= 0 or len(parts) == 1:
            break
        parts.pop()
    return joined(*parts)


def heading(path: Path) -> Point:
    """The direction in which a path ends, of length 1."""
    return _unit(_derivative(path[-4:], 1.0))


def ended_at(path: Path, border: Border) -> Path:
    """The path as far as the border: cut where it goes in, or drawn out to meet it."""
    if border.distance(path[-1]) > 0:
        return _drawn_out(path, border)
    parts = list(curves(path))
    while len(parts) > 1 and border.distance(parts[-1][0]) < 0:
        parts.pop()
    low, high = 0.0, 1.0
    for _ in range(24):
        middle = (low + high) / 2
        inside = border.distance(_at(parts[-1], middle)) < 0
        low, high = (low, middle) if inside else (middle, high)
    return joined(*parts[:-1], _split(parts[-1], max(high, 1e-3))[0])


def turned(path: Path) -> Path:
    """The path from its end to its start."""
    return path[::-1]


def with_start(path: Path, start: Point) -> Path:
    """The path from another start nearby, its first direction kept."""
    shift = (start[0] - path[0][0], start[1] - path[0][1])
    return (start, (path[1][0] + shift[0], path[1][1] + shift[1]), *path[2:])


def with_end(path: Path, end: Point) -> Path:
    """The path to another end nearby, its last direction kept."""
    return turned(with_start(turned(path), end))


def _drawn_out(path: Path, border: Border) -> Path:
    """The path, and from its end on to the border: straight if that is near, else in a bend."""
    start, ahead = path[-1], heading(path)
    far = border.distance(start)
    if far < 0.01:
        return path
    aims = (_moved(start, ahead, far * (1 + i / 10)) for i in range(11))
    aim = next((aim for aim in aims if border.distance(aim) <= 0), None)
    if aim is not None and far < NEAR:
        return ended_at(joined(path, line(start, aim)), border)
    end, inward = border.nearest(start)
    bend = math.dist(start, end) / 2
    return joined(path, (start, _moved(start, ahead, bend), _moved(end, inward, -bend), end))


def _moved(point: Point, direction: Point, far: float) -> Point:
    return point[0] + direction[0] * far, point[1] + direction[1] * far


def _gentle(curve: Path) -> list[Path]:
    """The curve in pieces that turn a little each."""
    legs = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(curve) if math.dist(a, b) > 1e-9]
    turn = sum(_angle(a, b) for a, b in pairwise(legs))
    count = max(1, min(16, math.ceil(turn / TURN)))
    pieces, rest = [], curve
    for i in range(count, 1, -1):
        piece, rest = _split(rest, 1 / i)
        pieces.append(piece)
    return [*pieces, rest]


def _angle(a: Point, b: Point) -> float:
    return abs(math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]))


def _split(curve: Path, t: float) -> tuple[Path, Path]:
    """Both parts of a curve, cut at parameter t, after de Casteljau."""
    a, b, c, d = curve
    ab, bc, cd = _between(a, b, t), _between(b, c, t), _between(c, d, t)
    abc, bcd = _between(ab, bc, t), _between(bc, cd, t)
    middle = _between(abc, bcd, t)
    return (a, ab, abc, middle), (middle, bcd, cd, d)


def _samples(curve: Path) -> list[Point]:
    return [_at(curve, i / STEPS) for i in range(STEPS + 1)]


def _at(curve: Path, t: float) -> Point:
    # Written out: it is called a thousand times for each wire.
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = curve
    u = 1 - t
    a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
    return a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy


def _derivative(curve: Path, t: float) -> Point:
    """The direction of a curve; where a control point lies on an end, that of the next one."""
    a, b, c, d = curve
    u = 1 - t
    first, second, third = u * u, 2 * u * t, t * t
    dx, dy = (
        first * (b[i] - a[i]) + second * (c[i] - b[i]) + third * (d[i] - c[i]) for i in (0, 1)
    )
    if math.hypot(dx, dy) > 1e-9:
        return dx, dy
    far = (c, d) if t < 0.5 else (a, b)
    near = a if t < 0.5 else d
    for other in far if t < 0.5 else far[::-1]:
        if math.dist(near, other) > 1e-9:
            sign = 1 if t < 0.5 else -1
            return (other[0] - near[0]) * sign, (other[1] - near[1]) * sign
    return 1.0, 0.0


def _normal(curve: Path, t: float) -> Point:
    """Of length 1, to the left of a curve; with y down, that of the way to the right is up."""
    dx, dy = _unit(_derivative(curve, t))
    return dy, -dx


def _unit(vector: Point) -> Point:
    size = math.hypot(*vector) or 1.0
    return vector[0] / size, vector[1] / size


def _between(a: Point, b: Point, t: float) -> Point:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t
