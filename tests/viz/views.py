"""Views made by hand, with what no small graph has: modules, loops, pairs and changes."""

from __future__ import annotations

import math
from typing import Any

from viz.boxes import Box, Cluster, View, Wire
from viz.style import Style
from viz.value import Value

LIGHT = Style(theme="light")


def number(x: float) -> Value:
    """A single number."""
    return Value((), (x,), abs(x), abs(x))


def array(*shape: int, norm: float | None = 2.5) -> Value:
    """A large array, of which the norm is known, or not even that."""
    return Value(shape, None, norm, norm)


def matrix(*rows: tuple[float, ...]) -> Value:
    """A small matrix."""
    numbers = tuple(x for row in rows for x in row)
    return Value((len(rows), len(rows[0])), numbers, math.hypot(*numbers), max(map(abs, numbers)))


def through(**wire: Any) -> View:
    """exp(x), with such a wire into the operation."""
    plain = {"source": "n0", "target": "n1", "name": "x", "is_named": True, "value": None}
    boxes = (Box("n0", "input", "x"), Box("n1", "operation", "exp"), Box("n2", "output", "y"))
    last = Wire("e1", "n1", "n2", "y", True, number(6.0), number(1.0))
    return View(boxes, (Wire("e0", **{**plain, **wire}), last))


def network() -> View:
    """A layer shown open, a folded one, something hidden, and a note."""
    boxes = (
        Box("n0", "input", "x"),
        Box("n1", "parameter", "W", details=("(784, 50)",), cluster="c1"),
        Box(
            "n2",
            "operation",
            "@",
            op="matmul",
            cluster="c1",
            formulas=("∂z/∂x = g @ yᵀ",),
            where="net.py:6",
        ),
        Box(
            "n3", "module", "fc2", details=("Linear(50, 10)",), parameters=510, gradient=array(510)
        ),
        Box("n4", "hidden", "… 20 more"),
        Box("n5", "output", "loss"),
    )
    wires = (
        Wire("e0", "n0", "n2", "x", True, array(32, 784)),
        Wire("e1", "n1", "n2", "W", True, array(784, 50), array(784, 50, norm=0.25)),
        Wire("e2", "n2", "n3", "h", True, array(32, 50), array(32, 50)),
        Wire("e3", "n3", "n4", "z", False, array(32, 10, norm=None), array(32, 10)),
        Wire("e4", "n4", "n5", "loss", True, number(2.5), number(1.0)),
    )
    clusters = (Cluster("c0", "net", "MLP"), Cluster("c1", "fc1", "Linear 784 → 50 · 39,250", "c0"))
    return View(boxes, wires, clusters, ("20 operations are hidden in the dashed box.",), 20)


def recurrent() -> View:
    """A rolled network with two states."""
    boxes = (
        Box("n0", "input", "x1 … x3"),
        Box("n1", "module", "cell", details=("RNNCell ×3",), parameters=1),
        Box("n2", "output", "h"),
    )
    wires = (
        Wire("e0", "n0", "n1", "3 values", False, None, count=3),
        Wire("e1", "n1", "n1", "h", True, array(4, 8), array(4, 8), count=2, is_loop=True),
        Wire("e2", "n1", "n1", "c", True, None, count=2, is_loop=True),
        Wire("e3", "n1", "n2", "h3", True, array(4, 8), array(4, 8)),
    )
    return View(boxes, wires)


def changed() -> View:
    """What became of a graph: something added, removed and changed; and a pair of operations."""
    boxes = (
        Box("n0", "input", "x", change="changed"),
        Box("n1", "operation", "tanh", change="removed", pair="1"),
        Box("n2", "operation", "softmax", change="added", pair="∂1"),
        Box("n3", "output", "y"),
    )
    wires = (
        Wire("e0", "n0", "n1", "x", True, number(2.0), number(5.0), change="removed"),
        Wire("e1", "n0", "n2", "x", True, number(2.0), number(5.0), change="added"),
        Wire(
            "e2", "n2", "n3", "y", True, number(3.0), number(1.0),
            change="changed", old_value=number(2.0), old_gradient=number(1.0),
        ),
    )  # fmt: skip
    return View(boxes, wires)
