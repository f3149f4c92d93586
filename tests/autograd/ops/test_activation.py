"""Activations: their kinks, their far ends, their dtypes, and PyTorch's opinion."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops

NAMES = "sigmoid relu leaky_relu elu selu gelu gelu_tanh silu softplus mish hardswish".split()


def leaf(*values: float, dtype: str = "float64") -> Tensor:
    return Tensor(np.array(values, dtype), requires_grad=True)


def slope(function: Any, x: Tensor) -> list[float]:
    (g,) = grad(function(x).sum(), x)
    return g.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_pytorch_agrees_on_values_and_first_and_second_derivatives(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    functional = torch.nn.functional
    theirs = {
        "gelu_tanh": lambda t: functional.gelu(t, approximate="tanh"),
        "sigmoid": torch.sigmoid,
    }
    x = np.array([-9.0, -3.5, -2.9, -1.0, -0.2, 0.3, 1.0, 2.9, 3.1, 9.0])
    a, t = leaf(*x), torch.tensor(x, requires_grad=True)
    for order in range(3):
        if order == 0:
            a1, t1 = getattr(ops, name)(a), theirs.get(name, getattr(functional, name, None))(t)
        elif t1.requires_grad and t1.grad_fn is not None and a1.requires_grad:
            (a1,) = grad(a1.sum(), a, create_graph=True)
            (t1,) = torch.autograd.grad(t1.sum(), t, create_graph=True)
        np.testing.assert_allclose(
            a1.detach().numpy(),
            t1.detach().numpy(),
            rtol=1e-9,
            atol=1e-14,
            err_msg=f"order {order}",
        )


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_values_and_two_derivatives_are_finite_at_ten_thousand(name: str, dtype: str) -> None:
    x = leaf(-1e4, -100.0, 0.0, 100.0, 1e4, dtype=dtype)
    z = getattr(ops, name)(x)
    (first,) = grad(z.sum(), x, create_graph=True)
    (second,) = grad((first + 0 * x).sum(), x)
    for array in (z.detach().numpy(), first.detach().numpy(), second.numpy()):
        assert np.isfinite(array).all() and array.dtype == np.dtype(dtype)


@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_nan(name: str) -> None:
    assert np.isnan(getattr(ops, name)(np.array([np.nan])).numpy()).all()


@pytest.mark.parametrize("name", NAMES)
def test_single_numbers_keep_shape_and_dtype(name: str) -> None:
    x = Tensor(0.5, requires_grad=True)
    z = getattr(ops, name)(x)
    (g,) = grad(z, x)
    assert z.shape == g.shape == () and z.dtype == g.dtype == np.float32


def test_at_zero_relu_is_flat_and_its_relatives_take_the_negative_side() -> None:
    zero = leaf(0.0)
    assert slope(ops.relu, zero) == [0]
    assert slope(ops.leaky_relu, zero) == [0.01]
    assert slope(lambda x: ops.elu(x, alpha=0.5), zero) == [0.5]
    assert slope(ops.selu, zero) == [pytest.approx(1.0507009873554805 * 1.6732632423543772)]
    assert slope(ops.hardswish, leaf(-3.0, 3.0)) == [0, 1]


def test_relu_stops_an_infinite_gradient() -> None:
    x = leaf(-1.0, 4.0)
    assert slope(lambda x: ops.sqrt(ops.relu(x)), x) == [0, 0.25]


def test_second_derivatives_at_zero_are_those_of_smooth_functions() -> None:
    expected = {"sigmoid": 0.0, "silu": 0.5, "softplus": 0.25, "gelu": 2 / np.sqrt(2 * np.pi)}
    for name, value in expected.items():
        x = leaf(0.0)
        (first,) = grad(getattr(ops, name)(x).sum(), x, create_graph=True)
        assert grad(first.sum(), x)[0].tolist() == [pytest.approx(value, abs=1e-15)]


def test_sigmoid_keeps_its_digits_for_very_negative_numbers() -> None:
    x = leaf(-40.0, -700.0)
    np.testing.assert_allclose(ops.sigmoid(x).detach().numpy(), np.exp([-40.0, -700.0]), rtol=1e-14)


def test_softplus_is_the_identity_above_its_threshold() -> None:
    x = leaf(3.0, 1.0)
    z = ops.softplus(x, beta=2.0, threshold=4.0)
    assert z.tolist() == [3.0, pytest.approx(np.log1p(np.exp(2)) / 2)]
    assert slope(lambda x: ops.softplus(x, beta=2.0, threshold=4.0), x)[0] == 1


def test_gelu_chooses_its_form_by_approximate() -> None:
    x = leaf(0.7)
    assert (
        ops.gelu(x, approximate="tanh").tolist()
        == ops.gelu_tanh(x).tolist()
        != ops.gelu(x).tolist()
    )
    with pytest.raises(ValueError, match='approximate is \'erf\'; it must be "none" or "tanh"'):
        ops.gelu(x, approximate="erf")


def test_maxout_takes_the_largest_of_neighbours_and_splits_ties() -> None:
    x = leaf(1.0, 3.0, 2.0, 5.0, 5.0, 4.0)
    assert ops.maxout(x, pieces=3).tolist() == [3, 5]
    assert slope(lambda x: ops.maxout(x, pieces=3), x) == [0, 1, 0, 0.5, 0.5, 0]
    with pytest.raises(ShapeError, match=r"maxout: axis -1 of shape \(6,\).*groups of 4"):
        ops.maxout(x, pieces=4)
    with pytest.raises(ShapeError, match="maxout: axis 2 is out of range"):
        ops.maxout(x, pieces=2, axis=2)


@pytest.mark.parametrize(
    ("name", "setting"), [("leaky_relu", "negative_slope"), ("elu", "alpha"), ("softplus", "beta")]
)
def test_a_numpy_number_as_a_setting_does_not_widen_the_result(name: str, setting: str) -> None:
    x = np.array([-1.0, 2.0], np.float32)
    assert getattr(ops, name)(x, **{setting: np.float64(0.5)}).dtype == np.float32
