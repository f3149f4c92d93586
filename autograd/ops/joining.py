"""Joining tensors, taking them apart, and repeating them.

Each operation names the one that moves the numbers back: concatenate and split, stack and unbind,
repeat and sum_repeats, tile and sum_tiles are each other's gradients.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.either import either
from autograd.ops.gathering import scatter_take
from autograd.ops.shaping import broadcast_to, ravel, reshape
from autograd.promote import to_array
from autograd.shapes import normalize_axis, whole_number

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "broadcast_arrays",
    "concatenate",
    "hstack",
    "joints",
    "repeat",
    "split",
    "stack",
    "sum_repeats",
    "sum_tiles",
    "tile",
    "unbind",
    "vstack",
]


# Along an axis that is there


@op("concat", name="concatenate")
def _concatenate(xp: ArrayModule, *xs: Array, axis: int) -> Array:
    """z = xs one behind the other along axis."""
    axis = whole_number(axis, "concatenate: axis")
    try:
        return xp.concatenate(xs, axis=axis)
    except ValueError:
        raise _unjoinable(xs, axis) from None


def _unjoinable(xs: tuple[Array, ...], axis: int) -> ShapeError:
    found = [x.shape for x in xs]
    if not all(found):
        return ShapeError(
            f"concatenate: the shapes are {_few(found)}; a single number has no axis to join "
            "along. Use stack, or reshape it to (1,)."
        )
    normalize_axis(axis, len(found[0]), "concatenate")
    return ShapeError(
        f"concatenate: the shapes are {_few(found)}, joined along axis {axis}; all other sizes "
        "must be equal. Use stack for a new axis."
    )


def _few(found: list[tuple[int, ...]]) -> str:
    """The shapes as text; of many, those that differ from the first."""
    if len(found) > 4:
        found = [found[0], *[s for s in dict.fromkeys(found) if s != found[0]][:3]]
    return ", ".join(map(str, found))


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Tensor:
    """z = the arrays one behind the other along axis; each of them flattened first if axis is None.

    Raises ShapeError if there are none, or if they differ in another size than that of axis.
    """
    arrays = _at_least_one(arrays, "concatenate")
    if axis is None:
        return _concatenate(*[ravel(x) for x in arrays], axis=0)
    return _concatenate(*arrays, axis=axis)


def _at_least_one(arrays: Sequence[Any], name: str) -> list[Any]:
    if not isinstance(arrays, Iterable):
        raise ShapeError(f"{name}: it takes a sequence of arrays. Write {name}([x, y]).")
    found = list(arrays)
    if not found:
        raise ShapeError(f"{name}: the sequence is empty; it needs at least one array.")
    return found


def joints(shapes: Sequence[tuple[int, ...]], axis: int) -> tuple[int, ...]:
    """Where arrays of these shapes meet when concatenated along axis: split there to undo it."""
    return tuple(itertools.accumulate(shape[axis] for shape in shapes[:-1]))


@op("split", name="split", outputs=("parts",))
def _split(xp: ArrayModule, x: Array, *, at: tuple[int, ...], axis: int) -> tuple[Array, ...]:
    """The parts of x along axis that begin at 0 and at each position."""
    lead = (slice(None),) * normalize_axis(axis, x.ndim, "split")
    return tuple([x[(*lead, slice(*ends))] for ends in zip((0, *at), (*at, None), strict=True)])


def split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> tuple[Tensor, ...]:
    """x cut along axis, into that many equal parts, or before each of the given positions: views.

    Raises ShapeError if the number of parts does not divide the size of axis, or the positions do
    not rise.
    """
    shape = to_array(x).shape
    size = shape[normalize_axis(axis, len(shape), "split")]
    if not isinstance(indices_or_sections, Iterable):
        sections = whole_number(indices_or_sections, "split: indices_or_sections")
        at = _equal_cuts(shape, size, sections, axis)
    else:
        cuts = [whole_number(i, "split: position") for i in indices_or_sections]
        at = tuple([slice(i, None).indices(size)[0] for i in cuts])
        if list(at) != sorted(at):
            raise ShapeError(
                f"split: the positions {tuple(indices_or_sections)} along axis {axis}, of size "
                f"{size}, do not rise. Sort them."
            )
    return _split(x, at=at, axis=axis)  # type: ignore[return-value]  # an op of several outputs


def _equal_cuts(shape: tuple[int, ...], size: int, sections: int, axis: int) -> tuple[int, ...]:
    if sections < 1 or size % sections:
        raise ShapeError(
            f"split: axis {axis} of x, which is {shape}, has size {size}; "
            f"that makes no {sections} equal parts. Give the positions to cut at as a list."
        )
    return tuple([size // sections * k for k in range(1, sections)])


_concatenate.vjp_all(
    lambda g, xs_shape, axis: either(_split, g, at=joints(xs_shape, axis), axis=axis),
    xs="dxs = split(g, joints(xs_shape, axis=axis), axis=axis)",
)
_split.vjp(
    x=("dx = concatenate(g, axis=axis)", lambda xp, g, axis: xp.concatenate(g, axis=axis)),
)


# Along a new axis


@op("stack", name="stack")
def _stack(xp: ArrayModule, *xs: Array, axis: int) -> Array:
    """z = xs side by side along a new axis."""
    first = xs[0].shape
    if any(x.shape != first for x in xs):
        raise ShapeError(
            f"stack: the shapes are {_few([x.shape for x in xs])}; they must be equal. "
            "Use concatenate to join along an old axis."
        )
    return xp.stack(xs, axis=normalize_axis(axis, len(first) + 1, "stack"))


def stack(arrays: Sequence[Any], axis: int = 0) -> Tensor:
    """z = the arrays side by side along a new axis.

    Raises ShapeError if there are none, or their shapes differ.
    """
    return _stack(*_at_least_one(arrays, "stack"), axis=axis)


@op("unbind", name="unbind", outputs=("parts",))
def _unbind(xp: ArrayModule, x: Array, *, axis: int) -> tuple[Array, ...]:
    """x's slices along axis."""
    lead = (slice(None),) * normalize_axis(axis, x.ndim, "unbind")
    # The ellipsis keeps the parts of a vector arrays: x[i] would be a number.
    return tuple([x[(*lead, i, ...)] for i in range(x.shape[len(lead)])])


