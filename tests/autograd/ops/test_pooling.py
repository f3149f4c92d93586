"""Max pooling against PyTorch: sizes that do not divide, padding, ties, NaN, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import normal

INF, NAN = float("inf"), float("nan")

GRID = [
    (1, (2, 3, 7), {"kernel_size": 2}),
    (1, (2, 1, 7), {"kernel_size": 3, "stride": 1, "padding": 1, "dilation": 2}),
    (1, (1, 1, 4), {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True}),
    (1, (1, 1, 7), {"kernel_size": 1, "stride": 7, "ceil_mode": True}),
    (2, (2, 3, 6, 4), {"kernel_size": 2}),
    (2, (2, 2, 7, 5), {"kernel_size": 3, "stride": 2, "padding": 1}),
    (2, (2, 2, 7, 6), {"kernel_size": 3, "stride": 2, "ceil_mode": True}),
    (2, (1, 1, 8, 5), {"kernel_size": (3, 2), "stride": (2, 3), "padding": (1, 0)}),
    (2, (1, 2, 7, 7), {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True}),
    (2, (1, 2, 7, 6), {"kernel_size": 2, "dilation": (3, 2), "padding": 1, "stride": 1}),
    (2, (0, 2, 4, 4), {"kernel_size": 2}),
]
POOLS = {1: ops.max_pool1d, 2: ops.max_pool2d}


@pytest.mark.parametrize(("n", "shape", "settings"), GRID)
def test_max_pooling_and_its_gradient_agree_with_pytorch(
    n: int, shape: tuple[int, ...], settings: dict[str, Any]
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x = Tensor(normal(*shape).round(1), requires_grad=True)  # rounded, so that there are ties
    mirror = torch.tensor(x.detach().numpy(), requires_grad=True)
    z = POOLS[n](x, **settings)
    expected = getattr(torch.nn.functional, f"max_pool{n}d")(mirror, **settings)
    np.testing.assert_array_equal(z.detach().numpy(), expected.detach().numpy())
    g = normal(*z.shape, seed=9)
    expected.backward(torch.tensor(g))
    np.testing.assert_allclose(grad(z, x, g)[0].numpy(), mirror.grad.numpy(), rtol=1e-12)


def slopes(values: list[float], **settings: Any) -> tuple[list[float], list[float]]:
    x = Tensor(np.array([[values]]), requires_grad=True)
    z = ops.max_pool1d(x, **settings)
    z.sum().backward()
    return z.numpy()[0, 0].tolist() if not z.requires_grad else z.detach().numpy()[0, 0].tolist(), (
        x.grad.numpy()[0, 0].tolist()
    )


def test_of_equal_elements_the_first_gets_the_whole_gradient() -> None:
    assert slopes([2.0, 2.0, 1.0, 3.0, 3.0, 3.0], kernel_size=3) == ([2, 3], [1, 0, 0, 1, 0, 0])


def test_overlapping_windows_add_up_at_a_shared_maximum() -> None:
    assert slopes([1.0, 5.0, 2.0], kernel_size=2, stride=1) == ([5, 5], [0, 2, 0])


def test_a_nan_is_the_maximum_of_its_window_and_gets_the_gradient() -> None:
    z, gradient = slopes([1.0, NAN, 9.0, 2.0, 3.0, NAN, NAN, 1.0], kernel_size=4)
    assert np.isnan(z).all()
    assert gradient == [0, 1, 0, 0, 0, 1, 0, 0]


def test_padding_never_wins_and_takes_no_gradient_of_masked_elements() -> None:
    assert slopes([-5.0, -6.0], kernel_size=3, stride=2, padding=1) == ([-5], [1, 0])
    assert slopes([-INF, -INF, -INF], kernel_size=2, stride=2, padding=1) == (
        [-INF, -INF],
        [1, 1, 0],
    )


def test_integers_are_pooled_as_the_default_floating_dtype() -> None:
    z = ops.max_pool1d(np.array([[[3, 1, 2, 4]]]), kernel_size=2)
    assert z.dtype == np.float32 and z.numpy().tolist() == [[[3, 4]]]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_max_pooling_keeps_the_dtype_forward_and_backward(dtype: str) -> None:
    x = Tensor(np.ones((1, 1, 4, 4), dtype), requires_grad=True)
    z = ops.max_pool2d(x, kernel_size=3, stride=1, padding=1)
    z.sum().backward()
    assert z.dtype == x.grad.dtype == np.dtype(dtype)


def test_the_node_keeps_the_positions_and_neither_input_nor_output() -> None:
    x = Tensor(normal(1, 1, 16, 16), requires_grad=True, dtype="float64")
    (index,) = ops.max_pool2d(x, kernel_size=2)._node.kept
    assert index.shape == (1, 1, 8, 8) and index.dtype == np.int32


def test_taking_and_scattering_in_windows_are_adjoint() -> None:
    settings = {"kernel_size": (2, 3), "stride": 2, "padding": (1, 1), "ceil_mode": True}
    x = normal(2, 2, 5, 6)
    index = ops.argmax_in_windows(x, **settings).numpy()
    taken = ops.take_in_windows(x, index, **settings).numpy()
    np.testing.assert_array_equal(taken, ops.max_pool2d(x, **settings).numpy())
    y = normal(*taken.shape, seed=1)
    back = ops.scatter_in_windows(y, index, shape=x.shape, **settings).numpy()
    np.testing.assert_allclose((taken * y).sum(), (x * back).sum())


@pytest.mark.parametrize(
    ("shape", "settings", "parts"),
    [
        ((1, 1, 2, 5), {"kernel_size": 3}, ["kernel (3, 3)", "input (2, 5)"]),
        (
            (1, 1, 4, 4),
            {"kernel_size": 2, "padding": 2},
            ["padding=2", "half of the kernel (2, 2)"],
        ),
        ((1, 4, 4), {"kernel_size": 2}, ["(1, 4, 4)", "4 axes", "x[None]"]),
        ((1, 1, 4, 4), {"kernel_size": 0}, ["kernel_size=0", "at least 1"]),
        ((1, 1, 4, 4), {"kernel_size": 2, "stride": 0}, ["stride=0"]),
    ],
)
def test_wrong_arguments_are_refused_with_their_values(
    shape: tuple[int, ...], settings: dict[str, Any], parts: list[str]
) -> None:
    with pytest.raises(ShapeError) as error:
        ops.max_pool2d(np.ones(shape), **settings)
    assert all(part in str(error.value) for part in ["max_pool2d", *parts])
