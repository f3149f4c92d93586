"""An optimizer's state as numbers and arrays, and back: every fault is found before any change.

In a state_dict a parameter is the number of its place, counted over the groups, as PyTorch does;
so it fits another model of the same build. `Optimizer.load_state_dict` puts in place what `read`
made of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor, backend
from autograd.backend import Array
from nn.optim.groups import label, parameters_of

if TYPE_CHECKING:
    from nn.optim.optimizer import Optimizer


def state_dict(
    groups: Sequence[Mapping[str, Any]], state: Mapping[Any, dict[str, Any]]
) -> dict[str, Any]:
    """{"state": …, "param_groups": …} with a number in place of each parameter."""
    numbers = {id(p): number for number, p in enumerate(parameters_of(groups))}
    return {
        "state": {numbers.get(id(key), key): dict(kept) for key, kept in state.items()},
        "param_groups": [
            {**group, "params": [numbers[id(p)] for p in group["params"]]} for group in groups
        ],
    }


def read(
    optimizer: Optimizer, given: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], defaultdict[Any, dict[str, Any]]]:
    """The groups and the state that a state_dict holds, copied, with the optimizer's parameters.

    Raises ValueError that lists all that does not fit.
    """
    faults = list(_faults_of_groups(optimizer, given))
    if not faults:
        faults += _faults_of_state(optimizer, given)
    if faults:
        raise ValueError(
            f"{type(optimizer).__name__}.load_state_dict: the state does not fit this optimizer, "
            "which stays as it was:\n  " + "\n  ".join(faults)
        )
    loaded = [
        {**deepcopy(dict(new)), **_own(old)}
        for old, new in zip(optimizer.param_groups, given["param_groups"], strict=True)
    ]
    by_number = _parameters_by_number(optimizer, given)
    names = {p: optimizer.state_names(group) for group in loaded for p in group["params"]}
    # State that is of all parameters together has the widest of their dtypes.
    joint = np.result_type(np.float16, *(p.dtype for p in names if p.requires_grad))
    state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
    for key, kept in given["state"].items():
        p = by_number.get(key)
        if p is None:
            state[key] = deepcopy(kept)
            continue
        for name, value in kept.items():
            dtype = state_dtype(p.data) if name in names[p] else joint
            state[p][name] = _fitted(value, p.device, dtype, name)
    return loaded, state


def state_dtype(x: Array) -> np.dtype[Any]:
    """What the state of a parameter x is kept in: its dtype, but single precision for half."""
    return np.dtype(np.float32) if x.dtype.itemsize == 2 else np.dtype(x.dtype)


def _own(group: Mapping[str, Any]) -> dict[str, Any]:
    """What a group keeps of its own when it is loaded: its parameters and their names."""
    return {name: group[name] for name in ("params", "param_names") if name in group}


def _parameters_by_number(optimizer: Optimizer, given: Mapping[str, Any]) -> dict[Any, Tensor]:
    """The optimizer's parameters by the numbers that a state_dict uses for them."""
    numbers = [number for group in given["param_groups"] for number in group["params"]]
    return dict(zip(numbers, parameters_of(optimizer.param_groups), strict=True))


def _faults_of_groups(optimizer: Optimizer, given: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the groups of a state_dict, one line each."""
    if not isinstance(given, Mapping) or not {"state", "param_groups"} <= set(given):
        yield 'it is no dictionary with "state" and "param_groups"'
        return
    own, new = optimizer.param_groups, given["param_groups"]
    if len(own) != len(new):
        yield f"it has {len(new)} parameter groups, the optimizer {len(own)}"
    for number, (old, group) in enumerate(zip(own, new, strict=False)):
        if missing := sorted({"params", *optimizer.defaults} - set(group)):
            yield f"group {number} lacks {', '.join(missing)}"
            continue
        if len(old["params"]) != len(group["params"]):
            yield (
                f"group {number} has {len(group['params'])} parameters, the optimizer's "
                f"{len(old['params'])}"
            )
        try:
            optimizer.check_options(group)
        except (TypeError, ValueError) as error:
            yield f"group {number}: {error}"


def _faults_of_state(optimizer: Optimizer, given: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the state of each parameter, one line each."""
    by_number = _parameters_by_number(optimizer, given)
    for key in given["state"]:
        if isinstance(key, int) and key not in by_number:
            yield f"there is state for parameter {key}, which is in no group"
    for group in given["param_groups"]:
        names = optimizer.state_names(group)
        for number in group["params"]:
            kept = given["state"].get(number)
            if not kept:
                continue
            parameter = by_number[number]
            what = label(parameter, optimizer.param_groups)
            if missing := [name for name in names if name not in kept]:
                yield f"{what}: {', '.join(missing)} is missing"
            for name in names:
                shape = getattr(kept.get(name), "shape", None)
                if name != "step" and kept.get(name) is not None and shape != parameter.shape:
                    yield f"{what}: {name} is {shape}, the parameter {parameter.shape}"


def _fitted(value: Any, device: str, dtype: np.dtype[Any], name: str = "") -> Any:
    """A copy of one entry of the state: arrays on that device, floating ones in that dtype."""
    if isinstance(value, Tensor):
        value = value.data
    if name == "step" and getattr(value, "shape", None) == ():
        return int(value)
    if backend.is_array(value):
        return _placed(value, device, dtype)
    if isinstance(value, dict):
        return {key: _fitted(item, device, dtype, key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_fitted(item, device, dtype) for item in value)
    return deepcopy(value)


def _placed(array: Array, device: str, dtype: np.dtype[Any]) -> Array:
    """A copy of array on a device; a floating one in that dtype."""
    moved = backend.to_device(array, device)
    dtype = dtype if array.dtype.kind == "f" else array.dtype
    return moved.astype(dtype) if moved is array or moved.dtype != dtype else moved


__all__ = ["read", "state_dict", "state_dtype"]
