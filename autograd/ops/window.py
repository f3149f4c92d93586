"""A kernel's places on n spatial axes: what convolution and pooling share, and unfold and fold.

`Window` says where the kernel stands; `windows` shows what it sees as a view, and `overlap_add`,
its adjoint, adds windows back at their places. Both walk over the positions inside the kernel at
most, never over pixels or batch items. One code serves 1, 2 and 3 axes. Read `convolution.py` and
`pooling.py` next.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.either import either

__all__ = ["fold", "scatter_windows", "unfold"]

Sizes = int | tuple[int, ...]
"""One number for all spatial axes, or one for each."""

Shape = tuple[int, ...]

Pads = tuple[tuple[int, int], ...]
"""How many elements are added before and behind each spatial axis."""


@dataclass(frozen=True, slots=True)
class Window:
    """How a kernel moves over the last n axes of an array.

    size: of the input's spatial axes.  kernel, stride, dilation: of the kernel on each.
    pads: added at the two ends of each.  out: how many places the kernel takes on each.
    """

    size: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    pads: Pads
    out: tuple[int, ...]

    @property
    def padded(self) -> tuple[int, ...]:
        """Input and padding, or more where ceil_mode lets the last window hang out."""
        rows = zip(self.size, self.pads, self.out, self.stride, self.reach, strict=True)
        return tuple(max(n + low + high, (o - 1) * s + r) for n, (low, high), o, s, r in rows)

    @property
    def reach(self) -> tuple[int, ...]:
        """How far the dilated kernel reaches on each axis: d(k − 1) + 1."""
        return reach(self.kernel, self.dilation)

    @property
    def inside(self) -> tuple[slice, ...]:
        """The input's place in the padded sizes."""
        return tuple(slice(low, low + n) for n, (low, _) in zip(self.size, self.pads, strict=True))

    def at(self, position: tuple[int, ...]) -> tuple[slice, ...]:
        """What all windows have at one position of the kernel: a slice of the padded sizes."""
        rows = zip(position, self.dilation, self.out, self.stride, strict=True)
        return tuple(slice(p * d, p * d + (o - 1) * s + 1, s) for p, d, o, s in rows)


