"""The stylesheet of one picture."""

from __future__ import annotations

import pytest

from viz.style import THEMES
from viz.stylesheet import stylesheet

USED = ["s-gradient", "f-ink", "k-thick", "d-zero", "s-zero"]


def test_plain_colours_come_before_the_variables_which_stand_behind_supports() -> None:
    plain, _, variable = stylesheet("gg-1", USED, "light").partition("@supports (color:var(")
    assert "#gg-1 .f-ink{fill:#1f2933}" in plain and "#gg-1 .f-ink{fill:var(--gg-ink)}" in variable
    assert "#gg-1 .k-thick{stroke-width:2}" in plain
    assert "#gg-1 .k-thick{stroke-width:var(--gg-thick)}" in variable
    assert "#gg-1{--gg-ink:#1f2933;--gg-gradient:#c2255c;--gg-zero:" in plain
    assert ":var(" not in plain


def test_auto_has_dark_and_print_behind_media_queries() -> None:
    light, dark, paper = (
        stylesheet("gg-1", USED, "auto").rpartition("@media print")[0].partition("@media (p")
    )
    assert THEMES["light"].gradient in light and THEMES["dark"].gradient in paper and dark
    assert stylesheet("gg-1", USED, "auto").endswith("#gg-1 .d-zero{stroke-dasharray:2 3}}")


@pytest.mark.parametrize("theme", ["auto", *THEMES])
def test_inline_there_are_plain_colours_only(theme: str) -> None:
    rules = stylesheet("gg-1", USED, theme, inline=True)
    assert "var(" not in rules and "--gg" not in rules and "@media" not in rules
    colour = THEMES["light" if theme == "auto" else theme].gradient
    assert f"#gg-1 .s-gradient{{stroke:{colour}}}" in rules


@pytest.mark.parametrize("theme", ["auto", *THEMES])
def test_every_rule_is_for_the_one_picture(theme: str) -> None:
    rules = stylesheet("gg-1", USED, theme)
    selectors = [part.rpartition("}")[2] for part in rules.replace("\n", "").split("{")[:-1]]
    assert all(s.startswith(("#gg-1", "@media", "@supports")) for s in selectors)


def test_only_print_has_dashes_for_health() -> None:
    assert "stroke-dasharray" in stylesheet("gg-1", USED, "print")
    assert "stroke-dasharray" not in stylesheet("gg-1", USED, "light")
