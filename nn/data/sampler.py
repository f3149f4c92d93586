"""Samplers: in which order a DataLoader reads the items, and how it groups them into batches.

A sampler is any iterable of indices with a length. The random ones draw from `autograd.random`; a
DataLoader lets them draw from a stream of its own, so that an epoch can be continued in the middle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from itertools import islice
from typing import Any

import numpy as np

from autograd import Tensor, random

__all__ = [
    "BatchSampler",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "WeightedRandomSampler",
]


class Sampler:
    """The indices of one epoch. Subclasses write `__iter__`, and `__len__` where it is known."""

    def __iter__(self) -> Iterator[Any]:
        """The indices in the order in which items are read."""
        raise NotImplementedError(f"{type(self).__name__} has no __iter__. Write one.")


class SequentialSampler(Sampler):
    """0, 1, …, N−1.  data_source: anything with a length N."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        """The indices in order."""
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        """N."""
        return len(self.data_source)


class RandomSampler(Sampler):
    """A random order of 0 … N−1, a new one each time; or draws with replacement.

    data_source: anything with a length N.  num_samples: how many indices; N if None. Without
    replacement, more than N indices come as one order after another.
    Raises ValueError for an empty data_source or num_samples below 1.
    """

    def __init__(
        self, data_source: Sized, replacement: bool = False, num_samples: int | None = None
    ) -> None:
        if len(data_source) == 0:
            raise ValueError(
                "RandomSampler: the dataset is empty, so there is nothing to shuffle. Check how it "
                "was loaded or split."
            )
        check_count("RandomSampler: num_samples", 1 if num_samples is None else num_samples)
        self.data_source, self.replacement = data_source, replacement
        self._num_samples = num_samples

    @property
    def num_samples(self) -> int:
        """How many indices an epoch has."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        """A new random order."""
        size, wanted = len(self.data_source), self.num_samples
        if self.replacement:
            return iter(random.generator().integers(0, size, wanted).tolist())
        orders = [random.permutation(size) for _ in range(0, wanted, size)]
        return iter(np.concatenate(orders)[:wanted].tolist())

    def __len__(self) -> int:
        """num_samples."""
        return self.num_samples


class WeightedRandomSampler(Sampler):
    """num_samples indices, index i with probability weightsᵢ / Σ weights.

    weights: (N,) numbers ≥ 0, for example 1 / (size of the item's class), which balances classes.
    replacement: False draws each index at most once.
    Raises ValueError for weights that are negative, not finite, all zero or not (N,); and where
    fewer than num_samples weights are positive without replacement.
    """

    def __init__(self, weights: Any, num_samples: int, replacement: bool = True) -> None:
        values = weights.detach().numpy() if isinstance(weights, Tensor) else weights
        self.weights = np.asarray(values, dtype=np.float64)
        self.num_samples, self.replacement = num_samples, replacement
        check_count("WeightedRandomSampler: num_samples", num_samples)
        if self.weights.ndim != 1 or not self.weights.size:
            raise ValueError(
                f"WeightedRandomSampler: weights has shape {self.weights.shape}; it must be (N,), "
                "one weight an item."
            )
        if not (np.isfinite(self.weights).all() and (self.weights >= 0).all()):
            place = int(np.flatnonzero(~(np.isfinite(self.weights) & (self.weights >= 0)))[0])
            raise ValueError(
                f"WeightedRandomSampler: weight {place} is {self.weights[place]}; weights must be "
                "finite and not negative."
            )
        positive = int(np.count_nonzero(self.weights))
        if positive == 0 or (not replacement and positive < num_samples):
            raise ValueError(
                f"WeightedRandomSampler: {positive} of {self.weights.size} weights are positive, "
                f"which is too few to draw {num_samples}"
                f"{'' if replacement else ' without replacement'}."
            )

    def __iter__(self) -> Iterator[int]:
        """A new draw."""
        p = self.weights / self.weights.max()  # or the sum may be more than a float holds
        p /= p.sum()
        drawn = random.generator().choice(len(p), self.num_samples, self.replacement, p)
        return iter(drawn.tolist())

    def __len__(self) -> int:
        """num_samples."""
        return self.num_samples


class BatchSampler(Sampler):
    """The indices of a sampler in lists of batch_size; the last is shorter, or dropped with
    drop_last.

    Raises ValueError for a batch_size below 1.
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool = False) -> None:
        check_count("batch_size", batch_size)
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        """The batches, as lists of indices."""
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) < self.batch_size and self.drop_last:
                return
            yield batch

    def __len__(self) -> int:
        """How many batches there are. Raises TypeError if the sampler has no length."""
        size = len(self.sampler)  # type: ignore[arg-type]  # Python's own TypeError says enough
        return size // self.batch_size if self.drop_last else -(-size // self.batch_size)


def check_count(what: str, value: Any) -> None:
    """ValueError unless value is a whole number of at least 1."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{what} is {value!r}; it must be a whole number of at least 1.")
