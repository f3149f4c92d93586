"""Lion: every weight moves by the same amount, in the direction of the sign of a running mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd.backend import Array, ArrayModule
from nn.optim.adam import check_betas
from nn.optim.groups import check_range
from nn.optim.optimizer import Optimizer, Params, average, signed


class Lion(Optimizer):
    """c = β₁·m + (1 − β₁)·g,  θ ← θ − lr·(sign(c) + λ·θ),  m ← β₂·m + (1 − β₂)·g, elementwise.

    Its steps are larger than Adam's: the paper takes lr 3 to 10 times smaller, and λ as much
    larger.

    params: parameters, pairs or groups.  lr: at least 0.  betas: (β₁, β₂), each in [0, 1).
    weight_decay: λ, decoupled as in AdamW.  maximize: ascend instead.
    Raises ValueError for an option out of its range.
    Source: Chen et al., Symbolic Discovery of Optimization Algorithms (2023), algorithm 2.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, defaults)

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""
        for name in ("lr", "weight_decay"):
            check_range("Lion", name, group[name])
        check_betas("Lion", group["betas"])

    def state_names(self, group: Mapping[str, Any]) -> tuple[str, ...]:
        """The running mean m."""
        return ("exp_avg",)

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
        held, spare = scratch
        m, lr = state["exp_avg"], float(group["lr"])
        beta1, beta2 = map(float, group["betas"])
        xp.multiply(x, 1.0 - lr * float(group["weight_decay"]), out=x)
        g = signed(xp, group, g, held)
        xp.subtract(g, m, out=spare)
        xp.multiply(spare, 1.0 - beta1, out=spare)
        xp.add(m, spare, out=spare)
        xp.sign(spare, out=spare)
        xp.multiply(spare, lr, out=spare)
        xp.subtract(x, spare, out=x)
        average(xp, m, g, beta2, spare)


__all__ = ["Lion"]
