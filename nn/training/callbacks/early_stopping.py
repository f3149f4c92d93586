"""EarlyStopping: ends a run that no longer gets better, and brings back its best weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from autograd import backend
from nn.training.callbacks.callback import Callback, watched
from nn.training.history import Mode, direction
from nn.training.snapshot import put_back, weights_of


class EarlyStopping(Callback):
    """Stops when `monitor` has not improved by more than min_delta for `patience` epochs.

    mode: "min", "max", or "auto", by the name of the quantity.  restore_best: at the end of the
    run, whether stopped or not, the model gets the parameters and buffers of its best epoch.  A
    value of nan is no improvement.
    best, best_epoch: the best value and its epoch, from 1.  stopped_epoch: the epoch that ended the
    run, or None.
    A resumed run goes on from the latest weights, not the restored ones, exactly as if it had never
    ended.
    Raises ValueError for a negative patience or min_delta, or if monitor is not measured.
    Source: Prechelt, Early Stopping — But When? (1998).
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 0,
        min_delta: float = 0.0,
        mode: Mode = "auto",
        restore_best: bool = True,
    ) -> None:
        if patience < 0 or not min_delta >= 0:
            raise ValueError(
                f"EarlyStopping: patience is {patience} and min_delta {min_delta}; neither may be "
                "negative."
            )
        direction(monitor, mode)
        self.monitor, self.patience, self.min_delta = monitor, patience, min_delta
        self.mode, self.restore_best = mode, restore_best
        self._forget()

    def _forget(self) -> None:
        self.best: float = math.nan
        self.best_epoch: int | None = None
        self.stopped_epoch: int | None = None
        self.wait = 0
        self._best_weights: dict[str, Any] | None = None
        self._last_weights: dict[str, Any] | None = None

    def on_fit_begin(self, trainer: Any) -> None:
        """Forgets the run before; or goes on with it, from its latest weights."""
        if not trainer.is_resumed:
            self._forget()
            return
        if self._last_weights is not None:
            put_back(trainer.model, self._last_weights)
            self._last_weights = None
        self.stopped_epoch = None
        self._stop_if_due(trainer)

    def on_epoch_end(self, trainer: Any) -> None:
        """Compares the epoch with the best."""
        value = watched(trainer, self, self.monitor)
        sign = -1 if direction(self.monitor, self.mode, trainer.metrics) == "max" else 1
        if sign * value < sign * self.best - self.min_delta or (
            math.isnan(self.best) and not math.isnan(value)
        ):
            self.best, self.best_epoch, self.wait = value, trainer.epoch, 0
            if self.restore_best:
                self._best_weights = weights_of(trainer.model)
            return
        self.wait += 1
        self._stop_if_due(trainer)

    def _stop_if_due(self, trainer: Any) -> None:
        if self.wait > 0 and self.wait >= self.patience:
            self.stopped_epoch, trainer.should_stop = trainer.epoch, True

    def on_fit_end(self, trainer: Any) -> None:
        """Brings the best weights back."""
        if self._best_weights is not None and self.best_epoch != trainer.epoch:
            self._last_weights = weights_of(trainer.model)
            put_back(trainer.model, self._best_weights)

    def state_dict(self) -> dict[str, Any]:
        """The best value and weights so far; the latest weights, if the best are in the model."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "wait": self.wait,
            "best_weights": _host(self._best_weights),
            "last_weights": _host(self._last_weights),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from what state_dict() gave."""
        self.best, self.best_epoch = float(state["best"]), state["best_epoch"]
        self.wait = int(state["wait"])
        self._best_weights, self._last_weights = state["best_weights"], state["last_weights"]


def _host(weights: dict[str, Any] | None) -> dict[str, Any] | None:
    """weights on the host; as they are never written into, they need no copy."""
    return None if weights is None else {k: backend.to_host(v) for k, v in weights.items()}
