"""Datasets of plain text files: characters or lines, pairs of sentences, and windows for models
that predict the next token. `text.py` turns their tokens into numbers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nn.data.dataset import Dataset, check_index, check_indices
from nn.data.errors import DataError, MissingDataError
from nn.data.folder import VARIABLE, data_folder, read_lines, read_text

__all__ = ["NextToken", "SentencePairs", "TextFile"]


class TextFile(Dataset):
    """The characters or the lines of a UTF-8 text file: item i is a string.

    path: the file; if it is relative and not there, it is looked for in root, or in the folder
    named by $GRAPHGRAD_DATA.  unit: "characters" or "lines"; empty lines are items too.
    `text` is the whole text, `items` the sequence of characters or lines.
    Raises MissingDataError for a file that is nowhere, DataError for one that is empty or not
    UTF-8, ValueError for another unit.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        unit: str = "characters",
        *,
        root: str | os.PathLike[str] | None = None,
    ) -> None:
        if unit not in ("characters", "lines"):
            raise ValueError(f'TextFile: unit is {unit!r}; it must be "characters" or "lines".')
        self.path = _found(path, root)
        self.text = read_text(self.path)
        self.items: Sequence[str] = self.text if unit == "characters" else read_lines(self.path)

    def __len__(self) -> int:
        """How many characters or lines there are."""
        return len(self.items)

    def __getitem__(self, index: Any) -> str:
        """The character or line at index. Raises IndexError outside [−N, N)."""
        return self.items[check_index(self, index)]


class SentencePairs(Dataset):
    """Sentences with their translations, from a UTF-8 file of lines "source<TAB>target": item i is
    (source, target).

    Further columns, such as Tatoeba's attributions, are left out. path and root as in TextFile.
    `sources` and `targets` are lists of strings. A source may occur with several targets: to split
    without leaking, split by source.
    Raises MissingDataError and DataError as TextFile does, and DataError for a line without a tab.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, root: str | os.PathLike[str] | None = None
    ) -> None:
        self.path = _found(path, root)
        self.sources: list[str] = []
        self.targets: list[str] = []
        for number, line in enumerate(read_lines(self.path), 1):
            columns = line.split("\t")
            if len(columns) < 2 or not columns[0] or not columns[1]:
                raise DataError(
                    f"{self.path}: line {number} is {line[:40]!r}; it must hold a sentence, a tab "
                    "and its translation. Remove or mend the line."
                )
            self.sources.append(columns[0])
            self.targets.append(columns[1])

    def __len__(self) -> int:
        """How many pairs there are."""
        return len(self.sources)

    def __getitem__(self, index: Any) -> tuple[str, str]:
        """(source, target) at index. Raises IndexError outside [−N, N)."""
        place = check_index(self, index)
        return self.sources[place], self.targets[place]


class NextToken(Dataset):
    """Windows of a sequence, each with the same window one token later: item i is
    (tokens[i : i+T], tokens[i+1 : i+T+1]), both (T,).

    tokens: (M,) numbers, such as `Vocabulary.encode` gives.  length: T.  There are M − T items.
    Raises ValueError for tokens that are not (M,), and for fewer than T + 1 of them.
    """

    def __init__(self, tokens: Any, length: int) -> None:
        self.tokens, self.length = np.asarray(tokens), length
        if self.tokens.ndim != 1 or length < 1 or len(self.tokens) <= length:
            raise ValueError(
                f"NextToken: tokens is {self.tokens.shape} and length {length}; there must be one "
                "axis with at least length + 1 tokens, and length at least 1."
            )
        self._windows = np.lib.stride_tricks.sliding_window_view(self.tokens, length)

    def __len__(self) -> int:
        """M − T."""
        return len(self.tokens) - self.length

    def __getitem__(self, index: Any) -> tuple[Any, Any]:
        """(window, next tokens) at index. Raises IndexError outside [−N, N)."""
        place = check_index(self, index)
        return self._windows[place], self._windows[place + 1]

    def gather(self, indices: Any) -> tuple[Any, Any]:
        """(windows, next tokens) at indices, both (B, T)."""
        rows = check_indices(self, indices) % len(self)
        return self._windows[rows], self._windows[rows + 1]


def _found(path: str | os.PathLike[str], root: str | os.PathLike[str] | None) -> Path:
    """The first place where the file is."""
    folder = data_folder() if root is None else Path(root).expanduser()
    places = [Path(path).expanduser(), folder / path]
    for place in places:
        if place.is_file():
            return place
    tried = ", ".join(map(str, dict.fromkeys(places)))
    raise MissingDataError(
        f"{path} not found; the places tried are {tried}. Give the path to the file, pass root=, "
        f"or set {VARIABLE} to the folder that holds it."
    )
