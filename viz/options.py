"""What `graphgrad` reads from its command line, and what it means for a drawing."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

import autograd
from viz import format
from viz.style import DIRECTIONS, LAYOUTS, MODES, THEME_NAMES, Style
from viz.view import Selection

EXAMPLES = """examples:
  graphgrad draw "사과 * 개수 * 소비세" 사과=100 개수=2 소비세=1.1
  graphgrad draw "sum(sigmoid(x @ W + b))" x=[1,2] W=[[1,2],[3,4]] b=[0,1] -o layer.svg
  graphgrad draw shop.py:loss -o loss.svg --depth 2
"""

GRADS: dict[str, str | bool] = {"edge": "edge", "total": "total", "none": False}
"""What --grads can be, and what it is in Python."""

ARGUMENT = re.compile(r"\b(max_nodes|depth|around|hops|roll|precision|direction)=(\w*)")
"""Arguments of draw() that are options here."""


def options_of(arguments: Sequence[str]) -> argparse.Namespace | None:
    """What the arguments ask for; None, with the help shown, if nothing.

    Exits with 2 and one line for wrong usage, with 0 after --help and --version.
    """
    parser, draw = _parsers()
    options, rest = parser.parse_known_args(_guarded(arguments))
    if options.command is None:
        parser.print_help(sys.stderr)
        return None
    if options.command != "draw":
        if rest:
            parser.error(f"graphgrad {options.command} takes no arguments, such as {rest[0]}.")
        return options
    if unknown := [argument for argument in rest if argument.startswith("-")]:
        draw.error(f"{unknown[0]} is no option. See graphgrad draw --help.")
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


def _parsers() -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "graphgrad",
        description="Draws the graph of a computation.",
        epilog=EXAMPLES,
        formatter_class=form,
    )
    parser.add_argument("--version", action="version", version=f"graphgrad {autograd.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    draw = commands.add_parser(
        "draw",
        help="draw an expression or a variable of a script, with values and gradients",
        description="Draws an expression, or a variable of a script, with each value above its "
        "wire and each gradient below.\nWithout -o it prints the drawing and the gradients. What "
        "a script prints goes to the standard error.",
        epilog=EXAMPLES,
        formatter_class=form,
        allow_abbrev=False,
    )
    _add_input(draw)
    _add_looks(draw)
    _add_selection(draw)
    commands.add_parser(
        "doctor",
        help="say what is here for drawing, and how to get what is not",
        description="Says which layouts, picture formats and fonts are here, and how to get more.",
    )
    return parser, draw


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
