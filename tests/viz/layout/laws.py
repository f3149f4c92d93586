"""What holds for every placement of our own layout, whatever the plan."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

from hypothesis import strategies as st

from viz.layout.plan import Link, Placement, Plan, Point, Region, Spot

Frame = tuple[float, float, float, float]

EXACT = 0.03
"""Points by which rounding may move something."""

BEND = 0.2
"""Radians by which rounding may turn a short piece of a curve."""


def check(plan: Plan, placed: Placement) -> None:
    """Fails if a law is broken."""
    spots = {spot.id: spot for spot in plan.spots}
    frames = {spot.id: frame_of(spot, placed.centres[spot.id]) for spot in plan.spots}
    assert set(placed.centres) == set(spots)
    assert set(placed.curves) == {link.id for link in plan.links}
    check_room(placed, frames)
    check_regions(plan, placed, frames)
    for link in plan.links:
        curve = placed.curves[link.id]
        tail, head = spots[link.tail], spots[link.head]
        check_curve(curve, plan.direction)
        check_end(curve[0], curve[1], tail, placed.centres[tail.id], plan.direction, 1)
        check_end(curve[-1], curve[-2], head, placed.centres[head.id], plan.direction, -1)
        others = [frame for name, frame in frames.items() if name not in (tail.id, head.id)]
        check_free(curve, others)


def frame_of(spot: Spot, centre: Point) -> Frame:
    """Left, top, right, bottom of a spot."""
    (x, y), high = centre, spot.width if spot.is_round else spot.height
    return x - spot.width / 2, y - high / 2, x + spot.width / 2, y + high / 2


def check_room(placed: Placement, frames: dict[str, Frame]) -> None:
    """Spots do not touch one another; nothing is outside of the picture."""
    for one, other in combinations(frames.values(), 2):
        assert apart(one, other) >= 12 - EXACT
    whole = (0.0, 0.0, placed.width, placed.height)
    for frame in (*frames.values(), *placed.regions.values()):
        assert is_inside(frame, whole)
    for curve in placed.curves.values():
        for x, y in curve:
            assert is_inside((x, y, x, y), whole)


def apart(one: Frame, other: Frame) -> float:
    """How far two frames are from one another; negative if they overlap."""
    across = max(one[0] - other[2], other[0] - one[2])
    along = max(one[1] - other[3], other[1] - one[3])
    return max(across, along)


def is_inside(inner: Frame, outer: Frame, margin: float = -EXACT) -> bool:
    """Whether a frame lies inside of another, with a margin."""
    left, top, right, bottom = outer
    return (
        inner[0] >= left + margin
        and inner[1] >= top + margin
        and inner[2] <= right - margin
        and inner[3] <= bottom - margin
    )


def check_regions(plan: Plan, placed: Placement, frames: dict[str, Frame]) -> None:
    """A frame has room around its spots and regions, and for its title, and for nothing else."""
    parents = {region.id: region.parent for region in plan.regions}

    def around(name: str) -> list[str]:
        names = []
        while name:
            names.append(name)
            name = parents[name]
        return names

    inside = {spot.id: around(spot.region) for spot in plan.spots}
    inside |= {region.id: around(region.parent) for region in plan.regions}
    for region in plan.regions:
        if region.id not in placed.regions:
            continue
        frame = placed.regions[region.id]
        left, top, right, bottom = frame
        assert right - left >= region.width + 24 - EXACT
        for name, other in (frames | placed.regions).items():
            if region.id in inside[name]:
                room = (left, top, right, bottom - region.height)
                assert is_inside(other, room, 12 - EXACT)
            elif name != region.id and name not in inside[region.id]:
                assert apart(frame, other) >= 12 - EXACT


def check_curve(curve: tuple[Point, ...], direction: str) -> None:
    """A curve runs with the flow and has no kinks."""
    assert len(curve) % 3 == 1
    flow = 1 if direction == "TB" else 0
    walked = points(curve)
    assert all(b[flow] >= a[flow] - EXACT for a, b in pairwise(walked))
    for i in range(3, len(curve) - 1, 3):
        before, after = _arrow(curve[i - 1], curve[i]), _arrow(curve[i], curve[i + 1])
        if min(math.hypot(*before), math.hypot(*after)) > 0.5:
            turn = math.atan2(*before) - math.atan2(*after)
            assert abs(math.remainder(turn, math.tau)) < BEND


def points(curve: tuple[Point, ...], steps: int = 12) -> list[Point]:
    """Points on a curve, from its start to its end."""
    found = [curve[0]]
    for i in range(0, len(curve) - 1, 3):
        for k in range(1, steps + 1):
            t = k / steps
            parts = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            x, y = (
                sum(part * p[axis] for part, p in zip(parts, curve[i : i + 4], strict=True))
                for axis in (0, 1)
            )
            found.append((x, y))
    return found


def _arrow(start: Point, end: Point) -> Point:
    return end[0] - start[0], end[1] - start[1]


def check_end(
    end: Point, control: Point, spot: Spot, centre: Point, direction: str, sign: int
) -> None:
    """A curve ends at the border of a box, or level at the middle of a label's side."""
    dx, dy = _arrow(centre, end)
    if spot.is_label:
        half = (spot.height if direction == "TB" else spot.width) / 2
        at = (0.0, sign * half) if direction == "TB" else (sign * half, 0.0)
        assert math.dist((dx, dy), at) < EXACT
        level = _arrow(end, control)[0 if direction == "TB" else 1]
        assert abs(level) < EXACT
    elif spot.is_round:
        assert abs(math.hypot(dx, dy) - spot.width / 2) < EXACT
    else:
        sides = abs(dx) - spot.width / 2, abs(dy) - spot.height / 2
        assert abs(max(sides)) < EXACT


