"""History: what a run of training measured, epoch by epoch, and which value of it is the best.

A mapping of names to lists, so that `viz.curve(history)`, pandas and matplotlib take it as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

Mode = Literal["auto", "min", "max"]

ASCENDING = ("acc", "precision", "recall", "f1", "mcc", "r2", "auc", "score", "iou", "bleu")
"""What the name of a quantity contains if more of it is better."""


class Best(NamedTuple):
    """The best value of a quantity, and the epoch that had it."""

    epoch: int
    value: float


class History(Mapping[str, list[float]]):
    """The quantities of a run by name, each a list with one number an epoch: history["val_loss"].

    epochs: the number of each epoch, from 1.  What an epoch did not measure is nan.
    """

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self._values: dict[str, list[float]] = {}

    def append(self, epoch: int, measured: Mapping[str, Any]) -> None:
        """Takes what an epoch measured; what is no single number (a matrix) is left out."""
        numbers = {name: float(v) for name, v in measured.items() if is_number(v)}
        for name in numbers:
            self._values.setdefault(name, [math.nan] * len(self.epochs))
        self.epochs.append(int(epoch))
        for name, values in self._values.items():
            values.append(numbers.get(name, math.nan))

    def __getitem__(self, name: str) -> list[float]:
        if name not in self._values:
            known = ", ".join(self._values) or "no epoch yet"
            raise KeyError(f"{name} was not measured. The history has {known}.")
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def history(self) -> History:
        """The history itself, for those used to Keras's history.history["loss"]."""
        return self

    def best(self, name: str, mode: Mode = "auto") -> Best:
        """(epoch, value) of the lowest value of a quantity, or of the highest where more is better;
        of equal ones the first.

        mode: "min", "max", or "auto", which goes by the name: accuracy, precision, recall, f1, mcc
        and r2 are better when higher, all others when lower.
        Raises KeyError if it was not measured, ValueError if no value of it is a number.
        """
        sign = -1 if direction(name, mode) == "max" else 1
        pairs = [
            (sign * v, e) for e, v in zip(self.epochs, self[name], strict=True) if not math.isnan(v)
        ]
        if not pairs:
            raise ValueError(f"{name} is nan in all {len(self.epochs)} epochs; none is the best.")
        value, epoch = min(pairs, key=lambda pair: pair[0])
        return Best(epoch, sign * value)

    def state_dict(self) -> dict[str, Any]:
        """The history as plain data."""
        return {"epochs": [*self.epochs], "values": {k: [*v] for k, v in self._values.items()}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Becomes a history that state_dict() gave. Raises ValueError if its lengths differ."""
        epochs = [int(e) for e in state["epochs"]]
        values = {str(k): [float(x) for x in v] for k, v in state["values"].items()}
        if any(len(v) != len(epochs) for v in values.values()):
            raise ValueError(
                f"the history has {len(epochs)} epochs, but lists of other lengths. "
                "The file was altered; use another one."
            )
        self.epochs, self._values = epochs, values

    def __repr__(self) -> str:
        if not self.epochs:
            return "History: no epoch yet"
        columns = [["epoch", *map(str, self.epochs)]]
        columns += [[name, *map(shown, values)] for name, values in self._values.items()]
        widths = [max(map(len, column)) for column in columns]
        rows = zip(*columns, strict=True)
        return "\n".join(
            "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
            for row in rows
        )


def direction(name: str, mode: str = "auto", metrics: Sequence[Any] = ()) -> str:
    """ "max" if a higher value of name is better, else "min".

    metrics: those of a Trainer, which know of themselves; other names are gone by.
    Raises ValueError for another mode than "auto", "min" and "max".
    """
    if mode in ("min", "max"):
        return mode
    if mode != "auto":
        raise ValueError(f'mode is {mode!r}; it must be "auto", "min" or "max".')
    plain = name.removeprefix("val_")
    for metric in metrics:
        if metric.name == plain and metric.higher_is_better is not None:
            return "max" if metric.higher_is_better else "min"
    return "max" if any(word in plain for word in ASCENDING) else "min"


def is_number(value: Any) -> bool:
    """Whether value is one real number."""
    return isinstance(value, int | float) or getattr(value, "shape", None) == ()


def shown(value: float) -> str:
    """A number in four digits: 0.6931, 1.25e-05."""
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.3g}"
