"""A place on a time line, and the ways to move it: forwards, back, and to a breakpoint.

The numbers are computed already (`timeline.py`), so going back costs nothing, and nothing of the
user's graph changes by stepping.
"""

from __future__ import annotations

from operator import index as as_index
from typing import TYPE_CHECKING, Any

from autograd.breakpoints import Breakpoint, Test, stop_at
from autograd.graph import Node
from autograd.mode import Entry
from autograd.timeline import Event, Numbers, Timeline

if TYPE_CHECKING:
    from autograd.tensor import Tensor


class Stepper:
    """Walks the reverse pass of one output. index: the last event that has happened.

    Raises as Timeline does. Every move returns the event where it ends; at an end of the time line
    it stays there.
    """

    def __init__(self, y: Tensor, gradient: Any = None, *, forward: bool = False) -> None:
        self.timeline = Timeline(y, gradient, forward=forward)
        self.index = 0 if forward else self.timeline.first
        self.breakpoints: list[Breakpoint] = []
        self._count = 0

    @property
    def events(self) -> list[Event]:
        """All events, past and future."""
        return self.timeline.events

    @property
    def event(self) -> Event:
        """The last event that has happened."""
        return self.events[self.index]

    @property
    def is_at_end(self) -> bool:
        """Whether all has happened."""
        return self.index == len(self.events) - 1

    def numbers(self) -> Numbers:
        """The numbers of the present event. Raises IndexError if it is a forward one."""
        return self.timeline.numbers(self.index)

    def gradient(self, node: Node) -> Any:
        """What has reached node by now; None before anything has."""
        return self.timeline.gradient(node, self.index)

    def is_complete(self, node: Node) -> bool:
        """Whether node's gradient will not grow any more; so too if none ever reaches it."""
        return self.index >= self.timeline.complete.get(node, -1)

    # Moves

    def goto(self, index: int) -> Event:
        """Jumps. Raises IndexError beyond the time line, TypeError for what is no integer."""
        index = as_index(index)
        if not 0 <= index < len(self.events):
            raise IndexError(f"there is no event {index}; they are 0 to {len(self.events) - 1}.")
        self.index = index
        return self.event

    def step(self, count: int = 1) -> Event:
        """So many edges on; back, if count is negative."""
        return self.goto(min(max(self.index + count, 0), len(self.events) - 1))

    def next(self, count: int = 1) -> Event:
        """So many operations on, each with all its inputs; not past a breakpoint."""
        for _ in range(count):
            if self.is_at_end:
                break
            first = self.step()
            if self._breaks(first):
                break
            while not self.is_at_end and self._is_same(self.events[self.index + 1], first):
                if self._breaks(self.step()):
                    return self.event
        return self.event

    def back(self, count: int = 1) -> Event:
        """So many operations back."""
        for _ in range(count):
            if not self.index:
                break
            last = self.event
            self.step(-1)
            while self.index and self._is_same(self.event, last):
                self.step(-1)
        return self.event

    def _is_same(self, event: Event, other: Event) -> bool:
        """Whether both are edges of one operation. The seed, which has its node from the operation
        behind it, belongs to none."""
        return event.kind == other.kind == "edge" and event.node is other.node

    def until(self, what: Node | str) -> Event:
        """To where a node's gradient is complete, or to the first edge of the next operation of
        that name or symbol; not past a breakpoint.

        Raises ValueError if no event ahead is of that kind.
        """
        if not isinstance(what, str):
            return self._until_complete(what)
        for index in range(max(self.index, self.timeline.first) + 1, len(self.events)):
            event = self.events[index]
            begins = not self._is_same(self.events[index - 1], event)
            if begins and event.node.op is not None:
                if what in (event.node.op.name, event.node.op.symbol):
                    return self._advance(index)
        raise ValueError(f"no operation {what!r} begins after event {self.index}.")

    def _until_complete(self, node: Node) -> Event:
        complete = self.timeline.complete.get(node)
        if complete is None:
            raise ValueError(
                f"no gradient reaches {node!r}: the output does not depend on it, or "
                "it is not tracked."
            )
        if complete <= self.index:
            raise ValueError(
                f"the gradient of {node!r} is complete since event {complete}. "
                f"goto({complete}) shows it."
            )
        return self._advance(complete)

    def leave(self) -> Event:
        """Out of the present module: to the first event of an operation outside, or the end."""
        entry = self.event.node.module
        return self._find(lambda _, event: not _is_inside(event.node.module, entry), 1)

    def continue_(self) -> Event:
        """To the next breakpoint, or the end."""
        return self._find(Stepper._breaks, 1)

    def continue_back(self) -> Event:
        """To the breakpoint before, or the beginning."""
        return self._find(Stepper._breaks, -1)

    def _advance(self, goal: int) -> Event:
        """On to the event at goal, or to the first breakpoint before it."""
        if not self.breakpoints:
            return self.goto(goal)
        return self._find(lambda _, event: self._breaks(event) or event.index >= goal, 1)

    def _find(self, test: Test, way: int) -> Event:
        while 0 <= self.index + way < len(self.events):
            self.index += way
            if test(self, self.event):
                break
        return self.event

    # Breakpoints

    def break_at(
        self,
        text: str,
        test: Test,
        *,
        condition: Test | None = None,
        is_temporary: bool = False,
    ) -> Breakpoint:
        """Sets a breakpoint."""
        self._count += 1
        point = Breakpoint(self._count, text, test, condition, is_temporary)
        self.breakpoints.append(point)
        return point

    def watch(self, node: Node, text: str = "") -> Breakpoint:
        """Sets a breakpoint wherever node's gradient grows."""
        return self.break_at(text or f"watch {node.name or node}", stop_at([node]))

    def clear(self, number: int | None = None) -> None:
        """Removes a breakpoint, or all. Raises ValueError for a number that is none's."""
        if number is not None and all(point.number != number for point in self.breakpoints):
            raise ValueError(f"there is no breakpoint {number}.")
        self.breakpoints = [
            point for point in self.breakpoints if number not in (None, point.number)
        ]

    def _breaks(self, event: Event) -> bool:
        hit = [
            point
            for point in self.breakpoints
            if point.test(self, event) and (point.condition is None or point.condition(self, event))
        ]
        for point in hit:
            point.hits += 1
            if point.is_temporary:
                self.breakpoints.remove(point)
        return bool(hit)


def _is_inside(entry: Entry | None, outer: Entry | None) -> bool:
    """Whether entry is outer, or lies in it."""
    while entry is not None and entry is not outer:
        entry = entry.outer
    return entry is outer
