"""Our own layout on the graphs that people draw, and on those that are hard to draw."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

from autograd import Tensor
from tests.viz.graphs import lecture, square_plus_self
from tests.viz.layout import plans
from tests.viz.layout.laws import check, misplaced
from tests.viz.views import network
from viz.boxes import View
from viz.figure import figure_of, plan
from viz.layout import place
from viz.layout.layered import layered
from viz.layout.plan import Link, Placement, Plan, Region, Spot
from viz.style import Style
from viz.view import view_of


def drawn(view: View, direction: str = "LR") -> tuple[Plan, Placement, dict[str, str]]:
    """The plan of a view, its placement, and the spot of each label."""
    style = Style(direction=direction)
    made = plan(figure_of(view, style), style)
    return made, layered(made), {box.label: box.id for box in view.boxes}


def reused(count: int) -> Tensor:
    """A value that is used count times."""
    x = Tensor(2.0, requires_grad=True, name="x")
    y = x
    for _ in range(count - 1):
        y = y + x
    return y


VIEWS: dict[str, Callable[[], View]] = {
    "lecture": lambda: view_of([lecture()]),
    "a branch": lambda: view_of([square_plus_self()]),
    "used 12 times": lambda: view_of([reused(12)]),
    "islands": lambda: view_of([lecture(), square_plus_self()]),
    "modules": network,
}

PLANS: dict[str, Callable[[str], Plan]] = {
    "lecture": plans.lecture,
    "layers": lambda direction: plans.layers(5, direction),
    "nested": lambda direction: nested(direction),
}


def nested(direction: str = "LR") -> Plan:
    """Attention inside of a layer inside of an encoder, with a way around it."""
    inner = "attention"
    operations: plans.Operations = [
        ("x", [], ""),
        ("q", ["x"], inner),
        ("k", ["x"], inner),
        ("v", ["x"], inner),
        ("s", ["q", "k"], inner),
        ("a", ["s", "v"], inner),
        ("+", ["x", "a"], "layer"),
        ("y", ["+"], ""),
    ]
    frames = (("encoder", ""), ("layer", "encoder"), (inner, "layer"))
    return plans.plan_of(operations, frames, direction)


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("name", VIEWS)
def test_a_drawing_obeys_all_laws_with_operands_in_order(name: str, direction: str) -> None:
    made, placed, _ = drawn(VIEWS[name](), direction)
    check(made, placed)
    assert misplaced(made, placed) == []
    assert placed.by == "graphgrad"


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("name", PLANS)
def test_a_plan_keeps_its_operands_in_order_and_its_regions(name: str, direction: str) -> None:
    made = PLANS[name](direction)
    placed = layered(made)
    check_sizes(made, placed)
    assert misplaced(made, placed) == []
    assert list(placed.regions) == [region.id for region in made.regions]


def check_sizes(made: Plan, placed: Placement) -> None:
    check(made, placed)
    assert placed.width > 0
    assert placed.height > 0


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("name", VIEWS)
def test_operands_are_in_order_wherever_dot_keeps_them(name: str) -> None:
    made, placed, _ = drawn(VIEWS[name]())
    assert set(misplaced(made, placed)) <= set(misplaced(made, place(made, engine="dot")))


def test_the_lecture_graph_stands_as_in_the_textbook() -> None:
    _, placed, spots = drawn(view_of([lecture()]))
    at = {label: placed.centres[id] for label, id in spots.items()}
    names = ["사과 가격", "사과 개수", "귤 가격", "귤 개수"]
    heights = [at[name][1] for name in names]
    assert heights == sorted(heights)
    # An input stands before the operation that needs it, not at the far left.
    assert at["소비세"][0] == pytest.approx(at["+"][0])
    # The sum is in the middle of its terms, the main line straight.
    assert at["+"][1] == at["최종 금액"][1] == pytest.approx(sum(heights) / 4, abs=0.02)


def test_a_shared_input_stands_left_of_all_its_uses() -> None:
    _, placed, spots = drawn(view_of([reused(12)]))
    first = placed.centres[spots["x"]][0]
    assert all(first <= x for x, _ in placed.centres.values())


def test_a_chain_is_one_straight_line() -> None:
    made = plans.plan_of([("n0", [], "")] + [(f"n{i}", [f"n{i - 1}"], "") for i in range(1, 1001)])
    placed = layered(made)
    assert len({y for _, y in placed.centres.values()}) == 1
    assert all(len({y for _, y in curve}) == 1 for curve in placed.curves.values())


def test_nothing_has_no_size() -> None:
    assert layered(Plan((), ())) == Placement({}, {}, {}, 0.0, 0.0, "graphgrad")


def test_a_single_spot_fills_the_picture() -> None:
    placed = layered(Plan((Spot("a", 40, 20),), ()))
    assert placed == Placement({"a": (20.0, 10.0)}, {}, {}, 40.0, 20.0, "graphgrad")


def test_spots_without_links_stand_one_below_the_other() -> None:
    placed = layered(Plan((Spot("a", 40, 20), Spot("b", 40, 20)), ()))
    assert placed.centres["a"][1] < placed.centres["b"][1]


def test_an_empty_region_has_no_frame() -> None:
    made = Plan((Spot("a", 40, 20, "r"),), (), (Region("r", "", 20, 10), Region("e", "r", 20, 10)))
    assert list(layered(made).regions) == ["r"]


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_long_title_makes_a_frame_longer(direction: str) -> None:
    made = plans.plan_of(
        [("x", [], ""), ("a", ["x"], "r"), ("y", ["a"], "")], (("r", ""),), direction
    )
    made = Plan(made.spots, made.links, (Region("r", "", 400, 10),), direction)
    placed = layered(made)
    check(made, placed)
    left, _, right, _ = placed.regions["r"]
    assert right - left >= 424


def test_in_a_flow_downwards_wires_leave_at_the_right_of_the_title() -> None:
    made = plans.layers(1, "TB")
    placed = layered(made)
    title = placed.regions["fc0"][0] + 12 + made.regions[1].width
    out = next(link for link in made.links if link.tail == "+0")
    assert placed.curves[out.id][0][0] >= title


def test_a_region_that_a_way_leaves_and_enters_again_has_no_frame() -> None:
    made = plans.plan_of([("a", [], "r"), ("b", ["a"], ""), ("c", ["b", "a"], "r")], (("r", ""),))
    placed = layered(made)
    check(made, placed)
    assert placed.regions == {}


def test_of_regions_that_go_in_a_circle_the_smallest_loses_its_frame() -> None:
    made = plans.plan_of(
        [("a", [], "r"), ("b", ["a"], "s"), ("c", [], "s"), ("d", ["c"], "r"), ("e", [], "r")],
        (("r", ""), ("s", "")),
        is_labelled=False,
    )
    placed = layered(made)
    check(made, placed)
    assert list(placed.regions) == ["r"]


def test_of_more_regions_in_circles_some_lose_their_frames() -> None:
    pairs = [("r", "s"), ("s", "t"), ("t", "r"), ("s", "r"), ("t", "s"), ("r", "t")]
    operations: plans.Operations = []
    for i, (one, other) in enumerate(pairs):
        operations += [(f"a{i}", [], one), (f"b{i}", [f"a{i}"], other)]
    made = plans.plan_of(operations, (("r", ""), ("s", ""), ("t", "")), is_labelled=False)
    placed = layered(made)
    check(made, placed)
    assert len(placed.regions) == 1


def test_links_in_a_circle_are_refused() -> None:
    spots = (Spot("a", 40, 20), Spot("b", 40, 20))
    with pytest.raises(ValueError, match="in a circle"):
        layered(Plan(spots, (Link("e", "a", "b"), Link("f", "b", "a"))))


def test_the_hash_seed_makes_no_difference() -> None:
    program = (
        "from tests.viz.layout.plans import recurrent; from viz.layout.layered import layered;"
        "print(layered(recurrent(3)))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(seen) == 1
