"""Losses with known minima, which the tests of several optimizers share."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, ops

MATRIX = np.array([[3.0, 1.0], [1.0, 2.0]])
VECTOR = np.array([1.0, -1.0])
LOWEST = np.linalg.solve(MATRIX, VECTOR)
TIMES = np.linspace(0, 4, 20)
DECAY = np.array([2.5, 1.3, 0.5])
"""Amplitude, rate and rest of the decay that `decay_residual` is to find."""


def leaf(data: Any, dtype: str = "float64", device: str = "cpu") -> Tensor:
    """A parameter with that value."""
    return Tensor(np.asarray(data, dtype), requires_grad=True, device=device)


def quadratic(x: Tensor) -> Tensor:
    """½ xᵀAx − bᵀx, lowest at LOWEST."""
    a, b = (Tensor(v.astype(x.dtype), device=x.device) for v in (MATRIX, VECTOR))
    return 0.5 * (x @ (a @ x)) - (b * x).sum()


def rosenbrock(x: Tensor) -> Tensor:
    """A curved valley, lowest at (1, 1) with 0. Source: Rosenbrock (1960)."""
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def rastrigin(x: Tensor) -> Tensor:
    """A bowl with a dent at each whole number, lowest at 0 with 0. Source: Rastrigin (1974)."""
    return (10 + x * x - 10 * ops.cos(2 * np.pi * x)).sum()


def double_well(x: Tensor) -> Tensor:
    """Two dents, at about 0.96 and the deeper at about −1.04, with a wall at 0 between."""
    return ((x * x - 1) ** 2 + 0.3 * x).sum()


def decay_residual(p: Tensor) -> Tensor:
    """p₀ · exp(−p₁t) + p₂ minus the decay with DECAY, (20,)."""
    times, target = (
        Tensor(v.astype(p.dtype), device=p.device)
        for v in (TIMES, DECAY[0] * np.exp(-DECAY[1] * TIMES) + DECAY[2])
    )
    return p[0] * ops.exp(-p[1] * times) + p[2] - target
