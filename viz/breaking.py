"""`with viz.break_on(nan=True, op="log"):` drops into the (bdb) prompt in the middle of a real
`backward()`.

Only the past is there: a step beyond it lets the pass run that far, and stops again. Nothing of
what `backward()` computes changes by it. The engine hands its steps through `Mode.observer`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from autograd import Tensor
from autograd.breakpoints import (
    Breakpoint,
    Test,
    stop_at,
    stop_at_nan,
    stop_at_operation,
    stop_sized,
)
from autograd.graph import Node, constant
from autograd.mode import Switch, local
from autograd.promote import handle
from autograd.timeline import Event, Numbers, Timeline, edges
from viz.names import collect, one_line
from viz.prompt import Prompt, user_frame, variables_of
from viz.stepping import Stepper
from viz.stops import stop_of

Seeds = list[tuple[Node, Any]]

Stop = tuple[str, Callable[[Stepper], Test]]
"""A place to stop, as the user put it; and how to find it in a pass."""


@dataclass(slots=True)
class _Block:
    """One run of a `with` block. stops: those that cl has left.  is_over: whether none stops any
    more."""

    stops: list[Stop]
    is_over: bool = False


class Passing(Timeline):
    """The time line of a pass that is still running: its events are those that have happened.

    behind: the steps that the pass has given, and backward() has not taken yet.  error: what the
    pass raised, if it did.  is_over: whether it will give no more.
    """

    def __init__(self, seeds: Seeds, steps: Iterator[Any]) -> None:
        self.seeds, self.steps = seeds, steps
        self.output, self.seed = seeds[0][0], _array(seeds[0][1])
        self.events: list[Event] = []
        self.first, self.complete = 0, {}
        self.behind: list[Any] = []
        self.error: BaseException | None = None
        self.is_over = False
        self._arrivals: dict[Node, list[int]] = {}
        self._past: list[Numbers] = []
        self._pending: dict[Node, Any] = {}
        for node, seed in seeds:
            g = _array(seed)
            before = self._pending.get(node)
            self._pending[node] = after = g if before is None else before + g
            self._note("seed", node, 0, node, Numbers(g, g, before, after))

    def numbers(self, index: int) -> Numbers:
        """The numbers of an event of the past. Raises IndexError beyond it."""
        return self._past[index]

    def reach(self, index: int) -> bool:
        """Lets the pass run until there is an event at index. Returns whether there is."""
        while index >= len(self.events) and not self.is_over:
            self._run()
        return index < len(self.events)

    def _run(self) -> None:
        """Lets the pass take one step. Raises what it raises, as backward() will again: a pass
        that was cut short, if only by Ctrl-C, must not look complete."""
        try:
            step = next(self.steps, None)
        except BaseException as error:
            self.error, self.is_over = error, True
            raise
        if step is None:
            self.is_over = True
            for node in self._arrivals:
                self._close(node)
            return
        self.behind.append(step)
        node, g, contributions = step
        self._close(node)
        plain = node, _array(g), tuple(c if c is None else _array(c) for c in contributions)
        for position, target, numbers in edges(plain, self._pending):
            self._note("edge", node, position, target, numbers)

    def _note(self, kind: Any, node: Node, position: int, target: Node, numbers: Numbers) -> None:
        event = self._add(kind, node, position, target)
        event.is_first, event.is_last = numbers.before is None, False
        self._arrivals.setdefault(target, []).append(event.index)
        self._past.append(numbers)

    def _close(self, node: Node) -> None:
        """Notes that a gradient is complete: the pass has come to its node."""
        if node not in self.complete and node in self._arrivals:
            self.complete[node] = last = self._arrivals[node][-1]
            self.events[last].is_last = True


class Follower(Stepper):
    """A Stepper through a pass that is still running."""

    timeline: Passing

    leaves_at_end = True
    _is_whole = False  # operations are still to come

    def __init__(self, timeline: Passing, frame: FrameType | None) -> None:
        self.timeline, self.index = timeline, 0
        self.breakpoints, self._count = [], 0
        self.seed, self.params = timeline.seed, None
        nodes = list(dict.fromkeys(node for node, _ in timeline.seeds))
        self.outputs = [_tensor_of(node) for node in nodes]
        self._name(nodes, _variables(frame))

    @property
    def _last(self) -> str:
        return str(len(self.events) - 1) if self.timeline.is_over else "…"

    @property
    def is_at_end(self) -> bool:
        """Whether the pass is over, and nothing of it is ahead."""
        return not self._has(self.index + 1)

    def _has(self, index: int) -> bool:
        return self.timeline.reach(index)

    def is_complete(self, node: Node) -> bool:
        """Whether node's gradient will not grow any more, by what is known now."""
        return self.timeline.complete.get(node, math.inf) <= self.index

    def _closes(self, event: Event) -> bool:
        """Whether its target's gradient is complete with event: the pass goes on until it is
        known."""
        while event.target not in self.timeline.complete and not self.timeline.is_over:
            self.timeline.reach(len(self.events))
        return event.is_last

    def step(self, count: int = 1) -> Event:
        """So many edges on, for which the pass goes on; back, if count is negative."""
        self._has(self.index + count)
        return super().step(count)

    def goto(self, index: int) -> Event:
        """Jumps. Raises IndexError for an event that has not happened."""
        if index >= len(self.events) and not self.timeline.is_over:
            raise IndexError(
                f"event {index} has not happened; the past is 0 to {len(self.events) - 1}. "
                "s, n, c and unt let backward() go on."
            )
        return super().goto(index)

    def explain(self, x: Any = None) -> Any:
        """Raises ValueError: paths are followed when backward() is over."""
        raise ValueError(
            "explain needs the whole pass, which is still running. Leave it with q, and ask "
            "viz.step(y).explain(x), with retain_graph=True for a large graph."
        )

    def save(self, path: Any, **options: Any) -> Any:
        """Raises ValueError: the page is of a whole pass."""
        raise ValueError(
            "the page is of a whole pass, and this one is still running. Leave it with q, and use "
            "viz.step(y).save(path)."
        )

    def _repr_html_(self) -> None:
        """Nothing: a notebook shows the line."""


