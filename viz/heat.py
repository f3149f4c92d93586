"""The values of a page that steps: each once, as text and as cells for a small heat map.

Arrays of up to CELLS numbers come whole, larger ones as the means of their blocks. `terms_of` says
which products an element of a contribution is the sum of.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from autograd import backend
from autograd.backend import Array
from autograd.graph import SMALL, Node
from autograd.op import Op
from viz import format
from viz.rule_text import formula_of
from viz.value import Value, measure

CELLS = 256
"""Numbers of an array that are shown one by one."""

SIDE = 16
"""Rows and columns of blocks that a larger array is shown in."""

TERMS = 1_024
"""Products that are listed for all elements of one contribution."""


class Table:
    """The values of a page, by their place in it. cells: numbers of one array that it may hold."""

    def __init__(self, precision: int, cells: int = CELLS) -> None:
        self.precision, self.cells = precision, cells
        self.rows: list[dict[str, Any]] = []
        self._places: dict[str, int] = {}

    def add(self, array: Array) -> int:
        """The place of an array, whatever device it is on."""
        row: dict[str, Any] = {"text": format.summary(measure(array), self.precision)}
        if array.shape and array.size:
            row["shape"] = [int(n) for n in array.shape]
            if self.cells:
                with backend.quiet():
                    row.update(self._cells(np.asarray(backend.to_host(array), dtype=np.float64)))
        return self._place(row)

    def add_value(self, value: Value) -> int:
        """The place of a value of which only so much is known."""
        return self._place({"text": format.summary(value, self.precision)})

    def _place(self, row: dict[str, Any]) -> int:
        key = json.dumps(row)
        if key not in self._places:
            self._places[key] = len(self.rows)
            self.rows.append(row)
        return self._places[key]

    def _cells(self, array: np.ndarray[Any, Any]) -> dict[str, Any]:
        """The numbers of an array row by row, the leading axes one below the other."""
        table = array.reshape(-1, array.shape[-1])
        found: dict[str, Any] = {}
        if table.size > self.cells or max(table.shape) > CELLS // 4:
            rows, columns = found["blocks"] = [_borders(length) for length in table.shape]
            sums = np.add.reduceat(np.add.reduceat(table, rows[:-1], 0), columns[:-1], 1)
            table = sums / np.outer(np.diff(rows), np.diff(columns))
        found["cells"] = [[format.number(x, self.precision) for x in row] for row in table.tolist()]
        return found


def _borders(length: int) -> list[int]:
    """The borders of at most SIDE stretches of about equal length."""
    count = min(length, SIDE)
    return [length * i // count for i in range(count + 1)]


def local_of(node: Node, position: int, g: Any, c: Array) -> Array | None:
    """∂out/∂in as an array of c's shape, where the contribution c is g times it, element by
    element; else None."""
    if not _is_simple(node, g):
        return None
    formula = formula_of(node, position)
    if g.size > 1 and (g.shape != c.shape or formula is None or not formula.is_local):
        return None
    local = _pulled(node, position, g * 0 + 1)
    with backend.quiet():  # 0 · ∞
        product = g * local
    return local if _agree(product, c) else None


def terms_of(node: Node, position: int, g: Any, c: Array, precision: int) -> list[Any] | None:
    """For each element of the contribution c, what it is the sum of: [i, "1.1", j, "2", …] stands
    for g.flat[i] × 1.1 + g.flat[j] × 2 + …. None for what is large, or no such sum."""
    if not _is_simple(node, g) or not g.shape or not c.shape or max(g.size, c.size) > SMALL:
        return None
    jacobian = np.zeros((c.size, g.size))
    for i in range(g.size):
        one = backend.module_of(g).zeros(g.size, dtype=g.dtype)
        one[i] = 1
        pulled = _pulled(node, position, one.reshape(g.shape))
        jacobian[:, i] = backend.to_host(pulled).ravel()
    host = np.asarray(backend.to_host(g), dtype=np.float64).ravel()
    sums = (jacobian @ host).reshape(c.shape)
    if np.count_nonzero(jacobian) > TERMS or not _agree(sums, backend.to_host(c)):
        return None
    return [
        [part for i in np.flatnonzero(row) for part in (int(i), format.number(row[i], precision))]
        for row in jacobian.tolist()
    ]


def _pulled(node: Node, position: int, g: Any) -> Array:
    """What an operation's rule makes of another gradient than that of the pass."""
    with backend.quiet():
        return node.op.pull(node, g, None, False)[position]


def _is_simple(node: Node, g: Any) -> bool:
    """Whether node's rule can be given other gradients than g, and g has numbers, all finite.

    A checkpoint has no rule: it runs the user's function again.
    """
    if isinstance(g, tuple) or not isinstance(node.op, Op) or g.dtype.kind != "f":
        return False
    return g.size > 0 and bool(np.isfinite(backend.to_host(g)).all())


def _agree(one: Any, other: Any) -> bool:
    """Whether two ways to compute came to the same, but for rounding."""
    with backend.quiet():
        loose = 1e-2 if other.dtype.itemsize < 4 else 1e-4
        one, other = backend.to_host(one), backend.to_host(other)
        return bool(np.allclose(one, other, rtol=loose, atol=1e-6, equal_nan=True))
