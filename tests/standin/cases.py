"""What the stand-in must count or refuse, as data for `test_standin.py`: one call each.

`cp` is the stand-in, `s` a 0-d device array, `x` a (2, 3) one and `n` a NumPy array of that shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

#: Each way of reading a value, by the reason it is logged under.
READS: dict[str, Callable[[Any, Any], Any]] = {
    "get": lambda cp, s: s.get(),
    "asnumpy": lambda cp, s: cp.asnumpy(s),
    "item": lambda cp, s: s.item(),
    "float": lambda cp, s: float(s),
    "int": lambda cp, s: int(s),
    "complex": lambda cp, s: complex(s),
    "bool": lambda cp, s: 1 if s else 0,
    "tolist": lambda cp, s: s.tolist(),
    "tobytes": lambda cp, s: s.tobytes(),
    "repr": lambda cp, s: repr(s),
    "str": lambda cp, s: str(s),
    "format": lambda cp, s: format(s, ""),
}

#: Host and device in one expression: each a TypeError.
MIXTURES: list[Callable[[Any, Any, Any], Any]] = [
    lambda cp, x, n: x + n,
    lambda cp, x, n: n + x,
    lambda cp, x, n: x == n,
    lambda cp, x, n: x @ n.T,
    lambda cp, x, n: np.add(x, n),
    lambda cp, x, n: cp.add(x, n),
    lambda cp, x, n: cp.exp(n),
    lambda cp, x, n: cp.exp([1.0, 2.0]),
    lambda cp, x, n: cp.add(x, [1.0, 2.0, 3.0]),
    lambda cp, x, n: cp.exp(x, out=n),
    lambda cp, x, n: np.exp(x, out=n),
    lambda cp, x, n: cp.sum(n),
    lambda cp, x, n: cp.sum([1, 2]),
    lambda cp, x, n: cp.sum(3.0),
    lambda cp, x, n: cp.where(n > 0, x, x),
    lambda cp, x, n: cp.where(x > 0, x, [1.0, 2.0, 3.0]),
    lambda cp, x, n: cp.concatenate([x, n]),
    lambda cp, x, n: cp.stack([1.0, 2.0]),
    lambda cp, x, n: cp.einsum("ij,ij->", x, n),
    lambda cp, x, n: cp.tensordot(x, n),
    lambda cp, x, n: cp.linalg.inv(n),
    lambda cp, x, n: cp.take(n, cp.asarray([0])),
    lambda cp, x, n: np.matmul(x, n.T),
    lambda cp, x, n: np.concatenate([x, n]),
    lambda cp, x, n: x.__setitem__(slice(None), n),
    lambda cp, x, n: x.dot(n.T),
    lambda cp, x, n: cp.zeros(cp.asarray(3)),
    lambda cp, x, n: range(cp.asarray(3)),
    lambda cp, x, n: cp.array([x[0, 0], 1.0]),
    lambda cp, x, n: x + None,
    lambda cp, x, n: x + "a",
]

#: Parameters that CuPy's functions and methods lack: each a TypeError.
REFUSALS: dict[str, Callable[[Any, Any], Any]] = {
    "where= of a ufunc": lambda cp, x: cp.add(x, x, where=x > 0),
    "order= of a ufunc": lambda cp, x: cp.exp(x, order="C"),
    "where= of a sum": lambda cp, x: cp.sum(x, where=x > 0),
    "initial= of a max": lambda cp, x: cp.max(x, initial=0.0),
    "initial= of a method": lambda cp, x: x.max(initial=0.0),
    "where= of a method": lambda cp, x: x.mean(where=x > 0),
    "kind= of argsort": lambda cp, x: x.argsort(kind="stable"),
    "stable= of argsort": lambda cp, x: cp.argsort(x, stable=True),
    "mode= of take": lambda cp, x: cp.take(x, cp.asarray([0]), mode="clip"),
    "like= of zeros": lambda cp, x: cp.zeros(3, like=x),
    "device= of zeros": lambda cp, x: cp.zeros(3, device="cpu"),
    "subok= of broadcast_to": lambda cp, x: cp.broadcast_to(x, (2, 2, 3), subok=True),
    "min= of clip": lambda cp, x: cp.clip(x, min=0, max=1),
    "correction= of var": lambda cp, x: cp.var(x, correction=1),
    "too many places": lambda cp, x: x.sum(0, None, None, False, 0.0),
    "an index to item": lambda cp, x: x.item(0),
}


#: NumPy's names that CuPy 13 lacks.
MISSING: list[str] = """
    errstate permute_dims matrix_transpose unstack cumulative_sum vecdot astype pow concat acos
    bool object_ trapezoid put_along_axis geomspace block isnat insert einsum_path spacing
    linalg.cond linalg.eig linalg.matrix_norm linalg.multi_dot linalg.matmul lib.scimath
    """.split()

#: CuPy's names that the stand-in lists but does not imitate.
UNIMITATED = frozenset(
    """
    ElementwiseKernel RawKernel ReductionKernel broadcast c_ flatiter fuse mgrid ogrid r_ vectorize
    """.split()
)

#: Results whose shape depends on values: one mask read each.
MASK_READS: list[Callable[[Any, Any], Any]] = [
    lambda cp, x: x[x > 2],
    lambda cp, x: cp.nonzero(x),
    lambda cp, x: x.nonzero(),
    lambda cp, x: cp.where(x > 2),
    lambda cp, x: cp.unique(x),
    lambda cp, x: x.__setitem__(x > 2, 0),
]

#: Views of x.
VIEWS: list[Callable[[Any, Any], Any]] = [
    lambda cp, x: x[0],
    lambda cp, x: x.T,
    lambda cp, x: x.reshape(3, 2),
    lambda cp, x: x[:, None],
    lambda cp, x: x[0][1:],
    lambda cp, x: x[1, 1],
    lambda cp, x: x.ravel(),
    lambda cp, x: x.swapaxes(0, 1),
    lambda cp, x: cp.broadcast_to(x, (4, 2, 3)),
    lambda cp, x: x.view(),
    lambda cp, x: cp.expand_dims(x, 0),
    lambda cp, x: cp.diagonal(x),
    lambda cp, x: cp.split(x, 3, axis=1)[2],
    lambda cp, x: cp.einsum("ij->ji", x),
    lambda cp, x: next(iter(x)),
    lambda cp, x: cp.flip(x, 0),
    lambda cp, x: cp.lib.stride_tricks.sliding_window_view(x, 2, axis=1),
    lambda cp, x: cp.lib.stride_tricks.as_strided(x, (2, 2), (4, 4)),
    lambda cp, x: x.astype("f4", copy=False)[0],
]

#: Element types CuPy has not: each a ValueError.
UNSUPPORTED: list[Callable[[Any], Any]] = [
    lambda cp: cp.zeros(2, dtype=object),
    lambda cp: cp.asarray(np.array([None, "a"], dtype=object)),
    lambda cp: cp.ones(2).astype(object),
    lambda cp: cp.asarray(["a", "b"]),
    lambda cp: cp.ones(2, dtype=np.longdouble),
]
