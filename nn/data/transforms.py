"""Transforms of images, for datasets' `transform=`: scaling, normalising, and random distortions.

All take arrays (H, W), (C, H, W) or (N, C, H, W) on the host and return new ones of the same rank.
Three axes always mean channels of one image: give a batch of grey images as (N, 1, H, W). In a
batch each image gets a draw of its own. What is random draws from `autograd.random`, one generator
a call, so a seed repeats it; a DataLoader gives each batch its own stream.

`takes_batches` tells an ImageDataset that a transform may be called with a whole batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import random
from autograd.errors import DTypeError, ShapeError

__all__ = [
    "Compose",
    "Normalize",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomRotation",
    "RandomShift",
    "ToDtype",
    "rotate",
]

Image = np.ndarray[Any, Any]


class Compose:
    """One transform after the other.  transforms: functions from array to array.

    It takes batches if all of them do.
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = list(transforms)
        self.takes_batches = all(getattr(t, "takes_batches", False) for t in self.transforms)

    def __call__(self, x: Any) -> Any:
        """x after all transforms, the first first."""
        for transform in self.transforms:
            x = transform(x)
        return x

    def __repr__(self) -> str:
        return f"Compose({self.transforms!r})"


class ToDtype:
    """x as dtype; with scale, an integer array is first divided by its dtype's largest number, so
    that uint8 becomes [0, 1].

    Raises DTypeError for scale to an integer dtype.
    """

    takes_batches = True

    def __init__(self, dtype: Any = "float32", scale: bool = False) -> None:
        self.dtype, self.scale = np.dtype(dtype), scale
        if scale and self.dtype.kind != "f":
            raise DTypeError(
                f"ToDtype: scale=True gives numbers in [0, 1], which {self.dtype} cannot hold. "
                "Use a floating dtype."
            )

    def __call__(self, x: Image) -> Image:
        """A new array of x's shape."""
        if not self.scale or x.dtype.kind not in "iu":
            return x.astype(self.dtype)
        # float16 cannot hold what is divided, nor what it is divided by.
        exact = np.promote_types(self.dtype, "float32")
        scaled: Image = x.astype(exact) / exact.type(np.iinfo(x.dtype).max)
        return scaled.astype(self.dtype, copy=False)


class Normalize:
    """(x − mean) / std, by channel.

    mean, std: a number each, or C numbers for x (C, H, W) or (N, C, H, W), computed on the training
    data.
    Raises ValueError for a std that is not positive; DTypeError for an integer x; ShapeError for
    another number of channels.
    """

    takes_batches = True

    def __init__(self, mean: float | Sequence[float], std: float | Sequence[float]) -> None:
        self.mean, self.std = np.asarray(mean, np.float64), np.asarray(std, np.float64)
        if not (self.std > 0).all() or self.mean.ndim > 1 or self.std.ndim > 1:
            raise ValueError(
                f"Normalize: mean is {mean} and std {std}; they must be numbers, or one for each "
                "channel, and std above 0."
            )

    def __call__(self, x: Image) -> Image:
        """A new array of x's shape and dtype."""
        if x.dtype.kind != "f":
            raise DTypeError(
                f'Normalize: x is {x.dtype}. Convert it first, with ToDtype("float32", scale=True).'
            )
        channels = x.shape[-3] if x.ndim > 2 else 1
        by_channel = [np.broadcast_to(v, channels) for v in self._checked(channels, x.shape)]
        shape = (channels, 1, 1) if x.ndim > 2 else ()
        mean, std = (v.astype(x.dtype).reshape(shape) for v in by_channel)
        normalized: Image = (x - mean) / std
        return normalized

    def _checked(self, channels: int, shape: tuple[int, ...]) -> tuple[Image, Image]:
        for values in (self.mean, self.std):
            if values.size not in (1, channels):
                raise ShapeError(
                    f"Normalize: x is {shape} with {channels} channel(s), but mean or std has "
                    f"{values.size} numbers. Give one, or one for each channel."
                )
        return self.mean, self.std


