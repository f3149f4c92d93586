"""One element's gradient as a sum over the elements that it reaches.

    dW[3, 7] = Σₙ x[n, 3] · G[n, 7]

A rule is linear in g, so its own derivative by g says how much of each element of the output an
element of the input moves: exactly, for every operation. `explain.py` uses it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd
from autograd import Tensor, backend
from autograd.graph import Node
from autograd.mode import enable_grad
from autograd.timeline import Timeline, aside
from viz import format
from viz.paths import picked

SHOWN = 5
"""Terms that are written out."""

EDGES = 64
"""Uses of a value whose terms are looked for."""


@dataclass(frozen=True, slots=True)
class Term:
    """box: the operation.  at: the element of its output.  local: ∂z[at]/∂x[element].  upstream:
    G[at].  product: what it adds to the gradient."""

    box: Node
    at: tuple[int, ...]
    local: float
    upstream: float
    product: float


def terms_of(timeline: Timeline, x: Node, element: tuple[int, ...]) -> list[Term] | None:
    """The terms of ∂y/∂x[element], largest first; None where they cannot be told apart."""
    arrivals = timeline.arrivals(x)
    if len(arrivals) > EDGES:
        return None
    found: list[Term] = []
    for index in arrivals:
        event, numbers = timeline.events[index], timeline.numbers(index)
        if event.kind != "edge" or isinstance(numbers.upstream, tuple):
            return None
        try:
            column = _column(event.node, event.position, numbers.upstream, element)
        except (TypeError, ValueError, RuntimeError, AttributeError):
            return None  # a rule that runs on arrays alone
        g = backend.to_host(numbers.upstream).astype("float64")
        found += [_term(event.node, tuple(map(int, at)), column, g) for at in np.argwhere(column)]
    total = picked(timeline.gradient(x, len(timeline) - 1), element)
    if math.isfinite(total) and not all(math.isfinite(term.product) for term in found):
        return None  # 0 · ∞, where another element's derivative is infinite
    return sorted(found, key=lambda term: -abs(term.product))


def _term(box: Node, at: tuple[int, ...], column: Any, g: Any) -> Term:
    local, upstream = float(column[at]), float(g[at])
    return Term(box, at, local, upstream, local * upstream)


def _column(box: Node, position: int, upstream: Any, element: tuple[int, ...]) -> Any:
    """∂z/∂x[element] for every element of z: the derivative of the rule by its g."""
    g = Tensor(upstream, requires_grad=True)
    target = box.parents[position]
    with aside(), enable_grad():
        c = box.op.pull_tensors(box, g, {target}, False)[position]
        column = autograd.grad(c[element] if element else c, g)[0]
    return backend.to_host(column.data).astype("float64")


def term_lines(
    terms: list[Term], x: Node, name: str, element: tuple[int, ...], names: Mapping[Node, str]
) -> list[str]:
    """The sum written out: its rule, its largest terms, and the sum of the rest."""
    label = f"d{name}{list(element)}"
    boxes = list(dict.fromkeys(term.box for term in terms))
    if not terms:
        return [f"  {label}: it reaches no element"]
    if len(terms) == 1:
        return [f"  {label} = ∂z/∂{name}{list(element)} · G = {_product(terms[0])}"]
    rule, letter = _rule(boxes[0], x, element, names) if len(boxes) == 1 else ("", "")
    if not rule:
        where = f"z = {boxes[0].op.symbol} {boxes[0].shape}"
        where = where if len(boxes) == 1 else f"{len(boxes):,} operations"
        rule = f"Σ ∂z/∂{name}{list(element)} · G, over {len(terms):,} elements of {where}"
    shown = terms if len(terms) <= SHOWN + 1 else terms[:SHOWN]
    rows = [(_place(term, element, letter, len(boxes) > 1), _product(term)) for term in shown]
    if rest := terms[len(shown) :]:
        more = format.number(sum(term.product for term in rest))
        rows.append((f"{len(rest):,} more", more))
    width = max(len(place) for place, _ in rows)
    return [f"  {label} = {rule}:", *(f"    {place:<{width}}   {text}" for place, text in rows)]


def _rule(
    box: Node, x: Node, element: tuple[int, ...], names: Mapping[Node, str]
) -> tuple[str, str]:
    """The sum of a product of two matrices, and the letter it runs over; "" for anything else."""
    if box.op.name != "matmul" or any(len(p.shape) != 2 for p in box.parents):
        return "", ""
    left, right = box.parents
    if left is right:
        return "", ""
    if x is right:
        other = names.get(left, "x")
        return f"Σₙ {other}[n, {element[0]}] · G[n, {element[1]}]", "n"
    return f"Σₘ {names.get(right, 'y')}[{element[1]}, m] · G[{element[0]}, m]", "m"


def rule_lines(timeline: Timeline, x: Node, names: Mapping[Node, str]) -> list[str]:
    """For a matrix that is multiplied by another: the rule, with the shapes of all its parts."""
    lines = []
    for index in timeline.arrivals(x):
        event = timeline.events[index]
        if event.kind != "edge" or event.node.op.name != "matmul":
            continue
        if any(len(parent.shape) != 2 for parent in event.node.parents):
            continue
        is_left = event.position == 0
        other = event.node.parents[1 if is_left else 0]
        shown = f"{names.get(other, 'y' if is_left else 'x')}ᵀ {other.shape[::-1]}"
        g = f"G {event.node.shape}"
        product = f"{g} @ {shown}" if is_left else f"{shown} @ {g}"
        lines.append(f"  d{names.get(x, 'x')} {x.shape} = {product}")
    return list(dict.fromkeys(lines))[:SHOWN]


def _place(term: Term, element: tuple[int, ...], letter: str, has_several: bool) -> str:
    if letter:
        return f"{letter} = {term.at[0] if letter == 'n' else term.at[1]}"
    return f"{term.box.op.symbol} {list(term.at)}" if has_several else f"at {list(term.at)}"


def _product(term: Term) -> str:
    local, upstream, product = map(format.number, (term.local, term.upstream, term.product))
    return f"{local} · {upstream} = {product}"
