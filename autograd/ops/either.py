"""One call for rules that need an operation NumPy has no word for.

A rule runs on raw arrays, with NumPy or CuPy as xp, and on Tensors, with `autograd.ops`. Words like
`x @ y` and `xp.exp(x)` mean the same in both; what moves numbers back (`scatter`) is an operation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import backend
from autograd.op import Op


def either(op: Op[Any], g: Any, *more: Any, **settings: Any) -> Any:
    """op(g, …) for what g is: op's forward on arrays, the recorded operation on Tensors."""
    if g.__class__ is np.ndarray:
        return op.forward(np, g, *more, **settings)
    if hasattr(g, "_node"):
        return op(g, *more, **settings)
    return op.forward(backend.module_of(g), g, *more, **settings)


def raw(x: Any) -> Any:
    """The array of a Tensor; an array itself."""
    return x if x.__class__ is np.ndarray else getattr(x, "_data", x)
