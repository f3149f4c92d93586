"""What training says of targets that a loss refuses: each remedy is followed, and then works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from tests.nn.training.runs import samples

X, Y = samples(20)
ROWS = np.eye(3)[Y]
CASES: dict[str, tuple[str, int, Any, str, Callable[[Any], Any]]] = {
    "one-hot": ("cross_entropy", 3, ROWS.astype(int), "y.argmax(axis=1)", lambda y: y.argmax(1)),
    "one-hot, floating": (
        "cross_entropy",
        3,
        ROWS.astype(int),
        'y.astype("float32")',
        lambda y: y.astype("float32"),
    ),
    "one-hot for nll": ("nll", 3, ROWS, "y.argmax(axis=1)", lambda y: y.argmax(axis=1)),
    "a column": ("cross_entropy", 3, Y[:, None], "y[:, 0]", lambda y: y[:, 0]),
    "floating": ("cross_entropy", 3, 1.0 * Y, 'y.astype("int64")', lambda y: y.astype("int64")),
    "a floating column": (
        "multi_margin",
        3,
        1.0 * Y[:, None],
        'y[:, 0].astype("int64")',
        lambda y: y[:, 0].astype("int64"),
    ),
    "numbered from 1": (
        "cross_entropy",
        3,
        Y + 1,
        "np.unique(y, return_inverse=True)",
        lambda y: np.unique(y, return_inverse=True)[1],
    ),
    "a flat target": ("mse", 1, X[:, 0], "y.reshape(-1, 1)", lambda y: y.reshape(-1, 1)),
    "a flat target of bce": (
        "bce_with_logits",
        1,
        Y > 0,
        "y.reshape(-1, 1)",
        lambda y: y.reshape(-1, 1),
    ),
    "classes for mse": ("mse", 3, Y, "np.eye(3)[y]", lambda y: np.eye(3)[y]),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("weights", [None, {0: 2.0}], ids=["plain", "weighted"])
def test_the_remedy_for_targets_can_be_followed(case: str, weights: Any) -> None:
    loss, outputs, y, remedy, follow = CASES[case]
    run = nn.Trainer(nn.Linear(4, outputs), loss)
    with pytest.raises((ValueError, TypeError, IndexError)) as caught:
        run.fit(X, y, class_weight=weights)
    (note,) = [n for n in caught.value.__notes__ if n.startswith("If the targets are an array")]
    assert remedy in note
    with pytest.raises(type(caught.value)) as again:
        run.evaluate(X, y)
    assert note in again.value.__notes__
    assert run.fit(X, follow(y)).epochs == [1]


def test_an_error_of_which_nothing_is_known_has_no_advice() -> None:
    with pytest.raises(ValueError) as caught:
        nn.Trainer(nn.Linear(4, 3), "mse").fit(X, X)
    assert not any("array y" in note for note in getattr(caught.value, "__notes__", []))
