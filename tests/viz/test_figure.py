"""Shapes and sizes, and the plan that a layout gets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.viz.views import LIGHT, array, changed, network, number, recurrent, through
from viz.boxes import Box, View
from viz.figure import AIR, CIRCLE, DOT, LONGEST, Shape, figure_of, plan
from viz.lettering import Run
from viz.style import Style


def shape(**box: object) -> Shape:
    """The shape of one such box."""
    made = Box("n0", **box)
    return figure_of(View((made,), ()), LIGHT).shapes["n0"]


def texts(of: Shape) -> list[str]:
    """The lines in a shape."""
    return ["".join(i.text for i in line.items if isinstance(i, Run)) for line in of.lines]


@pytest.mark.parametrize(
    ("kind", "label", "form"),
    [
        ("operation", "×", "circle"),
        ("operation", "ReLU", "circle"),
        ("operation", "softmax", "rounded"),
        ("input", "사과 가격", "text"),
        ("constant", "2", "text"),
        ("output", "y", "text"),
        ("parameter", "W", "rounded"),
        ("module", "fc1", "rounded"),
        ("hidden", "… 20 more", "rounded"),
        ("branch", "x", "dot"),
    ],
)
def test_each_kind_has_its_form(kind: str, label: str, form: str) -> None:
    made = shape(kind=kind, label=label)
    assert made.form == form
    if form in ("circle", "dot"):
        assert made.width == made.height == (CIRCLE if form == "circle" else DOT)
    assert texts(made) == ([] if form == "dot" else [label])


def test_symbols_of_more_letters_are_smaller() -> None:
    sizes = [
        shape(kind="operation", label=s).lines[0].items[0].size for s in ("×", "ln", "exp", "ReLU")
    ]
    assert sizes == [21, 15, 14, 11]


def test_a_module_says_what_it_learns_and_how_large_its_gradient_is() -> None:
    box = {"kind": "module", "label": "fc1", "details": ("Linear(784, 50)",), "parameters": 39250}
    assert texts(shape(**box)) == ["fc1", "Linear(784, 50)", "39,250 params"]
    assert texts(shape(**box, gradient=array(39250, norm=0.033)))[-1] == "39,250 params · |∇| 0.033"
    assert texts(shape(**box | {"parameters": 1}))[-1] == "1 param"
    bad = array(39250, norm=float("nan"))
    assert texts(shape(**box, gradient=bad))[-1] == "39,250 params · |∇| ⚠ nan"


def test_without_gradients_a_module_keeps_its_count() -> None:
    figure = figure_of(network(), Style(grads=False))
    assert texts(figure.shapes["n3"])[-1] == "510 params"


def test_a_module_shows_no_gradient_in_the_forward_pass_but_keeps_its_room() -> None:
    forward = figure_of(network(), replace(LIGHT, mode="forward")).shapes["n3"]
    both = figure_of(network(), LIGHT).shapes["n3"]
    assert texts(forward)[-1] == "510 params" and "|∇|" in texts(both)[-1]
    assert (forward.width, forward.height) == (both.width, both.height)


def test_a_long_name_is_smaller_and_broken() -> None:
    made = shape(kind="input", label="a_very_long_name_that_nobody_would_write")
    assert len(made.lines) > 1 and made.width < LONGEST + 20
    assert all(line.items[0].size == 12 for line in made.lines)


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("view", [network(), recurrent(), changed()])
def test_the_plan_does_not_depend_on_the_mode(view: View, direction: str) -> None:
    styles = [Style(mode, direction=direction) for mode in ("both", "forward", "backward")]
    plans = {plan(figure_of(view, style), style) for style in styles}
    assert len(plans) == 1 and plans.pop().direction == direction


def test_every_wire_is_a_label_with_two_links_before_the_box_it_enters() -> None:
    made = plan(figure_of(network(), LIGHT), LIGHT)
    order = ["n0", "n1", "e0", "e1", "n2", "e2", "n3", "e3", "n4", "e4", "n5"]
    assert [spot.id for spot in made.spots] == order
    assert [spot.id for spot in made.spots if spot.is_label] == ["e0", "e1", "e2", "e3", "e4"]
    assert [(link.id, link.tail, link.head) for link in made.links][:4] == [
        ("e0a", "n0", "e0"), ("e0b", "e0", "n2"), ("e1a", "n1", "e1"), ("e1b", "e1", "n2"),
    ]  # fmt: skip


def test_a_label_lies_in_the_innermost_region_around_both_ends() -> None:
    made = plan(figure_of(network(), LIGHT), LIGHT)
    regions = {spot.id: spot.region for spot in made.spots}
    assert regions["e1"] == regions["n2"] == "c1" and regions["e0"] == regions["e2"] == ""
    assert [(r.id, r.parent) for r in made.regions] == [("c0", ""), ("c1", "c0")]
    assert all(r.width > 0 and r.height > 0 for r in made.regions)
    inner = replace(network().boxes[0], cluster="c0")
    view = replace(network(), boxes=(inner, *network().boxes[1:]))
    regions = {spot.id: spot.region for spot in plan(figure_of(view, LIGHT), LIGHT).spots}
    assert regions["e0"] == "c0"


def test_circles_and_dots_are_round_with_air_around_them() -> None:
    made = plan(figure_of(through(value=number(1.0)), LIGHT), LIGHT)
    circle = next(spot for spot in made.spots if spot.id == "n1")
    assert circle.is_round and circle.width == CIRCLE + 2 * AIR


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_loops_make_room_in_their_box_and_are_no_links(direction: str) -> None:
    style = Style(direction=direction)
    figure = figure_of(recurrent(), style)
    cell = figure.shapes["n1"]
    first, second = cell.loops
    assert second.away > first.away + 10 and second.reach > first.reach
    assert cell.room[0] > cell.width and cell.room[1] > cell.height
    made = plan(figure, style)
    assert "e1" not in {spot.id for spot in made.spots} and len(made.links) == 4
    assert not next(spot for spot in made.spots if spot.id == "n1").is_round


def test_a_cluster_without_detail_has_its_name_as_title() -> None:
    view = network()
    view = replace(view, clusters=(replace(view.clusters[0], detail=""), view.clusters[1]))
    for style, count in ((LIGHT, 1), (Style(direction="TB"), 2)):
        titles = figure_of(view, style).titles
        assert len(titles["c0"].lines) == 1 and len(titles["c1"].lines) == count
