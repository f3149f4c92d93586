"""The four operations, powers, and their kin: what the lecture's shopping graphs are made of.

A Python operator on Tensors ends here. Short names are the operations' own; NumPy's longer names
(`subtract`, `true_divide`) are the same objects. Exponentials and roots are in `elementary.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import DTypeError
from autograd.mode import local
from autograd.op import op


@op("+")
def add(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = x + y, elementwise; shapes broadcast."""
    return x + y


add.vjp(
    x=("∂z/∂x = 1", lambda g: g),
    y=("∂z/∂y = 1", lambda g: g),
)


@op("−")
def sub(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = x − y, elementwise; shapes broadcast."""
    return x - y


sub.vjp(
    x=("∂z/∂x = 1", lambda g: g),
    y=("∂z/∂y = −1", lambda g: -g),
)


@op("×")
def mul(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = x · y, elementwise; shapes broadcast."""
    return x * y


mul.vjp(
    x=("∂z/∂x = y", lambda g, y: g * y),
    y=("∂z/∂y = x", lambda g, x: g * x),
)


@op("÷", floating=True)
def div(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = x / y, elementwise; shapes broadcast. Integers become the default dtype."""
    return x / y


# The quotient z, not y²: in float32, y = 1e-25 would square to 0.
div.vjp(
    x=("∂z/∂x = 1 / y", lambda g, y: g / y),
    y=("∂z/∂y = −z / y", lambda g, y, z: -(g / y) * z),
)


@op("//")
def floor_divide(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = ⌊x / y⌋, elementwise. It has no gradient: it is constant between its jumps."""
    return xp.floor_divide(x, y)


@op("mod")
def mod(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = x − y · ⌊x / y⌋, elementwise: the remainder, with y's sign, as Python's %."""
    return xp.remainder(x, y)


mod.vjp(
    x=("∂z/∂x = 1", lambda g: g),
    y=("∂z/∂y = −floor_divide(x, y)", lambda xp, g, x, y: -g * xp.floor_divide(x, y)),
)


@op("−")
def neg(xp: ArrayModule, x: Array) -> Array:
    """z = −x."""
    return -x


neg.vjp(x=("∂z/∂x = −1", lambda g: -g))


@op("| |")
def abs(xp: ArrayModule, x: Array) -> Array:
    """z = |x|. Its gradient at 0 is 0, the least of the subgradients."""
    return xp.abs(x)


abs.vjp(x=("∂z/∂x = sign(x)", lambda xp, g, x: g * xp.sign(x)))


@op("sign")
def sign(xp: ArrayModule, x: Array) -> Array:
    """z = −1, 0 or 1, as x is negative, zero or positive. Its gradient is 0."""
    return xp.sign(x)


sign.vjp(x=("∂z/∂x = 0", lambda g: g * 0))


def _number(y: Array) -> Array:
    """y as a Python number if it is one, on the host: NumPy has short ways for x² and √x then."""
    return y.item() if isinstance(y, (np.ndarray, np.generic)) and y.ndim == 0 else y


@op("^")
def pow(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = xʸ, elementwise; shapes broadcast. NaN where x < 0 and y is not whole.

    At x = 0 the gradient of x⁰ is 0, and that of 0ʸ with respect to y ≥ 0 is 0.
    Raises ValueError for an integer x to a negative integer power.
    """
    return x ** _number(y)


def _pow_x(xp: ArrayModule, g: Array, x: Array, y: Array) -> Array:
    """g · y · xʸ⁻¹, with exponent 0 in the place of −1 where 0⁻¹ would be multiplied by y = 0.

    A single y is tested alone, which is cheap, unless its own derivative is wanted.
    """
    y = _number(y)
    if isinstance(y, (int, float)):
        return g * (y * x ** (y - 1 if y else 0))
    is_zero = y == 0
    if y.ndim or getattr(y, "requires_grad", False):
        is_zero = xp.logical_and(is_zero, xp.isinf(1 / x))  # 0, or so small that 0 · x⁻¹ is NaN
    return g * (y * x ** xp.where(is_zero, 0, y - 1))


def _pow_y(xp: ArrayModule, g: Array, x: Array, y: Array, z: Array) -> Array:
    """g · z · ln x, with x = 1 in the place of 0 where 0ʸ stays 0 (or 1, at y = 0)."""
    is_flat = xp.logical_and(x == 0, y >= 0)
    return g * (z * xp.log(xp.where(is_flat, 1, x)))


pow.vjp(
    x=("∂z/∂x = y · x^(y − 1)", _pow_x),
    y=("∂z/∂y = z · log(x)", _pow_y),
)


@op("max")
def maximum(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = the larger of x and y, elementwise; NaN if either is. Equal ones share the gradient."""
    return xp.maximum(x, y)


@op("min")
def minimum(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = the smaller of x and y, elementwise; NaN if either is. Equal ones share the gradient."""
    return xp.minimum(x, y)


_BITS = {2: np.int16, 4: np.int32, 8: np.int64}
_LARGE = 512


def keep_where(xp: ArrayModule, mask: Array, g: Array) -> Array:
    """g where mask holds, else 0: chosen, not multiplied, since 0 · ∞ would be NaN.

    On large arrays by a bitwise "and", since np.where branches at each element: 20 times slower
    where the mask is random.
    """
    if g.__class__ is not np.ndarray or g.size < _LARGE or g.itemsize not in _BITS:
        return xp.where(mask, g, 0)
    bits = _BITS[g.itemsize]
    return (g.view(bits) & -mask.astype(bits)).view(g.dtype)


def _share(xp: ArrayModule, g: Array, wins: Array, ties: Array) -> Array:
    """g where an input wins, half of it at a tie, else 0."""
    return keep_where(xp, wins, g) + keep_where(xp, ties, g * 0.5)


maximum.vjp(
    x=("∂z/∂x = [x > y] + [x = y] / 2", lambda xp, g, x, y: _share(xp, g, x > y, x == y)),
    y=("∂z/∂y = [y > x] + [x = y] / 2", lambda xp, g, x, y: _share(xp, g, y > x, x == y)),
)
minimum.vjp(
    x=("∂z/∂x = [x < y] + [x = y] / 2", lambda xp, g, x, y: _share(xp, g, x < y, x == y)),
    y=("∂z/∂y = [y < x] + [x = y] / 2", lambda xp, g, x, y: _share(xp, g, y < x, x == y)),
)


@op("where")
def where(xp: ArrayModule, condition: Array, x: Array, y: Array) -> Array:
    """z = x where condition holds, y elsewhere; the three shapes broadcast.

    condition has no gradient. What is not chosen gets the gradient 0, also where g is infinite.
    """
    return xp.where(condition, x, y)


where.vjp(
    x=("∂z/∂x = [condition]", lambda xp, g, condition: xp.where(condition, g, 0)),
    y=("∂z/∂y = 1 − [condition]", lambda xp, g, condition: xp.where(condition, 0, g)),
)


@op("clip")
def clip(xp: ArrayModule, x: Array, *, min: float | None = None, max: float | None = None) -> Array:
    """z = x kept within [min, max]; a bound left out does not bind. NaN stays NaN.

    The gradient is 1 at the bounds themselves, as in PyTorch. Integers between floating bounds
    become the default dtype.
    Raises DTypeError if a bound is not a number, ValueError if min > max.
    """
    low, high = _bound(min, "min"), _bound(max, "max")
    if low is not None and high is not None and low > high:
        raise ValueError(f"clip: min = {low} is above max = {high}. Exchange them.")
    if x.dtype.kind != "f" and (isinstance(low, float) or isinstance(high, float)):
        x = x.astype(local.mode.dtype)
    z = x if low is None else xp.maximum(x, low)
    return z if high is None else xp.minimum(z, high)


def _bound(value: Any, word: str) -> float | None:
    """value as a Python number, which never widens x."""
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, np.generic)):
        return value
    if isinstance(value, np.generic):
        return float(value)
    raise DTypeError(
        f"clip: {word} is a {type(value).__name__}, and must be a number or None. "
        "For bounds that are tensors use minimum and maximum."
    )


def _clip_x(xp: ArrayModule, g: Array, x: Array, min: float | None, max: float | None) -> Array:
    if min is not None:
        g = keep_where(xp, x >= min, g)
    return g if max is None else keep_where(xp, x <= max, g)


clip.vjp(x=("∂z/∂x = [z = x]", _clip_x))

subtract, multiply, divide, true_divide, power = sub, mul, div, div, pow
negative, absolute, remainder = neg, abs, mod

__all__ = [
    "abs",
    "absolute",
    "add",
    "clip",
    "div",
    "divide",
    "floor_divide",
    "maximum",
    "minimum",
    "mod",
    "mul",
    "multiply",
    "neg",
    "negative",
    "pow",
    "power",
    "remainder",
    "sign",
    "sub",
    "subtract",
    "true_divide",
    "where",
]
