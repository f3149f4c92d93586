"""What every operation promises beyond right numbers: dtype, shapes, memory, threads, the same
bits."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, grad, ops
from autograd.op import REGISTRY
from tests.autograd.registry import (
    DIFFERENTIABLE,
    SAMPLES,
    gradients,
    outputs_of,
    run,
    tensors,
    upstream,
)
from tests.samples import Sample

# LAPACK has no half precision, and says so by a TypeError.
WITHOUT_FLOAT16 = {"inv", "solve", "det", "slogdet", "cholesky"}


def tracked(values: list[Any]) -> list[Tensor]:
    return [x for x in values if isinstance(x, Tensor) and x.requires_grad]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_a_dtype_goes_in_and_the_same_comes_out_and_back(sample: Sample, dtype: str) -> None:
    if dtype == "float16" and sample.op in WITHOUT_FLOAT16:
        pytest.skip("LAPACK has no half precision")
    if sample.op == "astype":
        pytest.skip("its purpose is to change the dtype")
    values = tensors(sample, dtype)
    with np.errstate(all="ignore"):
        result = run(sample, values)
        for output in outputs_of(result):
            assert output.dtype == dtype
        for x, g in zip(tracked(values), gradients(sample, values), strict=True):
            assert g is None or g.dtype == x.dtype


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_gradients_are_arrays_of_the_inputs_shape_and_share_no_memory(sample: Sample) -> None:
    values = tensors(sample)
    outputs = outputs_of(run(sample, values))
    seeds = upstream(outputs)
    total = sum((y * s).sum() for y, s in zip(outputs, seeds, strict=True))
    assert isinstance(total, Tensor)
    total.backward()
    found = [(x, x.grad) for x in tracked(values) if x.grad is not None]
    assert found
    arrays = [g.data for _, g in found]
    for x, g in found:
        assert type(g.data) is np.ndarray
        assert g.shape == x.shape
        assert g.data.flags.writeable
    for i, array in enumerate(arrays):
        others = arrays[:i] + arrays[i + 1 :] + seeds + [x.data for x in tracked(values)]
        assert not any(np.shares_memory(array, other) for other in others)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_neither_pass_writes_into_an_input(sample: Sample) -> None:
    values = tensors(sample)
    before = [None if x is None else x.data.copy() for x in values]
    if REGISTRY[sample.op].is_differentiable:
        gradients(sample, values)
    else:
        run(sample, values)
    for old, x in zip(before, values, strict=True):
        assert old is None or np.array_equal(old, x.data, equal_nan=old.dtype.kind == "f")


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_first_gradients_are_the_same_bits_with_and_without_create_graph(sample: Sample) -> None:
    plain = gradients(sample, tensors(sample))
    recorded = gradients(sample, tensors(sample), create_graph=True)
    for a, b in zip(plain, recorded, strict=True):
        assert (a is None) == (b is None)
        assert a is None or a.data.tobytes() == b.data.tobytes()


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_rules_are_linear_in_the_upstream_gradient(sample: Sample) -> None:
    values = tensors(sample)
    outputs = outputs_of(run(sample, values))
    one, two = upstream(outputs, 1), upstream(outputs, 2)
    both = [a + 2 * b for a, b in zip(one, two, strict=True)]
    first, second, sums = (
        grad(outputs, tracked(values), g, retain_graph=True, allow_unused=True)
        for g in (one, two, both)
    )
    for a, b, c in zip(first, second, sums, strict=True):
        if a is not None:
            np.testing.assert_allclose(c.data, a.data + 2 * b.data, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_memory_returns_by_reference_counting_alone(sample: Sample) -> None:
    gc.disable()
    try:
        values = tensors(sample)
        outputs = outputs_of(run(sample, values))
        found = gradients(sample, values, create_graph=True)
        watched = [weakref.ref(y.node) for y in outputs] + [weakref.ref(x) for x in tracked(values)]
        del values, outputs, found
        assert [ref() for ref in watched if ref() is not None] == []
    finally:
        gc.enable()


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_inputs_that_are_not_contiguous_give_the_same_gradients(sample: Sample) -> None:
    def strided(x: Any) -> Any:
        if not isinstance(x, Tensor) or x.ndim == 0 or x.dtype.kind != "f":
            return x
        wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]))
        wide[..., ::2] = x.data
        made = Tensor(0.0)
        made._place(wide[..., ::2], x.requires_grad, None)
        return made

    values = tensors(sample)
    for a, b in zip(
        gradients(sample, values), gradients(sample, [strided(x) for x in values]), strict=True
    ):
        assert a is None or np.allclose(a.data, b.data, rtol=1e-12, atol=1e-14)


def test_eight_threads_with_graphs_of_their_own_find_what_one_finds() -> None:
    def everything(_: int) -> list[bytes]:
        with np.errstate(all="ignore"):
            return [
                b"" if g is None else g.data.tobytes()
                for sample in DIFFERENTIABLE
                for g in gradients(sample, tensors(sample))
            ]

    alone = everything(0)
    with ThreadPoolExecutor(8) as pool:
        for together in pool.map(everything, range(8)):
            assert together == alone


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_operation_is_documented_and_every_rule_has_a_formula(name: str) -> None:
    op = REGISTRY[name]
    assert op.symbol
    # A private operation behind a public function of its name is documented there.
    assert op.__doc__ or getattr(ops, name).__doc__
    for rule in op.rules.values():
        formula = rule.parsed()
        assert formula.pretty()
