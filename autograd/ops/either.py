"""One call for rules that need an operation NumPy has no word for.

A rule runs on raw arrays, where xp is NumPy or CuPy, and on Tensors, where xp is `autograd.ops`. `x @ y` and
`xp.exp(x)` mean the same in both; the operation that moves numbers back (`scatter`) exists in one only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import backend
from autograd.op import Op


def either(op: Op[Any], g: Any, *more: Any, **settings: Any) -> Any:
    """op(g, *more, **settings) on what g is: its forward on arrays, the recorded operation on Tensors."""
    if g.__class__ is np.ndarray:
        return op.forward(np, g, *more, **settings)
    if hasattr(g, "_node"):
        return op(g, *more, **settings)
    return op.forward(backend.module_of(g), g, *more, **settings)


def raw(x: Any) -> Any:
    """The array of a Tensor; an array itself."""
    return x if x.__class__ is np.ndarray else getattr(x, "_data", x)
