"""Datasets: things with a length and an item for each index, and how they are cut and joined.

A Dataset gives one item at a time. One that also has `gather(indices)` gives a whole batch by one
indexing of each array; the DataLoader then loops over no items. Read `loader.py` next; the datasets
that read files are in `mnist.py`, `cifar10.py`, `digits.py`, `sms_spam.py`, `text_files.py`.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd import Tensor, as_tensor, backend, random
from autograd.errors import ShapeError
from autograd.habits import refuses

__all__ = ["ConcatDataset", "Dataset", "Subset", "TensorDataset", "random_split"]

Indices = np.ndarray[Any, np.dtype[np.intp]]


class Dataset:
    """A sequence of items. Subclasses write `__len__` and `__getitem__(index)`, whose items are
    mostly tuples of arrays and numbers.

    Optional, for speed: `__getitems__(indices)` returns the list of items at a list of indices, as
    in PyTorch; `gather(indices)` returns their batch, already collated: a tuple of arrays whose
    first axis runs along indices. Each is used only where no subclass has a newer `__getitem__`,
    and gather only without a collate_fn.
    """

    def __len__(self) -> int:
        """How many items there are."""
        raise NotImplementedError(f"{type(self).__name__} has no __len__. Write one.")

    def __getitem__(self, index: Any) -> Any:
        """The item at index."""
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__. Write one.")

    def __iter__(self) -> Iterator[Any]:
        """The items in order."""
        return (self[i] for i in range(len(self)))

    def __add__(self, other: Dataset) -> ConcatDataset:
        """This dataset, then the other."""
        return ConcatDataset([self, other])


class TensorDataset(Dataset):
    """Arrays of equal length: item i is the tuple of their i-th entries.

    arrays: Tensors or arrays of shape (N, …). They are not copied where that can be, and stay on
    their device, where batches are then gathered. Lists become arrays of the default dtype, so give
    labels as integer arrays.
    Raises ValueError without arrays, ShapeError for lengths that differ or an array of shape ().
    """

    def __init__(self, *arrays: Any) -> None:
        self.tensors: tuple[Tensor, ...] = tuple(as_tensor(a).detach() for a in arrays)
        if not arrays:
            raise ValueError("TensorDataset: it was given no arrays. Pass at least one.")
        shapes = [t.shape for t in self.tensors]
        if any(len(shape) == 0 or shape[0] != shapes[0][0] for shape in shapes):
            raise ShapeError(
                f"TensorDataset: the arrays have shapes {', '.join(map(str, shapes))}; the first "
                "axis counts the items and must be equal in all. Cut or reshape them."
            )

    def __len__(self) -> int:
        """N, the number of items."""
        return int(self.tensors[0].shape[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        """The index-th entry of each array, as arrays that share the dataset's memory; a slice
        gives slices. Raises IndexError outside [−N, N)."""
        if isinstance(index, (int, np.integer)):
            index = check_index(self, int(index))
        return tuple(t.data[index] for t in self.tensors)

    def gather(self, indices: Any) -> tuple[Any, ...]:
        """The batch at indices (B,): a new array (B, …) for each array of the dataset. Raises
        IndexError for an index outside [−N, N)."""
        rows = np.asarray(indices)
        return tuple(take(self, t.data, rows) for t in self.tensors)


class Subset(Dataset):
    """The items of dataset at indices, in that order.

    indices: (M,) integers in [−N, N); repeats are allowed.
    Raises IndexError for an index outside, TypeError for a mask.
    """

    def __init__(self, dataset: Any, indices: Any) -> None:
        self.dataset = dataset
        self.indices = check_indices(dataset, indices)
        self.indices = np.where(self.indices < 0, self.indices + len(dataset), self.indices)

    def __len__(self) -> int:
        """M, the number of indices."""
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        """dataset[indices[index]]. Raises IndexError outside [−M, M)."""
        return self.dataset[int(self.indices[check_index(self, index)])]

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """The items at indices, by the dataset's own `__getitems__` if it has one."""
        return read_items(self.dataset, self.indices[check_indices(self, indices)].tolist())

    def gather(self, indices: Any) -> Any:
        """The batch at indices, gathered from the dataset, which must have gather itself."""
        return self.dataset.gather(take(self, self.indices, np.asarray(indices)))


