"""Parameter: a tensor that a module learns.

Assigned to an attribute of a Module, it is registered there under the attribute's name. It keeps
its identity for life, so that optimizers and tied layers may hold on to it while `Module.to()`
changes its dtype or device. Read `module.py` next.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograd import Tensor

__all__ = ["Parameter"]


class _Room(threading.local):
    """How many numbers the Parameters that this thread makes may still hold; None for any."""

    left: int | None = None


_room = _Room()


@contextmanager
def limited(numbers: int) -> Iterator[None]:
    """Inside, the Parameters that this thread makes hold at most so many numbers together.

    One beyond that raises ValueError before its memory is written, and so before the system gives
    it: a file may ask for a layer of any size.
    """
    previous, _room.left = _room.left, numbers
    try:
        yield
    finally:
        _room.left = previous


class Parameter(Tensor):
    """A leaf tensor, of any shape, that requires grad unless told otherwise.

    data: a number, a nest of lists, an array (copied), or a Tensor.  name: what drawings call it;
    left out, they use its path in the model, such as "fc1.weight".
    Raises DTypeError for integers, which have no gradient, unless requires_grad is False.
    """

    def __init__(
        self,
        data: Any,
        requires_grad: bool = True,
        *,
        name: str | None = None,
        dtype: Any = None,
        device: str | None = None,
    ) -> None:
        if _room.left is not None:
            _room.left -= getattr(data, "size", 0)
            if _room.left < 0:
                raise ValueError(
                    f"its parameters, the last of shape {data.shape}, hold many times the numbers "
                    "that the file has for them"
                )
        super().__init__(data, requires_grad, name=name, dtype=dtype, device=device)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


def become(tensor: Tensor, array: Any) -> None:
    """tensor, the same object, from now on a leaf around array: of another dtype, shape or device.

    Graphs made before keep the old array. The gradient is dropped: it would not fit.
    """
    tensor._place(array, tensor.requires_grad, tensor.name)
