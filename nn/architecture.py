"""A model's architecture as plain values, and a new model from them.

Each module becomes its registered class name and its constructor's arguments; a module that stands
in several places is listed once, so that it is one module again. Only registered classes are built:
nothing that a file names is imported or run. Weights and the file are in `saved_model.py`.
"""

from __future__ import annotations

import enum
import inspect
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.backend import is_array
from nn.archive import CheckpointError
from nn.module import Module
from nn.parameter import Parameter
from nn.registration import class_named, name_of

__all__: list[str] = []

_PLAIN = (bool, int, float, str)
_SIZE = re.compile(
    r"units|num_(features|embeddings|parameters|channels)|\w+_(features|channels|shape|dim|size)"
)
"""The arguments of the library's classes whose product is the size of a weight."""
_SMALL = 1 << 24  # numbers that a model may hold in any case


def describe(model: Module) -> dict[str, Any]:
    """{"modules": [{"class": name, "config": arguments}, …]}, inner before outer, model last.

    In a config, {"module": i} stands for the i-th module and {"dict": {…}} for a dict.
    Raises TypeError naming the class or argument that a file cannot hold.
    """
    return {"modules": _Describer(model).entries}


def build(architecture: Mapping[str, Any], stored: int) -> Module:
    """A new model of the architecture that describe() gave, its parameters freshly drawn.

    stored: how many numbers the file has for it. Classes of the library that would make many times
    as many are refused before they take the memory.
    Raises CheckpointError for a class that is not registered, or that refuses its arguments.
    """
    modules: list[Module] = []
    room = 8 * stored + _SMALL
    for entry in architecture["modules"]:
        cls = class_named(entry["class"])
        if cls is None:
            raise CheckpointError(
                f"the model has a {entry['class']}, and no class is registered under that name. "
                "Write @nn.register above the class, and import it before nn.load_model."
            )
        config = {key: _restored(value, modules) for key, value in entry["config"].items()}
        try:
            room -= _numbers(cls, config)
            if room < 0:
                raise ValueError(f"the file has only {stored:,} numbers for its parameters")
            modules.append(_construct(cls, config))
        except Exception as error:  # whatever the constructor of any class may raise
            raise CheckpointError(
                f"the model has a {entry['class']} that cannot be built from its arguments: "
                f"{type(error).__name__}: {error}. Does the class take others now?"
            ) from error
    return modules[-1]


class _Describer:
    """One walk through a model."""

    def __init__(self, model: Module) -> None:
        self.entries: list[dict[str, Any]] = []
        self._paths = {id(module): path for path, module in model.named_modules()}
        self._numbers: dict[int, int] = {}
        self._open: set[int] = set()
        self._describe(model)

    def _describe(self, module: Module) -> int:
        """The number of module's entry, made if there is none."""
        key = id(module)
        if key in self._open:
            raise ValueError(f"save_model: {self._place(module)} contains itself. Take it out.")
        if key not in self._numbers:
            self._open.add(key)
            entry = self._entry(module)
            self._open.discard(key)
            self._numbers[key] = len(self.entries)
            self.entries.append(entry)
        return self._numbers[key]

    def _entry(self, module: Module) -> dict[str, Any]:
        name = name_of(type(module))
        if name is None:
            raise TypeError(
                f"save_model: the class of {self._place(module)} is not registered, so the file "
                "could not say what it is. Write @nn.register above the class."
            )
        config = {}
        for key, value in _config_of(module).items():
            if key == "device" and isinstance(value, str):
                value = None  # where a model is, is the loader's choice
            elif key == "dtype" and value is not None:
                value = np.dtype(value).name
            config[key] = self._plain(value, f"the argument {key!r} of {self._place(module)}")
        return {"class": name, "config": config}

    def _plain(self, value: Any, place: str) -> Any:
        """value as what a checkpoint holds; dicts are wrapped, so that modules are told apart."""
        if isinstance(value, Module):
            return {"module": self._describe(value)}
        if isinstance(value, np.dtype) or (
            isinstance(value, type) and issubclass(value, np.generic)
        ):
            return np.dtype(value).name
        if type(value) in (list, tuple):
            return type(value)([self._plain(item, place) for item in value])
        if isinstance(value, Mapping):
            return {"dict": {key: self._plain(item, place) for key, item in value.items()}}
        if value is None or _is_value(value):
            return value
        kind = "a Parameter" if isinstance(value, Parameter) else f"{value!r:.80}"
        raise TypeError(
            f"save_model: {place} is {kind}. A saved model is JSON and never code: its arguments "
            "are numbers, strings, arrays, modules, and lists and dicts of them. Pass a name that "
            "the constructor looks up or a registered Module, or keep model.state_dict() with "
            "nn.save."
        )

    def _place(self, module: Module) -> str:
        """A module as messages name it: its class, and its path in the model."""
        path = self._paths.get(id(module))
        return f"{type(module).__name__} at {path!r}" if path else type(module).__name__


