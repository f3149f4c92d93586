"""What all metrics share: they are reset, take batches, and give one result at the end.

A metric keeps sums on the device of what it is given, and reads them only in compute(): a batch
costs no copy to the host. Its sums can be saved and put back, so that a run which was stopped in
the middle of an epoch goes on exactly. Read `classes.py` next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from autograd import DTypeError, Tensor, backend
from autograd.backend import Array


class Metric:
    """A quantity over all batches since the last reset().

    name: what a history calls it.  higher_is_better: which way a callback watches it; None leaves
    that to the name.
    A subclass names the attributes that hold its sums in `sums`, sets them to 0 in reset(), and
    defines update() and compute().
    """

    higher_is_better: ClassVar[bool | None] = True
    sums: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str) -> None:
        self.name = name
        self.reset()

    def reset(self) -> None:
        """Forgets all batches."""
        for attribute in self.sums:
            setattr(self, attribute, 0)

    def update(self, output: Any, target: Any) -> None:
        """Takes a batch: what the model gave, and what it should have given."""
        raise NotImplementedError(f"{type(self).__name__} has no update().")

    def compute(self) -> Any:
        """The result over all batches: a float, or an array on the host."""
        raise NotImplementedError(f"{type(self).__name__} has no compute().")

    def state_dict(self) -> dict[str, Any]:
        """The sums so far, on the host."""
        return {name: _saved(getattr(self, name)) for name in self.sums}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from sums that state_dict() gave. Raises KeyError if one is missing."""
        values = {name: state[name] for name in self.sums}
        for name, value in values.items():
            setattr(self, name, value.copy() if isinstance(value, np.ndarray) else value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r})"


class Mean(Metric):
    """The mean over all samples of what function(output, target) gives for each batch, a float
    for each: Σ nᵢ vᵢ / Σ nᵢ with nᵢ the samples of batch i.

    This is exact only where function is itself a mean over samples. nan before the first batch.
    """

    higher_is_better = None
    sums = ("total", "count")
    total: Any
    count: int

    def __init__(self, function: Callable[[Any, Any], Any], name: str | None = None) -> None:
        self.function = function
        own: str = getattr(function, "__name__", type(function).__name__.lower())
        super().__init__(name or own)

    def update(self, output: Any, target: Any) -> None:
        """Takes a batch of n samples, counted along the first axis."""
        value = self.function(output, target)
        data = value.data if isinstance(value, Tensor) else np.asarray(value)
        if data.size != 1:
            raise ValueError(
                f"the metric {self.name!r} gave shape {data.shape} for a batch; a metric is one "
                "number. Let the function return its mean."
            )
        shape = array_of(target).shape
        n = int(shape[0]) if shape else 1
        self.total = on_device(self.total, data) + data.reshape(()).astype("float64") * n
        self.count += n

    def compute(self) -> float:
        """The mean so far."""
        return quotient(self.total, self.count, math.nan)


def once(metric: Metric, output: Any, target: Any) -> Any:
    """What metric gives for one batch that is all there is."""
    metric.update(output, target)
    return metric.compute()


def array_of(value: Any) -> Array:
    """The array of a Tensor, an array, or a nest of lists. Raises DTypeError for what holds no
    numbers."""
    if isinstance(value, Tensor):
        return value.data
    array = value if backend.is_array(value) else np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise DTypeError(
            f"a metric was given {type(value).__name__} of dtype {array.dtype}, which holds no "
            "numbers. Give Tensors or arrays."
        )
    return array


def arrays_of(output: Any, target: Any) -> tuple[Array, Array]:
    """Both as arrays on output's device."""
    array = array_of(output)
    return array, on_device(array_of(target), array)


def on_device(value: Any, like: Array) -> Any:
    """value where like is: a loaded sum is on the host, a target may be too."""
    if backend.is_array(value) and backend.is_cupy(value) != backend.is_cupy(like):
        return backend.to_device(value, backend.device_of(like))
    return value


def quotient(numerator: Any, denominator: Any, undefined: float) -> float:
    """numerator / denominator as a Python float, and undefined for 0/0."""
    below = float(denominator)
    return float(numerator) / below if below else undefined


def _saved(value: Any) -> Any:
    """A sum as plain data: arrays on the host, copied; single numbers as Python's."""
    if not backend.is_array(value) and not isinstance(value, np.generic):
        return value
    host = backend.to_host(value)
    return host.item() if host.ndim == 0 else host.copy()
