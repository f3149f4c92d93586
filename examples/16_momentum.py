"""Momentum against plain gradient descent: in a long narrow valley, and in a small net.

    plain  x ← x − ηg           momentum  v ← μv + g,  x ← x − ηv

In the valley ½(x² + 100y²) plain descent needs 488 steps until the loss is below 1e-6; momentum of
0.8, at the same η, needs 85: the steep walls bound η, and momentum adds up the small steps along
the floor. A net on 8×8 digits, from the same weights and with the same batches and η, has a loss of
1.337 after 10 epochs without, and of 0.265 with momentum. Writes out/momentum_net.svg.
Source: Polyak, Some methods of speeding up the convergence of iteration methods (1964).
"""

from pathlib import Path

import numpy as np

import nn
import viz
from autograd import Tensor, manual_seed
from nn.data import DataLoader, Digits
from nn.optim import SGD

OUT = Path("out")
SEED, CURVATURE, LOW, EPOCHS, BATCH = 0, 100.0, 1e-6, 10, 32
WAYS = {"plain": 0.0, "momentum": 0.8}
VALLEY_RATE, NET_RATE = 1.8 / CURVATURE, 0.02  # from 2 / curvature on, descent flies apart


def go_down(momentum: float) -> tuple[np.ndarray, list[float]]:
    """The places (steps, 2) and losses on the way down the valley."""
    place = Tensor([10.0, 1.0], requires_grad=True, dtype="float64", name="x, y")
    curvatures = Tensor([1.0, CURVATURE], dtype="float64")
    optimizer, places, losses = SGD([place], lr=VALLEY_RATE, momentum=momentum), [], [np.inf]
    while losses[-1] >= LOW:
        optimizer.zero_grad()
        loss = 0.5 * (curvatures * place * place).sum()
        loss.backward()
        places.append(place.data.copy())
        losses.append(loss.item())
        optimizer.step()
    return np.array(places), losses[1:]


def train(momentum: float) -> tuple[nn.Sequential, list[float]]:
    """A net on the digits, and its mean loss in each epoch."""
    manual_seed(SEED)
    model = nn.Sequential(nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10))
    loss_of, losses = nn.CrossEntropyLoss(), []
    optimizer = SGD(model.parameters(), lr=NET_RATE, momentum=momentum)
    loader = DataLoader(Digits(flat=True), BATCH, shuffle=True, seed=SEED)
    for _ in range(EPOCHS):
        total = 0.0
        for images, labels in loader:
            optimizer.zero_grad()
            loss = loss_of(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        losses.append(total / len(loader.dataset))
    return model, losses


OUT.mkdir(exist_ok=True)
valley = {name: go_down(momentum) for name, momentum in WAYS.items()}
paths = {name: places[:14] for name, (places, _) in valley.items()}
across, along = ({name: path[:, i] for name, path in paths.items()} for i in (1, 0))
print(viz.curve(across, steps=along, together=True, title="y over x, the first 14 steps"))
print(viz.curve({name: c for name, (_, c) in valley.items()}, together=True, log=True, height=8))

nets = {name: train(momentum) for name, momentum in WAYS.items()}
print(viz.curve({name: c for name, (_, c) in nets.items()}, together=True, height=8))
model, _ = nets["momentum"]
print(f"drawn to {viz.network(model, max_units=6).save(OUT / 'momentum_net.svg')}")
steps = " and ".join(f"{len(losses) - 1} {name}" for name, (_, losses) in valley.items())
last = " and ".join(f"{losses[-1]:.3f} {name}" for name, (_, losses) in nets.items())
print(f"steps in the valley: {steps}; loss of the net: {last}")
