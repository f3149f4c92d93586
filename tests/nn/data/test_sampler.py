"""Samplers: which indices come, in which order, in which batches."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor
from nn.data import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    WeightedRandomSampler,
)


def test_the_sequential_sampler_counts() -> None:
    assert list(SequentialSampler("abc")) == [0, 1, 2]
    assert len(SequentialSampler("abc")) == 3


def test_random_orders_are_permutations_that_differ_and_repeat_with_the_seed() -> None:
    sampler = RandomSampler(range(20))
    autograd.manual_seed(0)
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(20)) and first != second
    autograd.manual_seed(0)
    assert list(sampler) == first


def test_more_samples_than_items_come_as_one_order_after_another() -> None:
    drawn = list(RandomSampler(range(4), num_samples=10))
    assert sorted(drawn[:4]) == sorted(drawn[4:8]) == [0, 1, 2, 3]
    assert len(set(drawn[8:])) == 2 and len(RandomSampler(range(4), num_samples=10)) == 10
    assert len(list(RandomSampler(range(9), num_samples=3))) == 3


def test_with_replacement_an_index_may_come_again() -> None:
    autograd.manual_seed(0)
    drawn = list(RandomSampler(range(10), replacement=True, num_samples=200))
    assert len(drawn) == 200 and set(drawn) == set(range(10))


def test_weights_are_the_odds() -> None:
    autograd.manual_seed(0)
    sampler = WeightedRandomSampler([1, 0, 3], 4000)
    counts = Counter(sampler)
    assert counts[1] == 0 and len(sampler) == 4000
    assert counts[2] / counts[0] == pytest.approx(3, rel=0.15)
    assert sorted(WeightedRandomSampler(Tensor([1.0, 2.0, 0.0]), 2, replacement=False)) == [0, 1]


@pytest.mark.parametrize(
    ("weights", "fault"),
    [
        ([1, -1], "weight 1 is -1"),
        ([np.nan, 1], "weight 0 is nan"),
        ([0, 0], "0 of 2 weights"),
        ([[1]], r"shape \(1, 1\)"),
        ([], r"shape \(0,\)"),
    ],
)
def test_weights_that_are_no_odds_are_refused(weights: Any, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        WeightedRandomSampler(weights, 1)


def test_without_replacement_there_must_be_enough_positive_weights() -> None:
    with pytest.raises(ValueError, match=r"1 of 2 weights are positive.*2 without replacement"):
        WeightedRandomSampler([1, 0], 2, replacement=False)


@pytest.mark.parametrize("drop_last", [False, True])
def test_batches_are_lists_and_the_last_is_short_or_dropped(drop_last: bool) -> None:
    batches = BatchSampler(SequentialSampler(range(7)), 3, drop_last)
    wanted = [[0, 1, 2], [3, 4, 5], [6]][: 2 if drop_last else 3]
    assert list(batches) == wanted and len(batches) == len(wanted)


@pytest.mark.parametrize("size", [0, -1, 2.0, True, None])
def test_counts_must_be_whole_numbers_from_1(size: Any) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        BatchSampler([0], size)
    if size is not None:
        with pytest.raises(ValueError, match="at least 1"):
            RandomSampler(range(3), num_samples=size)
    with pytest.raises(ValueError, match="at least 1"):
        WeightedRandomSampler([1], size)


def test_an_empty_dataset_cannot_be_shuffled() -> None:
    with pytest.raises(ValueError, match="empty"):
        RandomSampler([])


def test_a_sampler_must_write_iter() -> None:
    with pytest.raises(NotImplementedError, match="__iter__"):
        iter(Sampler())


def test_weights_whose_sum_is_no_float_are_odds_too() -> None:
    assert sorted(WeightedRandomSampler([1e308] * 3 + [0.0], 3, replacement=False)) == [0, 1, 2]
