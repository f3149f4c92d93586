"""The stand-in's functions: NumPy's, behind one wrapper that refuses what CuPy refuses.

The wrapper takes device arrays where NumPy takes arrays, drops to NumPy, and gives device arrays
back.  Below it stand the few functions where CuPy's behaviour differs; each replaces its generic
namesake in `array.FUNCTIONS`.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from . import names
from .array import FUNCTIONS, call, is_scalar, ndarray, supported, unwrap, wrap
from .counter import copies
from .indexing import wrap_indices

_FROM_HOST = ("array", "asarray", "asanyarray", "ascontiguousarray", "asfortranarray")
_PYTHON_BOOLS = frozenset({"allclose", "array_equal", "array_equiv", "count_nonzero"})
_linalg_errors: ContextVar[str] = ContextVar("linalg", default="ignore")


def device_function(name: str, host: Callable[..., Any]) -> Callable[..., Any]:
    """CuPy's function `name` ("sum", "linalg.inv") out of NumPy's `host`."""

    def function(*args: Any, **kwargs: Any) -> Any:
        _check_arguments(name, args, kwargs)
        if name in names.SHAPE_FROM_VALUES:
            copies.record_mask(name)
        if name in names.HOST_ANSWERS:
            return host(*unwrap(args, []), **kwargs)
        result = call(host, args, kwargs)
        return wrap(np.asarray(result)) if name in _PYTHON_BOOLS and is_scalar(result) else result

    function.__name__ = function.__qualname__ = name.rpartition(".")[2]
    function.__doc__ = f"CuPy's {name}: NumPy's, on device arrays."
    function.__module__ = "cupy"
    return function


def _check_arguments(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raises TypeError for a keyword CuPy lacks, and for lists and NumPy arrays where arrays go."""
    refused = (names.REFUSED_EVERYWHERE | names.REFUSED.get(name, frozenset())) & set(kwargs)
    if refused - ({"where"} if name == "copyto" else set()):
        raise TypeError(f"{name}() got an unexpected keyword argument {min(refused)!r}")
    if name in names.HOST_ONLY and any(isinstance(arg, ndarray) for arg in args):
        raise TypeError(f"{name}() takes no device array")
    for place, arg in enumerate(args[: names.ARRAY_ARGUMENTS.get(name, 1)]):
        sequence = isinstance(arg, list | tuple) and bool(arg)
        if sequence and all(isinstance(part, ndarray) for part in arg):
            continue
        if not isinstance(arg, ndarray) and not (is_scalar(arg) and (place or name == "where")):
            raise TypeError(f"Unsupported type {type(arg)}")


