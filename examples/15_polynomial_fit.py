"""Polynomials through ten noisy points of sin 2πx: degree 3, degree 9, and degree 9 held back.

    minimise βE + αC,   E = ½ Σ (y(x) − t)²,   C = ½ Σ w²,   β = 1/0.3², the noise's precision

Degree 9 goes through every point and is wrong between them: on 100 new points it errs by 0.662,
where degree 3 errs by 0.425. With weight decay, α = 0.01, it errs by 0.424, as its weights stay
small. The error on new points first falls and then rises, unless decay holds it. L-BFGS finds the
weights of the closed form, w = (βΦᵀΦ + αI)⁻¹ βΦᵀt, to 1e-4. Writes out/polynomial.svg.
Source: Bishop, Pattern Recognition and Machine Learning (2006), §1.1.
"""

from pathlib import Path

import numpy as np

import nn
import viz
from autograd import Tensor, manual_seed, set_default_dtype
from nn.optim import LBFGS

OUT = Path("out")
SEED, NOISE, STEPS = 2, 0.3, 120
FITS = {"M=3": (3, 0.0), "M=9": (9, 0.0), "M=9 with decay": (9, 0.01)}
BETA = 1 / NOISE**2

set_default_dtype("float64")
manual_seed(SEED)
rng = np.random.default_rng(SEED)
grid, train_x, new_x = np.linspace(0, 1, 64), np.linspace(0, 1, 10), rng.uniform(0, 1, 100)
train_t = np.sin(2 * np.pi * train_x) + NOISE * rng.standard_normal(len(train_x))
new_t = np.sin(2 * np.pi * new_x) + NOISE * rng.standard_normal(len(new_x))


def powers(x: np.ndarray, degree: int) -> np.ndarray:
    """The powers of 2x − 1, (N, degree); on [−1, 1] they are less alike than on [0, 1]."""
    return (2 * x[:, None] - 1) ** np.arange(1, degree + 1)


def objective(model: nn.Linear, alpha: float) -> Tensor:
    """βE + αC on the training points."""
    y = model(powers(train_x, model.in_features))[:, 0]
    decay = sum((w * w).sum() for w in model.parameters())
    return BETA * 0.5 * ((y - train_t) ** 2).sum() + alpha * 0.5 * decay


def fit(model: nn.Linear, alpha: float) -> list[float]:
    """Fits by L-BFGS, one iteration a step; the root mean square error on new points after each."""
    options = {"max_iter": 1, "max_eval": 25, "tolerance_grad": 1e-11, "tolerance_change": 1e-16}
    optimizer = LBFGS(model.parameters(), line_search_fn="strong_wolfe", **options)
    new, errors = powers(new_x, model.in_features), []

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = objective(model, alpha)
        loss.backward()
        return loss

    for _ in range(STEPS):
        optimizer.step(closure)
        errors.append(np.sqrt(((model(new).data[:, 0] - new_t) ** 2).mean()))
    return errors


OUT.mkdir(exist_ok=True)
curves, shapes = {}, {}
for name, (degree, alpha) in FITS.items():
    model = nn.Linear(degree, 1)
    curves[name] = fit(model, alpha)
    shapes[name] = model(powers(grid, degree)).data[:, 0]
    phi = np.hstack([powers(train_x, degree), np.ones((len(train_x), 1))])
    exact = np.linalg.solve(BETA * phi.T @ phi + alpha * np.eye(degree + 1), BETA * phi.T @ train_t)
    found = np.append(model.weight.data, model.bias.data)
    assert abs(found - exact).max() < 1e-4 * abs(exact).max()
    print(
        f"{name:<15} largest weight {abs(found).max():5.1f}, in closed form {abs(exact).max():5.1f}"
    )
print(viz.curve(shapes, steps=grid, together=True, title="y(x)"))
print(viz.curve(curves, together=True, title="error on new points, by iteration"))
print(f"drawn to {viz.draw(objective(model, alpha)).save(OUT / 'polynomial.svg')}")
print("error on new points: " + ", ".join(f"{name} {c[-1]:.3f}" for name, c in curves.items()))
