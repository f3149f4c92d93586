"""The whole layout: every room laid out by itself, then put in its place in the room around it."""

from __future__ import annotations

from dataclasses import dataclass

from viz.layout.layered.blocks import blocks_of
from viz.layout.layered.columns import Margins, set_columns
from viz.layout.layered.curves import curves
from viz.layout.layered.nesting import Nest, Room
from viz.layout.layered.ordering import order
from viz.layout.layered.sheet import Sheet, Size, sheets
from viz.layout.layered.spacing import heights
from viz.layout.plan import Placement, Plan, Point, Region

MARGIN = 12.0
"""Between a frame and what is in it."""

APART = 24.0
"""Between parts of a picture that nothing links."""

DIGITS = 2
"""Digits of a point that a placement has."""


@dataclass(slots=True)
class Layout:
    """A room with everything in its place, from the corner of its frame.

    middles: of its members.  pieces: the part of each link in it.
    """

    along: float
    across: float
    middles: dict[int, Point]
    pieces: dict[int, tuple[Point, ...]]

    def size(self, key: int) -> Size:
        """The room as one item of the room around it."""
        ports = {}
        for link, piece in self.pieces.items():
            for end, side in ((piece[0], 0.0), (piece[-1], self.along)):
                if abs(end[0] - side) < 1e-6:
                    ports[link] = end[1] - self.across / 2
        return Size(self.along, self.across, ports=ports)


def layered(plan: Plan) -> Placement:
    """Where everything goes, by Sugiyama's method; `by` is "graphgrad".

    Operands come from above to below in their order, inputs stand close to what needs them. A
    region that a way leaves and enters again has no frame. About linear in spots and crossings.
    Raises ValueError for links in a circle.
    """
    nest = Nest(plan)
    is_across = plan.direction == "TB"
    sizes: dict[int, Size] = {}
    for i, spot in enumerate(plan.spots):
        high = spot.width if spot.is_round else spot.height
        along, across = (high, spot.width) if is_across else (spot.width, high)
        sizes[i] = Size(along, across, spot.is_label, spot.is_round)
    layouts: dict[int, Layout] = {}
    for room in nest.rooms():
        region = plan.regions[room.key - nest.first] if room.key != nest.root else None
        layouts[room.key] = layout = _layout(room, sizes, region, is_across)
        sizes[room.key] = layout.size(room.key)
    return _placement(plan, nest, layouts, is_across)


def _layout(room: Room, sizes: dict[int, Size], region: Region | None, is_across: bool) -> Layout:
    """One room, whose inner rooms have their sizes."""
    margins = _margins(region, is_across)
    parts = sheets(room.members, room.ties, sizes)
    lengths = []
    across = margins.above
    for part in parts:
        order(part)
        across = _set_heights(part, across) + APART
        lengths.append(set_columns(part, margins))
    across += margins.below - (APART if parts else 0.0)
    along = max(lengths, default=0.0)
    for part in parts:
        for item in part.layers[-1]:
            item.along = along
    layout = Layout(along, across, {}, {})
    for part in parts:
        for layer in part.layers:
            for item in layer:
                if not item.is_wire:
                    layout.middles[item.member] = (item.along, item.across)
        layout.pieces.update(curves(part))
    return _with_title(layout, region, is_across) if region else layout


def _margins(region: Region | None, is_across: bool) -> Margins:
    """The room for a frame and, at the bottom, its title."""
    if region is None:
        return Margins()
    if is_across:
        return Margins(MARGIN, MARGIN + region.height, MARGIN, MARGIN)
    return Margins(MARGIN, MARGIN, MARGIN, MARGIN + region.height)


def _with_title(layout: Layout, region: Region, is_across: bool) -> Layout:
    """The layout, made larger if its title needs that."""
    need = region.width + 2 * MARGIN
    if not is_across:
        # The wires that leave do so at the right side, so that they have to become longer.
        more = max(0.0, need - layout.along)
        if more:
            layout.pieces = {
                link: _longer(piece, layout.along, more) for link, piece in layout.pieces.items()
            }
        layout.along += more
        return layout
    # In a flow downwards, wires leave through the side of the title: it stands left of them.
    ports = [p[-1][1] for p in layout.pieces.values() if abs(p[-1][0] - layout.along) < 1e-6]
    more = max(0.0, need - min(ports, default=layout.across))
    layout.middles = {key: (a, c + more) for key, (a, c) in layout.middles.items()}
    layout.pieces = {
        link: tuple((a, c + more) for a, c in piece) for link, piece in layout.pieces.items()
    }
    layout.across += more
    return layout


