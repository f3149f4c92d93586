"""Parallels, cuts and ends of Bézier paths."""

from __future__ import annotations

import math

import pytest

from viz import bezier
from viz.bezier import Border, Path, line

ARC: Path = ((100.0, 0.0), (100.0, 55.23), (55.23, 100.0), (0.0, 100.0))
"""A quarter of a circle of radius 100 around the origin."""


def test_a_parallel_of_a_straight_path_lies_beside_it() -> None:
    right = bezier.parallel(line((0.0, 0.0), (9.0, 0.0)), 3.0)
    assert right[0] == (0.0, -3.0) and right[-1] == (9.0, -3.0)
    down = bezier.parallel(line((0.0, 0.0), (0.0, 9.0)), 3.0)
    assert down[0] == (3.0, 0.0) and down[-1] == (3.0, 9.0)


@pytest.mark.parametrize("distance", [-20.0, -3.0, 3.0, 20.0])
def test_a_parallel_of_a_circle_is_a_circle(distance: float) -> None:
    for point in bezier.samples(bezier.parallel(ARC, distance)):
        assert math.hypot(*point) == pytest.approx(100 + distance, abs=0.1)


def test_a_parallel_bears_control_points_on_its_ends() -> None:
    path = ((0.0, 0.0), (0.0, 0.0), (9.0, 0.0), (9.0, 0.0))
    moved = bezier.parallel(path, 1.0)
    assert all(y == pytest.approx(-1.0) for _, y in moved)
    still = ((5.0, 5.0),) * 4
    assert bezier.parallel(still, 1.0)[0] == (5.0, 4.0)


def test_the_length_of_a_circle_is_right() -> None:
    assert bezier.length(ARC) == pytest.approx(50 * math.pi, rel=1e-3)


@pytest.mark.parametrize("amount", [0.0, 1.0, 10.0, 60.0, 100.0])
def test_a_cut_path_is_shorter_by_that_much(amount: float) -> None:
    path = bezier.joined(ARC, line(ARC[-1], (-50.0, 100.0)))
    cut = bezier.cut(path, amount)
    assert bezier.length(cut) == pytest.approx(bezier.length(path) - amount, rel=1e-3)


def test_a_path_is_never_cut_away() -> None:
    path = line((0.0, 0.0), (9.0, 0.0))
    assert len(bezier.cut(path, 50.0)) >= 4


def test_a_path_turned_twice_is_the_same() -> None:
    assert bezier.turned(bezier.turned(ARC)) == ARC
    assert bezier.heading(ARC) == pytest.approx((-1.0, 0.0))


def test_another_start_keeps_the_direction() -> None:
    moved = bezier.with_start(ARC, (101.0, 2.0))
    assert moved[0] == (101.0, 2.0) and moved[1] == pytest.approx((101.0, 57.23))
    ended = bezier.with_end(ARC, (1.0, 101.0))
    assert ended[-1] == (1.0, 101.0) and bezier.heading(ended) == pytest.approx((-1.0, 0.0))


def test_the_distance_to_a_border_is_negative_inside() -> None:
    circle = Border(0, 0, 10, 10, 10)
    assert circle.distance((13.0, 4.0)) == pytest.approx(math.hypot(13, 4) - 10)
    assert circle.distance((0.0, 0.0)) == pytest.approx(-10)
    box = Border(0, 0, 20, 10)
    assert box.distance((25.0, 3.0)) == pytest.approx(5)
    assert box.distance((18.0, 0.0)) == pytest.approx(-2)


@pytest.mark.parametrize(
    "path",
    [
        line((-50.0, 3.0), (0.0, 0.0)),
        line((-50.0, 0.0), (-22.0, 0.0)),
        line((-50.0, 8.0), (-24.0, 8.0)),
        bezier.joined(line((-50.0, 0.0), (-19.0, 0.0)), line((-19.0, 0.0), (-5.0, 0.0))),
        line((-90.0, 60.0), (-60.0, 60.0)),
        line((-40.0, 30.0), (-30.0, 30.0)),
        line((-40.0, 0.0), (-20.0, 0.0)),
    ],
)
@pytest.mark.parametrize("border", [Border(0, 0, 20, 20, 20), Border(0, 0, 20, 12, 5)])
def test_a_path_ends_at_the_border(path: Path, border: Border) -> None:
    ended = bezier.ended_at(path, border)
    assert border.distance(ended[-1]) == pytest.approx(0, abs=0.02)
    assert ended[0] == path[0] and len(ended) % 3 == 1


def test_nearest_is_on_the_outline_and_looks_inwards() -> None:
    box = Border(0, 0, 20, 10, 4)
    assert box.nearest((50.0, 2.0)) == ((20.0, 2.0), (-1.0, 0.0))
    point, inward = box.nearest((30.0, 30.0))
    assert box.distance(point) == pytest.approx(0) and inward[0] < 0 and inward[1] < 0
