"""Products of matrices and of their kin: matmul, dot, outer, tensordot, kron.

Sums over named labels are in `einsum.py`, inverses and determinants in `linalg.py`.
"""

from __future__ import annotations

from math import prod
from operator import index
from typing import Any, TypeAlias

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.shapes import normalize_axis

__all__ = ["dot", "kron", "linear", "matmul", "outer", "tensordot"]

Shape: TypeAlias = tuple[int, ...]
Axes: TypeAlias = int | tuple[Any, Any]


@op("@")
def matmul(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = x @ y, the product of matrices in the last two axes; the axes before broadcast.

        z[…, i, j] = Σₖ x[…, i, k] · y[…, k, j]

    Shapes (…, n, k) and (…, k, m) give (…, n, m). A 1-D x is a row, a 1-D y a column, and that axis
    is left out of z. Raises ShapeError if the inner sizes differ, the axes before do not broadcast,
    or an operand is 0-d.
    """
    try:
        return x @ y
    except ValueError:
        raise _mismatch("matmul", x.shape, y.shape) from None


def _mismatch(name: str, x: Shape, y: Shape) -> ShapeError:
    what = f"{name}: x is {x} and y is {y}"
    if not x or not y:
        return ShapeError(f"{what}; a single number is no matrix. Use x * y.")
    inner = y[-2] if len(y) > 1 else y[0]
    if x[-1] == inner:
        return ShapeError(
            f"{what}; the axes before the last two do not broadcast. They must be equal or 1."
        )
    stored = len(y) == 2 and y[1] == x[-1]
    remedy = " If y is stored as (out, in), use x @ y.T." if stored else ""
    return ShapeError(f"{what}; the inner sizes {x[-1]} and {inner} differ.{remedy}")


def _matmul_dx(xp: ArrayModule, g: Any, y: Any, x_shape: Shape) -> Any:
    if y.ndim == 2 and len(x_shape) > 1:
        return g @ y.T
    if y.ndim == 1:  # z = Σₖ x[…, k] · y[k]
        return g.reshape((*g.shape, 1)) * y if len(x_shape) > 1 else g * y
    if len(x_shape) == 1:
        return (y @ g.reshape((*g.shape, 1))).reshape(y.shape[:-1])
    return g @ xp.swapaxes(y, axis1=-1, axis2=-2)


def _matmul_dy(xp: ArrayModule, g: Any, x: Any, y_shape: Shape) -> Any:
    if x.ndim == 2 and len(y_shape) == 2:
        return x.T @ g
    if len(y_shape) == 1 or (len(y_shape) == 2 and x.ndim > 2):
        # One product over all rows of x, instead of one for each matrix and their sum.
        return _flat_rows(x, x.shape[-1]).T @ _flat_rows(g, *y_shape[1:]) if x.ndim > 1 else g * x
    if x.ndim == 1:
        return x.reshape((-1, 1)) * g.reshape((*g.shape[:-1], 1, g.shape[-1]))
    return xp.swapaxes(x, axis1=-1, axis2=-2) @ g


def _flat_rows(x: Any, *width: int) -> Any:
    """x with all axes before those of width as one; −1 would be ambiguous where a width is 0."""
    return x.reshape((prod(x.shape[: x.ndim - len(width)]), *width))


matmul.vjp(x=("dx = g @ yᵀ", _matmul_dx), y=("dy = xᵀ @ g", _matmul_dy))


@op("@ᵀ")
def linear(xp: ArrayModule, x: Array, w: Array) -> Array:
    """z = x @ wᵀ, for weights stored as (out, in): the product in a layer of neurons.

        z[…, i] = Σₖ x[…, k] · w[i, k]

    x: (…, in).  w: (out, in).  Returns (…, out). As one operation, w's gradient comes out in w's
    own memory order, where that of w.T would be transposed and slow to add to w.
    Raises ShapeError if the inner sizes differ, or w is no matrix.
    """
    if w.ndim != 2 or not x.ndim or x.shape[-1] != w.shape[1]:
        raise ShapeError(
            f"linear: x is {x.shape} and w is {w.shape}; x must be (…, in) and w (out, in), with "
            "one size for in. If w is stored as (in, out), use x @ w."
        )
    if xp is np and x.ndim == 2 and 2 * len(x) <= len(w):
        # OpenBLAS is up to twice as fast for few rows if w stands first; the copy is small then.
        return np.ascontiguousarray((w @ x.T).T)
    return x @ w.T


def _linear_dw(xp: ArrayModule, g: Any, x: Any) -> Any:
    if g.ndim == 2:
        return g.T @ x
    if g.ndim == 1:
        return g.reshape((-1, 1)) * x
    return _flat_rows(g, g.shape[-1]).T @ _flat_rows(x, x.shape[-1])


linear.vjp(x=("dx = g @ w", lambda g, w: g @ w), w=("dw = gᵀ @ x", _linear_dw))


@op("⊗")
def outer(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z[i, j] = x[i] · y[j]; x and y are flattened first, so z is (x.size, y.size)."""
    return x.reshape((x.size, 1)) * y.reshape((1, y.size))


outer.vjp(
    x=(
        "dx = reshape(g @ ravel(y), x_shape)",
        lambda g, y, x_shape: (g @ y.reshape(-1)).reshape(x_shape),
    ),
    y=(
        "dy = reshape(ravel(x) @ g, y_shape)",
        lambda g, x, y_shape: (x.reshape(-1) @ g).reshape(y_shape),
    ),
)


# Sums over chosen axes


@op("tensordot")
def tensordot(xp: ArrayModule, x: Array, y: Array, *, axes: Axes = 2) -> Array:
    """z = Σ x · y over pairs of axes; z's axes are the others of x, then the others of y.

    axes: a number n for the last n of x and the first n of y, or (axes of x, axes of y).
    Raises ShapeError if the axes do not pair, or their sizes differ.
    """
    return xp.tensordot(x, y, axes=_pairs(x.shape, y.shape, axes))


def _pairs(x: Shape, y: Shape, axes: Axes, name: str = "tensordot") -> tuple[Shape, Shape]:
    """The summed axes of x and of y, counted from the front."""
    if not isinstance(axes, (tuple, list)) and hasattr(axes, "__index__"):
        axes = index(axes)
        most = min(len(x), len(y))
        if not 0 <= axes <= most:
            raise ShapeError(
                f"{name}: axes={axes}, but x is {x} and y is {y}. It must be in [0, {most}]."
            )
        of_x, of_y = tuple(range(len(x) - axes, len(x))), tuple(range(axes))
    else:
        if not isinstance(axes, (tuple, list)) or len(axes) != 2:
            raise ShapeError(
                f"{name}: axes={axes!r} must be a number of axes, or a pair: axes of x, axes of y."
            )
        one, other = ((a,) if hasattr(a, "__index__") else tuple(a) for a in axes)
        of_x = tuple([normalize_axis(a, len(x), name) for a in one])
        of_y = tuple([normalize_axis(a, len(y), name) for a in other])
    if len(of_x) != len(of_y) or len({*of_x}) != len(of_x) or len({*of_y}) != len(of_y):
        raise ShapeError(
            f"{name}: axes={axes} do not pair. Name each axis once, and as many of y as of x."
        )
    for a, b in zip(of_x, of_y, strict=True):
        if x[a] != y[b]:
            raise ShapeError(
                f"{name}: x is {x} and y is {y}; axis {a} of x has size {x[a]} and axis {b} of y "
                f"has size {y[b]}. Axes that are summed together must have equal sizes."
            )
    return of_x, of_y


def _free(ndim: int, summed: Shape) -> Shape:
    return tuple([a for a in range(ndim) if a not in summed])


def _placed(product: Any, sources: Shape) -> Any:
    """product with its axis k moved to where sources[k] says."""
    order = sorted(range(len(sources)), key=sources.__getitem__)
    return product.transpose(tuple(order)) if order != list(range(len(order))) else product


def _tensordot_dx(xp: ArrayModule, g: Any, y: Any, x_shape: Shape, axes: Axes) -> Any:
    of_x, of_y = _pairs(x_shape, y.shape, axes)
    free_x, free_y = _free(len(x_shape), of_x), _free(y.ndim, of_y)
    product = xp.tensordot(g, y, axes=(tuple(range(len(free_x), g.ndim)), free_y))
    partner = dict(zip(of_y, of_x, strict=True))
    return _placed(product, free_x + tuple([partner[b] for b in sorted(of_y)]))


def _tensordot_dy(xp: ArrayModule, g: Any, x: Any, y_shape: Shape, axes: Axes) -> Any:
    of_x, of_y = _pairs(x.shape, y_shape, axes)
    free_x, free_y = _free(x.ndim, of_x), _free(len(y_shape), of_y)
    product = xp.tensordot(x, g, axes=(free_x, tuple(range(len(free_x)))))
    partner = dict(zip(of_x, of_y, strict=True))
    return _placed(product, tuple([partner[a] for a in sorted(of_x)]) + free_y)


tensordot.vjp(
    x=("dx = tensordot(g, yᵀ, axes=axes)", _tensordot_dx),
    y=("dy = tensordot(xᵀ, g, axes=axes)", _tensordot_dy),
)


@op("·")
def dot(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = Σₖ x[…, k] · y[…, k, j], NumPy's dot: x's last axis with y's last but one or only one.

    Equals matmul for vectors and matrices, and x · y where one is a single number; it does not
    broadcast other axes. Raises ShapeError if the summed sizes differ.
    """
    if x.ndim and y.ndim and x.shape[-1] != y.shape[-2 if y.ndim > 1 else 0]:
        raise _mismatch("dot", x.shape, y.shape)
    return xp.dot(x, y)


def _dot_axes(y_ndim: int) -> Axes:
    return (-1,), (-2 if y_ndim > 1 else -1,)


def _dot_dx(xp: ArrayModule, g: Any, y: Any, x_shape: Shape) -> Any:
    if not x_shape or not y.ndim:
        return g * y
    return _tensordot_dx(xp, g, y, x_shape, _dot_axes(y.ndim))


def _dot_dy(xp: ArrayModule, g: Any, x: Any, y_shape: Shape) -> Any:
    if not y_shape or not x.ndim:
        return g * x
    return _tensordot_dy(xp, g, x, y_shape, _dot_axes(len(y_shape)))


dot.vjp(x=("dx = g @ yᵀ", _dot_dx), y=("dy = xᵀ @ g", _dot_dy))


# The Kronecker product


@op("kron")
def kron(xp: ArrayModule, x: Array, y: Array) -> Array:
    """z = x ⊗ y, the Kronecker product: y's copies, each multiplied by one element of x.

        z[i·p + k, j·q + l] = x[i, j] · y[k, l]   for y of shape (p, q)

    The shorter shape gets axes of size 1 in front, so z's sizes are products of sizes.
    """
    blocks, xs, ys = _blocks(x.shape, y.shape)
    return (x.reshape(xs) * y.reshape(ys)).reshape(
        [blocks[k] * blocks[k + 1] for k in range(0, len(blocks), 2)]
    )


def _blocks(x: Shape, y: Shape) -> tuple[Shape, Shape, Shape]:
    """(x₀, y₀, x₁, y₁, …), (x₀, 1, x₁, 1, …) and (1, y₀, 1, y₁, …)."""
    ndim = max(len(x), len(y))
    pairs = list(zip((1,) * (ndim - len(x)) + x, (1,) * (ndim - len(y)) + y, strict=True))
    return (
        tuple([n for pair in pairs for n in pair]),
        tuple([n for m, _ in pairs for n in (m, 1)]),
        tuple([n for _, m in pairs for n in (1, m)]),
    )


def _kron_dx(g: Any, y: Any, x_shape: Shape) -> Any:
    blocks, _, ys = _blocks(x_shape, y.shape)
    return (
        (g.reshape(blocks) * y.reshape(ys))
        .sum(axis=tuple(range(1, len(blocks), 2)))
        .reshape(x_shape)
    )


def _kron_dy(g: Any, x: Any, y_shape: Shape) -> Any:
    blocks, xs, _ = _blocks(x.shape, y_shape)
    return (
        (g.reshape(blocks) * x.reshape(xs))
        .sum(axis=tuple(range(0, len(blocks), 2)))
        .reshape(y_shape)
    )


kron.vjp(
    x=("dx = reshape(g, x_shape + y_shape) @ y", _kron_dx),
    y=("dy = x @ reshape(g, x_shape + y_shape)", _kron_dy),
)
