"""Where to stop, as people write it: `x`, `op:log`, `|g|>1e3`, `nan`, `shop.py:6`.

The prompt's `b`, `tbreak` and `watch` read these words, and so does `viz.break_on`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from autograd.breakpoints import (
    Test,
    begins,
    stop_at,
    stop_at_nan,
    stop_at_operation,
    stop_sized,
)
from autograd.graph import Node, line_of
from autograd.timeline import Event

SIZE = re.compile(r"\|g\|\s*(>=|<=|==|=|>|<|≥|≤)\s*(\S+)$")
"""A bound on the largest element of a contribution."""

LINE = re.compile(r"[^\s:]+\.pyw?:\d+$")
"""A line of the user's, as in shop.py:6."""

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
        return lambda stepper, event: begins(stepper, event) and line_of(event.node) == text
    if not (nodes := find(text)):
        raise ValueError(f"{text!r} is no value of this graph; a breakpoint is {KINDS}.")
    return stop_at(nodes)


def _sized(sign: str, text: str) -> Test:
    try:
        return stop_sized(sign, float(text))
    except ValueError:
        raise ValueError(f"|g|{sign} needs a number, as in |g|>1e3, not {text!r}.") from None


def check_operation(text: str, events: Sequence[Event]) -> None:
    """Raises ValueError if text is op:name, and no operation of the events is called so."""
    name = text.strip().removeprefix("op:").strip()
    ops = dict.fromkeys(event.node.op for event in events if event.node.op is not None)
    if text.strip().startswith("op:") and all(name not in (op.name, op.symbol) for op in ops):
        known = ", ".join(op.name for op in ops)
        raise ValueError(f"no operation of this graph is called {name!r}; they are {known}.")
