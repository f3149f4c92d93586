"""DataLoader: a dataset in batches of Tensors, shuffled, prefetched, and resumable in the middle.

All randomness of an epoch, the order and what transforms draw, comes from a stream of its own:
seeded by the loader's seed, the number of the epoch and the number of the batch. So batches are the
same with a prefetching thread and without, whatever the model draws meanwhile, and a resumed epoch
need not read what came before. `sampler.py` makes the order, `collate.py` the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import random
from autograd.habits import refuses
from nn.data.collate import default_collate, to_tensors
from nn.data.dataset import can_gather, read_items
from nn.data.prefetch import Prefetcher
from nn.data.sampler import BatchSampler, RandomSampler, SequentialSampler, check_count

__all__ = ["DataLoader"]

_END = object()
_ORDER, _ITEMS = 0, 1


class DataLoader:
    """The batches of a dataset; each `for` over it is one epoch.

    dataset: anything with `__len__` and `__getitem__`; see Dataset for the optional `__getitems__`
    and `gather`.  batch_size: items a batch.  shuffle: a new random order each epoch.
    sampler: the order, in place of shuffle.  batch_sampler: lists of indices, in place of
    batch_size, shuffle, sampler and drop_last.  drop_last: leaves out a last, smaller batch.
    collate_fn: makes a batch of a list of items; `default_collate` if None.
    prefetch: how many batches a thread reads ahead; 0 reads each when it is asked for.
    seed: the seed of all orders and transforms; if None, one is drawn from `autograd.random` when
    the first epoch begins.  device: where batches go; the default device if None.

    A batch is what the collate_fn returns, with its arrays as Tensors: for items (image, label)
    the tuple ((B, …), (B,)).

    `state_dict()` says which batches the loop has received, and after `load_state_dict` the next
    `for` begins with the very batch that would have come next. An epoch counts as finished when the
    loop has asked for a batch after the last one; leaving it by `break` ends it too, and the next
    `for` is another epoch.

    Draws by other means than `autograd.random` (np.random, a sampler's own generator) are repeated
    neither by the seed nor by the state.
    Raises ValueError for arguments that exclude one another, for a batch_size below 1 or a negative
    prefetch, and for an empty dataset with shuffle; TypeError for a sampler that is an iterator.
    """

    @refuses(
        num_workers="prefetch=, how many batches a thread reads ahead",
        prefetch_factor="prefetch=, how many batches a thread reads ahead",
        persistent_workers="DataLoader without it: there are no processes to keep",
        worker_init_fn="autograd.random in transforms: it is seeded for each batch",
        multiprocessing_context="prefetch=, which is a thread",
        pin_memory="DataLoader without it, and device= to have batches there",
        generator="seed=, a whole number",
        timeout="DataLoader without it: a thread is waited for",
    )
    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        *,
        drop_last: bool = False,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        prefetch: int = 0,
        seed: int | None = None,
        device: str | None = None,
    ) -> None:
        check_count("DataLoader: batch_size", batch_size)
        _check_prefetch(prefetch)
        _check_order(shuffle, sampler, batch_sampler, batch_size != 1 or drop_last)
        if sampler is None:
            sampler = RandomSampler(dataset) if shuffle else SequentialSampler(dataset)
        self.dataset, self.batch_size, self.drop_last = dataset, int(batch_size), drop_last
        if batch_sampler is None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.sampler, self.batch_sampler = sampler, batch_sampler
        self.collate_fn, self.prefetch, self.device = collate_fn, prefetch, device
        self._stream = None if seed is None else _seeded(seed)
        self._epoch = self._position = self._runs = 0
        self._begun = False

    def __len__(self) -> int:
        """How many batches an epoch has. Raises TypeError if the sampler has no length."""
        return len(self.batch_sampler)  # type: ignore[arg-type]  # Python's own TypeError

    def __iter__(self) -> Iterator[Any]:
        """The batches of the next epoch; after load_state_dict, the rest of the loaded one."""
        if self._begun:  # the last epoch was left before its end
            self._epoch, self._position = self._epoch + 1, 0
        if self._stream is None:
            self._stream = random.fork()[0]
        self._begun = True
        self._runs += 1
        return _Run(self, self._batches(self._epoch, self._position), self._runs)

    @property
    def epoch(self) -> int:
        """How many epochs were finished or left, so the number of the one that state_dict
        describes."""
        return self._epoch

    def state_dict(self) -> dict[str, int | None]:
        """Where the latest loop over this loader stands: numbers only.

        epoch: its number.  position: the batches it has received; what a thread has read ahead does
        not count.  stream: the seed of orders and transforms, None before the first epoch.
        batch_size, size: of the loader and its dataset, compared on loading.
        """
        return {
            "epoch": self._epoch,
            "position": self._position,
            "stream": self._stream,
            "batch_size": self.batch_size,
            "size": len(self.dataset),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continues from a state of a loader with the same dataset and arguments.

        Raises KeyError for missing or unexpected keys, ValueError for values that are no counts or
        belong to another batch size or dataset size; then nothing changes.
        """
        own = self.state_dict()
        if state.keys() != own.keys():
            raise KeyError(
                f"DataLoader.load_state_dict: the state has the keys {sorted(state)}, but "
                f"{sorted(own)} are needed. Load what DataLoader.state_dict() gave."
            )
        for key in ("batch_size", "size"):
            if state[key] != own[key]:
                raise ValueError(
                    f"DataLoader.load_state_dict: the state was saved with {key} {state[key]}, but "
                    f"this loader has {key} {own[key]}. Build it over the same data with the same "
                    "arguments."
                )
        for key in ("epoch", "position", "stream"):
            value = state[key]
            if not (value is None and key == "stream") and not _is_count(value):
                raise ValueError(
                    f"DataLoader.load_state_dict: {key} is {value!r}; it must be a whole number "
                    "that is not negative."
                )
        self._epoch, self._position = int(state["epoch"]), int(state["position"])
        self._stream = None if state["stream"] is None else int(state["stream"])
        self._begun = False
        self._runs += 1  # a loop that still runs counts no longer

    def _batches(self, epoch: int, position: int) -> Generator[Any, None, None]:
        """The collated batches of an epoch from position on, as host or device arrays."""
        order = (_derive(self._stream, epoch, _ORDER), 0)
        items = _derive(self._stream, epoch, _ITEMS)
        lists = _lists(self.batch_sampler, order)
        gathers = self.collate_fn is None and can_gather(self.dataset)
        for number, indices in enumerate(lists):
            if number < position:
                continue
            with random.replay((items, number << 32)):  # room for 2³² draws a batch
                batch = self.dataset.gather(indices) if gathers else self._read(indices)
            yield batch
            del batch  # not alive while the next is made: memory, and the processor's cache

    def _read(self, indices: Any) -> Any:
        """The items at indices, collated."""
        places = [int(i) for i in indices]
        found = read_items(self.dataset, places)
        if self.collate_fn is None:
            return default_collate(found, indices=places)
        return self.collate_fn(found)


class _Run:
    """One loop over a loader. It tells the loader what the loop has received, for as long as it is
    the loader's latest."""

    def __init__(
        self, loader: DataLoader, batches: Generator[Any, None, None], number: int
    ) -> None:
        self._loader, self._number, self._done = loader, number, False
        self._batches: Iterator[Any] = (
            Prefetcher(batches, loader.prefetch) if loader.prefetch else batches
        )

    def __iter__(self) -> _Run:
        return self

    def __next__(self) -> Any:
        loader = self._loader
        if self._done:
            raise StopIteration
        self._done = True  # also if this raises
        batch = next(self._batches, _END)
        is_latest = self._number == loader._runs
        if batch is _END:
            if is_latest:
                loader._epoch, loader._position, loader._begun = loader._epoch + 1, 0, False
            raise StopIteration
        tensors = to_tensors(batch, loader.device)
        self._done = False
        if is_latest:
            loader._position += 1
        return tensors


def _lists(batch_sampler: Iterable[Any], state: tuple[int, int]) -> Iterator[Any]:
    """The lists of indices of batch_sampler, whose draws come from the stream at state.

    The stream is entered around each draw and never held while this waits.
    """
    with random.replay(state):
        lists = iter(batch_sampler)
        state = random.get_state()
    while True:
        with random.replay(state):
            indices = next(lists, _END)
            state = random.get_state()
        if indices is _END:
            return
        yield indices


def _derive(*numbers: Any) -> int:
    """A seed made of the numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)


def _is_count(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) >= 0


def _seeded(seed: Any) -> int:
    """seed, if it is a whole number ≥ 0."""
    if not _is_count(seed):
        raise ValueError(f"DataLoader: seed is {seed!r}; it must be a whole number ≥ 0, or None.")
    return int(seed)


def _check_prefetch(prefetch: Any) -> None:
    if not _is_count(prefetch):
        raise ValueError(
            f"DataLoader: prefetch is {prefetch!r}; it must be a whole number of batches, 0 for "
            "no thread."
        )


def _check_order(shuffle: bool, sampler: Any, batch_sampler: Any, cuts: bool) -> None:
    """ValueError for arguments that decide the same thing twice; TypeError for an order that can be
    read only once."""
    if batch_sampler is not None and (shuffle or sampler is not None or cuts):
        raise ValueError(
            "DataLoader: batch_sampler decides the batches alone. Leave out batch_size, shuffle, "
            "sampler and drop_last."
        )
    if sampler is not None and shuffle:
        raise ValueError(
            "DataLoader: both sampler and shuffle=True are given, and each decides the order. "
            "Leave one out; RandomSampler(dataset) is what shuffle does."
        )
    for name, order in (("sampler", sampler), ("batch_sampler", batch_sampler)):
        if isinstance(order, Iterator):
            raise TypeError(
                f"DataLoader: {name} is a {type(order).__name__}, which can be read once, so the "
                "second epoch would be empty. Pass a list, or an object with __iter__."
            )
