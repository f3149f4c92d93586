"""The command `graphgrad`.

    graphgrad draw "사과 * 개수 * 소비세" 사과=100 개수=2 소비세=1.1 -o apple.svg

Exit codes: 0 done, 2 wrong usage. Messages go to the standard error, in a line or, for an
expression, with the place marked; never a traceback.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import autograd
from autograd import Tensor, backend, ops
from autograd.expression import display_width
from autograd.op import REGISTRY
from viz import format
from viz.drawing import Drawing, check_ending, drawing_of
from viz.expression import parse, parse_assignments
from viz.names import one_line
from viz.style import MODES, THEMES, Style
from viz.text import can_encode, spelled
from viz.view import REDUCE

OK, USAGE = 0, 2

NEED_TEXT = frozenset({"astype", "einsum", "to_device"})
"""Operations that need a text, which no expression can hold."""

JOINS = ("concatenate", "stack")
"""Operations on a list of arrays, which an expression gives one by one."""

REDUCE_ONE = "Take its sum, as in sum(...)."
REDUCE_ALL = "Join the results and take the sum, as in sum(concatenate(...))."
"""The remedies for results that are not single numbers."""

EXAMPLE = """examples:
  graphgrad draw "사과 * 개수 * 소비세" 사과=100 개수=2 소비세=1.1
  graphgrad draw "sum(sigmoid(x @ W + b))" x=[1,2] W=[[1,2],[3,4]] b=[0,1] -o layer.svg
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of the command, run with these arguments, by default those of the process."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser, draw_parser = _parsers()
    options, rest = parser.parse_known_args(_guarded(given))
    if options.command is None:
        parser.print_help(sys.stderr)
        return USAGE
    if unknown := [argument for argument in rest if argument.startswith("-")]:
        draw_parser.error(f"{unknown[0]} is no option. See graphgrad draw --help.")
    options.assignments += rest
    try:
        return _draw(options)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except (ValueError, TypeError, RuntimeError, OSError) as error:
        _say(f"graphgrad draw: {error}", sys.stderr)
        return USAGE


def _parsers() -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "graphgrad",
        description="Draws the graph of a computation.",
        epilog=EXAMPLE,
        formatter_class=form,
    )
    parser.add_argument("--version", action="version", version=f"graphgrad {autograd.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    draw = commands.add_parser(
        "draw",
        help="draw an expression with its values and gradients",
        description="Draws an expression with each value above its wire and each gradient below. "
        "Without -o it prints the drawing and the gradients.",
        epilog=EXAMPLE,
        formatter_class=form,
    )
    draw.add_argument("expression", help='such as "x*y + exp(x)"; names may be in any script')
    draw.add_argument(
        "assignments", nargs="*", metavar="name=value", help="a number or a list: x=2 y=[1,2,3]"
    )
    draw.add_argument(
        "-o", "--output", metavar="file", help=".svg, .dot or .txt; - prints the DOT source"
    )
    draw.add_argument("--mode", choices=MODES, default="both", help="what to draw (both)")
    draw.add_argument(
        "--theme", choices=tuple(THEMES), default="light", help="colours of .svg and .dot (light)"
    )
    return parser, draw


def _guarded(arguments: list[str]) -> list[str]:
    """arguments, with a space before an expression such as -x*2, so that it is no option."""
    flags = ("-o", "-h")
    return [
        f" {a}" if a[:1] == "-" and len(a) > 1 and a[1] != "-" and not a.startswith(flags) else a
        for a in arguments
    ]


