"""The drawing in characters."""

from __future__ import annotations

import re

import numpy as np
import pytest

import viz
from autograd import Tensor
from autograd.expression import display_width
from tests.viz.graphs import GRADIENTS, VALUES, chain, leaf, lecture, square_plus_self

LECTURE = """\
사과 가격 100 ─→ ┐ ←─ 2.2
사과 개수   2 ─→ × ←─ 110 = v1
귤 가격   150 ─→ ┐ ←─ 3.3
귤 개수     3 ─→ × ←─ 165 = v2
v1        200 ─→ ┐ ←─ 1.1
v2        450 ─→ + ←─ 1.1 = v3
v3        650 ─→ ┐ ←─ 1.1
소비세    1.1 ─→ × ←─ 650 = 최종 금액
최종 금액 715 ─→   ←─ 1"""


def test_the_lectures_graph_is_drawn_as_the_readme_shows_it() -> None:
    assert viz.draw(lecture()).to_text("utf-8") == LECTURE


def test_the_numbers_stand_in_the_order_of_the_dot_source() -> None:
    text = viz.draw(lecture()).to_text("utf-8")
    assert re.findall(r"(\S+) ─→", text) == VALUES
    assert re.findall(r"←─ (\S+)", text) == GRADIENTS


def test_wide_characters_are_aligned() -> None:
    lines = viz.draw(lecture()).to_text("utf-8").splitlines()
    assert {display_width(line[: line.index("─→")]) for line in lines} == {14}


def test_a_branch_shows_its_sum() -> None:
    first = viz.draw(square_plus_self()).to_text("utf-8").splitlines()[0]
    assert first == "x   3 ─→ • ←─ 3 + 3 + 1 = 7"


def test_modes_and_values_leave_columns_out() -> None:
    assert "←─" not in viz.draw(lecture(), "forward").to_text("utf-8")
    assert "─→" not in viz.draw(lecture(), "backward").to_text("utf-8")
    assert re.findall(r"\d+ ─→", viz.draw(lecture(), values=False).to_text("utf-8")) == []


def test_small_arrays_have_a_line_for_each_row() -> None:
    x = Tensor([[1.0, -2.5], [10.0, 0.0]], requires_grad=True, name="x")
    lines = viz.draw((x * x).sum()).to_text("utf-8").splitlines()
    assert lines[0].startswith("x   [ 1 -2.5] ─→ • ←─ [ 2 -5]")
    assert lines[1].strip() == "[10    0]         [20  0]"


def test_eighty_columns_are_enough_for_long_names_and_large_arrays() -> None:
    a = Tensor(np.full((3, 3), -1.2345e-10), requires_grad=True, name="a" * 60)
    b = Tensor(np.full((3, 3), -1.2345e-10), requires_grad=True, name="사" * 60)
    y = (a @ b * Tensor(np.ones((1, 3)), name="c" * 60)).sum()
    y.name = "y" * 60
    text = viz.draw(y).to_text("utf-8")
    assert max(map(display_width, text.splitlines())) <= 80


def test_notes_stand_below_and_hidden_parts_have_a_line() -> None:
    text = viz.draw(chain(50), max_nodes=6).to_text("utf-8")
    assert "… 46 more" in text
    assert text.endswith("max_nodes=52 shows all.")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "no-such-encoding"])
def test_what_the_terminal_lacks_is_spelled_in_ascii(encoding: str) -> None:
    text = viz.draw(lecture()).to_text(encoding)
    text.encode("ascii" if encoding.startswith("no") else encoding)
    assert "100 -> . <- 2.2" in text and re.findall(r"<- (\S+)", text) == GRADIENTS
    assert r"\uc0ac\uacfc" in text


def test_hangul_stays_where_the_terminal_has_it() -> None:
    assert viz.draw(lecture()).to_text("cp949") == LECTURE


def test_a_symbol_without_ascii_is_replaced_by_the_operations_name() -> None:
    x = leaf(1.0, "x")
    text = viz.draw(x.sigmoid() * x.sum()).to_text("ascii")
    assert "-> sigmoid <-" in text and " sum " in text


def test_nan_carries_a_sign() -> None:
    drawing = viz.draw(leaf(1.0, "x") * float("nan"))
    assert "←─ ⚠ nan" in drawing.to_text("utf-8")
    assert "<- ! nan" in drawing.to_text("ascii")
