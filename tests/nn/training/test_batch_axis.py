"""One sample where many are wanted is told from many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import ShapeError, Tensor
from tests.nn.training.runs import network

ROW = np.ones(4, "float32")


class Net(nn.Module):
    """A linear layer, of what may be put in another shape."""

    def __init__(self, inputs: int, shape: Any = None) -> None:
        self.layer, self.shape = nn.Linear(inputs, 2), shape

    def forward(self, x: Any) -> Any:
        """layer(x)."""
        return self.layer(x if self.shape is None else x.reshape(self.shape))


@pytest.mark.parametrize(
    ("model", "x", "words"),
    [
        (network(), ROW, r"x is \(4,\), one sample without a batch axis.*Use x\[None\]\.$"),
        (network(), Tensor(ROW), "one sample"),
        (network(), ROW.tolist(), "one sample"),
        (network(), (ROW,), "one sample"),
        (Net(4), ROW, "one sample"),
        (nn.Sequential(nn.Dropout(0.1), nn.Dense(3)), ROW, r"one sample.*x\[:, None\]"),
        (nn.Linear(1, 1), ROW, r"4 samples without an axis.*Use x\[:, None\]"),
        (network(), np.ones(40, "float32"), r"\(N, 4\)"),
    ],
)
def test_an_array_of_one_axis_before_a_linear_layer_is_refused(
    model: Any, x: Any, words: str
) -> None:
    targets = np.ones(40 if len(x) == 40 else 4, "float32")
    with pytest.raises(ShapeError, match=words):
        model.predict(x)
    with pytest.raises(ShapeError, match=words):
        nn.Trainer(model, "mse").evaluate(x, targets)
    with pytest.raises(ShapeError, match=words):
        nn.Trainer(model, "mse").fit(x, targets)


@pytest.mark.parametrize(
    ("model", "x", "shape"),
    [
        (Net(1, (-1, 1)), ROW, (4, 2)),
        (nn.Sequential(nn.Unflatten(0, (-1, 4)), nn.Linear(4, 3)), ROW, (1, 3)),
        (nn.Embedding(9, 5), np.arange(4), (4, 5)),
        (nn.Sequential(nn.ReLU()), ROW, (4,)),
        (network(), ROW[None], (1, 3)),
    ],
)
def test_what_a_model_makes_of_one_axis_itself_is_left_to_it(
    model: Any, x: Any, shape: Any
) -> None:
    assert model.predict(x).shape == shape
