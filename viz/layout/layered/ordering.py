"""The order in each layer: few crossings, and operands from above to below.

Sweeps by barycentres and then swaps of neighbours; the best order so far is kept, and the operands
of one operation always stand in their order. `blocks.py` then aligns what can be straight.
Source: Sugiyama, Tagawa & Toda, Methods for visual understanding of hierarchical system structures
(1981); Gansner et al., A technique for drawing directed graphs (1993), §3.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from viz.layout.layered.sheet import Item, Sheet, Step

ROUNDS = 24
"""Sweeps to the left and back, at most."""

EFFORT = 1200
"""Items that may be sorted from another start, all together."""

PATIENCE = 4
"""Sweeps without fewer crossings before it ends."""

PORTION = 0.9
"""How much of the distance to the next item the wires of one room spread over."""


def order(sheet: Sheet) -> None:
    """Sorts every layer, and sets the place of each item in it.

    Several orders to begin with are tried, as long as the picture is small.
    """
    best: list[list[Item]] = []
    fewest = -1
    tries = 1 + EFFORT // sum(map(len, sheet.layers))
    for layers in islice(_starts(sheet), tries):
        count = _improve(layers)
        if fewest < 0 or count < fewest:
            best, fewest = layers, count
        if not fewest:
            break
    sheet.layers = best
    _number(best)


def _starts(sheet: Sheet) -> Iterator[list[list[Item]]]:
    """Orders to begin with: as walks come by that start from different ends or inputs."""
    items = [item for layer in sheet.layers for item in layer]
    ends = [item for item in items if not item.outs]
    last_first = sorted(ends, key=lambda item: -item.layer)
    yield _visited(sheet, last_first)
    yield _visited(sheet, ends[::-1])
    yield [list(layer) for layer in sheet.layers]
    yield [layer[::-1] for layer in _visited(sheet, ends)]
    yield [layer[::-1] for layer in _visited(sheet, last_first)]


def _improve(layers: list[list[Item]]) -> int:
    """How many crossings are left in layers, which get the best order that is found."""
    _number(layers)
    for layer, after in pairwise(layers):
        _settle(layer, after)
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    since = 0
    for _ in range(ROUNDS):
        if not fewest or since == PATIENCE:
            break
        _sweep(layers)
        swept = [list(layer) for layer in layers]
        _swap(layers)
        since += 1
        if (count := _crossings(layers)) < fewest:
            best, fewest, since = [list(layer) for layer in layers], count, 0
        # The next sweep goes on from this one: after swaps it would soon be stuck.
        layers[:] = swept
        _number(layers)
    layers[:] = best
    return fewest


def _visited(sheet: Sheet, ends: list[Item]) -> list[list[Item]]:
    """The layers, sorted as a walk from the ends back to the inputs comes by: trees do not cross.

    Operands are visited in their order.
    """
    layers: list[list[Item]] = [[] for _ in sheet.layers]
    seen: set[int] = set()
    for end in ends:
        stack = [end]
        while stack:
            item = stack.pop()
            if id(item) not in seen:
                seen.add(id(item))
                layers[item.layer].append(item)
                stack += [step.tail for step in reversed(item.ins)]
    return layers


def _number(layers: list[list[Item]]) -> None:
    for layer in layers:
        for i, item in enumerate(layer):
            item.place = i


def _settle(layer: list[Item], after: list[Item]) -> None:
    """Puts the operands of each operation in their order, in the places that they have together.

    after: the next layer, where the operations are.
    """
    for item in after:
        tails = _operands(item)
        if len(tails) > 1:
            places = sorted(tail.place for tail in tails)
            for place, tail in zip(places, tails, strict=True):
                layer[place] = tail
                tail.place = place


def _operands(item: Item) -> list[Item]:
    """What leads into the item and nowhere else, in order."""
    return [step.tail for step in item.ins if len(step.tail.outs) == 1]


def _sweep(layers: list[list[Item]]) -> None:
    """Sorts each layer by what is right of it, then each by what is left of it."""
    for layer, after in zip(layers[-2::-1], layers[:0:-1], strict=True):
        _sort(layer, [_middle([_end(s) for s in item.outs]) for item in layer])
        _settle(layer, after)
    for i, layer in enumerate(layers[1:], 1):
        _sort(layer, [_middle([_start(s) for s in item.ins]) for item in layer])
        _settle(layer, layers[i + 1] if i + 1 < len(layers) else [])


def _sort(layer: list[Item], middles: list[float | None]) -> None:
    """Sorts a layer by middles; items without one stay where they are."""
    known = [(m, i) for i, m in enumerate(middles) if m is not None]
    ordered = iter([layer[i] for _, i in sorted(known)])
    layer[:] = [
        item if middle is None else next(ordered)
        for item, middle in zip(layer, middles, strict=True)
    ]
    for i, item in enumerate(layer):
        item.place = i


def _middle(places: list[float]) -> float | None:
    return sum(places) / len(places) if places else None


def _start(step: Step) -> float:
    """Where a step begins, in places."""
    tail = step.tail
    return tail.place + PORTION * step.leaves / tail.size.across if step.leaves else tail.place


def _end(step: Step) -> float:
    """Where a step ends, in places."""
    head = step.head
    return head.place + PORTION * step.enters / head.size.across if step.enters else head.place


def _crossings(layers: list[list[Item]]) -> int:
    """How often steps cross, O(steps log steps)."""
    count = 0
    for layer in layers[:-1]:
        ends: list[float] = []
        for _, end in sorted((_start(s), _end(s)) for item in layer for s in item.outs):
            count += len(ends) - bisect_right(ends, end)
            insort(ends, end)
    return count


def _swap(layers: list[list[Item]]) -> None:
    """Swaps neighbours as long as that saves crossings and keeps operands in order."""
    waiting: Sequence[int] = range(len(layers))
    for _ in range(4):
        changed = [i for i in waiting if _swap_in(layers[i])]
        # Only what is next to a change may be better for another swap.
        near = {k for i in changed for k in (i - 1, i, i + 1)}
        waiting = [k for k in range(len(layers)) if k in near]
        if not changed:
            break


def _swap_in(layer: list[Item]) -> bool:
    """Whether a swap in the layer saved crossings."""
    ends = [
        (sorted([_start(s) for s in item.ins]), sorted([_end(s) for s in item.outs]))
        for item in layer
    ]
    is_better = False
    for i in range(len(layer) - 1):
        (ins, outs), (other_ins, other_outs) = ends[i], ends[i + 1]
        if _gain(ins, other_ins) + _gain(outs, other_outs) > 0:
            one, other = layer[i], layer[i + 1]
            if not _are_bound(one, other):
                layer[i], layer[i + 1] = other, one
                one.place, other.place = i + 1, i
                ends[i], ends[i + 1] = ends[i + 1], ends[i]
                is_better = True
    return is_better


def _are_bound(one: Item, other: Item) -> bool:
    """Whether both are operands of one operation."""
    if len(one.outs) != 1 or len(other.outs) != 1:
        return False
    return one.outs[0].head is other.outs[0].head


def _gain(above: list[float], below: list[float]) -> int:
    """How many crossings it saves to swap two neighbours with steps to these places, sorted."""
    if not above or not below or above[-1] < below[0]:
        return -len(above) * len(below)
    return sum((a > b) - (a < b) for a in above for b in below)
