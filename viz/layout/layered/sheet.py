"""Items in layers: the members of a room, or of a part of it that hangs together, and their wires.

A wire that skips layers gets an item in each of them, which keeps its way free. Lengths go along
the flow (x from left to right) and across it. `ordering.py` sorts the layers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from viz.layout.layered.nesting import BORDER, Tie

WIRE = 6.0
"""How much room across a wire takes: its two lines, for the value and the gradient."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a member is, and where its wires end.

    ports: for a room, how far from its middle each link crosses its frame, by the link.
    """

    along: float
    across: float
    is_label: bool = False
    is_round: bool = False
    ports: Mapping[int, float] | None = None


@dataclass(slots=True, eq=False)
class Item:
    """A member in its layer; without a size, the place where a wire passes the layer or a frame.

    place: the index in its layer.  along, across: the middle.  ins, outs: from above to below.
    is_leaf: what comes from here is nothing computed.
    """

    member: int
    layer: int
    size: Size
    place: int = 0
    along: float = 0.0
    across: float = 0.0
    ins: list[Step] = field(default_factory=list)
    outs: list[Step] = field(default_factory=list)
    is_leaf: bool = False

    @property
    def is_wire(self) -> bool:
        """Whether it is only a place that a wire passes."""
        return self.member == BORDER


@dataclass(slots=True, eq=False)
class Step:
    """The part of a tie between neighbouring layers.

    leaves, enters: how far from the middles of its items it ends.
    """

    tail: Item
    head: Item
    leaves: float
    enters: float


@dataclass(slots=True)
class Sheet:
    """Items that hang together, layer by layer from left to right, and the way of each link.

    The first layer has the places where wires enter the room, the last one where they leave it.
    """

    layers: list[list[Item]]
    ways: dict[int, list[Step]]


def sheets(members: Sequence[int], ties: Sequence[Tie], sizes: Mapping[int, Size]) -> list[Sheet]:
    """The parts of a room that hang together, in the order of their first members."""
    parts: dict[int, tuple[list[int], list[Tie]]] = {}
    leaders = _leaders(members, ties)
    for member in members:
        parts.setdefault(leaders[member], ([], []))[0].append(member)
    for tie in ties:
        member = tie.head if tie.tail == BORDER else tie.tail
        parts[leaders[member]][1].append(tie)
    return [_sheet(some, theirs, sizes) for some, theirs in parts.values()]


def _leaders(members: Sequence[int], ties: Sequence[Tie]) -> dict[int, int]:
    """For each member, one of those that it hangs together with, the same for all of them."""
    leaders = {member: member for member in members}

    def leader(member: int) -> int:
        while leaders[member] != member:
            leaders[member] = member = leaders[leaders[member]]
        return member

    for tie in ties:
        if BORDER not in (tie.tail, tie.head):
            leaders[leader(tie.head)] = leader(tie.tail)
    return {member: leader(member) for member in members}


def _sheet(members: Sequence[int], ties: Sequence[Tie], sizes: Mapping[int, Size]) -> Sheet:
    layers = layering(members, ties)
    last = max(layers.values()) + 1
    sheet = Sheet([[] for _ in range(last + 1)], {})
    items = {m: Item(m, layers[m], sizes[m]) for m in members}
    for member in members:
        sheet.layers[layers[member]].append(items[member])
    for tie in ties:
        sheet.ways[tie.link] = _way(sheet, tie, items, last)
    for item in items.values():
        # The frame of a room is crossed in an order that the room itself has settled.
        if item.size.ports is not None:
            item.ins.sort(key=lambda step: step.enters)
            item.outs.sort(key=lambda step: step.leaves)
    for layer in sheet.layers:
        for item in layer:
            is_passed_on = item.is_wire or item.size.is_label
            item.is_leaf = not item.is_wire and not item.ins
            if is_passed_on and item.ins:
                item.is_leaf = item.ins[0].tail.is_leaf
    return sheet


def _way(sheet: Sheet, tie: Tie, items: Mapping[int, Item], last: int) -> list[Step]:
    """The steps of a tie, each linked to its items, with new items where it passes a layer."""
    wire = Size(0.0, WIRE)
    tail = items[tie.tail] if tie.tail != BORDER else None
    head = items[tie.head] if tie.head != BORDER else None
    stops = [tail] if tail else []
    first, end = tail.layer + 1 if tail else 0, head.layer if head else last + 1
    for layer in range(first, end):
        stop = Item(BORDER, layer, wire)
        sheet.layers[layer].append(stop)
        stops.append(stop)
    stops += [head] if head else []
    steps = []
    for one, other in pairwise(stops):
        leaves = (one.size.ports or {}).get(tie.link, 0.0)
        enters = (other.size.ports or {}).get(tie.link, 0.0)
        step = Step(one, other, leaves, enters)
        one.outs.append(step)
        other.ins.append(step)
        steps.append(step)
    return steps


def layering(members: Sequence[int], ties: Sequence[Tie]) -> dict[int, int]:
    """The layer of each member, from 1 on: as far right as its results allow, ends as far left.

    An input so stands before the first operation that needs it. Longest paths, O(members + ties).
    """
    tails: dict[int, list[int]] = {member: [] for member in members}
    heads: dict[int, list[int]] = {member: [] for member in members}
    for tie in ties:
        if BORDER not in (tie.tail, tie.head):
            tails[tie.head].append(tie.tail)
            heads[tie.tail].append(tie.head)
    waiting = {member: len(tails[member]) for member in members}
    ready = deque(member for member in members if not waiting[member])
    order: list[int] = []
    layers = dict.fromkeys(members, 1)
    while ready:
        order.append(member := ready.popleft())
        for head in heads[member]:
            layers[head] = max(layers[head], layers[member] + 1)
            waiting[head] -= 1
            if not waiting[head]:
                ready.append(head)
    for member in reversed(order):
        if heads[member]:
            layers[member] = min(layers[head] for head in heads[member]) - 1
    return layers
