"""A run that was stopped, saved and resumed is the run that was never stopped, to the last bit."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from nn.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau
from nn.training import CSVLog, EarlyStopping, LambdaCallback, ModelCheckpoint
from nn.training.callbacks import LRSchedule
from tests.nn.training.runs import all_numbers, linear, loader, network, samples, trainer

HELD_OUT = samples(20, seed=5)


class Stopped(Exception):
    """Stands for whatever ends a process."""


def stop_at(step: int, path: Path) -> LambdaCallback:
    """Saves after that many batches, and ends the run."""

    def on_batch_end(run: nn.Trainer) -> None:
        if run.step == step:
            run.save(path)
            raise Stopped

    return LambdaCallback(on_batch_end=on_batch_end)


def whole(epochs: int = 4, **settings: Any) -> nn.Trainer:
    """A run in one go."""
    run = trainer(**settings)
    run.fit(loader(2), epochs=epochs, validation=HELD_OUT)
    return run


def assert_same(one: nn.Trainer, other: nn.Trainer) -> None:
    """Both states are equal, bit by bit, and so is what is drawn next."""
    assert all_numbers(one.state_dict()) == all_numbers(other.state_dict())


@pytest.mark.parametrize("step", [1, 6, 9, 12, 17, 23])
@pytest.mark.parametrize("prefetch", [0, 2])
def test_a_run_resumed_after_any_batch_is_the_run_in_one_go(
    step: int, prefetch: int, tmp_path: Path
) -> None:
    expected = whole()
    first = trainer(callbacks=[stop_at(step, tmp_path / "run.npz")])
    with pytest.raises(Stopped):
        first.fit(loader(prefetch), epochs=4, validation=HELD_OUT)
    autograd.manual_seed(999)
    second = trainer(network(seed=77), callbacks=[LambdaCallback()])
    assert second.resume(tmp_path / "run.npz") is second
    autograd.rand(3)  # what is drawn between resuming and fitting changes nothing
    history = second.fit(loader(2 - prefetch), epochs=4, validation=HELD_OUT)
    assert_same(second, expected)
    assert history.epochs == [1, 2, 3, 4]


MOMENTS = ("on_fit_begin", "on_epoch_begin", "on_batch_begin", "on_epoch_end", "on_fit_end")


@pytest.mark.filterwarnings("ignore:fit. 2 epochs are finished:UserWarning")  # tested by itself
@pytest.mark.parametrize(
    ("moment", "again"), [*((moment, False) for moment in MOMENTS), ("on_fit_begin", True)]
)
def test_a_run_may_be_saved_at_any_moment_where_it_is_whole(
    moment: str, again: bool, tmp_path: Path
) -> None:
    def save(run: nn.Trainer) -> None:
        if run.epoch == 2 or moment == "on_fit_begin":
            run.save(tmp_path / "run.npz")
            raise Stopped

    def saving() -> nn.Trainer:
        return trainer(network(), [LambdaCallback(**{moment: save})])

    expected = whole(epochs=2 if moment == "on_fit_end" else 4)
    first = saving()
    if again:  # saved when an epoch that was stopped goes on
        broken = trainer(callbacks=[stop_at(9, tmp_path / "run.npz")])
        with pytest.raises(Stopped):
            broken.fit(loader(), epochs=4, validation=HELD_OUT)
        first = saving().resume(tmp_path / "run.npz")
    with pytest.raises(Stopped):
        first.fit(loader(), epochs=2 if moment == "on_fit_end" else 4, validation=HELD_OUT)
    second = trainer(network(seed=77), [LambdaCallback()]).resume(tmp_path / "run.npz")
    second.fit(loader(), epochs=expected.epoch, validation=HELD_OUT)
    assert_same(second, expected)


def test_a_run_resumed_between_epochs_is_the_run_in_one_go(tmp_path: Path) -> None:
    expected = whole()
    first = trainer()
    first.fit(loader(), epochs=2, validation=HELD_OUT)
    first.save(tmp_path / "run.npz")
    second = trainer(network(seed=77)).resume(tmp_path / "run.npz")
    second.fit(loader(), epochs=4, validation=HELD_OUT)
    assert_same(second, expected)


def test_a_second_process_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    first = trainer()
    first.fit(loader(), epochs=1)
    first.save(tmp_path / "run.npz")
    script = (
        "import sys\n"
        "from tests.nn.training.runs import loader, network, trainer\n"
        "run = trainer(network(seed=5)).resume(sys.argv[1])\n"
        "run.fit(loader(2), epochs=3)\n"
        "run.save(sys.argv[2])\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "run.npz"), str(tmp_path / "end.npz")]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[3])
    expected = trainer()
    expected.fit(loader(), epochs=3)
    assert all_numbers(nn.load(tmp_path / "end.npz")) == all_numbers(expected.state_dict())


def callbacks_in(folder: Path) -> list[Any]:
    """Callbacks that remember something."""
    return [
        LRSchedule(lambda o: ReduceLROnPlateau(o, patience=0), monitor="val_loss"),
        LRSchedule(lambda o: OneCycleLR(o, 0.05, total_steps=40), "batch"),
        EarlyStopping("val_accuracy", patience=50),
        CSVLog(folder / "log.csv"),
        ModelCheckpoint(folder, every_batches=4),
    ]


@pytest.mark.parametrize("step", [5, 12, 15])
def test_what_callbacks_remember_is_resumed(step: int, tmp_path: Path) -> None:
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    expected = trainer(callbacks=callbacks_in(tmp_path / "whole"), scheduler=None)
    expected.fit(loader(), epochs=4, validation=HELD_OUT)
    parts = tmp_path / "parts"
    first = trainer(
        callbacks=[*callbacks_in(parts), stop_at(step, parts / "run.npz")], scheduler=None
    )
    with pytest.raises(Stopped):
        first.fit(loader(), epochs=4, validation=HELD_OUT)
    second = trainer(network(3), callbacks=callbacks_in(parts), scheduler=None)
    second.resume(parts / "last.npz" if step == 5 else parts / "run.npz")
    second.fit(loader(), epochs=4, validation=HELD_OUT)
    assert_same(second, expected)
    logs = [(tmp_path / name / "log.csv").read_text() for name in ("whole", "parts")]
    assert logs[0] == logs[1] and logs[0].count("\n") == 5
    states = [nn.load(tmp_path / name / "best.npz") for name in ("whole", "parts")]
    assert all_numbers(states[0]) == all_numbers(states[1])


def test_a_run_whose_best_weights_were_restored_goes_on_from_its_latest(tmp_path: Path) -> None:
    def stopping() -> list[Any]:
        return [EarlyStopping("val_loss", patience=100, min_delta=0.05)]

    expected = trainer(callbacks=stopping(), optimizer=lambda p: nn.optim.Adam(p, 0.3))
    expected.fit(loader(), epochs=6, validation=HELD_OUT)
    first = trainer(callbacks=stopping(), optimizer=lambda p: nn.optim.Adam(p, 0.3))
    first.fit(loader(), epochs=4, validation=HELD_OUT)
    assert first.callbacks[-1].best_epoch not in (4, None)  # so that something was restored
    first.save(tmp_path / "run.npz")
    second = trainer(
        network(3), callbacks=stopping(), optimizer=lambda p: nn.optim.Adam(p, 0.3)
    ).resume(tmp_path / "run.npz")
    second.fit(loader(), epochs=6, validation=HELD_OUT)
    assert_same(second, expected)


def test_a_list_of_batches_goes_on_where_it_was_left(tmp_path: Path) -> None:
    batches = [*loader()]
    expected = trainer()
    expected.fit(batches, epochs=2)
    first = trainer(callbacks=[stop_at(8, tmp_path / "run.npz")])
    with pytest.raises(Stopped):
        first.fit(batches, epochs=2)
    second = trainer(network(3), callbacks=[LambdaCallback()]).resume(tmp_path / "run.npz")
    second.fit(batches, epochs=2)
    expected_state, state = expected.state_dict(), second.state_dict()
    assert all_numbers(expected_state["model"]) == all_numbers(state["model"])
    assert expected.history == second.history


@pytest.mark.parametrize("step", [8, 12])
def test_a_callback_may_look_into_the_loaders_between_epochs(step: int, tmp_path: Path) -> None:
    def parts(*more: Any) -> tuple[nn.Trainer, Any, Any]:
        data, held = loader(), loader(n=20)
        peek = LambdaCallback(on_epoch_end=lambda run: (next(iter(data)), next(iter(held))))
        return trainer(callbacks=[peek, *more]), data, held

    expected, data, held = parts()
    expected.fit(data, epochs=3, validation=held)
    first, data, held = parts(stop_at(step, tmp_path / "run.npz"))
    with pytest.raises(Stopped):
        first.fit(data, epochs=3, validation=held)
    second, data, held = parts(LambdaCallback())
    second.resume(tmp_path / "run.npz").fit(data, epochs=3, validation=held)
    assert all_numbers(second.model.state_dict()) == all_numbers(expected.model.state_dict())
    assert second.history == expected.history


def test_a_lazy_model_takes_its_sizes_from_the_saved_run(tmp_path: Path) -> None:
    def lazy() -> nn.Module:
        return nn.Sequential(nn.LazyLinear(5), nn.ReLU(), nn.LazyLinear(3))

    first = trainer(lazy())
    first.fit(loader(), epochs=1)
    first.save(tmp_path / "run.npz")
    second = trainer(lazy()).resume(tmp_path / "run.npz")
    second.fit(loader(), epochs=3)
    first.resume().fit(loader(), epochs=3)
    assert_same(first, second)


def test_model_fit_resumes_a_file(tmp_path: Path) -> None:
    x, y = samples()

    def compiled(seed: int) -> nn.Module:
        model = network(seed)
        model.compile("adam", "cross_entropy", ["accuracy"])
        return model

    expected = compiled(1)
    history = expected.fit(x, y, 8, epochs=3, validation_split=0.25)
    model = compiled(1)
    model.fit(x, y, 8, epochs=1, validation_split=0.25, callbacks=[ModelCheckpoint(tmp_path)])
    other, callbacks = compiled(2), [ModelCheckpoint(tmp_path)]
    again = other.fit(
        x, y, 8, 3, callbacks=callbacks, validation_split=0.25, resume=tmp_path / "last.npz"
    )
    assert all_numbers(other.state_dict()) == all_numbers(expected.state_dict())
    assert history == again


def test_a_new_fit_after_a_resumed_one_is_a_run_of_its_own() -> None:
    run = trainer()
    run.fit(loader(), epochs=2)
    assert run.fit(loader(), epochs=1).epochs == [1] and run.epoch == 1 and run.step == 6


def test_a_state_that_was_loaded_and_not_yet_used_can_be_saved_again() -> None:
    first = trainer()
    first.fit(loader(), epochs=1)
    state = first.state_dict()
    second = trainer(network(3))
    second.load_state_dict(state)
    autograd.rand(2)
    assert all_numbers(second.state_dict()) == all_numbers(state)


def test_other_data_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    first = trainer()
    first.fit(loader(), epochs=1)
    first.save(tmp_path / "run.npz")
    second = trainer().resume(tmp_path / "run.npz")
    before = all_numbers(second.state_dict())
    with pytest.raises(ValueError, match="size 48"):
        second.fit(loader(n=40), epochs=2)
    assert all_numbers(second.state_dict()) == before


def test_a_state_of_another_trainer_is_refused_and_changes_nothing() -> None:
    run = trainer()
    run.fit(loader(), epochs=1)
    state, before = run.state_dict(), None
    others = {
        "load_state_dict": nn.Trainer(linear(), "mse"),
        "does not fit": trainer(optimizer=lambda p: nn.optim.SGD(p, 0.1)),
        "has no EarlyStopping": trainer(),
        "3 metrics": trainer(),
    }
    for message, other in others.items():
        before = all_numbers(other.state_dict())
        given = dict(state)
        if message == "has no EarlyStopping":
            given["callbacks"] = {**state["callbacks"], "EarlyStopping": {"best": 1.0}}
        elif message == "3 metrics":
            given["totals"] = {**state["totals"], "metrics": [{}, {}, {}]}
        elif message == "load_state_dict":
            given |= {"callbacks": {}, "totals": {"total": 0.0, "count": 0, "metrics": []}}
        with pytest.raises(ValueError, match=message):
            other.load_state_dict(given)
        assert all_numbers(other.state_dict()) == before


def test_a_file_without_a_run_is_refused(tmp_path: Path) -> None:
    path = nn.save(network().state_dict(), tmp_path / "weights.npz")
    with pytest.raises(ValueError, match="no state of a Trainer"):
        trainer().resume(path)


def test_metrics_of_half_an_epoch_are_counted_on() -> None:
    def regression(output: Any, target: Any) -> Any:
        return nn.metrics.mean_absolute_error(output[:, 0], target)

    metrics = ["accuracy", "mcc", "top_k_accuracy", "confusion_matrix", "recall", regression]
    saved: list[Any] = []
    first = trainer(
        metrics=metrics,
        callbacks=[LambdaCallback(on_batch_end=lambda r: saved.append(deepcopy(r.state_dict())))],
    )
    first.fit(loader(), epochs=1)
    second = trainer(metrics=metrics, callbacks=[LambdaCallback()])
    second.load_state_dict(saved[2])
    second.fit(loader(), epochs=1)
    assert second.history == first.history
    assert np.array_equal(second.logs["confusion_matrix"], first.logs["confusion_matrix"])
