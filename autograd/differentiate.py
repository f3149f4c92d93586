"""`backward()` and `grad()`: seeds for the reverse pass, and what becomes of the gradients it
finds.

Leaf gradients are written only when the whole pass has succeeded; they never share memory with each
other, with the seed, or with data.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from sys import getrefcount
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import backend
from autograd.backend import Array
from autograd.backward import Step, reverse_pass
from autograd.errors import DTypeError, GraphError, ShapeError
from autograd.graph import Node, constant, depending_on, line_of
from autograd.mode import enable_grad, local
from autograd.promote import handle, to_array, wrap

if TYPE_CHECKING:
    from autograd.tensor import Tensor


_nothing = nullcontext()
_accumulating = threading.Lock()
"""Held while gradients are added, so that threads that share a parameter lose none."""


def seed_of(
    output: Tensor, gradient: Any, create_graph: bool, what: str = "backward()"
) -> tuple[Node, Any]:
    """The node where a pass begins, and its gradient: ones for a single number, else the one given.

    Raises GraphError if output is not tracked or has several elements and no gradient; ShapeError
    if the gradient's shape is not the output's.
    """
    node = output._node
    if node is None or not output._tracked:
        raise GraphError(f"{what}: {_why_untracked(output)}")
    if gradient is None:
        if output._data.size != 1:
            raise GraphError(
                f"{what} needs a gradient for an output of shape {output.shape}: only a single "
                f"number has an obvious one. "
                "Reduce it first, with .sum() or .mean(), or pass gradient= of that shape."
            )
        array = backend.module_of(output._data).ones(output._data.shape, output._data.dtype)
    else:
        array = to_array(gradient, output._data.dtype)
        if array.shape != output.shape:
            raise ShapeError(
                f"{what}: the gradient is {array.shape} but the output is {output.shape}; they "
                f"must be equal."
            )
        array = backend.to_device(array, backend.device_of(output._data)).astype(
            output._data.dtype, copy=False
        )
    if not create_graph:
        return node, array
    if hasattr(gradient, "_node"):
        return node, gradient.to(output.device).to(output.dtype)
    return node, wrap(array)


def _why_untracked(output: Tensor) -> str:
    node = output._node
    if node is not None and node.source is not None:
        return (
            f"this tensor comes from {node.source.name!r} ({line_of(node)}), which has no "
            "gradient. Use a differentiable operation, or declare its rule with .vjp()."
        )
    return (
        "this tensor does not require grad: no input of it was tracked, or it was made under "
        "no_grad or by detach(). "
        "Make a leaf with Tensor(data, requires_grad=True)."
    )


def backward(
    output: Tensor,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> None:
    """Adds ∂output/∂leaf to `.grad` of every leaf that output depends on. See Tensor.backward."""
    retain = create_graph if retain_graph is None else retain_graph
    seeds = [seed_of(output, gradient, create_graph)]
    with backend.quiet(), enable_grad() if create_graph else _nothing:
        steps = _observed(
            seeds, reverse_pass(seeds, retain_graph=retain, create_graph=create_graph)
        )
        found = [(node.tensor(), g) for node, g, _ in steps if node.tensor is not None]
    del steps, seeds
    with _accumulating:
        _accumulate(found, create_graph)


def _observed(seeds: list[tuple[Node, Any]], steps: Iterator[Step]) -> Iterator[Step]:
    """The steps of a pass, by way of the thread's observer if it has one."""
    observer = local.mode.observer
    return steps if observer is None else observer(seeds, steps)


def _accumulate(found: list[tuple[Any, Any]], create_graph: bool) -> None:
    """Adds each gradient to its tensor's: all of them, or none if one cannot be added."""
    ready = []
    while found:
        tensor, g = found.pop()
        if tensor is None or not tensor._tracked:
            continue
        if create_graph:
            with enable_grad():
                ready.append((tensor, own_tensor(g) if tensor._grad is None else tensor._grad + g))
        else:
            array = own(g) if tensor._grad is None else backend.as_array(tensor._grad._data + g)
            ready.append((tensor, wrap(array)))
    for tensor, new in ready:
        tensor._grad = new


