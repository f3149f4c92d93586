"""`graphgrad explain` and `graphgrad check`: what is asked on the command line, and the answers.

    graphgrad explain 사과 --of "사과 * 개수 * 소비세" 사과=100 개수=2 소비세=1.1
    graphgrad explain "W[0, 1]" --of shop.py:loss
    graphgrad check shop.py:loss

`cli.py` calls these. What is asked for is an expression or a variable of a script, as for draw.
"""

from __future__ import annotations

import argparse
import re
from typing import Any

import numpy as np

import autograd
from autograd import GraphError, Tensor, backend
from viz.check import health_of
from viz.explain import explained
from viz.expression import parse, parse_assignments
from viz.script import Variable, is_script, variable_of
from viz.vocabulary import functions

OK, FINDING = 0, 1
"""Exit codes."""

ELEMENT = re.compile(r"(?P<name>.+?)\s*\[(?P<index>[-\d,\s]+)\]\s*$")
"""A name with an index, such as W[3, 7]."""


def add_explain_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `graphgrad explain`: name, of and assignments."""
    parser.add_argument("name", help="an input, such as 사과, or an element of one, such as W[3,7]")
    parser.add_argument(
        "--of", required=True, metavar="expression",
        help='such as "x*y + exp(x)"; or shop.py:loss, a script and one of its variables',
    )  # fmt: skip
    _add_assignments(parser)


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `graphgrad check`: what and assignments."""
    parser.add_argument(
        "what", metavar="expression",
        help='such as "x*y + exp(x)"; or shop.py:loss, a script and one of its variables',
    )  # fmt: skip
    _add_assignments(parser)


def _add_assignments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "assignments", nargs="*", metavar="name=value", help="a number or a list: x=2 y=[1,2,3]"
    )


def explain_command(options: argparse.Namespace) -> tuple[int, str]:
    """The exit code of `graphgrad explain`, and its text: 1 if a check disagrees with the gradient.

    Raises ValueError, TypeError or RuntimeError for wrong usage, with a line for the user.
    """
    found, inputs = computation(options.of, options.assignments)
    match = ELEMENT.match(options.name)
    name = match["name"] if match else options.name
    element = tuple(int(i) for i in match["index"].split(",") if i.strip()) if match else None
    if len(found.tensors) != 1:
        raise ValueError(f"{options.of} has {len(found.tensors)} results; give one of them.")
    try:
        told = explained(inputs.get(name, name), found.tensors[0], found.names, element=element)
    except (GraphError, IndexError) as error:
        raise ValueError(advised(str(error))) from None
    return FINDING if told.is_ok is False else OK, str(told)


def check_command(options: argparse.Namespace) -> tuple[int, str]:
    """The exit code of `graphgrad check`, and its text: 1 if something was found.

    Raises ValueError, TypeError or RuntimeError for wrong usage, with a line for the user.
    """
    found, _ = computation(options.what, options.assignments)
    try:
        reports = [health_of(y, found.names) for y in found.tensors]
    except GraphError as error:
        raise ValueError(advised(str(error))) from None
    code = FINDING if any(report.findings for report in reports) else OK
    return code, "\n\n".join(map(str, reports))


def computation(what: str, assignments: list[str]) -> tuple[Variable, dict[str, Tensor]]:
    """The results of an expression, or a variable of a script; and the inputs by name.

    Raises ValueError for what cannot be read, ScriptFailed for a script that fails by itself.
    """
    if is_script(what):
        if assignments:
            raise ValueError(
                f"{assignments[0]} is for expressions; a script sets its variables itself."
            )
        found = variable_of(what)
        for y, label in zip(found.tensors, found.labels, strict=True):
            if y.node is not None:
                found.names.setdefault(y.node, label)
        return found, {}
    expression = parse(what)
    values = parse_assignments(assignments)
    expression.check_names(values)
    arrays = {name: np.asarray(value, "float64") for name, value in values.items()}
    inputs = {name: Tensor(array, True, name=name) for name, array in arrays.items()}
    with backend.quiet(), autograd.keep_values():
        result: Any = expression.evaluate(inputs, functions())
    outputs = list(result) if isinstance(result, tuple) else [result]
    if not all(isinstance(output, Tensor) for output in outputs):
        raise ValueError(f"the expression has no names, and its value is {result}.")
    names = {y.node: "result" for y in outputs if y.node is not None}
    return Variable(outputs, ["result"] * len(outputs), names), inputs


def advised(text: str) -> str:
    """A message with what can be done on a command line."""
    head, found, _ = text.partition("Reduce it first")
    return f"{head}Take its sum, as in sum(...)." if found else text
