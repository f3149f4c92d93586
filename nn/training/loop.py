"""The loop of training: epochs of batches, between which a run may be stopped and saved.

Everything that a resumed run must know is in the Trainer at the end of each batch; so a run that is
stopped anywhere, and goes on from there, is the run that was never stopped. `trainer.py` has what
users call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from autograd import Tensor
from nn.training.batch_loss import loss_of_batch
from nn.training.doubled import warn_of_output
from nn.training.evaluation import device_of, measure
from nn.training.feeding import inputs_and_target, moved
from nn.training.interrupts import Interrupts
from nn.training.names import closure_of
from nn.training.resuming import counted
from nn.training.snapshot import in_mode
from nn.training.user_line import warn


class Current:
    """The batch at hand. inputs: a tuple.  target.  output, loss: of its forward pass."""

    __slots__ = ("inputs", "loss", "output", "target")
    inputs: tuple[Any, ...]
    target: Any
    output: Any
    loss: Tensor | None

    def __init__(self) -> None:
        self.inputs, self.target, self.output, self.loss = (), None, None, None


def run(
    trainer: Any,
    loader: Iterable[Any],
    validation: Iterable[Any] | None,
    epochs: int,
    loss: Callable[[Any, Any], Any],
) -> None:
    """Trains until `epochs` epochs are finished or a callback asks to stop."""
    with Interrupts() as interrupts, in_mode(trainer.model, True):
        fire(trainer, "on_fit_begin")
        while trainer.epoch < epochs and not trainer.should_stop:
            _run_epoch(trainer, loader, validation, loss, interrupts)
            interrupts.check()
        fire(trainer, "on_fit_end")


def fire(trainer: Any, event: str) -> None:
    """Calls what the callbacks do at a moment."""
    for hook in trainer.hooks[event]:
        hook(trainer)


def _run_epoch(
    trainer: Any,
    loader: Iterable[Any],
    validation: Iterable[Any] | None,
    loss: Callable[[Any, Any], Any],
    interrupts: Interrupts,
) -> None:
    """One epoch, or the rest of one that was stopped: its batches, then what it measured."""
    state = trainer.state
    if not state.is_open:
        trainer.totals.reset()
        state.is_open, trainer.place = True, None
        fire(trainer, "on_epoch_begin")
    if not state.is_trained:
        _run_batches(trainer, loader, loss, interrupts)
        state.is_trained = True
    if not trainer.totals.count:
        raise ValueError("the data gave no batch, so nothing was trained. Check its length.")
    logs = trainer.totals.compute()
    if validation is not None:
        measured = measure(
            trainer.model, trainer.loss, trainer.metrics, validation, interrupts.check
        )
        logs |= {f"val_{name}": value for name, value in measured.items()}
    rate = trainer.optimizer.param_groups[0].get("lr")
    trainer.finish_epoch(logs if rate is None else logs | {"lr": float(rate)})
    fire(trainer, "on_epoch_end")
    _warn_of_nan(trainer)


def _warn_of_nan(trainer: Any) -> None:
    """Warns if the loss ceased to be finite in the epoch that was just measured."""
    losses = trainer.history["loss"]
    if not math.isfinite(losses[-1]) and all(map(math.isfinite, losses[-2:-1])):
        warn(
            f"the loss is {losses[-1]} since epoch {trainer.epoch}. "
            "callbacks=[nn.StopOnNaN()] stops where that begins, and names the layer."
        )


def _run_batches(
    trainer: Any,
    loader: Iterable[Any],
    loss: Callable[[Any, Any], Any],
    interrupts: Interrupts,
) -> None:
    """The batches of an epoch that are left."""
    optimizer, totals = trainer.optimizer, trainer.totals
    state, current = trainer.state, trainer.current
    begin, end = trainer.hooks["on_batch_begin"], trainer.hooks["on_batch_end"]
    kind, device = closure_of(optimizer), device_of(trainer.model)
    forward = _closure(trainer, loss, kind)
    batches = _left(loader, state.batch)
    trainer.place = counted(loader)
    for batch in batches:
        inputs, target = inputs_and_target(batch)
        *inputs, target = moved([*inputs, target], device)  # type: ignore[assignment]  # a list now
        current.inputs, current.target = inputs, target
        for hook in begin:
            hook(trainer)
        current.output = current.loss = None
        if kind:
            optimizer.step(forward)
        else:
            forward()
            optimizer.step()
        totals.add(current.loss, current.output, target, inputs[0].shape[0])
        state.batch += 1
        state.step += 1
        for hook in end:
            hook(trainer)
        if interrupts.pending:
            interrupts.check()


def _closure(trainer: Any, loss: Callable[[Any, Any], Any], kind: str) -> Callable[[], Tensor]:
    """A function that computes the loss of the batch at hand, and its gradients where the optimizer
    wants them. The first call for a batch is what is measured."""
    model, optimizer, current = trainer.model, trainer.optimizer, trainer.current
    before = trainer.hooks["on_before_step"]

    def forward() -> Tensor:
        optimizer.zero_grad()
        output = model(*current.inputs)
        value = loss_of_batch(loss, output, current.target)
        if not trainer.is_seen:  # once a run
            trainer.is_seen = True
            warn_of_output(output, trainer.loss)
        if current.loss is None:
            current.output, current.loss = output, value
        if kind != "loss":
            value.backward()
            for hook in before:
                hook(trainer)
        return value

    return forward


def _left(loader: Iterable[Any], done: int) -> Iterator[Any]:
    """The batches of the epoch under way. A loader with a state knows its place; of others, those
    that are done are passed over."""
    knows = hasattr(loader, "load_state_dict")
    return islice(iter(loader), 0 if knows else done, None)
