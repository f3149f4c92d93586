"""Convolution on any number of spatial axes, and the two ways back through it.

The sum T = Σ y · conv(x, w) is linear in each of x, w and y, so its three partial derivatives
`correlate`, `conv_input` and `conv_weight` are each other's rules, of every order. They keep their
inputs only, and copy windows into a matrix (im2col) for one matrix product per group.
`convolution.py` has the operations for users. Source: Chellapilla, Puri and Simard (2006),
"High performance convolutional neural networks for document processing".
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.either import either
from autograd.ops.window import Shape, Sizes, Window, overlap_add, pad, slide, windows

__all__ = ["conv_input", "conv_weight", "correlate"]


def window_of(
    input_size: tuple[int, ...],
    weight_size: tuple[int, ...],
    name: str,
    *,
    groups: int,
    **moves: Any,
) -> Window:
    """The window of a kernel (O, C/groups, *kernel) on an input (N, C, *spatial).

    moves: stride, padding, dilation.  Raises ShapeError if sizes, groups or moves do not fit.
    """
    if len(input_size) < 3 or len(weight_size) != len(input_size):
        raise ShapeError(
            f"{name}: x is {input_size} and w is {weight_size}; they must be (N, C, *spatial) and "
            "(O, C/groups, *kernel), with as many axes each."
        )
    (_, channels, *spatial), (outputs, share, *kernel) = input_size, weight_size
    check_groups(groups, channels, outputs, name)
    if share * groups != channels:
        raise ShapeError(
            f"{name}: x is {input_size} and w is {weight_size}; with groups={groups}, w takes "
            f"{share * groups} channels but x has {channels}. w must be (O, C/groups, *kernel)."
        )
    return slide(tuple(spatial), tuple(kernel), **moves, name=name)


def check_groups(groups: int, channels: int, outputs: int, name: str) -> None:
    """Raises ShapeError if groups does not divide both numbers of channels."""
    is_whole = isinstance(groups, (int, np.integer)) and groups > 0
    if not is_whole or channels % groups or outputs % groups:
        raise ShapeError(
            f"{name}: groups={groups} must divide the {channels} channels of x and the {outputs} "
            "of the output."
        )


def _kernels(w: Array, groups: int) -> Array:
    """w, (O, C/groups, *kernel), as one matrix for each group: (groups, O/groups, ...)."""
    return w.reshape(groups, w.shape[0] // groups, prod(w.shape[1:]))


def _outputs(y: Array, groups: int) -> Array:
    """y, (N, O, *out), as one matrix for each group: (groups, O/groups, N · L)."""
    n, channels, *out = y.shape
    return y.swapaxes(0, 1).reshape(groups, channels // groups, n * prod(out))


def _columns(xp: ArrayModule, x: Array, window: Window, groups: int) -> Array:
    """What the kernel sees, as one matrix for each group: (groups, C/groups · ∏kernel, N · L)."""
    n = len(window.size)
    seen = windows(xp, pad(xp, x, window), window)  # (*kernel, N, C, *out)
    seen = seen.transpose(n + 1, *range(n), n, *range(n + 2, 2 * n + 2))
    rows = x.shape[1] // groups * prod(window.kernel)
    return seen.reshape(groups, rows, x.shape[0] * prod(window.out))


def slope_of_output(xp: ArrayModule, x: Array, w: Array, window: Window, groups: int) -> Array:
    """∂T/∂y on raw arrays, the convolution itself: (N, O, *out), a fresh array."""
    z = _kernels(w, groups) @ _columns(xp, x, window, groups)
    z = z.reshape(w.shape[0], x.shape[0], *window.out)
    return z.swapaxes(0, 1).copy()


def slope_of_input(xp: ArrayModule, y: Array, w: Array, window: Window, groups: int) -> Array:
    """∂T/∂x on raw arrays, each y spread over its window: (N, C, *size), a fresh array."""
    n = len(window.size)
    seen = _kernels(w, groups).swapaxes(1, 2) @ _outputs(y, groups)
    seen = seen.reshape(w.shape[1] * groups, *window.kernel, y.shape[0], *window.out)
    seen = seen.transpose(*range(1, n + 1), n + 1, 0, *range(n + 2, 2 * n + 2))
    return overlap_add(xp, seen, window)  # (*kernel, N, C, *out) to (N, C, *size)


def slope_of_weight(xp: ArrayModule, x: Array, y: Array, window: Window, groups: int) -> Array:
    """∂T/∂w on raw arrays, Σ y times what the kernel saw: (O, C/groups, *kernel)."""
    w = _outputs(y, groups) @ _columns(xp, x, window, groups).swapaxes(1, 2)
    return w.reshape(y.shape[1], x.shape[1] // groups, *window.kernel)


@op("⋆")
def correlate(
    xp: ArrayModule,
    x: Array,
    w: Array,
    *,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
    """z = ∂T/∂y: what conv2d does without bias, on any number of spatial axes.

    x: (N, C, *spatial).  w: (O, C/groups, *kernel).  Returns (N, O, *out).
    """
    window = window_of(
        x.shape, w.shape, "correlate",
        stride=stride, padding=padding, dilation=dilation, groups=groups,
    )  # fmt: skip
    return slope_of_output(xp, x, w, window, groups)


@op("⋆x")
def conv_input(
    xp: ArrayModule,
    y: Array,
    w: Array,
    *,
    input_size: tuple[int, ...],
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
    """z = ∂T/∂x: what a convolution with kernel w sends back to its input for upstream y.

    y: (N, O, *out).  w: (O, C/groups, *kernel).  input_size: the shape (N, C, *spatial) returned.
    Raises ShapeError if y is not the output of such a convolution.
    """
    window = window_of(
        input_size, w.shape, "conv_input",
        stride=stride, padding=padding, dilation=dilation, groups=groups,
    )  # fmt: skip
    _check_output(y, (input_size[0], w.shape[0], *window.out), "conv_input")
    return slope_of_input(xp, y, w, window, groups)


@op("⋆w")
def conv_weight(
    xp: ArrayModule,
    x: Array,
    y: Array,
    *,
    weight_size: tuple[int, ...],
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
    """z = ∂T/∂w: what a convolution of x sends back to its kernel for upstream y.

    x: (N, C, *spatial).  y: (N, O, *out).  weight_size: the shape (O, C/groups, *kernel) returned.
    Raises ShapeError if y is not the output of such a convolution.
    """
    window = window_of(
        x.shape, weight_size, "conv_weight",
        stride=stride, padding=padding, dilation=dilation, groups=groups,
    )  # fmt: skip
    _check_output(y, (x.shape[0], weight_size[0], *window.out), "conv_weight")
    return slope_of_weight(xp, x, y, window, groups)


def _check_output(y: Array, shape: tuple[int, ...], name: str) -> None:
    if y.shape != shape:
        raise ShapeError(f"{name}: y is {y.shape}, but such a convolution gives {shape}.")


def conv_dx(
    g: Array,
    w: Array,
    x_shape: Shape,
    stride: Sizes,
    padding: Sizes | str,
    dilation: Sizes,
    groups: int,
) -> Array:
    """The rule of a convolution of x with w, for x."""
    moves: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }
    return either(conv_input, g, w, input_size=x_shape, **moves)


def conv_dw(
    g: Array,
    x: Array,
    w_shape: Shape,
    stride: Sizes,
    padding: Sizes | str,
    dilation: Sizes,
    groups: int,
) -> Array:
    """The rule of a convolution of x with w, for w."""
    moves: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }
    return either(conv_weight, x, g, weight_size=w_shape, **moves)


def spread_dy(
    g: Array, w: Array, stride: Sizes, padding: Sizes | str, dilation: Sizes, groups: int
) -> Array:
    """The rule of y spread by w (conv_input, a transposed convolution), for y."""
    moves: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }
    return either(correlate, g, w, **moves)


def spread_dw(
    g: Array,
    y: Array,
    w_shape: Shape,
    stride: Sizes,
    padding: Sizes | str,
    dilation: Sizes,
    groups: int,
) -> Array:
    """The rule of y spread by w (conv_input, a transposed convolution), for w."""
    moves: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }
    return either(conv_weight, g, y, weight_size=w_shape, **moves)


def _weight_dx(
    g: Array,
    y: Array,
    x_shape: Shape,
    stride: Sizes,
    padding: Sizes | str,
    dilation: Sizes,
    groups: int,
) -> Array:
    moves: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }
    return either(conv_input, y, g, input_size=x_shape, **moves)


def _weight_dy(
    g: Array, x: Array, stride: Sizes, padding: Sizes | str, dilation: Sizes, groups: int
) -> Array:
    moves: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }
    return either(correlate, x, g, **moves)


MOVES = "stride=stride, padding=padding, dilation=dilation, groups=groups"

correlate.vjp(
    x=(f"dx = conv_input(g, w, input_size=x_shape, {MOVES})", conv_dx),
    w=(f"dw = conv_weight(x, g, weight_size=w_shape, {MOVES})", conv_dw),
)
conv_input.vjp(
    y=(f"dy = correlate(g, w, {MOVES})", spread_dy),
    w=(f"dw = conv_weight(g, y, weight_size=w_shape, {MOVES})", spread_dw),
)
conv_weight.vjp(
    x=(f"dx = conv_input(y, g, input_size=x_shape, {MOVES})", _weight_dx),
    y=(f"dy = correlate(x, g, {MOVES})", _weight_dy),
)
