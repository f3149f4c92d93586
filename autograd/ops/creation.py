"""New tensors: zeros, ones, ranges, the identity, and others shaped like a given one.

Untracked leaves, unless requires_grad is given. A dtype or device left out is the thread's default,
or that of the tensor to be like. Rules call the `*_like` functions, which stay on their tensor's
device. Random tensors are in `autograd/random.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import backend
from autograd.backend import Array
from autograd.errors import DTypeError, ShapeError
from autograd.mode import local
from autograd.promote import to_array, to_dtype, wrap
from autograd.shapes import sizes_of, whole_number

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "arange",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]


def _leaf(array: Array, requires_grad: bool, name: str | None) -> Tensor:
    tensor = wrap(array)
    if requires_grad is not False:
        tensor.requires_grad_(requires_grad)
    if name is not None:
        tensor.name = name
    return tensor


def _dtype(dtype: Any) -> np.dtype[Any]:
    return local.mode.dtype if dtype is None else _checked(to_dtype(dtype))


def _checked(dtype: np.dtype[Any]) -> np.dtype[Any]:
    if dtype.kind not in "biuf":
        raise DTypeError(f"{dtype} is no dtype for a Tensor; it must be bool, integer or floating.")
    return np.dtype(dtype.char)


def _filled(
    shape: tuple[int, ...],
    value: Any,
    dtype: np.dtype[Any],
    device: str | None,
    requires_grad: bool,
    name: str | None,
) -> Tensor:
    if not isinstance(value, (int, float, np.generic)):
        raise DTypeError(
            f"the fill_value is a {type(value).__name__}, and must be a number. "
            "To repeat an array or a tensor use broadcast_to."
        )
    with backend.on_device(device := device or local.mode.device):
        array = backend.module_for(device).full(shape, value, dtype=dtype)
    return _leaf(array, requires_grad, name)


def _moved(array: Array, device: str | None, requires_grad: bool, name: str | None) -> Tensor:
    return _leaf(backend.to_device(array, device or local.mode.device), requires_grad, name)


def zeros(
    *shape: Any,
    requires_grad: bool = False,
    name: str | None = None,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """Zeros of a shape given as sizes, zeros(2, 3), or as one tuple, zeros((2, 3)).

    Raises ShapeError for sizes that are not integers of at least 0.
    """
    return _filled(sizes_of(shape, "zeros"), 0, _dtype(dtype), device, requires_grad, name)


def ones(
    *shape: Any,
    requires_grad: bool = False,
    name: str | None = None,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """Ones of a shape given as sizes or as one tuple. Raises ShapeError as zeros does."""
    return _filled(sizes_of(shape, "ones"), 1, _dtype(dtype), device, requires_grad, name)


def empty(
    *shape: Any,
    requires_grad: bool = False,
    name: str | None = None,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """A tensor to be written into, of a shape given as sizes or as one tuple.

    It holds zeros: what lies in memory may be NaN.
    """
    return _filled(sizes_of(shape, "empty"), 0, _dtype(dtype), device, requires_grad, name)


def full(
    shape: int | tuple[int, ...],
    fill_value: float,
    *,
    requires_grad: bool = False,
    name: str | None = None,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """fill_value everywhere: of the default dtype, or bool for True and False."""
    is_bool = dtype is None and isinstance(fill_value, (bool, np.bool_))
    wanted = np.dtype(bool) if is_bool else _dtype(dtype)
    return _filled(sizes_of((shape,), "full"), fill_value, wanted, device, requires_grad, name)


def arange(
    start: float,
    stop: float | None = None,
    step: float = 1,
    *,
    requires_grad: bool = False,
    name: str | None = None,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """start, start + step, … up to but without stop; 0, 1, … stop − 1 if stop alone is given.

    Integers give int64, as indices need, unless requires_grad; other numbers the default dtype.
    Raises ShapeError for a step of 0, and for what is no number.
    """
    begin, end = (0, start) if stop is None else (start, stop)
    if not all(isinstance(n, (int, float, np.generic)) for n in (begin, end, step)) or not step:
        raise ShapeError(
            f"arange: start {begin!r}, stop {end!r} and step {step!r} must be numbers, and the "
            "step not 0."
        )
    array = np.arange(begin, end, step)
    if dtype is not None or array.dtype.kind == "f" or requires_grad:
        array = array.astype(_dtype(dtype))
    return _moved(array, device, requires_grad, name)


def linspace(
    start: float,
    stop: float,
    num: int = 50,
    *,
    requires_grad: bool = False,
    name: str | None = None,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """num numbers at equal distances from start to stop, both included.

    Raises ShapeError for num that is not an integer of at least 0, and for what is no number.
    """
    if not all(isinstance(n, (int, float, np.generic)) for n in (start, stop)):
        raise ShapeError(f"linspace: start {start!r} and stop {stop!r} must be numbers.")
    if (count := whole_number(num, "linspace: num")) < 0:
        raise ShapeError(f"linspace: num={num} must be at least 0.")
    array = np.linspace(start, stop, count).astype(_dtype(dtype))
    return _moved(array, device, requires_grad, name)


def eye(
    n: int,
    m: int | None = None,
    *,
    k: int = 0,
    requires_grad: bool = False,
    name: str | None = None,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """An (n, m) matrix, m = n if left out, with ones on its k-th diagonal and zeros elsewhere.

    Raises ShapeError for sizes that are not integers of at least 0.
    """
    rows, columns = sizes_of((n, n if m is None else m), "eye")
    array = np.eye(rows, columns, whole_number(k, "eye: k"), dtype=_dtype(dtype))
    return _moved(array, device, requires_grad, name)


def full_like(
    x: Any,
    fill_value: float,
    *,
    shape: int | tuple[int, ...] | None = None,
    requires_grad: bool = False,
    name: str | None = None,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """fill_value everywhere, with x's shape, dtype and device where they are not given."""
    array = to_array(x)
    wanted = array.dtype if dtype is None else _checked(to_dtype(dtype))
    sizes = array.shape if shape is None else sizes_of((shape,), "full_like")
    place = device or backend.device_of(array)
    return _filled(sizes, fill_value, wanted, place, requires_grad, name)


def zeros_like(x: Any, **options: Any) -> Tensor:
    """Zeros with x's shape, dtype and device; options as full_like takes them."""
    return full_like(x, 0, **options)


def ones_like(x: Any, **options: Any) -> Tensor:
    """Ones with x's shape, dtype and device; options as full_like takes them."""
    return full_like(x, 1, **options)


def empty_like(x: Any, **options: Any) -> Tensor:
    """A tensor to be written into, like x as full_like makes it. It holds zeros."""
    return full_like(x, 0, **options)
