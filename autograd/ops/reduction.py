"""Reductions: sums, means, spreads, extremes, logsumexp and questions over axes.

axis is one axis, a tuple of them, or None for all; reduced axes stay with size 1 if keepdims.
Products and running sums are in `cumulative.py`, norms in `norms.py`, sorting in `ordering.py`.
"""

from __future__ import annotations

from math import prod as _product
from typing import Any

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.shapes import expand_reduced, normalize_axes, summed

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "logsumexp",
    "max",
    "mean",
    "min",
    "std",
    "sum",
    "var",
]

Axes = int | tuple[int, ...] | None
"""The axes to reduce: one, several, or all."""


def refusal(name: str, x: Array, axis: Axes, error: Exception) -> Exception:
    """The error to raise for a reduction of x that the array module refused with error.

    Raises ShapeError itself if an axis is not there or named twice.
    """
    axes = normalize_axes(axis, x.ndim, name)
    if 0 in [x.shape[a] for a in axes]:
        return ShapeError(
            f"{name}: x is {x.shape}, so there is nothing to take the {name} of along axis {axis}. "
            "Leave empty tensors out, or concatenate a default first."
        )
    if isinstance(axis, (list, tuple)) and isinstance(error, TypeError):
        several = "" if name.startswith("arg") else ", a tuple of integers"
        return ShapeError(f"{name}: axis {axis} must be an integer{several} or None.")
    return error


# Sums and means


