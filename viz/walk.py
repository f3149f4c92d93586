"""A time line as plain data, which a page walks through: the numbers and words of every step.

What it says of a step points into the view of the same graph, by the ids of its boxes and wires.
`stepping_page.py` writes it into a page.
"""

from __future__ import annotations

import linecache
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd import GraphError, ShapeError, Tensor
from autograd.graph import Node, line_of, location
from autograd.timeline import Event, Timeline
from viz import format
from viz.event_line import symbol_of
from viz.heat import CELLS, Table, local_of, terms_of
from viz.names import has_line, one_line
from viz.rule_text import array_rule, formula_of, scalar_rule
from viz.value import Value, measure
from viz.value_names import ValueNames, array_of, value_of
from viz.view import Trace

LONGEST_LINE = 160
"""Characters of the user's line that are shown."""

LEAVES_PER_STEP = 8
"""Nodes looked at for each operation that a short graph may have."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Steps and the values they speak of, ready for JSON.

    steps: one for each event that can be seen.  events: the index of each.  operations, values:
    what they refer to by place.  total: how many events there are.
    """

    steps: list[dict[str, Any]]
    events: list[int]
    operations: list[dict[str, Any]]
    values: list[dict[str, Any]]
    total: int


def walk_of(
    timeline: Timeline,
    trace: Trace,
    names: ValueNames,
    *,
    precision: int = format.PRECISION,
    cells: int = CELLS,
) -> Walk:
    """The walk through all events that the view behind trace shows.

    Events inside what is folded or hidden there are left out.  cells: how many numbers of an array
    are listed; 0 for none.
    """
    writer = _Writer(timeline, trace, names, Table(precision, cells))
    written = [(event.index, writer.step(event)) for event in timeline.events]
    steps = {index: step for index, step in written if step is not None}
    return Walk([*steps.values()], [*steps], writer.operations, writer.table.rows, len(timeline))


