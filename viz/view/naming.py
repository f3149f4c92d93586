"""What each value is called: its own name, its path in the model, its variable, or v1, v2, …"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autograd import Tensor
from autograd.graph import Node, constant
from viz.names import model_key, one_line
from viz.view.graph import is_plain_number
from viz.view.models import ModelNames, is_model, parameters_of


class ParameterPaths(dict[Node, str]):
    """The name of each parameter and buffer, by node. models: what modules are called."""

    def __init__(self, models: ModelNames) -> None:
        super().__init__()
        self.models = models

    def add(self, name: str, tensor: Any) -> None:
        """Names a tensor that has no name yet. Raises TypeError for anything else."""
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"params: {name} is {type(tensor).__name__}, not a Tensor or a model of Tensors."
            )
        self.setdefault(constant(tensor), name)


def parameter_names(
    params: Any, outputs: Iterable[Node] = (), variables: Mapping[Any, str] | None = None
) -> ParameterPaths:
    """The path of each parameter and buffer of a model, or the names in a mapping, by node.

    params: a model, or a mapping of names to tensors and models; None for the models that took part
    in the computation of outputs.  variables: of the caller's frame, which name several models.
    Raises TypeError if params is neither a model nor a mapping.
    """
    if isinstance(params, Mapping):
        given = {model_key(one): str(name) for name, one in params.items() if is_model(one)}
        names = ParameterPaths(ModelNames(outputs, given=given, variables=variables))
        for name, one in params.items():
            if not is_model(one):
                names.add(str(name), one)
                continue
            for path, tensor in parameters_of(one):
                names.add(f"{name}.{path}", tensor)
        return names
    if params is not None and not is_model(params):
        raise TypeError(
            f"params is {type(params).__name__}; it must be a model with named_parameters(), or "
            'a mapping such as {"fc1.weight": W}.'
        )
    models = ModelNames(outputs, variables=variables, bare=params)
    names = ParameterPaths(models)
    for model in models.models if params is None else [params]:
        for path, tensor in parameters_of(model):
            names.add((models.prefix(model) if params is None else "") + path, tensor)
    return names


def models_of(paths: Mapping[Node, str]) -> ModelNames:
    """What models are called where parameters have these paths."""
    return paths.models if isinstance(paths, ParameterPaths) else ModelNames()


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
