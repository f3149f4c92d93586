"""DataLoader states: a loop that was interrupted anywhere goes on with the next batch, exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd
from nn.data import DataLoader, Dataset, Sampler, TensorDataset, WeightedRandomSampler

Y = np.arange(10)


class Noisy(Dataset):
    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: Any) -> tuple[float, int]:
        return float(autograd.random.generator().random()), index


def read(loader: DataLoader, epochs: int, stop: int | None = None) -> list[Any]:
    """Batches with the states after them, of some epochs or until stop batches have come."""
    found: list[Any] = []
    for _ in range(epochs):
        for x, y in loader:
            found.append((x.tolist(), y.tolist()))
            autograd.rand(3)
            if len(found) == stop:
                return found
    return found


@pytest.mark.parametrize("prefetch", [0, 1, 3])
@pytest.mark.parametrize("seed", [None, 7])
@pytest.mark.parametrize("stop", range(10))
def test_a_loaded_state_continues_with_the_very_next_batch(
    stop: int, seed: int | None, prefetch: int
) -> None:
    def loader() -> DataLoader:
        return DataLoader(Noisy(), 4, shuffle=True, seed=seed, prefetch=prefetch)

    autograd.manual_seed(11)
    whole = read(loader(), 3)
    autograd.manual_seed(11)
    interrupted = loader()
    if stop:
        read(interrupted, 3, stop)
    state, randomness = interrupted.state_dict(), autograd.random.get_state()
    autograd.manual_seed(0)
    resumed = loader()
    resumed.load_state_dict(state)
    autograd.random.set_state(randomness)
    rest = 3 - state["epoch"]
    assert whole[:stop] + read(resumed, rest) == whole


def test_the_state_counts_what_was_received_and_not_what_was_read_ahead() -> None:
    loader = DataLoader(TensorDataset(Y), 1, prefetch=5)
    run = iter(loader)
    assert loader.state_dict()["position"] == 0
    for received in range(1, 4):
        next(run)
        assert loader.state_dict()["position"] == received


def test_an_epoch_is_finished_when_a_batch_after_its_last_was_asked_for() -> None:
    loader = DataLoader(TensorDataset(Y), 5, seed=1)
    run = iter(loader)
    next(run), next(run)
    state = loader.state_dict()
    assert (state["epoch"], state["position"]) == (0, 2)
    assert next(run, None) is None
    assert (loader.epoch, loader.state_dict()["position"]) == (1, 0)
    loader.load_state_dict(state)
    assert list(loader) == [] and loader.epoch == 1  # what was left of it


def test_leaving_a_loop_ends_its_epoch() -> None:
    loader = DataLoader(TensorDataset(Y), 5, shuffle=True, seed=1)
    first, second = ([b[0].tolist() for b in loader] for _ in range(2))
    again = DataLoader(TensorDataset(Y), 5, shuffle=True, seed=1)
    for batch in again:
        assert batch[0].tolist() == first[0]
        break
    assert again.state_dict()["epoch"] == 0  # until the next loop, it may be continued
    assert [b[0].tolist() for b in again] == second


def test_the_state_follows_the_latest_of_several_loops() -> None:
    loader = DataLoader(TensorDataset(Y), 5, seed=1)
    first = iter(loader)
    next(first)
    second = iter(loader)
    next(second)
    next(first)
    assert (loader.epoch, loader.state_dict()["position"]) == (1, 1)
    loader.load_state_dict(loader.state_dict())
    next(second)
    assert loader.state_dict()["position"] == 1


def test_samplers_that_draw_are_continued_too() -> None:
    def loader() -> DataLoader:
        return DataLoader(TensorDataset(Y), 2, sampler=WeightedRandomSampler(Y, 8), seed=4)

    whole = [b[0].tolist() for b in loader()]
    half = loader()
    run = iter(half)
    next(run), next(run)
    resumed = loader()
    resumed.load_state_dict(half.state_dict())
    assert [b[0].tolist() for b in resumed] == whole[2:]


def test_a_sampler_may_draw_its_indices_one_at_a_time_and_without_end() -> None:
    class Endless(Sampler):
        def __iter__(self) -> Iterator[int]:
            while True:
                yield int(autograd.random.generator().integers(10))

    def read(loader: DataLoader, n: int) -> list[Any]:
        return [y.tolist() for (y,), _ in zip(loader, range(n), strict=False)]

    loader = DataLoader(TensorDataset(Y), 4, sampler=Endless(), seed=2)
    with pytest.raises(TypeError, match="len"):
        len(loader)
    whole = read(loader, 6)
    assert len({i for batch in whole for i in batch}) > 5
    half = DataLoader(TensorDataset(Y), 4, sampler=Endless(), seed=2, prefetch=2)
    run = iter(half)
    next(run), next(run)
    loader.load_state_dict(half.state_dict())
    autograd.rand(3)
    assert read(loader, 4) == whole[2:]


def test_batches_before_the_position_are_not_read() -> None:
    class Counting(Noisy):
        seen: list[int]

        def __getitem__(self, index: Any) -> tuple[float, int]:
            self.seen.append(index)
            return super().__getitem__(index)

    dataset = Counting()
    dataset.seen = []
    loader = DataLoader(dataset, 4, seed=0)
    loader.load_state_dict({**loader.state_dict(), "position": 2})
    assert len(list(loader)) == 1 and dataset.seen == [8, 9]


@pytest.mark.parametrize(
    ("change", "kind", "fault"),
    [
        ({"position": -1}, ValueError, "position is -1"),
        ({"epoch": 1.5}, ValueError, "epoch is 1.5"),
        ({"epoch": None}, ValueError, "epoch is None"),
        ({"stream": "a"}, ValueError, "stream is 'a'"),
        ({"batch_size": 3}, ValueError, "batch_size 3, but this loader has batch_size 5"),
        ({"size": 11}, ValueError, "size 11, but this loader has size 10"),
        ({"extra": 1}, KeyError, "extra"),
    ],
)
def test_states_that_do_not_fit_change_nothing(
    change: dict[str, Any], kind: type[Exception], fault: str
) -> None:
    loader = DataLoader(TensorDataset(Y), 5, seed=1)
    next(iter(loader))
    before = loader.state_dict()
    with pytest.raises(kind, match=fault):
        loader.load_state_dict({**before, "epoch": 4, **change})
    assert loader.state_dict() == before
    with pytest.raises(KeyError, match="keys"):
        loader.load_state_dict({})


def test_the_state_of_sizes_that_were_numpy_numbers_is_plain() -> None:
    loader = DataLoader([1.0, 2.0, 3.0], np.int64(2), seed=np.int64(3))
    assert json.loads(json.dumps(loader.state_dict())) == loader.state_dict()
