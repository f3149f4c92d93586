"""Straight lines: items that are to stand at one height become a block.

A block has at most one item in each layer and no two blocks cross, so that any of them can move as
a whole. `spacing.py` places them.
Source: Brandes & Köpf, Fast and simple horizontal coordinate assignment (2001), whose alignment
this follows with another choice of what is aligned.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

from viz.layout.layered.sheet import Item, Sheet, Step

GAP = 13.0
"""Between neighbours in a layer, at least: 0.18 inch, as in the textbook figure."""

BESIDE = 9.0
"""Between a wire and what it passes."""


STIFF = 12.0
"""How strongly what leads through a frame is drawn to its height there; a plain wire has 1."""


@dataclass(slots=True)
class Pull:
    """A step that would be straight if the second block stood apart below the first, or above."""

    one: int
    other: int
    apart: float
    strength: float


@dataclass(slots=True)
class Blocks:
    """What stands at one height, and how far blocks must be from one another.

    items: of each block, with the distance of its middle below the block's height.  above: for each
    block, those right above it in some layer, and the least distance of their heights.  Blocks are
    in topological order: what is above a block has a smaller number.
    """

    items: list[list[tuple[Item, float]]]
    above: list[list[tuple[int, float]]]
    pulls: list[Pull]


def blocks_of(sheet: Sheet) -> Blocks:
    """The blocks of a sheet whose layers are in order."""
    groups, home = _grouped(sheet, _aligned(sheet))
    above = _above(sheet, home, len(groups))
    ranks = _ranks(above)
    order = sorted(range(len(groups)), key=ranks.__getitem__)
    home = {key: (ranks[block], shift) for key, (block, shift) in home.items()}
    return Blocks(
        [groups[block] for block in order],
        [sorted((ranks[b], least) for b, least in above[block].items()) for block in order],
        _pulls(sheet, home),
    )


def _aligned(sheet: Sheet) -> dict[int, Step]:
    """The steps that will be straight, by their tails; of two that cross, only the first."""
    chosen: list[list[tuple[int, int]]] = [[] for _ in sheet.layers]
    straight: dict[int, Step] = {}
    taken: set[int] = set()
    for step in _wishes(sheet):
        tail, head = step.tail, step.head
        if id(tail) in straight or id(head) in taken:
            continue
        pairs = chosen[tail.layer]
        i = bisect_left(pairs, (tail.place, head.place))
        fits_above = i == 0 or pairs[i - 1][1] < head.place
        if fits_above and (i == len(pairs) or pairs[i][1] > head.place):
            pairs.insert(i, (tail.place, head.place))
            straight[id(tail)] = step
            taken.add(id(head))
    return straight


def _wishes(sheet: Sheet) -> list[Step]:
    """The steps that should be straight, the most important first.

    Long wires, then what leaves an item alone, then the main operand of each operation, then the
    main use of each value.
    """
    long, alone, into, out = [], [], [], []
    for layer in sheet.layers:
        for item in layer:
            if item.is_wire or item.size.is_label:
                long += [step for step in item.outs if item.is_wire and step.head.is_wire]
                into += [step for step in item.ins if len(step.tail.outs) == 1]
                continue
            into += _main([s for s in item.ins if not s.tail.is_leaf] or item.ins, is_in=True)
            if len(item.outs) == 1:
                alone += item.outs
            else:
                out += _main(item.outs, is_in=False)
    return [*long, *alone, *into, *out]


def _main(steps: list[Step], *, is_in: bool) -> list[Step]:
    """The only step to a neighbour, else the step in the middle; none if there are two of these."""
    direct = [step for step in steps if not (step.tail if is_in else step.head).is_wire]
    if len(direct) == 1:
        return direct
    return [steps[len(steps) // 2]] if len(steps) % 2 else []


def _grouped(
    sheet: Sheet, straight: dict[int, Step]
) -> tuple[list[list[tuple[Item, float]]], dict[int, tuple[int, float]]]:
    """The items of each block, and the block and shift of each item."""
    groups: list[list[tuple[Item, float]]] = []
    home: dict[int, tuple[int, float]] = {}
    for layer in sheet.layers:
        for item in layer:
            if id(item) not in home:
                home[id(item)] = (len(groups), 0.0)
                groups.append([])
            block, shift = home[id(item)]
            groups[block].append((item, shift))
            if step := straight.get(id(item)):
                home[id(step.head)] = (block, shift + step.leaves - step.enters)
    return groups, home


def _above(sheet: Sheet, home: dict[int, tuple[int, float]], count: int) -> list[dict[int, float]]:
    """For each block, those right above it and the least distances of their heights."""
    above: list[dict[int, float]] = [{} for _ in range(count)]
    for layer in sheet.layers:
        for one, other in pairwise(layer):
            (upper, shift), (lower, other_shift) = home[id(one)], home[id(other)]
            least = distance(one, other) + shift - other_shift
            known = above[lower].get(upper)
            above[lower][upper] = least if known is None else max(known, least)
    return above


def distance(one: Item, other: Item) -> float:
    """How far the middles of neighbours must be apart."""
    if one.is_wire and other.is_wire:
        gap = BESIDE - 1
    else:
        gap = BESIDE if one.is_wire or other.is_wire else GAP
    return (one.size.across + other.size.across) / 2 + gap


def _ranks(above: list[dict[int, float]]) -> list[int]:
    """A number for each block, larger than those of all above it."""
    below: list[list[int]] = [[] for _ in above]
    for block, uppers in enumerate(above):
        for upper in uppers:
            below[upper].append(block)
    waiting = [len(uppers) for uppers in above]
    order = [block for block, count in enumerate(waiting) if not count]
    for block in order:
        for lower in below[block]:
            waiting[lower] -= 1
            if not waiting[lower]:
                order.append(lower)
    ranks = [0] * len(above)
    for rank, block in enumerate(order):
        ranks[block] = rank
    return ranks


def _pulls(sheet: Sheet, home: dict[int, tuple[int, float]]) -> list[Pull]:
    """What pulls blocks to one another: every step between two of them."""
    pulls = []
    for layer in sheet.layers:
        for item in layer:
            one, shift = home[id(item)]
            for step in item.outs:
                other, other_shift = home[id(step.head)]
                if one != other:
                    apart = shift + step.leaves - other_shift - step.enters
                    pulls.append(Pull(one, other, apart, _strength(step)))
    return pulls


def _strength(step: Step) -> float:
    """Bends are worst at frames, where they look like steps, and in the middle of long wires."""
    if step.tail.size.ports is not None or step.head.size.ports is not None:
        return STIFF
    wires = step.tail.is_wire + step.head.is_wire
    return (1.0, 2.0, 8.0)[wires]
