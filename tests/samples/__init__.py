"""One list of samples per family of operations: what every check of the registry runs on.

A module here is named after the module of `autograd/ops` whose operations it covers, and holds
`SAMPLES`. An operation without a sample fails the suite.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Sample:
    """One call of one operation.

    op: its registered name.  inputs: float64 arrays to differentiate at, away from kinks; integer
    and bool arrays and None are passed on as they are.  settings: keyword settings.  label: tells
    samples of one op apart.
    has_smooth_formula: False where the formula is not meant to hold for these inputs.
    """

    op: str
    inputs: tuple[Any, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    has_smooth_formula: bool = True

    def __str__(self) -> str:
        shapes = ",".join(
            "x".join(map(str, np.shape(x))) or "scalar" for x in self.inputs if x is not None
        )
        extra = ",".join(f"{k}={v}" for k, v in self.settings.items())
        return f"{self.op}[{self.label or shapes}{';' + extra if extra else ''}]"


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    """Standard normal float64 numbers."""
    return np.random.default_rng(seed).standard_normal(shape)


def uniform(low: float, high: float, *shape: int, seed: int = 0) -> np.ndarray:
    """Uniform float64 numbers in [low, high)."""
    return np.random.default_rng(seed).uniform(low, high, shape)


def distinct(*shape: int, seed: int = 0) -> np.ndarray:
    """Float64 numbers that differ by at least 0.1 from each other and from 0, in random order: no
    ties, no kinks."""
    count = int(np.prod(shape))
    values = (np.arange(count) - count / 2 + 0.25) * 0.2
    return np.random.default_rng(seed).permutation(values).reshape(shape)


def all_samples() -> list[Sample]:
    """The samples of all modules of this package."""
    found: list[Sample] = []
    for module in pkgutil.iter_modules(__path__):
        found += importlib.import_module(f"{__name__}.{module.name}").SAMPLES
    return found
