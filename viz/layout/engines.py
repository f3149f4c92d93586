"""Graphviz as a layout: a plan as DOT source, and its json0 as a placement.

Only sizes and connections go in, with names of our own: nothing that a user wrote needs escaping.
`process.py` runs it.
"""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from viz.layout.plan import Placement, Plan, Point, Region, Spot
from viz.layout.process import EngineError, run

MARGIN = 12
"""Between a region's frame and what is in it, in points."""


PATIENT = 500
"""Up to this many spots, which take 0.1 s, other settings are tried for the order of operands."""


LARGE = 200
"""Of more spots than this, Graphviz stops improving places after so many ROUNDS for each."""

ROUNDS = 4
"""Without a limit, one value with 70 uses takes 20 s, and one with 100 minutes; now 1 s and 4."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of Graphviz.

    is_ordered: the links into a spot keep their order.  is_flipped: they are written from last to
    first inside of regions, which Graphviz (2.43 to 7.0, left to right) turns around.  pull: how
    strongly a label is drawn to where its value goes; what leads to a label has 4.
    """

    is_ordered: bool = True
    is_flipped: bool = True
    pull: int = 8


RECIPES = (Recipe(), Recipe(pull=4), Recipe(is_flipped=False))
"""From the best to the last resort; only with regions are they different in order."""


def graphviz_layout(
    plan: Plan, engine: str, seconds: float, limit: float | None = None
) -> Placement:
    """Where the engine ("dot" or "pygraphviz") puts everything.

    seconds, limit: as in `run`.  Of several recipes, the first with the fewest operands out of
    order.  A failure that the order may have caused is followed by one attempt without, and a note.
    Raises EngineError.
    """
    deadline = time.monotonic() + seconds
    limit = limit or seconds

    def draw(recipe: Recipe, note: str = "") -> Placement:
        layout = run(engine, source(plan, recipe), deadline - time.monotonic(), limit)
        return placement(plan, layout, engine, note)

    try:
        best = draw(RECIPES[0])
    except EngineError as error:
        if not error.is_about_graph:
            raise
        return draw(
            Recipe(is_ordered=False),
            f"{error} with operands in order; they may be out of order here",
        )
    fewest = disorder(plan, best)
    is_worth_it = plan.regions and len(plan.spots) <= PATIENT
    for recipe in RECIPES[1:] if is_worth_it else ():
        if not fewest:
            break
        with suppress(EngineError):
            other = draw(recipe)
            if (count := disorder(plan, other)) < fewest:
                best, fewest = other, count
    return best


def disorder(plan: Plan, placed: Placement) -> int:
    """How many times a link ends before the link of the operand to the left of it."""
    axis = 0 if plan.direction == "TB" else 1
    count, last = 0, dict[str, float]()
    for link in plan.links:
        place = placed.centres[link.tail][axis]
        count += place < last.get(link.head, -math.inf)
        last[link.head] = place
    return count


def source(plan: Plan, recipe: Recipe = RECIPES[0]) -> str:
    """The plan in DOT: spots s0, s1 …, regions cluster_r0 …, links with ids 0, 1 …"""
    order = "ordering=in, " if recipe.is_ordered else ""
    limit = f", nslimit={ROUNDS}" if len(plan.spots) > LARGE else ""
    names = {spot.id: f"s{i}" for i, spot in enumerate(plan.spots)}
    return "\n".join(
        [
            "digraph {",
            # newrank: a region that is left and entered again must not make links run back.
            # remincross: a second search for fewer crossings would forget the order in regions.
            f"graph [rankdir={plan.direction}, {order}nodesep=0.18, ranksep=0.22, splines=spline, "
            f"newrank=true, remincross=false{limit}]",
            'node [label="", fixedsize=true]',
            "edge [dir=none]",
            *(_node(names[spot.id], spot) for spot in plan.spots),
            *_regions(plan, names),
            *_links(plan, names, recipe),
            "}\n",
        ]
    )


def _links(plan: Plan, names: dict[str, str], recipe: Recipe) -> list[str]:
    """The lines of all links, in the order that keeps their operands in order."""
    spots = {spot.id: spot for spot in plan.spots}
    entry, exit = ("n", "s") if plan.direction == "TB" else ("w", "e")
    is_flipped = recipe.is_flipped and plan.direction == "LR"
    into: dict[str, list[str]] = {}
    for i, link in enumerate(plan.links):
        tail, head = spots[link.tail], spots[link.head]
        start = names[link.tail] + (f":{exit}" if tail.is_label else "")
        end = names[link.head] + (f":{entry}" if head.is_label else "")
        weight = recipe.pull if tail.is_label else 4
        into.setdefault(link.head, []).append(f'{start} -> {end} [id="{i}", weight={weight}]')
    return [
        line
        for head, lines in into.items()
        for line in (reversed(lines) if is_flipped and spots[head].region else lines)
    ]


def _node(name: str, spot: Spot) -> str:
    width, height = (f"{length / 72:.4f}" for length in (spot.width, spot.height))
    if spot.is_round:
        return f"{name} [shape=circle, width={width}]"
    return f"{name} [shape=box, width={width}, height={height}]"


