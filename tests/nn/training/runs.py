"""Small runs of training that the tests of this folder share."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
import nn
from nn.data import DataLoader, TensorDataset
from nn.optim.lr_scheduler import StepLR
from nn.training import Callback


def samples(n: int = 48, seed: int = 0) -> tuple[Any, Any]:
    """n points (n, 4) in float32, and which of three classes each is of."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)).astype("float32")
    return x, (x[:, 0] > 0).astype("int64") + (x[:, 1] > 0)


def network(seed: int = 1) -> nn.Module:
    """A model with all that a state must hold: weights, running statistics, random masks."""
    autograd.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3)
    )


def loader(prefetch: int = 0, n: int = 48) -> DataLoader:
    """Six shuffled batches of eight."""
    return DataLoader(TensorDataset(*samples(n)), 8, shuffle=True, prefetch=prefetch)


def trainer(model: Any = None, callbacks: Any = (), **settings: Any) -> nn.Trainer:
    """A Trainer with Adam, a scheduler and metrics."""
    return nn.Trainer(
        model or network(),
        "cross_entropy",
        settings.pop("optimizer", "adam"),
        settings.pop("metrics", ["accuracy", "f1"]),
        callbacks,
        scheduler=settings.pop("scheduler", lambda optimizer: StepLR(optimizer, 1, 0.5)),
        **settings,
    )


def linear(values: Any = ((0.0, 0.0),)) -> nn.Linear:
    """A linear unit without bias, with given weights."""
    unit = nn.Linear(len(values[0]), len(values), bias=False)
    unit.load_state_dict({"weight": np.asarray(values, "float32")})
    return unit


def all_numbers(state: Any, path: str = "") -> dict[str, Any]:
    """Every number and array of a nest, by path, for a comparison to the last bit."""
    if isinstance(state, dict):
        items = [(str(key), value) for key, value in state.items()]
    elif isinstance(state, list | tuple):
        items = [(str(i), value) for i, value in enumerate(state)]
    else:
        data = state.data if isinstance(state, autograd.Tensor) else state
        return {path: data.tobytes() if isinstance(data, np.ndarray) else repr(data)}
    return {k: v for key, value in items for k, v in all_numbers(value, f"{path}/{key}").items()}


def scripted(values: list[float], callback: Callback, name: str = "val_loss", **fit: Any) -> Any:
    """A run whose epochs measure the given values, and whose weight grows by 1 an epoch."""

    class Say(Callback):
        """Replaces what was measured."""

        def on_epoch_end(self, run: Any) -> None:
            """Writes the value for the epoch."""
            run.logs[name] = values[run.epoch - 1]

    model = nn.Sequential(linear([[0.0]]), nn.BatchNorm1d(1))

    class Add(nn.optim.SGD):
        """Adds 1 to each parameter."""

        def update(self, xp: Any, group: Any, state: Any, x: Any, g: Any, *scratch: Any) -> None:
            """x + 1."""
            x += 1

    run = nn.Trainer(model, "mse", Add, callbacks=[Say(), callback])
    batch = (np.ones((2, 1), "float32"), np.zeros((2, 1), "float32"))
    run.fit([batch], epochs=len(values), **fit)
    return run
