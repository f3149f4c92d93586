"""Gradient clipping: norms of every order, the factor, and gradients that cannot be written."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Tensor, as_tensor
from nn import optim

NORMS = [1.0, 2.0, 3.0, 0.5, float("inf")]


def with_gradients(*arrays: np.ndarray) -> list[Tensor]:
    """Parameters with these gradients, and one without."""
    params = [Tensor(np.zeros_like(g), requires_grad=True) for g in arrays]
    for p, g in zip(params, arrays, strict=True):
        p.grad = Tensor(g)
    return [*params, Tensor(0.0, requires_grad=True)]


def gradients(dtype: str = "float64") -> list[np.ndarray]:
    """Some gradients: a matrix, a vector, a number."""
    rng = np.random.default_rng(5)
    return [rng.normal(size=shape).astype(dtype) for shape in ((3, 4), (5,), ())]


def norm(arrays: list[np.ndarray], order: float) -> float:
    """The norm of all elements as one vector."""
    every = np.abs(np.concatenate([a.ravel() for a in arrays]))
    return every.max() if order == np.inf else (every**order).sum() ** (1 / order)


@pytest.mark.parametrize("order", NORMS)
@pytest.mark.parametrize("most", [0.7, 1e3, 0.0])
def test_gradients_are_scaled_to_the_norm_and_the_old_norm_returned(order, most) -> None:
    arrays = gradients()
    params = with_gradients(*arrays)
    total = optim.clip_grad_norm_(params, most, order)
    assert isinstance(total, Tensor) and total.shape == ()
    np.testing.assert_allclose(total.item(), norm(arrays, order), 1e-13)
    factor = min(1.0, most / (norm(arrays, order) + 1e-6))
    for p, g in zip(params[:-1], arrays, strict=True):
        np.testing.assert_allclose(p.grad.data, g * factor, 1e-13)


@pytest.mark.parametrize("order", NORMS)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-6)])
def test_clipping_agrees_with_pytorch(order: float, dtype: str, tolerance: float) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    params = with_gradients(*gradients(dtype))
    theirs = [torch.zeros(p.shape, requires_grad=True) for p in params]
    for q, p in zip(theirs, params[:-1], strict=False):
        q.data = torch.tensor(p.data)
        q.grad = torch.tensor(p.grad.data)
    total = optim.clip_grad_norm_(params, 0.7, order)
    wanted = torch.nn.utils.clip_grad_norm_(theirs, 0.7, order)
    np.testing.assert_allclose(total.item(), wanted.item(), tolerance)
    assert total.dtype.name == dtype
    for p, q in zip(params[:-1], theirs, strict=False):
        np.testing.assert_allclose(p.grad.data, q.grad.numpy(), tolerance, tolerance)
        assert p.grad.dtype.name == dtype


def test_values_are_limited_one_by_one() -> None:
    params = with_gradients(np.array([-3.0, -0.5, 0.2, 7.0]), np.array(2.0))
    optim.clip_grad_value_(params, 0.5)
    assert params[0].grad.tolist() == [-0.5, -0.5, 0.2, 0.5]
    assert params[1].grad.item() == 0.5 and params[2].grad is None


def test_the_norm_of_half_precision_does_not_overflow_in_its_squares() -> None:
    total = optim.get_total_norm([Tensor(np.full(4, 300, np.float16))])
    assert total.dtype == np.float16 and total.item() == 600.0


def test_gradients_of_several_dtypes_keep_theirs() -> None:
    params = with_gradients(np.array([3.0], "f4"), np.array([4.0], "f8"))
    total = optim.clip_grad_norm_(params, 1.0)
    np.testing.assert_allclose(total.item(), 5.0)
    assert [p.grad.dtype.name for p in params[:2]] == ["float32", "float64"]


@pytest.mark.parametrize("clip", [optim.clip_grad_norm_, optim.clip_grad_value_])
def test_a_gradient_that_cannot_be_written_is_replaced(clip) -> None:
    p = Tensor(np.zeros(3), requires_grad=True)
    view = np.broadcast_to(np.array([5.0]), (3,))
    p.grad = as_tensor(view)
    clip([p], 1.0)
    assert p.grad.data is not view and view[0] == 5.0
    assert (p.grad.data < 1.01).all()


def test_one_tensor_may_stand_alone() -> None:
    params = with_gradients(np.array([3.0, 4.0]))
    assert optim.clip_grad_norm_(params[0], 1.0).item() == 5.0
    np.testing.assert_allclose(optim.get_total_norm(params[0].grad).item(), 1.0, 1e-6)
    optim.clip_grad_value_(params[0], 0.1)
    assert params[0].grad.tolist() == [0.1, 0.1]


def test_a_norm_that_is_known_need_not_be_computed_again() -> None:
    params = with_gradients(np.array([3.0, 4.0]))
    optim.clip_grads_with_norm_(params, 1.0, Tensor(10.0, dtype="float64"))
    np.testing.assert_allclose(params[0].grad.data, [0.3, 0.4], 1e-6)


def test_no_gradients_have_norm_zero() -> None:
    assert optim.clip_grad_norm_([Tensor(1.0, requires_grad=True)], 1.0).item() == 0.0
    assert optim.get_total_norm([Tensor(np.zeros((0, 3)))]).item() == 0.0


def test_an_empty_generator_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="clip_grad_norm_: there are no parameters"):
        optim.clip_grad_norm_(iter(()), 1.0)


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_a_norm_that_is_not_finite_is_an_error_if_asked(value: float) -> None:
    params = with_gradients(np.array([1.0, value]))
    with pytest.raises(RuntimeError, match=f"the norm of order 2 of 1 gradients is {value}"):
        optim.clip_grad_norm_(params, 1.0, error_if_nonfinite=True)
    np.testing.assert_array_equal(params[0].grad.data, [1.0, value])
    optim.clip_grad_norm_(params, 1.0)
    assert np.isnan(params[0].grad.data[1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: optim.clip_grad_norm_(p, -1.0), "max_norm is -1.0"),
        (lambda p: optim.clip_grad_norm_(p, 1.0, 0), "norm_type is 0; it must be above 0"),
        (lambda p: optim.clip_grad_value_(p, -1.0), "clip_value is -1.0"),
    ],
)
def test_bounds_and_orders_out_of_range_are_refused(call, message: str) -> None:
    params = with_gradients(np.ones(2))
    with pytest.raises(ValueError, match=message):
        call(params)
    assert params[0].grad.tolist() == [1.0, 1.0]


def test_gradients_in_half_precision_are_clipped_where_their_norm_is_beyond_it() -> None:
    p = Tensor(np.zeros(4, np.float16), requires_grad=True)
    p.grad = Tensor(np.full(4, 6e4, np.float16))
    total = optim.clip_grad_norm_([p], 1.0)
    assert total.dtype == np.float16 and np.isinf(total.item())
    np.testing.assert_allclose(p.grad.numpy(), np.full(4, 0.5), rtol=1e-3)
