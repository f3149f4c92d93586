"""What holds of every view of every graph, whatever is folded, rolled or hidden."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Tensor, ops, scope
from autograd.graph import constant
from viz.boxes import View
from viz.value import Value
from viz.view import Selection, view_of
from viz.view.arrangement import arrange
from viz.view.building import find_uses
from viz.view.folding import Group
from viz.view.graph import Graph
from viz.view.slopes import Slopes

Step = tuple[list[int], int, int, int]
"""The names of the scopes around an operation, its kind, and the values it takes."""

STEPS = st.lists(
    st.tuples(
        st.lists(st.integers(0, 2), max_size=3),
        st.integers(0, 3),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    min_size=1,
    max_size=25,
)

SELECTIONS = st.builds(
    Selection,
    depth=st.none() | st.integers(0, 3),
    roll=st.booleans(),
    hops=st.integers(0, 3),
    max_nodes=st.integers(2, 40),
)


def build(steps: list[Step]) -> list[Tensor]:
    """The values of a random graph; neighbours with the same scopes share them."""
    values = [Tensor([1.0, 2.0], requires_grad=True, name="a"), Tensor([3.0, 1.0], name="b")]
    values.append(Tensor([2.0, 1.0], requires_grad=True, name="c"))
    open_scopes: list[int] = []
    with ExitStack() as stack:
        for names, kind, i, j in steps:
            if names != open_scopes:
                stack.close()
                for name in names:
                    stack.enter_context(scope(f"s{name}"))
                open_scopes = names
            x, y = values[-1 - i % len(values)], values[-1 - j % len(values)]
            values += _apply(kind, x, y)
    return values


def _apply(kind: int, x: Tensor, y: Tensor) -> list[Tensor]:
    if kind == 3:
        low, high = ops.split(x, 2)
        return [ops.concatenate([high, low + y[:1] if y.requires_grad else low])]
    results = (x + y, x - y, x * 0.5)
    return [results[kind]]


def around_of(values: list[Tensor], pick: int | None) -> Any:
    tracked = [v for v in values if v.requires_grad]
    return tracked[pick % len(tracked)] if pick is not None else None


def outputs_of(values: list[Tensor]) -> list[Tensor]:
    return [values[-1].sum(), (values[len(values) // 2] * 2.0).sum()]


@settings(max_examples=150, deadline=None)
@given(STEPS, SELECTIONS, st.none() | st.integers(0, 30), st.sampled_from(["edge", "total"]))
def test_ids_count_up_and_wires_run_forward_between_boxes_that_exist(
    steps: list[Step], select: Selection, pick: int | None, grads: str
) -> None:
    values = build(steps)
    around = around_of(values, pick)
    outputs = [*outputs_of(values), around] if around is not None else outputs_of(values)
    view = view_of(outputs, select=select, around=around, grads=grads)
    check_form(view)
    total = len(Graph([constant(y) for y in outputs]).boxes)
    shown = sum(box.kind in ("input", "parameter", "constant", "operation") for box in view.boxes)
    assert (shown + view.hidden == total) or any(b.kind == "module" for b in view.boxes)
    again = build(steps)
    around = around_of(again, pick)
    outputs = [*outputs_of(again), around] if around is not None else outputs_of(again)
    assert view_of(outputs, select=select, around=around, grads=grads) == view


def check_form(view: View) -> None:
    """Asserts what every painter relies on."""
    assert [box.id for box in view.boxes] == [f"n{i}" for i in range(len(view.boxes))]
    assert [wire.id for wire in view.wires] == [f"e{i}" for i in range(len(view.wires))]
    assert [cluster.id for cluster in view.clusters] == [f"c{i}" for i in range(len(view.clusters))]
    places = {box.id: i for i, box in enumerate(view.boxes)}
    targets = [places[wire.target] for wire in view.wires]
    assert targets == sorted(targets)
    for wire in view.wires:
        assert (wire.source == wire.target) == wire.is_loop
        assert places[wire.source] <= places[wire.target]
    frames = [""]
    for cluster in view.clusters:
        assert cluster.parent in frames
        frames.append(cluster.id)
    assert {box.cluster for box in view.boxes} <= set(frames)
    entered = Counter(wire.target for wire in view.wires if not wire.is_loop)
    for box in view.boxes:
        if box.kind in ("branch", "output"):
            assert entered[box.id] == 1
        if box.kind in ("input", "parameter", "constant"):
            assert entered[box.id] == 0


@settings(max_examples=150, deadline=None)
@given(STEPS, SELECTIONS, st.none() | st.integers(0, 30))
def test_the_gradient_along_a_wire_does_not_depend_on_what_is_folded(
    steps: list[Step], select: Selection, pick: int | None
) -> None:
    values = build(steps)
    outputs = outputs_of(values)
    around = around_of(values, pick)
    outputs = [*outputs, (around * 1.0).sum()] if around is not None else outputs
    graph = Graph([constant(y) for y in outputs])
    full = slopes_of(outputs, graph, Selection(max_nodes=10_000), [])
    cut = slopes_of(outputs, graph, select, [around.node] if around is not None else [])
    arrangement = arrange(graph, select, [around.node] if around is not None else [])
    units = {unit_key(unit): unit for unit in arrangement.units}
    for (value, (place, i)), found in cut.edges.items():
        unit = units.get(unit_key(place))
        members = unit.members if isinstance(unit, Group) else None
        if members is None:
            same(found, [full.edges[value, (place, i)]])
        else:
            inside = set(members)
            edges = [v for (p, (to, _)), v in full.edges.items() if p is value and to in inside]
            same(found, edges)
    for value, total in cut.totals.items():
        same(total, [v for (p, _), v in full.edges.items() if p is value])
    for value, branch in cut.branches.items():
        same(branch, [v for (p, _), v in cut.edges.items() if p is value])


def unit_key(unit: Any) -> Any:
    """A group by its first member, as every arrangement makes its own."""
    return ("group", unit.members[0]) if isinstance(unit, Group) else unit


def slopes_of(outputs: list[Tensor], graph: Graph, select: Selection, around: list[Any]) -> Slopes:
    arrangement = arrange(graph, select, around)
    slopes = Slopes()
    slopes.fill(outputs, find_uses(graph, arrangement), arrangement.folds, None)
    return slopes


def same(found: Value, edges: list[Value]) -> None:
    """Asserts that found is the sum of edges."""
    assert edges
    assert np.allclose(np.array(found.numbers), sum(np.array(edge.numbers) for edge in edges))


@settings(max_examples=60, deadline=None)
@given(STEPS, SELECTIONS)
def test_what_is_shown_is_all_that_there_is_or_in_a_group_once(
    steps: list[Step], select: Selection
) -> None:
    graph = Graph([constant(y) for y in outputs_of(build(steps))])
    arrangement = arrange(graph, select)
    members = Counter(
        box for u in arrangement.units for box in (u.members if isinstance(u, Group) else [u])
    )
    assert set(members) == set(graph.boxes) and set(members.values()) == {1}
    assert all(
        arrangement.folds.get(box) is (unit if isinstance(unit, Group) else None)
        for unit in arrangement.units
        for box in (unit.members if isinstance(unit, Group) else [unit])
    )
