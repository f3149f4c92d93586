"""Random graphs, and what a time line must say of them, told by the engine's own backward()."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd import Tensor, grad, ops
from autograd.backward import reverse_pass
from autograd.graph import Node
from autograd.timeline import Numbers, Timeline

SHAPES = ((), (3,), (2, 1), (2, 3))
"""All of them broadcast with one another."""

Recipe = tuple[int, str, list[tuple[int, int, int]]]
"""A seed, a dtype, and for each operation its number and those of its inputs."""

recipes = st.tuples(
    st.integers(0, 2**16),
    st.sampled_from(["float32", "float64"]),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30), st.integers(0, 30)), max_size=14),
)


def graph_of(recipe: Recipe) -> tuple[Tensor, list[Tensor]]:
    """An output, which may depend on all that the recipe makes, and the leaves."""
    seed, dtype, operations = recipe
    rng = np.random.default_rng(seed)
    leaves = [Tensor(np.asarray(rng.uniform(-1, 1, s), dtype), requires_grad=True) for s in SHAPES]
    values = list(leaves)
    for which, i, j in operations:
        values += _made(which, values[i % len(values)], values[j % len(values)])
    last = values[-3:]
    return sum((v.sum() for v in last[1:]), last[0] * 2), leaves


def _made(which: int, x: Tensor, y: Tensor) -> list[Tensor]:
    """What one operation makes; several outputs, of which some stay unused, now and then."""
    if which < 3:
        return [(x + y, x - y, ops.sin(x * y))[which]]
    if which < 6:
        return [(ops.tanh(x), ops.maximum(x, y), ops.mean(x) * y)[which - 3]]
    if which == 6:
        return list(ops.split(ops.broadcast_to(x + y * 0, (2, 3)) + 0, 3, axis=1))
    if which == 7:
        return [ops.topk(x.reshape(-1), 1)[0].reshape(())]
    if which == 8:
        return [ops.concatenate([x.reshape(-1), y.reshape(-1), x.reshape(-1)]).sum()]
    flat = ops.broadcast_to(x, (2, 3))
    return [(flat @ flat.T).mean()]


def random_gradient(y: Tensor, seed: int = 5) -> np.ndarray:
    """A random gradient of y, in its dtype."""
    return np.asarray(np.random.default_rng(seed).standard_normal(y.shape)).astype(y.dtype)


def bits(g: Any) -> tuple[Any, ...]:
    """What two gradients have in common if they are equal to the last bit; every NaN is one."""
    if isinstance(g, tuple):
        return tuple(bits(part) for part in g)
    is_nan = np.isnan(g)
    return g.dtype, g.shape, is_nan.tobytes(), np.where(is_nan, np.zeros_like(g), g).tobytes()


def all_bits(numbers: Numbers) -> tuple[Any, ...]:
    """The bits of all numbers of an event."""
    before = () if numbers.before is None else bits(numbers.before)
    return bits(numbers.upstream), bits(numbers.contribution), before, bits(numbers.after)


def check_edges(timeline: Timeline) -> None:
    """Compares every edge with the engine's pass, in its order, and adds them up by hand."""
    sums: dict[Node, np.ndarray] = {timeline.output: timeline.seed}
    edges = iter(timeline.events[timeline.first + 1 :])
    for node, g, contributions in reverse_pass(
        [(timeline.output, timeline.seed)], retain_graph=True, observe=True
    ):
        if node.index is not None:
            continue
        for position, c in enumerate(contributions):
            if c is None:
                continue
            event, target = next(edges), node.parents[position]
            assert (event.kind, event.node, event.position) == ("edge", node, position)
            assert event.target is target
            numbers, before = timeline.numbers(event.index), sums.get(target)
            assert event.is_first == (before is None) == (numbers.before is None)
            sums[target] = c if before is None else np.asarray(before + c)
            assert all_bits(numbers) == all_bits(Numbers(g, c, before, sums[target]))
            assert bits(timeline.gradient(target, event.index)) == bits(sums[target])
            assert event.is_last == (timeline.complete[target] == event.index)
    assert next(edges, None) is None


def check_gradients(timeline: Timeline, y: Tensor, leaves: list[Tensor], gradient: Any) -> None:
    """Compares what the time line says of leaves with what backward() gives them."""
    last = len(timeline) - 1
    y.backward(gradient)
    for x in leaves:
        if x.grad is None:
            assert timeline.arrivals(x.node) == []
            assert timeline.gradient(x.node, last) is None
        else:
            assert bits(timeline.gradient(x.node, last)) == bits(x.grad.data)


def leaf(value: Any, name: str | None = None, dtype: str = "float64") -> Tensor:
    """A tracked tensor."""
    return Tensor(np.asarray(value, dtype), requires_grad=True, name=name)


def gradient_of(y: Tensor, x: Tensor, gradient: Any = None) -> np.ndarray:
    """∂y/∂x by grad(), which keeps the graph."""
    (g,) = grad(y, x, gradient, retain_graph=True)
    found: np.ndarray = g.data
    return found
