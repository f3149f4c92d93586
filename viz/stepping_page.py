"""The page that steps: one HTML file in which backprop runs edge by edge, forwards and back.

Our SVG, the steps as JSON (`walk.py`), and the program in `assets/`. Nothing is fetched, and a
policy in the page forbids it; names are text in all of it. `page.py` writes the page that stands
still.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib.resources import files
from typing import Any

from autograd import Tensor
from autograd.graph import ancestors, constant
from autograd.timeline import Timeline
from viz import format
from viz.boxes import View
from viz.canvas import escaped
from viz.heat import CELLS
from viz.names import caller_names, one_line
from viz.style import THEMES, Style
from viz.stylesheet import COLOURS, DASHES, PREFIX
from viz.svg import Painting, painted
from viz.value_names import ValueNames
from viz.view import Selection, Trace, view_of
from viz.view.naming import parameter_names
from viz.walk import Walk, walk_of

MOST_STEPS = 2_000
"""Steps of a page; nobody walks through more."""

MOST_BYTES = 2_000_000
"""The size of a page. Before it is refused, heat maps are left out."""

NOW = {"light": "#f59f00", "dark": "#ffb224", "print": "#000000"}
"""The colour of what happens now, in each theme."""

_REMEDY = "Name a tensor in around=, fold modules by depth=, or hide the middle by max_nodes=100."

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'unsafe-inline'; script-src 'sha256-{digest}'">
<title>{title}</title>
<style>
{rules}
</style>
</head>
<body data-theme="{theme}" data-step="{step}">
<main style="--wide:{wide}px">
{svg}</main>
<nav>
<button type="button" data-do="start" aria-label="to the start">|←</button>
<button type="button" data-do="back" aria-label="back">←<span> back</span></button>
<button type="button" data-do="play">▶<span> play</span></button>
<button type="button" data-do="next" aria-label="next"><span>next </span>→</button>
<button type="button" data-do="end" aria-label="to the end">→|</button>
<input type="range" min="0" value="0" aria-label="step">
<output></output>
<button type="button" data-do="theme" aria-label="theme">◐<span> {theme}</span></button>
</nav>
<section aria-label="this step"><noscript>All steps at once.</noscript></section>
<p class="live" aria-live="polite"></p>
<p class="hint"><kbd>→</kbd> <kbd>n</kbd> next · <kbd>←</kbd> <kbd>h</kbd> back · \
<kbd>Space</kbd> play · <kbd>Home</kbd> <kbd>End</kbd> · click a wire or an operation: run until \
there{hidden}</p>
<script type="application/json" id="steps">{data}</script>
<script>{program}</script>
</body>
</html>
"""

_STYLE = re.compile(r"<style>.*?</style>\n", re.DOTALL)

_PAINTED = {"f": "fill", "s": "stroke"}

_FRAME = (
    '<iframe title="{title}" style="width:100%;height:{height}px;border:0" '
    'sandbox="allow-scripts" srcdoc="{page}"></iframe>'
)


def page_of(
    y: Tensor,
    *,
    gradient: Any = None,
    params: Any = None,
    variables: Mapping[Any, str] | None = None,
    title: str | None = None,
    theme: str = "auto",
    step: int = 0,
    depth: int | None = None,
    roll: bool = False,
    around: Tensor | str | None = None,
    hops: int = 3,
    max_nodes: int | None = None,
    precision: int = format.PRECISION,
    direction: str = "LR",
    layout: str = "auto",
) -> str:
    """The page that steps through y and its gradients: forward, the seed, and backward.

    gradient: ∂L/∂y where y is not a single number.  params: a model, or a mapping of names to
    tensors.  variables: names for nodes without one; by default those of the caller's variables.
    title: of the page.  step: how many events have happened when it opens, where `#step=7` does not
    say.  max_nodes: as for draw(); None is 300, for graphs whose every step can be shown.  The
    other arguments are those of draw(). Events inside of what they fold or hide are left out.
    Raises TypeError if y is no Tensor, ValueError for more than 2,000 steps or 2 MB, LayoutError if
    the graph cannot be placed, and what `Timeline` raises for a y that has no gradient.
    """
    if not isinstance(y, Tensor):
        raise TypeError(f"a page steps through one Tensor, not {type(y).__name__}.")
    variables = caller_names() if variables is None else variables
    style = Style(precision=precision, direction=direction, theme=theme, layout=layout)
    is_whole = max_nodes is None and around is None and depth is None and not roll
    timeline, trace = _timeline_of(y, gradient, is_whole), Trace()
    paths = parameter_names(params, ends := [timeline.output], variables)
    names = ValueNames(ends, paths, variables)
    view = view_of(
        [y],
        variables=variables,
        params=params,
        gradient=None if gradient is None else [gradient],
        around=around,
        select=Selection(depth, roll, hops, 300 if max_nodes is None else max_nodes),
        precision=precision,
        trace=trace,
    )
    walk_with = partial(walk_of, timeline, trace, names, precision=precision)
    return _smallest(walk_with, view, style, title, step)


