"""The stand-in's `cupy.ndarray`: a NumPy array behind a wall.

It holds a NumPy array privately and lets nothing of it out except by counted copies.  Functions
live in `FUNCTIONS`, which `ufuncs.py` and `functions.py` fill; the methods' parameters are CuPy's,
from `names.METHODS`.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from .counter import copies
from .cuda import Device
from .indexing import host_key, is_advanced
from .names import METHODS

#: Device functions by dotted name below `cupy` ("add", "linalg.inv").
FUNCTIONS: dict[str, Callable[..., Any]] = {}

_DTYPES = "?bhilqBHILQefdFD"
_WARNERS = ("cov", "corrcoef", "mean", "average", "median", "nan", "std", "var")
_IMPLICIT = (
    "Implicit conversion to a NumPy array is not allowed. "
    "Please use `.get()` to construct a NumPy array explicitly."
)


class ndarray:
    """An array on the pretended device.

    `base` is the first wrapper of the same memory, None for that one itself.
    """

    __slots__ = ("__weakref__", "_host", "_root")
    __module__ = "cupy"
    __array_priority__ = 100
    __hash__ = None

    _host: np.ndarray
    _root: ndarray | None

    def __init__(self, shape: Any, dtype: Any = np.float64, *, order: Any = "C") -> None:
        """An uninitialised array."""
        self._host, self._root = np.empty(shape, supported(dtype), order), None

    # What is known without reading the device

    shape = property(lambda self: self._host.shape, doc="Lengths of the axes.")
    dtype = property(lambda self: self._host.dtype, doc="Element type, NumPy's.")
    ndim = property(lambda self: self._host.ndim, doc="Number of axes.")
    size = property(lambda self: self._host.size, doc="Number of elements.")
    nbytes = property(lambda self: self._host.nbytes, doc="Bytes of the elements.")
    itemsize = property(lambda self: self._host.itemsize, doc="Bytes of one element.")
    strides = property(lambda self: self._host.strides, doc="Bytes from one element to the next.")
    base = property(lambda self: self._root, doc="The root wrapper of a view's memory, or None.")
    device = property(lambda self: Device(0), doc="The one device.")
    T = property(lambda self: self.transpose(), doc="The axes reversed, a view.")
    real = property(lambda self: wrap(self._host.real, [self]), doc="The real part, a view.")
    imag = property(lambda self: wrap(self._host.imag, [self]), doc="The imaginary part.")

    @property
    def flags(self) -> SimpleNamespace:
        """Contiguity and ownership; CuPy has no read-only arrays, so there is no `writeable`."""
        host = self._host.flags
        return SimpleNamespace(
            c_contiguous=host.c_contiguous,
            f_contiguous=host.f_contiguous,
            owndata=self._root is None,
        )

    @property
    def data(self) -> SimpleNamespace:
        """The memory pointer: `ptr` tells storages apart."""
        return SimpleNamespace(ptr=self._host.ctypes.data, device=Device(0))

    # Reads: each counts as one device-to-host copy

    def get(
        self, stream: Any = None, order: Any = "C", out: Any = None, blocking: bool = True
    ) -> np.ndarray:
        """A copy of the values as a NumPy array."""
        return _read(self, "get").copy(order)

    def item(self) -> Any:
        """The single element as a Python scalar."""
        return _read(self, "item").item()

    def tolist(self) -> Any:
        """The values as nested Python lists."""
        return _read(self, "tolist").tolist()

    def tobytes(self, order: str = "C") -> bytes:
        """The values' bytes."""
        return _read(self, "tobytes").tobytes(order)

    def __bool__(self) -> bool:
        return bool(_read(self, "bool"))

    def __int__(self) -> int:
        return int(_read(self, "int"))

    def __float__(self) -> float:
        return float(_read(self, "float"))

    def __complex__(self) -> complex:
        return complex(_read(self, "complex"))

    def __repr__(self) -> str:
        return repr(_read(self, "repr"))

    def __str__(self) -> str:
        return str(_read(self, "str"))

    def __format__(self, spec: str) -> str:
        return format(_read(self, "format"), spec)

    def __reduce__(self) -> Any:
        return _from_host, (self.get(),)

    # Free: sizes, views and copies on the device

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Iterator[ndarray]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(self.shape[0]))

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def __getitem__(self, key: Any) -> Any:
        key = host_key(key, self.shape)
        if is_advanced(key):
            return wrap(np.array(self._host[key]))
        return wrap(self._host[key], [self])

    def __setitem__(self, key: Any, value: Any) -> None:
        if not isinstance(value, ndarray) and not is_scalar(value):
            raise TypeError(f"Unsupported type {type(value)}")
        with np.errstate(all="ignore"):
            self._host[host_key(key, self.shape)] = getattr(value, "_host", value)

    def fill(self, value: Any) -> None:
        """Sets every element to one scalar or 0-d device array."""
        if getattr(value, "shape", ()) != ():
            raise ValueError("non-scalar cupy.ndarray cannot be used for fill")
        self[...] = value

    def take(self, indices: Any, axis: Any = None, out: Any = None) -> Any:
        """Elements at `indices`; those out of range wrap."""
        return FUNCTIONS["take"](self, indices, axis, out)

    def nonzero(self) -> Any:
        """Indices of the elements that are not zero; CuPy reads their number, counted as a mask."""
        return FUNCTIONS["nonzero"](self)

    # NumPy's protocols

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise TypeError(_IMPLICIT)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        target = FUNCTIONS.get(ufunc.__name__)
        known = (ndarray, np.ndarray)  # the device function refuses the latter
        out = kwargs.pop("out", (None,))
        foreign = [x for x in inputs if not isinstance(x, known) and not is_scalar(x)]
        if target is None or method != "__call__" or foreign:
            return NotImplemented
        return target(*inputs, **kwargs, **({} if out[0] is None else {"out": out[0]}))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        path = [*function.__module__.split(".")[1:], function.__name__]
        target = FUNCTIONS.get(".".join(path))
        if target is None or not all(t in (ndarray, np.ndarray) for t in types):
            return NotImplemented
        return target(*args, **kwargs)


