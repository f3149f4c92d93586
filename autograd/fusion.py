"""Higher derivatives of fused operations, taken from their composites.

A fused op (cross-entropy, a convolution) has a fast hand-derived rule. With create_graph its first
gradient is still computed by that rule, so it is the same to the last bit, and is recorded as one
node. The derivative of that node comes from the composite, the same function in plain operations.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from autograd.differentiate import grad
from autograd.graph import SMALL, Node, constant
from autograd.mode import enable_grad
from autograd.op import Op
from autograd.ops.shaping import copy
from autograd.promote import handle, wrap
from autograd.pulling import mend, mend_lifted
from autograd.recording import kept_names, new_node, select_output

if TYPE_CHECKING:
    from autograd.tensor import Tensor


def pull_tensors(node: Node, g: Any, wanted: set[Node] | None, free: bool) -> tuple[Any, ...]:
    """The gradients of a fused node as Tensors: values from its own rule, recorded as one node of
    GradientOf."""
    op, gs = node.op, g if node.op.outputs else (g,)
    kept = dict(zip(kept_names(op), node.kept or (), strict=True))
    raw = op.pull(node, tuple(part._data for part in gs) if op.outputs else g._data, wanted, free)
    positions = [i for i, c in enumerate(raw) if c is not None]
    if not positions:
        return tuple(raw)
    inputs = kept[op.inputs[0]] if op.is_starred else [kept[name] for name in op.inputs]
    hub = new_node(
        GradientOf(op),
        (*node.parents, *(part._node or constant(part) for part in gs)),
        (*inputs, *(part._data for part in gs), *(kept.get(name) for name in op.private)),
        {"of": node.settings, "positions": positions, "count": len(node.parents)},
        tuple(raw[i] for i in positions),
    )
    found: list[Any] = [None] * len(raw)
    for k, i in enumerate(positions):
        found[i] = select_output(hub, k, raw[i])
    return tuple(found)


class GradientOf:
    """The operation of a node that holds a fused op's gradients; its inputs are the op's inputs and
    g."""

    composite, private = None, ()
    outputs = ("gradients",)

    def __init__(self, op: Op[Any]) -> None:
        self.of, self.name, self.symbol = op, f"{op.name}'", f"{op.symbol}'"
        self.inputs = (*op.inputs, "g")
        self.rules: dict[str, Any] = {}

    def pull(
        self, node: Node, upstream: Any, wanted: set[Node] | None, free: bool
    ) -> tuple[Any, ...]:
        """The gradient for each input and each g, on raw arrays."""
        arrays, private = self._kept(node, free)
        leaves = [None if a is None else wrap(a) for a in arrays]
        for leaf, parent in zip(leaves, node.parents, strict=True):
            if leaf is not None and parent.tracked:
                leaf.requires_grad_()
        us = [wrap(u) for u in upstream]
        with enable_grad():
            found = self._second(node, leaves, private, us, wanted, create_graph=False)
        return tuple(
            None if f is None else mend(self, f._data, p, node)
            for f, p in zip(found, node.parents, strict=True)
        )

    def pull_tensors(
        self, node: Node, upstream: Any, wanted: set[Node] | None, free: bool
    ) -> tuple[Any, ...]:
        """The same on Tensors that stand in the graph, so that it can be differentiated again."""
        # A copy of each input keeps two uses of one tensor, or a tensor and a function of it,
        # apart.
        arrays, private = self._kept(node, free)
        inputs = [
            None if a is None else copy(handle(a, p)) if p.tracked else handle(a, p)
            for a, p in zip(arrays, node.parents, strict=True)
        ]
        found = self._second(node, inputs, private, list(upstream), wanted, create_graph=True)
        return tuple(
            None if f is None else mend_lifted(self, f, p, node)
            for f, p in zip(found, node.parents, strict=True)
        )

    def _kept(self, node: Node, free: bool) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arrays of inputs and gs, and the private ones by name; freed in node if free."""
        assert node.kept is not None
        kept, count = node.kept, len(node.parents)
        if free:
            node.spent = True
            if any(a is not None and a.size > SMALL for a in kept):
                node.kept = None
        return kept[:count], dict(zip(self.of.private, kept[count:], strict=True))

    def _second(
        self,
        node: Node,
        inputs: list[Any],
        private: dict[str, Any],
        upstream: list[Tensor],
        wanted: set[Node] | None,
        *,
        create_graph: bool,
    ) -> list[Any]:
        """The vector-Jacobian product of (inputs, g) -> gradients, through the composite."""
        first = self._first(node, inputs, private)
        pairs = [
            (f, u) for f, u in zip(first, upstream, strict=True) if f is not None and f._tracked
        ]
        targets = [
            i
            for i, p in enumerate(node.parents)
            if p is not None and p.tracked and (wanted is None or p in wanted)
        ]
        found: list[Any] = [None] * len(inputs)
        if pairs:
            second = grad(
                [f for f, _ in pairs],
                [inputs[i] for i in targets],
                [u for _, u in pairs],
                create_graph=create_graph,
                allow_unused=True,
            )
            for i, gradient in zip(targets, second, strict=True):
                found[i] = gradient
        return found

    def _first(self, node: Node, inputs: list[Any], private: dict[str, Any]) -> tuple[Any, ...]:
        """The gradients again, as Tensors computed through the composite."""
        count = node.settings["count"]
        xs, gs = inputs[:count], inputs[count:]
        z = _apply_composite(self.of, xs, node.settings["of"], private)
        zs = list(z) if self.of.outputs else [z]
        live = [(y, g) for y, g in zip(zs, gs, strict=True) if y._tracked]
        return grad(
            [y for y, _ in live],
            [xs[i] for i in node.settings["positions"]],
            [g for _, g in live],
            create_graph=True,
            allow_unused=True,
        )


def _apply_composite(
    op: Op[Any], inputs: list[Any], settings: dict[str, Any] | None, private: dict[str, Any]
) -> Any:
    """op's composite on Tensors; it is handed those private arrays that it names."""
    assert op.composite is not None
    named = inspect.signature(op.composite).parameters
    chosen = {name: array for name, array in private.items() if name in named}
    return op.composite(*inputs, **(settings or {}), **chosen)
