"""Gathering along one axis, and adding back: take, take_along_axis, scatter_add.

Each operation that reads has one that adds to where it read from, and the two are each other's
gradient: take and scatter_take, take_along_axis and scatter_along_axis. Keys are in `indexing.py`.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from autograd import backend
from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.either import either, raw
from autograd.ops.indexing import getitem, scatter, scattered
from autograd.ops.keys import Key, add_into, check_integers, check_range, explained, out_of_range
from autograd.shapes import normalize_axis

__all__ = ["scatter_add", "scatter_along_axis", "scatter_take", "take", "take_along_axis"]


@op("take")
def take(xp: ArrayModule, x: Array, indices: Array, *, axis: int | None = None) -> Array:
    """z = x's slices at indices along axis, of x flattened if axis is None.

    indices: integers of any shape, which replaces the axis.
    Raises DTypeError for indices that are not integers, IndexError for those out of range.
    """
    check_integers(indices, "take")
    size, axis_number = (x.size, 0) if axis is None else (x.shape[_axis(axis, x, "take")], axis)
    if xp is not np:
        check_range(xp, indices, size, axis_number, "take")
    try:
        return x.take(indices, axis=axis)
    except IndexError:
        bad = indices[(indices < -size) | (indices >= size)]
        raise out_of_range("take", int(bad[0]) if bad.size else 0, axis_number, size) from None


@op("takeᵀ")
def scatter_take(
    xp: ArrayModule, x: Array, indices: Array, *, shape: tuple[int, ...], axis: int | None = None
) -> Array:
    """z = zeros of shape with x's slices added at indices along axis: the adjoint of take."""
    check_integers(indices, "scatter_take")
    flat = shape if axis is not None else (prod(shape),)
    axis = normalize_axis(axis or 0, len(flat), "scatter_take")
    if xp is not np:
        check_range(xp, indices, flat[axis], axis, "scatter_take")
    return scattered(xp, x, (slice(None),) * axis + (indices,), flat, "scatter_take").reshape(shape)


def _axis(axis: int, x: Array, name: str) -> int:
    return normalize_axis(axis, x.ndim, name)


take.vjp(
    x=(
        "dx = scatter_take(g, indices, shape=x_shape, axis=axis)",
        lambda g, indices, x_shape, axis: either(
            scatter_take, g, indices, shape=x_shape, axis=axis
        ),
    )
)
scatter_take.vjp(
    x=(
        "dx = take(g, indices, axis=axis)",
        lambda g, indices, axis: either(take, g, indices, axis=axis),
    )
)


def _grid(xp: ArrayModule, indices: Array, shape: tuple[int, ...], axis: int) -> Key:
    """The key of the elements, of an array of shape, that indices point at along axis."""
    along = [
        xp.arange(n).reshape((1,) * d + (n,) + (1,) * (len(shape) - d - 1))
        for d, n in enumerate(shape)
    ]
    along[axis] = indices
    return tuple(along)


def _check_along(indices: Array, shape: tuple[int, ...], axis: int, name: str) -> int:
    """axis from the front. Raises ShapeError or DTypeError if indices do not fit shape."""
    check_integers(indices, name)
    if indices.ndim != len(shape):
        raise ShapeError(
            f"{name}: x is {shape} and indices is {indices.shape}; they need the same number of "
            "axes. Use expand_dims."
        )
    return normalize_axis(axis, len(shape), name)


@op("take along")
def take_along_axis(xp: ArrayModule, x: Array, indices: Array, *, axis: int | None = -1) -> Array:
    """z = x's elements at indices along axis: z[i, j] = x[i, indices[i, j]] for axis 1.

    x is flattened if axis is None; shapes broadcast outside axis.
    Raises ShapeError for another number of axes, DTypeError for indices that are not integers,
    IndexError for those out of range.
    """
    if axis is None:
        return take_along_axis.forward(xp, x.ravel(), indices, axis=0)
    axis = _check_along(indices, x.shape, axis, "take_along_axis")
    if xp is not np:
        check_range(xp, indices, x.shape[axis], axis, "take_along_axis")
    pairs = enumerate(zip(indices.shape, x.shape, strict=True))
    if any(d != axis and n != m and 1 not in (n, m) for d, (n, m) in pairs):
        raise ShapeError(
            f"take_along_axis: x is {x.shape} and indices is {indices.shape}; their sizes outside "
            f"axis {axis} must be equal or 1. Use take for one list of indices."
        )
    index = _grid(xp, indices, x.shape, axis)
    try:
        return x[index]
    except IndexError as error:
        raise explained(error, index, x.shape, "take_along_axis") from None


