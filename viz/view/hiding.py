"""What is left out of a large graph: all that is far from one tensor, or the middle.

What is hidden becomes one group for each side of what is shown, so that no wire goes in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from autograd.graph import Node
from viz.view.folding import Fold, Group, Unit, parents_of, unit_of

LEAVES = 3
"""Leaves that are moved out of the hidden middle to the operation that they go into."""


def far_from(
    units: Sequence[Unit],
    folds: Fold,
    centres: Iterable[Unit],
    hops: int,
    most: int | None = None,
) -> set[Unit]:
    """The units more than hops operations away from all centres, upstream or downstream.

    The leaves that an operation in sight takes are in sight too.  most: how many of the nearest are
    not far, where there are more.
    """
    neighbours: dict[Unit, list[Unit]] = {unit: [] for unit in units}
    for unit in units:
        for parent in dict.fromkeys(unit_of(value, folds) for value in parents_of(unit, folds)):
            neighbours[unit].append(parent)
            neighbours[parent].append(unit)
    seen = dict.fromkeys(centres, 0)
    frontier = list(seen)
    for unit in frontier:  # grows as the walk goes on
        for other in neighbours[unit]:
            if other not in seen and (seen[unit] < hops or _is_leaf_of(other, unit)):
                seen[other] = seen[unit] + 1
                # Nobody looks further from a leaf: what shares a weight is no neighbour for that.
                if not _is_leaf(other):
                    frontier.append(other)
    near = set(islice(seen, most))  # seen has the nearest first
    return {unit for unit in units if unit not in near}


def _is_leaf(unit: Unit) -> bool:
    return isinstance(unit, Node) and unit.op is None


def _is_leaf_of(unit: Unit, operation: Unit) -> bool:
    return _is_leaf(unit) and isinstance(operation, Node) and unit in operation.parents


def middle(units: Sequence[Unit], max_nodes: int) -> set[Unit]:
    """The units in the middle that have to go, so that max_nodes are left."""
    surplus, first = max(0, len(units) - max_nodes), max_nodes // 2
    # The first operation behind the hidden ones is shown with the leaves that stand before it.
    earliest = max(0, first - LEAVES)
    while surplus and first > earliest and _is_leaf(units[first + surplus - 1]):
        first -= 1
    return set(units[first : first + surplus])


def hide(units: Sequence[Unit], hidden: set[Unit], folds: Fold) -> Fold:
    """folds, with one group for the hidden units of each level.

    The level of a unit is how often a path to it goes out of sight. A wire into a hidden group
    comes from a lower level, and one out of it stays on its level, so that none can come back.
    """
    levels = _levels(units, hidden, folds)
    groups: dict[int, Group] = {}
    result = dict(folds)
    for unit in units:
        if unit in hidden:
            group = groups.setdefault(levels[unit], Group("hidden", []))
            members = unit.members if isinstance(unit, Group) else [unit]
            group.members += members
            result.update(dict.fromkeys(members, group))
    return result


def _levels(units: Sequence[Unit], hidden: set[Unit], folds: Fold) -> dict[Unit, int]:
    levels: dict[Unit, int] = {}
    takers: dict[Unit, list[Unit]] = {}
    for unit in units:
        before = [unit_of(value, folds) for value in parents_of(unit, folds)]
        steps = (levels[parent] + (unit in hidden and parent not in hidden) for parent in before)
        levels[unit] = max(steps, default=0)
        for parent in before:
            takers.setdefault(parent, []).append(unit)
    for unit in hidden:
        # A hidden leaf goes where it is first needed: a weight into the box of its layer.
        if _is_leaf(unit) and (taken := takers.get(unit)) and hidden.issuperset(taken):
            levels[unit] = min(levels[taker] for taker in taken)
    return levels
