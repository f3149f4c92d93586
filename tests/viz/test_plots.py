"""Loss and metrics over steps: what a history may be, and what becomes of it as text and file."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from viz.plots import Curve, curve, quantity, thinned
from viz.terminal import columns

LOSS = [2.0, 1.0, 0.5, 0.25]


def series(made: Curve) -> dict[str, tuple[list[float], list[float]]]:
    return {one.name: (one.x.tolist(), one.y.tolist()) for panel in made.panels for one in panel}


def rows(made: Curve, encoding: str = "utf-8") -> list[str]:
    return made.to_text(encoding).split("\n")


@pytest.mark.parametrize(
    "history",
    [
        LOSS,
        tuple(LOSS),
        np.array(LOSS, "float32"),
        Tensor(LOSS),
        [Tensor(loss) for loss in LOSS],
        iter(LOSS),
    ],
)
def test_numbers_of_any_kind_are_a_history(history: Any) -> None:
    assert series(curve(history)) == {"value": ([0.0, 1.0, 2.0, 3.0], LOSS)}


@pytest.mark.parametrize(
    "history",
    [
        {"loss": LOSS, "acc": [0, 0, 1, 1]},
        SimpleNamespace(history={"loss": LOSS, "acc": [0, 0, 1, 1]}),
        [{"loss": loss, "acc": acc} for loss, acc in zip(LOSS, [0, 0, 1, 1], strict=True)],
    ],
)
def test_names_with_numbers_are_a_history(history: Any) -> None:
    steps = [0.0, 1.0, 2.0, 3.0]
    assert series(curve(history)) == {"loss": (steps, LOSS), "acc": (steps, [0, 0, 1, 1])}


def test_a_metric_that_some_steps_lack_stands_at_the_others() -> None:
    made = curve([{"loss": 3}, {"loss": 2, "acc": 0.5}, {"loss": 1}, {"acc": None}])
    assert series(made)["acc"][0] == [1.0, 3.0] and math.isnan(series(made)["acc"][1][1])


def test_metrics_are_chosen_by_name_in_that_order() -> None:
    history = {"a": [1], "b": [2], "c": [3]}
    assert [*series(curve(history, metrics=["c", "a"]))] == ["c", "a"]
    assert [*series(curve(history, metrics="b"))] == ["b"]
    with pytest.raises(KeyError, match="d is not in the history, which has a, b, c"):
        curve(history, metrics=["d"])


def test_a_quantity_and_its_val_share_an_axis_and_others_do_not() -> None:
    history = {"loss": LOSS, "acc": LOSS, "val_loss": LOSS}
    panels = [[one.name for one in panel] for panel in curve(history).panels]
    assert panels == [["loss", "val_loss"], ["acc"]]
    assert len(curve(history, together=True).panels) == 1
    assert quantity("val_loss") == "loss" and quantity("val_") == "val_"


def test_a_shorter_series_has_the_last_of_every_so_many_steps() -> None:
    made = curve({"loss": range(6), "val_loss": [5, 4]})
    assert series(made)["val_loss"][0] == [2.0, 5.0]
    assert "val_loss: one value every 3 steps" in rows(made)
    assert series(curve({"a": range(5), "b": [5, 4]}))["b"][0] == [0.0, 1.0]


def test_steps_may_be_given_and_are_put_in_order() -> None:
    made = curve({"a": [1, 2, 3], "b": [7]}, steps={"a": [30, 10, 20]})
    assert series(made) == {"a": ([10.0, 20.0, 30.0], [2.0, 3.0, 1.0]), "b": ([0.0], [7.0])}
    assert series(curve([5, 6], steps=[2, 4]))["value"][0] == [2.0, 4.0]


@pytest.mark.parametrize(
    ("history", "options", "error", "message"),
    [
        ([], {}, ValueError, "the history is empty: there is no step to draw yet"),
        ({"loss": []}, {}, ValueError, "the history is empty"),
        ({}, {}, ValueError, "the history is empty"),
        ("loss", {}, TypeError, "history is str; it must be a list of numbers, or a mapping"),
        (3.0, {}, TypeError, "history is float"),
        (["a"], {}, TypeError, "history: each step needs one real number"),
        ([1j], {}, TypeError, "each step needs one real number"),
        (np.array([1j]), {}, TypeError, "complex numbers have no order"),
        ({"a": np.zeros((2, 2))}, {}, ValueError, r"a has shape \(2, 2\)"),
        ([1, 2], {"steps": [1]}, ValueError, "value has 2 values but 1 steps; give one for each"),
        ([1, 2], {"steps": [1, math.nan]}, ValueError, "each must be a finite number"),
        ([1], {"width": 3}, ValueError, "width is 3; at least 40"),
        ([1], {"height": 1}, ValueError, "height is 1; at least 3"),
        ([1], {"theme": "pink"}, ValueError, "theme is 'pink'"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    history: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        curve(history, **options)


def test_thinning_keeps_every_spike() -> None:
    y = np.zeros(1_000_000)
    y[123_456], y[777_777] = 5.0, -7.0
    x, thin = thinned(np.arange(1e6), y, 100)
    assert len(x) <= 400 and thin.max() == 5.0 and thin.min() == -7.0
    assert x[thin == 5.0] == [123_456.0] and (np.diff(x) > 0).all()


def test_thinning_keeps_gaps_as_wide_as_a_column() -> None:
    y = np.ones(10_000)
    y[3000:5000], y[7000] = math.nan, math.nan
    x, thin = thinned(np.arange(1e4), y, 50)
    assert ((x >= 3000) & (x < 5000))[np.isnan(thin)].all() and np.isnan(thin).any()


def test_it_is_shown_as_text_where_there_are_no_pictures() -> None:
    made = curve(LOSS)
    shown: list[str] = []
    made._repr_pretty_(SimpleNamespace(text=shown.append), False)
    made._repr_pretty_(SimpleNamespace(text=shown.append), True)
    assert str(made) == repr(made) == shown[0] == made.to_text() and shown[1] == "<Curve>"


@pytest.fixture
def no_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets every import of matplotlib fail."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.style", None)
    monkeypatch.delitem(sys.modules, "viz.plot_image", raising=False)


@pytest.mark.usefixtures("no_matplotlib")
def test_without_matplotlib_the_text_is_saved_and_one_line_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = curve(LOSS).save(tmp_path / "curve.png")
    assert path == tmp_path / "curve.txt" and "value" in path.read_text("utf-8")
    assert capsys.readouterr().err == (
        f"graphgrad: saved {path} instead of curve.png: a .png needs matplotlib. "
        "Install it: pip install 'graphgrad[plot]'\n"
    )
    assert curve(LOSS)._repr_svg_() is None


def test_text_is_saved_as_it_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = curve(LOSS)
    path = made.save(tmp_path / "curve.txt")
    assert path.read_text("utf-8") == made.to_text("utf-8") + "\n" and not capsys.readouterr().err


def test_another_ending_or_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"'a\.gif': a curve is saved as \.png, \.svg, \.pdf, \.txt"
    ):
        curve(LOSS).save(tmp_path / "a.gif")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        curve(LOSS).save(tmp_path / "no" / "a.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp949"])
def test_no_line_is_wider_than_asked(encoding: str) -> None:
    history = {"손실 " * 20: LOSS, "val_" + "x" * 99: [1e-300, math.nan, 1e300, 2.0]}
    for width in (40, 72, 80):
        made = curve(history, width=width, title="제목 " * 40, together=True)
        assert max(columns(row) for row in rows(made, encoding)) <= width
        made.to_text(encoding).encode(encoding)


class Trained(dict[str, list[float]]):
    """A history that knows its epochs, as `fit` returns."""

    epochs = (3, 4, 5)


def test_a_history_with_epochs_is_drawn_over_them_without_a_constant_rate() -> None:
    history = Trained(loss=[3.0, 2.0, 1.0], lr=[0.1, 0.1, 0.1])
    drawn = curve(history)
    assert [one.name for panel in drawn.panels for one in panel] == ["loss"]
    assert drawn.panels[0][0].x.tolist() == [3, 4, 5]
    assert "epoch 5" in drawn.to_text()
    assert len(curve(history, metrics=["loss", "lr"]).panels) == 2
    assert len(curve({**history, "lr": [0.1, 0.1, 0.01]}).panels) == 2
    assert "step 2" in curve({"lr": [0.1, 0.1, 0.1]}).to_text()


@pytest.mark.parametrize("history", [[{"loss": [3.0, 2.0]}], [[3.0], [2.0]], {"loss": [{"a": 1}]}])
def test_more_than_a_number_at_a_step_is_told_what_a_history_may_be(history: object) -> None:
    with pytest.raises(TypeError, match=r"one has a (list|dict)\. A history is a list of numbers,"):
        curve(history)
