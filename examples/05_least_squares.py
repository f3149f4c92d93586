"""The lecture's first model: a line through points, by gradient descent on the squared error.

    L(a, b) = 1/N Σ (a·x + b − y)²

The points lie around y = 2x + 1. Gradient descent ends at the line that the normal equations give:
y = 2.052 x + 1.004.
"""

import numpy as np

from autograd import Tensor, no_grad

STEPS, RATE = 2000, 0.1

rng = np.random.default_rng(0)
xs = rng.uniform(-1, 1, 50)
ys = 2 * xs + 1 + 0.2 * rng.standard_normal(50)

x, y = Tensor(xs), Tensor(ys)
a = Tensor(0.0, requires_grad=True, dtype="float64", name="a")
b = Tensor(0.0, requires_grad=True, dtype="float64", name="b")

for _ in range(STEPS):
    loss = ((a * x + b - y) ** 2).mean()
    a.grad = b.grad = None
    loss.backward()
    with no_grad():
        a -= RATE * a.grad
        b -= RATE * b.grad

exact = np.polyfit(xs, ys, 1)
print(f"normal equations: y = {exact[0]:.3f} x + {exact[1]:.3f}")
print(f"loss {loss:.4f}")
print(f"y = {a:.3f} x + {b:.3f}")
