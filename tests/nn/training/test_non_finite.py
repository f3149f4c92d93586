"""StopOnNaN names the layer, the parameter, the epoch and the batch, and leaves all as it was."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from nn.training import NonFiniteError, StopOnNaN
from tests.nn.training.runs import all_numbers, loader, network, samples, trainer


class Log(nn.Module):
    """log x, which is not finite below zero."""

    def forward(self, x: Any) -> Any:
        """log x."""
        return x.log()


def model_with(layer: nn.Module, at: int) -> nn.Module:
    """A network with a layer more."""
    layers = [*network()]
    return nn.Sequential(*layers[:at], layer, *layers[at:])


class SometimesNaN(nn.Module):
    """x, but nan in a given forward pass and when that pass is run again."""

    def __init__(self, call: int) -> None:
        self.call, self.calls = call, 0

    def forward(self, x: Any) -> Any:
        """x, or x · nan."""
        self.calls += 1
        return x * math.nan if self.calls >= self.call else x


def stopped(run: nn.Trainer, data: Any = None, **options: Any) -> NonFiniteError:
    """What ends the run."""
    with pytest.raises(NonFiniteError) as caught:
        run.fit(loader() if data is None else data, epochs=9, **options)
    assert isinstance(caught.value, FloatingPointError)
    return caught.value


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # what the test breaks
def test_the_first_module_whose_output_is_not_finite_is_named() -> None:
    error = stopped(trainer(model_with(Log(), 2), [StopOnNaN()]))
    assert (error.module, error.epoch, error.batch) == ("2", 1, 1)
    assert math.isnan(error.loss) and error.parameter == "0.weight"
    assert "epoch 1, batch 1" in str(error) and "'2' (Log)" in str(error)


class Between(nn.Module):
    """A block on the logarithms of a layer's outputs, which are taken in forward."""

    def __init__(self) -> None:
        self.first, self.block = nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 3))

    def forward(self, x: Any) -> Any:
        """block(log first(x))."""
        return self.block(self.first(x).log())


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # what the test breaks
def test_a_number_made_between_modules_is_not_blamed_on_the_next_one() -> None:
    error = stopped(nn.Trainer(Between(), "cross_entropy", callbacks=[StopOnNaN()]))
    assert error.module == ""
    assert "in Between.forward between modules, before 'block' (Sequential)" in str(error)
    assert "viz.check" in str(error)
    outer = nn.Sequential(nn.Identity(), Between())
    error = stopped(nn.Trainer(outer, "cross_entropy", callbacks=[StopOnNaN()]))
    assert error.module == "1" and "before '1.block' (Sequential)" in str(error)


def test_all_is_left_as_it_was_before_the_batch() -> None:
    expected = trainer(model_with(SometimesNaN(99), 3), [StopOnNaN()])
    states: list[Any] = []

    def note(run: Any) -> None:
        if run.step == 8:
            states.append((all_numbers(run.state_dict()["model"]), autograd.random.get_state()))
            states.append(all_numbers(run.state_dict()["optimizer"]))

    expected.callbacks.append(nn.training.LambdaCallback(on_batch_end=note))
    expected.fit(loader(), epochs=2)
    run = trainer(model_with(SometimesNaN(9), 3), [StopOnNaN()])
    error = stopped(run)
    assert (error.epoch, error.batch, run.step) == (2, 3, 8)
    assert (all_numbers(run.model.state_dict()), autograd.random.get_state()) == states[0]
    assert all_numbers(run.optimizer.state_dict()) == states[1]
    assert run.history.epochs == [1]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what the test breaks
def test_the_batch_is_run_again_under_the_same_masks() -> None:
    class OverZero(nn.Module):
        """1/x, infinite where dropout has put a zero."""

        def forward(self, x: Any) -> Any:
            """1/x."""
            return 1 / x

    model = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.003), OverZero())
    run = nn.Trainer(model, "mse", lambda p: nn.optim.SGD(p, lr=1e-9), callbacks=[StopOnNaN()])
    rows = np.eye(3, dtype="float32")
    error = stopped(run, [(x, Tensor(rows[y.data])) for x, y in loader()])
    assert error.module == "2"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what the test breaks
def test_a_loss_that_is_not_finite_by_itself_is_named() -> None:
    def loss(output: Any, target: Any) -> Any:
        return (output * math.inf).sum()

    error = stopped(nn.Trainer(network(), loss, "sgd", callbacks=[StopOnNaN()]))
    assert error.module is None and "what function gives" in str(error)


def test_a_gradient_that_is_not_finite_is_named_where_the_loss_is_finite() -> None:
    class Root(nn.Module):
        """√(x − x), whose value is 0 and whose slope is not finite."""

        def forward(self, x: Any) -> Any:
            """√(x − x)."""
            return (x * 0).sqrt()

    model = nn.Sequential(nn.Linear(4, 3), Root(), nn.Linear(3, 3))
    run = nn.Trainer(model, "cross_entropy", "sgd", callbacks=[StopOnNaN()])
    error = stopped(run)
    assert error.module is None and error.parameter == "0.weight" and math.isfinite(error.loss)
    assert "a gradient is not finite" in str(error) and "'0.weight'" in str(error)


def test_data_that_is_not_finite_is_named_as_the_cause() -> None:
    x, y = samples()
    x[3, 1] = math.nan
    error = stopped(trainer(callbacks=[StopOnNaN()]), x, y=y)
    assert "the batch itself holds nan" in str(error) and "Clean the data" in str(error)


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")  # what the test breaks
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # what the test breaks
def test_weights_that_a_step_made_infinite_are_named() -> None:
    model = nn.Sequential(nn.Linear(4, 3))
    run = nn.Trainer(
        model, "cross_entropy", lambda p: nn.optim.SGD(p, lr=1e39), callbacks=[StopOnNaN()]
    )
    error = stopped(run)
    assert error.batch == 2 and "the weight '0.weight' is not finite since the step" in str(error)


def test_a_run_goes_on_at_the_bad_batch_where_it_was_stopped() -> None:
    expected = trainer(model_with(SometimesNaN(99), 3))
    expected.fit(loader(), epochs=2)
    run = trainer(model_with(SometimesNaN(9), 3), [StopOnNaN()])
    stopped(run)
    run.model[3].call = 99
    run.resume().fit(loader(), epochs=2)
    assert all_numbers(run.state_dict()) == all_numbers(expected.state_dict())


def test_a_run_without_nan_is_not_changed_by_watching() -> None:
    plain = trainer()
    plain.fit(loader(), epochs=2)
    watched = trainer(callbacks=[StopOnNaN()])
    watched.fit(loader(), epochs=2)
    assert all_numbers(plain.state_dict()) == all_numbers(watched.state_dict())
