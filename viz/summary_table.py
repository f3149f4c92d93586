"""A summary in characters: a line for each module, columns aligned, totals below.

What is not known, or not there, is "–". Where columns are scarce, what a module is, then its name,
is cut; then the memory is left out.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from viz import format
from viz.format import NO_GRADIENT as NOTHING
from viz.terminal import columns, cut, padded, wrapped
from viz.text import can_encode, spelled

if TYPE_CHECKING:
    from viz.summary import Row, Summary

GAP = "  "

LEAST = 14
"""Columns that a name or a description keeps at least."""

UNITS = ("B", "kB", "MB", "GB", "TB")

NUMERIC = ("parameters", "gradient", "memory", "multiply-adds")
"""Columns that are flush right."""


def text_of(summary: Summary, encoding: str | None = None, width: int = 80) -> str:
    """The summary as lines that the encoding, by default that of standard output, can hold."""
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    headers, rows = _cells(summary)
    footer = _footer(summary)
    if not can_encode("\n".join([*footer, *(cell for row in rows for cell in row)]), encoding):
        rows = [[spelled(cell, encoding) for cell in row] for row in rows]
        footer = [spelled(line, encoding) for line in footer]
    mark = "…" if can_encode("…", encoding) else "..."
    headers, *rows = _fitted([headers, *rows], width, mark)
    wide = _widths([headers, *rows])
    rule = ("─" if can_encode("─", encoding) else "-") * (sum(wide) + len(GAP) * (len(wide) - 1))
    lines = [_line(cells, headers, wide) for cells in (headers, *rows)]
    told = [line for text in footer for line in wrapped(text, width)]
    return "\n".join([lines[0], rule, *lines[1:], rule, *told])


def bytes_text(count: int) -> str:
    """A number of bytes as people say it.

    >>> bytes_text(159040), bytes_text(12)
    ('159 kB', '12 B')
    """
    size, unit = float(count), 0
    while size >= 999.5 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.3g} {UNITS[unit]}"


def _cells(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """The headers, and the cells of each row."""
    ran = summary.inputs is not None
    named = {
        "module": [_name(row) for row in summary.rows],
        "what": [row.detail for row in summary.rows],
        "output": [_output(row) for row in summary.rows] if ran else None,
        "parameters": [_count(row.parameters) for row in summary.rows],
        "gradient": _gradients(summary),
        "memory": [bytes_text(row.memory) if row.memory else NOTHING for row in summary.rows],
        "multiply-adds": [_count(row.multiply_adds) for row in summary.rows] if ran else None,
    }
    kept = {name: cells for name, cells in named.items() if cells is not None}
    return [*kept], [list(row) for row in zip(*kept.values(), strict=True)]


def _gradients(summary: Summary) -> list[str] | None:
    if not summary.grads:
        return None
    return [
        NOTHING if row.gradient is None else format.number(row.gradient) for row in summary.rows
    ]


def _name(row: Row) -> str:
    return "  " * max(row.depth - 1, 0) + (row.name or "(model)")


def _output(row: Row) -> str:
    if not row.outputs:
        return NOTHING
    text = ", ".join(map(format.shape_text, row.outputs))
    return f"{text} ×{row.calls}" if row.calls > 1 else text


def _count(number: int | None) -> str:
    return f"{number:,}" if number else NOTHING


def _fitted(table: list[list[str]], width: int, mark: str) -> list[list[str]]:
    """The table, headers first, in so many columns: without gradients where there are none, what
    modules are and then their names cut, and at last without the memory."""
    excess = sum(_widths(table)) + len(GAP) * (len(table[0]) - 1) - width
    if excess > 0 and "gradient" in table[0]:
        at = table[0].index("gradient")
        if all(len(row[at]) == 1 for row in table[1:]):
            return _fitted([[*row[:at], *row[at + 1 :]] for row in table], width, mark)
    for column in (1, 0):
        wide = _widths(table)
        excess = sum(wide) + len(GAP) * (len(wide) - 1) - width
        if excess > 0:
            room = max(wide[column] - excess, min(LEAST, wide[column]))
            table = [[*r[:column], cut(r[column], room, mark), *r[column + 1 :]] for r in table]
    if sum(_widths(table)) + len(GAP) * (len(table[0]) - 1) > width and "memory" in table[0]:
        at = table[0].index("memory")
        return [[*row[:at], *row[at + 1 :]] for row in table]
    return table


def _widths(table: list[list[str]]) -> list[int]:
    return [max(columns(row[i]) for row in table) for i in range(len(table[0]))]


def _line(cells: Sequence[str], headers: Sequence[str], wide: Sequence[int]) -> str:
    aligned = (
        padded(cell, size, ">" if name in NUMERIC else "<")
        for cell, name, size in zip(cells, headers, wide, strict=True)
    )
    return GAP.join(aligned).rstrip()


def _footer(summary: Summary) -> list[str]:
    count, frozen = summary.total_parameters, summary.frozen_parameters
    kinds = f"{summary.trainable_parameters:,} trainable, {frozen:,} frozen"
    memory = bytes_text(summary.parameter_bytes)
    lines = [f"{count:,} parameters ({kinds}), {memory}"]
    if summary.buffer_bytes:
        lines[0] += f"; buffers {bytes_text(summary.buffer_bytes)}"
    if summary.inputs is not None and summary.multiply_adds is not None:
        shapes = ", ".join(map(format.shape_text, summary.inputs))
        lines.append(
            f"{summary.multiply_adds:,} multiply-adds and {bytes_text(summary.output_bytes or 0)} "
            f"of outputs for an input of {shapes}"
        )
    lines += [f"{place} is {first}: counted once" for place, first in summary.shared]
    if summary.unsized:
        told = "those shown are of a copy that ran on x" if summary.inputs else "give x to see one"
        lines.append(f"{', '.join(summary.unsized)}: no size in the model yet; {told}")
    return lines
