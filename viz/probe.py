"""Running a model only to look at it: afterwards it is as it was before.

A model is anything with `named_modules()` and `named_parameters()`, such as an nn.Module; nothing
of nn is imported. `summary.py`, `network.py`, `boundary.py` and `histogram.py` look at models so.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

import autograd
from autograd import Tensor, as_tensor, backend
from autograd import random as randomness
from autograd.mode import local
from autograd.writes import stamp
from viz.names import one_line


class ModelError(ValueError):
    """What was asked cannot be shown of this model. The message says what can be done."""


def modules_of(model: Any, who: str) -> list[tuple[str, Any]]:
    """The model and every module in it, each once with its path, outer before inner; "" is itself.

    who: the function that asks, for the message. Raises TypeError for what is no model.
    """
    for name in ("named_modules", "named_parameters"):
        if isinstance(model, type) or not callable(getattr(model, name, None)):
            what = f"the class {model.__name__}" if isinstance(model, type) else type(model)
            what = what if isinstance(what, str) else what.__name__
            raise TypeError(
                f"{who}() takes a model with named_modules() and named_parameters(), such as an "
                f"nn.Module, not {what}."
            )
    return list(model.named_modules())


def check_tensors(model: Any, who: str) -> None:
    """Raises TypeError for a model of another library, whose parameters are no Tensors."""
    for name, parameter in model.named_parameters():
        if not isinstance(parameter, Tensor):
            kind = type(parameter)
            raise TypeError(
                f"{who}() takes a model of Tensors, but its parameter {one_line(name)} is "
                f"{kind.__module__}.{kind.__qualname__}: a model of another library."
            )


def own_parameters(module: Any) -> list[tuple[str, Tensor]]:
    """The parameters that stand directly in a module, by name."""
    return list(module.named_parameters(recurse=False))


def detail_of(module: Any) -> str:
    """What a module is, in a few words: "Linear 784 → 50", or its class."""
    words = getattr(module, "drawing_detail", None)
    text = words() if callable(words) else ""
    return str(text) or type(module).__name__


def unsized(model: Any) -> list[str]:
    """The parameters of lazy layers that have not yet learned the size of their input, by path."""
    return [name for name, parameter in model.named_parameters() if not parameter.data.size]


def apart(model: Any) -> Any:
    """What to run instead of the model: a copy, if running it would give lazy layers a size."""
    has_parameters = callable(getattr(model, "named_parameters", None))
    return copy.deepcopy(model) if has_parameters and unsized(model) else model


@contextmanager
def undisturbed(model: Any) -> Iterator[None]:
    """Inside, the model is in evaluation mode; at the end its training flags, its buffers and the
    random state are as they were, whatever happened. Floating-point faults are not told."""
    modules = [module for _, module in model.named_modules()]
    flags = [(module, module.training) for module in modules if hasattr(module, "training")]
    buffers = [held for module in modules for held in _buffers(module)]
    with backend.quiet(), randomness.replay(randomness.get_state()):
        try:
            for module, _ in flags:
                module.training = False
            yield
        finally:
            for module, flag in flags:
                module.training = flag
            for module, *held in buffers:
                _put_back(module, *held)


def _buffers(module: Any) -> Iterator[tuple[Any, str, Tensor, Any, Any]]:
    named = getattr(module, "named_buffers", None)
    for name, tensor in named(recurse=False) if callable(named) else ():
        yield module, name, tensor, tensor.data, tensor.data.copy()


def _put_back(module: Any, name: str, tensor: Tensor, array: Any, before: Any) -> None:
    if getattr(module, name) is not tensor:
        setattr(module, name, tensor)
    if tensor.data is not array:
        tensor.data = array
    same = (array == before) | ((array != array) & (before != before))  # nan is nan
    if not bool(same.all()):
        array[...] = before
        stamp(array)


def inputs_for(model: Any, x: Any, who: str) -> tuple[Tensor, ...]:
    """Tensors to run the model on, on its device; floating arrays in its dtype.

    x: a shape such as (32, 784), which stands for zeros; an array or Tensor; or a list or tuple of
    these, for a model with several inputs. Raises TypeError for anything else.
    """
    parameters = [p for _, p in model.named_parameters()]
    floating = (p.dtype for p in parameters if p.dtype.kind == "f")
    dtype = next(floating, autograd.get_default_dtype())
    device = parameters[0].device if parameters else None
    several = isinstance(x, list | tuple) and not _is_shape(x)
    return tuple(_input(one, dtype, device, who) for one in (x if several else [x]))


def _is_shape(x: Any) -> bool:
    return isinstance(x, list | tuple) and all(
        isinstance(n, int | np.integer) and not isinstance(n, bool) for n in x
    )


def _input(x: Any, dtype: Any, device: str | None, who: str) -> Tensor:
    if isinstance(x, Tensor):
        return as_tensor(x.data)
    if _is_shape(x):
        return autograd.zeros(tuple(map(int, x)), dtype=dtype, device=device)
    if not backend.is_array(x):
        raise TypeError(
            f"{who}(): x is {type(x).__name__}; it must be a shape such as (32, 784), an array or "
            "a Tensor, or a list of these for a model with several inputs."
        )
    return as_tensor(x.astype(dtype) if x.dtype.kind == "f" else x, device=device)


def tracked(x: Any) -> Any:
    """x, or for a floating Tensor that is not tracked, a leaf over its array that is."""
    if isinstance(x, Tensor) and not x.requires_grad and x.dtype.kind == "f":
        return as_tensor(x.data).requires_grad_()
    return x


@contextmanager
def watching(look: Callable[[Any, Any], None]) -> Iterator[None]:
    """Inside, look(node, array) is called with each node that is recorded, and its output."""
    mode = local.mode
    previous = mode.watch

    def watch(node: Any, array: Any) -> None:
        look(node, array)
        if previous is not None:
            previous(node, array)

    mode.watch = watch
    try:
        yield
    finally:
        mode.watch = previous


@contextmanager
def hooked(
    modules: Sequence[tuple[str, Any]],
    entered: Callable[[str, Any, tuple[Any, ...]], Any] | None = None,
    left: Callable[[str, Any, tuple[Any, ...], Any], None] | None = None,
) -> Iterator[None]:
    """Inside, each call of a module calls entered(path, module, inputs), whose result replaces the
    inputs unless it is None, and then left(path, module, inputs, output)."""

    def before(path: str) -> Callable[[Any, Any], Any]:
        return lambda module, inputs: entered and entered(path, module, inputs)

    def after(path: str) -> Callable[[Any, Any, Any], None]:
        def hook(module: Any, inputs: tuple[Any, ...], output: Any) -> None:
            if left is not None:
                left(path, module, inputs, output)

        return hook

    with ExitStack() as stack:
        for path, module in modules:
            if entered is not None:
                stack.callback(module.register_forward_pre_hook(before(path)).remove)
            stack.callback(module.register_forward_hook(after(path)).remove)
        yield


def tensors_in(output: Any) -> list[Tensor]:
    """The Tensors of an output: itself, or those in its tuples, lists and dicts, in order."""
    if isinstance(output, Tensor):
        return [output]
    parts = output.values() if isinstance(output, dict) else output
    if not isinstance(output, dict | list | tuple):
        return []
    return [tensor for part in parts for tensor in tensors_in(part)]
