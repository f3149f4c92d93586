"""Every first-order optimizer with all its options combined, and the gradients it is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from autograd import Tensor
from nn import optim

from . import references

STEPS = 50
OPTIONS: dict[str, dict[str, tuple[Any, ...]]] = {
    "SGD": {
        "lr": (0.03,),
        "momentum": (0, 0.8),
        "dampening": (0, 0.3),
        "weight_decay": (0, 0.1),
        "nesterov": (False, True),
        "maximize": (False, True),
    },
    "Adagrad": {
        "lr": (0.3,),
        "lr_decay": (0, 0.05),
        "weight_decay": (0, 0.1),
        "initial_accumulator_value": (0, 0.4),
        "eps": (1e-10, 0.1),
        "maximize": (False, True),
    },
    "Adadelta": {
        "lr": (1.0, 3.0),
        "rho": (0.9, 0.3),
        "eps": (1e-6, 1e-2),
        "weight_decay": (0, 0.1),
        "maximize": (False, True),
    },
    "RMSprop": {
        "lr": (0.02,),
        "alpha": (0.99, 0.4),
        "eps": (1e-8, 0.1),
        "weight_decay": (0, 0.1),
        "momentum": (0, 0.7),
        "centered": (False, True),
        "maximize": (False, True),
    },
    "Adam": {
        "lr": (0.05,),
        "betas": ((0.9, 0.999), (0.3, 0.8)),
        "eps": (1e-8, 0.1),
        "weight_decay": (0, 0.1),
        "amsgrad": (False, True),
        "maximize": (False, True),
    },
    "AdamW": {
        "lr": (0.05,),
        "betas": ((0.9, 0.999), (0.3, 0.8)),
        "weight_decay": (0, 0.1),
        "amsgrad": (False, True),
        "maximize": (False, True),
    },
    "Lion": {
        "lr": (0.02,),
        "betas": ((0.9, 0.99), (0.3, 0.8)),
        "weight_decay": (0, 0.1),
        "maximize": (False, True),
    },
}
RULES: dict[str, references.Rule] = {name: getattr(references, name.lower()) for name in OPTIONS}
NAMES = sorted(OPTIONS)


def combinations(name: str) -> Iterator[dict[str, Any]]:
    """All options of an optimizer combined, but for those that exclude each other."""
    options = OPTIONS[name]
    for values in product(*options.values()):
        chosen = dict(zip(options, values, strict=True))
        if chosen.get("nesterov") and (not chosen["momentum"] or chosen["dampening"]):
            continue
        yield chosen


def build(name: str, params: Any, **options: Any) -> optim.Optimizer:
    """The optimizer of this name with a rate that suits it."""
    return getattr(optim, name)(params, **{"lr": OPTIONS[name]["lr"][0], **options})


def start(dtype: str = "float64") -> list[np.ndarray]:
    """Where the parameters begin: a matrix, a vector, a single number."""
    rng = np.random.default_rng(3)
    return [rng.normal(size=shape).astype(dtype) for shape in ((3, 4), (5,), ())]


def slope(x: np.ndarray, t: int) -> np.ndarray:
    """A gradient that depends on the place and on the step, and never settles."""
    place = np.arange(x.size, dtype=x.dtype).reshape(x.shape)
    return (np.cos(3 * x + place) * np.sin(0.7 * t + place) + 0.1 * x).astype(x.dtype)


def leaves(arrays: list[np.ndarray]) -> list[Tensor]:
    """Parameters that hold copies of the arrays."""
    return [Tensor(array, requires_grad=True) for array in arrays]


def give_gradients(params: list[Tensor], t: int) -> None:
    """Sets each parameter's gradient at step t."""
    for p in params:
        p.grad = Tensor(slope(p.data, t))


def walk(name: str, params: list[Tensor], steps: int = STEPS, **options: Any) -> optim.Optimizer:
    """The optimizer after this many steps."""
    optimizer = build(name, params, **options)
    for t in range(1, steps + 1):
        give_gradients(params, t)
        optimizer.step()
    return optimizer
