"""The loss of a batch; and, where the loss refuses the targets, what to do about them.

A loss sees one batch, and its message is about that batch. Here the error gets a note that says how
to change the whole `y` that training was given.
"""

from __future__ import annotations

from typing import Any

from autograd import DTypeError, ShapeError, Tensor, backend

CLASSES = ("cross_entropy", "crossentropyloss", "nll_loss", "nllloss", "multimarginloss")
"""Losses of class indices, as classes or functions."""


def loss_of_batch(loss: Any, output: Any, target: Any) -> Tensor:
    """loss(output, target), one number. Raises TypeError or ValueError if it is none; an error
    about the target comes with a note of what to do."""
    try:
        value = loss(output, target)
    except (ShapeError, DTypeError, IndexError) as error:
        remedy = remedy_for(loss, output, target, isinstance(error, IndexError))
        if remedy:
            error.add_note(f"If the targets are an array y: {remedy}")
        raise
    return scalar(value)


def remedy_for(loss: Any, output: Any, target: Any, is_outside: bool = False) -> str:
    """What makes y fit the loss; "" where that cannot be told.

    is_outside: whether a class was out of range.
    """
    inner = getattr(loss, "loss", loss)  # of a weighted loss
    name = getattr(inner, "__name__", type(inner).__name__).lower()
    data = target.data if isinstance(target, Tensor) else target
    if not isinstance(output, Tensor) or not backend.is_array(data):
        return ""
    if name in CLASSES:
        if is_outside:
            return "number the classes from 0: classes, y = np.unique(y, return_inverse=True)"
        return _for_classes(name, output.shape, data)
    if is_outside:
        return ""
    return _for_pairs(output.shape, data)


def _for_classes(name: str, shape: tuple[int, ...], target: Any) -> str:
    """For a loss of class indices, with scores of that shape."""
    is_integer = target.dtype.kind in "iub"
    if target.shape == shape and len(shape) == 2:  # rows of one class each
        also = ', or y = y.astype("float32")' if name.startswith("cross") else ""
        return f"y = y.argmax(axis=1){also}" if is_integer or not also else ""
    if target.shape == (*shape[:1], 1):
        return "y = y[:, 0]" if is_integer else 'y = y[:, 0].astype("int64")'
    if target.shape == shape[:1] and not is_integer:
        return 'y = y.astype("int64"), if these are classes'
    return ""


def _for_pairs(shape: tuple[int, ...], target: Any) -> str:
    """For a loss that compares elements, with an output of that shape."""
    n = shape[:1]
    if shape == (*n, 1) and target.shape == n:
        return "y = y.reshape(-1, 1)"
    if shape == n and target.shape == (*n, 1):
        return "y = y[:, 0], or give the model's output its last axis"
    if len(shape) == 2 and target.shape in (n, (*n, 1)) and target.dtype.kind in "iub":
        flat = "y" if target.ndim == 1 else "y[:, 0]"
        return (
            f'use loss="cross_entropy", or rows of one class each: y = np.eye({shape[1]})[{flat}]'
        )
    return ""


def scalar(loss: Any) -> Tensor:
    """loss, if it is a Tensor of one number. Raises TypeError or ValueError otherwise."""
    if not isinstance(loss, Tensor):
        raise TypeError(
            f"the loss returned a {type(loss).__name__}; it must return a Tensor, which backward() "
            "can start from."
        )
    if loss.data.size != 1:
        raise ValueError(
            f"the loss returned shape {loss.shape}; training needs one number. Use "
            'reduction="mean", or take the mean in the loss.'
        )
    return loss
