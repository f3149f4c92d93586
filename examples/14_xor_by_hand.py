"""XOR with two layers of sigmoid units: the seven gradients derived by hand, beside autograd's.

    z₁ = W₁x + b₁,  h = σ(z₁),  z₂ = W₂h + b₂,  y = σ(z₂),  E = ½ Σ (y − t)²

Each step of the chain rule, from the output back, is one line below; all agree to 1e-12. Then the
net follows the gradients until it has learned what one unit cannot (12_perceptron.py): it answers
0.014, 0.987, 0.984 and 0.013, within 0.02 of the targets. Writes out/xor_graph.svg, the net with
one example going through, and out/xor_net.svg, the weights that it found.
Source: Rumelhart, Hinton and Williams, Learning representations by back-propagating errors (1986).
"""

from pathlib import Path

import numpy as np

import nn
import viz
from autograd import Tensor, manual_seed, set_default_dtype
from nn.optim import SGD

OUT = Path("out")
SEED, STEPS, RATE, MOMENTUM = 1, 1500, 0.5, 0.9

manual_seed(SEED)
set_default_dtype("float64")
x = Tensor(np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), name="x")
t = Tensor(np.array([[0.0], [1], [1], [0]]), name="t")
model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1), nn.Sigmoid())
hidden, output = model[0], model[2]


def energy(y: Tensor, t: Tensor) -> Tensor:
    """½ Σ (y − t)²."""
    return 0.5 * ((y - t) ** 2).sum()


# autograd: the same net step by step, keeping the gradients of what lies between
z1 = hidden(x)
h = z1.sigmoid()
z2 = output(h)
y = z2.sigmoid()
for between in (z1, z2, y):
    between.retain_grad()
energy(y, t).backward()

# by hand, in NumPy, with a row for each example
X, T, H, Y, W2 = x.data, t.data, h.data, y.data, output.weight.data
dy = Y - T
delta2 = dy * Y * (1 - Y)
delta1 = delta2 @ W2 * H * (1 - H)
gradients = [
    ("① ∂E/∂y  = y − t", dy, y),
    ("② δ₂     = ① · y(1 − y)", delta2, z2),
    ("③ ∂E/∂W₂ = δ₂ᵀ h", delta2.T @ H, output.weight),
    ("④ ∂E/∂b₂ = Σ δ₂", delta2.sum(axis=0), output.bias),
    ("⑤ δ₁     = δ₂ W₂ · h(1 − h)", delta1, z1),
    ("⑥ ∂E/∂W₁ = δ₁ᵀ x", delta1.T @ X, hidden.weight),
    ("⑦ ∂E/∂b₁ = Σ δ₁", delta1.sum(axis=0), hidden.bias),
]
for formula, by_hand, tensor in gradients:
    gap = abs(by_hand - tensor.grad.numpy()).max()
    print(f"{formula:<28} {by_hand.ravel()[:2].round(5)} …  gap {gap:.0e}")
    assert gap < 1e-12, formula

OUT.mkdir(exist_ok=True)
print(f"drawn to {viz.draw(energy(model(x[1:2]), t[1:2])).save(OUT / 'xor_graph.svg')}\n")

optimizer, losses = SGD(model.parameters(), lr=RATE, momentum=MOMENTUM), []
for _ in range(STEPS):
    optimizer.zero_grad()
    loss = energy(model(x), t)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(viz.curve({"E": losses}, height=7))
print(f"drawn to {viz.network(model).save(OUT / 'xor_net.svg')}")
answers = model(x).detach().numpy()
error = abs(answers - t.data).max()
print(f"answers {answers.ravel().round(3)}; gradients equal to 1e-12, answers to {error:.2f}")
