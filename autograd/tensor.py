"""Tensor: the user's handle on an array and on its place in the graph.

Its operators and mathematical methods are in `methods.py`; here are what it holds, how it is made,
read, written, moved, printed and differentiated.
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import backend, differentiate, graph, mode, writes
from autograd.backend import Array
from autograd.errors import DTypeError, GraphError, ShapeError
from autograd.graph import Node, constant, new_leaf
from autograd.habits import checked_flag, refuses
from autograd.inplace import check_writeable
from autograd.ops.shaping import to_device
from autograd.promote import to_array, to_dtype, wrap
from autograd.protocols import Protocols

_NO_LEAF = (
    "the .grad of a tensor that is no leaf is read: an operation made it, and backward() keeps no "
    "gradient there. Call retain_grad() on it first; to update a parameter, write "
    "`w -= rate * w.grad` under autograd.no_grad(), which keeps it a leaf."
)


class Tensor(Protocols):
    """An array that remembers how it was computed.

    data: a number, a nest of lists, an array (copied), or a Tensor.  requires_grad: whether
    backward() shall give it a gradient.  name: what drawings and messages call it.  dtype: NumPy
    arrays keep theirs, Python numbers become the default dtype.  device: "cpu", "cuda" or "cuda:N";
    the default device if None.
    Raises DTypeError for data without numbers, and for an integer or bool array with requires_grad;
    TypeError for a requires_grad that is neither True nor False.
    """

    __slots__ = ("__weakref__", "_data", "_grad", "_node", "_tracked")
    __array_priority__ = 1000
    __hash__ = object.__hash__

    _data: Array
    _grad: Tensor | None
    _node: Node | None
    _tracked: bool

    def __init__(
        self,
        data: Any,
        requires_grad: bool = False,
        *,
        name: str | None = None,
        dtype: Any = None,
        device: str | None = None,
    ) -> None:
        wanted = None if dtype is None else to_dtype(dtype)
        array = to_array(data, wanted)
        if wanted is not None:
            array = array.astype(wanted, copy=False)
        if device is not None or not backend.is_cupy(array):
            array = backend.to_device(array, mode.local.mode.device if device is None else device)
        self._place(array.copy() if _is_shared(array, data) else array, requires_grad, name)

    def _place(self, array: Array, requires_grad: bool, name: str | None) -> None:
        """Fills a new handle: a leaf around array, without a copy."""
        self._data, self._grad, self._node, self._tracked = backend.native(array), None, None, False
        if requires_grad is not False:
            self.requires_grad_(requires_grad)
        if name is not None:
            self.name = name

    # What it holds

    @property
    def data(self) -> Array:
        """The array itself, not a copy. Writing into it is not seen by the graph except in anomaly
        mode."""
        return self._data

    @data.setter
    def data(self, array: Any) -> None:
        array = backend.native(to_array(array, self._data.dtype))
        if array.shape != self._data.shape:
            raise ShapeError(
                f"data: the tensor is {self._data.shape} but the new array is {array.shape}; make "
                f"a new Tensor."
            )
        if array.dtype != self._data.dtype:
            raise DTypeError(
                f"data: the tensor is {self._data.dtype} but the new array is {array.dtype}. Cast "
                f'it with .astype("{self._data.dtype}"), or make a new Tensor.'
            )
        self._data = array
        if self._node is not None and self.is_leaf:
            self._node.value = array if array.size <= graph.SMALL else None

    @property
    def grad(self) -> Tensor | None:
        """∂output/∂self, summed over the backward passes so far; None before the first.

        Warns if self is the result of an operation that was not told to retain_grad().
        """
        node = self._node
        if self._grad is None and self._tracked and node is not None and node.op is not None:
            if node.tensor is None:
                warnings.warn(_NO_LEAF, stacklevel=2)
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if isinstance(value, Tensor) and value.shape == self.shape and value.dtype != self.dtype:
            raise DTypeError(
                f"grad: the tensor is {self.dtype} but the gradient is {value.dtype}. Cast it with "
                f'.astype("{self.dtype}").'
            )
        if value is not None and (not isinstance(value, Tensor) or value.shape != self.shape):
            what = (
                f"of shape {value.shape}"
                if isinstance(value, Tensor)
                else f"a {type(value).__name__}"
            )
            raise ShapeError(
                f"grad: it must be None or a Tensor of shape {self.shape}, not {what}."
            )
        self._grad = value

    @property
    def name(self) -> str | None:
        """What drawings and messages call it."""
        return self._node.name if self._node is not None else None

    @name.setter
    def name(self, value: str | None) -> None:
        constant(self).name = value

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of each axis."""
        return self._data.shape  # type: ignore[no-any-return]  # Array is Any

    @property
    def dtype(self) -> np.dtype[Any]:
        """The kind of number it holds."""
        return self._data.dtype  # type: ignore[no-any-return]  # Array is Any

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim  # type: ignore[no-any-return]  # Array is Any

    @property
    def size(self) -> int:
        """The number of elements, as in NumPy."""
        return Size(self._data.size)

    @property
    def device(self) -> str:
        """Where its array is: "cpu" or "cuda:0"."""
        return backend.device_of(self._data)

    @property
    def requires_grad(self) -> bool:
        """Whether backward() computes a gradient for it."""
        return self._tracked

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made it."""
        return self._node is None or self._node.op is None

    @property
    def node(self) -> Node | None:
        """Its place in the graph; None for an untracked tensor that nothing used."""
        return self._node

    # Differentiation

    @refuses(inputs="autograd.grad(output, inputs), which writes no .grad")
    def backward(
        self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False
    ) -> None:
        """Adds ∂self/∂leaf to `.grad` of every leaf that self depends on.

        gradient: ∂L/∂self, of self's shape; may be left out for a single number, and is then 1.
        retain_graph: keep the graph for a second pass.  create_graph: record the pass, so that
        gradients can be differentiated.
        Raises GraphError if self is not tracked, has several elements and no gradient, or its graph
        was freed.
        """
        differentiate.backward(self, gradient, retain_graph, create_graph)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """self, a leaf whose gradient is wanted (or not).

        Raises DTypeError for an integer or bool tensor, GraphError for the result of an operation,
        TypeError for what is neither True nor False.
        """
        requires_grad = checked_flag(requires_grad)
        if requires_grad == self._tracked:
            return self
        if not self.is_leaf:
            raise GraphError(
                "requires_grad can be changed on leaves only. Use detach() to get an untracked "
                "tensor."
            )
        if requires_grad and self._data.dtype.kind != "f":
            raise DTypeError(
                f"a tensor of dtype {self._data.dtype} cannot require grad: gradients are "
                f"floating. "
                'Convert it first, for example with x.astype("float32").'
            )
        self._node = new_leaf(self._data, self, tracked=requires_grad, name=self.name)
        self._tracked = requires_grad
        return self

    def retain_grad(self) -> None:
        """Makes backward() write `.grad` on this tensor too, though it is no leaf. Raises
        GraphError if untracked."""
        if self._node is None or not self._tracked:
            raise GraphError(
                "retain_grad(): this tensor does not require grad, so it will get none."
            )
        self._node.tensor = weakref.ref(self)

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> Hook:
        """Runs hook(gradient) once self's gradient is complete; what it returns, if not None,
        replaces the gradient.

        Returns a handle whose remove() takes the hook off. Raises GraphError if self is untracked,
        TypeError if hook cannot be called.
        """
        if not callable(hook):
            raise TypeError(f"register_hook(): a function of the gradient is needed, not {hook!r}.")
        if self._node is None or not self._tracked:
            raise GraphError(
                "register_hook(): this tensor does not require grad, so no gradient will reach "
                "the hook."
            )
        if self._node.hooks is None:
            self._node.hooks = {}
        handle = Hook(self._node.hooks, graph.next_number())
        self._node.hooks[handle.key] = hook
        return handle

    def detach(self) -> Tensor:
        """An untracked tensor around the same memory."""
        return wrap(self._data)

    # Out of the graph

    def item(self) -> Any:
        """The value as a Python number. Raises ShapeError if there is more than one element."""
        if self._data.size != 1:
            raise ShapeError(
                f"item(): a tensor of shape {self.shape} holds {self._data.size} elements, not "
                f"one. Use .tolist()."
            )
        return self._data.item()

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers."""
        return self._data.tolist()

    def numpy(self) -> np.ndarray[Any, Any]:
        """The array on the host; the same memory if it is there already.

        Raises GraphError if self is tracked: changes would not be seen by the graph.
        """
        if self._tracked:
            raise GraphError("numpy(): this tensor requires grad. Use .detach().numpy().")
        return backend.to_host(self._data)

    @refuses(
        device='x.to("cuda"): the device alone, by position',
        dtype='x.to("float64"): the dtype alone, by position',
        non_blocking="to() without it: a copy is there when to() returns",
    )
    def to(self, target: Any) -> Tensor:
        """self on a device ("cpu", "cuda:0") or in a dtype ("float64"); recorded, so gradients flow
        back."""
        if isinstance(target, str) and target.partition(":")[0] in ("cpu", "cuda"):
            return to_device(self, device=target) if target != self.device else self
        try:
            dtype = to_dtype(target)
        except DTypeError as error:
            raise DTypeError(
                f"to(): {target!r} is neither a device nor a dtype. "
                'Devices are "cpu", "cuda" and "cuda:N", dtypes NumPy\'s, such as "float32".'
            ) from error
        return self.astype(dtype)

    def cpu(self) -> Tensor:
        """self on the host."""
        return self.to("cpu")

    def copy_(self, source: Any) -> Tensor:
        """self, with source's values written into its memory. Raises GraphError if recorded: use it
        under no_grad."""
        writes.allow_write(self, "copy_")
        array = backend.to_device(to_array(source, self.dtype), self.device)
        check_writeable(self, "copy_")
        self._data[...] = array
        writes.stamp(self._data)
        return self


