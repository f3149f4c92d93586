"""Views made by hand with all of it in one: clusters in clusters, modules, hidden boxes, a loop."""

from __future__ import annotations

import math

from tests.viz.views import array, matrix, number
from viz.boxes import Box, Cluster, View, Wire


def modules() -> View:
    """An open encoder with an open fc1 and a folded fc2 in it, twelve blocks, and hidden parts."""
    return View(
        boxes=(
            Box("n0", "input", "x"),
            Box("n1", "parameter", "weight", details=("(784, 50)",), cluster="c1"),
            Box("n2", "operation", "@", "matmul", ("v1",), cluster="c1", pair="1"),
            Box(
                "n3", "module", "fc2", results=("v2",), details=("Linear 50 → 10",), cluster="c0",
                parameters=510, gradient=array(510, norm=math.nan),
            ),
            Box(
                "n4", "module", "decoder.blocks ×12", parameters=39250,
                details=("TransformerBlock 512 → 512, 8 heads", "t = 1 … 12"),
                gradient=array(39250, norm=0.033),
            ),
            Box("n5", "hidden", "… 46 more", results=("a", "b")),
            Box("n6", "hidden", "… 1,204 more"),
            Box("n7", "operation", "cross-entropy", "cross-entropy", ("loss",), pair="∂1"),
            Box("n8", "output", "loss"),
        ),
        clusters=(
            Cluster("c0", "encoder", "Encoder · 39,760"),
            Cluster("c1", "fc1", "Linear 784 → 50 · 39,250", "c0"),
        ),
        wires=_wires(),
        notes=("Values (not kept) appear under autograd.keep_values(). " * 3,),
        hidden=1250,
    )  # fmt: skip


def _wires() -> tuple[Wire, ...]:
    return (
        Wire("e0", "n0", "n2", "x", True, array(32, 784, norm=21.8)),
        Wire(
            "e1", "n1", "n2", "encoder.fc1.weight", True,
            array(784, 50, norm=10.02), array(784, 50, norm=0.71),
        ),
        Wire("e2", "n2", "n3", "v1", False, array(32, 50, norm=26.36), array(32, 50, norm=4)),
        Wire("e3", "n3", "n4", "v2", False, array(32, 10, norm=5.5), array(32, 10, norm=0.16)),
        Wire("e4", "n4", "n4", "h, c", True, None, is_loop=True),
        Wire("e5", "n4", "n6", "3 values", False, None, count=3),
        Wire("e6", "n6", "n7", "v5", False, number(2.5), number(-1.0)),
        Wire("e7", "n5", "n7", "a", False, number(math.nan), number(0.0)),
        Wire("e8", "n7", "n8", "loss", True, number(2.25), number(1.0)),
    )  # fmt: skip


def changes() -> View:
    """A relu that became a tanh, and a weight with another number."""
    before, after = matrix((1.0, 2.0), (3.0, 5.0)), matrix((1.0, 2.0), (3.0, 4.0))
    return View(
        boxes=(
            Box("n0", "input", "x"),
            Box("n1", "parameter", "W", details=("(2, 2)",), change="changed"),
            Box("n2", "operation", "×", "multiply", ("v1",)),
            Box("n3", "operation", "relu", "relu", ("v2",), change="removed"),
            Box("n4", "operation", "tanh", "tanh", ("v3",), change="added"),
            Box("n5", "branch", "", change="added"),
            Box("n6", "output", "y", change="changed"),
        ),
        wires=(
            Wire("e0", "n0", "n2", "x", True, number(3.0), number(2.0)),
            Wire(
                "e1", "n1", "n2", "W", True, after, array(2, 2, norm=2.0), change="changed",
                old_value=before, old_gradient=array(2, 2, norm=1.5),
            ),
            Wire("e2", "n2", "n3", "v1", False, number(6.0), number(1.0), change="removed"),
            Wire("e3", "n2", "n4", "v1", False, number(6.0), number(0.5), change="added"),
            Wire("e4", "n4", "n5", "y", True, number(0.75), number(1.0), change="added"),
            Wire(
                "e5", "n5", "n6", "y", True, number(0.75), number(math.inf), change="changed",
                old_value=array(4, 4, norm=7.0), old_gradient=number(1.0),
            ),
        ),
    )  # fmt: skip
