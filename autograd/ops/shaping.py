"""Operations that move numbers and change none: other shapes, orders of axes, dtypes and devices.

Each one names the operation that moves the numbers back. Joining and repeating are in `joining.py`,
margins (flip, roll, pad) in `margins.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import backend, shapes
from autograd.backend import Array, ArrayModule
from autograd.errors import DTypeError, ShapeError
from autograd.op import op
from autograd.ops.either import either
from autograd.promote import to_dtype
from autograd.shapes import normalize_axes, normalize_axis

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "astype",
    "broadcast_to",
    "copy",
    "expand_dims",
    "flatten",
    "inverse_axes",
    "moveaxis",
    "permute",
    "ravel",
    "reshape",
    "squeeze",
    "sum_to_shape",
    "swapaxes",
    "to_device",
    "transpose",
]

Axes = int | tuple[int, ...]
"""One axis, or several."""


# Another shape


@op("reshape")
def reshape(xp: ArrayModule, x: Array, *, shape: int | tuple[int, ...]) -> Array:
    """z = x with its elements, in row-major order, in another shape; one size may be −1.

    A view of x's memory where that can be. Raises ShapeError if the sizes do not match.
    """
    try:
        return x.reshape(shape)
    except (ValueError, TypeError):
        raise ShapeError(
            f"reshape: x is {x.shape} with {x.size} elements, which do not fit shape {shape}. "
            "The product of the sizes must stay the same; one size may be −1, and is then computed."
        ) from None


@op("ravel")
def ravel(xp: ArrayModule, x: Array) -> Array:
    """z = x in one dimension, in row-major order; a view of x's memory where that can be."""
    return x.ravel()


@op("squeeze")
def squeeze(xp: ArrayModule, x: Array, *, axis: Axes | None = None) -> Array:
    """z = x without the axes of size 1 that axis names, without all of them if it is None.

    Raises ShapeError if a named axis has another size.
    """
    if axis is None:
        return x.squeeze()
    for a in normalize_axes(axis, x.ndim, "squeeze"):
        if x.shape[a] != 1:
            raise ShapeError(
                f"squeeze: axis {a} of x, which is {x.shape}, has size {x.shape[a]}, not 1. "
                "Name axes of size 1, or use reshape."
            )
    return x.squeeze(tuple(axis) if isinstance(axis, list) else axis)


@op("expand_dims")
def expand_dims(xp: ArrayModule, x: Array, *, axis: Axes) -> Array:
    """z = x with new axes of size 1, at the positions axis that they have in z.

    Raises ShapeError if z has no such axis, or one is named twice.
    """
    ndim = x.ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    sizes, new = iter(x.shape), normalize_axes(axis, ndim, "expand_dims")
    return x.reshape(tuple(1 if a in new else next(sizes) for a in range(ndim)))


_BACK = "dx = reshape(g, x_shape)"
reshape.vjp(x=(_BACK, lambda g, x_shape: g.reshape(x_shape)))
ravel.vjp(x=(_BACK, lambda g, x_shape: g.reshape(x_shape)))
squeeze.vjp(x=(_BACK, lambda g, x_shape: g.reshape(x_shape)))
expand_dims.vjp(x=(_BACK, lambda g, x_shape: g.reshape(x_shape)))


def flatten(x: Any, *axes: Any, **named: Any) -> Tensor:
    """z = x in one dimension: PyTorch's name for ravel, without its start and end.

    Raises TypeError if one is given.
    """
    if axes or named:
        raise TypeError(
            "flatten: it makes one axis of all, as in NumPy, and takes no start or end. "
            "To keep the first axis use nn.Flatten(), or x.reshape((len(x), -1))."
        )
    return ravel(x)


# Repeated into a larger shape, and summed back


@op("⇉")
def broadcast_to(xp: ArrayModule, x: Array, *, shape: int | tuple[int, ...]) -> Array:
    """z = x repeated along the axes where shape is larger: a read-only view.

    Its adjoint is sum_to_shape.
    Raises ShapeError if x does not broadcast to shape.
    """
    try:
        return xp.broadcast_to(x, shape)
    except (ValueError, TypeError):
        raise ShapeError(
            f"broadcast_to: x is {x.shape}, which does not repeat into {shape}. "
            "Sizes, aligned from the right, must be equal, or 1 in x; use reshape first."
        ) from None


@op("⇇")
def sum_to_shape(xp: ArrayModule, x: Array, *, shape: tuple[int, ...]) -> Array:
    """z = x summed over the axes along which shape was repeated into x's.

    It is the adjoint of broadcast_to. Raises ShapeError if shape does not broadcast to x's.
    """
    return shapes.sum_to_shape(x, shape)


broadcast_to.vjp(
    x=(
        "dx = sum_to_shape(g, shape=x_shape)",
        lambda g, x_shape: either(sum_to_shape, g, shape=x_shape),
    )
)
sum_to_shape.vjp(
    x=(
        "dx = broadcast_to(g, shape=x_shape)",
        lambda xp, g, x_shape: xp.broadcast_to(g, shape=x_shape),
    )
)


