"""From text to numbers, one number a token: cutting text into tokens, and counting the tokens.

A document is a sequence of tokens; a string is one of characters. `vectorizers.py` makes one row of
numbers a document instead (bag of words, tf-idf), `text_files.py` reads the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nn.data.encoding import one_hot
from nn.data.sampler import check_count

__all__ = ["Vocabulary", "tokenize"]


def tokenize(text: str, lowercase: bool = True, pattern: str = r"\w+") -> list[str]:
    r"""The words of text: every match of pattern, in order.

    lowercase: lowers the text first.  pattern: a regular expression. scikit-learn's is
    r"\b\w\w+\b", which drops words of one letter; r"\w+|[^\w\s]" keeps punctuation, each mark a
    token. Groups in it do not change what is a token.
    """
    return [found[0] for found in re.finditer(pattern, text.lower() if lowercase else text)]


class Vocabulary:
    """The tokens of a collection of documents, numbered: the specials first, then the others by
    falling count, and in alphabetical order where counts are equal.

    documents: sequences of tokens. A string is a sequence of characters, so
    `Vocabulary([text])` numbers characters, and
    `Vocabulary(tokenize(text) for text in texts)` numbers words.
    min_count: leaves out tokens that occur less often.  max_size: keeps at most so many tokens,
    specials included.  specials: tokens that are there in any case; "<unk>" among them stands for
    every unknown token, and "<pad>" fills short rows.
    Raises ValueError for repeated specials and counts below 1, TypeError for specials that are one
    string.
    """

    def __init__(
        self,
        documents: Iterable[Iterable[str]] = (),
        *,
        min_count: int = 1,
        max_size: int | None = None,
        specials: Sequence[str] = (),
    ) -> None:
        if isinstance(specials, str):
            raise TypeError(
                f"Vocabulary: specials is the string {specials!r}, so each of its letters would be "
                f'one. Write specials=("{specials}",).'
            )
        check_count("Vocabulary: min_count", min_count)
        check_count("Vocabulary: max_size", 1 if max_size is None else max_size)
        counts = Counter(token for document in documents for token in document)
        ranked = sorted(counts, key=lambda token: (-counts[token], token))
        kept = [t for t in ranked if counts[t] >= min_count and t not in specials]
        self._set([*specials, *kept][: None if max_size is None else max(max_size, len(specials))])

    def _set(self, tokens: Sequence[str]) -> None:
        index = {token: i for i, token in enumerate(tokens)}
        if len(index) != len(tokens):
            repeated = [t for t, n in Counter(tokens).items() if n > 1]
            raise ValueError(f"Vocabulary: {repeated} occur twice; each token has one number.")
        self.tokens: list[str] = list(tokens)
        self.index: dict[str, int] = index

    def __len__(self) -> int:
        """How many tokens there are."""
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        """Whether token has a number of its own."""
        return token in self.index

    def __getitem__(self, token: str) -> int:
        """The number of token, or that of "<unk>". Raises KeyError if neither is there."""
        number = self.index.get(token, self.index.get("<unk>"))
        if number is None:
            raise KeyError(
                f'"{token}" is not among the {len(self)} tokens of the vocabulary. Build it over '
                'all documents, or with specials=("<unk>",).'
            )
        return number

    def encode(self, document: Iterable[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The numbers of the document's tokens, (T,). Raises KeyError for an unknown token where
        there is no "<unk>"."""
        return np.array([self[token] for token in document], np.int64)

    def decode(self, numbers: Any) -> list[str]:
        """The tokens of numbers (T,). Raises IndexError for one outside [0, len)."""
        found = np.asarray(numbers).tolist()
        for number in found:
            if not 0 <= number < len(self):
                raise IndexError(f"Vocabulary.decode: {number} is outside [0, {len(self)}).")
        return [self.tokens[number] for number in found]

    def one_hot(self, document: Iterable[str], *, dtype: Any = "float32") -> Any:
        """A row for each token with 1 at its number, (T, len)."""
        return one_hot(self.encode(document), len(self), dtype=dtype)

    def encode_batch(
        self, documents: Iterable[Iterable[str]], length: int | None = None
    ) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The documents as rows of equal length (N, length), short ones filled up with "<pad>".

        length: longer documents are cut; the longest document's length if None.
        Raises KeyError without "<pad>".
        """
        rows = [self.encode(document) for document in documents]
        width = max(map(len, rows), default=0) if length is None else length
        if "<pad>" not in self.index:
            raise KeyError(
                'Vocabulary.encode_batch: there is no "<pad>" to fill short rows with. Build the '
                'vocabulary with specials=("<pad>", "<unk>").'
            )
        batch = np.full((len(rows), width), self.index["<pad>"], np.int64)
        for i, row in enumerate(rows):
            batch[i, : len(row)] = row[:width]
        return batch

    def state_dict(self) -> dict[str, list[str]]:
        """What load_state_dict restores: the tokens by number."""
        return {"tokens": list(self.tokens)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes the tokens of a state. Raises KeyError without tokens, ValueError for repeats."""
        self._set(state["tokens"])

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} tokens)"
