"""Measuring and predicting: a pass over the data in evaluation mode, without gradients.

The modes of all modules are as before afterwards, also after an error. Sums stay on the device, and
are read when the pass is over.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd import Tensor, backend, no_grad
from nn.training.batch_loss import loss_of_batch
from nn.training.feeding import inputs_alone, inputs_and_target, moved
from nn.training.snapshot import in_mode


class Totals:
    """The loss and the metrics over the batches so far.

    loss: the mean over samples, Σ nᵢ Lᵢ / Σ nᵢ of the batches' losses Lᵢ, summed in float64 on the
    device. For a loss with reduction="sum" it is Σ Lᵢ / Σ nᵢ.
    """

    def __init__(self, loss: Any, metrics: Sequence[Any]) -> None:
        self.metrics = [copy.deepcopy(metric) for metric in metrics]
        self.is_summed = getattr(loss, "reduction", None) == "sum"
        self.reset()

    def reset(self) -> None:
        """Forgets all batches."""
        self.total: Any = 0.0
        self.count = 0
        for metric in self.metrics:
            metric.reset()

    def add(self, loss: Any, output: Any, target: Any, n: int) -> None:
        """Takes a batch of n samples."""
        value = loss.data.reshape(()).astype("float64")
        self.total = self.total + (value if self.is_summed else value * n)
        self.count += n
        for metric in self.metrics:
            metric.update(output, target)

    def mean_loss(self) -> float:
        """The loss so far, read from the device; nan before the first batch."""
        return float(self.total) / self.count if self.count else float("nan")

    def compute(self) -> dict[str, Any]:
        """The loss and each metric so far, by name."""
        return {"loss": self.mean_loss()} | {m.name: m.compute() for m in self.metrics}

    def state_dict(self) -> dict[str, Any]:
        """The sums so far, as plain data."""
        metrics = [metric.state_dict() for metric in self.metrics]
        return {"total": float(self.total), "count": self.count, "metrics": metrics}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from sums that state_dict() gave."""
        self.total, self.count = float(state["total"]), int(state["count"])
        for metric, saved in zip(self.metrics, state["metrics"], strict=True):
            metric.load_state_dict(saved)


def measure(
    model: Any,
    loss: Any,
    metrics: Sequence[Any],
    loader: Iterable[Any],
    check: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """The loss and the metrics of model on the batches of loader, by name.

    check: called between batches, where it may raise. Raises ValueError if there is no batch.
    """
    totals, device = Totals(loss, metrics), device_of(model)
    with in_mode(model, False), no_grad():
        for batch in loader:
            inputs, target = inputs_and_target(batch)
            *inputs, target = moved([*inputs, target], device)  # type: ignore[assignment]  # a list now
            output = model(*inputs)
            totals.add(loss_of_batch(loss, output, target), output, target, len(inputs[0]))
            check()
    if not totals.count:
        raise ValueError("the data gave no batch, so nothing was measured. Check its length.")
    return totals.compute()


def predicted(model: Any, loader: Iterable[Any], with_targets: bool) -> Any:
    """model's outputs on all batches, joined along the first axis, on the host.

    with_targets: whether the last entry of a batch of several is a target, to be left out.
    A model that returns a tuple gives a tuple. Raises ValueError if there is no batch.
    """
    device, outputs = device_of(model), []
    with in_mode(model, False), no_grad():
        for batch in loader:
            output = model(*moved(inputs_alone(batch, with_targets), device))
            several = isinstance(output, tuple)
            outputs.append([_host(part) for part in (output if several else (output,))])
    if not outputs:
        raise ValueError("the data gave no batch, so nothing was predicted. Check its length.")
    joined = tuple(np.concatenate(parts) for parts in zip(*outputs, strict=True))
    return joined if several else joined[0]


def device_of(model: Any) -> str | None:
    """Where model's parameters are; None if it has none."""
    return next((p.device for _, p in model.named_parameters()), None)


def _host(output: Any) -> Any:
    return backend.to_host(output.data) if isinstance(output, Tensor) else np.asarray(output)
