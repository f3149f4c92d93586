"""Collating: from the items of a batch to arrays with a batch axis in front, and on to Tensors.

The two steps are apart because a prefetching thread does the first, and the thread that iterates
the second: there the default device is the user's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd import Tensor, as_tensor, backend, get_default_dtype
from autograd.errors import DTypeError, ShapeError

__all__ = ["default_collate"]


def default_collate(items: Sequence[Any], *, indices: Sequence[int] | None = None) -> Any:
    """The items as one batch: arrays (…) become an array (B, …), field by field.

    Tuples, lists and dicts of equal structure are collated field by field, and stay what they are;
    strings and bytes become a list. Python floats take the default dtype, ints become int64, bools
    bool; arrays, Tensors and NumPy numbers keep their dtype.  indices: what error messages shall
    call the items; their places in the batch if None.
    Raises ValueError for no items, ShapeError for items of different shapes or structures,
    DTypeError for what is none of these.
    """
    if not items:
        raise ValueError("collate: the batch has no items. Check the batch_sampler.")
    return _collate(items, [*range(len(items))] if indices is None else indices, "")


def _collate(items: Sequence[Any], names: Sequence[int], field: str) -> Any:
    first = items[0]
    if len({type(item) for item in items}) > 1:
        _check_alike([_kind(item) for item in items], names, field, "")
    if isinstance(first, (str, bytes)):
        return list(items)
    if isinstance(first, Mapping):
        _check_alike([frozenset(item) for item in items], names, field, "the keys")
        return {
            key: _collate([item[key] for item in items], names, f"{field}[{key!r}]")
            for key in first
        }
    if isinstance(first, (tuple, list)):
        _check_alike([len(item) for item in items], names, field, "a length of")
        columns = [
            _collate(column, names, f"{field}[{i}]")
            for i, column in enumerate(zip(*items, strict=True))
        ]
        return _rebuild(first, columns)
    return _stack(items, names, field)


def _stack(items: Sequence[Any], names: Sequence[int], field: str) -> Any:
    """Arrays, Tensors or numbers as one array with the batch axis in front."""
    values = [item.data if isinstance(item, Tensor) else item for item in items]
    if backend.is_array(values[0]):
        _check_alike([np.shape(value) for value in values], names, field, "the shape")
        return backend.module_of(values[0]).stack(values)
    if not all(isinstance(value, (bool, int, float, np.generic)) for value in values):
        place = next(
            i for i, v in enumerate(values) if not isinstance(v, (bool, int, float, np.generic))
        )
        raise DTypeError(
            f"collate: item {names[place]}{field} is a {type(values[place]).__name__}, which "
            "has no place in an array. Return arrays, numbers, strings, tuples or dicts of them, "
            "or pass a collate_fn."
        )
    array = np.asarray(values)
    is_whole = all(isinstance(v, (int, np.integer)) for v in values)
    if array.dtype.kind == "O" or (is_whole and array.dtype.kind == "f"):
        place = max(range(len(values)), key=lambda i: abs(values[i]))
        raise DTypeError(
            f"collate: item {names[place]}{field} is {values[place]}, which is beyond int64. "
            "Return it as a float, or pass a collate_fn."
        )
    if any(type(v) is float for v in values) and array.dtype.kind == "f":
        return array.astype(get_default_dtype())
    return array


def _check_alike(facts: Sequence[Any], names: Sequence[int], field: str, what: str) -> None:
    """ShapeError unless the facts about all items are equal."""
    for place, fact in enumerate(facts):
        if fact != facts[0]:
            a, b = (
                sorted(f, key=repr) if isinstance(f, frozenset) else f for f in (facts[0], fact)
            )
            said = (f"has {what}", "has", "Pad or crop them to one shape")
            one, other, remedy = said if what else ("is", "is", "Return items of one structure")
            raise ShapeError(
                f"collate: item {names[0]}{field} {one} {a}, but item {names[place]}{field} "
                f"{other} {b}. {remedy}, or pass a collate_fn."
            )


def _kind(item: Any) -> str:
    """What of all items in a place must be alike: whether they are texts, nests, or neither."""
    if isinstance(item, (str, bytes)):
        return "a text"
    if isinstance(item, Mapping):
        return "a mapping"
    return "a tuple or list" if isinstance(item, (tuple, list)) else "one value"


def _rebuild(first: Any, columns: Sequence[Any]) -> Any:
    """columns in a tuple, named tuple or list, as first is one."""
    if isinstance(first, list):
        return list(columns)
    return type(first)(*columns) if hasattr(first, "_fields") else tuple(columns)


def to_tensors(batch: Any, device: str | None) -> Any:
    """batch with its arrays as Tensors on device (the default device if None), around the same
    memory where that can be. Tensors move only if device is given; all else stays as it is."""
    if isinstance(batch, Tensor):
        return batch if device is None else batch.to(device)
    if backend.is_array(batch) and batch.dtype.kind in "biuf":
        return as_tensor(batch, device=device)
    if isinstance(batch, Mapping):
        return {key: to_tensors(value, device) for key, value in batch.items()}
    if isinstance(batch, (tuple, list)):
        return _rebuild(batch, [to_tensors(value, device) for value in batch])
    return batch
