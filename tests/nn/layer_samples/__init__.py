"""One list of samples per family of layers: what every check of `test_layers_registry.py` runs on.

A module here is named after the file of `nn/` whose layers it covers, and holds `SAMPLES`. A layer
without a sample fails the suite.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class LayerSample:
    """One call of one layer.

    layer: its class's name in nn.  inputs: float64 arrays to differentiate at, away from kinks;
    integer arrays are passed on as they are.  settings: the constructor's arguments.  label: tells
    samples of one layer apart.  training: the mode that it is called in.
    twin: PyTorch's class, the same name if ""; None where it has none.  twin_settings: its
    constructor's arguments where they differ.
    is_differentiable: whether any gradient flows.  is_random: whether outputs are drawn, so that
    only the repr can be compared with PyTorch.  copies: how many reads from the device are right.
    """

    layer: str
    inputs: tuple[Any, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    training: bool = True
    twin: str | None = ""
    twin_settings: Mapping[str, Any] | None = None
    is_differentiable: bool = True
    is_random: bool = False
    copies: int = 0

    def __str__(self) -> str:
        shapes = ",".join("x".join(map(str, np.shape(x))) or "scalar" for x in self.inputs)
        extra = ",".join(f"{k}={v}" for k, v in self.settings.items())
        return f"{self.layer}[{self.label or shapes}{';' + extra if extra else ''}]"


def all_samples() -> list[LayerSample]:
    """The samples of all modules of this package."""
    found: list[LayerSample] = []
    for module in pkgutil.iter_modules(__path__):
        found += importlib.import_module(f"{__name__}.{module.name}").SAMPLES
    return found
