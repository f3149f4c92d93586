"""Out of a local minimum that holds gradient descent: simulated annealing and a genetic algorithm.

    wells  L(x) = (x² − 1)² + 0.3x       dents  L(x) = Σ 10 + xᵢ² − 10 cos 2πxᵢ  (Rastrigin)

From x = 1 descent rolls into the shallow well and stays, at a loss of 0.294. Annealing jumps the
wall while it is hot, and ends at -0.305 in the deep one, as does the genetic algorithm. Among the
dents, one at each whole number, descent from (3, −2) ends at 12.934; annealing at 0.013 and the
genetic algorithm at 0.002 are in the deepest, at 0. At last the genetic algorithm teaches XOR to a
net of step units, which has no gradient at all: 0 wrong. Writes out/search_dents.svg and
out/search_xor.svg. Source: Kirkpatrick, Gelatt and Vecchi (1983); Holland (1975).
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

import nn
import viz
from autograd import Tensor, manual_seed, ops, set_default_dtype
from nn.optim import SGD, GeneticAlgorithm, SimulatedAnnealing

OUT = Path("out")
SEED, STEPS = 1, 300
STARTS = {"wells": [1.0], "dents": [3.0, -2.0]}
POINTS, XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])


def loss_at(x: Tensor, name: str) -> Tensor:
    """The height of the landscape at x."""
    wells, dents = (x * x - 1) ** 2 + 0.3 * x, 10 + x * x - 10 * ops.cos(2 * np.pi * x)
    return (wells if name == "wells" else dents).sum()


def descend(loss_of: Callable[[], Tensor], parameters: Iterable[Tensor]) -> list[float]:
    """The losses of gradient descent."""
    optimizer, losses = SGD(parameters, lr=0.004), []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss_of().backward()
        optimizer.step()
        losses.append(loss_of().item())
    return losses


def anneal(loss_of: Callable[[], Tensor], parameters: Iterable[Tensor]) -> list[float]:
    """The losses of the walk, and at last the best, whose parameters are put back."""
    optimizer = SimulatedAnnealing(parameters, lr=0.5, temperature=5.0, cooling=0.97)
    losses = [optimizer.step(loss_of) for _ in range(STEPS - 1)]
    optimizer.restore_best()
    return [*losses, optimizer.best_loss]


def evolve(loss_of: Callable[[], Tensor], parameters: Iterable[Tensor]) -> list[float]:
    """The lowest loss of each generation."""
    optimizer = GeneticAlgorithm(parameters, lr=0.3, mutation_rate=0.3, spread=2.0)
    return [optimizer.step(loss_of) for _ in range(STEPS // 5)]


OUT.mkdir(exist_ok=True)
set_default_dtype("float64")
ends = []
for name, start in STARTS.items():
    curves = {}
    for way in (descend, anneal, evolve):
        manual_seed(SEED)
        x = Tensor(start, requires_grad=True, name="x")
        curves[way.__name__] = way(lambda x=x, name=name: loss_at(x, name), [x])
        print(f"{name}: {way.__name__} ends at x = {x.data.round(2)}")
    print(viz.curve(curves, together=True, height=9, title=name))
    ends.append(f"{name} " + ", ".join(f"{c[-1]:.3f}" for c in curves.values()))
print(f"drawn to {viz.draw(loss_at(x, name)).save(OUT / 'search_dents.svg')}\n")

manual_seed(SEED)
model = nn.Sequential(nn.Linear(2, 2), nn.Step(), nn.Linear(2, 1), nn.Step())
wrong = evolve(lambda: (model(POINTS) - XOR).abs().sum(), model.parameters())[-1]
print(viz.network(model), f"drawn to {viz.network(model).save(OUT / 'search_xor.svg')}", sep="\n")
print(f"descent, annealing, evolution: {'; '.join(ends)}; XOR by evolution {wrong:.0f} wrong")
