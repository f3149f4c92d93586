"""Reading and replacing elements: x[...], its adjoint, item assignment, take, scatter_add and masks.

Each operation that reads has one that adds back to where it read from, and the two are each other's gradient:
getitem and scatter, take and scatter_take, take_along_axis and scatter_along_axis. Indices are checked by `keys.py`;
diagonals are in `diagonals.py`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import backend
from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.either import either, raw
from autograd.ops.keys import (
    Key,
    add_into,
    check_integers,
    check_range,
    explained,
    index_of,
    is_unique,
    on_device,
    out_of_range,
)
from autograd.shapes import normalize_axis

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "argwhere",
    "flatnonzero",
    "getitem",
    "index_of",
    "masked_fill",
    "nonzero",
    "scatter",
    "scatter_add",
    "scatter_along_axis",
    "scatter_take",
    "setitem",
    "take",
    "take_along_axis",
]


@op("[ ]")
def getitem(xp: ArrayModule, x: Array, *, index: Key) -> Array:
    """z = x[index]: NumPy's basic and advanced indexing, all of it.

    index: as `index_of` gives it; `Tensor.__getitem__` calls that. A view of x's memory for basic indices.
    Raises IndexError for an index out of range, too many indices, or a mask of another shape.
    """
    if xp is not np:
        return x[on_device(xp, index, x.shape, "getitem")]
    try:
        return x[index]
    except (IndexError, TypeError) as error:
        raise explained(error, index, x.shape, "getitem") from None


@op("[ ]ᵀ")
def scatter(xp: ArrayModule, g: Array, *, index: Key, shape: tuple[int, ...]) -> Array:
    """z = zeros of shape with g added at index, where repeated indices add up: the adjoint of getitem.

    g: of the shape of z[index], or broadcasting to it. Raises IndexError as getitem does.
    """
    if xp is not np:
        index = on_device(xp, index, shape, "scatter")
    return _scattered(xp, g, index, shape, "scatter")


def _scattered(xp: ArrayModule, g: Array, index: Key, shape: tuple[int, ...], name: str) -> Array:
    try:
        if is_unique(index):
            z = xp.zeros(shape, dtype=g.dtype)
            z[index] = g
            return z
        # float16 would lose the small addends of a sum of thousands.
        z = xp.zeros(shape, dtype=np.float32 if g.dtype == np.float16 else g.dtype)
        add_into(xp, z, index, g, name)
    except (IndexError, TypeError) as error:
        raise explained(error, index, shape, name) from None
    return z.astype(g.dtype, copy=False)


getitem.vjp(
    x=(
        "dx = scatter(g, index=index, shape=x_shape)",
        lambda g, x_shape, index: either(scatter, g, index=index, shape=x_shape),
    )
)
scatter.vjp(g=("dg = getitem(g, index=index)", lambda g, index: either(getitem, g, index=index)))


# Item assignment


@op("[ ]←")
def setitem(xp: ArrayModule, x: Array, v: Array, *, index: Key) -> Array:
    """z = x with z[index] = v; x itself stays as it is. Where index names an element twice, the last value wins.

    v: broadcasts to the shape of x[index].
    Raises ShapeError if v does not broadcast, IndexError as getitem does.
    """
    if xp is not np:
        index = on_device(xp, index, x.shape, "setitem")
        if not is_unique(index):
            return _assigned_last(xp, x, v, index)
    z = x.copy()
    try:
        z[index] = v
    except (IndexError, TypeError) as error:
        raise explained(error, index, x.shape, "setitem") from None
    except ValueError:
        raise _unassignable(x, v, index) from None
    return z


def _unassignable(x: Array, v: Array, index: Key) -> ShapeError:
    return ShapeError(
        f"setitem: v is {v.shape} but x[index] is {x[index].shape}, for x of shape {x.shape}. "
        "v must broadcast to x[index]; reshape it."
    )


def _last(xp: ArrayModule, index: Key, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Which assignment comes last: for every element the number of its winner or −1, and whether each one wins."""
    size = prod(shape)
    positions = xp.arange(size).reshape(shape)[index]
    numbers = xp.arange(positions.size, dtype=np.int32).reshape(positions.shape)
    source = xp.full(size, -1, dtype=np.int32)
    xp.maximum.at(source, positions, numbers)
    return source, source[positions] == numbers


