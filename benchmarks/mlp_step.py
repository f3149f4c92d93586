"""What nn costs beyond the arithmetic: one training step of a 784-256-128-10 network, batch 64.

The step is forward, softmax cross-entropy, backward, SGD with momentum 0.9, in float32: once
through nn, once by hand in NumPy with its arrays made before. The two take turns, step by step, on
the same numbers, and their losses are compared. Times are of the CPU, on one thread, so
that what else runs on the machine does not count. The ratio to NumPy by hand is asked to be at most
1.3. Run it with `python benchmarks/mlp_step.py`; PyTorch is left out where it is not installed.
`--profile` shows where nn's time goes.
"""

from __future__ import annotations

import cProfile
import pstats
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
from overhead import machine

import nn
from autograd import Tensor, manual_seed

SIZES, BATCH, LR, MOMENTUM = (784, 256, 128, 10), 64, 0.01, 0.9
ROUNDS, WARM = 1500, 50
Step = Callable[[], float]


class ByHand:
    """The same network as one would write it in NumPy, with every large array made once."""

    def __init__(self, weights: list[np.ndarray], biases: list[np.ndarray]) -> None:
        self.w = [w.T.copy() for w in weights]
        self.b = [b.copy() for b in biases]
        self.x = [np.empty((BATCH, n), np.float32) for n in SIZES]
        self.dx = [np.empty((BATCH, n), np.float32) for n in SIZES]
        self.dw, self.vw, self.sw = ([np.zeros_like(w) for w in self.w] for _ in range(3))
        self.db, self.vb, self.sb = ([np.zeros_like(b) for b in self.b] for _ in range(3))
        self.rows = np.arange(BATCH)

    def step(self, batch: np.ndarray, labels: np.ndarray) -> float:
        """One step of training; the loss before it."""
        self.x[0] = batch
        last = len(self.w) - 1
        for i, (w, b) in enumerate(zip(self.w, self.b, strict=True)):
            z = np.matmul(self.x[i], w, out=self.x[i + 1])
            z += b
            if i < last:
                np.maximum(z, 0, out=z)
        z = self.x[-1]
        z -= z.max(axis=1, keepdims=True)
        p = np.exp(z, out=self.dx[-1])
        total = p.sum(axis=1, keepdims=True)
        loss = float((np.log(total[:, 0]) - z[self.rows, labels]).mean())
        p /= total
        p[self.rows, labels] -= 1
        p /= BATCH
        self.backward()
        self.update()
        return loss

    def backward(self) -> None:
        """Every gradient, from the gradient of the scores down."""
        for i in range(len(self.w) - 1, -1, -1):
            g = self.dx[i + 1]
            np.matmul(self.x[i].T, g, out=self.dw[i])
            g.sum(axis=0, out=self.db[i])
            if i > 0:
                below = np.matmul(g, self.w[i].T, out=self.dx[i])
                below *= self.x[i] > 0

    def update(self) -> None:
        """SGD with momentum."""
        for theta, g, v, spare in (
            *zip(self.w, self.dw, self.vw, self.sw, strict=True),
            *zip(self.b, self.db, self.vb, self.sb, strict=True),
        ):
            v *= MOMENTUM
            v += g
            np.multiply(v, LR, out=spare)
            theta -= spare


def by_hand(model: nn.Sequential, batch: np.ndarray, labels: np.ndarray) -> Step:
    """A step by hand, from a copy of the model's weights."""
    layers = [layer for layer in model if isinstance(layer, nn.Linear)]
    hand = ByHand([layer.weight.data for layer in layers], [layer.bias.data for layer in layers])
    return lambda: hand.step(batch, labels)


def network() -> nn.Sequential:
    """The network through nn."""
    a, b, c, d = SIZES
    return nn.Sequential(nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c), nn.ReLU(), nn.Linear(c, d))


def through_nn(model: nn.Sequential, batch: np.ndarray, labels: np.ndarray) -> Step:
    """A step through nn, on tensors as a data loader gives them."""
    optimizer = nn.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM)
    loss_of = nn.CrossEntropyLoss()
    x, y = Tensor(batch), Tensor(labels)

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        return float(loss)

    return step


def through_pytorch(model: nn.Sequential, batch: np.ndarray, labels: np.ndarray) -> Step | None:
    """The same step in PyTorch on one thread, or None where it is not installed."""
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed: `pip install torch` adds its row.")
        return None
    torch.set_num_threads(1)
    layers: list[torch.nn.Module] = []
    for layer in model:
        if isinstance(layer, nn.Linear):
            layers.append(torch.nn.Linear(layer.in_features, layer.out_features))
            layers[-1].weight.data = torch.tensor(layer.weight.data)
            layers[-1].bias.data = torch.tensor(layer.bias.data)
        else:
            layers.append(torch.nn.ReLU())
    theirs = torch.nn.Sequential(*layers)
    optimizer = torch.optim.SGD(theirs.parameters(), lr=LR, momentum=MOMENTUM)
    loss_of = torch.nn.CrossEntropyLoss()
    x, y = torch.tensor(batch), torch.tensor(labels)

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_of(theirs(x), y)
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


def steps() -> dict[str, tuple[Step, Step]]:
    """The step in each way, with one by hand that begins at the same weights."""
    manual_seed(0)
    rng = np.random.default_rng(0)
    batch = rng.random((BATCH, SIZES[0]), np.float32)
    labels = rng.integers(0, SIZES[-1], BATCH)
    model = network()
    theirs = through_pytorch(model, batch, labels)
    made = {"nn": (through_nn(model, batch, labels), by_hand(model, batch, labels))}
    if theirs is not None:
        made["PyTorch"] = (theirs, by_hand(model, batch, labels))
    return made


def one_thread() -> AbstractContextManager[Any]:
    """BLAS on one thread, where threadpoolctl can see to it."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        print("threadpoolctl is not installed: set OPENBLAS_NUM_THREADS=1.")
        return nullcontext()
    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits


def measure(way: Step, hand: Step) -> tuple[list[float], list[float]]:
    """The times of every step in one way and by hand, in microseconds, taking turns."""
    pair, losses = (way, hand), [0.0, 0.0]
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(WARM + ROUNDS):
        # Each in turn goes first: what goes before leaves its arrays in the cache.
        for which in (turn % 2, 1 - turn % 2):
            start = time.thread_time()
            losses[which] = pair[which]()
            if turn >= WARM:
                times[which].append((time.thread_time() - start) * 1e6)
        if turn < WARM and abs(losses[0] - losses[1]) > 1e-4:
            raise AssertionError(f"the two do not compute the same: losses {losses}")
    return times


def report(name: str, way: Step, hand: Step) -> None:
    """Prints the medians of one way and by hand, and of their ratio in each turn."""
    times, by_hand = measure(way, hand)
    ratio = statistics.median(a / b for a, b in zip(times, by_hand, strict=True))
    print(
        f"{name:20}{statistics.median(times):8.0f} µs a step, NumPy by hand"
        f"{statistics.median(by_hand):8.0f} µs: ratio {ratio:.2f}"
    )


def profile(step: Step) -> None:
    """The functions that take most of nn's step."""
    with cProfile.Profile() as watched:
        for _ in range(300):
            step()
    pstats.Stats(watched).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    print(machine())
    with one_thread():
        ways = steps()
        for name, (way, hand) in ways.items():
            report(name, way, hand)
        if "--profile" in sys.argv:
            profile(ways["nn"][0])