def _read(array: ndarray, reason: str) -> np.ndarray:
    """The values of `array`, counted as one copy to the host."""
    copies.record(reason)
    return array._host


# Crossing the wall


def is_scalar(value: Any) -> bool:
    """Whether CuPy takes `value` as a scalar operand: a Python or NumPy number."""
    return isinstance(value, bool | int | float | complex | np.generic)


def supported(dtype: Any) -> np.dtype[Any]:
    """`dtype` if CuPy has it; ValueError for object, text, dates and long doubles."""
    known: np.dtype[Any] = np.dtype(dtype)
    if known.char not in _DTYPES:
        raise ValueError(f"Unsupported dtype {known}")
    return known


def unwrap(value: Any, sources: list[ndarray]) -> Any:
    """`value` with device arrays opened, inside lists and tuples too; each one met joins `sources`.

    Raises TypeError for a NumPy array, or for anything else that would turn itself into one.
    """
    if isinstance(value, ndarray):
        sources.append(value)
        return value._host
    if isinstance(value, list | tuple):
        return type(value)([unwrap(item, sources) for item in value])
    if hasattr(type(value), "__array__") and not isinstance(value, np.generic):
        raise TypeError(f"Unsupported type {type(value)}")
    return value


def wrap(result: Any, sources: list[ndarray] | None = None) -> Any:
    """A host result as device arrays: scalars become 0-d, views find their root in `sources`."""
    if isinstance(result, list | tuple):
        return (list if isinstance(result, list) else tuple)(wrap(item, sources) for item in result)
    if not isinstance(result, np.ndarray | np.generic):
        return result
    supported(result.dtype)
    array = ndarray.__new__(ndarray)
    array._host, array._root = np.asarray(result), None
    for source in sources or ():
        if source._host is result:
            return source
        if _owner(source._host) is _owner(array._host):
            array._root = source if source._root is None else source._root
    return array


def _owner(host: np.ndarray) -> Any:
    """The object that owns a NumPy array's memory."""
    owner: Any = host
    while getattr(owner, "base", None) is not None:
        owner = owner.base
    return owner


def _from_host(host: np.ndarray) -> Any:
    """A device array with the values of `host` (for pickle)."""
    return wrap(host.copy())


