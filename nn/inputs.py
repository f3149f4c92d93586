"""What layers ask of their inputs and settings, and how they say that it does not hold.

A layer compares dtypes itself, and leaves sizes to its operation; only when something does not fit
does it come here for the words. So the checks cost nothing where all is well.
"""

from __future__ import annotations

from math import prod
from numbers import Real
from typing import Any

from autograd import Tensor
from autograd.errors import DTypeError, ShapeError

__all__: list[str] = []


def check_input(layer: str, x: Tensor, dtype: Any, size: int) -> None:
    """Raises DTypeError if x is not of dtype, ShapeError if its last axis has not that size.

    layer: what to call the layer, such as "Linear(784, 10)".
    """
    check_dtype(layer, x, dtype)
    if not x.ndim or x.shape[-1] != size:
        raise ShapeError(f"{layer}: x is {x.shape}, {_size_remedy(layer, x.shape, size)}")


def check_dtype(layer: str, x: Tensor, dtype: Any) -> None:
    """Raises DTypeError if x is not of dtype, which is that of the layer's weight."""
    if x.dtype == dtype:
        return
    if x.dtype.kind != "f":
        raise DTypeError(
            f"{layer}: x is {x.dtype}, and a layer with weights needs floating numbers. "
            f'Use x.astype("{dtype}").'
        )
    raise DTypeError(
        f'{layer}: x is {x.dtype} but weight is {dtype}. Use x.astype("{dtype}"), or build the '
        f'layer with dtype="{x.dtype}".'
    )


def _size_remedy(layer: str, shape: tuple[int, ...], size: int) -> str:
    if not shape:
        return f"a single number; its last axis must have size {size}."
    fact = f"whose last axis has size {shape[-1]}, not {size}. "
    if len(shape) > 2 and prod(shape[1:]) == size:
        return fact + "Put nn.Flatten() before the layer."
    if shape[0] == size and len(shape) == 2:
        return fact + "If samples are in the columns, use x.T."
    return fact + f"Build the layer for {shape[-1]} inputs, or reshape x."


def refuse_inplace(layer: object, inplace: bool) -> None:
    """Raises ValueError if inplace, an argument that layers take in PyTorch's place for it.

    layer: the layer, or the name of a function.
    """
    if inplace:
        name = layer if isinstance(layer, str) else type(layer).__name__
        raise ValueError(
            f"{name}: inplace=True, but no layer overwrites its input, which the "
            "graph may need for its gradients. Leave inplace out and use what the layer returns."
        )


def check_size(layer: str, name: str, size: Any) -> None:
    """Raises TypeError if size, the argument called name, is no whole number: 64.0 is none."""
    if hasattr(size, "__index__"):
        return
    whole = isinstance(size, Real) and float(size).is_integer()
    remedy = f"Use {int(float(size))}." if whole else f"Round it, as in int({name})."
    if not isinstance(size, Real):
        remedy = "Give an int."
    raise TypeError(f"{layer}: {name}={size!r:.40} must be a whole number, an int. {remedy}")


def check_probability(name: str, p: float) -> None:
    """Raises ValueError if p is no number in [0, 1]."""
    if not isinstance(p, Real) or not 0 <= p <= 1:
        raise ValueError(f"{name}: p is {p!r}; a probability is a number in [0, 1].")
