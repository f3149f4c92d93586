"""Lays down boxes in order, for each the wires that end there, and the frames around them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from autograd import writes
from autograd.graph import Node, line_of
from autograd.mode import Entry
from viz import format
from viz.boxes import Box, Cluster, View, Wire
from viz.names import has_line, one_line
from viz.value import Value, measure
from viz.view.arrangement import Arrangement
from viz.view.folding import Fold, Group, Unit, parents_of, unit_of
from viz.view.graph import Graph, is_plain_number
from viz.view.modules import Frames
from viz.view.naming import models_of, numbered
from viz.view.pairing import pairs_of
from viz.view.repetition import generic
from viz.view.slopes import Slopes, Use
from viz.view.trace import Trace

LISTED = 3
"""Values that leave a hidden box and are named in it."""


def find_uses(graph: Graph, arrangement: Arrangement) -> dict[Node, list[Use]]:
    """For each value that goes from one unit to another, where it goes; in reading order."""
    folds = arrangement.folds
    uses: dict[Node, list[Use]] = {}
    for unit in arrangement.units:
        for box in unit.members if isinstance(unit, Group) else [unit]:
            uses.update((value, []) for value in graph.values(box))
        for i, value in _incoming(unit, folds):
            uses[value].append((unit, i))
    for k, node in enumerate(graph.outputs):
        uses[node].append((k, 0))
    return {value: places for value, places in uses.items() if places}


def _incoming(unit: Unit, folds: Fold) -> list[tuple[int, Node]]:
    """The values that come into a unit, each with the position that names its use."""
    if isinstance(unit, Node):
        return [(i, parent) for i, parent in enumerate(unit.parents) if parent is not None]
    return [(0, value) for value in parents_of(unit, folds)]


class Builder:
    """Makes one view. given: the values that have a name of their own, with that name.
    trace: takes down what becomes of each node."""

    def __init__(
        self,
        graph: Graph,
        arrangement: Arrangement,
        uses: dict[Node, list[Use]],
        slopes: Slopes,
        *,
        arrays: dict[Node, Any],
        given: Mapping[Node, str],
        parameters: Mapping[Node, str],
        is_total: bool,
        precision: int,
        trace: Trace,
    ) -> None:
        self.graph, self.arrangement, self.folds = graph, arrangement, arrangement.folds
        self.uses, self.slopes, self.arrays, self.given = uses, slopes, arrays, given
        self.parameters, self.is_total, self.precision = parameters, is_total, precision
        self.overwritten: list[str] = []
        self.boxes: list[Box] = []
        self.wires: list[Wire] = []
        self.values: dict[Node, Value] = {}
        # The box where a value's wires begin: its branch, if it has one.
        self.starts: dict[Node, str] = {}
        self.ids: dict[Unit, str] = {}
        # A constant's name is its number, and to read that may be to note an overwriting.
        self.names: dict[Node, str] = {}
        self.names = self._names()
        self.models = models_of(parameters)
        self.frames = Frames(graph, arrangement, self.models)
        self.pairs = pairs_of(arrangement.units)
        self.trace = trace
        trace.boxes, trace.values, trace.folds = self.ids, self.values, self.folds

    def view(self, labels: Sequence[str | None]) -> View:
        """The finished view."""
        for unit in self.arrangement.units:
            if isinstance(unit, Group):
                self._add_group(unit)
            else:
                self._add_node(unit)
        for k, node in enumerate(self.graph.outputs):
            label = labels[k] if k < len(labels) else None
            target = self._add(kind="output", label=one_line(label) if label else self.names[node])
            self._wire(node, target, (k, 0))
        hidden = sum(
            len(unit.members)
            for unit in self.arrangement.units
            if isinstance(unit, Group) and unit.kind == "hidden"
        )
        clusters: tuple[Cluster, ...] = self.frames.clusters()
        return View(tuple(self.boxes), tuple(self.wires), clusters, self._notes(), hidden)

    def _names(self) -> dict[Node, str]:
        """Given names, numbers for unnamed constants, and v1, v2, … for the rest."""
        numbers = {
            value: format.summary(self._value(value), self.precision)
            for value in self.uses
            if value not in self.given and is_plain_number(value)
        }
        return {**self.given, **numbers, **numbered(self.uses, self.given)}

    def _add(self, **fields: Any) -> str:
        box = Box(f"n{len(self.boxes)}", **fields)
        self.boxes.append(box)
        return box.id

    def _add_node(self, node: Node) -> None:
        id = self._add_leaf(node) if node.op is None else self._add_operation(node)
        self.ids[node] = id
        for value in self.graph.values(node):
            self._start(value, id, can_branch=True)

    def _add_leaf(self, leaf: Node) -> str:
        entry = self.frames.entry_of(leaf)
        label, cluster = self.names[leaf], self.frames.id_of(leaf)
        if leaf not in self.given and is_plain_number(leaf):
            return self._add(kind="constant", label=label, cluster=cluster)
        label = self._inside_name(leaf, label)
        is_parameter = leaf in self.parameters or (entry is not None and leaf.tracked)
        if not is_parameter or not leaf.shape:
            return self._add(kind="input", label=label, cluster=cluster)
        details = (format.shape_text(leaf.shape),)
        return self._add(kind="parameter", label=label, details=details, cluster=cluster)

    def _inside_name(self, leaf: Node, name: str) -> str:
        """A parameter's name without those of the modules that it stands in."""
        chain = self.graph.chain(leaf)
        for n in range(min(len(chain), name.count(".")), 0, -1):
            path = ".".join(map(self.models.title, chain[-n:]))
            if name.startswith(f"{path}.") and len(name) > len(path) + 1:
                return name.removeprefix(f"{path}.")
        return name

    def _add_operation(self, node: Node) -> str:
        symbol, name = one_line(node.op.symbol), one_line(node.op.name)
        rules = dict.fromkeys(getattr(rule, "formula", "") for rule in node.op.rules.values())
        id = self._add(
            kind="operation",
            label=symbol or name,
            op=name,
            results=tuple(self.names[v] for v in self.graph.values(node) if v in self.uses),
            cluster=self.frames.id_of(node),
            where=line_of(node) if has_line(node) else "",
            formulas=tuple(rule for rule in rules if rule),
            pair=self.pairs.get(node, ""),
        )
        self._add_inputs(node, id)
        return id

    def _add_group(self, group: Group) -> None:
        leaving = [
            value for box in group.members for value in self.graph.values(box) if value in self.uses
        ]
        results = tuple(self.names[v] for v in leaving)
        few = results if len(results) <= LISTED else ()
        cluster = self.frames.id_of(group)
        if group.kind == "hidden":
            id = self._add(kind="hidden", label=f"… {len(group.members):,} more", results=few)
        elif group.kind == "input":
            id = self._add(kind="input", label=self._span(group.members), cluster=cluster)
        else:
            holding = self.frames.holding(group)
            id = self._add(
                kind="module",
                label=self._title(group),
                details=self.frames.details(group),
                results=few,
                parameters=holding.count,
                note=holding.note,
                gradient=self.slopes.of_leaves(holding.leaves),
                cluster=cluster,
            )
        self.ids[group] = id
        self._add_inputs(group, id)
        if group.loops:
            self._add_loop(group, id)
        is_one = not group.is_merging or (group.kind == "module" and len(leaving) == 1)
        for value in leaving:
            self._start(value, id, can_branch=is_one)

    def _add_loop(self, group: Group, id: str) -> None:
        """The wire from a repetition to its own next step."""
        known = {value: name for value in group.loops if (name := self._generic_name(value))}
        name = ", ".join(dict.fromkeys(known.values()))
        wire = f"e{len(self.wires)}"
        self.wires.append(Wire(wire, id, id, name, bool(name), None, is_loop=True))

    def _generic_name(self, value: Node) -> str:
        return generic(one_line((value.name or "").strip() or self.given.get(value, "")))

    def _span(self, leaves: Sequence[Node]) -> str:
        names = dict.fromkeys((self.names[leaves[0]], self.names[leaves[-1]]))
        return " … ".join(names)

    def _start(self, value: Node, box: str, *, can_branch: bool) -> None:
        """Lets the wires of a value begin at box, or at a branch behind it."""
        uses = self.uses.get(value, [])
        self.starts[value] = box
        if can_branch and len(uses) > 1:
            # Where its ways part: a value that leaves a frame twice does so by one wire.
            ends = [unit_of(value, self.folds), *(target for target, _ in uses)]
            is_inner = not any(isinstance(end, int) for end in ends)
            cluster = self.frames.id_of_all(ends) if is_inner else ""
            branch = self._add(kind="branch", label="", cluster=cluster)
            self._wire(value, branch, uses=uses)
            self.starts[value] = branch

    def _add_inputs(self, unit: Unit, target: str) -> None:
        """The wires into a box. Several values that come out of one merging group share a wire."""
        together: dict[Unit | int, list[tuple[int, Node]]] = {}
        for n, (i, value) in enumerate(_incoming(unit, self.folds)):
            source = unit_of(value, self.folds)
            is_merging = isinstance(source, Group) and source.is_merging
            has_branch = self.starts[value] != self.ids.get(source)
            key = source if is_merging and not has_branch else n
            together.setdefault(key, []).append((i, value))
        for origin, values in together.items():
            several = dict.fromkeys(value for _, value in values)
            if isinstance(origin, Group) and len(several) > 1:
                self._merged_wire(list(several), origin, target)
                self.trace.wires.update(((v, (unit, i)), self.wires[-1].id) for i, v in values)
                continue
            for i, value in values:
                self._wire(value, target, (unit, i))

    def _merged_wire(self, values: Sequence[Node], source: Group, target: str) -> None:
        name = self._span(source.members) if source.kind == "input" else f"{len(values):,} values"
        id = f"e{len(self.wires)}"
        wire = Wire(id, self.ids[source], target, name, False, None, count=len(values))
        self.wires.append(wire)

    def _wire(
        self, value: Node, target: str, use: Use | None = None, uses: Sequence[Use] = ()
    ) -> None:
        """Adds the wire of value to target: for one use, or into a branch for all its uses."""
        edges, branches = self.slopes.edges, self.slopes.branches
        gradient = edges.get((value, use)) if use is not None else branches.get(value)
        parts: tuple[Value, ...] = ()
        if self.is_total:
            gradient = self.slopes.totals.get(value, gradient)
        elif gradient is not None:
            parts = tuple(edges[value, u] for u in uses if (value, u) in edges)
        is_named = value in self.given
        # A constant's name is its number, which stands on the wire already.
        name = "" if not is_named and is_plain_number(value) else self.names[value]
        id, source = f"e{len(self.wires)}", self.starts[value]
        self.trace.wires[value, use] = id
        self.wires.append(
            Wire(id, source, target, name, is_named, self._value(value), gradient, parts)
        )

    def _value(self, node: Node) -> Value:
        """What is known of a value: from the node, or from the living tensor that it remembers."""
        if node not in self.values:
            array = self.arrays.get(node, node.value)
            tensor = node.tensor() if array is None and node.tensor is not None else None
            # After `t += v` the tensor stands for another node, whose value is not this one's.
            array = tensor.data if tensor is not None and tensor.node is node else array
            unknown = Value(tuple(node.shape), None, None, None)
            self.values[node] = measure(array) if array is not None else unknown
            written = writes.written_at(array) if array is not None else 0
            if written and written > self._first_taken(node):
                self.overwritten.append(self.names.get(node) or "a constant")
        return self.values[node]

    def _first_taken(self, value: Node) -> float:
        """The number of what was first computed from a value; of a result, its own."""
        if value.op is not None:
            return value.number
        takers = (target for target, _ in self.uses.get(value, ()) if not isinstance(target, int))
        boxes = (b for t in takers for b in (t.members if isinstance(t, Group) else [t]))
        return min((box.number for box in boxes if value in box.parents), default=math.inf)

    def _notes(self) -> tuple[str, ...]:
        notes = list(self.arrangement.notes)
        if names := list(dict.fromkeys(self.overwritten)):
            notes.append(
                f"{', '.join(names)}: overwritten since, by an optimizer step, copy_ or item "
                f"assignment. The number is the new one; what was computed from it is older."
            )
        if any(value.norm is None for value in self.values.values()):
            notes.append(
                "Values (not kept) appear if the graph is built under autograd.keep_values()."
            )
        return tuple(notes)

    def _title(self, group: Group) -> str:
        entry: Entry | None = group.entry
        assert entry is not None  # a module's group always has one
        if group.count == 1:
            return one_line(self.models.title(entry))
        if len(group.turn) > 1:
            parts = (generic(e.name) or e.detail.partition(" ")[0] or "step" for e in group.turn)
            return f"({one_line(', '.join(parts))}) ×{group.count}"
        title = self.models.title(entry)
        title = generic(title) if title == entry.name else title
        return f"{one_line(title or entry.detail or 'step')} ×{group.count}"
