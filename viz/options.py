"""What `graphgrad` reads from its command line, and what it means for a drawing."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

import autograd
from viz import format
from viz.questions import add_check_arguments, add_explain_arguments
from viz.step_command import add_step_arguments
from viz.style import DIRECTIONS, LAYOUTS, MODES, THEME_NAMES, Style
from viz.summary_command import add_network_arguments, add_summary_arguments
from viz.view import Selection

EXAMPLES = """examples:
  graphgrad draw "사과 * 개수 * 소비세" 사과=100 개수=2 소비세=1.1
  graphgrad draw "sum(sigmoid(x @ W + b))" x=[1,2] W=[[1,2],[3,4]] b=[0,1] -o layer.svg
  graphgrad draw shop.py:loss -o loss.svg --depth 2
  graphgrad step "사과 * 개수 * 소비세" 사과=100 개수=2 소비세=1.1
  graphgrad explain 사과 --of "사과 * 개수 * 소비세" 사과=100 개수=2 소비세=1.1
  graphgrad check shop.py:loss
  graphgrad summary model.py:model --input 32,784
  graphgrad network model.py:model -o net.svg
"""

DRAW = """Draws an expression, or a variable of a script, with each value above its wire and each
gradient below. Without -o it prints the drawing and the gradients. What a script prints goes to the
standard error."""

STEP = """Steps through the backward pass edge by edge, forwards and back in time, at the prompt of
a debugger; h lists its commands. With -o it writes a page that does the same in a browser."""

EXPLAIN = """Says which paths lead from a result to an input, the product along each, and their sum,
and checks it by a central difference."""

CHECK = """Finds the first bad value and the first bad gradient, and layers whose gradients vanish
or explode. The exit code is 1 if there is a finding."""

SUMMARY = """Lists the modules of a model: what each is, what it gives, holds, learns and costs.
What the script prints goes to the standard error."""

NETWORK = """Draws a small net of fully connected layers as circles and wires: width is the size of
a weight, colour and dashes its sign. Without -o it prints a formula for each neuron."""

DOCTOR = "Says which layouts, picture formats and fonts are here, and how to get more."

GRADS: dict[str, str | bool] = {"edge": "edge", "total": "total", "none": False}
"""What --grads can be, and what it is in Python."""

MODELS = ("summary", "network")
"""Commands that take a model, and so no name=value."""

ARGUMENT = re.compile(r"\b(max_nodes|depth|around|hops|roll|precision|direction)=(\w*)")
"""Arguments of draw() that are options here."""


def options_of(arguments: Sequence[str]) -> argparse.Namespace | None:
    """What the arguments ask for; None, with the help shown, if nothing.

    Exits with 2 and one line for wrong usage, with 0 after --help and --version.
    """
    parser, commands = _parsers()
    options, rest = parser.parse_known_args(_guarded(arguments))
    if options.command is None:
        parser.print_help(sys.stderr)
        return None
    if not hasattr(options, "assignments"):
        if rest and options.command not in commands:
            parser.error(f"graphgrad {options.command} takes no arguments, such as {rest[0]}.")
        options.assignments = []
    command = options.command
    if unknown := [argument for argument in rest if argument.startswith("-")]:
        commands[command].error(f"{unknown[0]} is no option. See graphgrad {command} --help.")
    if rest and command in MODELS:
        commands[command].error(f"graphgrad {command} takes one model, and no {rest[0]}.")
    options.assignments += rest
    return options


def style_of(options: argparse.Namespace) -> Style:
    """How the drawing shall look. Raises ValueError for a precision that makes no sense."""
    return Style(
        options.mode, options.values, GRADS[options.grads], options.precision,
        options.direction, options.theme, options.layout,
    )  # fmt: skip


def selection_of(options: argparse.Namespace) -> Selection:
    """What of the graph shall be shown. Raises ValueError for what makes no sense."""
    return Selection(options.depth, options.roll, options.hops, options.max_nodes)


def spelled_as_options(text: str) -> str:
    """A message with the options of the command for the arguments of draw().

    >>> spelled_as_options("max_nodes=400 shows all.")
    '--max-nodes 400 shows all.'
    """

    def option(match: re.Match[str]) -> str:
        name, value = match[1].replace("_", "-"), match[2]
        return f"--{name}" + (f" {value}" if value not in ("", "True") else "")

    return ARGUMENT.sub(option, text)


def _parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The parser, and that of each command that takes something."""
    parser = argparse.ArgumentParser(
        "graphgrad",
        description="Draws the graph of a computation, and steps through its backward pass.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"graphgrad {autograd.__version__}")
    found = parser.add_subparsers(dest="command", metavar="command")

    def add(name: str, about: str, text: str) -> argparse.ArgumentParser:
        return found.add_parser(
            name, help=about, description=text, epilog=EXAMPLES, allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip

    draw = add("draw", "draw an expression or a variable of a script", DRAW)
    for put in (_add_input, _add_looks, _add_selection):
        put(draw)
    step = add("step", "step through its backward pass, at a prompt", STEP)
    add_step_arguments(step)
    explain = add("explain", "say why a gradient has its value", EXPLAIN)
    add_explain_arguments(explain)
    check = add("check", "find the first nan, and gradients that vanish", CHECK)
    add_check_arguments(check)
    summary = add("summary", "list a model's modules and what they cost", SUMMARY)
    add_summary_arguments(summary)
    network = add("network", "draw a small net as circles and wires", NETWORK)
    add_network_arguments(network)
    add("doctor", "say what is here for drawing, and how to get what is not", DOCTOR)
    parsers = {"draw": draw, "step": step, "explain": explain, "check": check}
    return parser, parsers | {"summary": summary, "network": network}


def _add_input(draw: argparse.ArgumentParser) -> None:
    draw.add_argument(
        "what",
        metavar="expression",
        help='such as "x*y + exp(x)", names in any script; or shop.py:loss, a script and one of '
        "its variables",
    )
    draw.add_argument(
        "assignments", nargs="*", metavar="name=value", help="a number or a list: x=2 y=[1,2,3]"
    )
    draw.add_argument(
        "-o", "--output", metavar="file",
        help=".svg, .png, .pdf, .html, .dot, .txt or .json; - prints the DOT source",
    )  # fmt: skip


def _add_looks(draw: argparse.ArgumentParser) -> None:
    looks = draw.add_argument_group("how it looks")
    looks.add_argument("--mode", choices=MODES, default="both", help="what to draw (both)")
    looks.add_argument(
        "--theme", choices=THEME_NAMES, default="auto", help="colours; auto: the reader's (auto)"
    )
    looks.add_argument(
        "--layout", choices=LAYOUTS, default="auto", help="what places the boxes (auto)"
    )
    looks.add_argument(
        "--direction", choices=DIRECTIONS, default="LR", help="to the right, or down (LR)"
    )
    looks.add_argument(
        "--grads", choices=tuple(GRADS), default="edge",
        help="on each wire its own contribution, the whole gradient of its value, or none (edge)",
    )  # fmt: skip
    looks.add_argument(
        "--values", action=argparse.BooleanOptionalAction, default=True,
        help="numbers on the forward wires",
    )  # fmt: skip
    looks.add_argument(
        "--precision", type=int, default=format.PRECISION, metavar="N",
        help=f"significant digits ({format.PRECISION})",
    )  # fmt: skip


def _add_selection(draw: argparse.ArgumentParser) -> None:
    default = Selection()
    part = draw.add_argument_group("how much of a large graph")
    part.add_argument(
        "--depth", type=int, metavar="N", help="fold modules that are inside so many others"
    )
    part.add_argument(
        "--roll", action="store_true", help="fold equal modules in a row into one, such as steps"
    )
    part.add_argument("--around", metavar="name", help="only what is near the values of a name")
    part.add_argument(
        "--hops", type=int, default=default.hops, metavar="N",
        help=f"how near, in operations ({default.hops})",
    )  # fmt: skip
    part.add_argument(
        "--max-nodes", type=int, default=default.max_nodes, metavar="N",
        help=f"boxes shown; of a larger graph parts are folded or hidden ({default.max_nodes})",
    )  # fmt: skip


def _guarded(arguments: Sequence[str]) -> list[str]:
    """arguments, with a space before an expression such as -x*2, so that it is no option."""
    flags = ("-o", "-h")
    return [
        f" {a}" if a[:1] == "-" and len(a) > 1 and a[1] != "-" and not a.startswith(flags) else a
        for a in arguments
    ]