class ConcatDataset(Dataset):
    """The items of several datasets, one dataset after the other.

    Raises ValueError without datasets.
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: it was given no datasets. Pass at least one.")
        self.cumulative_sizes = list(itertools.accumulate(len(d) for d in self.datasets))

    def __len__(self) -> int:
        """The sum of the lengths."""
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: Any) -> Any:
        """The item at index, counted through all datasets. Raises IndexError outside."""
        place = check_index(self, index)
        number = bisect.bisect_right(self.cumulative_sizes, place)
        start = self.cumulative_sizes[number - 1] if number else 0
        return self.datasets[number][place - start]


@refuses(generator="seed=, a whole number")
def random_split(
    dataset: Any, lengths: Sequence[int | float], seed: int | None = None
) -> list[Subset]:
    """The dataset cut at random into Subsets of the given lengths, which share no item.

    lengths: whole numbers that add up to len(dataset), or fractions that add up to 1; of fractions,
    each part gets ⌊fraction · N⌋ items and the remainder goes one by one to the first parts.
    seed: the same seed gives the same split; None draws from `autograd.random`.
    Raises ValueError for lengths that do not add up.
    """
    sizes = _sizes(len(dataset), lengths)
    if seed is None:
        order = random.permutation(len(dataset))
    else:
        with random.replay((seed, 0)):
            order = random.permutation(len(dataset))
    ends = list(itertools.accumulate(sizes))
    return [Subset(dataset, order[end - n : end]) for n, end in zip(sizes, ends, strict=True)]


def _sizes(total: int, lengths: Sequence[int | float]) -> list[int]:
    """Whole numbers for the lengths of random_split."""
    if any(n < 0 for n in lengths):
        raise ValueError(f"random_split: the lengths {[*lengths]} must not be negative.")
    if math.isclose(sum(lengths), 1):
        # 0.29 · 100 is 28.999… in floating point, and is meant as 29.
        sizes = [math.floor(n * total + 1e-9) for n in lengths]
    elif sum(lengths) == total and all(isinstance(n, (int, np.integer)) for n in lengths):
        sizes = [int(n) for n in lengths]
    else:
        raise ValueError(
            f"random_split: the lengths {[*lengths]} add up to {sum(lengths)}. Whole lengths must "
            f"add up to the {total} items of the dataset, fractions to 1."
        )
    for i in range(total - sum(sizes)):
        sizes[i % len(sizes)] += 1
    return sizes


# How a batch is read


def can_gather(dataset: Any) -> bool:
    """Whether dataset.gather gives what its items would give: it has gather, no subclass has a
    newer `__getitem__`, and, for a Subset, the same holds for what it was cut from."""
    if not _is_current(dataset, "gather"):
        return False
    return can_gather(dataset.dataset) if isinstance(dataset, Subset) else True


def read_items(dataset: Any, indices: Sequence[int]) -> list[Any]:
    """The items at indices, by `__getitems__` where the dataset has one that is current."""
    if _is_current(dataset, "__getitems__"):
        items: list[Any] = dataset.__getitems__(indices)
        return items
    found = []
    for i in indices:
        try:
            found.append(dataset[i])
        except Exception as error:
            error.add_note(f"While item {i} of {type(dataset).__name__} was read.")
            raise
    return found


def _is_current(dataset: Any, name: str) -> bool:
    """Whether type(dataset) defines name no higher up than `__getitem__`.

    A subclass that writes only `__getitem__` anew (to augment, say) must not be bypassed.
    """
    for kind in type(dataset).__mro__:
        if name in vars(kind):
            return True
        if "__getitem__" in vars(kind):
            return False
    return False


def take(dataset: Any, array: Any, rows: np.ndarray[Any, Any]) -> Any:
    """array[rows] by the array's own module, where array has a row for each item of dataset.

    NumPy looks at the range of rows itself, and CuPy, to which rows go in one copy, does not.
    """
    if isinstance(array, np.ndarray) and rows.ndim == 1 and rows.dtype.kind == "i":
        try:
            return array.take(rows, axis=0)
        except IndexError:
            check_indices(dataset, rows)
            raise
    rows = check_indices(dataset, rows)
    return array.take(backend.module_of(array).asarray(rows), axis=0)


def check_index(dataset: Any, index: Any) -> int:
    """index as a place in [0, N); IndexError outside."""
    place, size = int(index), len(dataset)
    if not -size <= place < size:
        raise IndexError(
            f"{type(dataset).__name__}: index {place} is outside a dataset of {size} items."
        )
    return place % size


def check_indices(dataset: Any, indices: Any) -> Indices:
    """indices as a host array; IndexError if one is outside [−N, N)."""
    rows = np.asarray(indices)
    if rows.size == 0:
        return rows.reshape(-1).astype(np.intp)
    if rows.dtype.kind not in "iu" or rows.ndim != 1:
        raise TypeError(
            f"{type(dataset).__name__}: the indices are {rows.dtype} of shape {rows.shape}, not a "
            "list of integers. For a mask use np.flatnonzero(mask)."
        )
    size = len(dataset)
    low, high = int(rows.min()), int(rows.max())
    if low < -size or high >= size:
        raise IndexError(
            f"{type(dataset).__name__}: index {high if high >= size else low} is outside a dataset "
            f"of {size} items."
        )
    return rows.astype(np.intp, copy=False)
