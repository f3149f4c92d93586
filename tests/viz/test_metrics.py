"""Widths of texts without a font."""

from __future__ import annotations

import pytest

from viz.metrics import EMOJI, glyphs, width


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("e\u0301", 1),
        ("사과", 2),
        ("\u1112\u1161\u11ab", 1),
        ("👩\u200d👩\u200d👧", 1),
        ("👍\U0001f3fd!", 2),
        ("❤\ufe0f", 1),
        ("🇰🇷🇯🇵", 2),
        ("x\u0332", 1),
    ],
)
def test_what_the_reader_sees_as_one_sign_is_one(text: str, count: int) -> None:
    assert len(glyphs(text)) == count


@pytest.mark.parametrize(
    ("text", "em"),
    [
        ("가", 1.0),
        ("値", 1.0),
        ("ｘ", 1.0),
        ("😀", EMOJI),
        ("👩\u200d👩\u200d👧", EMOJI),
        ("🇰🇷", EMOJI),
        ("❤\ufe0f", EMOJI),
        ("\u0301", 0.0),
        ("\u200d", 0.0),
    ],
)
def test_wide_characters_and_emoji_have_their_width(text: str, em: float) -> None:
    assert width(text, 10) == pytest.approx(10 * em)


def test_an_accent_takes_no_room() -> None:
    assert width("é", 10) == width("e", 10) == width("e\u0301", 10)
    assert width("x\u0332", 10) == width("x", 10)
    assert width("ж\u0301", 10) == width("ж", 10)
    assert width("ḧ", 10) == width("h", 10)


def test_widths_grow_with_size_and_weight_and_letters() -> None:
    assert width("715", 20) == pytest.approx(2 * width("715", 10))
    assert width("715", 10, bold=True) > width("715", 10)
    assert width("il", 10) < width("nn", 10) < width("WW", 10)
    assert width("ж", 10) > 0


@pytest.mark.parametrize("text", ["0123456789", "The quick brown fox", "-1.25e-6"])
def test_widths_are_those_of_helvetica_or_a_little_more(text: str) -> None:
    helvetica = {"0123456789": 5.56, "The quick brown fox": 8.95, "-1.25e-6": 4.06}[text]
    assert 1.0 <= width(text, 1) / helvetica < 1.2
