"""Index keys as CuPy reads them: integer arrays wrap silently, boolean masks cost one read.

Device arrays are recognised by their `_host` slot, so that `array.py` can import this file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .counter import copies


def host_key(key: Any, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """The NumPy key for an array of `shape`; it holds an Ellipsis, so x[i, j] stays an array.

    Integer arrays are taken modulo their axis' length; single integers are not, CuPy checks them.
    """
    items = [_to_host(item) for item in (key if isinstance(key, tuple) else (key,))]
    taken = sum(_axes(item) for item in items)
    if not any(item is Ellipsis for item in items):
        items.append(Ellipsis)
    axis = 0
    for place, item in enumerate(items):
        if isinstance(item, np.ndarray) and item.dtype.kind in "iu" and axis < len(shape):
            items[place] = wrap_indices(item, shape[axis])
        axis += len(shape) - taken if item is Ellipsis else _axes(item)
    return tuple(items)


def is_advanced(key: tuple[Any, ...]) -> bool:
    """Whether a host key gathers (a copy) rather than slices (a view)."""
    return any(isinstance(item, np.ndarray) for item in key)


def wrap_indices(indices: np.ndarray, length: int) -> np.ndarray:
    """`indices` modulo the axis' length, as CuPy's kernels do instead of raising."""
    return np.asarray(indices % length) if length else indices


def _to_host(item: Any) -> Any:
    """One part of a key, as NumPy takes it; lists and NumPy arrays cross to the device for free."""
    if isinstance(item, list):
        item = np.array(item) if item else np.empty(0, np.int64)
    host = getattr(item, "_host", item)
    if isinstance(host, np.ndarray) and host.dtype == np.bool_:
        copies.record_mask("boolean index")
    return host


def _axes(item: Any) -> int:
    """How many axes one part of a key takes; an Ellipsis takes what is left, counted elsewhere."""
    if item is None or item is Ellipsis or isinstance(item, bool):
        return 0
    return item.ndim if isinstance(item, np.ndarray) and item.dtype == np.bool_ else 1
