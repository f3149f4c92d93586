"""An affine layer and a sigmoid as matrices, with the gradients that the textbook derives by hand.

    Y = X·W + B,  Z = σ(Y):   dY = dZ·Z·(1 − Z),  dX = dY·Wᵀ,  dW = Xᵀ·dY,  dB = Σ dY over the batch

The last line is the largest difference between the hand-derived gradients and ours: below 1e-12.
Source: Saito, Deep Learning from Scratch (2016), §5.5 and §5.6.
"""

import numpy as np

import viz
from autograd import Tensor

rng = np.random.default_rng(0)
X = Tensor(rng.standard_normal((4, 2)), requires_grad=True, name="X")
W = Tensor(rng.standard_normal((2, 3)), requires_grad=True, name="W")
B = Tensor(rng.standard_normal(3), requires_grad=True, name="B")

Z = (X @ W + B).sigmoid()
loss = Z.sum()
loss.name = "L"
loss.backward()

x, w, z = X.detach().numpy(), W.detach().numpy(), Z.detach().numpy()
dY = z * (1 - z)
by_hand = {"X": dY @ w.T, "W": x.T @ dY, "B": dY.sum(axis=0)}

print(viz.draw(loss).to_text())
differences = []
for tensor in (X, W, B):
    difference = np.abs(tensor.grad.numpy() - by_hand[tensor.name]).max()
    differences.append(difference)
    print(f"d{tensor.name} {tensor.grad.shape}: largest difference {difference:.1e}")
print(f"within 1e-12: {max(differences) < 1e-12}")
