"""Names of torch.nn that are not here: each is answered with what there is instead.

`nn` and `nn.functional` ask here for a name that they lack. A layer that is added later has its
entry taken out.
"""

from __future__ import annotations

import sys

from autograd import ops

__all__: list[str] = []

_LOOP = "Write its step with nn.Linear layers and tanh or sigmoid, and loop over time in forward()"
_ATTENTION = "softmax(q @ k.swapaxes(-1, -2) / √d) @ v, on layers of nn.Linear, is attention"

_OPERATIONS = {
    **{f"Conv{n}d": f"conv{n}d" for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": f"conv_transpose{n}d" for n in (1, 2, 3)},
    **{f"MaxPool{n}d": f"max_pool{n}d" for n in (1, 2)},
    **{f"AvgPool{n}d": f"avg_pool{n}d" for n in (1, 2)},
    **{f"AdaptiveAvgPool{n}d": f"adaptive_avg_pool{n}d" for n in (1, 2)},
    **{f"{kind}Pad{n}d": "pad" for kind in ("Zero", "Constant", "Reflection") for n in (1, 2, 3)},
    "Fold": "fold",
    "Unfold": "unfold",
}
"""Layers whose operation is in `autograd.ops`."""

_REMEDIES = {
    **dict.fromkeys(("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"), _LOOP),
    "MultiheadAttention": _ATTENTION,
    "Transformer": _ATTENTION,
    "EmbeddingBag": "nn.Embedding(n, d)(x).mean(axis=1) is its mode 'mean'",
    "InstanceNorm1d": "nn.GroupNorm(C, C) is the same, without running statistics",
    "InstanceNorm2d": "nn.GroupNorm(C, C) is the same, without running statistics",
    "InstanceNorm3d": "nn.GroupNorm(C, C) is the same, without running statistics",
    "Softmax2d": "nn.Softmax(dim=1) is the same",
    "DataParallel": "A model runs on one device: model.to('cuda')",
    "Buffer": "Use self.register_buffer(name, tensor)",
}
"""Other layers, and what to do."""

_MODULES = {
    "utils": "Gradients are clipped by nn.optim.clip_grad_norm_ and nn.optim.clip_grad_value_",
    "parallel": _REMEDIES["DataParallel"],
}


def layer(name: str) -> AttributeError:
    """The error for a name that nn lacks."""
    if name in _MODULES:
        return _error("nn", f"nn has no {name}. {_MODULES[name]}.", name)
    if name in _OPERATIONS:
        operation = _OPERATIONS[name]
        text = f"nn has no {name} yet; autograd.ops.{operation} is the operation."
        return _error("nn", f"{text} Write a Module whose forward calls it.", name)
    known = "Transformer" if name.startswith("Transformer") else name
    if known in _REMEDIES:
        return _error("nn", f"nn has no {name} yet. {_REMEDIES[known]}.", name)
    return _error("nn", f"module 'nn' has no attribute {name!r}", name)


def function(name: str) -> AttributeError:
    """The error for a name that nn.functional lacks."""
    if not name.startswith("_") and callable(getattr(ops, name, None)):
        text = f"nn.functional has no {name} yet; autograd.ops.{name} is the operation."
    elif name.endswith("_") and name[:-1] in _functions():
        text = f"nn.functional has no {name}: nothing overwrites its input. Use {name[:-1]}."
    else:
        text = f"module 'nn.functional' has no attribute {name!r}"
    return _error("nn.functional", text, name)


def _functions() -> set[str]:
    return {*vars(sys.modules["nn.functional"])}


def _error(module: str, text: str, name: str) -> AttributeError:
    """The error, with what Python needs to suggest a similar name."""
    return AttributeError(text, name=name, obj=sys.modules[module])
