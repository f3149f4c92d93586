"""What a terminal does with text: the columns it takes, how it is wrapped, cut and coloured.

`text.py` arranges drawings by these widths. Emoji that are joined into one picture count as one, as
in terminals of today; older ones show them side by side.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from autograd.expression import display_width
from viz.metrics import JOINER, glyphs

RESET = "\x1b[0m"
"""Ends a colour."""

COLOURS = {
    "gradient": "\x1b[35m", "bad": "\x1b[1;31m", "zero": "\x1b[90m", "faint": "\x1b[33m",
    "muted": "\x1b[2m", "title": "\x1b[1m", "added": "\x1b[32m", "removed": "\x1b[31m",
    "changed": "\x1b[33m",
}  # fmt: skip
"""What begins each role: one of the 16 colours, which every terminal fits to its ground."""

TIED = "\u00a0"
"""A space that a line is broken at only if there is no other."""

SHORTEST = 3
"""A text is broken at a space only if at least one part in so many stays before it."""


def wants_colour(stream: Any, environment: Mapping[str, str] | None = None) -> bool:
    """Whether text for the stream may be coloured: a terminal, unless NO_COLOR is set.

    Source: https://no-color.org, by which an empty NO_COLOR counts as none.
    """
    known = os.environ if environment is None else environment
    if known.get("NO_COLOR") or known.get("TERM") == "dumb":
        return False
    is_terminal = getattr(stream, "isatty", None)
    return bool(is_terminal is not None and is_terminal())


def coloured(text: str, role: str) -> str:
    r"""text in the colour of a role, the spaces around it plain; as it is if the role has none.

    >>> coloured(" nan ", "bad")
    ' \x1b[1;31mnan\x1b[0m '
    """
    core = text.strip(" ")
    if role not in COLOURS or not core:
        return text
    before, after = text[: text.index(core)], text[text.index(core) + len(core) :]
    return f"{before}{COLOURS[role]}{core}{RESET}{after}"


def columns(text: str) -> int:
    r"""Columns that the text takes: 2 for a wide sign, 0 for what stands on the sign before.

    >>> columns("사과 x"), columns("👩\u200d👧"), columns("é")
    (6, 2, 1)
    """
    return len(text) if text.isascii() else sum(map(_columns, glyphs(text)))


def _columns(glyph: str) -> int:
    if "\ufe0f" in glyph or (len(glyph) > 1 and "\U0001f1e6" <= glyph[0] <= "\U0001f1ff"):
        return 2
    return display_width(glyph[0]) if glyph[0] != JOINER else 0


def padded(text: str, width: int, align: str = "<") -> str:
    """text in that many columns: to the left "<", to the right ">", or in the middle "^"."""
    room = max(0, width - columns(text))
    left = {"<": 0, ">": room, "^": room // 2}[align]
    return " " * left + text + " " * (room - left)


def cut(text: str, longest: int, mark: str = "…") -> str:
    """text in at most that many columns. A path keeps its end, which tells it from its neighbours.

    >>> cut("encoder.layer0.weight", 12), cut("a long name", 8)
    ('…yer0.weight', 'a long …')
    """
    if columns(text) <= longest:
        return text
    is_path = "." in text.strip(".") and " " not in text
    signs = glyphs(text)[:: -1 if is_path else 1]
    kept = signs[: _fitting(signs, longest - columns(mark))]
    return mark + "".join(reversed(kept)) if is_path else "".join(kept) + mark


def wrapped(text: str, width: int) -> list[str]:
    """text in lines of at most that many columns, broken at spaces where possible.

    >>> wrapped("v1 [fc1: Linear 64 → 50]", 12)
    ['v1 [fc1:', 'Linear 64 →', '50]']
    """
    return list(_broken(glyphs(text), max(width, 2)))


def _broken(signs: list[str], width: int) -> Iterator[str]:
    while signs:
        count = _fitting(signs, width)
        if count < len(signs) and signs[count] != " ":
            count = _break(signs, count)
        yield "".join(signs[:count]).replace(TIED, " ").rstrip(" ")
        signs = signs[count:]
        while signs and signs[0] in (" ", TIED):
            signs = signs[1:]


def _break(signs: list[str], count: int) -> int:
    """How many of the signs that fit stay before the break; at least one."""
    for space in (" ", TIED):
        spaces = [i for i in range(count // SHORTEST, count) if signs[i] == space]
        if spaces:
            return spaces[-1] or 1
    return max(count, 1)


def _fitting(signs: list[str], width: int) -> int:
    """How many signs fit into that many columns."""
    used = 0
    for i, sign in enumerate(signs):
        used += _columns(sign)
        if used > width:
            return i
    return len(signs)
