"""Callbacks: their moments and order, early stopping, schedules, clipping, files."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from nn.optim.lr_scheduler import ExponentialLR, OneCycleLR, ReduceLROnPlateau, StepLR
from nn.training import (
    Callback,
    CSVLog,
    EarlyStopping,
    GradientClipping,
    LambdaCallback,
    LRSchedule,
)
from nn.training.callbacks.callback import EVENTS
from tests.nn.training.runs import all_numbers, linear, loader, network, samples, scripted, trainer


def sgd(lr: float) -> Callable[..., Any]:
    """Makes an SGD of that rate."""
    return lambda parameters: nn.optim.SGD(parameters, lr=lr)


def test_moments_come_in_order_with_their_counts() -> None:
    seen: list[Any] = []
    functions = {
        event: lambda run, event=event: seen.append((event, run.epoch, run.batch, run.step))
        for event in EVENTS
    }
    trainer(callbacks=[LambdaCallback(**functions)]).fit([*loader()][:2], epochs=1)
    batch = ["on_batch_begin", "on_before_step", "on_batch_end"]
    names = ["on_fit_begin", "on_epoch_begin", *batch, *batch, "on_epoch_end", "on_fit_end"]
    assert [event for event, *_ in seen] == names
    assert [tuple(counts) for _, *counts in seen] == [
        (0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 1, 1),
        (0, 1, 1), (0, 1, 1), (0, 2, 2), (1, 0, 2), (1, 0, 2),
    ]  # fmt: skip


def test_callbacks_see_the_batch_and_its_gradients_before_the_step() -> None:
    seen: list[Any] = []

    def look(run: Any) -> None:
        weight = run.model[0].weight
        seen.append((weight.data.copy(), weight.grad.data.copy(), float(run.current.loss)))
        assert run.current.output.shape == (8, 3) and len(run.current.inputs) == 1

    run = trainer(
        callbacks=[LambdaCallback(on_before_step=look)], optimizer=sgd(0.5), scheduler=None
    )
    run.fit([*loader()][:2])
    (before, gradient, _), (after, _, _) = seen
    assert np.allclose(after, before - 0.5 * gradient, atol=1e-7)


def test_moments_that_a_callback_does_not_define_are_not_called() -> None:
    run = trainer(callbacks=[Callback(), LambdaCallback()], scheduler=None)
    run.fit(loader())
    assert not any(run.hooks.values())


def test_early_stopping_waits_patiently_and_restores_weights_and_buffers() -> None:
    stopping = EarlyStopping(patience=2)
    run = scripted([3.0, 2.0, 2.0, 4.0, 1.0, 0.0], stopping)
    assert run.epoch == 4 == stopping.stopped_epoch
    assert (stopping.best, stopping.best_epoch) == (2.0, 2)
    assert run.model[0].weight.data.item() == 2  # that of the second epoch
    other = scripted([3.0, 2.0], EarlyStopping(restore_best=False))
    assert all_numbers(run.model.state_dict()) == all_numbers(other.model.state_dict())


def test_early_stopping_may_leave_the_latest_weights() -> None:
    run = scripted([1.0, 2.0, 3.0], EarlyStopping(patience=2, restore_best=False))
    assert run.model[0].weight.data.item() == 3


def test_the_best_weights_come_back_also_where_nothing_was_stopped() -> None:
    stopping = EarlyStopping(patience=9)
    run = scripted([3.0, 1.0, 2.0], stopping)
    assert stopping.stopped_epoch is None and run.model[0].weight.data.item() == 2


@pytest.mark.parametrize(
    ("values", "options", "stopped"),
    [
        ([1.0, 0.95, 0.91, 0.8], {"min_delta": 0.1, "patience": 2}, 3),
        ([1.0, 0.95, 0.89, 0.8], {"min_delta": 0.1, "patience": 2}, None),
        ([0.1, 0.2, 0.3, 0.3], {"monitor": "val_accuracy", "patience": 1}, 4),
        ([0.1, 0.2, 0.3, 0.3], {"monitor": "val_accuracy", "mode": "min", "patience": 1}, 2),
        ([math.nan, math.nan, 1.0, 0.5], {"patience": 2}, 2),
        ([1.0, math.nan, 0.9, 0.8], {"patience": 2}, None),
        ([1.0, 1.0, 1.0, 1.0], {"patience": 0}, 2),
        ([4.0, 3.0, 2.0, 1.0], {"patience": 0}, None),
    ],
)
def test_what_counts_as_an_improvement(values: Any, options: Any, stopped: int | None) -> None:
    stopping = EarlyStopping(**options)
    scripted(values, stopping, name=stopping.monitor)
    assert stopping.stopped_epoch == stopped


def test_a_run_that_was_stopped_early_stays_so_until_it_gets_more_patience() -> None:
    stopping = EarlyStopping("loss", patience=1, min_delta=100.0)
    run = trainer(callbacks=[stopping])
    assert run.fit(loader(), epochs=9).epochs == [1, 2]
    assert run.resume().fit(loader(), epochs=9).epochs == [1, 2] and stopping.stopped_epoch == 2
    stopping.patience = 3
    assert run.resume().fit(loader(), epochs=9).epochs == [1, 2, 3, 4]
    assert run.fit(loader(), epochs=9).epochs == [1, 2, 3, 4] and stopping.best_epoch == 1


def test_a_resumed_run_without_patience_goes_on_while_it_gets_better() -> None:
    run = trainer(callbacks=[EarlyStopping("lr", patience=0)])  # the rate is halved each epoch
    run.fit(loader(), epochs=1)
    assert run.resume().fit(loader(), epochs=3).epochs == [1, 2, 3]


def test_each_callback_of_a_class_has_a_state_of_its_own() -> None:
    stoppings = [EarlyStopping("loss", 9), EarlyStopping("lr", 9)]
    run = trainer(callbacks=stoppings)
    run.fit(loader())
    states = run.state_dict()["callbacks"]
    assert [*states] == ["LRSchedule", "EarlyStopping", "EarlyStopping 2"]
    for stopping in stoppings:
        stopping.best = 0.0
    run.load_state_dict(run.state_dict() | {"callbacks": states})
    assert [s.best for s in stoppings] == [run.logs["loss"], run.logs["lr"]]


def test_early_stopping_forgets_the_run_before() -> None:
    stopping = EarlyStopping(patience=1)
    scripted([0.0, 1.0], stopping)
    run = scripted([5.0, 4.0, 3.0], stopping)
    assert run.epoch == 3 and stopping.best == 3


@pytest.mark.parametrize(
    "callback",
    [
        EarlyStopping(),
        EarlyStopping("val_accuracy"),
        LRSchedule(ReduceLROnPlateau, monitor="val_loss"),
    ],
)
def test_a_quantity_that_is_not_measured_is_named_with_those_that_are(callback: Any) -> None:
    with pytest.raises(
        ValueError, match=r"val_\w+ is not measured, but loss, accuracy.*validation"
    ):
        trainer(callbacks=[callback], metrics=["accuracy"], scheduler=None).fit(loader())


def rates(scheduler: Any, epochs: int = 3, **options: Any) -> list[float]:
    """The learning rate of each epoch."""
    run = trainer(optimizer=sgd(1.0), scheduler=scheduler)
    return run.fit(loader(), epochs=epochs, **options)["lr"]


def test_schedules_step_after_each_epoch_or_batch() -> None:
    assert rates(lambda optimizer: StepLR(optimizer, 1, 0.1)) == pytest.approx([1, 0.1, 0.01])
    by_batch = LRSchedule(lambda optimizer: ExponentialLR(optimizer, 0.5), "batch")
    assert rates(by_batch, 2) == pytest.approx([0.5**6, 0.5**12])


def test_a_scheduler_may_be_given_over_the_trainers_optimizer() -> None:
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), lr=1.0)
    scheduler = ExponentialLR(optimizer, 0.5)
    run = nn.Trainer(model, "cross_entropy", optimizer, scheduler=scheduler)
    assert run.fit(loader(), epochs=3)["lr"] == [1, 0.5, 0.25]
    assert run.fit(loader(), epochs=1)["lr"] == [0.125]


def test_a_plateau_is_given_what_it_monitors() -> None:
    plateau = LRSchedule(lambda o: ReduceLROnPlateau(o, patience=0, factor=0.5))
    run = trainer(optimizer=sgd(0.0), scheduler=plateau)
    plateau.scheduler.optimizer.param_groups[0]["lr"] = 1e-30
    run.fit(loader(), epochs=3, validation=samples())
    assert plateau.scheduler.best == pytest.approx(min(run.history["val_loss"]))


def test_gradients_are_clipped_by_norm_and_by_value() -> None:
    def step(**limits: Any) -> Any:
        unit = linear()
        run = nn.Trainer(unit, "mse", sgd(1.0), **limits)
        x, y = np.array([[3.0, 4.0]], "float32"), np.array([[-0.5]], "float32")
        run.fit([(x, y)])  # the gradient is 2 · 0.5 · x = (3, 4)
        return -unit.weight.data[0]

    assert step().tolist() == [3, 4]
    assert np.allclose(step(clip_grad_norm=1.0), [0.6, 0.8], rtol=1e-5)
    assert np.allclose(step(clip_grad_norm=10.0), [3, 4])
    assert step(clip_grad_value=3.5).tolist() == [3, 3.5]
    both = step(clip_grad_norm=1.0, clip_grad_value=3.0)  # (3, 3), then to length 1
    assert np.allclose(both, [0.5**0.5, 0.5**0.5], rtol=1e-5)
    clipping = GradientClipping(max_norm=3.5, norm_type=math.inf)
    assert np.allclose(step(callbacks=[clipping]), [3 * 3.5 / 4, 3.5], rtol=1e-5)


def test_the_log_has_a_row_an_epoch_with_exact_numbers(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("from another run\n")
    run = trainer(callbacks=[CSVLog(path)], metrics=["accuracy", "confusion_matrix"])
    history = run.fit(loader(), epochs=2, validation=samples())
    with path.open(newline="") as file:
        rows = [*csv.DictReader(file)]
    names = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "lr"]
    assert [*rows[0]] == names and [row["epoch"] for row in rows] == ["1", "2"]
    for name in names[1:]:
        assert [float(row[name]) for row in rows] == history[name]


def test_a_resumed_log_drops_rows_that_are_repeated_or_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    run = trainer(callbacks=[CSVLog(path)])
    run.fit(loader(), epochs=1)
    state = run.state_dict()
    text = path.read_text()
    header, row = text.splitlines()
    path.write_text(f"{text}2{row[1:]}\n?{row[1:]}\n3{row[1:-3]}")
    again = trainer(callbacks=[CSVLog(path)])
    again.load_state_dict(state)
    again.fit(loader(), epochs=3)
    lines = path.read_text().splitlines()
    assert lines[:2] == [header, row] and [line[0] for line in lines] == ["e", "1", "2", "3"]


def test_a_row_that_was_cut_off_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    run = trainer(callbacks=[CSVLog(path)])
    run.fit(loader(), epochs=1)
    path.write_text(path.read_text()[:-3])  # the learning rate has lost a digit
    run.resume().fit(loader(), epochs=2)
    assert [line[0] for line in path.read_text().splitlines()] == ["e", "2"]


def test_a_resumed_log_with_other_columns_is_refused(tmp_path: Path) -> None:
    run = trainer(callbacks=[CSVLog(tmp_path / "log.csv")])
    run.fit(loader(), epochs=1)
    run.resume()
    with pytest.raises(ValueError, match="has the columns epoch, loss, accuracy, f1, lr"):
        run.fit(loader(), epochs=2, validation=samples())


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "moment": (lambda: LambdaCallback(on_epoch=print), TypeError, "on_epoch_end"),
    "function": (lambda: LambdaCallback(on_fit_end=3), TypeError, "on_fit_end=3"),
    "patience": (lambda: EarlyStopping(patience=-1), ValueError, "patience is -1"),
    "delta": (lambda: EarlyStopping(min_delta=math.nan), ValueError, "min_delta nan"),
    "mode": (lambda: EarlyStopping(mode="best"), ValueError, "'best'"),
    "every": (lambda: LRSchedule(print, "step"), ValueError, "'step'"),
    "plateau a batch": (
        lambda: trainer(scheduler=LRSchedule(ReduceLROnPlateau, "batch")),
        ValueError,
        'Use every="epoch"',
    ),
    "another optimizer's schedule": (
        lambda: trainer(scheduler=StepLR(sgd(1.0)(network().parameters()), 1)),
        ValueError,
        "StepLR sets the rate of another optimizer",
    ),
    "no limit": (lambda: GradientClipping(), ValueError, "at least one"),
    "limit": (lambda: GradientClipping(max_norm=0.0), ValueError, "above 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_settings_that_make_no_sense_are_refused(case: str) -> None:
    call, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        call()


def test_one_cycle_over_all_batches_ends_where_it_should() -> None:
    cycle = LRSchedule(lambda o: OneCycleLR(o, 0.1, total_steps=13), "batch")
    autograd.manual_seed(0)
    assert rates(cycle, 2)[-1] < 1e-3


def test_the_logs_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "run" / "log.csv"
    trainer(callbacks=[CSVLog(path)]).fit(loader())
    assert len(path.read_text().splitlines()) == 2