def _longer(piece: tuple[Point, ...], end: float, more: float) -> tuple[Point, ...]:
    """A curve, drawn on straight by so much if it ends there."""
    (a, c), last = piece[-1], piece[-1]
    if abs(a - end) > 1e-6:
        return piece
    return (*piece, (last[0] + more / 3, c), (last[0] + 2 * more / 3, c), (last[0] + more, c))


def _set_heights(sheet: Sheet, top: float) -> float:
    """The lowest edge of a sheet whose highest one is at top; sets where its items stand."""
    blocks = blocks_of(sheet)
    places = heights(blocks)
    low, high = float("inf"), float("-inf")
    for block, place in zip(blocks.items, places, strict=True):
        for item, shift in block:
            item.across = place + shift
            low = min(low, item.across - item.size.across / 2)
            high = max(high, item.across + item.size.across / 2)
    for block in blocks.items:
        for item, _ in block:
            item.across += top - low
    return top + high - low


def _placement(plan: Plan, nest: Nest, layouts: dict[int, Layout], is_across: bool) -> Placement:
    """All rooms in their places, with x to the right and y down."""

    def point(along: float, across: float) -> Point:
        x, y = (across, along) if is_across else (along, across)
        return round(x, DIGITS) + 0.0, round(y, DIGITS) + 0.0

    corners: dict[int, Point] = {nest.root: (0.0, 0.0)}
    centres: dict[str, Point] = {}
    frames: dict[str, tuple[float, float, float, float]] = {}
    pieces: list[list[tuple[Point, ...]]] = [[] for _ in plan.links]
    for key in reversed(layouts):
        layout, (left, top) = layouts[key], corners[key]
        for member, (along, across) in layout.middles.items():
            if member < nest.first:
                centres[plan.spots[member].id] = point(left + along, top + across)
                continue
            inner = layouts[member]
            corner = left + along - inner.along / 2, top + across - inner.across / 2
            corners[member] = corner
            far = corner[0] + inner.along, corner[1] + inner.across
            frames[plan.regions[member - nest.first].id] = (*point(*corner), *point(*far))
        for link, piece in layout.pieces.items():
            pieces[link].append(tuple((left + a, top + c) for a, c in piece))
    size = point(layouts[nest.root].along, layouts[nest.root].across)
    return Placement(
        centres={spot.id: centres[spot.id] for spot in plan.spots},
        curves={
            link.id: tuple(point(*p) for p in _joined(some))
            for link, some in zip(plan.links, pieces, strict=True)
        },
        regions={region.id: frames[region.id] for region in plan.regions if region.id in frames},
        width=size[0],
        height=size[1],
        by="graphgrad",
    )


def _joined(pieces: list[tuple[Point, ...]]) -> list[Point]:
    """The pieces of one link as one curve, from left to right, smooth where they meet."""
    pieces.sort(key=lambda piece: piece[0][0])
    points = list(pieces[0])
    for piece in pieces[1:]:
        joint = len(points) - 1
        points += piece[1:]
        if joint >= 3:
            _soften(points, joint)
    return points


def _soften(points: list[Point], joint: int) -> None:
    """Lets a curve that rises, or falls, on both sides of a frame do so at the frame too."""
    (a, b), (x, y), (c, d) = points[joint - 3], points[joint], points[joint + 3]
    if min(x - a, c - x) < 1 or (y - b) * (d - y) <= 0:
        return
    rise, next_rise = (y - b) / (x - a), (d - y) / (c - x)
    slope = 2 * rise * next_rise / (rise + next_rise)
    before, after = (x - a) / 3, (c - x) / 3
    points[joint - 1] = (x - before, y - slope * before)
    points[joint + 1] = (x + after, y + slope * after)
