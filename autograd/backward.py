"""The reverse pass: one generator over nodes and arrays, which `backward()` and `grad()` drain.

It walks nodes in descending creation number, so that a node is visited when its gradient is
complete; each step yields the node, its gradient and what it contributes to each parent.
Broadcasting, dtype and shape are mended here, in one place, so that no rule needs to think of them.
The stepper reads the same generator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush, heappushpop
from typing import Any, TypeAlias

import numpy as np

from autograd import anomaly, backend, writes
from autograd.errors import GraphError, ShapeError
from autograd.graph import Node, constant, describe
from autograd.mode import enable_grad, local, looking, no_grad, origin
from autograd.op import Op
from autograd.promote import handle, to_array, wrap
from autograd.recording import kept_names

_ndarray = np.ndarray


Step: TypeAlias = tuple[Node, Any, tuple[Any, ...]]
"""One visited node, its complete gradient g, and its contribution to each parent (None where none
is needed).

Gradients are arrays, or Tensors with create_graph. g is a tuple for an operation with several
outputs.
"""


def reverse_pass(
    seeds: Iterable[tuple[Node, Any]],
    *,
    wanted: set[Node] | None = None,
    stop: frozenset[Node] = frozenset(),
    retain_graph: bool = False,
    create_graph: bool = False,
    observe: bool = False,
) -> Iterator[Step]:
    """Yields a Step for each node that seeds reach, leaves included, in descending creation number.

    seeds: (node, gradient) pairs.  wanted: if given, only these nodes receive gradients.  stop:
    nodes that receive a gradient and pass none on.  retain_graph: keep the arrays for another pass.
    observe: a look from outside, for drawing: no hook runs, anomaly mode is off, and a freed node
    will do while its arrays are there.
    Raises GraphError for a node whose arrays were freed or overwritten; an error in a rule keeps
    its type.
    """
    heap: list[tuple[int, Node]] = []  # (−number, node): the node created last is visited first
    grads: dict[Node, Any] = {}
    owned: set[Node] = set()  # nodes whose gradient is a buffer that this pass made by adding
    is_anomaly, free = local.mode.anomaly and not observe, not retain_graph
    edges = seeds
    while True:
        fresh = None  # the latest newcomer stays outside the heap: in a chain it comes next
        for node, c in edges:
            if c is None:
                continue
            old = grads.get(node)
            if old is None:
                grads[node] = c
                if fresh is not None:
                    heappush(heap, fresh)
                fresh = (-node.number, node)
            elif node in owned:
                old += c
            else:
                grads[node] = _total(old, c, node, owned)
        if fresh is None and not heap:
            return
        node = (heappushpop(heap, fresh) if fresh is not None else heappop(heap))[1]
        g = grads.pop(node)
        if node.hooks is not None or g.__class__ is _Parts or is_anomaly:
            g = _complete(node, g, create_graph, observe or node in stop)
        contributions: tuple[Any, ...] = ()
        if node.op is not None and node not in stop:
            contributions = _visit(node, g, wanted, free, create_graph, observe, is_anomaly)
        edges = zip(node.parents, contributions)  # noqa: B905  # a rule gives one for each, or ()
        yield node, g, contributions


def _visit(
    node: Node,
    g: Any,
    wanted: set[Node] | None,
    free: bool,
    create_graph: bool,
    observe: bool,
    is_anomaly: bool,
) -> tuple[Any, ...]:
    """What node's rules contribute to its parents; () if no parent is wanted."""
    if wanted is not None and wanted.isdisjoint(node.parents):
        return ()
    if node.spent or node.number < writes.last.number or is_anomaly:
        _check_kept(node, observe)
    try:
        pull = _pull_tensors if create_graph else node.op.pull
        contributions: tuple[Any, ...]
        if observe:
            with looking(True):
                contributions = pull(node, g, wanted, free)
        else:
            contributions = pull(node, g, wanted, free)
    except Exception as error:
        error.add_note(_note(node))
        raise
    if is_anomaly:
        anomaly.verify(node, contributions)
    return contributions


