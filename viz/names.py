"""What a drawing calls things: safe one-line names, and the variables of the caller's frame.

The name on a wire is the tensor's own `name=`, else the name of the variable that holds it where
`draw()` was called, else v1, v2, … which `view/building.py` gives out.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

from autograd import Tensor
from autograd.graph import Node, location

LONGEST = 40
"""Characters of a name that are shown."""

JOINER = "\u200d"
"""The zero-width joiner, which holds emoji together: the only invisible character let through."""

OWN = os.path.dirname(os.path.abspath(__file__))
"""The folder of this package, whose lines are nobody's."""

UNSHARED = 3
"""References to a frame's copy of its variables: the frame's, ours, and that of getrefcount()."""


def one_line(name: str, longest: int = LONGEST) -> str:
    r"""name without characters that could break a line, turn its direction or steer a terminal.

    >>> print(one_line("a\nb\x1b[31m"))
    a\nb\x1b[31m
    """
    text = name if len(name) <= longest else name[: longest - 1] + "…"
    return "".join(c if c.isprintable() or c == JOINER else repr(c)[1:-1] for c in text)


def has_line(node: Node) -> bool:
    """Whether a line of the user's made node: an expression of the command line has none, nor has
    what is computed for a drawing."""
    file, _ = location(node)
    return bool(file) and os.path.dirname(os.path.abspath(file)) != OWN


def element_of(x: Any) -> tuple[Any, tuple[int, ...] | None]:
    """A name and the indices behind it: "W[3, 7]" gives "W" and (3, 7)."""
    if not isinstance(x, str) or not x.endswith("]") or "[" not in x:
        return x, None
    name, _, inside = x[:-1].rpartition("[")
    try:
        return name.strip(), tuple(int(part) for part in inside.split(","))
    except ValueError:
        return x, None


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
    variables = frame.f_locals
    collect(variables, names)
    # Before Python 3.13 this was a copy, which the frame keeps: the caller's tensors would outlive
    # their `del`. It is emptied unless the caller holds it too, as the result of locals().
    is_copy = isinstance(variables, dict) and frame.f_code.co_flags & inspect.CO_OPTIMIZED
    if is_copy and sys.getrefcount(variables) <= UNSHARED:
        variables.clear()
    collect(frame.f_globals, names)
    return names


def collect(variables: Mapping[str, Any], names: dict[Any, str]) -> None:
    """Adds the variables that hold a tensor to names, by its node, and those that hold a model, by
    its `model_key`. The first name wins."""
    for name, value in list(variables.items()):
        if not _is_word(name):
            continue
        if isinstance(value, Tensor):
            if value.node is not None:
                names.setdefault(value.node, name)
        elif hasattr(type(value), "named_parameters"):
            names.setdefault(model_key(value), name)


def model_key(model: Any) -> tuple[str, int]:
    """What stands for a model among the keys of names: models need not be hashable."""
    return "model", id(model)


def matching(names: Mapping[Node, str], text: str) -> list[Node]:
    """The nodes of that name; else those of the only name that ends so behind a dot: "0.weight" is
    D.0.weight, unless there is G.0.weight too."""
    wanted = one_line(text.strip())
    found = [node for node, name in names.items() if name == wanted]
    if not found and wanted:
        ends = {name for name in names.values() if name.endswith(f".{wanted}")}
        found = [node for node, name in names.items() if name in ends] if len(ends) == 1 else []
    return found


def _is_word(name: str) -> bool:
    return name.isidentifier() and not name.startswith("_")


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] == "viz"
