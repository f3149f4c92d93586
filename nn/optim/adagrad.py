"""Adagrad: each weight's rate falls with the sum of its squared gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd import backend
from autograd.backend import Array, ArrayModule
from nn.optim.groups import check_range
from nn.optim.optimizer import Optimizer, Params, gradient_of


class Adagrad(Optimizer):
    """s ← s + g²,  θ ← θ − lr / (1 + (t − 1)·lr_decay) · g / (√s + ε), elementwise.

    g is the gradient plus weight_decay · θ; s begins at initial_accumulator_value.

    params: parameters, pairs or groups.  lr, lr_decay, weight_decay: at least 0.  eps: ε.
    maximize: ascend instead.
    Raises ValueError for a negative option.
    Source: Duchi, Hazan, Singer, Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization (2011), fig. 1.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""
        for name in ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"):
            check_range("Adagrad", name, group[name])

    def state_names(self, group: Mapping[str, Any]) -> tuple[str, ...]:
        """The number of steps t and the sum s."""
        return ("step", "sum")

    def new_state(self, name: str, group: Mapping[str, Any], array: Array) -> Any:
        """Zero steps; s as it begins."""
        if name == "step":
            return 0
        value = float(group["initial_accumulator_value"])
        return backend.module_of(array).full_like(array, value)

    def update(
        self,
        xp: ArrayModule,
        group: Mapping[str, Any],
        state: dict[str, Any],
        x: Array,
        g: Array,
        *scratch: Array,
    ) -> None:
        """Moves x in place."""
        spare, total = scratch[1], state["sum"]
        g = gradient_of(xp, group, x, g, scratch[0])
        rate = float(group["lr"]) / (1.0 + state["step"] * float(group["lr_decay"]))
        state["step"] += 1
        xp.multiply(g, g, out=spare)
        xp.add(total, spare, out=total)
        xp.sqrt(total, out=spare)
        xp.add(spare, float(group["eps"]), out=spare)
        xp.divide(g, spare, out=spare)
        xp.multiply(spare, rate, out=spare)
        xp.subtract(x, spare, out=x)


__all__ = ["Adagrad"]
