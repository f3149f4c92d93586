"""Bag of words and tf-idf: each document as one row of numbers, a column for each known term.

The rows are dense arrays, ready for a Linear layer: N documents and V terms take 4·N·V bytes.
`text.py` cuts the text and numbers single tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nn.data.sampler import check_count
from nn.data.text import tokenize

__all__ = ["BagOfWords", "TfIdf"]

Matrix = np.ndarray[Any, np.dtype[Any]]


class BagOfWords:
    """How often each term occurs in each document.

    tokenizer: cuts a document into tokens.  binary: 1 for a term that occurs, however often.
    ngram_range: (shortest, longest) run of tokens that is a term, joined by spaces; (1, 2) are
    single tokens and pairs.  min_count: leaves out terms that occur less often in all documents
    together.  max_features: keeps the terms that occur most often, the alphabetically first where
    counts are equal.  dtype: of the rows.
    `features` are the terms in alphabetical order, so by column; `vocabulary` maps them to columns.
    Raises ValueError for an impossible ngram_range, and counts below 1.
    """

    def __init__(
        self,
        tokenizer: Callable[[str], Sequence[str]] = tokenize,
        *,
        binary: bool = False,
        ngram_range: tuple[int, int] = (1, 1),
        min_count: int = 1,
        max_features: int | None = None,
        dtype: Any = "float32",
    ) -> None:
        check_count(f"{type(self).__name__}: min_count", min_count)
        if max_features is not None:
            check_count(f"{type(self).__name__}: max_features", max_features)
        if not 1 <= ngram_range[0] <= ngram_range[1]:
            raise ValueError(
                f"{type(self).__name__}: ngram_range is {ngram_range}; it must be (shortest, "
                "longest) with 1 ≤ shortest ≤ longest."
            )
        self.tokenizer, self.binary, self.ngram_range = tokenizer, binary, ngram_range
        self.min_count, self.max_features, self.dtype = min_count, max_features, np.dtype(dtype)
        self.features: list[str] = []
        self.vocabulary: dict[str, int] = {}

    def fit(self, documents: Iterable[str]) -> BagOfWords:
        """Learns the terms of the documents, and returns itself. Raises ValueError if none are
        left, TypeError for a string in place of a list of strings."""
        counts: Counter[str] = Counter()
        for terms in self._counted(documents):
            counts.update(terms)
        kept = [term for term, count in counts.items() if count >= self.min_count]
        if not kept:
            raise ValueError(
                f"{type(self).__name__}.fit: no term is left of {len(counts)} that occur, with "
                f"min_count {self.min_count}. Give more documents, or lower min_count."
            )
        kept.sort(key=lambda term: (-counts[term], term))
        self._set(sorted(kept[: self.max_features]))
        return self

    def transform(self, documents: Iterable[str]) -> Matrix:
        """The documents as rows (N, V); terms that fit did not see are left out.

        Raises RuntimeError before fit.
        """
        if not self.features:
            raise RuntimeError(
                f"{type(self).__name__}: transform before fit: no terms are known. Call fit on the "
                "training documents first."
            )
        counted = self._counted(documents)
        rows = np.zeros((len(counted), len(self.features)), self.dtype)
        for row, terms in zip(rows, counted, strict=True):
            for term, count in terms.items():
                column = self.vocabulary.get(term)
                if column is not None:
                    row[column] = 1 if self.binary else count
        return rows

    def fit_transform(self, documents: Iterable[str]) -> Matrix:
        """fit, then transform of the same documents."""
        documents = documents if isinstance(documents, str) else list(documents)
        return self.fit(documents).transform(documents)

    def state_dict(self) -> dict[str, Any]:
        """What was learned; not the constructor's arguments."""
        return {"features": list(self.features)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes what another with the same arguments has learned."""
        self._set(state["features"])

    def _set(self, features: Sequence[str]) -> None:
        self.features = list(features)
        self.vocabulary = {term: i for i, term in enumerate(features)}

    def _counted(self, documents: Iterable[str]) -> list[Counter[str]]:
        if isinstance(documents, str):
            raise TypeError(
                f"{type(self).__name__}: documents is one string; it must be a list of them. Write "
                "[text]."
            )
        return [Counter(self._terms(self.tokenizer(document))) for document in documents]

    def _terms(self, tokens: Sequence[str]) -> list[str]:
        shortest, longest = self.ngram_range
        if longest == 1:
            return list(tokens)
        return [
            " ".join(tokens[i : i + n])
            for n in range(shortest, longest + 1)
            for i in range(len(tokens) - n + 1)
        ]


class TfIdf(BagOfWords):
    """Counts weighted by how rare a term is, each row scaled to length 1.

        idf(t) = ln((1 + n) / (1 + df(t))) + 1           (smooth_idf)
        idf(t) = ln(n / df(t)) + 1                        (without)
        row(d, t) = tf(d, t) · idf(t) / √(Σₛ (tf(d, s) · idf(s))²)

    tf: the count, 1 with binary, 1 + ln(count) with sublinear_tf.  n: the documents that fit saw;
    df(t): how many of them have t.  norm: "l2", or None for rows as they are. A row without known
    terms is zero. The other arguments are BagOfWords'.
    Source: the formulas are scikit-learn's (User Guide, "Tf–idf term weighting"), which adds 1 to
    the idf of Manning, Raghavan, Schütze, Introduction to Information Retrieval (2008), §6.2.
    """

    def __init__(
        self,
        tokenizer: Callable[[str], Sequence[str]] = tokenize,
        *,
        binary: bool = False,
        ngram_range: tuple[int, int] = (1, 1),
        min_count: int = 1,
        max_features: int | None = None,
        dtype: Any = "float32",
        smooth_idf: bool = True,
        sublinear_tf: bool = False,
        norm: str | None = "l2",
    ) -> None:
        super().__init__(
            tokenizer,
            binary=binary,
            ngram_range=ngram_range,
            min_count=min_count,
            max_features=max_features,
            dtype=dtype,
        )
        if norm not in ("l2", None) or self.dtype.kind != "f":
            raise ValueError(
                f'TfIdf: norm is {norm!r} and dtype {self.dtype}; norm must be "l2" or None, and '
                "dtype floating."
            )
        self.smooth_idf, self.sublinear_tf, self.norm = smooth_idf, sublinear_tf, norm
        self.idf: Matrix = np.zeros(0)

    def fit(self, documents: Iterable[str]) -> TfIdf:
        """Learns the terms of the documents and how rare they are, and returns itself."""
        documents = documents if isinstance(documents, str) else list(documents)
        super().fit(documents)
        appearances = np.zeros(len(self.features))
        for terms in self._counted(documents):
            appearances[[self.vocabulary[t] for t in terms if t in self.vocabulary]] += 1
        smooth = 1 if self.smooth_idf else 0
        self.idf = np.log((len(documents) + smooth) / (appearances + smooth)) + 1
        return self

    def transform(self, documents: Iterable[str]) -> Matrix:
        """The documents as weighted rows (N, V)."""
        counts = super().transform(documents)
        # Squares of counts are too much for float16.
        rows = counts.astype(np.float32) if self.dtype.itemsize < 4 else counts
        if self.sublinear_tf:
            occurs = rows > 0
            rows[occurs] = 1 + np.log(rows[occurs])
        rows *= self.idf.astype(rows.dtype)
        if self.norm is not None:
            lengths = np.sqrt(np.einsum("nv,nv->n", rows, rows))[:, None]
            np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows.astype(self.dtype, copy=False)

    def state_dict(self) -> dict[str, Any]:
        """What was learned; not the constructor's arguments."""
        return {**super().state_dict(), "idf": self.idf.copy()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes what another with the same arguments has learned."""
        idf = np.asarray(state["idf"], np.float64)
        if idf.shape != (len(state["features"]),):
            raise ValueError(
                f"TfIdf.load_state_dict: idf is {idf.shape}, but there are "
                f"{len(state['features'])} features. Load what TfIdf.state_dict() gave."
            )
        super().load_state_dict(state)
        self.idf = idf