def unbind(x: Any, axis: int = 0) -> tuple[Tensor, ...]:
    """x's slices along axis, without that axis: views. Raises ShapeError for a missing axis."""
    return _unbind(x, axis=axis)  # type: ignore[return-value]  # an op of several outputs


_stack.vjp_all(
    lambda g, axis: either(_unbind, g, axis=axis),
    xs="dxs = unbind(g, axis=axis)",
)
_unbind.vjp(x=("dx = stack(g, axis=axis)", lambda xp, g, axis: xp.stack(g, axis=axis)))


def hstack(arrays: Sequence[Any]) -> Tensor:
    """z = the arrays concatenated along axis 1; vectors and numbers along axis 0."""
    found = [x if to_array(x).ndim else ravel(x) for x in _at_least_one(arrays, "hstack")]
    return concatenate(found, axis=0 if to_array(found[0]).ndim == 1 else 1)


def vstack(arrays: Sequence[Any]) -> Tensor:
    """z = the arrays concatenated along axis 0; vectors and numbers as rows."""
    found = _at_least_one(arrays, "vstack")
    return concatenate([reshape(x, shape=(1, -1)) if to_array(x).ndim < 2 else x for x in found])


def broadcast_arrays(*arrays: Any) -> tuple[Tensor, ...]:
    """The arrays, each repeated into the shape that all of them broadcast to: read-only views."""
    found = [to_array(x).shape for x in arrays]
    try:
        shape = np.broadcast_shapes(*found)
    except ValueError:
        raise ShapeError(f"broadcast_arrays: the shapes {_few(found)} do not broadcast.") from None
    return tuple([broadcast_to(x, shape=shape) for x in arrays])


# Repeating


