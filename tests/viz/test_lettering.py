"""Lines of text and matrices, and the room they take."""

from __future__ import annotations

import pytest

from viz.lettering import Line, Matrix, Run, edges, size_of, wrapped
from viz.metrics import width


def test_a_line_is_as_wide_as_its_parts_and_as_high_as_the_highest() -> None:
    small, large = Run("ab", size=10), Run("c", size=20)
    line = Line((small, large))
    assert line.width == small.width + large.width and line.height == large.height
    assert size_of([line, Line((small,))]) == (line.width, large.height + small.height)
    assert size_of([]) == (0, 0)


def test_a_matrix_has_room_for_the_widest_number_of_each_column() -> None:
    matrix = Matrix((("1", "-2.5"), ("1234567", "0")))
    assert matrix.columns == [width("1234567", 12), width("-2.5", 12)]
    assert matrix.width > sum(matrix.columns)
    assert matrix.height > 2 * matrix.row_height


def test_columns_end_a_gap_apart() -> None:
    assert edges([5.0, 6.0, 7.0], 10.0, 2.0) == [15.0, 23.0, 32.0]


@pytest.mark.parametrize(
    "text",
    [
        "encoder.layers.11.attention.weight",
        "아주 길고 긴 이름 아주 길고 긴 이름",
        "x" * 60,
        "👩\u200d👧" * 30,
    ],
)
def test_a_long_text_is_broken_into_lines_that_fit(text: str) -> None:
    lines = wrapped(text, 12, 130)
    assert len(lines) > 1 and all(width(line, 12) <= 130 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(not line.startswith("\u200d") for line in lines)


def test_a_short_text_stays_whole() -> None:
    assert wrapped("사과 가격", 14, 190) == ["사과 가격"]


def test_lines_are_about_equally_long() -> None:
    lines = wrapped("one two three four five six seven eight nine", 12, 200)
    assert max(map(len, lines)) < 2 * min(map(len, lines))


def test_even_where_nothing_fits_each_line_has_a_letter() -> None:
    assert wrapped("WW", 12, 1) == ["W", "W"]