class RandomShift:
    """x moved by a whole number of pixels, drawn evenly from −max_shift … max_shift for each axis.

    max_shift: pixels, or (vertical, horizontal).  fill: what comes in from outside.
    Raises ValueError for a negative max_shift.
    """

    takes_batches = True

    def __init__(self, max_shift: int | tuple[int, int], fill: float = 0) -> None:
        self.max_shift, self.fill = _pair("RandomShift: max_shift", max_shift, 0), fill

    def __call__(self, x: Image) -> Image:
        """A new array of x's shape and dtype."""
        images, shape = _as_batch(x)
        return _window(images, self.max_shift, images.shape[-2:], self.fill).reshape(shape)


class RandomCrop:
    """A piece of x of the given size, at a place drawn evenly, after padding all sides.

    size: pixels, or (height, width).  padding: pixels, or (vertical, horizontal).  fill: what the
    padding is made of.
    Raises ValueError for a size below 1 or a negative padding; ShapeError where x is too small.
    """

    takes_batches = True

    def __init__(
        self, size: int | tuple[int, int], padding: int | tuple[int, int] = 0, fill: float = 0
    ) -> None:
        self.size, self.fill = _pair("RandomCrop: size", size, 1), fill
        self.padding = _pair("RandomCrop: padding", padding, 0)

    def __call__(self, x: Image) -> Image:
        """A new array (…, height, width) of x's dtype."""
        images, shape = _as_batch(x)
        room = [n + 2 * p for n, p in zip(images.shape[-2:], self.padding, strict=True)]
        if room[0] < self.size[0] or room[1] < self.size[1]:
            raise ShapeError(
                f"RandomCrop: x is {shape}, with padding {room[0]} × {room[1]} pixels, which is "
                f"less than the size {self.size}. Pad more, or crop less."
            )
        cut = _window(images, self.padding, self.size, self.fill)
        return cut.reshape(*shape[:-2], *self.size)


class RandomHorizontalFlip:
    """x mirrored left to right with probability p. Raises ValueError for p outside [0, 1]."""

    takes_batches = True

    def __init__(self, p: float = 0.5) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"RandomHorizontalFlip: p is {p}; a probability is in [0, 1].")
        self.p = p

    def __call__(self, x: Image) -> Image:
        """A new array of x's shape and dtype."""
        images, shape = _as_batch(x)
        flipped = random.generator().random(len(images)) < self.p
        chosen: Image = np.where(flipped[:, None, None, None], images[..., ::-1], images)
        return chosen.reshape(shape)


class RandomRotation:
    """x turned about its centre by an angle drawn evenly; see `rotate`.

    degrees: the range (low, high), or a number d for (−d, d).  fill: what comes in from outside.
    Raises ValueError for an empty range.
    """

    takes_batches = True

    def __init__(self, degrees: Any, fill: float = 0) -> None:
        is_pair = isinstance(degrees, (tuple, list))
        low, high = map(float, degrees if is_pair else (-degrees, degrees))
        if not -np.inf < low <= high < np.inf:
            raise ValueError(
                f"RandomRotation: degrees is {degrees}; it must be a number ≥ 0, or (low, high) "
                "with low ≤ high."
            )
        self.degrees, self.fill = (low, high), fill

    def __call__(self, x: Image) -> Image:
        """A new array of x's shape and dtype."""
        images, shape = _as_batch(x)
        angles = random.generator().uniform(*self.degrees, len(images))
        return rotate(images, angles, self.fill).reshape(shape)


