"""Boxes, branches and wires, one after the other."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import numpy as np
import pytest

import autograd
import viz
from autograd import Tensor, ops, scope
from tests.viz.graphs import gated, leaf, lecture, stack, transformer, two_layers
from viz import format
from viz.boxes import View
from viz.view import Selection, leaves_of, view_of


def value_on(view: View, name: str) -> str:
    wire = next(wire for wire in view.wires if wire.name == name)
    assert wire.value is not None
    return format.in_line(wire.value)


def test_an_operation_knows_its_line_its_rules_and_its_results() -> None:
    y = leaf(2.0, "x") * leaf(3.0, "w")
    box = view_of([y]).boxes[2]
    assert (box.label, box.op, box.results) == ("×", "mul", ("v1",))
    assert box.where.startswith("test_building.py:")
    assert box.formulas and all("∂z/∂" in rule or "d" in rule for rule in box.formulas)


def test_a_value_that_was_moved_by_a_change_in_place_is_not_shown_with_the_new_numbers() -> None:
    t, w = Tensor(np.ones(100), name="t"), Tensor(np.ones(100), requires_grad=True, name="w")
    t += w
    view = view_of([(t * 2.0).sum()])
    before, after = [wire.value for wire in view.wires if wire.name == "t"]
    assert before.norm is None and after.norm is None
    small = Tensor([1.0], name="small")
    small += Tensor([5.0], requires_grad=True)
    assert value_on(view_of([small.sum()]), "small") == "[1]"


def test_a_leaf_that_changed_hands_keeps_its_numbers() -> None:
    x = Tensor(np.ones(100), requires_grad=True, name="x")
    h = x * 1.0
    h[0] = 5.0
    view = view_of([h.sum()])
    assert value_on(view, "x") == "(100,) norm 10"


def test_a_leaf_that_nobody_holds_any_more_is_measured_while_it_is_kept() -> None:
    y = Tensor([1.0, 2.0], requires_grad=True, name="x").sum()
    assert value_on(view_of([y]), "x") == "[1 2]"
    large = Tensor(np.ones(100), requires_grad=True, name="x").sum()
    assert value_on(view_of([large]), "x") == "(100,) (not kept)"
    assert [x.shape for x in leaves_of(y)] == [(2,)]


def test_labels_name_outputs_in_their_order() -> None:
    x = leaf(3.0, "x")
    outputs = [x * 1.0, x * 2.0, x * 3.0]
    view = view_of(outputs, labels=["a\nb", None])
    assert [box.label for box in view.boxes if box.kind == "output"] == ["a\\nb", "v2", "v3"]


def test_a_leaf_alone_is_a_picture() -> None:
    view = view_of([leaf(3.0, "x")])
    assert [box.kind for box in view.boxes] == ["input", "output"]
    assert view.wires[0].gradient.numbers == (1.0,)
    constant = view_of([Tensor(2.0)])
    assert [(box.kind, box.label) for box in constant.boxes] == [("constant", "2"), ("output", "2")]


def test_a_value_out_of_a_row_branches_like_any_other() -> None:
    h = stack(3)
    view = view_of([h * h], select=Selection(roll=True))
    assert [box.kind for box in view.boxes].count("branch") == 1


def test_a_loop_of_values_without_names_has_none() -> None:
    h, w = Tensor(1.0), leaf(2.0)
    for _ in range(3):
        with scope("cell"):
            h = h * w
    loop = next(w for w in view_of([h], select=Selection(roll=True)).wires if w.is_loop)
    assert (loop.name, loop.is_named) == ("", False)


def test_the_same_graph_built_twice_gives_the_same_view() -> None:
    for build in (two_layers, lambda: transformer(3), lambda: gated(3), lecture):
        for select in (Selection(), Selection(roll=True), Selection(depth=1, max_nodes=9)):
            views = [view_of([build()], select=select) for _ in range(2)]
            assert views[0] == views[1]


def test_threads_draw_one_graph_at_once() -> None:
    y, views = transformer(4), []

    def draw() -> None:
        views.append(view_of([y], select=Selection(depth=1, roll=True)))

    threads = [threading.Thread(target=draw) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(views) == 8 and all(view == views[0] for view in views)


def test_a_value_used_forty_times_over_has_two_to_the_fortieth_paths() -> None:
    y = leaf(1.0, "x")
    for i in range(40):
        with scope(f"double{i}"):
            y = y + y
    for select in (Selection(), Selection(depth=0), Selection(roll=True), Selection(max_nodes=5)):
        view = view_of([y], params={"w": leaf(1.0)}, select=select)
        assert view.wires[0].gradient.numbers == (2.0**40,)


def test_a_long_chain_is_drawn_in_every_manner() -> None:
    y, one = leaf(1.0, "first"), leaf(1.0, "one")
    for i in range(2_000):
        with scope(f"s{i}"):
            for _ in range(5):
                y = y * one
    labels = [box.label for box in view_of([y], select=Selection(roll=True)).boxes]
    assert labels == ["first", "s ×2000", "v1"]
    assert view_of([y], select=Selection(depth=0)).notes[0].endswith("max_nodes=10002 shows all.")
    assert view_of([y], around="first").hidden > 9_000
    assert len(view_of([y], select=Selection(max_nodes=20_000)).clusters) == 2_000


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    "select",
    [Selection(), Selection(depth=0), Selection(roll=True), Selection(max_nodes=3)],
)
def test_no_drawing_holds_a_graph_or_leaves_one_behind(
    select: Selection, without_collector: None
) -> None:
    for build in (lambda: stack(4), lambda: gated(3), lambda: transformer(2)):
        y = build()
        node = weakref.ref(y.node)
        view = view_of([y], select=select)
        del y
        assert node() is None and view.boxes


def test_a_pass_that_fails_leaves_nothing_behind(without_collector: None) -> None:
    x = Tensor(np.ones(100), requires_grad=True, name="x")
    with scope("net"):
        y = ((x * x) * x).sum()
    y.backward()
    node = weakref.ref(y.node)
    view = view_of([y], select=Selection(depth=0))
    with pytest.raises(ValueError, match="is not in this graph"):
        view_of([y], around="nobody")
    del y
    assert node() is None and view.notes


def test_drawing_follows_a_graph_through_hooks_and_retained_gradients() -> None:
    x = leaf(2.0, "x")
    h = x * 3.0
    h.retain_grad()
    (h * h).backward(retain_graph=True)
    view = view_of([h * h])
    assert value_on(view, "x") == "2" and h.grad.item() == 12.0


def test_a_drawing_hands_all_that_was_asked_for_to_the_view() -> None:
    y = two_layers()
    w = {"w": leaf(1.0)}
    drawing = viz.draw(y, depth=1, roll=True, around="x", hops=1, params=w)
    expected = view_of(
        [y], around="x", params=w, variables={y.node: "y"}, select=Selection(1, True, 1)
    )
    assert drawing.view == expected


def test_values_of_an_overflowing_graph_are_shown_as_they_are() -> None:
    with np.errstate(all="ignore"):
        y = ops.exp(leaf(1e4, "x"))
    view = view_of([y])
    assert view.wires[1].value.health == "bad" and view.wires[0].gradient.health == "bad"
    assert autograd.is_grad_enabled()


def test_a_value_overwritten_after_its_use_is_drawn_with_a_note() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    y = (x + 1.0).sum()
    assert view_of([y]).notes == ()
    with autograd.no_grad():
        x += 5.0
    for depth in (None, 0):
        (note,) = view_of([y], select=Selection(depth=depth)).notes
        assert note.startswith("x: overwritten since, by an optimizer step, copy_ or item")
    assert view_of([(x * 2.0).sum()]).notes == ()
    with scope("inner"):
        y = (x * 2.0).sin() + x.sum()
    data = {"none": Tensor(1.0)}  # so that x is no parameter, and stays outside
    with autograd.no_grad():
        x[0] = 3.0
    assert len(view_of([y.sum()], params=data, select=Selection(depth=0)).notes) == 1


def test_an_overwritten_number_without_a_name_is_noted_too() -> None:
    rates = [Tensor(2.0)]
    y = Tensor(3.0, requires_grad=True) * rates[0]
    with autograd.no_grad():
        rates[0].copy_(Tensor(5.0))
    assert view_of([y], grads=False).notes[0].startswith("a constant: overwritten since")
