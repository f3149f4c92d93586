"""What happens at the edges: flip, roll, pad, and crop, which takes a margin away again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import DTypeError, ShapeError
from autograd.op import op
from autograd.ops.either import either
from autograd.ops.gathering import take
from autograd.ops.shaping import Axes
from autograd.promote import to_array
from autograd.shapes import normalize_axes, whole_number

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["crop", "flip", "pad", "roll"]

Pads = tuple[tuple[int, int], ...]
"""How many elements are added before and behind each axis."""


@op("flip")
def flip(xp: ArrayModule, x: Array, *, axis: Axes | None = None) -> Array:
    """z = x in reverse order along axis, along all axes if None: a view. It undoes itself.

    Raises ShapeError if there is no such axis.
    """
    reverse = slice(None, None, -1)
    axes = normalize_axes(axis, x.ndim, "flip")
    return x[tuple([reverse if a in axes else slice(None) for a in range(x.ndim)])] if axes else x


flip.vjp(x=("dx = flip(g, axis=axis)", lambda xp, g, axis: xp.flip(g, axis=axis)))


@op("roll", name="roll")
def _roll(xp: ArrayModule, x: Array, *, shift: int, axis: int | None) -> Array:
    """z = x moved by shift along one axis, or as if it were flat."""
    normalize_axes(axis, x.ndim, "roll")
    return xp.roll(x, shift, axis=axis)


def roll(x: Any, shift: Axes, axis: Axes | None = None) -> Tensor:
    """z = x moved by shift along axis; what leaves at one end comes in at the other.

    shift, axis: numbers, or tuples of as many. If axis is None, x is rolled as if it were flat.
    Raises ShapeError if there is no such axis, or the tuples differ in length.
    """
    axis = tuple(axis) if isinstance(axis, list) else axis
    shift = tuple(shift) if isinstance(shift, list) else shift
    if not isinstance(axis, tuple) and not isinstance(shift, tuple):
        return _roll(x, shift=whole_number(shift, "roll: shift"), axis=axis)
    axes: tuple[int | None, ...] = axis if isinstance(axis, tuple) else (axis,)
    shifts = shift if isinstance(shift, tuple) else (shift,) * len(axes)
    axes = axes * len(shifts) if len(axes) == 1 else axes
    if len(shifts) != len(axes):
        raise ShapeError(f"roll: shift {shift} and axis {axis} must be as long as each other.")
    for n, a in zip(shifts, axes, strict=True):
        x = _roll(x, shift=whole_number(n, "roll: shift"), axis=a)
    result: Tensor = x
    return result


_roll.vjp(
    x=(
        "dx = roll(g, −shift, axis=axis)",
        lambda g, shift, axis: either(_roll, g, shift=-shift, axis=axis),
    )
)


@op("pad", name="pad")
def _pad(xp: ArrayModule, x: Array, *, pad_width: Pads, value: float = 0) -> Array:
    """z = x with value around it."""
    shape = tuple([n + low + high for n, (low, high) in zip(x.shape, pad_width, strict=True)])
    z = xp.full(shape, value, dtype=x.dtype)
    z[_inside(shape, pad_width)] = x
    return z


@op("crop")
def crop(xp: ArrayModule, x: Array, *, pad_width: Pads) -> Array:
    """z = x without the margin that pad added: a view. It is the adjoint of pad."""
    return x[_inside(x.shape, pad_width)]


def _inside(shape: tuple[int, ...], pad_width: Pads) -> tuple[slice, ...]:
    return tuple([slice(low, n - high) for n, (low, high) in zip(shape, pad_width, strict=True)])


_pad.vjp(
    x=(
        "dx = crop(g, pad_width=pad_width)",
        lambda g, pad_width: either(crop, g, pad_width=pad_width),
    )
)
crop.vjp(
    x=("dx = pad(g, pad_width)", lambda g, pad_width: either(_pad, g, pad_width=pad_width)),
)


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: float = 0) -> Tensor:
    """z = x with a margin around it, as in NumPy.

    pad_width: elements to add: one number for all ends, (before, behind) for all axes, or such a
    pair for each axis.  mode: "constant" adds constant_values, "edge" repeats the last element,
    "reflect" and "symmetric" mirror x without and with its edge, "wrap" goes on at the other end.
    Raises ShapeError for a width that is negative or does not fit, a mode that is not known, or no
    elements to mirror; DTypeError for constant_values that is not a number.
    """
    shape = to_array(x).shape
    pairs = _pairs(pad_width, shape)
    if mode == "constant":
        if not isinstance(constant_values, (int, float, np.generic)):
            raise DTypeError(
                f"pad: constant_values is a {type(constant_values).__name__}, and must be one "
                "number. For other margins concatenate them."
            )
        return _pad(x, pad_width=pairs, value=constant_values)
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise ShapeError(
            f"pad: mode {mode!r} is not known. "
            'Use "constant", "edge", "reflect", "symmetric" or "wrap".'
        )
    for axis, (low, high) in enumerate(pairs):
        if low or high:
            if not shape[axis]:
                raise ShapeError(f"pad: x is {shape}; axis {axis} has no element to pad with.")
            numbers = np.arange(shape[axis])
            source = np.pad(numbers, (low, high), mode=mode)  # type: ignore[call-overload]  # a str
            x = take(x, source.tolist(), axis=axis)
    result: Tensor = x if hasattr(x, "_node") else _pad(x, pad_width=pairs)
    return result


def _pairs(pad_width: Any, shape: tuple[int, ...]) -> Pads:
    """pad_width as (before, behind) for each axis. Raises ShapeError if it does not fit."""
    try:
        widths = np.broadcast_to(np.asarray(pad_width), (len(shape), 2)).tolist()
    except ValueError:
        widths = [[-1, -1]]
    if any(not isinstance(n, int) or n < 0 for pair in widths for n in pair):
        raise ShapeError(
            f"pad: pad_width {pad_width} does not fit x, which is {shape}. "
            "Give a number of at least 0, a pair (before, behind), or such a pair for each axis."
        )
    return tuple([(low, high) for low, high in widths])
