"""Two graphs as one: what `viz.diff(a, b)` draws.

The boxes and wires of the graph after, with those that only the graph before has among them. Which
boxes are the same `alignment.py` decides. The dot where a value branches goes with its value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from viz.alignment import COMMUTATIVE, MERGED, Network, Pair, Use, align
from viz.boxes import Box, Change, Cluster, View, Wire
from viz.value import Value

SAME = "The graphs are the same."
"""The first note where nothing differs."""

NOUNS = {
    "operation": "operation", "module": "module", "hidden": "hidden part", "input": "input",
    "parameter": "parameter", "constant": "constant", "output": "output",
}  # fmt: skip
"""What the summary calls each kind of box."""

Uses: TypeAlias = "tuple[Use | None, Use | None]"
"""A value on its way into a box, before and after."""


def changed(before: View, after: View) -> View:
    """Both graphs as one, with what differs marked; the first note sums it up.

    Boxes and wires that only one of them has are "removed" or "added". Wires with another value or
    gradient are "changed", with what it was; so are modules and parameters of another size, and
    other constants. Numbers are compared exactly; nan is equal to nan, and what a graph did not
    keep is equal to anything.
    """
    return _Union(before, after).view()


class _Union:
    """Builds the view, in nearly linear time. Boxes but for branches are nodes 0, 1, …"""

    def __init__(self, before: View, after: View) -> None:
        self.views = before, after
        self.networks = Network(before), Network(after)
        self.pairs = align(*self.networks)
        self.nodes = _nodes(self.pairs, 0), _nodes(self.pairs, 1)
        self.uses = [self._uses(pair) for pair in self.pairs]
        self.clusters, self.cluster_ids = _joined(before.clusters, after.clusters)
        has_gradients = [any(wire.gradient for wire in view.wires) for view in self.views]
        self.lacking = "" if has_gradients[0] == has_gradients[1] else "first"
        if self.lacking and has_gradients[0]:
            self.lacking = "second"
        self.boxes: list[Box] = []
        self.wires: list[Wire] = []

    def view(self) -> View:
        """The finished view."""
        slots = self._branching()
        starts: dict[tuple[int, int], str] = {}
        ids: list[str] = []
        for node, pair in enumerate(self.pairs):
            box = self._add_box(pair)
            ids.append(box.id)
            for one, other in self.uses[node]:
                value = self._value(one, other)
                source = starts.get(value, ids[value[0]])
                self._add_wire(source, box.id, *(use.wire if use else None for use in (one, other)))
            loops = self._loops(pair)
            if any(loops):
                self._add_wire(box.id, box.id, *loops)
            for slot in sorted(slots.get(node, [])):
                starts[node, slot] = self._add_branch(box, pair, slot)
        hidden = max(view.hidden for view in self.views)
        boxes, wires = tuple(self.boxes), tuple(self.wires)
        return View(boxes, wires, self.clusters, self._notes(), hidden)

    def _uses(self, pair: Pair) -> list[Uses]:
        """What goes into a box, before and after, operands in their order."""
        one, other = (
            [] if n is None else network.inputs[n]
            for network, n in zip(self.networks, pair, strict=True)
        )
        placed = {(self._value(use, None), use.position): use for use in one}
        twins = {}
        for use in other:
            if (twin := placed.get((self._value(None, use), use.position))) is not None:
                twins[use.position] = twin
        if _may_swap(self._sides(pair)[-1]):
            self._swap(one, other, twins)
        known = {twin.position for twin in twins.values()}
        gone = [(use.position, 0, (use, None)) for use in one if use.position not in known]
        rest = [(use.position, 1, (twins.get(use.position), use)) for use in other]
        items: list[tuple[int, int, Uses]] = [*gone, *rest]
        return [uses for _, _, uses in sorted(items, key=lambda item: item[:2])]

    def _swap(self, one: Sequence[Use], other: Sequence[Use], twins: dict[int, Use]) -> None:
        """Adds to twins, by position after, values that went into the box at another position."""
        known = {twin.position for twin in twins.values()}
        waiting: dict[tuple[int, int], list[Use]] = {}
        for use in reversed(one):
            if use.position not in known:
                waiting.setdefault(self._value(use, None), []).append(use)
        for use in other:
            if use.position not in twins and (left := waiting.get(self._value(None, use))):
                twins[use.position] = left.pop()

    def _value(self, one: Use | None, other: Use | None) -> tuple[int, int]:
        """The value that is used, by node and slot."""
        side, use = (0, one) if other is None else (1, other)
        assert use is not None  # it is used in one of the graphs
        return self.nodes[side][use.origin], use.slot

    def _sides(self, pair: Pair) -> list[Box]:
        """The box before and the box after, as far as they are there."""
        sides = zip(self.networks, pair, strict=True)
        return [network.boxes[n] for network, n in sides if n is not None]

    def _loops(self, pair: Pair) -> list[Wire | None]:
        """The wires from a box to itself, before and after."""
        sides = zip(self.networks, pair, strict=True)
        return [None if n is None else net.loops.get(net.boxes[n].id) for net, n in sides]

    def _branching(self) -> dict[int, list[int]]:
        """For each node, the slots of the values with a branch: those used twice in both together.

        Where one graph lets a value leave on several wires without a branch, there is none.
        """
        counts: dict[tuple[int, int], int] = {}
        for uses in self.uses:
            for one, other in uses:
                value = self._value(one, other)
                counts[value] = counts.get(value, 0) + 1
        slots: dict[int, list[int]] = {}
        for (node, slot), count in counts.items():
            heads = self._heads(self.pairs[node], slot)
            has_branch = any(
                (n, slot) in network.branched
                for network, n in zip(self.networks, self.pairs[node], strict=True)
            )
            is_new = count > 1 and slot != MERGED and all(len(wires) < 2 for wires in heads)
            if has_branch or is_new:
                slots.setdefault(node, []).append(slot)
        return slots

    def _heads(self, pair: Pair, slot: int) -> list[list[Wire]]:
        """The wires on which a value leaves its box, before and after."""
        sides = zip(self.networks, pair, strict=True)
        return [[] if n is None else network.heads.get((n, slot), []) for network, n in sides]

    def _add_box(self, pair: Pair) -> Box:
        sides = self._sides(pair)
        box = sides[-1]
        change: Change = "removed" if pair[1] is None else "added"
        if len(sides) == 2:
            change = "changed" if self._differ(*sides) else ""
        if change == "changed" and box.kind == "constant":
            box = replace(box, label=f"{sides[0].label} → {box.label}")
        cluster = self.cluster_ids[pair[1] is not None][box.cluster]
        box = replace(box, id=f"n{len(self.boxes)}", cluster=cluster, change=change)
        self.boxes.append(box)
        return box

    def _differ(self, one: Box, other: Box) -> bool:
        """Whether the same box holds something else than before."""
        if one.kind in ("operation", "output"):
            return False
        is_sized = (one.details, one.parameters) == (other.details, other.parameters)
        is_leaf = one.kind in ("input", "parameter")
        return (
            not is_sized
            or not (is_leaf or one.label == other.label)
            or not self._has_same_gradient(one, other)
        )

    def _has_same_gradient(self, one: Box | Wire, other: Box | Wire) -> bool:
        return bool(self.lacking) or _is_same(one.gradient, other.gradient)

    def _add_branch(self, box: Box, pair: Pair, slot: int) -> str:
        """The dot behind a box from which a value goes to several places."""
        change: Change = "" if box.change == "changed" else box.change
        id = f"n{len(self.boxes)}"
        self.boxes.append(Box(id, "branch", "", cluster=box.cluster, change=change))
        one, other = (wires[0] if wires else None for wires in self._heads(pair, slot))
        self._add_wire(box.id, id, one, other)
        return id

    def _add_wire(self, source: str, target: str, one: Wire | None, other: Wire | None) -> None:
        wire = one if other is None else other
        assert wire is not None  # it is in one of the graphs
        wire = replace(wire, id=f"e{len(self.wires)}", source=source, target=target)
        if one is None or other is None:
            wire = replace(wire, change="added" if one is None else "removed")
        else:
            wire = self._compared(wire, one)
        self.wires.append(wire)

    def _compared(self, wire: Wire, old: Wire) -> Wire:
        """wire, with what its value and gradient were, if they were others."""
        if not _is_same(old.value, wire.value):
            wire = replace(wire, change="changed", old_value=old.value)
        if not self._has_same_gradient(old, wire):
            wire = replace(wire, change="changed", old_gradient=old.gradient)
        return wire

    def _notes(self) -> tuple[str, ...]:
        notes = [_summary(self.boxes, self.wires)]
        if self.lacking:
            notes.append(f"Gradients are not compared: the {self.lacking} graph has none.")
        return tuple(dict.fromkeys([*notes, *self.views[1].notes, *self.views[0].notes]))


def _nodes(pairs: Sequence[Pair], side: int) -> dict[int, int]:
    numbers = ((pair[side], node) for node, pair in enumerate(pairs))
    return {n: node for n, node in numbers if n is not None}


def _may_swap(box: Box) -> bool:
    """Whether the order of what goes into a box has no meaning."""
    return box.kind != "operation" or box.op in COMMUTATIVE


def _is_same(one: Value | None, other: Value | None) -> bool:
    """Whether two values are equal, as far as is known."""
    if one is None or other is None:
        return one is other
    if one.shape != other.shape:
        return False
    if one.norm is None or other.norm is None:
        return True
    if one.numbers is not None and other.numbers is not None:
        return all(map(_is_equal, one.numbers, other.numbers))
    sizes = zip((one.norm, one.largest), (other.norm, other.largest), strict=True)
    return all(_is_equal(x or 0.0, y or 0.0) for x, y in sizes)


def _is_equal(x: float, y: float) -> bool:
    return x == y or (math.isnan(x) and math.isnan(y))


def _joined(
    before: Sequence[Cluster], after: Sequence[Cluster]
) -> tuple[tuple[Cluster, ...], tuple[dict[str, str], dict[str, str]]]:
    """The clusters of both, and their new ids by the old ones; equal names at one place are one."""
    ids: dict[tuple[str, str, int], str] = {}
    clusters: list[Cluster] = []
    maps: list[dict[str, str]] = []
    for side in (after, before):
        new, counts = {"": ""}, dict[tuple[str, str], int]()
        for cluster in side:
            place = new[cluster.parent], cluster.name
            k = counts[place] = counts.get(place, -1) + 1
            if (*place, k) not in ids:
                ids[*place, k] = f"c{len(clusters)}"
                fresh = replace(cluster, id=ids[*place, k], parent=place[0])
                clusters.append(fresh)
            new[cluster.id] = ids[*place, k]
        maps.append(new)
    return tuple(clusters), (maps[1], maps[0])


def _summary(boxes: Sequence[Box], wires: Sequence[Wire]) -> str:
    """What differs, in one sentence: "2 operations added, 1 removed, 5 wires with other numbers."

    Added and removed wires count only where no box was: they come with it.
    """
    changes = [box.change for box in boxes]
    parts, last = [], ""
    for change in ("added", "removed", "changed"):
        counts = [
            (sum(box.kind == kind and box.change == change for box in boxes), noun)
            for kind, noun in NOUNS.items()
        ]
        counts = [(n, noun) for n, noun in counts if n]
        nouns = ", ".join(noun for _, noun in counts)
        if counts and len(counts) == 1 and nouns == last:
            parts.append(f"{counts[0][0]:,} {change}")
        elif counts:
            parts.append(f"{_listed([_counted(n, noun) for n, noun in counts])} {change}")
        last = nouns or last
    if not any(change in ("added", "removed") for change in changes):
        for change in ("added", "removed"):
            if n := sum(wire.change == change for wire in wires):
                parts.append(f"{_counted(n, 'wire')} {change}")
    if n := sum(wire.change == "changed" for wire in wires):
        parts.append(f"{_counted(n, 'wire')} with other numbers")
    return f"{', '.join(parts)}." if parts else SAME


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'s' * (n != 1)}"


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
