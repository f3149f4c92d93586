"""Copies of a model's numbers, and its modes, taken and put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from autograd import backend, no_grad
from autograd.backend import Array


def copies(tensors: Iterable[tuple[str, Any]]) -> dict[str, Array]:
    """A copy of each tensor's array by name, on its device."""
    return {name: tensor.data.copy() for name, tensor in tensors}


def weights_of(model: Any) -> dict[str, Array]:
    """A copy of all parameters and buffers, those that are not saved too."""
    return copies([*model.named_parameters(), *model.named_buffers()])


def put_back(model: Any, arrays: Mapping[str, Array]) -> None:
    """Writes copies that weights_of() or copies() took back into model.

    Raises KeyError if model has no tensor of such a name; nothing is written then.
    """
    own = dict([*model.named_parameters(), *model.named_buffers()])
    pairs = [(own[name], array) for name, array in arrays.items()]
    with no_grad():
        for tensor, array in pairs:
            tensor.copy_(backend.to_device(array, tensor.device))


@contextmanager
def in_mode(model: Any, training: bool) -> Iterator[None]:
    """model in training or evaluation mode; afterwards each module in the mode that it had."""
    before = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, mode in before:
            module.training = mode
