"""Text files: characters, lines, sentence pairs, and windows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn.data import (
    DataError,
    DataLoader,
    MissingDataError,
    NextToken,
    SentencePairs,
    TextFile,
    Vocabulary,
)
from tests.nn.data.files import needs_data


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_text_is_a_sequence_of_characters_or_of_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "\ufeffÇa va\r\n\nbien")
    characters, lines = TextFile(path), TextFile(path, "lines")
    assert characters.text == "Ça va\r\n\nbien" and len(characters) == 12
    assert characters[0] == "Ç" and characters[-1] == "n"
    assert list(lines) == ["Ça va", "", "bien"] and len(lines) == 3
    with pytest.raises(IndexError, match="index 3"):
        lines[3]
    with pytest.raises(ValueError, match="'words'"):
        TextFile(path, "words")


def test_a_relative_path_is_looked_for_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "set").mkdir()
    write(tmp_path / "set" / "input.txt", "abc")
    assert len(TextFile("set/input.txt", root=tmp_path)) == 3
    monkeypatch.setenv("GRAPHGRAD_DATA", str(tmp_path))
    assert len(TextFile("set/input.txt")) == 3
    with pytest.raises(MissingDataError) as caught:
        TextFile("set/output.txt")
    assert str(tmp_path / "set" / "output.txt") in str(caught.value)
    with pytest.raises(FileNotFoundError, match="GRAPHGRAD_DATA"):
        SentencePairs("none.txt")


def test_pairs_are_the_first_two_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "pairs.txt", "Go.\tVa !\nGo.\tMarche.\tCC-BY 2.0\n")
    pairs = SentencePairs(path)
    assert list(pairs) == [("Go.", "Va !"), ("Go.", "Marche.")]
    assert pairs.sources == ["Go.", "Go."] and pairs.targets[1] == "Marche."
    assert next(iter(DataLoader(pairs, 2))) == (["Go.", "Go."], ["Va !", "Marche."])


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("a\tb\nno tab\n", "line 2 is 'no tab'"),
        ("a\tb\nc\t\n", "line 2 is"),
        ("\tb\n", "line 1 is"),
        (" \n", "empty"),
        (b"a\tb\n\xff\tc\n", "line 2 is not UTF-8: byte 0xff"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, content: str | bytes, fault: str) -> None:
    path = write(tmp_path / "pairs.txt", content)
    with pytest.raises(DataError, match=fault) as caught:
        SentencePairs(path)
    assert str(caught.value).startswith(str(path))


def test_windows_come_with_the_tokens_that_follow() -> None:
    windows = NextToken([3, 1, 4, 1, 5], 3)
    assert len(windows) == 2
    assert [part.tolist() for part in windows[-1]] == [[1, 4, 1], [4, 1, 5]]
    x, y = windows.gather([1, 0, -1])
    assert x.tolist() == [[1, 4, 1], [3, 1, 4], [1, 4, 1]]
    assert y.tolist() == [[4, 1, 5], [1, 4, 1], [4, 1, 5]]
    x[...] = 0
    assert windows.tokens.tolist() == [3, 1, 4, 1, 5]


@pytest.mark.parametrize(("tokens", "length"), [([1, 2], 2), ([1, 2], 0), ([[1, 2]], 1)])
def test_windows_need_tokens_enough(tokens: Any, length: int) -> None:
    with pytest.raises(ValueError, match="NextToken"):
        NextToken(tokens, length)


@needs_data
def test_tiny_shakespeare_has_65_characters() -> None:
    text = TextFile("tinyshakespeare/input.txt").text
    vocabulary = Vocabulary([text])
    assert len(vocabulary) == 65
    x, y = next(iter(DataLoader(NextToken(vocabulary.encode(text), 8), 4, shuffle=True, seed=0)))
    assert x.shape == (4, 8) and np.array_equal(x.numpy()[:, 1:], y.numpy()[:, :-1])


@needs_data
def test_the_real_sentence_pairs_have_no_faulty_line() -> None:
    french, korean = SentencePairs("eng_fra/eng-fra-12000.txt"), SentencePairs("eng_kor/kor.txt")
    assert (len(french), len(korean)) == (12000, 3798)
    assert korean[0] == ("Go.", "가.")
