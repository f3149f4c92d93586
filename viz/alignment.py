"""Which boxes of two graphs are the same one: the sides of `viz.diff(a, b)` laid on each other.

Names decide for inputs and parameters; then boxes that compute the same from them are the same, and
then those that the outputs need at the same place. What is left is aligned as a sequence. Every
step is linear or nearly so: no step compares each box with each other one.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from viz.boxes import Box, View, Wire

LEAVES = ("input", "parameter", "constant")

COMMUTATIVE = frozenset({"add", "mul", "maximum", "minimum"})
"""Operations whose operands may change places without another meaning."""

MERGED = -1
"""The slot of wires that cannot be told apart as values: those of a box that merges several."""

CANDIDATES = 200_000
"""Pairs of equal boxes that an alignment looks at; of more, only the k-th with the k-th."""

Pair: TypeAlias = "tuple[int | None, int | None]"
"""A box of the graph before and the same one in the graph after; None where there is none."""


@dataclass(frozen=True, slots=True)
class Use:
    """A value of one box that goes into another, both by number; branches are passed over.

    slot: which of the box's values.  position: of the operand.
    """

    origin: int
    slot: int
    target: int
    position: int
    wire: Wire


class Network:
    """A view without its branches: boxes by number, and for each what comes in and goes out.

    heads: for each value, by box and slot, the wires that leave the box itself, of which a value
    with a branch has one; branched: the values with a branch.  loops: wires from a box to itself.
    """

    def __init__(self, view: View) -> None:
        self.boxes = [box for box in view.boxes if box.kind != "branch"]
        self.numbers = {box.id: n for n, box in enumerate(self.boxes)}
        self.inputs: list[list[Use]] = [[] for _ in self.boxes]
        self.users: list[list[Use]] = [[] for _ in self.boxes]
        self.heads: dict[tuple[int, int], list[Wire]] = {}
        self.branched: set[tuple[int, int]] = set()
        self.loops = {wire.target: wire for wire in view.wires if wire.is_loop}
        self._read([wire for wire in view.wires if not wire.is_loop])
        self.paths = _cluster_paths(view)
        self.keys = [self._key(n) for n in range(len(self.boxes))]

    def _read(self, wires: Sequence[Wire]) -> None:
        direct: dict[str, int] = {}
        for wire in wires:
            direct[wire.source] = direct.get(wire.source, 0) + 1
        # Where a value starts: at its box, or at a branch behind it.
        starts: dict[str, tuple[int, int]] = {}
        for wire in wires:
            if wire.source in self.numbers:
                n = self.numbers[wire.source]
                value = n, _slot(self.boxes[n], wire, direct[wire.source] == 1)
                self.heads.setdefault(value, []).append(wire)
            else:
                value = starts[wire.source]
            if wire.target not in self.numbers:
                starts[wire.target] = value
                self.branched.add(value)
                continue
            target = self.numbers[wire.target]
            use = Use(*value, target, len(self.inputs[target]), wire)
            self.inputs[target].append(use)
            self.users[value[0]].append(use)

    def _key(self, n: int) -> tuple[str, ...]:
        """What a box must have in common with another one to be the same."""
        box = self.boxes[n]
        if box.kind in ("input", "parameter"):
            return ("leaf", self.name(n))
        if box.kind == "operation":
            return (box.kind, box.op, box.label, box.pair[:1] if box.pair[:1] == "∂" else "")
        return (box.kind, re.sub(r" ×\d+$", "", box.label) if box.kind == "module" else "")

    def name(self, n: int) -> str:
        """The name that the user gave to what a box holds or computes, or ""."""
        wires = [use.wire for use in self.users[n]]
        return next((wire.name for wire in wires if wire.is_named), "")

    def operands(self, n: int) -> Iterator[tuple[int, int]]:
        """The values that go into a box, by box and slot."""
        return ((use.origin, use.slot) for use in self.inputs[n])

    def has_shape_of(self, other: Network) -> bool:
        """Whether both have equal boxes, connected in the same way, in the same order."""
        return self.keys == other.keys and all(
            [*self.operands(n)] == [*other.operands(n)] for n in range(len(self.boxes))
        )


def _slot(box: Box, wire: Wire, is_alone: bool) -> int:
    if wire.count == 1 and wire.name in box.results:
        return box.results.index(wire.name)
    return 0 if is_alone and wire.count == 1 else MERGED


def _cluster_paths(view: View) -> dict[str, tuple[str, ...]]:
    paths: dict[str, tuple[str, ...]] = {"": ()}
    for cluster in view.clusters:
        paths[cluster.id] = (*paths[cluster.parent], cluster.name)
    return paths


def align(before: Network, after: Network) -> list[Pair]:
    """All boxes of both, the same ones as pairs, in an order that is topological for both."""
    if before.has_shape_of(after):
        return [(n, n) for n in range(len(before.boxes))]
    aligner = _Aligner(before, after)
    aligner.by_name()
    aligner.by_meaning(exact=True)
    aligner.by_meaning(exact=False)
    aligner.by_result()
    aligner.by_operand()
    aligner.by_sequence()
    while (order := _ordered(before, after, aligner.match)) is None:
        aligner.loosen()
    return order


class _Aligner:
    """Pairs boxes, the surest pairs first. match: the number after of a box before."""

    def __init__(self, before: Network, after: Network) -> None:
        self.before, self.after = before, after
        self.match: dict[int, int] = {}
        self.taken: set[int] = set()
        # The pairs that each step found, for when they contradict one another.
        self.steps: list[list[int]] = []

    def by_name(self) -> None:
        """Inputs and parameters of one name, outputs of one label, then outputs in their order."""
        self.steps.append([])
        self._pair_equal(self._leaves(self.before), self._leaves(self.after))
        self._pair_equal(self._ends(self.before, True), self._ends(self.after, True))
        self._pair_equal(self._ends(self.before, False), self._ends(self.after, False))

    def by_meaning(self, *, exact: bool) -> None:
        """What computes the same from inputs that are the same; exact: from the same constants."""
        self.steps.append([])
        known: dict[Hashable, int] = {}
        one = self._meanings(self.before, known, exact, self.match)
        other = self._meanings(self.after, known, exact, {n: n for n in self.taken})
        waiting: dict[int, list[int]] = {}
        for n, box in enumerate(self.after.boxes):
            if _is_inner(box) and n not in self.taken:
                waiting.setdefault(other[n], []).append(n)
        # From the outputs down, so that of equal parts each goes with the whole it belongs to.
        for n in reversed(range(len(self.before.boxes))):
            if n in self.match or not _is_inner(self.before.boxes[n]):
                continue
            candidates = waiting.get(one[n], [])
            while candidates and candidates[-1] in self.taken:
                candidates.pop()
            if candidates:
                self._pair_down(n, candidates.pop(), one, other)

    def by_result(self) -> None:
        """Equal operations whose results bear a name that is there once in each graph."""
        self.steps.append([])
        one, other = self._named(self.before, self.match), self._named(self.after, self.taken)
        for name, numbers in one.items():
            twins = other.get(name, [])
            if len(numbers) == len(twins) == 1:
                self._pair(numbers[0], twins[0])

    def by_operand(self) -> None:
        """Equal operands at the same place of what is paired, from the outputs back."""
        self.steps.append([])
        self._walk_back()

    def by_sequence(self) -> None:
        """What is left, as sequences, where a neighbour or what it starts from is the same too."""
        self.steps.append([])
        one = [n for n, b in enumerate(self.before.boxes) if _is_inner(b) and n not in self.match]
        other = [n for n, b in enumerate(self.after.boxes) if _is_inner(b) and n not in self.taken]
        pairs = _common(
            [(n, self._placed(self.before, n)) for n in one],
            [(n, self._placed(self.after, n)) for n in other],
        )
        match = self.match | dict(pairs)
        starts = _origins(self.before, match), _origins(self.after, {n: n for n in match.values()})
        for n, twin in pairs:
            if starts[0][n] == starts[1][twin] != -1 or self._has_common_neighbour(n, twin, match):
                self._pair(n, twin)
        self._walk_back()

    def loosen(self) -> None:
        """Gives up the pairs of the last step that found any: they contradict surer ones."""
        for n in self.steps.pop():
            self.taken.discard(self.match.pop(n))

    def _pair(self, n: int, twin: int) -> bool:
        """Pairs two boxes with equal keys unless one of them has its twin already."""
        if n in self.match or twin in self.taken or self.before.keys[n] != self.after.keys[twin]:
            return False
        self.match[n] = twin
        self.taken.add(twin)
        self.steps[-1].append(n)
        return True

    def _pair_equal(self, one: Iterable[tuple[str, int]], other: Iterable[tuple[str, int]]) -> None:
        """Pairs what has equal words, the k-th with the k-th."""
        waiting: dict[str, list[int]] = {}
        for word, n in other:
            waiting.setdefault(word, []).append(n)
        queues = {word: iter(numbers) for word, numbers in waiting.items()}
        for word, n in one:
            if (twin := next(queues.get(word, iter(())), None)) is not None:
                self._pair(n, twin)

    def _leaves(self, network: Network) -> list[tuple[str, int]]:
        return [(key[1], n) for n, key in enumerate(network.keys) if key[0] == "leaf" and key[1]]

    def _ends(self, network: Network, with_label: bool) -> list[tuple[str, int]]:
        done = self.match.keys() if network is self.before else self.taken
        return [
            (box.label if with_label else "", n)
            for n, box in enumerate(network.boxes)
            if box.kind == "output" and n not in done
        ]

    def _named(self, network: Network, done: Iterable[int]) -> dict[str, list[int]]:
        named: dict[str, list[int]] = {}
        known = set(done)
        for n, box in enumerate(network.boxes):
            if _is_inner(box) and n not in known and (name := network.name(n)):
                named.setdefault(name, []).append(n)
        return named

    def _meanings(
        self, network: Network, known: dict[Hashable, int], exact: bool, leaves: dict[int, int]
    ) -> list[int]:
        """A number for what each box means, equal in both graphs for what means the same."""
        meanings: list[int] = []
        for n, box in enumerate(network.boxes):
            meaning: Hashable
            if box.kind == "constant":
                meaning = ("constant", box.label if exact else "")
            elif box.kind in LEAVES:
                meaning = ("leaf", leaves[n]) if n in leaves else (id(network), n)
            else:
                operands = [(meanings[origin], slot) for origin, slot in network.operands(n)]
                if box.op in COMMUTATIVE:
                    operands.sort()
                meaning = (network.keys[n], tuple(operands))
            meanings.append(known.setdefault(meaning, len(known)))
        return meanings

    def _pair_down(self, n: int, twin: int, one: list[int], other: list[int]) -> None:
        """Pairs two boxes that mean the same, and all that they are made of."""
        stack = [(n, twin)]
        while stack:
            n, twin = stack.pop()
            if not self._pair(n, twin):
                continue
            mine = [origin for origin, _ in self.before.operands(n)]
            theirs = [origin for origin, _ in self.after.operands(twin)]
            if self.before.boxes[n].op in COMMUTATIVE:
                mine.sort(key=one.__getitem__)
                theirs.sort(key=other.__getitem__)
            stack += zip(mine, theirs, strict=True)

    def _walk_back(self) -> None:
        """Pairs equal operands at the same place of what is paired."""
        stack = sorted(self.match.items())
        while stack:
            n, twin = stack.pop()
            mine, theirs = [*self.before.operands(n)], [*self.after.operands(twin)]
            pairs = list(zip(mine, theirs, strict=False))
            if self.before.boxes[n].op in COMMUTATIVE:
                pairs += zip(mine, theirs[::-1], strict=False)
            for (origin, slot), (other, place) in pairs:
                if slot == place and self._pair(origin, other):
                    stack.append((origin, other))

    def _placed(self, network: Network, n: int) -> Hashable:
        return (network.keys[n], network.paths[network.boxes[n].cluster])

    def _has_common_neighbour(self, n: int, twin: int, match: dict[int, int]) -> bool:
        origins = {use.origin for use in self.after.inputs[twin]}
        targets = {use.target for use in self.after.users[twin]}
        return any(match.get(use.origin) in origins for use in self.before.inputs[n]) or any(
            match.get(use.target) in targets for use in self.before.users[n]
        )


def _is_inner(box: Box) -> bool:
    return box.kind not in LEAVES and box.kind != "output"


def _origins(network: Network, match: dict[int, int]) -> list[int]:
    """For each box the nearest one with a twin, back along first operands; -1 if there is none."""
    origins: list[int] = []
    for uses in network.inputs:
        first = uses[0].origin if uses else -1
        origins.append(match.get(first, origins[first] if uses else -1))
    return origins


def _common(
    one: Sequence[tuple[int, Hashable]], other: Sequence[tuple[int, Hashable]]
) -> list[tuple[int, int]]:
    """The longest sequence of equal things that both have, as pairs of their numbers.

    Source: Hunt and Szymanski, A fast algorithm for computing longest common subsequences (1977).
    """
    places: dict[Hashable, list[int]] = {}
    for j, (_, thing) in enumerate(other):
        places.setdefault(thing, []).append(j)
    is_many = sum(len(places.get(thing, ())) for _, thing in one) > CANDIDATES
    counts: dict[Hashable, int] = {}
    ends: list[int] = []  # the least end, in other, of a common sequence of each length
    links: list[tuple[int, int, int]] = []  # i, j, and the link before
    tips: list[int] = []
    for i, (_, thing) in enumerate(one):
        found = places.get(thing, [])
        if is_many:
            k = counts[thing] = counts.get(thing, -1) + 1
            found = found[k : k + 1]
        for j in reversed(found):
            length = bisect_left(ends, j)
            links.append((i, j, tips[length - 1] if length else -1))
            ends[length : length + 1] = [j]
            tips[length : length + 1] = [len(links) - 1]
    pairs = []
    at = tips[-1] if tips else -1
    while at >= 0:
        i, j, at = links[at]
        pairs.append((one[i][0], other[j][0]))
    return pairs[::-1]


def _ordered(before: Network, after: Network, match: dict[int, int]) -> list[Pair] | None:
    """All boxes in topological order, near that of after; None if the pairs make a circle."""
    nodes: list[Pair] = [(None, n) for n in range(len(after.boxes))]
    ranks = [(n, 0, 0) for n in range(len(after.boxes))]
    place, last = [0] * len(before.boxes), -1
    for n in range(len(before.boxes)):
        if n in match:
            last = place[n] = match[n]
            nodes[last] = (n, last)
        else:
            place[n] = len(nodes)
            nodes.append((n, None))
            ranks.append((last, 1, n))
    followers: list[list[int]] = [[] for _ in nodes]
    missing = [0] * len(nodes)
    for network, at in ((before, place), (after, range(len(after.boxes)))):
        for use in (use for uses in network.inputs for use in uses):
            followers[at[use.origin]].append(at[use.target])
            missing[at[use.target]] += 1
    ready = [(ranks[i], i) for i in range(len(nodes)) if not missing[i]]
    heapq.heapify(ready)
    order = []
    while ready:
        _, i = heapq.heappop(ready)
        order.append(nodes[i])
        for follower in followers[i]:
            missing[follower] -= 1
            if not missing[follower]:
                heapq.heappush(ready, (ranks[follower], follower))
    return order if len(order) == len(nodes) else None
