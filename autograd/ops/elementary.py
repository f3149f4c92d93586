"""Elementary functions of one variable, three of two: exponentials, roots, angles, rounding.

Integers become the default dtype, except where rounding leaves them alone. Each gradient is the
textbook's, written so that it stays finite as long as the true one does. Activations are in
`activation.py`.
"""

from __future__ import annotations

from math import inf
from math import log as _ln

from autograd.backend import Array, ArrayModule
from autograd.op import op
from autograd.ops.activation import sigmoid
from autograd.ops.either import either
from autograd.shapes import whole_number

_LN2, _LN10 = _ln(2.0), _ln(10.0)


@op("exp", floating=True)
def exp(xp: ArrayModule, x: Array) -> Array:
    """z = eˣ."""
    return xp.exp(x)


exp.vjp(x=("∂z/∂x = z", lambda g, z: g * z))


@op("expm1", floating=True)
def expm1(xp: ArrayModule, x: Array) -> Array:
    """z = eˣ − 1, accurate also for small x."""
    return xp.expm1(x)


expm1.vjp(x=("∂z/∂x = exp(x)", lambda xp, g, x: g * xp.exp(x)))


@op("exp2", floating=True)
def exp2(xp: ArrayModule, x: Array) -> Array:
    """z = 2ˣ."""
    return xp.exp2(x)


exp2.vjp(x=("∂z/∂x = 0.6931471805599453 · z", lambda g, z: g * (z * _LN2)))


@op("log", floating=True)
def log(xp: ArrayModule, x: Array) -> Array:
    """z = ln x. −∞ at 0, NaN below."""
    return xp.log(x)


log.vjp(x=("∂z/∂x = 1 / x", lambda g, x: g / x))


@op("log1p", floating=True)
def log1p(xp: ArrayModule, x: Array) -> Array:
    """z = ln(1 + x), accurate also for small x."""
    return xp.log1p(x)


log1p.vjp(x=("∂z/∂x = 1 / (1 + x)", lambda g, x: g / (1 + x)))


@op("log2", floating=True)
def log2(xp: ArrayModule, x: Array) -> Array:
    """z = log₂ x."""
    return xp.log2(x)


log2.vjp(x=("∂z/∂x = 1 / (0.6931471805599453 · x)", lambda g, x: g / (x * _LN2)))


@op("log10", floating=True)
def log10(xp: ArrayModule, x: Array) -> Array:
    """z = log₁₀ x."""
    return xp.log10(x)


log10.vjp(x=("∂z/∂x = 1 / (2.302585092994046 · x)", lambda g, x: g / (x * _LN10)))


@op("√", floating=True)
def sqrt(xp: ArrayModule, x: Array) -> Array:
    """z = √x. Its gradient at 0 is +∞."""
    return xp.sqrt(x)


sqrt.vjp(x=("∂z/∂x = 1 / (2 · z)", lambda g, z: g / (2 * z)))


@op("∛", floating=True)
def cbrt(xp: ArrayModule, x: Array) -> Array:
    """z = ∛x, of negative numbers too. Its gradient at 0 is +∞."""
    return xp.cbrt(x)


cbrt.vjp(x=("∂z/∂x = 1 / (3 · z²)", lambda g, z: g / (3 * (z * z))))


@op("x²")
def square(xp: ArrayModule, x: Array) -> Array:
    """z = x²."""
    return x * x


square.vjp(x=("∂z/∂x = 2 · x", lambda g, x: g * (2 * x)))


@op("1/x", floating=True)
def reciprocal(xp: ArrayModule, x: Array) -> Array:
    """z = 1 / x."""
    return xp.reciprocal(x)


reciprocal.vjp(x=("∂z/∂x = −z²", lambda g, z: -(g * z) * z))


@op("sin", floating=True)
def sin(xp: ArrayModule, x: Array) -> Array:
    """z = sin x, x in radians."""
    return xp.sin(x)


@op("cos", floating=True)
def cos(xp: ArrayModule, x: Array) -> Array:
    """z = cos x, x in radians."""
    return xp.cos(x)


@op("tan", floating=True)
def tan(xp: ArrayModule, x: Array) -> Array:
    """z = tan x, x in radians."""
    return xp.tan(x)


sin.vjp(x=("∂z/∂x = cos(x)", lambda xp, g, x: g * xp.cos(x)))
cos.vjp(x=("∂z/∂x = −sin(x)", lambda xp, g, x: -g * xp.sin(x)))
tan.vjp(x=("∂z/∂x = 1 + z²", lambda g, z: g * (1 + z * z)))


@op("arcsin", floating=True)
def arcsin(xp: ArrayModule, x: Array) -> Array:
    """z = arcsin x, in [−π/2, π/2]; NaN outside [−1, 1]."""
    return xp.arcsin(x)


@op("arccos", floating=True)
def arccos(xp: ArrayModule, x: Array) -> Array:
    """z = arccos x, in [0, π]; NaN outside [−1, 1]."""
    return xp.arccos(x)


@op("arctan", floating=True)
def arctan(xp: ArrayModule, x: Array) -> Array:
    """z = arctan x, in (−π/2, π/2)."""
    return xp.arctan(x)


# (1 − x)(1 + x) keeps the digits near ±1 that 1 − x² cancels.
arcsin.vjp(x=("∂z/∂x = 1 / √(1 − x²)", lambda xp, g, x: g / xp.sqrt((1 - x) * (1 + x))))
arccos.vjp(x=("∂z/∂x = −1 / √(1 − x²)", lambda xp, g, x: -g / xp.sqrt((1 - x) * (1 + x))))
arctan.vjp(x=("∂z/∂x = 1 / (1 + x²)", lambda g, x: g / (1 + x * x)))


