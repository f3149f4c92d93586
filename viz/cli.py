"""The command `graphgrad`.

    graphgrad draw "사과 * 개수 * 소비세" 사과=100 개수=2 소비세=1.1 -o apple.svg
    graphgrad draw shop.py:loss -o loss.svg --depth 2
    graphgrad step "사과 * 개수" 사과=100 개수=2
    graphgrad explain 사과 --of "사과 * 개수" 사과=100 개수=2
    graphgrad check shop.py:loss
    graphgrad summary model.py:model --input 32,784
    graphgrad network model.py:model -o net.svg
    graphgrad doctor

Exit codes: 0 done, 1 a finding or a script that fails by itself, 2 wrong usage, 130 Ctrl-C.
Messages go to the standard error, in a line or, for an expression, with the place marked; the only
traceback ever shown is that of the user's script. Options are read in `options.py`, the questions
`explain` and `check` answered in `questions.py`, `step` in `step_command.py`, and what is asked of
a model in `summary_command.py`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import autograd
from autograd import Tensor, backend
from autograd.expression import display_width
from viz import format
from viz.boxes import View
from viz.diagnosis import doctor
from viz.drawing import STEPS, Drawing, drawing_of
from viz.expression import ExpressionError, parse, parse_assignments
from viz.names import one_line
from viz.options import options_of, selection_of, spelled_as_options, style_of
from viz.questions import check_command, explain_command
from viz.save import check_ending
from viz.script import ScriptFailed, is_script, variable_of
from viz.step_command import step_command
from viz.style import Style
from viz.summary_command import network_command, summary_command
from viz.terminal import wants_colour
from viz.text import can_encode, spelled
from viz.value import Value
from viz.view import REDUCE, Selection
from viz.vocabulary import functions
from viz.walk import is_short

OK, FINDING, USAGE, INTERRUPTED = 0, 1, 2, 130

REDUCE_ONE = "Take its sum, as in sum(...)."
REDUCE_ALL = "Join the results and take the sum, as in sum(concatenate(...))."
REDUCE_SCRIPT = "Draw a variable that holds its .sum()."
"""The remedies for results that are not single numbers."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of the command, run with these arguments, by default those of the process."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = options_of(given)
    if options is None:
        return USAGE
    try:
        return _run(options)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        _say(f"graphgrad {options.command}: interrupted.", sys.stderr)
        return INTERRUPTED
    except ScriptFailed as error:
        _say(str(error), sys.stderr)
        return FINDING
    except (ValueError, TypeError, RuntimeError, OSError) as error:
        text = str(error) if isinstance(error, ExpressionError) else spelled_as_options(str(error))
        _say(f"graphgrad {options.command}: {text}", sys.stderr)
        return USAGE


def _run(options: argparse.Namespace) -> int:
    """Runs the command that was asked for, and gives its exit code."""
    match options.command:
        case "draw":
            return _draw(options)
        case "step":
            return step_command(options)
        case "doctor":
            code, text = OK, str(doctor())
        case "summary":
            code, text = OK, summary_command(options)
        case "network":
            if options.output == "-":
                _write_utf8(network_command(options))
                return OK
            code, text = OK, network_command(options)
        case "explain":
            code, text = explain_command(options)
        case _:
            code, text = check_command(options)
    _say(text)
    return code


def _draw(options: argparse.Namespace) -> int:
    style, select = style_of(options), selection_of(options)
    if options.output not in (None, "-"):
        check_ending(options.output)
    draw = _of_script if is_script(options.what) else _of_expression
    drawing, names, result = draw(options, style, select)
    if options.output == "-":
        _write_utf8(drawing.to_dot().source)
    elif options.output is not None:
        _say(str(drawing.save(options.output)))
    else:
        print(drawing.to_text(colour=wants_colour(sys.stdout)))
        for line in gradient_lines(drawing, names, result):
            _say(line)
    if sys.stdout is not None:  # as it is where the shell closed it
        sys.stdout.flush()
    return OK


def _of_expression(
    options: argparse.Namespace, style: Style, select: Selection
) -> tuple[Drawing, list[str], str]:
    """The drawing of an expression, the names whose gradients count, and that of its result."""
    expression = parse(options.what)
    values = parse_assignments(options.assignments)
    expression.check_names(values)
    # In float64, so that what was typed is what is drawn.
    arrays = {name: np.asarray(value, "float64") for name, value in values.items()}
    inputs = {name: Tensor(array, True, name=name) for name, array in arrays.items()}
    with backend.quiet(), autograd.keep_values():
        result = expression.evaluate(inputs, functions())
    outputs, labels = _outputs(result)
    drawing = drawing_of(
        outputs, style, select, labels=labels, around=options.around, steps=_is_page(options)
    )
    return _advised(drawing, can_change=False), list(values), "result"


def _is_page(options: argparse.Namespace) -> bool:
    """Whether a page is asked for, which steps through the passes."""
    return str(options.output).lower().endswith(".html")


def _of_script(
    options: argparse.Namespace, style: Style, select: Selection
) -> tuple[Drawing, list[str], str]:
    """The drawing of a script's variable, the names of its leaves, and its own name."""
    if options.assignments:
        raise ValueError(
            f"{options.assignments[0]} is for expressions; a script sets its variables itself."
        )
    found = variable_of(options.what)
    drawing = drawing_of(
        found.tensors,
        style,
        select,
        labels=found.labels,
        known=found.names,
        around=options.around,
        steps=_is_page(options) and is_short(found.tensors, STEPS),
    )
    names = [name for name, gradient in _leaves(drawing.view).items() if gradient is not None]
    result = found.labels[0] if len(found.labels) == 1 else "Σ"
    return _advised(drawing, can_change=True), names, result


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


def _advised(drawing: Drawing, *, can_change: bool) -> Drawing:
    """The drawing with notes that advise what the command can do, not what a script could.

    can_change: whether there is a script that the user can change.
    """
    outputs = [box for box in drawing.view.boxes if box.kind == "output"]
    remedy = REDUCE_SCRIPT if can_change else REDUCE_ALL if len(outputs) > 1 else REDUCE_ONE
    notes = tuple(spelled_as_options(n.replace(REDUCE, remedy)) for n in drawing.view.notes)
    return replace(drawing, view=replace(drawing.view, notes=notes))


def gradient_lines(drawing: Drawing, names: Iterable[str], result: str = "result") -> list[str]:
    """`∂result/∂x = 2.2` for each name; nothing where the drawing shows no gradients."""
    if not drawing.style.shows_gradients:
        return []
    gradients = _leaves(drawing.view)
    lines = [""]
    for name in map(one_line, names):
        g = gradients.get(name)
        text = format.NO_GRADIENT if g is None else format.in_line(g, drawing.style.precision)
        lines.append(f"∂{one_line(result)}/∂{name} = {text}")
    return lines if len(lines) > 1 else []


def _leaves(view: View) -> dict[str, Value | None]:
    """For each input and parameter, by its whole name, its gradient."""
    first = {wire.source: wire for wire in reversed(view.wires)}
    leaves = [box.id for box in view.boxes if box.kind in ("input", "parameter")]
    return {first[id].name: first[id].gradient for id in leaves if id in first}


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


def _write_utf8(text: str) -> None:
    """Prints text as `dot` reads it, whatever the terminal's encoding is."""
    if (raw := getattr(sys.stdout, "buffer", None)) is None:
        print(text, end="")
        return
    sys.stdout.flush()
    raw.write(text.encode())


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
