"""What is written on a wire: its value on one side, and on the other the gradient.

A label is symmetric about its wire, which runs straight through it, and as large as it would be if
both passes were drawn, whichever are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from viz import format
from viz.boxes import Box, Wire
from viz.lettering import Line, Matrix, Run, size_of
from viz.style import Style
from viz.value import Value

OFFSET = 3.0
"""Pixels from the middle of a wire to its forward line, and to its gradient's."""

CLEAR = 2.0
"""Pixels between a line and the text beside it."""

SHORTEST = 36.0
"""Pixels that a wire with text on it runs straight at least."""

BARE = 10.0
"""Pixels of a wire without text."""

SIGN = 18.0
"""Pixels for the sign of a wire that was added or removed, at the start of its label."""

SIZE = 13.0
"""The size of numbers."""

LONGEST_SUM = 200.0
"""Pixels that the contributions of a sum take in one line."""

WARNING = "⚠"
"""Stands before nan and inf, so that their colour is not needed."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is written on both sides of a wire, in the passes that are drawn, and its room.

    size: width and height in pixels, whatever is drawn.  sides: how far what is above and what is
    below, or left and right, reaches from the middle of the wire.  gradient: the role of the
    gradient's line, or "" where there is none.  value: the role of the forward line.
    """

    wire: Wire
    above: tuple[Line, ...]
    below: tuple[Line, ...]
    size: tuple[float, float]
    sides: tuple[float, float]
    value: str
    gradient: str


def label_of(wire: Wire, source: Box, target: Box, style: Style) -> Label:
    """The label of a wire from source to target."""
    writer = _Writer(wire, source, target, style)
    above, bare, full = writer.above(), writer.below(False), writer.below(True)
    shown = () if not style.shows_gradients else bare if style.shows_values else full
    change = wire.change if wire.change in ("added", "removed") else ""
    has_gradient = style.shows_gradients and wire.gradient is not None
    size, sides = _size(above, (bare, full), style.direction, bool(change))
    return Label(
        wire,
        above if style.shows_values else (),
        shown,
        size,
        sides,
        change or "wire",
        writer.slope if has_gradient else "",
    )


def _size(
    above: Sequence[Line], below: Sequence[Sequence[Line]], direction: str, has_sign: bool
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Width and height of a label, and how far it reaches to both sides of its wire."""
    wide, high = zip(*(size_of(lines) for lines in (above, *below)), strict=True)
    shortest = (SHORTEST if any(wide) else BARE) + (SIGN if has_sign else 0)
    if direction == "TB":
        left, right = (n + OFFSET + 3 * CLEAR for n in (wide[0], max(wide[1:])))
        return (2 * max(left, right), max(shortest, max(high) + 4)), (left, right)
    top, bottom = (n + OFFSET + 2 * CLEAR for n in (high[0], max(high[1:])))
    return (max(shortest, max(wide) + 6), 2 * max(top, bottom)), (top, bottom)


class _Writer:
    """Writes one label. slope: the role of all that belongs to the gradient."""

    def __init__(self, wire: Wire, source: Box, target: Box, style: Style) -> None:
        self.wire, self.style = wire, style
        self.is_constant = source.kind == "constant"
        self.has_shape_elsewhere = source.kind == "parameter" and bool(source.details)
        is_inner = source.kind in ("operation", "hidden", "module") and target.kind != "output"
        is_told = wire.is_named or wire.count > 1 or wire.is_loop
        self.name = wire.name if is_inner and is_told else ""
        self.change = wire.change if wire.change in ("added", "removed") else ""
        health = wire.gradient.health if wire.gradient is not None else "fine"
        self.slope = self.change or ("gradient" if health == "fine" else health)

    def above(self) -> tuple[Line, ...]:
        """The value and, for a value in the middle that has a name, its name."""
        if self.is_constant:
            return ()
        lines = [Line((Run(self.name, "muted", 11),))] if self.name else []
        if self.style.values and self.wire.value is not None:
            with_shape = not self.has_shape_elsewhere
            lines += self._changed(self.wire.value, self.wire.old_value, "ink", with_shape)
        return tuple(lines)

    def below(self, with_shape: bool) -> tuple[Line, ...]:
        """The gradient, its contributions and their sum, or – where there is none."""
        gradient = self.wire.gradient
        if self.style.grads is False or (self.is_constant and gradient is None):
            return ()
        if gradient is None and (self.wire.is_loop or self.wire.count > 1):
            return ()  # of several values at once there is no one gradient
        if gradient is None:
            return (Line((Run(format.NO_GRADIENT, self.slope, SIZE),)),)
        terms = format.sum_text(self.wire.parts, self.style.precision)
        if terms and self.wire.old_gradient is None:
            return self._sum(terms, gradient)
        return self._changed(gradient, self.wire.old_gradient, self.slope, with_shape)

    def _sum(self, terms: str, total: Value) -> tuple[Line, ...]:
        """The contributions, in several lines if they are many, and their sum in bold."""
        is_long = "more" in terms
        last = Run(format.summary(total, self.style.precision), self.slope, SIZE, True)
        rows = [""]
        for term in re.split(r" (?=[+-] )", terms):
            term = (" " if is_long and rows != [""] else "") + term
            term = term if is_long else term.replace(" ", "")
            rows.append("" if Run(rows[-1] + term).width > LONGEST_SUM else rows.pop())
            rows[-1] += term
        *runs, end = (Run(row.strip(), self.slope, SIZE) for row in rows)
        end = replace(end, text=f"{end.text} = ")
        lines = [Line((run,)) for run in runs] + [Line((end, last))]
        return (Line((*_sign(total, self.slope), *lines[0].items)), *lines[1:])

    def _changed(
        self, new: Value, old: Value | None, role: str, with_shape: bool
    ) -> tuple[Line, ...]:
        """A value; if it was another one before, that one, an arrow and this one."""
        role = self.change or role
        if old is None or old == new:
            return self._value(new, role, with_shape)
        with_shape = old.shape != new.shape
        before, after = self._value(old, "muted", with_shape), self._value(new, role, with_shape)
        if role == "ink" or new.health == "fine":
            after = self._value(new, "changed", with_shape)
        arrow = Run(" → ", "changed", SIZE)
        if len(before) == len(after) == 1:
            return (Line((*before[0].items, arrow, *map(_without_norm, after[0].items))),)
        return (*before[:-1], Line((*before[-1].items, arrow)), *after)

    def _value(self, value: Value, role: str, with_shape: bool) -> tuple[Line, ...]:
        """A number, a small matrix, or shape and norm below one another."""
        style = self.style
        if value.health == "bad" and not self.change:
            role = "bad"
        sign = _sign(value, role)
        rows = format.cells(value, style.precision)
        if rows is not None:
            return (Line((*sign, Matrix(tuple(map(tuple, rows)), role))),)
        text = format.summary(value, style.precision, with_shape=False)
        if value.norm is None:
            below = Line((Run(text.removeprefix("() "), "muted", 10),))
        else:
            below = Line((*sign, Run(text, role, 12 if value.shape else SIZE)))
        if not with_shape or not value.shape:
            return (below,)
        return Line((Run(format.shape_text(value.shape), role, 12),)), below


def _sign(value: Value, role: str) -> tuple[Run, ...]:
    """The warning before nan and inf; by itself, as few fonts have it."""
    return (Run(f"{WARNING} ", role, SIZE),) if value.health == "bad" else ()


def _without_norm(item: Run | Matrix) -> Run | Matrix:
    """The number alone, after an arrow: "norm 3 → 4"."""
    return replace(item, text=item.text.removeprefix("norm ")) if isinstance(item, Run) else item
