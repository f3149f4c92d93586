"""Where to stop, as people write it: `x`, `op:log`, `|g|>1e3`, `nan`, `shop.py:6`.

The prompt's `b`, `tbreak` and `watch` read these words, and so does `viz.break_on`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from autograd import backend
from autograd.graph import Node, line_of
from autograd.stepper import Stepper, Test
from autograd.timeline import Event

SIZE = re.compile(r"\|g\|\s*(>=|<=|==|=|>|<|≥|≤)\s*(\S+)$")
"""A bound on the largest element of a contribution."""

LINE = re.compile(r"[^\s:]+\.pyw?:\d+$")
"""A line of the user's, as in shop.py:6."""

COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, "<": operator.lt, "=": operator.eq, "==": operator.eq,
    ">=": operator.ge, "≥": operator.ge, "<=": operator.le, "≤": operator.le,
}  # fmt: skip

KINDS = "a name, op:log, |g|>1e3, nan or shop.py:6"
"""What a breakpoint can be, for messages."""

Find = Callable[[str], list[Node]]
"""Gives the values that a name stands for."""


def stop_of(text: str, find: Find) -> Test:
    """The test that a breakpoint's words stand for.

    A name stops at each contribution to that value; op:log at the first edge of each operation of
    that name; |g|>1e3 at a contribution with an element as large; nan at one with a NaN or an
    infinity; shop.py:6 at the first edge of each operation of that line.
    Raises ValueError for anything else.
    """
    text = text.strip()
    if match := SIZE.match(text):
        return _sized(match[1], match[2])
    if text == "nan":
        return stop_at_nan
    if text.startswith("op:"):
        return stop_at_operation(text.removeprefix("op:").strip())
    if LINE.match(text):
        return lambda stepper, event: _begins(stepper, event) and line_of(event.node) == text
    if not (nodes := find(text)):
        raise ValueError(f"{text!r} is no value of this graph; a breakpoint is {KINDS}.")
    return stop_at(nodes)


def stop_at(nodes: list[Node]) -> Test:
    """Stops at each contribution to one of the values."""
    targets = set(nodes)
    return lambda stepper, event: event.kind == "edge" and event.target in targets


def stop_at_operation(name: str) -> Test:
    """Stops at the first edge of each operation of that name or symbol. Raises ValueError for
    none."""
    if not name:
        raise ValueError("op: needs the name of an operation, as in op:log.")

    def test(stepper: Stepper, event: Event) -> bool:
        op = event.node.op
        return op is not None and name in (op.name, op.symbol) and _begins(stepper, event)

    return test


def stop_at_nan(stepper: Stepper, event: Event) -> bool:
    """Whether a contribution has a NaN or an infinity."""
    if event.kind != "edge":
        return False
    c = stepper.timeline.numbers(event.index).contribution
    return not bool(backend.module_of(c).isfinite(c).all())


def stop_above(bound: float) -> Test:
    """Stops at a contribution with an element of more than that size."""
    return _sized(">", str(bound))


def _sized(sign: str, text: str) -> Test:
    try:
        bound = float(text)
    except ValueError:
        raise ValueError(f"|g|{sign} needs a number, as in |g|>1e3, not {text!r}.") from None

    def test(stepper: Stepper, event: Event) -> bool:
        return event.kind == "edge" and COMPARE[sign](_largest(stepper, event), bound)

    return test


def _largest(stepper: Stepper, event: Event) -> float:
    c: Any = stepper.timeline.numbers(event.index).contribution
    return float(abs(c).max()) if c.size else 0.0


def _begins(stepper: Stepper, event: Event) -> bool:
    """Whether event is the first edge of its operation."""
    before = stepper.events[event.index - 1] if event.index else None
    return event.kind == "edge" and (
        before is None or before.kind != "edge" or before.node is not event.node
    )
