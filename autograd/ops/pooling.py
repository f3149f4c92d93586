"""Max pooling, and the two ways along the places where the maxima stood.

Max pooling remembers, for each window, the position of its maximum inside the kernel. What takes
values from these positions and what puts them back there are each other's rules. Sums and averages
are in `averaging.py`, windows in `window.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.either import either
from autograd.ops.window import Shape, Sizes, Window, pad, per_axis, slide

__all__ = [
    "argmax_in_windows",
    "max_pool1d",
    "max_pool2d",
    "scatter_in_windows",
    "take_in_windows",
]

_INF = float("inf")


def pool_window(
    shape: Shape,
    n: int,
    name: str,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    dilation: Sizes,
    ceil_mode: bool,
) -> Window:
    """The window of a pooling on the last n axes of shape; its stride is the kernel if not given.

    Raises ShapeError if shape has not n + 2 axes, or the padding is more than half the kernel.
    """
    if len(shape) != n + 2 or n < 1:
        hint = " Give x a batch axis: x[None]." if len(shape) == n + 1 else ""
        raise ShapeError(
            f"{name}: x is {shape}; it must be (N, C, *spatial) with {n + 2} axes.{hint}"
        )
    window = slide(
        shape[2:],
        kernel_size,
        stride=kernel_size if stride is None else stride,
        padding=per_axis(padding, n, 0, f"{name}: padding"),
        dilation=dilation,
        ceil_mode=ceil_mode,
        name=name,
    )
    reached = window.reach
    if any(2 * low > r for (low, _), r in zip(window.pads, reached, strict=True)):
        raise ShapeError(
            f"{name}: padding={padding} is more than half of the kernel {reached}, so a window "
            "could lie in the padding alone. Use less padding or a larger kernel."
        )
    return window


def _maxima(xp: ArrayModule, x: Array, window: Window) -> tuple[Array, Array]:
    """Each window's maximum, and its position in the kernel: the first of equals, or of NaNs."""
    padded = pad(xp, x, window, -_INF)
    z = padded[(..., *window.at((0,) * len(window.size)))].copy()
    index = xp.zeros(z.shape, dtype=np.int32)
    for k, position in enumerate(np.ndindex(*window.kernel)):
        seen = padded[(..., *window.at(position))]
        is_better = ~(seen <= z) & (z == z)  # a NaN is not <= anything, and nothing replaces it
        xp.copyto(z, seen, where=is_better)
        xp.copyto(index, k, where=is_better)
    if padded is not x:
        # Where all is −∞, the first of equals may be padding: take the first that is not.
        first = xp.asarray(_first_inside(window), dtype=np.int32)
        index = xp.where(z == -_INF, first, index)
    return z, index


