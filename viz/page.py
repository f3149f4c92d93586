"""A drawing as a web page of its own: one file, nothing fetched, no program in it."""

from __future__ import annotations

from viz.boxes import View
from viz.canvas import escaped
from viz.style import THEMES, Style
from viz.svg import svg_of, title_of
from viz.text import text_of

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<main>
{svg}</main>
<details>
<summary>The same as text</summary>
<pre>{text}</pre>
</details>
</body>
</html>
"""

_RULES = """body{margin:16px;font:14px/1.5 system-ui,sans-serif}
main{overflow-x:auto}
svg{display:block;margin:0 auto;max-width:none}
details{margin:16px auto;max-width:60em}
summary{cursor:pointer}
pre{overflow-x:auto;font:13px/1.4 ui-monospace,monospace}"""


def page_of(view: View, style: Style) -> str:
    """The view as an HTML page: the picture, and folded away below it the drawing in characters.

    Raises LayoutError if the graph is too large for the layouts that are here.
    """
    return page_around(svg_of(view, style), view, style)


def page_around(svg: str, view: View, style: Style) -> str:
    """The page for a picture of the view that is there already."""
    lines = map(escaped, text_of(view, style, "utf-8").split("\n"))
    return _PAGE.format(
        title=escaped(title_of(view)), style=_rules(style.theme), svg=svg, text="\n".join(lines)
    )


def _rules(theme: str) -> str:
    first = _body("light" if theme == "auto" else theme)
    if theme != "auto":
        return f"{_RULES}\n{first}"
    dark, paper = _body("dark"), _body("print")
    return (
        f"{_RULES}\n:root{{color-scheme:light dark}}\n{first}\n"
        f"@media (prefers-color-scheme:dark){{{dark}}}\n"
        f"@media print{{{paper}details{{display:none}}}}"
    )


def _body(theme: str) -> str:
    palette = THEMES[theme]
    return f"body{{background:{palette.ground};color:{palette.ink}}}"
