"""Changing a tensor in place: `t += v` and `t[i] = v`.

Where the change is recorded it is functional: the handle moves to a new node, and whoever kept the
old value still has it. Where it is not, on untracked tensors and under no_grad, it is a true write
into the memory, which `writes.py` stamps. Leaves that require grad refuse a recorded change.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from autograd import backend, ops, writes
from autograd.errors import DTypeError, GraphError, ShapeError
from autograd.mode import local
from autograd.op import Op
from autograd.ops.keys import index_of, on_device
from autograd.promote import to_array, wrap


def set_item(tensor: Any, index: Any, value: Any) -> None:
    """tensor[index] = value.

    Raises GraphError for a leaf whose gradient is wanted, and what ops.setitem raises.
    """
    key = index_of(index)
    if local.mode.recording and (tensor._tracked or getattr(value, "_tracked", False)):
        _refuse_leaf(tensor, "t[...] = v")
        _assign(tensor, ops.setitem(tensor, value, index=key), "t[...] = v")
    else:
        _write(tensor, key, backend.to_device(to_array(value, tensor.dtype), tensor.device))


def in_place(op: Op[Any], sign: str) -> Callable[[Any, Any], Any]:
    """The method behind `t += v` for op = add and its sign, and so on."""
    call, what = op.call, f"t {sign}= v"

    def method(self: Any, other: Any) -> Any:
        _refuse_leaf(self, what)
        return _assign(self, call(self, other), what)

    return method


def _refuse_leaf(tensor: Any, what: str) -> None:
    """Raises GraphError if the change would be recorded, and tensor's own gradient is wanted."""
    if tensor._tracked and tensor._node.op is None and local.mode.recording:
        raise GraphError(
            f"{what} on a leaf of shape {tensor.shape} that requires grad: it would be no "
            "leaf then, and get no gradient. Use `with autograd.no_grad():`, or a clone()."
        )


def _assign(tensor: Any, result: Any, what: str) -> Any:
    """tensor, now standing for result: moved to result's node, or overwritten with its values.

    Raises ShapeError or DTypeError if result has another shape, or is floating where tensor is not.
    """
    if result.shape != tensor.shape:
        raise ShapeError(
            f"{what}: the tensor is {tensor.shape} but the result is {result.shape}, and a "
            "change in place keeps the shape. Make a new tensor, for example with t = t + v."
        )
    if result.dtype != tensor.dtype:
        if "f" == result.dtype.kind != tensor.dtype.kind:
            raise DTypeError(
                f"{what}: the tensor is {tensor.dtype} but the result is {result.dtype}, which "
                'would be cut to whole numbers. Use t.astype("float32") first.'
            )
        result = result.astype(tensor.dtype)
    if not local.mode.recording or not (tensor._tracked or result._tracked):
        check_writeable(tensor, what)
        tensor._data[...] = result._data
        writes.stamp(tensor._data)
        return tensor
    old, new = tensor._node, result._node
    if old is not None and new is not None:
        new.name = old.name
        if old.tensor is not None and old.op is not None:  # retain_grad follows the handle
            new.tensor, old.tensor = weakref.ref(tensor), None
    tensor._data, tensor._node, tensor._tracked = result._data, new, result._tracked
    return tensor


def check_writeable(tensor: Any, what: str) -> None:
    """Raises ValueError if tensor's memory must not be written to. CuPy has no such memory."""
    if not getattr(tensor._data.flags, "writeable", True):
        raise ValueError(
            f"{what}: the memory of this tensor, of shape {tensor.shape}, is read-only: it belongs "
            "to a broadcast array, to bytes or to a file. Write to a clone()."
        )


def _write(tensor: Any, key: Any, value: Any) -> None:
    """Writes value into tensor's memory at key. Raises what ops.setitem raises."""
    check_writeable(tensor, "t[...] = v")
    data = tensor._data
    if backend.is_cupy(data):
        key = on_device(backend.module_of(data), key, data.shape, "setitem")
    try:
        data[key] = value
    except (IndexError, TypeError, ValueError):
        ops.setitem(
            wrap(data), wrap(value), index=key
        )  # raises the same with the shapes and a remedy
        raise
    writes.stamp(data)


__all__ = ["check_writeable", "in_place", "set_item"]
