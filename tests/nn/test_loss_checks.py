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


@pytest.mark.parametrize(
    "cls", [nn.MSELoss, nn.CrossEntropyLoss, nn.BCEWithLogitsLoss, nn.HingeLoss]
)
def test_a_reduction_by_position_is_refused_with_the_call(cls: type) -> None:
    message = rf"{cls.__name__}: 'sum' was given by position.*Use {cls.__name__}\(reduction='sum'\)"
    with pytest.raises(TypeError, match=message):
        cls("sum")
    assert cls(reduction="sum").reduction == "sum"


def test_the_loss_whose_first_argument_it_is_takes_it_by_position() -> None:
    assert nn.HuberLoss("sum").reduction == "sum"
    assert nn.BCELoss(np.ones(3)).weight is not None


@pytest.mark.parametrize("word", ["size_average", "reduce"])
def test_pytorch_s_older_words_are_refused_with_the_newer_one(word: str) -> None:
    with pytest.raises(TypeError, match=rf"MSELoss\(\) takes no {word}=.* Use reduction="):
        nn.MSELoss(**{word: False})


def test_a_subclass_may_take_a_string_by_position() -> None:
    class Named(nn.MSELoss):
        def __init__(self, name: str) -> None:
            super().__init__(reduction="sum")
            self.name = name

    assert Named("sum").name == "sum"
