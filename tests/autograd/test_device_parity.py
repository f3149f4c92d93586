"""The whole registry on a device: NumPy's numbers, without a copy to the host.

The device is the stand-in, and CuPy where there is a GPU (marker `gpu`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, backend, grad, gradcheck
from autograd.op import REGISTRY
from tests import standin
from tests.autograd.registry import DIFFERENTIABLE, SAMPLES, outputs_of, run, tensors, upstream
from tests.devices import require_gpu
from tests.samples import Sample

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's own; devices are silent

MOVES = {"to_device"}
"""To the host and back is what this operation is for; test_backend.py has it."""
ON_DEVICE = [sample for sample in SAMPLES if sample.op not in MOVES]
RULED = [sample for sample in DIFFERENTIABLE if sample.op not in MOVES]


@pytest.mark.gpu
def test_cupy_proves_itself_by_an_allocation() -> None:
    require_gpu()
    assert float(Tensor([1.0, 2.0], device="cuda").sum()) == 3


def moved(values: list[Any]) -> list[Any]:
    """The same leaves on the device."""
    return [
        Tensor(backend.to_device(x.data, "cuda"), requires_grad=x.requires_grad)
        if isinstance(x, Tensor)
        else x
        for x in values
    ]


def leaves(values: list[Any]) -> list[Tensor]:
    return [x for x in values if isinstance(x, Tensor) and x.requires_grad]


def derivatives(sample: Sample, values: list[Any]) -> dict[str, list[Any]]:
    """The outputs, the gradients along random directions, and the gradients of those."""
    result = run(sample, values)
    found = {"outputs": list(result) if isinstance(result, tuple) else [result]}
    outputs = outputs_of(result)
    if not outputs:
        return found
    xs, gs = leaves(values), upstream(outputs)
    found["backward"] = list(grad(outputs, xs, gs, retain_graph=True, allow_unused=True))
    first = list(grad(outputs, xs, gs, create_graph=True, allow_unused=True))
    found["create_graph"] = first
    live = [f for f in first if f is not None and f.requires_grad]
    if live:
        found["second"] = list(grad(live, xs, upstream(live, 4), allow_unused=True))
    return found


@pytest.mark.parametrize("sample", ON_DEVICE, ids=str)
def test_values_and_both_derivatives_are_numpy_s_without_a_copy(
    sample: Sample, device: str
) -> None:
    values = tensors(sample)
    expected = derivatives(sample, values)
    there = moved(values)
    standin.copies.reset()
    found = derivatives(sample, there)
    assert standin.copies.count == 0, standin.copies.log
    assert found.keys() == expected.keys()
    for what, ours in found.items():
        for a, b in zip(ours, expected[what], strict=True):
            assert (a is None) == (b is None), what
            if a is None:
                continue
            assert a.device == "cuda:0", what
            assert (a.dtype, a.shape) == (b.dtype, b.shape), what
            np.testing.assert_allclose(
                a.detach().cpu().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-12, err_msg=what
            )


@pytest.mark.parametrize("sample", RULED, ids=str)
def test_leaves_receive_their_gradients_without_a_copy(sample: Sample, device: str) -> None:
    values = moved(tensors(sample))
    standin.copies.reset()
    outputs = outputs_of(run(sample, values))
    total: Any = 0.0
    for y in outputs:
        total = total + (y * 2).sum()
    total.backward()
    assert standin.copies.count == 0, standin.copies.log
    for x in leaves(values):
        if x.grad is not None:
            assert backend.is_cupy(x.grad.data)
            assert (x.grad.shape, x.grad.dtype) == (x.shape, x.dtype)


def first_samples() -> list[Sample]:
    """One sample of each operation: dtypes do not depend on shapes."""
    return list({s.op: s for s in reversed(RULED)}.values())


@pytest.mark.parametrize("sample", RULED, ids=str)
def test_gradients_agree_with_central_differences_there(sample: Sample, device: str) -> None:
    assert gradcheck(lambda *values: run(sample, list(values)), moved(tensors(sample)))


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("sample", [s for s in first_samples() if s.op != "astype"], ids=str)
def test_narrow_dtypes_stay_narrow_there(sample: Sample, dtype: str, device: str) -> None:
    if dtype == "float16" and "linalg" in REGISTRY[sample.op].forward.__module__:
        pytest.skip("LAPACK and cuSOLVER have no half precision")
    values = moved(tensors(sample, dtype))
    outputs = outputs_of(run(sample, values))
    assert {y.dtype.name for y in outputs} == {dtype}
    gradients = grad(outputs, leaves(values), upstream(outputs), allow_unused=True)
    assert {g.dtype.name for g in gradients if g is not None} == {dtype}
