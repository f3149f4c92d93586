"""The module classes that a saved model may be rebuilt from, by name.

A saved model names its classes and never carries or imports code, so `nn.load_model` builds only
what stands here. Classes of `nn` enter themselves when they are defined; a class of yours enters
with `@nn.register`. What is written to the file and read from it is in `architecture.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, overload

__all__ = ["register", "registry"]

Class = TypeVar("Class", bound=type[Any])

_classes: dict[str, type[Any]] = {}


def add(cls: type[Any], name: str | None = None) -> None:
    """Enters a class under name, or under the name it was defined with.

    A class defined again at the same place (a notebook cell, a reload) replaces the older one.
    Raises ValueError if the name already means a class from another place.
    """
    key = cls.__qualname__.rpartition("<locals>.")[2] if name is None else name
    known = _classes.get(key)
    if known is not None and _place(known) != _place(cls):
        raise ValueError(
            f"register: the name {key!r} already means {_place(known)}, so {_place(cls)} cannot "
            f'have it. Give it another name: @nn.register("{cls.__module__}.{key}").'
        )
    _classes[key] = cls


@overload
def register(cls_or_name: Class) -> Class: ...


@overload
def register(cls_or_name: str) -> Callable[[Class], Class]: ...


def register(cls_or_name: Any) -> Any:
    """The class itself, which `nn.load_model` can build from now on.

        @nn.register                      @nn.register("team.Block")
        class Block(nn.Module): ...       class Block(nn.Module): ...

    The name goes into the file, so keep it when the class moves to another module; it must be
    registered, under the same name, before a model that uses it is loaded.
    Raises TypeError for what is no Module class, ValueError for a name that another class has.
    """
    if isinstance(cls_or_name, str):
        name = cls_or_name

        def named(cls: Class) -> Class:
            add(_checked(cls), name)
            return cls

        return named
    add(_checked(cls_or_name))
    return cls_or_name


def registry() -> dict[str, type[Any]]:
    """The classes that can be rebuilt, by the name that a saved model gives them: a copy."""
    return dict(sorted(_classes.items()))


def name_of(cls: type[Any]) -> str | None:
    """The name under which cls itself, not a base of it, is registered; None if it is not."""
    return next((name for name, known in _classes.items() if known is cls), None)


def class_named(name: str) -> type[Any] | None:
    """The class registered under name; None if there is none."""
    return _classes.get(name)


def _checked(cls: Any) -> Any:
    """cls, if it is a subclass of Module."""
    from nn.module import Module  # it imports this file, since its subclasses enter themselves

    if not inspect.isclass(cls) or not issubclass(cls, Module):
        raise TypeError(
            f"register: a subclass of nn.Module is needed, not {cls!r}. Write @nn.register, or "
            f'@nn.register("name"), above the class.'
        )
    return cls


def _place(cls: type[Any]) -> str:
    """Where a class was defined: module and qualified name."""
    return f"{cls.__module__}.{cls.__qualname__}"
