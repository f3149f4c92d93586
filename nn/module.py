"""Module: a function with parameters, and the tree that modules make.

Parameters, buffers and modules are ordinary attributes; a module only remembers, in the order of
assignment, which of its attributes are which. What a call does is in `calling.py`, state
dictionaries in `state.py`, training in one line in `compiled.py`. Read `containers.py` next.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, Self, TypeVar

from autograd import Tensor, zeros_like
from autograd.backend import to_device
from autograd.errors import DTypeError
from autograd.promote import to_dtype
from nn.calling import Calling
from nn.compiled import Compiled
from nn.overlooked import warn_of_overlooked
from nn.parameter import Parameter, become
from nn.registration import add
from nn.state import State

__all__ = ["Module"]

T = TypeVar("T")


class Module(Calling, State, Compiled):
    """A function of tensors that may hold parameters, buffers and other modules.

    A subclass sets them as attributes in its constructor and defines `forward`; calling the module
    runs its hooks and `forward`, and marks what is recorded with the module's place for drawings.
    `training` tells layers such as Dropout which of their two behaviours to show.
    """

    training: bool
    _parameters: dict[str, None]
    _buffers: dict[str, bool]
    _modules: dict[str, None]
    _given: tuple[tuple[Any, ...], dict[str, Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__module__.partition(".")[0] == "nn" and not cls.__name__.startswith("_"):
            add(cls)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """An empty module. Made here and not in __init__, so that a subclass which forgets
        `super().__init__()` works."""
        if (args or kwargs) and cls.__init__ is object.__init__:
            raise TypeError(f"{cls.__name__}() takes no arguments, but some were given.")
        self = super().__new__(cls)
        vars(self).update(training=True, _parameters={}, _buffers={}, _modules={})
        # A module that was copied could not be built from an iterator that was read, nor copied.
        args = tuple([Spent() if isinstance(arg, Iterator) else arg for arg in args])
        kwargs = {k: Spent() if isinstance(arg, Iterator) else arg for k, arg in kwargs.items()}
        vars(self).update(_given=(args, kwargs))
        return self

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes. Every subclass defines its own."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward(). Define `def forward(self, x): ...` in it."
        )

    def __copy__(self) -> Self:
        """A module of its own that has the same parts."""
        copied = super().__new__(type(self))
        vars(copied).update(vars(self))
        for registry in ("_parameters", "_buffers", "_modules"):
            vars(copied)[registry] = dict(vars(self)[registry])
        return copied

    # Attributes

    def __setattr__(self, name: str, value: Any) -> None:
        parameters, buffers, modules = self._parameters, self._buffers, self._modules
        if isinstance(value, (Parameter, Module)):
            object.__setattr__(self, name, value)  # before it is registered, as it may be refused
            own: dict[str, None] = modules if isinstance(value, Module) else parameters
            self._claim(name, own)
            own[name] = None
            if own is modules:
                vars(value)["_name"] = name
            return
        if name in parameters:
            if value is not None:
                raise TypeError(
                    f"{type(self).__name__}.{name} is a parameter and cannot become "
                    f"{_kind(value)}. Assign an nn.Parameter, or None."
                )
        elif name in modules:
            if value is not None:
                raise TypeError(
                    f"{type(self).__name__}.{name} is a module and cannot become {_kind(value)}. "
                    "Assign a Module, or None; or delete it first."
                )
        elif name in buffers and not (value is None or isinstance(value, Tensor)):
            raise TypeError(
                f"{type(self).__name__}.{name} is a buffer and cannot become {_kind(value)}. "
                "Assign a Tensor, or None."
            )
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        self._claim(name, None)

    def _claim(self, name: str, kind: Any) -> None:
        """Takes name out of the registries, except kind, which keeps its place there."""
        for registry in (self._parameters, self._buffers, self._modules):
            if registry is not kind:
                registry.pop(name, None)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Makes param the parameter called name; None keeps the place for one that may come.

        Raises TypeError if param is no Parameter; KeyError if name is taken or no attribute name.
        """
        self._check_new(name, self._parameters)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"register_parameter({name!r}): {_kind(param)} is no Parameter. "
                "Use nn.Parameter(data)."
            )
        self._parameters[name] = None
        setattr(self, name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Makes tensor the buffer called name: state that is saved and moved, and not learned.

        persistent: whether state_dict() has it.  Raises TypeError if tensor is no Tensor; KeyError
        if name is taken or no attribute name.
        """
        self._check_new(name, self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"register_buffer({name!r}): {_kind(tensor)} is no Tensor. Use autograd.tensor()."
            )
        self._claim(name, self._buffers)
        self._buffers[name] = persistent
        object.__setattr__(self, name, tensor)

    def add_module(self, name: str, module: Module | None) -> None:
        """Makes module the child called name.

        Raises TypeError if module is no Module; KeyError if name is taken or no attribute name.
        """
        self._check_new(name, self._modules)
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"add_module({name!r}): {_kind(module)} is no Module.")
        self._modules[name] = None
        setattr(self, name, module)

    register_module = add_module

    def _check_new(self, name: str, own: Any) -> None:
        if not isinstance(name, str) or not name or "." in name:
            raise KeyError(
                f"{name!r} cannot name a part of {type(self).__name__}: a name is a string of at "
                "least one letter, without dots."
            )
        if name not in own and hasattr(self, name):
            raise KeyError(f"{type(self).__name__} has an attribute {name!r} already.")

    # The tree

    def _own(self, registry: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """The attributes in a registry that are not None."""
        for name in registry:
            value = vars(self).get(name)
            if value is not None:
                yield name, value

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Each module directly in this one with its name; a shared one once."""
        seen: set[Module] = set()
        for name, module in self._own(self._modules):
            if module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """Each module directly in this one, once."""
        return (module for _, module in self.named_children())

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all below it, each with its path, outer before inner: ("", self), …"""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._own(self._modules):
            path = f"{prefix}.{name}" if prefix else name
            yield from module.named_modules(memo, path, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """This module and all below it, each once."""
        return (module for _, module in self.named_modules())

    def _named(
        self, registry: str, prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        seen: set[Tensor] = set()
        places = (
            self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            if recurse
            else [(prefix, self)]
        )
        for path, module in places:
            for name, tensor in module._own(getattr(module, registry)):
                if tensor not in seen:
                    yield f"{path}.{name}" if path else name, tensor
                if remove_duplicate:
                    seen.add(tensor)

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Each parameter with its path, such as "fc1.weight"; a shared one once, under the first.

        recurse: also those of the modules below.
        """
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Each parameter, once: what an optimizer takes.

        Warns of modules and parameters in plain lists, tuples and dicts, which are not registered.
        """
        warn_of_overlooked(self)
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Each buffer with its path, such as "norm.running_mean"; a shared one once."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Each buffer, once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The module at a path, such as "encoder.0"; "" is this one.

        Raises AttributeError naming the step of the path that is not there.
        """
        module, walked = self, ""
        for name in target.split(".") if target else ():
            if name not in module._modules or vars(module).get(name) is None:
                known = ", ".join(dict(module.named_children())) or "none"
                raise AttributeError(
                    f"{walked or type(self).__name__} has no module {name!r}, wanted for "
                    f"{target!r}. Its modules: {known}."
                )
            module, walked = vars(module)[name], f"{walked}.{name}" if walked else name
        return module

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a path, such as "fc1.weight". Raises AttributeError if there is none."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        parameter = vars(module).get(name) if name in module._parameters else None
        if parameter is None:
            known = ", ".join(module._parameters) or "none"
            raise AttributeError(
                f"{path or type(self).__name__} has no parameter {name!r}. Its parameters: {known}."
            )
        return parameter  # type: ignore[no-any-return]  # registered as a Parameter

    # Whole trees at once

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """self, after fn(module) for every module of the tree, inner before outer."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """self, with all modules of the tree in training mode, or in evaluation mode."""
        if not isinstance(mode, bool):
            raise TypeError(f"train(): mode is {mode!r}; it must be True or False.")
        for module in self.modules():
            object.__setattr__(module, "training", mode)
        return self

    def eval(self) -> Self:
        """self, in evaluation mode: Dropout passes all, BatchNorm uses its running statistics."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """self, with all parameters learned, or frozen."""
        for _, parameter in self.named_parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients of all parameters, or fills them with zeros."""
        for _, parameter in self.named_parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad = zeros_like(parameter)

    def to(self, target: Any) -> Self:
        """self, with all parameters and buffers on a device ("cpu", "cuda:0") or in a floating
        dtype ("float64"); whole-number buffers keep their dtype.

        Parameters stay the same objects, so that optimizers may hold them; gradients are dropped.
        Raises BackendError for a device that cannot be used, DTypeError for a dtype that is not
        floating; nothing has moved then.
        """
        tensors = [tensor for _, tensor in (*self.named_parameters(), *self.named_buffers())]
        if isinstance(target, str) and target.partition(":")[0] in ("cpu", "cuda"):
            arrays = [to_device(t.data, target) for t in tensors]
        else:
            dtype = to_dtype(target)
            if dtype.kind != "f":
                raise DTypeError(
                    f"to(): parameters cannot be {dtype}, which has no gradient. "
                    "Use a floating dtype, such as float32."
                )
            arrays = [t.data.astype(dtype) if t.dtype.kind == "f" else t.data for t in tensors]
        for tensor, array in zip(tensors, arrays, strict=True):
            if array is not tensor.data:
                become(tensor, array)
        return self

    def cpu(self) -> Self:
        """self, with all parameters and buffers on the host."""
        return self.to("cpu")

    def cuda(self) -> Self:
        """self, with all parameters and buffers on the GPU."""
        return self.to("cuda")

    def float(self) -> Self:
        """self in float32."""
        return self.to("float32")

    def double(self) -> Self:
        """self in float64."""
        return self.to("float64")

    def half(self) -> Self:
        """self in float16."""
        return self.to("float16")

    # What it is

    def config(self) -> dict[str, Any]:
        """The arguments that the constructor was given, by name, with defaults filled in: what a
        saved model is built from again."""
        if type(self).__init__ is object.__init__:
            return {}
        args, kwargs = self._given
        bound = inspect.signature(type(self).__init__).bind(self, *args, **kwargs)
        bound.apply_defaults()
        return dict([*bound.arguments.items()][1:])

    def extra_repr(self) -> str:
        """What stands between the parentheses of its repr; a layer names its sizes here."""
        return ""

    def drawing_detail(self) -> str:
        """What drawings write beside its name."""
        return type(self).__name__

    def __repr__(self) -> str:
        extra, lines = self.extra_repr(), []
        for name in self._modules:
            text = repr(vars(self).get(name)).replace("\n", "\n  ")
            lines.append(f"  ({name}): {text}\n")
        if not lines:
            return f"{type(self).__name__}({extra})"
        first = "".join(f"  {line}\n" for line in extra.splitlines())
        return f"{type(self).__name__}(\n{first}{''.join(lines)})"

    def __dir__(self) -> list[str]:
        return sorted(name for name in object.__dir__(self) if name.isidentifier())


class Spent:
    """Stands in a module's arguments for an iterator, which its constructor has read."""

    def __repr__(self) -> str:
        return "an iterator, which can be read only once"


def _kind(value: object) -> str:
    return f"a {type(value).__name__}"
