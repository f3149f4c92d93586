"""draw(), and what a Drawing can do."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable
from pathlib import Path

import graphviz
import numpy as np
import pytest

import autograd
import viz
from autograd import Tensor, ops
from tests.viz.graphs import leaf, lecture, square_plus_self
from tests.viz.test_dot import needs_dot, put_dot


def test_a_drawing_prints_as_its_text_and_says_what_it_is() -> None:
    drawing = viz.draw(lecture())
    assert str(drawing) == drawing.to_text()
    assert repr(drawing) == "<Drawing of 10 boxes and 9 wires>"
    assert isinstance(drawing.to_dot(), graphviz.Digraph)


@pytest.mark.parametrize(
    ("y", "what"),
    [(3.0, "float"), ([], "an empty list"), ([3.0], "a list of other things"), ("x", "str")],
)
def test_only_tensors_are_drawn(y: object, what: str) -> None:
    with pytest.raises(
        TypeError, match=rf"draw\(\) takes a Tensor or a list of Tensors, not {what}\."
    ):
        viz.draw(y)  # type: ignore[arg-type]


def test_text_and_dot_are_saved_as_they_are(tmp_path: Path) -> None:
    drawing = viz.draw(lecture())
    text = drawing.save(tmp_path / "a.txt")
    dot = drawing.save(str(tmp_path / "a.DOT"))
    assert text.read_text("utf-8") == drawing.to_text("utf-8") + "\n"
    assert dot.read_text("utf-8") == drawing.to_dot().source
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.DOT", "a.txt"]


@needs_dot
def test_svg_is_the_picture_that_dot_draws(tmp_path: Path) -> None:
    path = viz.draw(lecture()).save(tmp_path / "a.svg")
    svg = path.read_text("utf-8")
    assert path.name == "a.svg" and svg.rstrip().endswith("</svg>")
    assert ">사과 가격</text>" in svg and ">715</text>" in svg and ">165</text>" in svg


def test_without_dot_the_source_is_saved_and_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    path = viz.draw(lecture()).save(tmp_path / "a.svg")
    assert path == tmp_path / "a.dot" and path.read_text("utf-8").startswith("digraph")
    output = capsys.readouterr()
    assert not output.out and output.err.count("\n") == 1
    assert "instead of a.svg: there is no `dot` program here; install Graphviz:" in output.err


def test_a_dot_that_crashes_leaves_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_dot(tmp_path, "kill -SEGV $$", monkeypatch)
    assert viz.draw(lecture()).save(tmp_path / "a.svg").name == "a.dot"
    assert "`dot` failed with code" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a.png", "a", "a.svg.gz"])
def test_other_endings_are_refused_with_those_that_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        ValueError, match=r"a drawing is saved as \.dot, \.svg, \.txt; end the name so\."
    ):
        viz.draw(lecture()).save(tmp_path / name)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        viz.draw(lecture()).save(path)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere\. Make it first\."):
        viz.draw(lecture()).save(tmp_path / "nowhere" / "a.txt")


def test_the_backward_pass_is_drawn_and_drawn_again() -> None:
    x = leaf(2.0, "x")
    y = x * x * x
    first = viz.draw_backward(y)
    assert first.view.boxes[-1].label == "∂y/∂x"
    last = first.view.wires[-1].value
    assert last is not None and last.numbers == (12.0,)
    (slope,) = autograd.grad(y, x, create_graph=True)
    second = viz.draw_backward(slope).view.wires[-1].value
    assert second is not None and second.numbers == (12.0,)
    assert x.grad is None


def test_the_backward_drawing_has_gradients_of_its_own_if_asked_for() -> None:
    x = leaf(2.0, "x")
    drawing = viz.draw_backward(x * x * x, "both")
    trunk = next(wire for wire in drawing.view.wires if wire.name == "x")
    assert trunk.gradient is not None and trunk.gradient.numbers == (12.0,)


def test_a_leaf_that_nobody_holds_has_its_place_in_the_backward_drawing() -> None:
    view = viz.draw_backward(square_plus_self()).view
    assert view.boxes[-1].label == "∂y/∂x"
    value = view.wires[-1].value
    assert value is not None and value.numbers == (7.0,)


def numbers(drawing: viz.Drawing) -> dict[str, tuple[float, ...]]:
    """The numbers of each gradient that is drawn, by the name of its wire; the first counts."""
    wires = reversed(drawing.view.wires)
    return {w.name: w.gradient.numbers for w in wires if w.gradient and w.gradient.numbers}


def test_the_gradient_of_an_array_may_be_a_list() -> None:
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    y = x * x
    drawing = viz.draw(y, gradient=[1, 2, 3])
    assert numbers(drawing) == {"x": (2.0, 8.0, 18.0), "y": (1.0, 2.0, 3.0)}
    assert drawing.view == viz.draw(y, gradient=np.array([1.0, 2.0, 3.0])).view


def test_an_integer_output_leaves_the_gradients_of_the_floating_one() -> None:
    x = Tensor([1.0, 5.0, 3.0], requires_grad=True, name="x")
    values, indices = ops.topk(x, 1)
    drawing = viz.draw([values, indices])
    assert numbers(drawing) == {"x": (0.0, 1.0, 0.0), "values": (1.0,)}
    assert str(drawing).endswith("[1] ─→      ←─ –") and not drawing.view.notes


def test_several_outputs_are_weighted_by_the_gradients_given_and_say_so() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    drawing = viz.draw([x * x, x * 3.0], gradient=[[1, 10], [100, 1000]])
    assert numbers(drawing)["x"] == (302.0, 3040.0)
    assert drawing.view.notes == (
        "Gradients are those of the sum of the 2 outputs, each times the gradient given for it.",
    )


@pytest.mark.parametrize("count", [1, 3])
def test_a_wrong_number_of_gradients_is_refused(count: int) -> None:
    x = leaf(2.0, "x")
    message = rf"draw\(\): {count} gradients are given for 2 outputs\. Give one for each\."
    with pytest.raises(ValueError, match=message):
        viz.draw([x * x, x * 3.0], gradient=[1.0] * count)


def test_the_backward_pass_of_several_outputs_is_refused() -> None:
    x = leaf(2.0, "x")
    with pytest.raises(TypeError, match=r"^draw_backward\(\) takes one Tensor, not list\.$"):
        viz.draw_backward([x * x, x * 3.0])  # type: ignore[arg-type]


@pytest.mark.parametrize("made_by", [list, np.array, Tensor])
def test_the_gradient_that_arrives_at_the_backward_pass_is_named(
    made_by: Callable[[list[float]], object],
) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    loss_each = x * x
    boxes = viz.draw_backward(loss_each, gradient=made_by([1.0, 2.0])).view.boxes
    assert [box.label for box in boxes if box.kind == "input"] == ["∂L/∂loss_each", "x"]


def test_a_named_gradient_keeps_its_name_in_the_backward_pass() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    boxes = viz.draw_backward(x * x, gradient=Tensor([1.0, 2.0], name="g")).view.boxes
    assert [box.label for box in boxes if box.kind == "input"] == ["g", "x"]


@pytest.mark.parametrize("draw", [viz.draw, viz.draw_backward])
def test_an_unknown_option_is_refused_by_the_function_that_was_called(
    draw: Callable[..., viz.Drawing],
) -> None:
    with pytest.raises(TypeError, match=rf"^{draw.__name__}\(\) got an unexpected .* 'colour'"):
        draw(lecture(), colour="red")


def test_the_backward_drawing_takes_the_options_of_draw() -> None:
    known = inspect.signature(viz.draw).parameters
    taken = inspect.signature(viz.draw_backward).parameters
    assert list(known) == list(taken)
    same = [name for name in known if name not in ("y", "mode")]
    assert all(known[name].default == taken[name].default for name in same)
