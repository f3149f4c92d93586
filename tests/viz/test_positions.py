"""Forward, backward and both are drawn at the same places, by whichever layout."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import viz
from autograd import Tensor
from tests.viz.graphs import gated, lecture, recurrent, square_plus_self, stack, two_layers
from viz.figure import figure_of, plan
from viz.layout import engines_here, place

GRAPHS: dict[str, Callable[[], Tensor]] = {
    "lecture": lecture,
    "branch": square_plus_self,
    "layers": two_layers,
    "stack": lambda: stack(4),
    "recurrent": lambda: recurrent(3),
    "gated": lambda: gated(2),
}

OPTIONS: list[dict[str, Any]] = [
    {},
    {"direction": "TB"},
    {"depth": 0},
    {"roll": True},
    {"grads": "total"},
    {"values": False},
]

SIZE = re.compile(r'<svg [^>]*viewBox="([^"]*)"')
CIRCLE = re.compile(r'<circle [^>]*cx="([^"]*)" cy="([^"]*)"')


@pytest.mark.parametrize("engine", [*engines_here(), "graphgrad"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", GRAPHS)
def test_every_mode_has_the_same_places(name: str, options: dict[str, Any], engine: str) -> None:
    y = GRAPHS[name]()
    drawings = [viz.draw(y, mode, **options) for mode in ("both", "forward", "backward")]
    plans = [plan(figure_of(drawing.view, drawing.style), drawing.style) for drawing in drawings]
    assert plans[0] == plans[1] == plans[2]
    # The same plan is placed the same: one placement stands for the three.
    assert place(plans[0], engine=engine) == place(plans[2], engine=engine)


@pytest.mark.parametrize("name", GRAPHS)
def test_the_pictures_of_all_modes_lie_upon_one_another(name: str) -> None:
    y = GRAPHS[name]()
    pictures = [viz.draw(y, mode).to_svg() for mode in ("both", "forward", "backward")]
    assert len({tuple(SIZE.findall(picture)) for picture in pictures}) == 1
    places = [CIRCLE.findall(picture) for picture in pictures]
    assert places[0] == places[1] == places[2]
