"""draw(), and what a Drawing can do."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import graphviz
import numpy as np
import pytest

import autograd
import viz
from autograd import Tensor, ops
from tests.viz.graphs import chain, leaf, lecture, square_plus_self
from viz.layout import LayoutError


def test_a_drawing_prints_as_its_text_and_says_what_it_is() -> None:
    drawing = viz.draw(lecture())
    assert str(drawing) == drawing.to_text()
    assert repr(drawing) == (
        "<Drawing of 10 boxes and 9 wires; print(…) is its text, .show() its picture>"
    )
    assert isinstance(drawing.to_dot(), graphviz.Digraph)


@pytest.mark.parametrize(
    ("y", "what"),
    [(3.0, "float"), ([], "an empty list"), ([3.0], "a list of other things"), ("x", "str")],
)
def test_only_tensors_are_drawn(y: object, what: str) -> None:
    with pytest.raises(
        TypeError, match=rf"draw\(\) takes a Tensor or a list of Tensors, not {what}\."
    ):
        viz.draw(y)


def test_text_and_dot_are_saved_as_they_are(tmp_path: Path) -> None:
    drawing = viz.draw(lecture())
    text = drawing.save(tmp_path / "a.txt")
    dot = drawing.save(str(tmp_path / "a.DOT"))
    assert text.read_text("utf-8") == drawing.to_text("utf-8") + "\n"
    assert dot.read_text("utf-8") == drawing.to_dot().source
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.DOT", "a.txt"]


def test_the_svg_of_a_drawing_is_what_save_writes(tmp_path: Path) -> None:
    drawing = viz.draw(lecture())
    path = drawing.save(tmp_path / "a.svg")
    assert path.read_text("utf-8") == drawing.to_svg() == drawing._repr_svg_()


def test_a_graph_that_cannot_be_placed_has_no_picture_in_a_notebook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: object) -> None:
        raise LayoutError("too large")

    monkeypatch.setattr("viz.svg.place", refuse)
    assert viz.draw(lecture())._repr_svg_() is None


def test_the_prompt_of_ipython_shows_the_text() -> None:
    drawing, printed = viz.draw(lecture()), []
    printer = SimpleNamespace(text=printed.append)
    drawing._repr_pretty_(printer, False)
    drawing._repr_pretty_(printer, True)
    assert printed == [drawing.to_text(), repr(drawing)]


def test_json_is_what_save_writes(tmp_path: Path) -> None:
    drawing = viz.draw(lecture())
    assert drawing.save(tmp_path / "a.json").read_text("utf-8") == drawing.to_json()


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
    assert result(viz.draw_backward(y), "∂y/∂x") == (12.0,)
    (slope,) = autograd.grad(y, x, create_graph=True)
    assert result(viz.draw_backward(slope), "∂slope/∂x") == (12.0,)
    assert x.grad is None


def test_the_backward_drawing_pairs_each_operation_with_its_gradient() -> None:
    x = leaf(2.0, "x")
    boxes = viz.draw_backward(x.exp() * x).view.boxes
    pairs = [(box.label, box.pair) for box in boxes if box.kind == "operation"]
    assert sorted(pairs) == [
        ("+", "∂"), ("exp", "1"), ("×", "2"), ("×", "∂1"), ("×", "∂2"), ("×", "∂2"),
    ]  # fmt: skip


def result(drawing: viz.Drawing, label: str) -> tuple[float, ...] | None:
    """The numbers of the output with that label."""
    (box,) = [box for box in drawing.view.boxes if (box.kind, box.label) == ("output", label)]
    (value,) = [wire.value for wire in drawing.view.wires if wire.target == box.id]
    return value.numbers if value is not None else None


def test_the_backward_drawing_has_gradients_of_its_own_if_asked_for() -> None:
    x = leaf(2.0, "x")
    drawing = viz.draw_backward(x * x * x, "both")
    trunk = next(wire for wire in drawing.view.wires if wire.name == "x")
    assert trunk.gradient is not None and trunk.gradient.numbers == (12.0,)


def test_a_leaf_that_nobody_holds_has_its_place_in_the_backward_drawing() -> None:
    drawing = viz.draw_backward(square_plus_self())
    assert result(drawing, "∂y/∂x") == (7.0,)
    assert result(drawing, "y") == (12.0,)


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
        viz.draw_backward([x * x, x * 3.0])


@pytest.mark.parametrize("made_by", [list, np.array, Tensor])
def test_the_gradient_that_arrives_at_the_backward_pass_is_named(
    made_by: Callable[[list[float]], object],
) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    loss_each = x * x
    boxes = viz.draw_backward(loss_each, gradient=made_by([1.0, 2.0])).view.boxes
    assert [box.label for box in boxes if box.kind == "input"] == ["x", "∂L/∂loss_each"]


def test_a_named_gradient_keeps_its_name_in_the_backward_pass() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    boxes = viz.draw_backward(x * x, gradient=Tensor([1.0, 2.0], name="g")).view.boxes
    assert [box.label for box in boxes if box.kind == "input"] == ["x", "g"]


@pytest.mark.parametrize("draw", [viz.draw, viz.draw_backward])
def test_an_unknown_option_is_refused_by_the_function_that_was_called(
    draw: Callable[..., viz.Drawing],
) -> None:
    with pytest.raises(TypeError, match=rf"^{draw.__name__}\(\) got an unexpected .* 'colour'"):
        draw(lecture(), colour="red")


def test_the_backward_drawing_takes_the_options_of_draw() -> None:
    known = inspect.signature(viz.draw).parameters
    taken = inspect.signature(viz.draw_backward).parameters
    assert [name for name in known if name != "steps"] == list(taken)
    same = [name for name in taken if name not in ("y", "mode")]
    assert all(known[name].default == taken[name].default for name in same)


def test_two_graphs_are_drawn_in_one_picture() -> None:
    x = leaf(3.0, "x")
    before, after = x * 2.0, (x * 2.0).exp()
    union = viz.diff(before, viz.draw(after, theme="dark"))
    changes = {box.label: box.change for box in union.view.boxes if box.kind == "operation"}
    assert changes == {"×": "", "exp": "added"} and union.style.theme == "dark"
    assert viz.diff(before, before, mode="forward").style.mode == "forward"


@pytest.mark.parametrize("opens", [True, False])
def test_show_opens_a_page_or_prints_the_text(
    opens: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda uri: opened.append(uri) or opens)
    drawing = viz.draw(lecture())
    drawing.show()
    assert opened[0].startswith("file://") and opened[0].endswith("drawing.html")
    assert capsys.readouterr().out == ("" if opens else f"{drawing.to_text()}\n")


def test_show_in_a_notebook_displays_the_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    shell = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1))
    monkeypatch.setitem(sys.modules, "IPython", shell)
    display = SimpleNamespace(display=shown.append)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    drawing = viz.draw(lecture())
    drawing.show()
    assert shown == [drawing]


def test_a_drawing_of_few_operations_is_saved_as_a_page_that_steps(tmp_path: Path) -> None:
    def page(drawing: viz.Drawing) -> str:
        return drawing.save(tmp_path / "a.html").read_text("utf-8")

    assert 'id="steps"' in page(viz.draw(lecture()))
    assert 'id="steps"' not in page(viz.draw(lecture(), steps=False))
    assert 'id="steps"' not in page(viz.draw(lecture(), mode="forward"))
    assert viz.draw(chain(100)).walk is None
    assert viz.draw(chain(100), steps=True).walk is not None
    x = leaf(2.0, "x")
    assert viz.draw([x * 2.0, x * 3.0]).walk is None
    assert viz.draw(Tensor(1.0), steps=True).walk is None
    array = Tensor([1.0, 2.0], requires_grad=True, name="a")
    assert 'id="steps"' in page(viz.draw(array * 3.0, gradient=[1.0, 10.0]))


def test_diff_names_itself_for_what_it_does_not_take() -> None:
    with pytest.raises(TypeError, match=r"diff\(\) takes two Tensors or drawings, not dict\."):
        viz.diff(viz.draw(lecture()), {})


def test_a_line_of_the_library_is_not_given_as_the_users() -> None:
    x = leaf(2.0, "x")
    made = {box.where.partition(":")[0] for box in viz.draw_backward(x * x * x).view.boxes}
    assert made == {"", "test_drawing.py"}
