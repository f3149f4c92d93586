"""The frames around modules that are shown open, and what is said of a folded one.

A module of nn is said to have all its parameters, wherever they stand: those that others use too
stand outside of it. A scope has those that stand inside.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograd.graph import Node
from autograd.mode import Entry
from viz.boxes import Cluster
from viz.names import one_line
from viz.view.arrangement import Arrangement
from viz.view.folding import Group, Unit
from viz.view.graph import Graph, shared
from viz.view.models import ModelNames, is_model


@dataclass(frozen=True, slots=True)
class Holding:
    """What a module learns. count: numbers.  note: "shared" if others use a parameter of it too,
    "frozen" if it learns none of them.  leaves: those that the graph has."""

    count: int
    note: str
    leaves: Sequence[Node]


class Frames:
    """Which frame each unit stands in. A module that shows a single box has no frame."""

    def __init__(self, graph: Graph, arrangement: Arrangement, models: ModelNames) -> None:
        self.graph, self.models = graph, models
        self._leaves = {box for box in graph.boxes if box.op is None}
        counts = Counter(entry for unit in arrangement.units for entry in self._around(unit))
        shown = [entry for entry, count in counts.items() if count > 1]
        self._ids: dict[Entry, str] = {}
        self._clusters: list[Cluster] = []
        inside = self._inside()
        for entry in shown:
            self._add(entry, inside.get(entry, []))

    def _around(self, unit: Unit) -> tuple[Entry, ...]:
        """The modules that a unit stands in, from the outermost in."""
        if isinstance(unit, Node):
            return self.graph.chain(unit)
        if unit.kind == "hidden":
            return ()
        if unit.kind == "input":
            return self.graph.chain(unit.members[-1])
        return self.graph.around(unit.entry)[:-1]

    def _inside(self) -> dict[Entry, list[Node]]:
        """The leaves that need a gradient and stand in each module."""
        inside: dict[Entry, list[Node]] = {}
        for leaf in self.learned(self.graph.boxes):
            for entry in self.graph.chain(leaf):
                inside.setdefault(entry, []).append(leaf)
        return inside

    def _add(self, entry: Entry, inside: Sequence[Node]) -> None:
        holding = self._holding([entry], inside)
        learned = ", ".join(
            filter(None, (f"{holding.count:,}" * bool(holding.count), holding.note))
        )
        detail = " · ".join(filter(None, (one_line(self.models.detail(entry)), learned)))
        id = f"c{len(self._clusters)}"
        # Whatever stands in this frame stands in the one around it too, which was counted before.
        parent = self._ids[entry.outer] if entry.outer is not None else ""
        self._clusters.append(Cluster(id, one_line(self.models.title(entry)), detail, parent))
        self._ids[entry] = id

    def clusters(self) -> tuple[Cluster, ...]:
        """The frames, outer before inner."""
        return tuple(self._clusters)

    def entry_of(self, unit: Unit) -> Entry | None:
        """The innermost module that a unit stands in, framed or not."""
        around = self._around(unit)
        return around[-1] if around else None

    def id_of(self, unit: Unit) -> str:
        """The id of the innermost frame around a unit, or ""."""
        return self.id_of_all([unit])

    def id_of_all(self, units: Sequence[Unit]) -> str:
        """The id of the innermost frame around all of several units, or ""."""
        common = self._around(units[0])
        for unit in units[1:]:
            common = shared(common, self._around(unit))
        framed = [entry for entry in common if entry in self._ids]
        return self._ids[framed[-1]] if framed else ""

    def learned(self, boxes: Sequence[Node]) -> list[Node]:
        """The leaves among boxes that need a gradient."""
        return [box for box in boxes if box.op is None and box.tracked]

    def holding(self, group: Group) -> Holding:
        """The parameters of a folded module, or of all its repetitions."""
        depth = len(self.graph.around(group.entry)) - 1
        chains = (self.graph.chain(box) for box in group.members if box.op is not None)
        entries = dict.fromkeys(chain[depth] for chain in chains if len(chain) > depth)
        return self._holding(entries, self.learned(group.members))

    def _holding(self, entries: Iterable[Entry], inside: Sequence[Node]) -> Holding:
        """What the owners of entries have; of scopes, the leaves that stand inside."""
        owners = list({id(entry.owner): entry.owner for entry in entries}.values())
        if not owners or not all(map(is_model, owners)):
            return Holding(sum(math.prod(leaf.shape) for leaf in inside), "", inside)
        own = {id(p): p for owner in owners for _, p in owner.named_parameters()}.values()
        used = [p.node for p in own if p.node in self._leaves]
        learned, standing = self.learned(used), set(inside)
        is_shared = any(p not in standing and self.graph.is_parameter(p) for p in learned)
        is_frozen = bool(own) and not any(p.requires_grad for p in own)
        note = "shared" if is_shared else "frozen" if is_frozen else ""
        return Holding(sum(math.prod(p.shape) for p in own), note, learned)

    def details(self, group: Group) -> tuple[str, ...]:
        """The lines under a folded module's name: what it is, and its steps if they share
        parameters, which makes them steps in time."""
        entries = group.turn or (group.entry,)
        kinds = [self.models.detail(one) for one in entries if one is not None]
        detail = one_line(", ".join(filter(None, kinds)))
        shares = bool(group.loops) and any(
            group.entry not in self.graph.chain(leaf)
            and len(self.graph.chain(leaf)) <= len(self._around(group))
            for leaf in self.learned(group.members)
        )
        steps = f"t = 1 … {group.count}" if shares else ""
        return tuple(filter(None, (detail, steps)))
