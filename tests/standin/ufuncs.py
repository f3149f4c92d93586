"""The stand-in's ufuncs: device arrays and scalars, `out=`, `dtype=`, `casting=` and nothing else.

As in CuPy 13, `reduce` is there for add and multiply only, `at` for those of `names.AT_DTYPES`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .array import FUNCTIONS, call, is_scalar, ndarray, unwrap
from .indexing import host_key
from .names import AT_DTYPES, UFUNCS

_KEYWORDS = frozenset({"out", "dtype", "casting"})


class ufunc:
    """One of CuPy's elementwise functions (or matmul, a generalised one)."""

    __slots__ = ("__name__", "_host", "nin", "nout")
    __module__ = "cupy"

    def __init__(self, name: str) -> None:
        """The device's counterpart of NumPy's function `name`."""
        self.__name__ = name
        self._host = getattr(np, name)
        self.nin, self.nout = getattr(self._host, "nin", 1), getattr(self._host, "nout", 1)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Applies it elementwise; `out` may follow the operands."""
        if extra := sorted(set(kwargs) - _KEYWORDS):
            raise TypeError(f"{self.__name__}() got an unexpected keyword argument {extra[0]!r}")
        if not self.nin <= len(args) <= self.nin + self.nout:
            raise TypeError(f"Wrong number of arguments for {self!r}: {len(args)}")
        for operand in args[: self.nin]:
            _check_operand(operand)
        kwargs = {key: value for key, value in kwargs.items() if value is not None}
        for out in (*args[self.nin :], kwargs.get("out")):
            _check_out(out)
        return call(self._host, args, kwargs)

    def __repr__(self) -> str:
        return f"<ufunc 'cupy_{self.__name__}'>"

    def outer(self, a: Any, b: Any, **kwargs: Any) -> Any:
        """It, on every pair of elements."""
        return self(a.reshape(a.shape + (1,) * b.ndim), b, **kwargs)

    def reduce(
        self, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False
    ) -> Any:
        """The sum or the product along `axis`; NotImplementedError for any other ufunc."""
        method = self._named("reduce", add="sum", multiply="prod")
        return getattr(array, method)(axis, dtype, out, keepdims)

    def accumulate(self, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
        """The running sum or product along `axis`; NotImplementedError for any other ufunc."""
        method = self._named("accumulate", add="cumsum", multiply="cumprod")
        return getattr(array, method)(axis, dtype, out)

    def reduceat(
        self, array: Any, indices: Any, axis: Any = 0, dtype: Any = None, out: Any = None
    ) -> Any:
        """Sums of slices; NotImplementedError for any other ufunc than add."""
        self._named("reduceat", add="reduceat")
        return call(np.add.reduceat, (array, indices, axis, dtype, out), {})

    def at(self, a: Any, indices: Any, b: Any = None) -> None:
        """Applies it in place at `indices`, repeated ones each time; indices out of range wrap.

        Raises NotImplementedError where CuPy has no atomic of it, TypeError where not of a's dtype.
        """
        if self.__name__ not in AT_DTYPES:
            raise NotImplementedError(f"`cupy_{self.__name__}.at` is not supported yet")
        dtypes = AT_DTYPES[self.__name__]
        if a.dtype.name not in dtypes:
            text = ", ".join(sorted(dtypes))
            raise TypeError(f"cupy.{self.__name__}.at only supports {text} as data type")
        _check_operand(b)
        value = np.asarray(unwrap(b, [])).astype(a.dtype)
        with np.errstate(all="ignore"):
            self._host.at(a._host, host_key(indices, a.shape), value)

    def _named(self, method: str, **methods: str) -> str:
        """The array method behind `method` of this ufunc; NotImplementedError if CuPy has none."""
        if self.__name__ not in methods:
            raise NotImplementedError(f"`cupy_{self.__name__}.{method}` is not supported yet")
        return methods[self.__name__]


def _check_operand(operand: Any) -> None:
    """Raises TypeError for lists, NumPy arrays, None and foreign objects."""
    if not isinstance(operand, ndarray) and not is_scalar(operand):
        raise TypeError(f"Unsupported type {type(operand)}")


def _check_out(out: Any) -> None:
    """Raises TypeError unless `out` is None, a device array or a tuple of such."""
    for part in out if isinstance(out, tuple) else (out,):
        if part is not None and not isinstance(part, ndarray):
            raise TypeError(f"Output arguments type must be cupy.ndarray, not {type(part)}")


FUNCTIONS.update({name: ufunc(name) for name in sorted(UFUNCS)})
