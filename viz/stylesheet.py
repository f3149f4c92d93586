"""The stylesheet of one picture: its colours as variables, which only that picture sees.

Classes are named after fields of Palette: `f-ink` fills with the colour of ink, `s-wire` draws
lines in that of wires, `k-thick` draws thick ones. The rules have plain colours; those with
variables stand behind `@supports`, which renderers without variables skip (resvg, librsvg, cairosvg
would paint all black otherwise).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields

from viz.style import THEMES, Palette

PREFIX = "--gg-"
"""What the names of variables begin with."""

DASHES = {"zero": "2 3", "faint": "7 3"}
"""Dashes of gradient lines where colour cannot tell them apart."""

COLOURS = tuple(field.name for field in fields(Palette) if field.name != "thick")
"""What a class can be named after."""


def stylesheet(root: str, used: Iterable[str], theme: str, *, inline: bool = False) -> str:
    """The rules for the classes used inside of the element with the id root.

    theme: a name of style.THEME_NAMES.  inline: plain colours instead of variables, those of light
    for "auto".
    """
    used = frozenset(used)
    first = THEMES["light" if theme == "auto" else theme]
    plain, variable = [], []
    for selector, property, name in _selectors(used):
        plain.append(f"#{root} .{selector}{{{property}:{_value(first, name)}}}")
        variable.append(f"#{root} .{selector}{{{property}:var({PREFIX}{name})}}")
    rules = list(plain)
    if not inline:
        rules.append(_variables(root, first, used))
        rules.append(f"@supports (color:var({PREFIX}ink)){{{''.join(variable)}}}")
    if theme == "print":
        rules += _dashes(root, used)
    if theme == "auto" and not inline:
        dark, paper = (_variables(root, THEMES[name], used) for name in ("dark", "print"))
        rules.append(f"@media (prefers-color-scheme:dark){{{dark}}}")
        rules.append(f"@media print{{{paper}{''.join(_dashes(root, used))}}}")
    return "\n".join(rules)


def _names(used: frozenset[str]) -> list[str]:
    return [n for n in (*COLOURS, "thick") if {f"{letter}-{n}" for letter in "fsk"} & used]


def _variables(root: str, palette: Palette, used: frozenset[str]) -> str:
    values = ";".join(f"{PREFIX}{name}:{_value(palette, name)}" for name in _names(used))
    return f"#{root}{{{values}}}"


def _selectors(used: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Class, property, and field of Palette, for each class used."""
    for name in COLOURS:
        for letter, property in (("f", "fill"), ("s", "stroke")):
            if f"{letter}-{name}" in used:
                yield f"{letter}-{name}", property, name
    if "k-thick" in used:
        yield "k-thick", "stroke-width", "thick"


def _value(palette: Palette, name: str) -> str:
    value = getattr(palette, name)
    return value if isinstance(value, str) else f"{value:g}"


def _dashes(root: str, used: frozenset[str]) -> list[str]:
    return [
        f"#{root} .d-{name}{{stroke-dasharray:{dash}}}"
        for name, dash in DASHES.items()
        if f"d-{name}" in used
    ]
