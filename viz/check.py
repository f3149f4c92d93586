"""`check(y)`: is the graph sound? The first nan or infinity either way, and gradients by layer.

`first_bad.py` looks at values and edges, `layers.py` compares layers; here is the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograd import Tensor
from autograd.differentiate import seed_of
from autograd.graph import Node, ancestors, constant
from viz.first_bad import Backward, Finding, Forward, backward_of, called, forward_of
from viz.layers import Layer, layer_findings, layers_of, table, zero_findings
from viz.names import caller_names
from viz.replay import recorded_values
from viz.terminal import wrapped
from viz.value import measure
from viz.view.arguments import with_arguments
from viz.view.graph import Graph
from viz.view.naming import given_names, parameter_names

WIDTH = 80
"""Columns of a report."""

LISTED = 5
"""Values that were not seen which are named."""


@dataclass(frozen=True, slots=True, repr=False)
class Health:
    """What `check()` found; printed, it is a report of at most 80 columns.

    findings: what is wrong.  unseen: what could not be looked at.  layers: the gradients, layer by
    layer.  is_ok: whether nothing is wrong and everything was seen.
    """

    name: str
    findings: tuple[Finding, ...]
    unseen: tuple[str, ...]
    layers: tuple[Layer, ...]
    forward: Forward
    backward: Backward

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong, and everything could be looked at."""
        return not self.findings and not self.unseen

    def __str__(self) -> str:
        count, seen, edges = len(self.findings), self.forward.seen, self.backward.edges
        verdict = _counted(count, "finding") if count else "nothing found"
        verdict += ", but not all was seen" if self.unseen else "" if count else ", all is fine"
        lines = wrapped(f"check of {self.name}: {verdict}", WIDTH)
        for finding in self.findings:
            lines += _entry(finding.kind, finding.text)
        if not any(finding.kind == "forward" for finding in self.findings):
            again = f", {self.forward.again:,} of them computed again" * bool(self.forward.again)
            lines += _entry("forward", f"{_counted(seen, 'value')}{again}: all finite.")
        if not any(finding.kind == "backward" for finding in self.findings):
            lines += _entry("backward", f"{_counted(edges, 'edge')}: all finite.")
        for text in self.unseen:
            lines += _entry("not seen", text)
        if self.layers:
            lines += ["", *table(self.layers)]
        return "\n".join(lines)

    __repr__ = __str__


def check(y: Tensor, gradient: Any = None, params: Any = None) -> Health:
    """What is wrong in the graph of y, and in its gradients.

    The first forward value and the first backward edge that are nan or infinite, with the index,
    the value and the line; gradients that are exactly zero; layers whose gradient vanishes or
    explodes beside that of the layer nearest to the output, or all of them beside the output.
    Values that the graph did not keep are computed again; what cannot be is listed, and then is_ok
    is False.
    gradient: ∂L/∂y where y is not a single number.  params: a model, or a mapping of names to
    tensors and models; those that y does not depend on are findings too.
    Raises GraphError if y is not tracked, or needs a gradient.
    """
    return health_of(y, caller_names(), gradient=gradient, params=params)


def health_of(
    y: Tensor, variables: Mapping[Any, str], *, gradient: Any = None, params: Any = None
) -> Health:
    """As check(). variables: names for nodes that have none of their own."""
    if not isinstance(y, Tensor):
        raise TypeError(f"check() takes a Tensor, not {type(y).__name__}.")
    node, seed = seed_of(y, gradient, False, "check()")
    paths = parameter_names(params, [node], variables)
    order = ancestors([node])
    variables = with_arguments([node], paths, variables)
    names = given_names({**dict.fromkeys(order), **paths}, paths, variables)
    known = recorded_values(order) | {constant(y): y.data}
    forward = forward_of(order, known, names)
    backward = backward_of(node, seed, names)
    graph = Graph([node], paths)
    scale = _scale(y, seed)
    layers = [] if backward.fault else layers_of(graph, backward, names, paths.models, scale)
    findings = [one for one in (forward.finding, backward.finding) if one is not None]
    findings += zero_findings(graph, backward, names)
    findings += _unused(paths, set(order), names)
    findings += layer_findings(layers)
    unseen = _unseen(forward, backward, names)
    return Health(
        names.get(node, "the output"), tuple(findings), tuple(unseen), tuple(layers), forward,
        backward,
    )  # fmt: skip


def _scale(y: Tensor, seed: Any) -> float:
    """How large what is differentiated is, by its largest number."""
    return (measure(y.data).largest or 0.0) * (measure(seed).largest or 0.0)


def _unused(paths: dict[Node, str], inside: set[Node], names: dict[Node, str]) -> list[Finding]:
    return [
        Finding("unused", f"the output does not depend on {names.get(node, path)}.")
        for node, path in paths.items()
        if node.tracked and node not in inside
    ]


def _unseen(forward: Forward, backward: Backward, names: dict[Node, str]) -> list[str]:
    """What could not be looked at, and how it can."""
    texts = []
    if forward.unseen:
        firsts = [f"{called(n, names)}: {why}" for n, why in list(forward.unseen.items())[:LISTED]]
        more = len(forward.unseen) - len(firsts)
        rest = f"; and {more:,} more" if more else ""
        texts.append(
            f"{_counted(len(forward.unseen), 'forward value')}. {'; '.join(firsts)}{rest}. "
            "Compute y inside `with autograd.keep_values():`."
        )
    if backward.fault:
        texts.append(f"gradients. {backward.fault}")
    return texts


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'s' * (count != 1)}"


def _entry(kind: str, text: str) -> list[str]:
    """A line of the report, and those that it runs on to."""
    first, *more = wrapped(text, WIDTH - 14)
    return [f"  {kind:<11} {first}", *(" " * 14 + line for line in more)]
