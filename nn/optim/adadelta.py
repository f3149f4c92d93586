"""Adadelta: steps in the units of the weights, from running means of gradients and of steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd.backend import Array, ArrayModule
from nn.optim.groups import check_range
from nn.optim.optimizer import Optimizer, Params, average_square, gradient_of


class Adadelta(Optimizer):
    """v ← ρ·v + (1 − ρ)·g²,  Δ = √(u + ε) / √(v + ε) · g,  u ← ρ·u + (1 − ρ)·Δ²,  θ ← θ − lr·Δ.

    g is the gradient plus weight_decay · θ; all is elementwise.

    params: parameters, pairs or groups.  lr: 1 in the paper.  rho: ρ, in [0, 1].  eps: ε.
    weight_decay: the L2 penalty.  maximize: ascend instead.
    Raises ValueError for an option out of its range.
    Source: Zeiler, ADADELTA: An Adaptive Learning Rate Method (2012), algorithm 1.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""
        for name in ("lr", "eps", "weight_decay"):
            check_range("Adadelta", name, group[name])
        check_range("Adadelta", "rho", group["rho"], 0, 1)

    def state_names(self, group: Mapping[str, Any]) -> tuple[str, ...]:
        """The number of steps, v and u."""
        return ("step", "square_avg", "acc_delta")

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
        held, spare = scratch
        v, u, rho, eps = state["square_avg"], state["acc_delta"], group["rho"], float(group["eps"])
        g = gradient_of(xp, group, x, g, held)
        average_square(xp, v, g, float(rho), spare)
        xp.add(v, eps, out=spare)
        xp.sqrt(spare, out=spare)
        # g is not needed after this line, so its scratch array can take √(u + ε).
        delta = xp.divide(g, spare, out=spare)
        xp.add(u, eps, out=held)
        xp.sqrt(held, out=held)
        xp.multiply(delta, held, out=delta)
        average_square(xp, u, delta, float(rho), held)
        xp.multiply(delta, float(group["lr"]), out=delta)
        xp.subtract(x, delta, out=x)


__all__ = ["Adadelta"]
