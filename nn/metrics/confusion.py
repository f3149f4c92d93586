"""Metrics read off the confusion matrix: precision, recall, F1 and Matthews' correlation.

The matrix is counted batch by batch on the device; the quotients are taken once, on the host, from
whole numbers. How outputs and targets are read is in `classes.py`.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from autograd import backend
from nn.metrics.classes import classes_of
from nn.metrics.metric import Metric, on_device, once

Average = Literal["auto", "binary", "macro", "micro", "weighted"] | None
Counts = NDArray[np.int64]
AVERAGES = ("auto", "binary", "macro", "micro", "weighted", None)


class ConfusionMatrix(Metric):
    """How often class i was taken for class j: matrix[i, j], rows the truth, columns the guess.

    num_classes: C; None takes it from the output's shape, or for integer outputs from the greatest
    class seen.  threshold: as for Accuracy.  ignore_index: a target that is not counted.
    compute() gives a (C, C) int64 array on the host, and raises IndexError if a class outside
    [0, C) was met.
    """

    sums = ("cells", "size")
    cells: Any
    size: int

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        threshold: float = 0.5,
        ignore_index: int | None = None,
        name: str = "confusion_matrix",
    ) -> None:
        self.num_classes, self.threshold = num_classes, threshold
        self.ignore_index = ignore_index
        super().__init__(name)

    def update(self, output: Any, target: Any) -> None:
        """Takes a batch. output: (N, C) scores, (N,) or (N, 1) of two classes, or (N,) integers.
        target: (N,) integers, or one-hot (N, C)."""
        predicted, true, known = classes_of(
            output, target, self.threshold, self.name, self.ignore_index
        )
        n = self.num_classes or known or self._greatest(predicted, true) + 1
        if not n:  # no sample, and no class seen
            return
        self._grow(n, true)
        n = self.size
        inside = (true >= 0) & (true < n) & (predicted >= 0) & (predicted < n)
        xp = backend.module_of(true)
        # One cell more for classes out of range, which compute() reports, so that no batch waits
        # for the device; and one for those to be ignored.
        places = xp.where(inside, true * n + predicted, n * n)
        if self.ignore_index is not None:
            places = xp.where(true == self.ignore_index, n * n + 1, places)
        backend.add_at(xp, self.cells, places, 1)

    def _greatest(self, predicted: Any, true: Any) -> int:
        """The greatest class seen: read from the device, for integer outputs alone."""
        return max([self.size - 1, *(int(x.max()) for x in (predicted, true) if x.size)])

    def _grow(self, n: int, like: Any) -> None:
        """Room for n classes, where like is."""
        xp = backend.module_of(like)
        if n > self.size:
            cells = xp.zeros(n * n + 2, dtype="uint64")  # of whole numbers, CuPy adds these at
            if self.size:
                old, old_n = on_device(self.cells, like), self.size
                cells[: n * n].reshape(n, n)[:old_n, :old_n] = old[:-2].reshape(old_n, old_n)
                cells[-2:] = old[-2:]
            self.cells, self.size = cells, n
        else:
            self.cells = on_device(self.cells, like)

    def matrix(self) -> Counts:
        """The (C, C) counts so far; (0, 0) before the first batch.

        Raises IndexError if a class outside [0, C) was met.
        """
        n = self.size
        if not n:
            return np.zeros((self.num_classes or 0,) * 2, np.int64)
        cells = backend.to_host(self.cells).astype(np.int64)
        if cells[-2]:
            raise IndexError(
                f"{self.name}: {cells[-2]} of the classes met are outside [0, {n}). Number the "
                f"classes from 0, or give num_classes."
            )
        return cells[:-2].reshape(n, n)

    def compute(self) -> Any:
        """The matrix so far."""
        return self.matrix()


class _Ratio(ConfusionMatrix):
    """A quotient for each class, and how they are averaged."""

    def __init__(
        self,
        average: Average = "auto",
        *,
        num_classes: int | None = None,
        threshold: float = 0.5,
        ignore_index: int | None = None,
        zero_division: float = 0.0,
        name: str | None = None,
    ) -> None:
        if average not in AVERAGES:
            raise ValueError(
                f"{type(self).__name__}: average is {average!r}; it must be one of "
                f"{', '.join(map(repr, AVERAGES))}."
            )
        self.average, self.zero_division = average, zero_division
        super().__init__(
            num_classes,
            threshold=threshold,
            ignore_index=ignore_index,
            name=name or type(self).__name__.lower(),
        )

    def parts(self, hits: Any, guessed: Any, present: Any) -> tuple[Any, Any]:
        """Numerator and denominator, from true positives, TP + FP, and TP + FN."""
        raise NotImplementedError

    def compute(self) -> Any:
        """The average so far, a float; of each class with average=None, (C,) floats."""
        matrix = self.matrix()
        hits, guessed, present = np.diag(matrix), matrix.sum(0), matrix.sum(1)
        average = self.average
        if average == "auto":
            average = "binary" if len(matrix) == 2 else "macro"
        if average == "micro":
            return float(self._ratio(hits.sum(), guessed.sum(), present.sum()))
        each = self._ratio(hits, guessed, present)
        if average is None:
            return each
        if average == "binary":
            return float(each[self._positive(matrix)])
        weights = present if average == "weighted" else (guessed + present > 0)
        total = weights.sum()
        return float((each * weights).sum() / total) if total else self.zero_division

    def _positive(self, matrix: Counts) -> int:
        if len(matrix) != 2:
            raise ValueError(
                f"{self.name}: average is 'binary', but there are {len(matrix)} classes. Use "
                "'macro', 'micro', 'weighted', or None for each class."
            )
        return 1

    def _ratio(self, hits: Any, guessed: Any, present: Any) -> Any:
        above, below = self.parts(hits, guessed, present)
        none = np.asarray(below) == 0
        return np.where(none, self.zero_division, above / np.where(none, 1, below))


class Precision(_Ratio):
    """Of what was taken for a class, the share that is of it: TP / (TP + FP), in [0, 1].

    average: "binary" is class 1 of two; "macro" the mean over the classes that occur, in target or
    guess; "micro" TP and FP summed over all classes first; "weighted" the mean weighted by the
    samples of each class; None one number for each; "auto" is binary for two classes, else macro.
    zero_division: what 0/0 is, where nothing was taken for the class.  num_classes, threshold,
    ignore_index: as for ConfusionMatrix.
    """

    def parts(self, hits: Any, guessed: Any, present: Any) -> tuple[Any, Any]:
        """TP, TP + FP."""
        return hits, guessed


class Recall(_Ratio):
    """Of what is of a class, the share that was taken for it: TP / (TP + FN), in [0, 1].

    average, zero_division and the others: as for Precision. 0/0 is where nothing is of the class.
    """

    def parts(self, hits: Any, guessed: Any, present: Any) -> tuple[Any, Any]:
        """TP, TP + FN."""
        return hits, present


class F1(_Ratio):
    """The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN), in [0, 1].

    average, zero_division and the others: as for Precision; "macro" is the mean of the classes'
    F1s. 0/0 is where the class is neither in target nor in guess.
    """

    def parts(self, hits: Any, guessed: Any, present: Any) -> tuple[Any, Any]:
        """2 TP, (TP + FP) + (TP + FN)."""
        return 2 * hits, guessed + present


class MCC(ConfusionMatrix):
    """Matthews' correlation between target and guess, in [−1, 1]; 0 is what guessing gives.

        MCC = (c s − Σₖ pₖ tₖ) / √((s² − Σₖ pₖ²) (s² − Σₖ tₖ²))

    s: samples; c: right ones; pₖ, tₖ: how often class k was guessed and is true. For two classes
    this is (TP·TN − FP·FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN)). 0/0, all guesses or all targets of
    one class, is 0.
    Source: Matthews, Biochim. Biophys. Acta 405 (1975); for more classes Gorodkin, Comput. Biol.
    Chem. 28 (2004), eq. 8.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        threshold: float = 0.5,
        ignore_index: int | None = None,
        name: str = "mcc",
    ) -> None:
        super().__init__(num_classes, threshold=threshold, ignore_index=ignore_index, name=name)

    def compute(self) -> float:
        """The correlation so far."""
        matrix = self.matrix()
        # Python's integers: the products of counts overflow int64 from 55,000 samples on.
        guessed, true = matrix.sum(0).tolist(), matrix.sum(1).tolist()
        s, c = sum(true), int(np.trace(matrix))
        above = c * s - sum(p * t for p, t in zip(guessed, true, strict=True))
        spread = s * s - sum(p * p for p in guessed), s * s - sum(t * t for t in true)
        return above / math.sqrt(spread[0] * spread[1]) if all(spread) else 0.0


