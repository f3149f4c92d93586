"""Layers that only change shapes: Flatten makes images rows of numbers, Unflatten goes back."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from autograd import Tensor, as_tensor, ops
from autograd.errors import ShapeError
from autograd.shapes import normalize_axis
from nn.module import Module

__all__ = ["Flatten", "Unflatten"]


class Flatten(Module):
    """Axes start_dim to end_dim made one; by default all but the first: (N, C, H, W) → (N, C·H·W).

    A single number becomes (1,). Raises ShapeError for axes that x has not, or in wrong order.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Tensor:
        """x with those axes made one."""
        x = as_tensor(x)
        if not x.ndim:
            return ops.reshape(x, shape=(1,))
        start = normalize_axis(self.start_dim, x.ndim, "Flatten")
        end = normalize_axis(self.end_dim, x.ndim, "Flatten")
        if start > end:
            raise ShapeError(
                f"Flatten: start_dim = {self.start_dim} lies behind end_dim = {self.end_dim} for x "
                f"of shape {x.shape}. Exchange them."
            )
        shape = x.shape
        flat = (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :])
        return ops.reshape(x, shape=flat)

    def extra_repr(self) -> str:
        """The axes, as PyTorch writes them."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Axis dim split into axes of the sizes unflattened_size, of which one may be −1.

    Raises ShapeError if x has no axis dim, or it does not split into those sizes.
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, x: Any) -> Tensor:
        """x with the axis split."""
        x = as_tensor(x)
        at = normalize_axis(self.dim, x.ndim, "Unflatten")
        sizes, size = self.unflattened_size, x.shape[at]
        known = prod(n for n in sizes if n != -1)
        if -1 in sizes and known > 0 and size % known == 0:
            sizes = tuple([size // known if n == -1 else n for n in sizes])
        if min(sizes, default=1) < 0 or prod(sizes) != size:
            raise ShapeError(
                f"Unflatten: axis {self.dim} of x of shape {x.shape} has size {size}, which does "
                f"not split into {self.unflattened_size}. The product of the sizes must be {size}; "
                "one of them may be -1."
            )
        return ops.reshape(x, shape=(*x.shape[:at], *sizes, *x.shape[at + 1 :]))

    def extra_repr(self) -> str:
        """The axis and its sizes, as PyTorch writes them."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