@op("take alongᵀ")
def scatter_along_axis(
    xp: ArrayModule, x: Array, indices: Array, *, shape: tuple[int, ...], axis: int | None = -1
) -> Array:
    """z = zeros of shape with x added at indices along axis: the adjoint of take_along_axis."""
    if axis is None:
        size = prod(shape)
        return scatter_along_axis.forward(xp, x, indices, shape=(size,), axis=0).reshape(shape)
    axis = _check_along(indices, shape, axis, "scatter_along_axis")
    if xp is not np:
        check_range(xp, indices, shape[axis], axis, "scatter_along_axis")
    return scattered(xp, x, _grid(xp, indices, shape, axis), shape, "scatter_along_axis")


take_along_axis.vjp(
    x=(
        "dx = scatter_along_axis(g, indices, shape=x_shape, axis=axis)",
        lambda g, indices, x_shape, axis: either(
            scatter_along_axis, g, indices, shape=x_shape, axis=axis
        ),
    )
)
scatter_along_axis.vjp(
    x=(
        "dx = take_along_axis(g, indices, axis=axis)",
        lambda g, indices, axis: either(take_along_axis, g, indices, axis=axis),
    )
)


@op("+[ ]")
def scatter_add(xp: ArrayModule, x: Array, indices: Array, updates: Array, *, axis: int) -> Array:
    """z = x with updates added at indices: z[indices[i, j], j] += updates[i, j] for axis 0.

    indices: integers, no larger than updates on any axis, nor than x outside axis; updates beyond
    them are not used. Repeated indices add up.
    Raises ShapeError, DTypeError and IndexError for indices that do not fit.
    Source: torch.Tensor.scatter_add, whose rules for shapes these are.
    """
    index = _update_key(xp, indices, x.shape, updates.shape, axis)
    z = x.copy()
    if xp is not np:
        check_range(xp, indices, x.shape[axis], axis, "scatter_add")
    add_into(xp, z, index, updates[_corner(indices.shape)], "scatter_add")
    return z


def _corner(shape: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple([slice(0, n) for n in shape])


def _update_key(
    xp: ArrayModule,
    indices: Array,
    x_shape: tuple[int, ...],
    updates_shape: tuple[int, ...],
    axis: int,
) -> Key:
    axis = _check_along(indices, x_shape, axis, "scatter_add")
    fits = len(updates_shape) == len(x_shape) and all(
        n <= u and (d == axis or n <= m)
        for d, (n, u, m) in enumerate(zip(indices.shape, updates_shape, x_shape, strict=True))
    )
    if not fits:
        raise ShapeError(
            f"scatter_add: x is {x_shape}, indices {indices.shape} and updates {updates_shape}; "
            "indices must not be larger "
            f"than updates on any axis, nor than x on an axis other than {axis}."
        )
    return _grid(xp, indices, indices.shape, axis)


def _scatter_add_dupdates(
    g: Any, indices: Any, x_shape: tuple[int, ...], updates_shape: tuple[int, ...], axis: int
) -> Any:
    plain = raw(indices)
    dv = either(
        getitem, g, index=_update_key(backend.module_of(plain), plain, x_shape, updates_shape, axis)
    )
    return (
        dv
        if dv.shape == updates_shape
        else either(scatter, dv, index=_corner(dv.shape), shape=updates_shape)
    )


scatter_add.vjp(
    x=("dx = g", lambda g: g),
    updates=("dupdates = take_along_axis(g, indices, axis=axis)", _scatter_add_dupdates),
)
