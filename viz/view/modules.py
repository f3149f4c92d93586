"""The frames around modules that are shown open, what is said of a folded one, and what modules
are called in text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from autograd.graph import Node, ancestors
from autograd.mode import Entry
from viz.boxes import Cluster
from viz.names import one_line
from viz.view.arrangement import Arrangement
from viz.view.folding import Group, Unit
from viz.view.graph import Graph, shared


class ModulePaths:
    """What the modules of a graph are called in text: called with an entry, it gives the path.

    As in the names of parameters, one model alone goes without its class: "fc1", and not "Net.fc1".
    """

    def __init__(self, outputs: Iterable[Node]) -> None:
        roots: dict[object, Entry] = {}
        for entry in {node.module: None for node in ancestors(outputs) if node.module is not None}:
            root = entry
            while root.outer is not None:
                root = root.outer
            learned = getattr(root.owner, "named_parameters", None)
            if callable(learned) and next(iter(learned()), None) is not None:
                roots.setdefault(root.owner, root)
        alone = next(iter(roots.items())) if len(roots) == 1 else None
        self._prefix = ""
        if alone is not None and alone[1].name == type(alone[0]).__name__:
            self._prefix = f"{alone[1].name}."

    def __call__(self, entry: Entry) -> str:
        """The path of a module; of the model itself, its name."""
        path = entry.path
        return path.removeprefix(self._prefix) if self._prefix else path


class Frames:
    """Which frame each unit stands in. A module that shows a single box has no frame."""

    def __init__(self, graph: Graph, arrangement: Arrangement) -> None:
        self.graph = graph
        counts = Counter(entry for unit in arrangement.units for entry in self._around(unit))
        shown = [entry for entry, count in counts.items() if count > 1]
        self._ids: dict[Entry, str] = {}
        self._clusters: list[Cluster] = []
        sizes = self._sizes()
        for entry in shown:
            self._add(entry, sizes)

    def _around(self, unit: Unit) -> tuple[Entry, ...]:
        """The modules that a unit stands in, from the outermost in."""
        if isinstance(unit, Node):
            return self.graph.chain(unit)
        if unit.kind == "hidden":
            return ()
        if unit.kind == "input":
            return self.graph.chain(unit.members[-1])
        return self.graph.around(unit.entry)[:-1]

    def _sizes(self) -> Counter[Entry]:
        """How many numbers each module learns."""
        sizes: Counter[Entry] = Counter()
        for leaf in self.learned(self.graph.boxes):
            for entry in self.graph.chain(leaf):
                sizes[entry] += math.prod(leaf.shape)
        return sizes

    def _add(self, entry: Entry, sizes: Counter[Entry]) -> None:
        learned = f"{sizes[entry]:,}" if sizes[entry] else ""
        detail = " · ".join(filter(None, (one_line(entry.detail), learned)))
        id = f"c{len(self._clusters)}"
        # Whatever stands in this frame stands in the one around it too, which was counted before.
        parent = self._ids[entry.outer] if entry.outer is not None else ""
        self._clusters.append(Cluster(id, one_line(entry.name), detail, parent))
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

    def count(self, leaves: Sequence[Node]) -> int:
        """How many numbers leaves hold."""
        return sum(math.prod(leaf.shape) for leaf in leaves)

    def details(self, group: Group) -> tuple[str, ...]:
        """The lines under a folded module's name: what it is, and its steps if they share
        parameters, which makes them steps in time."""
        kinds = [one.detail for one in group.turn or (group.entry,) if one is not None]
        detail = one_line(", ".join(filter(None, kinds)))
        shares = bool(group.loops) and any(
            group.entry not in self.graph.chain(leaf)
            and len(self.graph.chain(leaf)) <= len(self._around(group))
            for leaf in self.learned(group.members)
        )
        steps = f"t = 1 … {group.count}" if shares else ""
        return tuple(filter(None, (detail, steps)))
