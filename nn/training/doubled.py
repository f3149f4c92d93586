"""A softmax or sigmoid that the model ends in and the loss applies once more.

It is seen in the model's layers when a Trainer is made, and else in the graph of the first batch's
output, which also shows what a `forward` of the user's own ends in.
"""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn.training.user_line import warn

TWICE = {
    "crossentropy": ("softmax", "CrossEntropyLoss", "nn.LogSoftmax with NLLLoss"),
    "bcewithlogits": ("sigmoid", "BCEWithLogitsLoss", "BCELoss"),
    "binarycrossentropywithlogits": ("sigmoid", "BCEWithLogitsLoss", "BCELoss"),
}
"""For each loss, as a class or function: what it applies, its class, and what to use instead."""

RESHAPING = (
    *("reshape", "squeeze", "ravel", "expand_dims", "getitem"),
    *("transpose", "swapaxes", "moveaxis", "copy", "astype"),
)
"""Operations that leave each number as it is."""


def warn_of_last_layer(model: Any, loss: Any) -> bool:
    """Whether the model's last layer is what the loss applies itself, after warning of it."""
    last = model
    while children := list(last.children()):
        if type(last).__name__ != "Sequential":
            return False
        last = children[-1]
    kind = type(last).__name__
    activation = getattr(last, "activation", None)
    if isinstance(activation, str):
        return _warn_if_twice(activation, loss, f"{kind}(activation={activation!r})")
    return _warn_if_twice(kind, loss, kind)


def warn_of_output(output: Any, loss: Any) -> bool:
    """Whether an output that was recorded comes straight from what the loss applies itself, after
    warning of it. No number is read from the device."""
    node = output.node if isinstance(output, Tensor) else None
    while node is not None and node.op is not None and node.op.name in RESHAPING:
        node = node.parents[0]
    if node is None or node.op is None:
        return False
    return _warn_if_twice(node.op.name, loss, node.op.name)


def _warn_if_twice(applied: str, loss: Any, shown: str) -> bool:
    name = getattr(loss, "__name__", type(loss).__name__)
    key = name.replace("_", "").lower().removesuffix("loss")
    function, kind, instead = TWICE.get(key, ("", "", ""))
    if applied.lower() != function:
        return False
    warn(
        f"the model ends in {shown}, and {kind} takes what comes before it: applied twice, the "
        f"function makes training slow and poor. Leave it out at the end of the model, or use "
        f"{instead}."
    )
    return True
