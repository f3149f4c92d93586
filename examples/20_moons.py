"""Two moons, told apart by nets of one, two and three layers, each trained in two lines.

    model.compile(optimizer=..., loss="bce_with_logits", metrics=["accuracy"])
    history = model.fit(x, y, epochs=...)

One layer can only cut the plane along a line, and gets 84.0% of 400 new points right. Two layers
bend the line and get 98.0%, three 98.2%: where the shape is right and only the noise is left, more
layers gain nothing. Writes out/moons.svg, the regions, out/moons_loss.svg, and out/moons_net.svg,
the net of two layers.
"""

from functools import partial
from pathlib import Path

import numpy as np

import nn
import viz
from autograd import manual_seed, set_default_dtype

OUT = Path("out")
SEED, EACH, NOISE = 0, 200, 0.15
WIDTH, EPOCHS, BATCH, RATE = 8, 60, 32, 0.02


def moons() -> tuple[np.ndarray, np.ndarray]:
    """EACH points on each of two half circles that reach into one another, with noise: (N, 2), and
    the moon, 0 or 1, of each: (N, 1)."""
    angles = rng.uniform(0, np.pi, (2, EACH))
    upper = np.stack([np.cos(angles[0]), np.sin(angles[0])], axis=1)
    lower = np.stack([1 - np.cos(angles[1]), 0.5 - np.sin(angles[1])], axis=1)
    points = np.vstack([upper, lower]) + NOISE * rng.standard_normal((2 * EACH, 2))
    return points, np.repeat([[0], [1]], EACH, axis=0)


def net(layers: int) -> nn.Sequential:
    """A net of so many layers, whose output is above 0 for the lower moon."""
    model, inputs = nn.Sequential(), 2
    for _ in range(layers - 1):
        model.add(nn.Linear(inputs, WIDTH)).add(nn.Tanh())
        inputs = WIDTH
    return model.add(nn.Linear(inputs, 1))


rng = np.random.default_rng(SEED)
manual_seed(SEED)
set_default_dtype("float64")
(x, y), (new_x, new_y) = moons(), moons()
models = {"one layer": net(1), "two layers": net(2), "three layers": net(3)}
histories, accuracies = {}, {}
adam = partial(nn.optim.Adam, lr=RATE)
for name, model in models.items():
    model.compile(optimizer=adam, loss="bce_with_logits", metrics=["accuracy"])
    histories[name] = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=False)
    accuracies[name] = model.evaluate(new_x, new_y)["accuracy"]

OUT.mkdir(exist_ok=True)
regions = viz.boundary(models, new_x, new_y, threshold=0, classes=("upper", "lower"), width=48)
print(regions)
print(f"drawn to {regions.save(OUT / 'moons.svg')}\n")
curve = viz.curve({name: h["loss"] for name, h in histories.items()}, together=True, title="loss")
print(curve)
print(f"drawn to {curve.save(OUT / 'moons_loss.svg')}")
print(f"drawn to {viz.network(models['two layers']).save(OUT / 'moons_net.svg')}")
print("new points right: " + ", ".join(f"{name} {a:.1%}" for name, a in accuracies.items()))
