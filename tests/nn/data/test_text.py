"""Tokens and their numbers."""

from __future__ import annotations

import numpy as np
import pytest

from nn.data import Vocabulary, tokenize

TEXTS = ["the cat saw the dog", "a dog saw the cat and the dog"]


def words() -> Vocabulary:
    return Vocabulary(map(tokenize, TEXTS), specials=("<pad>", "<unk>"))


def test_words_are_runs_of_letters_and_digits_in_lower_case() -> None:
    assert tokenize("Don't PANIC, it's 42!") == ["don", "t", "panic", "it", "s", "42"]
    assert tokenize("Ça va", lowercase=False) == ["Ça", "va"]
    assert tokenize("Stop! No.", pattern=r"\w+|[^\w\s]") == ["stop", "!", "no", "."]
    assert tokenize("a cat", pattern=r"\b\w\w+\b") == ["cat"]


def test_specials_come_first_then_tokens_by_falling_count_and_alphabet() -> None:
    assert words().tokens == ["<pad>", "<unk>", "the", "dog", "cat", "saw", "a", "and"]
    assert len(words()) == 8 and "cat" in words() and "cow" not in words()


def test_encoding_and_decoding_are_inverse_for_known_tokens() -> None:
    vocabulary = words()
    numbers = vocabulary.encode(tokenize("the cow saw a cat"))
    assert numbers.dtype == np.int64 and numbers.tolist() == [2, 1, 5, 6, 4]
    assert vocabulary.decode(numbers) == ["the", "<unk>", "saw", "a", "cat"]


def test_a_string_is_a_sequence_of_characters() -> None:
    vocabulary = Vocabulary(["hello"])
    assert vocabulary.tokens == ["l", "e", "h", "o"]
    assert "".join(vocabulary.decode(vocabulary.encode("hole"))) == "hole"


def test_rare_tokens_are_left_out() -> None:
    documents = [tokenize(text) for text in TEXTS]
    assert Vocabulary(documents, min_count=2).tokens == ["the", "dog", "cat", "saw"]
    assert Vocabulary(documents, max_size=3, specials=["<unk>"]).tokens == ["<unk>", "the", "dog"]


def test_an_unknown_token_without_a_place_for_it_is_an_error() -> None:
    with pytest.raises(KeyError, match=r'"cow" is not among the 1 tokens.*<unk>'):
        Vocabulary([["cat"]]).encode(["cow"])
    for number in (-1, 3):
        with pytest.raises(IndexError, match=f"{number} is outside"):
            Vocabulary(["cat"]).decode([number])


def test_batches_are_padded_or_cut_to_one_length() -> None:
    rows = words().encode_batch([["cat"], ["the", "dog", "saw"]])
    assert rows.tolist() == [[4, 0, 0], [2, 3, 5]]
    assert words().encode_batch([["the", "dog", "saw"]], length=2).tolist() == [[2, 3]]
    assert words().encode_batch([], length=2).shape == (0, 2)
    with pytest.raises(KeyError, match="<pad>"):
        Vocabulary(["ab"]).encode_batch(["a"])


def test_one_hot_rows_have_a_column_for_each_token() -> None:
    rows = Vocabulary(["ab"]).one_hot("ba")
    assert rows.dtype == np.float32 and rows.tolist() == [[0, 1], [1, 0]]


def test_a_state_restores_the_numbers() -> None:
    other = Vocabulary()
    other.load_state_dict(words().state_dict())
    assert other.tokens == words().tokens and other["dog"] == words()["dog"]
    with pytest.raises(ValueError, match=r"\['a'\] occur twice"):
        other.load_state_dict({"tokens": ["a", "a"]})
    assert other.tokens == words().tokens


def test_groups_in_the_pattern_do_not_change_the_tokens() -> None:
    assert tokenize("a-b cd", pattern=r"(\w)(-\w)?") == ["a-b", "c", "d"]


def test_specials_that_are_one_string_are_refused() -> None:
    with pytest.raises(TypeError, match=r'Write specials=\("<unk>",\)'):
        Vocabulary(["ab"], specials="<unk>")
