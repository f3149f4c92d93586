"""draw(), and what a Drawing can do."""

from __future__ import annotations

import shutil
from pathlib import Path

import graphviz
import pytest

import autograd
import viz
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
