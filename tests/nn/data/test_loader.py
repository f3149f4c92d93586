"""DataLoader: batches, orders, prefetching, threads that end, and clear errors."""

from __future__ import annotations

import gc
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor
from nn.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    TensorDataset,
)
from tests import standin

X = np.arange(20, dtype=np.float32).reshape(10, 2)
Y = np.arange(10)


class Noisy(Dataset):
    """Items that draw random numbers, as augmented images do."""

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: Any) -> tuple[float, int]:
        return float(autograd.random.generator().random()), index


class Failing(Dataset):
    def __init__(self, error: type[Exception]) -> None:
        self.error = error

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: Any) -> int:
        if index == 5:
            raise self.error("item five is broken")
        return index


def labels(loader: DataLoader) -> list[list[int]]:
    return [batch[1].tolist() for batch in loader]


def threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "graphgrad-prefetch"]


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    yield
    assert threads() == []


@pytest.mark.parametrize("prefetch", [0, 1, 3])
def test_batches_are_tuples_of_tensors_in_order(prefetch: int) -> None:
    batches = list(DataLoader(TensorDataset(X, Y), 4, prefetch=prefetch))
    assert [type(t) for t in batches[0]] == [Tensor, Tensor] and type(batches[0]) is tuple
    assert [x.shape for x, _ in batches] == [(4, 2), (4, 2), (2, 2)]
    np.testing.assert_array_equal(np.concatenate([x.numpy() for x, _ in batches]), X)
    assert batches[0][0].dtype == np.float32 and batches[0][1].dtype == np.int64


def test_the_length_counts_batches() -> None:
    dataset = TensorDataset(X, Y)
    assert len(DataLoader(dataset, 4)) == 3 and len(DataLoader(dataset, 4, drop_last=True)) == 2
    assert len(DataLoader(dataset, batch_sampler=[[1], [2, 3]])) == 2
    assert labels(DataLoader(dataset, 4, drop_last=True)) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert labels(DataLoader(TensorDataset(X[:0], Y[:0]), 4)) == []


def test_shuffling_orders_each_epoch_anew_and_repeats_with_the_seed() -> None:
    loader = DataLoader(TensorDataset(X, Y), 4, shuffle=True, seed=1)
    first, second = labels(loader), labels(loader)
    assert sorted(y for batch in first for y in batch) == list(range(10)) and first != second
    again = DataLoader(TensorDataset(X, Y), 4, shuffle=True, seed=1)
    assert [labels(again), labels(again)] == [first, second]
    assert labels(DataLoader(TensorDataset(X, Y), 4, shuffle=True, seed=2)) != first


def test_without_a_seed_one_draw_of_autograd_random_seeds_all_epochs() -> None:
    def run() -> list[list[list[int]]]:
        autograd.manual_seed(3)
        loader = DataLoader(TensorDataset(X, Y), 4, shuffle=True)
        before = autograd.random.get_state()
        epochs = [labels(loader), labels(loader)]
        assert autograd.random.get_state() == (before[0], before[1] + 1)
        return epochs

    assert run() == run()


@pytest.mark.parametrize("prefetch", [0, 2])
def test_draws_of_the_consumer_and_of_the_dataset_do_not_mix(prefetch: int) -> None:
    def run(draw: bool, prefetch: int) -> tuple[list[list[float]], float]:
        autograd.manual_seed(0)
        noise = []
        for x, _ in DataLoader(Noisy(), 3, shuffle=True, prefetch=prefetch):
            noise.append(x.tolist())
            if draw:
                autograd.rand(2)
        return noise, autograd.rand(1).item()

    assert run(True, prefetch) == run(True, 0)
    assert run(True, prefetch)[0] == run(False, 0)[0]
    assert len({n for batch in run(False, prefetch)[0] for n in batch}) == 10


@pytest.mark.parametrize("prefetch", [0, 2])
def test_the_gathering_path_gives_what_items_give(prefetch: int) -> None:
    class Slow(TensorDataset):
        def __getitem__(self, index: Any) -> Any:
            return super().__getitem__(index)

    whole, slow_whole = TensorDataset(X, Y), Slow(X, Y)
    parts = Subset(whole, Y[::-1]), Subset(slow_whole, Y[::-1])
    for fast, slow in [(whole, slow_whole), parts]:
        a = DataLoader(fast, 3, shuffle=True, seed=0, prefetch=prefetch)
        b = DataLoader(slow, 3, shuffle=True, seed=0, prefetch=prefetch)
        for (x, y), (u, v) in zip(a, b, strict=True):
            np.testing.assert_array_equal(x, u)
            np.testing.assert_array_equal(y, v)
            assert x.dtype == u.dtype and y.dtype == v.dtype


