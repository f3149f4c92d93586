"""Sum and average pooling against PyTorch and written-out means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import normal

POOLS = {1: ops.avg_pool1d, 2: ops.avg_pool2d}
GRID = [
    (1, (2, 3, 7), {"kernel_size": 2}),
    (1, (2, 1, 29), {"kernel_size": 9}),
    (1, (1, 1, 4), {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True}),
    (1, (1, 2, 7), {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}),
    (2, (2, 3, 6, 4), {"kernel_size": 2}),
    (2, (2, 2, 7, 5), {"kernel_size": 3, "stride": 2, "padding": 1}),
    (2, (2, 2, 7, 6), {"kernel_size": 3, "stride": 2, "ceil_mode": True}),
    (2, (1, 2, 8, 7), {"kernel_size": 3, "stride": 3, "padding": 1, "ceil_mode": True}),
    (2, (1, 1, 8, 5), {"kernel_size": (3, 2), "stride": (1, 3), "padding": (1, 0)}),
    (2, (1, 1, 5, 5), {"kernel_size": 3, "stride": 2, "padding": 1, "divisor_override": 4}),
    (2, (1, 2, 5, 6), {"kernel_size": 2, "padding": 1, "count_include_pad": False}),
    (2, (0, 2, 4, 4), {"kernel_size": 2}),
]


@pytest.mark.parametrize(("n", "shape", "settings"), GRID)
def test_average_pooling_and_its_gradient_agree_with_pytorch(
    n: int, shape: tuple[int, ...], settings: dict[str, Any]
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x = Tensor(normal(*shape), requires_grad=True, dtype="float64")
    mirror = torch.tensor(x.detach().numpy(), requires_grad=True)
    z = POOLS[n](x, **settings)
    expected = getattr(torch.nn.functional, f"avg_pool{n}d")(mirror, **settings)
    np.testing.assert_allclose(
        z.detach().numpy(), expected.detach().numpy(), rtol=1e-10, atol=1e-12
    )
    g = normal(*z.shape, seed=9)
    expected.backward(torch.tensor(g))
    found = grad(z, x, g)[0].numpy()
    np.testing.assert_allclose(found, mirror.grad.numpy(), rtol=1e-10, atol=1e-12)


def test_sum_pooling_is_the_sum_of_each_window() -> None:
    x = np.arange(24.0).reshape(1, 1, 4, 6)
    z = ops.sum_pool2d(x, kernel_size=(2, 3)).numpy()
    expected = [[x[0, 0, i : i + 2, j : j + 3].sum() for j in (0, 3)] for i in (0, 2)]
    assert z[0, 0].tolist() == expected
    line = ops.sum_pool1d(np.array([[[1.0, 2.0, 4.0]]]), kernel_size=2, stride=1, padding=1)
    assert line.numpy().tolist() == [[[1, 3, 6, 4]]]


def test_a_nan_spoils_only_the_windows_that_hold_it() -> None:
    x = np.ones((1, 1, 4, 4))
    x[0, 0, 1, 2] = np.nan
    z = ops.avg_pool2d(x, kernel_size=2).numpy()[0, 0]
    assert np.isnan(z).tolist() == [[False, True], [False, False]]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(
    ("function", "settings"),
    [
        (ops.avg_pool2d, {"kernel_size": 3, "stride": 1, "padding": 1, "count_include_pad": False}),
        (ops.sum_pool2d, {"kernel_size": 2}),
        (ops.adaptive_avg_pool2d, {"output_size": 3}),
    ],
)
def test_pooling_keeps_the_dtype_forward_and_backward(
    function: Any, settings: dict[str, Any], dtype: str
) -> None:
    x = Tensor(np.ones((1, 1, 4, 4), dtype), requires_grad=True)
    z = function(x, **settings)
    z.sum().backward()
    assert z.dtype == x.grad.dtype == np.dtype(dtype)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kernel_size": 6}, r"kernel \(6, 6\) is larger than the padded input \(4, 5\)"),
        ({"kernel_size": 3, "padding": 2}, r"padding=2 is more than half of the kernel \(3, 3\)"),
        (
            {"kernel_size": 2, "divisor_override": 0},
            "divisor_override=0 must be an integer other than 0",
        ),
    ],
)
def test_wrong_arguments_are_refused_with_their_values(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        ops.avg_pool2d(np.ones((1, 1, 4, 5)), **settings)


def test_a_divisor_that_is_no_integer_is_refused_and_not_cut() -> None:
    with pytest.raises(ShapeError, match=r"divisor_override=1\.5 must be an integer"):
        ops.avg_pool2d(normal(1, 1, 4, 4), kernel_size=2, divisor_override=1.5)
