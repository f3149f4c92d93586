"""The stand-in's `cupy.random`: a Generator without NumPy's conveniences, and the legacy functions.

The Generator has no normal, permutation, shuffle or choice, and its state can be neither read nor
copied.  The legacy functions share one RandomState, which `seed` restarts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .array import call, is_scalar, wrap
from .names import GENERATOR, RANDOM


class Generator:
    """Draws numbers on the pretended device."""

    __slots__ = ("__draw",)
    __module__ = "cupy.random"

    def __init__(self, seed: Any = None) -> None:
        """A generator whose sequence `seed` fixes; use `default_rng`."""
        self.__draw = np.random.default_rng(seed)

    def __reduce__(self) -> Any:
        raise TypeError("the state of a cupy.random.Generator cannot be read")

    def _host(self, name: str) -> Callable[..., Any]:
        """NumPy's method `name` on the hidden generator."""
        method: Callable[..., Any] = getattr(self.__draw, name)
        return method


def default_rng(seed: Any = None) -> Generator:
    """A Generator from a seed."""
    return Generator(seed)


def _drawer(name: str) -> Callable[..., Any]:
    """The Generator's method `name`."""

    def method(self: Generator, *args: Any, **kwargs: Any) -> Any:
        if name == "uniform":
            return _with_dtype(self._host(name), args, kwargs)
        return _draw(self._host(name), args, kwargs)

    method.__doc__ = f"CuPy's Generator.{name}, as a device array."
    method.__name__ = name
    return method


def _draw(host: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """`host`'s draw as a device array, 0-d where NumPy gives a Python number."""
    result = call(host, args, kwargs)
    return wrap(np.asarray(result)) if is_scalar(result) else result


def _with_dtype(host: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """`host`'s draw in the dtype asked for, which NumPy's function does not take."""
    dtype = kwargs.pop("dtype", None)
    result = _draw(host, args, kwargs)
    return result if dtype is None else result.astype(dtype)


def legacy_functions() -> dict[str, Callable[..., Any]]:
    """The functions of `cupy.random` by name, on one new RandomState."""
    state = np.random.RandomState()

    def function(name: str) -> Callable[..., Any]:
        host = getattr(state, name)
        if name == "randint":
            return lambda *args, **kwargs: _draw(host, args, kwargs)
        return lambda *args, **kwargs: _with_dtype(host, args, kwargs)

    return {name: function(name) for name in RANDOM}


for _name in GENERATOR:
    setattr(Generator, _name, _drawer(_name))
