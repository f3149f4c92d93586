"""Bag of words and tf-idf, against counts and formulas written out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nn.data import BagOfWords, TfIdf

TEXTS = ["the cat saw the dog", "the dog", "a cat"]
COUNTS = [[0, 1, 1, 1, 2], [0, 0, 1, 0, 1], [1, 1, 0, 0, 0]]


def test_rows_count_each_term_in_alphabetical_columns() -> None:
    bag = BagOfWords()
    rows = bag.fit_transform(TEXTS)
    assert bag.features == ["a", "cat", "dog", "saw", "the"]
    assert bag.vocabulary["dog"] == 2
    assert rows.dtype == np.float32 and rows.tolist() == COUNTS


def test_terms_that_fit_did_not_see_are_left_out() -> None:
    rows = BagOfWords().fit(TEXTS).transform(["cow dog dog", "", "cow"])
    assert rows.tolist() == [[0, 0, 2, 0, 0], [0] * 5, [0] * 5]
    assert BagOfWords().fit(TEXTS).transform([]).shape == (0, 5)


def test_binary_rows_say_only_whether_a_term_occurs() -> None:
    np.testing.assert_array_equal(
        BagOfWords(binary=True).fit_transform(TEXTS), np.array(COUNTS) > 0
    )


def test_runs_of_tokens_can_be_terms() -> None:
    bag = BagOfWords(ngram_range=(1, 2)).fit(TEXTS[1:])
    assert bag.features == ["a", "a cat", "cat", "dog", "the", "the dog"]
    pairs = BagOfWords(ngram_range=(2, 2)).fit(TEXTS[:1])
    assert pairs.features == ["cat saw", "saw the", "the cat", "the dog"]
    assert pairs.transform(["the cat", "cat"]).tolist() == [[0, 0, 1, 0], [0, 0, 0, 0]]


def test_rare_terms_are_left_out_and_the_most_frequent_kept() -> None:
    assert BagOfWords(min_count=2).fit(TEXTS).features == ["cat", "dog", "the"]
    assert BagOfWords(max_features=2).fit(TEXTS).features == ["cat", "the"]
    assert BagOfWords(max_features=1).fit(["b a"]).features == ["a"]


def test_documents_may_be_any_iterable_and_any_tokenizer_may_cut_them() -> None:
    assert BagOfWords(str.split).fit_transform(t for t in ["A a-b", "A"]).tolist() == [
        [1, 1],
        [1, 0],
    ]


@pytest.mark.parametrize("smooth", [True, False])
@pytest.mark.parametrize("sublinear", [True, False])
def test_tf_idf_is_scikit_learns_documented_formula(smooth: bool, sublinear: bool) -> None:
    rows = TfIdf(dtype="float64", smooth_idf=smooth, sublinear_tf=sublinear).fit_transform(TEXTS)
    n, s = 3, int(smooth)
    for counts, row in zip(COUNTS, rows, strict=True):
        weights = []
        for column, count in enumerate(counts):
            df = sum(1 for other in COUNTS if other[column])
            idf = math.log((s + n) / (s + df)) + 1
            tf = (1 + math.log(count) if count else 0) if sublinear else count
            weights.append(tf * idf)
        length = math.sqrt(sum(w * w for w in weights))
        np.testing.assert_allclose(row, [w / length for w in weights], rtol=1e-12)


def test_tf_idf_repeats_the_numbers_of_scikit_learns_user_guide() -> None:
    # "Tf–idf term weighting": three terms in six documents, the first row with smoothing and
    # without, the fifth without.
    counts = [(3, 0, 1), (2, 0, 0), (3, 0, 0), (4, 0, 0), (3, 2, 0), (3, 0, 2)]
    texts = [" ".join("a" * x + "b" * y + "c" * z) for x, y, z in counts]
    smooth = TfIdf(dtype="float64").fit_transform(texts)
    np.testing.assert_allclose(smooth[0], [0.85151335, 0, 0.52433293], atol=5e-9)
    rough = TfIdf(dtype="float64", smooth_idf=False).fit_transform(texts)
    np.testing.assert_allclose(rough[0], [0.81940995, 0, 0.57320793], atol=5e-9)
    np.testing.assert_allclose(rough[4], [0.47330339, 0.88089948, 0], atol=5e-9)


def test_tf_idf_of_new_documents_uses_the_rarity_in_the_old() -> None:
    weights = TfIdf(norm=None).fit(TEXTS)
    rows = weights.transform(["cat cat", "cow"])
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows[0], [0, 2 * (math.log(4 / 3) + 1), 0, 0, 0], rtol=1e-6)
    np.testing.assert_array_equal(TfIdf().fit(TEXTS).transform(["cow", ""]), 0)


@pytest.mark.parametrize("kind", [BagOfWords, TfIdf])
def test_a_state_restores_what_was_learned(kind: type[BagOfWords]) -> None:
    learned, other = kind(ngram_range=(1, 2)).fit(TEXTS), kind(ngram_range=(1, 2))
    other.load_state_dict(learned.state_dict())
    np.testing.assert_array_equal(other.transform(TEXTS), learned.transform(TEXTS))


@pytest.mark.parametrize("kind", [BagOfWords, TfIdf])
def test_misuse_is_an_error_that_says_so(kind: type[BagOfWords]) -> None:
    with pytest.raises(RuntimeError, match="before fit"):
        kind().transform(TEXTS)
    for read in (kind().fit, kind().fit_transform, kind().fit(TEXTS).transform):
        with pytest.raises(TypeError, match="one string"):
            read("the cat")
    with pytest.raises(ValueError, match="no term is left of 5"):
        kind(min_count=9).fit(TEXTS)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"ngram_range": (2, 1)}, r"\(2, 1\)"),
        ({"min_count": 0}, "min_count is 0"),
        ({"max_features": 0}, "max_features is 0"),
        ({"norm": "l1"}, "'l1'"),
        ({"dtype": "int64"}, "int64"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        TfIdf(**settings)


def test_a_state_whose_parts_do_not_fit_changes_nothing() -> None:
    weights = TfIdf().fit(TEXTS)
    with pytest.raises(ValueError, match=r"idf is \(1,\), but there are 2 features"):
        weights.load_state_dict({"features": ["a", "b"], "idf": [1.0]})
    assert len(weights.features) == 5


def test_tf_idf_in_float16_is_the_same_rounded() -> None:
    documents = ["a " * 300 + "b", "b c", "c"]
    exact = TfIdf(dtype="float64").fit_transform(documents)
    rows = TfIdf(dtype="float16").fit_transform(documents)
    assert rows.dtype == "float16"
    np.testing.assert_allclose(rows, exact, atol=1e-3)
