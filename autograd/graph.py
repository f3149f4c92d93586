"""The graph: Node, where it came from, and walks over nodes.

A Node is what one operation left behind, or a leaf. Nodes point to their parents and never to a
Tensor (a leaf holds a weak reference), so reference counting alone returns the memory. Every walk
is a loop:
a chain of a million nodes is ordinary. Read `op.py` next.
"""

from __future__ import annotations

import itertools
import os
import sys
import weakref
from collections.abc import Iterable
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

from autograd.backend import Array
from autograd.mode import Entry, local

if TYPE_CHECKING:
    from autograd.tensor import Tensor

SMALL = 64
"""Outputs of at most this many elements are always kept, so that expressions draw with their
numbers."""

MARK = "__graphgrad__"
"""The global variable that marks the library's own modules: their frames are never the user's
line."""

next_number = itertools.count(1).__next__


class Node:
    """One operation that was recorded, or one leaf.

    op: the operation; None for a leaf.  parents: nodes of its inputs; None stands for an optional
    input left out.
    kept: the arrays that its rules name; None once freed.  settings: keyword settings of the call.
    shape, dtype: of its output; tuples of them for an operation with several outputs.  value: the
    output, if kept.
    number: creation order, so descending numbers are a topological order.  where: (code, offset) of
    the user's line.
    index: which output of its only parent this node is; None for all other nodes.
    module: the entry into the module or scope that it was made in; None outside all, and of leaves.
    It has no __getattr__ and no __init__: the first would slow every read of a slot, the second
    every operation.
    source: for an untracked result, the operation without gradient that made it from tracked
    inputs.
    """

    __slots__ = (
        "__weakref__",
        "dtype",
        "hooks",
        "index",
        "kept",
        "module",
        "name",
        "number",
        "op",
        "origin",
        "parents",
        "settings",
        "shape",
        "source",
        "spent",
        "tensor",
        "tracked",
        "value",
        "where",
    )

    op: Any
    parents: tuple[Any, ...]
    kept: tuple[Any, ...] | None
    settings: dict[str, Any]
    shape: tuple[Any, ...]
    dtype: Any
    value: Array | None
    number: int
    where: tuple[CodeType, int] | None
    module: Entry | None
    origin: Node | None
    hooks: dict[int, Any] | None
    tensor: weakref.ref[Tensor] | None
    tracked: bool
    spent: bool
    name: str | None
    index: int | None
    source: Any

    def __repr__(self) -> str:
        what = self.op.name if self.op is not None else "leaf"
        return f"<Node {self.number} {what} {self.shape}>"


def caller() -> tuple[CodeType, int] | None:
    """The user's line: the nearest frame outside the library, as (code, offset of its
    instruction)."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and MARK in frame.f_globals:
        frame = frame.f_back
    return (frame.f_code, frame.f_lasti) if frame is not None else None


def new_leaf(
    array: Array, tensor: Tensor | None, *, tracked: bool, name: str | None = None
) -> Node:
    """A node for a tensor that no operation made: a parameter, an input, a constant."""
    mode = local.mode
    node = Node()
    node.op, node.parents, node.kept, node.settings = None, (), (), {}
    node.shape, node.dtype = array.shape, array.dtype
    node.value = array if array.size <= SMALL or mode.watch is not None else None
    node.number, node.where = next_number(), mode.where
    # A constant that outlives the pass must not hold on to the graph, or to the module it met.
    node.origin = node.module = None
    if tracked and node.where is None:
        node.where = caller()
    node.hooks, node.name, node.index, node.source = None, name, None, None
    node.tracked, node.spent = tracked, False
    node.tensor = weakref.ref(tensor) if tensor is not None else None
    return node


def constant(tensor: Tensor) -> Node:
    """The node of an untracked tensor, made when an operation first needs it as a parent."""
    node = tensor._node
    if node is None:
        node = tensor._node = new_leaf(tensor._data, tensor, tracked=False)
    return node


def line_of(node: Node) -> str:
    """`"shop.py:6"`: the file and line that made node, for messages; "?" where it is not known."""
    file, line = location(node)
    return f"{os.path.basename(file)}:{line}" if file else "?"


def location(node: Node) -> tuple[str, int]:
    """The full path and line number that made node; ("", 0) where they are not known."""
    if node.where is None:
        return "", 0
    code, offset = node.where
    line = next(
        (at for start, end, at in code.co_lines() if start <= offset < end and at),
        code.co_firstlineno,
    )
    return code.co_filename, line


def describe(node: Node) -> str:
    """`"'mul' (shop.py:6)"`, as error messages name a node; one output of several goes by its
    operation's name."""
    op = node.parents[0].op if node.index is not None else node.op
    return f"{op.name if op is not None else node.name or 'leaf'!r} ({line_of(node)})"


def ancestors(outputs: Iterable[Node]) -> list[Node]:
    """All nodes that outputs depend on, themselves included, each once, parents before children."""
    stack = list(outputs)
    seen = set(stack)
    while stack:
        for parent in stack.pop().parents:
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen, key=lambda node: node.number)


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


def depending_on(inputs: set[Node], outputs: Iterable[Node]) -> set[Node]:
    """The nodes between inputs and outputs: every ancestor of outputs that is, or depends on, one
    of inputs."""
    wanted = set(inputs)
    for node in ancestors(outputs):
        if not wanted.isdisjoint(node.parents):
            wanted.add(node)
    return wanted
