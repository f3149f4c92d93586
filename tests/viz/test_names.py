"""What a drawing calls things."""

from __future__ import annotations

import pytest

import viz
from tests.viz.graphs import leaf
from viz.names import one_line


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("사과 가격", "사과 가격"),
        ("a\nb", "a\\nb"),
        ("a\x1b[31m", "a\\x1b[31m"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud800", "\\ud800"),
        ("👩\u200d🌾", "👩\u200d🌾"),
        ("N" * 41, "N" * 39 + "…"),
    ],
)
def test_a_name_is_one_harmless_line(name: str, shown: str) -> None:
    assert one_line(name) == shown


def labels(drawing: viz.Drawing) -> list[str]:
    return [box.label for box in drawing.view.boxes]


def test_a_tensor_without_name_is_called_like_the_callers_variable() -> None:
    price, count = leaf(100.0), leaf(2.0, "given")
    _hidden = leaf(3.0)
    total = price * count * _hidden
    assert labels(viz.draw(total)) == ["price", "given", "×", "v2", "×", "total"]


def test_of_two_variables_the_first_names_a_tensor() -> None:
    first = leaf(1.0)
    second = first
    assert labels(viz.draw(second * 2))[0] == "first"


def test_numbers_are_given_out_around_names_that_are_taken() -> None:
    assert labels(viz.draw(leaf(1.0) * leaf(2.0, "v1"))) == ["v2", "v1", "×", "v3"]


def test_a_constant_is_called_by_its_number() -> None:
    x = leaf(1.0)
    assert labels(viz.draw(x * 2.5)) == ["x", "2.5", "×", "v1"]


def test_a_blank_name_is_no_name() -> None:
    assert labels(viz.draw(leaf(1.0, "  ") * leaf(2.0, "")))[:2] == ["v1", "v2"]


def test_what_locals_gave_the_caller_is_left_alone() -> None:
    price = leaf(100.0)
    held = locals()
    viz.draw(price * 2.0)
    assert held["price"] is price
