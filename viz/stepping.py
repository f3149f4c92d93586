"""`step(y)`: walk through backprop, one contribution after the other, forwards and back.

A Stepper is the engine's, with the user's names: every event is one line. `prompt.py` is the (bdb)
prompt around it, `event_line.py` writes the lines, `stops.py` reads breakpoints, `breaking.py` does
the same in the middle of a real `backward()`.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograd import Tensor, stepper
from autograd.breakpoints import Breakpoint, Test
from autograd.graph import Node, ancestors, location
from autograd.timeline import Event
from viz.drawing import Drawing
from viz.event_line import event_line, number_text, symbol_of
from viz.names import caller_names, element_of, has_line, one_line
from viz.save import write_whole
from viz.step_drawing import drawing_at
from viz.stops import check_operation, stop_of
from viz.value_names import ValueNames
from viz.view.naming import parameter_names

AROUND = 5
"""Events that a list shows before the present one, and after it."""

WAITING = 6
"""Waiting gradients that are listed."""

LONGEST_LINE = 100
"""Characters of the user's line that are shown."""


class Told(str):
    """A text that a Python prompt shows as it is, not as '…\\n…'."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Stepper(stepper.Stepper):
    """Walks through the reverse pass of one output, and tells each step. Made by `step()`.

    names: what a value is called, a function of its node.  index: the last event that has happened.
    Nothing of the user's graph changes by it: no `.grad`, mode or kept array.  leaves_at_end:
    whether `c` leaves the prompt where no breakpoint is ahead.
    """

    _is_whole = True
    leaves_at_end = False

    def __init__(
        self,
        y: Tensor,
        gradient: Any = None,
        *,
        forward: bool = False,
        params: Any = None,
        variables: Mapping[Any, str] | None = None,
    ) -> None:
        super().__init__(y, gradient, forward=forward)
        self.outputs: list[Tensor] = [y]
        self.seed, self.params = gradient, params
        self._name([self.timeline.output], variables or {})

    def _name(self, outputs: list[Node], variables: Mapping[Any, str]) -> None:
        self.variables = variables
        paths = parameter_names(self.params, outputs, variables)
        self.names = ValueNames(outputs, paths, variables)

    # What there is to say

    def line(self, event: Event | None = None, *, colour: bool = False) -> str:
        """An event, by default the present one, in one line."""
        return event_line(
            self.timeline, event or self.event, self.names, last=self._last, colour=colour
        )

    @property
    def _last(self) -> str:
        return str(len(self.events) - 1)

    def __repr__(self) -> str:
        return self.line()

    def where(self) -> str:
        """The present operation, its module, the user's line with its text, and what waits."""
        node = self.event.node
        rows = [("operation", self._operation(node))]
        path = self.names.path(node.module) if node.module else "outside of all"
        rows.append(("module", one_line(path)))
        rows.append(("line", _source(node)))
        rows.append(("waits", self._waiting()))
        return Told("\n".join(f"{name:<11}{text}" for name, text in rows))

    def _operation(self, node: Node) -> str:
        if node.op is None:
            return f"{self.names(node)}, a leaf"
        inputs = ", ".join(self.names(parent) for parent in node.parents if parent is not None)
        name, symbol = one_line(node.op.name), symbol_of(node)
        name = name if name == symbol else f"{symbol} {name}"
        return f"{name}: {inputs} → {self.names(node)}"

    def _waiting(self) -> str:
        """The values whose gradient has begun and has not been passed on yet."""
        passed = {e.node for e in self.events[self.timeline.first + 1 : self.index + 1]}
        reached = [self.event.target] if self.event.kind == "seed" else []
        reached += [e.target for e in self.events[self.timeline.first : self.index + 1]]
        open_ = [
            node
            for node in dict.fromkeys(reached)
            if node.op is not None
            and (node if node.index is None else node.parents[0]) not in passed
        ]
        if not open_:
            return "nothing"
        texts = [f"{self.names(n)} ({number_text(self.gradient(n))})" for n in open_[:WAITING]]
        more = f", and {len(open_) - WAITING:,} more" if len(open_) > WAITING else ""
        return ", ".join(texts) + more

    def around(self, index: int | None = None) -> Iterator[Event]:
        """The events around one, by default the present."""
        middle = self.index if index is None else index
        yield from self.events[max(0, middle - AROUND) : middle + AROUND + 1]

    # Moves, with names

    def find(self, what: Node | Tensor | str) -> list[Node]:
        """The values that what stands for: a tensor, or a name. Raises ValueError for none."""
        if isinstance(what, str):
            found = self.names.find(what)
        else:
            node = what.node if isinstance(what, Tensor) else what
            found = [node] if node is not None and node in self.names else []
        if not found:
            raise ValueError(self._unknown(what))
        return found

    def _unknown(self, what: Node | Tensor | str) -> str:
        shown = repr(one_line(what)) if isinstance(what, str) else "this tensor"
        known = self.names.known()
        if isinstance(what, str) and (ends := [n for n in known if n.endswith(f".{what.strip()}")]):
            return f"{shown} may be {' or '.join(ends[:WAITING])}. Write the whole name."
        more = ", …" if len(known) > WAITING else ""
        there = (
            f"It has {', '.join(known[:WAITING])}{more}." if known else "None of its has a name."
        )
        return f"{shown} is no value of this graph. {there}"

    def until(self, what: Node | Tensor | str) -> Event:
        """To where the gradient of a value is complete, or to the next operation of that name; not
        past a breakpoint.

        Raises ValueError if no event ahead is of that kind.
        """
        nodes = self.names.find(what) if isinstance(what, str) else self.find(what)
        at = self.index + 1
        while self._has(at):
            event = self.events[at]
            if event.kind == "edge" and self._is_end(event, nodes, what):
                return self._advance(at)
            at += 1
        raise ValueError(self._why_not(nodes, what))

    def _is_end(self, event: Event, nodes: list[Node], what: Node | Tensor | str) -> bool:
        if nodes:
            return event.target in nodes and self._closes(event)
        if self._is_same(self.events[event.index - 1], event):
            return False  # an operation is reached where it begins
        return isinstance(what, str) and what in (event.node.op.name, event.node.op.symbol)

    def _why_not(self, nodes: list[Node], what: Node | Tensor | str) -> str:
        ends = [self.timeline.complete[n] for n in nodes if n in self.timeline.complete]
        if ends:
            name = self.names(nodes[0])
            return (
                f"the gradient of {name} is complete since [{ends[-1]}]. goto {ends[-1]} shows it."
            )
        if nodes:
            return f"no gradient goes to {self.names(nodes[0])}: it is not tracked."
        if any(e.node.op is not None and what in (e.node.op.name, e.node.op.symbol)
               for e in self.events):  # fmt: skip
            return f"no operation {what} is ahead of [{self.index}]. back goes to those behind."
        return self._unknown(what)

    def _closes(self, event: Event) -> bool:
        """Whether its target's gradient is complete with event."""
        return event.is_last

    def _has(self, index: int) -> bool:
        """Whether there is an event at index."""
        return index < len(self.events)

    def _find(self, test: Test, way: int) -> Event:
        while self.index + way >= 0 and self._has(self.index + way):
            self.index += way
            if test(self, self.event):
                break
        return self.event

    def break_on(self, text: str, *, is_temporary: bool = False) -> Breakpoint:
        """Sets a breakpoint as the prompt's b does: "x", "op:log", "|g|>1e3", "nan", "shop.py:6".

        Raises ValueError for anything else.
        """
        return self.break_at(text, self.test_of(text), is_temporary=is_temporary)

    def test_of(self, text: str) -> Test:
        """What the words of a breakpoint stand for. Raises ValueError for what never comes."""
        if self._is_whole:
            check_operation(text, self.events)
        return stop_of(text, self.names.find)

    # What others make of it

    def explain(self, x: Node | Tensor | str | None = None) -> Any:
        """Why the gradient of x, by default the one that has just grown, has its value: its paths,
        their products and their sum. `W[3, 7]` asks for one element."""
        from viz.explain import explanation_of

        name, element = element_of(x)
        node = self.event.target if name is None else self.find(name)[0]
        return explanation_of(
            self.timeline,
            node,
            {node: self.names(node), **self.names.given},
            element=element,
            output=self.outputs[0].data,
            has_seed=self.seed is not None,
        )

    def draw(self) -> Drawing:
        """The graph as a picture, with the gradients that have come by now."""
        return drawing_at(
            self.outputs,
            self.timeline,
            self.index,
            variables=self.variables,
            params=self.params,
        )

    def save(self, path: str | os.PathLike[str], **options: Any) -> Path:
        """Writes the page that walks through the same steps in a browser, opened at the present
        one; returns its path.

        options: those of a drawing, such as theme="dark" or around="x" for a graph too large.
        Raises ValueError for another ending than .html and for a graph too large, OSError if the
        file cannot be written.
        """
        from viz.stepping_page import page_of

        file = Path(path)
        if file.suffix.lower() != ".html":
            raise ValueError(
                f"{one_line(str(path))} does not end in .html, and the page of a stepper is HTML. "
                "For a picture of this step, use .draw().save()."
            )
        page = page_of(self.outputs[0], **self._page(), **options)
        return write_whole(file, page.encode())

    def _page(self) -> dict[str, Any]:
        """What the page is told; it begins with the forward pass, so it counts from there."""
        happened = self.index + 1
        if not self.timeline.first:
            made = ancestors([self.timeline.output])
            happened += sum(node.op is not None and node.index is None for node in made)
        return {
            "gradient": self.seed, "params": self.params, "variables": self.variables,
            "step": happened,
        }  # fmt: skip

    def _repr_html_(self) -> str | None:
        """What a notebook shows: the page in a frame; None, and so the line, for what has none."""
        from viz.stepping_page import widget_of

        try:
            return widget_of(self.outputs[0], **self._page())
        except (ValueError, RuntimeError):
            return None

    def interact(self) -> None:
        """The (bdb) prompt, until q or the end of the input. `h` there lists the commands."""
        from viz.prompt import Prompt, user_frame

        Prompt(self, user_frame(sys._getframe())).run()


def step(y: Tensor, gradient: Any = None, *, forward: bool = False, params: Any = None) -> Stepper:
    """A Stepper at the seed of y's reverse pass, or at its first operation.

    gradient: ∂L/∂y where y is not a single number.  forward: whether the operations of the forward
    pass come first on the same time line.  params: a model, or a mapping of names to tensors and
    models, whose names the parameters then bear.
    Raises TypeError if y is no Tensor; GraphError if it is not tracked, has several elements and no
    gradient, or if an earlier `backward()` freed what the rules need; ShapeError for a gradient of
    another shape.
    """
    if not isinstance(y, Tensor):
        raise TypeError(f"step() takes a Tensor, not {type(y).__name__}.")
    return Stepper(y, gradient, forward=forward, params=params, variables=caller_names())


def _source(node: Node) -> str:
    """`shop.py:6  total = subtotal * tax`, or ? where the line is not known."""
    if not has_line(node):
        return "?"
    file, line = location(node)
    text = one_line(linecache.getline(file, line).strip(), LONGEST_LINE)
    return f"{one_line(os.path.basename(file))}:{line}  {text}".rstrip()
