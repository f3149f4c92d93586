"""From the graph to boxes and wires."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import numpy as np
import pytest

import autograd
import viz
from autograd import Tensor
from autograd.op import op
from tests.viz.graphs import GRADIENTS, VALUES, chain, leaf, lecture, square_plus_self
from viz import format
from viz.boxes import View
from viz.view import Selection, view_of


def values(view: View) -> list[str]:
    return [format.in_line(wire.value) if wire.value else "" for wire in view.wires]


def gradients(view: View) -> list[str]:
    return [format.in_line(w.gradient) if w.gradient else "–" for w in view.wires]


@op("split", outputs=("low", "high"))
def halves(xp, x):
    """The two halves of x, one after the other."""
    return x[:1], x[1:]


halves.vjp(x=("dx = concatenate((g0, g1))", lambda g, xp: xp.concatenate(g)))


def test_the_lectures_numbers_stand_on_the_wires_in_reading_order() -> None:
    view = view_of([lecture()])
    assert values(view) == VALUES
    assert gradients(view) == GRADIENTS


def test_ids_count_boxes_and_wires_and_follow_the_graph_alone() -> None:
    first, second = view_of([lecture()]), view_of([lecture()])
    assert [box.id for box in first.boxes] == [f"n{i}" for i in range(len(first.boxes))]
    assert [wire.id for wire in first.wires] == [f"e{i}" for i in range(len(first.wires))]
    assert first == second


def test_every_wire_runs_from_an_earlier_box_to_a_later_one() -> None:
    view = view_of([square_plus_self()])
    assert all(int(w.source[1:]) < int(w.target[1:]) for w in view.wires)


def test_a_value_used_three_times_passes_a_branch_with_its_contributions() -> None:
    view = view_of([square_plus_self()])
    assert [box.kind for box in view.boxes] == [
        "input",
        "branch",
        "operation",
        "operation",
        "output",
    ]
    trunk, *branches = view.wires
    assert [part.numbers for part in trunk.parts] == [(3.0,), (3.0,), (1.0,)]
    assert gradients(view) == ["7", "3", "3", "1", "1", "1"]
    assert {wire.source for wire in branches[:2]} == {trunk.target}


def test_totals_stand_on_every_wire_of_a_value_if_asked_for() -> None:
    view = view_of([square_plus_self()], grads="total")
    assert gradients(view) == ["7", "7", "7", "1", "7", "1"]
    assert not view.wires[0].parts


def test_without_gradients_no_pass_is_run() -> None:
    view = view_of([lecture()], grads=False)
    assert set(gradients(view)) == {"–"} and not view.notes


def test_the_outputs_of_one_operation_are_wires_of_one_box() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    low, high = halves(x)
    view = view_of([low * high * high])
    assert [box.label for box in view.boxes].count("split") == 1
    box = next(box for box in view.boxes if box.label == "split")
    assert box.results == ("v1", "v2")
    assert gradients(view)[0] == "[4 4]"


def test_an_unused_output_is_not_drawn() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    view = view_of([halves(x)[1] * 3.0])
    assert gradients(view)[0] == "[0 3]"
    assert [wire.name for wire in view.wires] == ["x", "v1", "", "v2"]


def test_an_optional_input_left_out_has_no_wire() -> None:
    @op("+?")
    def plus(xp, x, y=None):
        """x, or x + y."""
        return x * 1.0 if y is None else x + y

    plus.vjp(x=("dx = g", lambda g: g), y=("dy = g", lambda g: g))
    assert len(view_of([plus(leaf(1.0, "x"))]).wires) == 2


def test_several_outputs_get_the_gradients_of_their_sum_and_say_so() -> None:
    x = leaf(3.0, "x")
    view = view_of([x * 2.0, x * x])
    assert gradients(view)[0] == "8"
    assert view.notes == ("Gradients are those of the sum of the 2 outputs.",)


def test_an_output_that_is_used_further_counts_both_ways() -> None:
    x = leaf(3.0, "x")
    h = x * 2.0
    view = view_of([h, h * 5.0])
    trunk = next(wire for wire in view.wires if wire.parts)
    assert [part.numbers for part in trunk.parts] == [(5.0,), (1.0,)]


def test_an_array_has_no_gradients_unless_one_is_given() -> None:
    x = Tensor(np.ones((4, 3)), requires_grad=True, name="x")
    y = x * 2.0
    view = view_of([y])
    assert set(gradients(view)) == {"–"}
    assert view.notes[0].startswith("Gradients (–) need a single number, and the output is (4, 3).")
    assert gradients(view_of([y], gradient=np.ones((4, 3))))[0] == "(4, 3) norm 6.928"
    with pytest.raises(autograd.ShapeError, match=r"the gradient is \(2,\)"):
        view_of([y], gradient=np.ones(2))


def test_an_untracked_output_is_drawn_without_gradients_and_says_so() -> None:
    view = view_of([Tensor(2.0, name="x")])
    assert gradients(view) == ["–"]
    assert view.notes[0].startswith("No gradients (–): the output was not computed from an input")


def test_drawing_changes_no_gradient_and_runs_no_hook() -> None:
    x = leaf(3.0, "x")
    y = x * x
    calls: list[Tensor] = []
    x.register_hook(lambda g: calls.append(g))
    view_of([y])
    assert x.grad is None and not calls
    y.backward()
    assert x.grad is not None and x.grad.item() == 6 and len(calls) == 1


def test_drawing_works_under_no_grad_and_in_anomaly_mode() -> None:
    x = leaf(0.0, "x")
    y = x * float("nan")
    with autograd.no_grad(), autograd.detect_anomaly():
        assert gradients(view_of([y]))[0] == "nan"


def test_an_expression_draws_in_full_after_its_graph_was_freed() -> None:
    y = square_plus_self()
    y.backward()
    assert gradients(view_of([y])) == ["7", "3", "3", "1", "1", "1"]


def test_freed_arrays_leave_dashes_and_a_remedy() -> None:
    x = Tensor(np.ones(100), requires_grad=True, name="x")
    y = (x * x).sum()
    y.backward()
    view = view_of([y])
    assert gradients(view) == ["–", "–", "–", "(100,) norm 10", "1"]
    assert "freed by an earlier backward(). Pass retain_graph=True" in view.notes[0]


def test_sums_into_the_hidden_box_are_not_shown_if_the_pass_broke_off() -> None:
    x = Tensor(np.ones(100), requires_grad=True, name="x")
    y = ((x * x) * x + x).sum()
    y.backward()
    view = view_of([y], select=Selection(max_nodes=2))
    assert gradients(view)[0] == "–"


def test_large_values_are_not_kept_unless_asked_for() -> None:
    x = Tensor(np.ones(100), requires_grad=True, name="x")
    view = view_of([(x * 2.0).sum()])
    assert values(view) == ["(100,) norm 10", "2", "(100,) (not kept)", "200"]
    assert view.notes == (
        "Values (not kept) appear if the graph is built under autograd.keep_values().",
    )
    with autograd.keep_values():
        kept = (x * 2.0).sum()
    assert values(view_of([kept]))[2] == "(100,) norm 20"


def test_a_long_chain_hides_its_middle_and_counts_it() -> None:
    view = view_of([chain(1_000)], select=Selection(max_nodes=10))
    hidden = next(box for box in view.boxes if box.kind == "hidden")
    assert hidden.label == "… 992 more" and view.hidden == 992
    kinds = [box.kind for box in view.boxes if box.kind in ("input", "operation")]
    assert len(kinds) == 10
    assert view.boxes[0].label == "first" and view.boxes[-1].label == "last"
    assert view.notes[0].startswith("992 of 1,002 inputs and operations, those in the middle,")
    assert set(gradients(view)) == {"1", "1000", "992"}


def test_several_values_out_of_the_hidden_box_share_a_wire() -> None:
    leaves = [leaf(float(i)) for i in range(20)]
    view = view_of([_gather(*leaves)], select=Selection(max_nodes=4))
    wire = next(wire for wire in view.wires if wire.count > 1)
    assert wire.name == "17 values" and wire.value is None and wire.gradient is None


@op("gather")
def _gather(xp, *xs):
    """The sum of xs."""
    return sum(xs[1:], xs[0])


_gather.vjp(xs=("dx = g", lambda g: g))


@pytest.mark.parametrize("max_nodes", [1, 2, 3, 7, 8])
def test_any_number_of_boxes_can_be_asked_for(max_nodes: int) -> None:
    view = view_of([lecture()], select=Selection(max_nodes=max_nodes))
    shown = [box for box in view.boxes if box.kind in ("input", "operation")]
    assert len(shown) == max_nodes and view.hidden == 9 - max_nodes
    assert all(int(w.source[1:]) < int(w.target[1:]) for w in view.wires)


def test_no_boxes_and_too_many_wires_are_refused() -> None:
    with pytest.raises(ValueError, match="max_nodes is 0; at least 1"):
        view_of([lecture()], select=Selection(max_nodes=0))
    x = leaf(1.0, "x")
    with pytest.raises(ValueError, match=r"101 wires .* at most 100 are drawn"):
        view_of([_gather(*[x] * 100)], select=Selection(max_nodes=5))


def test_reuse_that_doubles_at_every_step_is_drawn_in_linear_time() -> None:
    y = leaf(1.0, "x")
    for _ in range(60):
        y = y + y
    view = view_of([y])
    assert gradients(view)[0] == format.number(2.0**60)
    assert len(view.wires) == 60 * 3 + 1


def test_a_graph_of_a_hundred_thousand_nodes_is_drawn() -> None:
    assert view_of([chain(100_000)]).hidden == 100_002 - 300


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_drawing_holds_no_graph(without_collector: None) -> None:
    y = square_plus_self()
    node = autograd.graph.weakref.ref(y.node)
    drawing = viz.draw(y)
    del y
    assert node() is None and drawing.view.wires
