"""How the registry's checks call an operation on its samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, grad
from autograd.op import REGISTRY
from tests.samples import Sample, all_samples

SAMPLES = all_samples()
DIFFERENTIABLE = [sample for sample in SAMPLES if REGISTRY[sample.op].is_differentiable]


def is_floating(x: Any) -> bool:
    """Whether x is an array that can be differentiated at."""
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def tensors(sample: Sample, dtype: str = "float64") -> list[Any]:
    """The sample's inputs as tensors: tracked where the operation has a rule for them."""
    op = REGISTRY[sample.op]
    made: list[Any] = []
    for i, x in enumerate(sample.inputs):
        has_rule = op.is_starred or op.inputs[i] in op.rules
        if is_floating(x):
            made.append(Tensor(x.astype(dtype), requires_grad=has_rule))
        else:
            made.append(x if x is None else Tensor(x))
    return made


def run(sample: Sample, values: list[Any]) -> Any:
    """The operation's result, a Tensor or a tuple of them."""
    return REGISTRY[sample.op](*values, **sample.settings)


def outputs_of(result: Any) -> list[Tensor]:
    """The outputs through which gradients flow."""
    several = result if isinstance(result, tuple) else (result,)
    return [y for y in several if y.requires_grad]


def upstream(outputs: list[Tensor], seed: int = 3) -> list[np.ndarray]:
    """A random gradient for each output, in its dtype."""
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.standard_normal(y.shape)).astype(y.dtype) for y in outputs]


def gradients(
    sample: Sample, values: list[Any], seed: int = 3, create_graph: bool = False
) -> list[Any]:
    """The gradient of every tracked input; None where the outputs do not depend on it."""
    outputs = outputs_of(run(sample, values))
    variables = [x for x in values if isinstance(x, Tensor) and x.requires_grad]
    return list(
        grad(
            outputs,
            variables,
            upstream(outputs, seed),
            create_graph=create_graph,
            allow_unused=True,
        )
    )
