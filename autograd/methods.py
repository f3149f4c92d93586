"""Tensor's operators and mathematical methods, each one line onto `autograd.ops`.

What needs no thought has only its signature here: `bind_operators`, which `autograd/__init__.py`
calls, puts the generated functions themselves in its place and saves a call. In-place operators
are in `inplace.py`, NumPy's functions that meet a Tensor in `interop.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from autograd import ops
from autograd.habits import KEYWORDS, refuses
from autograd.inplace import in_place, set_item
from autograd.interop import Interop, compared
from autograd.op import Op
from autograd.ops.keys import index_of

if TYPE_CHECKING:
    from autograd.tensor import Tensor

speaks_numpy = refuses(**KEYWORDS)
"""Decorates a method: TypeError, naming NumPy's word, where a keyword is PyTorch's."""


class Casts:
    """PyTorch's short names for dtypes; apart, because they hide Python's own in their class."""

    __slots__ = ()

    def float(self) -> Tensor:
        """self as float32."""
        return ops.astype(self, dtype="float32")

    def double(self) -> Tensor:
        """self as float64."""
        return ops.astype(self, dtype="float64")

    def half(self) -> Tensor:
        """self as float16."""
        return ops.astype(self, dtype="float16")

    def int(self) -> Tensor:
        """self as int32."""
        return ops.astype(self, dtype="int32")

    def long(self) -> Tensor:
        """self as int64."""
        return ops.astype(self, dtype="int64")

    def bool(self) -> Tensor:
        """self as bool: whether each element is not zero."""
        return ops.astype(self, dtype="bool")


class Methods(Casts, Interop):
    """What Tensor inherits: arithmetic, comparisons, indexing and mathematics."""

    __slots__ = ()
    __hash__ = object.__hash__

    if TYPE_CHECKING:
        _data: Any
        _node: Any
        _tracked: bool

        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __iadd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __isub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __imul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __itruediv__(self, other: Any) -> Tensor: ...
        def __floordiv__(self, other: Any) -> Tensor: ...
        def __rfloordiv__(self, other: Any) -> Tensor: ...
        def __ifloordiv__(self, other: Any) -> Tensor: ...
        def __mod__(self, other: Any) -> Tensor: ...
        def __rmod__(self, other: Any) -> Tensor: ...
        def __imod__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __ipow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __rmatmul__(self, other: Any) -> Tensor: ...
        def __imatmul__(self, other: Any) -> Tensor: ...
        def __and__(self, other: Any) -> Tensor: ...
        def __rand__(self, other: Any) -> Tensor: ...
        def __iand__(self, other: Any) -> Tensor: ...
        def __or__(self, other: Any) -> Tensor: ...
        def __ror__(self, other: Any) -> Tensor: ...
        def __ior__(self, other: Any) -> Tensor: ...
        def __xor__(self, other: Any) -> Tensor: ...
        def __rxor__(self, other: Any) -> Tensor: ...
        def __ixor__(self, other: Any) -> Tensor: ...
        def __lt__(self, other: Any) -> Tensor: ...
        def __le__(self, other: Any) -> Tensor: ...
        def __gt__(self, other: Any) -> Tensor: ...
        def __ge__(self, other: Any) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...

        def abs(self) -> Tensor:
            """|self|."""

        def all(self, axis: Any = None, keepdims: bool = False) -> Tensor:
            """Whether all elements along axis are true."""

        def any(self, axis: Any = None, keepdims: bool = False) -> Tensor:
            """Whether any element along axis is true."""

        def argmax(self, axis: int | None = None, keepdims: bool = False) -> Tensor:
            """The position of the largest element along axis, the first of equals."""

        def argmin(self, axis: int | None = None, keepdims: bool = False) -> Tensor:
            """The position of the smallest element along axis, the first of equals."""

        def argsort(self, axis: int | None = -1) -> Tensor:
            """The positions that would sort self along axis."""

        def broadcast_to(self, shape: tuple[int, ...]) -> Tensor:
            """self repeated along the axes where shape is larger."""

        def ceil(self) -> Tensor:
            """Each element rounded up; no gradient."""

        def clip(self, min: float | None = None, max: float | None = None) -> Tensor:
            """self kept within [min, max]."""

        def copy(self) -> Tensor:
            """self in memory of its own; gradients flow back."""

        def cos(self) -> Tensor:
            """cos(self)."""

        def cumprod(self, axis: int | None = None) -> Tensor:
            """Running products along axis."""

        def cumsum(self, axis: int | None = None) -> Tensor:
            """Running sums along axis."""

        def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
            """The diagonal of the planes (axis1, axis2), as the last axis."""

        def dot(self, other: Any) -> Tensor:
            """NumPy's dot product."""

        def exp(self) -> Tensor:
            """eˣ."""

        def expand_dims(self, axis: int | tuple[int, ...]) -> Tensor:
            """self with a new axis of size 1."""

        def floor(self) -> Tensor:
            """Each element rounded down; no gradient."""

        def log(self) -> Tensor:
            """The natural logarithm."""

        def log_softmax(self, axis: int = -1) -> Tensor:
            """log(softmax(self)), computed stably."""

        def logsumexp(self, axis: Any = None, keepdims: bool = False) -> Tensor:
            """log Σ exp(self) along axis, computed stably."""

        def matmul(self, other: Any) -> Tensor:
            """self @ other."""

        def max(self, axis: Any = None, keepdims: bool = False) -> Tensor:
            """The largest element along axis; ties share the gradient."""

        def mean(self, axis: Any = None, keepdims: bool = False) -> Tensor:
            """The mean along axis."""

        def min(self, axis: Any = None, keepdims: bool = False) -> Tensor:
            """The smallest element along axis; ties share the gradient."""

        def moveaxis(self, source: Any, destination: Any) -> Tensor:
            """self with the axes source moved to destination."""

        def norm(self, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:
            """The norm along axis."""

        def prod(self, axis: Any = None, keepdims: bool = False) -> Tensor:
            """The product along axis."""

        def ravel(self) -> Tensor:
            """self in one dimension."""

        def relu(self) -> Tensor:
            """max(self, 0)."""

        def repeat(self, repeats: Any, axis: int | None = None) -> Tensor:
            """Each element repeated, as in NumPy."""

        def round(self, decimals: int = 0) -> Tensor:
            """Each element rounded, halves to even; no gradient."""

        def sigmoid(self) -> Tensor:
            """1 / (1 + e⁻ˣ)."""

        def sin(self) -> Tensor:
            """sin(self)."""

        def softmax(self, axis: int = -1) -> Tensor:
            """exp(self) / Σ exp(self) along axis."""

        def sort(self, axis: int | None = -1) -> Tensor:
            """A sorted copy, as np.sort."""

        def sqrt(self) -> Tensor:
            """√self."""

        def square(self) -> Tensor:
            """self²."""

        def squeeze(self, axis: int | tuple[int, ...] | None = None) -> Tensor:
            """self without the axes of size 1."""

        def std(self, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
            """The standard deviation along axis; divided by n − ddof."""

        def sum(self, axis: Any = None, keepdims: bool = False) -> Tensor:
            """The sum along axis."""

        def swapaxes(self, axis1: int, axis2: int) -> Tensor:
            """self with two axes exchanged."""

        def take(self, indices: Any, axis: int | None = None) -> Tensor:
            """The slices at indices along axis."""

        def tanh(self) -> Tensor:
            """tanh(self)."""

        def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
            """The sum of a diagonal."""

        def var(self, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
            """The variance along axis; divided by n − ddof."""

    def __pos__(self) -> Tensor:
        return ops.copy(self)

    def __round__(self, ndigits: int | None = None) -> Tensor:
        return ops.round(self, decimals=ndigits or 0)

    def __divmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return ops.floor_divide(self, other), ops.mod(self, other)

    def __rdivmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return ops.floor_divide(other, self), ops.mod(other, self)

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]  # elementwise, as in NumPy
        result: Tensor = compared(ops.equal, self, other)
        return result

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]  # elementwise, as in NumPy
        result: Tensor = compared(ops.not_equal, self, other)
        return result

    # Shape and type

    @property
    def T(self) -> Tensor:
        """self with its axes in reverse order."""
        return ops.transpose(self)

    @property
    def mT(self) -> Tensor:
        """self with its last two axes exchanged: the transpose of each matrix."""
        return ops.swapaxes(self, axis1=-1, axis2=-2)

    def astype(self, dtype: Any) -> Tensor:
        """self in another dtype; gradients come back in self's."""
        return ops.astype(self, dtype=dtype)

    def clone(self) -> Tensor:
        """self in memory of its own; gradients flow back."""
        return ops.copy(self)

    def flatten(self, *axes: Any, **named: Any) -> Tensor:
        """self in one dimension. Raises TypeError for a start or an end, as PyTorch's takes."""
        return ops.flatten(self, *axes, **named)

    @speaks_numpy
    def reshape(self, *shape: Any) -> Tensor:
        """self's elements in another shape, given as sizes or as one tuple; one size may be −1."""
        return ops.reshape(self, shape=_unpacked(shape))

    @speaks_numpy
    def transpose(self, *axes: Any) -> Tensor:
        """self with its axes in the order given, as numbers or one tuple; reversed if none are."""
        return ops.transpose(self, axes=_unpacked(axes) if axes else None)

    @speaks_numpy
    def permute(self, *axes: Any) -> Tensor:
        """self with its axes in the order given: PyTorch's name for transpose(*axes)."""
        return ops.transpose(self, axes=_unpacked(axes))

    def view(self, *shape: Any) -> NoReturn:
        """Raises TypeError: the name of PyTorch's method means another thing in NumPy."""
        raise TypeError(
            "view() is not here. Use .reshape(), which gives a view where it can, "
            "and .astype() for another dtype."
        )

    # Elements

    def __getitem__(self, index: Any) -> Tensor:
        return ops.getitem(self, index=index_of(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        set_item(self, index, value)


def _unpacked(sizes: tuple[Any, ...]) -> Any:
    """The one tuple or list that was given in the place of several numbers, or the numbers."""
    return sizes[0] if len(sizes) == 1 and not hasattr(sizes[0], "__index__") else sizes


_SIGNS = {"mul": "*", "truediv": "/", "pow": "**", "matmul": "@", "floordiv": "//", "mod": "%"}
"""How Python writes an operator whose operation has another symbol, for messages."""

# The knot


def bind_operators() -> None:
    """Puts the operations' generated functions in the place of the signatures above."""
    for word, op in _OPERATORS.items():
        setattr(Methods, f"__{word}__", op.call)
        if word not in _COMPARISONS:
            setattr(Methods, f"__r{word}__", _reflected(op))
            setattr(Methods, f"__i{word}__", in_place(op, _SIGNS.get(word, op.symbol)))
    for word, op in _UNARY.items():
        setattr(Methods, f"__{word}__", op.call)
    for name in _METHODS:
        function = getattr(ops, name)
        called = function.call if isinstance(function, Op) else function
        setattr(Methods, name, speaks_numpy(called))


def _reflected(op: Op[Any]) -> Callable[[Any, Any], Any]:
    call = op.call

    def method(self: Any, other: Any) -> Any:
        return call(other, self)

    return method


_COMPARISONS = {"lt": ops.less, "le": ops.less_equal, "gt": ops.greater, "ge": ops.greater_equal}
_OPERATORS: dict[str, Op[Any]] = {
    "add": ops.add, "sub": ops.sub, "mul": ops.mul, "truediv": ops.div, "pow": ops.pow,
    "floordiv": ops.floor_divide, "mod": ops.mod, "matmul": ops.matmul,
    "and": ops.bitwise_and, "or": ops.bitwise_or, "xor": ops.bitwise_xor, **_COMPARISONS,
}  # fmt: skip
_UNARY: dict[str, Op[Any]] = {"neg": ops.neg, "abs": ops.abs, "invert": ops.invert}
_METHODS = """
    abs all any argmax argmin argsort broadcast_to ceil clip copy cos cumprod cumsum diagonal dot
    exp expand_dims floor log log_softmax logsumexp matmul max mean min moveaxis norm prod ravel
    relu repeat round sigmoid sin softmax sort sqrt square squeeze std sum swapaxes take tanh trace
    var
""".split()

__all__ = ["Methods", "bind_operators"]
