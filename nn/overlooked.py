"""Modules and parameters that a module holds in plain lists, tuples or dicts, and so overlooks.

PyTorch is silent about them: they are neither learned nor saved, and `to()`, `train()` and `eval()`
pass them by. Used by `Module.parameters`, which optimizers ask.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from typing import Any

from autograd.graph import MARK
from nn.parameter import Parameter

__all__: list[str] = []


def warn_of_overlooked(root: Any) -> None:
    """Warns of the first attribute of root or a module in it that holds what root overlooks.

    An attribute whose name begins with an underscore is hidden on purpose, and passed over.
    """
    modules = dict.fromkeys(root.modules())
    known = {id(part) for module in modules for part in (module, *_parameters(module))}
    for module in modules:
        for name, value in vars(module).items():
            if name.startswith("_") or not isinstance(value, (list, tuple, dict)):
                continue
            parts = list(value.values() if isinstance(value, dict) else value)
            lost = [part for part in parts if id(part) not in known and _learns(part)]
            if lost:
                remedy = "nn.ModuleDict" if isinstance(value, dict) else "nn.ModuleList"
                is_module = not isinstance(lost[0], Parameter)
                remedy = remedy if is_module else remedy.replace("Module", "Parameter")
                remedy = f"{remedy}({name})"
                warnings.warn(
                    f"{type(module).__name__}.{name} is a {type(value).__name__} that holds a "
                    f"{type(lost[0]).__name__}, which is not registered there: it is not among "
                    f"the parameters, not saved, and not moved. Use {remedy}, or a name that "
                    f"begins with an underscore, if that is meant.",
                    stacklevel=_users_level(),
                )
                return


def _users_level() -> int:
    """How far up from the caller the first frame outside the library is, so that each line of the
    user's is warned of once, whatever asks for parameters there."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and MARK in frame.f_globals:
        frame, level = frame.f_back, level + 1
    return level


def _parameters(module: Any) -> Iterator[Parameter]:
    return (p for _, p in module.named_parameters(recurse=False))


def _learns(part: Any) -> bool:
    """Whether part is a parameter, or a module with parameters."""
    if isinstance(part, Parameter):
        return True
    is_module = hasattr(part, "_modules") and callable(getattr(part, "named_parameters", None))
    return is_module and next(part.named_parameters(), None) is not None
