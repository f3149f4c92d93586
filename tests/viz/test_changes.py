"""Two graphs as one: what was added, what was removed, and which numbers are others."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

import autograd
from autograd import Tensor, ops
from tests.viz.graphs import chain, leaf, lecture, square_plus_self
from viz.boxes import Box, Cluster, View, Wire
from viz.changes import SAME, changed
from viz.value import Value, measure
from viz.view import Selection, view_of


def view(*outputs: Tensor, **options: object) -> View:
    return view_of(list(outputs), select=Selection(max_nodes=100_000), **options)


def network(activation: Callable[[Tensor], Tensor], factor: float = 2.0) -> Tensor:
    x = Tensor([[1.0, 2.0]], name="x")
    w = Tensor([[1.0, -2.0], [3.0, 4.0]], requires_grad=True, name="W")
    return ops.sum(activation(x @ w) * factor)


def marked(union: View, change: str) -> list[str]:
    """The boxes with that change, as kind and label."""
    return [f"{box.kind} {box.label}" for box in union.boxes if box.change == change]


def assert_is_well_formed(union: View) -> None:
    """Fresh ids, topological order, wires in the order of the boxes that they enter."""
    places = {box.id: i for i, box in enumerate(union.boxes)}
    assert [*places] == [f"n{i}" for i in range(len(union.boxes))]
    assert [wire.id for wire in union.wires] == [f"e{i}" for i in range(len(union.wires))]
    assert all(w.is_loop or places[w.source] < places[w.target] for w in union.wires)
    targets = [places[wire.target] for wire in union.wires]
    assert targets == sorted(targets)
    clusters = {"", *(cluster.id for cluster in union.clusters)}
    assert {box.cluster for box in union.boxes} <= clusters
    entered = [wire.target for wire in union.wires]
    branches = [box.id for box in union.boxes if box.kind == "branch"]
    assert all(entered.count(branch) == 1 for branch in branches)


def test_a_graph_and_itself_are_the_same() -> None:
    for y in (lecture(), square_plus_self(), network(ops.relu)):
        one = view(y)
        assert changed(one, one) == replace(one, notes=(SAME, *one.notes))


def test_equal_graphs_of_unlike_order_are_the_same() -> None:
    def y(is_turned: bool) -> View:
        a, b = leaf(2.0, "a"), leaf(3.0, "b")
        terms = [ops.sin(a * b), ops.cos(a * b)]
        return view(
            *(terms[::-1] if is_turned else terms), labels=("s", "c")[:: -1 if is_turned else 1]
        )

    assert changed(y(False), y(True)).notes[0] == SAME


def test_another_operation_at_the_same_place_is_removed_and_added() -> None:
    union = changed(view(network(ops.relu)), view(network(ops.sigmoid)))
    assert marked(union, "removed") == ["operation relu"] and marked(union, "added") == [
        "operation σ"
    ]
    assert union.notes[0] == "1 operation added, 1 removed, 4 wires with other numbers."
    assert_is_well_formed(union)


def test_a_wire_says_what_its_numbers_were() -> None:
    a, b = leaf(2.0, "a"), leaf(3.0, "b")
    old, new = view(a * b), view(leaf(5.0, "a") * leaf(3.0, "b"))
    union = changed(old, new)
    first, second, _ = union.wires
    assert first.change == "changed" and first.old_value == measure(a.data)
    assert first.old_gradient is None and second.old_value is None
    assert second.old_gradient is not None and second.old_gradient.numbers == (2.0,)
    assert union.notes[0] == "3 wires with other numbers."


def test_another_constant_is_changed_and_shows_both() -> None:
    union = changed(view(network(ops.relu, 2.0)), view(network(ops.relu, 3.0)))
    assert marked(union, "changed") == ["constant 2 → 3"]
    assert not marked(union, "added") + marked(union, "removed")


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_branch_stays_while_either_graph_has_it(is_turned: bool) -> None:
    x = leaf(3.0, "x")
    before, after = (view(square_plus_self()), view(x * x))[:: -1 if is_turned else 1]
    union = changed(before, after)
    into = next(w for w in union.wires if w.target == "n1")
    assert union.boxes[1].kind == "branch" and union.boxes[1].change == ""
    old, new = ((7.0,), (6.0,))[:: -1 if is_turned else 1]
    assert into.old_gradient is not None and into.old_gradient.numbers == old
    assert into.gradient is not None and into.gradient.numbers == new
    assert_is_well_formed(union)


def test_swapped_operands_differ_only_where_their_order_has_a_meaning() -> None:
    def of(function: Callable[[Tensor, Tensor], Tensor]) -> View:
        return view(function(leaf(2.0, "a"), leaf(3.0, "b")))

    assert changed(of(lambda a, b: a * b), of(lambda a, b: b * a)).notes[0] == SAME
    union = changed(of(lambda a, b: a - b), of(lambda a, b: b - a))
    assert union.notes[0].startswith("2 wires added, 2 wires removed, ")
    assert_is_well_formed(union)


def test_brackets_that_moved_move_wires() -> None:
    a, b, c = leaf(2.0, "a"), leaf(3.0, "b"), leaf(4.0, "c")
    union = changed(view(a * b + c), view(a + b * c))
    assert not marked(union, "added") + marked(union, "removed")
    assert [w.name for w in union.wires if w.change == "removed"] == ["a", "c"]
    assert_is_well_formed(union)


def test_inputs_of_other_names_are_others() -> None:
    union = changed(view(leaf(2.0, "a") * leaf(3.0, "b")), view(leaf(2.0, "a") * leaf(3.0, "c")))
    assert marked(union, "removed") == ["input b"] and marked(union, "added") == ["input c"]
    assert union.notes[0] == "1 input added, 1 removed."


def test_inputs_without_names_are_known_by_their_place() -> None:
    y = [view(Tensor(v, requires_grad=True) * Tensor(3.0, requires_grad=True)) for v in (2.0, 4.0)]
    assert changed(*y).notes[0] == "3 wires with other numbers."


def test_a_result_may_be_known_by_its_name() -> None:
    def y(function: Callable[[Tensor], Tensor], inner: str) -> View:
        hidden = ops.tanh(function(leaf(0.5, inner)))
        hidden.name = "h"
        return view(ops.exp(hidden) if inner == "a" else ops.sin(hidden))

    union = changed(y(ops.relu, "a"), y(ops.sigmoid, "b"))
    assert "operation tanh" not in marked(union, "removed")
    assert_is_well_formed(union)


def test_what_is_left_is_aligned_where_a_neighbour_is_the_same() -> None:
    def y(functions: Sequence[Callable[[Tensor], Tensor]]) -> View:
        z = leaf(0.5, "x")
        for function in functions:
            z = function(z)
        return view(z)

    union = changed(
        y([ops.sin, ops.tanh, ops.exp, ops.cos]), y([ops.cos, ops.tanh, ops.exp, ops.sin])
    )
    assert marked(union, "removed") == ["operation sin", "operation cos"]
    union = changed(
        y([ops.relu, ops.tanh, ops.exp, ops.cos]), y([ops.tanh, ops.sigmoid, ops.exp, ops.cos])
    )
    assert marked(union, "removed") == ["operation relu"]
    assert_is_well_formed(union)


def test_names_that_changed_places_make_no_circle() -> None:
    def y(first: str, second: str) -> View:
        one = leaf(0.5, "x")
        names = {ops.sin: first, ops.cos: second}
        for function in (ops.sin, ops.cos) if first == "p" else (ops.cos, ops.sin):
            one = function(one)
            one.name = names[function]
        return view(ops.exp(one))

    union = changed(y("p", "q"), y("q", "p"))
    assert_is_well_formed(union)
    hand = [
        (_made("x", "sin", "cos"), {"sin": "p", "cos": "q"}),
        (_made("x", "cos", "sin"), {"sin": "p", "cos": "q"}),
    ]
    union = changed(*(_named(one, names) for one, names in hand))
    assert_is_well_formed(union)


def _made(start: str, *operations: str) -> View:
    """A chain of operations, made by hand."""
    boxes = [Box("n0", "input", start)]
    boxes += [Box(f"n{i + 1}", "operation", op, op) for i, op in enumerate(operations)]
    boxes.append(Box(f"n{len(boxes)}", "output", "y"))
    wires = [Wire(f"e{i}", f"n{i}", f"n{i + 1}", "", False, None) for i in range(len(boxes) - 1)]
    return View(tuple(boxes), tuple(wires))


def _named(one: View, names: dict[str, str]) -> View:
    ops_of = {box.id: box.op for box in one.boxes}
    wires = tuple(
        replace(w, name=names.get(ops_of[w.source], "x"), is_named=True) for w in one.wires
    )
    return replace(one, wires=wires)


def test_no_pair_of_random_graphs_makes_a_circle() -> None:
    functions = [ops.sin, ops.cos, ops.exp, ops.tanh]

    def random_view(seed: int) -> View:
        r = random.Random(seed)
        values = [leaf(0.5, "a"), leaf(0.25, "b")]
        for _ in range(r.randint(1, 14)):
            one, other = r.choices(values, k=2)
            new = (
                r.choice(functions)(one)
                if r.random() < 0.6
                else r.choice([ops.add, ops.sub])(one, other)
            )
            new.name = r.choice([None, None, "p", "q", "r"])
            values.append(new)
        return view(*r.sample(values, min(3, len(values))))

    for a, b in itertools.pairwise(range(150)):
        one, other = random_view(a), random_view(b)
        union = changed(one, other)
        assert_is_well_formed(union)
        kept = [w for w in union.wires if w.change not in ("added", "removed")]
        assert len(kept) <= len(union.wires)
        for side, gone in ((one, "added"), (other, "removed")):
            sizes = [
                sum(b.kind == "operation" for b in v.boxes if b.change != gone)
                for v in (union, side)
            ]
            assert sizes[0] == sizes[1]


def test_several_outputs_are_known_by_label_and_then_by_order() -> None:
    a = leaf(2.0, "a")
    s, c = ops.sin(a), ops.cos(a)
    union = changed(view(s, c, labels=("s", "c")), view(c, labels=("c",)))
    assert marked(union, "removed") == ["operation sin", "output s"]
    assert union.notes[0].startswith("1 operation and 1 output removed")
    assert not marked(changed(view(s, labels=("s",)), view(s, labels=("t",))), "added")


def value(*numbers: float, kept: bool = True) -> Value:
    size = max(map(abs, numbers)) if kept else None
    return Value((len(numbers),), tuple(numbers) if kept else None, size, size)


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        (value(1.0, math.nan), value(1.0, math.nan), True),
        (value(0.1), value(0.1 + 1e-16), False),
        (value(1.0), value(2.0, kept=False), True),
        (value(1.0), value(1.0, 1.0), False),
        (Value((99,), None, 3.0, 1.0), Value((99,), None, 3.0, 1.0), True),
        (Value((99,), None, math.nan, math.nan), Value((99,), None, math.nan, math.nan), True),
        (Value((99,), None, 3.0, 1.0), Value((99,), None, 3.0, 2.0), False),
        (None, value(1.0), False),
    ],
)
def test_numbers_are_compared_as_far_as_they_are_known(
    old: Value | None, new: Value | None, is_same: bool
) -> None:
    def one(v: Value | None) -> View:
        made = _made("x", "sin")
        return replace(made, wires=(replace(made.wires[0], value=v), made.wires[1]))

    assert (changed(one(old), one(new)).notes[0] == SAME) is is_same


def test_gradients_that_one_graph_lacks_are_not_compared() -> None:
    with_them, without = view(lecture()), view(lecture(), grads=False)
    assert changed(without, with_them).notes[:2] == (
        SAME, "Gradients are not compared: the first graph has none.",
    )  # fmt: skip
    assert changed(with_them, without).notes[1].endswith("the second graph has none.")


def test_modules_and_parameters_of_another_size_are_changed() -> None:
    def one(size: int, times: int) -> View:
        boxes = (
            Box("n0", "parameter", "w", details=(f"({size},)",)),
            Box("n1", "module", f"Block ×{times}", parameters=size),
            Box("n2", "hidden", f"… {size} more"),
            Box("n3", "output", "y"),
        )
        wires = [Wire(f"e{i}", f"n{i}", f"n{i + 1}", f"v{i}", i == 0, None) for i in range(3)]
        loop = Wire("e3", "n1", "n1", "h", True, None, is_loop=True)
        return View(boxes, (*wires[:1], loop, *wires[1:]), hidden=size)

    union = changed(one(3, 2), one(4, 5))
    assert marked(union, "changed") == ["parameter w", "module Block ×5", "hidden … 4 more"]
    assert union.notes[0] == "1 module, 1 hidden part and 1 parameter changed."
    assert union.hidden == 4 and sum(wire.is_loop for wire in union.wires) == 1
    assert (
        changed(one(3, 2), _made("x", "sin")).notes[0].startswith("1 operation and 1 input added")
    )


def test_clusters_of_one_name_at_one_place_are_one() -> None:
    def y(activation: Callable[[Tensor], Tensor], *scopes: str) -> View:
        z = leaf(0.5, "x")
        for name in scopes:
            with autograd.scope("net"), autograd.scope(name):
                z = activation(z)
        return view(z)

    union = changed(y(ops.tanh, "a", "b"), y(ops.sin, "b", "c"))
    paths = {"": ""}
    for cluster in union.clusters:
        paths[cluster.id] = f"{paths[cluster.parent]}/{cluster.name}"
    boxes = [(b.label, paths[b.cluster]) for b in union.boxes if b.kind == "operation"]
    assert sorted(paths.values()).count("/net") <= 2 and len(boxes) == 4
    assert ("tanh", boxes[0][1]) in boxes
    assert_is_well_formed(union)


def test_equal_clusters_side_by_side_stay_apart() -> None:
    one = replace(
        _made("x", "sin", "sin"), clusters=(Cluster("c0", "fc"), Cluster("c1", "fc", parent=""))
    )
    boxes = [replace(b, cluster=c) for b, c in zip(one.boxes, ("", "c0", "c1", ""), strict=True)]
    one = replace(one, boxes=tuple(boxes))
    assert changed(one, one).clusters == one.clusters


def test_notes_of_both_follow_the_summary_once() -> None:
    one, other = (
        replace(_made("x", "sin"), notes=("a", "b")),
        replace(_made("x", "sin"), notes=("b",)),
    )
    assert changed(one, other).notes == (SAME, "b", "a")


def test_long_chains_and_repetitive_rests_are_aligned() -> None:
    union = changed(view(chain(3000)), view(chain(2990)))
    assert union.notes[0].startswith("10 operations removed")
    assert_is_well_formed(union)
    many = changed(_made("x", *["f", "g"] * 700), _made("z", *["g", "f"] * 700, "h"))
    assert_is_well_formed(many)
