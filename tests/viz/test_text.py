"""The drawing in characters."""

from __future__ import annotations

import re

import numpy as np
import pytest

import viz
from autograd import Tensor
from autograd.expression import display_width
from tests.viz.graphs import GRADIENTS, VALUES, chain, leaf, lecture, square_plus_self
from tests.viz.handmade import changes, modules
from tests.viz.views import array, number
from viz.boxes import Box, Cluster, View, Wire
from viz.style import Style
from viz.terminal import COLOURS, columns
from viz.text import text_of

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


MODULES = """\
┌─ encoder.fc1  Linear 784 → 50 · 39,250
│ x         (32, 784) norm 21.8 ─→   ┐   ←─ –
│ weight   (784, 50) norm 10.02 ─→   @   ←─ norm 0.71 = v1 (1)
┌─ encoder  Encoder · 39,760
│ v1        (32, 50) norm 26.36 ─→ [fc2] ←─ norm 4    = v2  [Linear 50 → 10 ·
│                                                     510 params · |∇| ⚠ nan]
  v2          (32, 10) norm 5.5 ─→   ┐   ←─ norm 0.16
  h, c                           ↺   □                [decoder.blocks ×12:
                                                      TransformerBlock 512 →
                                                      512, 8 heads ·
                                                      t = 1 … 12 ·
                                                      39,250 params · |∇| 0.033]
                                     …                = a, b  [… 46 more]
  3 values                      ─→   …                [… 1,204 more]
  v5                        2.5 ─→   ┐   ←─ -1
  a                       ⚠ nan ─→   □   ←─ 0         = loss (∂1)
                                                      [cross-entropy]
  loss                     2.25 ─→       ←─ 1

Values (not kept) appear under autograd.keep_values(). Values (not kept) appear
under autograd.keep_values(). Values (not kept) appear under
autograd.keep_values()."""

CHANGES = """\
  x                              3 ─→  ┐   ←─ 2
~ W  [[1 2] [3 5]] → [[1 2] [3 4]] ─→  ×   ←─ norm 1.5 → 2 = v1
- v1                             6 ─→ relu ←─ 1            = v2
+ v1                             6 ─→ tanh ←─ 0.5          = v3
+ y                           0.75 ─→  •   ←─ 1
~ y           (4, 4) norm 7 → 0.75 ─→      ←─ 1 → ⚠ inf"""


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


def plain(text: str) -> str:
    """text without the sequences that colour it."""
    return re.sub("\x1b\\[[0-9;]*m", "", text)


def test_modules_clusters_hidden_boxes_loops_and_pairs_have_their_signs() -> None:
    assert text_of(modules(), Style()) == MODULES


def test_changes_stand_in_the_first_column_and_the_old_numbers_before_the_new() -> None:
    assert text_of(changes(), Style()) == CHANGES


