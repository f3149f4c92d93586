"""Activation checkpointing: memory for time.

`checkpoint(f, *args)` computes f but keeps none of its inner arrays; the backward pass runs f
again. The random state is replayed, so a dropout mask is the same the second time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from autograd import random
from autograd.backward import reverse_pass
from autograd.errors import GraphError
from autograd.graph import Node, ancestors_since, constant, next_number
from autograd.mode import enable_grad, local
from autograd.promote import handle
from autograd.recording import new_node, select_output


def checkpoint(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """function(*args, **kwargs), a Tensor or a tuple of them, as one node that recomputes.

    What is not a Tensor passes through. function must do the same when backward() reaches the node
    and calls it again, else GraphError; tensors it closes over (a module's parameters) get
    gradients too. Random numbers drawn inside come from a stream of its own, which costs one draw
    of the common one.
    Source: Chen et al., Training Deep Nets with Sublinear Memory Cost (2016).
    """
    if not local.mode.recording:
        return function(*args, **kwargs)
    replay = Recompute(_replayed(function, args, kwargs))
    start = next_number()
    with random.replay(replay.state):
        outputs = function(*args, **kwargs)
    several = tuple(outputs) if isinstance(outputs, (tuple, list)) else (outputs,)
    tensors = [y for y in several if hasattr(y, "_node")]
    inner = [y._node for y in tensors if y._tracked]
    if not any(node.number > start for node in inner):
        return outputs
    # Whatever the graph inside reaches that is older than the call is the node's parent.
    reached = ancestors_since(inner, start)
    outside = tuple(n for n in reached if n.number <= start and n.tracked)
    given = [a for a in (*args, *kwargs.values()) if hasattr(a, "_node")]
    kept = _arrays(reached, given)
    hub = new_node(replay, outside, kept, {}, tuple(y._data for y in tensors))
    made = iter(
        [select_output(hub, i, y._data) if y._tracked else y for i, y in enumerate(tensors)]
    )
    results = [next(made) if hasattr(y, "_node") else y for y in several]
    if isinstance(outputs, (tuple, list)):
        return results if isinstance(outputs, list) else tuple(results)
    return results[0]


def _replayed(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Callable[[], Any]:
    """function on the arguments as they are now, however often it is called.

    A Tensor that `t += v` has moved since is given as a new handle on what it was, the same one
    wherever it stands among the arguments; any other argument is given as itself.
    """
    before = {
        id(v): (v, v._data, constant(v)) for v in (*args, *kwargs.values()) if hasattr(v, "_node")
    }

    def call() -> Any:
        now = {
            key: v if v._data is data and v._node is node else handle(data, node)
            for key, (v, data, node) in before.items()
        }
        again = {name: now.get(id(v), v) for name, v in kwargs.items()}
        return function(*[now.get(id(v), v) for v in args], **again)

    return call


def _arrays(nodes: list[Node], given: list[Any]) -> tuple[Any, ...]:
    """The arrays that the second run will read, kept so that a write to one before is found."""
    leaves = [n.tensor() for n in nodes if n.op is None and n.tensor is not None]
    arrays = [t._data for t in (*leaves, *given) if t is not None]
    return tuple({id(array): array for array in arrays}.values())


class Recompute:
    """The operation of a checkpoint's node: its rule runs the function again and walks back
    through it."""

    name, symbol, composite, outputs, private = "checkpoint", "↻", None, ("outputs",), ()

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call: Callable[[], Any] | None = call
        self.state = random.fork()
        mode = local.mode
        self.dtype, self.device, self.module = mode.dtype, mode.device, mode.module
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
        outputs = self._again(node)
        if free:
            node.spent, node.kept, self.call = True, None, None
        seeds = [(y._node, g) for y, g in zip(outputs, gs, strict=True) if y._tracked]
        outside = frozenset(node.parents)
        reached = ancestors_since([y for y, _ in seeds], node.number)
        older = {n for n in reached if n.number <= node.number and n.tracked}
        if older != outside:
            _differs(
                f"used {len(older - outside)} tensors that it had not used before, and left out "
                f"{len(outside - older)}"
            )
        found: dict[Node, Any] = {}
        for visited, g, _ in reverse_pass(
            seeds,
            stop=outside,
            create_graph=create_graph,
            retain_graph=create_graph,
            observe=local.mode.looking,
        ):
            if visited in outside:
                found[visited] = g
        return tuple(found.get(p) if wanted is None or p in wanted else None for p in node.parents)

    def _again(self, node: Node) -> list[Any]:
        """The outputs of a second run under the first run's random state."""
        assert self.call is not None
        mode = local.mode
        before = mode.dtype, mode.device, mode.module
        mode.dtype, mode.device, mode.module = self.dtype, self.device, self.module
        try:
            with random.replay(self.state), enable_grad():
                outputs = self.call()
        finally:
            mode.dtype, mode.device, mode.module = before
        several = outputs if isinstance(outputs, (tuple, list)) else [outputs]
        tensors = [y for y in several if hasattr(y, "_node")]
        if (shapes := tuple(y.shape for y in tensors)) != node.shape:
            _differs(f"gave outputs of shapes {shapes}, not {node.shape}")
        if (dtypes := tuple(y.dtype for y in tensors)) != node.dtype:
            _differs(f"gave outputs of dtypes {dtypes}, not {node.dtype}")
        return tensors


def _differs(how: str) -> NoReturn:
    raise GraphError(
        f"checkpoint: run again, the function {how}. It must do the same each time it is called."
    )
