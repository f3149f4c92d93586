"""What searches without gradients share: evaluations of a loss, and the best parameters so far.

`annealing.py` walks with one set of parameters, `genetic.py` breeds a population. Both need only a
closure that returns the loss, draw from autograd.random, and go on bit by bit where a state_dict
and the random state were saved.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

from autograd import random
from autograd.backend import Array
from nn.optim.flat import Flat, loss_without_graph
from nn.optim.optimizer import Optimizer

__all__: list[str] = []


class GlobalSearch(Optimizer):
    """An optimizer that compares losses, and keeps the best parameters that it has seen."""

    common: ClassVar[tuple[str, ...]] = ()
    """The options that are of the whole search, and must be the same in all groups."""

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds parameters with options of their own, where those may differ between groups.

        Raises as Optimizer.add_param_group does; ValueError also if an option of the whole search
        differs, or if the search has begun, since its state is of all parameters.
        """
        if self._memory():
            raise ValueError(
                f"{type(self).__name__}: parameters cannot be added after the first step, whose "
                "state has none of them. Make a new optimizer."
            )
        whole = self.param_groups[0] if self.param_groups else self.defaults
        for name in self.common:
            if name in param_group and param_group[name] != whole[name]:
                raise ValueError(
                    f"{type(self).__name__}: a group has {name} {param_group[name]!r}, but it is "
                    f"{whole[name]!r} for the whole search. Pass it to the constructor."
                )
        super().add_param_group(param_group)

    @property
    def best_loss(self) -> float:
        """The lowest loss so far; infinite before the first step.

        Losses of different batches are compared as if they were of one.
        """
        return float(self._memory().get("best_loss", math.inf))

    def restore_best(self) -> None:
        """Writes the parameters of the lowest loss so far back in place.

        Before the first step they are what they are, and stay.
        """
        memory, flat = self._memory(), self._flat()
        if "best" in memory:
            flat.write(flat.fitting(memory["best"]))

    def _flat(self) -> Flat:
        """The parameters of all groups as one vector."""
        return Flat(
            [p for group in self.param_groups for p in group["params"]], type(self).__name__
        )

    def _memory(self) -> dict[str, Any]:
        """A copy of the state, which lies at the first parameter, as L-BFGS's does."""
        if not self.param_groups:
            return {}
        return dict(self.state.get(self.param_groups[0]["params"][0], {}))

    def _remember(self, memory: dict[str, Any]) -> None:
        memory["step"] = int(memory.get("step", 0)) + 1
        self.state[self.param_groups[0]["params"][0]] = memory
        self.stepped = True

    def _per_element(self, flat: Flat, setting: str) -> Array:
        """A group's setting for each element of the vector (n,)."""
        free = {id(p) for p in flat.params}
        values = flat.xp.empty(flat.size, flat.dtype)
        start = 0
        for group in self.param_groups:
            size = sum(p.data.size for p in group["params"] if id(p) in free)
            values[start : start + size] = group[setting]
            start += size
        return values


def loss_at(closure: Callable[[], Any], flat: Flat, x: Array) -> float:
    """The loss at x (n,), which is left in the parameters; NaN counts as infinitely bad."""
    flat.write(x)
    loss = loss_without_graph(closure)
    return math.inf if math.isnan(loss) else loss


def uniform(flat: Flat, shape: tuple[int, ...]) -> Array:
    """Uniform random numbers in [0, 1) on the parameters' device, in float32 at least."""
    return random.generator(flat.device).random(shape, dtype=_drawn_dtype(flat))


def normal(flat: Flat, shape: tuple[int, ...]) -> Array:
    """Standard normal random numbers on the parameters' device, in their dtype."""
    drawn = random.generator(flat.device).standard_normal(shape, dtype=_drawn_dtype(flat))
    return drawn.astype(flat.dtype, copy=False)


def _drawn_dtype(flat: Flat) -> str:
    """The generators have no float16."""
    return "float64" if flat.dtype == "float64" else "float32"
