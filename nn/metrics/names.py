"""Metrics by name, class, function or object, as `metrics=["accuracy", ...]` takes them."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from typing import Any

from nn.metrics import confusion, hits, regression
from nn.metrics.metric import Mean, Metric

NAMES: dict[str, type[Metric]] = {
    "accuracy": hits.Accuracy,
    "acc": hits.Accuracy,
    "top_k_accuracy": hits.TopKAccuracy,
    "precision": confusion.Precision,
    "recall": confusion.Recall,
    "f1": confusion.F1,
    "mcc": confusion.MCC,
    "confusion_matrix": confusion.ConfusionMatrix,
    "r2": regression.R2Score,
    "r2_score": regression.R2Score,
    "mae": regression.MeanAbsoluteError,
    "mean_absolute_error": regression.MeanAbsoluteError,
    "mse": regression.MeanSquaredError,
    "mean_squared_error": regression.MeanSquaredError,
}
"""The class of each metric's name; a short one is also what the history then calls it."""

FUNCTIONS: dict[Any, type[Metric]] = {
    hits.accuracy: hits.Accuracy,
    hits.top_k_accuracy: hits.TopKAccuracy,
    confusion.precision: confusion.Precision,
    confusion.recall: confusion.Recall,
    confusion.f1: confusion.F1,
    confusion.mcc: confusion.MCC,
    confusion.confusion_matrix: confusion.ConfusionMatrix,
    regression.r2_score: regression.R2Score,
    regression.mean_absolute_error: regression.MeanAbsoluteError,
    regression.mean_squared_error: regression.MeanSquaredError,
}
"""The class that is exact over batches, for each function."""


def metric(
    given: str | type[Metric] | Metric | Callable[[Any, Any], Any],
    *,
    threshold: float = 0.5,
    ignore_index: int | None = None,
) -> Metric:
    """The metric that given names or is.

    given: a name such as "accuracy"; a Metric or its class; one of nn.metrics' functions, which
    becomes its class; or any function of (output, target), whose mean over the samples is taken.
    threshold, ignore_index: of metrics of classification that are made here.
    Raises ValueError for an unknown name, TypeError for what is none of these.
    """
    options = {"threshold": threshold, "ignore_index": ignore_index}
    if isinstance(given, Metric):
        return given
    if isinstance(given, str):
        if given not in NAMES:
            close = difflib.get_close_matches(given, NAMES, 1)
            hint = f"Did you mean {close[0]!r}? " if close else ""
            raise ValueError(
                f"metric {given!r} is not known. {hint}Known are {', '.join(sorted(NAMES))}."
            )
        return _made(NAMES[given], options, given)
    if inspect.isclass(given) and issubclass(given, Metric):
        return _made(given, options)
    if not callable(given) or inspect.isclass(given):
        raise TypeError(
            f"a metric is a name, a Metric or a function of (output, target), not {given!r}."
        )
    return _made(FUNCTIONS[given], options) if given in FUNCTIONS else Mean(given)


def _made(kind: type[Metric], options: dict[str, Any], name: str | None = None) -> Metric:
    """A metric of a kind, with those of the options that it has."""
    parameters = inspect.signature(kind).parameters
    taken = {option: value for option, value in options.items() if option in parameters}
    # top_k_accuracy is called by its k: "top_5_accuracy".
    return kind(**taken) if name in (None, "top_k_accuracy") else kind(**taken, name=name)
