"""History: a mapping of lists that prints as a table, is drawn, and knows its best epoch."""

from __future__ import annotations

import math

import numpy as np
import pytest

import viz
from nn.metrics import Mean, MeanSquaredError
from nn.training import History
from nn.training.history import direction


def made() -> History:
    """Three epochs, the last two with a metric more."""
    history = History()
    history.append(1, {"loss": 0.5, "matrix": np.eye(2), "lr": 0.1})
    history.append(2, {"loss": np.float32(0.25), "val_loss": 0.6, "lr": 0.1})
    history.append(3, {"loss": 1.25e-5, "val_loss": 0.7, "lr": 0.1})
    return history


def test_it_is_a_mapping_of_names_to_one_number_an_epoch() -> None:
    history = made()
    assert history.epochs == [1, 2, 3]
    assert dict(history)["loss"] == [0.5, 0.25, 1.25e-5]
    assert [*history] == ["loss", "lr", "val_loss"] and len(history) == 3
    assert math.isnan(history["val_loss"][0]) and history["val_loss"][1:] == [0.6, 0.7]


def test_what_an_epoch_did_not_measure_is_nan() -> None:
    history = made()
    history.append(4, {"loss": 0.0})
    assert history["loss"][3] == 0 and math.isnan(history["lr"][3])


def test_it_prints_as_a_table() -> None:
    assert repr(made()).splitlines() == [
        "epoch      loss      lr  val_loss",
        "    1    0.5000  0.1000       nan",
        "    2    0.2500  0.1000    0.6000",
        "    3  1.25e-05  0.1000    0.7000",
    ]
    assert repr(History()) == "History: no epoch yet"


def test_curve_draws_it() -> None:
    text = str(viz.curve(made()))
    assert "val_loss" in text and "last 0.7" in text


def test_the_best_epoch_is_the_lowest_loss_and_the_highest_accuracy() -> None:
    history = History()
    for epoch, (loss, accuracy) in enumerate([(2, 0.5), (1, 0.9), (1, 0.9), (3, 0.1)], start=1):
        history.append(epoch, {"val_loss": loss, "val_accuracy": accuracy})
    assert history.best("val_loss") == (2, 1.0)
    assert history.best("val_accuracy").epoch == 2 and history.best("val_accuracy").value == 0.9
    assert history.best("val_accuracy", "min") == (4, 0.1)
    assert made().best("val_loss") == (2, 0.6)


def test_a_name_that_was_not_measured_is_refused_with_those_that_were() -> None:
    with pytest.raises(KeyError, match="loss, lr, val_loss"):
        made()["accuracy"]
    history = History()
    history.append(1, {"loss": math.nan})
    with pytest.raises(ValueError, match="nan in all 1 epochs"):
        history.best("loss")
    with pytest.raises(ValueError, match='"auto", "min" or "max"'):
        history.best("loss", "least")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("val_accuracy", "max"),
        ("top_5_accuracy", "max"),
        ("r2", "max"),
        ("mcc", "max"),
        ("loss", "min"),
        ("val_mae", "min"),
        ("error", "min"),
    ],
)
def test_which_way_is_better_goes_by_the_name(name: str, expected: str) -> None:
    assert direction(name) == expected
    assert direction(name, "min") == "min"


def test_a_metric_says_itself_which_way_is_better() -> None:
    assert direction("val_score", metrics=[MeanSquaredError("score")]) == "min"
    assert direction("val_score", metrics=[Mean(max, "score")]) == "max"


def test_it_stands_under_the_name_that_keras_gives_it() -> None:
    history = made()
    assert history.history is history and "history" not in [*history]


def test_it_is_saved_and_put_back() -> None:
    history, other = made(), History()
    other.load_state_dict(history.state_dict())
    other.append(4, {"loss": 0.0})
    assert other["loss"] == [*history["loss"], 0.0] and other.epochs == [1, 2, 3, 4]
    with pytest.raises(ValueError, match="other lengths"):
        other.load_state_dict({"epochs": [1], "values": {"loss": [1.0, 2.0]}})
    assert len(other.epochs) == 4
