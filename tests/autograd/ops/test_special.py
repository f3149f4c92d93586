"""The error function against Python's own, which is right to the last bit or two."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd import Tensor, ops


def test_erf_agrees_with_python_to_a_few_last_bits_everywhere() -> None:
    near_the_seam = 0.46875 + np.arange(-50, 51) * 2.0**-53
    x = np.concatenate([np.linspace(-7, 7, 20001), np.logspace(-300, 0, 1000), near_the_seam])
    exact = np.array([math.erf(v) for v in x])
    error = np.abs(ops.erf(x).numpy() - exact)
    assert (error <= 4 * np.spacing(np.abs(exact))).all()


@pytest.mark.parametrize(("dtype", "bits"), [("float32", 4), ("float16", 1)])
def test_erf_in_a_narrow_dtype_is_right_to_its_last_bits(dtype: str, bits: int) -> None:
    x = np.linspace(-5, 5, 2001).astype(dtype)
    exact = np.array([math.erf(v) for v in x])
    result = ops.erf(x).numpy()
    assert result.dtype == x.dtype
    assert (np.abs(result - exact) <= bits * np.spacing(np.abs(exact).astype(dtype))).all()


def test_erf_at_the_ends_is_exact_and_nan_stays_nan() -> None:
    ends = ops.erf([-np.inf, -1e4, -0.0, 0.0, 1e4, np.inf, np.nan]).tolist()
    assert ends[:6] == [-1, -1, 0, 0, 1, 1] and math.isnan(ends[6])
    assert math.copysign(1, ends[2]) == -1


def test_the_slope_of_erf_at_zero_is_two_over_the_root_of_pi() -> None:
    x = Tensor(0.0, requires_grad=True, dtype="float64")
    ops.erf(x).backward()
    assert x.grad is not None and x.grad.item() == pytest.approx(2 / math.sqrt(math.pi), rel=1e-15)


def test_erf_in_single_precision_never_leaves_one_and_keeps_its_order() -> None:
    x = np.linspace(2, 6, 40001, dtype="float32")
    z = ops.erf(x).numpy()
    assert z.max() == 1 and (z[x > 4] == 1).all()
    assert (np.diff(z) >= -2 * np.spacing(np.float32(1))).all()
    assert ops.erf(np.float32(1e-30)).item() == pytest.approx(1.1283792e-30, rel=1e-6)
