"""Newton, Gauss-Newton and Levenberg-Marquardt on problems whose answer is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import GraphError, Tensor, backend, manual_seed, ops
from nn.linear import LazyLinear
from nn.optim.flat import Flat
from nn.optim.least_squares import GaussNewton, LevenbergMarquardt, residual_jacobian
from nn.optim.newton import Newton
from tests.nn.optim.problems import (
    DECAY,
    LOWEST,
    decay_residual,
    double_well,
    leaf,
    quadratic,
    rosenbrock,
)

ALL = pytest.mark.parametrize("kind", [Newton, GaussNewton, LevenbergMarquardt])


def tanh_net(seed: int) -> tuple[list[Tensor], Callable[[], Tensor]]:
    """Six tanh units with large random weights, and their residual on a sine of 40 points."""
    rng = np.random.default_rng(seed)
    weights = [leaf(2 * rng.standard_normal(shape)) for shape in ((1, 6), (6,), (6, 1), (1,))]
    x = np.linspace(-2, 2, 40)[:, None]
    inputs, target = Tensor(x), Tensor(np.sin(2 * x))

    def residual() -> Tensor:
        w1, b1, w2, b2 = weights
        return ops.tanh(inputs @ w1 + b1) @ w2 + b2 - target

    return weights, residual


def squared_or_plain(r: Tensor, kind: type) -> Tensor:
    """What the closure of that optimizer returns for a residual."""
    return (r * r).sum() if kind is Newton else r


def half_square(r: Tensor) -> float:
    return float((r.data**2).sum()) / 2


def test_newton_reaches_the_minimum_of_a_quadratic_in_one_step() -> None:
    x = leaf([3.0, -2.0])
    optimizer = Newton([x])
    loss = optimizer.step(lambda: quadratic(x))
    np.testing.assert_allclose(x.data, LOWEST, rtol=1e-14)
    assert loss.item() == quadratic(leaf([3.0, -2.0])).item()
    assert optimizer.shift == 0
    assert x.grad is None


def test_newton_takes_several_parameters_of_any_shape_as_one_vector() -> None:
    a, b, unused = leaf(3.0), leaf([[-2.0]]), leaf([7.0, 7.0])
    optimizer = Newton([{"params": [a, b, unused]}], damping=1e-12)
    optimizer.step(lambda: quadratic(ops.concatenate([a.reshape(1), b.reshape(1)])))
    np.testing.assert_allclose([a.data, b.data[0, 0]], LOWEST, rtol=1e-9)
    np.testing.assert_array_equal(unused.data, [7.0, 7.0])


def test_newton_follows_rosenbrocks_valley_and_ends_quadratically() -> None:
    x = leaf([-1.2, 1.0])
    optimizer = Newton([x])
    losses = [optimizer.step(lambda: rosenbrock(x)).item() for _ in range(25)]
    np.testing.assert_allclose(x.data, 1, rtol=1e-12)
    assert losses == sorted(losses, reverse=True)
    last = [loss for loss in losses if loss > 1e-20]
    assert last[-1] < 1e-5 * last[-2]


def test_newton_says_that_it_shifts_a_hessian_with_negative_curvature_and_descends() -> None:
    x = leaf([0.1])  # on the wall between both wells
    optimizer = Newton([x])
    with pytest.warns(UserWarning, match=r"\(1, 1\) is not positive definite.*-3\.88"):
        before = optimizer.step(lambda: double_well(x)).item()
    assert optimizer.shift > 3.88
    assert double_well(x).item() < before
    for _ in range(20):
        optimizer.step(lambda: double_well(x))
    assert abs(4 * x.item() ** 3 - 4 * x.item() + 0.3) < 1e-12


def test_newton_shifts_a_step_that_would_overshoot() -> None:
    x = leaf([2.0])
    optimizer = Newton([x])
    first = optimizer.step(lambda: ops.log(ops.cosh(x)).sum()).item()
    assert optimizer.shift > 0  # the plain step goes from 2 to −11.6, where the loss is higher
    assert ops.log(ops.cosh(x)).sum().item() < first
    for _ in range(10):
        optimizer.step(lambda: ops.log(ops.cosh(x)).sum())
    assert abs(x.item()) < 1e-12


def test_newton_stays_at_a_minimum_and_on_a_constant_loss() -> None:
    x, y = leaf(LOWEST), leaf([1.0])
    Newton([x]).step(lambda: quadratic(x))
    np.testing.assert_allclose(x.data, LOWEST, rtol=1e-14)
    optimizer = Newton([y], damping=1.0)
    optimizer.step(lambda: Tensor(2.0))
    assert y.item() == 1


def test_newton_scales_its_step_by_lr() -> None:
    x = leaf([3.0, -2.0])
    Newton([x], lr=0.5).step(lambda: quadratic(x))
    np.testing.assert_allclose(x.data, (np.array([3.0, -2.0]) + LOWEST) / 2, rtol=1e-14)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_small_dtypes_stay_what_they_are(dtype: str) -> None:
    x, p = leaf([3.0, -2.0], dtype), leaf([2.0, 1.0, 0.0], dtype)
    loss = Newton([x]).step(lambda: quadratic(x))
    least = LevenbergMarquardt([p]).step(lambda: decay_residual(p))
    assert x.dtype == loss.dtype == p.dtype == least.dtype == dtype
    np.testing.assert_allclose(x.data, LOWEST, atol=4e-3)


@pytest.mark.parametrize("elements", [2, 3, 5])
def test_the_jacobian_is_the_same_by_rows_and_by_columns(elements: int) -> None:
    rng = np.random.default_rng(elements)
    matrix, x = Tensor(rng.standard_normal((elements, 3))), leaf(rng.standard_normal(3))
    jacobian = residual_jacobian(Flat([x], "test"), ops.sin(matrix @ x), "test")
    slope = np.cos(matrix.data @ x.data)[:, None]
    np.testing.assert_allclose(jacobian, slope * matrix.data, rtol=1e-13)


def test_gauss_newton_solves_a_linear_problem_in_one_step() -> None:
    rng = np.random.default_rng(0)
    a, b, x = rng.standard_normal((7, 3)), rng.standard_normal(7), leaf(np.zeros(3))
    loss = GaussNewton([x]).step(lambda: Tensor(a) @ x - Tensor(b))
    np.testing.assert_allclose(x.data, np.linalg.lstsq(a, b)[0], rtol=1e-12)
    assert loss.item() == pytest.approx((b**2).sum() / 2)


def test_gauss_newton_takes_the_shortest_step_where_several_are_best() -> None:
    x = leaf([1.0, 1.0])
    GaussNewton([x]).step(lambda: (x.sum() - 4).reshape(1))
    np.testing.assert_allclose(x.data, [2.0, 2.0], rtol=1e-14)


@pytest.mark.parametrize("scaling", [False, True])
def test_levenberg_marquardt_fits_a_decay_where_gauss_newton_diverges(scaling: bool) -> None:
    start = [1.0, 0.1, 0.0]
    p, q = leaf(start), leaf(start)
    marquardt, gauss = LevenbergMarquardt([p], scaling=scaling), GaussNewton([q])
    fitted = [marquardt.step(lambda: decay_residual(p)).item() for _ in range(30)]
    free = [gauss.step(lambda: decay_residual(q)).item() for _ in range(30)]
    np.testing.assert_allclose(p.data, DECAY, rtol=1e-10)
    assert fitted == sorted(fitted, reverse=True)
    assert max(free) > 1e10 * free[0]
    assert abs(q.data[1]) > 1000


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_levenberg_marquardt_fits_a_tanh_net_where_gauss_newton_diverges(seed: int) -> None:
    weights, residual = tanh_net(seed)
    marquardt = LevenbergMarquardt(weights)
    for _ in range(60):
        marquardt.step(residual)
    assert half_square(residual()) < 1e-3
    weights, residual = tanh_net(seed)
    gauss = GaussNewton(weights)
    free = [gauss.step(residual).item() for _ in range(60)]
    assert max(free) > 1e6 * free[0]
    assert half_square(residual()) > 1


def test_damping_falls_where_the_linear_model_is_right_and_rises_where_it_is_not() -> None:
    x = leaf([1.0])
    optimizer = LevenbergMarquardt([x], damping=1.0)
    assert optimizer.damping is None
    optimizer.step(lambda: 2 * x)  # JᵀJ = 4, so μ = 4; the model is exact, so μ falls to a third
    assert optimizer.damping == pytest.approx(4 / 3)
    y = leaf([1.0])
    other = LevenbergMarquardt([y], damping=1e-12)
    other.step(lambda: ops.arctan(10 * (y + 1)))  # the undamped step goes far beyond −1
    assert other.damping is not None and other.damping > 1e-6


def test_a_minimum_to_rounding_leaves_parameters_and_damping() -> None:
    p = leaf(DECAY)
    optimizer = LevenbergMarquardt([p])
    optimizer.step(lambda: decay_residual(p))
    before = optimizer.damping
    calls = []
    optimizer.step(lambda: (calls.append(1), decay_residual(p))[1])
    np.testing.assert_array_equal(p.data, DECAY)
    assert optimizer.damping == before
    assert len(calls) == 1


def test_a_saved_levenberg_marquardt_goes_on_bit_by_bit() -> None:
    p, q = leaf([1.0, 0.1, 0.0]), leaf([1.0, 0.1, 0.0])
    first, second = LevenbergMarquardt([p]), LevenbergMarquardt([q], damping=0.5)
    for _ in range(3):
        first.step(lambda: decay_residual(p))
    q.data[...] = p.data
    second.load_state_dict(first.state_dict())
    for _ in range(3):
        first.step(lambda: decay_residual(p))
        second.step(lambda: decay_residual(q))
    assert p.data.tobytes() == q.data.tobytes()
    assert first.damping == second.damping


@ALL
def test_a_step_that_fails_changes_nothing(kind: Any) -> None:
    x = leaf([1.0, 2.0])
    optimizer = kind([x])
    calls = []

    def breaks_at_the_second_call() -> Tensor:
        calls.append(1)
        if len(calls) > 1:
            raise KeyError("batch")
        return quadratic(x) if kind is Newton else 2 * x

    if kind is GaussNewton:  # it calls once
        calls.append(1)
    with pytest.raises(KeyError, match="batch"):
        optimizer.step(breaks_at_the_second_call)
    np.testing.assert_array_equal(x.data, [1.0, 2.0])
    assert not optimizer.state
    with pytest.raises(FloatingPointError, match=f"{kind.__name__}: the .* NaN or infinite"):
        optimizer.step(lambda: (x * np.inf).sum())
    np.testing.assert_array_equal(x.data, [1.0, 2.0])


@ALL
def test_wrong_closures_are_told_what_is_wanted(kind: Any) -> None:
    x = leaf([1.0, 2.0])
    optimizer = kind([x])
    with pytest.raises(TypeError, match=f"{kind.__name__}.step.. evaluates.*Pass a closure"):
        optimizer.step()
    with pytest.raises(TypeError, match=f"{kind.__name__}: the closure returned a float"):
        optimizer.step(lambda: 1.0)

    def calls_backward() -> Tensor:
        loss = (x * x).sum()
        loss.backward()
        return loss

    with pytest.raises(GraphError) as caught:
        optimizer.step(calls_backward)
    assert "the closure must not call backward()" in caught.value.__notes__[0]
    np.testing.assert_array_equal(x.data, [1.0, 2.0])


def test_newton_needs_one_number() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(ValueError, match=r"an array of shape \(2,\); it must return one number"):
        Newton([x]).step(lambda: x * x)


@ALL
def test_what_cannot_be_solved_is_refused_when_it_is_built(kind: Any) -> None:
    with pytest.raises(ValueError, match=r"5,001 parameters need a matrix.*at most 5,000"):
        kind([leaf(np.zeros(5001))])
    kind([leaf(np.zeros(6))], max_parameters=6)
    with pytest.raises(ValueError, match="2 parameter groups were given"):
        kind([{"params": [leaf([1.0])]}, {"params": [leaf([1.0])]}])
    option = "damping" if kind is LevenbergMarquardt else "lr"
    with pytest.raises(ValueError, match=f"{kind.__name__}: {option} is -1"):
        kind([leaf([1.0])], **{option: -1})


@ALL
def test_a_graph_that_kept_a_parameter_notices_the_step(kind: Any) -> None:
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    kind([x]).step(lambda: quadratic(x) if kind is Newton else 2 * x)
    with pytest.raises(GraphError, match="overwritten after the forward pass"):
        y.backward()


@ALL
def test_a_frozen_parameter_stays(kind: Any) -> None:
    x, frozen = leaf([3.0, -2.0]), leaf([1.0, 1.0])
    optimizer = kind([x, frozen])
    frozen.requires_grad_(False)
    for _ in range(30):
        optimizer.step(lambda: quadratic(x * frozen) if kind is Newton else x * frozen - LOWEST)
    np.testing.assert_array_equal(frozen.data, [1.0, 1.0])
    np.testing.assert_allclose(x.data, LOWEST, rtol=1e-6)


@ALL
def test_a_lazy_layer_may_learn_its_size_in_the_first_step(kind: Any) -> None:
    manual_seed(0)
    model, x = LazyLinear(1, bias=False, dtype="float64"), Tensor(np.eye(3))
    optimizer = kind(model.parameters())
    for _ in range(20):
        optimizer.step(lambda: squared_or_plain(model(x) - 2.0, kind))
    np.testing.assert_allclose(model(x).data, 2.0, rtol=1e-6)


@ALL
def test_the_same_steps_on_a_device(kind: Any, device: str) -> None:
    def run(where: str) -> Any:
        p = leaf([2.5, 1.2, 0.4], device=where)
        optimizer = kind([p])
        for _ in range(3):
            optimizer.step(lambda: squared_or_plain(decay_residual(p), kind))
        return backend.to_host(p.data)

    np.testing.assert_allclose(run("cuda"), run("cpu"), rtol=1e-8)
