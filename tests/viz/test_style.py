"""What a drawing shows, and its colours."""

from __future__ import annotations

from typing import Any

import pytest

from viz.style import THEMES, Style
from viz.stylesheet import COLOURS


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


WRITTEN = {
    "ground": "ink muted gradient bad zero faint added removed changed line wire",
    "frame": "ink muted gradient bad zero faint added removed changed line wire",
    "fill": "ink muted",
    "warm": "ink muted",
}
"""What text is set in on each ground."""


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", WRITTEN)
def test_text_has_a_contrast_of_four_and_a_half(theme: str, ground: str) -> None:
    palette = THEMES[theme]
    for name in WRITTEN[ground].split():
        pair = luminance(getattr(palette, name)), luminance(getattr(palette, ground))
        dark, bright = sorted(pair)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, f"{theme}: {name} on {ground}"


def test_print_has_no_colours_and_thicker_gradients() -> None:
    palette = THEMES["print"]
    colours = [value for name in COLOURS if (value := getattr(palette, name))]
    assert all(c[1:3] == c[3:5] == c[5:7] for c in colours)
    assert palette.thick > THEMES["light"].thick


def test_auto_is_light_where_there_can_be_only_one() -> None:
    assert Style().theme == "auto" and Style().palette == THEMES["light"]
    assert Style(theme="dark").palette == THEMES["dark"]
    assert Style().palette.of("bad") == THEMES["light"].bad
    assert Style().palette.of("fine") == THEMES["light"].gradient


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"mode": "up"}, "mode is 'up'; it must be one of 'both', 'forward', 'backward'."),
        ({"theme": "neon"}, "theme is 'neon'; it must be one of 'auto', 'light', 'dark', 'print'."),
        ({"grads": True}, "grads is True; it must be one of 'edge', 'total', False."),
        ({"direction": "RL"}, "direction is 'RL'; it must be one of 'LR', 'TB'."),
        ({"precision": 0}, "precision is 0; it must be a number of digits from 1 to 17."),
        ({"precision": True}, "precision is True; it must be a number of digits from 1 to 17."),
    ],
)
def test_an_unknown_word_is_refused_with_the_known_ones(
    setting: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError) as caught:
        Style(**setting)
    assert str(caught.value) == message
