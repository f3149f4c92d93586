"""How a graph is cut down to what can be read: by what was asked for, and by max_nodes.

What was asked for comes first: `roll`, `depth`, `around`. What is still too large has its modules
folded, from the innermost out, then its repetitions, then its middle hidden; a note says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd.graph import Node
from viz.view.folding import Fold, Group, Unit, by_depth, deepest, shown, unit_of
from viz.view.graph import Graph
from viz.view.hiding import far_from, hide, middle
from viz.view.repetition import by_repetition

NOTHING_REPEATS = (
    "roll=True folded nothing: no equal modules follow one another, each fed by the one before. "
    "What is computed between them, as by a loop in forward(), keeps them apart; a module or "
    "autograd.scope() around each step makes it one."
)
"""Said where nothing was there to roll."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a graph to show. Raises ValueError or TypeError for what makes no sense.

    depth: modules in so many others are folded into one box; None folds none.  roll: whether equal
    modules in a row become one with a count.  hops: operations shown on all sides of the tensor
    that the drawing is around.  max_nodes: boxes shown.
    """

    depth: int | None = None
    roll: bool = False
    hops: int = 3
    max_nodes: int = 300

    def __post_init__(self) -> None:
        for name, least in (("depth", 0), ("hops", 0), ("max_nodes", 1)):
            value = getattr(self, name)
            if name == "depth" and value is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"{name} is {value!r}; it must be a whole number.")
            if value < least:
                raise ValueError(f"{name} is {value}; at least {least} is needed to draw anything.")


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What is shown: units in reading order, the folds behind them, and notes on what is not."""

    units: list[Unit]
    folds: Fold
    notes: list[str]


def arrange(graph: Graph, selection: Selection, around: Sequence[Node] = ()) -> Arrangement:
    """The part of graph that was selected; around: values in the middle of the picture."""
    folds = _folded(graph, selection.depth, selection.roll)
    units = shown(graph, folds)
    notes: list[str] = []
    if selection.roll and not any(group.count > 1 for group in folds.values()):
        notes.append(NOTHING_REPEATS)
    if around:
        centres = dict.fromkeys(unit_of(value, folds) for value in around)
        hidden = far_from(units, folds, centres, selection.hops)
        is_much = len(units) - len(hidden) > selection.max_nodes
        if is_much:  # To hide the middle would hide what was asked for.
            hidden = far_from(units, folds, centres, selection.hops, selection.max_nodes)
        folds = hide(units, hidden, folds)
        units = shown(graph, folds)
        if count := _members(units):
            notes.append(_note_on_far(count, selection, is_much))
    elif len(units) > selection.max_nodes:
        units, folds, notes = _fitted(graph, selection, units, folds)
    if not around and len(units) > selection.max_nodes:
        folds = hide(units, middle(units, selection.max_nodes), folds)
        units = shown(graph, folds)
        total = len(graph.boxes)
        notes.append(
            f"{_members(units):,} of {total:,} inputs and operations, those in the middle, are "
            f"hidden in the dashed box. max_nodes={total} shows all."
        )
    return Arrangement(units, folds, notes)


def _folded(graph: Graph, depth: int | None, roll: bool) -> Fold:
    folds = by_repetition(graph, depth) if roll else {}
    return by_depth(graph, depth, folds) if depth is not None else folds


def _members(units: Sequence[Unit]) -> int:
    hidden = (u for u in units if isinstance(u, Group) and u.kind == "hidden")
    return sum(len(group.members) for group in hidden)


def _note_on_far(count: int, selection: Selection, is_much: bool) -> str:
    if is_much:
        return (
            f"{count:,} inputs and operations, those farthest from what was asked for, stand in "
            f"dashed boxes. More than max_nodes={selection.max_nodes} shows more."
        )
    return (
        f"{count:,} inputs and operations more than {selection.hops} away from what was "
        f"asked for stand in dashed boxes. hops={selection.hops + 1} shows more."
    )


def _fitted(
    graph: Graph, selection: Selection, units: list[Unit], folds: Fold
) -> tuple[list[Unit], Fold, list[str]]:
    """The least folding of modules that fits into max_nodes, or the one that comes nearest."""
    best: tuple[list[Unit], Fold, list[str]] = units, folds, []
    start = selection.depth if selection.depth is not None else deepest(graph)
    for roll in dict.fromkeys((selection.roll, True)):
        trials: dict[int, tuple[list[Unit], Fold]] = {}

        def count(depth: int, roll: bool = roll, trials: Any = trials) -> int:
            trial = _folded(graph, depth, roll)
            trials[depth] = shown(graph, trial), trial
            return len(trials[depth][0])

        # The deeper, the more is shown. Of those that bisection tries, one is the answer.
        depth = max(0, bisect_right(range(start + 1), selection.max_nodes, key=count) - 1)
        units, folds = trials[depth]
        if len(units) < len(best[0]):
            best = units, folds, [_note(graph, selection, depth, roll)]
        if len(best[0]) <= selection.max_nodes:
            break
    return best


def _note(graph: Graph, selection: Selection, depth: int, roll: bool) -> str:
    how = f"depth={depth}" + (", roll=True" if roll and not selection.roll else "")
    total = len(graph.boxes)
    return (
        f"{total:,} inputs and operations are more than max_nodes={selection.max_nodes}, so "
        f"modules are folded ({how}). max_nodes={total} shows all."
    )
