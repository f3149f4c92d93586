"""Where a Tensor meets Python's and NumPy's own words: `==`, `in`, np.exp(t), ndarray + t.

NumPy hands a function that meets a Tensor to the two methods here, which find the operation of the
same name or say what to do instead; nothing becomes an object array. CuPy's arrays ask NumPy.
"""

from __future__ import annotations

import dis
import inspect
import sys
from collections.abc import Callable
from typing import Any

from autograd import ops
from autograd.errors import DTypeError, ShapeError
from autograd.op import Op

_CONTAINS = dis.opmap["CONTAINS_OP"]
_VALUES = "Use x.detach().numpy() where no gradient is needed."
_RENAMED = {"a_min": "min", "a_max": "max"}
"""np.clip's older names for its bounds."""
_OTHER_MEANING = frozenset({"trace", "diagonal", "cross"})
"""Names of numpy.linalg that mean the last two axes there, and the first two in numpy."""


class Interop:
    """NumPy's two protocols for classes that are no ndarray."""

    __slots__ = ()
    __array_priority__ = 1000

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        op = getattr(ops, ufunc.__name__, None)
        if method != "__call__" or kwargs or not callable(op):
            raise TypeError(_refusal(ufunc.__name__, method, kwargs))
        return op(*inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        name, place = function.__name__, function.__module__
        if place == "numpy" and name in ("shape", "ndim", "size") and len(args) == 1 and not kwargs:
            return getattr(args[0], name)
        op = getattr(ops, name, None)
        is_ours = place == "numpy" or (place == "numpy.linalg" and name not in _OTHER_MEANING)
        if not is_ours or not callable(op):
            raise TypeError(
                f"{place}.{name} does not take Tensors: autograd.ops has nothing like it. {_VALUES}"
            )
        given, words = _translated(function, args, kwargs, op)
        return op(*given, **words)


def _translated(
    function: Any, args: Any, kwargs: Any, op: Callable[..., Any]
) -> tuple[list[Any], dict[str, Any]]:
    """What op is to be called with where NumPy's function was called with args and kwargs.

    A name that both know is a keyword, one that NumPy requires is an array, and one that NumPy
    alone knows may have its default value. Raises TypeError for any other.
    """
    try:
        signature = inspect.signature(function)
    except ValueError:  # written in C, which NumPy describes from 2.4 on
        return list(args), kwargs
    known = inspect.signature(getattr(op, "call", op)).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in known.values())
    given: list[Any] = []
    words: dict[str, Any] = {}
    for name, value in signature.bind(*args, **kwargs).arguments.items():
        p, word = signature.parameters[name], _RENAMED.get(name, name)
        if p.kind is p.VAR_POSITIONAL:
            given += value
        elif p.kind is p.VAR_KEYWORD:
            words |= value
        elif word in known:
            words[word] = value
        elif p.default is p.empty:
            given.append(value)
        elif not _is_default(value, p.default):
            if not takes_any or name == "out":
                raise TypeError(_refusal(function.__name__, "__call__", {name: value}))
            words[word] = value
    return given, words


def _is_default(value: Any, default: Any) -> bool:
    return value is default or (isinstance(value, (bool, int, str)) and value == default)


def _refusal(name: str, method: str, kwargs: dict[str, Any]) -> str:
    if method != "__call__":
        return f"np.{name}.{method} does not take Tensors. Use a method such as x.sum(). {_VALUES}"
    if "out" in kwargs:
        return (
            f"np.{name}: a Tensor cannot be written into an array (by out=, or by a += t), "
            "since the write would not be recorded. Use what it returns: a = a + t."
        )
    if kwargs:
        words = ", ".join(f"{word}=" for word in kwargs)
        return f"np.{name} takes no {words} with a Tensor. Leave it out; use where or astype."
    return f"np.{name} does not take Tensors: autograd.ops has no {name}. {_VALUES}"


# Equality: elementwise where it can be; identity for `in` on a list, which wants one answer


def is_membership_test(depth: int = 2) -> bool:
    """Whether the frame that is depth calls up stands at an `in`.

    A list looks for t with `is`, then ==, then bool(). This is asked only where that would end in
    an error, so that `t in [a, b]` finds t itself and passes over other tensors of any shape.
    """
    frame = sys._getframe(depth)
    return frame.f_code.co_code[frame.f_lasti] == _CONTAINS


def compared(op: Op[Any], x: Any, y: Any) -> Any:
    """equal or not_equal of x and y; NotImplemented if y is no number: Python then asks `is`."""
    if y is None:
        return NotImplemented
    try:
        return op.call(x, y)
    except DTypeError:  # not a number at all: Python falls back on identity
        return NotImplemented
    except ShapeError:
        if is_membership_test(depth=3):
            return NotImplemented
        raise


__all__ = ["Interop", "compared", "is_membership_test"]
