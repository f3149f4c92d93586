"""Metrics: values by hand, exactness over batches, what 0/0 is, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor
from nn import metrics
from nn.metrics import (
    F1,
    MCC,
    Accuracy,
    ConfusionMatrix,
    Mean,
    MeanAbsoluteError,
    MeanSquaredError,
    Metric,
    Precision,
    R2Score,
    Recall,
    TopKAccuracy,
)
from tests import standin

LOGITS = np.array(
    [[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [1.0, 0.0, 2.0], [0.5, 0.2, 0.1], [0.0, 1.0, 2.0]],
    "float32",
)  # taken for 0, 1, 2, 0, 2
TARGET = np.array([0, 1, 1, 2, 2])
# confusion matrix: rows the truth      guess 0  1  2
MATRIX = [[1, 0, 0], [0, 1, 1], [1, 0, 1]]

# Per class: precision 1/2, 1/1, 1/2; recall 1/1, 1/2, 1/2; F1 2/3, 2/3, 2/4.
BY_HAND: dict[str, tuple[Any, Any]] = {
    "accuracy": (metrics.accuracy(LOGITS, TARGET), 3 / 5),
    "top 2": (metrics.top_k_accuracy(LOGITS, TARGET, k=2), 3 / 5),
    "top 3": (metrics.top_k_accuracy(LOGITS, TARGET, k=3), 1.0),
    "precision": (metrics.precision(LOGITS, TARGET), (1 / 2 + 1 + 1 / 2) / 3),
    "recall": (metrics.recall(LOGITS, TARGET), (1 + 1 / 2 + 1 / 2) / 3),
    "f1": (metrics.f1(LOGITS, TARGET), (2 / 3 + 2 / 3 + 1 / 2) / 3),
    "precision micro": (metrics.precision(LOGITS, TARGET, "micro"), 3 / 5),
    "recall micro": (metrics.recall(LOGITS, TARGET, "micro"), 3 / 5),
    "f1 micro": (metrics.f1(LOGITS, TARGET, "micro"), 3 / 5),
    "f1 weighted": (metrics.f1(LOGITS, TARGET, "weighted"), (2 / 3 + 2 * 2 / 3 + 2 * 1 / 2) / 5),
    # c = 3, s = 5, guessed 2 1 2, true 1 2 2: (15 − 8) / √((25 − 9)(25 − 9))
    "mcc": (metrics.mcc(LOGITS, TARGET), 7 / 16),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_metrics_have_the_values_found_by_hand(name: str) -> None:
    value, expected = BY_HAND[name]
    assert isinstance(value, float)
    assert value == pytest.approx(expected, abs=1e-15)


def test_the_confusion_matrix_has_the_truth_in_rows() -> None:
    found = metrics.confusion_matrix(LOGITS, TARGET)
    assert found.tolist() == MATRIX and found.dtype == np.int64


def test_average_none_gives_one_number_a_class() -> None:
    assert metrics.precision(LOGITS, TARGET, None).tolist() == [1 / 2, 1, 1 / 2]
    assert metrics.recall(LOGITS, TARGET, None).tolist() == [1, 1 / 2, 1 / 2]
    assert metrics.f1(LOGITS, TARGET, None).tolist() == [2 / 3, 2 / 3, 1 / 2]


# Two classes: TP 3, FN 1, FP 2, TN 4
SCORES = np.array([0.9, 0.8, 0.7, 0.1, 0.6, 0.9, 0.2, 0.3, 0.1, 0.5])
TRUTH = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
LOG_ODDS = np.log(SCORES / (1 - SCORES))
BINARY: dict[str, tuple[Callable[..., Any], float]] = {
    "accuracy": (metrics.accuracy, 7 / 10),
    "precision": (metrics.precision, 3 / 5),
    "recall": (metrics.recall, 3 / 4),
    "f1": (metrics.f1, 6 / 9),
    "mcc": (metrics.mcc, (3 * 4 - 2 * 1) / math.sqrt(5 * 4 * 6 * 5)),
}


@pytest.mark.parametrize("name", BINARY)
def test_two_classes_are_read_from_probabilities_logits_labels_and_columns(name: str) -> None:
    function, expected = BINARY[name]
    assert function(SCORES, TRUTH) == pytest.approx(expected, abs=1e-15)
    assert function(LOG_ODDS, TRUTH, threshold=0) == pytest.approx(expected, abs=1e-15)
    assert function(SCORES[:, None], TRUTH[:, None]) == pytest.approx(expected, abs=1e-15)
    assert function(SCORES[:, None], TRUTH) == pytest.approx(expected, abs=1e-15)
    assert function(SCORES, TRUTH.astype("float32")) == pytest.approx(expected, abs=1e-15)
    assert function(LOG_ODDS, 2 * TRUTH - 1, threshold=0) == pytest.approx(expected, abs=1e-15)
    assert function((SCORES > 0.5).astype(int), TRUTH) == pytest.approx(expected, abs=1e-15)
    assert function((SCORES > 0.5).tolist(), TRUTH.tolist()) == pytest.approx(expected, abs=1e-15)
    columns = np.stack([1 - SCORES, SCORES], 1) - [[0, 1e-9]]  # a score of exactly 0.5 is class 0
    assert function(Tensor(columns), Tensor(TRUTH)) == pytest.approx(expected, abs=1e-15)


def test_targets_may_be_one_hot_or_have_an_axis_of_one_or_further_axes() -> None:
    assert metrics.accuracy(LOGITS, np.eye(3)[TARGET]) == 3 / 5
    assert metrics.top_k_accuracy(LOGITS, np.eye(3, dtype=int)[TARGET], k=2) == 3 / 5
    assert metrics.accuracy(LOGITS, TARGET[:, None]) == 3 / 5
    images = np.stack([LOGITS, LOGITS[::-1]], 2)  # (N, C, L)
    assert metrics.accuracy(images, np.stack([TARGET, TARGET[::-1]], 1)) == 3 / 5


def test_two_class_mcc_is_the_many_class_one() -> None:
    rng = np.random.default_rng(0)
    truth, guess = rng.integers(0, 2, 300), rng.integers(0, 2, 300)
    (tn, fp), (fn, tp) = metrics.confusion_matrix(guess, truth)
    root = math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    assert metrics.mcc(guess, truth) == pytest.approx((tp * tn - fp * fn) / root, abs=1e-14)


def test_mcc_of_very_many_samples_does_not_overflow() -> None:
    metric = MCC()
    metric.update(np.array([0, 1, 0, 1]), np.array([0, 1, 1, 0]))
    metric.cells = metric.cells * np.uint64(10**12)
    assert metric.compute() == 0.0
    metric.update(np.array([0]), np.array([0]))
    assert 0 < metric.compute() < 1e-12


def test_zero_by_zero_is_what_the_docstrings_say() -> None:
    none = np.zeros(0, dtype=int)
    for name in ("accuracy", "mean_absolute_error", "mean_squared_error"):
        assert math.isnan(getattr(metrics, name)(none, none))
    assert math.isnan(metrics.top_k_accuracy(np.zeros((0, 3)), none))
    assert metrics.mcc(none, none) == 0 and metrics.f1(none, none) == 0
    ones = np.ones(4, dtype=int)
    assert metrics.mcc(ones, [0, 1, 0, 1]) == 0 and metrics.mcc([0, 1, 0, 1], ones) == 0
    assert metrics.precision([0, 0], [0, 1], num_classes=2) == 0  # class 1 was never guessed
    assert metrics.precision([0, 0], [0, 1], num_classes=2, zero_division=1.0) == 1
    assert metrics.recall([0, 1], [0, 0], None, num_classes=3).tolist() == [0.5, 0, 0]


def test_macro_leaves_out_classes_that_do_not_occur() -> None:
    assert metrics.recall([0, 1], [0, 0], "macro", num_classes=7) == (0.5 + 0) / 2
    assert metrics.f1([0, 1], [0, 1], "macro", num_classes=7) == 1


def test_ignored_targets_count_nowhere() -> None:
    target = np.array([0, 1, -100, -100, 2])
    assert metrics.accuracy(LOGITS, target, ignore_index=-100) == 1
    assert metrics.accuracy(LOGITS, target) == 3 / 5
    assert metrics.top_k_accuracy(LOGITS, target, k=1, ignore_index=-100) == 1
    matrix = metrics.confusion_matrix(LOGITS, target, ignore_index=-100)
    assert np.array_equal(matrix, np.eye(3))
    assert metrics.mcc(LOGITS, target, ignore_index=-100) == 1


def test_a_class_that_is_ignored_counts_nowhere_though_it_was_guessed() -> None:
    assert metrics.accuracy(LOGITS, TARGET, ignore_index=0) == 2 / 4
    assert metrics.top_k_accuracy(LOGITS, TARGET, k=1, ignore_index=0) == 2 / 4


def test_a_class_that_is_not_there_is_never_hit() -> None:
    assert metrics.top_k_accuracy(LOGITS, [-1, 3, 9, -7, 5], k=3) == 0


def test_ties_among_scores_count_for_top_k_and_nan_against_it() -> None:
    scores = np.array([[1.0, 1.0, 0.0]])
    assert metrics.top_k_accuracy(scores, [1], k=1) == 1
    assert metrics.top_k_accuracy(scores, [2], k=2) == 0
    assert metrics.top_k_accuracy(np.array([[math.nan, 1.0, 0.0]]), [0], k=2) == 0
    assert metrics.top_k_accuracy(np.array([[math.nan, 1.0, 0.0]]), [1], k=1) == 0


def test_regression_metrics_have_the_values_found_by_hand() -> None:
    truth, guess = [1.0, 2.0, 3.0, 6.0], [2.0, 2.0, 2.0, 6.0]  # mean 3; deviations 4+1+0+9
    assert metrics.mean_absolute_error(guess, truth) == 0.5
    assert metrics.mean_squared_error(guess, truth) == 0.5
    assert metrics.r2_score(guess, truth) == pytest.approx(1 - 2 / 14, abs=1e-15)
    both = np.stack([guess, truth], 1), np.stack([truth, truth], 1)
    assert metrics.r2_score(*both) == pytest.approx((1 - 2 / 14 + 1) / 2, abs=1e-15)
    assert metrics.r2_score([3.0, 3.0], [1.0, 5.0]) == 0


def test_r2_of_constant_targets_and_of_too_few() -> None:
    assert metrics.r2_score([2.0, 2.0], [2.0, 2.0]) == 1
    assert metrics.r2_score([2.0, 1.0], [2.0, 2.0]) == 0
    assert math.isnan(metrics.r2_score([2.0], [2.0]))


def test_r2_does_not_cancel_far_from_zero() -> None:
    truth = 1e9 + np.arange(1000.0)
    guess, metric = truth + 0.5, R2Score()
    for start in range(0, 1000, 7):
        metric.update(guess[start : start + 7], truth[start : start + 7])
    assert metric.compute() == pytest.approx(
        1 - 0.25 * 1000 / (1000 * (1000**2 - 1) / 12), rel=1e-9
    )


def all_metrics() -> list[Metric]:
    """One of each class."""
    averages = [None, "macro", "micro", "weighted"]
    ratios: list[Metric] = [
        kind(average, name=f"{kind.__name__} {average}")
        for kind in (Precision, Recall, F1)
        for average in averages
    ]
    return [Accuracy(), TopKAccuracy(2), ConfusionMatrix(), MCC(), *ratios]


@pytest.mark.parametrize("metric", all_metrics(), ids=lambda m: m.name)
def test_unequal_batches_give_what_all_at_once_gives(metric: Metric) -> None:
    rng = np.random.default_rng(3)
    scores, target = rng.normal(size=(50, 4)).astype("float32"), rng.integers(0, 4, 50)
    metric.update(scores, target)
    expected = metric.compute()
    metric.reset()
    for part in np.split(np.arange(50), [3, 4, 30]):
        metric.update(Tensor(scores[part]), Tensor(target[part]))
    assert np.array_equal(metric.compute(), expected)


@pytest.mark.parametrize("metric", [MeanAbsoluteError(), MeanSquaredError(), R2Score()])
def test_unequal_batches_of_regression_agree_to_rounding(metric: Metric) -> None:
    rng = np.random.default_rng(4)
    guess, truth = rng.normal(size=(2, 50, 3))
    metric.update(guess, truth)
    expected = metric.compute()
    metric.reset()
    for part in np.split(np.arange(50), [0, 3, 4, 30]):
        metric.update(guess[part], truth[part])
    assert metric.compute() == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("metric", [*all_metrics(), R2Score()], ids=lambda m: m.name)
def test_a_saved_metric_goes_on_where_it_was(metric: Metric) -> None:
    rng = np.random.default_rng(5)
    batches = [(rng.normal(size=(9, 3)), rng.integers(0, 3, 9)) for _ in range(4)]
    if isinstance(metric, R2Score):
        batches = [(scores[:, 0], target) for scores, target in batches]
    states = []
    for scores, target in batches:
        metric.update(scores, target)
        states.append(metric.state_dict())
    expected = metric.compute()
    for _ in range(2):  # going on does not change the state that was loaded
        metric.reset()
        metric.load_state_dict(states[1])
        for scores, target in batches[2:]:
            metric.update(scores, target)
        assert np.array_equal(metric.compute(), expected)


def test_integer_classes_may_grow_from_batch_to_batch() -> None:
    metric = ConfusionMatrix()
    metric.update(np.array([0, 1]), np.array([1, 1]))
    metric.update(np.array([3]), np.array([0]))
    assert metric.compute().tolist() == [[0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_a_class_out_of_range_is_not_forgotten_when_classes_grow() -> None:
    metric = ConfusionMatrix()
    metric.update(np.array([-2]), np.array([1]))
    metric.update(np.array([3]), np.array([0]))
    with pytest.raises(IndexError, match="1 of the classes met are outside"):
        metric.compute()


def test_means_of_functions_are_weighted_by_samples() -> None:
    metric = Mean(lambda output, target: abs(output - target).mean(), name="distance")
    metric.update(Tensor([1.0, 3.0, 5.0]), Tensor([0.0, 0.0, 0.0]))
    metric.update(Tensor([7.0]), Tensor([0.0]))
    assert metric.compute() == 4 and metric.name == "distance"


def test_metrics_are_found_by_name_class_function_and_object() -> None:
    given = Accuracy(name="mine")
    assert metrics.metric(given) is given
    assert isinstance(metrics.metric("f1"), F1) and metrics.metric("mae").name == "mae"
    assert isinstance(metrics.metric(MCC), MCC)
    assert isinstance(metrics.metric(metrics.recall), Recall)
    assert metrics.metric("top_k_accuracy").name == "top_5_accuracy"
    assert isinstance(metrics.metric(max), Mean)
    found = metrics.metric("precision", threshold=0.0, ignore_index=7)
    assert isinstance(found, Precision) and found.threshold == 0 and found.ignore_index == 7


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "unknown name": (lambda: metrics.metric("acuracy"), ValueError, "Did you mean 'accuracy'"),
    "no metric": (lambda: metrics.metric(3), TypeError, "not 3"),
    "lengths": (lambda: metrics.accuracy(LOGITS, TARGET[:4]), autograd.ShapeError, r"\(4,\)"),
    "float classes": (
        lambda: metrics.accuracy(LOGITS, TARGET * 1.0),
        autograd.DTypeError,
        'astype\\("int64"\\)',
    ),
    "class too great": (lambda: metrics.mcc(LOGITS, TARGET + 1), IndexError, r"outside \[0, 3\)"),
    "class too small": (lambda: metrics.f1(LOGITS, TARGET - 1), IndexError, "1 of the classes"),
    "guess out of range": (
        lambda: metrics.confusion_matrix([-1, 0], [1, 1], 2),
        IndexError,
        "1 of the classes",
    ),
    "binary of three": (
        lambda: metrics.f1(LOGITS, TARGET, "binary"),
        ValueError,
        "there are 3 classes",
    ),
    "average": (lambda: Recall("mean"), ValueError, "'mean'"),
    "k": (lambda: TopKAccuracy(0), ValueError, "k is 0"),
    "top k of labels": (
        lambda: metrics.top_k_accuracy(TARGET, TARGET),
        autograd.ShapeError,
        "scores of each class",
    ),
    "strings": (lambda: metrics.accuracy(["a"], ["b"]), autograd.DTypeError, "no numbers"),
    "broadcast": (
        lambda: metrics.mean_squared_error(np.ones((3, 1)), np.ones(4)),
        autograd.ShapeError,
        "one shape",
    ),
    "function of many": (
        lambda: Mean(lambda output, target: output, "each").update(np.ones(3), np.ones(3)),
        ValueError,
        "'each' gave shape",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_no_sense_is_refused(name: str) -> None:
    call, kind, message = REFUSED[name]
    with pytest.raises(kind, match=message):
        call()


def test_a_column_beside_a_row_is_one_shape_and_not_broadcast() -> None:
    assert metrics.mean_absolute_error(np.ones((3, 1)), np.zeros(3)) == 1


@pytest.mark.parametrize("metric", [*all_metrics(), R2Score()], ids=lambda m: m.name)
def test_batches_on_a_device_are_not_copied_to_the_host(device: str, metric: Metric) -> None:
    rng = np.random.default_rng(6)
    scores, target = rng.normal(size=(20, 4)).astype("float32"), rng.integers(0, 4, 20)
    if isinstance(metric, R2Score):
        scores = scores[:, 0]
    metric.reset()
    metric.update(scores, target)
    expected = metric.compute()
    metric.reset()
    x, t = Tensor(scores, device="cuda"), Tensor(target, device="cuda")
    standin.copies.reset()
    metric.update(x[:12], t[:12])
    half = standin.copies.count, metric.state_dict()
    assert half[0] == 0
    metric.load_state_dict(half[1])
    metric.update(x[12:], t[12:])
    assert np.allclose(metric.compute(), expected, rtol=1e-12, atol=0)


def test_random_labels_agree_with_a_count_one_by_one() -> None:
    rng = np.random.default_rng(7)
    truth, guess = rng.integers(0, 5, (2, 200))
    counted = np.zeros((5, 5), int)
    for t, p in zip(truth, guess, strict=True):
        counted[t, p] += 1
    assert np.array_equal(metrics.confusion_matrix(guess, truth), counted)
    one_hot = np.eye(5)
    x, y = one_hot[guess], one_hot[truth]
    # Gorodkin (2004), eq. 2: the correlation of the two indicator matrices.
    x, y = x - x.mean(0), y - y.mean(0)
    expected = (x * y).sum() / math.sqrt((x * x).sum() * (y * y).sum())
    assert metrics.mcc(guess, truth) == pytest.approx(expected, abs=1e-14)
