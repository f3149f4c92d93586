"""Where the layers of a sheet stand along the flow: columns, and the gaps that curves need.

`curves.py` then draws the wires.
"""

from __future__ import annotations

from dataclasses import dataclass

from viz.layout.layered.sheet import Item, Sheet

GAP = 18.0
"""Between columns, at least: a little more than Graphviz's 0.22 inch, for the arrowheads."""

WIDEST = 52.0
"""Between columns, at most."""

SLOPE = 0.09
"""How much wider a gap is for each point that a wire rises or falls in it."""

MUCH = 2.5
"""How many times as long as others a room must be for them to stand at its side, not centred."""


@dataclass(frozen=True, slots=True)
class Margins:
    """From the frame of a room to what is in it, on all four sides; all 0 for the whole picture."""

    before: float = 0.0
    after: float = 0.0
    above: float = 0.0
    below: float = 0.0


def set_columns(sheet: Sheet, margins: Margins) -> float:
    """The length of the sheet along the flow, from its first layer at 0; sets where items stand."""
    at, last = 0.0, len(sheet.layers) - 1
    for i, layer in enumerate(sheet.layers):
        long = max((item.size.along for item in layer), default=0.0)
        for item in layer:
            item.along = at + long / 2 + _aside(item, long)
        least = margins.before if i == 0 else margins.after if i == last - 1 else GAP
        at += long + (_gap(layer, least) if i < last else 0.0)
    return at


def _gap(layer: list[Item], least: float) -> float:
    """The room that the wires out of a layer need before the next one."""
    rise = max(
        (abs(s.tail.across + s.leaves - s.head.across - s.enters) for i in layer for s in i.outs),
        default=0.0,
    )
    return max(least, min(WIDEST, GAP + SLOPE * rise)) if rise > 1 else least


def _aside(item: Item, long: float) -> float:
    """How far from the middle of its column an item stands: not far from what it leads to."""
    spare = (long - item.size.along) / 2
    if item.is_wire or long < MUCH * item.size.along:
        return 0.0
    if item.outs and all(step.tail.is_leaf for step in item.ins):
        return spare
    return -spare if item.ins and not item.outs else 0.0
