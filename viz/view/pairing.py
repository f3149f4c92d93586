"""Which operation of a backward pass is the gradient of which forward operation."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.graph import Node
from viz.view.folding import Unit


def pairs_of(units: Sequence[Unit]) -> dict[Node, str]:
    """Numbers for the forward operations whose backward pass is in the picture, 1, 2, …, and for
    the operations of that pass ∂1, ∂2, …; ∂∂1 where the pass itself was differentiated."""
    shown = [unit for unit in units if isinstance(unit, Node) and unit.op is not None]
    origins = {unit: unit.origin for unit in shown if unit.origin is not None}
    sources = {_root(unit)[0] for unit in origins}
    numbers = {unit: str(i + 1) for i, unit in enumerate(unit for unit in shown if unit in sources)}
    pairs = dict(numbers)
    for unit in origins:
        root, order = _root(unit)
        pairs[unit] = "∂" * order + numbers.get(root, "")
    return pairs


def _root(node: Node) -> tuple[Node, int]:
    """The forward operation that node's rule goes back to, and how often it was differentiated."""
    order = 0
    while node.origin is not None:
        node, order = node.origin, order + 1
    return node, order