@op("repeat", name="repeat")
def _repeat(xp: ArrayModule, x: Array, *, repeats: int | tuple[int, ...], axis: int) -> Array:
    """z = each slice of x along axis, repeated."""
    axis = normalize_axis(axis, x.ndim, "repeat")
    counts = repeats if isinstance(repeats, tuple) else (repeats,)
    if len(counts) not in (1, x.shape[axis]) or any(n < 0 for n in counts):
        raise ShapeError(
            f"repeat: repeats={repeats} does not fit axis {axis} of x, which is {x.shape}. "
            "Give one count of at least 0, or one for each slice."
        )
    return x.repeat(repeats, axis)


@op("Σ repeats")
def sum_repeats(
    xp: ArrayModule, x: Array, *, repeats: int | tuple[int, ...], axis: int, shape: tuple[int, ...]
) -> Array:
    """z = x with the copies that repeat made of shape added up: the adjoint of repeat."""
    axis = normalize_axis(axis, x.ndim, "sum_repeats")
    if not isinstance(repeats, tuple):
        copies = (*shape[: axis + 1], repeats, *shape[axis + 1 :])
        return x.reshape(copies).sum(axis=axis + 1)
    index = xp.asarray(np.repeat(np.arange(shape[axis]), repeats))
    return scatter_take.forward(xp, x, index, shape=shape, axis=axis)


def repeat(x: Any, repeats: int | Sequence[int], axis: int | None = None) -> Tensor:
    """z = each slice of x along axis repeated, as in NumPy: [1, 2] twice is [1, 1, 2, 2].

    repeats: one count, or one for each slice.  axis: x is flattened first if None.
    Raises ShapeError if the counts do not fit.
    """
    if isinstance(repeats, Iterable):
        counts = tuple([whole_number(n, "repeat: count") for n in repeats])
        repeats = counts if len(counts) != 1 else counts[0]
    else:
        repeats = whole_number(repeats, "repeat: repeats")
    if axis is None:
        x, axis = ravel(x), 0
    return _repeat(x, repeats=repeats, axis=axis)


_repeat.vjp(
    x=(
        "dx = sum_repeats(g, repeats=repeats, axis=axis, shape=x_shape)",
        lambda g, x_shape, repeats, axis: either(
            sum_repeats, g, repeats=repeats, axis=axis, shape=x_shape
        ),
    )
)
sum_repeats.vjp(
    x=(
        "dx = repeat(g, repeats, axis=axis)",
        lambda g, repeats, axis: either(_repeat, g, repeats=repeats, axis=axis),
    )
)


@op("tile", name="tile")
def _tile(xp: ArrayModule, x: Array, *, reps: tuple[int, ...]) -> Array:
    """z = reps copies of x along each axis."""
    if any(n < 0 for n in reps):
        raise ShapeError(f"tile: reps={reps} holds a negative count; give counts of at least 0.")
    return xp.tile(x, reps)


@op("Σ tiles")
def sum_tiles(xp: ArrayModule, x: Array, *, reps: tuple[int, ...], shape: tuple[int, ...]) -> Array:
    """z = x with the copies that tile made of shape added up: the adjoint of tile."""
    ndim = max(len(reps), len(shape))
    counts, sizes = ((1,) * (ndim - len(part)) + part for part in (reps, shape))
    pairs = itertools.chain.from_iterable(zip(counts, sizes, strict=True))
    return x.reshape(tuple(pairs)).sum(axis=tuple(range(0, 2 * ndim, 2))).reshape(shape)


def tile(x: Any, reps: int | Sequence[int]) -> Tensor:
    """z = reps copies of x along each axis, as in NumPy: [1, 2] twice is [1, 2, 1, 2].

    reps is aligned with x's axes from the right, and the shorter of the two is filled with 1.
    Raises ShapeError for a negative count.
    """
    counts = reps if isinstance(reps, Iterable) else (reps,)
    return _tile(x, reps=tuple([whole_number(n, "tile: count") for n in counts]))


_tile.vjp(
    x=(
        "dx = sum_tiles(g, reps=reps, shape=x_shape)",
        lambda g, reps, x_shape: either(sum_tiles, g, reps=reps, shape=x_shape),
    )
)
sum_tiles.vjp(x=("dx = tile(g, reps)", lambda g, reps: either(_tile, g, reps=reps)))
