"""What an operation's arguments become: tensors of one dtype on one device.

Promotion goes by category, as in PyTorch: Python and NumPy scalars, 0-d tensors, integers and bools
never widen a floating tensor (NumPy 2 alone would); of two floating tensors the wider wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import backend
from autograd.backend import Array
from autograd.errors import BackendError, DTypeError, ShapeError
from autograd.graph import constant
from autograd.mode import local

if TYPE_CHECKING:
    from autograd.op import Op
    from autograd.tensor import Tensor

_Tensor: type[Tensor]
_new = object.__new__
_SCALARS = (bool, int, float, np.generic)
_PYTHON = (*_SCALARS, list, tuple)
_EXACT = np.dtype("float64")


def bind(tensor_class: type[Tensor]) -> None:
    """Tells this module what a Tensor is; `autograd/__init__.py` calls it once."""
    global _Tensor
    _Tensor = tensor_class


def wrap(array: Array) -> Tensor:
    """An untracked tensor around array, without a copy."""
    tensor = _new(_Tensor)
    tensor._data, tensor._node, tensor._tracked, tensor._grad = array, None, False, None
    return tensor


def handle(array: Array, node: Any) -> Tensor:
    """A tensor around array that stands at node of the graph."""
    tensor = _new(_Tensor)
    tensor._data, tensor._node, tensor._tracked, tensor._grad = array, node, node.tracked, None
    return tensor


def from_python(value: Any, dtype: np.dtype[Any] | None = None) -> Array:
    """A Python number or (nested) list as an array of dtype, by default the default dtype, without
    going through it; bools stay bool.

    Raises DTypeError if value holds anything but numbers, ShapeError never: ragged lists are
    DTypeErrors.
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise DTypeError(f"a Tensor needs a regular nest of lists: {error}") from error
    if isinstance(value, np.generic):
        return backend.native(array)
    if _holds_large_ints(array):
        return _rounded(value, dtype or local.mode.dtype)
    if array.dtype.kind in "iuf":
        return array.astype(dtype or local.mode.dtype)
    return backend.native(array)


def _holds_large_ints(array: Array) -> bool:
    """Whether array is of dtype object only because its integers are too large for NumPy."""
    return array.dtype.kind == "O" and all(isinstance(v, int | float) for v in array.flat)


def _rounded(value: Any, dtype: np.dtype[Any] | None) -> Array:
    """value as an array of dtype. Raises DTypeError for an integer that is too large for it."""
    try:
        array = np.asarray(value, dtype)
    except OverflowError as error:
        raise _too_large(value, dtype) from error
    if _holds_large_ints(array):
        raise _too_large(value, dtype)
    return backend.native(array)


def _too_large(value: Any, dtype: np.dtype[Any] | None) -> DTypeError:
    what = f"an integer of {value.bit_length()} bits" if isinstance(value, int) else "an integer"
    return DTypeError(
        f"{what} is too large for {dtype or 'int64'}. Scale it down, or compute with its logarithm."
    )


def to_dtype(dtype: Any) -> np.dtype[Any]:
    """dtype as NumPy's object. Raises DTypeError where NumPy knows none of that name."""
    try:
        known: np.dtype[Any] = np.dtype(dtype)
        return known
    except TypeError as error:
        raise DTypeError(
            f'{dtype!r} is not a dtype. Use NumPy\'s names, such as "float32".'
        ) from error


def to_array(value: Any, dtype: np.dtype[Any] | None = None) -> Array:
    """The array behind a tensor, an array, a number, or a nest of lists of them; not copied where
    it can be. dtype: what Python numbers become, instead of the default dtype."""
    if isinstance(value, _Tensor):
        return value._data
    if backend.is_array(value):
        return backend.native(value)
    if isinstance(value, (list, tuple)) and _holds_tensors(value):
        raise DTypeError(
            "a list of Tensors is not one Tensor. Use autograd.ops.stack(list) to join them along "
            "a new axis, "
            "or concatenate(list) along an old one; both keep the graph."
        )
    if isinstance(value, _PYTHON):
        return from_python(value, dtype)
    if hasattr(value, "__array__"):
        return backend.native(np.asarray(value))
    raise DTypeError(
        f"{type(value).__name__} cannot be used as a Tensor. Give a number, a list of numbers, a "
        f"NumPy or "
        "CuPy array, or a Tensor."
    )


def _holds_tensors(values: Any) -> bool:
    nests = (list, tuple)
    return any(
        isinstance(v, _Tensor) or (isinstance(v, nests) and _holds_tensors(v)) for v in values
    )


