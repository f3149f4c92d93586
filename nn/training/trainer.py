"""Trainer: a model, a loss and an optimizer, and the loop that brings them together.

What users call is here; the loop itself is `loop.py`, measuring `evaluation.py`, data `feeding.py`,
and what may happen beside training `callbacks/`. `model.compile` and `model.fit` stand on it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

from autograd import no_grad, random
from nn.training import names, resuming
from nn.training.callbacks import GradientClipping, LRSchedule
from nn.training.callbacks.callback import checked, hooks_of
from nn.training.doubled import warn_of_last_layer
from nn.training.evaluation import Totals, device_of, measure, predicted
from nn.training.feeding import first_inputs, is_arrays, loader_of, moved
from nn.training.history import History
from nn.training.loop import Current, run
from nn.training.owning import check_owner, trainable
from nn.training.progress import Verbose, progress_of
from nn.training.snapshot import in_mode
from nn.training.user_line import warn
from nn.training.weighting import ClassWeighted


class Trainer:
    """Trains a model, measures it, and saves and resumes the run to the last bit.

        trainer = nn.Trainer(model, "cross_entropy", "adam", metrics=["accuracy"])
        history = trainer.fit(loader, epochs=5, validation=held_out)

    model: called with a batch's inputs.  loss: a function of (output, target), a loss, its class,
    or its name.  optimizer: an optimizer over the model's parameters, its class, a function that
    makes it of them, or its name.  metrics: names, Metrics, or functions of (output, target).
    callbacks: what happens beside training.  scheduler: of the learning rate, stepped after each
    epoch; or a function of the optimizer that makes it; or an LRSchedule.  clip_grad_norm,
    clip_grad_value: limits of the gradients, as GradientClipping has them.

    epoch, batch: how many epochs are finished, and how many batches of the one under way; step: all
    batches so far.  history: what each epoch measured.  logs: what the latest did.  current: the
    batch at hand.  should_stop: set by callbacks, ends the run after the epoch.
    Raises ValueError for unknown names, TypeError for what is none of the above.
    """

    def __init__(
        self,
        model: Any,
        loss: Any,
        optimizer: Any = "adam",
        metrics: Sequence[Any] = (),
        callbacks: Iterable[Any] = (),
        *,
        scheduler: Any = None,
        clip_grad_norm: float | None = None,
        clip_grad_value: float | None = None,
    ) -> None:
        self.model, self.loss = model, names.loss_of(loss)
        self.is_doubled = warn_of_last_layer(model, self.loss)
        self.optimizer = names.optimizer_of(optimizer, lambda: trainable(model))
        check_owner(self.optimizer, model, self.loss)
        self.metrics = names.metrics_of(metrics, self.loss)
        self.callbacks: list[Any] = []
        if clip_grad_norm is not None or clip_grad_value is not None:
            self.callbacks.append(GradientClipping(clip_grad_norm, clip_grad_value))
        if scheduler is not None:
            is_callback = isinstance(scheduler, LRSchedule)
            self.callbacks.append(scheduler if is_callback else LRSchedule(scheduler))
        self.callbacks += checked(callbacks)
        self.history, self.logs = History(), dict[str, Any]()
        self.totals = Totals(self.loss, self.metrics)
        self.state, self.current = resuming.Position(), Current()
        self.should_stop = self.is_resumed = self.is_seen = False
        self.loaders: dict[str, Any] = {}
        self.place: dict[str, Any] | None = None
        self.pending: dict[str, Any] | None = None
        self.hooks = hooks_of(self.callbacks)
        for callback in self.callbacks:
            callback.on_attach(self)

    @property
    def epoch(self) -> int:
        """How many epochs are finished."""
        return self.state.epoch

    @property
    def batch(self) -> int:
        """How many batches of the epoch under way are finished."""
        return self.state.batch

    @property
    def step(self) -> int:
        """How many batches are finished in the whole run."""
        return self.state.step

    def mean_loss(self) -> float:
        """The mean loss of the epoch under way so far; reads it from the device."""
        return self.totals.mean_loss()

    def fit(
        self,
        data: Any,
        y: Any = None,
        *,
        epochs: int = 1,
        validation: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        initial_epoch: int = 0,
        verbose: Verbose = "auto",
        validation_data: Any = None,
    ) -> History:
        """The history of a run: data gone through until `epochs` epochs are finished.

        data: a DataLoader, or batches (input, …, target) in a list; or a Dataset, or arrays and
        their targets y, which are made batches of batch_size and shuffled.  validation: data of the
        same kinds, or (x, y), measured after each epoch; validation_data is the same under the name
        that Keras has.  class_weight: the weight of each class in
        the training loss, L = (1/N) Σ w l.  initial_epoch: the number of epochs that count as
        finished before.  verbose: what is shown, "auto", True, False or 2: see `progress.py`.

        The model trains in training mode, and afterwards each module is in the mode that it had.
        Each call is a run of its own, with a new history, but with the weights and the optimizer as
        they are; after `resume` it goes on with the resumed run instead, and ignores initial_epoch.
        Ctrl-C waits for the batch to be whole; then KeyboardInterrupt is raised, all finished
        epochs are in `history`, and `resume()` then `fit()` go on where the run stopped.
        Raises what data, model and loss raise; ValueError for data without batches, TypeError or
        ValueError for epochs that is no whole number from 0.
        """
        check_epochs(epochs, initial_epoch)
        validation = either(validation=validation, validation_data=validation_data)
        loader = loader_of(self.model, data, y, batch_size=batch_size, shuffle=shuffle)
        held = None if validation is None else self._held_out(validation, batch_size)
        loss = self.loss if class_weight is None else ClassWeighted(self.loss, class_weight)
        progress = progress_of(verbose, epochs, _length(loader))
        self.loaders = {"train": loader, "validation": held}
        self.build(loader)
        resuming.begin(self, initial_epoch)
        warn_of_nothing_to_do(self.epoch, epochs)
        self.is_seen = self.is_doubled
        self.hooks = hooks_of([*self.callbacks, *([progress] if progress else [])])
        try:
            run(self, loader, held, epochs, loss)
        finally:
            self.is_resumed, self.current = False, Current()
            if progress is not None:
                progress.close()
        return self.history

    def _held_out(self, validation: Any, batch_size: int) -> Iterable[Any]:
        if isinstance(validation, tuple) and len(validation) == 2:
            return loader_of(self.model, *validation, batch_size=batch_size, seed=0)
        return loader_of(self.model, validation, batch_size=batch_size, seed=0)

    def build(self, loader: Iterable[Any]) -> None:
        """Lets layers that do not know their input's size learn it from the first sample, in
        evaluation mode and without gradients. What they draw comes from a random stream of its
        own, made by one draw; a model that knows all its sizes is not run, and draws nothing."""
        if all(parameter.size for _, parameter in self.model.named_parameters()):
            return
        inputs = moved(first_inputs(loader), device_of(self.model))
        with in_mode(self.model, False), no_grad(), random.replay(random.fork()):
            self.model(*inputs)

    def evaluate(self, data: Any, y: Any = None, *, batch_size: int = 32) -> dict[str, Any]:
        """The loss and the metrics on data, by name, in evaluation mode and without gradients.

        data, y: as for fit.  Each module is in the mode that it had afterwards.
        Raises ValueError if data gives no batch.
        """
        loader = loader_of(self.model, data, y, batch_size=batch_size, seed=0)
        return measure(self.model, self.loss, self.metrics, loader)

    def predict(self, data: Any, *, batch_size: int = 32) -> Any:
        """The model's outputs for data, (N, …) on the host, in evaluation mode.

        data: as for fit, without targets; of a dataset's or loader's batches, the last of several
        entries is taken for the target and left out.  A model of several outputs gives a tuple.
        Raises ValueError if data gives no batch.
        """
        loader = loader_of(self.model, data, batch_size=batch_size, seed=0)
        return predicted(self.model, loader, with_targets=not is_arrays(data))

    # Saving and resuming

    def finish_epoch(self, logs: dict[str, Any]) -> None:
        """Counts the epoch under way as finished, with what it measured."""
        self.logs = logs
        self.state.close()
        self.history.append(self.epoch, logs)

    def state_dict(self) -> dict[str, Any]:
        """All that the run needs to go on exactly: weights and buffers, optimizer, callbacks and
        scheduler, history, sums of the epoch under way, place in the data, random state.

        It is whole at the end of a batch, where on_batch_end and later moments are. Its arrays are
        the model's own: save or copy them before training goes on. Buffers that the model does not
        save, and what a model keeps outside parameters and buffers, are not in it.
        """
        return resuming.state_of(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Makes the next fit go on from a state that state_dict() gave.

        The trainer must be built as the one that was saved, and fit be given the same data. The
        random state is put back when fit begins.
        Raises ValueError, and changes nothing, if the state is not of such a trainer.
        """
        resuming.load(self, state)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes state_dict() to a file, in one step, and returns its path."""
        from nn.checkpoint import save

        return save(self.state_dict(), path)

    def resume(self, path: str | os.PathLike[str] | None = None) -> Trainer:
        """self, whose next fit goes on with the run that was saved to path.

        path: a file that save() or ModelCheckpoint wrote; None goes on with the run in memory, for
        example after Ctrl-C.
        Raises CheckpointError for a damaged file, ValueError for one of another trainer.
        """
        from nn.checkpoint import load

        self.load_state_dict(self.state_dict() if path is None else load(path))
        return self


def either(**given: Any) -> Any:
    """The one of two arguments that is not None. Raises ValueError if both are given."""
    found = [value for value in given.values() if value is not None]
    if len(found) > 1:
        raise ValueError(f"{' and '.join(given)} are both given. Leave one out.")
    return found[0] if found else None


def check_epochs(epochs: Any, initial_epoch: Any) -> None:
    """Raises TypeError or ValueError unless both are whole numbers from 0."""
    for name, number in (("epochs", epochs), ("initial_epoch", initial_epoch)):
        if not isinstance(number, Integral):
            raise TypeError(f"fit: {name} is {number!r}; it must be a whole number.")
        if number < 0:
            raise ValueError(f"fit: {name} is {number}; it may not be negative.")


def warn_of_nothing_to_do(done: int, epochs: int) -> None:
    """Warns of a run that has all its epochs behind it."""
    if epochs and done >= epochs:
        warn(
            f"fit: {done} epochs are finished and epochs={epochs}, so nothing is trained: epochs "
            "counts from the run's beginning. Give a greater number to go on."
        )


def _length(loader: Iterable[Any]) -> int | None:
    """How many batches an epoch has; None if it cannot be told."""
    try:
        return len(loader)  # type: ignore[arg-type]  # caught
    except TypeError:
        return None
