"""OneCycleLR: up to a high rate and down to a very low one, with the momentum the other way."""

from __future__ import annotations

import math
from typing import Any

from nn.optim.groups import check_range
from nn.optim.lr_scheduler.scheduler import LRScheduler, check_count, check_optimizer, per_group
from nn.optim.optimizer import Optimizer


class OneCycleLR(LRScheduler):
    """lr from max_lr / div_factor up to max_lr, then down to that start / final_div_factor.

    The way up takes pct_start of total_steps. With three_phase the way down first takes as long to
    the start, then the rest to the end. The momentum (or β₁) goes from max_momentum down to
    base_momentum and back. Call step() after every batch.

    optimizer: whose rates to write.  max_lr, base_momentum, max_momentum: for all groups, or a list
    with one for each.  total_steps: or epochs and steps_per_epoch.  anneal_strategy: "cos" or
    "linear".  cycle_momentum: whether to change the momentum too.  last_epoch: to resume.
    Raises ValueError for an argument out of its range, for an optimizer without momentum if it is
    to be changed, and by step() beyond total_steps.
    Source: Smith and Topin, Super-Convergence: Very Fast Training of Neural Networks Using Large
    Learning Rates (2019).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer, "OneCycleLR")
        self.total_steps = _total(total_steps, epochs, steps_per_epoch)
        check_range("OneCycleLR", "pct_start", pct_start, 0, 1)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f'OneCycleLR: anneal_strategy is {anneal_strategy!r}; it must be "cos" or "linear".'
            )
        self.anneal_strategy = anneal_strategy
        self.cycle_momentum = cycle_momentum
        self.phases = _phases(self.total_steps, pct_start, three_phase)
        rates = per_group("OneCycleLR", "max_lr", max_lr, optimizer)
        low = per_group("OneCycleLR", "base_momentum", base_momentum, optimizer)
        high = per_group("OneCycleLR", "max_momentum", max_momentum, optimizer)
        if cycle_momentum:
            _check_momentum(optimizer)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                start = rate / div_factor
                group.update(initial_lr=start, max_lr=rate, min_lr=start / final_div_factor)
        if last_epoch == -1 and cycle_momentum:
            _begin_momentum(optimizer, low, high)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`; writes the momentum of each group."""
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(
                f"OneCycleLR: step {t} is beyond the cycle of {self.total_steps} steps. Give "
                "total_steps the number of batches in all epochs."
            )
        start, (end, *names) = 0.0, self.phases[0]
        for phase in self.phases[1:]:
            if t <= end:
                break
            start, (end, *names) = end, phase
        part = (t - start) / (end - start)
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self._between(group[names[0]], group[names[1]], part))
            if self.cycle_momentum:
                _set_momentum(group, self._between(group[names[2]], group[names[3]], part))
        return rates

    def _between(self, start: float, end: float, part: float) -> float:
        """The value after this part of the way from start to end."""
        if self.anneal_strategy == "linear":
            return (end - start) * part + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * part) + 1)


def _check_momentum(optimizer: Optimizer) -> None:
    """Raises ValueError if the optimizer has no momentum."""
    if not {"momentum", "betas"} & set(optimizer.defaults):
        raise ValueError(
            f"OneCycleLR: {type(optimizer).__name__} has no momentum to change. Pass "
            "cycle_momentum=False."
        )


def _begin_momentum(optimizer: Optimizer, low: list[float], high: list[float]) -> None:
    """Notes in each group between what its momentum goes, and sets the highest."""
    for group, least, most in zip(optimizer.param_groups, low, high, strict=True):
        group.update(base_momentum=least, max_momentum=most)
        _set_momentum(group, most)


def _set_momentum(group: dict[str, Any], momentum: float) -> None:
    """Writes a group's momentum, or β₁ where the optimizer has betas."""
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


def _total(total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    """The number of steps in the cycle. Raises ValueError if it is not given."""
    if total_steps is not None:
        return check_count("OneCycleLR", "total_steps", total_steps)
    if epochs is None or steps_per_epoch is None:
        raise ValueError("OneCycleLR: give total_steps, or both epochs and steps_per_epoch.")
    check_count("OneCycleLR", "epochs", epochs)
    return epochs * check_count("OneCycleLR", "steps_per_epoch", steps_per_epoch)


def _phases(total: int, part: float, three: bool) -> list[list[Any]]:
    """Each phase: its last step, the names of its rates at both ends, and of its momenta."""
    up = [part * total - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum"]
    if not three:
        return [up, [total - 1, "max_lr", "min_lr", "base_momentum", "max_momentum"]]
    down = [2 * part * total - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum"]
    return [up, down, [total - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"]]


__all__ = ["OneCycleLR"]
