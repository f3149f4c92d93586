"""Anomaly mode: the first NaN or infinity of forward and of backward, with operation, index and
line.

It also keeps every value and a checksum of every kept array, so that a raw `t.data[...] = v`
between forward and backward, which nothing else can see, is found.
"""

from __future__ import annotations

import weakref
import zlib
from typing import Any

import numpy as np

from autograd import backend
from autograd.backend import Array
from autograd.errors import AnomalyError, GraphError
from autograd.graph import Node, describe
from autograd.mode import Switch
from autograd.writes import arrays_in

_checksums: weakref.WeakKeyDictionary[Node, list[int]] = weakref.WeakKeyDictionary()


class detect_anomaly(Switch):
    """Raises AnomalyError at the first operation inside whose output, or whose gradient, is NaN or
    infinite.

    `with autograd.detect_anomaly():` around forward and backward, or as a decorator. Slow: every
    value is checked.
    """

    __slots__ = ("_checks",)
    field = "watch"

    def __init__(self) -> None:
        super().__init__()
        self._checks = _checks()

    def value(self, previous: Any) -> Any:
        """A watcher that looks at each new node."""
        return watch

    def __enter__(self) -> None:
        super().__enter__()
        self._checks.__enter__()

    def __exit__(self, *exception: object) -> None:
        self._checks.__exit__(*exception)
        super().__exit__(*exception)


class _checks(Switch):
    """The other half of detect_anomaly: backward looks at every gradient."""

    __slots__ = ()
    field = "anomaly"

    def value(self, previous: Any) -> bool:
        """True: checking."""
        return True


def watch(node: Node, array: Array) -> None:
    """Keeps node's value and the checksums of what it kept; raises AnomalyError if the value is not
    finite."""
    node.value = array
    owner = _owner(node)
    _checksums[owner] = [_checksum(a) for a in arrays_in(owner.kept)]
    if (found := first_bad(array)) is not None:
        index, value = found
        raise AnomalyError(
            f"forward of {describe(node)}: its output is {value} at index {index}. {_blame(node)}"
        )


def verify(node: Node, contributions: tuple[Any, ...] | None) -> None:
    """Raises GraphError if what node kept was changed behind the graph's back, AnomalyError for a
    bad contribution."""
    if contributions is None:
        now = [_checksum(a) for a in arrays_in(node.kept)]
        if _checksums.get(node, now) != now:
            raise GraphError(
                f"backward() through {describe(node)}: an array that it kept was changed after "
                f"the forward pass, "
                "through .data or the NumPy array it shares. Change it after backward(), or write "
                "to a copy()."
            )
        return
    for position, c in enumerate(contributions):
        found = first_bad(getattr(c, "_data", c)) if hasattr(c, "dtype") else None
        if found is not None:
            index, value = found
            raise AnomalyError(
                f"backward of {describe(node)}: the gradient for input {position} is {value} at "
                f"index {index}. "
                "It is the first bad gradient of this backward pass."
            )


def verify_gradient(node: Node, g: Any) -> None:
    """Raises AnomalyError for a complete gradient that is bad though no contribution to it was."""
    for part in g if isinstance(g, tuple) else (g,):
        found = first_bad(getattr(part, "_data", part))
        if found is not None:
            index, value = found
            raise AnomalyError(
                f"backward of {describe(node)}: the gradient that reached it is {value} at index "
                f"{index}, though no rule gave one. It came from the gradient passed to "
                "backward(), from a hook, or from a sum that overflowed."
            )


def first_bad(array: Array) -> tuple[tuple[int, ...], float] | None:
    """The first index at which array is NaN or infinite, and the value there; None if it is
    finite."""
    if array.dtype.kind != "f":
        return None
    host = backend.to_host(array)
    bad = ~np.isfinite(host)
    if not bad.any():
        return None
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    return index, float(host[index])


def _checksum(array: Array) -> int:
    return zlib.crc32(np.ascontiguousarray(backend.to_host(array)).tobytes())


def _blame(node: Node) -> str:
    """Whether the fault is this operation's, or came in with an input."""
    node = _owner(node)
    for position, parent in enumerate(node.parents):
        if parent is not None and parent.value is not None and first_bad(parent.value) is not None:
            return f"Its input {position} was not finite already."
    shown = [
        f"{p.value.item():.6g}" if p.value is not None and p.value.size == 1 else str(p.shape)
        for p in node.parents
        if p
    ]
    return f"Its inputs were finite: {', '.join(shown)}."


def _owner(node: Node) -> Node:
    """The operation's node: node itself, or its parent if it stands for one output of several."""
    owner: Node = node.parents[0] if node.index is not None else node
    return owner