def _draw(options: argparse.Namespace) -> int:
    if options.output not in (None, "-"):
        check_ending(options.output)
    expression = parse(options.expression)
    values = parse_assignments(options.assignments)
    expression.check_names(values)
    # In float64, so that what was typed is what is drawn.
    arrays = {name: np.asarray(value, "float64") for name, value in values.items()}
    inputs = {name: Tensor(array, True, name=name) for name, array in arrays.items()}
    with backend.quiet(), autograd.keep_values():
        result = expression.evaluate(inputs, functions())
    outputs, labels = _outputs(result)
    drawing = _advised(drawing_of(outputs, Style(options.mode, theme=options.theme), labels=labels))
    if options.output == "-":
        print(drawing.to_dot().source, end="")
    elif options.output is not None:
        _say(str(drawing.save(options.output)))
    else:
        print(drawing.to_text())
        for line in gradient_lines(drawing, values):
            _say(line)
    sys.stdout.flush()
    return OK


def _outputs(result: Any) -> tuple[list[Tensor], list[str]]:
    """What to draw, and its labels: the result, or the results of an operation such as split."""
    outputs = list(result) if isinstance(result, tuple) else [result]
    if not all(isinstance(output, Tensor) for output in outputs):
        raise ValueError(
            f"there is nothing to draw: the expression has no names, and its value is {result}."
        )
    labels = [f"result {i}" for i in range(1, len(outputs) + 1)]
    labels = labels if len(outputs) > 1 else ["result"]
    for output, label in zip(outputs, labels, strict=True):
        output.name = output.name or label
    return outputs, labels


def _advised(drawing: Drawing) -> Drawing:
    """The drawing with notes that advise what the command can do, not what a script could."""
    outputs = [box for box in drawing.view.boxes if box.kind == "output"]
    remedy = REDUCE_ALL if len(outputs) > 1 else REDUCE_ONE
    notes = (note.replace(REDUCE, remedy) for note in drawing.view.notes)
    notes = (re.sub(r" max_nodes=\d+ shows all\.", "", note) for note in notes)
    return replace(drawing, view=replace(drawing.view, notes=tuple(notes)))


def functions() -> dict[str, Callable[..., Any]]:
    """What an expression may call: the operations, by name, but for those that need a text.

    Those that join a list of arrays take the arrays one by one: concatenate(x, y, axis=0).
    """
    names = [name for name in REGISTRY if hasattr(ops, name) and name not in NEED_TEXT]
    joins = {name: _joining(getattr(ops, name)) for name in JOINS}
    return {name: getattr(ops, name) for name in names} | joins


def _joining(join: Callable[..., Any]) -> Callable[..., Any]:
    """join, for arrays given one by one, or as the results of one operation such as split."""

    def joined(*arrays: Any, **settings: Any) -> Any:
        is_several = len(arrays) == 1 and isinstance(arrays[0], tuple)
        return join(arrays[0] if is_several else arrays, **settings)

    return joined


def gradient_lines(drawing: Drawing, names: Iterable[str]) -> list[str]:
    """`∂result/∂x = 2.2` for each name; nothing where the drawing shows no gradients."""
    if not drawing.style.shows_gradients:
        return []
    leaving = {wire.source: wire.gradient for wire in reversed(drawing.view.wires)}
    inputs = [box for box in drawing.view.boxes if box.kind == "input"]
    gradients = {box.label: leaving[box.id] for box in inputs}
    lines = [""]
    for name in map(one_line, names):
        g = gradients.get(name)
        text = format.NO_GRADIENT if g is None else format.in_line(g, drawing.style.precision)
        lines.append(f"∂result/∂{name} = {text}")
    return lines


def _say(text: str, stream: Any = None) -> None:
    """Prints text in characters that the stream has, with carets still under what they mark."""
    stream = stream or sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if not can_encode(text, encoding):
        *lines, last = text.split("\n")
        if lines and not last.strip(" ^"):
            last = _respaced(last, lines[-1], encoding)
        text = spelled("\n".join([*lines, last]), encoding)
    print(text, file=stream)


def _respaced(carets: str, marked: str, encoding: str) -> str:
    """carets, which stand under the characters of marked, for marked as encoding spells it."""
    respaced, column = "", 0
    for character in marked:
        mark = carets[column : column + 1]
        respaced += mark * len(spelled(character, encoding))
        column += display_width(character)
    return respaced + carets[column:]


if __name__ == "__main__":
    sys.exit(main())
