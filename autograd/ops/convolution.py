"""Convolution on one, two and three spatial axes, and its transpose.

The sum T = Σ y · conv(x, w) is linear in each of x, w and y, so its three partial derivatives
`correlate`, `conv_input` and `conv_weight` are each other's rules, of every order: no rule here
goes beyond them. They keep x and w only, and copy windows into a matrix (im2col) for one matrix
product per group. Source: Chellapilla, Puri and Simard (2006), "High performance convolutional
neural networks for document processing".
"""

from __future__ import annotations

from math import prod
from typing import Any

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.either import either
from autograd.ops.window import Sizes, Window, overlap_add, pad, per_axis, slide, windows

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_input",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "conv_weight",
    "correlate",
]


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


def _correlate(xp: ArrayModule, x: Array, w: Array, window: Window, groups: int) -> Array:
    """∂T/∂y: the convolution itself, (N, O, *out)."""
    kernels = w.reshape(groups, w.shape[0] // groups, w.shape[1] * prod(window.kernel))
    z = kernels @ _columns(xp, x, window, groups)
    z = z.reshape(w.shape[0], x.shape[0], *window.out)
    return xp.ascontiguousarray(z.swapaxes(0, 1))


def _input(xp: ArrayModule, y: Array, w: Array, window: Window, groups: int) -> Array:
    """∂T/∂x: each y spread over its window with the kernel's weights, (N, C, *size)."""
    n, channels = len(window.size), w.shape[1] * groups
    kernels = w.reshape(groups, w.shape[0] // groups, w.shape[1] * prod(window.kernel))
    seen = kernels.swapaxes(1, 2) @ _by_group(y, groups)
    seen = seen.reshape(channels, *window.kernel, y.shape[0], *window.out)
    seen = seen.transpose(*range(1, n + 1), n + 1, 0, *range(n + 2, 2 * n + 2))
    return overlap_add(xp, seen, window)


def _weight(xp: ArrayModule, x: Array, y: Array, window: Window, groups: int) -> Array:
    """∂T/∂w: Σ y times what the kernel saw there, (O, C/groups, *kernel)."""
    w = _by_group(y, groups) @ _columns(xp, x, window, groups).swapaxes(1, 2)
    return w.reshape(y.shape[1], x.shape[1] // groups, *window.kernel)


def _window(
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


def _check_rank(x: Array, w: Array, n: int, name: str) -> None:
    if x.ndim != n + 2 or w.ndim != n + 2:
        raise ShapeError(
            f"{name}: x is {x.shape} and w is {w.shape}; each must have {n + 2} axes. "
            f"x is (N, C{', *' * (n > 1) or ', '}spatial); add a batch axis with x[None] if it has none."
        )


def _add_bias(z: Array, bias: Array | None, name: str) -> Array:
    """z, a fresh array (N, O, *out), plus bias (O,)."""
    if bias is None:
        return z
    if bias.shape != z.shape[1:2]:
        raise ShapeError(
            f"{name}: bias is {bias.shape}, but there are {z.shape[1]} output channels; "
            f"it must be ({z.shape[1]},)."
        )
    z += bias.reshape(-1, *(1,) * (z.ndim - 2))
    return z


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
    return _correlate(xp, x, w, *_window(x.shape, w.shape, moves, "correlate"))


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
    window, _ = _window(input_size, w.shape, moves, "conv_input")
    _check_output(y, (input_size[0], w.shape[0], *window.out), "conv_input")
    return _input(xp, y, w, window, groups)


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
    window, _ = _window(x.shape, weight_size, moves, "conv_weight")
    _check_output(y, (x.shape[0], weight_size[0], *window.out), "conv_weight")
    return _weight(xp, x, y, window, groups)


def _check_output(y: Array, shape: tuple[int, ...], name: str) -> None:
    if y.shape != shape:
        raise ShapeError(f"{name}: y is {y.shape}, but such a convolution gives {shape}.")


@op("∗")
def conv1d(
    xp: ArrayModule,
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
    """z = x ∗ w + bias along one axis: see conv2d.

    x: (N, C, L).  w: (O, C/groups, kernel).  bias: (O,).  Returns (N, O, out).
    """
    _check_rank(x, w, 1, "conv1d")
    moves = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    z = _correlate(xp, x, w, *_window(x.shape, w.shape, moves, "conv1d"))
    return _add_bias(z, bias, "conv1d")


@op("∗")
def conv2d(
    xp: ArrayModule,
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
    """The kernel's products with what it sees at each place, the kernel not flipped, plus bias.

        z[n, o, i, j] = bias[o] + Σ_c,k,l w[o, c, k, l] · x[n, c, s·i + d·k − p, s·j + d·l − p]

    x: (N, C, H, W).  w: (O, C/groups, kH, kW).  bias: (O,).  Returns (N, O, out, out) with
    out = ⌊(size + 2p − d(k − 1) − 1) / s⌋ + 1.  stride s, padding p (zeros), dilation d: one
    number, or one for each axis; padding may be "same" (stride 1 only) or "valid".
    groups: channels are cut into so many parts, each with its own kernels.
    Raises ShapeError if the shapes do not fit, or the kernel is larger than the padded input.
    Source: Dumoulin and Visin (2016), "A guide to convolution arithmetic for deep learning".
    """
    _check_rank(x, w, 2, "conv2d")
    moves = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    z = _correlate(xp, x, w, *_window(x.shape, w.shape, moves, "conv2d"))
    return _add_bias(z, bias, "conv2d")


@op("∗")
def conv3d(
    xp: ArrayModule,
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
    """z = x ∗ w + bias along three axes: see conv2d.

    x: (N, C, D, H, W).  w: (O, C/groups, kD, kH, kW).  bias: (O,).  Returns (N, O, *out).
    """
    _check_rank(x, w, 3, "conv3d")
    moves = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    z = _correlate(xp, x, w, *_window(x.shape, w.shape, moves, "conv3d"))
    return _add_bias(z, bias, "conv3d")
