"""A graph as plain boxes and wires, which painters draw without knowing any Node.

`view.py` makes them; `dot.py` and `text.py` paint them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from viz.value import Value

Kind: TypeAlias = Literal["input", "constant", "operation", "branch", "hidden", "output"]


@dataclass(frozen=True, slots=True)
class Box:
    """An input, operation, branch, output, or the box that stands for all hidden ones.

    label: an operation's symbol, else its name.  op: the operation's name.  results: the names of
    the values that it computes.
    """

    id: str
    kind: Kind
    label: str
    op: str = ""
    results: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wire:
    """A value on its way from one box to another, and the gradient on its way back.

    name: of the value, "" for an unnamed constant; is_named says that the user gave it.  gradient:
    None if it was not computed. parts: on the way into a branch, the contributions that add up to
    gradient.  count: how many values the wire stands for; more than one only where it leaves the
    hidden box.
    """

    id: str
    source: str
    target: str
    name: str
    is_named: bool
    value: Value | None
    gradient: Value | None = None
    parts: tuple[Value, ...] = ()
    count: int = 1


@dataclass(frozen=True, slots=True)
class View:
    """A graph, ready to be painted.

    notes: what the reader must know besides.  hidden: how many boxes are not shown.
    """

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    notes: tuple[str, ...] = ()
    hidden: int = 0
