"""Convolution on any number of spatial axes, and the two ways back through it.

The sum T = Σ y · conv(x, w) is linear in each of x, w and y, so its three partial derivatives
`correlate`, `conv_input` and `conv_weight` are each other's rules, of every order. They keep their
inputs only, and copy windows into a matrix (im2col) for one matrix product per group.
`convolution.py` has the operations for users. Source: Chellapilla, Puri and Simard (2006), "High performance convolutional
neural networks for document processing".
"""

from __future__ import annotations

from math import prod
from typing import Any

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.either import either
from autograd.ops.window import Sizes, Window, overlap_add, pad, slide, windows

__all__ = ["conv_input", "conv_weight", "correlate"]


def _columns(xp: ArrayModule, x: Array, window: Window, groups: int) -> Array:
    """What the kernel sees, as one matrix for each group: (groups, C/groups · ∏kernel, N · L)."""
    n = len(window.size)
    seen = windows(xp, pad(xp, x, window), window)  # (*kernel, N, C, *out)
    seen = seen.transpose(n + 1, *range(n), n, *range(n + 2, 2 * n + 2))
    rows = x.shape[1] // groups * prod(window.kernel)
    return seen.reshape(groups, rows, x.shape[0] * prod(window.out))


def _by_group(y: Array, groups: int) -> Array:
    """y, (N, O, *out), as one matrix for each group: (groups, O/groups, N · L)."""
    n, channels, *out = y.shape
    return y.swapaxes(0, 1).reshape(groups, channels // groups, n * prod(out))


def correlate_arrays(xp: ArrayModule, x: Array, w: Array, window: Window, groups: int) -> Array:
    """∂T/∂y: the convolution itself, (N, O, *out)."""
    kernels = w.reshape(groups, w.shape[0] // groups, w.shape[1] * prod(window.kernel))
    z = kernels @ _columns(xp, x, window, groups)
    z = z.reshape(w.shape[0], x.shape[0], *window.out)
    return xp.ascontiguousarray(z.swapaxes(0, 1))


def input_arrays(xp: ArrayModule, y: Array, w: Array, window: Window, groups: int) -> Array:
    """∂T/∂x: each y spread over its window with the kernel's weights, (N, C, *size)."""
    n, channels = len(window.size), w.shape[1] * groups
    kernels = w.reshape(groups, w.shape[0] // groups, w.shape[1] * prod(window.kernel))
    seen = kernels.swapaxes(1, 2) @ _by_group(y, groups)
    seen = seen.reshape(channels, *window.kernel, y.shape[0], *window.out)
    seen = seen.transpose(*range(1, n + 1), n + 1, 0, *range(n + 2, 2 * n + 2))
    return overlap_add(xp, seen, window)


def weight_arrays(xp: ArrayModule, x: Array, y: Array, window: Window, groups: int) -> Array:
    """∂T/∂w: Σ y times what the kernel saw there, (O, C/groups, *kernel)."""
    w = _by_group(y, groups) @ _columns(xp, x, window, groups).swapaxes(1, 2)
    return w.reshape(y.shape[1], x.shape[1] // groups, *window.kernel)


def window_of(
    input_size: tuple[int, ...], weight_size: tuple[int, ...], moves: dict[str, Any], name: str
) -> tuple[Window, int]:
    """The window of a kernel (O, C/groups, *kernel) on an input (N, C, *spatial), and groups.

    Raises ShapeError if these sizes do not fit each other or the moves.
    """
    n, groups = len(input_size) - 2, moves["groups"]
    if n < 1 or len(weight_size) != n + 2:
        raise ShapeError(
            f"{name}: x is {input_size} and w is {weight_size}; they must be (N, C, *spatial) and "
            "(O, C/groups, *kernel), with as many axes each."
        )
    outputs, channels = weight_size[0], input_size[1]
    _check_groups(groups, channels, outputs, name)
    if weight_size[1] * groups != channels:
        raise ShapeError(
            f"{name}: x is {input_size} and w is {weight_size} with groups={groups}; "
            f"w expects {weight_size[1]}·{groups} = {weight_size[1] * groups} channels but x has "
            f"{channels}. w must be (O, C/groups, *kernel)."
        )
    settings = {name: value for name, value in moves.items() if name != "groups"}
    return slide(input_size[2:], weight_size[2:], **settings, name=name), groups


def _check_groups(groups: int, channels: int, outputs: int, name: str) -> None:
    if not isinstance(groups, int) or groups < 1 or channels % groups or outputs % groups:
        raise ShapeError(
            f"{name}: groups={groups} must divide the {channels} input channels and the {outputs} "
            "output channels."
        )


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
    """z = ∂T/∂y, the convolution of `conv2d` without bias on any number of spatial axes.

    x: (N, C, *spatial).  w: (O, C/groups, *kernel).  Returns (N, O, *out).
    """
    moves = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return correlate_arrays(xp, x, w, *window_of(x.shape, w.shape, moves, "correlate"))


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
    moves = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    window, _ = window_of(input_size, w.shape, moves, "conv_input")
    _check_output(y, (input_size[0], w.shape[0], *window.out), "conv_input")
    return input_arrays(xp, y, w, window, groups)


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
    moves = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    window, _ = window_of(x.shape, weight_size, moves, "conv_weight")
    _check_output(y, (x.shape[0], weight_size[0], *window.out), "conv_weight")
    return weight_arrays(xp, x, y, window, groups)


def _check_output(y: Array, shape: tuple[int, ...], name: str) -> None:
    if y.shape != shape:
        raise ShapeError(f"{name}: y is {y.shape}, but such a convolution gives {shape}.")


_MOVES = "stride=stride, padding=padding, dilation=dilation, groups=groups"


def _moves(*, stride: Any, padding: Any, dilation: Any, groups: Any) -> dict[str, Any]:
    return {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


def back_to_input(g, w, x_shape, stride, padding, dilation, groups):  # type: ignore[no-untyped-def]
    """The rule of a convolution for its input."""
    moves = _moves(stride=stride, padding=padding, dilation=dilation, groups=groups)
    return either(conv_input, g, w, input_size=x_shape, **moves)


def back_to_weight(g, x, w_shape, stride, padding, dilation, groups):  # type: ignore[no-untyped-def]
    """The rule of a convolution for its kernel."""
    moves = _moves(stride=stride, padding=padding, dilation=dilation, groups=groups)
    return either(conv_weight, x, g, weight_size=w_shape, **moves)


def _again(x, w, stride, padding, dilation, groups):  # type: ignore[no-untyped-def]
    moves = _moves(stride=stride, padding=padding, dilation=dilation, groups=groups)
    return either(correlate, x, w, **moves)


correlate.vjp(
    x=(f"dx = conv_input(g, w, input_size=x_shape, {_MOVES})", back_to_input),
    w=(f"dw = conv_weight(x, g, weight_size=w_shape, {_MOVES})", back_to_weight),
)
