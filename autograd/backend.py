"""Which array module owns an array: NumPy on the host, CuPy on a GPU.

An operation never asks which device is switched on; it asks the arrays it was given. CuPy is
imported when "cuda" is first used, and must pass a real allocation. Only the few calls whose names
differ between the two modules live here; the mathematics is in `ops/`.
"""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias

import numpy as np

from autograd.errors import BackendError, DTypeError

Array: TypeAlias = Any
"""A numpy.ndarray or a cupy.ndarray. Typed as Any because CuPy ships no types."""
ArrayModule: TypeAlias = Any
"""`numpy`, `cupy`, or `autograd.ops`, which answers to the same words on Tensors."""

_CURE = (
    "Install CuPy for your CUDA version: pip install 'graphgrad[cuda12]' or 'graphgrad[cuda13]'."
)


def cupy() -> ArrayModule:
    """The CuPy module, imported and proven by one allocation.

    Raises BackendError naming the step that failed and the command that mends it.
    """
    try:
        module = importlib.import_module("cupy")
    except ImportError as error:
        raise BackendError(
            f'device "cuda" needs CuPy, and `import cupy` failed: {error}. {_CURE}'
        ) from error
    try:
        module.zeros(1).sum()
    except Exception as error:
        raise BackendError(
            f'device "cuda": CuPy {getattr(module, "__version__", "")} is installed, but an '
            f"allocation on the GPU failed: {error}. Check `nvidia-smi`, and that CuPy matches "
            f"the CUDA driver. {_CURE}"
        ) from error
    return module


def is_cupy(value: object) -> bool:
    """Whether value is a CuPy array, told without importing CuPy."""
    kind = type(value)
    return kind.__name__ == "ndarray" and kind.__module__.partition(".")[0] == "cupy"


def is_array(value: object) -> bool:
    """Whether value is an array of one of the backends."""
    return isinstance(value, np.ndarray) or is_cupy(value)


def module_of(array: Array) -> ArrayModule:
    """The module that owns array: `numpy` or `cupy`."""
    return (
        np
        if array.__class__ is np.ndarray or not is_cupy(array)
        else importlib.import_module("cupy")
    )


def device_of(array: Array) -> str:
    """`"cpu"`, or `"cuda:0"` with the number of the GPU that holds array."""
    return f"cuda:{int(array.device.id)}" if is_cupy(array) else "cpu"


def check_device(device: str) -> str:
    """device, if it is a name this library knows; else BackendError."""
    name, _, number = device.partition(":")
    if device == "cpu" or (name == "cuda" and (device == name or number.isdecimal())):
        return device
    raise BackendError(f'device {device!r} is not known. Use "cpu", "cuda" or "cuda:N".')


def to_device(array: Array, device: str) -> Array:
    """array on device: itself if it is there already, else a copy."""
    name, _, number = check_device(device).partition(":")
    if name == "cpu":
        return array.get() if is_cupy(array) else array
    module = cupy()
    with module.cuda.Device(int(number or 0)):
        return module.asarray(array)


def to_host(array: Array) -> np.ndarray[Any, Any]:
    """array as a numpy.ndarray: itself on the host, a copy from a GPU."""
    return array.get() if is_cupy(array) else np.asarray(array)


def as_array(value: Any) -> Array:
    """value as an array: NumPy's ufuncs return scalars for 0-d operands, CuPy's return arrays."""
    return np.asarray(value) if isinstance(value, (np.generic, int, float)) else value


def native(array: Array) -> Array:
    """array in this machine's byte order and with NumPy's own dtype object.

    Raises DTypeError for a dtype that holds no numbers (object, string, complex, time).
    """
    if array.dtype.kind not in "biuf":
        raise DTypeError(
            f"dtype {array.dtype} cannot be used in a Tensor: it must be bool, integer or "
            f"floating. "
            'Convert the array first, for example with array.astype("float32").'
        )
    if array.__class__ is not np.ndarray and isinstance(array, np.ndarray):
        if isinstance(array, np.ma.MaskedArray):
            raise DTypeError("a masked array cannot be used in a Tensor. Use array.filled(value).")
        array = array.view(np.ndarray)  # a np.matrix would multiply differently
    canonical = np.dtype(array.dtype.char)
    if array.dtype is canonical:
        return array
    # An unpickled array has an equal dtype object: a view keeps the memory shared with whoever
    # shares it.
    return array.view(canonical) if array.dtype == canonical else array.astype(canonical)


def root_of(array: Array) -> Array:
    """The array that owns the memory which array views; the identity of a storage."""
    base = array.base
    while is_array(base):
        array, base = base, base.base
    return array


def quiet() -> AbstractContextManager[Any]:
    """Silence for divisions by zero and overflows, which the rules handle by their values."""
    return np.errstate(all="ignore")


def broadcast_to(array: Array, shape: tuple[int, ...]) -> Array:
    """array repeated into shape, as a read-only view. A single number skips NumPy's wrapper, a
    tenth of a small backward."""
    if array.__class__ is np.ndarray and array.ndim == 0:
        view: Array = np.ndarray(shape, array.dtype, array, 0, (0,) * len(shape))
        view.setflags(False)
        return view
    return module_of(array).broadcast_to(array, shape)


def add_at(xp: ArrayModule, target: Array, index: Any, values: Array) -> None:
    """target[index] += values in place, with repeated indices adding up."""
    xp.add.at(target, index, values)


def special(array: Array, name: str) -> Any:
    """The function `name` of cupyx.scipy.special, for an array on a GPU."""
    return getattr(importlib.import_module("cupyx.scipy.special"), name)


def checked_linalg(array: Array) -> AbstractContextManager[Any]:
    """A context in which linear algebra on array raises LinAlgError where it fails.

    NumPy always does; CuPy gives NaN unless it is told to read the solver's status.
    """
    return (
        importlib.import_module("cupyx").errstate(linalg="raise")
        if is_cupy(array)
        else nullcontext()
    )


def module_for(device: str) -> ArrayModule:
    """The module that makes arrays on device: `numpy` for "cpu", else `cupy`."""
    return np if check_device(device) == "cpu" else cupy()


def on_device(device: str) -> AbstractContextManager[Any]:
    """A context in which new arrays are made on that GPU; nothing for "cpu"."""
    if check_device(device) == "cpu":
        return nullcontext()
    context: AbstractContextManager[Any] = cupy().cuda.Device(int(device.partition(":")[2] or 0))
    return context