def confusion_matrix(
    output: Any, target: Any, num_classes: int | None = None, **options: Any
) -> Counts:
    """How often class i was taken for class j, (C, C) int64: rows the truth, columns the guess.

    output: (N, C) scores, (N,) or (N, 1) of two classes, or (N,) integers.  target: (N,) integers,
    or one-hot (N, C).  options: as for ConfusionMatrix.  Raises IndexError for a class outside
    [0, C).
    """
    result: Counts = once(ConfusionMatrix(num_classes, **options), output, target)
    return result


def precision(output: Any, target: Any, average: Average = "auto", **options: Any) -> Any:
    """Of what was taken for a class, the share that is of it: TP / (TP + FP).

    output, target: as for confusion_matrix.  average, options: as for Precision.
    Returns a float; (C,) with average=None.
    """
    return once(Precision(average, **options), output, target)


def recall(output: Any, target: Any, average: Average = "auto", **options: Any) -> Any:
    """Of what is of a class, the share that was taken for it: TP / (TP + FN).

    output, target: as for confusion_matrix.  average, options: as for Recall.
    Returns a float; (C,) with average=None.
    """
    return once(Recall(average, **options), output, target)


def f1(output: Any, target: Any, average: Average = "auto", **options: Any) -> Any:
    """The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN).

    output, target: as for confusion_matrix.  average, options: as for F1.
    Returns a float; (C,) with average=None.
    """
    return once(F1(average, **options), output, target)


def mcc(output: Any, target: Any, num_classes: int | None = None, **options: Any) -> float:
    """Matthews' correlation between target and guess, in [−1, 1], of two or more classes.

    output, target: as for confusion_matrix.  The equation, its source and 0/0: see MCC.
    """
    return float(once(MCC(num_classes, **options), output, target))
