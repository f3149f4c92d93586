"""Activation checkpointing: memory for time.

`checkpoint(f, *args)` computes f but keeps none of its inner arrays; the backward pass runs f
again. The random state is replayed, so a dropout mask is the same the second time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import random
from autograd.backward import reverse_pass
from autograd.errors import GraphError
from autograd.graph import Node, constant, next_number
from autograd.mode import enable_grad, local
from autograd.promote import wrap
from autograd.recording import new_node, select_output


def checkpoint(function: Callable[..., Any], *args: Any) -> Any:
    """function(*args), a Tensor or a tuple of them, recorded as one node that recomputes when
    backward() reaches it.

    function must do the same when called again; tensors it closes over (a module's parameters) get
    gradients too.
    Source: Chen et al., Training Deep Nets with Sublinear Memory Cost (2016).
    """
    if not local.mode.recording:
        return function(*args)
    start, state = next_number(), random.get_state()
    outputs = function(*args)
    several = tuple(outputs) if isinstance(outputs, (tuple, list)) else (outputs,)
    inner = [
        y._node for y in several if y._tracked and y._node is not None and y._node.number > start
    ]
    if not inner:
        return outputs
    # Whatever the graph inside reaches that is older than the call comes from outside: the node's
    # parents.
    outside = tuple(
        node for node in ancestors_since(inner, start) if node.number <= start and node.tracked
    )
    replay = Recompute(function, args, state, start)
    hub = new_node(replay, outside, (), {}, tuple(y._data for y in several))
    results = tuple(
        select_output(hub, i, y._data) if y._tracked else wrap(y._data)
        for i, y in enumerate(several)
    )
    return results if isinstance(outputs, (tuple, list)) else results[0]


def ancestors_since(outputs: list[Node], start: int) -> list[Node]:
    """The nodes that outputs depend on, walking no further than the first older than start."""
    stack, seen = list(outputs), set(outputs)
    while stack:
        node = stack.pop()
        if node.number <= start:
            continue
        for parent in node.parents:
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen, key=lambda node: node.number)


class Recompute:
    """The operation of a checkpoint's node: its rule runs the function again and walks back through
    it."""

    name, symbol, composite, outputs = "checkpoint", "↻", None, ("outputs",)

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        state: tuple[int, int],
        start: int,
    ) -> None:
        self.function, self.args, self.state, self.start = function, args, state, start
        self.inputs: tuple[str, ...] = ()
        self.rules: dict[str, Any] = {}

    def pull(self, node: Node, gs: Any, wanted: set[Node] | None, free: bool) -> tuple[Any, ...]:
        """The gradient for each outside node, on raw arrays."""
        return self._walk(node, gs, wanted, free, create_graph=False)

    def pull_tensors(
        self, node: Node, gs: Any, wanted: set[Node] | None, free: bool
    ) -> tuple[Any, ...]:
        """The same on Tensors."""
        return self._walk(node, gs, wanted, free, create_graph=True)

    def _walk(
        self, node: Node, gs: Any, wanted: set[Node] | None, free: bool, *, create_graph: bool
    ) -> tuple[Any, ...]:
        node.spent = node.spent or free
        seeds = [(y, g) for y, g in zip(self._again(), gs, strict=True) if y is not None]
        outside = frozenset(node.parents)
        inside = {n for n in ancestors_since([y for y, _ in seeds], node.number)}
        if missing := [
            n for n in inside if n.number <= node.number and n.tracked and n not in outside
        ]:
            raise GraphError(
                f"checkpoint: run again, the function used {len(missing)} tensors that it had not "
                f"used before. "
                "It must do the same each time it is called."
            )
        found: dict[Node, Any] = {}
        for visited, g, _ in reverse_pass(
            seeds, stop=outside, create_graph=create_graph, retain_graph=create_graph
        ):
            if visited in outside:
                found[visited] = g
        return tuple(found.get(p) if wanted is None or p in wanted else None for p in node.parents)

    def _again(self) -> list[Node | None]:
        """The output nodes of a second run under the first run's random state."""
        now = random.get_state()
        random.set_state(self.state)
        try:
            with enable_grad():
                outputs = self.function(*self.args)
        finally:
            random.set_state(now)
        several = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
        return [constant(y) if y._tracked else None for y in several]