class _Writer:
    """Writes one step after the other. parts: for each value, the contributions so far."""

    def __init__(self, timeline: Timeline, trace: Trace, names: ValueNames, table: Table) -> None:
        self.timeline, self.trace, self.names, self.table = timeline, trace, names, table
        self.out_of = trace.out_of()
        # What comes out of a box of hidden ones is one step for each wire: its last.
        self.lasts = {
            str(trace.into(event.node, event.position)): event.index
            for event in timeline.events
            if event.kind == "edge" and trace.is_hidden(event.node)
        }
        self.operations: list[dict[str, Any]] = []
        self.places: dict[Node, int] = {}
        self.parts: dict[Node, list[Value]] = {}

    def step(self, event: Event) -> dict[str, Any] | None:
        """What is shown of an event; None if it cannot be seen in the view."""
        match event.kind:
            case "forward":
                step = self._forward(event)
            case "seed":
                step = self._seed(event)
            case "edge":
                step = self._edge(event)
        return {"kind": event.kind, **step} if step is not None else None

    def _forward(self, event: Event) -> dict[str, Any] | None:
        node, wires = event.node, self.out_of.get(event.node, [])
        if self.trace.is_folded(node) and not wires:
            return None
        inputs = [
            [self._name(value), self._value(value)] for value in node.parents if value is not None
        ]
        is_single = not node.op.outputs
        result = {"name": self._name(node), "value": self._value(node)} if is_single else {}
        return {"of": self._operation(node), "wires": wires, "inputs": inputs, **result}

    def _seed(self, event: Event) -> dict[str, Any]:
        wire = self.trace.into_output(event.node)
        return {
            "to": self._name(event.target),
            "wire": wire,
            "result": self.table.add(self.timeline.seed),
        }

    def _edge(self, event: Event) -> dict[str, Any] | None:
        if has_sum := not (event.is_first and event.is_last):
            self._note_part(event)
        wire = self.trace.into(event.node, event.position)
        if wire is None or event.index < self.lasts.get(wire, 0):
            return None
        step = {
            "of": self._operation(event.node),
            "wire": wire,
            "at": event.position,
            "to": self._name(event.target) or self._short(event.target),
            "named": int(self.names.is_named(event.target)),
            **self._product(event),
        }
        if has_sum:
            step |= self._sum(event)
        return {key: value for key, value in step.items() if value is not None and value != ""}

    def _note_part(self, event: Event) -> None:
        """Takes down one contribution of several; of those that no sum writes out, only that it
        was."""
        parts = self.parts.setdefault(event.target, [])
        is_written = len(parts) < format.TERMS
        contribution = self.timeline.numbers(event.index).contribution if is_written else None
        parts.append(measure(contribution) if is_written else parts[0])

    def _sum(self, event: Event) -> dict[str, Any]:
        parts = self.parts[event.target]
        return {
            "sum": self.table.add(self.timeline.numbers(event.index).after),
            "parts": format.sum_text(parts, self.table.precision),
            "count": [len(parts), len(self.timeline.arrivals(event.target))],
            "trunk": self.trace.trunk(event.target),
        }

    def _product(self, event: Event) -> dict[str, Any]:
        """Upstream, local and contribution; of a small array, what each element is a sum of."""
        node, numbers = event.node, self.timeline.numbers(event.index)
        g, c = numbers.upstream, numbers.contribution
        several = g if isinstance(g, tuple) else (g,)
        found: dict[str, Any] = {
            "up": [self.table.add(part) for part in several],
            "result": self.table.add(c),
        }
        local = local_of(node, event.position, g, c) if self._is_shown(c) else None
        if local is not None:
            found["local"] = self.table.add(local)
        found["rule"] = self._rule(node, event.position, local is not None)
        terms = terms_of(node, event.position, g, c, self.table.precision) if c.shape else None
        if terms is not None and self.table.cells:
            found["terms"] = terms
        return found

    def _is_shown(self, array: Any) -> bool:
        return not array.shape or bool(self.table.cells)

    def _operation(self, node: Node) -> int:
        """The place of an operation, with the user's line and the module."""
        if node not in self.places:
            self.places[node] = len(self.operations)
            self.operations.append(self._described(node))
        return self.places[node]

    def _described(self, node: Node) -> dict[str, Any]:
        found: dict[str, Any] = {
            "op": symbol_of(node),
            "box": self.trace.box(node),
        }
        if has_line(node):
            file, line = location(node)
            code = linecache.getline(file, line).strip()
            found["line"] = one_line(line_of(node))
            found["code"] = one_line(code, LONGEST_LINE)
        if node.module is not None:
            found["module"] = one_line(self.names.path(node.module))
        return found

    def _rule(self, node: Node, position: int, is_product: bool) -> str:
        """The rule of one input: local, or if its product is no plain one, as a whole."""
        if formula_of(node, position) is None:
            return ""
        return (scalar_rule if is_product else array_rule)(node, position, self.names)

    def _name(self, value: Node) -> str:
        """The name that the user gave it; "" for none."""
        return self.names(value) if self.names.is_named(value) else ""

    def _short(self, value: Node) -> str:
        """A value without a name: its number, or its shape."""
        return format.shape_text(tuple(value.shape)) if value.shape else self.names(value)

    def _value(self, value: Node) -> int:
        if (array := array_of(value)) is not None:
            return self.table.add(array)
        known = self.trace.values.get(value)
        return self.table.add_value(known if known is not None else value_of(value))


def is_short(outputs: Sequence[Tensor], most: int) -> bool:
    """Whether there is one output, which a gradient flows to by at most so many operations."""
    node = outputs[0].node
    if len(outputs) != 1 or node is None or not node.tracked:
        return False
    seen, stack = {node}, [node]
    while stack and len(seen) <= LEAVES_PER_STEP * most:
        new = [p for p in stack.pop().parents if p is not None and p not in seen]
        seen.update(new)
        stack += new
    return not stack and sum(node.op is not None for node in seen) <= most


def recorded(
    y: Tensor, gradient: Any, trace: Trace, names: ValueNames, *, precision: int
) -> Walk | None:
    """The walk through y's passes; None where there is no backward pass to walk through."""
    try:
        timeline = Timeline(y, gradient, forward=True)
    except (GraphError, ShapeError):
        return None
    return walk_of(timeline, trace, names, precision=precision)