def _regions(plan: Plan, names: dict[str, str]) -> Iterator[str]:
    """The lines of all regions, each inside of its parent."""
    spots, inner = defaultdict(list), defaultdict(list)
    for spot in plan.spots:
        spots[spot.region].append(names[spot.id])
    for i, region in enumerate(plan.regions):
        inner[region.parent].append((f"cluster_r{i}", region))

    def lines(name: str, region: Region) -> Iterator[str]:
        yield f"subgraph {name} {{"
        # A subgraph inherits its parent's settings, the title's room too.
        yield f"margin={MARGIN}; labelloc=b; labeljust=l; label={_room(region)}"
        yield "; ".join(spots[region.id])
        for pair in inner[region.id]:
            yield from lines(*pair)
        yield "}"

    for pair in inner[""]:
        yield from lines(*pair)


def _room(region: Region) -> str:
    """A label of nothing, of the size of the region's title."""
    if not region.width or not region.height:
        return '""'
    size = f'WIDTH="{math.ceil(region.width)}" HEIGHT="{math.ceil(region.height)}"'
    return f'<<TABLE BORDER="0" FIXEDSIZE="TRUE" {size}><TR><TD></TD></TR></TABLE>>'


def placement(plan: Plan, layout: bytes, engine: str, note: str = "") -> Placement:
    """The json0 that the engine gave for `source(plan)`. Raises EngineError if it is none."""
    try:
        read = json.loads(layout)
        objects = {entry["name"]: entry for entry in read.get("objects", ())}
        edges = {int(entry["id"]): entry["pos"] for entry in read.get("edges", ())}
        centres = {spot.id: _point(objects[f"s{i}"]["pos"]) for i, spot in enumerate(plan.spots)}
        curves = {link.id: _curve(edges[i]) for i, link in enumerate(plan.links)}
        frames = {
            region.id: _frame(objects[f"cluster_r{i}"]["bb"])
            for i, region in enumerate(plan.regions)
            if f"cluster_r{i}" in objects
        }
    # RecursionError: a million brackets are JSON too.
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise EngineError(f"`{engine}` gave something that is no layout") from None
    _snap(plan, centres, curves)
    return _turned(plan, centres, curves, frames, engine, note)


def _snap(plan: Plan, centres: dict[str, Point], curves: dict[str, tuple[Point, ...]]) -> None:
    """Lets curves end exactly at their labels: json0 has five digits, too few in a wide picture."""
    labels = {spot.id: spot for spot in plan.spots if spot.is_label}

    def side(spot: Spot, sign: int) -> Point:
        x, y = centres[spot.id]
        if plan.direction == "TB":
            return x, y - sign * spot.height / 2
        return x + sign * spot.width / 2, y

    for link in plan.links:
        curve = curves[link.id]
        start = (side(labels[link.tail], 1),) if link.tail in labels else curve[:1]
        end = (side(labels[link.head], -1),) if link.head in labels else curve[-1:]
        curves[link.id] = (*start, *curve[1:-1], *end)


def _point(text: str) -> Point:
    x, y = (float(number) for number in text.split(","))
    if not math.isfinite(x + y):
        raise ValueError(text)
    return x, y


def _frame(text: str) -> tuple[float, float, float, float]:
    """Left, bottom, right, top."""
    left, bottom, right, top = (float(number) for number in text.split(","))
    return left, bottom, right, top


def _curve(text: str) -> tuple[Point, ...]:
    """The control points of "e,x,y x,y …"; of several curves, joined by straight ones."""
    points: list[Point] = []
    for piece in text.split(";"):
        parts: dict[str, list[Point]] = {"s": [], "": [], "e": []}
        for word in piece.split():
            arrow = word[0] if word[0] in "se" else ""
            parts[arrow].append(_point(word.removeprefix(f"{arrow},")))
        if len(parts[""]) % 3 != 1:
            raise ValueError(text)
        for part in parts.values():
            if points and part and points[-1] != part[0]:
                points += [*_between(points[-1], part[0]), part[0]]
            points += part[1:] if points else part
    return tuple(points)


def _between(start: Point, end: Point) -> list[Point]:
    """The two control points of a straight curve."""
    (a, b), (c, d) = start, end
    return [(a + (c - a) * t, b + (d - b) * t) for t in (1 / 3, 2 / 3)]


def _turned(
    plan: Plan,
    centres: dict[str, Point],
    curves: dict[str, tuple[Point, ...]],
    frames: dict[str, tuple[float, float, float, float]],
    engine: str,
    note: str,
) -> Placement:
    """Graphviz's lengths, y up, as a placement: y down, the origin at the top left of it all."""
    corners = [point for curve in curves.values() for point in curve]
    for left, bottom, right, top in frames.values():
        corners += [(left, bottom), (right, top)]
    for spot in plan.spots:
        x, y = centres[spot.id]
        w, h = spot.width / 2, (spot.width if spot.is_round else spot.height) / 2
        corners += [(x - w, y - h), (x + w, y + h)]
    left, right = (f((x for x, _ in corners), default=0.0) for f in (min, max))
    low, top = (f((y for _, y in corners), default=0.0) for f in (min, max))

    def turn(point: Point) -> Point:
        # + 0.0: no -0.0
        return round(point[0] - left, 2) + 0.0, round(top - point[1], 2) + 0.0

    return Placement(
        centres={name: turn(point) for name, point in centres.items()},
        curves={name: tuple(map(turn, curve)) for name, curve in curves.items()},
        regions={n: (*turn((a, d)), *turn((c, b))) for n, (a, b, c, d) in frames.items()},
        width=round(right - left, 2),
        height=round(top - low, 2),
        by=engine,
        note=note,
    )