def _is_value(value: Any) -> bool:
    """Whether value is a number, a string or an array, and nothing that only looks like one."""
    if isinstance(value, enum.Enum | Parameter):
        return False
    return isinstance(value, (*_PLAIN, bytes, np.generic, Tensor)) or is_array(value)


def _config_of(module: Module) -> dict[str, Any]:
    """The constructor's arguments as they are now.

    A class of the library keeps its settings under their names, so a setting that was changed
    later, or a size that was found out from the first input, is read from the module.
    """
    config = type(module).config(module)
    if not {*config} <= {*_parameters_of(type(module))}:
        # A container's config() of a subclass whose own constructor takes other arguments.
        config = Module.config(module)
    if type(module).__module__.partition(".")[0] == "nn":
        for name, given in config.items():
            now = vars(module).get(name)
            if isinstance(now, _PLAIN) and (given is None or isinstance(given, _PLAIN)):
                config[name] = now
    return config


def _parameters_of(cls: type[Module]) -> dict[str, inspect.Parameter]:
    """The parameters of a class's constructor by name, without self."""
    found = inspect.signature(cls.__init__).parameters
    return dict(list(found.items())[1:])


def _numbers(cls: type[Module], config: dict[str, Any]) -> int:
    """About how many numbers a class of the library makes when it is called with a config."""
    if cls.__module__.partition(".")[0] != "nn":
        return 0
    product, has_sizes = 1, False
    for name, value in config.items():
        sizes = value if isinstance(value, list | tuple) else [value]
        if _SIZE.fullmatch(name) and all(isinstance(n, int) for n in sizes):
            counted = sizes[-1:] if name == "input_shape" else sizes
            product *= math.prod(max(abs(n), 1) for n in counted)  # of 0 inputs there is a bias
            has_sizes = True
    groups = config.get("groups")
    return product // (groups if isinstance(groups, int) and groups > 0 else 1) * has_sizes


def _construct(cls: type[Module], config: dict[str, Any]) -> Module:
    """cls called with the arguments of a config, whatever kind of parameter takes each."""
    parameters = _parameters_of(cls)
    unknown = {*config} - {*parameters}
    if unknown:
        raise TypeError(f"it has no argument {', '.join(sorted(unknown))}")
    is_starred = any(p.kind is p.VAR_POSITIONAL for p in parameters.values())
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if name not in config:
            continue
        value = config[name]
        if parameter.kind is parameter.VAR_POSITIONAL:
            args += [value] if isinstance(value, Mapping) else value
        elif parameter.kind is parameter.VAR_KEYWORD:
            kwargs |= value
        elif parameter.kind is parameter.POSITIONAL_ONLY or (
            is_starred and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ):
            args.append(value)
        else:
            kwargs[name] = value
    return cls(*args, **kwargs)


def _restored(value: Any, modules: list[Module]) -> Any:
    """The argument that a config's value stands for."""
    if type(value) in (list, tuple):
        return type(value)([_restored(item, modules) for item in value])
    if isinstance(value, dict):
        if "module" in value:
            return modules[value["module"]]
        return {key: _restored(item, modules) for key, item in value["dict"].items()}
    return value