def call(
    function: Callable[..., Any],
    args: Any,
    kwargs: dict[str, Any],
    owners: Iterable[ndarray] = (),
) -> Any:
    """`function` of NumPy on opened arguments, its result wrapped; no warning, as on a GPU.

    owners: arrays, beside those in the arguments, whose memory the result may share.
    """
    sources = list(owners)
    args = [unwrap(arg, sources) for arg in args]
    kwargs = {key: unwrap(value, sources) for key, value in kwargs.items()}
    with contextlib.ExitStack() as stack:
        stack.enter_context(np.errstate(all="ignore"))
        if function.__name__.startswith(_WARNERS):  # these warn by themselves, past errstate
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore", RuntimeWarning)
        return wrap(function(*args, **kwargs), sources)


# Methods and operators


def _method(name: str, words: list[str]) -> Callable[..., Any]:
    """NumPy's method `name`, taking only the parameters CuPy's has."""
    most = None if any(word.startswith("*") for word in words) else len(words)

    def method(self: ndarray, *args: Any, **kwargs: Any) -> Any:
        extra = sorted(set(kwargs) - set(words))
        if extra or (most is not None and len(args) > most):
            raise TypeError(f"{name}() takes {', '.join(words)}; got {extra or args}")
        if name == "repeat" and isinstance(args[0], ndarray):
            raise ValueError("cupy.ndarray cannot be specified as `repeats` argument.")
        if "dtype" in words:
            supported(kwargs.get("dtype") or np.float64)
        return call(getattr(self._host, name), args, kwargs, [self])

    method.__doc__ = f"CuPy's ndarray.{name}({', '.join(words)})."
    return method


def _defers(other: Any) -> bool:
    """Whether an operator leaves it to `other` (NEP 13, else the higher __array_priority__)."""
    if hasattr(type(other), "__array_ufunc__"):
        return type(other).__array_ufunc__ is None
    return getattr(other, "__array_priority__", 0) > ndarray.__array_priority__


_KNOWN = (ndarray, np.ndarray, np.generic)


def _binary(function: str, reflected: bool) -> Callable[..., Any]:
    """The operator that calls the ufunc `function`."""

    def method(self: ndarray, other: Any) -> Any:
        if not isinstance(other, ndarray) and _defers(other):
            return NotImplemented
        pair = (other, self) if reflected else (self, other)
        if hasattr(type(other), "__array_ufunc__") and not isinstance(other, _KNOWN):
            return getattr(np, function)(*pair)  # as CuPy: NumPy's ufunc asks both sides
        return FUNCTIONS[function](*pair)

    return method


def _in_place(function: str) -> Callable[..., Any]:
    """The operator that writes the ufunc's result into its left operand."""

    def method(self: ndarray, other: Any) -> ndarray:
        FUNCTIONS[function](self, other, out=self)
        return self

    return method


def _unary(function: str) -> Callable[..., Any]:
    """The operator that calls a ufunc of one argument."""
    return lambda self: FUNCTIONS[function](self)


_ARITHMETIC = {
    **dict(add="add", sub="subtract", mul="multiply", truediv="divide", floordiv="floor_divide"),
    **dict(mod="remainder", pow="power", lshift="left_shift", rshift="right_shift"),
    **{"and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor"},
}
_COMPARISONS = dict(
    eq="equal", ne="not_equal", lt="less", le="less_equal", gt="greater", ge="greater_equal"
)
_UNARY = dict(neg="negative", pos="positive", abs="absolute", invert="invert")


def _install_methods() -> None:
    """Gives ndarray its tabled methods and operators; CuPy has no in-place @."""
    for name, words in METHODS.items():
        setattr(ndarray, name, _method(name, words.split()))
    for name, function in _ARITHMETIC.items():
        setattr(ndarray, f"__i{name}__", _in_place(function))
    for name, function in {**_ARITHMETIC, "matmul": "matmul", "divmod": "divmod"}.items():
        setattr(ndarray, f"__{name}__", _binary(function, reflected=False))
        setattr(ndarray, f"__r{name}__", _binary(function, reflected=True))
    for name, function in _COMPARISONS.items():
        setattr(ndarray, f"__{name}__", _binary(function, reflected=False))
    for name, function in _UNARY.items():
        setattr(ndarray, f"__{name}__", _unary(function))


_install_methods()
