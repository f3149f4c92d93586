"""ModelCheckpoint: the whole state of training in files, the latest and the best."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nn.training.callbacks.callback import Callback, watched
from nn.training.history import Mode, direction, is_number


class ModelCheckpoint(Callback):
    """Saves the state of training after each epoch, and keeps the best epoch's in a second file.

    path: the file of the latest state, such as "run.npz", beside which "run.best.npz" is the best;
    or, without an ending, a folder of "last.npz" and "best.npz". Folders are made. In a name such
    as "run_{epoch:02d}_{val_loss:.2f}.npz" the epoch and what it measured are filled in, so that
    each epoch has a file of its own, and each that was the best so far another.
    last_path, best_path: the two files; of names that are filled in, the latest.
    monitor: the quantity that says which epoch is the best; where it is None, or val_loss without
    validation data, the loss.
    mode: "min", "max", or "auto", by the name.  save_best, save_last: which of the two to write.
    every_batches: write the latest also after each so many batches, to resume within an epoch.
    Each file is replaced in one step, so a crash leaves the one before. Either is what
    `trainer.resume(path)` goes on from; `nn.load(path)["model"]` is the model's state_dict.
    Raises ValueError if monitor, or what a name asks for, is not measured, if every_batches is less
    than 1 or beside a name to be filled in; OSError for a file that cannot be written.
    """

    runs_last = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        monitor: str | None = "val_loss",
        mode: Mode = "auto",
        *,
        save_best: bool = True,
        save_last: bool = True,
        every_batches: int | None = None,
    ) -> None:
        if every_batches is not None and every_batches < 1:
            raise ValueError(
                f"ModelCheckpoint: every_batches is {every_batches}; it must be at least 1, or "
                "None."
            )
        direction(monitor or "loss", mode)
        given = Path(path)
        self._is_filled = "{" in str(given)
        if self._is_filled and (every_batches is not None or given.suffix != ".npz"):
            raise ValueError(
                f"ModelCheckpoint: {given} is a name for each epoch, which every_batches, within "
                'an epoch, cannot fill in, and which ends in ".npz". Leave out every_batches, or '
                "the braces."
            )
        is_file = bool(given.suffix)
        self.last_path = given if is_file else given / "last.npz"
        self.best_path = (
            given.with_suffix(f".best{given.suffix}") if is_file else given / "best.npz"
        )
        self._last, self._best = self.last_path, self.best_path
        self.monitor, self.mode = monitor, mode
        self.save_best, self.save_last, self.every_batches = save_best, save_last, every_batches
        self.best = math.nan

    def on_fit_begin(self, trainer: Any) -> None:
        """Makes the folder."""
        if not self._is_filled:
            self.last_path.parent.mkdir(parents=True, exist_ok=True)
        if not trainer.is_resumed:
            self.best = math.nan

    def on_batch_end(self, trainer: Any) -> None:
        """Saves within an epoch."""
        if self.every_batches is not None and trainer.batch % self.every_batches == 0:
            trainer.save(self.last_path)

    def on_epoch_end(self, trainer: Any) -> None:
        """Saves the latest state; and as the best, if it is."""
        monitor = self.monitor
        if monitor is None or (monitor == "val_loss" and monitor not in trainer.logs):
            monitor = "loss"
        value = watched(trainer, self, monitor)
        sign = -1 if direction(monitor, self.mode, trainer.metrics) == "max" else 1
        is_best = sign * value < sign * self.best or (
            math.isnan(self.best) and not math.isnan(value)
        )
        if is_best:
            self.best = value
        if is_best and self.save_best:
            self.best_path = self._filled(self._best, trainer)
            trainer.save(self.best_path)
        if self.save_last:
            self.last_path = self._filled(self._last, trainer)
            trainer.save(self.last_path)

    def _filled(self, path: Path, trainer: Any) -> Path:
        """path with the epoch and what it measured in the place of their names, and its folder
        made."""
        if not self._is_filled:
            return path
        measured = {k: float(v) for k, v in trainer.logs.items() if is_number(v)}
        try:
            filled = Path(str(path).format(epoch=trainer.epoch, **measured))
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(
                f"ModelCheckpoint: {path} cannot be filled in ({error}). There are epoch, "
                f"{', '.join(measured)}; write a brace that is meant as {{{{."
            ) from None
        filled.parent.mkdir(parents=True, exist_ok=True)
        return filled

    def state_dict(self) -> dict[str, Any]:
        """The best value so far."""
        return {"best": self.best}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from what state_dict() gave."""
        self.best = float(state["best"])
