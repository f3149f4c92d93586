"""SGD: gradient descent, with momentum as Polyak's ball or Nesterov's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd.backend import Array, ArrayModule
from nn.optim.groups import check_range
from nn.optim.optimizer import Optimizer, Params, gradient_of


class SGD(Optimizer):
    """Gradient descent: v ← μ·v + (1 − τ)·g,  θ ← θ − lr·v.

    g is the gradient plus weight_decay · θ. The first v is g itself, without (1 − τ). With
    nesterov, θ ← θ − lr·(g + μ·v); without momentum, θ ← θ − lr·g.

    params: parameters, pairs or groups.  lr: the learning rate.  momentum: μ.  dampening: τ.
    weight_decay: the L2 penalty, λ in L + λ/2 · ‖θ‖².  maximize: ascend instead.
    Raises ValueError for a negative option, and for nesterov without momentum or with dampening.
    Source: Sutskever, Martens, Dahl, Hinton, On the importance of initialization and momentum in
    deep learning (2013), eq. 1–4; PyTorch's variant, in which lr stands outside v.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""
        for name in ("lr", "momentum", "weight_decay"):
            check_range("SGD", name, group[name])
        check_range("SGD", "dampening", group["dampening"], -float("inf"))
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError(
                f"SGD: nesterov needs momentum above 0 and no dampening, but momentum is "
                f"{group['momentum']} and dampening {group['dampening']}. Try momentum=0.9."
            )

    def state_names(self, group: Mapping[str, Any]) -> tuple[str, ...]:
        """The ball's speed v, if there is momentum."""
        return ("momentum_buffer",) if group["momentum"] else ()

    def new_state(self, name: str, group: Mapping[str, Any], array: Array) -> Any:
        """None: the first step makes v out of the first gradient."""
        return None

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
        spare = scratch[1]
        g = gradient_of(xp, group, x, g, scratch[0])
        momentum = float(group["momentum"])
        if momentum:
            v = self._speed(xp, group, state, g, spare)
            if group["nesterov"]:
                xp.multiply(v, momentum, out=spare)
                g = xp.add(g, spare, out=spare)
            else:
                g = v
        xp.multiply(g, float(group["lr"]), out=spare)
        xp.subtract(x, spare, out=x)

    def _speed(
        self,
        xp: ArrayModule,
        group: Mapping[str, Any],
        state: dict[str, Any],
        g: Array,
        spare: Array,
    ) -> Array:
        """v after this step, written in place."""
        v = state["momentum_buffer"]
        if v is None:
            state["momentum_buffer"] = v = xp.empty_like(spare)
            v[...] = g
            return v
        weight = 1.0 - float(group["dampening"])
        xp.multiply(v, float(group["momentum"]), out=v)
        return xp.add(v, g if weight == 1.0 else xp.multiply(g, weight, out=spare), out=v)


__all__ = ["SGD"]
