"""Datasets: items, batches gathered at once, cutting and joining."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor
from nn.data import ConcatDataset, Dataset, Subset, TensorDataset, random_split
from nn.data.dataset import can_gather, read_items
from tests import standin

X = np.arange(12, dtype=np.float32).reshape(6, 2)
Y = np.arange(6)


class Squares(Dataset):
    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: Any) -> int:
        return index * index


class Doubled(TensorDataset):
    """Changes what an item is, and knows nothing of gather."""

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        x, y = super().__getitem__(index)
        return 2 * x, y


def test_items_are_tuples_of_entries_that_share_the_datasets_memory() -> None:
    x, y = TensorDataset(X, Y)[-1]
    np.testing.assert_array_equal(x, [10, 11])
    assert y == 5 and np.shares_memory(x, X)
    np.testing.assert_array_equal(TensorDataset(X, Y)[1:3][0], X[1:3])


def test_tensors_that_require_grad_are_detached() -> None:
    dataset = TensorDataset(Tensor(X, requires_grad=True))
    assert not dataset.tensors[0].requires_grad
    assert type(dataset[0][0]) is np.ndarray


def test_gathering_gives_new_arrays_in_the_order_of_the_indices() -> None:
    x, y = TensorDataset(X, Y).gather([4, 0, 4, -1])
    np.testing.assert_array_equal(x, X[[4, 0, 4, -1]])
    np.testing.assert_array_equal(y, [4, 0, 4, 5])
    assert not np.shares_memory(x, X) and x.dtype == np.float32 and y.dtype == np.int64
    assert TensorDataset(X).gather([])[0].shape == (0, 2)


@pytest.mark.parametrize("index", [6, -7])
def test_an_index_outside_is_an_error_with_its_value(index: int) -> None:
    dataset = TensorDataset(X, Y)
    for whole in (dataset, Subset(dataset, Y), ConcatDataset([dataset])):
        with pytest.raises(IndexError, match=f"index {index} is outside a dataset of 6 items"):
            whole[index]
    for read in (dataset.gather, Subset(dataset, Y).gather, lambda i: Subset(dataset, i)):
        with pytest.raises(IndexError, match=f"index {index} is outside a dataset of 6 items"):
            read([0, index])


def test_arrays_of_different_lengths_are_refused_with_their_shapes() -> None:
    with pytest.raises(ShapeError, match=r"\(6, 2\), \(5,\)"):
        TensorDataset(X, Y[:5])
    with pytest.raises(ShapeError, match=r"\(\)"):
        TensorDataset(np.float32(3))
    with pytest.raises(ValueError, match="no arrays"):
        TensorDataset()


def test_a_subset_reads_through_its_indices_with_or_without_gather() -> None:
    subset = Subset(Subset(TensorDataset(X, Y), [5, -2, 0, 5]), [3, 1])
    assert [int(y) for _, y in subset] == [5, 4]
    np.testing.assert_array_equal(subset.gather([1, 0])[0], X[[4, 5]])
    assert can_gather(subset)
    assert not can_gather(Subset(Squares(5), [4, 2]))
    assert read_items(Subset(Squares(5), [4, 2]), [1, 0]) == [4, 16]


def test_a_mask_is_no_list_of_indices() -> None:
    with pytest.raises(TypeError, match="flatnonzero"):
        Subset(TensorDataset(X), Y > 2)


def test_a_subclass_with_a_newer_item_is_not_bypassed() -> None:
    dataset = Doubled(X, Y)
    assert can_gather(TensorDataset(X, Y)) and not can_gather(dataset)
    assert not can_gather(Subset(dataset, [0]))
    np.testing.assert_array_equal(Subset(dataset, [1])[0][0], 2 * X[1])


def test_getitems_is_used_where_it_is_there_and_current() -> None:
    class Bulk(Squares):
        def __getitems__(self, indices: list[int]) -> list[int]:
            return [-i for i in indices]

    class Newer(Bulk):
        def __getitem__(self, index: Any) -> int:
            return 7

    assert read_items(Bulk(5), [1, 2]) == [-1, -2]
    assert read_items(Newer(5), [1, 2]) == [7, 7]


def test_an_error_in_an_item_says_which_item() -> None:
    class Broken(Squares):
        def __getitem__(self, index: Any) -> int:
            return 1 // (index - 3)

    with pytest.raises(ZeroDivisionError) as caught:
        read_items(Broken(5), [0, 3])
    assert caught.value.__notes__ == ["While item 3 of Broken was read."]


def test_datasets_are_joined_in_order() -> None:
    joined = Squares(3) + Squares(0) + Squares(2)
    assert list(joined) == [0, 1, 4, 0, 1]
    assert joined[-1] == 1 and len(joined) == 5
    with pytest.raises(ValueError, match="no datasets"):
        ConcatDataset([])


def test_a_dataset_must_write_its_two_methods() -> None:
    for read in (len, lambda d: d[0]):
        with pytest.raises(NotImplementedError, match="Dataset has no __"):
            read(Dataset())


@pytest.mark.parametrize("lengths", [[4, 2], [0.7, 0.3], [6], [1.0], [0.5, 0.25, 0.25]])
def test_a_random_split_shares_every_item_out_once(lengths: list[float]) -> None:
    parts = random_split(TensorDataset(X, Y), lengths, seed=3)
    found = np.concatenate([part.indices for part in parts])
    np.testing.assert_array_equal(np.sort(found), Y)


def test_fractions_are_rounded_down_and_the_rest_goes_to_the_first_parts() -> None:
    def sizes(n: int, lengths: list[float]) -> list[int]:
        return [len(part) for part in random_split(Squares(n), lengths, seed=0)]

    assert sizes(11, [0.5, 0.25, 0.25]) == [6, 3, 2]
    assert sizes(100, [0.71, 0.29]) == [71, 29]  # 0.29 · 100 is 28.999…
    assert sizes(1, [1, 0]) == [1, 0]


def test_splits_repeat_with_the_seed_and_with_manual_seed() -> None:
    def split(seed: int | None) -> list[int]:
        return random_split(Squares(50), [0.5, 0.5], seed)[0].indices.tolist()

    autograd.manual_seed(5)
    state = autograd.random.get_state()
    assert split(1) == split(1) != split(2)
    assert autograd.random.get_state() == state  # a seed of its own leaves the shared one alone
    first = split(None)
    autograd.manual_seed(5)
    assert split(None) == first != split(None)


@pytest.mark.parametrize("lengths", [[4, 3], [0.5, 0.6], [-1, 7], [3.0, 2.5]])
def test_lengths_that_do_not_add_up_are_refused(lengths: list[float]) -> None:
    with pytest.raises(ValueError, match="random_split"):
        random_split(Squares(6), lengths)


def test_a_generator_for_a_split_is_told_to_be_a_seed() -> None:
    with pytest.raises(TypeError, match=r"random_split\(\) takes no generator=. Use seed="):
        random_split(range(4), [2, 2], generator=np.random.default_rng(0))


def test_arrays_on_a_device_are_gathered_there() -> None:
    with standin.installed() as cupy:
        dataset = Subset(TensorDataset(Tensor(X, device="cuda"), cupy.asarray(Y)), [5, 1, 3])
        standin.copies.reset()
        x, y = dataset.gather([2, 0])
        assert standin.copies.count == 0
        np.testing.assert_array_equal(x.get(), X[[3, 5]])
        np.testing.assert_array_equal(y.get(), [3, 5])
