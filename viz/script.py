"""A variable of a Python script, for `graphgrad draw shop.py:loss`.

The script runs as `python shop.py` would run it: as `__main__`, with its own folder first on the
path and no arguments. What it prints goes to the standard error, so that the standard output has
the drawing alone.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import re
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

import autograd
from autograd import Tensor
from viz.names import collect, one_line

SPELLING = re.compile(r"(?P<path>.+\.pyw?)(?::(?P<name>[^:/\\]*))?$", re.IGNORECASE | re.DOTALL)
"""shop.py:loss; the last colon counts, since C:\\shop.py has one too."""

LISTED = 10
"""Variables that a message names."""


class ScriptError(ValueError):
    """What was asked of a script is not there. The message is one line with cause and remedy."""


class ScriptFailed(RuntimeError):
    """The script itself raised. The message is its own traceback."""


@dataclass(frozen=True, slots=True)
class Variable:
    """What a script computed.

    tensors: what the variable holds, one or several.  labels: what to call each.  names: for each
    node that another variable stands for, that variable's name.
    """

    tensors: list[Tensor]
    labels: list[str]
    names: dict[Any, str]


def is_script(text: str) -> bool:
    """Whether the text names a script or its variable, and is no expression.

    >>> is_script("shop.py:loss"), is_script("x * py")
    (True, False)
    """
    return SPELLING.match(text) is not None


def variable_of(text: str) -> Variable:
    """Runs the script named in "shop.py:loss", and returns that variable.

    Raises ScriptError for a variable that is not there or holds no Tensor, ScriptFailed if the
    script raised, OSError if it cannot be read.
    """
    match = SPELLING.match(text)
    assert match is not None  # by is_script
    path, name = Path(match["path"]), match["name"]
    if not path.is_file():
        raise ScriptError(f"there is no script {path}.{_near_file(path)}")
    if not name:
        raise ScriptError(f"{path}: which of its variables? Write {path}:loss, for example.")
    if not name.isidentifier():
        raise ScriptError(f"{name!r} is no variable; after the colon stands one name, as in :loss.")
    variables = run(path)
    tensors = _tensors(name, variables, path)
    labels = [name] if len(tensors) == 1 else [f"{name}[{i}]" for i in range(len(tensors))]
    labels = [t.name or label for t, label in zip(tensors, labels, strict=True)]
    return Variable(tensors, labels, _names(variables))


def run(path: Path) -> dict[str, Any]:
    """The variables of a script after it ran, also if it ended by `sys.exit()` without a fault.

    Raises ScriptFailed if it raised or exited with another code than 0, OSError if it cannot be
    read.
    """
    source = path.read_bytes()
    module = ModuleType("__main__")
    module.__file__ = str(path)
    with _as_main(module, path), contextlib.redirect_stdout(sys.stderr or io.StringIO()):
        try:
            # Values on the way are kept, so that the drawing can show them.
            with autograd.keep_values():
                exec(compile(source, str(path), "exec"), module.__dict__)
        except SystemExit as end:
            if end.code not in (None, 0):
                why = f"exit code {end.code}." if isinstance(end.code, int) else one_line(str(end))
                raise ScriptFailed(f"{path} ended by itself: {why}") from None
        except Exception as error:
            raise ScriptFailed(_told(error, str(path))) from error
    return dict(module.__dict__)


@contextlib.contextmanager
def _as_main(module: ModuleType, path: Path) -> Iterator[None]:
    """Makes module the program that runs; puts everything back at the end."""
    arguments, places, before = sys.argv, sys.path, sys.modules.get("__main__")
    sys.argv, sys.path = [str(path)], [str(path.resolve().parent), *places]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.argv, sys.path = arguments, places
        if before is not None:
            sys.modules["__main__"] = before


def _told(error: Exception, path: str) -> str:
    """The traceback as Python would print it, from the script's first line on."""
    frames: TracebackType | None = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename != path:
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames)).rstrip("\n")


def _tensors(name: str, variables: dict[str, Any], path: Path) -> list[Tensor]:
    known = [n for n, value in variables.items() if _is_drawable(value) and not n.startswith("_")]
    rest = f", … ({len(known)} in all)" if len(known) > LISTED else ""
    there = f"It has {', '.join(map(one_line, known[:LISTED]))}{rest}."
    there = there if known else "It has no Tensors at its top level."
    if name not in variables:
        near = difflib.get_close_matches(name, known, 1)
        raise ScriptError(
            f"{path} has no variable {name}. " + (f"Did you mean {near[0]}?" if near else there)
        )
    value = variables[name]
    if not _is_drawable(value):
        what = type(value).__name__ if value is not None else "None"
        raise ScriptError(
            f"{name} of {path} is {what}; a Tensor or a list of them can be drawn. {there}"
        )
    return [value] if isinstance(value, Tensor) else list(value)


def _is_drawable(value: Any) -> bool:
    several = value if isinstance(value, list | tuple) else [value]
    return bool(several) and all(isinstance(one, Tensor) for one in several)


def _names(variables: dict[str, Any]) -> dict[Any, str]:
    names: dict[Any, str] = {}
    collect(variables, names)
    return names


def _near_file(path: Path) -> str:
    """ " Did you mean shop.py?", or "" where no script has such a name."""
    if not path.parent.is_dir():
        return f" There is no folder {path.parent} either."
    names = sorted(other.name for other in path.parent.glob("*.py"))
    near = difflib.get_close_matches(path.name, names, 1)
    return f" Did you mean {path.with_name(near[0])}?" if near else ""
