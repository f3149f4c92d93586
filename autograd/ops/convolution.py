"""Convolution and transposed convolution on one, two and three spatial axes, as PyTorch has them.

Each is one operation with parents x, w and bias. What they compute and their rules are the three
partial derivatives in `correlation.py`; here are the arguments, and what is said about them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.correlation import (
    MOVES,
    check_groups,
    conv_dw,
    conv_dx,
    slope_of_input,
    slope_of_output,
    spread_dw,
    spread_dy,
    window_of,
)
from autograd.ops.window import Shape, Sizes, Window, per_axis, reach

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
]


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
    """z = x ∗ w + bias along one axis; see conv2d.

    x: (N, C, L).  w: (O, C/groups, kernel).  bias: (O,).  Returns (N, O, out).
    """
    return _conv(xp, x, w, bias, 1, stride, padding, dilation, groups)


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
    groups: the channels are cut into so many parts, each with kernels of its own.
    Raises ShapeError if the shapes do not fit, or the kernel is larger than the padded input.
    Source: Dumoulin and Visin (2016), "A guide to convolution arithmetic for deep learning".
    """
    return _conv(xp, x, w, bias, 2, stride, padding, dilation, groups)


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
    """z = x ∗ w + bias along three axes; see conv2d.

    x: (N, C, D, H, W).  w: (O, C/groups, kD, kH, kW).  bias: (O,).  Returns (N, O, *out).
    """
    return _conv(xp, x, w, bias, 3, stride, padding, dilation, groups)


def _conv(
    xp: ArrayModule,
    x: Array,
    w: Array,
    bias: Array | None,
    n: int,
    stride: Sizes,
    padding: Sizes | str,
    dilation: Sizes,
    groups: int,
) -> Array:
    name = f"conv{n}d"
    _check_rank(x, w, n, name)
    moves: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    window = window_of(x.shape, w.shape, name, groups=groups, **moves)
    _check_bias(bias, w.shape[0], name)
    return _add_bias(slope_of_output(xp, x, w, window, groups), bias)


