"""Adam and AdamW: running means of the gradient and of its square, both corrected for their start.

The two differ only in weight decay: Adam adds it to the gradient, where the division by √v blunts
it; AdamW shrinks the weights themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from autograd.backend import Array, ArrayModule
from nn.optim.groups import check_range
from nn.optim.optimizer import (
    Optimizer,
    Params,
    average,
    average_square,
    gradient_of,
    signed,
)


class Adam(Optimizer):
    """m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²,  θ ← θ − lr · m̂ / (√v̂ + ε).

    m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ) at step t; g is the gradient plus weight_decay · θ; all is
    elementwise. amsgrad: the largest v so far stands in for v, so that rates never rise.

    params: parameters, pairs or groups.  betas: (β₁, β₂), each in [0, 1).  eps: ε.
    weight_decay: the L2 penalty.  maximize: ascend instead.
    Raises ValueError for an option out of its range.
    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization (2015), algorithm 1; amsgrad:
    Reddi, Kale, Kumar, On the Convergence of Adam and Beyond (2018), algorithm 2.
    """

    decoupled: ClassVar[bool] = False
    """Whether weight decay shrinks the weights instead of being part of the gradient."""

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""
        owner = type(self).__name__
        for name in ("lr", "eps", "weight_decay"):
            check_range(owner, name, group[name])
        check_betas(owner, group["betas"])

    def state_names(self, group: Mapping[str, Any]) -> tuple[str, ...]:
        """The number of steps t, m, v, and with amsgrad the largest v."""
        largest = ("max_exp_avg_sq",) if group["amsgrad"] else ()
        return ("step", "exp_avg", "exp_avg_sq", *largest)

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
        spare, m, v = scratch[1], state["exp_avg"], state["exp_avg_sq"]
        beta1, beta2 = map(float, group["betas"])
        lr, t = float(group["lr"]), state["step"]
        if self.decoupled:
            xp.multiply(x, 1.0 - lr * float(group["weight_decay"]), out=x)
            g = signed(xp, group, g, scratch[0])
        else:
            g = gradient_of(xp, group, x, g, scratch[0])
        average(xp, m, g, beta1, spare)
        average_square(xp, v, g, beta2, spare)
        if group["amsgrad"]:
            largest = state["max_exp_avg_sq"]
            v = xp.maximum(largest, v, out=largest)
        xp.sqrt(v, out=spare)
        xp.divide(spare, (1.0 - beta2**t) ** 0.5, out=spare)
        xp.add(spare, float(group["eps"]), out=spare)
        xp.divide(m, spare, out=spare)
        xp.multiply(spare, lr / (1.0 - beta1**t), out=spare)
        xp.subtract(x, spare, out=x)


class AdamW(Adam):
    """Adam with weight decay on the weights themselves: θ ← (1 − lr · weight_decay) · θ first.

    Arguments and errors as Adam's; weight_decay is 0.01 unless given.
    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019), algorithm 2.
    """

    decoupled = True

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)


def check_betas(owner: str, betas: Any) -> None:
    """Raises TypeError or ValueError unless betas is a pair of numbers in [0, 1)."""
    if not isinstance(betas, Sequence) or len(betas) != 2:
        raise TypeError(f"{owner}: betas is {betas!r:.40}; it must be a pair such as (0.9, 0.999).")
    for place, beta in enumerate(betas):
        check_range(owner, f"betas[{place}]", beta, 0, 1, below=True)


__all__ = ["Adam", "AdamW"]
