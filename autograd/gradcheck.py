"""Gradients checked against central differences, of first and second order.

    gradcheck(lambda x: (x * x).sum(), [Tensor(3.0, requires_grad=True, dtype="float64")])

The output is projected on a random direction, so one pass checks the whole vector-Jacobian product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import backend
from autograd.differentiate import grad
from autograd.errors import DTypeError, GraphError
from autograd.mode import enable_grad
from autograd.promote import wrap
from autograd.tensor import Tensor


def gradcheck(
    function: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-4,
    raise_exception: bool = True,
    seed: int = 0,
) -> bool:
    """Whether function's gradients agree with central differences at inputs.

    (f(x + eps) − f(x − eps)) / 2 eps, for every element of every tracked input. function returns a
    Tensor or a sequence of them; the floating ones are checked.  eps: the step.  atol, rtol:
    |ours − theirs| ≤ atol + rtol · |theirs|.  seed: of the projection.
    Raises DTypeError if a tracked input is not float64, GraphError with the worst element if they
    disagree and raise_exception, else returns False.
    """
    given = _listed(inputs)
    _require_float64([x for x in given if isinstance(x, Tensor) and x.requires_grad])
    fresh = [
        x.detach().requires_grad_(x.requires_grad) if isinstance(x, Tensor) else x for x in given
    ]
    variables = [x for x in fresh if isinstance(x, Tensor) and x.requires_grad]
    with enable_grad():
        results = _listed(function(*fresh))
    chosen = _floating(results)
    outputs = [results[k] for k in chosen]
    directions = _directions(outputs, seed)
    ours = _gradients(outputs, directions, variables)

    def projected() -> float:
        again = _listed(function(*fresh))
        return sum(
            float((again[k]._data * d._data).sum()) for k, d in zip(chosen, directions, strict=True)
        )

    for position, (x, gradient) in enumerate(zip(variables, ours, strict=True)):
        numeric = _central_differences(projected, x, eps)
        exact = backend.to_host(gradient._data) if gradient is not None else np.zeros(x.shape)
        if not np.allclose(exact, numeric, rtol=rtol, atol=atol):
            if raise_exception:
                raise GraphError(_disagreement(position, exact, numeric))
            return False
    return True


def gradgradcheck(
    function: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-4,
    raise_exception: bool = True,
    seed: int = 1,
) -> bool:
    """Whether function's second derivatives agree with central differences of its first.

    The gradient is itself a function of the inputs and of the upstream gradient; gradcheck is run
    on it.
    Raises as gradcheck does.
    """
    given = _listed(inputs)
    _require_float64([x for x in given if isinstance(x, Tensor) and x.requires_grad])
    with enable_grad():
        upstream = _directions(_tracked_outputs(function(*given)), seed)
    for g in upstream:
        g.requires_grad_()
    count = len(given)

    @enable_grad()
    def first(*values: Any) -> Any:
        own, gs = values[:count], values[count:]
        variables = [x for x in own if isinstance(x, Tensor) and x.requires_grad]
        outputs = _tracked_outputs(function(*own))
        if not outputs:
            return [wrap(v._data * 0.0) for v in variables]
        found = grad(outputs, variables, list(gs), create_graph=True, allow_unused=True)
        return [f for f in found if f is not None] or [wrap(v._data * 0.0) for v in variables]

    return gradcheck(
        first,
        [*given, *upstream],
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        seed=seed + 1,
    )


def _require_float64(tensors: list[Tensor]) -> None:
    if not tensors:
        raise GraphError("gradcheck: no input requires grad, so there is nothing to check.")
    for x in tensors:
        if x.dtype != np.float64:
            raise DTypeError(
                f"gradcheck: an input is {x.dtype}, too coarse for central differences. "
                'Use dtype="float64".'
            )


def _listed(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def _floating(results: list[Any]) -> list[int]:
    """The positions of the outputs to check: the floating ones. One that is not tracked counts as
    constant, and must be."""
    for y in results:
        if not isinstance(y, Tensor):
            raise GraphError(f"gradcheck: the function returned a {type(y).__name__}, no Tensor.")
    floating = [k for k, y in enumerate(results) if y.dtype.kind == "f"]
    if not floating:
        raise GraphError("gradcheck: the function returned no floating Tensor, nothing to check.")
    return floating


def _tracked_outputs(result: Any) -> list[Tensor]:
    results = _listed(result)
    return [results[k] for k in _floating(results) if results[k].requires_grad]


def _directions(outputs: list[Tensor], seed: int) -> list[Tensor]:
    rng = np.random.default_rng(seed)
    values = [
        rng.uniform(0.5, 1.5, size=y.shape) * rng.choice([-1.0, 1.0], size=y.shape) for y in outputs
    ]
    return [
        wrap(backend.to_device(np.asarray(v), y.device))
        for v, y in zip(values, outputs, strict=True)
    ]


def _gradients(
    outputs: list[Tensor], directions: list[Tensor], variables: list[Tensor]
) -> list[Tensor | None]:
    live = [(y, d) for y, d in zip(outputs, directions, strict=True) if y.requires_grad]
    if not live:
        return [None] * len(variables)
    return list(grad([y for y, _ in live], variables, [d for _, d in live], allow_unused=True))


def _central_differences(
    projected: Callable[[], float], x: Tensor, eps: float
) -> np.ndarray[Any, Any]:
    original = backend.to_host(x._data).copy()
    numeric = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        sides = []
        for step in (eps, -eps):
            moved = original.copy()
            moved[index] += step
            x.data = backend.to_device(moved, x.device)
            sides.append(projected())
        numeric[index] = (sides[0] - sides[1]) / (2 * eps)
    x.data = backend.to_device(original, x.device)
    return numeric


def _disagreement(position: int, exact: np.ndarray[Any, Any], numeric: np.ndarray[Any, Any]) -> str:
    gap = np.abs(exact - numeric)
    worst = np.unravel_index(int(np.nanargmax(gap)) if not np.isnan(gap).all() else 0, gap.shape)
    index = tuple(int(i) for i in worst)
    return (
        f"gradcheck: for tracked input {position} at index {index} the gradient is "
        f"{exact[index]:.8g}, "
        f"but central differences give {numeric[index]:.8g}. Check the rule of that input."
    )