def convert(op: Op[Any], args: tuple[Any, ...]) -> list[Any]:
    """args as tensors that op's specialised call takes: one dtype for those it differentiates, one
    device.

    None stands for an optional input left out. An integer or bool becomes the default dtype where
    op is floating (exp, ÷, mean).
    """
    if not args:
        raise ShapeError(f"{op.name}: it needs at least one {op.inputs[0]}.")
    # An input without a rule, such as take's indices, must not be cast.
    quick = _beside_numbers(args) if len(op.rules) in (0, len(op.inputs)) else None
    if quick is not None:
        return quick
    cast = op.is_cast
    tensors: list[Any] = []
    for position, arg in enumerate(args):
        if isinstance(arg, _Tensor) or (
            arg is None and not op.is_starred and op.inputs[position] in op.optional
        ):
            tensors.append(arg)
        elif isinstance(arg, _SCALARS):
            tensors.append(wrap(_rounded(arg, None)))
        elif isinstance(arg, (list, tuple)) and not (op.is_starred or cast[position]):
            tensors.append(wrap(backend.native(np.asarray(arg))))  # a list of indices stays integer
        else:
            # A list is rounded once, to the dtype that is found for all.
            tensors.append(wrap(to_array(arg, _EXACT)))
    device = common_device(op, args, tensors)
    chosen = [i for i, t in enumerate(tensors) if t is not None and (op.is_starred or cast[i])]
    dtype = common_dtype([(tensors[i], args[i]) for i in chosen])
    if op.floating and dtype.kind != "f":
        dtype = local.mode.dtype
    for i, tensor in enumerate(tensors):
        if tensor is not None:
            tensors[i] = _moved(tensor, dtype if i in chosen else tensor._data.dtype, device)
    return tensors


def _beside_numbers(args: tuple[Any, ...]) -> list[Any] | None:
    """args where they are one floating tensor and Python numbers, as in 2 * x: much the most
    frequent case."""
    tensor = None
    for arg in args:
        kind = arg.__class__
        if kind is float or kind is int:
            continue
        if tensor is not None or not isinstance(arg, _Tensor) or arg._data.dtype.kind != "f":
            return None
        tensor = arg
    if tensor is None or tensor._data.__class__ is not np.ndarray:
        return None
    dtype = tensor._data.dtype
    try:
        return [arg if arg is tensor else wrap(np.asarray(arg, dtype)) for arg in args]
    except OverflowError as error:
        large = max((arg for arg in args if arg is not tensor), key=abs)
        raise _too_large(large, dtype) from error


def _moved(tensor: Tensor, dtype: np.dtype[Any], device: str | None) -> Tensor:
    """tensor with its data in dtype and on device: itself, or a second handle on the same node."""
    data = tensor._data
    if data.dtype is not dtype:
        data = data.astype(dtype)
    if device is not None and not backend.is_cupy(data):
        data = backend.to_device(data, device)
    if data is tensor._data:
        return tensor
    return handle(data, constant(tensor))


def common_device(op: Op[Any], args: tuple[Any, ...], tensors: list[Any]) -> str | None:
    """The GPU that the arguments lie on; None for the host. Only numbers and lists move there by
    themselves."""
    on_gpu = [t for t in tensors if t is not None and backend.is_cupy(t._data)]
    if not on_gpu:
        return None
    device = backend.device_of(on_gpu[0]._data)
    for arg, tensor in zip(args, tensors, strict=True):
        if tensor is None or isinstance(arg, _PYTHON):
            continue
        if backend.device_of(tensor._data) != device:
            raise BackendError(
                f"{op.name}: one input is on {device} and another, of shape {tensor._data.shape}, "
                f"on "
                f'{backend.device_of(tensor._data)}. Move it first: x.to("{device}").'
            )
    return device


def common_dtype(operands: list[tuple[Tensor, Any]]) -> np.dtype[Any]:
    """The dtype that operands are computed in, given each as (tensor, the argument it came
    from)."""
    best: np.dtype[Any] = np.dtype(bool)
    best_rank = (-1, -1)
    for tensor, arg in operands:
        dtype = tensor._data.dtype
        category = "biuf".index(dtype.kind)
        category -= category > 1  # signed and unsigned integers are one category
        weight = 0 if isinstance(arg, _SCALARS) else 1 if tensor._data.ndim == 0 else 2
        if (rank := (category, weight)) > best_rank:
            best_rank, best = rank, _scalar_dtype(arg, dtype)
        elif rank == best_rank:
            wider = np.promote_types(best, _scalar_dtype(arg, dtype))
            # NumPy alone would make a float of uint64 and int64.
            best = wider if wider.kind != "f" or best.kind == "f" else np.dtype("int64")
    return np.dtype(best.char)


def _scalar_dtype(arg: Any, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype an argument asks for: Python's numbers ask for the default dtype if floating."""
    return local.mode.dtype if isinstance(arg, _PYTHON) and dtype.kind == "f" else dtype
