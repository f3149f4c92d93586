"""Our own layout, for whoever has no Graphviz: layers, few crossings, straight lines, frames.

Every region is a room that is laid out by itself, from the innermost on, and is then one box in the
room around it, with its wires through its left and right side. `nesting.py` cuts the plan into
rooms, `sheet.py` puts a room's members into layers, `ordering.py` sorts these, `blocks.py` and
`spacing.py` set heights, `columns.py` widths, `curves.py` the wires, `rooms.py` puts it together.
"""

from __future__ import annotations

from viz.layout.layered.rooms import layered

__all__ = ["layered"]
