"""Graphviz as a layout: the source it gets, what becomes of its answer, and its pictures."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import pytest

from tests.viz.layout.plans import PLANS, each_engine, layers, lecture, plan_of, recurrent
from viz.layout import engines
from viz.layout.engines import Recipe, disorder, graphviz_layout, placement, source
from viz.layout.plan import Link, Placement, Plan, Region, Spot
from viz.layout.process import EngineError

SMALL = Plan((Spot("a", 36, 36), Spot("b", 36, 36)), (Link("ab", "a", "b"),))

ANSWER: dict[str, Any] = {
    "objects": [{"name": "s0", "pos": "18,18"}, {"name": "s1", "pos": "118,18"}],
    "edges": [{"id": "0", "pos": "36,18 50,18 80,18 100,18"}],
}


def answer(**changes: Any) -> bytes:
    """json0 for the small plan, with changes."""
    return json.dumps(ANSWER | changes).encode()


def test_the_source_has_names_of_its_own_and_sizes_in_inches() -> None:
    spots = (
        Spot('"]; evil', 72, 36),
        Spot("label", 36, 18, is_label=True),
        Spot("o", 36, 36, "", False, True),
    )
    plan = Plan(spots, (Link("<x>", '"]; evil', "label"), Link("y", "label", "o")))
    text = source(plan)
    assert "s0 [shape=box, width=1.0000, height=0.5000]" in text
    assert "s2 [shape=circle, width=0.5000]" in text
    assert 's0 -> s1:w [id="0", weight=4]' in text and 's1:e -> s2 [id="1", weight=8]' in text
    assert "evil" not in text and "<x>" not in text and "rankdir=LR, ordering=in" in text


def test_downwards_labels_are_entered_from_above() -> None:
    text = source(lecture("TB"))
    assert ":n [" in text and ":s ->" in text and ":w" not in text and "rankdir=TB" in text


def test_regions_are_nested_and_have_room_for_their_titles() -> None:
    spots = (Spot("a", 10, 10, "inner"), Spot("b", 10, 10, "outer"))
    plan = Plan(spots, (), (Region("outer", "", 80.2, 12), Region("inner", "outer", 0, 0)))
    lines = source(plan).splitlines()
    outer, inner = lines.index("subgraph cluster_r0 {"), lines.index("subgraph cluster_r1 {")
    assert outer < inner and "}" not in lines[outer:inner]
    assert 'WIDTH="81" HEIGHT="12"' in lines[outer + 1] and 'label=""' in lines[inner + 1]


def test_y_is_turned_and_the_origin_is_at_the_top_left() -> None:
    read = placement(SMALL, answer(), "dot", "a note")
    assert read.centres == {"a": (18, 18), "b": (118, 18)}
    assert read.curves == {"ab": ((36, 18), (50, 18), (80, 18), (100, 18))}
    assert (read.width, read.height, read.by, read.note) == (136, 36, "dot", "a note")
    high = placement(SMALL, answer(edges=[{"id": "0", "pos": "36,18 50,90 80,-9 100,18"}]), "dot")
    assert high.curves["ab"][1:3] == ((50, 0), (80, 99)) and high.height == 99


def test_the_pieces_and_ends_of_a_curve_are_joined() -> None:
    text = (
        "s,36,18 40,18 41,18 42,18 43,18;43,18 44,18 45,18 46,18;e,100,18 49,18 50,18 60,18 70,18"
    )
    curve = placement(SMALL, answer(edges=[{"id": "0", "pos": text}]), "dot").curves["ab"]
    assert len(curve) == 3 * 6 + 1 and curve[0] == (36, 18) and curve[-1] == (100, 18)
    assert list(curve) == sorted(curve)


def test_nothing_becomes_an_empty_placement() -> None:
    assert placement(Plan((), ()), b"{}", "dot") == Placement({}, {}, {}, 0, 0, "dot")


@pytest.mark.parametrize(
    "nonsense",
    [
        b"", b"\xff\xfe\x00", b"<svg/>", b"[]", b"{}", b"[" * 100_000, b'{"objects": [3]}',
        answer(edges=[]), answer(edges=[{"id": "0", "pos": "1,1 2,2"}]),
        answer(edges=[{"id": "0", "pos": "nan,1 1,1 1,1 1,1"}]), answer(edges=[{"id": "0"}]),
        answer(objects=[{"name": "s0", "pos": "1"}, {"name": "s1", "pos": "1,2"}]),
    ],
)  # fmt: skip
def test_nonsense_is_no_layout(nonsense: bytes) -> None:
    with pytest.raises(EngineError, match=r"^`dot` gave something that is no layout$"):
        placement(SMALL, nonsense, "dot")


def sides(spot: Spot, placed: Placement) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a spot."""
    x, y = placed.centres[spot.id]
    return x - spot.width / 2, y - spot.height / 2, x + spot.width / 2, y + spot.height / 2


def is_on_border(point: tuple[float, float], spot: Spot, placed: Placement) -> bool:
    """Within 1.5 points: json0 has five digits."""
    x, y = placed.centres[spot.id]
    dx, dy = abs(point[0] - x), abs(point[1] - y)
    if spot.is_round:
        return abs(math.hypot(dx, dy) - spot.width / 2) < 1.5
    return abs(max(dx - spot.width / 2, dy - spot.height / 2)) < 1.5