def test_a_gathered_batch_loops_over_no_items() -> None:
    class Counting(TensorDataset):
        read = 0

        def __getitem__(self, index: Any) -> Any:
            Counting.read += 1
            return super().__getitem__(index)

        def gather(self, indices: Any) -> Any:
            return super().gather(indices)

    assert len(list(DataLoader(Subset(Counting(X, Y), range(8)), 4))) == 2
    assert Counting.read == 0


def test_getitems_reads_a_batch_at_once() -> None:
    class Bulk(Failing):
        def __getitems__(self, indices: list[int]) -> list[int]:
            return [i * 10 for i in indices]

    assert [b.tolist() for b in DataLoader(Bulk(OSError), 5)] == [
        [0, 10, 20, 30, 40],
        [50, 60, 70, 80, 90],
    ]


def test_a_list_is_a_dataset_too() -> None:
    batches = list(DataLoader(["a", "b", "c"], 2))
    assert batches == [["a", "b"], ["c"]]


def test_samplers_and_batch_samplers_decide_the_order() -> None:
    dataset = TensorDataset(X, Y)
    assert labels(DataLoader(dataset, 2, sampler=[3, 1, 2])) == [[3, 1], [2]]
    assert labels(DataLoader(dataset, batch_sampler=[[0], [5, 6]])) == [[0], [5, 6]]
    assert labels(DataLoader(dataset, 2, sampler=np.array([7, 8]))) == [[7, 8]]
    assert labels(DataLoader(dataset, batch_sampler=[])) == []
    drawn = labels(DataLoader(dataset, 5, sampler=RandomSampler(dataset), seed=1))
    assert drawn == labels(DataLoader(dataset, 5, shuffle=True, seed=1))


def test_a_collate_fn_gets_the_items_and_its_arrays_become_tensors() -> None:
    def pad(items: list[Any]) -> Any:
        return {"n": len(items), "y": np.array([y for _, y in items]), "seen": type(items)}

    batch = next(iter(DataLoader(TensorDataset(X, Y), 4, collate_fn=pad)))
    assert batch["n"] == 4 and isinstance(batch["y"], Tensor) and batch["seen"] is list


def test_items_of_different_shapes_are_named_by_their_index() -> None:
    class Growing(Failing):
        def __getitem__(self, index: Any) -> Any:
            return np.zeros(4 if index == 7 else 3)

    with pytest.raises(ShapeError, match=r"item 6 has the shape \(3,\), but item 7 has \(4,\)"):
        list(DataLoader(Growing(OSError), 2))


@pytest.mark.parametrize("prefetch", [0, 2])
def test_an_error_in_the_dataset_arrives_with_its_traceback_after_the_batches_before(
    prefetch: int,
) -> None:
    loader = DataLoader(Failing(OSError), 2, prefetch=prefetch)
    run = iter(loader)
    assert [next(run).tolist(), next(run).tolist()] == [[0, 1], [2, 3]]
    with pytest.raises(OSError, match="five") as caught:
        next(run)
    assert "__getitem__" in [f.name for f in traceback.extract_tb(caught.value.__traceback__)]
    assert caught.value.__notes__ == ["While item 5 of Failing was read."]
    assert threads() == []
    assert next(run, "over") == "over"
    assert (loader.epoch, loader.state_dict()["position"]) == (0, 2)  # the epoch is not finished


@pytest.mark.parametrize("prefetch", [0, 2])
def test_a_stop_iteration_in_the_dataset_does_not_end_the_epoch_silently(prefetch: int) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        list(DataLoader(Failing(StopIteration), 2, prefetch=prefetch))


def test_the_thread_ends_with_the_loop_however_it_ends() -> None:
    loader = DataLoader(TensorDataset(X, Y), 1, prefetch=2)
    list(loader)
    assert threads() == []
    for _ in loader:
        assert len(threads()) == 1
        break
    assert threads() == []
    with pytest.raises(KeyError):
        for _ in loader:
            raise KeyError
    assert threads() == []
    run = iter(loader)
    next(run)
    del run
    assert threads() == []
    run = iter(loader)  # never asked for a batch
    assert len(threads()) == 1
    del run


