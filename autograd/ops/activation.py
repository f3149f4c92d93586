"""Activation functions, elementwise: sigmoid, the relu family, the gelu family, maxout.

tanh is in `elementary.py`, softmax in `softmax.py`. Each is finite, value and gradient, for every
finite input: exponentials are taken of negative numbers only.
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.arithmetic import keep_where
from autograd.ops.either import either
from autograd.ops.special import erf
from autograd.shapes import normalize_axis, whole_number

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "elu",
    "gelu",
    "gelu_tanh",
    "hardswish",
    "leaky_relu",
    "maxout",
    "mish",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
]


@op("σ", floating=True)
def sigmoid(xp: ArrayModule, x: Array) -> Array:
    """z = 1 / (1 + e⁻ˣ)."""
    e = xp.exp(-xp.abs(x))
    top = xp.maximum(e, (x >= 0).astype(e.dtype))  # 1 or e: quicker than a choice
    e += 1
    return top / e


sigmoid.vjp(x=("∂z/∂x = z · (1 − z)", lambda g, z: g * z * (1 - z)))


@op("relu")
def relu(xp: ArrayModule, x: Array) -> Array:
    """z = max(x, 0). Its gradient at 0 is 0."""
    return xp.maximum(x, 0)


relu.vjp(x=("∂z/∂x = [x > 0]", lambda xp, g, z: keep_where(xp, z > 0, g)))


@op("leaky relu", floating=True)
def leaky_relu(xp: ArrayModule, x: Array, *, negative_slope: float = 0.01) -> Array:
    """z = x for x > 0, negative_slope · x for x ≤ 0. Source: Maas et al., ICML workshop (2013)."""
    return xp.where(x > 0, x, x * float(negative_slope))


leaky_relu.vjp(
    x=(
        "∂z/∂x = [x > 0] + negative_slope · [x ≤ 0]",
        lambda xp, g, x, negative_slope: xp.where(x > 0, g, g * negative_slope),
    )
)


@op("elu", floating=True)
def elu(xp: ArrayModule, x: Array, *, alpha: float = 1.0) -> Array:
    """z = x for x > 0, alpha · (eˣ − 1) for x ≤ 0.

    Source: Clevert et al., Exponential Linear Units, arXiv:1511.07289 (2015).
    """
    return xp.maximum(x, 0) + float(alpha) * xp.expm1(xp.minimum(x, 0))


def _elu_x(xp: ArrayModule, g: Array, x: Array, alpha: float) -> Array:
    if alpha == 1 and g.__class__ is np.ndarray:
        return g * np.exp(np.minimum(x, 0))
    is_positive = x > 0
    return xp.where(is_positive, g, g * (alpha * xp.exp(xp.where(is_positive, 0, x))))


elu.vjp(x=("∂z/∂x = [x > 0] + [x ≤ 0] · alpha · exp(x)", _elu_x))

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805
"""With these, mean 0 and variance 1 are the fixed point of a layer: Klambauer et al., eq. 14."""


@op("selu", floating=True)
def selu(xp: ArrayModule, x: Array) -> Array:
    """z = 1.0507 · (x for x > 0, 1.6733 · (eˣ − 1) for x ≤ 0).

    Source: Klambauer et al., Self-Normalizing Neural Networks, arXiv:1706.02515 (2017).
    """
    return _SELU_SCALE * xp.where(x > 0, x, _SELU_ALPHA * xp.expm1(xp.minimum(x, 0)))


selu.vjp(
    x=(
        "∂z/∂x = 1.0507009873554805 · ([x > 0] + [x ≤ 0] · 1.6732632423543772 · exp(x))",
        lambda xp, g, x: _SELU_SCALE * _elu_x(xp, g, x, _SELU_ALPHA),
    )
)


@op("gelu", name="gelu", floating=True)
def _gelu(xp: ArrayModule, x: Array) -> Array:
    """z = x · Φ(x) = x · (1 + erf(x/√2)) / 2, Φ the normal distribution function.

    Source: Hendrycks and Gimpel, Gaussian Error Linear Units, arXiv:1606.08415 (2016).
    """
    half = 0.5 * x
    return half + half * erf.forward(xp, x * 0.5**0.5)


def _gelu_x(xp: ArrayModule, g: Array, x: Array) -> Array:
    """g · (Φ(x) + x · φ(x)), φ the normal density."""
    if g.__class__ is np.ndarray:
        return g * _gelu_slope(x)
    density = xp.exp(-0.5 * (x * x)) * (2 * pi) ** -0.5
    return g * (0.5 * (1 + either(erf, x * 0.5**0.5)) + x * density)


def _gelu_slope(x: Array) -> Array:
    """Φ(x) + x · φ(x), with no more memory than it needs: that costs as much as the arithmetic."""
    slope = erf.forward(np, x * 0.5**0.5)
    slope += 1
    slope *= 0.5
    density = x * x
    density *= -0.5
    density = np.exp(density)
    density *= (2 * pi) ** -0.5
    density *= x
    slope += density
    return slope


_gelu.vjp(x=("∂z/∂x = (1 + erf(x / √2)) / 2 + x · exp(−x² / 2) / √(2 · π)", _gelu_x))

_CUBIC = 0.044715


@op("gelu", floating=True)
def gelu_tanh(xp: ArrayModule, x: Array) -> Array:
    """z = x · (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2, an approximation of gelu.

    Source: Hendrycks and Gimpel, arXiv:1606.08415 (2016), §2.
    """
    return 0.5 * x * (1 + _gelu_tanh(xp, x)[0])


def _gelu_tanh(xp: ArrayModule, x: Array) -> tuple[Array, Array]:
    """tanh(u) and ∂u/∂x for u = √(2/π) (x + 0.044715 x³); |x| > 10 counts as 10: tanh(u) is ±1."""
    x = xp.clip(x, -10, 10)
    square = x * x
    scale = (2 / pi) ** 0.5
    return xp.tanh(scale * x * (1 + _CUBIC * square)), scale * (1 + 3 * _CUBIC * square)


def _gelu_tanh_x(xp: ArrayModule, g: Array, x: Array) -> Array:
    t, slope = _gelu_tanh(xp, x)
    return g * (0.5 * (1 + t) + 0.5 * x * ((1 - t * t) * slope))


gelu_tanh.vjp(
    x=(
        "∂z/∂x = (1 + tanh(√(2 / π) · (x + 0.044715 · x³))) / 2 "
        "+ x / 2 · (1 − tanh(√(2 / π) · (x + 0.044715 · x³))²) · √(2 / π) · (1 + 0.134145 · x²)",
        _gelu_tanh_x,
    )
)


def gelu(x: Any, *, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """x · Φ(x), Φ the normal distribution function; approximated where approximate is "tanh".

    Raises ValueError for another approximate.
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f'gelu: approximate is {approximate!r}; it must be "none" or "tanh".')
    return gelu_tanh(x) if approximate == "tanh" else _gelu(x)


