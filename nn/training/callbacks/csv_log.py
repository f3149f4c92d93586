"""CSVLog: what each epoch measured, as a line of a table that spreadsheets read."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any

from nn.atomic_file import replacing
from nn.training.callbacks.callback import Callback
from nn.training.history import is_number


class CSVLog(Callback):
    """Writes a row to a CSV file after each epoch: epoch, loss, metrics, lr.

    path: the file; its folder is made. A new run replaces it. A resumed run appends, after dropping
    the rows of epochs that it repeats and a last row that a crash cut off.
    Numbers are written so that reading them gives the same float64.
    Raises OSError for a file that cannot be written, ValueError if what is measured is not what the
    file's columns say.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._columns: list[str] | None = None

    def on_fit_begin(self, trainer: Any) -> None:
        """Empties the file; or keeps what a resumed run does not repeat."""
        self._columns = None
        kept: list[list[str]] = []
        if trainer.is_resumed and self.path.exists():
            text = self.path.read_text(encoding="utf-8")
            whole = text[: text.rfind("\n") + 1]  # without a row that was cut off
            rows = [*csv.reader(io.StringIO(whole))]
            if rows:
                self._columns = rows[0]
                kept = [rows[0], *(r for r in rows[1:] if _is_before(r, rows[0], trainer.epoch))]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.path) as file:
            file.write(_lines(kept))

    def on_epoch_end(self, trainer: Any) -> None:
        """Adds the epoch's row."""
        row = {"epoch": trainer.epoch}
        row |= {name: float(v) for name, v in trainer.logs.items() if is_number(v)}
        if self._columns is None:
            self._columns = [*row]
            self._append(self._columns)
        if self._columns != [*row]:
            raise ValueError(
                f"{self.path} has the columns {', '.join(self._columns)}, but {', '.join(row)} "
                "were measured. Resume with the same metrics, or log to another file."
            )
        self._append([repr(value) for value in row.values()])

    def _append(self, row: list[str]) -> None:
        with self.path.open("ab") as file:
            file.write(_lines([row]))


def _lines(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _is_before(row: list[str], columns: list[str], epoch: int) -> bool:
    """Whether row is whole, and of an epoch up to that one."""
    try:
        numbers = [float(text) for text in row]
    except ValueError:
        return False
    return len(row) == len(columns) and numbers[0] <= epoch
