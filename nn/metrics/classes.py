"""How outputs and targets are read as classes, the same way by all metrics of classification.

    output                             class it stands for            number of classes
    floating (N, C, …), C > 1          argmax over axis 1             C
    floating (N,), (N, 1), …           1 if output > threshold        2
    integers or bools, as the target   itself                         given, or the greatest + 1

A target is class indices, of the shape of the classes or with an axis of size 1 more; or, of the
output's shape (N, C, …), one row a sample (one-hot, or soft labels), whose argmax counts. Binary
targets are 0 and 1, or −1 and 1; another is refused, at once on the host, and where metrics are
computed on a device, which no batch is to wait for. Read `hits.py` and `confusion.py` next.
"""

from __future__ import annotations

from typing import Any

from autograd import DTypeError, ShapeError, backend
from autograd.backend import Array
from nn.metrics.metric import arrays_of


def classes_of(
    output: Any,
    target: Any,
    threshold: float = 0.5,
    what: str = "accuracy",
    ignore_index: int | None = None,
) -> tuple[Array, Array, int | None]:
    """(predicted, true, C): two integer arrays of one shape (M,), and the number of classes where
    the output's shape tells it.

    threshold: above it a binary output means class 1: 0.5 for probabilities, 0 for logits.
    ignore_index: a binary target that stays as it is.  On a device a binary target that is none
    stands as class 2.
    Raises ShapeError if the two do not fit, DTypeError if class indices are not integers,
    ValueError for a binary target that is none.
    """
    scores, labels = arrays_of(output, target)
    if scores.dtype.kind == "f" and scores.ndim > 1 and scores.shape[1] > 1:
        count = scores.shape[1]
        predicted = scores.argmax(1)
        true = labels.argmax(1) if labels.shape == scores.shape else labels
        if labels.shape != scores.shape:
            check_indices(labels, what)
    elif scores.dtype.kind == "f":
        count, predicted, true = 2, scores > threshold, _binary(labels, what, ignore_index)
    else:
        count, predicted, true = None, scores, labels
        check_indices(labels, what)
    check_fit(predicted.shape, true, scores, labels, what)
    return predicted.reshape(-1).astype("int64"), true.reshape(-1).astype("int64"), count


def _binary(labels: Array, what: str, ignore_index: int | None) -> Array:
    """The classes of binary targets: 0 and 1, ignore_index as it is, and 2 for all others."""
    xp = backend.module_of(labels)
    true = xp.where((labels == 0) | (labels == -1), 0, xp.where(labels == 1, 1, 2))
    if ignore_index is not None:
        true = xp.where(labels == ignore_index, ignore_index, true)
    if not backend.is_cupy(labels) and ignore_index != 2:
        is_none = true == 2
        if is_none.any():
            value = labels.ravel()[is_none.ravel().argmax()]
            raise ValueError(not_binary(what, f"{value:g}"))
    return true


def not_binary(what: str, value: str) -> str:
    """The message for a target that is of neither class."""
    return (
        f"{what}: a target is {value}, but an output of one number a sample is of two "
        'classes, whose targets are 0 and 1, or −1 and 1. For regression use "mae" or "r2"; for '
        "more classes give a score for each."
    )


def check_fit(shape: tuple[int, ...], true: Array, scores: Array, labels: Array, what: str) -> None:
    """Raises ShapeError unless the true classes have that shape, but for axes of size 1."""
    if [n for n in shape if n != 1] != [n for n in true.shape if n != 1]:
        raise ShapeError(
            f"{what}: the output is {scores.shape} and the target {labels.shape}, which do not "
            "belong together. A target is one class index for each sample, or one-hot rows of the "
            "output's shape."
        )


def check_indices(labels: Array, what: str) -> None:
    """Raises DTypeError if labels are not of an integer or bool dtype."""
    if labels.dtype.kind not in "iub":
        raise DTypeError(
            f"{what}: the target is {labels.dtype}, and class indices are integers. "
            'Use target.astype("int64").'
        )
