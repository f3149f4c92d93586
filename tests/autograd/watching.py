"""Weak references that tell what is still alive, for tests of memory."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import Tensor

BIG = 10_000
"""Elements of a leaf that is too large for its values to be kept for drawing."""


class Watch:
    """Weak references to arrays, tensors and nodes, which tell what is still alive."""

    def __init__(self) -> None:
        self.references: list[tuple[str, Any]] = []

    def __call__(self, **things: Any) -> None:
        for name, thing in things.items():
            self.references.append((name, weakref.ref(thing)))
            if isinstance(thing, Tensor):
                self.references.append((f"{name}.data", weakref.ref(thing.data)))
                if thing.node is not None:
                    self.references.append((f"{name}.node", weakref.ref(thing.node)))

    def alive(self) -> list[str]:
        """The names of what is still alive."""
        return [name for name, reference in self.references if reference() is not None]


def leaf(size: int = BIG) -> Tensor:
    """A tracked vector of numbers between 0.1 and 1."""
    return Tensor(np.linspace(0.1, 1.0, size), requires_grad=True)


@contextmanager
def garbage_collector_off() -> Iterator[None]:
    """Inside, memory returns by reference counting or not at all."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
