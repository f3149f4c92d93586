"""The ends of curves: where nothing is in the way, and around neighbours."""

from __future__ import annotations

import pytest

from tests.viz.layout.laws import check, points
from viz.layout.layered import layered
from viz.layout.plan import Link, Plan, Spot


def labelled(operands: int, width: float, height: float, *, is_round: bool = False) -> Plan:
    """A box with so many operands, each with its label, and its result."""
    spots = [Spot("box", width, height, is_round=is_round), Spot("z", 40, 20)]
    links = [Link("out", "box", "z")]
    for i in range(operands):
        spots += [Spot(f"x{i}", 40, 20), Spot(f"e{i}", 60, 44, is_label=True)]
        links += [Link(f"e{i}a", f"x{i}", f"e{i}"), Link(f"e{i}b", f"e{i}", "box")]
    return Plan(tuple(spots), tuple(links))


def test_two_wires_run_straight_into_the_side_of_a_tall_box() -> None:
    plan = labelled(2, 100, 100)
    placed = layered(plan)
    check(plan, placed)
    for i in range(2):
        assert len({y for _, y in placed.curves[f"e{i}b"]}) == 1


def test_a_wire_meets_a_circle_from_its_middle() -> None:
    placed = layered(labelled(2, 40, 40, is_round=True))
    (cx, cy), (*_, control, end) = placed.centres["box"], placed.curves["e0b"]
    assert (end[0] - control[0]) * (cy - end[1]) == pytest.approx(
        (end[1] - control[1]) * (cx - end[0]), abs=1
    )


@pytest.mark.parametrize("operands", [3, 7, 12])
def test_wires_into_one_circle_do_not_touch_before_they_meet_it(operands: int) -> None:
    plan = labelled(operands, 40, 40, is_round=True)
    placed = layered(plan)
    check(plan, placed)
    ends = [placed.curves[f"e{i}b"][-1] for i in range(operands)]
    assert len(set(ends)) == operands
    assert [y for _, y in ends] == sorted(y for _, y in ends)


def test_a_wire_goes_around_neighbours_of_both_its_ends() -> None:
    spots = [Spot(f"a{i}", 120, 26) for i in range(4)] + [Spot(f"b{i}", 120, 26) for i in range(4)]
    pairs = [(0, 3), (1, 3), (2, 3), (3, 3), (0, 0), (0, 1), (0, 2)]
    links = [Link(f"e{i}", f"a{a}", f"b{b}") for i, (a, b) in enumerate(pairs)]
    plan = Plan(tuple(spots), tuple(links))
    check(plan, layered(plan))


def test_a_long_wire_stays_between_its_ends() -> None:
    spots = [Spot("a", 20, 20), Spot("z", 20, 20)] + [Spot(f"m{i}", 60, 30) for i in range(3)]
    chain = ["a", "m0", "m1", "m2", "z"]
    links = [Link(f"e{i}", chain[i], chain[i + 1]) for i in range(4)] + [Link("long", "a", "z")]
    plan = Plan(tuple(spots), tuple(links))
    placed = layered(plan)
    check(plan, placed)
    xs = [x for x, _ in points(placed.curves["long"])]
    assert xs == sorted(xs)