def check_free(curve: tuple[Point, ...], frames: list[Frame]) -> None:
    """A curve stays out of what it does not lead to."""
    low, high = min(x for x, _ in curve), max(x for x, _ in curve)
    near = [frame for frame in frames if frame[0] < high and frame[2] > low]
    for x, y in points(curve):
        for left, top, right, bottom in near:
            assert not (left + 0.1 < x < right - 0.1 and top + 0.1 < y < bottom - 0.1)


def misplaced(plan: Plan, placed: Placement) -> list[str]:
    """The links that end above the operand before them."""
    axis = 0 if plan.direction == "TB" else 1
    last: dict[str, float] = {}
    found = []
    for link in plan.links:
        place = placed.centres[link.tail][axis]
        if place < last.get(link.head, -math.inf):
            found.append(link.id)
        last[link.head] = place
    return found


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Graphs of up to 14 boxes with operands from before, in regions that may be impossible."""
    count = draw(st.integers(0, 14))
    regions = draw(st.integers(0, 4)) if count else 0
    parents = {f"r{i}": draw(_one_of("", *(f"r{k}" for k in range(i)))) for i in range(regions)}
    homes = [draw(_one_of("", *parents)) for _ in range(count)]
    if draw(st.booleans()):
        homes.sort()
    spots: list[Spot] = []
    links: list[Link] = []
    for i in range(count):
        operands = draw(st.lists(st.integers(0, i - 1), max_size=4)) if i else []
        for k, operand in enumerate(operands):
            wire = f"e{i}.{k}"
            if draw(st.integers(0, 4)):
                region = _shared(homes[operand], homes[i], parents)
                width = draw(st.sampled_from((34.0, 60.0, 80.0)))
                spots.append(Spot(wire, width, 44.0, region, is_label=True))
                links += [Link(f"{wire}a", f"n{operand}", wire), Link(f"{wire}b", wire, f"n{i}")]
            else:
                links.append(Link(wire, f"n{operand}", f"n{i}"))
        size = draw(st.sampled_from(((37.0, 37.0), (8.0, 8.0), (120.0, 26.0), (20.0, 60.0))))
        spots.append(Spot(f"n{i}", *size, homes[i], is_round=size[0] == size[1]))
    frames = tuple(Region(name, parent, 70, 14) for name, parent in parents.items())
    return Plan(tuple(spots), tuple(links), frames, draw(_one_of("LR", "TB")))


def _one_of(*names: str) -> st.SearchStrategy[str]:
    return st.sampled_from(names)


def _shared(one: str, other: str, parents: dict[str, str]) -> str:
    """The innermost region around both, or ""."""
    around = [one]
    while around[-1]:
        around.append(parents[around[-1]])
    while other not in around:
        other = parents[other]
    return other
