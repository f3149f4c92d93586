"""From the graph to plain boxes and wires: the only reader of Node.

Boxes stand in topological order, the wires of a box in the order of its inputs; ids are n0, n1, …
and e0, e1, …, so the same graph always gives the same view. A value that goes to several places
passes through a branch box, whose incoming wire carries the contributions and their sum. All walks
are loops, and linear. Painters (`dot.py`, `text.py`) read a View and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from autograd import GraphError, Tensor, backend
from autograd.backward import reverse_pass
from autograd.differentiate import seed_of
from autograd.graph import Node, constant
from autograd.promote import handle
from viz import format
from viz.boxes import Box, Kind, View, Wire
from viz.names import one_line
from viz.value import Value, measure

HIDDEN = None
"""The target that stands for all hidden boxes."""

Use: TypeAlias = tuple[Any, int]
"""Where a value goes: (node, position of the input), (number of the output, 0), or (HIDDEN, 0)."""

LEAVES = 3
"""Leaves that are moved out of the hidden middle to the operation that they go into."""

REDUCE = "Draw its .sum(), or pass gradient=."
"""The remedy for an output that is not a single number. `cli.py` replaces it by one of its own."""

WIRES_PER_BOX = 20
"""A view of more wires than this times max_nodes is refused: nobody could follow one of them."""


def leaves_of(y: Tensor) -> list[Tensor]:
    """The leaves that y's gradient flows to, in the order of the formula.

    A leaf that nobody holds any more comes as a new handle.
    """
    nodes = [node for node in parents_first([constant(y)]) if node.op is None and node.tracked]
    tensors = [node.tensor() if node.tensor is not None else None for node in nodes]
    return [
        handle(node.value, node) if t is None else t for node, t in zip(nodes, tensors, strict=True)
    ]


def view_of(
    outputs: Sequence[Tensor],
    *,
    labels: Sequence[str | None] = (),
    variables: Mapping[Any, str] | None = None,
    gradient: Any = None,
    grads: str | bool = "edge",
    max_nodes: int = 300,
    precision: int = format.PRECISION,
) -> View:
    """The view of all that outputs depend on.

    labels: the name of each output, where it shall not be its own.  variables: names for nodes
    without one. gradient: the gradient of the only output, or a sequence with one for each.  grads:
    "edge", "total", or False for no reverse pass.  max_nodes: inputs and operations shown; of more,
    those in the middle are hidden. Raises ValueError if max_nodes is less than 1, or if there would
    be too many wires to see anything.
    """
    if max_nodes < 1:
        raise ValueError(f"max_nodes is {max_nodes}; at least 1 is needed to draw anything.")
    trace = _Trace([constant(y) for y in outputs], max_nodes)
    if (wires := sum(map(len, trace.uses.values()))) > (limit := WIRES_PER_BOX * max_nodes):
        raise ValueError(
            f"this graph has {wires:,} wires between the boxes that max_nodes={max_nodes} shows; "
            f"at most {limit:,} are drawn. Draw a tensor nearer to the inputs."
        )
    arrays = {constant(y): y.data for y in outputs}
    slopes = _Slopes()
    if grads is not False:
        slopes.fill(trace, outputs, gradient)
    return _Builder(trace, slopes, arrays, variables or {}, labels, grads, precision).view()


class _Trace:
    """All that outputs depend on.

    boxes: the leaves and operations, parents first.  hidden: those not shown, with their outputs.
    uses: for each value that a shown box sends or receives, where it goes; in the order of boxes.
    """

    def __init__(self, outputs: Sequence[Node], max_nodes: int) -> None:
        self.outputs = list(outputs)
        order = parents_first(outputs)
        self.boxes = [node for node in order if node.index is None]
        self._selected: dict[Node, list[Node]] = {}
        for node in order:
            if node.index is not None:
                self._selected.setdefault(node.parents[0], []).append(node)
        surplus, first = max(0, len(self.boxes) - max_nodes), max_nodes // 2
        # The first operation behind the hidden ones is shown with the leaves that stand before it.
        earliest = max(0, first - LEAVES)
        while surplus and first > earliest and self.boxes[first + surplus - 1].op is None:
            first -= 1
        self.hidden_boxes = self.boxes[first : first + surplus]
        self.hidden = {value for node in self.hidden_boxes for value in (node, *self.values(node))}
        self.uses = self._find_uses()

    def values(self, node: Node) -> list[Node]:
        """The nodes of the values that a box gives: itself, or its outputs in their order."""
        return sorted(self._selected.get(node, [node]), key=lambda value: value.index or 0)

    def _find_uses(self) -> dict[Node, list[Use]]:
        uses: dict[Node, list[Use]] = {
            value: [] for node in self.boxes for value in self.values(node)
        }
        for node in self.boxes:
            is_hidden = node in self.hidden
            for i, parent in enumerate(node.parents):
                if parent is None:
                    continue
                if not is_hidden:
                    uses[parent].append((node, i))
                elif parent not in self.hidden and (HIDDEN, 0) not in uses[parent][-1:]:
                    uses[parent].append((HIDDEN, 0))
        for k, node in enumerate(self.outputs):
            uses[node].append((k, 0))
        return {value: places for value, places in uses.items() if places}


def parents_first(outputs: Sequence[Node]) -> list[Node]:
    """All nodes that outputs depend on, each once, in the order in which the formula would be read.

    This order follows from the shape of the graph alone, not from when its leaves were made.
    """
    order: list[Node] = []
    opened: set[Node] = set()
    closed: set[Node] = set()
    stack = list(reversed(outputs))
    while stack:
        node = stack[-1]
        if node not in opened:
            opened.add(node)
            stack += [p for p in reversed(node.parents) if p is not None and p not in opened]
            continue
        stack.pop()
        if node not in closed:
            closed.add(node)
            order.append(node)
    return order


@dataclass(slots=True)
class _Slopes:
    """The gradients of one pass: along each wire, and the totals of values used repeatedly."""

    edges: dict[tuple[Node, Use], Value] = field(default_factory=dict)
    totals: dict[Node, Value] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def fill(self, trace: _Trace, outputs: Sequence[Tensor], gradient: Any) -> None:
        """Runs the pass. What it cannot compute stays out, and a note says why."""
        seeds = self._seeds(trace, outputs, gradient)
        if seeds is None:
            return
        for i, (node, g) in seeds.items():
            self.edges[node, (i, 0)] = measure(g)
        if len(seeds) > 1:
            weighted = "" if gradient is None else ", each times the gradient given for it"
            self.notes.append(
                f"Gradients are those of the sum of the {len(seeds)} outputs{weighted}."
            )
        into_hidden: dict[Node, Any] = {}
        try:
            with backend.quiet():
                starts = list(seeds.values())
                for node, g, contributions in reverse_pass(starts, retain_graph=True, observe=True):
                    if len(trace.uses.get(node, ())) > 1:
                        self.totals[node] = measure(g)
                    self._note_step(trace, node, contributions, into_hidden)
        except GraphError as error:
            fault = str(error).removeprefix("backward() through ")
            self.notes.append(f"Some gradients (–) were not computed. {fault}")
            into_hidden.clear()  # sums that lack what the rest of the pass would have added
        for value, g in into_hidden.items():
            self.edges[value, (HIDDEN, 0)] = measure(g)

    def _seeds(
        self, trace: _Trace, outputs: Sequence[Tensor], gradient: Any
    ) -> dict[int, tuple[Node, Any]] | None:
        """Where the pass begins, by the output's position; None, and a note, where it cannot.

        An output that is not tracked, such as the positions that topk gives, is left out.
        """
        given = gradient if isinstance(gradient, list | tuple) else [gradient] * len(outputs)
        if len(given) != len(outputs):
            raise ValueError(
                f"draw(): {len(given)} gradients are given for {len(outputs)} outputs. Give one "
                f"for each."
            )
        tracked = {i: y for i, y in enumerate(outputs) if trace.outputs[i].tracked}
        if not tracked:
            source = trace.outputs[0].source
            cause = "the output was not computed from an input with requires_grad=True"
            cause = f"{source.name} has none" if source is not None else cause
            self.notes.append(f"No gradients (–): {cause}.")
            return None
        if gradient is None and (large := [y for y in tracked.values() if y.size != 1]):
            self.notes.append(
                f"Gradients (–) need a single number, and the output is "
                f"{format.shape_text(large[0].shape)}. {REDUCE}"
            )
            return None
        return {i: seed_of(y, given[i], False, "draw()") for i, y in tracked.items()}

    def _note_step(
        self,
        trace: _Trace,
        node: Node,
        contributions: tuple[Any, ...],
        into_hidden: dict[Node, Any],
    ) -> None:
        if node.index is not None:
            return
        for i, (parent, c) in enumerate(zip(node.parents, contributions, strict=False)):
            if c is None:
                continue
            if node not in trace.hidden:
                self.edges[parent, (node, i)] = measure(c)
            elif parent not in trace.hidden:
                into_hidden[parent] = into_hidden[parent] + c if parent in into_hidden else c


class _Builder:
    """Lays down boxes in order, and for each the wires that end there."""

    def __init__(
        self,
        trace: _Trace,
        slopes: _Slopes,
        arrays: dict[Node, Any],
        variables: Mapping[Any, str],
        labels: Sequence[str | None],
        grads: str | bool,
        precision: int,
    ) -> None:
        self.trace, self.slopes, self.arrays, self.labels = trace, slopes, arrays, labels
        self.grads, self.precision = grads, precision
        self.boxes: list[Box] = []
        self.wires: list[Wire] = []
        self.values: dict[Node, Value] = {}
        self.sources: dict[
            Any, str
        ] = {}  # the box where a value's wires begin: a branch, if it has one
        self.given = {v: n for v in trace.uses if (n := (v.name or "").strip() or variables.get(v))}
        self.names = self._names()

    def view(self) -> View:
        """The finished view."""
        for node in self.trace.boxes:
            if node not in self.trace.hidden:
                self._add_node(node)
            elif HIDDEN not in self.sources:
                self._add_hidden()
        for k, node in enumerate(self.trace.outputs):
            label = self.labels[k] if k < len(self.labels) else None
            target = self._add("output", one_line(label) if label else self.names[node])
            self._wire(node, target, (k, 0))
        return View(
            tuple(self.boxes), tuple(self.wires), self._notes(), len(self.trace.hidden_boxes)
        )

    def _names(self) -> dict[Node, str]:
        """Given names, numbers for unnamed constants, and v1, v2, … for the rest."""
        names = {value: one_line(name) for value, name in self.given.items()}
        taken, count = set(names.values()), 0
        for value in self.trace.uses:
            if value in names:
                continue
            if _is_plain_number(value):
                names[value] = format.summary(self._value(value), self.precision)
                continue
            count += 1
            while f"v{count}" in taken:
                count += 1
            names[value] = f"v{count}"
        return names

    def _add(self, kind: Kind, label: str, op: str = "", results: tuple[str, ...] = ()) -> str:
        box = Box(f"n{len(self.boxes)}", kind, label, op, results)
        self.boxes.append(box)
        return box.id

    def _add_node(self, node: Node) -> None:
        values = self.trace.values(node)
        if node.op is not None:
            results = tuple(self.names[v] for v in values)
            symbol, name = one_line(node.op.symbol), one_line(node.op.name)
            id = self._add("operation", symbol or name, name, results)
            self._add_inputs(node, id)
        else:
            is_number = node not in self.given and _is_plain_number(node)
            id = self._add("constant" if is_number else "input", self.names[node])
        for value in values:
            self.sources[value] = id
            if len(uses := self.trace.uses[value]) > 1:
                branch = self._add("branch", self.names[value])
                self._wire(value, branch, uses=uses)
                self.sources[value] = branch

    def _add_inputs(self, node: Node, target: str) -> None:
        given = [(i, parent) for i, parent in enumerate(node.parents) if parent is not None]
        hidden = [i for i, parent in given if parent in self.trace.hidden]
        for i, parent in given:
            if parent not in self.trace.hidden or len(hidden) == 1:
                self._wire(parent, target, (node, i))
            elif i == hidden[0]:
                name, id = f"{len(hidden):,} values", f"e{len(self.wires)}"
                source = self.sources[HIDDEN]
                self.wires.append(Wire(id, source, target, name, False, None, count=len(hidden)))

    def _add_hidden(self) -> None:
        leaving = [self.names[v] for v in self.trace.uses if v in self.trace.hidden]
        results = tuple(leaving) if len(leaving) <= LEAVES else ()
        label = f"… {len(self.trace.hidden_boxes):,} more"
        id = self._add("hidden", label, results=results)
        for value, uses in self.trace.uses.items():
            if (HIDDEN, 0) in uses:
                self._wire(value, id, (HIDDEN, 0))
        self.sources[HIDDEN] = id

    def _wire(
        self, value: Node, target: str, use: Use | None = None, uses: Sequence[Use] = ()
    ) -> None:
        """Adds the wire of value to target: for one use, or into a branch for all its uses."""
        edges, total = self.slopes.edges, self.slopes.totals.get(value)
        gradient = edges.get((value, use)) if use is not None else total
        parts: tuple[Value, ...] = ()
        if self.grads == "total":
            gradient = total or gradient
        elif total is not None:
            parts = tuple(edges[value, u] for u in uses if (value, u) in edges)
        source = self.sources[value if value not in self.trace.hidden else HIDDEN]
        is_named = value in self.given
        # A constant's name is its number, which stands on the wire already.
        name = "" if not is_named and _is_plain_number(value) else self.names[value]
        id = f"e{len(self.wires)}"
        self.wires.append(
            Wire(id, source, target, name, is_named, self._value(value), gradient, parts)
        )

    def _value(self, node: Node) -> Value:
        """What is known of a value: from the node, or from the living tensor that it remembers."""
        if node not in self.values:
            array = self.arrays.get(node, node.value)
            tensor = node.tensor() if array is None and node.tensor is not None else None
            array = tensor.data if tensor is not None else array
            unknown = Value(tuple(node.shape), None, None, None)
            self.values[node] = measure(array) if array is not None else unknown
        return self.values[node]

    def _notes(self) -> tuple[str, ...]:
        notes = list(self.slopes.notes)
        if hidden := len(self.trace.hidden_boxes):
            total = len(self.trace.boxes)
            notes.insert(
                0,
                f"{hidden:,} of {total:,} inputs and operations, those in the middle, are hidden "
                f"in the dashed box. max_nodes={total} shows all.",
            )
        if any(value.norm is None for value in self.values.values()):
            notes.append(
                "Values (not kept) appear if the graph is built under autograd.keep_values()."
            )
        return tuple(notes)


def _is_plain_number(node: Node) -> bool:
    """Whether node is a single number that no gradient flows to, such as the 2 of 2 * x."""
    return node.op is None and not node.tracked and not node.shape and node.source is None
