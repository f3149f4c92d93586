"""The four operations, powers, extremes of two, where and clip: values, zeros, ties, dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import DTypeError, ShapeError, Tensor, grad, ops

INF, NAN = float("inf"), float("nan")


def leaf(*values: float, dtype: str = "float64") -> Tensor:
    """A tracked vector, or a number if one value is given."""
    return Tensor(np.array(values if len(values) > 1 else values[0], dtype), requires_grad=True)


def slope(function: Any, *inputs: Tensor) -> list[Any]:
    """The gradients of the sum of function's result, as lists."""
    return [g.tolist() for g in grad(function(*inputs).sum(), list(inputs))]


def test_numpys_names_are_the_same_operations() -> None:
    assert ops.subtract is ops.sub and ops.multiply is ops.mul and ops.power is ops.pow
    assert ops.true_divide is ops.divide is ops.div and ops.negative is ops.neg
    assert ops.absolute is ops.abs and ops.remainder is ops.mod


@pytest.mark.parametrize(
    "name", "add subtract multiply divide floor_divide mod power maximum minimum".split()
)
def test_two_arrays_give_what_numpy_gives(name: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.5, 3, (2, 3)), rng.uniform(0.5, 3, 3)
    result = getattr(ops, name)(x, y)
    np.testing.assert_array_equal(result.numpy(), getattr(np, name)(x, y))
    assert result.dtype == np.float64


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", "add sub mul div mod pow maximum minimum".split())
@pytest.mark.parametrize("number", [2, 2.5, np.float64(2.5)])
def test_a_number_on_either_side_keeps_a_narrow_dtype(name: str, number: Any, dtype: str) -> None:
    for x in (leaf(1.0, 3.0, dtype=dtype), leaf(3.0, dtype=dtype)):
        for y in (getattr(ops, name)(x, number), getattr(ops, name)(number, x)):
            (g,) = grad(y.sum(), x)
            assert y.dtype == g.dtype == np.dtype(dtype)
            assert y.shape == g.shape == x.shape


def test_division_by_a_tiny_number_has_a_finite_gradient() -> None:
    x, y = leaf(1e-20, dtype="float32"), leaf(1e-25, dtype="float32")
    dx, dy = grad(x / y, (x, y))
    np.testing.assert_allclose([dx.item(), dy.item()], [1e25, -1e30], rtol=1e-5)


def test_integers_divide_to_the_default_dtype() -> None:
    assert ops.div(Tensor(np.array([1, 2])), 2).dtype == np.float32


def test_floor_division_says_that_it_has_no_gradient() -> None:
    y = leaf(5.0) // 2
    assert y.item() == 2.0 and not y.requires_grad
    with pytest.raises(RuntimeError, match=r"'floor_divide'.*has no gradient"):
        y.backward()


def test_remainder_has_the_sign_of_the_divisor_as_in_python() -> None:
    assert (leaf(5.0, -5.0) % leaf(-3.0, 3.0)).tolist() == [5 % -3, -5 % 3]


# Powers


def test_x_to_the_zero_has_no_slope_even_at_zero() -> None:
    for exponent in (0, Tensor([0.0, 0.0], dtype="float64")):
        x = leaf(0.0, 3.0)
        y = x**exponent
        (first,) = grad(y.sum(), x, create_graph=True)
        (second,) = grad(first.sum(), x)
        assert (y.tolist(), first.tolist(), second.tolist()) == ([1, 1], [0, 0], [0, 0])


def test_derivatives_of_whole_powers_end_at_zero() -> None:
    x = leaf(0.0, -2.0)
    expected = {
        1: [[1, 1], [0, 0], [0, 0]],
        2: [[0, -4], [2, 2], [0, 0]],
        3: [[0, 12], [0, -12], [6, 6]],
    }
    for exponent, levels in expected.items():
        y = x**exponent
        for level in levels:
            (y,) = grad(y.sum(), x, create_graph=True)
            assert y.tolist() == level


