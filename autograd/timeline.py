"""The reverse pass written down, event by event: what the stepper walks, in both directions.

One event is one contribution along one edge, in the order in which backward really runs; the first
is the seed. Numbers come from the engine's one reverse pass, so their sums are those of
`backward()` to the last bit. Values beyond a limit are not kept: they are computed again from
snapshots of the pass, which are the gradients that were still growing. Read `stepper.py` next.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from autograd import backend
from autograd.backend import Array
from autograd.backward import Step, reverse_pass
from autograd.differentiate import seed_of
from autograd.graph import Node, ancestors, constant
from autograd.mode import local, looking

if TYPE_CHECKING:
    from autograd.tensor import Tensor

LIMIT = 256 * 2**20
"""Bytes of contributions and sums that a time line keeps; beyond, it computes them again. Its
snapshots take as many again at most."""

CHUNK = 16 * 2**20
"""Bytes after which a snapshot is taken, from which those behind it can be computed again."""

OVERHEAD = 256
"""Bytes that Python's objects around the numbers of one event take, which for scalars are most."""


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


@dataclass(slots=True, eq=False)
class _Chunk:
    """A stretch of events, which begins and ends between two operations. start: the first.
    pending: the gradients that grow there, from which it can be computed again; None if those of
    the chunk before must do.  numbers: None while they are not kept.  size: their bytes."""

    start: int
    pending: dict[Node, Any] | None
    numbers: list[Numbers] | None
    size: int = 0


_NOWHERE: tuple[int, dict[Node, Any], Iterator[Step]] = (-1, {}, iter(()))
"""A place among the chunks, the gradients that grow there, and the rest of the pass: here none."""


class Timeline:
    """All events of the reverse pass from one output.

    events: forward operations, if asked for, then the seed, then the edges.  first: the index of
    the seed.  output: the node where the pass begins.  seed: its gradient, a copy of the one given.
    complete: the index of the event with which a node's gradient is complete; for an operation with
    several outputs, those of all its outputs.
    Raises GraphError or ShapeError as `backward()` does, also where an earlier `backward()` freed
    what a rule needs.
    """

    def __init__(self, y: Tensor, gradient: Any = None, *, forward: bool = False) -> None:
        self.output, seed = seed_of(y, gradient, False, "step()")
        self.seed = _copied(seed)
        self.events: list[Event] = []
        if forward:
            for made in ancestors([constant(y)]):
                if made.op is not None and made.index is None:
                    self._add("forward", made, 0, made)
        self.first = len(self.events)
        self._add("seed", self.output, 0, self.output)
        self._arrivals: dict[Node, list[int]] = {self.output: [self.first]}
        self._chunks: list[_Chunk] = []
        self._kept: list[_Chunk] = []  # those with numbers, the longest unused first
        self._size = self._snapshots = 0  # bytes of numbers kept, of snapshots
        self._reached = _NOWHERE
        with aside():
            self._write()
        self.complete = {node: indices[-1] for node, indices in self._arrivals.items()}
        for event in self.events[self.first :]:
            event.is_last = self.complete[event.target] == event.index
        for node, last in list(self.complete.items()):
            if node.index is not None:  # an operation of several outputs waits for all of them
                hub = node.parents[0]
                self.complete[hub] = max(last, self.complete.get(hub, last))

    def __len__(self) -> int:
        return len(self.events)

    def _add(self, kind: Any, node: Node, position: int, target: Node) -> Event:
        event = Event(len(self.events), kind, node, position, target)
        self.events.append(event)
        return event

    def numbers(self, index: int) -> Numbers:
        """The numbers of the event at index, which is the seed or an edge.

        Raises IndexError for a forward event, which has none; GraphError if they must be computed
        again, and what that needs was freed or overwritten in the meantime.
        """
        if not self.first <= index < len(self.events):
            last = len(self.events) - 1
            raise IndexError(f"event {index} has no gradients; those are {self.first} to {last}.")
        if index == self.first:
            return Numbers(self.seed, self.seed, None, self.seed)
        place = bisect_right(self._chunks, index, key=lambda chunk: chunk.start) - 1
        chunk = self._chunks[place]
        if chunk.numbers is None:
            with aside():
                self._compute(place)
        elif chunk is not self._kept[-1]:
            self._keep(chunk, chunk.numbers)
        assert chunk.numbers is not None
        return chunk.numbers[index - chunk.start]

    def gradient(self, node: Node, index: int) -> Array | None:
        """The sum of what has reached node after the event at index; None before the first, and
        for an operation with several outputs, each of which has its own."""
        found = self._arrivals.get(node, [])
        count = bisect_right(found, index)
        return self.numbers(found[count - 1]).after if count else None

    def arrivals(self, node: Node) -> list[int]:
        """The indices of the events that add to node's gradient, in their order."""
        return list(self._arrivals.get(node, ()))

    def _write(self) -> None:
        """Runs the pass once, and notes its events and numbers, in chunks."""
        pending: dict[Node, Any] = {self.output: self.seed}
        chunk, numbers = self._open(pending), list[Numbers]()
        for step in _steps(pending):
            if chunk.size > CHUNK:
                self._keep(chunk, numbers)
                chunk, numbers = self._open(pending), []
            for position, target, number in edges(step, pending):
                event = self._add("edge", step[0], position, target)
                event.is_first = number.before is None
                self._arrivals.setdefault(target, []).append(event.index)
                numbers.append(number)
                chunk.size += number.contribution.nbytes + number.after.nbytes + OVERHEAD
        self._keep(chunk, numbers)

    def _open(self, pending: dict[Node, Any]) -> _Chunk:
        """The next chunk, with a snapshot."""
        before = self._chunks[-1].pending if self._chunks else None
        chunk = _Chunk(len(self.events), dict(pending), None)
        self._chunks.append(chunk)
        self._snapshots += _bytes_of(pending, before or {})
        if self._snapshots > LIMIT + _bytes_of(pending, {}):  # which the pass itself needs
            self._thin()
        return chunk

    def _thin(self) -> None:
        """Lets every second snapshot go; the first stays, from which all others follow."""
        held = [chunk for chunk in self._chunks if chunk.pending is not None]
        for chunk in held[1:-1:2]:
            chunk.pending = None
        self._snapshots, before = 0, dict[Node, Any]()
        for chunk in self._chunks:
            if chunk.pending is not None:
                self._snapshots += _bytes_of(chunk.pending, before)
                before = chunk.pending

    def _keep(self, chunk: _Chunk, numbers: list[Numbers]) -> None:
        """Keeps chunk's numbers, and lets those longest unused go that are too much.

        Two are always kept, so that walking to and fro between them computes nothing.
        """
        if chunk.numbers is None:
            self._size += chunk.size
        else:
            self._kept.remove(chunk)
        chunk.numbers = numbers
        self._kept.append(chunk)
        while self._size > LIMIT and len(self._kept) > 2:
            dropped = self._kept.pop(0)
            dropped.numbers = None
            self._size -= dropped.size

    def _compute(self, place: int) -> None:
        """Computes the numbers of a chunk again, from the last snapshot on, or from where the last
        such computation ended; those shortly before it are kept too, as they are the next to be
        wanted by one who walks back."""
        (reached, pending, steps), self._reached = self._reached, _NOWHERE
        start = near = place
        while start != reached and self._chunks[start].pending is None:
            start -= 1
        if start != reached:
            pending = dict(self._chunks[start].pending or {})
            steps = _steps(pending)
        size = self._chunks[place].size
        while near > start and (size := size + self._chunks[near - 1].size) <= LIMIT // 2:
            near -= 1
        ends = [chunk.start for chunk in self._chunks[start + 1 :]] + [len(self.events)]
        for at in range(start, place + 1):
            numbers, chunk = list[Numbers](), self._chunks[at]
            while len(numbers) < ends[at - start] - chunk.start:
                numbers += [number for _, _, number in edges(next(steps), pending)]
            if at >= near:
                self._keep(chunk, numbers)
        self._reached = place + 1, pending, steps


