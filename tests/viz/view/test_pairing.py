"""Which operation of a backward pass is the gradient of which forward operation."""

from __future__ import annotations

import autograd
import viz
from autograd import Tensor, ops
from tests.viz.graphs import leaf, lecture
from viz.boxes import View
from viz.view import Selection, view_of


def pairs(view: View) -> dict[str, list[str]]:
    """The operations of each pair, by its number."""
    found: dict[str, list[str]] = {}
    for box in view.boxes:
        if box.pair:
            found.setdefault(box.pair, []).append(box.label)
    return found


def test_a_forward_operation_and_those_of_its_gradient_share_a_number() -> None:
    x, y = leaf(3.0, "x"), leaf(4.0, "y")
    view = viz.draw_backward(ops.sin(x * y)).view
    numbers = pairs(view)
    assert numbers["1"] == ["×"] and numbers["2"] == ["sin"]
    assert numbers["∂2"] == ["cos", "×"] and numbers["∂1"] == ["×", "×"]


def test_a_plain_graph_has_no_pairs() -> None:
    assert pairs(view_of([lecture()])) == {}


def test_the_sum_of_contributions_belongs_to_the_value_that_they_reach() -> None:
    x = leaf(3.0, "x")
    h = x * 2.0
    view = viz.draw_backward(h * h).view
    assert "+" in pairs(view)["∂1"]


def test_a_second_pass_bears_two_marks() -> None:
    x = leaf(3.0, "x")
    (first,) = autograd.grad(x * x * x, [x], create_graph=True)
    view = viz.draw_backward(first).view
    assert any(pair.startswith("∂∂") for pair in pairs(view))
    forward = {pair for pair in pairs(view) if pair.isdigit()}
    assert {pair.lstrip("∂") for pair in pairs(view)} - {""} == forward


def test_an_operation_whose_forward_one_is_not_shown_has_no_number() -> None:
    x = leaf(3.0, "x")
    (first,) = autograd.grad(ops.exp(x * 2.0) * 5.0, [x], create_graph=True)
    view = view_of([first])
    forward = {pair for pair in pairs(view) if pair.isdigit()}
    assert {pair.lstrip("∂") for pair in pairs(view)} - {""} == forward


def test_the_result_stands_beside_its_backward_pass() -> None:
    x = leaf(3.0, "x")
    y = ops.sin(x)
    y.name = "y"
    outputs = [b.label for b in viz.draw_backward(y).view.boxes if b.kind == "output"]
    assert outputs == ["∂y/∂x", "y"]


def test_a_graph_that_was_built_to_be_differentiated_again_is_drawn_with_its_numbers() -> None:
    x = leaf(3.0, "x")
    (first,) = autograd.grad(x * x * x, [x], create_graph=True)
    view = view_of([first])
    assert {w.gradient.numbers for w in view.wires if w.name == "x" and w.parts} == {(18.0,)}


def test_folded_modules_are_not_numbered() -> None:
    x = Tensor(3.0, requires_grad=True, name="x")
    with autograd.scope("net"):
        y = ops.sin(x * 2.0)
    view = viz.draw_backward(y, depth=0).view
    assert all(box.kind == "operation" for box in view.boxes if box.pair)
    assert viz.draw_backward(y, max_nodes=2).view.hidden
    assert Selection().depth is None
