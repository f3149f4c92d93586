"""One event in one line."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Tensor, ops
from tests.viz.graphs import leaf, lecture
from viz.event_line import event_line, local_of, number_text
from viz.stepping import step


def test_colour_marks_the_gradient_and_what_is_not_finite() -> None:
    stepper = step(lecture())
    assert "1.1 × 2 = \x1b[35m2.2\x1b[0m" in stepper.line(stepper.events[7], colour=True)
    with np.errstate(all="ignore"):
        y = ops.log(leaf(0.0, "x"))
    stepper = step(y)
    assert "1 × inf = \x1b[1;31minf\x1b[0m" in stepper.line(stepper.events[1], colour=True)


def test_negative_factors_stand_in_parentheses() -> None:
    stepper = step(-leaf(2.0, "x"))
    assert "1 × (-1) = -1" in stepper.line(stepper.events[1])


def test_gradients_are_numbers_small_matrices_or_norms() -> None:
    assert number_text(None) == "–"
    assert number_text(np.float32(2.5).reshape(())) == "2.5"
    assert number_text(np.ones((1, 1))) == "1"
    assert number_text(np.eye(2)) == "[[1 0] [0 1]]"
    assert number_text(np.full((4, 4), 0.5)) == "norm 2"
    assert number_text((np.ones(()), np.zeros(()))) == "1, 0"


@pytest.mark.parametrize(("make", "local"), [(ops.exp, 1.0), (ops.sin, 1.0), (ops.tanh, 1.0)])
def test_the_local_derivative_is_the_rule_run_on_one(make: ops.Op, local: float) -> None:
    stepper = step(make(leaf(0.0, "x")) * 5.0)
    event = stepper.events[-1]
    assert local_of(event, stepper.timeline.numbers(event.index)) == local


def test_an_operation_that_lost_its_arrays_shows_the_contribution_alone() -> None:
    x = leaf(2.0, "x")
    stepper = step(x * 3.0)
    event = stepper.events[-1]
    event.node.kept = None
    line = event_line(stepper.timeline, event, stepper.names)
    assert line.startswith("[1/1] ×  → input 0 (x)        3                 ∂z/∂x = y = 3")


def test_forward_lines_of_functions_and_arrays() -> None:
    x = Tensor(np.ones((2, 3)), requires_grad=True, name="x")
    stepper = step(ops.exp((x @ x.T).sum() * 0.0), forward=True)
    assert [stepper.line(event) for event in stepper.events[:5]] == [
        "[0/11] ᵀ  forward              ᵀ(2, 3) = (3, 2)  x",
        "[1/11] @  forward              (2, 3) @ (3, 2) = (2, 2)  x, v1",
        "[2/11] Σ  forward              Σ(2, 2) = 12      v2",
        "[3/11] ×  forward              12 × 0 = 0        12, 0",
        "[4/11] exp  forward            exp(0) = 1        0",
    ]


def test_longer_symbols_leave_the_columns_where_they_are() -> None:
    stepper = step(ops.exp(leaf(0.0, "x")) * 2.0)
    assert stepper.line(stepper.events[1]).index("1 × 2") == stepper.line(stepper.events[2]).index(
        "2 × 1"
    )
