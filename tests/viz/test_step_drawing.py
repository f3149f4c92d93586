"""The picture in the middle of the pass."""

from __future__ import annotations

from tests.viz.graphs import lecture, square_plus_self, two_layers
from viz.drawing import draw
from viz.step_drawing import drawing_at
from viz.stepping import step
from viz.view import Selection


def test_at_the_end_it_has_the_gradients_of_an_ordinary_drawing() -> None:
    for make in (lecture, square_plus_self, lambda: two_layers().sum()):
        y = make()
        stepper = step(y)
        stepper.goto(len(stepper.events) - 1)
        shown, usual = stepper.draw().view, draw(y).view
        assert [w.gradient for w in shown.wires] == [w.gradient for w in usual.wires]
        assert shown.boxes == usual.boxes


def test_a_branch_has_the_sum_so_far() -> None:
    stepper = step(square_plus_self())
    trunk = next(i for i, w in enumerate(stepper.draw().view.wires) if w.name == "x")
    sums = []
    for index in (1, 2, 3, 4):
        stepper.goto(index)
        g = stepper.draw().view.wires[trunk].gradient
        sums.append(g.numbers if g is not None else None)
    assert sums == [None, (1.0,), (4.0,), (7.0,)]


def test_folded_modules_sum_what_goes_into_them() -> None:
    y = two_layers().sum()
    stepper = step(y)
    drawing = drawing_at(
        [y], stepper.timeline, len(stepper.events) - 1, variables={}, select=Selection(depth=0)
    )
    assert any(box.kind == "module" for box in drawing.view.boxes)
    assert drawing.view.wires[-1].gradient is not None
