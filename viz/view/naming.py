"""What each value is called: its own name, its path in the model, its variable, or v1, v2, …"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from autograd import Tensor
from autograd.graph import Node, ancestors, constant
from autograd.mode import Entry
from viz.names import one_line
from viz.view.graph import is_plain_number


def parameter_names(params: Any, outputs: Iterable[Node] = ()) -> dict[Node, str]:
    """The path of each parameter and buffer of a model, or the names in a mapping, by node.

    params: None for the models that took part in the computation of outputs.
    Raises TypeError if params is neither a model nor a mapping.
    """
    if params is None:
        return _names_in(_models(outputs))
    pairs: list[tuple[str, Any]] = []
    if isinstance(params, Mapping):
        pairs = list(params.items())
    elif callable(getattr(params, "named_parameters", None)):
        pairs = _paths_of(params)
    else:
        raise TypeError(
            f"params is {type(params).__name__}; it must be a model with named_parameters(), or "
            'a mapping such as {"fc1.weight": W}.'
        )
    names: dict[Node, str] = {}
    for name, tensor in pairs:
        if not isinstance(tensor, Tensor):
            raise TypeError(f"params: {name} is {type(tensor).__name__}, not a Tensor.")
        names.setdefault(constant(tensor), str(name))
    return names


def _paths_of(model: Any) -> list[tuple[str, Any]]:
    """The parameters of a model with their paths, and its buffers, if it has such."""
    buffers = getattr(model, "named_buffers", None)
    return [*model.named_parameters(), *(buffers() if callable(buffers) else ())]


def _models(outputs: Iterable[Node]) -> dict[Any, Entry]:
    """The outermost modules that outputs were computed in, each with its first run."""
    entries = {node.module: None for node in ancestors(outputs) if node.module is not None}
    models: dict[Any, Entry] = {}
    for entry in entries:
        while entry.outer is not None:
            entry = entry.outer
        if callable(getattr(entry.owner, "named_parameters", None)):
            models.setdefault(entry.owner, entry)
    return models


def _names_in(models: Mapping[Any, Entry]) -> dict[Node, str]:
    """The paths of all parameters; with the model's name before them where there are several models
    or it is part of a larger one, and a number where they share the name."""
    names: dict[Node, str] = {}
    learned = {model: paths for model in models if (paths := _paths_of(model))}
    namesakes = Counter(models[model].name for model in learned)
    count: Counter[str] = Counter()
    for model, paths in learned.items():
        name = models[model].name
        count[name] += 1
        number = count[name] if namesakes[name] > 1 else ""
        start = f"{name}{number}." if len(learned) > 1 or name != type(model).__name__ else ""
        for path, tensor in paths:
            names.setdefault(constant(tensor), start + path)
    return names


def given_names(
    values: Iterable[Node], paths: Mapping[Node, str], variables: Mapping[Any, str]
) -> dict[Node, str]:
    """The names that the user gave, of the values that have one."""
    names = ((v, (v.name or "").strip() or paths.get(v) or variables.get(v)) for v in values)
    return {value: one_line(name) for value, name in names if name}


def numbered(values: Iterable[Node], given: Mapping[Node, str]) -> dict[Node, str]:
    """v1, v2, … for the values that have no name of their own and are no plain numbers."""
    names: dict[Node, str] = {}
    taken, count = set(given.values()), 0
    for value in values:
        if value not in given and not is_plain_number(value):
            count += 1
            while f"v{count}" in taken:
                count += 1
            names[value] = f"v{count}"
    return names
