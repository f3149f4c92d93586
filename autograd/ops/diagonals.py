"""Triangles and diagonals of matrices, and what puts a diagonal back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.either import either
from autograd.promote import to_array
from autograd.shapes import normalize_axes, whole_number

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["diag", "diagonal", "scatter_diagonal", "trace", "tril", "triu"]


@op("◣")
def tril(xp: ArrayModule, x: Array, *, k: int = 0) -> Array:
    """z = x below and on its k-th diagonal, where j − i ≤ k, and 0 above.

    Raises ShapeError for x with less than two axes.
    """
    _check_matrix(x, "tril")
    return xp.tril(x, k=whole_number(k, "tril: k"))


@op("◥")
def triu(xp: ArrayModule, x: Array, *, k: int = 0) -> Array:
    """z = x above and on its k-th diagonal, where j − i ≥ k, and 0 below.

    Raises ShapeError for x with less than two axes.
    """
    _check_matrix(x, "triu")
    return xp.triu(x, k=whole_number(k, "triu: k"))


def _check_matrix(x: Array, name: str) -> None:
    if x.ndim < 2:
        raise ShapeError(
            f"{name}: x is {x.shape}; it needs two axes, (…, rows, columns). Use reshape or "
            "expand_dims."
        )


tril.vjp(x=("dx = tril(g, k=k)", lambda g, k: either(tril, g, k=k)))
triu.vjp(x=("dx = triu(g, k=k)", lambda g, k: either(triu, g, k=k)))


@op("diagonal")
def diagonal(
    xp: ArrayModule, x: Array, *, offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Array:
    """z = x[i, i + offset] over axes axis1 and axis2, as z's last axis.

    Raises ShapeError if the axes are not two of x's.
    """
    _check_axes(x.shape, axis1, axis2, "diagonal")
    return x.diagonal(offset, axis1, axis2)


@op("diagonalᵀ")
def scatter_diagonal(
    xp: ArrayModule,
    x: Array,
    *,
    shape: tuple[int, ...],
    offset: int = 0,
    axis1: int = 0,
    axis2: int = 1,
) -> Array:
    """z = zeros of shape with x on a diagonal: the adjoint of diagonal.

    x: broadcasts to that diagonal's shape. Raises ShapeError if the axes are not two of shape's.
    """
    _check_axes(shape, axis1, axis2, "scatter_diagonal")
    z = xp.zeros(shape, dtype=x.dtype)
    matrices = xp.moveaxis(z, (axis1, axis2), (-2, -1))
    count = _count(matrices.shape[-2], matrices.shape[-1], offset)
    numbers = xp.arange(count)
    matrices[..., numbers + max(-offset, 0), numbers + max(offset, 0)] = x
    return z


def _count(rows: int, columns: int, offset: int) -> int:
    """How long the diagonal of a matrix is."""
    return max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)


def _check_axes(shape: tuple[int, ...], axis1: int, axis2: int, name: str) -> None:
    if len(shape) < 2:
        raise ShapeError(f"{name}: the shape is {shape}; a diagonal needs two axes.")
    normalize_axes((axis1, axis2), len(shape), name)


diagonal.vjp(
    x=(
        "dx = scatter_diagonal(g, shape=x_shape, offset=offset, axis1=axis1, axis2=axis2)",
        lambda g, x_shape, offset, axis1, axis2: either(
            scatter_diagonal, g, shape=x_shape, offset=offset, axis1=axis1, axis2=axis2
        ),
    )
)
scatter_diagonal.vjp(
    x=(
        "dx = diagonal(g, offset=offset, axis1=axis1, axis2=axis2)",
        lambda g, offset, axis1, axis2: either(
            diagonal, g, offset=offset, axis1=axis1, axis2=axis2
        ),
    )
)


@op("tr")
def trace(xp: ArrayModule, x: Array, *, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """z = Σᵢ x[i, i + offset] over axes axis1 and axis2.

    Raises ShapeError if the axes are not two of x's.
    """
    _check_axes(x.shape, axis1, axis2, "trace")
    return x.trace(offset, axis1, axis2)


def _trace_dx(g: Any, x_shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> Any:
    column = g.reshape((*g.shape, 1))
    return either(scatter_diagonal, column, shape=x_shape, offset=offset, axis1=axis1, axis2=axis2)


trace.vjp(
    x=(
        "dx = scatter_diagonal(expand_dims(g, axis=−1), shape=x_shape, offset=offset, "
        "axis1=axis1, axis2=axis2)",
        _trace_dx,
    )
)


def diag(x: Any, k: int = 0) -> Tensor:
    """A vector's square matrix with it on the k-th diagonal; a matrix's k-th diagonal.

    Raises ShapeError if x has neither one axis nor two.
    """
    shape: tuple[int, ...] = to_array(x).shape
    k = whole_number(k, "diag: k")
    if len(shape) == 1:
        side = shape[0] + abs(k)
        return scatter_diagonal(x, shape=(side, side), offset=k)
    if len(shape) == 2:
        return diagonal(x, offset=k)
    raise ShapeError(
        f"diag: x is {shape}; it must be a vector or a matrix. For more axes use diagonal."
    )
