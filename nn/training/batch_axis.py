"""One sample where many are wanted: an array of one axis that goes into a layer of weights.

Cut into batches along that axis, it would give errors about shapes that nobody wrote, or an answer
that nobody asked for.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError
from nn.flatten import Unflatten
from nn.linear import Linear


def check_batch_axis(model: Any, x: Any) -> None:
    """Raises ShapeError if x has one axis, and the model's first layer of weights is a Linear that
    x goes straight into, or has just as many inputs as x has numbers."""
    if isinstance(x, tuple) and len(x) == 1:
        (x,) = x
    if isinstance(x, tuple):
        return
    shape = x.shape if hasattr(x, "shape") else np.shape(x)
    first, is_straight = _first_layer(model)
    if len(shape) != 1 or not isinstance(first, Linear):
        return
    n, inputs = int(shape[0]), first.in_features
    if not is_straight and (inputs != n or n == 1):
        return
    layer = f"{type(first).__name__} of {inputs} inputs" if inputs else type(first).__name__
    if inputs == 1:
        what, remedy = f"{n} samples without an axis for the one feature", "Use x[:, None]."
    elif inputs in (0, n):
        what, remedy = "one sample without a batch axis", "Use x[None]."
        remedy += "" if inputs else " If it is many samples of one feature, use x[:, None]."
    else:
        what, remedy = "one axis where two are needed", f"Give x of shape (N, {inputs})."
    raise ShapeError(f"x is ({n},), {what}, and it goes into a {layer}. {remedy}")


def _first_layer(model: Any) -> tuple[Any, bool]:
    """The first module with parameters of its own, or None; and whether it surely gets what the
    model is given, but for layers that act on each number."""
    is_straight = True
    for _, module in model.named_modules():
        kind = type(module)
        if next(iter(module.named_parameters(recurse=False)), None) is not None:
            return module, is_straight
        if isinstance(module, Unflatten):  # makes an axis
            return None, False
        is_straight &= kind.__module__.partition(".")[0] == "nn"
    return None, False
