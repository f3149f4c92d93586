"""The paths between two values of a graph: counted, followed, and the largest picked out.

A path goes from the output down to a value, one edge an operation. Of single numbers, the largest
products and the sum of all the others come from one walk over the graph, however many paths there
are; arrays are pushed along each path. `explain.py` writes them down.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from autograd import GraphError, backend
from autograd.graph import Node, depending_on, describe
from autograd.timeline import aside

LISTED = 20
"""So many paths are all shown; of more, only the largest."""

LARGEST = 5
"""Paths that are shown where there are too many."""

FOLLOWED = 1_000
"""So many paths of arrays are followed one by one."""

EDGES = 20_000
"""So many edges are walked for them, those that paths share counted once."""


class Edge(NamedTuple):
    """One step of a path. source: the value that it comes from.  box: the operation that made it.
    position: which of its inputs the target is."""

    source: Node
    box: Node
    position: int
    target: Node


class Link(NamedTuple):
    """The last edge of a path, its local derivative if that is a number, and the path before."""

    edge: Edge
    factor: float | None
    before: Link | None


@dataclass(slots=True)
class Paths:
    """All paths to one value. count: how many.  best: the largest, with their contribution.
    rest: the sum of the contributions of all the others; None if there are none."""

    count: int = 0
    best: list[tuple[Any, Link | None]] = field(default_factory=list)
    rest: Any = None

    def add(self, value: Any, link: Link | None) -> None:
        """Takes up one path."""
        self.best.append((value, link))
        if len(self.best) >= 4 * LISTED:
            self.cut(LISTED)

    def drop(self, value: Any) -> None:
        """Takes up the contribution of paths that are not shown."""
        self.rest = value if self.rest is None else self.rest + value

    def cut(self, longest: int) -> None:
        """Puts the best in their order, and keeps no more than that many."""
        self.best.sort(key=lambda pair: -size_of(pair[0]))
        for value, _ in self.best[longest:]:
            self.drop(value)
        del self.best[longest:]

    def total(self) -> Any:
        """The sum over all paths."""
        values = [value for value, _ in self.best] + ([] if self.rest is None else [self.rest])
        if all(isinstance(value, float) for value in values):
            return fsum(values)
        return sum(values[1:], values[0])


def fsum(values: list[float]) -> float:
    """The sum, rounded once; with infinities as floats add them."""
    return math.fsum(values) if all(map(math.isfinite, values)) else float(sum(values))


def size_of(value: Any) -> float:
    """|value|, or the norm of an array; nan counts as largest."""
    size = abs(value) if isinstance(value, float) else float(np.linalg.norm(value))
    return math.inf if math.isnan(size) else size


class Routes:
    """All ways from the output y down to x.

    nodes: the values between, both ends included, y first.  is_scalar: whether each is one number.
    """

    def __init__(self, y: Node, x: Node) -> None:
        self.y, self.x = y, x
        between = depending_on({x}, [y])
        # An operation with several outputs is passed on the way from the output used.
        self.nodes = sorted(
            (n for n in between if not isinstance(n.dtype, tuple)), key=lambda node: -node.number
        )
        self.between = between
        self.is_scalar = all(math.prod(node.shape) == 1 for node in self.nodes)

    def edges(self, value: Node) -> Iterator[Edge]:
        """The edges from a value towards x, operands from the left."""
        if value is self.x:
            return
        box = value if value.index is None else value.parents[0]
        for position, target in enumerate(box.parents):
            if target in self.between:
                yield Edge(value, box, position, target)

    def counts(self) -> dict[Node, int]:
        """For each value between, the number of paths from y to it."""
        counts = {self.y: 1}
        for node in self.nodes:
            for edge in self.edges(node):
                counts[edge.target] = counts.get(edge.target, 0) + counts.get(node, 0)
        return counts

    def products(self, seed: float) -> Paths:
        """All paths of single numbers, each with the product along it, times seed."""
        states = {self.y: Paths(1, [(seed, None)])}
        for node in self.nodes:
            if node is self.x or node not in states:
                continue
            state = states.pop(node)
            state.cut(LISTED)
            for edge in self.edges(node):
                factor = slope(edge)
                target = states.setdefault(edge.target, Paths())
                target.count += state.count
                for value, link in state.best:
                    target.add(value * factor, Link(edge, factor, link))
                if state.rest is not None:
                    target.drop(state.rest * factor)
        found = states[self.x]
        found.cut(LISTED)
        return found

    def contributions(self, seed: Any, element: tuple[int, ...] | None) -> Paths:
        """All paths of arrays, followed one by one; of an element, its numbers."""
        found = Paths()
        stack: list[tuple[Node, Any, Link | None]] = [(self.y, seed, None)]
        while stack:
            node, g, link = stack.pop()
            if node is self.x:
                found.count += 1
                found.add(picked(g, element), link)
                continue
            for edge in reversed(list(self.edges(node))):
                is_plain = _is_number(edge.source) and _is_number(edge.target)
                factor = slope(edge) if is_plain else None
                stack.append((edge.target, pushed(edge, g), Link(edge, factor, link)))
        found.cut(LISTED)
        return found


def _is_number(node: Node) -> bool:
    return int(math.prod(node.shape)) == 1


def picked(g: Any, element: tuple[int, ...] | None) -> Any:
    """g on the host in float64, or one number of it."""
    host = backend.to_host(g).astype("float64")
    return host if element is None else float(host[element])


def pushed(edge: Edge, g: Any) -> Any:
    """What the gradient g at an edge's source contributes to its target.

    Raises GraphError if a backward() has freed since what the rule needs.
    """
    if edge.box.spent and edge.box.kept is None:
        raise GraphError(
            f"explain(): the kept arrays of {describe(edge.box)} were freed by a backward(). Pass "
            "retain_graph=True to it, and compute the output again."
        )
    upstream = g
    if edge.source.index is not None:
        xp = backend.module_of(g)
        outputs = zip(edge.box.shape, edge.box.dtype, strict=True)
        upstream = tuple(
            g if i == edge.source.index else xp.zeros(shape, dtype=dtype)
            for i, (shape, dtype) in enumerate(outputs)
        )
    with aside():
        c = edge.box.op.pull(edge.box, upstream, {edge.target}, False)[edge.position]
    return backend.module_of(g).zeros(edge.target.shape, edge.target.dtype) if c is None else c


def slope(edge: Edge) -> float:
    """The local derivative along an edge between single numbers."""
    kept = [a for a in (edge.box.kept or ()) if backend.is_array(a)]
    xp = backend.module_of(kept[0]) if kept else np
    one = xp.ones(edge.source.shape, dtype=edge.source.dtype)
    return float(backend.to_host(pushed(edge, one)).reshape(-1)[0])
