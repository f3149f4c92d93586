"""What is left out: all that is far from one tensor, or the middle."""

from __future__ import annotations

import pytest

from autograd import Tensor, scope
from tests.viz.graphs import chain, leaf, lecture, transformer, two_layers
from viz.boxes import View
from viz.view import Selection, view_of


def labels(view: View) -> list[str]:
    return [box.label for box in view.boxes]


def operations(view: View) -> int:
    return sum(box.kind == "operation" for box in view.boxes)


def test_around_a_tensor_only_its_neighbourhood_is_shown() -> None:
    x = leaf(1.0, "x")
    steps = [x]
    for i in range(20):
        steps.append(steps[-1] * leaf(1.0, f"w{i}"))
    view = view_of([steps[-1]], around=steps[10], select=Selection(hops=1))
    assert operations(view) == 3
    assert labels(view)[0] == "… 17 more" and labels(view)[-2] == "… 18 more"
    assert {"w8", "w9", "w10"} <= set(labels(view)) and "w11" not in labels(view)
    assert view.hidden == 35
    assert view.notes[0] == (
        "35 inputs and operations more than 1 away from what was asked for stand in dashed boxes. "
        "hops=2 shows more."
    )


def test_no_hops_show_an_operation_with_its_leaves() -> None:
    y = lecture()
    view = view_of([y], around="최종 금액", select=Selection(hops=0))
    assert operations(view) == 1 and "소비세" in labels(view) and view.hidden == 7


def test_enough_hops_show_everything_and_say_nothing() -> None:
    assert view_of([lecture()], around="소비세", select=Selection(hops=9)) == view_of([lecture()])


def test_a_name_stands_for_every_value_that_bears_it() -> None:
    h = leaf(1.0, "x")
    for _ in range(2):
        h = h * leaf(2.0, "w")
        for _ in range(6):
            h = h * 1.0
    view = view_of([h], around="w", select=Selection(hops=1))
    assert labels(view).count("w") == 2
    assert [box.kind for box in view.boxes].count("hidden") == 2


def test_a_name_is_found_as_it_is_shown_whatever_its_length_and_from_anywhere() -> None:
    x, w, v = leaf(1.0, "x" * 60), leaf(2.0), leaf(3.0)
    y = x * w * v
    for name in ("x" * 60, "net.w", "v"):
        view = view_of([y], around=name, params={"net.w": w}, variables={v.node: "v"})
        assert view.boxes


def test_around_a_value_in_a_folded_module_the_module_is_the_middle() -> None:
    view = view_of([two_layers()], around="net.fc2.bias", select=Selection(depth=1, hops=0))
    assert "fc2" in labels(view) and "fc1" not in labels(view)


def test_around_a_weight_of_many_steps_shows_them_on_both_sides_of_what_is_hidden() -> None:
    w, h = leaf(1.0, "w"), leaf(1.0, "x")
    for _ in range(4):
        h = h * w
        for _ in range(5):
            h = h * 1.0
    view = view_of([h], around=w, select=Selection(hops=1))
    assert [box.kind for box in view.boxes].count("hidden") == 4
    assert all(int(wire.source[1:]) < int(wire.target[1:]) for wire in view.wires)


@pytest.mark.parametrize("around", ["nothing", leaf(1.0), Tensor(1.0), leaf(1.0, "other")])
def test_what_is_not_in_the_graph_cannot_be_its_middle(around: object) -> None:
    with pytest.raises(ValueError, match=r"is not in this graph\. Draw what was computed from it"):
        view_of([lecture()], around=around)


def test_only_a_tensor_or_its_name_can_be_the_middle() -> None:
    with pytest.raises(TypeError, match="around is int; it must be a Tensor or its name"):
        view_of([lecture()], around=3)


def test_a_neighbourhood_that_is_too_large_keeps_what_is_nearest() -> None:
    view = view_of([chain(500)], around="one", select=Selection(hops=2, max_nodes=20))
    assert len(view.boxes) < 30 and view.hidden == 502 - 20
    assert len(view.notes) == 1


def test_what_a_drawing_is_around_is_never_hidden() -> None:
    h = leaf(1.0, "x")
    for i in range(500):
        h = h.tanh()
        h.name = f"h{i}"
    view = view_of([h], around="h250", select=Selection(hops=200, max_nodes=10))
    shown = [result for box in view.boxes if box.kind == "operation" for result in box.results]
    assert len(shown) == 10 and "h250" in shown and view.hidden == 501 - 10
    assert view.notes[0].startswith("491 inputs and operations, those farthest from what was")


def test_the_leaves_of_the_first_operation_behind_the_gap_are_shown_with_it() -> None:
    h = leaf(1.0, "x")
    for i in range(30):
        h = h * leaf(2.0, f"w{i}")
    for max_nodes in range(2, 20):
        view = view_of([h], select=Selection(max_nodes=max_nodes))
        shown = [box for box in view.boxes if box.kind in ("input", "operation")]
        assert len(shown) == max_nodes
        hidden = next(box.id for box in view.boxes if box.kind == "hidden")
        if max_nodes > 2:
            assert not any(wire.count > 1 for wire in view.wires if wire.source == hidden)


def test_one_hidden_value_that_is_used_twice_in_one_place_keeps_its_numbers() -> None:
    h = leaf(3.0, "x")
    for _ in range(10):
        h = h * 1.0
    view = view_of([h * h], select=Selection(max_nodes=2))
    into_last = [w for w in view.wires if w.target == view.boxes[-2].id]
    assert [(w.count, w.gradient.numbers) for w in into_last] == [(1, (3.0,))] * 2


def test_folded_modules_count_all_that_they_hold_when_hidden() -> None:
    y = transformer(3)
    view = view_of([y], around="tokens", select=Selection(depth=1, hops=1))
    total = len(view_of([y], grads=False, select=Selection(max_nodes=10_000)).boxes)
    assert 0 < view.hidden < total
    hidden = next(box for box in view.boxes if box.kind == "hidden")
    assert hidden.label == f"… {view.hidden:,} more" and hidden.cluster == ""


def test_a_hidden_weight_stands_in_the_box_of_the_layer_that_needs_it() -> None:
    with scope("far"):
        far = leaf(1.0, "a") * leaf(2.0, "b") * leaf(3.0, "c")
    near = far * leaf(4.0, "d")
    view = view_of([near], around=near, select=Selection(hops=0))
    assert [box.kind for box in view.boxes].count("hidden") == 1
