"""What a module holds in plain lists and dicts, and what is said about it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import nn
from nn import optim
from tests.nn.networks import Affine


class Holder(nn.Module):
    """A module with one attribute of any kind."""

    def __init__(self, name: str, value: Any) -> None:
        setattr(self, name, value)


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ([Affine(2, 2)], r"list that holds a Affine, .* Use nn.ModuleList\(layers\)"),
        ((nn.ReLU(), Affine(2, 2)), "tuple that holds a Affine"),
        ({"a": Affine(2, 2)}, r"dict that holds a Affine, .* Use nn.ModuleDict\(layers\)"),
        ([nn.Parameter([1.0])], r"list that holds a Parameter, .* Use nn\.ParameterList"),
    ],
)
def test_layers_in_a_plain_list_are_warned_of(value: Any, remedy: str) -> None:
    with pytest.warns(UserWarning, match=f"Holder.layers is a {remedy}"):
        found = list(nn.Sequential(Holder("layers", value)).parameters())
    assert found == []


def test_an_optimizer_of_nothing_says_what_may_be_the_cause() -> None:
    with pytest.warns(UserWarning, match="Holder.layers"):
        parameters = Holder("layers", [Affine(2, 2)]).parameters()
    with pytest.raises(ValueError, match=r"plain list are not found: use nn\.ModuleList"):
        optim.SGD(parameters)


def test_what_is_registered_hidden_or_learns_nothing_is_not_warned_of() -> None:
    layer = Affine(2, 2)
    listed = Holder("layers", [layer, layer.weight])
    listed.first = layer
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(listed.parameters())) == 2
        assert not list(Holder("_teacher", [layer]).parameters())
        assert not list(Holder("losses", [nn.MSELoss(), nn.ReLU(), nn.ReLU, 1]).parameters())
        assert len(list(nn.ModuleList([layer]).parameters())) == 2


def test_the_warning_is_of_the_line_that_is_the_users() -> None:
    net = nn.Sequential(Affine(2, 1))
    net[0].layers = [Affine(2, 2)]
    net.compile(optimizer="sgd", loss="mse")
    with pytest.warns(UserWarning, match="Affine.layers") as caught:
        net.fit(np.ones((4, 2), "float32"), np.ones((4, 1), "float32"), epochs=1, verbose=0)
    assert {warning.filename for warning in caught} == {__file__}
    assert len({warning.lineno for warning in caught}) == 1