def reach(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    """How far a dilated kernel reaches on each axis: d(k − 1) + 1."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


def per_axis(value: Sizes, n: int, least: int, what: str) -> tuple[int, ...]:
    """value as one integer for each of n axes.

    what: the operation and the argument, for the message.
    Raises ShapeError if value is not n integers, or one, of at least `least`.
    """
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * n
    if len(values) != n or not all(isinstance(v, (int, np.integer)) and v >= least for v in values):
        several = f", or {n} of them, one for each axis" if n > 1 else ""
        raise ShapeError(f"{what}={value!r} must be an integer of at least {least}{several}.")
    return tuple(int(v) for v in values)


def pad_pairs(
    padding: Sizes | str, kernel: tuple[int, ...], dilation: tuple[int, ...], name: str
) -> Pads:
    """padding as (before, behind) for each axis; "valid" adds nothing.

    "same" keeps the size at stride 1; of an odd number the larger half goes behind, as in PyTorch.
    """
    n = len(kernel)
    if padding == "valid":
        return ((0, 0),) * n
    if padding == "same":
        return tuple(((r - 1) // 2, r - 1 - (r - 1) // 2) for r in reach(kernel, dilation))
    if isinstance(padding, str):
        raise ShapeError(
            f"{name}: padding={padding!r} is not known. "
            'Use an integer, one for each axis, "same" or "valid".'
        )
    return tuple((p, p) for p in per_axis(padding, n, 0, f"{name}: padding"))


def slide(
    size: tuple[int, ...],
    kernel: Sizes,
    *,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    name: str,
) -> Window:
    """The window of a kernel on spatial axes: it takes ⌊(n + pads − reach) / stride⌋ + 1 places.

    With ceil_mode the quotient is rounded up, and a last window that would start behind the input
    and its left padding is left out, as in PyTorch. Raises ShapeError for sizes that are not
    positive, "same" with a stride, and a kernel larger than the padded input.
    """
    n = len(size)
    kernel = per_axis(kernel, n, 1, f"{name}: kernel_size")
    stride = per_axis(stride, n, 1, f"{name}: stride")
    dilation = per_axis(dilation, n, 1, f"{name}: dilation")
    if padding == "same" and max(stride) > 1:
        raise ShapeError(
            f'{name}: padding="same" needs stride 1, not {stride}. Give the padding as numbers.'
        )
    pads = pad_pairs(padding, kernel, dilation, name)
    padded = tuple(m + low + high for m, (low, high) in zip(size, pads, strict=True))
    reached = reach(kernel, dilation)
    if any(r > m for r, m in zip(reached, padded, strict=True)):
        spread = f" (dilation {dilation} makes it {reached})" if max(dilation) > 1 else ""
        raise ShapeError(
            f"{name}: the kernel {kernel}{spread} is larger than the padded input {padded}. "
            "Use a smaller kernel, or more padding."
        )
    out = []
    for m, (low, _), space, r, s in zip(size, pads, padded, reached, stride, strict=True):
        steps = (space - r) // s
        if ceil_mode:
            steps = min(-(-(space - r) // s), (m + low - 1) // s)
        out.append(steps + 1)
    return Window(tuple(size), kernel, stride, dilation, pads, tuple(out))


def pad(xp: ArrayModule, x: Array, window: Window, value: float = 0) -> Array:
    """x in the padded sizes of window, with value around it; x itself if there is none to add."""
    if window.padded == window.size:
        return x
    lead = x.shape[: x.ndim - len(window.size)]
    padded = xp.full(lead + window.padded, value, dtype=x.dtype)
    padded[(..., *window.inside)] = x
    return padded


def windows(xp: ArrayModule, padded: Array, window: Window) -> Array:
    """What the kernel sees, as a view of the padded input: (*kernel, *lead, *out)."""
    n = len(window.size)
    lead = padded.ndim - n
    axes = tuple(range(lead, padded.ndim))
    view = xp.lib.stride_tricks.sliding_window_view(padded, window.reach, axes)
    steps = (slice(None, None, d) for d in window.dilation)
    view = view[(..., *window.at((0,) * n), *steps)]  # (*lead, *out, *kernel)
    return view.transpose(*range(lead + n, lead + 2 * n), *range(lead + n))


def overlap_add(xp: ArrayModule, seen: Array, window: Window) -> Array:
    """The adjoint of pad and windows: (*kernel, *lead, *out) added up at their places."""
    n = len(window.size)
    total = xp.zeros(seen.shape[n:-n] + window.padded, dtype=seen.dtype)
    for position in np.ndindex(*window.kernel):
        total[(..., *window.at(position))] += seen[position]
    return total if window.padded == window.size else total[(..., *window.inside)]


@op("unfold")
def unfold(
    xp: ArrayModule,
    x: Array,
    *,
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Array:
    """The windows of x as columns (im2col): z[n, :, l] is what the kernel sees at its l-th place.

    x: (N, C, *spatial), with any number of spatial axes.  Returns (N, C·∏kernel, L): channels
    outermost, then the kernel in row-major order; L counts the places in row-major order.
    Raises ShapeError if the kernel does not fit.
    """
    if x.ndim < 3:
        raise ShapeError(f"unfold: x is {x.shape}; it must be (N, C, *spatial).")
    moves: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    window = slide(x.shape[2:], kernel_size, **moves, name="unfold")
    n = len(window.size)
    seen = windows(xp, pad(xp, x, window), window)
    columns = seen.transpose(n, n + 1, *range(n), *range(n + 2, 2 * n + 2))  # (N, C, *kernel, *out)
    return columns.copy().reshape(x.shape[0], x.shape[1] * prod(window.kernel), prod(window.out))


@op("fold")
def fold(
    xp: ArrayModule,
    x: Array,
    *,
    output_size: tuple[int, ...],
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Array:
    """Columns added up at their places (col2im), the adjoint of unfold: overlaps are summed.

    x: (N, C·∏kernel, L).  output_size: a tuple of the spatial sizes.  Returns (N, C, *output_size).
    Raises ShapeError if the columns do not belong to windows of that size.
    """
    if not isinstance(output_size, (tuple, list)):
        raise ShapeError(f"fold: output_size={output_size!r} must be a tuple of the spatial sizes.")
    moves: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    window = slide(tuple(output_size), kernel_size, **moves, name="fold")
    return _folded(xp, x, window, "fold")


@op("fold")
def scatter_windows(
    xp: ArrayModule,
    x: Array,
    *,
    shape: tuple[int, ...],
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Array:
    """fold to a whole shape (N, C, *spatial): what unfold sends back to its input."""
    moves: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    window = slide(shape[2:], kernel_size, **moves, name="scatter_windows")
    return _folded(xp, x, window, "scatter_windows")


def _folded(xp: ArrayModule, x: Array, window: Window, name: str) -> Array:
    positions, places = prod(window.kernel), prod(window.out)
    if x.ndim != 3 or x.shape[1] % positions or x.shape[2] != places:
        raise ShapeError(
            f"{name}: x is {x.shape}, but the kernel {window.kernel} on the sizes {window.size} "
            f"needs (N, C·{positions}, {places}): {places} windows of {positions} elements."
        )
    n = len(window.size)
    seen = x.reshape(x.shape[0], x.shape[1] // positions, *window.kernel, *window.out)
    return overlap_add(xp, seen.transpose(*range(2, n + 2), 0, 1, *range(n + 2, 2 * n + 2)), window)


def _unfold_dx(
    g: Array,
    x_shape: Shape,
    kernel_size: Sizes,
    dilation: Sizes,
    padding: Sizes | str,
    stride: Sizes,
) -> Array:
    moves: dict[str, Any] = {"dilation": dilation, "padding": padding, "stride": stride}
    return either(scatter_windows, g, shape=x_shape, kernel_size=kernel_size, **moves)


def _fold_dx(
    g: Array, kernel_size: Sizes, dilation: Sizes, padding: Sizes | str, stride: Sizes
) -> Array:
    moves: dict[str, Any] = {"dilation": dilation, "padding": padding, "stride": stride}
    return either(unfold, g, kernel_size=kernel_size, **moves)


_MOVES = "kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride"
unfold.vjp(x=(f"dx = scatter_windows(g, shape=x_shape, {_MOVES})", _unfold_dx))
fold.vjp(x=(f"dx = unfold(g, {_MOVES})", _fold_dx))
scatter_windows.vjp(x=(f"dx = unfold(g, {_MOVES})", _fold_dx))
