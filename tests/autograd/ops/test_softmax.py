"""softmax and log_softmax: extremes, masks, masked rows, and PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import normal

INF = float("inf")
BOTH = pytest.mark.parametrize("function", [ops.softmax, ops.log_softmax])


@BOTH
@pytest.mark.parametrize(("shape", "axis"), [((5,), -1), ((2, 3, 4), 1), ((2, 3), 0), ((3, 1), 1)])
def test_values_and_gradients_agree_with_pytorch(
    function: Any, shape: tuple[int, ...], axis: int
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x = Tensor(normal(*shape), requires_grad=True, dtype="float64")
    mirror = torch.tensor(x.detach().numpy(), requires_grad=True)
    z, expected = function(x, axis=axis), getattr(torch, function.name)(mirror, axis)
    np.testing.assert_allclose(z.detach().numpy(), expected.detach().numpy(), rtol=1e-12)
    g = normal(*shape, seed=1)
    expected.backward(torch.tensor(g))
    np.testing.assert_allclose(grad(z, x, g)[0].numpy(), mirror.grad.numpy(), atol=1e-13)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_scores_of_ten_thousand_are_regular(dtype: str) -> None:
    x = Tensor(np.array([1e4, -1e4, 1e4], dtype), requires_grad=True)
    p, logs = ops.softmax(x), ops.log_softmax(x)
    assert p.detach().numpy().tolist() == [0.5, 0, 0.5]
    np.testing.assert_allclose(logs.detach().numpy()[[0, 2]], -np.log(2), rtol=1e-3)
    (slope,) = grad(logs, x, np.array([1.0, 1.0, 1.0], dtype))
    assert p.dtype == logs.dtype == slope.dtype == np.dtype(dtype)
    np.testing.assert_allclose(slope.numpy(), [-0.5, 1, -0.5])


def test_masked_scores_get_no_probability_and_no_gradient() -> None:
    x = Tensor(np.array([[0.0, -INF, 0.0]]), requires_grad=True)
    p = ops.softmax(x)
    assert p.detach().numpy().tolist() == [[0.5, 0, 0.5]]
    assert grad(p, x, np.array([[1.0, 5.0, 0.0]]))[0].numpy().tolist() == [[0.25, 0, -0.25]]
    logs = ops.log_softmax(x)
    assert logs.detach().numpy()[0, 1] == -INF
    slope = grad(logs, x, np.array([[1.0, INF, 0.0]]))[0].numpy()
    assert slope.tolist() == [[0.5, 0, -0.5]]


def test_a_fully_masked_row_has_no_probabilities_and_no_gradient() -> None:
    x = Tensor(np.array([[-INF, -INF], [0.0, 0.0]]), requires_grad=True)
    p, logs = ops.softmax(x), ops.log_softmax(x)
    assert p.detach().numpy().tolist() == [[0, 0], [0.5, 0.5]]
    assert logs.detach().numpy()[0].tolist() == [-INF, -INF]
    g = np.array([[1.0, 2.0], [1.0, 0.0]])
    assert grad(p, x, g)[0].numpy().tolist() == [[0, 0], [0.25, -0.25]]
    assert grad(logs, x, g)[0].numpy().tolist() == [[0, 0], [0.5, -0.5]]


def test_second_derivatives_stay_finite_beside_a_mask() -> None:
    x = Tensor(np.array([0.3, -INF, 0.1]), requires_grad=True)
    for function in (ops.softmax, ops.log_softmax):
        (first,) = grad(function(x), x, np.array([1.0, 2.0, -1.0]), create_graph=True)
        (second,) = grad(first, x, np.array([1.0, 1.0, 2.0]))
        assert np.isfinite(second.numpy()).all() and second.numpy()[1] == 0


@BOTH
def test_a_nan_is_not_hidden(function: Any) -> None:
    assert np.isnan(function(np.array([0.0, np.nan])).numpy()).all()


@BOTH
def test_integers_become_floating(function: Any) -> None:
    assert function(np.array([1, 2])).dtype == np.float32


@BOTH
def test_an_axis_that_is_missing_or_empty_is_refused(function: Any) -> None:
    with pytest.raises(ShapeError, match=f"{function.name}: axis 2 is out of range"):
        function(np.ones((2, 3)), axis=2)
    with pytest.raises(ShapeError, match=r"x is \(2, 0\) and has no elements along axis -1"):
        function(np.ones((2, 0)))
    assert function(np.ones((0, 2))).shape == (0, 2)


def test_many_classes_in_half_precision_are_added_up_in_single() -> None:
    x = np.zeros((2, 8192, 3), "float16")
    np.testing.assert_array_equal(ops.softmax(x, axis=1).numpy(), np.full_like(x, 1 / 8192))
    np.testing.assert_allclose(ops.log_softmax(x, axis=1).numpy(), -np.log(8192), rtol=1e-3)
    loss = ops.cross_entropy(x, np.zeros((2, 3), int))
    np.testing.assert_allclose(loss.numpy(), np.log(8192), rtol=1e-3)