def widget_of(y: Tensor, **options: Any) -> str:
    """The same as a frame for a notebook, whose rules and ids touch nothing around it.

    options: those of page_of(). Raises as it does.
    """
    options.setdefault("variables", caller_names())
    page = page_of(y, **options)
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', page)
    high = float(found[2]) if found else 0.0
    name = re.search("<title>(.*?)</title>", page)
    return _FRAME.format(
        title=name[1] if name else "", height=round(min(1.35 * high, 560) + 320), page=_quoted(page)
    )


def page_around(
    picture: Painting,
    view: View,
    walk: Walk,
    *,
    theme: str = "auto",
    title: str | None = None,
    step: int = 0,
) -> str:
    """The page for a picture of the view, and the walk through it, that are there already.

    step: how many events have happened when it opens.
    Raises ValueError for a walk of too many steps.
    """
    _check_steps(len(walk.steps))
    program = _asset("stepping.js")
    outputs = [box.label for box in view.boxes if box.kind == "output"]
    left_out = walk.total - len(walk.steps)
    hidden = f" · {left_out:,} steps inside folded or hidden parts are left out" if left_out else ""
    return _PAGE.format(
        digest=base64.b64encode(hashlib.sha256(program.encode()).digest()).decode(),
        title=escaped(one_line(title, 200) if title else f"{', '.join(outputs)}, step by step"),
        rules=_rules(picture.svg),
        theme=theme,
        step=bisect_left(walk.events, step),
        wide=f"{picture.size[0]:.0f}",
        svg=_STYLE.sub("", picture.svg, count=1),
        hidden=hidden,
        data=_json({"steps": walk.steps, "operations": walk.operations, "values": walk.values}),
        program=program,
    )


def _timeline_of(y: Tensor, gradient: Any, is_whole: bool) -> Timeline:
    """The time line of y. is_whole: all of it will be shown, so that it must not be too long."""
    if is_whole:  # of a graph much too large, that can be said before the pass runs
        _check_steps(sum(node.op is not None for node in ancestors([constant(y)])), at_least=True)
    timeline = Timeline(y, gradient, forward=True)
    if is_whole:
        _check_steps(len(timeline))
    return timeline


def _smallest(
    walk_with: Callable[..., Walk], view: View, style: Style, title: str | None, step: int
) -> str:
    """The page with as large heat maps as fit into it."""
    picture = painted(view, style)
    for cells in (CELLS, CELLS // 4, 0):
        walk = walk_with(cells=cells)
        page = page_around(picture, view, walk, theme=style.theme, title=title, step=step)
        if (size := len(page.encode())) <= MOST_BYTES:
            return page
    raise ValueError(
        f"the page of these {len(walk.steps):,} steps would have {size:,} bytes; at most "
        f"{MOST_BYTES:,} are written. {_REMEDY}"
    )


def _check_steps(count: int, *, at_least: bool = False) -> None:
    if count > MOST_STEPS:
        more = "at least " if at_least else ""
        raise ValueError(
            f"this graph has {more}{count:,} steps; a page holds at most {MOST_STEPS:,}. {_REMEDY}"
        )


@cache
def _asset(name: str) -> str:
    """A file of `assets/`, without indents and the lines that are comments."""
    text = files("viz").joinpath("assets", name).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _rules(svg: str) -> str:
    """The stylesheet: that of `assets/`, and the picture's, which takes its colours from the page.

    The picture's own would not follow the button that changes the theme.
    """
    used = [(letter, x) for x in COLOURS for letter in "fs" if f"{letter}-{x}" in svg]
    rules = [f".{a}-{x}{{{_PAINTED[a]}:var({PREFIX}{x})}}" for a, x in used]
    rules += [_asset("stepping.css"), f".k-thick{{stroke-width:var({PREFIX}thick)}}"]
    text = "\n".join(rules)
    light, dark, paper = (_colours(theme, text) for theme in ("light", "dark", "print"))
    dashes = "".join(f".d-{x}{{stroke-dasharray:{dash}}}" for x, dash in DASHES.items())
    return (
        f":root{{color-scheme:light dark}}\nbody{{{light}}}\n"
        f"@media (prefers-color-scheme:dark){{body{{{dark}}}}}\n"
        f"[data-theme=light]{{{light};color-scheme:light}}\n"
        f"[data-theme=dark]{{{dark};color-scheme:dark}}\n"
        f"[data-theme=print]{{{paper};color-scheme:light}}\n"
        f"@media print{{body[data-theme]{{{paper}}}{dashes}}}\n{text}"
    )


def _colours(theme: str, rules: str) -> str:
    """The values of the variables that rules name."""
    palette = THEMES[theme]
    colours = [f"{PREFIX}{x}:{getattr(palette, x)}" for x in COLOURS if f"{PREFIX}{x})" in rules]
    return ";".join([*colours, f"{PREFIX}thick:{palette.thick:g}", f"--now:{NOW[theme]}"])


def _json(data: Any) -> str:
    """data as JSON that may stand inside of <script>, whatever its strings hold."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _quoted(page: str) -> str:
    return page.replace("&", "&amp;").replace('"', "&quot;")
