"""What acts on the optimizer's steps: schedules of its learning rate, clipping of gradients."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Literal

from nn.training.callbacks.callback import Callback, watched


class LRSchedule(Callback):
    """Steps a scheduler of nn.optim.lr_scheduler after each epoch, or after each batch.

    scheduler: a scheduler over the trainer's optimizer, or a function of the optimizer that makes
    one: `LRSchedule(lambda optimizer: StepLR(optimizer, 10))`.  every: "epoch" or "batch".
    monitor: what ReduceLROnPlateau is given after each epoch.
    Raises ValueError for another `every`, a plateau after each batch, or a scheduler of another
    optimizer; TypeError for what makes no scheduler.
    """

    def __init__(
        self,
        scheduler: Any,
        every: Literal["epoch", "batch"] = "epoch",
        monitor: str = "val_loss",
    ) -> None:
        if every not in ("epoch", "batch"):
            raise ValueError(f'LRSchedule: every is {every!r}; it must be "epoch" or "batch".')
        self._given = scheduler
        self.scheduler: Any = scheduler if hasattr(scheduler, "step") else None
        self._optimizer: Any = None
        self.every, self.monitor = every, monitor

    def on_attach(self, trainer: Any) -> None:
        """Makes the scheduler, if a function was given."""
        if not hasattr(self._given, "step") and self._optimizer is not trainer.optimizer:
            self.scheduler = self._given(trainer.optimizer) if callable(self._given) else None
            self._optimizer = trainer.optimizer
        if not hasattr(self.scheduler, "step"):
            raise TypeError(
                f"LRSchedule: {self._given!r} is no scheduler and makes none. Use one of "
                "nn.optim.lr_scheduler, or a function of the optimizer that returns one."
            )
        if getattr(self.scheduler, "optimizer", trainer.optimizer) is not trainer.optimizer:
            raise ValueError(
                f"LRSchedule: the {type(self.scheduler).__name__} sets the rate of another "
                "optimizer than the trainer's. Make it of that one, or give a function that does: "
                "lambda optimizer: StepLR(optimizer, 10)."
            )
        if self.every == "batch" and self._takes_metric():
            raise ValueError(
                f"LRSchedule: {type(self.scheduler).__name__} looks at {self.monitor}, which is "
                'measured once an epoch. Use every="epoch".'
            )

    def _takes_metric(self) -> bool:
        """Whether the scheduler's step needs a value, as ReduceLROnPlateau's does."""
        parameters = [*inspect.signature(self.scheduler.step).parameters.values()]
        return bool(parameters) and parameters[0].default is inspect.Parameter.empty

    def on_batch_end(self, trainer: Any) -> None:
        """Steps after a batch."""
        if self.every == "batch":
            self.scheduler.step()

    def on_epoch_end(self, trainer: Any) -> None:
        """Steps after an epoch."""
        if self.every == "batch":
            return
        if self._takes_metric():
            self.scheduler.step(watched(trainer, self, self.monitor))
        else:
            self.scheduler.step()

    def state_dict(self) -> dict[str, Any]:
        """The scheduler's state."""
        return {"scheduler": self.scheduler.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from what state_dict() gave."""
        self.scheduler.load_state_dict(state["scheduler"])


class GradientClipping(Callback):
    """Limits the gradients before each step.

    max_norm: the greatest norm of all gradients together; above it they are scaled down.
    max_value: the greatest |value| of each entry; beyond it entries are cut.  norm_type: p of the
    p-norm, ∞ allowed.
    Raises ValueError unless one of the two is given, and both are positive.
    Source: Pascanu, Mikolov, Bengio, On the difficulty of training recurrent networks (2013), §3.2.
    """

    def __init__(
        self,
        max_norm: float | None = None,
        max_value: float | None = None,
        *,
        norm_type: float = 2.0,
    ) -> None:
        given = [limit for limit in (max_norm, max_value) if limit is not None]
        if not given or not all(limit > 0 for limit in given):
            raise ValueError(
                f"GradientClipping: max_norm is {max_norm} and max_value {max_value}; give at "
                "least one, above 0."
            )
        self.max_norm, self.max_value, self.norm_type = max_norm, max_value, norm_type

    def on_before_step(self, trainer: Any) -> None:
        """Clips the gradients of the optimizer's parameters."""
        from nn.optim import clip_grad_norm_, clip_grad_value_

        parameters = [p for group in trainer.optimizer.param_groups for p in group["params"]]
        if self.max_value is not None:
            clip_grad_value_(parameters, self.max_value)
        if self.max_norm is not None:
            clip_grad_norm_(parameters, self.max_norm, self.norm_type)
