"""The steps of a page as data: their numbers, words, and the ids that they point at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, backend, checkpoint, grad, ops
from autograd.graph import constant
from autograd.timeline import Timeline
from tests.autograd.registry import DIFFERENTIABLE, outputs_of, run, tensors
from tests.samples import Sample
from tests.viz.graphs import chain, leaf, lecture, matrix, square_plus_self, two_layers
from viz.boxes import View
from viz.value_names import ValueNames
from viz.view import Selection, Trace, view_of
from viz.walk import Walk, walk_of


def walked(y: Tensor, **options: Any) -> tuple[View, Walk]:
    """The view of y, and the walk through it."""
    trace = Trace()
    view = view_of([y], trace=trace, **options)
    return view, walk_of(Timeline(y, forward=True), trace, ValueNames([constant(y)], {}, {}))


def texts(walk: Walk, key: str) -> list[str | None]:
    """What the steps say under a key that refers to a value."""
    return [walk.values[step[key]]["text"] if key in step else None for step in walk.steps]


def test_the_lecture_has_four_forward_steps_the_seed_and_eight_contributions() -> None:
    _, walk = walked(lecture())
    assert [step["kind"] for step in walk.steps] == ["forward"] * 4 + ["seed"] + ["edge"] * 8
    assert walk.total == 13
    assert texts(walk, "value")[:4] == ["200", "450", "650", "715"]
    products = ["1.1", "650", "1.1", "1.1", "3.3", "165", "2.2", "110"]
    assert texts(walk, "result")[4:] == ["1", *products]
    assert texts(walk, "local")[5:] == ["1.1", "650", "1", "1", "3", "150", "2", "100"]
    ups = [walk.values[step["up"][0]]["text"] for step in walk.steps[5:]]
    assert ups == ["1"] * 2 + ["1.1"] * 6


def test_a_step_names_its_receiver_its_rule_and_the_line() -> None:
    _, walk = walked(lecture())
    step = walk.steps[12]
    assert (step["to"], step["named"], step["at"]) == ("사과 개수", 1, 1)
    assert step["rule"] == "∂z/∂y = x = 사과 가격"
    operation = walk.operations[step["of"]]
    assert operation["op"] == "×" and operation["line"].startswith("graphs.py:")
    assert operation["code"].startswith("apples = leaf(100.0")
    assert (walk.steps[5]["to"], walk.steps[5]["named"]) == ("650", 0)


def test_wires_and_boxes_are_those_of_the_view() -> None:
    view, walk = walked(lecture())
    gradients = {wire.id: wire.gradient for wire in view.wires}
    for step in walk.steps[4:]:
        gradient = gradients[step["wire"]]
        assert gradient is not None and gradient.numbers is not None
        assert f"{gradient.numbers[0]:.4g}" == walk.values[step["result"]]["text"]
    boxes = {box.id: box.label for box in view.boxes}
    assert all(boxes[operation["box"]] == operation["op"] for operation in walk.operations)


def test_a_value_used_three_times_says_its_sum_so_far() -> None:
    view, walk = walked(square_plus_self())
    into_x = [step for step in walk.steps if step["kind"] == "edge" and step["to"] == "x"]
    assert [step["count"] for step in into_x] == [[1, 3], [2, 3], [3, 3]]
    assert [walk.values[step["sum"]]["text"] for step in into_x] == ["1", "4", "7"]
    assert [step.get("parts") for step in into_x] == [None, "1 + 3", "1 + 3 + 3"]
    branch = {wire.target for wire in view.wires if wire.id == into_x[0]["trunk"]}
    assert branch == {box.id for box in view.boxes if box.kind == "branch"}


def test_matrices_come_with_the_shapes_in_their_rule_and_the_terms_of_their_sums() -> None:
    _, walk = walked(two_layers().sum())
    step = next(step for step in walk.steps if step.get("to") == "net.fc1.weight")
    assert step["rule"] == "dnet.fc1.weight (4, 3) = xᵀ (4, 2) @ G (2, 3)"
    assert "local" not in step and len(step["terms"]) == 12
    assert walk.operations[step["of"]]["module"] == "net.fc1"


def test_events_inside_folded_modules_are_left_out() -> None:
    view, walk = walked(two_layers().sum(), select=Selection(depth=0))
    wires = {wire.id for wire in view.wires}
    assert walk.total == 18 and len(walk.steps) < 10
    assert all(step["wire"] in wires for step in walk.steps if step["kind"] == "edge")


def test_each_wire_out_of_hidden_ones_is_one_step() -> None:
    _, walk = walked(chain(200), select=Selection(max_nodes=10))
    edges = [step["wire"] for step in walk.steps if step["kind"] == "edge"]
    assert walk.total == 601 and len(edges) == len(set(edges)) < 30


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_what_is_said_of_an_operation_multiplies_and_adds_up(sample: Sample) -> None:
    with backend.quiet():
        outputs = outputs_of(run(sample, tensors(sample)))
        y = sum(((out * out).sum() for out in outputs[1:]), (outputs[0] * outputs[0]).sum())
    trace = Trace()
    view_of([y], trace=trace)
    names = ValueNames([constant(y)], {}, {})
    walk = walk_of(Timeline(y, forward=True), trace, names, precision=17)
    for step in [step for step in walk.steps if step["kind"] == "edge"]:
        up, result = numbers(walk, step["up"][0]), numbers(walk, step["result"])
        if "local" in step:
            local = numbers(walk, step["local"])
            assert np.allclose(up * local, result, rtol=1e-4, atol=1e-6, equal_nan=True)
        for terms, expected in zip(step.get("terms", ()), result, strict=False):
            total = sum(up[i] * float(x) for i, x in zip(terms[::2], terms[1::2], strict=True))
            assert np.isclose(total, expected, rtol=1e-4, atol=1e-6)


def numbers(walk: Walk, place: int) -> np.ndarray:
    """The numbers of a value, as a vector."""
    value = walk.values[place]
    cells = value["cells"] if "cells" in value else [[value["text"]]]
    return np.array([float(text) for row in cells for text in row if "empty" not in text])


def test_an_operation_with_several_outputs_and_a_second_derivative_are_walked_too() -> None:
    x = matrix(2, 4, "x")
    values, _ = ops.topk(x, 2)
    _, walk = walked((values * values).sum())
    assert [s["to"] for s in walk.steps if s["kind"] == "edge"][-1] == "x"
    t = leaf(2.0, "t")
    (slope,) = grad(t * t * t, [t], create_graph=True)
    _, walk = walked(slope)
    last = [s for s in walk.steps if s.get("to") == "t"][-1]
    assert np.isclose(float(walk.values[last["sum"]]["text"]), 12.0)


def test_a_checkpoint_is_an_operation_without_a_rule_and_is_not_run_for_one() -> None:
    runs = []

    def squared(x: Tensor) -> Tensor:
        runs.append(x)
        return x * x

    trace, x = Trace(), matrix(2, 2, "x")
    y = checkpoint(squared, x).sum()
    view_of([y], trace=trace)
    timeline = Timeline(y, forward=True)
    runs.clear()
    last = walk_of(timeline, trace, ValueNames([constant(y)], {}, {})).steps[-1]
    assert last["to"] == "x" and not last.keys() & {"rule", "local", "terms"} and not runs
