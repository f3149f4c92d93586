"""What a drawing shows, and its colours."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from viz.style import THEMES, Style


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    colour = "#ffffff" if colour == "white" else colour
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", THEMES)
def test_text_has_a_contrast_of_four_and_a_half(theme: str) -> None:
    palette = THEMES[theme]
    names = {field.name for field in fields(palette)} - {"ground", "fill"}
    for name in names:
        bright, dark = sorted(
            (luminance(getattr(palette, name)), luminance(palette.ground)), reverse=True
        )
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, f"{theme} {name}"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"mode": "up"}, "mode is 'up'; it must be one of 'both', 'forward', 'backward'."),
        ({"theme": "neon"}, "theme is 'neon'; it must be one of 'light', 'dark'."),
        ({"grads": True}, "grads is True; it must be one of 'edge', 'total', False."),
        ({"direction": "RL"}, "direction is 'RL'; it must be one of 'LR', 'TB'."),
        ({"precision": 0}, "precision is 0; it must be a number of digits from 1 to 17."),
    ],
)
def test_an_unknown_word_is_refused_with_the_known_ones(
    setting: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError) as caught:
        Style(**setting)
    assert str(caught.value) == message
