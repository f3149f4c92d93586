"""Widrow and Hoff's delta rule: a linear unit, compared with least squares; and a logistic unit.

    linear    y = w·x + b        Δw = η (t − y) x
    logistic  y = σ(w·x + b)     Δw = η (t − y) x  for the cross-entropy

The rule is gradient descent on ½(t − y)², one example at a time: by hand and by autograd it gives
the same. Over all examples it ends where the normal equations do, at 0.280·x₁ + 0.108·x₂ + 0.520.
The logistic unit has no closed form; gradient descent in 2000 steps and Newton's method in 7 end at
3.29·x₁ + 1.10·x₂ + 0.06, right for 91.5% of the examples. Writes out/delta_linear.svg and
out/delta_logistic.svg. Source: Widrow and Hoff, Adaptive switching circuits (1960).
"""

from pathlib import Path

import numpy as np

import nn
import viz
from autograd import manual_seed
from nn.optim import SGD, Newton

OUT = Path("out")
SEED, EACH, STEPS, RATE = 0, 100, 2000, 0.5

rng = np.random.default_rng(SEED)
manual_seed(SEED)
centres = np.array([[-1.0, -0.5], [1.0, 0.5]]).repeat(EACH, axis=0)
points = centres + 0.8 * rng.standard_normal((2 * EACH, 2))
targets = np.array([[0.0], [1.0]]).repeat(EACH, axis=0)


def formula(linear: nn.Linear, digits: int) -> str:
    """What a unit computes: "3.29·x₁ +1.10·x₂ +0.06"."""
    (w1, w2), b = linear.weight.data[0], linear.bias.data[0]
    return f"{w1:.{digits}f}·x₁ {w2:+.{digits}f}·x₂ {b:+.{digits}f}"


def learn(model: nn.Module, loss: nn.Module, optimizer: nn.optim.Optimizer) -> list[float]:
    """Gradient descent on all examples; the loss at each step."""
    seen = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        value = loss(model(points), targets)
        value.backward()
        optimizer.step()
        seen.append(value.item())
    return seen


linear = nn.Linear(2, 1, dtype="float64")
error = targets[0] - linear(points[0])
(error**2 / 2).sum().backward()
by_hand = RATE * error.item() * points[0]
gap = abs(by_hand + RATE * linear.weight.grad.numpy()[0]).max()
print(f"one example: Δw by hand {by_hand.round(4)}, by autograd the same but for {gap:.0e}")

OUT.mkdir(exist_ok=True)
curves = {"linear": learn(linear, nn.MSELoss(), SGD(linear.parameters(), lr=RATE / 2))}
columns = np.hstack([points, np.ones((2 * EACH, 1))])
exact = np.linalg.lstsq(columns, targets, rcond=None)[0][:, 0]
print(f"linear unit: {formula(linear, 3)}, normal equations {exact.round(3)}")
print(f"drawn to {viz.network(linear).save(OUT / 'delta_linear.svg')}\n")

logistic, loss = nn.Sequential(nn.Linear(2, 1, dtype="float64"), nn.Sigmoid()), nn.BCELoss()
curves["logistic"] = learn(logistic, loss, SGD(logistic.parameters(), lr=2 * RATE))
above = {name: np.clip(c - np.min(c), 1e-6, None)[:100] for name, c in curves.items()}
print(viz.curve(above, height=8, together=True, log=True, title="loss above its minimum"))
by_descent = formula(logistic[0], 2)
print(f"drawn to {viz.draw(loss(logistic(points), targets)).save(OUT / 'delta_logistic.svg')}")

logistic[0].reset_parameters()
newton, steps, before = Newton(logistic.parameters()), 0, np.inf
while (now := newton.step(lambda: loss(logistic(points), targets)).item()) < before - 1e-12:
    before, steps = now, steps + 1
print(
    f"logistic unit: {by_descent} by descent, {formula(logistic[0], 2)} by Newton's {steps} steps"
)
right = ((logistic(points).detach().numpy() > 0.5) == targets).mean()
print(f"linear {formula(linear, 3)}, logistic {formula(logistic[0], 2)}, {right:.1%} right")
