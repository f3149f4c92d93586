"""SequentialLR: one scheduler after another, such as a warm-up and then a cosine."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from nn.optim.lr_scheduler.scheduler import LRScheduler, Schedule, check_optimizer
from nn.optim.optimizer import Optimizer


class SequentialLR(Schedule):
    """The scheduler in turn writes the rates; at each milestone the next one begins at its epoch 0.

    optimizer: the one that all schedulers were made for.  schedulers: in their order.
    milestones: the steps at which the next takes over, one fewer than there are schedulers.
    last_epoch: to resume.
    Raises ValueError for another number of milestones, falling milestones, or schedulers of another
    optimizer; TypeError for a scheduler that needs a metric, or is itself a sequence.
    """

    unsaved = frozenset({"optimizer", "_schedulers"})

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: list[LRScheduler],
        milestones: list[int],
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = check_optimizer(optimizer, "SequentialLR")
        self._schedulers = list(schedulers)
        self._milestones = list(milestones)
        self._check_parts()
        self.last_epoch = last_epoch + 1
        # Every constructor took its first step on the same rates: undo them, and redo one.
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        for scheduler in self._schedulers:
            scheduler.last_epoch -= 1
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first.begin()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:
        """Goes one step on: the scheduler whose turn it is writes the rates."""
        self.last_epoch += 1
        turn = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[turn]
        if turn > 0 and self._milestones[turn - 1] == self.last_epoch:
            scheduler.restart()
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        """All that it and its schedulers need to go on, but for the optimizer."""
        parts = [scheduler.state_dict() for scheduler in self._schedulers]
        return {**super().state_dict(), "_schedulers": parts}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over a copy of what `state_dict()` gave.

        Raises ValueError for entries that are missing or unknown.
        """
        parts = state_dict.get("_schedulers", ())
        if len(parts) != len(self._schedulers):
            raise ValueError(
                f"SequentialLR.load_state_dict: the state is of {len(parts)} schedulers, but there "
                f"are {len(self._schedulers)}; nothing was changed."
            )
        before = [scheduler.state_dict() for scheduler in self._schedulers]
        try:
            for scheduler, part in zip(self._schedulers, parts, strict=True):
                scheduler.load_state_dict(part)
            super().load_state_dict({k: v for k, v in state_dict.items() if k != "_schedulers"})
        except ValueError:
            for scheduler, part in zip(self._schedulers, before, strict=True):
                scheduler.load_state_dict(part)
            raise

    def _check_parts(self) -> None:
        """Raises ValueError or TypeError if the schedulers and milestones make no sequence."""
        if not self._schedulers:
            raise ValueError("SequentialLR: there are no schedulers. Give at least one.")
        for place, scheduler in enumerate(self._schedulers):
            if not isinstance(scheduler, LRScheduler):
                raise TypeError(
                    f"SequentialLR: scheduler {place} is a {type(scheduler).__name__}, which is "
                    "not stepped by the epoch alone. Step a ReduceLROnPlateau by itself, and put "
                    "the parts of a SequentialLR into one list."
                )
            if scheduler.optimizer is not self.optimizer:
                raise ValueError(
                    f"SequentialLR: scheduler {place}, {type(scheduler).__name__}, was made for "
                    "another optimizer. Make all schedulers for the same one."
                )
        if len(self._milestones) != len(self._schedulers) - 1:
            raise ValueError(
                f"SequentialLR: {len(self._schedulers)} schedulers need "
                f"{len(self._schedulers) - 1} milestones, one for each change, but there are "
                f"{len(self._milestones)}."
            )
        if self._milestones != sorted(set(self._milestones)):
            raise ValueError(f"SequentialLR: milestones are {self._milestones}; they must rise.")


__all__ = ["SequentialLR"]
