"""Comparisons, logic and tests: answers are bools, and none has a gradient.

`==` on Tensors is `equal`, elementwise; `array_equal` and `allclose` give one Python bool instead.
Bitwise operations are logic on bool tensors: `(x > 0) & (x < 1)` is a mask.
"""

from __future__ import annotations

from typing import Any

from autograd import backend
from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.promote import to_array


@op("=")
def equal(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = [x = y], elementwise; shapes broadcast. No gradient."""
    return x == y


@op("≠")
def not_equal(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = [x ≠ y], elementwise; shapes broadcast. No gradient."""
    return x != y


@op("<")
def less(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = [x < y], elementwise; shapes broadcast. No gradient."""
    return x < y


@op("≤")
def less_equal(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = [x ≤ y], elementwise; shapes broadcast. No gradient."""
    return x <= y


@op(">")
def greater(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = [x > y], elementwise; shapes broadcast. No gradient."""
    return x > y


@op("≥")
def greater_equal(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = [x ≥ y], elementwise; shapes broadcast. No gradient."""
    return x >= y


@op("∧")
def logical_and(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = [x ≠ 0 and y ≠ 0], elementwise. No gradient."""
    return xp.logical_and(x, y)


@op("∨")
def logical_or(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = [x ≠ 0 or y ≠ 0], elementwise. No gradient."""
    return xp.logical_or(x, y)


@op("⊻")
def logical_xor(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = [one of x and y ≠ 0, not both], elementwise. No gradient."""
    return xp.logical_xor(x, y)


@op("¬")
def logical_not(xp: ArrayModule, x: Array) -> Array:
    """z = [x = 0], elementwise. No gradient."""
    return xp.logical_not(x)


@op("&")
def bitwise_and(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = x & y: logic on bools, bit by bit on integers. No gradient; TypeError for floats."""
    return x & y


@op("|")
def bitwise_or(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = x | y: logic on bools, bit by bit on integers. No gradient; TypeError for floats."""
    return x | y


@op("⊕")
def bitwise_xor(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = x ^ y: logic on bools, bit by bit on integers. No gradient; TypeError for floats."""
    return x ^ y


@op("~")
def invert(xp: ArrayModule, x: Array) -> Array:
    """z = ~x: not on bools, bit by bit on integers. No gradient; TypeError for floats."""
    return ~x


@op("nan?")
def isnan(xp: ArrayModule, x: Array) -> Array:
    """z = [x is NaN], elementwise. No gradient."""
    return xp.isnan(x)


@op("inf?")
def isinf(xp: ArrayModule, x: Array) -> Array:
    """z = [x is +∞ or −∞], elementwise. No gradient."""
    return xp.isinf(x)


@op("finite?")
def isfinite(xp: ArrayModule, x: Array) -> Array:
    """z = [x is a number, neither NaN nor infinite], elementwise. No gradient."""
    return xp.isfinite(x)


def array_equal(x: Any, y: Any) -> bool:
    """Whether x and y have one shape and all elements equal. No gradient."""
    a, b = to_array(x), to_array(y)
    return a.shape == b.shape and bool((a == b).all())


def allclose(
    x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Whether |x − y| ≤ atol + rtol · |y| for all elements. No gradient.

    Raises ShapeError if x and y do not broadcast.
    """
    a, b = to_array(x), to_array(y)
    try:
        return bool(backend.module_of(a).allclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan))
    except ValueError:
        raise ShapeError(
            f"allclose: x is {a.shape} and y is {b.shape}; these shapes do not broadcast. "
            "Use array_equal to have another shape answered with False."
        ) from None


bitwise_not = invert

__all__ = [
    "allclose",
    "array_equal",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "equal",
    "greater",
    "greater_equal",
    "invert",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "not_equal",
]
