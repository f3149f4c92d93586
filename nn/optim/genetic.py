"""A genetic algorithm: a population of parameter vectors that are selected, crossed and mutated.

Needs neither gradients nor a good start, only many evaluations: population × generations of them.
`global_search.py` keeps the best; `annealing.py` is the other global search.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import random
from autograd.backend import Array
from nn.optim.flat import Flat, asked
from nn.optim.global_search import GlobalSearch, loss_at, normal, uniform
from nn.optim.groups import check_range
from nn.optim.optimizer import Params

__all__ = ["GeneticAlgorithm"]

CROSSOVERS = ("uniform", "one_point", "blend")


class GeneticAlgorithm(GlobalSearch):
    """A genetic algorithm over the parameters, real numbers as genes.

        child = crossover(winner of a tournament, winner of another) + lr · N(0, 1) at some genes

    population: vectors in a generation; the first has the parameters as they are, the others are
    scattered around by `spread` · N(0, I).  lr: standard deviation of a mutation, for each group.
    mutation_rate: probability that a gene mutates.  crossover: "uniform" takes each gene from
    either parent, "one_point" all genes up to a random one from the first, "blend" a point between
    or up to half a distance beyond the parents (Eshelman and Schaffer, 1993).  crossover_rate:
    probability of it; else the child is its first parent.  tournament: how many random members of
    whom the best becomes a parent.  elite: how many of the best live on unchanged.
    After a step the parameters are the best ever seen, `best_loss` their loss.
    Raises ValueError for options outside their ranges, or a group that differs in more than lr,
    spread and mutation_rate.
    Source: Holland, Adaptation in Natural and Artificial Systems (1975); Goldberg and Deb, A
    comparative analysis of selection schemes used in genetic algorithms (1991), for tournaments.
    """

    common = ("population", "crossover", "crossover_rate", "tournament", "elite")

    def __init__(
        self,
        params: Params,
        population: int = 50,
        lr: float = 0.1,
        spread: float = 1.0,
        mutation_rate: float = 0.1,
        crossover: str = "uniform",
        crossover_rate: float = 0.9,
        tournament: int = 3,
        elite: int = 1,
    ) -> None:
        defaults = {
            "population": population,
            "lr": lr,
            "spread": spread,
            "mutation_rate": mutation_rate,
            "crossover": crossover,
            "crossover_rate": crossover_rate,
            "tournament": tournament,
            "elite": elite,
        }
        super().__init__(params, defaults)

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""
        what, members = "GeneticAlgorithm", group["population"]
        check_range(what, "population", members, low=2)
        for name in ("lr", "spread"):
            check_range(what, name, group[name])
        for name in ("mutation_rate", "crossover_rate"):
            check_range(what, name, group[name], high=1)
        check_range(what, "tournament", group["tournament"], low=1, high=members)
        check_range(what, "elite", group["elite"], high=members - 1)
        if group["crossover"] not in CROSSOVERS:
            raise ValueError(
                f"{what}: crossover is {group['crossover']!r}; it must be one of "
                f"{', '.join(CROSSOVERS)}."
            )

    def step(self, closure: Callable[[], Any] | None = None) -> float:
        """Evaluates one generation and breeds the next; returns the generation's lowest loss.

        closure: returns the loss, a Tensor of one element or a number; runs under no_grad, once for
        each member. A member whose loss is NaN comes last. Raises TypeError without a closure;
        whatever is raised, parameters and state are as before.
        """
        closure = asked(closure, "GeneticAlgorithm")
        flat, memory = self._flat(), self._memory()
        with flat.restored_on_error() as x:
            if "population" in memory:
                members = flat.fitting(memory["population"])
            else:
                members = self._first_generation(flat, x)
            losses = np.array([loss_at(closure, flat, member) for member in members])
            best = int(losses.argmin())
            if "best" not in memory or losses[best] < memory["best_loss"]:
                memory["best"], memory["best_loss"] = members[best].copy(), float(losses[best])
            memory["population"] = self._next_generation(flat, members, losses)
            flat.write(memory["best"])
        self._remember(memory)
        return float(losses[best])

    def _first_generation(self, flat: Flat, x: Array) -> Array:
        """The parameters as they are, and others scattered around them, (population, n)."""
        shape = (self._option("population"), flat.size)
        members = x + self._per_element(flat, "spread") * normal(flat, shape)
        members[0] = x
        return members

    def _next_generation(self, flat: Flat, members: Array, losses: Any) -> Array:
        """The elite unchanged, and as many children as there is room for, (population, n)."""
        children = self._option("population") - self._option("elite")
        first = members[self._winners(flat, losses, children)]
        second = members[self._winners(flat, losses, children)]
        made = self._crossed(flat, first, second)
        changes = uniform(flat, made.shape) < self._per_element(flat, "mutation_rate")
        steps = self._per_element(flat, "lr") * normal(flat, made.shape)
        made = flat.xp.where(changes, made + steps, made)
        # A stable sort, so that equal losses give the same elite on every machine.
        elite = flat.xp.asarray(losses.argsort(kind="stable")[: self._option("elite")])
        return flat.xp.concatenate([members[elite], made.astype(flat.dtype, copy=False)])

    def _winners(self, flat: Flat, losses: Any, count: int) -> Array:
        """The positions of `count` parents: each the best of `tournament` members drawn anew."""
        drawn = random.generator().integers(0, len(losses), (count, self._option("tournament")))
        # On the host, as the losses are; only the positions go to the device.
        return flat.xp.asarray(drawn[np.arange(count), losses[drawn].argmin(axis=1)])

    def _crossed(self, flat: Flat, first: Array, second: Array) -> Array:
        """One child of each pair of parents, (children, n)."""
        chance = uniform(flat, first.shape)
        if self._option("crossover") == "uniform":
            made = flat.xp.where(chance < 0.5, first, second)
        elif self._option("crossover") == "blend":
            made = first + (2 * chance - 0.5) * (second - first)
        else:
            cuts = random.generator().integers(0, flat.size + 1, (len(first), 1))
            places = flat.xp.arange(flat.size)
            made = flat.xp.where(places < flat.xp.asarray(cuts), first, second)
        is_crossed = uniform(flat, (len(first), 1)) < self._option("crossover_rate")
        return flat.xp.where(is_crossed, made, first)

    def _option(self, name: str) -> Any:
        return self.param_groups[0][name]