@op("Σ")
def sum(xp: ArrayModule, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
    """z = Σ x over axis; 0 for no elements. Raises ShapeError for an axis that is not there."""
    try:
        return summed(x, axis, keepdims)
    except (ValueError, TypeError) as error:
        raise refusal("sum", x, axis, error) from None


# The engine repeats a gradient that is smaller than its input, so g need only get its axes back.
sum.vjp(
    x=(
        "∂z/∂x = 1",
        lambda g, x_shape, axis, keepdims: expand_reduced(g, x_shape, axis, keepdims),
    ),
)


@op("mean", floating=True)
def mean(xp: ArrayModule, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
    """z = (1/n) Σ x over axis, n elements in each sum; NaN for n = 0, with NumPy's warning.

    Raises ShapeError for an axis that is not there.
    """
    try:
        return x.mean(axis=axis, keepdims=keepdims)
    except (ValueError, TypeError) as error:
        raise refusal("mean", x, axis, error) from None


def _count(x_shape: tuple[int, ...], g: Any) -> int:
    """n, the number of elements that each of g's gradients is for."""
    size: int = g.size
    return _product(x_shape) // (size or 1)


mean.vjp(
    x=(
        "∂z/∂x = 1 / n",
        lambda g, x_shape, axis, keepdims: expand_reduced(
            g / _count(x_shape, g), x_shape, axis, keepdims
        ),
    ),
)


# Spread


def _wide(x: Array) -> Any:
    """The dtype to compute in: at least single precision, for a square of 300 is beyond half."""
    return np.float32 if x.dtype.itemsize == 2 else x.dtype


def _check_ddof(name: str, ddof: Any) -> None:
    """Raises TypeError if ddof is True or False: in PyTorch unbiased= or keepdim= stands there."""
    if isinstance(ddof, (bool, np.bool_)):
        raise TypeError(
            f"{name}: ddof is {ddof}, and must be a number. For PyTorch's unbiased=True write "
            "ddof=1, and to keep the axis keepdims=True."
        )


@op("var", floating=True)
def var(
    xp: ArrayModule, x: Array, *, axis: Axes = None, ddof: float = 0, keepdims: bool = False
) -> Array:
    """z = Σ (x − mean(x))² / (n − ddof) over axis: the biased variance, as in NumPy, unless ddof=1.

    Raises ShapeError for an axis that is not there.
    """
    _check_ddof("var", ddof)
    try:
        return x.var(axis=axis, dtype=_wide(x), ddof=ddof, keepdims=keepdims).astype(x.dtype)
    except (ValueError, TypeError) as error:
        raise refusal("var", x, axis, error) from None


def _var_rule(g: Any, x: Any, axis: Axes, ddof: float, keepdims: bool) -> Any:
    """g · 2 (x − mean) / (n − ddof), with the division on the smaller array."""
    scale = g * 2 / (_count(x.shape, g) - ddof)
    return expand_reduced(scale, x.shape, axis, keepdims) * (x - x.mean(axis=axis, keepdims=True))


var.vjp(x=("∂z/∂x = 2 · (x − mean(x, axis=axis, keepdims=True)) / (n − ddof)", _var_rule))


@op("std", floating=True)
def std(
    xp: ArrayModule, x: Array, *, axis: Axes = None, ddof: float = 0, keepdims: bool = False
) -> Array:
    """z = √var(x): the standard deviation over axis, with ddof=0 as in NumPy.

    Of equal elements it is exactly 0, and so is its gradient.
    Raises ShapeError for an axis that is not there.
    """
    _check_ddof("std", ddof)
    try:
        z = x.std(axis=axis, dtype=_wide(x), ddof=ddof, keepdims=keepdims).astype(x.dtype)
        if not x.size:
            return z
        # Rounding of the mean may leave 1e-17 for equal elements, and x − mean divided by that is
        # not 0.
        is_constant = x.max(axis=axis, keepdims=keepdims) == x.min(axis=axis, keepdims=keepdims)
    except (ValueError, TypeError) as error:
        raise refusal("std", x, axis, error) from None
    return xp.where(is_constant & (z == z), 0, z)  # NaN stays: n − ddof is 0, or x is infinite


def _std_rule(
    xp: ArrayModule, g: Any, x: Any, z: Any, axis: Axes, ddof: float, keepdims: bool
) -> Any:
    """g · (x − mean) / ((n − ddof) z), and 0 where z is 0."""
    is_zero = z == 0
    scale = xp.where(is_zero, 0, g / (xp.where(is_zero, 1, z) * (_count(x.shape, g) - ddof)))
    return expand_reduced(scale, x.shape, axis, keepdims) * (x - x.mean(axis=axis, keepdims=True))


std.vjp(x=("∂z/∂x = (x − mean(x, axis=axis, keepdims=True)) / ((n − ddof) · z)", _std_rule))


# Extremes


@op("max")
def max(xp: ArrayModule, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
    """z = the largest x over axis; NaN if one is. Equal ones share the gradient evenly.

    Raises ShapeError for an axis that is not there, or that has no elements.
    """
    try:
        return x.max(axis=axis, keepdims=keepdims)
    except (ValueError, TypeError) as error:
        raise refusal("max", x, axis, error) from None


@op("min")
def min(xp: ArrayModule, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
    """z = the smallest x over axis; NaN if one is. Equal ones share the gradient evenly.

    Raises ShapeError for an axis that is not there, or that has no elements.
    """
    try:
        return x.min(axis=axis, keepdims=keepdims)
    except (ValueError, TypeError) as error:
        raise refusal("min", x, axis, error) from None


def _share(xp: ArrayModule, g: Any, x: Any, z: Any, axis: Axes, keepdims: bool) -> Any:
    """g / count where x is the extreme z, 0 elsewhere; NaN where z is, for then the count is 0.

    The division comes last, so that an infinite g stays away from the others.
    """
    is_extreme = x == expand_reduced(z, x.shape, axis, keepdims)
    count = is_extreme.sum(axis=axis, keepdims=True).astype(g.dtype)
    return xp.where(is_extreme, expand_reduced(g, x.shape, axis, keepdims), 0) / count


_SHARE = "∂z/∂x = [x = z] / sum([x = z], axis=axis, keepdims=True)"
max.vjp(x=(_SHARE, _share))
min.vjp(x=(_SHARE, _share))


@op("argmax")
def argmax(xp: ArrayModule, x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """z = where the largest x is along axis, the first of equals; in x flattened if axis is None.

    No gradient.
    Raises ShapeError for an axis that is not there, or that has no elements.
    """
    try:
        return x.argmax(axis=axis, keepdims=keepdims)
    except (ValueError, TypeError) as error:
        raise refusal("argmax", x, axis, error) from None


@op("argmin")
def argmin(xp: ArrayModule, x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """z = where the smallest x is along axis, the first of equals; in x flattened if axis is None.

    No gradient.
    Raises ShapeError for an axis that is not there, or that has no elements.
    """
    try:
        return x.argmin(axis=axis, keepdims=keepdims)
    except (ValueError, TypeError) as error:
        raise refusal("argmin", x, axis, error) from None


# A stable logarithm of a sum of exponentials


@op("logΣexp", floating=True)
def logsumexp(xp: ArrayModule, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
    """z = log Σ exp(x) over axis, computed as m + log Σ exp(x − m) with m the largest x.

    Finite for finite x of any size; −∞, with gradient 0, where all x are −∞ or there are none.
    Raises ShapeError for an axis that is not there.
    Source: Goodfellow et al., Deep Learning (2016), §4.1.
    """
    axes = normalize_axes(axis, x.ndim, "logsumexp")
    if 0 in [x.shape[a] for a in axes]:
        return x.sum(axis=axes, keepdims=keepdims) - np.inf
    largest = x.max(axis=axes, keepdims=True)
    bound = float(np.finfo(x.dtype).max)
    m = xp.clip(largest, -bound, bound)  # an infinite m would make x − m NaN
    shifted = x - m
    total = summed(xp.exp(shifted, out=shifted if x.ndim else None), axes, keepdims=True)
    is_empty = total == 0  # only where all x are −∞: else the largest gives exp(0) = 1
    z = xp.where(is_empty, largest, m + xp.log(total + is_empty))
    return z if keepdims else z.reshape([n for a, n in enumerate(x.shape) if a not in axes])


def _logsumexp_rule(xp: ArrayModule, g: Any, x: Any, z: Any, axis: Axes, keepdims: bool) -> Any:
    """g · exp(x − z), where z = −∞ is taken for 0, so that exp(−∞ − 0) is 0 and not NaN."""
    finite = xp.where(z == -np.inf, 0, z)
    softmax = xp.exp(x - expand_reduced(finite, x.shape, axis, keepdims))
    return expand_reduced(g, x.shape, axis, keepdims) * softmax


logsumexp.vjp(x=("∂z/∂x = exp(x − z)", _logsumexp_rule))


# Questions, which have no gradient


@op("all")
def all(xp: ArrayModule, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
    """z = whether every x over axis is true, that is not 0; true for no elements. No gradient."""
    try:
        return x.all(axis=axis, keepdims=keepdims)
    except (ValueError, TypeError) as error:
        raise refusal("all", x, axis, error) from None


@op("any")
def any(xp: ArrayModule, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
    """z = whether some x over axis is true, that is not 0; false for no elements. No gradient."""
    try:
        return x.any(axis=axis, keepdims=keepdims)
    except (ValueError, TypeError) as error:
        raise refusal("any", x, axis, error) from None


@op("#≠0")
def count_nonzero(xp: ArrayModule, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
    """z = how many x over axis are not 0. No gradient."""
    try:
        return (x != 0).sum(axis=axis, keepdims=keepdims)
    except (ValueError, TypeError) as error:
        raise refusal("count_nonzero", x, axis, error) from None
