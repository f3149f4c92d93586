"""How a call leaves its mark: nodes for results, and the globals that the generated functions
share.

`specialise.py` writes the fast way for the ordinary operation; the general ways here serve those
with several outputs, those without a gradient, and the engine's own nodes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import backend, graph
from autograd.backend import Array
from autograd.errors import BackendError, DTypeError, GraphError, ShapeError
from autograd.graph import MARK, SMALL, Node, constant, next_number
from autograd.mode import local
from autograd.promote import common_device, convert, handle, wrap

if TYPE_CHECKING:
    from autograd.op import Op
    from autograd.tensor import Tensor


def explain(operation: Op[Any], error: Exception, tensors: tuple[Any, ...]) -> Exception:
    """The error to raise for one that an operation's forward raised: with its name, shapes and a
    remedy."""
    if isinstance(error, (ShapeError, DTypeError, GraphError, BackendError)):
        return error
    try:
        common_device(operation, tensors, list(tensors))
    except BackendError as mixed:
        return mixed
    given = [t._data for t in tensors if t is not None]
    names = (
        operation.inputs if not operation.is_starred else [f"input {i}" for i in range(len(given))]
    )
    shapes = " and ".join(f"{n} is {a.shape}" for n, a in zip(names, given, strict=False))
    if isinstance(error, ValueError) and "broadcast" in str(error):
        return ShapeError(
            f"{operation.name}: {shapes}; these shapes do not broadcast. "
            "Sizes, aligned from the right, must be equal or 1; reshape or expand_dims one of them."
        )
    if isinstance(error, TypeError) and ("ufunc" in str(error) or "numpy bool" in str(error)):
        dtypes = " and ".join(f"{n} is {a.dtype}" for n, a in zip(names, given, strict=False))
        return DTypeError(
            f"{operation.name}: {dtypes}, for which {operation.name} is not defined. "
            "Convert first with .astype; numbers add and subtract, masks combine by & | ^ ~."
        )
    error.add_note(f"in {operation.name}: {shapes}")
    return error


namespace: dict[str, Any] = {
    "_local": local,
    "_np": np,
    "_ndarray": np.ndarray,
    "_new": object.__new__,
    "_Node": Node,
    "_next": next_number,
    "_frame": sys._getframe,
    "_caller": graph.caller,
    "_constant": constant,
    "_convert": convert,
    "_explain": explain,
    "_module": backend.module_of,
    "_handle": handle,
    "_absent": (None, False),
    "_tuple": tuple,
    "_any": any,
    "_zip": zip,
    "_enumerate": enumerate,
    "_Exception": Exception,
    "_AttributeError": AttributeError,
    MARK: True,
}
"""The globals of every generated function. `autograd/__init__.py` adds Tensor and the ops
module."""


def compile_source(source: str, name: str, op: Op[Any], more: dict[str, Any]) -> Callable[..., Any]:
    """The function that source defines, called name, with the shared globals, op and more in
    reach."""
    scope = {**namespace, "_op": op, **more}
    exec(compile(source, f"<graphgrad op {op.name}>", "exec"), scope)
    function: Callable[..., Any] = scope["_function"]
    function.__name__ = function.__qualname__ = name
    function.__doc__, function.__module__ = op.__doc__, op.forward.__module__
    return function


def kept_names(op: Op[Any]) -> list[str]:
    """The arrays that a node of op keeps: those that a rule names; all inputs for a fused op."""
    used = {name for rule in op.rules.values() for name in rule.uses}
    used |= set(op.inputs) if op.composite is not None else set()
    return [name for name in (*op.inputs, "z", *op.private) if name in used]


def listed(names: list[str]) -> str:
    """Names as the inside of a tuple, each with a comma behind it."""
    return "".join(f"{name}, " for name in names)


def checked(op: Op[Any], z: Any) -> Array:
    """What forward returned, as an array. Raises DTypeError if it is none."""
    if isinstance(z, (np.generic, int, float)):
        return np.asarray(z)
    if not backend.is_array(z):
        raise DTypeError(
            f"op {op.name!r}: forward gave a {type(z).__name__}, not an array. It gets arrays, and "
            "must compute with them and with xp, not with Tensors."
        )
    return z


def check_floating(op: Op[Any], z: Array) -> None:
    """Raises DTypeError if z, about to be tracked, is not floating."""
    if z.dtype.kind != "f":
        raise DTypeError(
            f"op {op.name!r}: forward gave {z.dtype} for an input that requires grad. Return a "
            "floating array, or declare no rule: such an op has no gradient, and says so."
        )


def is_mixed(op: Op[Any], arrays: tuple[Any, ...]) -> bool:
    """Whether those of arrays that are not None differ in dtype, or are not what op computes in."""
    dtypes = [array.dtype for array in arrays if array is not None]
    return any(d is not dtypes[0] for d in dtypes) or (
        op.floating and any(d.kind != "f" for d in dtypes)
    )


def check_private(op: Op[Any], arrays: tuple[Any, ...]) -> None:
    """Raises DTypeError for a floating private array of an op without composite: its second
    derivative would be wrong."""
    for name, array in zip(op.private, arrays, strict=True):
        if not backend.is_array(array) and not isinstance(array, np.generic):
            raise DTypeError(
                f"op {op.name!r}: the private value {name!r} is a {type(array).__name__}. It must "
                "be an integer or bool array."
            )
        if array.dtype.kind == "f":
            raise DTypeError(
                f"op {op.name!r}: the private array {name!r} is {array.dtype}. A floating private "
                f"array may depend on an "
                "input, and second derivatives would silently take it for a constant: give the op "
                "a composite."
            )


def finish_constant(
    op: Op[Any], z: Any, tensors: Any, private: Any, settings: Any, tracked: bool
) -> Any:
    """The untracked result of an op without rules; it remembers the op if an input was tracked."""
    results = []
    for array in _each_output(op, z) if op.outputs else (z,):
        tensor = wrap(backend.as_array(array))
        if tracked and local.mode.recording:
            node = tensor._node = graph.new_leaf(tensor._data, tensor, tracked=False)
            node.source, node.where = op, node.where or graph.caller()
        results.append(tensor)
    return tuple(results) if op.outputs else results[0]


def inherit_source(tensor: Tensor, inputs: tuple[Any, ...]) -> None:
    """Lets an untracked result remember the operation without gradient that an input came from."""
    for x in inputs:
        source = x._node.source if x is not None and x._node is not None else None
        if source is not None and local.mode.recording:
            node = tensor._node = graph.new_leaf(tensor._data, tensor, tracked=False)
            node.source, node.where = source, x._node.where
            return


def _each_output(op: Op[Any], z: Any) -> Any:
    """z, if forward returned as many outputs as op names, or any number for one name; else
    TypeError."""
    if isinstance(z, (tuple, list)) and len(op.outputs) in (1, len(z)):
        return z
    got = len(z) if isinstance(z, (tuple, list)) else f"a {type(z).__name__}"
    behind = f", followed by {', '.join(op.private)}" if op.private else ""
    raise TypeError(
        f"op {op.name!r}: forward must return the tuple ({', '.join(op.outputs)}){behind}, but "
        f"gave {got}."
    )


def new_node(
    op: Any,
    parents: tuple[Any, ...],
    kept: tuple[Any, ...],
    settings: Any,
    like: Any,
    index: int | None = None,
) -> Node:
    """A tracked node made by the general way. like: the output array, or a tuple of them."""
    node, mode = Node(), local.mode
    several = isinstance(like, tuple)
    node.op, node.parents, node.kept, node.settings = op, parents, kept, settings
    node.shape = tuple(a.shape for a in like) if several else like.shape
    node.dtype = tuple(a.dtype for a in like) if several else like.dtype
    node.value = None if several or like.size > SMALL else like
    node.number, node.where, node.module = next_number(), mode.where or graph.caller(), mode.module
    node.origin, node.hooks, node.tensor = mode.origin, None, None
    node.tracked, node.spent, node.name, node.index, node.source = True, False, None, index, None
    if mode.watch is not None and not several:
        mode.watch(node, like)
    return node


def finish_several(
    op: Op[Any], z: Any, tensors: Any, private: Any, settings: Any, tracked: bool
) -> Any:
    """The outputs of an op with several: one node for the op, and one for each floating output."""
    arrays = tuple(backend.as_array(a) for a in _each_output(op, z))
    if not tracked or not local.mode.recording:
        return tuple(wrap(a) for a in arrays)
    check_private(op, private) if op.composite is None else None
    values = dict(zip(op.private, private, strict=True)) | {"z": arrays}
    values |= (
        {op.inputs[0]: tuple(t._data for t in tensors)}
        if op.is_starred
        else {
            n: t._data if t is not None else None for n, t in zip(op.inputs, tensors, strict=True)
        }
    )
    parents = tuple(None if t is None else t._node or constant(t) for t in tensors)
    hub = new_node(op, parents, tuple(values[n] for n in kept_names(op)), settings, arrays)
    return tuple(select_output(hub, i, a) for i, a in enumerate(arrays))


def select_output(hub: Node, index: int, array: Any) -> Tensor:
    """The tensor for output number index of hub; untracked if it is not floating."""
    if array.dtype.kind != "f":
        return wrap(array)
    return handle(array, new_node(namespace["_SELECT"], (hub,), (), None, array, index))


namespace |= {
    "_check_private": check_private,
    "_checked": checked,
    "_check_floating": check_floating,
    "_is_mixed": is_mixed,
    "_inherit_source": inherit_source,
}
