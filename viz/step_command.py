"""`graphgrad step`: the (bdb) prompt for an expression, or for a variable of a script.

    graphgrad step "(사과*개수 + 귤*귤개수) * 소비세" 사과=100 개수=2 귤=150 귤개수=3 소비세=1.1
    graphgrad step shop.py:loss -o loss.html

`cli.py` calls it. With -o it writes the page that steps in a browser instead.
"""

from __future__ import annotations

import argparse
from typing import Any

from autograd import GraphError
from viz.prompt import Prompt
from viz.questions import advised, computation
from viz.stepping import Stepper


def add_step_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `graphgrad step`: what, assignments, output and forward."""
    parser.add_argument(
        "what", metavar="expression",
        help='such as "x*y + exp(x)"; or shop.py:loss, a script and one of its variables',
    )  # fmt: skip
    parser.add_argument(
        "assignments", nargs="*", metavar="name=value", help="a number or a list: x=2 y=[1,2,3]"
    )
    parser.add_argument(
        "-o", "--output", metavar="file", help="write the page that steps in a browser, .html"
    )
    parser.add_argument(
        "--forward", action="store_true", help="begin with the operations of the forward pass"
    )


def step_command(options: argparse.Namespace) -> int:
    """The exit code of `graphgrad step`, 0, after the session or when the page is written.

    Raises ValueError, TypeError or RuntimeError for wrong usage, with a line for the user; OSError
    if the page cannot be written.
    """
    found, inputs = computation(options.what, options.assignments)
    if len(found.tensors) != 1:
        raise ValueError(f"{options.what} has {len(found.tensors)} results; step through one.")
    variables: dict[str, Any] = dict(inputs)
    try:
        stepper = Stepper(found.tensors[0], forward=options.forward, variables=found.names)
    except GraphError as error:
        raise ValueError(advised(str(error))) from None
    if options.output is not None:
        print(stepper.save(options.output))
        return 0
    prompt = Prompt(stepper)
    prompt.space |= variables
    prompt.run()
    return 0