def from_host(name: str) -> Callable[..., Any]:
    """CuPy's `name` among array, asarray, ...: where lists and NumPy arrays may enter."""
    host = getattr(np, name)

    def function(obj: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        kwargs.pop("blocking", None)
        _check_arguments(name, (), kwargs)
        if dtype is not None:
            supported(dtype)
        if isinstance(obj, ndarray):
            return call(host, (obj, dtype, *args), kwargs)
        parts: list[ndarray] = []
        obj = _open_sequence(obj, parts)
        if parts and len(parts) != _leaves(obj):
            raise TypeError("Unsupported mixture of device arrays and host values")
        return wrap(np.array(host(obj, dtype, *args, **kwargs)))

    function.__doc__ = f"CuPy's {name}; from the host it copies, which is free here."
    function.__name__ = function.__qualname__ = name
    return function


def _open_sequence(obj: Any, parts: list[ndarray]) -> Any:
    """`obj` with the device arrays in its lists opened and added to `parts`."""
    if isinstance(obj, list | tuple):
        return [_open_sequence(part, parts) for part in obj]
    return unwrap(obj, parts) if isinstance(obj, ndarray) else obj


def _leaves(obj: Any) -> int:
    """How many things that are not lists a nest of lists holds."""
    return sum(map(_leaves, obj)) if isinstance(obj, list) else 1


def asnumpy(
    a: Any, stream: Any = None, order: Any = "C", out: Any = None, *, blocking: bool = True
) -> np.ndarray:
    """The values as a NumPy array: one counted copy if `a` is on the device."""
    if not isinstance(a, ndarray):
        return np.asarray(a)
    copies.record("asnumpy")
    return a._host.copy(order)


def get_array_module(*args: Any) -> Any:
    """The stand-in if any argument is on the device, else NumPy."""
    import sys

    return sys.modules["cupy"] if any(isinstance(arg, ndarray) for arg in args) else np


def take(a: Any, indices: Any, axis: Any = None, out: Any = None) -> Any:
    """Elements at `indices` along `axis`; those out of range wrap.  There is no `mode`."""
    _check_arguments("take", (a,), {})
    return call(np.take, (a, indices, axis, out, "wrap"), {})


def take_along_axis(arr: Any, indices: Any, axis: Any) -> Any:
    """Elements at `indices` of each slice along `axis`; those out of range wrap."""
    _check_arguments("take_along_axis", (arr, indices), {})
    length = arr.size if axis is None else arr.shape[axis]
    wrapped = wrap(wrap_indices(indices._host, length))
    return call(np.take_along_axis, (arr, wrapped, axis), {})


def where(condition: Any, *choices: Any) -> Any:
    """x where `condition` holds, else y; without them `nonzero`, whose size is read (a mask)."""
    if not choices:
        copies.record_mask("where")
    _check_arguments("where", (condition, *choices), {})
    return call(np.where, (condition, *choices), {})


def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """Each element `repeats` times: an int or a host sequence, never a device array."""
    _check_arguments("repeat", (a,), {})
    return a.repeat(repeats, axis)


def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """Windows of `x` as a view, which is never to be written."""
    if writeable:
        raise NotImplementedError("Writeable views are not supported.")
    _check_arguments("sliding_window_view", (x,), {})
    return call(np.lib.stride_tricks.sliding_window_view, (x, window_shape, axis), {})


# Linear algebra: CuPy looks at the solver's status only inside cupyx.errstate(linalg="raise")


def linalg_function(name: str) -> Callable[..., Any]:
    """CuPy's linalg function: where NumPy finds a singular or indefinite matrix it gives NaN."""
    generic = device_function(f"linalg.{name}", getattr(np.linalg, name))

    def function(*args: Any, **kwargs: Any) -> Any:
        checked = _linalg_errors.get() == "raise"
        if checked:
            copies.record_status(f"linalg.{name}")
        try:
            return generic(*args, **kwargs)
        except np.linalg.LinAlgError as error:
            if checked or "imension" in str(error) or "square" in str(error):
                raise
            like = args[-1]._host
            kind = like.dtype if like.dtype.kind in "fc" else np.float64
            return wrap(np.full_like(like, np.nan, dtype=kind))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"CuPy's linalg.{name}: NumPy's, on device arrays, its status unread."
    return function


def solve(a: Any, b: Any) -> Any:
    """x with a·x = b; b is (…, M) or (…, M, K), a's leading axes: CuPy 13 does not broadcast."""
    vector = a.ndim == b.ndim + 1
    if not (vector or a.ndim == b.ndim) or a.shape[:-1] != b.shape[: a.ndim - 1]:
        raise ValueError("a must have (..., M, M) shape and b must have (..., M) or (..., M, K)")
    x = _SOLVE(a, b[..., None] if vector else b)
    return x[..., 0] if vector else x


@contextlib.contextmanager
def errstate(*, linalg: str | None = None, **refused: Any) -> Iterator[None]:
    """cupyx's errstate: only `linalg` is there, "ignore" (no status read) or "raise"."""
    if refused:
        raise NotImplementedError
    token = _linalg_errors.set(linalg or _linalg_errors.get())
    try:
        yield
    finally:
        _linalg_errors.reset(token)


# cupyx


def erf(x: Any, out: Any = None) -> Any:
    """The error function, elementwise, in x's floating dtype (float64 for integers)."""
    if not isinstance(x, ndarray):
        raise TypeError(f"Unsupported type {type(x)}")
    kind = x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)
    values = np.array([math.erf(v) for v in x._host.ravel()], kind).reshape(x.shape)
    if out is None:
        return wrap(values)
    out._host[...] = values
    return out


def rsqrt(x: Any) -> Any:
    """1/√x."""
    return FUNCTIONS["reciprocal"](FUNCTIONS["sqrt"](x))


def scatter(name: str) -> Callable[[Any, Any, Any], None]:
    """cupyx's scatter_add, scatter_max or scatter_min: the ufunc's `at`."""
    return lambda a, slices, value: FUNCTIONS[name].at(a, slices, value)


_SOLVE = linalg_function("solve")


def _fill_table() -> None:
    """Enters every function in FUNCTIONS: the generic ones, then those that differ."""
    for name in names.FUNCTIONS - names.BORROWED:
        FUNCTIONS[name] = device_function(name, getattr(np, name))
    FUNCTIONS.update({name: from_host(name) for name in _FROM_HOST})
    special = (asnumpy, get_array_module, repeat, take, take_along_axis, where)
    FUNCTIONS.update({function.__name__: function for function in special})
    for name in names.LINALG - {"LinAlgError"}:
        FUNCTIONS[f"linalg.{name}"] = linalg_function(name)
    FUNCTIONS["linalg.solve"] = solve
    tricks = "lib.stride_tricks"
    strided = device_function(f"{tricks}.as_strided", np.lib.stride_tricks.as_strided)
    FUNCTIONS[f"{tricks}.as_strided"] = strided
    FUNCTIONS[f"{tricks}.sliding_window_view"] = sliding_window_view


_fill_table()
