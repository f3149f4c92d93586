"""Modules shown as one box: their wires, their gradients, and circles that must not come about."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

import autograd
from autograd import Tensor, ops, scope
from tests.viz.graphs import leaf, stack, two_layers
from viz.boxes import Box, View, Wire
from viz.view import Selection, view_of
from viz.view.folding import by_depth, deepest, shown, unfold_circles
from viz.view.graph import Graph


def folded(y: Tensor, depth: int = 0, **options: object) -> View:
    return view_of([y], select=Selection(depth=depth), **options)


def box(view: View, label: str) -> Box:
    return next(box for box in view.boxes if box.label == label)


def into(view: View, label: str) -> list[Wire]:
    return [wire for wire in view.wires if wire.target == box(view, label).id]


def number(wire: Wire) -> float:
    assert wire.gradient is not None and wire.gradient.numbers is not None
    return float(wire.gradient.numbers[0])


def test_modules_inside_as_many_others_as_asked_for_are_one_box() -> None:
    kinds = {d: [b.label for b in folded(two_layers(), d).boxes] for d in range(3)}
    assert kinds[0] == ["x", "net", "Σ", "v2"]
    assert kinds[1] == ["x", "fc1", "act", "fc2", "Σ", "v4"]
    assert len(kinds[2]) == 12


def test_a_folded_module_says_what_it_is_what_it_learns_and_how_steep_it_is() -> None:
    view = folded(two_layers())
    full = view_of([two_layers()])
    net = box(view, "net")
    parameters = [w for w in full.wires if w.name.endswith(("weight", "bias"))]
    assert (net.kind, net.details, net.parameters) == ("module", ("MLP",), 23)
    assert net.gradient is not None and net.gradient.shape == (23,)
    assert net.gradient.norm == pytest.approx(math.hypot(*[w.gradient.norm for w in parameters]))
    assert net.gradient.largest == max(w.gradient.largest for w in parameters)
    assert net.results == ("v1",)


def test_a_module_without_parameters_has_no_gradient_of_its_own() -> None:
    act = box(folded(two_layers(), 1), "act")
    assert act.parameters == 0 and act.gradient is None


def test_a_gradient_into_a_folded_module_is_the_sum_over_its_uses_there() -> None:
    x = leaf(3.0, "x")
    with scope("poly"):
        y = x * x + x
    view = folded(y)
    assert [number(wire) for wire in into(view, "poly")] == []  # x is a parameter of poly
    view = folded(y, params={"w": leaf(1.0)})
    assert [number(wire) for wire in into(view, "poly")] == [7.0]
    assert len(view.wires) == 2


def test_a_value_that_its_own_module_uses_too_brings_back_what_comes_from_outside() -> None:
    x = leaf(2.0, "x")
    with scope("block"):
        h = x * 3.0
        h.name = "h"
        side = h * 10.0
    y = h * 5.0 + side + h
    view = folded(y, params={"w": leaf(1.0)})
    trunk = next(w for w in view.wires if w.parts)
    assert trunk.name == "h" and number(trunk) == 6.0
    assert [part.numbers for part in trunk.parts] == [(5.0,), (1.0,)]
    assert [number(wire) for wire in into(view, "block")] == [3.0 * 16.0]


def test_a_total_counts_the_uses_inside_the_module_as_well() -> None:
    x = leaf(2.0, "x")
    with scope("block"):
        h = x * 3.0
        h.name = "h"
        side = h * 10.0
    once, twice = h * 5.0 + side, h * 5.0 + side + h
    for y, total in ((once, 15.0), (twice, 16.0)):
        view = folded(y, params={"w": leaf(1.0)}, grads="total")
        assert {number(wire) for wire in view.wires if wire.name == "h"} == {total}


def test_outputs_seed_what_comes_back_to_a_folded_module() -> None:
    with scope("block"):
        h = leaf(2.0) * 3.0
        h.name = "h"
        y = h * 10.0
    view = view_of([h, y, h * 4.0], select=Selection(depth=0))
    trunk = next(w for w in view.wires if w.parts)
    assert trunk.name == "h" and number(trunk) == 5.0


def test_an_operation_with_several_outputs_hides_in_a_folded_module() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    with scope("net"):
        low, high = ops.split(x * 2.0, 2)
    y = (low * high * high).sum()
    view = folded(y, params={"w": leaf(1.0)})
    assert box(view, "net").results == ("v1", "v2")
    assert into(view, "net")[0].gradient.numbers == (32.0, 32.0)


def test_of_many_values_that_leave_a_module_none_is_listed() -> None:
    x = Tensor(np.ones(4), requires_grad=True)
    with scope("net"):
        parts = ops.split(x * 2.0, 4)
    view = folded(ops.concatenate(parts).sum())
    assert box(view, "net").results == ()
    assert len([wire for wire in view.wires if wire.source == box(view, "net").id]) == 4


def test_a_checkpoint_in_a_folded_module_is_drawn() -> None:
    w = leaf(2.0, "w")
    with scope("net"):
        y = autograd.checkpoint(lambda x: x * x * w, leaf(3.0, "x"))
    assert [b.label for b in view_of([y]).boxes if b.kind == "operation"] == ["↻"]
    net = box(folded(y), "net")
    assert net.parameters == 2 and net.gradient.norm == pytest.approx(math.hypot(12.0, 9.0))


def test_the_gradients_of_a_freed_graph_stay_unknown_in_a_folded_module() -> None:
    x = Tensor(np.ones(100), requires_grad=True, name="x")
    with scope("net"):
        y = ((x * x) * x).sum()
    y.backward()
    view = folded(y)
    assert box(view, "net").gradient is None
    assert any("Some gradients (–) were not computed." in note for note in view.notes)


def test_depth_counts_the_modules_around_the_deepest_box() -> None:
    assert deepest(Graph([two_layers().node])) == 2
    assert deepest(Graph([leaf(1.0).node])) == 0


def test_a_module_that_waits_for_another_thread_is_left_open_if_it_would_depend_on_itself() -> None:
    x, results = leaf(2.0, "x"), []
    with scope("mine"):
        h = x * 3.0
        thread = threading.Thread(target=lambda: results.append(h * 4.0))
        thread.start()
        thread.join()
        y = results[0] + h
    view = folded(y)
    assert [b.kind for b in view.boxes].count("operation") == 3
    assert not any(b.kind == "module" for b in view.boxes)


def test_only_what_lies_on_a_circle_is_unfolded() -> None:
    y = stack(3)
    graph = Graph([y.node])
    folds = by_depth(graph, 0)
    first, _second, third = dict.fromkeys(folds.values())
    for member in third.members:  # as if the first and the third block were one
        folds[member] = first
    first.members += third.members
    unfold_circles(graph, folds)
    assert not folds
    folds = by_depth(graph, 0)
    unfold_circles(graph, folds)
    assert len(shown(graph, folds)) == 5
