"""Simulated annealing: a random walk over the parameters that first climbs freely, later hardly.

A worse point is taken with a probability that falls with the temperature, so that the walk leaves
local minima while it is hot and settles in a deep one as it cools. `global_search.py` keeps the
best point; `genetic.py` is the other global search.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from autograd import random
from autograd.backend import Array
from nn.optim.flat import asked
from nn.optim.global_search import GlobalSearch, loss_at, normal
from nn.optim.groups import check_range
from nn.optim.optimizer import Params

__all__ = ["SimulatedAnnealing"]

Schedule = Callable[[float, float, int], float]

SCHEDULES: dict[str, Schedule] = {
    "exponential": lambda start, cooling, k: start * cooling**k,
    "cauchy": lambda start, cooling, k: start / (1 + k),
    "logarithmic": lambda start, cooling, k: start / math.log(math.e + k),
    "constant": lambda start, cooling, k: start,
}
"""T after k steps, from T₀ and the cooling factor."""
FUNCTION = "function"  # what stands in the options for a schedule that is one


class SimulatedAnnealing(GlobalSearch):
    """Simulated annealing over the parameters.

        x′ = x + lr · N(0, I);   x ← x′ with probability min(1, exp(−(L(x′) − L(x)) / T))

    lr: standard deviation of a move, for each group.  temperature: T₀, in units of the loss.
    schedule: T after k steps: "exponential" T₀ · coolingᵏ (Kirkpatrick et al., 1983), "cauchy"
    T₀/(1 + k) (Szu and Hartley, 1987), "logarithmic" T₀/ln(e + k) (Geman and Geman, 1984, slow but
    sure), "constant"; or a function k -> T, which no state_dict holds.  cooling: of "exponential".
    moves: proposals in one step(), all at one temperature.
    After a step the parameters are where the walk is, not the best it met: `best_loss` and
    `restore_best()` give those.
    Raises ValueError for a negative lr or temperature, cooling outside [0, 1], moves below 1, an
    unknown schedule, or a group that differs in more than lr.
    Source: Metropolis et al., Equation of state calculations by fast computing machines (1953);
    Kirkpatrick, Gelatt and Vecchi, Optimization by simulated annealing (1983).
    """

    common = ("temperature", "cooling", "schedule", "moves")

    def __init__(
        self,
        params: Params,
        lr: float = 0.1,
        temperature: float = 1.0,
        cooling: float = 0.99,
        schedule: str | Callable[[int], float] = "exponential",
        moves: int = 10,
    ) -> None:
        self._function = schedule if callable(schedule) else None
        defaults = {
            "lr": lr,
            "temperature": temperature,
            "cooling": cooling,
            "schedule": FUNCTION if callable(schedule) else schedule,
            "moves": moves,
        }
        super().__init__(params, defaults)

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""
        what = "SimulatedAnnealing"
        check_range(what, "lr", group["lr"])
        check_range(what, "temperature", group["temperature"])
        check_range(what, "cooling", group["cooling"], high=1)
        check_range(what, "moves", group["moves"], low=1)
        schedule = group["schedule"]
        if schedule == FUNCTION and self._function is None:
            raise ValueError(
                f"{what}: the schedule was a function, which no state holds. Pass it as schedule= "
                "to the constructor."
            )
        if schedule != FUNCTION and schedule not in SCHEDULES:
            raise ValueError(
                f"{what}: schedule is {schedule!r}; it must be one of {', '.join(SCHEDULES)}, or a "
                "function of the step."
            )

    @property
    def temperature(self) -> float:
        """T of the next step."""
        k, group = int(self._memory().get("step", 0)), self.param_groups[0]
        if group["schedule"] == FUNCTION and self._function is not None:
            return float(self._function(k))
        return SCHEDULES[group["schedule"]](group["temperature"], group["cooling"], k)

    def step(self, closure: Callable[[], Any] | None = None) -> float:
        """`moves` proposals at one temperature; returns the loss where the walk ends.

        closure: returns the loss, a Tensor of one element or a number; runs under no_grad.
        The loss of where the walk is, is evaluated first, so that a closure may change its batch
        between steps. A proposal whose loss is NaN is never taken. Raises TypeError without a
        closure; whatever is raised, parameters and state are as before.
        """
        closure = asked(closure, "SimulatedAnnealing")
        flat, memory, temperature = self._flat(), self._memory(), self.temperature
        scale = self._per_element(flat, "lr")
        with flat.restored_on_error() as x:
            loss = loss_at(closure, flat, x)
            _keep_best(memory, x, loss)
            for _ in range(self.param_groups[0]["moves"]):
                proposed = x + scale * normal(flat, (flat.size,))
                worth = loss_at(closure, flat, proposed)
                _keep_best(memory, proposed, worth)
                if random.generator().random() < acceptance(worth - loss, temperature):
                    x, loss = proposed, worth
            flat.write(x)
        self._remember(memory)
        return loss


def acceptance(rise: float, temperature: float) -> float:
    """The probability min(1, exp(−rise/T)) with which a loss that is higher by `rise` is taken.

    At T = 0 that of a strict descent; 0 for NaN, which inf − inf gives.
    """
    if rise <= 0:
        return 1.0
    if temperature <= 0 or not math.isfinite(rise):
        return 0.0
    return math.exp(-rise / temperature)


def _keep_best(memory: dict[str, Any], x: Array, loss: float) -> None:
    if "best" not in memory or loss < memory["best_loss"]:
        memory["best"], memory["best_loss"] = x, loss