def test_a_finished_loop_frees_dataset_and_batches_without_the_collector() -> None:
    dataset = TensorDataset(X.copy(), Y)
    loader = DataLoader(dataset, 4, prefetch=2)
    gc.collect()
    gc.disable()
    try:
        count = sys.getrefcount(dataset)
        run = iter(loader)
        next(run)
        del run
        list(loader)
        assert sys.getrefcount(dataset) == count
    finally:
        gc.enable()


def test_the_thread_reads_no_further_ahead_than_it_may() -> None:
    class Watched(Failing):
        highest = -1

        def __getitem__(self, index: Any) -> int:
            self.highest = max(self.highest, index)
            return index

    dataset = Watched(OSError)
    for received, _ in enumerate(DataLoader(dataset, 1, prefetch=2), 1):
        assert dataset.highest < received + 2


def test_the_thread_works_with_the_defaults_of_the_thread_that_iterates() -> None:
    autograd.set_default_dtype("float64")
    try:
        x, _ = next(iter(DataLoader(Noisy(), 3, prefetch=1)))
    finally:
        autograd.set_default_dtype("float32")
    assert x.dtype == np.float64


def test_two_loops_at_once_have_their_own_places() -> None:
    loader = DataLoader(TensorDataset(X, Y), 4, prefetch=1)
    pairs = [(a[1].tolist(), b[1].tolist()) for a, b in zip(loader, loader, strict=True)]
    assert [a for a, _ in pairs] == [b for _, b in pairs] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


@pytest.mark.parametrize("prefetch", [0, 2])
def test_batches_go_to_the_device_and_never_back(prefetch: int) -> None:
    with standin.installed():
        loader = DataLoader(TensorDataset(X, Y), 4, device="cuda", prefetch=prefetch)
        for x, y in loader:
            assert x.device == y.device == "cuda:0"
        assert standin.copies.count == 0
        on_device = TensorDataset(Tensor(X, device="cuda"), Tensor(Y, device="cuda"))
        standin.copies.reset()
        for x, _ in DataLoader(on_device, 4, shuffle=True, prefetch=prefetch):
            assert x.device == "cuda:0"
        assert standin.copies.count == 0


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": 2.5}, "batch_size is 2.5"),
        ({"prefetch": -1}, "prefetch is -1"),
        ({"prefetch": True}, "prefetch is True"),
        ({"seed": -4}, "seed is -4"),
        ({"shuffle": True, "sampler": [1]}, "both sampler and shuffle"),
        ({"batch_sampler": [[1]], "batch_size": 2}, "batch_sampler decides"),
        ({"batch_sampler": [[1]], "shuffle": True}, "batch_sampler decides"),
        ({"batch_sampler": [[1]], "sampler": np.array([1, 2])}, "batch_sampler decides"),
        ({"batch_sampler": [[1]], "drop_last": True}, "batch_sampler decides"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        DataLoader(TensorDataset(X, Y), **settings)


def test_an_empty_dataset_cannot_be_shuffled() -> None:
    with pytest.raises(ValueError, match="empty"):
        DataLoader(TensorDataset(X[:0]), shuffle=True)


def test_an_order_that_can_be_read_only_once_is_refused() -> None:
    with pytest.raises(TypeError, match="generator"):
        DataLoader(TensorDataset(X, Y), sampler=(i for i in range(3)))
    with pytest.raises(TypeError, match="batch_sampler"):
        DataLoader(TensorDataset(X), batch_sampler=iter(BatchSampler(SequentialSampler(X), 2)))


@pytest.mark.parametrize(
    ("settings", "remedy"),
    [
        ({"num_workers": 2}, "takes no num_workers=. Use prefetch="),
        ({"pin_memory": True}, "takes no pin_memory=. .* device="),
        ({"generator": None}, "takes no generator=. Use seed="),
        ({"persistent_workers": True}, "takes no persistent_workers=. .* without it"),
        ({"worker_init_fn": print}, "takes no worker_init_fn=. Use autograd.random"),
        ({"batchsize": 2}, "unexpected keyword argument 'batchsize'"),
    ],
)
def test_a_keyword_of_pytorch_names_the_remedy(settings: dict[str, Any], remedy: str) -> None:
    with pytest.raises(TypeError, match=remedy):
        DataLoader(TensorDataset(X, Y), **settings)
