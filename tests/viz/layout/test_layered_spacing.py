"""Heights of blocks: the nearest to what is wanted that keeps all distances."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.layout.layered.blocks import Blocks
from viz.layout.layered.sheet import Item, Size
from viz.layout.layered.spacing import apart, heights


def row(wanted: list[float], weights: list[float], gap: float = 10.0) -> list[float]:
    """The places of blocks one above the other."""
    above = [[(i - 1, gap)] if i else [] for i in range(len(wanted))]
    return apart(wanted, weights, above)


def test_what_has_room_stays() -> None:
    assert row([0.0, 30.0, 41.0], [1.0, 1.0, 1.0]) == [0.0, 30.0, 41.0]


def test_what_overlaps_moves_apart_by_the_same() -> None:
    assert row([0.0, 4.0], [1.0, 1.0]) == pytest.approx([-3.0, 7.0])


def test_what_is_heavy_moves_less() -> None:
    assert row([0.0, 4.0], [5.0, 1.0]) == pytest.approx([-1.0, 9.0])


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=9))
def test_no_step_up_or_down_of_a_row_makes_it_better(wanted: list[float]) -> None:
    places = row(wanted, [1.0] * len(wanted))
    assert all(b - a >= 10 - 1e-6 for a, b in pairwise(places))
    # Those that touch are a group, whose mean is where its members want it to be.
    groups = [[0]]
    for i, (a, b) in enumerate(pairwise(places), 1):
        if b - a > 10 + 1e-6:
            groups.append([])
        groups[-1].append(i)
    for group in groups:
        moved = sum(places[i] - wanted[i] for i in group)
        assert moved == pytest.approx(0, abs=1e-6)


def test_blocks_that_nothing_pulls_stand_as_high_as_they_can() -> None:
    items = [[(Item(i, 1, Size(10, 10)), 0.0)] for i in range(2)]
    assert heights(Blocks(items, [[], [(0, 20.0)]], [])) == [0.0, 20.0]