@pytest.mark.parametrize("view", [modules(), changes()], ids=["modules", "changes"])
@pytest.mark.parametrize("mode", ["both", "forward", "backward"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_every_kind_of_line_fits_into_eighty_columns(view: View, mode: str, encoding: str) -> None:
    text = text_of(view, Style(mode), encoding)
    text.encode(encoding)
    assert max(map(columns, text.splitlines())) <= 80
    coloured = text_of(view, Style(mode), encoding, colour=True)
    assert plain(coloured) == text


def test_ascii_has_a_sign_for_each_part() -> None:
    text = text_of(modules(), Style(), "ascii")
    assert ".- encoder.fc1  Linear 784 -> 50 - 39,250" in text
    assert "@   #" in text and "[... 46 more]" in text and "= loss (d1)" in text
    assert "|grad| ! nan]" in text
    assert "6 -> relu" in text_of(changes(), Style(), "ascii")


def test_a_module_goes_back_to_the_left_where_it_ends_and_names_itself_when_it_goes_on() -> None:
    boxes = tuple(
        Box(f"n{i}", "operation", "exp", results=(f"v{i}",), cluster=cluster)
        for i, cluster in enumerate(("c0", "", "c0", "c1", "c2"))
    )
    clusters = (
        Cluster("c0", "cell", "RNN"),
        Cluster("c1", "cell"),
        Cluster("c2", "cell.a", "", "c1"),
    )
    lines = text_of(View(boxes, (), clusters), Style()).splitlines()
    assert [" ".join(line.split("=")[0].split()) for line in lines] == [
        "┌─ cell RNN", "│ exp", "exp", "├─ cell", "│ exp", "┌─ cell (2)", "│ exp",
        "┌─ cell (2).a", "│ exp",
    ]  # fmt: skip


def test_what_has_no_number_of_its_own_gets_neither_a_number_nor_a_dash() -> None:
    lines = text_of(modules(), Style()).splitlines()
    for name in ("h, c", "3 values"):
        line = next(line for line in lines if name in line)
        assert "←─" not in line and "–" not in line
    assert "↺" in text_of(modules(), Style("backward"))
    assert "–" not in viz.draw(leaf(1.0, "x") * 2.0).to_text("utf-8"), (
        "of a constant, none is asked"
    )


def test_a_view_of_one_wire_has_no_empty_columns() -> None:
    assert viz.draw(leaf(3.0, "x")).to_text("utf-8") == "x 3 ─→ ←─ 1"
    assert viz.draw(Tensor(3.0)).to_text("utf-8").splitlines()[0] == "3 ─→"
    assert text_of(View((), ()), Style()) == ""


def test_constants_keep_their_number_where_values_are_not_shown() -> None:
    y = leaf(3.0, "x") * 2.0
    for drawing in (viz.draw(y, "backward"), viz.draw(y, values=False)):
        assert drawing.to_text("utf-8").splitlines()[1].startswith("2 ")


def test_a_long_sum_does_not_push_the_results_away() -> None:
    assert "←─ 3 = v1" in viz.draw(square_plus_self()).to_text("utf-8")


@pytest.mark.parametrize(
    "name", ["사과 가격", "りんご", "🍎", "👩\u200d👩\u200d👧\u200d👦", "🇰🇷", "e\u0301"]
)
def test_any_name_leaves_the_arrows_in_one_column(name: str) -> None:
    lines = viz.draw(leaf(2.0, name) * leaf(3.0, "plain name")).to_text("utf-8").splitlines()
    assert len({columns(line[: line.index("─→")]) for line in lines}) == 1


@pytest.mark.parametrize(
    "name", ['a"b', "</script>", "{x|y}", "a\nb", "back\\slash", "a\x1b[31mb", "%s"]
)
def test_no_name_breaks_a_line_or_steers_the_terminal(name: str) -> None:
    text = viz.draw(leaf(2.0, name) * leaf(3.0, "b")).to_text("utf-8")
    assert len(text.splitlines()) == 3 and text.replace("\n", "").isprintable()


def test_a_row_of_a_matrix_with_nan_carries_a_sign_and_stays_aligned() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="x")
    first, second = viz.draw((x * float("nan")).sum()).to_text("utf-8").splitlines()[:2]
    assert first.endswith("←─ ⚠ [nan nan]")
    assert columns(first[: first.index("[nan")]) == columns(second[: second.index("[nan")])


def test_colours_follow_health_and_changes() -> None:
    def coloured(text: str, role: str) -> str:
        return f"{COLOURS[role]}{text}\x1b[0m"

    text = text_of(modules(), Style(), colour=True)
    assert coloured("⚠ nan", "bad") in text and coloured("0", "zero") in text
    assert coloured("norm 0.71", "gradient") in text
    faint = View((Box("n0", "input", "x"), Box("n1", "output", "y")), (
        Wire("e0", "n0", "n1", "x", True, number(1.0), number(1e-9)),
    ))  # fmt: skip
    assert coloured("1e-9", "faint") in text_of(faint, Style(), colour=True)
    text = text_of(changes(), Style(), colour=True)
    assert coloured("+", "added") in text and coloured("relu", "removed") not in text
    assert "\x1b" not in text_of(changes(), Style())


def test_a_gradient_of_a_large_array_needs_its_shape_only_where_no_value_stands() -> None:
    view = View((Box("n0", "input", "x"), Box("n1", "output", "y")), (
        Wire("e0", "n0", "n1", "x", True, array(4, 5), array(4, 5)),
    ))  # fmt: skip
    assert text_of(view, Style()).splitlines()[0] == "x (4, 5) norm 2.5 ─→ ←─ norm 2.5 = y"
    assert text_of(view, Style("backward")) == "x ←─ (4, 5) norm 2.5 = y"


def test_what_is_told_of_a_box_stands_below_it_where_there_is_no_room_beside() -> None:
    lines = text_of(modules(), Style(), width=66).splitlines()
    assert max(map(columns, lines)) <= 66
    told = next(i for i, line in enumerate(lines) if "Linear 50" in line)
    assert lines[told] == "│     [Linear 50 → 10 · 510 params · |∇| ⚠ nan]"
    assert lines[told - 1].endswith("= v2")
