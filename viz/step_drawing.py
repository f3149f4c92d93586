"""The graph as a picture in the middle of the reverse pass: gradients that have not come yet are –.

The numbers are those of the time line, so that no pass is run for the picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograd import Tensor
from autograd.graph import Node
from autograd.timeline import Event, Timeline
from viz.boxes import Wire
from viz.drawing import Drawing
from viz.style import Style
from viz.value import measure
from viz.view import Selection, Trace, view_of


def drawing_at(
    y: Sequence[Tensor],
    timeline: Timeline,
    index: int,
    *,
    variables: Mapping[Any, str],
    params: Any = None,
    style: Style | None = None,
    select: Selection | None = None,
) -> Drawing:
    """The drawing of y after the event at index, which a time line of y has.

    Raises what `draw()` raises.
    """
    trace = Trace()
    view = view_of(
        y,
        variables=variables,
        params=params,
        grads=False,
        select=select,
        explains_gradients=False,
        trace=trace,
    )
    style = style or Style()
    wires = _Gradients(timeline, index, trace).on(view.wires)
    return Drawing(replace(view, wires=tuple(wires)), style)


class _Gradients:
    """What has come along each wire by the event at index. sums: by wire.  uses: the wires that
    part from a trunk, in the order in which they first carried something."""

    def __init__(self, timeline: Timeline, index: int, trace: Trace) -> None:
        self.sums: dict[str, Any] = {}
        self.trunks: dict[str, Any] = {}
        self.uses: dict[str, dict[str, None]] = {}
        for event in timeline.events[timeline.first : index + 1]:
            wire = _wire_of(event, trace)
            if wire is None:
                continue
            numbers = timeline.numbers(event.index)
            c = numbers.contribution
            self.sums[wire] = self.sums[wire] + c if wire in self.sums else c
            if (trunk := trace.trunk(event.target)) is not None:
                self.trunks[trunk] = numbers.after
                self.uses.setdefault(trunk, {})[wire] = None

    def on(self, wires: Sequence[Wire]) -> Iterator[Wire]:
        """The wires with what has come along them."""
        for wire in wires:
            g = self.trunks.get(wire.id, self.sums.get(wire.id))
            parts = tuple(measure(self.sums[use]) for use in self.uses.get(wire.id, ()))
            yield replace(wire, gradient=measure(g), parts=parts) if g is not None else wire


def _wire_of(event: Event, trace: Trace) -> str | None:
    node: Node = event.node
    return trace.into_output(node) if event.kind == "seed" else trace.into(node, event.position)
