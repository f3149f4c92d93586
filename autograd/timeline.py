"""The reverse pass written down, event by event: what the stepper walks, in both directions.

One event is one contribution along one edge, in the order in which backward really runs; the first
is the seed. Numbers come from the engine's one reverse pass, so their sums are those of
`backward()` to the last bit. Values beyond a limit are not kept: they are computed again from
snapshots of the pass, which are the gradients that were still growing. Read `stepper.py` next.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from autograd import backend
from autograd.backend import Array
from autograd.backward import reverse_pass
from autograd.differentiate import seed_of
from autograd.graph import Node, ancestors, constant

if TYPE_CHECKING:
    from autograd.tensor import Tensor

LIMIT = 256 * 2**20
"""Bytes of contributions and sums that a time line keeps; beyond, it computes them again."""

CHUNK = 16 * 2**20
"""Bytes after which a snapshot is taken, from which those behind it can be computed again."""


@dataclass(slots=True, eq=False)
class Event:
    """A step on the time line.

    index: its place there.  kind: "forward" for an operation computed, "seed" for the gradient that
    the pass begins with, "edge" for one contribution.  node: the operation whose rule ran; at the
    seed, the output.  position: which of its inputs receives.  target: that input; at the seed, the
    output.  is_first, is_last: whether the target's gradient begins, is complete, with it.
    """

    index: int
    kind: Literal["forward", "seed", "edge"]
    node: Node
    position: int
    target: Node
    is_first: bool = True
    is_last: bool = True


@dataclass(slots=True)
class Numbers:
    """What an event is about. upstream: the gradient at the operation's output, a tuple for several
    outputs.  contribution: what the rule made of it.  before, after: the target's gradient; before
    is None where it begins."""

    upstream: Any
    contribution: Array
    before: Array | None
    after: Array


@dataclass(slots=True)
class _Chunk:
    """A stretch of events. start: the first.  pending: the gradients that grow there, from which it
    can be computed again.  numbers: None while they are not kept."""

    start: int
    pending: list[tuple[Node, Any]]
    numbers: list[Numbers] | None


class Timeline:
    """All events of the reverse pass from one output.

    events: forward operations, if asked for, then the seed, then the edges.  first: the index of
    the seed.
    Raises GraphError or ShapeError as `backward()` does, also where an earlier `backward()` freed
    what a rule needs.
    """

    def __init__(self, y: Tensor, gradient: Any = None, *, forward: bool = False) -> None:
        node, seed = seed_of(y, gradient, False, "step()")
        self.output, self.seed = node, seed
        self.events: list[Event] = []
        if forward:
            for made in ancestors([constant(y)]):
                if made.op is not None and made.index is None:
                    self._add("forward", made, 0, made)
        self.first = len(self.events)
        self._add("seed", node, 0, node)
        self._chunks: list[_Chunk] = []
        self._kept: list[_Chunk] = []  # those with numbers, the longest unused first
        self._write()
        self.complete = {event.target: event.index for event in self.events[self.first :]}
        for event in self.events[self.first :]:
            event.is_last = self.complete[event.target] == event.index

    def __len__(self) -> int:
        return len(self.events)

    def _add(self, kind: Any, node: Node, position: int, target: Node) -> Event:
        event = Event(len(self.events), kind, node, position, target)
        self.events.append(event)
        return event

    def numbers(self, index: int) -> Numbers:
        """The numbers of the event at index, which is the seed or an edge.

        Raises IndexError for a forward event, which has none.
        """
        if not self.first <= index < len(self.events):
            last = len(self.events) - 1
            raise IndexError(f"event {index} has no gradients; those are {self.first} to {last}.")
        if index == self.first:
            return Numbers(self.seed, self.seed, None, self.seed)
        chunk = self._chunk_of(index)
        if chunk.numbers is None:
            chunk.numbers = self._again(chunk)
            self._keep(chunk)
        return chunk.numbers[index - chunk.start]

    def gradient(self, node: Node, index: int) -> Array | None:
        """The sum of what has reached node after the event at index; None before the first."""
        found = self._arrivals.get(node, [])
        count = bisect_right(found, index)
        return self.numbers(found[count - 1]).after if count else None

    def arrivals(self, node: Node) -> list[int]:
        """The indices of the events that add to node's gradient, in their order."""
        return list(self._arrivals.get(node, ()))

    def _write(self) -> None:
        """Runs the pass once, and notes its events and numbers, in chunks."""
        self._arrivals: dict[Node, list[int]] = {self.output: [self.first]}
        pending: dict[Node, Any] = {self.output: self.seed}
        chunk = _Chunk(len(self.events), list(pending.items()), [])
        size = 0
        for step in self._steps(chunk.pending):
            if size > CHUNK:
                self._close(chunk)
                chunk, size = _Chunk(len(self.events), list(pending.items()), []), 0
            for position, target, numbers in _edges(step, pending):
                event = self._add("edge", step[0], position, target)
                event.is_first = numbers.before is None
                self._arrivals.setdefault(target, []).append(event.index)
                assert chunk.numbers is not None
                chunk.numbers.append(numbers)
                size += numbers.contribution.nbytes + numbers.after.nbytes
        self._close(chunk)

    def _steps(self, seeds: list[tuple[Node, Any]]) -> Iterator[Any]:
        with backend.quiet():
            yield from reverse_pass(seeds, retain_graph=True, observe=True)

    def _close(self, chunk: _Chunk) -> None:
        self._chunks.append(chunk)
        self._keep(chunk)

    def _keep(self, chunk: _Chunk) -> None:
        """Keeps chunk's numbers, and lets those longest unused go that are too much."""
        self._kept.append(chunk)
        while len(self._kept) > max(2, LIMIT // CHUNK):
            self._kept.pop(0).numbers = None

    def _chunk_of(self, index: int) -> _Chunk:
        return self._chunks[bisect_right(self._chunks, index, key=lambda chunk: chunk.start) - 1]

    def _again(self, chunk: _Chunk) -> list[Numbers]:
        """A chunk's numbers, computed from its snapshot."""
        place = self._chunks.index(chunk)
        is_final = place + 1 == len(self._chunks)
        end = len(self.events) if is_final else self._chunks[place + 1].start
        found: list[Numbers] = []
        pending = dict(chunk.pending)
        for step in self._steps(chunk.pending):
            if len(found) >= end - chunk.start:
                break
            found += [numbers for _, _, numbers in _edges(step, pending)]
        return found


def _edges(
    step: tuple[Node, Any, tuple[Any, ...]], pending: dict[Node, Any]
) -> Iterator[tuple[int, Node, Numbers]]:
    """What one step contributes: position, receiver and numbers. pending takes up the sums."""
    node, g, contributions = step
    pending.pop(node, None)
    for position, (target, c) in enumerate(zip(node.parents, contributions, strict=False)):
        if c is None:
            continue
        before = pending.get(target)
        after = c if before is None else before + c
        pending[target] = after = np.asarray(after) if isinstance(after, np.generic) else after
        # One output of several hands its gradient to its operation, which is no edge of its own.
        if node.index is None:
            yield position, target, Numbers(g, c, before, after)
