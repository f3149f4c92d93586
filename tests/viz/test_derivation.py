"""The text of an explanation."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Tensor, ops
from tests.viz.graphs import chain, leaf
from viz.derivation import counted
from viz.explain import explain


@pytest.mark.parametrize(
    ("factor", "power", "text"),
    [
        (1, 1, "1"),
        (2, 40, "1,099,511,627,776"),
        (2, 5000, "about 1.41e1505"),
        (10, 5000, "about 1e5000"),
    ],
)
def test_a_number_of_paths_is_written_however_large(factor: int, power: int, text: str) -> None:
    assert counted(factor**power) == text


def test_a_long_path_is_shown_without_its_middle() -> None:
    text = str(explain("first", of=chain(100)))
    assert "last ─×one 1→ 1 ─×one 1→ 1 … 96 more operations … ─×one 1→ 1 ─×one 1→ first" in text
    assert "1 · 1 · … · 1 · 1 = 1" in text


def test_a_falling_value_is_read_with_a_minus() -> None:
    x = leaf(4.0, "x")
    y = 10 - x
    assert "reading: x + 1 → y - 1 " in str(explain(x, of=y))


def test_products_end_in_one_column_also_with_wide_characters() -> None:
    x = leaf(2.0, "사과")
    y = x * x + x
    lines = str(explain(x, of=y)).splitlines()[2:6]
    assert lines[0] == "    y ─+ 1→ 4 ─× 2→ 사과     1 · 2 = 2"
    assert lines[2] == "    y ─+ 1→ 사과             1"
    assert lines[3] == "    sum                      5"


def test_the_other_matrix_is_named_on_the_way() -> None:
    x, w = Tensor(np.ones((2, 3)), name="x"), Tensor(np.ones((3, 4)), True, name="W")
    y = (x @ w).sum()
    assert "  1 path: y ─Σ→ (2, 4) ─@ x→ W     (3, 4) norm 6.928" in str(explain(w, of=y))


def test_hostile_names_stay_in_their_line() -> None:
    x = leaf(2.0, "a\nb\x1b[31m")
    assert len(str(explain(x, of=ops.exp(x))).splitlines()) == 3
