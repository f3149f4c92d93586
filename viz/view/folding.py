"""Which boxes are shown as one: modules folded by depth, repetitions, and what is hidden.

A fold maps boxes to a Group. Whatever is not folded is shown by itself. Depth and repetition fold
modules; `hiding.py` hides what remains too much. `shown` puts groups and boxes in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Literal, TypeAlias

from autograd.graph import Node
from autograd.mode import Entry
from viz.view.graph import Graph, box_of, depth_first

Fold: TypeAlias = "dict[Node, Group]"
"""For each box that is not shown by itself, the group that stands for it."""


@dataclass(eq=False, slots=True)
class Group:
    """Boxes that are shown as one.

    kind: a folded module, what is hidden, or inputs of a repetition: one for each step, or what it
    starts from.
    members: in reading order.  entry: the module, or the first of those repeated; None for what is
    hidden.  count: how many times it is repeated.  loops: values that go from one repetition to the
    next.  turn: the modules that are repeated in turn, if there are several.
    """

    kind: Literal["module", "hidden", "input"]
    members: list[Node]
    entry: Entry | None = None
    count: int = 1
    loops: list[Node] = field(default_factory=list)
    turn: tuple[Entry, ...] = ()

    @property
    def is_merging(self) -> bool:
        """Whether several values that leave it for one place share a wire."""
        return self.kind != "module" or self.count > 1


Unit: TypeAlias = Node | Group
"""What is shown as one box."""


def unit_of(value: Node, folds: Fold) -> Unit:
    """The box or group that gives a value."""
    box = box_of(value)
    return folds.get(box, box)


def parents_of(unit: Unit, folds: Fold) -> list[Node]:
    """The values that a unit takes from others, each as often as an operation takes it."""
    if isinstance(unit, Node):
        return [parent for parent in unit.parents if parent is not None]
    values = dict.fromkeys(p for box in unit.members for p in box.parents if p is not None)
    return [value for value in values if unit_of(value, folds) is not unit]


def shown(graph: Graph, folds: Fold) -> list[Unit]:
    """Boxes and groups, parents first; of those that can come next, the one that begins first.

    Groups must not go in a circle. Source: Kahn, Topological sorting of large networks (1962).
    """
    if not folds:
        return list(graph.boxes)
    units = list(dict.fromkeys(unit_of(box, folds) for box in graph.boxes))
    places = {unit: i for i, unit in enumerate(units)}
    waits: dict[Unit, int] = {}
    takers: dict[Unit, list[Unit]] = {unit: [] for unit in units}
    for unit in units:
        parents = parents_of(unit, folds)
        waits[unit] = len(parents)
        for value in parents:
            takers[unit_of(value, folds)].append(unit)
    ready = [places[unit] for unit in units if not waits[unit]]
    order: list[Unit] = []
    while ready:
        order.append(units[heappop(ready)])
        for taker in takers[order[-1]]:
            waits[taker] -= 1
            if not waits[taker]:
                heappush(ready, places[taker])
    return order


def unfold_circles(graph: Graph, folds: Fold) -> None:
    """Takes every group out of folds that would depend on itself, through what lies outside it.

    So does a repetition between whose steps something else is computed.
    Source: Sharir, A strong-connectivity algorithm (1981), finds all circles in two walks.
    """
    if not folds:
        return
    ends = [unit_of(output, folds) for output in graph.outputs]
    units = depth_first(
        ends, lambda unit: [unit_of(value, folds) for value in parents_of(unit, folds)]
    )
    places = {unit: i for i, unit in enumerate(units)}
    takers: dict[Unit, list[Unit]] = {unit: [] for unit in units}
    is_circular = False
    for i, unit in enumerate(units):
        for value in parents_of(unit, folds):
            parent = unit_of(value, folds)
            takers[parent].append(unit)
            is_circular = is_circular or places[parent] > i
    if not is_circular:
        return
    # A repetition and its inputs have the same entry.
    entries = {unit.entry for unit in _on_circles(units, takers) if isinstance(unit, Group)}
    for box in [box for box, group in folds.items() if group.entry in entries]:
        del folds[box]


def _on_circles(units: Sequence[Unit], takers: Mapping[Unit, Sequence[Unit]]) -> list[Unit]:
    """The units that depend on themselves. units: each after its parents, as far as can be."""
    found: list[Unit] = []
    seen: set[Unit] = set()
    for first in reversed(units):
        circle = [] if first in seen else [first]
        seen.add(first)
        for unit in circle:  # grows as the walk goes on
            new = [taker for taker in dict.fromkeys(takers[unit]) if taker not in seen]
            seen.update(new)
            circle += new
        if len(circle) > 1:
            found += circle
    return found


def by_depth(graph: Graph, depth: int, folds: Fold | None = None) -> Fold:
    """Folds every module that lies in depth others; what is in folds already stays so."""
    folds = dict(folds or {})
    groups: dict[Entry, Group] = {}
    for box in graph.boxes:
        chain = graph.chain(box)
        if len(chain) > depth and box not in folds:
            entry = chain[depth]
            group = groups.setdefault(entry, Group("module", [], entry))
            group.members.append(box)
            folds[box] = group
    # Threads and coroutines can compute with one another's values inside their modules.
    unfold_circles(graph, folds)
    return folds


def deepest(graph: Graph) -> int:
    """How many modules lie in one another, at most."""
    return max((len(graph.chain(box)) for box in graph.boxes), default=0)
