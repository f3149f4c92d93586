"""Comparisons, logic and tests against NumPy's; none has a gradient."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import DTypeError, ShapeError, Tensor, ops

COMPARISONS = "equal not_equal less less_equal greater greater_equal".split()
LOGIC = "logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor".split()


@pytest.mark.parametrize("name", COMPARISONS)
def test_comparisons_are_numpys(name: str) -> None:
    x, y = np.array([[1.0], [2.0], [np.nan]]), np.array([1.0, 2.0])
    result = getattr(ops, name)(x, y)
    np.testing.assert_array_equal(result.numpy(), getattr(np, name)(x, y))
    assert result.dtype == np.bool_


@pytest.mark.parametrize("name", LOGIC)
def test_logic_is_numpys(name: str) -> None:
    x, y = np.array([[True], [False]]), np.array([True, False])
    np.testing.assert_array_equal(getattr(ops, name)(x, y).numpy(), getattr(np, name)(x, y))


@pytest.mark.parametrize("name", ["isnan", "isinf", "isfinite", "logical_not"])
def test_tests_of_numbers_are_numpys(name: str) -> None:
    x = np.array([0.0, 1.0, np.nan, np.inf, -np.inf])
    np.testing.assert_array_equal(getattr(ops, name)(x).numpy(), getattr(np, name)(x))


def test_a_comparison_of_tracked_tensors_is_untracked_and_says_why() -> None:
    mask = Tensor(1.0, requires_grad=True) > 0
    assert not mask.requires_grad
    with pytest.raises(RuntimeError, match=r"'greater'.*has no gradient"):
        mask.backward()


def test_bits_of_floats_are_refused() -> None:
    with pytest.raises(TypeError, match="bitwise_and"):
        Tensor([1.0]) & Tensor([2.0])


def test_bits_of_integers_are_combined() -> None:
    x = Tensor(np.array([6, 5]))
    assert ((x & 3).tolist(), (x | 8).tolist(), (1 ^ x).tolist(), (~x).tolist()) == (
        [2, 1],
        [14, 13],
        [7, 4],
        [-7, -6],
    )


def test_array_equal_wants_one_shape_and_equal_elements() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    assert ops.array_equal(x, [1.0, 2.0]) is True
    assert not ops.array_equal(x, [1.0, 3.0]) and not ops.array_equal(x, [[1.0, 2.0]])


def test_allclose_has_tolerances_and_an_opinion_on_nan() -> None:
    x = Tensor([1.0, float("nan")])
    assert ops.allclose(x, x, equal_nan=True) is True and not ops.allclose(x, x)
    assert ops.allclose([100.0], [100.1], rtol=0.01) and not ops.allclose([100.0], [100.1])


def test_allclose_of_shapes_that_do_not_broadcast_is_a_shape_error() -> None:
    with pytest.raises(ShapeError, match=r"x is \(2, 3\) and y is \(2,\)"):
        ops.allclose(np.ones((2, 3)), np.ones(2))


def test_bitwise_logic_on_floats_names_the_dtypes() -> None:
    with pytest.raises(DTypeError, match="bitwise_and: x is float64 and y is float64"):
        ops.bitwise_and(np.ones(2), np.ones(2, bool))