def own(g: Array) -> Array:
    """g, if nobody else can reach its memory; else a copy.

    A fresh result of a rule is referred to by the variables here and in the caller alone, so the
    count tells it apart from the seed, the data, a kept array, and a gradient that two leaves would
    share.
    """
    return g if g.base is None and getrefcount(g) <= _ALONE else g.copy()


def _count(g: Array) -> int:
    return getrefcount(g)


def _count_alone() -> int:
    """What getrefcount says in a function about its caller's only array: 3, or less where calls
    borrow references."""
    g = np.empty(0)
    return _count(g)


_ALONE = _count_alone()


def own_tensor(g: Tensor) -> Tensor:
    """A tensor of its own memory at the same node as g."""
    return handle(g._data.copy(), constant(g))


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Any, ...]:
    """The gradients Σ ∂outputs/∂input, one for each of inputs, without touching `.grad`.

    grad_outputs: the gradient of each output, ones for single numbers if not given.  retain_graph:
    keep the graph for another pass; by default what create_graph is.  create_graph: record the
    pass, so that the result can be differentiated.  allow_unused: None instead of an error for an
    input that outputs do not depend on.
    Raises GraphError for an untracked input or output, or an unused input; DTypeError for what is
    no Tensor, ShapeError for another number of grad_outputs than of outputs.
    """
    outs, ins = _listed(outputs, "outputs"), _listed(inputs, "inputs")
    given = _one_for_each(grad_outputs, outs, outputs)
    nodes = [_tracked_node(x, i) for i, x in enumerate(ins)]
    seeds = [seed_of(y, g, create_graph, "grad()") for y, g in zip(outs, given, strict=True)]
    targets = set(nodes)
    wanted = depending_on(targets, [node for node, _ in seeds])
    found: dict[Node, Any] = {}
    retain = create_graph if retain_graph is None else retain_graph
    with backend.quiet(), enable_grad() if create_graph else _nothing:
        live = [(node, g) for node, g in seeds if node in wanted]
        steps = reverse_pass(live, wanted=wanted, retain_graph=retain, create_graph=create_graph)
        for node, g, _ in _observed(live, steps):
            if node in targets:
                found[node] = g
    if not allow_unused and (unused := [i for i, node in enumerate(nodes) if node not in found]):
        raise GraphError(
            f"grad(): the outputs do not depend on input {unused[0]} (of shape "
            f"{nodes[unused[0]].shape}). "
            "Pass allow_unused=True to get None for it."
        )
    return tuple(_result(found.get(node), create_graph) for node in nodes)


def _listed(tensors: Any, what: str) -> list[Tensor]:
    """One tensor, or a sequence of them, as a list. Raises DTypeError for anything else."""
    is_one = hasattr(tensors, "_node") or not isinstance(tensors, Iterable)
    several = [tensors] if is_one else list(tensors)
    for tensor in several:
        if not hasattr(tensor, "_node"):
            raise DTypeError(
                f"grad(): among the {what} is a {type(tensor).__name__}, not a Tensor. Give the "
                "Tensors that the outputs were computed from, and the outputs themselves."
            )
    return several


def _one_for_each(grad_outputs: Any, outs: list[Tensor], outputs: Any) -> list[Any]:
    """grad_outputs as a list with one for each output: what is no list is for the only output."""
    if grad_outputs is None:
        return [None] * len(outs)
    is_list = isinstance(grad_outputs, (list, tuple)) and not hasattr(outputs, "_node")
    given = list(grad_outputs) if is_list else [grad_outputs]
    if len(given) != len(outs):
        got = f"{len(given)} are" if is_list else f"a {type(grad_outputs).__name__} is"
        raise ShapeError(
            f"grad(): {len(outs)} outputs need as many grad_outputs, but {got} given. Give a list "
            "with one for each; None stands for the one of a single number."
        )
    return given


def _tracked_node(x: Tensor, position: int) -> Node:
    if not x._tracked or x._node is None:
        raise GraphError(
            f"grad(): input {position} of shape {x.shape} does not require grad. "
            "Make it with requires_grad=True before the outputs are computed."
        )
    return x._node


def _result(g: Any, create_graph: bool) -> Any:
    if g is None:
        return None
    return own_tensor(g) if create_graph else wrap(g.copy())