@each_engine
@pytest.mark.parametrize("name", PLANS)
def test_everything_has_its_place(name: str, engine: str) -> None:
    plan = PLANS[name]
    placed = graphviz_layout(plan, engine, 60)
    assert placed.note == "" and placed.by == engine
    spots = {spot.id: spot for spot in plan.spots}
    assert [*placed.centres] == [*spots] and [*placed.curves] == [link.id for link in plan.links]
    for link in plan.links:
        curve = placed.curves[link.id]
        assert len(curve) % 3 == 1
        assert is_on_border(curve[0], spots[link.tail], placed), link
        assert is_on_border(curve[-1], spots[link.head], placed), link
    boxes = [*(sides(spot, placed) for spot in plan.spots), *placed.regions.values()]
    xs = [x for box in boxes for x in box[::2]] + [p[0] for c in placed.curves.values() for p in c]
    assert min(xs) >= -0.01 and max(xs) <= placed.width + 0.01


@each_engine
@pytest.mark.parametrize("name", [name for name, plan in PLANS.items() if plan.regions])
def test_regions_hold_what_is_theirs_and_nothing_else(name: str, engine: str) -> None:
    plan = PLANS[name]
    placed = graphviz_layout(plan, engine, 60)
    parents = {region.id: region.parent for region in plan.regions}
    for spot in plan.spots:
        around, region = set(), spot.region
        while region:
            around.add(region)
            region = parents[region]
        left, top, right, bottom = sides(spot, placed)
        for other, (a, b, c, d) in placed.regions.items():
            is_inside = a < left and b < top and right < c and bottom < d
            is_outside = right < a or c < left or bottom < b or d < top
            assert is_inside if other in around else is_outside, (spot.id, other)


@each_engine
@pytest.mark.parametrize(
    "plan", [lecture(), lecture("TB"), layers(3), layers(3, "TB"), recurrent(3)]
)
def test_operands_keep_their_order(plan: Plan, engine: str) -> None:
    assert disorder(plan, graphviz_layout(plan, engine, 60)) == 0


@each_engine
def test_the_lecture_flows_to_the_right(engine: str) -> None:
    placed = graphviz_layout(lecture(), engine, 60)
    x = {name: place[0] for name, place in placed.centres.items()}
    y = {name: place[1] for name, place in placed.centres.items()}
    assert x["apple"] < x["apples"] < x["sum"] < x["total"]
    assert y["apple"] < y["n"] < y["tangerine"] < y["m"]
    for link in lecture().links:
        assert all(p[0] <= q[0] + 0.01 for p, q in pairwise(placed.curves[link.id]))


@each_engine
def test_the_same_plan_is_placed_the_same(engine: str) -> None:
    assert graphviz_layout(layers(2), engine, 60) == graphviz_layout(layers(2), engine, 60)


def test_a_region_without_spots_is_left_out() -> None:
    plan = Plan(SMALL.spots, SMALL.links, (Region("empty", "", 9, 9),))
    assert placement(plan, answer(), "dot").regions == {}


class Engine:
    """A stand-in for `run` that fails for some sources and answers the others."""

    def __init__(self, *failures: str, is_about_graph: bool = True) -> None:
        self.failures, self.is_about_graph, self.sources = failures, is_about_graph, list[str]()

    def __call__(self, engine: str, text: str, seconds: float, limit: float) -> bytes:
        self.sources.append(text)
        if any(failure in text for failure in self.failures):
            raise EngineError("`dot` crashed (SIGSEGV)", self.is_about_graph)
        return answer()


def test_a_crash_is_followed_by_one_attempt_without_the_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Engine("ordering=in")
    monkeypatch.setattr(engines, "run", engine)
    placed = graphviz_layout(SMALL, "dot", 20)
    assert len(engine.sources) == 2 and placed.centres["b"] == (118, 18)
    assert placed.note == (
        "`dot` crashed (SIGSEGV) with operands in order; they may be out of order here"
    )
    monkeypatch.setattr(engines, "run", Engine("digraph"))
    with pytest.raises(EngineError, match=r"^`dot` crashed \(SIGSEGV\)$"):
        graphviz_layout(SMALL, "dot", 20)


def test_a_failure_that_no_graph_would_mend_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Engine("digraph", is_about_graph=False)
    monkeypatch.setattr(engines, "run", engine)
    with pytest.raises(EngineError):
        graphviz_layout(SMALL, "dot", 20)
    assert len(engine.sources) == 1


@pytest.mark.parametrize("better", [1, 2])
def test_the_recipe_with_the_fewest_operands_out_of_order_wins(
    better: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of([("x", [], "r"), ("y", [], "r"), ("z", ["x", "y"], "r")], (("r", ""),))
    good = source(plan, engines.RECIPES[better])

    def fake(plan: Plan, layout: bytes, engine: str, note: str = "") -> Placement:
        upper, lower = (10.0, 50.0) if layout == good.encode() else (50.0, 10.0)
        centres = {spot.id: (0.0, 0.0) for spot in plan.spots}
        centres |= {"x>z.0": (0.0, upper), "y>z.1": (0.0, lower)}
        return Placement(centres, {}, {}, 0, 0, engine)

    def answered(engine: str, text: str, seconds: float, limit: float) -> bytes:
        if better == 2 and text == source(plan, Recipe(pull=4)):
            raise EngineError("`dot` crashed (SIGSEGV)", True)
        return text.encode()

    monkeypatch.setattr(engines, "run", answered)
    monkeypatch.setattr(engines, "placement", fake)
    assert disorder(plan, graphviz_layout(plan, "dot", 20)) == 0
    monkeypatch.setattr(engines, "PATIENT", 1)
    assert disorder(plan, graphviz_layout(plan, "dot", 20)) == 1


def test_graphviz_stops_improving_the_places_of_many_spots() -> None:
    few, many = (Plan(tuple(Spot(f"n{i}", 9, 9) for i in range(n)), ()) for n in (200, 201))
    assert "nslimit" not in source(few) and "nslimit=4" in source(many)
