"""ReduceLROnPlateau: lowers the rate when a number that should improve does not."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from nn.optim.groups import check_range
from nn.optim.lr_scheduler.scheduler import Schedule, check_optimizer, per_group
from nn.optim.optimizer import Optimizer


class ReduceLROnPlateau(Schedule):
    """lr ← max(factor · lr, min_lr) after more than `patience` epochs without a better metric.

    optimizer: whose rates to write.  mode: "min" if the metric should fall, "max" if rise.
    factor: in [0, 1).  patience: epochs to bear.  threshold: how much better counts, as a part of
    the best ("rel") or by itself ("abs"), as threshold_mode says.  cooldown: epochs after a
    reduction in which nothing is counted.  min_lr: for all groups, or a list with one for each.
    eps: a smaller change of the rate is not made.
    Raises ValueError for an argument out of its range.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        self.optimizer = check_optimizer(optimizer, "ReduceLROnPlateau")
        check_range("ReduceLROnPlateau", "factor", factor, 0, 1, below=True)
        _check_word("mode", mode, "min", "max")
        _check_word("threshold_mode", threshold_mode, "rel", "abs")
        self.mode, self.factor, self.patience = mode, factor, patience
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.cooldown, self.eps = cooldown, eps
        self.min_lrs = per_group("ReduceLROnPlateau", "min_lr", min_lr, optimizer)
        self.best = inf if mode == "min" else -inf
        self.last_epoch = self.cooldown_counter = self.num_bad_epochs = 0
        self._last_lr = self._read_lr()

    @property
    def in_cooldown(self) -> bool:
        """Whether bad epochs are not counted now."""
        return self.cooldown_counter > 0

    def step(self, metrics: Any) -> None:
        """Takes note of an epoch's metric, a number or a Tensor with one; lowers the rate if due.

        Raises ValueError if a group was added to the optimizer and min_lr was a list.
        """
        current = float(metrics)
        self.last_epoch += 1
        if self._is_better(current):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = self._read_lr()

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over a copy of what `state_dict()` gave; load the optimizer's state beside it.

        Raises ValueError for entries that are missing or unknown, and then changes nothing.
        """
        super().load_state_dict(state_dict)

    def _is_better(self, current: float) -> bool:
        """Whether current beats the best by the threshold."""
        if self.threshold_mode == "rel":
            margin = 1.0 - self.threshold if self.mode == "min" else 1.0 + self.threshold
            bound = self.best * margin
        else:
            bound = self.best - self.threshold if self.mode == "min" else self.best + self.threshold
        return current < bound if self.mode == "min" else current > bound

    def _reduce(self) -> None:
        """Lowers the rate of every group, as far as its least."""
        groups = self.optimizer.param_groups
        if len(groups) > len(self.min_lrs):
            if len(set(self.min_lrs)) > 1:
                raise ValueError(
                    f"ReduceLROnPlateau: the optimizer has {len(groups)} groups now, but min_lr "
                    f"was given for {len(self.min_lrs)}. Append to its min_lrs for the new ones."
                )
            self.min_lrs += self.min_lrs[:1] * (len(groups) - len(self.min_lrs))
        for group, least in zip(groups, self.min_lrs, strict=True):
            new = max(group["lr"] * self.factor, least)
            if group["lr"] - new > self.eps:
                group["lr"] = new


def _check_word(name: str, word: str, *known: str) -> None:
    """Raises ValueError unless word is one of those known."""
    if word not in known:
        raise ValueError(
            f"ReduceLROnPlateau: {name} is {word!r}; it must be "
            f"{' or '.join(repr(one) for one in known)}."
        )


__all__ = ["ReduceLROnPlateau"]
