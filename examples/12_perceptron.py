"""Rosenblatt's perceptron and its rule: AND and OR are learned, XOR goes round in a circle.

    ŷ = step(w·x + b),   w ← w + (t − ŷ) · x,   b ← b + (t − ŷ)

The rule corrects the weights where the answer is wrong, and comes to an end if one line separates
the classes. From weights of zero AND is learned in 6 epochs and OR in 4. For XOR there is no such
line: the weights come back to what they were after every 4 corrections, for ever. Writes
out/perceptron_and.svg, out/perceptron_or.svg and out/perceptron_xor.svg.
Source: Rosenblatt, The perceptron (1958); Minsky and Papert, Perceptrons (1969), for XOR.
"""

from pathlib import Path

import numpy as np

import nn
import viz
from autograd import no_grad

OUT = Path("out")
MOST_EPOCHS = 50
POINTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
TARGETS = {"AND": (0, 0, 0, 1), "OR": (0, 1, 1, 1), "XOR": (0, 1, 1, 0)}


def perceptron() -> nn.Sequential:
    """One unit with weights of zero, whose answer is 0 or 1."""
    linear = nn.Linear(2, 1)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    return nn.Sequential(linear, nn.Step())


def line(model: nn.Sequential) -> str:
    """The line on one side of which the answer is 1: "2·x₁ + 1·x₂ − 2"."""
    w1, w2, b = (*model[0].weight.data[0], *model[0].bias.data)
    return f"{w1:.0f}·x₁ {w2:+.0f}·x₂ {b:+.0f}"


def epoch(model: nn.Sequential, targets: tuple[int, ...]) -> list[str]:
    """Shows each point once and corrects wrong answers; returns the line after each correction."""
    linear, corrected = model[0], []
    for x, target in zip(POINTS, targets, strict=True):
        with no_grad():
            delta = target - model(x)
            linear.weight += delta * x
            linear.bias += delta
        if delta.item():
            corrected.append(line(model))
    return corrected


def teach(model: nn.Sequential, targets: tuple[int, ...]) -> tuple[int, list[str]]:
    """Epochs until all is right or comes back, and the corrections of the last epoch."""
    seen = {line(model)}
    for number in range(1, MOST_EPOCHS + 1):
        corrected = epoch(model, targets)
        print(f"  epoch {number}: {' → '.join(corrected) or 'all right'}")
        if not corrected or line(model) in seen:
            return number, corrected
        seen.add(line(model))
    return MOST_EPOCHS, corrected


OUT.mkdir(exist_ok=True)
found = {}
for name, targets in TARGETS.items():
    print(f"{name}: {targets} wanted")
    model = perceptron()
    found[name], circle = teach(model, targets)
    with no_grad():
        answers = tuple(int(model(x).item()) for x in POINTS)
    print(f"  {answers} given by {line(model)} > 0")
    print(f"  drawn to {viz.network(model).save(OUT / f'perceptron_{name.lower()}.svg')}")

print(f"AND in {found['AND']} epochs, OR in {found['OR']}, XOR repeats {len(circle)} corrections")
