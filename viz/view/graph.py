"""What outputs depend on, read off the nodes once: boxes, values, and the modules they lie in.

A value is the node of an array; a box is a leaf or an operation, so an operation with several
outputs is one box with several values. All walks are loops, and linear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from autograd.graph import Node, ancestors
from autograd.mode import Entry

T = TypeVar("T")


class Graph:
    """All that outputs depend on.

    outputs: the nodes asked for.  boxes: leaves and operations, parents first, in the order of
    `parents_first`.  inside: the leaves that belong to a model.
    """

    def __init__(self, outputs: Sequence[Node], inside: Iterable[Node] = ()) -> None:
        self.outputs = list(outputs)
        order = parents_first(outputs)
        self.boxes = [node for node in order if node.index is None]
        self._selected: dict[Node, list[Node]] = {}
        for node in order:
            if node.index is not None:
                self._selected.setdefault(node.parents[0], []).append(node)
        self._chains: dict[Entry | None, tuple[Entry, ...]] = {None: ()}
        self._inside = set(inside)
        self.homes = self._find_homes()

    def values(self, box: Node) -> list[Node]:
        """The nodes of the values that a box gives: itself, or its outputs in their order."""
        return sorted(self._selected.get(box, [box]), key=lambda value: value.index or 0)

    def chain(self, box: Node) -> tuple[Entry, ...]:
        """The modules around a box, from the outermost to the innermost."""
        return self.around(self.homes.get(box))

    def around(self, entry: Entry | None) -> tuple[Entry, ...]:
        """The modules from the outermost to entry itself."""
        if entry not in self._chains:
            links, outer = [], entry
            while outer is not None:
                links.append(outer)
                outer = outer.outer
            self._chains[entry] = tuple(reversed(links))
        return self._chains[entry]

    def is_parameter(self, leaf: Node) -> bool:
        """Whether a leaf belongs to the model: `inside` says so or, if it is empty, the leaf's need
        of a gradient."""
        return leaf in self._inside or (leaf.tracked and not self._inside)

    def _find_homes(self) -> dict[Node, Entry]:
        """For each box that lies in a module, the innermost one.

        An operation lies where it was called. A parameter, or a number in the formula, lies in the
        innermost module that has all its uses. Data lies outside.
        """
        homes = {b: b.module for b in self.boxes if b.op is not None and b.module is not None}
        common: dict[Node, tuple[Entry, ...]] = {}
        for box in self.boxes if homes else ():
            chain = self.around(homes.get(box))
            for parent in box.parents:
                if parent is not None and parent.op is None and self._may_move(parent):
                    common[parent] = shared(common.get(parent, chain), chain)
        for output in self.outputs:
            common.pop(output, None)
        return homes | {leaf: chain[-1] for leaf, chain in common.items() if chain}

    def _may_move(self, leaf: Node) -> bool:
        return self.is_parameter(leaf) or (is_plain_number(leaf) and not leaf.name)


def shared(one: tuple[Entry, ...], other: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The outermost entries that both chains begin with."""
    n = 0
    while n < min(len(one), len(other)) and one[n] is other[n]:
        n += 1
    return one[:n]


def box_of(value: Node) -> Node:
    """The leaf or operation that gives a value."""
    box: Node = value if value.index is None else value.parents[0]
    return box


def is_plain_number(node: Node) -> bool:
    """Whether node is a single number that no gradient flows to, such as the 2 of 2 * x."""
    return node.op is None and not node.tracked and not node.shape and node.source is None


def parents_first(outputs: Sequence[Node]) -> list[Node]:
    """All nodes that outputs depend on, each once, parents before children.

    Operations stand in the order in which they were computed, which is how the formula is read and
    how time goes; a leaf comes just before the operation that first takes it.
    """
    order: list[Node] = []
    seen: set[Node] = set()
    for node in ancestors(outputs):
        for leaf in node.parents:
            if leaf is not None and leaf.op is None and leaf not in seen:
                seen.add(leaf)
                order.append(leaf)
        if node.op is not None:
            order.append(node)
    return order + [leaf for leaf in dict.fromkeys(outputs) if leaf.op is None and leaf not in seen]


def depth_first(ends: Sequence[T], parents: Callable[[T], Iterable[T]]) -> list[T]:
    """Everything that ends depend on, each once, parents before children, from the left.

    Where something depends on itself, one of its parents comes later.
    """
    order: list[T] = []
    opened: set[Any] = set()
    closed: set[Any] = set()
    stack = list(reversed(ends))
    while stack:
        thing = stack[-1]
        if thing not in opened:
            opened.add(thing)
            stack += [parent for parent in reversed(list(parents(thing))) if parent not in opened]
            continue
        stack.pop()
        if thing not in closed:
            closed.add(thing)
            order.append(thing)
    return order
