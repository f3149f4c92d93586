"""Reductions: NumPy's values, the conventions at ties, zeros and infinities, and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import normal

AXES = [None, 0, -1, (0, 2), (-1, 1), ()]
NAMES = ["sum", "mean", "var", "std", "max", "min", "prod", "any", "all", "count_nonzero"]


def gradient(function: Any, x: Any) -> np.ndarray:
    """∂Σ function(x) / ∂x."""
    leaf = Tensor(np.asarray(x), requires_grad=True)
    z = function(leaf)
    (g,) = grad([z], [leaf], [np.ones(z.shape)])
    return g.numpy()


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("name", NAMES)
def test_values_and_shapes_are_those_of_numpy(name: str, axis: Any, keepdims: bool) -> None:
    x = normal(2, 3, 4)
    ours = getattr(ops, name)(Tensor(x), axis=axis, keepdims=keepdims).numpy()
    theirs = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("ddof", [0, 1, 2])
def test_var_and_std_divide_by_n_minus_ddof(ddof: int) -> None:
    x = normal(3, 4)
    np.testing.assert_allclose(ops.var(Tensor(x), axis=1, ddof=ddof).numpy(), x.var(1, ddof=ddof))
    np.testing.assert_allclose(ops.std(Tensor(x), axis=1, ddof=ddof).numpy(), x.std(1, ddof=ddof))


@pytest.mark.parametrize("name", ["max", "min"])
def test_ties_share_the_gradient_evenly(name: str) -> None:
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [3.0, 1.0, 1.0]])
    count = (x == getattr(x, name)(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
    expected = (x == getattr(x, name)(axis=1, keepdims=True)) / count
    np.testing.assert_array_equal(gradient(lambda t: getattr(ops, name)(t, axis=1), x), expected)


def test_the_shares_of_a_tie_over_all_axes_add_up_to_the_upstream_gradient() -> None:
    x = np.array([[5.0, 5.0], [5.0, 0.0]])
    np.testing.assert_allclose(gradient(ops.max, x), [[1 / 3, 1 / 3], [1 / 3, 0]])


@pytest.mark.parametrize("name", ["max", "min"])
def test_an_extreme_propagates_nan(name: str) -> None:
    x = np.array([[1.0, np.nan], [1.0, 2.0]])
    assert np.isnan(getattr(ops, name)(Tensor(x), axis=1).numpy()).tolist() == [True, False]
    g = gradient(lambda t: getattr(ops, name)(t, axis=1), x)
    assert np.isnan(g[0]).all() and g[1].sum() == 1


def test_an_infinite_upstream_gradient_reaches_the_largest_alone() -> None:
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    (g,) = grad(ops.max(x), x, np.array(np.inf))
    assert g.tolist() == [0.0, np.inf]


@pytest.mark.parametrize("value", [0.0, 0.1, -3.3, 1e10])
def test_std_of_equal_elements_has_gradient_zero_and_finite_curvature(value: float) -> None:
    x = Tensor(np.full((2, 3), value), requires_grad=True)
    z = ops.std(x, axis=1)
    assert z.tolist() == [0.0, 0.0]
    (first,) = grad(z.sum(), x, create_graph=True)
    assert first.tolist() == np.zeros((2, 3)).tolist()
    (second,) = grad((first * normal(2, 3)).sum(), x)
    assert np.isfinite(second.numpy()).all()


def test_std_of_infinities_and_nan_is_not_taken_for_constant() -> None:
    assert np.isnan(ops.std(Tensor(np.array([1.0, np.nan]))).item())


@pytest.mark.parametrize("scale", [1e4, -1e4])
def test_logsumexp_is_finite_for_large_inputs(scale: float) -> None:
    x = np.array([[scale, scale], [scale, 0.0]], dtype=np.float32)
    z = ops.logsumexp(Tensor(x), axis=1).numpy()
    np.testing.assert_allclose(z, [scale + np.log(2), max(scale, 0)], rtol=1e-6)
    assert np.isfinite(gradient(lambda t: ops.logsumexp(t, axis=1), x)).all()


def test_logsumexp_of_minus_infinities_alone_is_minus_infinity_with_gradient_zero() -> None:
    x = np.array([[-np.inf, -np.inf], [-np.inf, 0.0]])
    assert ops.logsumexp(Tensor(x), axis=1).tolist() == [-np.inf, 0.0]
    leaf = Tensor(x, requires_grad=True)
    (first,) = grad(ops.logsumexp(leaf, axis=1).sum(), leaf, create_graph=True)
    assert first.tolist() == [[0.0, 0.0], [0.0, 1.0]]
    (second,) = grad((first * first).sum(), leaf)
    assert np.isfinite(second.numpy()).all()


def test_logsumexp_of_plus_infinity_is_plus_infinity() -> None:
    assert ops.logsumexp(Tensor(np.array([np.inf, 1e4, -np.inf]))).item() == np.inf


def test_logsumexp_of_nothing_is_minus_infinity() -> None:
    z = ops.logsumexp(Tensor(np.zeros((2, 0))), axis=1, keepdims=True)
    assert z.tolist() == [[-np.inf], [-np.inf]]


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_arguments_of_extremes_name_the_first_of_equals(name: str) -> None:
    x = np.array([[2, 5, 5], [1, 1, 3]])
    for axis, keepdims in [(None, False), (1, False), (0, True), (None, True)]:
        ours = getattr(ops, name)(Tensor(x), axis=axis, keepdims=keepdims)
        assert ours.tolist() == getattr(np, name)(x, axis=axis, keepdims=keepdims).tolist()
        assert not ours.requires_grad


def test_sums_of_nothing_are_zero_and_extremes_of_nothing_raise() -> None:
    nothing = Tensor(np.zeros((0, 3)))
    assert ops.sum(nothing).item() == 0
    assert ops.sum(nothing, axis=0).tolist() == [0.0, 0.0, 0.0]
    assert ops.max(nothing, axis=1).shape == (0,)
    for name in ("max", "min", "argmax", "argmin"):
        with pytest.raises(ShapeError, match=rf"{name}: x is \(0, 3\), so there is nothing"):
            getattr(ops, name)(nothing, axis=0)


def test_gradients_of_empty_results_are_empty() -> None:
    for name in ("sum", "mean", "var", "std", "max", "prod", "logsumexp"):
        leaf = Tensor(np.zeros((0, 3)), requires_grad=True)
        z = getattr(ops, name)(leaf, axis=1)
        (g,) = grad([z], [leaf], [np.zeros(0)])
        assert g.shape == (0, 3), name


@pytest.mark.parametrize("name", [*NAMES, "logsumexp", "norm"])
def test_bad_axes_raise_with_their_values(name: str) -> None:
    x = Tensor(normal(2, 3))
    with pytest.raises(ShapeError, match=rf"{name}: axis 2 is out of range for 2 dimensions"):
        getattr(ops, name)(x, axis=2)
    with pytest.raises(ShapeError, match=rf"{name}: axis \(0, -2\) names an axis twice"):
        getattr(ops, name)(x, axis=(0, -2))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "max", "min", "prod", "logsumexp"])
@pytest.mark.parametrize("axis", [None, 1])
def test_dtypes_are_kept_in_values_and_gradients(name: str, axis: int | None, dtype: str) -> None:
    x = Tensor(normal(2, 3).astype(dtype), requires_grad=True)
    z = getattr(ops, name)(x, axis=axis)
    z.sum().backward()
    assert x.grad is not None
    assert z.dtype == x.grad.dtype == np.dtype(dtype)


def test_integers_sum_to_integers_and_average_to_the_default_dtype() -> None:
    x = Tensor(np.arange(6).reshape(2, 3))
    assert ops.sum(x).dtype == np.int64 and ops.sum(x).item() == 15
    assert ops.mean(x).dtype == np.float32 and ops.mean(x).item() == 2.5


def test_a_numpy_integer_is_an_axis() -> None:
    assert (
        gradient(lambda t: ops.sum(t, axis=np.int64(1)), normal(2, 3)).tolist() == [[1.0] * 3] * 2
    )


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 1, (0, 2)])
def test_values_and_gradients_agree_with_pytorch(axis: Any, keepdims: bool) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x, dims = normal(2, 3, 4), tuple(range(3)) if axis is None else axis
    pairs = [
        (ops.sum, torch.sum),
        (ops.mean, torch.mean),
        (ops.var, lambda t, **k: torch.var(t, correction=0, **k)),
        (ops.std, lambda t, **k: torch.std(t, correction=0, **k)),
        (ops.max, torch.amax),
        (ops.min, torch.amin),
        (ops.logsumexp, torch.logsumexp),
    ]
    for ours, theirs in pairs:
        leaf = torch.tensor(x, requires_grad=True)
        z = theirs(leaf, dim=dims, keepdim=keepdims)
        z.sum().backward()
        value = ours(Tensor(x), axis=axis, keepdims=keepdims).numpy()
        np.testing.assert_allclose(value, z.detach().numpy(), rtol=1e-12)
        found = gradient(lambda t, f=ours: f(t, axis=axis, keepdims=keepdims), x)
        np.testing.assert_allclose(found, leaf.grad.numpy(), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("name", ["sum", "max", "min", "prod"])
def test_a_number_reduced_along_its_axis_0_as_numpy_does_has_the_gradient_1(name: str) -> None:
    assert gradient(lambda t: getattr(ops, name)(t, axis=0), 1.5).tolist() == 1.0


@pytest.mark.parametrize("axis", [1.0, "a", [0], [0, 1]])
@pytest.mark.parametrize("name", [*NAMES, "argmax"])
def test_an_axis_that_is_no_integer_is_refused_by_name(name: str, axis: Any) -> None:
    with pytest.raises(ShapeError, match=f"{name}: axis .* integer"):
        getattr(ops, name)(normal(2, 3), axis=axis)


def test_argmax_takes_one_axis_only() -> None:
    with pytest.raises(ShapeError, match=r"argmax: axis \(0, 1\) must be an integer or None"):
        ops.argmax(normal(2, 3), axis=(0, 1))


def test_a_number_has_no_axes_to_choose_from() -> None:
    with pytest.raises(ShapeError, match="axis 0 is out of range: a single number has no axes"):
        ops.logsumexp(1.5, axis=0)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # as NumPy warns
def test_std_is_nan_not_0_where_numpy_has_no_answer() -> None:
    assert np.isnan(ops.std(np.ones((3, 1)), axis=1, ddof=1).numpy()).all()
    assert np.isnan(ops.std(np.full(3, np.inf)).numpy())


@pytest.mark.parametrize("name", ["var", "std"])
def test_spread_in_half_precision_does_not_overflow_on_the_way(name: str) -> None:
    x = np.linspace(-300, 300, 50).astype(np.float16)
    z = getattr(ops, name)(Tensor(x))
    np.testing.assert_allclose(z.numpy(), getattr(np, name)(x.astype(float)), rtol=1e-3)
    assert z.dtype == np.float16


def test_sums_of_half_precision_are_added_up_in_single() -> None:
    x = np.ones((10_000, 2), "float16")
    z = ops.sum(x, axis=0)
    assert z.dtype == np.float16 and z.tolist() == [10_000, 10_000]
    assert ops.sum(x[0, 0]).item() == 1
    np.testing.assert_allclose(ops.logsumexp(x, axis=0).numpy(), 1 + np.log(1e4), rtol=1e-3)
