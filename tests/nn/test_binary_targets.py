"""Targets of two classes, and what is none: a regression's, which metrics refuse to count."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from nn import metrics


@pytest.mark.parametrize("function", [metrics.accuracy, metrics.f1, metrics.confusion_matrix])
@pytest.mark.parametrize("target", [[0.5, 1.0, 0.0], [3, 1, 0], [[-0.25], [0.0], [1.0]]])
def test_targets_of_a_regression_are_no_two_classes(function: Any, target: Any) -> None:
    values = np.array(target)
    scores = np.zeros(values.shape, "float32")
    with pytest.raises(ValueError, match=f'a target is {values.flat[0]:g}.*use "mae" or "r2"'):
        function(scores, values)


def test_a_binary_target_that_is_ignored_is_no_class() -> None:
    scores, target = np.array([0.9, 0.1, 0.9]), np.array([1, -100, 0])
    assert metrics.accuracy(scores, target, ignore_index=-100) == 0.5
    matrix = metrics.confusion_matrix(scores, target, ignore_index=-100)
    assert matrix.tolist() == [[0, 1], [0, 1]]


def test_targets_of_a_regression_on_a_device_are_found_when_the_metric_is_computed(
    device: str,
) -> None:
    metric = metrics.Accuracy()
    output = Tensor(np.zeros(3, "float32"), device="cuda")
    metric.update(output, Tensor(np.array([0.0, 1.0, 0.0], "float32"), device="cuda"))
    assert metric.compute() == 2 / 3
    metric.update(output, Tensor(np.array([0.5, 7.0, 0.0], "float32"), device="cuda"))
    with pytest.raises(ValueError, match="of neither class, 2 times"):
        metric.compute()
    metric.reset()
    assert math.isnan(metric.compute())
