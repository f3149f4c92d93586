"""LRScheduler: writes the learning rate of every group once an epoch (or once a batch).

The rates follow PyTorch's chainable form: each is computed from the one before, so that several
schedulers on one optimizer multiply. The constructor takes the first step itself. The rules are in
`decay.py`, `warmup.py`, `cosine.py`, `one_cycle.py`, `plateau.py` and `sequential.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, ClassVar, Self

from nn.optim.keywords import check_keywords
from nn.optim.optimizer import Optimizer


class Schedule:
    """What all schedulers share: an optimizer whose rates they write, and state to save."""

    optimizer: Optimizer
    last_epoch: int
    _last_lr: list[float]
    unsaved: ClassVar[frozenset[str]] = frozenset({"optimizer"})
    """Attributes that `state_dict` leaves out."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """A schedule without anything yet. Keywords of other libraries are refused here, with what
        to write instead."""
        check_keywords(cls, args, kwargs)
        return super().__new__(cls)

    def get_last_lr(self) -> list[float]:
        """The rates that this scheduler wrote last, one a group."""
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """All that it needs to go on, but for the optimizer: a copy, of plain values."""
        return {k: deepcopy(v) for k, v in self.__dict__.items() if k not in self.unsaved}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over a copy of what `state_dict()` gave; load the optimizer's state beside it.

        Raises ValueError for entries that are missing or unknown, and then changes nothing.
        """
        self._check_entries(set(self.__dict__) - self.unsaved, state_dict)
        self.__dict__.update(deepcopy(dict(state_dict)))

    def _check_entries(self, own: set[str], given: Mapping[str, Any]) -> None:
        """Raises ValueError unless given has exactly these entries."""
        faults = [f"{name} is missing" for name in sorted(own - set(given))]
        faults += [f"{name} is unknown" for name in sorted(set(given) - own)]
        if faults:
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: {', '.join(faults)}. Give it the state of "
                f"a {type(self).__name__}; nothing was changed."
            )

    def _read_lr(self) -> list[float]:
        """The rates that the optimizer's groups have now."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(last_epoch={self.last_epoch}, lr={self.get_last_lr()})"


class LRScheduler(Schedule):
    """A scheduler whose rates depend on the number of steps; a subclass defines `get_lr`.

    optimizer: whose rates to write.  last_epoch: the steps taken before, to resume; −1 begins, and
    notes each group's rate as its "initial_lr".
    Raises TypeError for what is no optimizer, ValueError to resume on groups without "initial_lr".
    """

    _is_initial = False
    unsaved = frozenset({"optimizer", "_is_initial"})

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = check_optimizer(optimizer, type(self).__name__)
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueError(
                    f"{type(self).__name__}: last_epoch is {last_epoch}, but group {number} has no "
                    '"initial_lr" to resume from. Load the optimizer\'s state first, or leave '
                    "last_epoch out."
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self.begin()

    def begin(self) -> None:
        """Takes the first step, which belongs to the constructor."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`, one a group, computed from the groups' rates so far."""
        raise NotImplementedError(
            f"{type(self).__name__} has no get_lr(). Define it: a rate for every group."
        )

    def first_lr(self) -> list[float]:
        """The rates at epoch 0, whatever the groups' rates are: where a sequence switches here."""
        return self.get_lr()

    def step(self) -> None:
        """Goes one step on and writes the rates. Call it after the optimizer's step().

        Warns if the optimizer has not moved yet: the first rate would never be used.
        """
        if self._step_count == 1 and type(self.optimizer).step is Optimizer.step:
            if not self.optimizer.stepped:
                warnings.warn(
                    f"{type(self).__name__}.step() was called before the optimizer's first step(), "
                    "so the first learning rate is skipped. Call optimizer.step() first.",
                    stacklevel=2,
                )
        self._step_count += 1
        self.last_epoch += 1
        self._write(self.get_lr())

    def restart(self) -> None:
        """Goes to epoch 0 and writes the rates there, as a sequence does at a milestone."""
        self.last_epoch = 0
        self._write(self.first_lr())

    def _write(self, rates: Sequence[float]) -> None:
        """Gives each group its rate."""
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = self._read_lr()

    def _scaled(self, factor: float) -> list[float]:
        """The groups' rates times factor."""
        return [group["lr"] * factor for group in self.optimizer.param_groups]


def check_optimizer(optimizer: Any, owner: str) -> Optimizer:
    """optimizer itself. Raises TypeError if it is none."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"{owner}: the first argument is a {type(optimizer).__name__}, not an optimizer. Give "
            "the optimizer whose learning rate it shall change."
        )
    return optimizer


def per_group(owner: str, name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """value once for each group, if it is no list. Raises ValueError for a list of other length."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(
            f"{owner}: {name} has {len(value)} entries but the optimizer {groups} parameter "
            "groups. Give one for each group, or one for all."
        )
    return list(value)


def check_count(owner: str, name: str, value: Any, least: int = 1) -> int:
    """value itself. Raises ValueError unless it is an integer of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{owner}: {name} is {value!r}; it must be an integer, at least {least}.")
    return value


__all__ = ["LRScheduler", "Schedule", "check_count", "check_optimizer", "per_group"]