def test_negative_numbers_have_whole_powers() -> None:
    x = leaf(-2.0)
    y = x**3
    assert y.item() == -8 and slope(lambda x: x**3, x) == [12.0]
    assert slope(lambda x: x**-1.0, x) == [-0.25]


def test_a_root_is_steep_at_zero() -> None:
    assert slope(lambda x: x**0.5, leaf(0.0)) == [INF]


def test_zero_to_the_y_is_flat_in_y_from_zero_up() -> None:
    y = leaf(0.0, 0.5, 1.0, 2.0)
    assert slope(lambda y: ops.pow(0.0, y), y) == [[0, 0, 0, 0]]
    assert slope(lambda y: Tensor([0.0] * 4, dtype="float64") ** y, y) == [[0, 0, 0, 0]]


def test_the_mixed_second_derivative_of_a_power_is_right_at_exponent_zero() -> None:
    for exponent in (leaf(0.0), leaf(0.0, 0.0)):
        x = leaf(2.0, 4.0)
        (dx,) = grad((x**exponent).sum(), x, create_graph=True)
        (mixed,) = grad(dx.sum(), exponent)  # ∂²(xʸ)/∂x∂y = 1/x at y = 0
        assert mixed.sum().item() == pytest.approx(0.75)


def test_integer_powers_of_integers_stay_integer_and_refuse_negative_ones() -> None:
    x = Tensor(np.array([2, 3]))
    assert (x**2).tolist() == [4, 9] and (x**2).dtype == x.dtype
    with pytest.raises(ValueError, match="negative integer powers"):
        x**-1


# Extremes, choice, bounds


@pytest.mark.parametrize("op", [ops.maximum, ops.minimum])
def test_equal_ones_share_the_gradient_of_an_extreme(op: Any) -> None:
    dx, dy = slope(op, leaf(1.0, 5.0, 2.0), leaf(1.0, 2.0, 5.0))
    assert dx[0] == dy[0] == 0.5 and [a + b for a, b in zip(dx, dy, strict=True)] == [1, 1, 1]


@pytest.mark.parametrize("op", [ops.maximum, ops.minimum])
def test_extremes_propagate_nan_from_either_side(op: Any) -> None:
    assert np.isnan(op([NAN, 1.0], [1.0, NAN]).numpy()).all()


def test_what_where_did_not_choose_gets_zero_even_from_an_infinite_gradient() -> None:
    x = leaf(0.0, 4.0)
    y = ops.where(x > 0, ops.sqrt(ops.where(x > 0, x, 1.0)), 0.0)
    assert grad(y.sum(), x)[0].tolist() == [0.0, 0.25]
    big, small = leaf(1.0), leaf(2.0)
    dbig, dsmall = grad(ops.where(True, big, small), (big, small), INF)
    assert (dbig.item(), dsmall.item()) == (INF, 0.0)


def test_where_takes_a_mask_that_broadcasts() -> None:
    x = Tensor(np.ones((2, 3)), requires_grad=True)
    y = ops.where(Tensor(np.array([True, False, True])), x, 0)
    assert y.tolist() == [[1, 0, 1], [1, 0, 1]] and slope(lambda x: ops.where(y > 0, x, 7), x) == [
        y.tolist()
    ]


def test_selection_of_large_gradients_equals_that_of_small_ones() -> None:
    rng = np.random.default_rng(0)
    for dtype in ("float16", "float32", "float64"):
        g = rng.standard_normal((40, 50)).astype(dtype)
        g[0, :3] = INF, NAN, -INF
        mask = rng.random((40, 50)) > 0.5
        mask[0, :3] = False
        kept = ops.arithmetic.keep_where(np, mask, g)
        np.testing.assert_array_equal(kept, np.where(mask, g, 0))
        assert kept.dtype == g.dtype


