"""Paths are counted, followed, and the largest picked out, however many there are."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Tensor, ops
from tests.viz.graphs import leaf, square_plus_self
from viz.paths import LISTED, Paths, Routes, slope

STEPS = st.lists(
    st.tuples(st.sampled_from(["+", "-", "*", "tanh"]), st.integers(0, 30), st.integers(0, 30)),
    min_size=1,
    max_size=12,
)


def grown(steps: list[tuple[str, int, int]]) -> tuple[list[Tensor], Tensor]:
    """Two leaves, and a number made of them by the steps, each of which takes earlier numbers."""
    leaves = [Tensor(v, True, dtype="float64") for v in (0.7, -1.3)]
    made = list(leaves)
    for kind, i, j in steps:
        x, y = made[i % len(made)], made[j % len(made)]
        made.append(
            x + y
            if kind == "+"
            else x - y
            if kind == "-"
            else x * y
            if kind == "*"
            else ops.tanh(x)
        )
    return leaves, made[-1]


def all_products(routes: Routes) -> list[float]:
    """The product along each path, one by one."""
    done, stack = [], [(routes.y, 1.0)]
    while stack:
        node, product = stack.pop()
        if node is routes.x:
            done.append(product)
        stack += [(edge.target, product * slope(edge)) for edge in routes.edges(node)]
    return done


@settings(deadline=None)
@given(STEPS)
def test_the_paths_products_add_up_to_the_gradient(steps: list[tuple[str, int, int]]) -> None:
    leaves, y = grown(steps)
    for x, g in zip(leaves, autograd.grad(y, leaves, allow_unused=True), strict=True):
        if g is None:
            continue
        found = Routes(y.node, x.node).products(1.0)
        np.testing.assert_allclose(found.total(), g.item(), rtol=1e-9, atol=1e-12)


@settings(deadline=None)
@given(STEPS)
def test_the_best_paths_are_those_that_a_full_count_finds(
    steps: list[tuple[str, int, int]],
) -> None:
    leaves, y = grown(steps)
    for x, g in zip(leaves, autograd.grad(y, leaves, allow_unused=True), strict=True):
        routes = Routes(y.node, x.node)
        if g is None or routes.counts()[x.node] > 2_000:
            continue
        found, every = routes.products(1.0), all_products(routes)
        assert found.count == len(every) == routes.counts()[x.node]
        largest = sorted(map(abs, every), reverse=True)[:LISTED]
        np.testing.assert_allclose([abs(v) for v, _ in found.best], largest, rtol=1e-12)
        rest = found.rest or 0.0
        kept = sum(v for v, _ in found.best)
        np.testing.assert_allclose(rest + kept, sum(every), rtol=1e-9, atol=1e-12)


def test_two_to_the_40_paths_are_counted_exactly_and_summed_at_once() -> None:
    x = y = Tensor(1.0, True, dtype="float64")
    for _ in range(40):
        y = y * 0.5 + y * 0.25
    found = Routes(y.node, x.node).products(1.0)
    assert found.count == 2**40
    assert [value for value, _ in found.best][:2] == [0.5**40, 0.5**39 * 0.25]
    np.testing.assert_allclose(found.total(), 0.75**40, rtol=1e-12)


def test_a_number_of_paths_beyond_any_float_is_exact() -> None:
    x = y = Tensor(0.0, True, dtype="float64")
    for _ in range(5_000):
        y = y + y * 0.0
    assert Routes(y.node, x.node).counts()[x.node] == 2**5_000


def test_both_uses_of_a_value_by_one_operation_are_paths() -> None:
    y = square_plus_self()
    x = y.node.parents[1]
    found = Routes(y.node, x).products(1.0)
    assert [value for value, _ in found.best] == [3.0, 3.0, 1.0]


def test_an_operation_with_several_outputs_is_passed_by_the_output_used() -> None:
    x = Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]), True)
    top, bottom = ops.split(x, [1], axis=0)
    y = (top * bottom).sum()
    found = Routes(y.node, x.node).contributions(np.ones(()), None)
    assert found.count == 2
    np.testing.assert_array_equal(found.total(), autograd.grad(y, x)[0].numpy())


def test_array_paths_add_up_also_where_they_broadcast() -> None:
    x, b = Tensor(np.arange(6.0).reshape(2, 3), True), leaf(2.0)
    y = (x * b + b + x * x).sum()
    for value, count in ((x, 3), (b, 2)):
        place = () if value is b else None
        found = Routes(y.node, value.node).contributions(np.ones(()), place)
        assert found.count == count
        np.testing.assert_allclose(found.total(), autograd.grad(y, value, retain_graph=True)[0])


def test_beyond_the_listed_the_rest_is_a_sum() -> None:
    found = Paths()
    for k in range(1, 101):
        found.add(float(k), None)
    found.cut(5)
    assert [value for value, _ in found.best] == [100.0, 99.0, 98.0, 97.0, 96.0]
    assert found.rest == sum(range(1, 96))
    assert found.total() == 5050.0
