"""ParameterList and ParameterDict: parameters by number or by name, registered.

A plain list or dict of parameters is overlooked by its owner; these are modules, so that what they
hold is learned, moved and saved with it. `containers.py` has the same for modules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import index as as_index
from typing import Any, Self

from autograd import Tensor
from nn.module import Module
from nn.parameter import Parameter

__all__ = ["ParameterDict", "ParameterList"]


class _Parameters(Module):
    """A module whose arguments are the parameters that it holds: a saved model takes them from
    there, and a parameter that is taken out is let go."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """An empty container, which keeps its arguments if a subclass's constructor has its own."""
        self = super().__new__(cls, *args, **kwargs)
        if not _has_own_constructor(cls):
            vars(self)["_given"] = ((), {})
        return self

    def _put(self, name: str, value: Any) -> None:
        """Makes value, or a Parameter of it, the one called name."""
        if not isinstance(value, Tensor):
            raise TypeError(
                f"{type(self).__name__}: {value!r:.40} is a {type(value).__name__}, not a "
                "Parameter. Use nn.Parameter(data)."
            )
        made = value if isinstance(value, Parameter) else _made(value)
        if name in self._parameters:
            setattr(self, name, made)
        else:
            self.register_parameter(name, made)

    def _held(self) -> list[Any]:
        return [vars(self)[name] for name in self._parameters]

    def __len__(self) -> int:
        return len(self._parameters)

    def extra_repr(self) -> str:
        """A line for each parameter: its name, shape and dtype."""
        named = zip(self._parameters, self._held(), strict=True)
        return "\n".join([f"({n}): Parameter of shape {p.shape}, {p.dtype}" for n, p in named])

    def __repr__(self) -> str:
        lines = self.extra_repr().replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {lines}\n)" if lines else f"{type(self).__name__}()"


class ParameterList(_Parameters):
    """Parameters in a list, registered as "0", "1", …, so that they are the owner's.

    values: what it holds at first: Parameters, or Tensors, which become Parameters with a copy of
    their numbers. It is not called: its owner's forward runs over it.
    Raises TypeError for anything else.
    """

    def __init__(self, values: Iterable[Tensor] | None = None) -> None:
        self.extend(() if values is None else values)

    def append(self, value: Tensor) -> Self:
        """self, with value at the end."""
        return self.extend([value])

    def extend(self, values: Iterable[Tensor]) -> Self:
        """self, with values at the end."""
        for value in list(values):
            self._put(str(len(self)), value)
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(self._held())

    def __contains__(self, value: object) -> bool:
        return any(p is value for p in self._held())

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return ParameterList(self._held()[index])
        return self._held()[self._place(index)]

    def __setitem__(self, index: int, value: Tensor) -> None:
        self._put(str(self._place(index)), value)

    def _place(self, index: int) -> int:
        number, length = as_index(index), len(self)
        if not -length <= number < length:
            raise IndexError(
                f"{type(self).__name__}: index {number} is outside its {length} parameters."
            )
        return number % length

    def config(self) -> dict[str, Any]:
        """{"values": the numbers that it holds now}; of a subclass with a constructor of its own,
        that one's arguments."""
        if _has_own_constructor(type(self)):
            return super().config()
        return {"values": [p.detach() for p in self._held()]}


class ParameterDict(_Parameters):
    """Parameters by name, registered, so that they are the owner's.

    parameters: a mapping of names to Parameters, or to Tensors, which become Parameters with a copy
    of their numbers. It is not called: its owner's forward picks from it.
    Raises TypeError for anything else, KeyError for a name that a module has already.
    """

    def __init__(self, parameters: Mapping[str, Tensor] | None = None) -> None:
        self.update(parameters or {})

    def update(self, parameters: Mapping[str, Tensor]) -> None:
        """Adds parameters, or puts them in the place of those with the same names."""
        for name, value in parameters.items():
            self[name] = value

    def __setitem__(self, name: str, value: Tensor) -> None:
        self._put(name, value)

    def __getitem__(self, name: str) -> Any:
        if name not in self._parameters:
            known = ", ".join(self._parameters) or "–"
            raise KeyError(f"{name!r} is none of its parameters: {known}.")
        return vars(self)[name]

    def __delitem__(self, name: str) -> None:
        self[name]  # raises for a name that is not there
        delattr(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._parameters))

    def __contains__(self, name: object) -> bool:
        return name in self._parameters

    def keys(self) -> list[str]:
        """The names, in their order."""
        return list(self._parameters)

    def values(self) -> list[Any]:
        """The parameters, in their order."""
        return self._held()

    def items(self) -> list[tuple[str, Any]]:
        """The names with their parameters, in their order."""
        return list(zip(self.keys(), self.values(), strict=True))

    def config(self) -> dict[str, Any]:
        """{"parameters": the numbers that it holds now, by name}; of a subclass with a constructor
        of its own, that one's arguments."""
        if _has_own_constructor(type(self)):
            return super().config()
        return {"parameters": {name: p.detach() for name, p in self.items()}}


def _made(tensor: Tensor) -> Parameter:
    """A Parameter with a copy of tensor's numbers; one of integers, which have no gradient, is
    frozen."""
    return Parameter(tensor.detach().clone(), tensor.dtype.kind == "f")


def _has_own_constructor(cls: type[Any]) -> bool:
    """Whether a subclass has another constructor than the containers here."""
    return cls.__init__ not in (ParameterList.__init__, ParameterDict.__init__)
