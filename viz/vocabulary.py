"""What an expression on the command line may call: the operations of `autograd.ops`, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import ops
from autograd.op import REGISTRY

NEED_TEXT = frozenset({"astype", "einsum", "to_device"})
"""Operations that need a text, which no expression can hold."""

JOINS = ("concatenate", "stack")
"""Operations on a list of arrays, which an expression gives one by one."""


def functions() -> dict[str, Callable[..., Any]]:
    """What an expression may call: the operations, by name, but for those that need a text.

    Those that join a list of arrays take the arrays one by one: concatenate(x, y, axis=0).
    """
    names = [name for name in REGISTRY if hasattr(ops, name) and name not in NEED_TEXT]
    joins = {name: _joining(getattr(ops, name)) for name in JOINS}
    return {name: getattr(ops, name) for name in names} | joins


def _joining(join: Callable[..., Any]) -> Callable[..., Any]:
    """join, for arrays given one by one, or as the results of one operation such as split."""

    def joined(*arrays: Any, **settings: Any) -> Any:
        is_several = len(arrays) == 1 and isinstance(arrays[0], tuple)
        return join(arrays[0] if is_several else arrays, **settings)

    return joined
