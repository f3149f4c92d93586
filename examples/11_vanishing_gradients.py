"""Twelve layers on real digits: why sigmoid nets of that depth do not learn, and ReLU nets do.

    h ← σ(h·W + b):   the gradient shrinks by σ' ≤ 1/4 at every layer on its way back

One batch of the UCI optical digits, weights as Xavier (2010) draws them for sigmoid and He (2015)
for relu. An element of the first layer's gradient, as a share of one of the twelfth's: 2e-07
with sigmoid, 2 with relu. Writes out/vanishing_sigmoid.svg and out/vanishing_relu.svg.
Source: the lecture on activation functions; Glorot and Bengio (2010), He et al. (2015).
"""

from pathlib import Path

import numpy as np

import viz
from autograd import Tensor, keep_values, ops, scope
from viz.check import check

OUT = Path("out")
LAYERS, WIDTH, BATCH = 12, 64, 256

digits = np.load(Path(__file__).parent / "data" / "optdigits.npz")
images = Tensor((digits["images"][:BATCH].reshape(-1, 64) / 16).astype(np.float32), name="images")
labels = Tensor(digits["labels"][:BATCH].astype(np.int64), name="labels")


def loss_of(activation: object, variance: float) -> Tensor:
    """The cross-entropy of a net with that activation, whose weights have variance / width."""
    rng = np.random.default_rng(0)

    def layer(name: str, h: Tensor, outputs: int) -> Tensor:
        """h·W + b in a scope of its own, and the activation unless it is the last."""
        weights = rng.standard_normal((WIDTH, outputs)) * np.sqrt(variance / WIDTH)
        with scope(name, f"{WIDTH} → {outputs}"):
            w = Tensor(weights.astype(np.float32), requires_grad=True, name=f"{name}.W")
            b = Tensor(np.zeros(outputs, np.float32), requires_grad=True, name=f"{name}.b")
            z = h @ w + b
            return activation(z) if outputs == WIDTH else z

    h = images
    for i in range(1, LAYERS + 1):
        h = layer(f"layer{i}", h, WIDTH)
    return ops.cross_entropy(layer("scores", h, 10), labels)


OUT.mkdir(exist_ok=True)
shares = {}
for name, activation, variance in (("sigmoid", ops.sigmoid, 1.0), ("relu", ops.relu, 2.0)):
    with keep_values():  # so that the check sees every value
        loss = loss_of(activation, variance)
    loss.name = f"{name} loss"
    report = check(loss)
    print(report, end="\n\n")
    first, last = report.layers[0], report.layers[LAYERS - 1]
    shares[name] = first.typical / last.typical
    path = OUT / f"vanishing_{name}.svg"
    print(f"drawn to {viz.draw(loss, depth=0, direction='TB').save(path)}\n")

print(", ".join(f"{name} {share:.1g}" for name, share in shares.items()))