@contextmanager
def aside() -> Iterator[None]:
    """Inside, the rules run as no pass of the user's: silently, nobody watches, no hook runs."""
    mode = local.mode
    before = mode.anomaly, mode.watch, mode.observer
    mode.anomaly, mode.watch, mode.observer = False, None, None
    try:
        with backend.quiet(), looking(True):
            yield
    finally:
        mode.anomaly, mode.watch, mode.observer = before


def _steps(pending: dict[Node, Any]) -> Iterator[Step]:
    """The reverse pass from the gradients that grow at its beginning."""
    return reverse_pass(list(pending.items()), retain_graph=True, observe=True)


def edges(step: Step, pending: dict[Node, Any]) -> Iterator[tuple[int, Node, Numbers]]:
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


def _bytes_of(pending: dict[Node, Any], before: dict[Node, Any]) -> int:
    """What a snapshot takes, beside one that holds some of the same gradients."""
    fresh = (g for node, g in pending.items() if before.get(node) is not g)
    return OVERHEAD * len(pending) + sum(map(_nbytes, fresh))


def _nbytes(g: Any) -> int:
    """Bytes of a gradient: an array, or those of an operation's outputs by index."""
    parts: Iterable[Array] = g.values() if isinstance(g, dict) else (g,)
    return sum(part.nbytes for part in parts)


def _copied(g: Array) -> Array:
    """g in memory of its own, with strides in the same order: on them depends the order of a sum,
    and on that its last bit."""
    once = tuple(slice(0, 1) if s == 0 else slice(None, None, s // abs(s)) for s in g.strides)
    turned = tuple(slice(None, None, -1 if s < 0 else 1) for s in g.strides)
    return backend.broadcast_to(g[(..., *once)].copy(order="K"), g.shape)[(..., *turned)]
