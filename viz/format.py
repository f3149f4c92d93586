"""Numbers as people read them: 4 significant digits, integers in full up to 7.

`number` writes one number, `cells` a small array, `summary` any value in one line. What a value is
comes from `value.py`; where its text goes is the painters' business.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from viz.value import Value

PRECISION = 4
"""Significant digits, unless a drawing asks for others."""

FULL = 10_000_000
"""Integers below this size are written in full."""

PRINTED = 3
"""Arrays are printed up to this many rows and columns."""

TERMS = 6
"""Contributions of a sum that are written out."""

NO_GRADIENT = "–"
"""What stands for a gradient that was not computed. Never 0: that is a number."""


def number(x: float | int | bool, precision: int = PRECISION) -> str:
    """x with that many significant digits; integers below ten million in full.

    >>> number(2.200000047683716), number(1234567.0), number(6.1e-06), number(12345678)
    ('2.2', '1234567', '6.1e-6', '1.235e7')
    """
    if isinstance(x, bool) or not math.isfinite(x):
        return str(x)
    if x == int(x) and abs(x) < FULL:
        return str(int(x))
    text = f"{x:.{precision}g}"
    digits, e, exponent = text.partition("e")
    return f"{digits}e{int(exponent)}" if e else digits


def cells(value: Value, precision: int = PRECISION) -> list[list[str]] | None:
    """The numbers of an array of up to 3×3, row by row; None for any other value.

    Leading axes of length 1 do not count, so that a kernel of shape (1, 1, 3, 3) is printed.
    """
    shape = value.shape
    while len(shape) > 2 and shape[0] == 1:
        shape = shape[1:]
    if (
        value.numbers is None
        or not 1 <= len(shape) <= 2
        or not 0 < min(shape) <= max(shape) <= PRINTED
    ):
        return None
    texts = [number(x, precision) for x in value.numbers]
    columns = shape[-1]
    return [texts[i : i + columns] for i in range(0, len(texts), columns)]


def summary(value: Value, precision: int = PRECISION, *, with_shape: bool = True) -> str:
    """A value in one line: the number itself, or its shape and norm; of classes, their range.

    >>> summary(Value((), (2.5,), 2.5, 2.5)), summary(Value((4, 3), None, 7.0, 2.0))
    ('2.5', '(4, 3) norm 7')
    >>> summary(Value((8,), None, 16.9, 9.0, ("int64", 0, 9)))
    '(8,) int64 0…9'
    """
    if value.numbers is not None and len(value.numbers) == 1 and not value.shape:
        return number(value.numbers[0], precision)
    shape = f"{shape_text(value.shape)} " if with_shape else ""
    if 0 in value.shape:
        return f"{shape}empty"
    if value.norm is None:
        return f"{shape}(not kept)"
    if value.counts is not None:
        return f"{shape}{_counted(value, *value.counts)}"
    return f"{shape}norm {number(value.norm, precision)}"


def _counted(value: Value, dtype: str, least: int, greatest: int) -> str:
    """Whole numbers by their range, truths by how many there are: a norm would say nothing."""
    if dtype == "bool":
        return f"{round((value.norm or 0) ** 2):,} of {math.prod(value.shape):,} true"
    return f"{dtype} {least}…{greatest}" if least != greatest else f"{dtype}, all {least}"


def in_line(value: Value, precision: int = PRECISION) -> str:
    """A value in one line, small arrays with all their numbers.

    >>> in_line(Value((2, 2), (1.0, 2.0, 3.0, 4.5), 5.8, 4.5))
    '[[1 2] [3 4.5]]'
    """
    rows = cells(value, precision)
    if rows is None:
        return summary(value, precision)
    texts = [f"[{' '.join(row)}]" for row in rows]
    return texts[0] if len(rows) == 1 and len(value.shape) == 1 else f"[{' '.join(texts)}]"


def sum_text(parts: Sequence[Value], precision: int = PRECISION) -> str:
    """The contributions that meet at a branch, as a sum; "" unless they are single numbers.

    >>> sum_text([Value((), (3.0,), 3.0, 3.0), Value((), (-1.0,), 1.0, 1.0)])
    '3 - 1'
    """
    if len(parts) < 2 or any(part.shape or part.numbers is None for part in parts):
        return ""
    shown = parts if len(parts) <= TERMS else parts[: TERMS - 1]
    text = " + ".join(number((part.numbers or ())[0], precision) for part in shown)
    rest = "" if len(shown) == len(parts) else f" + {len(parts) - len(shown):,} more"
    return text.replace("+ -", "- ") + rest


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as Python writes it.

    >>> shape_text((4,))
    '(4,)'
    """
    return str(tuple(int(n) for n in shape))
