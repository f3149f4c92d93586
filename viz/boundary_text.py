"""Decision regions in characters: a shade for each class, and marks for the points.

Each character stands for the point of the plane in its middle. Where several points of the data
fall on one, the last is seen.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from viz import format
from viz.boundary import UNDECIDED, Boundary, Plane
from viz.terminal import columns, cut, wrapped
from viz.text import can_encode, spelled

SHADES = " ░▒▓"
"""Of regions, by class; further ones have small letters."""

MARKS = "o×+#*@%&$"
"""Of points, by class; further ones have capital letters."""

PLAIN_SHADES, PLAIN_MARKS = " .:-", "ox+#*@%&$"
"""The same where there is nothing but ASCII."""

INDICES = str.maketrans("₁₂", "12")
"""Of the inputs, where there is nothing but ASCII."""

ROWS = (10, 32)
"""Rows of a plane, at least and at most."""


def text_of(boundary: Boundary, encoding: str = "utf-8") -> str:
    """The regions as lines that encoding can hold, one plane below the other."""
    told = [*boundary.classes, *boundary.names, *(plane.title for plane in boundary.planes)]
    if not can_encode("".join(told), encoding):
        boundary = _spelled(boundary, encoding)
    is_rich = can_encode(SHADES + MARKS + "│─┌┐└┘…", encoding)
    shades, marks = (SHADES, MARKS) if is_rich else (PLAIN_SHADES, PLAIN_MARKS)
    shades += "".join(chr(ord("a") + i % 26) for i in range(len(boundary.classes)))
    marks += "".join(chr(ord("A") + i % 26) for i in range(len(boundary.classes)))
    frame = "│─┌┐└┘" if is_rich else "|-++++"
    lines: list[str] = []
    for plane in boundary.planes:
        lines += [""] if lines else []
        lines += _plane(boundary, plane, shades, marks, frame)
    legend = [
        f"{mark} {name} [{shade}]"
        for mark, shade, name in zip(marks, shades, boundary.classes, strict=False)
    ]
    lines += wrapped("   ".join(legend), boundary.width)
    text = "\n".join(line.rstrip() for line in lines)
    return text if can_encode(text, encoding) else spelled(text, encoding)


def _spelled(boundary: Boundary, encoding: str) -> Boundary:
    planes = (replace(p, title=spelled(p.title, encoding)) for p in boundary.planes)
    one, other = (spelled(name.translate(INDICES), encoding) for name in boundary.names)
    classes = tuple(spelled(name, encoding) for name in boundary.classes)
    return replace(boundary, planes=tuple(planes), names=(one, other), classes=classes)


def _plane(boundary: Boundary, plane: Plane, shades: str, marks: str, frame: str) -> list[str]:
    side, floor, corners = frame[0], frame[1], frame[2:]
    left, right, low, high = boundary.extent
    labels = [format.number(high, 3), format.number(low, 3)]
    margin = max(map(len, labels))
    wide = boundary.width - margin - 3
    # A character is about twice as high as it is wide.
    rows = round(wide / 2 * min(max((high - low) / (right - left), 0.3), 1.2))
    rows = min(max(rows, ROWS[0]), ROWS[1])
    cells = _cells(boundary, plane, rows, wide, shades, marks)
    title = f"{plane.title}   " if plane.title else ""
    right_ones = f"{plane.right:,} of {len(boundary.points):,} points right"
    indent = " " * (margin + 1)
    lines = [cut(f"{title}{right_ones}", boundary.width, "…" if side == "│" else "...")]
    lines.append(f"{indent}{corners[0]}{floor * wide}{corners[1]}")
    for i, row in enumerate(cells):
        label = labels[0] if i == 0 else labels[1] if i == rows - 1 else ""
        lines.append(f"{label:>{margin}} {side}{row}{side}")
    lines.append(f"{indent}{corners[2]}{floor * wide}{corners[3]}")
    first, last = format.number(left, 3), format.number(right, 3)
    arrows = "→↑" if side == "│" else ">^"
    middle = f"{boundary.names[0]} {arrows[0]}, {boundary.names[1]} {arrows[1]}"
    room = wide - len(first) - len(last) - columns(middle)
    before = max(room // 2, 1)
    lines.append(f"{indent} {first}{' ' * before}{middle}{' ' * max(room - before, 1)}{last}")
    return lines


def _cells(
    boundary: Boundary, plane: Plane, rows: int, wide: int, shades: str, marks: str
) -> list[str]:
    """The characters of a plane, the highest row first."""
    high, across = plane.regions.shape
    at = np.linspace(0, high - 1, rows).round().astype(int)
    along = np.linspace(0, across - 1, wide).round().astype(int)
    regions = plane.regions[np.ix_(at, along)]
    grid = [["?" if k == UNDECIDED else shades[k] for k in row] for row in regions.tolist()]
    left, right, low, top = boundary.extent
    places = (boundary.points - [left, low]) / [right - left, top - low] * [wide - 1, rows - 1]
    for (x, y), target in zip(places.round().astype(int), boundary.targets, strict=True):
        grid[y][x] = marks[target]
    return ["".join(row) for row in reversed(grid)]