class _Parts(dict[int, Any]):
    """The gradients of an operation's outputs, by index: what its output nodes contribute to it.

    Adding two merges them, so the reverse pass treats them as it treats arrays.
    """

    __slots__ = ()

    def __add__(self, other: _Parts) -> _Parts:
        merged = _Parts(self)
        for index, g in other.items():
            total = merged[index] + g if index in merged else g
            merged[index] = np.asarray(total) if isinstance(total, np.generic) else total
        return merged


class Select:
    """The operation of a node that stands for one output of an operation with several."""

    name, symbol, composite, private = "output", "", None, ()
    inputs, outputs = ("x",), ()

    def __init__(self) -> None:
        self.rules: dict[str, Any] = {}

    def pull(self, node: Node, g: Any, wanted: set[Node] | None, free: bool) -> tuple[Any, ...]:
        """g, marked with the index of the output."""
        assert node.index is not None
        return (_Parts({node.index: g}),)

    pull_tensors = pull


SELECT = Select()


def _total(old: Any, new: Any, node: Node, owned: set[Node]) -> Any:
    """old + new out of place; the sum is a buffer of this pass, to which the next contribution is
    added in place. A sum of Tensors is recorded, with node as its origin."""
    if old.__class__ is not _ndarray:
        with origin(node):
            total = old + new
    else:
        total = old + new
    if total.__class__ is _ndarray:
        owned.add(node)
        return total
    return np.asarray(total) if isinstance(total, np.generic) else total


def _pull_tensors(node: Node, g: Any, wanted: set[Node] | None, free: bool) -> tuple[Any, ...]:
    """The contributions of node as Tensors; what the rules do is recorded, with node as its
    origin."""
    with enable_grad(), origin(node):
        contributions: tuple[Any, ...] = node.op.pull_tensors(node, g, wanted, free)
        return contributions


def _check_kept(node: Node, observe: bool) -> None:
    """Raises GraphError if the arrays that node kept were freed, or overwritten since."""
    if node.spent and not (observe and node.kept is not None):
        raise GraphError(
            f"backward() through {describe(node)}: its kept arrays were freed by an earlier "
            "backward(). Pass retain_graph=True to the first call."
        )
    names = kept_names(node.op) if isinstance(node.op, Op) else node.op.inputs
    writes.check_writes(node, names)
    if local.mode.anomaly and not observe:
        anomaly.verify(node, None)


def _complete(node: Node, g: Any, create_graph: bool, observe: bool) -> Any:
    """node's gradient, ready for its rule: zeros for outputs that nobody used, and after the user's
    hooks."""
    if g.__class__ is _Parts:
        like = next(iter(g.values()))
        xp = backend.module_of(like._data if create_graph else like)
        as_given = wrap if create_graph else backend.as_array
        g = tuple(
            g[i] if i in g else as_given(xp.zeros(shape, dtype=dtype))
            for i, (shape, dtype) in enumerate(zip(node.shape, node.dtype, strict=True))
        )
    if observe:
        return g
    if node.hooks is not None:
        g = _run_hooks(node, g, create_graph)
    if local.mode.anomaly:
        anomaly.verify_gradient(node, g)
    return g


def _run_hooks(node: Node, g: Any, create_graph: bool) -> Any:
    """g after the user's hooks, each of which may replace it.

    A hook is given a copy: g may be shared with other nodes, and a hook may write into it.
    """
    for hook in tuple((node.hooks or {}).values()):
        given = handle(g._data.copy(), constant(g)) if create_graph else wrap(g.copy())
        try:
            with enable_grad() if create_graph else no_grad():
                new = hook(given)
        except Exception as error:
            error.add_note(f"in a hook on {describe(node)}, of shape {node.shape}")
            raise
        if new is None:
            new = given
        elif not hasattr(new, "_node"):
            new = wrap(to_array(new, node.dtype))
        if new.shape != node.shape:
            raise ShapeError(
                f"a hook on {describe(node)} gave shape {new.shape} for a gradient of shape "
                f"{node.shape}."
            )
        new = new if new.dtype == node.dtype else new.astype(node.dtype)
        g = new if create_graph else new._data
    return g


def _note(node: Node) -> str:
    shapes = ", ".join(str(parent.shape) for parent in node.parents if parent is not None)
    return f"in backward of {describe(node)}: inputs {shapes}, output {node.shape}"
