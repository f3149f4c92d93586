"""compile, fit, evaluate and predict: training in one line, as Keras has it.

    model.compile(optimizer="adam", loss="cross_entropy", metrics=["accuracy"])
    history = model.fit(x, y, batch_size=32, epochs=5, validation_split=0.2)

The work is that of `nn.training.Trainer`, which is imported only when it is used: Module stands on
this file, and training on Module.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.habits import refuses

if TYPE_CHECKING:
    from nn.training.history import History
    from nn.training.progress import Verbose
    from nn.training.trainer import Trainer

__all__: list[str] = []


class Compilation:
    """What compile() was given. optimizer: made of the given one when training first begins, and
    then kept, so that a second fit goes on with its state.  given: compile()'s arguments as they
    were written."""

    def __init__(
        self,
        optimizer: Any,
        loss: Any,
        metrics: Sequence[Any],
        settings: dict[str, Any],
        given: dict[str, Any],
    ) -> None:
        self.optimizer, self.loss, self.metrics = optimizer, loss, metrics
        self.settings, self.given = settings, given
        self._is_made = False

    def trainer(self, model: Any, callbacks: Iterable[Any] = ()) -> Trainer:
        """A Trainer of model, over the optimizer that is kept."""
        from nn.training.trainer import Trainer

        trainer = Trainer(
            model, self.loss, self.optimizer, self.metrics, callbacks, **self.settings
        )
        if trainer.optimizer is not self.optimizer:
            self.optimizer, self._is_made = trainer.optimizer, True
        if self._is_made:
            self._check_complete(model)
        return trainer

    def _check_complete(self, model: Any) -> None:
        """Raises ValueError if model has got parameters since its optimizer was made."""
        held = {id(p) for group in self.optimizer.param_groups for p in group["params"]}
        new = [
            name for name, p in model.named_parameters() if p.requires_grad and id(p) not in held
        ]
        if new:
            raise ValueError(
                f"{', '.join(new)} came to the model, or began to learn, after its optimizer was "
                "made, and would not be trained. Call model.compile() again."
            )


class Elsewhere:
    """A method that Keras's models have and these have not. Asking for it raises AttributeError,
    which says what to use; an attribute of that name may be set as any other."""

    def __init__(self, remedy: str) -> None:
        self.remedy, self.name = remedy, ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, model: Any, owner: type) -> Any:
        raise AttributeError(
            f"{owner.__name__} has no {self.name!r}, as Keras's models have. Use {self.remedy}."
        )


class Compiled:
    """The part of Module that trains it."""

    _compiled: Compilation | None = None
    summary = Elsewhere("viz.summary(model, x)")
    fit_generator = Elsewhere("model.fit(loader)")
    save_weights = Elsewhere("nn.save(model.state_dict(), path)")
    load_weights = Elsewhere("model.load_state_dict(nn.load(path))")
    get_weights = Elsewhere("model.state_dict()")

    @refuses(learning_rate="lr=", run_eagerly="compile without it: it always runs so")
    def compile(
        self,
        optimizer: Any = "adam",
        loss: Any = None,
        metrics: Sequence[Any] = (),
        *,
        lr: float | None = None,
        clip_grad_norm: float | None = None,
        clip_grad_value: float | None = None,
    ) -> None:
        """Says how the model is trained and measured.

            model.compile(optimizer="adam", loss="cross_entropy", metrics=["accuracy"])

        optimizer: a name such as "adam", or a class; an optimizer over the model's parameters; or a
        function that makes one of them.  lr: the learning rate of an optimizer given by its name or
        class; None for the class's own.  loss: a name
        such as "cross_entropy", which takes logits; a loss; or a function of (output, target).
        metrics: names such as "accuracy", Metrics, or functions.  clip_grad_norm, clip_grad_value:
        limits of the gradients.
        Raises ValueError for a name that is not known, TypeError for what is none of these.
        """
        from nn.training import names

        if loss is None:
            raise TypeError('compile: loss is missing. Give one, such as loss="cross_entropy".')
        settings = {"clip_grad_norm": clip_grad_norm, "clip_grad_value": clip_grad_value}
        given = {"optimizer": optimizer, "lr": lr, "loss": loss, "metrics": metrics, **settings}
        loss = names.loss_of(loss)
        metrics = names.metrics_of(metrics, loss)
        optimizer = names.known_optimizer(optimizer, lr)
        self._compiled = Compilation(optimizer, loss, metrics, settings, given)

    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: Verbose = "auto",
        callbacks: Iterable[Any] = (),
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        initial_epoch: int = 0,
        *,
        resume: str | os.PathLike[str] | None = None,
        validation: Any = None,
    ) -> History:
        """The history of training on x and y until `epochs` epochs are finished.

        x: an array (N, …), a tuple of arrays for several inputs, a Dataset, or a DataLoader, which
        brings its own batch_size and order.  y: the targets (N, …), for arrays.
        validation_split: the share of the samples, the last ones as they stand before shuffling,
        that is held out and measured after each epoch.  validation_data: (x, y), or a Dataset or
        DataLoader, measured instead; validation is the same, as nn.Trainer calls it.
        class_weight: the weight of each class in the training loss, L = (1/N) Σ w l.
        initial_epoch: the number of epochs that count as finished.  verbose: "auto" shows a bar in
        a terminal; True a bar or lines, 2 lines, False nothing.
        resume: a file that ModelCheckpoint or Trainer.save wrote, whose run goes on to the last
        bit, if the data and callbacks are the same.
        Weights and optimizer go on from one fit to the next. The model trains in training mode;
        afterwards each module is in the mode that it had.
        Raises RuntimeError before compile(), ValueError or TypeError for data that does not fit.
        """
        from nn.training.feeding import split
        from nn.training.trainer import either

        validation_data = either(validation_data=validation_data, validation=validation)
        if validation_split and validation_data is not None:
            raise ValueError("validation_split and validation_data are both given. Leave one out.")
        compiled = self._compilation("fit")
        if validation_split:
            (x, y), validation_data = split(x, y, validation_split)
        trainer = compiled.trainer(self, callbacks)
        if resume is not None:
            trainer.resume(resume)
        return trainer.fit(
            x,
            y,
            epochs=epochs,
            validation=validation_data,
            batch_size=batch_size,
            shuffle=shuffle,
            class_weight=class_weight,
            initial_epoch=initial_epoch,
            verbose=verbose,
        )

    def evaluate(self, x: Any, y: Any = None, batch_size: int = 32) -> dict[str, Any]:
        """The loss and the metrics on x and y, by name, in evaluation mode.

        x, y: as for fit.  Each module is in the mode that it had afterwards.
        Raises RuntimeError before compile(), ValueError or TypeError for data that does not fit.
        """
        from nn.training.evaluation import measure
        from nn.training.feeding import loader_of

        compiled = self._compilation("evaluate")
        loader = loader_of(self, x, y, batch_size=batch_size, seed=0)
        return measure(self, compiled.loss, compiled.metrics, loader)

    def predict(self, x: Any, batch_size: int = 32) -> Any:
        """The model's outputs for x as an array (N, …) on the host, in evaluation mode.

        x: as for fit, without targets; of a dataset's or loader's batches, the last of several
        entries is taken for the target and left out. A model of several outputs gives a tuple.
        Needs no compile(). Raises ValueError or TypeError for data that does not fit.
        """
        from nn.training.evaluation import predicted
        from nn.training.feeding import is_arrays, loader_of

        loader = loader_of(self, x, batch_size=batch_size, seed=0)
        return predicted(self, loader, with_targets=not is_arrays(x))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the model, its architecture and weights, to a file that `nn.load_model` reads."""
        from nn.saved_model import save_model

        return save_model(self, path)  # type: ignore[arg-type]  # every Compiled is a Module

    def _compilation(self, what: str) -> Compilation:
        if self._compiled is None:
            raise RuntimeError(
                f"{what}: {type(self).__name__} is not compiled. Call "
                'model.compile(optimizer="adam", loss="cross_entropy") first.'
            )
        return self._compiled
