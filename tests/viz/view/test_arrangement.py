"""What is shown of a graph: what was asked for, and what fits into max_nodes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.viz.graphs import chain, leaf, recurrent, stack, transformer, two_layers
from viz.boxes import View
from viz.view import Selection, view_of
from viz.view.arrangement import arrange
from viz.view.graph import Graph


def shown(view: View) -> int:
    return sum(box.kind not in ("branch", "output", "hidden") for box in view.boxes)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"depth": -1}, ValueError, "depth is -1; at least 0 is needed"),
        ({"hops": -1}, ValueError, "hops is -1; at least 0"),
        ({"max_nodes": 0}, ValueError, "max_nodes is 0; at least 1"),
        ({"max_nodes": 2.5}, TypeError, r"max_nodes is 2\.5; it must be a whole number"),
        ({"depth": True}, TypeError, "depth is True; it must be a whole number"),
        ({"hops": None}, TypeError, "hops is None; it must be a whole number"),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Selection(**options)


def test_a_graph_that_fits_is_shown_in_full() -> None:
    graph = Graph([two_layers().node])
    arrangement = arrange(graph, Selection(max_nodes=len(graph.boxes)))
    assert arrangement.units == graph.boxes and not arrangement.folds and not arrangement.notes


def test_too_large_a_graph_has_its_innermost_modules_folded_first() -> None:
    y = transformer(4)
    views = {n: view_of([y], grads=False, select=Selection(max_nodes=n)) for n in (150, 60, 40, 8)}
    assert [view.notes[0].partition("(")[2].partition(")")[0] for view in views.values()] == [
        "depth=3",
        "depth=2",
        "depth=2",
        "depth=1",
    ]
    assert all(shown(view) <= n and not view.hidden for n, view in views.items())
    assert views[8].notes[0] == (
        f"{len(Graph([y.node]).boxes)} inputs and operations are more than max_nodes=8, so modules "
        f"are folded (depth=1). max_nodes={len(Graph([y.node]).boxes)} shows all."
    )


def test_repetitions_are_folded_where_depth_is_not_enough() -> None:
    view = view_of([stack(30)], grads=False, select=Selection(max_nodes=10))
    assert [box.label for box in view.boxes] == ["x", "block ×30", "Σ", "v2"]
    assert "modules are folded (depth=1, roll=True)" in view.notes[0]
    again = view_of([stack(30)], grads=False, select=Selection(depth=1, roll=True))
    assert again.boxes == view.boxes and again.wires == view.wires


def test_the_depth_that_was_asked_for_is_not_exceeded_by_fitting() -> None:
    y = transformer(4)
    view = view_of([y], grads=False, select=Selection(depth=1, max_nodes=100))
    assert len([b for b in view.boxes if b.kind == "module"]) == 5 and not view.notes[1:]
    view = view_of([y], grads=False, select=Selection(depth=2, max_nodes=8))
    assert "(depth=1)" in view.notes[0]


def test_where_no_folding_is_enough_the_nearest_is_taken_and_its_middle_hidden() -> None:
    y = recurrent(50) * leaf(1.0)
    for _ in range(30):
        y = y * 2.0
    view = view_of([y], grads=False, select=Selection(max_nodes=10))
    assert view.notes[0].startswith("286 inputs") or "so modules are folded" in view.notes[0]
    assert "are hidden in the dashed box" in view.notes[1]
    assert shown(view) == 10


def test_a_graph_without_modules_has_its_middle_hidden() -> None:
    view = view_of([chain(1_000)], select=Selection(max_nodes=20))
    assert len(view.notes) == 1 and view.hidden == 982


def test_the_automatic_folding_does_not_depend_on_the_order_of_trials() -> None:
    y = transformer(6)
    counts = []
    for n in range(5, 400, 13):
        graph = Graph([y.node])
        counts.append(len(arrange(graph, Selection(max_nodes=n)).units))
        assert counts[-1] <= n or counts[-1] <= n + 2
    assert counts == sorted(counts)
