"""True writes: arrays overwritten in place, and the check that no recorded node kept one.

Optimizer steps, `copy_`, `load_state_dict` and item assignment under no_grad overwrite memory that
a node may have kept for its rule. Each such write stamps the storage with the current number; views
and `detach()` share the storage, so they share the stamp. Read `backward.py` next.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from autograd import backend
from autograd.backend import Array
from autograd.errors import GraphError
from autograd.graph import Node, describe, next_number
from autograd.mode import local

_stamps: dict[int, tuple[int, Any]] = {}


class _Last:
    """The number of the latest true write; nodes with higher numbers need no check."""

    __slots__ = ("number",)
    number: int


last = _Last()
last.number = 0


def stamp(array: Array) -> None:
    """Notes that array's memory was overwritten now: nodes made earlier that kept it can no longer
    be trusted."""
    root = backend.root_of(array)
    key = id(root)
    last.number = next_number()
    _stamps[key] = (last.number, weakref.ref(root, partial(_forget, key)))


def _forget(key: int, reference: Any) -> None:
    """Drops the stamp of a storage that is gone: its id may come back."""
    _stamps.pop(key, None)


def written_at(array: Array) -> int:
    """The number of the latest true write into array's memory; 0 if there was none. Nodes with
    lower numbers were made before it."""
    written = _stamps.get(id(backend.root_of(array)))
    return written[0] if written is not None else 0


def check_writes(node: Node, names: Sequence[str] = ()) -> None:
    """Raises GraphError if an array that node kept was overwritten after node was made.

    names: what node's operation calls each of the arrays that it keeps.
    """
    for position, item in enumerate(node.kept or ()):
        for array in arrays_in((item,)):
            if written_at(array) > node.number:
                role = names[position] if position < len(names) else ""
                raise GraphError(
                    f"backward() through {describe(node)}: {_name_of(node, array, role)} of shape "
                    f"{array.shape} "
                    "was overwritten after the forward pass (an optimizer step, copy_, load or "
                    "item assignment). "
                    "Call backward() before the write, or write to a copy()."
                )


def arrays_in(kept: Iterable[Any] | None) -> Iterable[Array]:
    """The arrays among what a node kept, those in tuples too."""
    for item in kept or ():
        if isinstance(item, tuple):
            yield from arrays_in(item)
        elif backend.is_array(item):
            yield item


def _name_of(node: Node, array: Array, role: str) -> str:
    """What to call array: by the user's name for it if it can be told, and by the operation's."""
    what = (
        "its output"
        if role == "z"
        else f"its input {role}".rstrip()
        if role in ("", *node.op.inputs)
        else f"its {role}"
    )
    for parent in node.parents:
        tensor = parent.tensor() if parent is not None and parent.tensor is not None else None
        if (
            tensor is not None
            and parent.name
            and backend.root_of(tensor._data) is backend.root_of(array)
        ):
            return f"{what} {parent.name!r}"
    return what


def allow_write(tensor: Any, what: str) -> None:
    """Raises GraphError if writing into tensor's memory now would falsify a recorded graph."""
    if tensor._tracked and local.mode.recording:
        raise GraphError(
            f"{what} on a tensor of shape {tensor.shape} that requires grad: the write cannot be "
            f"recorded. "
            "Do it under `with autograd.no_grad():`."
        )
