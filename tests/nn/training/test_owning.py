"""An optimizer that moves no parameter of the model, or others, is not taken in silence."""

from __future__ import annotations

import pytest

import nn
from tests.nn.training.runs import linear, network


def test_an_optimizer_of_another_model_is_refused() -> None:
    other = nn.optim.Adam(network().parameters())
    with pytest.raises(ValueError, match="the Adam moves 6 parameters, none of which is Linear's"):
        nn.Trainer(linear(), "mse", other)
    model = network()
    model.compile(other, "cross_entropy")
    with pytest.raises(ValueError, match=r"nn.optim.Adam\(model.parameters\(\)\)"):
        model.fit([[0.0] * 4], [0])


def test_an_optimizer_that_kept_a_replaced_layer_is_warned_of() -> None:
    model = network()
    optimizer = nn.optim.Adam(model.parameters())
    model[4] = nn.Linear(8, 3)
    with pytest.warns(UserWarning, match="moves 6 parameters, 2 of which are not") as caught:
        nn.Trainer(model, "cross_entropy", optimizer)
    assert caught[0].filename == __file__


def test_an_optimizer_of_some_parameters_or_of_the_losss_too_is_fine() -> None:
    model = network()
    nn.Trainer(model, "cross_entropy", nn.optim.Adam(model[4].parameters()))
    loss = nn.Sequential(nn.Linear(1, 1))
    nn.Trainer(model, loss, nn.optim.Adam([*model.parameters(), *loss.parameters()]))


def test_a_model_that_learns_nothing_is_told_so() -> None:
    model = network().requires_grad_(False)
    with pytest.raises(ValueError, match="no parameter of Sequential requires grad: all 6"):
        nn.Trainer(model, "cross_entropy")
    with pytest.raises(ValueError, match="ReLU has no parameters"):
        nn.Trainer(nn.ReLU(), "mse")
