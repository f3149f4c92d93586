"""Names for what goes into a model, where the caller's frame has none: those of forward().

In model(Tensor(batch)) no variable holds the input, but forward(self, x) calls it x; what a loss
takes besides is its target. An input is named only where there is no doubt which argument it is: of
a model with a frozen front, the first layer that is recorded takes what the frozen ones gave.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from autograd.graph import Node, ancestors
from autograd.mode import Entry
from viz.view.graph import is_plain_number
from viz.view.naming import models_of

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
    before = unrecorded(outputs, paths)
    for entry, inputs in _inputs(order, paths).items():
        for leaf, name in _named(entry, inputs).items():
            name = before[leaf].output if leaf in before else name
            found.setdefault(leaf, name)
    given = {node.name for node in order} | set(paths.values())
    given |= {variables[node] for node in order if node in variables}
    counts = Counter(found.values())
    clear = {
        leaf: name
        for leaf, name in found.items()
        if name and counts[name] == 1 and name not in given
    }
    return {**clear, **variables}


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """What ran before a value went into the first module that is recorded, as far as can be told.

    output: what the value is called after it, "output of 1", or "".  module: the path of the one
    that is recorded.  frozen: those before it whose parameters require no grad.
    """

    output: str
    module: str
    frozen: tuple[str, ...]


def gaps(outputs: Iterable[Node], paths: Mapping[Node, str]) -> list[str]:
    """What to say in a drawing of frozen modules that stand before what is recorded."""
    found = (one for one in unrecorded(outputs, paths).values() if one.frozen)
    return list(
        dict.fromkeys(
            f"What ran before {one.module} is not recorded: nothing in {', '.join(one.frozen)} "
            "requires grad."
            for one in found
        )
    )


def unrecorded(outputs: Iterable[Node], paths: Mapping[Node, str]) -> dict[Node, Unrecorded]:
    """The leaves that are no argument of a model, as modules that stand before the one that takes
    them left no trace."""
    order = ancestors(outputs)
    ran: dict[Entry, set[int]] = {}
    for entry in {node.module: None for node in order if node.module is not None}:
        for outer, inner in pairwise(_chain(entry)):
            ran.setdefault(outer, set()).add(id(inner.owner))
    found: dict[Node, Unrecorded] = {}
    for node in order:
        for leaf in node.parents if node.module is not None else ():
            if leaf is None or leaf in found or leaf in paths or leaf.op is not None:
                continue
            is_result = not leaf.tracked and not is_plain_number(leaf)
            if is_result and (skipped := _skipped(_chain(node.module), ran, paths)):
                found[leaf] = skipped
    return found


def _skipped(
    chain: Sequence[Entry], ran: Mapping[Entry, set[int]], paths: Mapping[Node, str]
) -> Unrecorded | None:
    """What stands before the innermost modules of a chain, and left no trace."""
    models = models_of(paths)
    for outer, inner in reversed(list(pairwise(chain))):
        children = getattr(outer.owner, "named_children", None)
        known = list(children()) if callable(children) else []
        at = next((i for i, (_, one) in enumerate(known) if one is inner.owner), 0)
        silent = [(name, one) for name, one in known[:at] if not _learns(one)]
        if not silent or any(id(one) in ran[outer] for _, one in known[:at]):
            continue
        start = models.path(inner).removesuffix(models.title(inner))
        frozen = [f"{start}{name}" for name, one in silent if [*one.named_parameters()]]
        is_row = any(kind.__name__ == "Sequential" for kind in type(outer.owner).__mro__)
        output = f"output of {start}{silent[-1][0]}" if is_row else ""
        return Unrecorded(output, models.path(inner), tuple(frozen))
    return None


def _learns(module: Any) -> bool:
    """Whether a module would have left a trace."""
    return any(parameter.requires_grad for _, parameter in module.named_parameters())


def _chain(entry: Entry | None) -> list[Entry]:
    """The modules from the outermost to entry."""
    chain: list[Entry] = []
    while entry is not None:
        chain.append(entry)
        entry = entry.outer
    return chain[::-1]


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
