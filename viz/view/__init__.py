"""From the graph to plain boxes and wires: the only reader of Node.

Boxes stand in topological order, the wires of a box in the order of its inputs; ids are n0, n1, …,
e0, e1, … and c0, c1, …, so the same graph always gives the same view. A value that goes to several
places passes through a branch box, whose incoming wire carries the contributions and their sum. All
walks are loops, and linear. Painters read a View and nothing else.

`graph.py` reads the nodes, `arrangement.py` chooses what is shown (`folding.py`, `repetition.py`,
`hiding.py`), `slopes.py` runs the reverse pass, `building.py` lays down boxes and wires.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd import Tensor
from autograd.graph import Node, constant
from autograd.promote import handle
from viz import format
from viz.boxes import View
from viz.names import matching
from viz.view.arguments import gaps, with_arguments
from viz.view.arrangement import Selection, arrange
from viz.view.building import Builder, find_uses
from viz.view.graph import Graph, parents_first
from viz.view.naming import given_names, parameter_names
from viz.view.slopes import REDUCE, Slopes
from viz.view.trace import Trace

__all__ = ["REDUCE", "Selection", "Trace", "leaves_of", "view_of"]

WIRES_PER_BOX = 20
"""A view of more wires than this times max_nodes is refused: nobody could follow one of them."""


def leaves_of(y: Tensor) -> list[Tensor]:
    """The leaves that y's gradient flows to, in the order of the formula.

    A leaf that nobody holds any more comes as a new handle.
    """
    nodes = [node for node in parents_first([constant(y)]) if node.op is None and node.tracked]
    tensors = [node.tensor() if node.tensor is not None else None for node in nodes]
    return [
        handle(node.value, node) if t is None else t for node, t in zip(nodes, tensors, strict=True)
    ]


def view_of(
    outputs: Sequence[Tensor],
    *,
    labels: Sequence[str | None] = (),
    variables: Mapping[Any, str] | None = None,
    params: Any = None,
    gradient: Any = None,
    grads: str | bool = "edge",
    around: Tensor | str | None = None,
    besides: Sequence[Tensor] = (),
    select: Selection | None = None,
    explains_gradients: bool = True,
    precision: int = format.PRECISION,
    trace: Trace | None = None,
) -> View:
    """The view of all that outputs depend on.

    labels: the name of each output, where it shall not be its own.  variables: names for nodes
    without one.  params: a model, or a mapping of names to tensors and models.  gradient: that of
    the only output, or a sequence with one for each.  grads: "edge", "total", or False for no
    reverse pass.  around: a tensor, or the name of one, to show with what is near.  besides: other
    results to show, whose gradient does not count.  explains_gradients: whether to note why some
    are missing.  trace: is filled with the ids of what became of each node.
    Raises ValueError if around is not in the graph, or if there would be too many wires to see
    anything; TypeError for a model that is none.
    """
    select = select or Selection()
    ends = [constant(y) for y in (*outputs, *besides)]
    paths = parameter_names(params, ends, variables)
    variables = with_arguments(ends, paths, variables or {})
    graph = Graph(ends, paths)
    arrangement = arrange(graph, select, _centres(around, graph, paths, variables))
    uses = find_uses(graph, arrangement)
    _check_wires(sum(map(len, uses.values())), select.max_nodes)
    slopes = Slopes()
    if grads is not False:
        slopes.fill(outputs, uses, arrangement.folds, gradient)
    arrangement.notes.extend(gaps(ends, paths) + (slopes.notes if explains_gradients else []))
    builder = Builder(
        graph,
        arrangement,
        uses,
        slopes,
        arrays={constant(y): y.data for y in (*outputs, *besides)},
        given=given_names(uses, paths, variables),
        parameters=paths,
        is_total=grads == "total",
        precision=precision,
        trace=trace if trace is not None else Trace(),
    )
    return builder.view(labels)


def _check_wires(wires: int, max_nodes: int) -> None:
    if wires > (limit := WIRES_PER_BOX * max_nodes):
        raise ValueError(
            f"this graph has {wires:,} wires between the boxes that max_nodes={max_nodes} shows; "
            f"at most {limit:,} are drawn. Draw a tensor nearer to the inputs, or name one in "
            f"around=."
        )


def _centres(
    around: Tensor | str | None,
    graph: Graph,
    paths: Mapping[Node, str],
    variables: Mapping[Any, str],
) -> list[Node]:
    """The values that around stands for."""
    if around is None:
        return []
    values = [value for box in graph.boxes for value in graph.values(box)]
    if isinstance(around, Tensor):
        found = [value for value in values if value is around.node]
    elif isinstance(around, str):
        names = given_names(values, paths, variables)
        found = matching(names, around)
    else:
        raise TypeError(f"around is {type(around).__name__}; it must be a Tensor or its name.")
    if not found:
        what = (
            repr(around) if isinstance(around, str) else f"the tensor {around.name or ''}".strip()
        )
        raise ValueError(f"around: {what} is not in this graph. Draw what was computed from it.")
    return found
