"""Where a walk along a time line stops: at a tensor, an operation, a size, or the first nan.

A test is called with the stepper, which stands at the event, and the event. Read `stepper.py` next.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd import backend
from autograd.graph import Node
from autograd.timeline import Event

if TYPE_CHECKING:
    from autograd.stepper import Stepper

Test = Callable[["Stepper", Event], bool]
"""Whether to stop at an event."""


@dataclass(slots=True, eq=False)
class Breakpoint:
    """Where `continue_()` stops. number: its name, counted from 1.  text: as the user put it.
    condition: a further test, or None.  is_temporary: it goes when it is hit."""

    number: int
    text: str
    test: Test
    condition: Test | None = None
    is_temporary: bool = False
    hits: int = 0


COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, "<": operator.lt, "=": operator.eq, "==": operator.eq,
    ">=": operator.ge, "≥": operator.ge, "<=": operator.le, "≤": operator.le,
}  # fmt: skip
"""How the size of a contribution may stand to a bound."""


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
        return op is not None and name in (op.name, op.symbol) and begins(stepper, event)

    return test


def stop_at_nan(stepper: Stepper, event: Event) -> bool:
    """Whether a contribution has a NaN or an infinity."""
    if event.kind != "edge":
        return False
    c = stepper.timeline.numbers(event.index).contribution
    return not bool(backend.module_of(c).isfinite(c).all())


def stop_sized(sign: str, bound: float) -> Test:
    """Stops at a contribution whose largest element stands in that relation to bound: |g| > 1e3."""

    def test(stepper: Stepper, event: Event) -> bool:
        return event.kind == "edge" and COMPARE[sign](_largest(stepper, event), bound)

    return test


def _largest(stepper: Stepper, event: Event) -> float:
    c: Any = stepper.timeline.numbers(event.index).contribution
    return float(abs(c).max()) if c.size else 0.0


def begins(stepper: Stepper, event: Event) -> bool:
    """Whether event is the first edge of its operation."""
    before = stepper.events[event.index - 1] if event.index else None
    return event.kind == "edge" and (
        before is None or before.kind != "edge" or before.node is not event.node
    )
