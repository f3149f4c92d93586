"""What a layout gets and what it gives: sizes and connections in, places and curves out.

Lengths are points (1/72 inch, an SVG pixel here), x to the right, y down, the origin at the top
left corner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """Something that takes room: a box, or the label that splits a wire in two.

    region: the id of the innermost region that it lies in, or "".  is_label: exactly one link comes
    in and one goes out, at the middles of the sides that face the flow.  is_round: its border is a
    circle of diameter width, at which links end; else they end at the border of its rectangle.
    """

    id: str
    width: float
    height: float
    region: str = ""
    is_label: bool = False
    is_round: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Half a wire: from a box to a label, or from a label to a box."""

    id: str
    tail: str
    head: str


@dataclass(frozen=True, slots=True)
class Region:
    """A frame around spots and other regions, with room for its title at the bottom left.

    parent: the id of the region around it, or "".  width, height: of the title.
    """

    id: str
    parent: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be placed.

    Spots stand in topological order; the links into one spot in the order of its operands, which
    from left to right flow (LR) come from above to below.  Links never go in a circle.  direction:
    "LR" or "TB".
    """

    spots: tuple[Spot, ...]
    links: tuple[Link, ...]
    regions: tuple[Region, ...] = ()
    direction: str = "LR"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where everything goes.

    centres: of each spot, by id.  curves: for each link, 3k + 1 control points of k cubic Bézier
    curves, from the border of its tail to the border of its head.  regions: left, top, right,
    bottom.  Nothing lies outside of (0, 0, width, height).  by: who placed it.  note: one line that
    says why it was not Graphviz, or "".
    """

    centres: dict[str, Point]
    curves: dict[str, tuple[Point, ...]]
    regions: dict[str, tuple[float, float, float, float]]
    width: float
    height: float
    by: str
    note: str = ""


class LayoutError(RuntimeError):
    """Nothing here can place this graph. The message is one line with the cause and the remedy."""
