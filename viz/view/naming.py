"""What each value is called: its own name, its path in the model, its variable, or v1, v2, …"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autograd import Tensor
from autograd.graph import Node, constant
from viz.names import one_line
from viz.view.graph import is_plain_number


def parameter_names(params: Any) -> dict[Node, str]:
    """The path of each parameter and buffer of a model, or the names in a mapping, by node.

    Raises TypeError if params is neither.
    """
    if params is None:
        return {}
    pairs: list[tuple[str, Any]] = []
    if isinstance(params, Mapping):
        pairs = list(params.items())
    elif callable(getattr(params, "named_parameters", None)):
        pairs = list(params.named_parameters())
        if callable(getattr(params, "named_buffers", None)):
            pairs += list(params.named_buffers())
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
