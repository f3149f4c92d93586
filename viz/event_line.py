"""One event of the reverse pass in one line, as the prompt tells it:

    [7/8] ×  → input 0 (사과 가격)  1.1 × 2 = 2.2     ∂z/∂x = y = 사과 개수  사과 가격.grad: – → 2.2

For single numbers upstream × local = contribution, the local derivative being the rule run on one;
for arrays the rule with its shapes. Rules as text are in `rule_text.py`.
"""

from __future__ import annotations

from typing import Any, Protocol

from autograd import backend
from autograd.graph import Node
from autograd.timeline import Event, Numbers, aside
from viz import format
from viz.names import one_line
from viz.rule_text import array_rule, scalar_rule
from viz.terminal import coloured, columns, cut, padded
from viz.value import measure
from viz.value_names import ValueNames, value_of

TARGET, SUM, RULE = 19, 16, 25
"""Columns of the receiver, the product and the rule, so that the lines of small graphs align."""

LONGEST_RULE = 100
"""Columns of a rule, of which the last are left out."""

GAP = "  "
"""Between the parts of a line."""

INFIX = frozenset("+−×÷^@")
"""Symbols that are written between two operands."""

ARROW = "→"

UNNAMED = "output"
"""What the output is called where it has no name."""


class Told(Protocol):
    """The time line that lines are about."""

    events: list[Event]
    output: Node

    def numbers(self, index: int) -> Numbers:
        """The numbers of an event."""
        ...

    def arrivals(self, node: Node) -> list[int]:
        """The events that add to a node's gradient."""
        ...


def event_line(
    timeline: Told, event: Event, names: ValueNames, *, last: str = "", colour: bool = False
) -> str:
    """The line of one event.

    last: what stands behind the slash, by default the index of the last event.  colour: whether to
    colour it for a terminal.
    """
    head = f"[{event.index}/{last or len(timeline.events) - 1}] "
    if event.kind == "seed":
        pieces = _seed(timeline, event, names)
    elif event.kind == "forward":
        pieces = _forward(event, names)
    else:
        pieces = _edge(timeline, event, names)
    pieces = [(head, "muted"), *pieces]
    return "".join(coloured(t, role) if colour else t for t, role in pieces).rstrip(" ")


def number_text(array: Any) -> str:
    """A gradient as lines show it: a number, a small matrix, or a norm; – for none."""
    if array is None:
        return format.NO_GRADIENT
    if isinstance(array, tuple):
        return ", ".join(number_text(part) for part in array)
    value = measure(array)
    if value.numbers is not None and len(value.numbers) == 1:
        return format.number(value.numbers[0])
    small = format.cells(value)
    return format.in_line(value) if small else format.summary(value, with_shape=False)


def local_of(event: Event, numbers: Numbers) -> float | None:
    """∂output/∂input at one edge between single numbers: the rule run on a seed of one. None where
    it cannot run any more."""
    node, xp = event.node, backend.module_of(numbers.upstream)
    try:
        with aside():
            one = xp.ones(node.shape, dtype=node.dtype)
            c = node.op.pull(node, one, {event.target}, False)[event.position]
        return float(c.item())
    except Exception:  # its arrays were freed since, by a backward() typed at the prompt
        return None


def is_single(event: Event, numbers: Numbers) -> bool:
    """Whether an edge leads from a single number to a single number."""
    return bool(getattr(numbers.upstream, "size", 0) == 1 == numbers.contribution.size)


def symbol_of(node: Node) -> str:
    """What an operation is called in a line: its symbol, else its name."""
    return one_line(node.op.symbol or node.op.name)


def _seed(timeline: Told, event: Event, names: ValueNames) -> list[tuple[str, str]]:
    seed, node = timeline.numbers(event.index).after, event.node
    # A number alone is no name to differentiate by.
    name = names(node) if names.is_named(node) else UNNAMED
    shape = format.shape_text(tuple(node.shape)) + " " if seed.size != 1 else ""
    text = f"{shape}{number_text(seed)}"
    return [("seed   ", "title"), (f"∂{name}/∂{name} = ", ""), (text, "gradient")]


def _forward(event: Event, names: ValueNames) -> list[tuple[str, str]]:
    """`×  forward              100 × 2 = 200     사과 가격, 사과 개수`"""
    node, symbol = event.node, symbol_of(event.node)
    parents = [parent for parent in node.parents if parent is not None]
    values = [_short(parent) for parent in parents]
    is_infix = symbol in INFIX and len(values) == 2
    listed = values[0] if len(values) == 1 and values[0][:1] == "(" else f"({', '.join(values)})"
    text = f" {symbol} ".join(values) if is_infix else f"{symbol}{listed}"
    result = f"{text} = {_short(node)}" if not node.op.outputs else text
    known = ", ".join(names(parent) for parent in parents)
    return [*_head(node, "forward"), (padded(result, SUM) + GAP, ""), (known, "muted")]


def _head(node: Node, what: str) -> list[tuple[str, str]]:
    """The operation and what it does, in as many columns as × takes."""
    symbol = symbol_of(node)
    return [(symbol + GAP, "title"), (padded(what, TARGET + 1 - columns(symbol)) + GAP, "")]


def _short(node: Node) -> str:
    """A value in a forward line: a number, or a shape."""
    if node.op is not None and node.index is None and node.op.outputs:
        return ""
    value = value_of(node)
    if value.numbers is not None and len(value.numbers) == 1:
        return format.number(value.numbers[0])
    return format.shape_text(value.shape)


def _edge(timeline: Told, event: Event, names: ValueNames) -> list[tuple[str, str]]:
    numbers, name = timeline.numbers(event.index), names(event.target)
    pieces = _head(event.node, f"{ARROW} input {event.position} ({name})")
    growth = _growth(timeline, event, numbers, name)
    if is_single(event, numbers):
        rule = scalar_rule(event.node, event.position, names)
        return [*pieces, *_product(event, numbers), (padded(rule, RULE) + GAP, "muted"), *growth]
    rule = cut(array_rule(event.node, event.position, names), LONGEST_RULE)
    pieces.append((padded(rule, RULE) + GAP + "   ", "muted"))
    if not growth or numbers.before is not None:  # else the growth says it already
        text = padded(number_text(numbers.contribution), SUM) + GAP
        pieces.append((text, _role(numbers.contribution)))
    return [*pieces, *growth]


def _product(event: Event, numbers: Numbers) -> list[tuple[str, str]]:
    """upstream × local = contribution."""
    contribution, local = number_text(numbers.contribution), local_of(event, numbers)
    if local is None:
        return [(padded(contribution, SUM) + GAP, _role(numbers.contribution))]
    factors = f"{number_text(numbers.upstream)} × {_factor(local)} = "
    room = " " * (len(padded(factors + contribution, SUM)) - len(factors + contribution))
    return [(factors, ""), (contribution, _role(numbers.contribution)), (room + GAP, "")]


def _factor(local: float) -> str:
    text = format.number(local)
    return f"({text})" if text.startswith("-") else text


def _growth(timeline: Told, event: Event, numbers: Numbers, name: str) -> list[tuple[str, str]]:
    """`x.grad: 3 → 6`, for leaves and for what several ways lead to."""
    if event.target.op is not None and len(timeline.arrivals(event.target)) < 2:
        return []
    before, after = number_text(numbers.before), number_text(numbers.after)
    return [(f"{name}.grad: {before} {ARROW} ", ""), (after, _role(numbers.after))]


def _role(array: Any) -> str:
    return "bad" if measure(array).health == "bad" else "gradient"
