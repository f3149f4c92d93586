"""save_model and load_model: a model in one file, with its architecture, weights and modes.

The file is a checkpoint (`checkpoint.py`) whose JSON says how the model is built
(`architecture.py`). A model that could not be built again is refused when it is saved, not when it
is needed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograd import Tensor, random
from autograd.backend import check_device, to_device
from nn.architecture import build, describe
from nn.archive import CheckpointError
from nn.atomic_file import as_path
from nn.checkpoint import read_checkpoint, write_checkpoint
from nn.module import Module
from nn.parameter import become
from nn.safetensors_files import ENDING

__all__ = ["load_model", "save_model"]

_MOST_PLACES = 1_000_000


def save_model(model: Module, path: str | os.PathLike[str]) -> Path:
    """Writes model to path, and returns path: `load_model` needs no more than that file.

    Stored are the classes and their constructors' arguments as JSON, all parameters and buffers
    with their dtypes, what is shared, frozen or in evaluation mode, and the arguments of compile()
    if they are names. Not stored: hooks, gradients, the optimizer's state, and attributes that no
    constructor argument sets. The model is built once, to see that it can be.
    path: as for `save`; ".npz" is the usual ending.
    Raises TypeError for a class that is not registered or an argument that is no plain value, such
    as a function; ValueError if the constructors do not give this model again.
    """
    if not isinstance(model, Module):
        raise TypeError(
            f"save_model: a Module is needed, not a {type(model).__name__}. nn.save takes other "
            "values."
        )
    target = as_path(path)
    if target.suffix.lower() == ENDING:
        raise ValueError(
            f"save_model: {target} would hold no architecture, for which safetensors has no place. "
            'Use the ending ".npz", or nn.save(model.state_dict(), path).'
        )
    content = _content(model)
    _check_rebuilds(model, content)
    return write_checkpoint(content, target, "model")


def load_model(path: str | os.PathLike[str], device: str | None = None) -> Module:
    """The model that `save_model` wrote to path: the same outputs, bit for bit.

    device: where its parameters and buffers go; the default device if None. Only registered classes
    are built (`nn.register`): no code comes from the file. The random state stays as it is.
    Raises CheckpointError for a file that is damaged or no saved model, or whose classes are not
    registered.
    """
    source = as_path(path)
    if device is not None:
        check_device(device)
    kind, content = read_checkpoint(source, "cpu")
    if kind != "model":
        raise CheckpointError(
            f"{source} holds a {kind}, not a model with its architecture. Read it with nn.load."
        )
    try:
        model = _rebuilt(content)
        if content["compiled"] is not None:
            model.compile(**content["compiled"])
    except (LookupError, AttributeError, RecursionError, TypeError, ValueError) as error:
        raise CheckpointError(f"{source} was not loaded: {error}") from error
    return model if device is None else model.to(device)


def _content(model: Module) -> dict[str, Any]:
    """All that is stored of a model."""
    architecture = describe(model)
    state = model.state_dict()
    return {
        "architecture": architecture,
        "state": state,
        "shared_modules": _shared(model.named_modules(remove_duplicate=False)),
        "shared_tensors": _shared(_tensors(model)),
        "evaluating": [path for path, module in model.named_modules() if not module.training],
        "frozen": [
            path
            for path, parameter in model.named_parameters(remove_duplicate=False)
            if not parameter.requires_grad
        ],
        "dtypes": {path: t.dtype.name for path, t in _tensors(model) if path not in state},
        "compiled": _compile_arguments(model),
    }


def _tensors(model: Module) -> Iterator[tuple[str, Tensor]]:
    """Each parameter and buffer, saved or not, under each of its paths."""
    yield from model.named_parameters(remove_duplicate=False)
    yield from model.named_buffers(remove_duplicate=False)


def _shared(named: Iterator[tuple[str, Any]]) -> dict[str, str]:
    """The paths at which something stands again, each with the first path of the same thing."""
    first: dict[int, str] = {}
    shared = {}
    for path, thing in named:
        if first.setdefault(id(thing), path) != path:
            shared[path] = first[id(thing)]
    return shared


def _compile_arguments(model: Module) -> dict[str, Any] | None:
    """The arguments of compile() if all are names or numbers; None if not, or not compiled."""
    arguments: Mapping[str, Any] | None = getattr(model._compiled, "given", None)
    if arguments is None or not all(_is_name(value) for value in arguments.values()):
        return None
    return dict(arguments)


def _is_name(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_name(item) for item in value)
    return value is None or isinstance(value, str | bool | int | float)


def _check_rebuilds(model: Module, content: dict[str, Any]) -> None:
    """Raises ValueError if what is stored does not give the model again."""
    try:
        built = _rebuilt(content)
    except (AttributeError, ValueError) as error:
        raise _not_again(model, str(error)) from error
    stored, live = ({path: _label(m) for path, m in _all(x)} for x in (built, model))
    for path in [*live, *stored]:
        if stored.get(path) != live.get(path):
            is_now, would = live.get(path, "not there"), stored.get(path, "not there")
            raise _not_again(model, f"{path!r} is {is_now}, but would be {would}")
    for path in _shared(_all(built)).keys() ^ content["shared_modules"].keys():
        raise _not_again(model, f"the module {path!r} would be shared, or no longer shared")
    for path in _shared(_tensors(built)).keys() ^ content["shared_tensors"].keys():
        raise _not_again(model, f"{path!r} would be shared, or no longer shared")


def _label(module: Module) -> str:
    """A module's class and, of the library's classes, which write them all, its settings."""
    is_ours = type(module).__module__.partition(".")[0] == "nn"
    return f"{type(module).__name__}({module.extra_repr() if is_ours else ''})"


def _all(model: Module) -> Iterator[tuple[str, Module]]:
    return model.named_modules(remove_duplicate=False)


def _not_again(model: Module, fact: str) -> ValueError:
    return ValueError(
        f"save_model: {type(model).__name__} called with its arguments does not give this model "
        f"again: {fact}. Do in the constructor what was done after it, or keep "
        "model.state_dict() with nn.save."
    )


def _rebuilt(content: Mapping[str, Any]) -> Module:
    """A model from what was stored, on the default device."""
    # What the constructors draw is overwritten at once, so no draw of the caller's is spent on it.
    with random.replay(random.get_state()):
        model = build(content["architecture"], _count(content["state"]))
    _share(model, content)
    model.load_state_dict(content["state"])
    for path, tensor in _tensors(model):
        saved = content["state"].get(path, tensor)
        dtype = content["dtypes"].get(path, saved.dtype.name)
        if tensor.dtype.name != dtype:
            become(tensor, to_device(saved.data.astype(dtype), tensor.device))
    for path, module in model.named_modules():
        module.training = path not in content["evaluating"]
    for path, parameter in model.named_parameters(remove_duplicate=False):
        parameter.requires_grad_(path not in content["frozen"])
    return model


def _count(state: Any) -> int:
    """How many numbers a state holds."""
    return sum(tensor.size for tensor in state.values() if isinstance(tensor, Tensor))


def _check_tree(model: Module) -> None:
    """Raises CheckpointError for modules that contain one another, or that stand at so many places
    that walking to each would take for ever: a small file can say both."""
    places: dict[Module, int] = {}
    entered: set[Module] = set()
    todo = [model]
    while todo:
        module = todo[-1]
        inner = [m for name in module._modules if (m := vars(module).get(name)) is not None]
        if module not in entered:
            entered.add(module)
            todo += [m for m in inner if m not in places]
            if not entered.isdisjoint(m for m in inner if m not in places):
                raise CheckpointError(f"a {type(module).__name__} in the model contains itself")
            continue
        todo.pop()
        places[module] = 1 + sum(places[m] for m in inner)
        if places[module] > _MOST_PLACES:
            raise CheckpointError(f"its modules stand at more than {_MOST_PLACES:,} places")


def _share(model: Module, content: Mapping[str, Any]) -> None:
    """Puts one module, parameter or buffer in all the places where it was one."""
    for path, first in content["shared_modules"].items():
        outer, _, name = path.rpartition(".")
        if model.get_submodule(path) is not model.get_submodule(first):
            setattr(model.get_submodule(outer), name, model.get_submodule(first))
    _check_tree(model)
    tensors = dict(_tensors(model))
    for path, first in content["shared_tensors"].items():
        outer, _, name = path.rpartition(".")
        if path in tensors and first in tensors and tensors[path] is not tensors[first]:
            setattr(model.get_submodule(outer), name, tensors[first])
