"""The first nan or infinity of the forward pass, and the first on an edge of the backward pass.

Values that the graph did not keep are computed again, in the dtype of the recorded call; what that
cannot reach is listed. `check.py` reports what is found here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograd import GraphError, backend
from autograd.anomaly import first_bad
from autograd.backward import reverse_pass
from autograd.graph import Node, describe, location
from viz import format
from viz.replay import NotReplayed, check_inputs, computed, recorded_values
from viz.value import Value, measure


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong. kind: "forward", "backward", "zero", "vanishing", "exploding" or
    "unused".  text: what, where and why, in a sentence.  index, value: of the first bad element."""

    kind: str
    text: str
    index: tuple[int, ...] | None = None
    value: float | None = None


@dataclass(slots=True)
class Forward:
    """What was seen of the forward pass. seen: values looked at.  again: those of them that were
    computed again.  unseen: nodes whose values are gone, with the reason.  finding: the first bad
    value."""

    seen: int = 0
    again: int = 0
    unseen: dict[Node, str] = field(default_factory=dict)
    finding: Finding | None = None


@dataclass(slots=True)
class Backward:
    """What was seen of the backward pass. edges: contributions looked at.  gradients: of each leaf.
    zeros: the share of exact zeros in it.  killers: for a gradient that is zero throughout, the
    operation where it became so.  upstream: the largest number that came to an operation that
    takes the leaf.  fault: why the pass broke off, or ""."""

    edges: int = 0
    finding: Finding | None = None
    gradients: dict[Node, Value] = field(default_factory=dict)
    zeros: dict[Node, int] = field(default_factory=dict)
    killers: dict[Node, Node] = field(default_factory=dict)
    upstream: dict[Node, float] = field(default_factory=dict)
    fault: str = ""


def called(node: Node, names: Mapping[Node, str]) -> str:
    """node as the report calls it: its name, and the operation with the user's line."""
    box = node.parents[0] if node.index is not None else node
    name = names.get(node, "")
    if box.op is None:
        return name or f"an input of shape {format.shape_text(node.shape)}"
    # An expression of the command line has no line of its own.
    is_typed = Path(location(box)[0]).parent == Path(__file__).parent
    made = repr(box.op.name) if is_typed else describe(box)
    return f"{name} = {made}" if name else made


def place(index: tuple[int, ...]) -> str:
    """An index as it is written; "" for that of a single number.

    >>> place((3, 7)), place(())
    (' at [3, 7]', '')
    """
    return f" at {list(index)}" if index else ""


def forward_of(order: list[Node], known: dict[Node, Any], names: Mapping[Node, str]) -> Forward:
    """What the values of all nodes are like, in the order in which they were computed."""
    found = Forward()
    for node, value, inputs in _values(order, known, found):
        if isinstance(value, tuple):
            continue  # each of several outputs has a node of its own
        found.seen += 1
        bad = first_bad(value) if found.finding is None else None
        if bad is not None:
            text = f"{called(node, names)} is the first that is {bad[1]}{place(bad[0])}"
            text += _cause(node, inputs, bad[0], names)
            if found.unseen:
                text += " Earlier values were not seen."
            found.finding = Finding("forward", text, *bad)
    return found


def _values(
    order: list[Node], known: dict[Node, Any], found: Forward
) -> Iterator[tuple[Node, Any, list[Any]]]:
    """Each node with its value and its inputs' values; those computed again live no longer than
    they are needed."""
    children = Counter(p for node in order for p in node.parents if p is not None)
    again: dict[Node, Any] = {}
    for node in order:
        inputs = [None if p is None else known.get(p, again.get(p)) for p in node.parents]
        value = known.get(node)
        if value is None:
            value = again[node] = _again(node, inputs, known, found)
        if value is not None:
            yield node, value, inputs
        for parent in node.parents:
            children[parent] -= 1
            if not children[parent]:
                again.pop(parent, None)


