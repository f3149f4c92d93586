"""The optimizers' formulas once more, as the papers write them: plain NumPy, nothing in place.

Each rule is a function of (θ, g, memory, t, options) that returns the new θ; memory is a dictionary
that begins empty, t counts from 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray
Rule = Callable[[Array, Array, dict[str, Array], int, dict[str, Any]], Array]


def ascent(g: Array, o: dict[str, Any]) -> Array:
    """The gradient to descend."""
    return -g if o.get("maximize") else g


def penalised(x: Array, g: Array, o: dict[str, Any]) -> Array:
    """That, with the gradient of the L2 penalty."""
    return ascent(g, o) + o.get("weight_decay", 0) * x


def sgd(x: Array, g: Array, memory: dict[str, Array], t: int, o: dict[str, Any]) -> Array:
    """Sutskever et al. (2013), in PyTorch's variant."""
    g, mu = penalised(x, g, o), o.get("momentum", 0)
    if not mu:
        return x - o["lr"] * g
    first = "v" not in memory
    memory["v"] = g if first else mu * memory["v"] + (1 - o.get("dampening", 0)) * g
    step = g + mu * memory["v"] if o.get("nesterov") else memory["v"]
    return x - o["lr"] * step


def adagrad(x: Array, g: Array, memory: dict[str, Array], t: int, o: dict[str, Any]) -> Array:
    """Duchi et al. (2011)."""
    g = penalised(x, g, o)
    memory["s"] = memory.get("s", o.get("initial_accumulator_value", 0)) + g**2
    rate = o["lr"] / (1 + (t - 1) * o.get("lr_decay", 0))
    return x - rate * g / (np.sqrt(memory["s"]) + o.get("eps", 1e-10))


def adadelta(x: Array, g: Array, memory: dict[str, Array], t: int, o: dict[str, Any]) -> Array:
    """Zeiler (2012)."""
    g, rho, eps = penalised(x, g, o), o.get("rho", 0.9), o.get("eps", 1e-6)
    memory["v"] = rho * memory.get("v", 0) + (1 - rho) * g**2
    step = np.sqrt((memory.get("u", 0) + eps) / (memory["v"] + eps)) * g
    memory["u"] = rho * memory.get("u", 0) + (1 - rho) * step**2
    return x - o.get("lr", 1.0) * step


def rmsprop(x: Array, g: Array, memory: dict[str, Array], t: int, o: dict[str, Any]) -> Array:
    """Tieleman and Hinton (2012); centered: Graves (2013)."""
    g, alpha = penalised(x, g, o), o.get("alpha", 0.99)
    memory["v"] = variance = alpha * memory.get("v", 0) + (1 - alpha) * g**2
    if o.get("centered"):
        memory["m"] = alpha * memory.get("m", 0) + (1 - alpha) * g
        variance = variance - memory["m"] ** 2
    step = g / (np.sqrt(variance) + o.get("eps", 1e-8))
    if o.get("momentum"):
        memory["b"] = step = o["momentum"] * memory.get("b", 0) + step
    return x - o["lr"] * step


def adam(x: Array, g: Array, memory: dict[str, Array], t: int, o: dict[str, Any]) -> Array:
    """Kingma and Ba (2015); amsgrad: Reddi et al. (2018), on the uncorrected v as PyTorch."""
    return _adam(x, penalised(x, g, o), memory, t, o)


def adamw(x: Array, g: Array, memory: dict[str, Array], t: int, o: dict[str, Any]) -> Array:
    """Loshchilov and Hutter (2019)."""
    return _adam(x - o["lr"] * o.get("weight_decay", 0.01) * x, ascent(g, o), memory, t, o)


def _adam(x: Array, g: Array, memory: dict[str, Array], t: int, o: dict[str, Any]) -> Array:
    beta1, beta2 = o.get("betas", (0.9, 0.999))
    memory["m"] = beta1 * memory.get("m", 0) + (1 - beta1) * g
    memory["v"] = v = beta2 * memory.get("v", 0) + (1 - beta2) * g**2
    if o.get("amsgrad"):
        memory["largest"] = v = np.maximum(memory.get("largest", 0), v)
    corrected = memory["m"] / (1 - beta1**t)
    return x - o["lr"] * corrected / (np.sqrt(v / (1 - beta2**t)) + o.get("eps", 1e-8))


def lion(x: Array, g: Array, memory: dict[str, Array], t: int, o: dict[str, Any]) -> Array:
    """Chen et al. (2023), algorithm 2."""
    g, (beta1, beta2) = ascent(g, o), o.get("betas", (0.9, 0.99))
    m = memory.get("m", np.zeros_like(x))
    memory["m"] = beta2 * m + (1 - beta2) * g
    direction = np.sign(beta1 * m + (1 - beta1) * g)
    return x - o["lr"] * (direction + o.get("weight_decay", 0) * x)
