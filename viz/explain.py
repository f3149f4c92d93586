"""`explain(x, of=y)`: why ∂y/∂x is what it is.

The paths from y down to x, the product along each, their sum, and a check by central differences,
which computes the graph again with x moved a little. `paths.py` walks, `replay.py` computes again,
`derivation.py` writes it down.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import GraphError, Tensor, backend
from autograd.differentiate import seed_of
from autograd.graph import Node, ancestors, constant
from autograd.timeline import Timeline
from viz.derivation import Story, text_of
from viz.names import caller_names, element_of, matching, one_line
from viz.paths import EDGES, FOLLOWED, LARGEST, LISTED, Link, Paths, Routes, fsum, picked, size_of
from viz.replay import (
    RELATIVE,
    Difference,
    NotReplayed,
    Replay,
    central_difference,
    recorded_values,
)
from viz.terms import rule_lines, terms_of
from viz.view.arguments import with_arguments
from viz.view.naming import given_names, parameter_names

SEED = 0
"""Of the direction in which an array is moved."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path, or all those with one last edge. steps: what each operation on it is called, from the
    output on.  factors: their local derivatives, None where that is no number.  value: what it
    contributes to the gradient.  count: how many paths it stands for."""

    steps: tuple[str, ...]
    factors: tuple[float | None, ...]
    value: Any
    count: int = 1


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """Why a gradient is what it is. Made by `explain()`; printed, it is the text.

    gradient: ∂y/∂x, a float, or an array for an array.  count: how many paths there are.  paths:
    those that are shown, largest first.  total: the sum over all paths.  difference: the slope by
    central difference, or None.  is_ok: whether both agree with the gradient; None if the graph
    could not be computed again, and note says why.
    """

    gradient: Any
    count: int
    paths: tuple[Path, ...]
    rest: Any
    total: Any
    difference: float | None
    is_ok: bool | None
    note: str
    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


def explain(
    x: Tensor | str,
    of: Tensor,
    *,
    gradient: Any = None,
    params: Any = None,
    element: int | tuple[int, ...] | None = None,
) -> Explanation:
    """Why ∂of/∂x is what it is: every path, its product, their sum, and a central difference.

    x: a tensor that `of` was computed from, or the name of one; an element of it, as W[3, 7], is
    explained as a sum.  gradient: ∂L/∂of where it is not a single number.  params: a model, or a
    mapping of names to tensors and models.  element: the index of the element.
    More than 20 paths show the five largest; of arrays, more than 1,000 are told apart by their
    last edge only.
    Raises GraphError where there is no gradient, as backward() does; ValueError if `of` does not
    depend on x, IndexError for an element that x does not have.
    """
    return explained(x, of, caller_names(), gradient=gradient, params=params, element=element)


def explained(
    x: Tensor | str,
    of: Tensor,
    variables: Mapping[Any, str],
    *,
    gradient: Any = None,
    params: Any = None,
    element: int | tuple[int, ...] | None = None,
) -> Explanation:
    """As explain(). variables: names for nodes that have none of their own."""
    if not isinstance(of, Tensor):
        raise TypeError(f"explain(): of is {type(of).__name__}; it must be a Tensor.")
    seed_of(of, gradient, False, "explain()")  # raises under the name that the user called
    timeline = Timeline(of, gradient)
    nodes = ancestors([timeline.output])
    asked = [constant(x)] if isinstance(x, Tensor) else []
    paths = parameter_names(params, [timeline.output], variables)
    known = with_arguments([timeline.output], paths, variables)
    names = given_names([*nodes, *asked], paths, known)
    node, inside = _found(x, names, set(nodes))
    element = inside if inside is not None else element
    return explanation_of(
        timeline, node, names, element=element, output=of.data, has_seed=gradient is not None
    )


def explanation_of(
    timeline: Timeline,
    x: Node,
    names: Mapping[Node, str],
    *,
    element: int | tuple[int, ...] | None = None,
    output: Any = None,
    has_seed: bool = False,
) -> Explanation:
    """As explain(), for a node of a time line that is there already.

    names: what values are called.  output: the output's value, if known.  has_seed: whether the
    pass began with a gradient that was given.
    """
    if not timeline.arrivals(x):
        raise ValueError(
            f"explain(): no gradient reaches {names.get(x, 'this tensor')}, since the output does "
            "not depend on it by way of tracked operations."
        )
    shown = _checked(element, x, names)
    place = shown if shown is not None else (0,) * len(x.shape) if _size(x) == 1 else None
    total = timeline.gradient(x, len(timeline) - 1)
    gradient = picked(total, place)
    routes = Routes(timeline.output, x)
    found, groups = _paths(routes, timeline, place)
    difference, note = _compared(timeline, x, place, gradient, output)
    sums = found.total() if found.best else sum_of([value for _, _, value in groups])
    is_sum_right = _agrees(timeline, x, place, sums, gradient)
    story = Story(
        routes, names, gradient, found, groups, sums, shown, place, timeline.seed, has_seed,
        difference, note, is_sum_right, rule_lines(timeline, x, names) if place is None else [],
        terms_of(timeline, x, shown) if shown is not None else None, recorded_values(routes.nodes),
    )  # fmt: skip
    is_ok = is_sum_right if difference is None else is_sum_right and difference.is_ok
    return Explanation(
        gradient, found.count, _shown_paths(story), found.rest, sums,
        None if difference is None else difference.slope,
        None if difference is None and is_sum_right else is_ok, note, text_of(story),
    )  # fmt: skip


def sum_of(values: list[Any]) -> Any:
    """The sum of numbers, rounded once, or of arrays."""
    if all(isinstance(value, float) for value in values):
        return fsum(values)
    return sum(values[1:], values[0])


def _found(
    x: Tensor | str, names: Mapping[Node, str], nodes: set[Node]
) -> tuple[Node, tuple[int, ...] | None]:
    """The node that x stands for; and the element, where x was taken out of a tensor just now."""
    if isinstance(x, str):
        named = matching(names, x)
        if not named:
            name, element = element_of(x)
            if element is not None:
                return _found(name, names, nodes)[0], element
            known = ", ".join(dict.fromkeys(names.values())) or "none"
            raise ValueError(f"explain(): nothing here is called {one_line(x)}. Names: {known}.")
        return named[-1], None
    if not isinstance(x, Tensor):
        raise TypeError(f"explain(): x is {type(x).__name__}; it must be a Tensor or a name.")
    node = constant(x)
    if node in nodes or node.op is None:
        if not node.tracked and node in nodes:
            raise GraphError(
                f"explain(): {names.get(node, 'this tensor')} does not require grad. Make it with "
                "requires_grad=True."
            )
        return node, None
    parent = node.parents[0]
    if node.op.name != "getitem" or _size(node) != 1 or parent not in nodes:
        _refuse_new(node, nodes, names)
        return node, None
    places = np.arange(math.prod(parent.shape)).reshape(parent.shape)[node.settings["index"]]
    where = np.unravel_index(int(np.asarray(places).reshape(-1)[0]), parent.shape)
    return parent, tuple(int(i) for i in where)


def _refuse_new(node: Node, nodes: set[Node], names: Mapping[Node, str]) -> None:
    """Raises ValueError for what was computed from a value of the graph, but not for the output."""
    origins = [n for n in ancestors([node]) if n in nodes and n.tracked]
    if not origins:
        return
    whole = origins[-1]
    name = names.get(whole, "the tensor that it was made from")
    index = ", ".join("0" * len(whole.shape)) + "," * (len(whole.shape) == 1)
    one = f"; element=({index}) explains one number of it" if whole.shape else ""
    raise ValueError(
        f"explain(): this tensor is a new one, made by {node.op.name} from {name}, and the output "
        f"was not computed from it. Pass {name} as a whole{one}."
    )


def _checked(
    element: int | tuple[int, ...] | None, x: Node, names: Mapping[Node, str]
) -> tuple[int, ...] | None:
    """element as a whole index, counted from 0."""
    if element is None:
        return None
    index = element if isinstance(element, tuple) else (element,)
    if len(index) != len(x.shape) or any(
        not -n <= i < n for i, n in zip(index, x.shape, strict=True)
    ):
        raise IndexError(
            f"explain(): {names.get(x, 'the tensor')} is {tuple(x.shape)}; it has no element "
            f"{list(index)}. Give an index for each axis."
        )
    return tuple(int(i) % n for i, n in zip(index, x.shape, strict=True))


def _size(node: Node) -> int:
    return int(math.prod(node.shape))


def _paths(
    routes: Routes, timeline: Timeline, place: tuple[int, ...] | None
) -> tuple[Paths, list[tuple[Any, int, Any]]]:
    """The paths; where they are too many, one group for each last edge instead: the event, how many
    paths end with it, and their sum."""
    if routes.is_scalar:
        found = routes.products(float(backend.to_host(timeline.seed).reshape(-1)[0]))
        if found.count > LISTED:
            found.cut(LARGEST)
        return found, []
    counts = routes.counts()
    count = counts.get(routes.x, 0)
    if count <= FOLLOWED and sum(counts.values()) <= EDGES:
        found = routes.contributions(timeline.seed, place)
        if found.count > LISTED:
            found.cut(LARGEST)
        return found, []
    through: Counter[Node] = Counter()  # paths by operation, which may have several outputs
    for n in routes.nodes:
        through[n if n.index is None else n.parents[0]] += counts.get(n, 0)
    groups = []
    for index in timeline.arrivals(routes.x):
        event = timeline.events[index]
        value = picked(timeline.numbers(index).contribution, place)
        groups.append((event, through[event.node], value))
    groups.sort(key=lambda group: -size_of(group[2]))
    return Paths(count), groups


def _shown_paths(story: Story) -> tuple[Path, ...]:
    if story.groups:
        return tuple(
            Path((story.step(event.node, event.position, None),), (None,), value, count)
            for event, count, value in story.groups
        )
    return tuple(_path(story, value, link) for value, link in story.found.best)


def _path(story: Story, value: Any, link: Link | None) -> Path:
    links = story.links(link)
    steps = tuple(story.step(one.edge.box, one.edge.position, one.factor) for one in links)
    return Path(steps, tuple(one.factor for one in links), value)


def _direction(x: Node, place: tuple[int, ...] | None) -> Any:
    """Where x is moved: along one element, or at random."""
    if place is None:
        return np.random.default_rng(SEED).uniform(-1, 1, x.shape)
    d = np.zeros(x.shape)
    d[place] = 1.0
    return d


def _sizes(timeline: Timeline, x: Node, d: Any) -> float:
    """How large what reaches x is, along d: contributions may cancel in the gradient."""
    found = [timeline.numbers(i).contribution for i in timeline.arrivals(x)]
    hosts = [backend.to_host(c).astype("float64") for c in found]
    # Where x is not moved a contribution may be infinite.
    return max(size_of(np.where(d != 0, host, 0.0) * d) for host in hosts)


def _agrees(
    timeline: Timeline, x: Node, place: tuple[int, ...] | None, total: Any, gradient: Any
) -> bool:
    if not np.all(np.isfinite(gradient)):
        return bool(np.array_equal(np.isfinite(total), np.isfinite(gradient)))
    d = np.ones(x.shape) if place is None else _direction(x, place)
    allowed = RELATIVE.get(x.dtype.itemsize, 1e-6) * _sizes(timeline, x, d)
    return size_of(total - gradient) <= allowed + 1e-300


def _compared(
    timeline: Timeline, x: Node, place: tuple[int, ...] | None, gradient: Any, output: Any
) -> tuple[Difference | None, str]:
    """The central difference; or None, and why there is none."""
    if not np.all(np.isfinite(gradient)):
        return None, "the gradient is not finite"
    try:
        replay = Replay(timeline.output)
        moved = replay.moved(x)
        _check_unchanged(replay, output)
        d = _direction(x, place)
        expected = gradient if place is not None else float(np.sum(gradient * d))
        found = central_difference(
            moved,
            backend.to_host(timeline.seed).astype("float64"),
            d,
            expected,
            itemsize=x.dtype.itemsize,
            size=_sizes(timeline, x, d),
        )
    except NotReplayed as error:
        return None, str(error).rstrip(".")
    return found, ""


def _check_unchanged(replay: Replay, output: Any) -> None:
    """Raises NotReplayed if the leaves no longer give the output that was recorded."""
    output = replay.known.get(replay.output) if output is None else output
    if output is None or replay.output not in replay.values:
        return
    if not np.all(np.isfinite(replay.values[replay.output])):
        raise NotReplayed("the output is not finite.")
    before, now = backend.to_host(output).astype("float64"), replay.values[replay.output]
    leaves = [replay.values[n] for n in replay.order if n.op is None and n in replay.values]
    largest = max((float(np.max(np.abs(a))) for a in leaves if a.size), default=0.0)
    itemsize = output.dtype.itemsize
    allowed = 10 * RELATIVE.get(itemsize, 1e-6) * np.abs(before)
    allowed = allowed + 1e3 * float(np.finfo(output.dtype).eps) * largest
    if np.all(np.isfinite(before)) and np.any(np.abs(now - before) > allowed):
        raise NotReplayed("a value that the graph began with was overwritten since.")
