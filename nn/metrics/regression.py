"""Metrics of regression: mean absolute and squared error, and the coefficient of determination.

All sums are float64 whatever the outputs are. The variance of the targets is merged batch by batch
from means and squared deviations, never as Σy² − (Σy)²/N, which cancels.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ShapeError, backend
from autograd.backend import Array
from nn.metrics.metric import Metric, arrays_of, on_device, once, quotient


class _MeanError(Metric):
    """Σ error / N over all elements; nan before the first."""

    higher_is_better = False
    sums = ("total", "count")
    total: Any
    count: int

    def error(self, difference: Array) -> Array:
        """What each element adds."""
        raise NotImplementedError

    def update(self, output: Any, target: Any) -> None:
        """Takes a batch. output, target: (N, …), of one shape."""
        guess, true = _paired(output, target, self.name)
        self.total = on_device(self.total, guess) + self.error(guess - true).sum()
        self.count += int(guess.size)

    def compute(self) -> float:
        """The mean so far."""
        return quotient(self.total, self.count, math.nan)


class MeanAbsoluteError(_MeanError):
    """Σ |output − target| / N over all N elements, in the target's unit."""

    def __init__(self, name: str = "mean_absolute_error") -> None:
        super().__init__(name)

    def error(self, difference: Array) -> Array:
        """|difference|."""
        return abs(difference)


class MeanSquaredError(_MeanError):
    """Σ (output − target)² / N over all N elements, in the target's unit squared."""

    def __init__(self, name: str = "mean_squared_error") -> None:
        super().__init__(name)

    def error(self, difference: Array) -> Array:
        """difference²."""
        return difference * difference


class R2Score(Metric):
    """The coefficient of determination: how much of the targets' variance is explained, ≤ 1.

        R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)²

    Of targets (N, D) each column has its own, and the mean of them is given. Targets that are all
    equal give 0/0 = 1 where all guesses are right, else 0; fewer than two samples give nan.
    """

    sums = ("count", "mean", "spread", "missed")
    count: int
    mean: Any
    spread: Any
    missed: Any

    def __init__(self, name: str = "r2_score") -> None:
        super().__init__(name)

    def update(self, output: Any, target: Any) -> None:
        """Takes a batch. output, target: (N,) or (N, D), of one shape."""
        guess, true = _paired(output, target, self.name)
        if not len(true):
            return
        guess, true = guess.reshape(len(guess), -1), true.reshape(len(true), -1)
        n, before = len(true), self.count
        mean = true.sum(0) / n
        shift = mean - on_device(self.mean, true)
        spread = ((true - mean) ** 2).sum(0) + shift**2 * (before * n / (before + n))
        self.spread = on_device(self.spread, true) + spread
        self.mean = on_device(self.mean, true) + shift * (n / (before + n))
        self.missed = on_device(self.missed, true) + ((true - guess) ** 2).sum(0)
        self.count = before + n

    def compute(self) -> float:
        """The mean over the columns so far."""
        if self.count < 2:
            return math.nan
        spread, missed = backend.to_host(self.spread), backend.to_host(self.missed)
        constant = spread == 0
        each = np.where(constant, missed == 0, 1 - missed / np.where(constant, 1, spread))
        return float(each.mean())


def _paired(output: Any, target: Any, what: str) -> tuple[Array, Array]:
    """Both in float64 and of one shape. (N,) beside (N, 1) is one shape here; broadcasting them to
    (N, N) would be a silent error."""
    guess, true = arrays_of(output, target)
    if guess.shape != true.shape:
        if [n for n in guess.shape if n != 1] != [n for n in true.shape if n != 1]:
            raise ShapeError(
                f"{what}: the output is {guess.shape} and the target {true.shape}; they must have "
                "one shape."
            )
        true = true.reshape(guess.shape)
    return guess.astype("float64"), true.astype("float64")


def mean_absolute_error(output: Any, target: Any) -> float:
    """Σ |output − target| / N over all N elements. output, target: of one shape.

    Without elements, nan. Raises ShapeError if the shapes differ.
    """
    return float(once(MeanAbsoluteError(), output, target))


def mean_squared_error(output: Any, target: Any) -> float:
    """Σ (output − target)² / N over all N elements. output, target: of one shape.

    Without elements, nan. Raises ShapeError if the shapes differ.
    """
    return float(once(MeanSquaredError(), output, target))


def r2_score(output: Any, target: Any) -> float:
    """The share of the targets' variance that is explained: 1 − Σ (y − ŷ)² / Σ (y − ȳ)².

    output, target: (N,), or (N, D), of which the mean over the columns is given. Constant targets:
    1 where all guesses are right, else 0. Fewer than two samples: nan.
    """
    return float(once(R2Score(), output, target))
