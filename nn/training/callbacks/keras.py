"""What Keras's users write of habit, and is otherwise here: it is refused with what to write.

Silence would be worse: a callback with Keras's arguments would get a Trainer for its epoch, and one
of Keras's moments would never come.
"""

from __future__ import annotations

import inspect
from typing import Any

MOMENTS = {
    "on_train_begin": "on_fit_begin",
    "on_train_end": "on_fit_end",
    "on_train_batch_begin": "on_batch_begin",
    "on_train_batch_end": "on_batch_end",
}
"""Keras's moments of training, and what they are called here."""

ARGUMENTS = {
    "restore_best_weights": "restore_best",
    "filepath": "path",
    "save_best_only": "save_last=False, which leaves the best alone",
    "save_freq": "every_batches",
    "save_weights_only": 'nn.load(path)["model"], which is the weights in the file of the run',
    "verbose": "fit(verbose=...)",
    "schedule": "LRSchedule",
    "factor": "LRSchedule(nn.optim.lr_scheduler.ReduceLROnPlateau)",
}
"""Arguments of Keras's callbacks, and what to use."""


def check_arguments(kind: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    """Raises TypeError for an argument that a callback has not, but Keras's has."""
    if kind.__init__ is object.__init__ and (args or keywords):
        raise TypeError(f"{kind.__name__}() takes no arguments, but some were given.")
    parameters = inspect.signature(kind.__init__).parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return
    for word in keywords:
        if word in ARGUMENTS and word not in parameters:
            raise TypeError(
                f"{kind.__name__}() has no argument {word!r}, as Keras's has. Use "
                f"{ARGUMENTS[word]}."
            )


def check_moments(callback: Any, events: tuple[str, ...]) -> None:
    """Raises TypeError for a callback whose methods are Keras's: by their names, or by what they
    want to be given."""
    kind = type(callback).__name__
    for name, own in MOMENTS.items():
        if callable(getattr(callback, name, None)):
            raise TypeError(
                f"{kind}.{name} would never be called: that moment is {own} here. Define "
                f"`def {own}(self, trainer)`."
            )
    for event in events:
        words = _words(getattr(callback, event))
        if words and (words[0] in ("epoch", "batch") or "logs" in words[1:]):
            raise TypeError(
                f"{kind}.{event}({', '.join(words)}) has Keras's arguments, and would get the "
                f"Trainer as {words[0]!r}. Write `{event}(self, trainer)`, and use trainer.epoch "
                "and trainer.logs."
            )


def _words(function: Any) -> list[str]:
    """The names of a function's positional parameters; none if it does not tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