def _first_inside(window: Window) -> np.ndarray[Any, Any]:
    """The first position of the kernel that lies on the input, for each of its places."""
    first = np.zeros((), dtype=np.int32)
    rows = zip(window.kernel, window.out, window.stride, window.dilation, window.pads, strict=True)
    for kernel, out, stride, dilation, (low, _) in rows:
        outside = np.maximum(low - stride * np.arange(out), 0)
        steps = np.minimum(-(-outside // dilation), kernel - 1)
        first = np.add.outer(first * kernel, steps)
    return first


def _max_pool(
    xp: ArrayModule,
    x: Array,
    n: int,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    dilation: Sizes,
    ceil_mode: bool,
) -> tuple[Array, Array]:
    name = f"max_pool{n}d"
    window = pool_window(x.shape, n, name, kernel_size, stride, padding, dilation, ceil_mode)
    return _maxima(xp, x, window)


@op("max pool", floating=True, private=("index",))
def max_pool1d(
    xp: ArrayModule,
    x: Array,
    *,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Array]:
    """The largest element of each window along one axis; see max_pool2d.

    x: (N, C, L).  Returns (N, C, out).
    """
    return _max_pool(xp, x, 1, kernel_size, stride, padding, dilation, ceil_mode)


@op("max pool", floating=True, private=("index",))
def max_pool2d(
    xp: ArrayModule,
    x: Array,
    *,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Array]:
    """The largest element of each window; its gradient goes to the first of equals.

    x: (N, C, H, W).  Returns (N, C, out, out) with out = ⌊(size + 2p − d(k − 1) − 1) / s⌋ + 1; with
    ceil_mode the quotient is rounded up, but no window starts behind the input. stride: kernel_size
    if None.  padding: of −∞, at most half the kernel. A NaN in a window makes its maximum NaN.
    Raises ShapeError for more padding, or a kernel larger than the padded input.
    """
    return _max_pool(xp, x, 2, kernel_size, stride, padding, dilation, ceil_mode)


@op("argmax pool")
def argmax_in_windows(
    xp: ArrayModule,
    x: Array,
    *,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> Array:
    """The position in the kernel, counted in row-major order, of each window's first maximum.

    x: (N, C, *spatial).  Returns integers (N, C, *out).
    """
    n = x.ndim - 2
    window = pool_window(
        x.shape, n, "argmax_in_windows", kernel_size, stride, padding, dilation, ceil_mode
    )
    return _maxima(xp, x if x.dtype.kind == "f" else x.astype(np.float64), window)[1]


@op("take")
def take_in_windows(
    xp: ArrayModule,
    x: Array,
    index: Array,
    *,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> Array:
    """What each window of x holds at position index of the kernel, 0 in the padding.

    x: (N, C, *spatial).  index: integers (N, C, *out).  Returns (N, C, *out).
    """
    n = x.ndim - 2
    window = pool_window(
        x.shape, n, "take_in_windows", kernel_size, stride, padding, dilation, ceil_mode
    )
    padded = pad(xp, x, window)
    z = xp.zeros(index.shape, dtype=x.dtype)
    for k, position in enumerate(np.ndindex(*window.kernel)):
        xp.copyto(z, padded[(..., *window.at(position))], where=index == k)
    return z


@op("scatter")
def scatter_in_windows(
    xp: ArrayModule,
    x: Array,
    index: Array,
    *,
    shape: tuple[int, ...],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> Array:
    """Each x put back into its window at position index, where windows overlap added up.

    x: (N, C, *out).  index: integers (N, C, *out).  shape: the shape (N, C, *spatial) returned.
    """
    n = x.ndim - 2
    window = pool_window(
        shape, n, "scatter_in_windows", kernel_size, stride, padding, dilation, ceil_mode
    )
    total = xp.zeros(shape[:2] + window.padded, dtype=x.dtype)
    for k, position in enumerate(np.ndindex(*window.kernel)):
        total[(..., *window.at(position))] += xp.where(index == k, x, 0)
    return total[(..., *window.inside)]


def _max_dx(
    g: Array,
    index: Array,
    x_shape: Shape,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    dilation: Sizes,
    ceil_mode: bool,
) -> Array:
    return either(
        scatter_in_windows,
        g,
        index,
        shape=x_shape,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
    )


def _scatter_dx(
    g: Array,
    index: Array,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    dilation: Sizes,
    ceil_mode: bool,
) -> Array:
    return either(
        take_in_windows,
        g,
        index,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
    )


_MOVES = (
    "kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation, "
    "ceil_mode=ceil_mode"
)
_MAX = f"dx = scatter_in_windows(g, argmax_in_windows(x, {_MOVES}), shape=x_shape, {_MOVES})"

max_pool1d.vjp(x=(_MAX, _max_dx))
max_pool2d.vjp(x=(_MAX, _max_dx))
take_in_windows.vjp(x=(f"dx = scatter_in_windows(g, index, shape=x_shape, {_MOVES})", _max_dx))
scatter_in_windows.vjp(x=(f"dx = take_in_windows(g, index, {_MOVES})", _scatter_dx))
