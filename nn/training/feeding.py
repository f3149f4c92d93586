"""What users call data, made into batches: arrays, Tensors, Datasets and DataLoaders.

Arrays are cast to the model's floating dtype once, when they come in, since NumPy makes float64
where nobody asked for it; Tensors and loaders keep theirs. Batches are tuples whose last entry is
the target.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd import DTypeError, ShapeError, Tensor, as_tensor, backend
from nn.data import DataLoader, TensorDataset
from nn.training.batch_axis import check_batch_axis


def is_arrays(x: Any) -> bool:
    """Whether x is an array, or a tuple of them, and not a dataset or a loader."""
    if isinstance(x, tuple):
        return bool(x) and all(is_arrays(part) for part in x)
    return isinstance(x, Tensor) or backend.is_array(x) or _is_nest(x)


def _is_nest(x: Any) -> bool:
    """Whether x is a list of numbers, or of such lists."""
    while isinstance(x, list) and x:
        x = x[0]
    return isinstance(x, int | float | np.generic)


def loader_of(
    model: Any,
    x: Any,
    y: Any = None,
    *,
    batch_size: int = 32,
    shuffle: bool = False,
    seed: int | None = None,
) -> Iterable[Any]:
    """x and y in batches.

    x: an array (N, …), a tuple of arrays for a model of several inputs, a Dataset, or something
    that gives batches.  y: the targets (N, …), for arrays only.  seed: of the order and of what a
    Dataset draws; None takes it from autograd.random, which measuring must not disturb.
    Raises TypeError for y beside a dataset and for what is no data, ShapeError for one sample.
    """
    if isinstance(x, list) and x and all(isinstance(p, Tensor) or backend.is_array(p) for p in x):
        x = tuple(x)  # several inputs, as Keras takes them
    if is_arrays(x):
        arrays = checked(x, y)
        check_batch_axis(model, x)
        dataset = TensorDataset(*(fitted(model, a) for a in arrays))
        return DataLoader(dataset, batch_size, shuffle, seed=seed)
    if y is not None:
        raise TypeError(
            f"y is given beside a {type(x).__name__}, which gives the targets itself. Leave y out."
        )
    is_data = not isinstance(x, str | bytes | dict)
    if is_data and hasattr(x, "__getitem__") and hasattr(x, "__len__") and not is_batches(x):
        return DataLoader(x, batch_size, shuffle, seed=seed)
    if not is_data or not hasattr(x, "__iter__"):
        raise TypeError(
            f"a {type(x).__name__} is no data. Give arrays, Tensors, a Dataset or a DataLoader."
        )
    if hasattr(x, "__next__"):
        raise TypeError(
            f"a {type(x).__name__} can be run through only once, and each epoch runs through the "
            "data. Give a list or a DataLoader."
        )
    return x  # type: ignore[no-any-return]  # x is Any


def is_batches(x: Any) -> bool:
    """Whether x gives batches: a loader, or a list of them."""
    return isinstance(x, DataLoader | list) or hasattr(x, "batch_size")


def checked(x: Any, y: Any = None) -> tuple[Any, ...]:
    """The arrays of x, then y. Raises ShapeError if they differ in length or are empty."""
    arrays = (*(x if isinstance(x, tuple) else (x,)), *(() if y is None else (y,)))
    lengths = [_length(array) for array in arrays]
    if len(set(lengths)) > 1 or not lengths[0]:
        shown = ", ".join(map(str, lengths))
        raise ShapeError(
            f"the arrays have {shown} samples along their first axis; all must have the same "
            "number, at least one."
        )
    return arrays


def fitted(model: Any, array: Any) -> Tensor:
    """array as a Tensor; a floating array that is no Tensor in the model's dtype. Raises DTypeError
    for one of strings or objects."""
    if isinstance(array, Tensor):
        return array.detach()
    if not backend.is_array(array):
        array = np.asarray(array)  # whole numbers stay classes, which Tensor would make floating
    if array.dtype.kind in "USO":
        raise DTypeError(
            f"an array is of dtype {array.dtype}, which holds no numbers. Number the names of "
            "classes: classes, y = np.unique(y, return_inverse=True)."
        )
    dtype = next((p.dtype for _, p in model.named_parameters()), array.dtype)
    return as_tensor(array, dtype=dtype if array.dtype.kind == "f" else None)


def split(x: Any, y: Any, share: float) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """(x, y) to train with and (x, y) to validate with: the last part of the samples as they
    stand, before any shuffling, as in Keras.

    share: of the samples that validate; ⌊N (1 − share)⌋ train.
    Raises TypeError for data that is not arrays, ValueError for a share that leaves either empty.
    """
    if not is_arrays(x):
        raise TypeError(
            f"validation_split cuts arrays, not a {type(x).__name__}. Use nn.data.random_split and "
            "validation_data."
        )
    n = _length(checked(x, y)[0])
    at = math.floor(n * (1 - share)) if 0 < share < 1 else 0
    if not 0 < at < n:
        raise ValueError(
            f"validation_split is {share!r}, which leaves {at} of {n} samples to train with. It "
            "must be between 0 and 1, and leave both parts at least one."
        )

    def cut(part: slice) -> tuple[Any, Any]:
        first = tuple(_rows(a, part) for a in x) if isinstance(x, tuple) else _rows(x, part)
        return first, None if y is None else _rows(y, part)

    return cut(slice(None, at)), cut(slice(at, None))


def _length(array: Any) -> int:
    shape = getattr(array, "shape", None)
    return len(array) if shape is None else int(shape[0]) if shape else 0


def _rows(array: Any, part: slice) -> Any:
    return array.detach()[part] if isinstance(array, Tensor) else array[part]


def first_inputs(loader: Iterable[Any]) -> tuple[Any, ...]:
    """The inputs of one sample or batch, for a model that learns its sizes from them. A
    DataLoader's order and place are left as they are."""
    if isinstance(loader, DataLoader):
        loader = DataLoader(loader.dataset, collate_fn=loader.collate_fn, device=loader.device)
    return inputs_and_target(next(iter(loader)))[0]


def inputs_and_target(batch: Any) -> tuple[tuple[Any, ...], Any]:
    """((x, …), target) of a batch. Raises TypeError if it is no sequence of at least two."""
    if not isinstance(batch, Sequence) or len(batch) < 2:
        what = f"{len(batch)} entry" if isinstance(batch, Sequence) else "no tuple"
        raise TypeError(
            f"a batch is a {type(batch).__name__} with {what}, and (input, target) is needed. "
            "Give y beside x, or a dataset whose items are (input, target)."
        )
    return tuple(batch[:-1]), batch[-1]


def inputs_alone(batch: Any, is_target_there: bool) -> tuple[Any, ...]:
    """(x, …) of a batch to predict from: all of it, or all but the last where that is a target."""
    if not isinstance(batch, Sequence):
        return (batch,)
    return tuple(batch[:-1]) if is_target_there and len(batch) > 1 else tuple(batch)


def moved(parts: Sequence[Any], device: str | None) -> list[Any]:
    """Each tensor or array on device, as a Tensor; None leaves each where it is."""
    return [as_tensor(p, device=device) if needs_move(p, device) else p for p in parts]


def needs_move(part: Any, device: str | None) -> bool:
    """Whether part is an array that is not on device, or no Tensor yet."""
    if isinstance(part, Tensor):
        return device is not None and part.device != device
    return backend.is_array(part)
