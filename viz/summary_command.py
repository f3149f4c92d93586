"""`graphgrad summary` and `graphgrad network`: what is asked of a model that a script builds.

    graphgrad summary model.py:model --input 32,784
    graphgrad network model.py:model -o net.svg

`cli.py` calls these. The script runs as for `graphgrad draw`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from viz.names import one_line
from viz.network import check_ending, network
from viz.script import LISTED, SPELLING, ScriptError, is_script, run
from viz.style import THEME_NAMES
from viz.summary import summary


def add_summary_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `graphgrad summary`: what, input and depth."""
    _add_model(parser)
    parser.add_argument(
        "--input", action="append", type=_shape, metavar="shape", default=[],
        help="what the model runs on, such as 32,784 or, of integers, 32,16:int64; once for each "
        "input; without it there are no output shapes and costs",
    )  # fmt: skip
    parser.add_argument(
        "--depth", type=int, metavar="N", help="count in modules that are inside so many others"
    )


def add_network_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `graphgrad network`: what, output, x, theme and max_units."""
    _add_model(parser)
    parser.add_argument(
        "-o", "--output", metavar="file",
        help=".svg, .png, .pdf, .dot or .txt; - prints the DOT source",
    )  # fmt: skip
    parser.add_argument(
        "--x", type=_numbers, metavar="numbers", help="show what each unit gives for it: 0,1"
    )
    parser.add_argument(
        "--theme", choices=THEME_NAMES, default="auto", help="colours; auto: the reader's (auto)"
    )
    parser.add_argument(
        "--max-units", type=int, default=32, metavar="N",
        help="of a layer with more, the first few and the last are shown (32)",
    )  # fmt: skip


def summary_command(options: argparse.Namespace) -> str:
    """The text of `graphgrad summary`.

    Raises ValueError, TypeError or RuntimeError for wrong usage, with a line for the user, and for
    a model that fails on such an input; ScriptFailed for a script that fails by itself.
    """
    model = _model_of(options.what)
    given = options.input
    x = given[0] if len(given) == 1 else given or None
    try:
        return str(summary(model, x, depth=options.depth))
    except Exception as error:
        raise ValueError(_told(error)) from error


def network_command(options: argparse.Namespace) -> str:
    """The path written by `graphgrad network`; without one the text, and for "-" the DOT source.

    Raises as summary_command() does, and OSError if the file cannot be written.
    """
    if options.output not in (None, "-"):
        check_ending(options.output)
    model = _model_of(options.what)
    try:
        drawn = network(model, x=options.x, max_units=options.max_units, theme=options.theme)
    except Exception as error:
        raise ValueError(_told(error).replace("max_units", "--max-units")) from error
    if options.output is None:
        return str(drawn)
    return drawn.to_dot().source if options.output == "-" else str(drawn.save(options.output))


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", metavar="model", help="such as model.py:model, a script and the model it builds"
    )


def _shape(text: str) -> Any:
    """A shape, or for a dtype behind a colon zeros of it."""
    sizes, _, dtype = text.partition(":")
    try:
        shape = tuple(int(part) for part in sizes.split(",") if part.strip())
        return np.zeros(shape, dtype.strip()) if dtype else shape
    except (ValueError, TypeError):
        raise argparse.ArgumentTypeError(f"{text!r} is no shape, such as 32,784.") from None


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} are no numbers, such as 0,1.") from None


def _model_of(what: str) -> Any:
    """The model that a script builds; the only one, if none is named. Raises ScriptError."""
    match = SPELLING.match(what)
    if match is None or not is_script(what):
        raise ScriptError(f"{what!r} is no script with a model, such as model.py:model.")
    path, name = Path(match["path"]), match["name"]
    if not path.is_file():
        raise ScriptError(f"there is no script {path}.")
    variables = run(path)
    models = [n for n, value in variables.items() if _is_model(value) and not n.startswith("_")]
    known = f"Its models: {', '.join(map(one_line, models[:LISTED]))}."
    known = known if models else "It builds no model at its top level."
    if not name and len(models) == 1:
        return variables[models[0]]
    if not name:
        raise ScriptError(f"{path}: which model? Write {path}:model, for example. {known}")
    if name not in variables:
        raise ScriptError(f"{path} has no variable {one_line(name)}. {known}")
    if not _is_model(variables[name]):
        kind = type(variables[name]).__name__
        raise ScriptError(f"{name} of {path} is {kind}; a model is needed. {known}")
    return variables[name]


def _is_model(value: Any) -> bool:
    has = (callable(getattr(value, name, None)) for name in ("named_modules", "named_parameters"))
    return not isinstance(value, type) and all(has)


def _told(error: Exception) -> str:
    """What went wrong in a line, with the place in the model."""
    kind = "" if isinstance(error, ValueError | TypeError) else f"{type(error).__name__}: "
    return " ".join([f"{kind}{error}", *getattr(error, "__notes__", ())])
