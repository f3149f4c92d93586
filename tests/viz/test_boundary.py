"""`boundary`: the class all over the plane, as fields, as text and as pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
import viz
from autograd import Tensor
from tests.viz.models import filled, xor
from viz.boundary import UNDECIDED
from viz.class_colours import COLOURS, MARKERS, colour_of, marker_of, mixed
from viz.terminal import columns

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float64")
XOR = [0, 1, 1, 0]


def right_half(x: Any) -> Any:
    """One output: above 0.5 where x₁ > 0.25."""
    return x[:, 0] + 0.25


def three(x: Any) -> Any:
    """Scores of three classes: left, right, and above both."""
    return np.stack([-x[:, 0], x[:, 0], 2 * x[:, 1] + 0 * x[:, 0]], axis=1)


def at(plane: Any, drawn: viz.Boundary, x: float, y: float) -> int:
    """The region at a point."""
    left, right, low, high = drawn.extent
    rows, across = plane.regions.shape
    row = round((y - low) / (high - low) * (rows - 1))
    return int(plane.regions[row, round((x - left) / (right - left) * (across - 1))])


def test_xor_has_a_band_of_ones_between_two_zeros() -> None:
    drawn = viz.boundary(xor(), CORNERS, XOR)
    plane = drawn.planes[0]
    assert plane.right == 4 and drawn.classes == ("0", "1")
    assert [at(plane, drawn, x, y) for x, y in CORNERS] == XOR
    assert at(plane, drawn, 0.5, 0.5) == 1 and plane.regions.shape == (200, 200)


def test_the_line_is_where_one_output_crosses_the_threshold() -> None:
    drawn = viz.boundary(right_half, CORNERS, [0, 0, 1, 1], resolution=101)
    (margin,) = drawn.planes[0].margins
    across = np.linspace(drawn.extent[0], drawn.extent[1], 101)
    np.testing.assert_allclose(margin[0], across - 0.25)
    assert drawn.planes[0].right == 4
    shifted = viz.boundary(right_half, CORNERS, [0, 0, 1, 1], threshold=1.3)
    assert shifted.planes[0].right == 2


def test_classes_of_minus_one_and_one_are_parted_at_zero() -> None:
    drawn = viz.boundary(lambda x: x[:, :1] - 0.5, CORNERS, [-1, -1, 1, 1])
    assert drawn.classes == ("-1", "1") and drawn.planes[0].right == 4
    assert at(drawn.planes[0], drawn, 0.6, 0.5) == 1 and at(drawn.planes[0], drawn, 0.4, 0.5) == 0


def test_of_several_scores_the_greatest_decides() -> None:
    points = np.array([[-1.0, -1], [1, -1], [0, 1]])
    drawn = viz.boundary(three, points, [0, 1, 2])
    plane = drawn.planes[0]
    assert plane.right == 3 and len(plane.margins) == 3
    assert [at(plane, drawn, x, y) for x, y in points] == [0, 1, 2]
    for k, margin in enumerate(plane.margins):
        np.testing.assert_array_equal(margin > 0, plane.regions == k)


def test_two_scores_have_one_line() -> None:
    model = filled(nn.Linear(2, 2), [[-1, 0], [1, 0]], [0.5, -0.5])
    drawn = viz.boundary(model, Tensor(CORNERS), np.array([[0], [0], [1], [1]]))
    assert drawn.planes[0].right == 4 and len(drawn.planes[0].margins) == 1


def test_a_class_without_points_still_has_its_region() -> None:
    drawn = viz.boundary(three, CORNERS, [0, 0, 1, 1])
    assert drawn.classes == ("0", "1", "2") and 2 in drawn.planes[0].regions
    alone = viz.boundary(right_half, CORNERS, [1, 1, 1, 1])
    assert alone.classes == ("0", "1") and alone.planes[0].right == 2


def test_an_output_that_is_nan_is_undecided() -> None:
    drawn = viz.boundary(lambda x: np.where(x[:, 0] > 0.5, np.nan, 1.0), CORNERS, XOR)
    plane = drawn.planes[0]
    assert at(plane, drawn, 1, 1) == UNDECIDED and at(plane, drawn, 0, 0) == 1
    assert plane.right == 1 and "?" in drawn.to_text("utf-8")


def test_models_run_as_they_are_used_and_stay_as_they_were() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Dropout(0.5))
    state = {name: tensor.data.copy() for name, tensor in model.state_dict().items()}
    first, second = (viz.boundary(model, CORNERS, XOR).planes[0].margins[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert model.training and all(p.grad is None for p in model.parameters())
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(tensor.data, state[name])


def test_several_models_stand_side_by_side_under_their_titles() -> None:
    drawn = viz.boundary({"한 층": right_half, "두 층": xor()}, CORNERS, XOR)
    assert [(plane.title, plane.right) for plane in drawn.planes] == [("한 층", 2), ("두 층", 4)]
    text = drawn.to_text("utf-8")
    assert "한 층   2 of 4 points right" in text and "두 층   4 of 4 points right" in text
    listed = viz.boundary([right_half, xor()], CORNERS, XOR)
    assert [plane.title for plane in listed.planes] == ["1. function", "2. Sequential"]


def test_text_shows_regions_and_points() -> None:
    drawn = viz.boundary(xor(), CORNERS, XOR, classes=["같다", "다르다"], names=["왼쪽", "x₂"])
    rows = drawn.to_text("utf-8").splitlines()
    assert rows[-1] == "o 같다 [ ]   × 다르다 [░]"
    inside = [row.partition("│")[2].rstrip("│") for row in rows if row.endswith("│")]
    assert "".join(inside).count("o") == 2 and "".join(inside).count("×") == 2
    assert len({len(row) for row in inside}) == 1
    assert "왼쪽 →, x₂ ↑" in rows[-2]
    middle = inside[len(inside) // 2]
    assert middle[0] == middle[-1] == " " and middle[len(middle) // 2] == "░"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp949", "latin-1"])
def test_text_fits_every_terminal(encoding: str) -> None:
    models = {"제목 " * 30: three, "x" * 90: three}
    drawn = viz.boundary(models, CORNERS, XOR, width=50, classes=["가나다" * 20, "b", "c"])
    text = drawn.to_text(encoding)
    text.encode(encoding)
    assert max(map(columns, text.splitlines())) <= 50


@pytest.mark.parametrize(
    ("arguments", "error", "why"),
    [
        ((xor(), np.ones((4, 3)), XOR), ValueError, r"x has shape \(4, 3\); it must be \(N, 2\)"),
        ((xor(), CORNERS, [0, 1]), ValueError, r"y has shape \(2,\), but x has 4 points"),
        ((xor(), CORNERS * np.nan, XOR), ValueError, "must be finite"),
        ((xor(), CORNERS, [0, 1, 2, 0]), ValueError, "one output tells two classes apart"),
        ((three, CORNERS, [0, 1, 2, 7]), ValueError, "the model has 3 scores"),
        ((three, CORNERS, [0.5, 1, 2, 0]), ValueError, "must be integers from 0 to 2"),
        ((lambda x: np.ones((len(x), 2, 2)), CORNERS, XOR), ValueError, "for 100 points the model"),
        ((lambda x: 3.0, CORNERS, XOR), ValueError, r"the model gives \(\)"),
        (({}, CORNERS, XOR), ValueError, "there is no model"),
        ((nn.Linear, CORNERS, XOR), TypeError, "cannot be called so"),
        ((3, CORNERS, XOR), TypeError, "cannot be called so"),
    ],
)
def test_what_cannot_be_drawn_is_told(arguments: Any, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        viz.boundary(*arguments, resolution=10)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"theme": "blue"}, "theme is 'blue'"),
        ({"resolution": 1}, "resolution is 1"),
        ({"width": 3}, "width is 3"),
        ({"classes": ["a"]}, "classes has 1 names, but there are 2"),
    ],
)
def test_wrong_options_are_told(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        viz.boundary(xor(), CORNERS, XOR, **options)


@pytest.mark.parametrize(("kind", "theme"), [("png", "light"), ("svg", "dark"), ("pdf", "print")])
def test_the_same_regions_give_the_same_bytes(kind: str, theme: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures of regions need matplotlib")
    drawn = viz.boundary(xor(), CORNERS, XOR, resolution=20, classes=["_a", "$b"], theme=theme)
    first, second = (drawn.save(tmp_path / f"{i}.{kind}").read_bytes() for i in range(2))
    assert first == second


def test_whatever_has_regions_has_a_picture() -> None:
    pytest.importorskip("matplotlib", reason="pictures of regions need matplotlib")
    many = np.random.default_rng(0).random((500, 2))
    for drawn in (
        viz.boundary(lambda x: np.zeros(len(x)), CORNERS, XOR, resolution=9),
        viz.boundary(lambda x: np.full(len(x), np.nan), CORNERS, XOR, resolution=9),
        viz.boundary([three] * 4, many, many[:, 0] > 0.5, resolution=9),
        viz.boundary(right_half, [[1, 1]], [1], resolution=9),
    ):
        svg = drawn._repr_svg_()
        assert svg is not None and svg.startswith("<?xml")


def test_without_matplotlib_the_text_is_saved_and_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for name in ("boundary_image", "plot_figure", "plot_image"):
        monkeypatch.delitem(sys.modules, f"viz.{name}", raising=False)
    drawn = viz.boundary(xor(), CORNERS, XOR, resolution=9)
    path = drawn.save(tmp_path / "regions.png")
    assert path == tmp_path / "regions.txt"
    assert path.read_text("utf-8") == drawn.to_text("utf-8") + "\n"
    assert capsys.readouterr().err.startswith(f"graphgrad: saved {path} instead of regions.png")
    assert drawn._repr_svg_() is None
    with pytest.raises(ValueError, match=r"'a\.gif': decision regions are saved as"):
        drawn.save(tmp_path / "a.gif")


def test_classes_differ_by_colour_and_mark() -> None:
    looks = {(colour_of(k), marker_of(k)) for k in range(len(COLOURS) * len(MARKERS) // 8)}
    assert len(looks) == len(COLOURS) * len(MARKERS) // 8
    assert mixed("#000000", "#ffffff", 1) == "#ffffff"


@pytest.mark.parametrize("dtype", ["U", "S", object])
def test_classes_may_be_names(dtype: Any) -> None:
    y = np.array(["left", "right", "top"], dtype)
    points = [[-2, 0], [2, 0], [0, 5]]
    drawn = viz.boundary(three, points, y)
    assert drawn.classes == ("left", "right", "top") and drawn.planes[0].right == 3
    turned = viz.boundary(three, points, y, classes=["top", "right", "left"])
    assert turned.targets.tolist() == [2, 1, 0] and turned.planes[0].right == 1


def test_numbers_in_an_object_array_stay_numbers() -> None:
    y = np.array([2, 10, 2, 10], object)
    assert viz.boundary(right_half, CORNERS, y).classes == ("2", "10")


def test_a_name_that_is_no_class_is_told() -> None:
    with pytest.raises(ValueError, match="y has the class 'c', which is not among classes"):
        viz.boundary(right_half, CORNERS, ["a", "b", "c", "a"], classes=["a", "b"])


def test_models_whose_titles_read_alike_are_all_drawn() -> None:
    models = {1: right_half, "1": lambda x: x[:, 1]}
    assert [plane.title for plane in viz.boundary(models, CORNERS, XOR).planes] == ["1", "1"]


@pytest.mark.parametrize("names", [["a"], "ab", ["a", "b", "c"]])
def test_the_plane_has_two_names(names: Any) -> None:
    with pytest.raises(ValueError, match="give two names"):
        viz.boundary(right_half, CORNERS, XOR, names=names)


@pytest.mark.parametrize("x", [1e15, 1e20, -3e100])
def test_points_that_differ_by_rounding_alone_have_a_plane_around_them(x: float) -> None:
    near = np.nextafter(x, np.inf)
    left, right, *_ = viz.boundary(right_half, [[x, 0], [near, 1]], [0, 1]).extent
    assert left < x < right and right - left > 0.05 * abs(x)


def test_points_that_are_too_far_out_are_refused() -> None:
    with pytest.raises(ValueError, match=r"reaches to 1e\+308; scale it"):
        viz.boundary(right_half, [[1e308, 0], [-1e308, 1]], [0, 1])


def test_infinite_scores_are_on_a_side_of_the_line() -> None:
    pytest.importorskip("matplotlib", reason="pictures of regions need matplotlib")
    drawn = viz.boundary(lambda x: np.where(x[:, 0] > 0.25, np.inf, -np.inf), CORNERS, [0, 0, 1, 1])
    assert drawn.planes[0].right == 4 and "ContourSet" in str(drawn._repr_svg_())
    several = viz.boundary(lambda x: np.full((len(x), 3), np.inf), CORNERS, [0, 1, 2, 0])
    assert several.planes[0].right == 2 and several._repr_svg_()


def test_a_long_title_is_cut() -> None:
    pytest.importorskip("matplotlib", reason="pictures of regions need matplotlib")
    drawn = viz.boundary({"b" * 39: right_half}, CORNERS, XOR)
    assert f"{'b' * 33}…" in str(drawn._repr_svg_())


def test_points_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="x holds <U1, which are no real numbers"):
        viz.boundary(right_half, [["a", "b"]], [0])


def test_the_labels_that_do_not_fit_several_scores_are_those_that_were_given() -> None:
    with pytest.raises(ValueError, match=r"from 0 to 1; it has -1, 1\."):
        viz.boundary(lambda x: x, np.zeros((2, 2)), np.array([-1, 1]))
