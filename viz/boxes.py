"""A graph as plain boxes and wires, which painters draw without knowing any Node.

The package `view` makes them; `svg.py`, `dot.py`, `text.py` and `record.py` paint them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from viz.value import Value

Kind: TypeAlias = Literal[
    "input", "parameter", "constant", "operation", "module", "hidden", "branch", "output"
]

Change: TypeAlias = Literal["", "added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Box:
    """An input, parameter, operation, folded module, branch, output, or what stands for hidden
    ones.

    label: an operation's symbol, else its name.  op: the operation's name.  results: the names of
    the values that it computes.  details: smaller lines under the label, such as a parameter's
    shape.  parameters: how many numbers a module has to learn; None where it is no module.
    note: "shared" or "frozen", of these.  gradient: of
    all of a module's parameters together, if it has any and it was computed.  cluster: the id of
    the innermost cluster around it, or "".  where: the user's line, "shop.py:6".  formulas: the
    operation's rules, "∂z/∂x = y".  pair: in a drawing of a backward pass, the number that a
    forward operation shares with the operations of its gradient: "1", and "∂1" for those.  change:
    how it differs from another graph, in a drawing of both.
    """

    id: str
    kind: Kind
    label: str
    op: str = ""
    results: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    parameters: int | None = None
    note: str = ""
    gradient: Value | None = None
    cluster: str = ""
    where: str = ""
    formulas: tuple[str, ...] = ()
    pair: str = ""
    change: Change = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A module that is shown open: a frame around its boxes.

    name: its own, "fc1".  detail: "Linear 784 → 50 · 39,250".  parent: the id of the cluster
    around it, or "".
    """

    id: str
    name: str
    detail: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Wire:
    """A value on its way from one box to another, and the gradient on its way back.

    name: of the value, "" for an unnamed constant; is_named says that the user gave it.  gradient:
    None if it was not computed. parts: on the way into a branch, the contributions that add up to
    gradient.  count: how many values the wire stands for; of more than one, value and gradient are
    None and name says "3 values" or "x1 … x3".  is_loop: the wire leaves a folded repetition and
    enters it again at its next step; source and target are the same box.  change, and what value
    and gradient were before: in a drawing of two graphs.
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
    is_loop: bool = False
    change: Change = ""
    old_value: Value | None = None
    old_gradient: Value | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A graph, ready to be painted.

    Boxes stand in topological order, clusters outer before inner, wires in the order of the boxes
    they enter and, for each, of its inputs.  notes: what the reader must know besides.  hidden: how
    many inputs and operations are not shown.
    """

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    clusters: tuple[Cluster, ...] = ()
    notes: tuple[str, ...] = ()
    hidden: int = 0


def common_cluster(one: str, other: str, parents: Mapping[str, str]) -> str:
    """The id of the innermost cluster around two, each by its id or ""; "" if there is none.

    parents: for each cluster, the one around it.
    """
    around = [one]
    while around[-1]:
        around.append(parents[around[-1]])
    while other not in around:
        other = parents[other]
    return other
