"""Reading and replacing elements by a key between brackets: x[...], its adjoint, item assignment.

Keys are made plain and checked in `keys.py`; `gathering.py` has what works along one axis.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import backend
from autograd.backend import Array, ArrayModule
from autograd.errors import DTypeError, ShapeError
from autograd.mode import local
from autograd.op import op
from autograd.ops.either import either, raw
from autograd.ops.keys import (
    Key,
    add_into,
    explained,
    index_of,
    is_unique,
    on_device,
)

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
    "setitem",
]


@op("[ ]")
def getitem(xp: ArrayModule, x: Array, *, index: Key) -> Array:
    """z = x[index]: NumPy's basic and advanced indexing, all of it.

    index: as `index_of` gives it; `Tensor.__getitem__` calls that. A view of x's memory for basic
    indices.
    Raises IndexError for an index out of range, too many indices, or a mask of another shape.
    """
    if xp is not np:
        return x[on_device(xp, index, x.shape, "getitem")]
    try:
        return x[index]
    except (IndexError, TypeError) as error:
        raise explained(error, index, x.shape, "getitem") from None


@op("[ ]ᵀ")
def scatter(xp: ArrayModule, x: Array, *, index: Key, shape: tuple[int, ...]) -> Array:
    """z = zeros of shape with x added at index, repeated indices adding up: the adjoint of getitem.

    x: of the shape of z[index], or broadcasting to it. Raises IndexError as getitem does.
    """
    if xp is not np:
        index = on_device(xp, index, shape, "scatter")
    return scattered(xp, x, index, shape, "scatter")


def scattered(xp: ArrayModule, g: Array, index: Key, shape: tuple[int, ...], name: str) -> Array:
    """Zeros of shape with g added at index, a key that was checked if CuPy is to read it."""
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
scatter.vjp(x=("dx = getitem(g, index=index)", lambda g, index: either(getitem, g, index=index)))


# Item assignment


@op("[ ]←")
def setitem(xp: ArrayModule, x: Array, v: Array, *, index: Key) -> Array:
    """z = x with z[index] = v, where x itself stays as it is.

    v: broadcasts to the shape of x[index]. Where index names an element twice, the last value wins,
    and alone has a gradient. Raises ShapeError if v does not broadcast, IndexError as getitem does.
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
    """For every element the number of its last assignment, or −1; and which are last."""
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
        values = xp.broadcast_to(xp.asarray(v, dtype=x.dtype), winner.shape).ravel()
    except ValueError:
        raise _unassignable(x, v, index) from None
    return xp.where(source >= 0, values[xp.maximum(source, 0)], x.ravel()).reshape(x.shape)


def _setitem_dv(xp: ArrayModule, g: Any, v_shape: tuple[int, ...], index: Key) -> Any:
    """g[index], at the elements that v won."""
    dv = either(getitem, g, index=index)
    if not is_unique(index):
        module = backend.module_of(raw(g))
        _, winner = _last(
            module, index if module is np else on_device(module, index, g.shape, "setitem"), g.shape
        )
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
    """z = value where mask is True, x elsewhere; x and mask broadcast.

    Integers with a floating value become the default dtype.
    Raises DTypeError if mask is not bool, or value not a number.
    """
    if mask.dtype.kind != "b":
        raise DTypeError(f"masked_fill: the mask is {mask.dtype}, not bool. Compare: mask != 0.")
    if not isinstance(value, (int, float, np.generic)):
        raise DTypeError(
            f"masked_fill: value is a {type(value).__name__}, and must be a number. "
            "For a value that is a tensor use where(mask, value, x)."
        )
    value = value.item() if isinstance(value, np.generic) else value  # which would widen x
    if isinstance(value, float) and x.dtype.kind != "f":
        x = x.astype(local.mode.dtype)
    return xp.where(mask, value, x)


masked_fill.vjp(x=("∂z/∂x = where(mask, 0, 1)", lambda xp, g, mask: xp.where(mask, 0.0, g)))


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
    """The indices of x's elements that are not zero, one tensor for each axis. No gradient."""
    found = argwhere(x)
    return tuple([getitem(found, index=(slice(None), axis)) for axis in range(found.shape[1])])
