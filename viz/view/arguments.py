"""Names for what goes into a model, where the caller's frame has none: those of forward().

In model(Tensor(batch)) no variable holds the input, but forward(self, x) calls it x; what a loss
takes besides is its target. An input is named only where there is no doubt which argument it is.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from autograd.graph import Node, ancestors
from autograd.mode import Entry
from viz.view.graph import is_plain_number

TARGET = "target"
"""What losses call what they compare with."""


def with_arguments(
    outputs: Iterable[Node], paths: Mapping[Node, str], variables: Mapping[Any, str]
) -> dict[Any, str]:
    """variables, and the inputs of the outermost modules by what their forward() calls them.

    paths: the parameters and buffers of models, which are no inputs. A name that is taken, or that
    several inputs would have, is given to none.
    """
    order = ancestors(outputs)
    found: dict[Node, str] = {}
    for entry, inputs in _inputs(order, paths).items():
        for leaf, name in _named(entry, inputs).items():
            found.setdefault(leaf, name)
    given = {node.name for node in order} | set(paths.values())
    given |= {variables[node] for node in order if node in variables}
    counts = Counter(found.values())
    clear = {leaf: name for leaf, name in found.items() if counts[name] == 1 and name not in given}
    return {**clear, **variables}


def _inputs(order: Iterable[Node], paths: Mapping[Node, str]) -> dict[Entry, list[Node]]:
    """For each run of an outermost module, the values that it takes from outside."""
    found: dict[Entry, dict[Node, None]] = {}
    for node in order:
        root = _root(node)
        for parent in node.parents if root is not None else ():
            if parent is None or parent in paths or is_plain_number(parent):
                continue
            if root is not None and (parent.op is None or _root(parent) is not root):
                found.setdefault(root, {})[parent] = None
    return {root: list(values) for root, values in found.items()}


def _root(node: Node) -> Entry | None:
    entry: Entry | None = node.module
    while entry is not None and entry.outer is not None:
        entry = entry.outer
    return entry


def _named(entry: Entry, inputs: list[Node]) -> dict[Node, str]:
    """The leaves among the inputs of a module of which it is sure what forward() calls them."""
    leaves = [node for node in inputs if node.op is None]
    names = _parameters(getattr(entry.owner, "forward", None))
    if len(leaves) != 1 or not names:
        return {}
    if len(inputs) == len(names) == 1:
        return {leaves[0]: names[0]}
    is_loss = len(inputs) == len(names) == 2 and TARGET in names
    return {leaves[0]: TARGET} if is_loss and not leaves[0].tracked else {}


def _parameters(forward: Any) -> list[str]:
    """The arguments that a call must give; none where they cannot be told."""
    try:
        given = inspect.signature(forward).parameters.values()
    except (TypeError, ValueError):
        return []
    return [
        one.name
        for one in given
        if one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
    ]
