"""Modules that repeat one another: a stack of equal blocks, or a cell at every time step.

Runs of neighbours of one shape, each fed by the one before, become one group with a count; so do
runs of several modules in turn: Linear, Tanh, Linear, Tanh. What makes two modules equal is what
they compute, not their numbers: operations, shapes, wiring.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.graph import Node
from autograd.mode import Entry
from viz.view.folding import Fold, Group, unfold_circles
from viz.view.graph import Graph, box_of

LONGEST = 8
"""Modules in turn that are looked for as what repeats."""


@dataclass(eq=False, slots=True)
class _Part:
    """One run of a module, or of several in turn, with the boxes in them in the order of their
    making.

    start: leaves left out of boxes, because the next run takes its predecessor's value instead.
    """

    entries: tuple[Entry, ...]
    boxes: list[Node]
    signature: Any
    start: list[Node] = field(default_factory=list)

    @property
    def operations(self) -> list[Node]:
        """Its boxes without the leaves."""
        return [box for box in self.boxes if box.op is not None]


def by_repetition(graph: Graph, depth: int | None) -> Fold:
    """Folds every run of two or more equal modules, the outermost first, down to depth."""
    folds: Fold = {}
    users, places = _users(graph), {box: i for i, box in enumerate(graph.boxes)}
    children, own = _tree(graph)
    level: list[Entry | None] = [None]
    while level and (depth is None or depth >= 0):
        runs = [run for outer in level for run in _runs(children.get(outer, []), children, own)]
        groups = [_fold(graph, run, users, places, folds) for run in runs]
        if groups:
            unfold_circles(graph, folds)
        done: set[Entry] = set()
        for run, group in zip(runs, groups, strict=True):
            if folds.get(group.members[0]) is group:
                done.update(entry for part in run for entry in part.entries)
        level = [entry for outer in level for entry in children.get(outer, []) if entry not in done]
        depth = depth - 1 if depth is not None else None
    return folds


def _users(graph: Graph) -> dict[Node, list[Node]]:
    """The operations that take each leaf; an output has one use more, which no module holds."""
    users: dict[Node, list[Node]] = {}
    for box in graph.boxes:
        for parent in box.parents:
            if parent is not None and parent.op is None:
                users.setdefault(parent, []).append(box)
    for output in graph.outputs:
        if output in users:
            users[output].append(output)
    return users


def _tree(graph: Graph) -> tuple[dict[Entry | None, list[Entry]], dict[Entry, list[Node]]]:
    """The modules inside each, and the boxes that stand directly in each; in the order in which
    modules were entered and operations called."""
    children: dict[Entry | None, list[Entry]] = {}
    own: dict[Entry, list[Node]] = {}
    seen: set[Entry] = set()
    for box in sorted(graph.boxes, key=lambda box: (box.op is None, box.number)):
        entry = graph.homes.get(box)
        if entry is not None:
            own.setdefault(entry, []).append(box)
        while entry is not None and entry not in seen:
            seen.add(entry)
            children.setdefault(entry.outer, []).append(entry)
            entry = entry.outer
    return children, own


def _part(
    outer: Sequence[Entry], children: dict[Entry | None, list[Entry]], own: dict[Entry, list[Node]]
) -> _Part:
    entries = list(outer)
    for inner in entries:  # grows as the walk goes on
        entries += children.get(inner, [])
    boxes = sorted((b for e in entries for b in own.get(e, [])), key=lambda box: box.number)
    return _Part(tuple(outer), boxes, _signature(boxes))


def _signature(boxes: Sequence[Node]) -> Any:
    """What a module computes: for each operation its name, shape, and where its inputs are from."""
    places = {box: i for i, box in enumerate(box for box in boxes if box.op is not None)}
    leaves = {box for box in boxes if box.op is None}
    numbers: dict[Node, int] = {}

    def source(parent: Node | None) -> Any:
        if parent is None:
            return None
        if parent in leaves:
            number = numbers.setdefault(parent, len(numbers))
            return "own", number, tuple(parent.shape)
        if (place := places.get(box_of(parent))) is not None:
            return "made", place, parent.index
        return "given", tuple(parent.shape)

    # Tuples of plain things all through: Python's collector need not look at them again.
    return tuple(
        (box.op.name, tuple(box.shape), tuple(source(parent) for parent in box.parents))
        for box in places
    )


def generic(name: str) -> str:
    """A name without the number at its end: block of block3 and block.3, h of h₃.

    >>> generic("block.12"), generic("x₃"), generic("7")
    ('block', 'x', '')
    """
    return name.rstrip("0123456789₀₁₂₃₄₅₆₇₈₉").rstrip("._- ")


def _runs(
    siblings: Sequence[Entry],
    children: dict[Entry | None, list[Entry]],
    own: dict[Entry, list[Node]],
) -> list[list[_Part]]:
    """Stretches of equal modules, or of several in turn, each of which takes a value from the one
    before; of several readings the one that takes in most, and of those the shortest turn."""
    kinds = [(generic(entry.name), entry.detail) for entry in siblings]
    runs, i = list[list[_Part]](), 0
    while i < len(siblings):
        best: list[_Part] = []
        for turn in range(1, min(LONGEST, (len(siblings) - i) // 2) + 1):
            starts = _alike(kinds, i, turn)
            parts = (_part(siblings[n : n + turn], children, own) for n in starts)
            best = max(best, _equal(parts), key=_length)
        runs += [best] if best else []
        i += _length(best) or 1
    return runs


def _length(run: Sequence[_Part]) -> int:
    """How many modules are in a run."""
    return sum(len(part.entries) for part in run)


def _alike(kinds: Sequence[Any], start: int, turn: int) -> Iterator[int]:
    """Where turns of so many modules begin that are of the same kinds as those at start; none if
    there are not two."""
    first, n = kinds[start : start + turn], start + turn
    if kinds[n : n + turn] != first:
        return
    yield start
    while kinds[n : n + turn] == first:
        yield n
        n += turn


def _equal(parts: Iterable[_Part]) -> list[_Part]:
    """Those that parts begin with which are equal, each fed by the one before, if there are two."""
    run: list[_Part] = []
    for part in parts:
        if len(run) == 1 and part.signature != run[0].signature:
            run[0] = _without_start(run[0], part)
        if run and (part.signature != run[-1].signature or not _carried(run[-1], part)):
            break
        run.append(part)
    return run if len(run) > 1 else []


def _without_start(first: _Part, second: _Part) -> _Part:
    """first without the leaves in whose place second takes a value: the x of a stack, the h₀ of a
    cell."""
    rows = zip(first.operations, first.signature, second.signature, strict=False)
    leaves = [
        leaf
        for box, (*_, mine), (*_, others) in rows
        for leaf, a, b in zip(box.parents, mine, others, strict=False)
        if a and b and (a[0], b[0]) == ("own", "given")
    ]
    start = dict.fromkeys(leaves)
    boxes = [box for box in first.boxes if box not in start]
    return _Part(first.entries, boxes, _signature(boxes), list(start))


def _carried(one: _Part, other: _Part) -> list[Node]:
    """The values that other takes from one."""
    made = set(one.operations)
    taken = dict.fromkeys(p for box in other.boxes for p in box.parents if p is not None)
    return [value for value in taken if box_of(value) in made]


def _fold(
    graph: Graph,
    run: Sequence[_Part],
    users: dict[Node, list[Node]],
    places: dict[Node, int],
    folds: Fold,
) -> Group:
    """Folds a run of equal modules, the parameters they share, and each step's own inputs."""
    steps = {box: i for i, part in enumerate(run) for box in part.boxes}
    shared, own, start = [], set(), set(run[0].start)
    for leaf in _leaves(run, steps):
        takers = {steps.get(box) for box in users[leaf]}
        if None in takers:
            continue
        if graph.is_parameter(leaf) and len(takers) == len(run):
            shared.append(leaf)
        elif len(takers) == 1 and leaf not in start:
            own.add(leaf)
    members = sorted([*steps, *shared], key=places.__getitem__)
    # A stack of blocks with weights of their own goes on; only the same step again is a loop.
    is_stack = any(box.op is None and box.tracked for box in run[0].boxes)
    loops = [] if is_stack else _carried(run[-2], run[-1])
    entries = run[0].entries
    group = Group("module", members, entries[0], len(run), loops, turn=entries)
    folds.update(dict.fromkeys(members, group))
    for column in [*([leaf] for leaf in run[0].start), *_columns(run, own)]:
        inputs = Group("input", column, entries[0], len(column))
        folds.update(dict.fromkeys(column, inputs))
    return group


def _leaves(run: Sequence[_Part], steps: dict[Node, int]) -> list[Node]:
    """The leaves that a run takes from outside, in the order of their use."""
    parents = (parent for part in run for box in part.boxes for parent in box.parents)
    return list(
        dict.fromkeys(p for p in parents if p is not None and p.op is None and p not in steps)
    )


def _columns(run: Sequence[_Part], own: set[Node]) -> list[list[Node]]:
    """For each place at which every step takes a leaf of its own: those leaves, step by step."""
    columns: list[list[Node]] = []
    for row in zip(*(part.operations for part in run), strict=True):
        for column in zip(*(box.parents for box in row), strict=True):
            if own.issuperset(column):
                columns.append(list(column))
                own = own.difference(column)
    return columns
