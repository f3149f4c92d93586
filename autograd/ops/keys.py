"""What stands between the brackets of x[...]: made plain, put on x's device, checked, explained.

A key is an index or a tuple of them, as NumPy takes it: integers, slices, None, Ellipsis, boolean
masks and integer arrays. Here is also how values are added at a key. The operations are in
`indexing.py`.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from math import prod
from typing import Any, TypeAlias

import numpy as np

from autograd import backend
from autograd.backend import Array, ArrayModule
from autograd.errors import BackendError, DTypeError

Key: TypeAlias = Any
"""What NumPy takes between brackets; arrays in it are raw arrays."""

_PLAIN = (int, slice, type(None), type(Ellipsis), bool)


def index_of(index: Any) -> Key:
    """index as `getitem` and `setitem` take it: Tensors and lists in it become raw arrays.

    Arrays are copied, since the graph keeps the index until backward. Raises DTypeError for
    floating indices, IndexError for what is no index at all.
    """
    if index.__class__ in _PLAIN:
        return index
    if index.__class__ is tuple:
        return tuple([part if part.__class__ in _PLAIN else _plain(part) for part in index])
    return _plain(index)


def _plain(part: Any) -> Any:
    if isinstance(part, _PLAIN):
        return part
    if isinstance(part, np.generic):
        part = part.item()
        if isinstance(part, (bool, int)):
            return part
    if isinstance(part, (list, tuple, range)):
        array = np.asarray(_opened(part))
        array = array if array.size else array.astype(np.intp)
    elif hasattr(part, "_data") or backend.is_array(part):
        array = getattr(part, "_data", part).copy()
    elif hasattr(part, "__index__"):
        return operator.index(part)
    elif isinstance(part, float):
        raise DTypeError(
            f"an index must be an integer, not the number {part}. Use int(...) or // to get one."
        )
    else:
        raise IndexError(
            f"{type(part).__name__} is no index. Use an integer, a slice, ..., None, a boolean "
            "mask or an integer array."
        )
    return check_integers(array, "index", masks=True)


def _opened(part: Any) -> Any:
    if isinstance(part, (list, tuple, range)):
        return [_opened(item) for item in part]
    return backend.to_host(part._data) if hasattr(part, "_data") else part


def check_integers(array: Array, name: str, *, masks: bool = False) -> Array:
    """array, if it can index.

    Raises DTypeError for one that is not integer, or bool where masks are allowed.
    """
    if array.dtype.kind not in ("iub" if masks else "iu"):
        also = ", or a comparison such as x > 0 for a mask" if masks else ""
        raise DTypeError(
            f"{name}: an index array must be integer{' or bool' if masks else ''}, and this one "
            f"is {array.dtype}. "
            f'Use .astype("int64"){also}.'
        )
    return array


def is_unique(index: Key) -> bool:
    """Whether the key shows by its form that it names no element twice: it has no integer array."""
    parts = index if index.__class__ is tuple else (index,)
    return not any(
        backend.is_array(part) and part.dtype.kind != "b" and part.size > 1 for part in parts
    )


def on_device(xp: ArrayModule, index: Key, shape: tuple[int, ...], name: str) -> Key:
    """index with its arrays on the GPU, and checked: CuPy wraps what is out of range.

    The check reads one number from the device for each integer array.
    """
    parts = index if index.__class__ is tuple else (index,)
    moved = tuple([xp.asarray(part) if isinstance(part, np.ndarray) else part for part in parts])
    for part, axis in located(moved, shape, name):
        if backend.is_array(part) and part.dtype.kind != "b":
            check_range(xp, part, shape[axis], axis, name)
    return moved


def check_range(xp: ArrayModule, indices: Array, size: int, axis: int, name: str) -> None:
    """Raises IndexError if an index along axis, of that size, is out of range."""
    bad = xp.flatnonzero((indices < -size) | (indices >= size))
    if bad.size:
        raise out_of_range(name, int(indices.ravel()[bad[0]]), axis, size)


def out_of_range(name: str, index: int, axis: int, size: int) -> IndexError:
    """The error for an index beyond the ends of an axis."""
    remedy = f"It must be in [{-size}, {size - 1}]." if size else "The axis is empty."
    return IndexError(
        f"{name}: index {index} is out of range for axis {axis} of size {size}. {remedy}"
    )


def located(index: Key, shape: tuple[int, ...], name: str) -> Iterator[tuple[Any, int]]:
    """Each part of index that takes axes, with the first axis it takes.

    Raises IndexError if index takes more axes than shape has.
    """
    parts = index if index.__class__ is tuple else (index,)
    taken = sum(_axes(part) for part in parts)
    if taken > len(shape):
        raise IndexError(
            f"{name}: {taken} indices for x of shape {shape}, which has {len(shape)} axes."
        )
    axis = 0
    for part in parts:
        if part is Ellipsis:
            axis += len(shape) - taken
        elif count := _axes(part):
            yield part, axis
            axis += count


def _axes(part: Any) -> int:
    if part is None or part is Ellipsis or isinstance(part, bool):
        return 0
    return part.ndim if backend.is_array(part) and part.dtype.kind == "b" else 1


def explained(error: Exception, index: Key, shape: tuple[int, ...], name: str) -> Exception:
    """The error to raise for one that NumPy raised for x[index], x of that shape."""
    parts = index if index.__class__ is tuple else (index,)
    if any(backend.is_cupy(part) for part in parts):
        return BackendError(
            f'{name}: x is on the host but an index is on a GPU. Move one: x.to("cuda") or '
            "index.cpu()."
        )
    if not isinstance(error, IndexError):
        return error
    for part, axis in located(index, shape, name):
        if isinstance(part, slice):
            continue
        array = np.asarray(part)
        if array.dtype.kind == "b":
            if array.shape != shape[axis : axis + array.ndim]:
                return IndexError(
                    f"{name}: the mask is {array.shape} but x is {shape}; from axis {axis} their "
                    "sizes must be equal. "
                    "Make the mask from x itself, for example x > 0."
                )
            continue
        bad = array[(array < -shape[axis]) | (array >= shape[axis])]
        if bad.size:
            return out_of_range(name, int(bad[0]), axis, shape[axis])
    return IndexError(f"{name}: {error}; x is {shape}.")


def add_into(xp: ArrayModule, target: Array, index: Key, values: Array, name: str) -> None:
    """target[index] += values in place, repeated indices adding up; target must be contiguous.

    On the host, a key of integer arrays side by side among full slices becomes positions in the
    flat array: `np.add.at` has a fast loop for one index into one axis, five times as fast for
    10,000 rows of 64 as its general one.
    """
    if xp is not np:
        if (
            target.dtype == np.int64
        ):  # CuPy adds with atomics, which it has for unsigned integers only
            target, values = target.view(np.uint64), values.astype(np.int64).view(np.uint64)
        backend.add_at(xp, target, index, values)
        return
    block = _integer_block(index, target.shape, name)
    if block is None:
        np.add.at(target, index, values)
        return
    axis, arrays = block
    rows, shape = _row_numbers(arrays, target.shape[axis:], axis, name), target.shape
    before, length = shape[:axis], prod(shape[axis : axis + len(arrays)])
    after = shape[axis + len(arrays) :]
    full = np.broadcast_to(values, before + rows.shape + after)
    positions = rows.ravel()
    if (width := prod(after)) != 1:
        positions = (positions[:, None] * width + np.arange(width)).ravel()
    if (count := prod(before)) != 1:
        positions = (np.arange(count)[:, None] * (length * width) + positions).ravel()
    np.add.at(target.reshape(-1), positions, full.astype(target.dtype, copy=False).ravel())


def _integer_block(index: Key, shape: tuple[int, ...], name: str) -> tuple[int, list[Array]] | None:
    """(first axis, arrays) if index is integer arrays side by side, and full slices; else None."""
    parts = index if index.__class__ is tuple else (index,)
    is_full = [
        part is Ellipsis or (isinstance(part, slice) and part == slice(None)) for part in parts
    ]
    chosen = [k for k, full in enumerate(is_full) if not full]
    for part in parts[chosen[0] : chosen[-1] + 1]:
        if (
            not (isinstance(part, int) or backend.is_array(part))
            or isinstance(part, bool)
            or np.asarray(part).dtype == bool
        ):
            return None
    found = [
        (part, axis) for part, axis in located(index, shape, name) if not isinstance(part, slice)
    ]
    return found[0][1], [np.asarray(part, dtype=np.intp) for part, _ in found]


def _row_numbers(arrays: list[Array], sizes: tuple[int, ...], axis: int, name: str) -> Array:
    """The row-major numbers of the elements that arrays name along axes of those sizes."""
    rows: Array = np.zeros((), np.intp)
    for k, indices in enumerate(arrays):
        size = sizes[k]
        if indices.size and (indices.min() < 0 or indices.max() >= size):
            check_range(np, indices, size, axis + k, name)
            indices = np.where(indices < 0, indices + size, indices)
        rows = rows * size + indices
    return np.asarray(rows)
