"""Warnings of a run: each once, and at the line of the user who called the library."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

import nn
from tests.nn.training.runs import loader, samples, trainer

X, Y = samples()


def test_a_run_that_is_finished_says_so_when_it_is_to_go_on() -> None:
    run = trainer()
    run.fit(loader(), epochs=2)
    assert run.fit(loader(), epochs=2).epochs == [1, 2] and run.step == 12  # a run of its own
    with pytest.warns(UserWarning, match="2 epochs are finished and epochs=2, so nothing"):
        assert run.resume().fit(loader(), epochs=2).epochs == [1, 2]
    assert run.step == 12


def steep(rate: float) -> Callable[..., Any]:
    """Makes an SGD of that rate."""
    return lambda parameters: nn.optim.SGD(parameters, lr=rate)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of the NaN that is made
def test_a_loss_that_is_no_number_is_warned_of_once() -> None:
    run = trainer(nn.Sequential(nn.Linear(4, 3)), optimizer=steep(1e38), scheduler=None)
    with pytest.warns(UserWarning) as caught:
        run.fit(loader(), epochs=3)
    (warning,) = [w for w in caught if w.category is UserWarning]
    assert "since epoch 1" in str(warning.message) and "StopOnNaN" in str(warning.message)
    assert warning.filename == __file__


def test_layers_in_a_plain_list_are_warned_of_once_a_trainer() -> None:
    class Holder(nn.Module):
        """A linear layer beside a list of others."""

        def __init__(self) -> None:
            self.seen, self.unseen = nn.Linear(4, 3), [nn.Linear(3, 3)]

        def forward(self, x: Any) -> Any:
            """What the first layer gives."""
            return self.seen(x)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run = nn.Trainer(Holder(), "cross_entropy")
        run.fit(X, Y, epochs=2, validation=(X, Y))
        run.predict(X)
    assert len(caught) == 1
