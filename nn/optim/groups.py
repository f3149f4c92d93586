"""Parameter groups: what may be given to an optimizer as parameters, and the ranges of options.

Everything is checked here before an optimizer keeps any of it. Messages call a parameter by its
number, counted over the groups as in `state_dict()`, and by its name where it has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from numbers import Real
from typing import Any

from autograd import Tensor
from autograd.errors import GraphError


def as_groups(params: Any, owner: str) -> list[dict[str, Any]]:
    """What was given to a constructor, as a list of groups.

    Raises TypeError for a single Tensor, a module or another thing that holds no list of
    parameters; ValueError for an empty list.
    """
    if isinstance(params, Tensor):
        raise TypeError(
            f"{owner}: a list of parameters is needed, not one Tensor of shape {params.shape}. "
            f"Use {owner}([x])."
        )
    if isinstance(params, dict | str) or not isinstance(params, Iterable):
        cure = ".parameters()" if hasattr(params, "parameters") else "model.parameters()"
        raise TypeError(
            f"{owner}: a list of parameters is needed, not a {type(params).__name__}. Pass {cure}."
        )
    if hasattr(params, "parameters"):
        raise TypeError(
            f"{owner}: a list of parameters is needed, not a {type(params).__name__}. Pass its "
            ".parameters()."
        )
    given = _ordered(params, owner)
    if not given:
        raise ValueError(
            f"{owner}: there are no parameters. A generator such as model.parameters() is empty "
            "once it was read: call it anew. Layers in a plain list are not found: use "
            "nn.ModuleList."
        )
    if not isinstance(given[0], dict):
        return [{"params": given}]
    for number, group in enumerate(given):
        if not isinstance(group, dict):
            raise TypeError(
                f"{owner}: entry {number} is a {type(group).__name__} among groups. Give "
                'dictionaries {"params": …} only, or parameters only.'
            )
    return given


def read_group(
    given: Mapping[str, Any], groups: Sequence[Mapping[str, Any]], owner: str
) -> dict[str, Any]:
    """A group as the optimizer keeps it: a copy, its parameters in a list and their names beside.

    groups: those that the optimizer has already.
    Raises TypeError, ValueError or GraphError for parameters that cannot be optimized.
    """
    if not isinstance(given, Mapping) or "params" not in given:
        raise TypeError(
            f'{owner}: a group is a dictionary with "params" and options, not {given!r:.80}.'
        )
    entries = given["params"]
    entries = [entries] if isinstance(entries, Tensor) else _ordered(entries, owner)
    pairs = [entry for entry in entries if isinstance(entry, tuple)]
    if pairs and len(pairs) < len(entries):
        raise ValueError(
            f"{owner}: {len(pairs)} of {len(entries)} parameters came with a name. Name all of "
            "them, or none."
        )
    group = {**given, "params": [entry[1] if pairs else entry for entry in entries]}
    if pairs:
        group["param_names"] = [name for name, _ in pairs]
    if groups and ("param_names" in group) != ("param_names" in groups[0]):
        raise ValueError(
            f"{owner}: some groups come with names of their parameters and some without. Use "
            "named_parameters() for all groups, or parameters() for all."
        )
    _check_parameters(group, groups, owner)
    return group


def _ordered(params: Any, owner: str) -> list[Any]:
    """params as a list. Raises TypeError for a set, whose order changes from run to run."""
    if isinstance(params, set | frozenset):
        raise TypeError(
            f"{owner}: the parameters came in a set, whose order changes from run to run, and "
            "saved state goes by order. Use a list."
        )
    return list(params)


def _check_parameters(
    group: Mapping[str, Any], groups: Sequence[Mapping[str, Any]], owner: str
) -> None:
    """Raises if a parameter of a new group is no leaf, or comes twice. It may be frozen."""
    every = [*groups, group]
    seen = {id(p): number for number, old in enumerate(groups) for p in old["params"]}
    for place, parameter in enumerate(group["params"]):
        if not isinstance(parameter, Tensor):
            raise TypeError(
                f"{owner}: parameter {place} of group {len(groups)} is a "
                f"{type(parameter).__name__}, not a Tensor. Wrap it: nn.Parameter(x)."
            )
        what = f"{owner}: {label(parameter, every)} of shape {parameter.shape}"
        if not parameter.is_leaf:
            raise GraphError(
                f"{what} is the result of an operation, which has no gradient of its own. Pass "
                "the leaf that it was computed from, or x.detach() with requires_grad_()."
            )
        if id(parameter) in seen:
            raise ValueError(
                f"{what} is in group {seen[id(parameter)]} and again in group {len(groups)}: it "
                "would be moved twice a step. Leave it out of one."
            )
        seen[id(parameter)] = len(groups)


def check_trainable(groups: Iterable[Mapping[str, Any]], owner: str) -> None:
    """Raises GraphError if no parameter requires grad, so that no step would move any."""
    every = list(parameters_of(groups))
    if every and not any(parameter.requires_grad for parameter in every):
        raise GraphError(
            f"{owner}: none of the {len(every)} parameters requires grad, so no step would move "
            "any. Call requires_grad_() on what shall be learned: on the model, or on a layer."
        )


def parameters_of(groups: Iterable[Mapping[str, Any]]) -> Iterator[Tensor]:
    """All parameters, in the order in which `state_dict()` numbers them."""
    for group in groups:
        yield from group["params"]


def label(parameter: Tensor, groups: Iterable[Mapping[str, Any]]) -> str:
    """What to call a parameter in a message: "parameter 3 ('fc.weight')"."""
    number = 0
    for group in groups:
        for place, other in enumerate(group["params"]):
            if other is parameter:
                name = group["param_names"][place] if "param_names" in group else parameter.name
                return f"parameter {number}" + (f" ({name!r})" if name else "")
            number += 1
    return f"parameter {number}"


def check_range(
    owner: str, name: str, value: Any, low: float = 0.0, high: float = inf, *, below: bool = False
) -> None:
    """Raises TypeError if an option is no number, ValueError if it is not in [low, high].

    below: whether high itself is out of range.
    """
    if not isinstance(value, Real):
        cure = f"Use float({name})." if isinstance(value, Tensor) else "Give a number."
        raise TypeError(f"{owner}: {name} is a {type(value).__name__}, {value!r:.40}. {cure}")
    number = float(value)
    if not (low <= number < high if below else low <= number <= high):
        bounds = (
            f"at least {low:g}" if high == inf else f"in [{low:g}, {high:g}{')' if below else ']'}"
        )
        raise ValueError(f"{owner}: {name} is {value}; it must be {bounds}.")


__all__ = ["as_groups", "check_range", "check_trainable", "label", "parameters_of", "read_group"]
