"""Every operation of the registry, put through the same checks on its samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, grad, ops
from autograd.gradcheck import gradcheck, gradgradcheck
from autograd.op import REGISTRY
from autograd.shapes import expand_reduced, sum_to_shape
from tests.autograd.registry import DIFFERENTIABLE, SAMPLES, run, tensors
from tests.samples import Sample


def test_every_operation_has_a_sample() -> None:
    assert set(REGISTRY) == {s.op for s in SAMPLES}


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_gradients_agree_with_central_differences(sample: Sample) -> None:
    assert gradcheck(lambda *values: run(sample, list(values)), tensors(sample))


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_second_derivatives_agree_with_central_differences(sample: Sample) -> None:
    assert gradgradcheck(lambda *values: run(sample, list(values)), tensors(sample))


def formula_cases() -> list[Any]:
    return [
        pytest.param(s, name, id=f"{s}-{name}")
        for s in DIFFERENTIABLE
        if s.has_smooth_formula
        for name in REGISTRY[s.op].rules
    ]


@pytest.mark.parametrize(("sample", "name"), formula_cases())
def test_formulas_agree_with_the_rules_they_describe(sample: Sample, name: str) -> None:
    op = REGISTRY[sample.op]
    if op.is_starred:
        position, key = 0, op.inputs[0]
    else:
        position, key = op.inputs.index(name), name
    if sample.inputs[position] is None:
        pytest.skip("the optional input is left out of this sample")
    values = tensors(sample)
    z = run(sample, values)
    outputs = z if isinstance(z, tuple) else (z,)
    g = tuple(np.random.default_rng(3).standard_normal(o.shape) for o in outputs)
    live = [(o, gi) for o, gi in zip(outputs, g, strict=True) if o.requires_grad]
    (ours,) = grad([o for o, _ in live], [values[position]], [gi for _, gi in live])
    theirs = evaluate(sample, op.rules[key], values, outputs, g, position)
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-7, atol=1e-9)


def evaluate(
    sample: Sample, rule: Any, values: list[Any], outputs: Any, g: Any, position: int
) -> Any:
    """The gradient that the rule's formula describes, computed on NumPy arrays."""
    op, formula = REGISTRY[sample.op], rule.parsed()
    arrays = [None if v is None else v.data for v in values]
    variables: dict[str, Any] = {**op.settings, **sample.settings, "i": position}
    if op.is_starred:
        xs = op.inputs[0]
        variables |= {xs: tuple(arrays), f"{xs}_shape": tuple(a.shape for a in arrays)}
    else:
        variables |= dict(zip(op.inputs, arrays, strict=True))
        variables |= {
            f"{n}_shape": a.shape for n, a in zip(op.inputs, arrays, strict=True) if a is not None
        }
    x = arrays[position]
    gs, zs = [np.asarray(v) for v in g], [o.detach().numpy() for o in outputs]
    if formula.is_local and "keepdims" in variables:
        keep = bool(variables["keepdims"])
        gs, zs = (
            [np.asarray(expand_reduced(v, x.shape, variables["axis"], keep)) for v in part]
            for part in (gs, zs)
        )
    variables |= {
        "g": gs if len(gs) > 1 else gs[0],
        "z": zs if len(zs) > 1 else zs[0],
        "n": x.size / max(zs[0].size, 1),
    }
    variables |= {f"g{k}": v for k, v in enumerate(gs)} | {f"z{k}": v for k, v in enumerate(zs)}
    result = formula.evaluate(variables, numpy_functions())
    result = variables["g"] * result if formula.is_local else result
    if op.is_starred and isinstance(result, tuple):  # one part for each input
        result = result[position]
    full = np.broadcast_to(result, np.broadcast_shapes(np.shape(result), x.shape))
    return sum_to_shape(np.array(full), x.shape)


def numpy_functions() -> dict[str, Any]:
    """The operations under their own names, on NumPy arrays, and lists of them."""

    def on_arrays(function: Any) -> Any:
        # A number of a formula, as in √(2 / π), is to be computed in float64.
        return lambda *args, **settings: untied(
            function(*[np.asarray(a) if isinstance(a, float) else a for a in args], **settings)
        )

    names = [name for name in dir(ops) if not name.startswith("_") and callable(getattr(ops, name))]
    return {name: on_arrays(getattr(ops, name)) for name in names}


def untied(result: Any) -> Any:
    """result with arrays in the place of Tensors; shapes and axes are left as they are."""
    if isinstance(result, (tuple, list)):
        return tuple(untied(part) for part in result)
    return result.numpy() if isinstance(result, Tensor) else result
