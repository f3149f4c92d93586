"""Curves in characters."""

from __future__ import annotations

import math

import numpy as np
import pytest

from viz.plots import Curve, curve


def rows(made: Curve, encoding: str = "utf-8") -> list[str]:
    return made.to_text(encoding).split("\n")


def test_a_falling_line_goes_from_the_top_left_to_the_bottom_right() -> None:
    assert rows(curve(range(9, -1, -1), width=40, height=3)) == [
        "9 ┤⠉⠉⠑⠒⠒⠒⠤⠤⠤⢄⣀",
        "  │           ⠉⠉⠉⠑⠒⠒⠒⠢⠤⠤⠤⠤⣀⣀⡀",
        "0 ┤                         ⠈⠉⠉⠒⠒⠢⠤⠤⠤⠤⣀⣀",
        "  └─────────────────────────────────────",
        "   0                              step 9",
        "⠒⠒ value  last 0  min 0 at 9  max 9 at 0",
    ]


def test_labels_say_greatest_least_last_and_where() -> None:
    made = rows(curve({"loss": [2.0, 0.5, 8.0, 1.0]}, height=5))
    assert (
        made[0].startswith("   8 ┤")
        and made[2].startswith("4.25 ┤")
        and made[4].startswith(" 0.5 ┤")
    )
    assert made[-1] == "⠒⠒ loss  last 1  min 0.5 at 1  max 8 at 2"
    assert made[-2].split() == ["0", "step", "3"]


def test_without_unicode_it_is_drawn_in_ascii() -> None:
    made = curve({"손실": [1, 2, math.nan], "b": [2, 1, 3]}, together=True, height=4)
    text = made.to_text("ascii")
    assert text.isascii() and "\\uc190\\uc2e4" in text and "! \\uc190\\uc2e4: 1 nan" in text
    signs = {line[:2].strip() for line in text.split("\n") if "last" in line}
    assert signs == {"*", "x"}


def test_an_encoding_that_has_hangul_alone_keeps_it() -> None:
    text = curve({"손실": [1, 2]}).to_text("cp949")
    assert "손실" in text and "*" in text


def test_each_series_of_a_panel_has_a_mark_of_its_own() -> None:
    names = [f"s{i}" for i in range(7)]
    made = rows(curve({n: [i, i + 1] for i, n in enumerate(names)}, together=True))
    marks = [row.split()[0] for row in made if "last" in row]
    assert len(set(marks)) == 7 and marks[0] == "⠒⠒"
    drawn = "".join(row for row in made if "┤" in row or "│" in row)
    assert all(mark in drawn for mark in marks[1:])


def test_what_is_not_finite_leaves_a_gap_a_mark_and_a_count() -> None:
    y = np.linspace(1, 2, 140)
    y[60:80], y[100] = math.nan, -math.inf
    made = rows(curve({"loss": y}, height=3))
    floor = next(row for row in made if "└" in row)
    assert 8 <= floor.count("✗") <= 14 and made[-1] == "✗ loss: 20 nan, 1 -inf"
    middle = made[1].partition("│")[2]
    assert " " * 8 in middle.strip()


def test_a_history_without_any_finite_value_is_still_drawn() -> None:
    made = rows(curve([math.nan, math.inf], height=3))
    assert made[0] == " │" and made[-1] == "✗ value: 1 nan, 1 inf" and "min" not in made[-2]


def test_one_point_and_a_constant_have_one_label() -> None:
    for history in ([3.0], [3.0] * 50):
        made = rows(curve(history, height=5))
        assert [row.startswith("3 ┤") for row in made[:5]] == [False, False, True, False, False]


def test_a_log_axis_leaves_out_what_is_not_above_zero() -> None:
    made = rows(curve([100.0, 1.0, 0.01, 0.0, -1.0], log=True, height=5))
    assert [made[i].split()[0] for i in (0, 2, 4)] == ["100", "1", "0.01"]
    assert made[-1] == "✗ value: 2 not above 0" and "min 0.01 at 2" in made[-2]


@pytest.mark.parametrize("log", [False, True])
def test_huge_ranges_are_drawn(log: bool) -> None:
    low = 5e-324 if log else -1.7e308
    assert rows(curve([low, 1.7e308], log=log, height=5))[0].strip().startswith("1.7e308 ┤")


def test_labels_that_would_be_equal_get_more_digits() -> None:
    made = rows(curve([1.00001, 1.00002], height=3))
    assert made[0].startswith("1.00002 ┤") and made[2].startswith("1.00001 ┤")
    assert "last 1.00002" in made[-1]


def test_a_spike_among_a_million_points_is_seen() -> None:
    y = np.zeros(1_000_000)
    y[500_000] = 1.0
    made = rows(curve(y, height=4))
    assert made[0].startswith("1 ┤") and made[0][3:].strip()


def test_panels_have_their_names_above_them_and_one_step_axis() -> None:
    made = rows(curve({"loss": [3, 2, 1], "acc": [0, 1, 1]}, title="학습", height=3))
    assert made[0] == "학습" and made[2] == "loss" and "acc" in made
    assert made.count("  └" + "─" * 69) == 2
