"""The gradients of a drawing: from a pass of its own, with a remedy for what it cannot compute."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
from autograd import Tensor, ops, scope
from tests.viz.graphs import leaf, two_layers
from viz.value import Value
from viz.view import REDUCE, Selection, view_of
from viz.view.slopes import Slopes


def gradients(*outputs: Tensor, **options: object) -> list[tuple[float, ...] | None]:
    view = view_of(list(outputs), **options)
    return [wire.gradient.numbers if wire.gradient else None for wire in view.wires]


def test_each_use_has_a_contribution_of_its_own() -> None:
    x = leaf(3.0, "x")
    assert gradients(x * x + x)[:4] == [(7.0,), (3.0,), (3.0,), (1.0,)]


def test_a_gradient_for_each_output_weighs_them() -> None:
    x = leaf(3.0, "x")
    a, b = x * 2.0, x * 5.0
    assert gradients(a, b, gradient=[10.0, 1.0])[0] == (25.0,)
    view = view_of([a, b], gradient=[10.0, 1.0])
    assert view.notes == (
        "Gradients are those of the sum of the 2 outputs, each times the gradient given for it.",
    )
    with pytest.raises(ValueError, match=r"draw\(\): 1 gradients are given for 2 outputs"):
        gradients(a, b, gradient=[1.0])


def test_one_output_twice_counts_twice() -> None:
    y = leaf(3.0, "x") * 2.0
    assert gradients(y, y)[0] == (4.0,)


def test_results_besides_are_shown_and_do_not_count() -> None:
    x = leaf(3.0, "x")
    a, b = x * 2.0, x * 5.0
    view = view_of([a], besides=[b])
    assert [box.kind for box in view.boxes].count("output") == 2
    assert gradients(a, besides=[b])[0] == (2.0,)
    assert not view.notes


def test_an_untracked_output_among_others_has_no_gradient() -> None:
    x = Tensor([3.0, 1.0], requires_grad=True)
    assert gradients(x.sum(), ops.argmax(x))[-2:] == [(1.0,), None]


def test_what_has_no_gradient_at_all_says_why() -> None:
    x = Tensor([3.0, 1.0], requires_grad=True)
    assert view_of([ops.argmax(x)]).notes == ("No gradients (–): argmax has none.",)
    assert not view_of([ops.argmax(x)], explains_gradients=False).notes


def test_an_array_needs_a_gradient_or_a_sum() -> None:
    x = Tensor([3.0, 1.0], requires_grad=True)
    assert view_of([x * 2.0]).notes[0].endswith(f"the output is (2,). {REDUCE}")


def test_an_overwritten_array_leaves_dashes_and_the_reason() -> None:
    x = Tensor(np.ones(100), requires_grad=True, name="x")
    y = (x * x).sum()
    with autograd.no_grad():
        x += 1.0
    view = view_of([y])
    assert gradients(y)[:2] == [None, None]
    assert "was overwritten after the forward pass" in view.notes[0]


def test_the_error_of_a_rule_is_not_swallowed() -> None:
    @autograd.op("faulty")
    def faulty(xp, x):
        """x."""
        return x * 1.0

    faulty.vjp(x=("dx = g / 0", lambda g: 1 // 0))
    with pytest.raises(ZeroDivisionError):
        view_of([faulty(leaf(1.0))])


def test_nan_and_infinity_of_parameters_are_not_lost_in_their_sum() -> None:
    def known(*numbers: float) -> Value | None:
        slopes, leaves = Slopes(), [leaf(x).node for x in numbers]
        for node, x in zip(leaves, numbers, strict=True):
            slopes.learned[node] = Value((), (x,), abs(x), abs(x))
        return slopes.of_leaves(leaves)

    assert known() is None
    assert known(3.0, 4.0).norm == 5.0 and known(3.0, 4.0).health == "fine"
    assert known(0.0, 0.0).health == "zero"
    assert known(1.0, math.inf).health == "bad"
    assert known(1.0, math.nan, 2.0).health == "bad" and known(math.nan, 1.0).health == "bad"


def test_a_parameter_without_gradient_leaves_that_of_its_module_open() -> None:
    slopes, leaves = Slopes(), [leaf(1.0).node, leaf(2.0).node]
    slopes.learned[leaves[0]] = Value((), (1.0,), 1.0, 1.0)
    assert slopes.of_leaves(leaves) is None


def test_large_gradients_of_parameters_do_not_overflow_in_their_norm() -> None:
    w = Tensor([1e-200, 1e-200], requires_grad=True, dtype="float64")
    with scope("net"):
        y = w * 1e250
    view = view_of([y.sum()], select=Selection(depth=0))
    module = next(box for box in view.boxes if box.kind == "module")
    assert module.gradient.norm == pytest.approx(math.sqrt(2) * 1e250)


def test_a_pass_that_breaks_off_shows_no_half_sums() -> None:
    x = Tensor(np.ones(100), requires_grad=True, name="x")
    with scope("net"):
        h = x * 2.0
        side = h * h
    y = (h + side + h).sum()
    y.backward()
    view = view_of([y], select=Selection(depth=0), params={"w": leaf(1.0)})
    trunk = next(w for w in view.wires if w.source == view.boxes[1].id)
    assert view.boxes[1].kind == "module" and trunk.gradient is None and not trunk.parts


def test_drawing_leaves_no_gradient_behind() -> None:
    y = two_layers()
    view_of([y], select=Selection(depth=0))
    leaves = [node.tensor() for node in autograd.graph.ancestors([y.node]) if node.tensor]
    assert all(t is None or t.grad is None for t in leaves)
