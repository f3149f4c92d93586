"""What a run shows while it goes: a bar in a terminal, lines of text elsewhere, or nothing.

    verbose    in a terminal                     elsewhere
    "auto"     a bar an epoch                    nothing; a line an epoch in a notebook
    True, 1    a bar an epoch                    a line an epoch
    2          a line an epoch                   a line an epoch
    False, 0   nothing                           nothing

Bars are tqdm's, on the standard error; where tqdm is not installed, lines take their place. Lines
go to the standard output.
"""

from __future__ import annotations

import sys
from typing import Any, Literal

from nn.training.callbacks.callback import Callback
from nn.training.history import is_number, shown

Verbose = Literal["auto", 0, 1, 2] | bool


RUNNING = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} {elapsed}<{remaining}{postfix}"
FINISHED = "{desc} {elapsed}{postfix}"
"""What tqdm draws of an epoch under way, and of a finished one, whose metrics need all the room."""


class Progress(Callback):
    """Shows a run of `epochs` epochs with `batches` batches each, if that number is known."""

    runs_last = True

    def __init__(self, epochs: int, batches: int | None, *, bars: bool) -> None:
        self.epochs, self.batches = epochs, batches
        self._tqdm = _tqdm() if bars else None
        self._bar: Any = None

    def on_fit_begin(self, trainer: Any) -> None:
        """Opens a bar for the rest of a resumed epoch."""
        if trainer.batch:
            self.on_epoch_begin(trainer)

    def on_epoch_begin(self, trainer: Any) -> None:
        """Opens a bar."""
        if self._tqdm is not None:
            self._bar = self._tqdm(
                desc=f"Epoch {trainer.epoch + 1}/{self.epochs}",
                total=self.batches,
                initial=trainer.batch,
                unit="batch",
                leave=True,
                dynamic_ncols=True,
                bar_format=RUNNING if self.batches else None,
            )

    def on_batch_end(self, trainer: Any) -> None:
        """Moves the bar. The loss is read from the device only when the bar is drawn anew."""
        if self._bar is not None and self._bar.update():
            self._bar.set_postfix_str(f"loss {shown(trainer.mean_loss())}", refresh=False)

    def on_epoch_end(self, trainer: Any) -> None:
        """Closes the bar with what was measured; or prints the line."""
        numbers = {name: shown(float(v)) for name, v in trainer.logs.items() if is_number(v)}
        if self._bar is not None:
            numbers.pop("lr", None)  # four other numbers fill most of a line
        text = ", ".join(f"{name} {number}" for name, number in numbers.items())
        if self._bar is not None:
            self._bar.bar_format = FINISHED
            self._bar.set_postfix_str(text, refresh=False)
            self.close()
        elif self._tqdm is None:
            print(f"epoch {trainer.epoch}/{self.epochs}: {text}", flush=True)

    def close(self) -> None:
        """Ends an open bar, so that what is printed next begins on a line of its own."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def progress_of(verbose: Verbose, epochs: int, batches: int | None) -> Progress | None:
    """What shows a run, or None. Raises ValueError for another value of verbose."""
    if verbose not in ("auto", 0, 1, 2):
        raise ValueError(f'verbose is {verbose!r}; it must be "auto", True, False, or 2.')
    is_terminal = _is_terminal(sys.stderr)
    if not verbose or (verbose == "auto" and not is_terminal and not _is_notebook()):
        return None
    return Progress(epochs, batches, bars=is_terminal and verbose != 2)


def _tqdm() -> Any:
    """tqdm's bar; None if it is not installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # None under pythonw; closed
        return False


def _is_notebook() -> bool:
    return type(sys.stdout).__module__.partition(".")[0] == "ipykernel"
