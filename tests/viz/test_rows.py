"""What each line of a text drawing says."""

from __future__ import annotations

import math

from tests.viz.handmade import changes, modules
from viz.boxes import Box
from viz.rows import ASCII, Marks, Row, Writer, learned
from viz.style import Style
from viz.value import Value


def rows(mode: str = "both", longest: int = 24, is_compact: bool = False) -> list[Row]:
    """The rows of the view with modules in it."""
    return list(Writer(modules(), Style(mode), Marks(), is_compact, longest).rows())


def test_rows_follow_the_wires_with_headers_and_lone_boxes_between_them() -> None:
    names = [row.header or row.name or row.note for row in rows()]
    assert names == [
        "┌─ encoder.fc1  Linear 784 → 50 · 39,250", "x", "weight", "┌─ encoder  Encoder · 39,760",
        "v1", "v2", "h, c", "[… 46 more]", "3 values", "v5", "a", "loss",
    ]  # fmt: skip


def test_an_input_that_is_not_the_last_says_that_there_are_more() -> None:
    x, weight = (row for row in rows() if row.name in ("x", "weight"))
    assert (x.mark, x.has_more, x.result) == ("┐", True, "")
    assert (weight.mark, weight.has_more, weight.result) == ("@", False, "= v1 (1)")


def test_a_row_knows_its_health_and_its_change() -> None:
    slopes = {row.name: row.slope for row in rows() if row.name}
    assert slopes["a"] == "zero" and slopes["v5"] == "gradient"
    assert next(row.tone for row in rows() if row.name == "a") == "bad"
    changed = [row.change for row in Writer(changes(), Style(), Marks(), False, 24).rows()]
    assert changed == ["", "changed", "removed", "added", "added", "changed"]


def test_names_are_cut_and_small_arrays_become_norms_where_there_is_little_room() -> None:
    assert "en" not in {row.name for row in rows(longest=2)}
    assert max(len(row.name) for row in rows(longest=3)) == 3
    tight = list(Writer(changes(), Style(), ASCII, True, 24).rows())
    assert tight[1].value == ["(2, 2) norm 6.245 -> 5.477"]


def test_what_a_module_learns_is_said_with_the_norm_of_its_gradient() -> None:
    fine = Box("n0", "module", "fc", parameters=1, gradient=Value((1,), None, 0.25, 0.25))
    assert learned(fine, Style()) == "1 param · |∇| 0.25"
    assert learned(fine, Style("forward")) == "1 param"
    bad = Box("n0", "module", "fc", parameters=1200, gradient=Value((9,), None, math.inf, math.inf))
    assert learned(bad, Style()) == "1,200 params · |∇| ⚠ inf"
    assert learned(Box("n0", "operation", "exp"), Style()) == ""
