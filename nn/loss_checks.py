"""What all losses do first and last: they check output and target, and reduce what they computed.

Nothing is broadcast: a target of another shape is an error that names both. Read
`loss_functions.py` and `entropy_functions.py` for the losses themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, as_tensor, backend
from autograd.backend import Array
from autograd.errors import BackendError, DTypeError, ShapeError
from autograd.mode import local

__all__: list[str] = []


def check_reduction(name: str, reduction: str, *more: str) -> None:
    """Raises ValueError unless reduction is "mean", "sum", "none", or one of more."""
    known = (*more, "mean", "sum", "none")
    if reduction not in known:
        words = ", ".join(f'"{word}"' for word in known[:-1])
        raise ValueError(f'{name}: reduction={reduction!r} is not known. Use {words} or "none".')


def reduced(losses: Tensor, reduction: str) -> Tensor:
    """The losses, their sum, or their mean: NaN where there are none."""
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    return losses.mean() if losses.size else losses.sum() * float("nan")


def floating(x: Any) -> Tensor:
    """x as a Tensor, integers and bools in the default dtype."""
    tensor = as_tensor(x)
    return tensor if tensor.dtype.kind == "f" else tensor.astype(local.mode.dtype)


def as_targets(target: Any) -> Tensor:
    """target as a Tensor; a list of integers stays integer."""
    is_python = isinstance(target, (list, tuple, bool, int, float, np.generic))
    return as_tensor(np.asarray(target) if is_python else target)


def same_dtype(target: Tensor, x: Tensor) -> Tensor:
    """target in x's dtype: what a loss is computed in is what the model computes in."""
    return target if target.dtype == x.dtype else target.astype(x.dtype)


def checked_pair(
    name: str, x: Any, target: Any, words: tuple[str, str] = ("input", "target")
) -> tuple[Tensor, Tensor]:
    """x and target as Tensors of one shape, in x's dtype. Raises ShapeError if the shapes differ.

    words: what messages call the two.
    """
    x, target = floating(x), as_targets(target)
    if x.shape != target.shape:
        remedy = (
            f"Use {words[1]}.reshape({x.shape})."
            if x.size == target.size
            else "Give one target for each element of the output."
        )
        raise ShapeError(
            f"{name}: {words[0]} is {x.shape} and {words[1]} is {target.shape}; they must be equal,"
            f" for broadcasting would compare each element with several. {remedy}"
        )
    return x, same_dtype(target, x)


def check_values(name: str, word: str, x: Tensor, is_bad: Array, wanted: str) -> None:
    """Raises ValueError naming the first of x where is_bad holds. wanted: what it must be, and the
    remedy. On a device this reads one flag."""
    if is_bad.any():
        position = int(backend.module_of(is_bad).flatnonzero(is_bad)[0])
        value = float(x.data.ravel()[position])
        raise ValueError(f"{name}: {word} {value:g} at position {position} {wanted}")


def check_signs(name: str, target: Tensor) -> None:
    """Raises ValueError for a target that is neither 1 nor −1."""
    data = target.data
    check_values(
        name,
        "target",
        target,
        (data != 1) & (data != -1),
        "must be 1 or −1. For labels 0 and 1 use 2 * target − 1.",
    )


def checked_classes(
    name: str, x: Any, target: Any, ignore_index: int | None = None
) -> tuple[Tensor, Tensor]:
    """x (N, C, ...) and target (N, ...), or x (C,) and target () with N = 1 put before them.

    Raises ShapeError if they do not fit; DTypeError if target is not integer; IndexError if one of
    them is neither in [0, C) nor ignore_index.
    """
    x, target = floating(x), as_targets(target)
    if x.ndim == 1 and not target.ndim:
        x, target = x.reshape((1, x.size)), target.reshape((1,))
    shape = x.shape
    if len(shape) < 2 or target.shape != shape[:1] + shape[2:]:
        wanted = f"; target must be {shape[:1] + shape[2:]}" if len(shape) > 1 else ""
        raise ShapeError(
            f"{name}: input is {shape} and target is {target.shape}{wanted}. input must be "
            "(N, C, ...) with classes along axis 1, target the same without axis 1."
        )
    if target.dtype.kind not in "iu":
        raise DTypeError(
            f"{name}: target is {target.dtype}; it must be integer classes. "
            'Use target.astype("int64").'
        )
    data = target.data
    is_bad = (data < 0) | (data >= shape[1])
    is_bad = is_bad if ignore_index is None else is_bad & (data != ignore_index)
    if is_bad.any():
        position = int(backend.module_of(data).flatnonzero(is_bad)[0])
        raise IndexError(
            f"{name}: target {int(data.ravel()[position])} at position {position} is outside "
            f"[0, {shape[1]}), the classes of input {shape}."
        )
    return x, target


def class_weights(name: str, weight: Any, x: Tensor) -> Tensor:
    """weight as a constant Tensor in x's dtype. Raises ShapeError unless it is (C,)."""
    made = _constant(name, "weight", weight, x)
    if made.shape != x.shape[1:2]:
        raise ShapeError(
            f"{name}: weight is {made.shape} and input is {x.shape}; weight must be "
            f"{x.shape[1:2]}, one for each class along axis 1."
        )
    return made


def _constant(name: str, word: str, weight: Any, x: Tensor) -> Tensor:
    """weight, untracked and in x's dtype. Raises BackendError if it is not on x's device."""
    made = same_dtype(as_tensor(weight).detach(), x)
    if made.device != x.device:
        raise BackendError(
            f"{name}: {word} is on {made.device} and input on {x.device}. Move the loss like the "
            f'model, loss.to("{x.device}"), or {word} itself.'
        )
    return made


def element_weights(name: str, word: str, weight: Any, x: Tensor) -> Tensor:
    """weight as a constant Tensor in x's dtype. Raises ShapeError if it does not broadcast to x."""
    made = _constant(name, word, weight, x)
    try:
        fits = np.broadcast_shapes(made.shape, x.shape) == x.shape
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"{name}: {word} is {made.shape} and input is {x.shape}; {word} must broadcast to it."
        )
    return made