def _assigned_last(xp: ArrayModule, x: Array, v: Array, index: Key) -> Array:
    """setitem on a GPU, where of several writes to one element any may be the last."""
    source, winner = _last(xp, index, x.shape)
    if not winner.size:
        return x.copy()
    try:
        values = xp.broadcast_to(v, winner.shape).ravel()
    except ValueError:
        raise _unassignable(x, v, index) from None
    return xp.where(source >= 0, values[xp.maximum(source, 0)], x.ravel()).reshape(x.shape)


def _setitem_dv(xp: ArrayModule, g: Any, v_shape: tuple[int, ...], index: Key) -> Any:
    """g[index], at the elements that v won."""
    dv = either(getitem, g, index=index)
    if not is_unique(index):
        module = backend.module_of(raw(g))
        _, winner = _last(module, index if module is np else on_device(module, index, g.shape, "setitem"), g.shape)
        dv = xp.where(winner, dv, 0.0)
    if len(v_shape) > dv.ndim:  # z[0] = v takes a v of shape (1, 3) for a row of 3
        dv = dv.reshape((1,) * (len(v_shape) - dv.ndim) + dv.shape)
    return dv


setitem.vjp(
    x=("dx = setitem(g, 0, index=index)", lambda g, index: either(setitem, g, 0.0, index=index)),
    v=("dv = getitem(g, index=index)", _setitem_dv),
)


@op("fill")
def masked_fill(xp: ArrayModule, x: Array, mask: Array, *, value: float) -> Array:
    """z = value where mask is True, x elsewhere; x and mask broadcast."""
    return xp.where(mask, value, x)


masked_fill.vjp(x=("∂z/∂x = where(mask, 0, 1)", lambda xp, g, mask: xp.where(mask, 0.0, g)))


# Gathering along an axis


@op("take")
def take(xp: ArrayModule, x: Array, indices: Array, *, axis: int | None = None) -> Array:
    """z = x's slices at indices along axis, of x flattened if axis is None.

    indices: integers of any shape, which replaces the axis. Raises DTypeError for other indices, IndexError for those
    out of range.
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
    xp: ArrayModule, g: Array, indices: Array, *, shape: tuple[int, ...], axis: int | None = None
) -> Array:
    """z = zeros of shape with g's slices added at indices along axis: the adjoint of take."""
    check_integers(indices, "scatter_take")
    flat = shape if axis is not None else (prod(shape),)
    axis = normalize_axis(axis or 0, len(flat), "scatter_take")
    if xp is not np:
        check_range(xp, indices, flat[axis], axis, "scatter_take")
    return _scattered(xp, g, (slice(None),) * axis + (indices,), flat, "scatter_take").reshape(shape)


def _axis(axis: int, x: Array, name: str) -> int:
    return normalize_axis(axis, x.ndim, name)


take.vjp(
    x=(
        "dx = scatter_take(g, indices, shape=x_shape, axis=axis)",
        lambda g, indices, x_shape, axis: either(scatter_take, g, indices, shape=x_shape, axis=axis),
    )
)
scatter_take.vjp(
    g=(
        "dg = take(g, indices, axis=axis)",
        lambda g, indices, axis: either(take, g, indices, axis=axis),
    )
)


def _grid(xp: ArrayModule, indices: Array, shape: tuple[int, ...], axis: int) -> Key:
    """The key that names, for each element of indices, the element of an array of shape that it points at."""
    along = [
        xp.arange(n).reshape((1,) * d + (n,) + (1,) * (len(shape) - d - 1)) for d, n in enumerate(shape)
    ]
    along[axis] = indices
    return tuple(along)


def _check_along(indices: Array, shape: tuple[int, ...], axis: int, name: str) -> int:
    """axis counted from the front. Raises ShapeError, DTypeError if indices do not fit an array of shape."""
    check_integers(indices, name)
    if indices.ndim != len(shape):
        raise ShapeError(
            f"{name}: x is {shape} and indices is {indices.shape}; they need the same number of axes. Use expand_dims."
        )
    return normalize_axis(axis, len(shape), name)