def _again(node: Node, inputs: list[Any], known: dict[Node, Any], found: Forward) -> Any:
    """node's value computed again; None, and a note in found, where that cannot be."""
    why = "not kept"
    lacking = any(a is None and p is not None for a, p in zip(inputs, node.parents, strict=True))
    if node.op is not None and not lacking:
        try:
            hosts = [a if a is None or isinstance(a, tuple) else backend.to_host(a) for a in inputs]
            check_inputs(node, known)
            with backend.quiet():
                value = computed(node, hosts, None)
            found.again += not isinstance(value, tuple)
            return value
        except NotReplayed as error:
            why = str(error).rstrip(".")
    if not isinstance(node.dtype, tuple):
        found.unseen[node] = why
    return None


def _cause(node: Node, inputs: list[Any], index: tuple[int, ...], names: Mapping[Node, str]) -> str:
    """What went into the operation there."""
    if node.op is None or node.index is not None:
        return "."
    texts = []
    for position, (parent, array) in enumerate(zip(node.parents, inputs, strict=True)):
        if array is None or isinstance(array, tuple):
            continue
        name = names.get(parent, f"input {position}")
        if math.prod(array.shape) == 1:
            texts.append(f"{name} is {format.number(array.item())}")
        elif array.shape == node.shape:
            texts.append(f"{name} is {format.number(array[index].item())} there")
        else:
            bad = first_bad(array)
            state = "finite" if bad is None else f"{bad[1]}{place(bad[0])}"
            texts.append(f"{name}, {format.shape_text(array.shape)}, is {state}")
    return f": {'; '.join(texts)}." if texts else "."


def backward_of(output: Node, seed: Any, names: Mapping[Node, str]) -> Backward:
    """What the gradients are like, edge by edge in the order of the backward pass."""
    found = Backward()
    bad = first_bad(seed)
    if bad is not None:
        text = f"the gradient given for the output is {bad[1]}{place(bad[0])}."
        found.finding = Finding("backward", text, *bad)
    try:
        with backend.quiet():
            for step in reverse_pass([(output, seed)], retain_graph=True, observe=True):
                _look(step, found, names)
    except GraphError as error:
        found.fault = str(error)
    return found


def _look(step: tuple[Node, Any, tuple[Any, ...]], found: Backward, names: Any) -> None:
    node, g, contributions = step
    if node.op is None:
        found.gradients[node] = measure(g)
        found.zeros[node] = int((g == 0).sum())
        _look_at_sum(node, g, found, names)
    if node.index is not None:
        if (killer := found.killers.get(node)) is not None:
            found.killers.setdefault(node.parents[0], killer)
        return
    is_zero = not any((part != 0).any() for part in (g if isinstance(g, tuple) else (g,)))
    for position, (target, c) in enumerate(zip(node.parents, contributions, strict=False)):
        if c is None:
            continue
        found.edges += 1
        if target.op is None:
            largest = max(measure(p).largest or 0.0 for p in (g if isinstance(g, tuple) else (g,)))
            found.upstream[target] = max(found.upstream.get(target, 0.0), largest)
        if c.size and not (c != 0).any():
            found.killers.setdefault(target, found.killers.get(node, node) if is_zero else node)
        bad = first_bad(c) if found.finding is None else None
        if bad is not None:
            text = _bad_edge(node, g, position, target, bad, names)
            found.finding = Finding("backward", text, *bad)


def _look_at_sum(node: Node, g: Any, found: Backward, names: Mapping[Node, str]) -> None:
    bad = first_bad(g) if found.finding is None else None
    if bad is not None:
        text = f"the sum of what reaches {called(node, names)} is {bad[1]}{place(bad[0])}, though "
        found.finding = Finding("backward", text + "each contribution is finite.", *bad)


def _bad_edge(
    node: Node,
    g: Any,
    position: int,
    target: Node,
    bad: tuple[tuple[int, ...], float],
    names: Mapping[Node, str],
) -> str:
    index, value = bad
    name = names.get(target, "")
    text = f"{called(node, names)} → input {position}{f' ({name})' * bool(name)} is the first "
    text += f"edge that is {value}{place(index)}"
    causes = []
    if not isinstance(g, tuple):
        if g.shape == target.shape:
            causes.append(f"upstream {format.number(g[index].item())}")
        elif first_bad(g) is None:
            causes.append("upstream is finite")
    array = recorded_values([target, node]).get(target)
    if array is not None:
        causes.append(f"input {format.number(array[index].item())}")
    return text + (f": {', '.join(causes)}." if causes else ".")
