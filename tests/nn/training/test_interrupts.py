"""Ctrl-C in fit: the batch is whole, the history is kept, and the run can go on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import nn
from nn.training import LambdaCallback
from tests.nn.training.runs import all_numbers, loader, network, samples, trainer


@pytest.fixture(autouse=True)
def keyboard() -> Iterator[None]:
    """Ctrl-C as in a terminal: a run in the background begins with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def pressing(model: nn.Module, call: int) -> None:
    """Presses Ctrl-C in the middle of that forward pass of model."""
    calls: list[int] = []

    def press(*_: Any) -> None:
        calls.append(1)
        if len(calls) == call:
            signal.raise_signal(signal.SIGINT)

    model[2].register_forward_hook(press)


@pytest.mark.parametrize("call", [1, 8, 12, 16])
def test_the_batch_is_whole_and_the_run_goes_on_to_the_same_bits(call: int) -> None:
    expected = trainer()
    expected.fit(loader(), epochs=3)
    run = trainer()
    pressing(run.model, call)
    with pytest.raises(KeyboardInterrupt):
        run.fit(loader(), epochs=3)
    assert run.step == call
    assert run.history.epochs == [*range(1, run.epoch + 1)] and run.epoch == (call - 1) // 6
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    history = run.resume().fit(loader(), epochs=3)
    assert all_numbers(run.state_dict()) == all_numbers(expected.state_dict())
    assert history == expected.history


def test_ctrl_c_while_validating_does_not_train_the_epoch_again() -> None:
    held = samples(24, seed=8)
    expected = trainer()
    expected.fit(loader(), epochs=2, validation=held)
    run = trainer()
    pressing(run.model, 7)
    with pytest.raises(KeyboardInterrupt):
        run.fit(loader(), epochs=2, validation=held)
    assert run.step == 6 and run.epoch == 0 and not run.history.epochs
    assert run.model.training
    run.resume().fit(loader(), epochs=2, validation=held)
    assert all_numbers(run.state_dict()) == all_numbers(expected.state_dict())


def test_a_second_ctrl_c_is_raised_at_once() -> None:
    run = trainer()
    pressing(run.model, 3)
    pressing(run.model, 3)
    with pytest.raises(KeyboardInterrupt):
        run.fit(loader(), epochs=3)
    assert run.step == 2


def test_ctrl_c_between_epochs_begins_no_other_batch() -> None:
    def press(run: Any) -> None:
        signal.raise_signal(signal.SIGINT)

    run = trainer(callbacks=[LambdaCallback(on_epoch_end=press)])
    with pytest.raises(KeyboardInterrupt):
        run.fit(loader(), epochs=3)
    assert run.step == 6 and run.history.epochs == [1]


def test_ctrl_c_after_the_last_batch_is_not_lost() -> None:
    ended: list[int] = []

    def end(run: Any) -> None:
        ended.append(run.epoch)
        signal.raise_signal(signal.SIGINT)

    run = trainer(callbacks=[LambdaCallback(on_fit_end=end)])
    with pytest.raises(KeyboardInterrupt):
        run.fit(loader(), epochs=1)
    assert ended == [1] and run.history.epochs == [1]


def test_a_handler_of_the_programs_own_stays_in_charge() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        run = trainer()
        pressing(run.model, 2)
        run.fit(loader(), epochs=1)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT] and run.step == 6


def test_fit_runs_in_other_threads_too() -> None:
    model = network()
    thread = threading.Thread(target=lambda: trainer(model).fit(loader(), epochs=1))
    before = all_numbers(model.state_dict())
    thread.start()
    thread.join()
    assert all_numbers(model.state_dict()) != before