def tensor(
    data: Any,
    requires_grad: bool = False,
    *,
    name: str | None = None,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """A Tensor that holds a copy of data: the same as `Tensor(...)`."""
    return Tensor(data, requires_grad, name=name, dtype=dtype, device=device)


def as_tensor(data: Any, *, dtype: Any = None, device: str | None = None) -> Tensor:
    """data as a Tensor around the same memory where that can be; a Tensor keeps its graph."""
    if isinstance(data, Tensor):
        moved = data if device is None else data.to(device)
        return moved if dtype is None or to_dtype(dtype) == data.dtype else moved.astype(dtype)
    wanted = None if dtype is None else to_dtype(dtype)
    array = to_array(data, wanted)
    if wanted is not None:
        array = array.astype(wanted, copy=False)
    if device is not None or not backend.is_cupy(array):
        array = backend.to_device(array, mode.local.mode.device if device is None else device)
    return wrap(backend.native(array))


class Hook:
    """A hook that was registered on a tensor. Calling the handle removes it too."""

    __slots__ = ("_hooks", "key")

    def __init__(self, hooks: dict[int, Any], key: int) -> None:
        self._hooks, self.key = hooks, key

    def remove(self) -> None:
        """Takes the hook off; does nothing the second time."""
        self._hooks.pop(self.key, None)

    __call__ = remove


class Size(int):
    """A number of elements that explains itself to those who call it as PyTorch's method."""

    def __call__(self, *args: Any) -> Any:
        raise TypeError(
            "size is a number here, as in NumPy: write x.size, and x.shape (or x.shape[0]) for "
            "the sizes of the axes."
        )


def _is_shared(array: Array, data: Any) -> bool:
    """Whether array is memory that belongs to data's owner."""
    source = data._data if isinstance(data, Tensor) else data
    if backend.is_array(source):
        return backend.root_of(array) is backend.root_of(source)
    return array.base is not None or hasattr(source, "__array__")