@op("arctan2", floating=True)
def arctan2(xp: ArrayModule, y: Array, x: Array) -> Array:
    """z = the angle of the point (x, y), in [−π, π]; y comes first, as in NumPy.

    At (0, 0), where every angle is as good, the gradient is NaN.
    """
    return xp.arctan2(y, x)


def _over_square(xp: ArrayModule, a: Array, x: Array, y: Array) -> Array:
    """a / (x² + y²) by two divisions, since squares overflow and underflow first."""
    length = xp.hypot(x, y)
    return (a / length) / length


arctan2.vjp(
    y=("∂z/∂y = x / (x² + y²)", lambda xp, g, x, y: g * _over_square(xp, x, x, y)),
    x=("∂z/∂x = −y / (x² + y²)", lambda xp, g, x, y: -g * _over_square(xp, y, x, y)),
)


@op("sinh", floating=True)
def sinh(xp: ArrayModule, x: Array) -> Array:
    """z = (eˣ − e⁻ˣ) / 2."""
    return xp.sinh(x)


@op("cosh", floating=True)
def cosh(xp: ArrayModule, x: Array) -> Array:
    """z = (eˣ + e⁻ˣ) / 2."""
    return xp.cosh(x)


@op("tanh", floating=True)
def tanh(xp: ArrayModule, x: Array) -> Array:
    """z = tanh x = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)."""
    return xp.tanh(x)


sinh.vjp(x=("∂z/∂x = cosh(x)", lambda xp, g, x: g * xp.cosh(x)))
cosh.vjp(x=("∂z/∂x = sinh(x)", lambda xp, g, x: g * xp.sinh(x)))
tanh.vjp(x=("∂z/∂x = 1 − z²", lambda g, z: g * (1 - z * z)))


@op("arcsinh", floating=True)
def arcsinh(xp: ArrayModule, x: Array) -> Array:
    """z = ln(x + √(x² + 1))."""
    return xp.arcsinh(x)


@op("arccosh", floating=True)
def arccosh(xp: ArrayModule, x: Array) -> Array:
    """z = ln(x + √(x² − 1)); NaN for x < 1."""
    return xp.arccosh(x)


@op("arctanh", floating=True)
def arctanh(xp: ArrayModule, x: Array) -> Array:
    """z = ½ ln((1 + x) / (1 − x)); NaN outside [−1, 1]."""
    return xp.arctanh(x)


def _arccosh_x(xp: ArrayModule, g: Array, x: Array) -> Array:
    return g / (xp.sqrt(x - 1) * xp.sqrt(x + 1))


arcsinh.vjp(x=("∂z/∂x = 1 / √(x² + 1)", lambda xp, g, x: g / xp.hypot(x, 1)))
arccosh.vjp(x=("∂z/∂x = 1 / √(x² − 1)", _arccosh_x))
arctanh.vjp(x=("∂z/∂x = 1 / (1 − x²)", lambda g, x: g / ((1 - x) * (1 + x))))


@op("hypot", floating=True)
def hypot(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = √(x² + y²), without overflow on the way. Its gradient at (0, 0) is 0."""
    return xp.hypot(x, y)


def _share_of_length(xp: ArrayModule, g: Array, x: Array, z: Array) -> Array:
    is_zero = z == 0
    return g * xp.where(is_zero, 0, x / xp.where(is_zero, 1, z))


hypot.vjp(
    x=("∂z/∂x = x / z", _share_of_length),
    y=("∂z/∂y = y / z", lambda xp, g, y, z: _share_of_length(xp, g, y, z)),
)


@op("log(e+e)", floating=True)
def logaddexp(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = ln(eˣ + eʸ), computed from the larger one. Both gradients are 0 where x = y = −∞."""
    return xp.logaddexp(x, y)


def _share_of_sum(xp: ArrayModule, g: Array, x: Array, y: Array) -> Array:
    """g · σ(x − y), which keeps the digits that e^(x − z) loses; σ(−∞) where both are −∞."""
    difference = xp.where(xp.maximum(x, y) == -inf, -inf, x - y)
    return g * either(sigmoid, difference)


logaddexp.vjp(
    x=("∂z/∂x = exp(x − z)", _share_of_sum),
    y=("∂z/∂y = exp(y − z)", lambda xp, g, x, y: _share_of_sum(xp, g, y, x)),
)


@op("⌊ ⌋")
def floor(xp: ArrayModule, x: Array) -> Array:
    """z = the largest whole number ≤ x. No gradient: it is constant between its jumps."""
    return xp.floor(x) if x.dtype.kind == "f" else x


@op("⌈ ⌉")
def ceil(xp: ArrayModule, x: Array) -> Array:
    """z = the smallest whole number ≥ x. No gradient: it is constant between its jumps."""
    return xp.ceil(x) if x.dtype.kind == "f" else x


@op("trunc")
def trunc(xp: ArrayModule, x: Array) -> Array:
    """z = x without its fraction. No gradient: it is constant between its jumps."""
    return xp.trunc(x) if x.dtype.kind == "f" else x


@op("round")
def round(xp: ArrayModule, x: Array, *, decimals: int = 0) -> Array:
    """z = x rounded to decimals, halves to the even digit. No gradient, as for floor."""
    decimals = whole_number(decimals, "round: decimals")
    return xp.round(x, decimals) if x.dtype.kind != "b" else x  # NumPy would give float16


__all__ = [
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cbrt",
    "ceil",
    "cos",
    "cosh",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "reciprocal",
    "round",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "trunc",
]
