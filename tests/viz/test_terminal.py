"""Columns and colours of a terminal."""

from __future__ import annotations

import io

import pytest

from viz.terminal import coloured, columns, cut, padded, wants_colour, wrapped


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3), ("사과", 4), ("りんご", 6), ("🍎", 2),
        ("👩‍👩‍👧‍👦", 2), ("👍🏽", 2), ("🇰🇷🇯🇵", 4), ("", 0),
        ("⚠️", 2), ("⚠", 1), ("e\u0301", 1), ("\u1100\u1161", 2), ("1\ufe0f\u20e3", 2),
        ("\u200d", 0),
    ],
)  # fmt: skip
def test_columns_are_counted_by_what_the_reader_sees(text: str, width: int) -> None:
    assert columns(text) == width
    assert padded(text, 20) == text + " " * (20 - width)
    assert padded(text, 20, ">") == " " * (20 - width) + text


def test_a_text_is_cut_between_signs_and_a_path_keeps_its_end() -> None:
    assert cut("사과 가격", 6) == "사과 …" and cut("사과", 3) == "사…"
    assert cut("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3) == "👩‍👩‍👧‍👦…"
    assert cut("encoder.fc1.weight", 8, "~") == "~.weight"
    assert cut("short", 8) == "short"


def test_lines_are_broken_at_spaces_and_long_words_anywhere() -> None:
    assert wrapped("one two three", 8) == ["one two", "three"]
    assert wrapped("사과사과사과", 5) == ["사과", "사과", "사과"]
    assert wrapped("a bb ccccccccccc", 6) == ["a bb", "cccccc", "ccccc"]
    assert wrapped("", 8) == []


def test_a_tied_space_is_broken_only_if_there_is_no_other() -> None:
    assert wrapped("784 → 50 39,250\u00a0params", 17) == ["784 → 50", "39,250 params"]
    assert wrapped("39,250\u00a0params", 8) == ["39,250", "params"]


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm"}, True),
    ],
)
def test_colour_is_for_terminals_whose_user_wants_it(
    environment: dict[str, str], wanted: bool
) -> None:
    assert wants_colour(Terminal(), environment) is wanted
    assert not wants_colour(io.StringIO(), environment)
    assert not wants_colour(object(), environment)


def test_the_environment_of_the_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Terminal())


def test_only_the_text_is_coloured_and_not_the_spaces() -> None:
    assert coloured("  0 ", "zero") == "  \x1b[90m0\x1b[0m "
    assert coloured("   ", "zero") == "   " and coloured("0", "") == "0"
