"""What a drawing calls things: safe one-line names, and the variables of the caller's frame.

The name on a wire is the tensor's own `name=`, else the name of the variable that holds it where
`draw()` was called, else v1, v2, … which `view.py` gives out.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from autograd import Tensor

LONGEST = 40
"""Characters of a name that are shown."""

JOINER = "\u200d"
"""The zero-width joiner, which holds emoji together: the only invisible character let through."""


def one_line(name: str, longest: int = LONGEST) -> str:
    r"""name without characters that could break a line, turn its direction or steer a terminal.

    >>> print(one_line("a\nb\x1b[31m"))
    a\nb\x1b[31m
    """
    text = name if len(name) <= longest else name[: longest - 1] + "…"
    return "".join(c if c.isprintable() or c == JOINER else repr(c)[1:-1] for c in text)


def caller_names() -> dict[Any, str]:
    """For each node that a variable of the caller's frame stands for, that variable's name.

    Of several variables the first assigned wins; names that begin with _ do not count (IPython
    keeps its output there). The caller is the nearest frame outside this package.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_ours(frame):
        frame = frame.f_back
    names: dict[Any, str] = {}
    if frame is None:
        return names
    for variables in (frame.f_locals, frame.f_globals):
        for name, value in list(variables.items()):
            if isinstance(value, Tensor) and value.node is not None and not name.startswith("_"):
                names.setdefault(value.node, name)
    return names


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] == "viz"
