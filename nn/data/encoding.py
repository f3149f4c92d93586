"""One-hot encoding of class indices."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, as_tensor, backend
from autograd.errors import DTypeError, ShapeError

__all__ = ["one_hot"]


def one_hot(labels: Any, num_classes: int = -1, *, dtype: Any = None) -> Any:
    """For each label a row with 1 at its place and 0 elsewhere.

        zₙₖ = 1 if labelsₙ = k else 0

    labels: integers in [0, num_classes), of any shape (…); a Tensor, an array or a list.
    num_classes: the largest label + 1 if −1.  dtype: int64 if None, as in PyTorch; losses such as
    mean squared error want "float32".
    Returns (…, num_classes): a Tensor for a Tensor, else an array of the labels' module.
    Raises DTypeError for labels that are no integers, ValueError for a label outside, ShapeError
    for num_classes −1 without labels.
    """
    array = labels.data if isinstance(labels, Tensor) else labels
    array = array if backend.is_array(array) else np.asarray(array)
    xp = backend.module_of(array)
    if array.size == 0 and num_classes < 0:
        raise ShapeError(
            f"one_hot: labels is {array.shape}, without a label to tell the number of classes. "
            "Pass num_classes."
        )
    if array.size and array.dtype.kind not in "iu":
        raise DTypeError(
            f"one_hot: the labels are {array.dtype}, but classes are counted by integers. Use "
            'labels.astype("int64").'
        )
    low, high = (int(array.min()), int(array.max())) if array.size else (0, -1)
    classes = high + 1 if num_classes < 0 else num_classes
    if low < 0 or high >= classes:
        raise ValueError(
            f"one_hot: label {low if low < 0 else high} is outside [0, {classes}). Check the "
            "labels, or pass a larger num_classes."
        )
    hot = array[..., None] == xp.arange(classes)
    encoded = hot.astype(np.dtype("int64" if dtype is None else dtype))
    if not isinstance(labels, Tensor):
        return encoded
    return as_tensor(encoded, device=labels.device)
