"""What losses say of weights that are not where the output is."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import BackendError, Tensor
from tests import standin


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        (nn.CrossEntropyLoss(weight=[1.0, 2.0]), np.array([0, 1])),
        (nn.NLLLoss(weight=[1.0, 2.0]), np.array([0, 1])),
        (nn.BCEWithLogitsLoss(pos_weight=[1.0, 2.0]), np.ones((2, 2), "float32")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_weights_on_another_device_are_refused_with_the_remedy(
    loss: nn.Module, target: np.ndarray
) -> None:
    with standin.installed():
        x = Tensor(np.zeros((2, 2), "float32"), device="cuda")
        there = Tensor(target, device="cuda")
        with pytest.raises(BackendError, match=r'weight is on cpu .* loss.to\("cuda:0"\)'):
            loss(x, there)
        assert loss.to("cuda")(x, there).device == "cuda:0"
        loss.to("cpu")
