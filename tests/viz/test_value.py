"""What a drawing knows of an array."""

from __future__ import annotations

import math

import numpy as np
import pytest

from viz.value import measure


def test_small_arrays_are_copied_and_large_ones_measured() -> None:
    small = np.ones((8, 8), np.float32)
    value = measure(small)
    small[...] = 5
    assert value.numbers == (1.0,) * 64
    assert measure(np.ones((8, 9))).numbers is None


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_the_norm_neither_overflows_nor_vanishes(scale: float) -> None:
    assert measure(np.array([3.0, 4.0]) * scale).norm == pytest.approx(5 * scale)


@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "bool"])
def test_every_dtype_is_measured(dtype: str) -> None:
    assert measure(np.ones(100, dtype)).norm == pytest.approx(10)


@pytest.mark.parametrize(
    ("numbers", "health"),
    [
        ([1.0, math.nan], "bad"),
        ([math.inf, 1.0], "bad"),
        ([0.0, 0.0], "zero"),
        ([0.0, 9e-6], "faint"),
        ([0.0, -2e-5], "fine"),
        ([], "fine"),
    ],
)
def test_health_is_told_by_the_largest_number(numbers: list[float], health: str) -> None:
    assert measure(np.array(numbers)).health == health
