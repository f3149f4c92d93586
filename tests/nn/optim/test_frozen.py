"""Frozen parameters in an optimizer: accepted, passed by, counted in the state, thawed."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import GraphError, Tensor
from nn import optim


def half_frozen() -> nn.Sequential:
    """A model whose first layer is frozen, as for fine-tuning."""
    model = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1))
    model[0].requires_grad_(False)
    return model


def train(model: nn.Module, optimizer: optim.Optimizer) -> None:
    optimizer.zero_grad()
    model(np.ones((4, 3), "float32")).sum().backward()
    optimizer.step()


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Lion"])
def test_all_parameters_of_a_model_may_be_given_and_the_frozen_ones_stay(name: str) -> None:
    model = half_frozen()
    before = {path: p.data.copy() for path, p in model.named_parameters()}
    optimizer = getattr(optim, name)(model.parameters(), lr=0.1)
    train(model, optimizer)
    np.testing.assert_array_equal(model[0].weight.data, before["0.weight"])
    assert (model[2].bias.data != before["2.bias"]).all()


def test_frozen_parameters_keep_their_numbers_in_the_state_as_in_pytorch() -> None:
    model = half_frozen()
    optimizer = optim.Adam(model.parameters())
    train(model, optimizer)
    state = optimizer.state_dict()
    assert state["param_groups"][0]["params"] == [0, 1, 2, 3]
    assert sorted(state["state"]) == [2, 3]
    other = optim.Adam(model.parameters())
    other.load_state_dict(state)
    assert other.state[model[2].weight]["step"] == 1


def test_a_layer_that_is_thawed_later_moves_with_the_same_optimizer() -> None:
    model = half_frozen()
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    train(model, optimizer)
    model[0].requires_grad_()
    before = model[0].weight.data.copy()
    model[2].weight.data[...] = 1.0
    model[0].bias.data[...] = 5.0
    train(model, optimizer)
    assert (model[0].weight.data != before).any()


def test_a_group_may_be_frozen_as_a_whole_beside_one_that_is_not() -> None:
    model = half_frozen()
    optimizer = optim.SGD([{"params": model[0].parameters()}, {"params": model[2].parameters()}])
    optimizer.add_param_group({"params": [Tensor([1.0])]})
    assert len(optimizer.param_groups) == 3


def test_lbfgs_moves_the_others_only() -> None:
    model = half_frozen()
    before = model[0].weight.data.copy()
    optimizer = optim.LBFGS(model.parameters(), max_iter=2)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = (model(np.ones((4, 3), "float32")) ** 2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    np.testing.assert_array_equal(model[0].weight.data, before)


def test_an_optimizer_with_nothing_to_learn_is_refused_with_the_remedy() -> None:
    model = half_frozen().requires_grad_(False)
    message = r"Adam: none of the 4 parameters requires grad.* Call requires_grad_\(\) on"
    with pytest.raises(GraphError, match=message):
        optim.Adam(model.named_parameters())
