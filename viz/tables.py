"""The labels of Graphviz: plain ones, and those of its HTML, with any name in them as typed.

`dot.py` makes a graph of them.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

import graphviz

from viz.names import one_line

TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
"""Starts a table that takes no more room than its cells."""


def plain(text: str) -> str:
    """text as a label that Graphviz shows as it is: it would read \\n, &amp; and <…> as its own."""
    shown = one_line(text, len(text)).replace("&", "&amp;")
    label: str = graphviz.escape(shown)
    return label


def left(lines: Iterable[str]) -> str:
    """Lines below one another, flush left, as one label."""
    label: str = graphviz.nohtml("".join(f"{plain(line)}\\l" for line in lines))
    return label


def escaped(text: str) -> str:
    """text inside an HTML label, where Graphviz would still replace \\N by the name of the node."""
    return html.escape(one_line(text, len(text))).replace("\\", "\\\\")


def font(text: str, colour: str, size: float = 13, *, bold: bool = False) -> str:
    """Text, escaped already, in a colour and a size."""
    text = f"<B>{text}</B>" if bold else text
    return f'<FONT COLOR="{colour}" POINT-SIZE="{size:g}">{text}</FONT>'


def stacked(lines: Sequence[str]) -> str:
    """Cells below one another; one alone needs no table."""
    if len(lines) < 2:
        return "".join(lines)
    return f"{TABLE}{''.join(f'<TR><TD>{line}</TD></TR>' for line in lines)}</TABLE>"


def beside(cells: Sequence[str]) -> str:
    """Cells side by side."""
    return f"{TABLE}<TR>{''.join(f'<TD>{cell}</TD>' for cell in cells)}</TR></TABLE>"


def framed(lines: Sequence[str], fill: str, line: str, padding: int) -> str:
    """Cells below one another in a rounded box, as a label."""
    box = f'BORDER="1" COLOR="{line}" STYLE="ROUNDED" BGCOLOR="{fill}"'
    table = f'<TABLE {box} CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}">'
    return f"<{table}{''.join(f'<TR><TD>{cell}</TD></TR>' for cell in lines)}</TABLE>>"


def matrix(rows: Sequence[Sequence[str]], colour: str) -> str:
    """A small array between brackets, its columns aligned."""
    sides = f'BORDER="1" SIDES="LR" COLOR="{colour}"'
    table = f'<TABLE {sides} CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">'
    lines = (
        "".join(f'<TD ALIGN="RIGHT">{font(f" {html.escape(c)} ", colour, 12)}</TD>' for c in row)
        for row in rows
    )
    return f"{table}{''.join(f'<TR>{line}</TR>' for line in lines)}</TABLE>"
