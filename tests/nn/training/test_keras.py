"""What Keras's users write of habit is refused with what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import nn
from nn.training import Callback, EarlyStopping, LambdaCallback, ModelCheckpoint
from tests.nn.training.runs import trainer


class Ending(Callback):
    """Waits for a moment of Keras's."""

    def on_train_end(self, logs: Any = None) -> None:
        """Would never be called."""


class Telling(Callback):
    """Wants Keras's arguments."""

    def on_epoch_end(self, epoch: Any, logs: Any = None) -> None:
        """Would get the Trainer as its epoch."""


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "Keras's stopping": (
        lambda: EarlyStopping(restore_best_weights=True),
        TypeError,
        "Use restore_best",
    ),
    "Keras's saving": (
        lambda: ModelCheckpoint("x", save_best_only=True),
        TypeError,
        "Use save_last=False",
    ),
    "arguments of nothing": (lambda: nn.StopOnNaN(3), TypeError, "takes no arguments"),
    "Keras's moment": (lambda: trainer(callbacks=[Ending()]), TypeError, "on_fit_end here"),
    "Keras's method": (lambda: trainer(callbacks=[Telling()]), TypeError, "as 'epoch'"),
    "Keras's function": (
        lambda: trainer(callbacks=[LambdaCallback(on_epoch_end=lambda e, logs: None)]),  # type: ignore[arg-type,misc]
        TypeError,
        r"on_epoch_end\(e, logs\) has Keras's arguments",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_keras_habits_are_refused_with_the_remedy(case: str) -> None:
    call, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        call()
