"""Sorting: sort, argsort and topk. Gradients go back to where each value came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd import backend
from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.either import either
from autograd.ops.gathering import scatter_along_axis
from autograd.shapes import normalize_axis, whole_number

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["argsort", "sort", "topk"]


def _order(xp: ArrayModule, x: Array, axis: int) -> Array:
    """The positions that sort x along axis; equal elements keep their order, NaN comes last."""
    return xp.argsort(x, axis=axis, kind="stable")


@op("sort", private=("order",))
def sort(xp: ArrayModule, x: Array, *, axis: int | None = -1) -> tuple[Array, Array]:
    """z = x in rising order along axis, NaN last; x is flattened first if axis is None.

    Of equal elements the first comes first, with its gradient.
    Raises ShapeError for an axis that is not there.
    """
    flat = x.ravel() if axis is None else x
    at = normalize_axis(0 if axis is None else axis, flat.ndim, "sort")
    order = _order(xp, flat, at)
    return xp.take_along_axis(flat, order, axis=at), order


def _sort_rule(
    xp: ArrayModule, g: Any, x_shape: tuple[int, ...], order: Array, axis: int | None
) -> Any:
    """g, each element back where it came from: x's element of rank r has its gradient at g[r]."""
    axis = 0 if axis is None else axis
    return xp.take_along_axis(g, _ranks(order, axis), axis=axis).reshape(x_shape)


def _ranks(order: Array, axis: int) -> Array:
    """The inverse of the permutations in order along axis, as argsort gives it, without sorting."""
    xp, rows = backend.module_of(order), order.swapaxes(axis, -1)
    length = rows.shape[-1] or 1
    ranks = xp.empty(rows.size, dtype=order.dtype)
    numbers = xp.arange(rows.size)
    ranks[rows.ravel() + numbers // length * length] = numbers % length
    return ranks.reshape(rows.shape).swapaxes(axis, -1)


sort.vjp(
    x=(
        "dx = reshape(take_along_axis(g, argsort(argsort(x, axis=axis), axis=axis), axis=axis), "
        "x_shape)",
        _sort_rule,
    )
)


@op("argsort")
def argsort(xp: ArrayModule, x: Array, *, axis: int | None = -1) -> Array:
    """z = the positions that sort x along axis; of x flattened if axis is None. No gradient.

    Equal elements keep their order, NaN comes last.
    Raises ShapeError for an axis that is not there.
    """
    if axis is None:
        return _order(xp, x.ravel(), 0)
    return _order(xp, x, normalize_axis(axis, x.ndim, "argsort"))


@op("topk", name="topk", outputs=("values", "indices"), private=("chosen",))
def _topk(
    xp: ArrayModule, x: Array, *, k: int, axis: int, largest: bool
) -> tuple[tuple[Array, Array], Array]:
    """The k largest or smallest x along axis, and where they are."""
    axis = normalize_axis(axis, x.ndim, "topk")
    size = x.shape[axis]
    if not 0 <= k <= size:
        raise ShapeError(
            f"topk: k={k} but axis {axis} of x, which is {x.shape}, has {size} elements."
        )
    first = (slice(None),) * axis + (slice(0, k),)
    if largest:  # from the other end, so that of equal elements the first comes first here too
        backwards = _order(xp, xp.flip(x, axis=axis), axis)
        chosen = size - 1 - xp.flip(backwards, axis=axis)[first]
    else:
        chosen = _order(xp, x, axis)[first]
    return (xp.take_along_axis(x, chosen, axis=axis), chosen), chosen


def topk(x: Any, k: int, axis: int = -1, largest: bool = True) -> tuple[Tensor, Tensor]:
    """(values, indices) of the k largest x along axis, falling, or of the k smallest, rising.

    Of equal elements the first comes first; NaN counts as the largest. indices have no gradient.
    Raises ShapeError for an axis that is not there, or with fewer than k elements.
    """
    return _topk(x, k=whole_number(k, "topk: k"), axis=axis, largest=largest)  # type: ignore[return-value]  # an op of several outputs


_topk.vjp(
    x=(
        "dx = scatter_along_axis(g0, z1, shape=x_shape, axis=axis)",
        lambda g, x_shape, chosen, axis: either(
            scatter_along_axis, g[0], chosen, shape=x_shape, axis=axis
        ),
    )
)
