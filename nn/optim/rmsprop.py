"""RMSprop: gradients divided by the root of a running mean of their squares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd.backend import Array, ArrayModule
from nn.optim.groups import check_range
from nn.optim.optimizer import Optimizer, Params, average, average_square, gradient_of


class RMSprop(Optimizer):
    """v ← α·v + (1 − α)·g²,  θ ← θ − lr · g / (√v + ε), elementwise.

    g is the gradient plus weight_decay · θ. centered: v is lessened by m², the square of the
    running mean m ← α·m + (1 − α)·g. momentum: b ← μ·b + g / (√v + ε), θ ← θ − lr·b.

    params: parameters, pairs or groups.  lr, eps, weight_decay, momentum: at least 0.  alpha: α, in
    [0, 1].  maximize: ascend instead.
    Raises ValueError for an option out of its range.
    Source: Tieleman and Hinton, Lecture 6.5, Neural Networks for Machine Learning (2012); centered:
    Graves, Generating Sequences With Recurrent Neural Networks (2013), eq. 38–45.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""
        for name in ("lr", "eps", "weight_decay", "momentum"):
            check_range("RMSprop", name, group[name])
        check_range("RMSprop", "alpha", group["alpha"], 0, 1)

    def state_names(self, group: Mapping[str, Any]) -> tuple[str, ...]:
        """The number of steps, v, and as the options ask b and m."""
        buffer = ("momentum_buffer",) if group["momentum"] else ()
        return ("step", "square_avg", *buffer, *(("grad_avg",) if group["centered"] else ()))

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
        state["step"] += 1
        spare, v, alpha = scratch[1], state["square_avg"], float(group["alpha"])
        g = gradient_of(xp, group, x, g, scratch[0])
        average_square(xp, v, g, alpha, spare)
        if group["centered"]:
            mean = state["grad_avg"]
            average(xp, mean, g, alpha, spare)
            xp.multiply(mean, mean, out=spare)
            xp.subtract(v, spare, out=spare)
            xp.sqrt(spare, out=spare)
        else:
            xp.sqrt(v, out=spare)
        xp.add(spare, float(group["eps"]), out=spare)
        step = xp.divide(g, spare, out=spare)
        if group["momentum"]:
            buffer = state["momentum_buffer"]
            xp.multiply(buffer, float(group["momentum"]), out=buffer)
            step = xp.add(buffer, spare, out=buffer)
        xp.multiply(step, float(group["lr"]), out=spare)
        xp.subtract(x, spare, out=x)


__all__ = ["RMSprop"]
