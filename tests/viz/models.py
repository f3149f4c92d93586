"""Small models for tests of what viz says of models, with weights that are known."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn


def filled(model: Any, *arrays: Any) -> Any:
    """model, its parameters set to these arrays in their order."""
    for parameter, array in zip(model.parameters(), arrays, strict=True):
        parameter.data[...] = np.asarray(array)
    return model


def xor() -> nn.Sequential:
    """The lecture's net for exclusive or: OR and NAND, and AND of both."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1), nn.Sigmoid())
    return filled(model, [[20, 20], [-20, -20]], [-10, 30], [[20, 20]], [-30])


def digits_net(seed: int = 0) -> nn.Sequential:
    """25-3-3-10, sigmoid and softmax: the lecture's net for 5×5 images of digits."""
    layers = (nn.Linear(25, 3), nn.Sigmoid(), nn.Linear(3, 3), nn.Sigmoid(), nn.Linear(3, 10))
    model = nn.Sequential(*layers, nn.Softmax(dim=-1))
    random = np.random.default_rng(seed)
    return filled(model, *(random.normal(size=p.shape) for p in model.parameters()))
