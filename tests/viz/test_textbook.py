"""Rules as textbooks write them."""

from __future__ import annotations

import numpy as np

from autograd import Tensor, ops
from tests.viz.graphs import matrix
from viz.rule_text import array_rule
from viz.value_names import ValueNames


def rule(y: Tensor) -> str:
    """The text of the rule of y's operation for its first input."""
    assert y.node is not None
    return array_rule(y.node, 0, ValueNames([y.node], {}, {}))


def labels(*numbers: int) -> Tensor:
    return Tensor(np.array(numbers), name="t")


def test_cross_entropy_is_softmax_minus_one_hot_by_the_number_of_targets() -> None:
    x = matrix(3, 4, "x")
    text = "dx (3, 4) = G · (softmax(x) − onehot(t)) / {}"
    assert rule(ops.cross_entropy(x, labels(0, 3, 1))) == text.format(3)
    assert rule(ops.cross_entropy(x, labels(0, -100, 1))) == text.format(2)


def test_an_axis_that_is_not_the_last_is_written() -> None:
    x = Tensor(np.ones((2, 3, 2)), requires_grad=True, name="x")
    t = Tensor(np.array([[0, 1], [2, 0]]), name="t")
    assert rule(ops.cross_entropy(x, t)) == (
        "dx (2, 3, 2) = G · (softmax(x, axis=1) − onehot(t)) / 4"
    )


def test_a_sum_of_what_is_learned_stays_a_sum() -> None:
    x = matrix(2, 3, "x")
    assert "sum(G · v1, axis=-1" in rule(ops.softmax(x, axis=-1)).replace("−", "-")


def test_a_loss_that_is_no_plain_mean_states_no_rule_that_would_be_wrong() -> None:
    x, t = matrix(3, 4, "x"), labels(0, 3, 1)
    assert rule(ops.cross_entropy(x, t, reduction="sum")) == "dx (3, 4)"
    assert rule(ops.cross_entropy(x, t, label_smoothing=0.1)) == "dx (3, 4)"
    assert rule(ops.binary_cross_entropy_with_logits(x, x.detach() * 0, reduction="none")) == (
        "dx (3, 4)"
    )
