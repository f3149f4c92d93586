"""Models that are read as stacks of layers; others are refused: their picture would be wrong."""

from __future__ import annotations

from typing import Any

import pytest

import nn
import viz
from tests.viz.models import xor
from viz.probe import ModelError


class Between(nn.Module):
    """Two layers, with a function of the input, of what is between, and of the output."""

    def __init__(self, place: int, function: Any) -> None:
        self.a, self.b, self.place, self.function = (
            nn.Linear(2, 2),
            nn.Linear(2, 2),
            place,
            function,
        )

    def forward(self, x: Any) -> Any:
        for place, layer in enumerate((self.a, self.b, nn.Identity())):
            x = layer(self.function(x) if place == self.place else x)
        return x


@pytest.mark.parametrize("x", [None, [1, 2]])
@pytest.mark.parametrize(
    ("place", "where"),
    [(0, "the input and a"), (1, "a and b"), (2, "b and the output")],
)
def test_units_that_change_places_are_no_stack(place: int, where: str, x: Any) -> None:
    with pytest.raises(ModelError, match=f"between {where} the units change places"):
        viz.network(Between(place, lambda h: h[:, ::-1]), x=x)
    assert viz.network(Between(place, lambda h: h[:, :]), x=x).reading.sizes == (2, 2, 2)


def test_units_that_may_change_places_behind_a_function_are_some_function() -> None:
    layers = viz.network(Between(1, lambda h: h.tanh()[:, ::-1])).reading.layers
    assert [layer.activation for layer in layers] == ["f", ""]


def test_a_function_of_the_input_is_no_stack_since_the_formulas_would_be_wrong() -> None:
    with pytest.raises(ModelError, match="a takes not the input itself, but div of it"):
        viz.network(Between(0, lambda x: x / 255), x=[1, 2])


def test_a_layer_without_units_is_refused() -> None:
    with pytest.raises(ModelError, match="0 has no units to draw"):
        viz.network(nn.Sequential(nn.Linear(2, 0), nn.Linear(0, 1)))


@pytest.mark.parametrize("precision", [0, "a", 2.0])
def test_the_precision_is_a_number_of_digits(precision: Any) -> None:
    with pytest.raises(ValueError, match="it must be a number of digits from 1"):
        viz.network(xor(), precision=precision)


def test_an_input_that_is_no_real_number_is_named() -> None:
    with pytest.raises(ValueError, match="x holds complex128"):
        viz.network(xor(), x=[1j, 0])
