"""Numbers as people read them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from viz import format
from viz.value import Value, measure


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (3.0, "3"),
        (-12.0, "-12"),
        (1234567.0, "1234567"),
        (9999999, "9999999"),
        (10000000, "1e7"),
        (-12345678, "-1.235e7"),
        (1.1, "1.1"),
        (float(np.float32(1.1)), "1.1"),
        (float(np.float32(2.2)), "2.2"),
        (3.3000001907, "3.3"),
        (165.00002, "165"),
        (6.1e-6, "6.1e-6"),
        (0.000123456, "0.0001235"),
        (1234.56, "1235"),
        (1.5e300, "1.5e300"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (True, "True"),
        (2**70, "1.181e21"),
    ],
)
def test_a_number_has_four_digits_and_an_integer_up_to_seven(x: float, text: str) -> None:
    assert format.number(x) == text


def test_the_precision_can_be_chosen() -> None:
    assert format.number(math.pi, 2) == "3.1"
    assert format.number(math.pi, 7) == "3.141593"


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.float32(2.5), "2.5"),
        (np.array([1.0, 2.5]), "[1 2.5]"),
        (np.array([[1, 2], [3, 4]]), "[[1 2] [3 4]]"),
        (np.array([[7.0]]), "[[7]]"),
        (np.array([3.0, 4.0, 0.0, 0.0]), "(4,) norm 5"),
        (np.ones((2, 2, 2)), "(2, 2, 2) norm 2.828"),
        (np.ones((0, 3)), "(0, 3) empty"),
        (np.arange(10), "(10,) int64 0…9"),
        (np.full(5, -100, "int32"), "(5,) int32, all -100"),
        (np.arange(100) % 2 == 0, "(100,) 50 of 100 true"),
        (np.full((30, 30), 2.0), "(30, 30) norm 60"),
        (np.array([True, False]), "[True False]"),
    ],
)
def test_arrays_are_printed_up_to_three_by_three_and_measured_beyond(
    array: np.ndarray, text: str
) -> None:
    assert format.in_line(measure(np.asarray(array))) == text


def test_a_value_that_was_not_kept_says_so() -> None:
    assert format.summary(Value((4, 3), None, None, None)) == "(4, 3) (not kept)"


def test_a_long_sum_shows_its_first_terms_and_counts_the_rest() -> None:
    parts = [measure(np.asarray(float(i))) for i in range(1, 101)]
    assert format.sum_text(parts) == "1 + 2 + 3 + 4 + 5 + 95 more"
    assert format.sum_text(parts[:1]) == ""
    assert format.sum_text([measure(np.ones(2)), measure(np.ones(2))]) == ""