@op("take along")
def take_along_axis(xp: ArrayModule, x: Array, indices: Array, *, axis: int | None = -1) -> Array:
    """z = x's elements at indices along axis: z[i, j] = x[i, indices[i, j]] for axis 1; x flattened if axis is None.

    Shapes broadcast outside axis. Raises ShapeError for another number of axes, DTypeError for indices that are not
    integers, IndexError for those out of range.
    """
    if axis is None:
        return take_along_axis.forward(xp, x.ravel(), indices, axis=0)
    axis = _check_along(indices, x.shape, axis, "take_along_axis")
    if xp is not np:
        check_range(xp, indices, x.shape[axis], axis, "take_along_axis")
    index = _grid(xp, indices, x.shape, axis)
    try:
        return x[index]
    except IndexError as error:
        raise explained(error, index, x.shape, "take_along_axis") from None


@op("take alongᵀ")
def scatter_along_axis(
    xp: ArrayModule, g: Array, indices: Array, *, shape: tuple[int, ...], axis: int | None = -1
) -> Array:
    """z = zeros of shape with g added at indices along axis: the adjoint of take_along_axis."""
    if axis is None:
        size = prod(shape)
        return scatter_along_axis.forward(xp, g, indices, shape=(size,), axis=0).reshape(shape)
    axis = _check_along(indices, shape, axis, "scatter_along_axis")
    if xp is not np:
        check_range(xp, indices, shape[axis], axis, "scatter_along_axis")
    return _scattered(xp, g, _grid(xp, indices, shape, axis), shape, "scatter_along_axis")


take_along_axis.vjp(
    x=(
        "dx = scatter_along_axis(g, indices, shape=x_shape, axis=axis)",
        lambda g, indices, x_shape, axis: either(scatter_along_axis, g, indices, shape=x_shape, axis=axis),
    )
)
scatter_along_axis.vjp(
    g=(
        "dg = take_along_axis(g, indices, axis=axis)",
        lambda g, indices, axis: either(take_along_axis, g, indices, axis=axis),
    )
)


@op("+[ ]")
def scatter_add(xp: ArrayModule, x: Array, indices: Array, updates: Array, *, axis: int) -> Array:
    """z = x with updates added at indices along axis: z[indices[i, j], j] += updates[i, j] for axis 0.

    indices: integers, no larger than updates on any axis, nor than x outside axis; updates beyond it are not used.
    Repeated indices add up. Raises ShapeError, DTypeError and IndexError for indices that do not fit.
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
    xp: ArrayModule, indices: Array, x_shape: tuple[int, ...], updates_shape: tuple[int, ...], axis: int
) -> Key:
    axis = _check_along(indices, x_shape, axis, "scatter_add")
    fits = len(updates_shape) == len(x_shape) and all(
        n <= u and (d == axis or n <= m)
        for d, (n, u, m) in enumerate(zip(indices.shape, updates_shape, x_shape, strict=True))
    )
    if not fits:
        raise ShapeError(
            f"scatter_add: x is {x_shape}, indices {indices.shape} and updates {updates_shape}; indices must not be larger "
            f"than updates on any axis, nor than x on an axis other than {axis}."
        )
    return _grid(xp, indices, indices.shape, axis)


def _scatter_add_dupdates(
    g: Any, indices: Any, x_shape: tuple[int, ...], updates_shape: tuple[int, ...], axis: int
) -> Any:
    plain = raw(indices)
    dv = either(getitem, g, index=_update_key(backend.module_of(plain), plain, x_shape, updates_shape, axis))
    return dv if dv.shape == updates_shape else either(scatter, dv, index=_corner(dv.shape), shape=updates_shape)


scatter_add.vjp(
    x=("dx = g", lambda g: g),
    updates=("dupdates = take_along_axis(g, indices, axis=axis)", _scatter_add_dupdates),
)


# Where the elements are; no gradient


@op("argwhere")
def argwhere(xp: ArrayModule, x: Array) -> Array:
    """The indices of x's elements that are not zero, (count, ndim). No gradient."""
    return xp.argwhere(x)


@op("flatnonzero")
def flatnonzero(xp: ArrayModule, x: Array) -> Array:
    """The indices of x's elements that are not zero, of x flattened, (count,). No gradient."""
    return xp.flatnonzero(x)


def nonzero(x: Any) -> tuple[Tensor, ...]:
    """The indices of x's elements that are not zero, one tensor of shape (count,) for each axis. No gradient."""
    found = argwhere(x)
    return tuple([getitem(found, index=(slice(None), axis)) for axis in range(found.shape[1])])
