"""Axes and shapes, for arrays and Tensors alike: the arithmetic that rules and the reverse pass
share."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from autograd.errors import ShapeError


def summed(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """x summed over axes, half precision in single: but for the last axis NumPy adds number by
    number in x's own precision, in which 2048 + 1 is 2048."""
    if x.dtype.char == "e" and not hasattr(x, "_node"):
        return x.sum(axis=axis, keepdims=keepdims, dtype=np.float32).astype(np.float16)
    return x.sum(axis=axis, keepdims=keepdims)


def sum_to_shape(g: Any, shape: tuple[int, ...]) -> Any:
    """g summed over the axes along which shape was broadcast to g.shape: the adjoint of
    broadcast_to.

    Raises ShapeError if shape does not broadcast to g.shape.
    """
    if g.shape == shape:
        return g
    extra = g.ndim - len(shape)
    if extra > 0 and g.shape[extra:] == shape:  # a bias: nothing to keep, nothing to reshape
        return summed(g, 0 if extra == 1 else tuple(range(extra)))
    if extra < 0:
        raise ShapeError(f"a gradient of shape {g.shape} does not sum to shape {shape}.")
    axes = tuple(range(extra)) + tuple(
        i + extra for i, n in enumerate(shape) if n == 1 and g.shape[i + extra] != 1
    )
    if axes:
        g = summed(g, axes, keepdims=True)
    if g.shape[extra:] != shape or any(n != 1 for n in g.shape[: max(extra, 0)]):
        raise ShapeError(f"a gradient of shape {g.shape} does not sum to shape {shape}.")
    return g.reshape(shape)


def broadcasts_to(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Whether an array of shape can be repeated into target."""
    extra = len(target) - len(shape)
    return extra >= 0 and all(n in (1, m) for n, m in zip(shape, target[extra:], strict=True))


def whole_number(value: Any, what: str) -> int:
    """value as an int. Raises ShapeError, naming what it is, if it is none: 1.5 is not cut to 1."""
    try:
        return index(value)
    except TypeError:
        raise ShapeError(f"{what}={value!r} must be an integer.") from None


def sizes_of(shape: tuple[Any, ...], what: str) -> tuple[int, ...]:
    """The sizes given one by one, or as one tuple.

    Raises ShapeError, naming what they are for, if they are not integers of at least 0: a bool is
    none, for it was meant as requires_grad.
    """
    sizes = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    is_size = [
        isinstance(n, (int, np.integer)) and not isinstance(n, bool) and n >= 0 for n in sizes
    ]
    if not all(is_size):
        raise ShapeError(
            f"{what}: the shape {sizes} must be integers of at least 0. "
            "Give dtype=, requires_grad= and the like by name."
        )
    return tuple([int(n) for n in sizes])


def normalize_axis(axis: int, ndim: int, name: str) -> int:
    """axis counted from the front. Raises ShapeError naming the operation if there is no such
    axis."""
    if not hasattr(axis, "__index__"):
        raise ShapeError(f"{name}: axis {axis!r} is not an integer. Axes are counted from 0.")
    if not -ndim <= axis < ndim:
        raise ShapeError(
            f"{name}: axis {axis} is out of range for {ndim} dimensions; it must be in [{-ndim}, "
            f"{ndim - 1}]."
            if ndim
            else f"{name}: axis {axis} is out of range: a single number has no axes."
        )
    return axis % ndim


def normalize_axes(axis: int | tuple[int, ...] | None, ndim: int, name: str) -> tuple[int, ...]:
    """axis as a sorted tuple of axes counted from the front; None means all.

    Raises ShapeError if an axis is out of range or named twice.
    """
    if axis is None:
        return tuple(range(ndim))
    axes = tuple(
        sorted(
            normalize_axis(a, ndim, name)
            for a in (axis if isinstance(axis, (tuple, list)) else (axis,))
        )
    )
    if len(set(axes)) != len(axes):
        raise ShapeError(
            f"{name}: axis {axis} names an axis twice for {ndim} dimensions; name each once."
        )
    return axes


def expand_reduced(
    g: Any, shape: tuple[int, ...], axis: int | tuple[int, ...] | None, keepdims: bool
) -> Any:
    """A reduction's g (or z) with the reduced axes put back as size 1, so that it broadcasts to
    shape; a 0-d g does."""
    if keepdims or not shape or (axis is None and g.ndim == 0):
        return g
    axes = normalize_axes(axis, len(shape), "reduction")
    return g.reshape(tuple(1 if i in axes else n for i, n in enumerate(shape)))
