"""Optimizers, losses and metrics by name, class and object."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import nn
from nn.training import names
from tests.nn.training.runs import linear


def optimizer(given: Any) -> Any:
    return names.optimizer_of(given, linear().parameters)


@pytest.mark.parametrize("name", ["sgd", "adam", "AdamW", "rmsprop", "adagrad", "adadelta", "lion"])
def test_optimizers_are_known_by_name_with_their_own_learning_rate(name: str) -> None:
    found = optimizer(name)
    kind = next(getattr(nn.optim, n) for n in nn.optim.__all__ if n.lower() == name.lower())
    assert type(found) is kind
    assert found.defaults == kind(linear().parameters()).defaults


def test_optimizers_may_be_classes_functions_and_objects() -> None:
    assert isinstance(optimizer(nn.optim.Adam), nn.optim.Adam)
    assert optimizer(partial(nn.optim.SGD, lr=0.25)).param_groups[0]["lr"] == 0.25
    made = nn.optim.SGD(linear().parameters(), lr=0.1)
    assert optimizer(made) is made


@pytest.mark.parametrize("name", names.LOSSES)
def test_every_name_of_a_loss_leads_to_its_class(name: str) -> None:
    assert type(names.loss_of(name)) is getattr(nn, names.LOSSES[name])


@pytest.mark.parametrize("name", ["CrossEntropyLoss", "crossentropy", "hinge_loss", "MSE"])
def test_classes_names_are_known_in_any_case(name: str) -> None:
    assert type(names.loss_of(name)).__name__.lower().startswith(name[:3].lower())


def test_losses_may_be_classes_functions_and_objects() -> None:
    made = nn.MSELoss(reduction="sum")
    assert names.loss_of(made) is made and names.loss_of(max) is max
    assert isinstance(names.loss_of(nn.L1Loss), nn.L1Loss)


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "optimizer": (lambda: optimizer("adm"), ValueError, "Did you mean 'adam'"),
    "loss": (lambda: names.loss_of("cross_entrpy"), ValueError, "Did you mean 'cross_entropy'"),
    "no optimizer": (lambda: optimizer(3), TypeError, "not 3"),
    "no loss": (lambda: names.loss_of(3), TypeError, "not 3"),
    "Keras's loss": (
        lambda: names.loss_of("sparse_categorical_crossentropy"),
        ValueError,
        "leave out the last Softmax",
    ),
    "swapped": (
        lambda: nn.Trainer(linear(), optimizer("sgd"), "mse"),
        TypeError,
        r"is an optimizer, SGD. The order is Trainer\(model, loss, optimizer\)",
    ),
    "swapped classes": (
        lambda: nn.Trainer(linear(), nn.optim.SGD, nn.MSELoss),
        TypeError,
        "is an optimizer, SGD",
    ),
    "swapped names": (
        lambda: linear().compile("mse", "adam"),
        TypeError,
        r"is an optimizer, 'adam'.*compile\(optimizer, loss\)",
    ),
    "one metric": (lambda: nn.Trainer(linear(), "mse", "sgd", "mae"), TypeError, r"\['mae'\]"),
    "twice": (
        lambda: nn.Trainer(linear(), "mse", "sgd", ["mae", "mae"]),
        ValueError,
        "'mae' is taken",
    ),
    "taken": (
        lambda: nn.Trainer(linear(), "mse", "sgd", [nn.metrics.Mean(max, "loss")]),
        ValueError,
        "'loss' is taken",
    ),
    "callback": (
        lambda: nn.Trainer(linear(), "mse", "sgd", [], [print]),
        TypeError,
        "LambdaCallback",
    ),
    "scheduler": (
        lambda: nn.Trainer(linear(), "mse", "sgd", scheduler=lambda optimizer: None),
        TypeError,
        "no scheduler",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_known_is_refused_with_what_is(case: str) -> None:
    call, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize(
    ("loss", "threshold"),
    [("bce", 0.5), ("bce_with_logits", 0.0), ("hinge", 0.0), ("mse", 0.5)],
)
def test_binary_metrics_know_whether_the_loss_takes_logits(loss: str, threshold: float) -> None:
    trainer = nn.Trainer(linear(), loss, "sgd", ["accuracy", "f1"])
    assert [metric.threshold for metric in trainer.metrics] == [threshold, threshold]


def test_metrics_leave_out_the_target_that_the_loss_ignores() -> None:
    trainer = nn.Trainer(linear(), nn.CrossEntropyLoss(ignore_index=7), "sgd", ["accuracy"])
    assert trainer.metrics[0].ignore_index == 7
