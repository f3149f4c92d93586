"""A softmax or sigmoid before a loss that applies it itself is warned of, once and at the right
line."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import nn
from tests.nn.training.runs import network, samples

X, Y = samples(20)
ONES = np.ones((20, 1), "float32")


class Net(nn.Module):
    """A linear layer, and a function of its output."""

    def __init__(self, function: Any, outputs: int = 3) -> None:
        self.layer, self.function = nn.Linear(4, outputs), function

    def forward(self, x: Any) -> Any:
        """function(layer(x))."""
        return self.function(self.layer(x))


def said(model: Any, loss: Any, y: Any = Y) -> list[Any]:
    """The warnings of building a Trainer and fitting two epochs."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        nn.Trainer(model, loss).fit(X, y, epochs=2)
    return caught


@pytest.mark.parametrize(
    ("model", "loss", "y", "words"),
    [
        (nn.Sequential(nn.Sequential(nn.Linear(4, 3), nn.Softmax(-1))), "cross_entropy", Y, "Soft"),
        (nn.Sequential(nn.Dense(3, "softmax")), "cross_entropy", Y, r"Dense\(activation='softmax'"),
        (nn.Sequential(nn.Linear(4, 1), nn.Sigmoid()), "bce_with_logits", ONES, "Sigmoid"),
        (Net(nn.Softmax(-1)), "cross_entropy", Y, "softmax"),
        (Net(lambda z: nn.functional.softmax(z, 1)), nn.functional.cross_entropy, Y, "softmax"),
        (Net(lambda z: z.sigmoid().reshape(-1), 1), "bce_with_logits", ONES[:, 0], "sigmoid"),
        (Net(lambda z: z.T.softmax(0).swapaxes(0, 1)), "cross_entropy", Y, "softmax"),
        (Net(nn.Dense(1, "sigmoid")), "bce_with_logits", ONES, "sigmoid"),
    ],
)
def test_what_the_loss_applies_itself_is_warned_of_once(
    model: Any, loss: Any, y: Any, words: str
) -> None:
    (warning,) = said(model, loss, y)
    with pytest.raises(UserWarning, match=f"the model ends in {words}.*applied twice"):
        raise warning.message
    assert warning.filename == __file__


@pytest.mark.parametrize(
    ("model", "loss", "y"),
    [
        (network(), "cross_entropy", Y),
        (nn.Sequential(nn.Linear(4, 1), nn.Sigmoid()), "bce", ONES),
        (Net(nn.Sigmoid(), 1), "bce", ONES),
        (Net(nn.LogSoftmax(-1)), "nll", Y),
        (nn.Sequential(nn.Dense(3, "relu")), "cross_entropy", Y),
        (Net(lambda z: 5 * z.sigmoid()), "cross_entropy", Y),
    ],
)
def test_what_is_applied_once_is_not_warned_of(model: Any, loss: Any, y: Any) -> None:
    assert said(model, loss, y) == []


def test_warnings_of_fit_show_the_users_line() -> None:
    model = nn.Sequential(nn.Dense(3, "softmax"))
    model.compile("adam", "cross_entropy")
    with pytest.warns(UserWarning, match="applied twice") as caught:
        model.fit(X, Y)
    assert [warning.filename for warning in caught] == [__file__]