@op("silu", floating=True)
def silu(xp: ArrayModule, x: Array) -> Array:
    """z = x · σ(x). Source: Elfwing et al., arXiv:1702.03118 (2017)."""
    return x * sigmoid.forward(xp, x)


def _silu_x(g: Array, x: Array) -> Array:
    s = either(sigmoid, x)
    if g.__class__ is not np.ndarray:
        return g * (s * (1 + x * (1 - s)))
    slope = 1 - s
    slope *= x
    slope += 1
    slope *= s
    return g * slope


silu.vjp(x=("∂z/∂x = sigmoid(x) · (1 + x · (1 − sigmoid(x)))", _silu_x))


@op("softplus", floating=True)
def softplus(xp: ArrayModule, x: Array, *, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """z = ln(1 + e^(beta · x)) / beta; x itself where beta · x > threshold."""
    beta = float(beta)  # a NumPy number would widen x
    u = beta * x
    soft = xp.maximum(u, 0) + xp.log1p(xp.exp(-xp.abs(u)))
    return xp.where(u > threshold, x, soft / beta)


def _softplus_x(xp: ArrayModule, g: Array, x: Array, beta: float, threshold: float) -> Array:
    u = beta * x
    return xp.where(u > threshold, g, g * either(sigmoid, u))


softplus.vjp(
    x=(
        "∂z/∂x = [beta · x > threshold] + [beta · x ≤ threshold] · sigmoid(beta · x)",
        _softplus_x,
    )
)


@op("mish", floating=True)
def mish(xp: ArrayModule, x: Array) -> Array:
    """z = x · tanh(ln(1 + eˣ)). Source: Misra, arXiv:1908.08681 (2019)."""
    return x * _tanh_softplus(xp, x)


def _tanh_softplus(xp: ArrayModule, x: Array) -> Array:
    """tanh(ln(1 + eˣ)) = ((1 + eˣ)² − 1) / ((1 + eˣ)² + 1), divided by e²ˣ where x ≥ 0."""
    is_positive = x >= 0
    e = xp.exp(xp.where(is_positive, -x, x))
    top = xp.where(is_positive, 1 + 2 * e, e * (2 + e))
    return top / (top + xp.where(is_positive, 2 * (e * e), 2))


def _mish_x(xp: ArrayModule, g: Array, x: Array) -> Array:
    t = _tanh_softplus(xp, x)
    return g * (t + x * (either(sigmoid, x) * (1 - t * t)))


mish.vjp(
    x=("∂z/∂x = tanh(softplus(x)) + x · (1 − tanh(softplus(x))²) · sigmoid(x)", _mish_x),
)


@op("hardswish", floating=True)
def hardswish(xp: ArrayModule, x: Array) -> Array:
    """z = x · min(max(x + 3, 0), 6) / 6. Gradient 0 at −3 and 1 at 3.

    Source: Howard et al., Searching for MobileNetV3, arXiv:1905.02244 (2019).
    """
    return x * (xp.clip(x + 3, 0, 6) / 6)


def _hardswish_x(xp: ArrayModule, g: Array, x: Array) -> Array:
    inner = keep_where(xp, x > -3, g * ((2 * x + 3) / 6))
    return xp.where(x >= 3, g, inner)


hardswish.vjp(x=("∂z/∂x = [x ≥ 3] + [−3 < x < 3] · (2 · x + 3) / 6", _hardswish_x))


@op("maxout")
def maxout(xp: ArrayModule, x: Array, *, pieces: int, axis: int = -1) -> Array:
    """z = the largest of each group of pieces neighbours along axis: n become n / pieces.

    Equal ones share the gradient. Raises ShapeError if pieces does not divide the size of the axis.
    Source: Goodfellow et al., Maxout Networks, arXiv:1302.4389 (2013).
    """
    shape, group = _groups(x.shape, pieces, axis)
    return x.reshape(shape).max(axis=group)


def _groups(shape: tuple[int, ...], pieces: int, axis: int) -> tuple[tuple[int, ...], int]:
    """shape with axis split into groups of pieces, and the axis of a group."""
    at = normalize_axis(axis, len(shape), "maxout")
    if whole_number(pieces, "maxout: pieces") < 1 or shape[at] % pieces:
        raise ShapeError(
            f"maxout: axis {axis} of shape {shape} does not split into groups of {pieces}. "
            "Its size must be a multiple of pieces."
        )
    return (*shape[:at], shape[at] // pieces, pieces, *shape[at + 1 :]), at + 1


def _maxout_x(xp: ArrayModule, g: Array, x: Array, z: Array, pieces: int, axis: int) -> Array:
    shape, group = _groups(x.shape, pieces, axis)
    is_largest = x.reshape(shape) == xp.expand_dims(z, axis=group)
    count = is_largest.sum(axis=group, keepdims=True).astype(g.dtype)
    return xp.where(is_largest, xp.expand_dims(g, axis=group) / count, 0).reshape(x.shape)


maxout.vjp(x=("dx = repeat(g, pieces, axis=axis) · [x = repeat(z, pieces, axis=axis)]", _maxout_x))
