"""The lecture's numbers, exact to rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, grad, ops


def leaf(value: Any, dtype: str = "float64") -> Tensor:
    return Tensor(np.array(value, dtype), requires_grad=True)


def close(ours: Any, theirs: Any, rtol: float = 1e-15) -> None:
    np.testing.assert_allclose(np.asarray(ours.detach()), theirs, rtol=rtol, atol=rtol)


ROUNDING = {"float32": 2e-7, "float64": 4e-16}


@pytest.mark.parametrize("dtype", ROUNDING)
def test_apples(dtype: str) -> None:
    price, count, tax = leaf(100, dtype), leaf(2, dtype), leaf(1.1, dtype)
    total = price * count * tax
    total.backward()
    close(total, 220, ROUNDING[dtype])
    for x, gradient in ((price, 2.2), (count, 110), (tax, 200)):
        close(x.grad, gradient, ROUNDING[dtype])


@pytest.mark.parametrize("dtype", ROUNDING)
def test_apples_and_tangerines(dtype: str) -> None:
    apple, apples = leaf(100, dtype), leaf(2, dtype)
    tangerine, tangerines, tax = leaf(150, dtype), leaf(3, dtype), leaf(1.1, dtype)
    products = [apple * apples, tangerine * tangerines]
    for product in products:
        product.retain_grad()
    total = (products[0] + products[1]) * tax
    total.backward()
    close(total, 715, ROUNDING[dtype])
    expected = [2.2, 110, 3.3, 165, 650, 1.1, 1.1]
    leaves = [apple, apples, tangerine, tangerines, tax, *products]
    for x, gradient in zip(leaves, expected, strict=True):
        close(x.grad, gradient, ROUNDING[dtype])


@pytest.mark.parametrize("g", [1.3, -2.0, 0.0, 1e30])
def test_an_add_node_passes_its_upstream_on(g: float) -> None:
    x, y = leaf(10), leaf(5)
    (x + y).backward(g)
    close(x.grad, g)
    close(y.grad, g)


def test_a_multiply_node_swaps_its_inputs() -> None:
    x, y = leaf(10), leaf(5)
    z = x * y
    z.backward(1.3)
    close(z, 50)
    close(x.grad, 6.5)
    close(y.grad, 13)


def test_an_affine_layer_as_matrices() -> None:
    rng = np.random.default_rng(0)
    x, w, b = leaf(rng.standard_normal(2)), leaf(rng.standard_normal((2, 3))), leaf([1.0, 2, 3])
    g = rng.standard_normal(3)
    (x @ w + b).backward(g)
    close(x.grad, g @ w.data.T)
    close(w.grad, np.outer(x.data, g))
    close(b.grad, g)


def test_an_affine_layer_on_a_batch_sums_the_bias() -> None:
    rng = np.random.default_rng(1)
    x, w, b = (
        leaf(rng.standard_normal((4, 2))),
        leaf(rng.standard_normal((2, 3))),
        leaf([1.0, 2, 3]),
    )
    g = rng.standard_normal((4, 3))
    (x @ w + b).backward(g)
    close(x.grad, g @ w.data.T)
    close(w.grad, x.data.T @ g)
    close(b.grad, g.sum(axis=0))


def test_a_sigmoid_s_gradient_is_y_times_one_minus_y() -> None:
    x = leaf([-2.0, 0.0, 0.5, 3.0])
    y = ops.sigmoid(x)
    y.sum().backward()
    close(y, 1 / (1 + np.exp(-x.data)), 1e-15)
    close(x.grad, y.detach().numpy() * (1 - y.detach().numpy()), 1e-15)
    by_hand = leaf(x.data)
    (1 / (1 + ops.exp(-by_hand))).sum().backward()
    close(by_hand.grad, x.grad.numpy() if x.grad is not None else None, 1e-14)


def test_softmax_with_cross_entropy_gives_the_difference() -> None:
    logits = leaf([[2.0, -1.0, 0.3], [0.1, 0.2, 3.0]])
    one_hot = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    guess = ops.softmax(logits)
    loss = -(Tensor(one_hot) * ops.log(guess)).sum()
    loss.backward()
    close(logits.grad, guess.detach().numpy() - one_hot, 1e-15)
    fused = leaf(logits.data)
    ops.cross_entropy(fused, np.array([1, 2]), reduction="sum").backward()
    close(fused.grad, guess.detach().numpy() - one_hot, 1e-15)
    (mean,) = grad(ops.cross_entropy(fused, np.array([1, 2])), fused)
    close(mean, (guess.detach().numpy() - one_hot) / 2, 1e-15)


def test_binary_cross_entropy_on_a_sigmoid_gives_the_mean_difference() -> None:
    logits, y = leaf([2.0, -1.0, 0.3, -4.0]), np.array([1.0, 0.0, 0.0, 1.0])
    guess = ops.sigmoid(logits)
    target = Tensor(y)
    loss = -(target * ops.log(guess) + (1 - target) * ops.log(1 - guess)).mean()
    loss.backward()
    close(logits.grad, (guess.detach().numpy() - y) / 4, 1e-14)
    fused = leaf(logits.data)
    ops.binary_cross_entropy_with_logits(fused, target).backward()
    close(fused.grad, (guess.detach().numpy() - y) / 4, 1e-15)


IMAGE = ["11100", "01110", "00111", "00110", "01100"]
KERNEL = ["101", "010", "101"]


def digits(rows: list[str]) -> np.ndarray:
    return np.array([[float(d) for d in row] for row in rows])


def test_the_five_by_five_image_under_the_three_by_three_kernel() -> None:
    image, kernel = leaf(digits(IMAGE)[None, None]), leaf(digits(KERNEL)[None, None])
    z = ops.conv2d(image, kernel)
    assert z.tolist() == [[[[4, 3, 4], [2, 4, 3], [2, 3, 4]]]]
    z.sum().backward()
    assert kernel.grad is not None
    sums = [
        [IMAGE[i + a][j + b] for i in range(3) for j in range(3)]
        for a in range(3)
        for b in range(3)
    ]
    assert kernel.grad.numpy().ravel().tolist() == [sum(map(float, s)) for s in sums]
    assert image.grad is not None
    assert float(image.grad.sum()) == 9 * digits(KERNEL).sum()