def test_clip_passes_the_gradient_at_its_bounds() -> None:
    x = leaf(-2.0, -1.0, 0.0, 1.0, 2.0)
    assert x.clip(-1, 1).tolist() == [-1, -1, 0, 1, 1]
    assert slope(lambda x: x.clip(-1, 1), x) == [[0, 1, 1, 1, 0]]
    assert slope(lambda x: x.clip(max=0.5), x) == [[1, 1, 1, 0, 0]]
    assert slope(lambda x: x.clip(min=np.float64(1)), x) == [[0, 0, 0, 1, 1]]
    assert slope(lambda x: x.clip(), x) == [[1, 1, 1, 1, 1]]


def test_clip_keeps_nan_and_a_narrow_dtype() -> None:
    y = leaf(NAN, 3.0, dtype="float32").clip(0, np.float64(1))
    assert np.isnan(y.tolist()[0]) and y.tolist()[1] == 1 and y.dtype == np.float32


def test_clip_refuses_bounds_that_are_no_numbers_or_crossed() -> None:
    with pytest.raises(DTypeError, match=r"clip: min is a ndarray.*use minimum and maximum"):
        leaf(1.0, 2.0).clip(np.zeros(2))
    with pytest.raises(ValueError, match="min = 2 is above max = 1"):
        leaf(1.0).clip(2, 1)


def test_absolute_value_and_sign_are_flat_at_zero() -> None:
    x = leaf(-3.0, 0.0, 2.0)
    assert slope(ops.abs, x) == [[-1, 0, 1]]
    assert ops.sign(x).tolist() == [-1, 0, 1] and slope(ops.sign, x) == [[0, 0, 0]]


def test_shapes_that_do_not_broadcast_are_named() -> None:
    with pytest.raises(ShapeError, match=r"add: x is \(2,\) and y is \(3,\).*do not broadcast"):
        leaf(1.0, 2.0) + leaf(1.0, 2.0, 3.0)


@pytest.mark.parametrize("name", "add sub mul div pow maximum minimum hypot".split())
def test_pytorch_agrees_on_values_and_gradients(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    words = {"add": "add", "sub": "sub", "mul": "mul", "div": "div", "pow": "pow"}
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.5, 3, (2, 3)), np.round(rng.uniform(0.5, 3, 3))
    x[0, 0] = y[0]
    ours = [Tensor(v, requires_grad=True) for v in (x, y)]
    theirs = [torch.tensor(v, requires_grad=True) for v in (x, y)]
    z, t = getattr(ops, name)(*ours), getattr(torch, words.get(name, name))(*theirs)
    np.testing.assert_allclose(z.detach().numpy(), t.detach().numpy(), rtol=1e-14)
    for a, b in zip(grad(z.sum(), ours), torch.autograd.grad(t.sum(), theirs), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-13)


def test_integers_clipped_by_floating_bounds_become_the_default_dtype() -> None:
    assert ops.clip(np.arange(3), 0, 1.5).tolist() == [0.0, 1.0, 1.5]
    assert ops.clip(np.arange(3), 0, 1.5).dtype == np.float32
    assert ops.clip(np.arange(3), 0, 1).dtype == np.int64


@pytest.mark.parametrize("name", ["neg", "sign"])
def test_what_numpy_does_not_define_for_bools_is_refused_with_a_remedy(name: str) -> None:
    with pytest.raises(DTypeError, match=rf"{name}: x is bool, .*astype"):
        getattr(ops, name)(np.array([True]))


@pytest.mark.parametrize(("dtype", "tiny"), [("float16", 1e-5), ("float32", 1e-40)])
def test_power_0_of_a_number_whose_inverse_overflows_has_gradient_0(
    dtype: str, tiny: float
) -> None:
    x, y = leaf(tiny, 1.0, dtype=dtype), leaf(0.0, 0.0, dtype=dtype)
    assert slope(ops.pow, x, y)[0] == [0.0, 0.0]
