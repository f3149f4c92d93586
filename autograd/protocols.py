"""What Python's own words do with a Tensor: print, format, bool, len, iteration, NumPy's asarray,
copies and pickles.

Mathematics is in `methods.py`; what a Tensor holds, in `tensor.py`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import backend, mode
from autograd.errors import DTypeError, GraphError, ShapeError
from autograd.graph import Node
from autograd.habits import Habits
from autograd.interop import is_membership_test
from autograd.methods import Methods
from autograd.promote import to_array


class Protocols(Methods, Habits):
    """Tensor's special methods other than its operators."""

    __slots__ = ()

    # `self: Any` where a method reads what only Tensor has.

    def __repr__(self: Any) -> str:
        body = np.array2string(
            backend.to_host(self._data),
            separator=", ",
            prefix="Tensor(",
            precision=4,
            threshold=100,
        )
        parts = [body]
        if self._data.dtype != mode.local.mode.dtype and self._data.dtype != np.bool_:
            parts.append(f"dtype={self._data.dtype}")
        if not self._data.size and self.ndim != 1:
            parts.append(f"shape={self.shape}")
        if self.device != "cpu":
            parts.append(f"device={self.device!r}")
        if self.name is not None:
            parts.append(f"name={self.name!r}")
        if self._tracked and self._node is not None:
            parts.append(
                "requires_grad=True" if self._node.op is None else f"op={_op_name(self._node)}"
            )
        return f"Tensor({', '.join(parts)})"

    def __format__(self: Any, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def __float__(self: Any) -> float:
        return float(self.item())

    def __int__(self: Any) -> int:
        return int(self.item())

    def __index__(self: Any) -> int:
        if self._data.dtype.kind not in "iub" or self._data.ndim:
            raise DTypeError(
                f"only a 0-d integer tensor is an index; this is {self.dtype} of shape "
                f"{self.shape}."
            )
        return int(self._data.item())

    def __bool__(self: Any) -> bool:
        if self._data.size != 1:
            if is_membership_test():
                return False  # another tensor than the one looked for
            raise ShapeError(
                f"the truth of a tensor of shape {self.shape} is ambiguous. Use .any() or .all()."
            )
        return bool(self._data.item())

    def __len__(self) -> int:
        if not self._data.ndim:
            raise TypeError("len() of a 0-d tensor: it is a single number. Use .size.")
        return int(self._data.shape[0])

    def __iter__(self: Any) -> Iterator[Any]:
        if not self._data.ndim:
            raise TypeError(
                "iteration over a 0-d tensor: it is a single number. Use .item() or .reshape(1)."
            )
        return (self[i] for i in range(len(self)))

    def __contains__(self, value: Any) -> bool:
        # A Python number takes self's dtype: as float32, 0.3 is in no float64 tensor.
        other = value if isinstance(value, (int, float)) else to_array(value)
        try:
            return bool((self._data == other).any())
        except ValueError as error:
            raise ShapeError(
                f"in: the array is {np.shape(other)} and the tensor is {self._data.shape}, which "
                "do not broadcast. Look for a single number."
            ) from error

    def __array__(self: Any, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        if self._tracked:
            raise GraphError(
                "this tensor requires grad, so NumPy cannot take it. Use .detach().numpy()."
            )
        if backend.is_cupy(self._data):
            raise GraphError(
                f"this tensor is on {self.device}, so NumPy cannot take it. Use "
                f".detach().cpu().numpy()."
            )
        return np.array(self._data, dtype=dtype, copy=copy)

    def __deepcopy__(self: Any, memo: dict[int, Any]) -> Any:
        new = _rebuild(type(self))
        memo[id(self)] = new
        new.__setstate__(copy.deepcopy(_state(self, "deepcopy"), memo))
        return new

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _rebuild, (type(self),), _state(self, "pickle")

    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        self._place(state["data"], state["requires_grad"], state["name"])
        self._grad = state["grad"]
        if state["more"]:
            vars(self).update(state["more"])


def _op_name(node: Node) -> str:
    return str(node.parents[0].op.name if node.index is not None else node.op.name)


def _state(tensor: Any, verb: str) -> dict[str, Any]:
    if not tensor.is_leaf:
        raise GraphError(
            f"{verb}: only leaves can be copied; this tensor is the result of "
            f"{_op_name(tensor._node)!r}. "
            "Use .detach(), then it can."
        )
    grad = tensor._grad
    grad = grad if grad is None or grad.is_leaf else grad.detach()
    data = tensor._data if verb == "deepcopy" else backend.to_host(tensor._data)
    state = {"data": data, "requires_grad": tensor._tracked, "name": tensor.name, "grad": grad}
    return state | {"more": dict(getattr(tensor, "__dict__", {}))}  # what a subclass has added


def _rebuild(kind: Any) -> Any:
    return kind.__new__(kind)
