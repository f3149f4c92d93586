"""Where the nodes of a graph are in its view: what a walk through the reverse pass points at."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograd.graph import Node
from viz.value import Value
from viz.view.folding import Fold, Group, Unit, unit_of
from viz.view.graph import box_of
from viz.view.slopes import Use


@dataclass(slots=True)
class Trace:
    """What became of each node.

    wires: the id of a value's wire to each of its uses; None is the trunk of one with a branch.
    boxes: the id of each box.  values: what is known of those on a wire.
    """

    wires: dict[tuple[Node, Use | None], str] = field(default_factory=dict)
    boxes: dict[Unit, str] = field(default_factory=dict)
    values: dict[Node, Value] = field(default_factory=dict)
    folds: Fold = field(default_factory=dict)

    def box(self, node: Node) -> str:
        """The id of the box that an operation is, or lies in."""
        return self.boxes[unit_of(node, self.folds)]

    def is_folded(self, node: Node) -> bool:
        """Whether an operation is one of several that a box stands for."""
        return isinstance(unit_of(node, self.folds), Group)

    def is_hidden(self, node: Node) -> bool:
        """Whether an operation is in a box of hidden ones."""
        unit = unit_of(node, self.folds)
        return isinstance(unit, Group) and unit.kind == "hidden"

    def trunk(self, value: Node) -> str | None:
        """The id of the wire from a value to where its ways part, if they do."""
        return self.wires.get((value, None))

    def into(self, node: Node, position: int) -> str | None:
        """The id of the wire into an operation's input; None for one inside a folded module."""
        unit = unit_of(node, self.folds)
        use: Use = (node, position) if unit is node else (unit, 0)
        return self.wires.get((node.parents[position], use))

    def into_output(self, node: Node) -> str | None:
        """The id of the wire to the first output."""
        return self.wires.get((node, (0, 0)))

    def out_of(self) -> dict[Node, list[str]]:
        """For each leaf and operation, the ids of the wires that carry its values."""
        found: dict[Node, list[str]] = {}
        for (value, _), wire in self.wires.items():
            found.setdefault(box_of(value), []).append(wire)
        return found
