"""Small modules that the tests of nn share."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from autograd import Tensor, ops


class Affine(nn.Module):
    """y = x @ wᵀ + b, with weights that count up."""

    def __init__(self, inputs: int, outputs: int) -> None:
        self.inputs, self.outputs = inputs, outputs
        weight = np.arange(inputs * outputs, dtype="float32").reshape(outputs, inputs)
        self.weight = nn.Parameter(weight / 10)
        self.bias = nn.Parameter(np.ones(outputs, "float32"))

    def forward(self, x: Any) -> Tensor:
        return ops.linear(x, self.weight) + self.bias

    def extra_repr(self) -> str:
        return f"{self.inputs} to {self.outputs}"


class Net(nn.Module):
    """Two affine layers with a relu between, and a buffer."""

    def __init__(self, hidden: int = 4, scale: float = 2.0) -> None:
        self.fc1 = Affine(3, hidden)
        self.fc2 = Affine(hidden, 2)
        self.register_buffer("seen", Tensor([0.0, 0.0]))
        self.scale = scale

    def forward(self, x: Any) -> Tensor:
        hidden = self.fc1(x).relu()
        return self.fc2(hidden) * self.scale