def rotate(x: Image, degrees: Any, fill: float = 0) -> Image:
    """x turned counter-clockwise about its centre, by bilinear interpolation.

        z(p) = Σ over the 4 pixels q around R⁻¹p of (1−|Δrow|)(1−|Δcolumn|) · x(q)

    x: (H, W), (C, H, W) or (N, C, H, W).  degrees: a number, or (N,) for a batch.  fill: the value
    outside of x. Integer arrays are rounded to the nearest.
    Returns a new array of x's shape and dtype.
    Raises ShapeError for degrees that are neither one number nor one an image; ValueError for a
    fill that x's dtype cannot hold.
    """
    images, shape = _as_batch(x)
    if np.shape(degrees) not in ((), (len(images),)):
        raise ShapeError(
            f"rotate: degrees is {np.shape(degrees)}, but x is {x.shape}. Give one number, or one "
            "for each image of a batch."
        )
    _check_fill(fill, x.dtype)
    height, width = images.shape[-2:]
    angles = np.deg2rad(np.broadcast_to(np.asarray(degrees, np.float64), len(images)))
    cos, sin = np.cos(angles)[:, None, None], np.sin(angles)[:, None, None]
    down = np.arange(height)[:, None] - (height - 1) / 2
    right = np.arange(width) - (width - 1) / 2
    # Rows grow downwards, so this is the inverse of a counter-clockwise turn. (N, H, W)
    rows = right * sin + down * cos + (height - 1) / 2
    columns = right * cos - down * sin + (width - 1) / 2
    rows, columns = _snap(rows, height), _snap(columns, width)
    # float32 holds all integers of 16 bits, and float64 more than an image has.
    exact = np.promote_types(x.dtype, "float32")
    padded = np.pad(images.astype(exact), ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=fill)
    turned = _interpolate(padded.transpose(0, 2, 3, 1), rows + 1, columns + 1)
    turned = turned.transpose(0, 3, 1, 2).reshape(shape)
    return (np.rint(turned) if x.dtype.kind in "iu" else turned).astype(x.dtype, copy=False)


def _snap(places: Image, size: int) -> Image:
    """places within one pixel of the image, since all is fill beyond; and on the grid where they
    miss it by rounding alone."""
    nearest = np.rint(places)
    places = np.where(np.abs(places - nearest) < 1e-9, nearest, places)
    return places.clip(-1, size)


def _interpolate(padded: Image, rows: Image, columns: Image) -> Image:
    """padded (N, H+2, W+2, C) at fractional rows and columns (N, H, W): (N, H, W, C)."""
    top = np.minimum(np.floor(rows).astype(np.intp), padded.shape[1] - 2)
    left = np.minimum(np.floor(columns).astype(np.intp), padded.shape[2] - 2)
    below = (rows - top).astype(padded.dtype)[..., None]
    beside = (columns - left).astype(padded.dtype)[..., None]
    n = np.arange(len(padded))[:, None, None]
    upper = padded[n, top, left] * (1 - beside) + padded[n, top, left + 1] * beside
    lower = padded[n, top + 1, left] * (1 - beside) + padded[n, top + 1, left + 1] * beside
    mixed: Image = upper * (1 - below) + lower * below
    return mixed


def _window(images: Image, padding: tuple[int, int], size: tuple[int, ...], fill: float) -> Image:
    """A random piece (N, C, *size) of each padded image (N, C, H, W)."""
    _check_fill(fill, images.dtype)
    (down, right), (height, width) = padding, size
    padded = np.pad(images, ((0, 0), (0, 0), (down, down), (right, right)), constant_values=fill)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(2, 3))
    generator = random.generator()
    top = generator.integers(0, windows.shape[2], len(images))
    left = generator.integers(0, windows.shape[3], len(images))
    return windows[np.arange(len(images)), :, top, left]


def _as_batch(x: Image) -> tuple[Image, tuple[int, ...]]:
    """x as (N, C, H, W), and its own shape."""
    if not isinstance(x, np.ndarray):
        raise TypeError(
            f"transforms: x is a {type(x).__name__}; they take NumPy arrays. Use x.numpy() of a "
            "Tensor."
        )
    if x.ndim not in (2, 3, 4) or 0 in x.shape[-2:]:
        raise ShapeError(
            f"transforms: x is {x.shape}; images are (H, W), (C, H, W) or (N, C, H, W). Reshape "
            "flat rows first."
        )
    return x.reshape((1,) * (4 - x.ndim) + x.shape), x.shape


def _check_fill(fill: float, dtype: np.dtype[Any]) -> None:
    """ValueError for a fill that would be another number in integers of dtype."""
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        if not (info.min <= fill <= info.max and fill == int(fill)):
            raise ValueError(
                f"transforms: fill is {fill}, which {dtype} cannot hold. Give a whole number from "
                f"{info.min} to {info.max}, or convert x first."
            )


def _pair(what: str, value: int | tuple[int, int], least: int) -> tuple[int, int]:
    """value as (vertical, horizontal); ValueError for less than least."""
    pair = value if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2 or any(not isinstance(n, (int, np.integer)) or n < least for n in pair):
        raise ValueError(f"{what} is {value!r}; it must be one or two whole numbers ≥ {least}.")
    return int(pair[0]), int(pair[1])
