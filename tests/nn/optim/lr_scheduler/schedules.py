"""Schedulers with odd settings, built alike here and in PyTorch, and the rates they give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Tensor
from nn import optim

STEPS = 50
Build = Callable[[Any, Any], Any]

BUILDS: dict[str, Build] = {
    "step by 7": lambda m, o: m.StepLR(o, 7, gamma=0.3),
    "step by 1": lambda m, o: m.StepLR(o, 1, gamma=0.9),
    "milestones twice": lambda m, o: m.MultiStepLR(o, [31, 5, 5, 12], gamma=0.5),
    "milestone at 0": lambda m, o: m.MultiStepLR(o, [0, 3], gamma=0.5),
    "exponential": lambda m, o: m.ExponentialLR(o, 0.93),
    "cosine 7": lambda m, o: m.CosineAnnealingLR(o, 7, eta_min=0.01),
    "cosine 1": lambda m, o: m.CosineAnnealingLR(o, 1),
    "cosine 60": lambda m, o: m.CosineAnnealingLR(o, 60, eta_min=0.2),
    "restarts": lambda m, o: m.CosineAnnealingWarmRestarts(o, 3, 2, eta_min=0.01),
    "restarts 1": lambda m, o: m.CosineAnnealingWarmRestarts(o, 5),
    "lambda": lambda m, o: m.LambdaLR(o, lambda epoch: 0.95**epoch),
    "lambdas": lambda m, o: m.LambdaLR(o, [lambda e: 1 / (1 + e), lambda e: 1 + e % 3]),
    "constant": lambda m, o: m.ConstantLR(o, 0.25, total_iters=4),
    "constant for none": lambda m, o: m.ConstantLR(o, 0.25, total_iters=0),
    "linear": lambda m, o: m.LinearLR(o, 0.1, 0.8, total_iters=9),
    "linear down": lambda m, o: m.LinearLR(o, 1.0, 0.0, total_iters=9),
    "one cycle": lambda m, o: m.OneCycleLR(o, 1.0, total_steps=51),
    "one cycle linear": lambda m, o: m.OneCycleLR(
        o, [1.0, 2.0], epochs=17, steps_per_epoch=3, anneal_strategy="linear", pct_start=0.1
    ),
    "one cycle in three": lambda m, o: m.OneCycleLR(
        o, 0.7, 51, three_phase=True, base_momentum=0.7, max_momentum=[0.9, 0.8], div_factor=10
    ),
    "one cycle of rates": lambda m, o: m.OneCycleLR(o, 0.7, 51, cycle_momentum=False),
    "warm-up, cosine, steps": lambda m, o: m.SequentialLR(
        o,
        [m.LinearLR(o, 0.01, total_iters=5), m.CosineAnnealingLR(o, 9), m.StepLR(o, 4, 0.5)],
        [5, 21],
    ),
    "constant, exponential": lambda m, o: m.SequentialLR(
        o, [m.ConstantLR(o, 0.5, total_iters=3), m.ExponentialLR(o, 0.9)], [8]
    ),
    "exponential, constant, constant": lambda m, o: m.SequentialLR(
        o, [m.ExponentialLR(o, 0.9), m.ConstantLR(o, 0.2, 3), m.ConstantLR(o, 0.2, 0)], [8, 17]
    ),
    "linear late, milestones": lambda m, o: m.SequentialLR(
        o,
        [m.LambdaLR(o, lambda e: 0.9**e), m.LinearLR(o, 0.5), m.MultiStepLR(o, [0, 2], 0.5)],
        [3, 10],
    ),
    "nothing, restarts": lambda m, o: m.SequentialLR(
        o, [m.ExponentialLR(o, 0.5), m.CosineAnnealingWarmRestarts(o, 4, 2)], [0]
    ),
}


def optimizer(kind: str = "SGD", **options: Any) -> optim.Optimizer:
    """An optimizer of two groups with rates of their own."""
    groups = [{"params": [Tensor(np.ones(2), requires_grad=True)], "lr": lr} for lr in (0.5, 0.125)]
    return getattr(optim, kind)(groups, **options)


def rates(steps: int, scheduler: Any) -> list[list[float]]:
    """The rates (and momenta) after each of the steps, and before the first."""
    found = [_now(scheduler)]
    for _ in range(steps):
        scheduler.optimizer.step()
        scheduler.step()
        found.append(_now(scheduler))
    return found


def _now(scheduler: Any) -> list[float]:
    groups = scheduler.optimizer.param_groups
    lr = [group["lr"] for group in groups]
    assert lr == scheduler.get_last_lr()
    momenta = [group["betas"][0] if "betas" in group else group["momentum"] for group in groups]
    return [*lr, *momenta]
