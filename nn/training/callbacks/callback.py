"""Callback: what may happen beside training, at fixed moments of it.

A callback defines the moments that it cares for; the others cost nothing. What it must remember to
go on after a resumed run is its state_dict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Self

from nn.training.callbacks.keras import check_arguments, check_moments

EVENTS = (
    "on_fit_begin",
    "on_epoch_begin",
    "on_batch_begin",
    "on_before_step",
    "on_batch_end",
    "on_epoch_end",
    "on_fit_end",
)
"""The moments of a run, in their order."""


class Callback:
    """Does nothing at any moment. Subclasses override what they need.

    Each method gets the Trainer, whose `epoch` and `batch` count what is finished: in on_batch_end
    of the very first batch they are 0 and 1, in on_epoch_end of the first epoch 1 and 0. `logs`
    has what the epoch measured, `current` the batch at hand (inputs, target, output, loss); setting
    `should_stop` ends the run after the epoch. Callbacks run in the order in which they were given;
    those with `runs_last`, which save the state that the others leave, after all others.
    """

    runs_last: ClassVar[bool] = False

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Refuses arguments that only Keras's callback of the name has."""
        check_arguments(cls, args, kwargs)
        return super().__new__(cls)

    def on_attach(self, trainer: Any) -> None:
        """The callback became part of a Trainer, which is ready except for its data."""

    def on_fit_begin(self, trainer: Any) -> None:
        """A run begins, or goes on: then trainer.is_resumed, and what was remembered is kept."""

    def on_epoch_begin(self, trainer: Any) -> None:
        """An epoch begins."""

    def on_batch_begin(self, trainer: Any) -> None:
        """A batch was read, and the model has not seen it."""

    def on_before_step(self, trainer: Any) -> None:
        """The gradients of a batch are there, and the optimizer has not used them."""

    def on_batch_end(self, trainer: Any) -> None:
        """The weights have been updated."""

    def on_epoch_end(self, trainer: Any) -> None:
        """The epoch was measured, and is in the history."""

    def on_fit_end(self, trainer: Any) -> None:
        """The run has ended of itself; not called after an error or Ctrl-C."""

    def state_dict(self) -> dict[str, Any]:
        """What it must remember: numbers, strings, arrays, and nests of them."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from what state_dict() gave."""


class LambdaCallback(Callback):
    """Functions of the trainer, called at the moments that name them:

        LambdaCallback(on_epoch_end=lambda trainer: print(trainer.logs))

    Raises TypeError for a moment that is not there, or what is no function.
    """

    def __init__(self, **functions: Callable[[Any], Any]) -> None:
        for event, function in functions.items():
            if event not in EVENTS or not callable(function):
                raise TypeError(
                    f"LambdaCallback: {event}={function!r} is no function for a moment of "
                    f"training. The moments are {', '.join(EVENTS)}."
                )
            setattr(self, event, function)


def checked(callbacks: Iterable[Any]) -> list[Callback]:
    """callbacks as a list. Raises TypeError for what is no Callback, or one with the methods that
    Keras's have."""
    found = [callbacks] if isinstance(callbacks, Callback) else [*callbacks]
    for callback in found:
        if not isinstance(callback, Callback):
            raise TypeError(
                f"callbacks: {callback!r} is no Callback. Give objects of classes derived from "
                "nn.Callback, or wrap functions in LambdaCallback."
            )
        check_moments(callback, EVENTS)
    return found


def hooks_of(callbacks: Iterable[Callback]) -> dict[str, list[Callable[[Any], Any]]]:
    """For each moment, the methods that do something then."""
    ordered = sorted(callbacks, key=lambda callback: callback.runs_last)
    return {
        event: [
            method
            for callback in ordered
            if getattr(method := getattr(callback, event), "__func__", None)
            is not getattr(Callback, event)
        ]
        for event in EVENTS
    }


def states_of(callbacks: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """What each callback must remember, by its class and its number among those of the class."""
    states = {key: callback.state_dict() for key, callback in keyed(callbacks).items()}
    return {key: state for key, state in states.items() if state}


def keyed(callbacks: Iterable[Any]) -> dict[str, Any]:
    """The callbacks by class and number: "EarlyStopping", "CSVLog", "CSVLog 2"."""
    found: dict[str, Any] = {}
    for callback in callbacks:
        name, number = type(callback).__name__, 1
        key = name
        while key in found:
            number += 1
            key = f"{name} {number}"
        found[key] = callback
    return found


def watched(trainer: Any, callback: Any, monitor: str) -> float:
    """The value of a quantity in the epoch that was just measured.

    Raises ValueError naming what was measured if it was not.
    """
    if monitor not in trainer.logs:
        hint = (
            "Give fit() validation data, or another monitor."
            if monitor.startswith("val_")
            else "Choose one of these as monitor."
        )
        raise ValueError(
            f"{type(callback).__name__}: {monitor} is not measured, but "
            f"{', '.join(trainer.logs)} are. {hint}"
        )
    return float(trainer.logs[monitor])
