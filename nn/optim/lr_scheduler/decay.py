"""Rates that fall by a factor: every few epochs, at milestones, every epoch, or as you say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import BuiltinFunctionType, FunctionType
from typing import Any

from nn.optim.lr_scheduler.scheduler import LRScheduler, check_count, per_group
from nn.optim.optimizer import Optimizer


class StepLR(LRScheduler):
    """lr ← γ · lr every step_size steps: lr₀ · γ^⌊t / step_size⌋.

    optimizer: whose rates to write.  step_size: at least 1.  gamma: γ.  last_epoch: to resume.
    Raises ValueError for step_size below 1.
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = check_count("StepLR", "step_size", step_size)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`."""
        due = self.last_epoch > 0 and self.last_epoch % self.step_size == 0
        return self._scaled(self.gamma) if due else self._read_lr()

    def first_lr(self) -> list[float]:
        """The rates at epoch 0."""
        return list(self.base_lrs)


class MultiStepLR(LRScheduler):
    """lr ← γ · lr at each milestone; a milestone given twice counts twice.

    optimizer: whose rates to write.  milestones: the steps at which the rate falls.  gamma: γ.
    last_epoch: to resume.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = sorted(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`."""
        times = self.milestones.count(self.last_epoch)
        return self._scaled(self.gamma**times) if times else self._read_lr()

    def first_lr(self) -> list[float]:
        """The rates at epoch 0."""
        factor = self.gamma ** sum(milestone <= 0 for milestone in self.milestones)
        return [lr * factor for lr in self.base_lrs]


class ExponentialLR(LRScheduler):
    """lr ← γ · lr every step: lr₀ · γᵗ.

    optimizer: whose rates to write.  gamma: γ.  last_epoch: to resume.
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`."""
        return self._read_lr() if self._is_initial else self._scaled(self.gamma)

    def first_lr(self) -> list[float]:
        """The rates at epoch 0."""
        return list(self.base_lrs)


class LambdaLR(LRScheduler):
    """lr = lr₀ · λ(t), for any function λ of the number of steps.

    optimizer: whose rates to write.  lr_lambda: λ, or one for each group.  last_epoch: to resume.
    Functions are not saved in `state_dict`; objects that can be called are, by their attributes.
    Raises ValueError for a list of another length than the groups, TypeError for what cannot be
    called.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | list[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        self.lr_lambdas = per_group("LambdaLR", "lr_lambda", lr_lambda, optimizer)
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(
                    f"LambdaLR: lr_lambda is {function!r:.40}; it must be a function of the epoch, "
                    "such as lambda epoch: 0.95**epoch."
                )
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`."""
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        return [lr * function(self.last_epoch) for lr, function in pairs]

    def state_dict(self) -> dict[str, Any]:
        """All that it needs to go on, but for the optimizer and plain functions."""
        saved = [None if _is_plain(f) else dict(vars(f)) for f in self.lr_lambdas]
        own = {name: self.__dict__[name] for name in self._saved_names()}
        return {**own, "base_lrs": list(self.base_lrs), "lr_lambdas": saved}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over a copy of what `state_dict()` gave.

        Raises ValueError for entries that are missing or unknown, and then changes nothing.
        """
        self._check_entries({*self._saved_names(), "lr_lambdas"}, state_dict)
        saved = state_dict["lr_lambdas"]
        if len(saved) != len(self.lr_lambdas):
            raise ValueError(
                f"LambdaLR.load_state_dict: the state is of {len(saved)} groups, but there are "
                f"{len(self.lr_lambdas)}; nothing was changed."
            )
        self.__dict__.update({name: state_dict[name] for name in self._saved_names()})
        for function, attributes in zip(self.lr_lambdas, saved, strict=True):
            if attributes is not None:
                vars(function).update(attributes)

    def _saved_names(self) -> set[str]:
        """The attributes that are saved as they are."""
        return set(self.__dict__) - self.unsaved - {"lr_lambdas"}


def _is_plain(function: Callable[[int], float]) -> bool:
    """Whether function is code alone, without attributes to save."""
    return isinstance(function, FunctionType | BuiltinFunctionType | type) or not hasattr(
        function, "__dict__"
    )


__all__ = ["ExponentialLR", "LambdaLR", "MultiStepLR", "StepLR"]
