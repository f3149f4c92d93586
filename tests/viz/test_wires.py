"""The lines of wires, and their arrowheads."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tests.viz.graphs import lecture, square_plus_self
from tests.viz.views import changed, network, number, recurrent, through
from viz import draw
from viz.bezier import length, line, samples
from viz.boxes import View
from viz.figure import figure_of, plan
from viz.labels import OFFSET
from viz.layout import place
from viz.style import Style
from viz.wires import border_of, lines_of

VIEWS = {
    "lecture": draw(lecture()).view,
    "branch": draw(square_plus_self()).view,
    "network": network(),
    "recurrent": recurrent(),
    "changed": changed(),
}


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_wires_run_from_border_to_border_through_their_label(view: View, direction: str) -> None:
    style = Style(direction=direction)
    figure = figure_of(view, style)
    placement = place(plan(figure, style))
    borders = {id: border_of(s, placement.centres[id]) for id, s in figure.shapes.items()}
    lines = lines_of(figure, placement, direction)
    assert list(lines) == [wire.id for wire in view.wires]
    for wire in view.wires:
        made = lines[wire.id]
        tail, head = borders[wire.source], borders[wire.target]
        for stroke, start, end in ((made.forward, tail, head), (made.gradient, head, tail)):
            assert start.distance(stroke.whole[0]) == pytest.approx(0, abs=0.1)
            assert end.distance(stroke.whole[-1]) == pytest.approx(0, abs=0.1)
            assert stroke.head[0] == stroke.whole[-1]
            near = min(math.dist(point, made.centre) for point in samples(stroke.whole))
            assert near == pytest.approx(OFFSET, abs=1.5)


@pytest.mark.parametrize(("direction", "axis", "sign"), [("LR", 1, -1), ("TB", 0, -1)])
def test_the_forward_line_runs_above_or_to_the_left(direction: str, axis: int, sign: int) -> None:
    style = Style(direction=direction)
    figure = figure_of(VIEWS["lecture"], style)
    for made in lines_of(figure, place(plan(figure, style)), direction).values():
        for stroke, side in ((made.forward, sign), (made.gradient, -sign)):
            nearest = min(samples(stroke.whole), key=lambda point: math.dist(point, made.centre))
            assert nearest[axis] - made.centre[axis] == pytest.approx(side * OFFSET, abs=0.1)


def test_the_arrowhead_of_a_short_wire_leaves_some_of_it() -> None:
    view = through(value=number(1.0))
    view = replace(view, boxes=(replace(view.boxes[0], kind="constant"), *view.boxes[1:]))
    figure = figure_of(view, Style())
    placement = place(plan(figure, Style()))
    half, (x, y) = figure.labels["e0"].size[0] / 2, placement.centres["e0"]
    left, right = x - half - 2, x + half + 2
    tail, head = figure.shapes["n0"].width / 2, figure.shapes["n1"].width / 2
    centres = {**placement.centres, "n0": (left - tail, y), "n1": (right + head, y)}
    ends = {"e0a": line((left, y), (x - half, y)), "e0b": line((x + half, y), (right, y))}
    close = replace(placement, centres=centres, curves={**placement.curves, **ends})
    stroke = lines_of(figure, close, "LR")["e0"].forward
    assert length(stroke.whole) < 16 and length(stroke.path) > 0.3 * length(stroke.whole)


def test_a_line_ends_inside_of_its_arrowhead() -> None:
    figure = figure_of(VIEWS["lecture"], Style())
    for made in lines_of(figure, place(plan(figure, Style())), "LR").values():
        tip, left, right = made.forward.head
        end = made.forward.path[-1]
        base = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2)
        assert math.dist(end, tip) < math.dist(base, tip)
