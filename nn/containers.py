"""Modules that hold others: Sequential runs them one after the other, ModuleList and ModuleDict
keep them by number or name and leave the running to their owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import index as as_index
from typing import Any, Self

from nn.module import Module

__all__ = ["ModuleDict", "ModuleList", "Sequential"]


class _Container(Module):
    """A module whose arguments are what it holds: a module that is taken out of it is let go."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """An empty container, which keeps its arguments if a subclass's constructor has its own."""
        self = super().__new__(cls, *args, **kwargs)
        if _has_own_constructor(cls):
            return self
        vars(self)["_given"] = ((), {})
        return self


def _no_module(value: Any) -> str:
    """What value is instead of a Module, and what to write for it."""
    if isinstance(value, type):
        return f"{value.__name__} is a class. Call it: {value.__name__}()."
    what = f"{getattr(value, '__name__', None) or repr(value)[:40]} is a {type(value).__name__}"
    if callable(value):
        return (
            f"{what}, not a Module. Use the layer of its name, such as nn.ReLU() for relu, or a "
            "Module of your own whose forward calls it."
        )
    return f"{what}, not a Module. Layers are objects such as nn.ReLU()."


def _has_own_constructor(cls: type[Any]) -> bool:
    """Whether a container's subclass has another constructor than the containers here."""
    return cls.__init__ not in (Sequential.__init__, ModuleList.__init__, ModuleDict.__init__)


class _Numbered(_Container):
    """Modules under the names "0", "1", …, as a list has them."""

    def _put(self, modules: Iterable[Any]) -> None:
        """Makes modules the whole content, in this order."""
        several = list(modules)
        for module in several:
            if not isinstance(module, Module):
                raise TypeError(f"{type(self).__name__}: {_no_module(module)}")
        named = self._names(several)
        for name in list(self._modules):
            delattr(self, name)
        for name, module in named:
            self.add_module(name, module)

    def _names(self, modules: list[Module]) -> list[tuple[str, Module]]:
        """Names that were given stay with their modules; others count up."""
        given = [(n, vars(self)[n]) for n in self._modules if not n.isdecimal()]
        named = []
        for i, module in enumerate(modules):
            name = next((name for name, held in given if held is module), None)
            given = [pair for pair in given if pair[0] != name]
            named.append((name or str(i), module))
        return named

    def _list(self) -> list[Any]:
        return [vars(self)[name] for name in self._modules]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._list())

    def __contains__(self, module: object) -> bool:
        return any(m is module for m in self._list())

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            kind: Any = Sequential if isinstance(self, Sequential) else ModuleList
            part = kind() if _has_own_constructor(type(self)) else type(self)()
            part._put(self._list()[index])
            return part
        return self._list()[self._place(index)]

    def __setitem__(self, index: int, module: Module) -> None:
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}: {module!r} is no Module.")
        setattr(self, list(self._modules)[self._place(index)], module)

    def __delitem__(self, index: int | slice) -> None:
        modules = self._list()
        del modules[index if isinstance(index, slice) else self._place(index)]
        self._put(modules)

    def _place(self, index: int) -> int:
        number, length = as_index(index), len(self)
        if not -length <= number < length:
            raise IndexError(
                f"{type(self).__name__}: index {number} is outside its {length} modules."
            )
        return number % length

    def append(self, module: Module) -> Self:
        """self, with module at the end."""
        return self.extend([module])

    add = append

    def extend(self, modules: Iterable[Module]) -> Self:
        """self, with modules at the end."""
        self._put([*self._list(), *modules])
        return self

    def insert(self, index: int, module: Module) -> Self:
        """self, with module before the one at index, as in a list."""
        modules = self._list()
        modules.insert(index, module)
        self._put(modules)
        return self

    def pop(self, index: int = -1) -> Any:
        """The module at index, taken out."""
        module = self[index]
        del self[index]
        return module

    def config(self) -> dict[str, Any]:
        """{"modules": the modules that it holds now}, as a dict if they have names; of a subclass
        with a constructor of its own, that one's arguments."""
        if _has_own_constructor(type(self)):
            return super().config()
        if list(self._modules) == [str(i) for i in range(len(self))]:
            return {"modules": self._list()}
        return {"modules": dict(zip(self._modules, self._list(), strict=True))}


class Sequential(_Numbered):
    """y = fₙ(… f₂(f₁(x))): each module is given what the one before returned.

    modules: modules, or one list, or one mapping of names to modules. They are its attributes "0",
    "1", … or by their names, and its items. `add(module)` puts one more at the end, as in Keras.
    Raises TypeError for what is no Module.
    """

    def __init__(self, *modules: Module | Mapping[str, Module] | Sequence[Module]) -> None:
        if len(modules) == 1 and isinstance(modules[0], (list, tuple)):
            self._put(modules[0])
        elif len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                self.add_module(name, module)
        else:
            self._put(modules)

    def forward(self, x: Any) -> Any:
        """What the last module returns; x itself if there is none."""
        for module in self._list():
            x = module(x)
        return x


class ModuleList(_Numbered):
    """Modules in a list, registered, so that their parameters are the owner's.

    modules: what it holds at first. It is not called: its owner's forward runs over it.
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self._put(modules)


class ModuleDict(_Container):
    """Modules by name, registered, so that their parameters are the owner's.

    modules: a mapping of names to modules. It is not called: its owner's forward picks from it.
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        self.update(modules or {})

    def update(self, modules: Mapping[str, Module]) -> None:
        """Adds modules, or puts them in the place of those with the same names."""
        for name, module in modules.items():
            self[name] = module

    def __setitem__(self, name: str, module: Module) -> None:
        if name in self._modules:
            setattr(self, name, module)
        else:
            self.add_module(name, module)

    def __getitem__(self, name: str) -> Any:
        if name not in self._modules:
            raise KeyError(f"{name!r} is none of its modules: {', '.join(self._modules) or '–'}.")
        return vars(self)[name]

    def __delitem__(self, name: str) -> None:
        self[name]  # raises for a name that is not there
        delattr(self, name)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._modules))

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def keys(self) -> list[str]:
        """The names, in their order."""
        return list(self._modules)

    def values(self) -> list[Any]:
        """The modules, in their order."""
        return [vars(self)[name] for name in self._modules]

    def items(self) -> list[tuple[str, Any]]:
        """The names with their modules, in their order."""
        return list(zip(self.keys(), self.values(), strict=True))

    def config(self) -> dict[str, Any]:
        """{"modules": the modules that it holds now, by name}; of a subclass with a constructor of
        its own, that one's arguments."""
        if _has_own_constructor(type(self)):
            return super().config()
        return {"modules": dict(self.items())}