class break_on(Switch):
    """Inside, `backward()` and `grad()` of this thread stop at the (bdb) prompt where asked.

    stops: as at the prompt's b, "x", "op:log", "|g|>1e3", "shop.py:6"; or tensors.  nan: where a
    contribution has a NaN or an infinity.  op: at the operations of that name.  above: where a
    contribution has an element larger than that.  when: where it gives True, for a stepper and an
    event. With none of these it stops at the seed.
    At the prompt q lets the pass run to its end, and the next one stops again. Q, Ctrl-D, exit()
    and the end of piped input let all run that come within this `with`; cl removes stops for as
    long.
    """

    __slots__ = ("_block", "_stops")
    field = "observer"

    def __new__(cls, *stops: Any, **settings: Any) -> Any:
        """A switch; or, where cls stands bare over a function, the function under one."""
        return super().__new__(cls, *stops)

    def __init__(
        self,
        *stops: str | Tensor,
        nan: bool = False,
        op: str | None = None,
        above: float | None = None,
        when: Test | None = None,
    ) -> None:
        super().__init__()
        self._stops: list[Stop] = []
        self._block: _Block | None = None
        for stop in stops:
            if not isinstance(stop, str | Tensor):
                raise TypeError(f"break_on(): {stop!r} is neither a place to stop nor a Tensor.")
            text = stop if isinstance(stop, str) else stop.name or "a tensor"
            self._add(one_line(text), _reader(stop))
        if nan:
            self._add("nan", lambda _: stop_at_nan)
        if op is not None:
            test = stop_at_operation(op)
            self._add(f"op:{op}", lambda _: test)
        if above is not None:
            size = stop_sized(">", above)
            self._add(f"|g|>{above:g}", lambda _: size)
        if when is not None:
            self._add("when", lambda _: when)

    def _add(self, text: str, read: Callable[[Stepper], Test]) -> None:
        self._stops.append((text, read))

    def value(self, previous: Any) -> Callable[[Seeds, Iterator[Any]], Iterator[Any]]:
        """An observer that stops where asked; within what was observed before."""
        block = self._block or _Block(list(self._stops))

        def observe(seeds: Seeds, steps: Iterator[Any]) -> Iterator[Any]:
            inner = steps if previous is None else previous(seeds, steps)
            return inner if not seeds or block.is_over else _followed(block, seeds, inner)

        return observe

    def _fresh(self) -> break_on:
        fresh = break_on()
        fresh._stops = self._stops
        # A generator leaves the block at each yield, and comes back into the same one.
        fresh._block = _Block(list(self._stops))
        return fresh


def _followed(block: _Block, seeds: Seeds, steps: Iterator[Any]) -> Iterator[Any]:
    """The steps, with the prompt where asked."""
    timeline = Passing(seeds, steps)
    frame = user_frame(sys._getframe(1))
    follower = Follower(timeline, frame)
    points = [_point(follower, text, read) for text, read in block.stops]
    follower.breakpoints = [point for point in points if point is not None]
    try:
        if block.stops:
            follower.continue_()
        if not block.stops or any(point.hits for point in follower.breakpoints):
            block.is_over = _ask(follower, frame)
            _clear(block, points, follower.breakpoints)
        yield from timeline.behind
        timeline.behind.clear()
        if timeline.error is not None:
            raise timeline.error
    finally:
        timeline.error = None  # its traceback holds this frame: the two would keep each other
    yield from timeline.steps


def _clear(block: _Block, points: list[Breakpoint | None], left: list[Breakpoint]) -> None:
    """Takes the stops out of block that cl removed. Without any it stops nowhere, and not at the
    seed, as it would if none had been asked for."""
    kept = [
        stop
        for stop, point in zip(block.stops, points, strict=True)
        if point is None or any(point is other for other in left)
    ]
    block.is_over = block.is_over or (len(kept) < len(block.stops) and not kept)
    block.stops = kept


def _ask(follower: Follower, frame: FrameType | None) -> bool:
    """The prompt, under which a backward() that is typed is not observed. Returns whether it was
    left for good."""
    mode = local.mode
    observer, mode.observer = mode.observer, None
    try:
        return Prompt(follower, frame).run()
    finally:
        mode.observer = observer


def _point(follower: Follower, text: str, read: Callable[[Stepper], Test]) -> Breakpoint | None:
    """A breakpoint; None for a value that this pass does not have."""
    try:
        return follower.break_at(text, read(follower))
    except ValueError:
        return None


def _reader(stop: str | Tensor) -> Callable[[Stepper], Test]:
    if isinstance(stop, Tensor):
        return lambda _: stop_at([constant(stop)])
    return lambda stepper: stop_of(stop, stepper.names.find)


def _variables(frame: FrameType | None) -> dict[Any, str]:
    """For each node and model that a variable of the frame stands for, that variable's name."""
    names: dict[Any, str] = {}
    for variables in (variables_of(frame), frame.f_globals) if frame is not None else ():
        collect(variables, names)
    return names


def _array(g: Any) -> Any:
    """The array of a gradient, which is a Tensor with create_graph, or a tuple of several."""
    if isinstance(g, tuple):
        return tuple(_array(part) for part in g)
    return g.data if isinstance(g, Tensor) else g


def _tensor_of(node: Node) -> Tensor:
    """A handle on a node of the pass, for pictures."""
    return handle(node.value, node)
