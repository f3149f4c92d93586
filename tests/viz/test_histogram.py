"""`histogram`: what is counted, and how it is told in text and pictures."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
import viz
from autograd import Tensor
from tests.viz.models import filled, xor
from viz.histogram_text import share_text
from viz.terminal import columns


def test_the_numbers_of_an_array_are_counted() -> None:
    values = np.array([[-2.0, 0.0, 0.0], [1.0, 1.5, 2.0]])
    (panel,) = viz.histogram(Tensor(values), bins=4).panels
    assert panel.counts.tolist() == [1, 0, 2, 3] and panel.edges.tolist() == [-2, -1, 0, 1, 2]
    assert (panel.shape, panel.size, panel.zeros) == ((2, 3), 6, pytest.approx(1 / 3))
    assert (panel.mean, panel.std) == (pytest.approx(values.mean()), pytest.approx(values.std()))
    assert (panel.low, panel.high, panel.bad, panel.name) == (-2, 2, 0, "value")


def test_it_agrees_with_numpy() -> None:
    values = np.random.default_rng(0).normal(size=5000).astype("float32")
    (panel,) = viz.histogram(values, bins=30).panels
    counts, edges = np.histogram(values.astype("float64"), bins=30)
    np.testing.assert_allclose(panel.edges, edges)
    assert abs(panel.counts - counts).sum() <= 2 and panel.counts.sum() == 5000


@pytest.mark.parametrize(
    ("values", "counted", "bad"),
    [
        ([], 0, 0), ([3.0] * 4, 4, 0), ([0.0] * 4, 4, 0), ([math.nan, math.inf], 0, 2),
        ([1e300, -1e300, 1.7e308, -1.7e308], 4, 0), ([1.79e308] * 2, 2, 0), ([5e-324, 0.0], 2, 0),
        ([1.0, 1.0 + 2e-16, math.nan], 2, 1), ([True, False], 2, 0), ([2**53, 2**53 + 2], 2, 0),
    ],
)  # fmt: skip
def test_every_finite_number_has_its_place(values: list[Any], counted: int, bad: int) -> None:
    (panel,) = viz.histogram([np.array(values)]).panels
    assert int(panel.counts.sum()) == counted and panel.bad == bad
    assert (np.diff(panel.edges) > 0).all()
    assert math.isnan(panel.mean) == (counted == 0) or counted
    assert viz.histogram([np.array(values)]).to_text("utf-8")


def test_a_models_weights_are_all_its_parameters() -> None:
    drawn = viz.histogram(xor())
    assert [panel.name for panel in drawn.panels] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert drawn.kind == "weights" and drawn.panels[0].mean == 0 and drawn.panels[0].std == 20


def test_gradients_are_those_that_were_computed() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    with pytest.raises(ValueError, match=r"no parameter has a gradient yet; call backward\(\)"):
        viz.histogram(model, of="gradients")
    model[1].bias.requires_grad_(False)
    model(np.ones((3, 2), "float32")).sum().backward()
    drawn = viz.histogram(model, of="gradients")
    assert [panel.name for panel in drawn.panels] == ["0.weight", "0.bias", "1.weight"]
    assert drawn.panels[0].mean == pytest.approx(float(model[0].weight.grad.data.mean()))


def test_activations_are_what_the_innermost_modules_give() -> None:
    layer = filled(nn.Linear(2, 2), [[1, 0], [0, -1]], [0, 0])
    model = nn.Sequential(nn.Sequential(layer, nn.ReLU()), layer)
    drawn = viz.histogram(model, of="activations", x=np.array([[1.0, 2.0]]))
    found = {panel.name: (panel.shape, panel.low, panel.high) for panel in drawn.panels}
    assert found == {"0.0 Linear": ((4,), -2.0, 1.0), "0.1 ReLU": ((1, 2), 0.0, 1.0)}
    assert model.training
    with pytest.raises(ValueError, match="activations needs x"):
        viz.histogram(model, of="activations")


def test_arrays_may_be_named_listed_or_alone() -> None:
    for what, names in (
        ({"a": [1, 2], "b": Tensor([1.0])}, ["a", "b"]),
        ([np.ones(2), [1.0]], ["0", "1"]),
        ([1, 2.5, 3], ["value"]),
        ((np.ones(1) for _ in range(2)), ["0", "1"]),
    ):
        assert [panel.name for panel in viz.histogram(what).panels] == names


@pytest.mark.parametrize(
    ("what", "options", "error", "why"),
    [
        (None, {}, TypeError, "not NoneType"), ("abc", {}, TypeError, "not str"),
        ([], {}, ValueError, "nothing to show"), ({}, {}, ValueError, "nothing to show"),
        (["a"], {}, TypeError, "no real numbers"),
        (np.ones(2), {"of": "biases"}, ValueError, "of is 'biases'"),
        (np.ones(2), {"bins": 0}, ValueError, "bins is 0"),
        (np.ones(2), {"width": 3}, ValueError, "width is 3"),
        (np.ones(2), {"theme": "blue"}, ValueError, "theme is 'blue'"),
        (nn.ReLU(), {}, ValueError, "ReLU has no parameters"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_told(
    what: Any, options: dict[str, Any], error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        viz.histogram(what, **options)


def test_the_text_reads_so() -> None:
    drawn = viz.histogram({"합성곱.weight": np.array([0.0, 0, 0, 1]), "x": [math.nan]}, bins=4)
    assert drawn.to_text("utf-8").splitlines() == [
        "합성곱.weight (4,)   mean 0.25   std 0.433   zeros 75%",
        "         0 █  ▃ 1",
        "x (1,)   no finite numbers   1 nan or inf",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp949"])
def test_the_text_fits_every_terminal(encoding: str) -> None:
    arrays = {"이름" * 60: np.arange(9.0), "encoder.layer." * 9: np.full(3, -1.23456e-300)}
    drawn = viz.histogram(arrays, bins=500, width=60)
    text = drawn.to_text(encoding)
    text.encode(encoding)
    assert max(map(columns, text.splitlines())) <= 60


def test_a_bar_is_seen_where_anything_is() -> None:
    text = viz.histogram([0.0] * 10_000 + [1.0], bins=3).to_text("utf-8").splitlines()
    assert text[1] == "         0 █ ▁ 1"
    assert [share_text(n) for n in (0, 1e-9, 0.123456, 1 - 1e-9, 1)] == [
        "0%", "<0.1%", "12.3%", ">99.9%", "100%",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_numbers_give_the_same_bytes(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures of histograms need matplotlib")
    drawn = viz.histogram(xor(), theme="dark")
    first, second = (drawn.save(tmp_path / f"{i}.{kind}").read_bytes() for i in range(2))
    assert first == second


def test_whatever_can_be_counted_has_a_picture() -> None:
    pytest.importorskip("matplotlib", reason="pictures of histograms need matplotlib")
    odd = {"$x": [math.nan], "_": [], "큰 수": [1e300, -1e300], "0": [0.0], "x" * 90: [1, 2]}
    for count in range(1, 6):
        svg = viz.histogram(dict(list(odd.items())[:count]))._repr_svg_()
        assert svg is not None and svg.startswith("<?xml")


def test_without_matplotlib_the_text_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for name in ("histogram_image", "plot_figure", "plot_image"):
        monkeypatch.delitem(sys.modules, f"viz.{name}", raising=False)
    drawn = viz.histogram(xor())
    path = drawn.save(tmp_path / "weights.pdf")
    assert path.read_text("utf-8") == drawn.to_text("utf-8") + "\n" and path.suffix == ".txt"
    assert "needs matplotlib" in capsys.readouterr().err and drawn._repr_svg_() is None


def test_numbers_too_far_apart_for_axes_are_told_in_words() -> None:
    pytest.importorskip("matplotlib", reason="pictures of histograms need matplotlib")
    drawn = viz.histogram(np.array([1e308, -1e308]))
    assert drawn.panels[0].std == pytest.approx(1e308) and drawn._repr_svg_()
