"""Metrics that count hits: accuracy, and accuracy among the k highest scores.

How outputs and targets are read is in `classes.py`. A target equal to ignore_index, as the
cross-entropy of the same name leaves it out, counts neither as a hit nor as a sample.
"""

from __future__ import annotations

import math
from typing import Any

from autograd import ShapeError, backend
from nn.metrics.classes import check_fit, check_indices, classes_of, not_binary
from nn.metrics.metric import Metric, arrays_of, on_device, once, quotient


class _Hits(Metric):
    """hits / samples; nan before the first sample."""

    sums = ("hits", "count")
    hits: Any
    count: Any
    ignore_index: int | None

    def _add(self, hit: Any, true: Any) -> None:
        if self.ignore_index is None:
            self.count += int(true.size)
        else:
            kept = true != self.ignore_index
            hit = hit & kept
            self.count = on_device(self.count, true) + kept.sum()
        self.hits = on_device(self.hits, hit) + hit.sum()

    def compute(self) -> float:
        """The share of hits so far."""
        return quotient(self.hits, self.count, math.nan)


class Accuracy(_Hits):
    """The share of samples whose class is right, in [0, 1].

        accuracy = (1/N) Σₙ [predictedₙ = targetₙ]

    threshold: above it a binary output means class 1: 0.5 for probabilities, 0 for logits.
    ignore_index: a target that is not counted.  0/0, no sample at all, is nan.
    """

    strange: Any
    """How many targets on a device were of neither class."""

    def __init__(
        self, threshold: float = 0.5, *, ignore_index: int | None = None, name: str = "accuracy"
    ) -> None:
        self.threshold, self.ignore_index = threshold, ignore_index
        super().__init__(name)

    def update(self, output: Any, target: Any) -> None:
        """Takes a batch. output: (N, C) scores, (N,) or (N, 1) of two classes, or (N,) integers.
        target: (N,) integers, or one-hot (N, C)."""
        given = (output, target, self.threshold, self.name, self.ignore_index)
        predicted, true, count = classes_of(*given)
        if count == 2 and backend.is_cupy(true) and self.ignore_index != 2:
            self.strange = on_device(self.strange, true) + (true == 2).sum()
        self._add(predicted == true, true)

    def reset(self) -> None:
        """Forgets all batches."""
        super().reset()
        self.strange = 0

    def compute(self) -> float:
        """The share of hits so far. Raises ValueError if a device had targets of neither class."""
        if strange := int(self.strange):
            raise ValueError(not_binary(self.name, f"of neither class, {strange} times"))
        return super().compute()


class TopKAccuracy(_Hits):
    """The share of samples whose class is among the k with the highest scores, in [0, 1].

    A sample is a hit if fewer than k classes have a strictly greater score than its own, so a tie
    counts for it; a score that is nan counts as greater.  ignore_index: a target not counted.
    Raises ValueError if k is less than 1.
    """

    def __init__(
        self, k: int = 5, *, ignore_index: int | None = None, name: str | None = None
    ) -> None:
        if k < 1:
            raise ValueError(f"TopKAccuracy: k is {k}; it must be at least 1.")
        self.k, self.ignore_index = k, ignore_index
        super().__init__(name or f"top_{k}_accuracy")

    def update(self, output: Any, target: Any) -> None:
        """Takes a batch. output: (N, C) scores.  target: (N,) integers, or one-hot (N, C)."""
        scores, labels = arrays_of(output, target)
        if scores.ndim != 2 or scores.dtype.kind != "f":
            raise ShapeError(
                f"{self.name}: the output is {scores.dtype} {scores.shape}; scores of each class "
                "are needed, floating and (N, C)."
            )
        true = labels.argmax(1) if labels.shape == scores.shape else labels
        check_indices(true, self.name)
        check_fit(scores.shape[:1], true, scores, labels, self.name)
        true = true.reshape(-1).astype("int64")
        known = (true >= 0) & (true < scores.shape[1])
        own = scores[backend.module_of(scores).arange(len(true)), true * known][:, None]
        ahead = (~(scores <= own)).sum(1)
        self._add((ahead < self.k) & known, true)


def accuracy(
    output: Any, target: Any, threshold: float = 0.5, *, ignore_index: int | None = None
) -> float:
    """The share of samples whose class is right, in [0, 1].

        accuracy = (1/N) Σₙ [predictedₙ = targetₙ]

    output: (N, C) scores, (N,) or (N, 1) of two classes, or (N,) integers.  target: (N,) integers,
    or one-hot (N, C).  threshold: above it a binary output means class 1: 0.5 for probabilities, 0
    for logits.  ignore_index: a target not counted.  Without samples, nan.
    Raises ShapeError if the two do not fit, DTypeError if class indices are not integers,
    ValueError for a target of neither class where there are two.
    """
    return float(once(Accuracy(threshold, ignore_index=ignore_index), output, target))


def top_k_accuracy(
    output: Any, target: Any, k: int = 5, *, ignore_index: int | None = None
) -> float:
    """The share of samples whose class is among the k with the highest scores, in [0, 1].

    output: (N, C) scores.  target: (N,) integers, or one-hot (N, C).  A tie counts as a hit.
    ignore_index: a target not counted.  Without samples, nan.
    Raises ShapeError if the two do not fit, ValueError if k is less than 1.
    """
    return float(once(TopKAccuracy(k, ignore_index=ignore_index), output, target))