# Another order of axes


@op("ᵀ")
def transpose(xp: ArrayModule, x: Array, *, axes: tuple[int, ...] | None = None) -> Array:
    """z = x with its axes in the order of axes, reversed if None: a view.

    z's axis i is x's axis axes[i].
    Raises ShapeError unless axes names each axis once.
    """
    try:
        return x.transpose(axes)
    except (ValueError, TypeError):
        raise ShapeError(
            f"transpose: x is {x.shape} but axes is {axes}; it must name each of the {x.ndim} axes "
            "once."
        ) from None


def inverse_axes(axes: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """The order that undoes transpose(axes=axes); None, which reverses all axes, undoes itself."""
    if axes is None:
        return None
    order = [a % len(axes) for a in axes]
    return tuple(sorted(range(len(axes)), key=order.__getitem__))


def permute(x: Any, axes: tuple[int, ...]) -> Tensor:
    """z = x with its axes in the order of axes: PyTorch's name for transpose."""
    return transpose(x, axes=axes)


@op("swapaxes")
def swapaxes(xp: ArrayModule, x: Array, *, axis1: int, axis2: int) -> Array:
    """z = x with two axes exchanged: a view. Raises ShapeError if there is no such axis."""
    one, other = (normalize_axis(a, x.ndim, "swapaxes") for a in (axis1, axis2))
    return x.swapaxes(one, other)


@op("moveaxis")
def moveaxis(xp: ArrayModule, x: Array, *, source: Axes, destination: Axes) -> Array:
    """z = x with the axes source at the positions destination: a view; the others keep their order.

    Raises ShapeError if there is no such axis, or source and destination differ in length.
    """
    count = [len(normalize_axes(a, x.ndim, "moveaxis")) for a in (source, destination)]
    if count[0] != count[1]:
        raise ShapeError(
            f"moveaxis: source {source} and destination {destination} differ in length. "
            "Each axis of source needs its position."
        )
    return xp.moveaxis(x, source, destination)


transpose.vjp(
    x=(
        "dx = transpose(g, axes=inverse_axes(axes))",
        lambda g, axes: g.T if axes is None else g.transpose(inverse_axes(axes)),
    )
)
swapaxes.vjp(
    x=(
        "dx = swapaxes(g, axis1=axis1, axis2=axis2)",
        lambda g, axis1, axis2: g.swapaxes(axis1, axis2),
    )
)
moveaxis.vjp(
    x=(
        "dx = moveaxis(g, source=destination, destination=source)",
        lambda xp, g, source, destination: xp.moveaxis(g, source=destination, destination=source),
    )
)


# Another dtype, another memory


@op("cast", name="astype")
def _cast(xp: ArrayModule, x: Array, *, dtype: Any) -> Array:
    """z = x in a floating dtype."""
    return x.astype(dtype)


@op("cast", name="as_whole")
def _as_whole(xp: ArrayModule, x: Array, *, dtype: Any) -> Array:
    """z = x in an integer or bool dtype. It has no gradient: it is constant between its jumps."""
    return x.astype(dtype)


def astype(x: Any, dtype: Any) -> Tensor:
    """z = x in another dtype; x itself if it is a tensor of that dtype already.

    The gradient comes back in x's dtype; there is none through an integer or bool dtype.
    Raises DTypeError for a dtype that holds no real numbers.
    """
    wanted = to_dtype(dtype)
    if wanted.kind not in "biuf":
        raise DTypeError(
            f"astype: {wanted} is no dtype for a Tensor; it must be bool, integer or floating."
        )
    wanted = np.dtype(wanted.char)  # in this machine's byte order
    if hasattr(x, "_node") and x._data.dtype is wanted:
        found: Tensor = x
        return found
    return _cast(x, dtype=wanted) if wanted.kind == "f" else _as_whole(x, dtype=wanted)


@op("copy")
def copy(xp: ArrayModule, x: Array) -> Array:
    """z = x in memory of its own."""
    return x.copy()


@op("device", name="to_device")
def _to_device(xp: ArrayModule, x: Array, *, device: str, source: str) -> Array:
    """z = x on device. source: where x is, to which the gradient goes back."""
    return backend.to_device(x, device)


def to_device(x: Any, device: str) -> Tensor:
    """z = x on device: "cpu", "cuda" or "cuda:N". The gradient comes back to where x is.

    Raises BackendError for an unknown device, or one that cannot be used.
    """
    source = x.device if hasattr(x, "_node") else backend.device_of(x)
    return _to_device(x, device=device, source=source)


_cast.vjp(x=("∂z/∂x = 1", lambda g: g))
copy.vjp(x=("∂z/∂x = 1", lambda g: g))
_to_device.vjp(
    x=(
        "dx = to_device(g, source)",
        lambda g, device, source: either(_to_device, g, device=source, source=device),
    )
)