@op("∗ᵀ")
def conv_transpose1d(
    xp: ArrayModule,
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
    """The transpose of conv1d along one axis; see conv_transpose2d.

    x: (N, C, L).  w: (C, O/groups, kernel).  bias: (O,).  Returns (N, O, out).
    """
    return _transposed(xp, x, w, bias, 1, stride, padding, output_padding, dilation, groups)


@op("∗ᵀ")
def conv_transpose2d(
    xp: ArrayModule,
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
    """Each x spread over a window with the kernel's weights: what conv2d sends back to its input.

        z[n, o, s·i + d·k − p, s·j + d·l − p] += x[n, c, i, j] · w[c, o, k, l]

    x: (N, C, H, W).  w: (C, O/groups, kH, kW).  bias: (O,), added last.  Returns (N, O, out, out)
    with out = (size − 1)·s − 2p + d(k − 1) + output_padding + 1.  output_padding, smaller than the
    stride, tells apart the sizes that a convolution with this stride takes to the same size.
    Raises ShapeError if the shapes do not fit. Source: as conv2d, chapter 4.
    """
    return _transposed(xp, x, w, bias, 2, stride, padding, output_padding, dilation, groups)


@op("∗ᵀ")
def conv_transpose3d(
    xp: ArrayModule,
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
    """The transpose of conv3d along three axes; see conv_transpose2d.

    x: (N, C, D, H, W).  w: (C, O/groups, kD, kH, kW).  bias: (O,).  Returns (N, O, *out).
    """
    return _transposed(xp, x, w, bias, 3, stride, padding, output_padding, dilation, groups)


def _transposed(
    xp: ArrayModule,
    x: Array,
    w: Array,
    bias: Array | None,
    n: int,
    stride: Sizes,
    padding: Sizes,
    output_padding: Sizes,
    dilation: Sizes,
    groups: int,
) -> Array:
    name = f"conv_transpose{n}d"
    _check_rank(x, w, n, name)
    if x.shape[1] != w.shape[0]:
        raise ShapeError(
            f"{name}: x is {x.shape} and w is {w.shape}; w takes {w.shape[0]} channels but x has "
            f"{x.shape[1]}. w must be (C, O/groups, *kernel)."
        )
    outputs = w.shape[1] * (groups if isinstance(groups, (int, np.integer)) else 1)
    check_groups(groups, x.shape[1], outputs, name)
    _check_bias(bias, w.shape[1] * groups, name)
    window = _transposed_window(
        x.shape[2:],
        w.shape[2:],
        per_axis(stride, n, 1, f"{name}: stride"),
        per_axis(padding, n, 0, f"{name}: padding"),
        per_axis(output_padding, n, 0, f"{name}: output_padding"),
        per_axis(dilation, n, 1, f"{name}: dilation"),
        name,
    )
    return _add_bias(slope_of_input(xp, x, w, window, groups), bias)


def _transposed_window(
    out: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    more: tuple[int, ...],
    dilation: tuple[int, ...],
    name: str,
) -> Window:
    """The window of the convolution whose output has these sizes. Raises ShapeError if none has."""
    if any(m >= s for m, s in zip(more, stride, strict=True)):
        raise ShapeError(
            f"{name}: output_padding {more} must be smaller than the stride {stride} on each axis: "
            "it chooses between the sizes that the stride rounds to one."
        )
    rows = zip(out, stride, padding, reach(kernel, dilation), more, strict=True)
    size = tuple((o - 1) * s - 2 * p + r + m for o, s, p, r, m in rows)
    if min(size) < 1 or min(out) < 1:
        raise ShapeError(
            f"{name}: the output would have the sizes {size}; each must be at least 1. "
            f"Use less padding than {padding}, or a larger x than {out}."
        )
    return Window(size, kernel, stride, dilation, tuple((p, p) for p in padding), out)


def _check_rank(x: Array, w: Array, n: int, name: str) -> None:
    if x.ndim != n + 2 or w.ndim != n + 2:
        sizes = ", ".join("DHW"[3 - n :]) if n > 1 else "L"
        hint = " Give x a batch axis: x[None]." if x.ndim == n + 1 else ""
        raise ShapeError(
            f"{name}: x is {x.shape} and w is {w.shape}; each must have {n + 2} axes, x as "
            f"(N, C, {sizes}).{hint}"
        )


def _check_bias(bias: Array | None, channels: int, name: str) -> None:
    if bias is not None and bias.shape != (channels,):
        raise ShapeError(
            f"{name}: bias is {bias.shape} but must be ({channels},): one number for each output "
            "channel."
        )


def _add_bias(z: Array, bias: Array | None) -> Array:
    """z, an array that nobody else holds, plus bias on axis 1."""
    if bias is not None:
        z += bias.reshape(-1, *(1,) * (z.ndim - 2))
    return z


def _bias_rule(axes: tuple[int, ...]) -> tuple[str, Any]:
    return f"dbias = sum(g, axis={axes})", lambda g: g.sum(axis=axes)


for _n, _op in enumerate((conv1d, conv2d, conv3d), start=1):
    _op.vjp(
        x=(f"dx = conv_input(g, w, input_size=x_shape, {MOVES})", conv_dx),
        w=(f"dw = conv_weight(x, g, weight_size=w_shape, {MOVES})", conv_dw),
        bias=_bias_rule((0, *range(2, _n + 2))),
    )


def _transposed_dw(
    g: Array,
    x: Array,
    w_shape: Shape,
    stride: Sizes,
    padding: Sizes | str,
    dilation: Sizes,
    groups: int,
) -> Array:
    return spread_dw(g, x, w_shape, stride, padding, dilation, groups)


for _n, _transposed_op in enumerate(
    (conv_transpose1d, conv_transpose2d, conv_transpose3d), start=1
):
    _transposed_op.vjp(
        x=(f"dx = correlate(g, w, {MOVES})", spread_dy),
        w=(f"dw = conv_weight(g, x, weight_size=w_shape, {MOVES})", _transposed_dw),
        bias=_bias_rule((0, *range(2, _n + 2))),
    )
