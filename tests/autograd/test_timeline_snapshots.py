"""A time line that keeps little computes the rest again, to the last bit, in any order."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import GraphError, Tensor, checkpoint, grad, no_grad, ops, timeline
from autograd.timeline import Timeline
from tests.autograd.following import (
    Recipe,
    all_bits,
    check_edges,
    graph_of,
    leaf,
    random_gradient,
    recipes,
)
from tests.autograd.watching import garbage_collector_off

LIMITS = {
    "a chunk for each operation": (0, 0),
    "two chunks kept": (1, 600),
    "snapshots thinned": (3_000, 300),
    "half of it kept": (20_000, 2_000),
}
"""LIMIT and CHUNK."""


@pytest.fixture(params=LIMITS.values(), ids=LIMITS)
def limited(request: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Time lines made by it keep little; those made by Timeline keep all."""

    def make(*args: Any, **kwargs: Any) -> Timeline:
        with pytest.MonkeyPatch.context() as patch:
            limit_for(patch, *request.param)
            made = Timeline(*args, **kwargs)
        limit_for(monkeypatch, *request.param)  # for what is computed again
        return made

    return make


def limit_for(patch: pytest.MonkeyPatch, limit: int, chunk: int) -> None:
    patch.setattr(timeline, "LIMIT", limit)
    patch.setattr(timeline, "CHUNK", chunk)


def recurrence(length: int = 30) -> Tensor:
    """One weight and one bias at every time, a branch across all of it, and several outputs."""
    rng = np.random.default_rng(0)
    w, x = leaf(rng.standard_normal((4, 4)), "w"), leaf(rng.standard_normal((2, 4)), "x")
    h, total = x, x.sum()
    for _ in range(length):
        left, right = ops.split(ops.tanh(h @ w + x), 2, axis=1)
        h = ops.concatenate([right, left * right], axis=1)
        total = total + h.sum() * w[0, 0]
    return total


def rows(made: Timeline, order: Any) -> list[Any]:
    """The bits of the events in this order, put back into their own."""
    found = {i: all_bits(made.numbers(i)) for i in order}
    return [found[i] for i in sorted(found)]


def orders(made: Timeline) -> dict[str, list[int]]:
    """Ways to visit all events that have numbers."""
    forwards = list(range(made.first, len(made)))
    mixed = np.random.default_rng(1).permutation(forwards).tolist()
    to_and_fro = [i for j in forwards for i in (j, max(made.first, j - 1))]
    return {"on": forwards, "back": forwards[::-1], "mixed": mixed, "to and fro": to_and_fro}


@pytest.mark.parametrize("order", ["on", "back", "mixed", "to and fro"])
def test_numbers_computed_again_are_those_that_were_kept(limited: Any, order: str) -> None:
    y = recurrence()
    whole = Timeline(y)
    made = limited(y)
    assert len(made._chunks) > 5 and any(chunk.numbers is None for chunk in made._chunks)
    assert rows(made, orders(made)[order]) == rows(whole, orders(whole)["on"])
    assert [(e.node, e.target, e.is_first, e.is_last) for e in made.events] == [
        (e.node, e.target, e.is_first, e.is_last) for e in whole.events
    ]


def test_edges_computed_again_are_those_of_the_engine(limited: Any) -> None:
    check_edges(limited(recurrence()))


@given(recipes, st.sampled_from(list(LIMITS.values())), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_random_graphs_give_the_same_numbers_in_any_order(
    recipe: Recipe, limits: tuple[int, int], mixed: Any
) -> None:
    y, _ = graph_of(recipe)
    gradient = random_gradient(y)
    expected = rows(whole := Timeline(y, gradient), orders(whole)["on"])
    with pytest.MonkeyPatch.context() as patch:
        limit_for(patch, *limits)
        made = Timeline(y, gradient)
        order = orders(made)["on"]
        mixed.shuffle(order)
        assert rows(made, order) == expected


def test_snapshots_inside_of_checkpoints_and_higher_derivatives_hold(limited: Any) -> None:
    x, w = leaf([0.5, -0.25, 1.0]), leaf([1.0, 2.0, 3.0])
    h = x
    for _ in range(6):
        h = checkpoint(lambda t: ops.tanh(t * w) + ops.topk(t, 3)[0], h)
    (first,) = grad(h.sum(), x, create_graph=True)
    y = (first * first).sum() + h.sum()
    whole = Timeline(y)
    made = limited(y)
    assert rows(made, orders(made)["mixed"]) == rows(whole, orders(whole)["on"])


# What is kept


def kept_bytes(made: Timeline) -> int:
    """Bytes of the arrays that a time line holds on to, each counted once."""
    arrays: dict[int, Any] = {}

    def take(value: Any) -> None:
        if isinstance(value, np.ndarray):
            arrays[id(timeline.backend.root_of(value))] = timeline.backend.root_of(value)
        elif isinstance(value, dict | tuple):
            for part in value.values() if isinstance(value, dict) else value:
                take(part)

    for chunk in made._chunks:
        take(chunk.pending)
        for n in chunk.numbers or ():
            take((n.upstream, n.contribution, n.before, n.after))
    return sum(a.nbytes for a in arrays.values())


def test_what_a_long_time_line_keeps_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    # A recurrence: its weight's gradient grows at every time, so that no two snapshots share it.
    w = leaf(np.eye(60) * 0.5)
    x = h = leaf(np.ones((1, 60)))
    for _ in range(200):
        h = ops.tanh(h @ w)
    y = h.sum()
    limit, chunk = 40 * w.data.nbytes, 5 * w.data.nbytes
    whole = kept_bytes(Timeline(y))
    limit_for(monkeypatch, limit, chunk)
    made = Timeline(y)
    assert whole > 5 * limit
    held = [kept_bytes(made)]
    for index in [*range(len(made) - 1, -1, -17), *range(0, len(made), 13)]:
        made.numbers(index)
        held.append(kept_bytes(made))
    assert max(held) <= 2.5 * limit
    assert made._size == sum(c.size for c in made._chunks if c.numbers is not None)
    assert sum(c.pending is not None for c in made._chunks) > 3
    assert made._chunks[0].pending is not None
    assert x.node in made.complete


def test_chunks_larger_than_their_measure_do_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    x = leaf(np.ones(10_000))
    h = x
    for _ in range(30):
        h = ops.tanh(h)
    y = h.sum()
    limit_for(monkeypatch, 16 * 1_000, 1_000)  # every operation's numbers are ten times the limit
    made = Timeline(y)
    assert sum(chunk.numbers is not None for chunk in made._chunks) == 2


def test_walking_back_computes_a_chunk_once(monkeypatch: pytest.MonkeyPatch) -> None:
    y = recurrence()
    limit_for(monkeypatch, 20_000, 2_000)
    made = Timeline(y)
    calls: list[int] = []
    compute = Timeline._compute

    def counted(self: Timeline, place: int) -> None:
        calls.append(place)
        compute(self, place)

    monkeypatch.setattr(Timeline, "_compute", counted)
    for index in range(len(made) - 1, made.first, -1):
        made.numbers(index)
        made.numbers(min(index + 1, len(made) - 1))  # to and fro across every border
    assert calls == sorted(set(calls), reverse=True)
    assert 0 < len(calls) < len(made._chunks)


def test_walking_on_goes_through_the_pass_once(monkeypatch: pytest.MonkeyPatch) -> None:
    y = recurrence()
    limit_for(monkeypatch, 3_000, 300)
    made = Timeline(y)
    assert sum(chunk.pending is None for chunk in made._chunks) > len(made._chunks) // 2
    taken: list[Any] = []
    steps = timeline._steps

    def counted(pending: Any) -> Iterator[Any]:
        for step in steps(pending):
            taken.append(step[0])
            yield step

    monkeypatch.setattr(timeline, "_steps", counted)
    for index in range(len(made)):
        made.numbers(index)
    assert len(taken) == len(set(taken)) > 100


def test_the_longest_unused_numbers_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    y = recurrence()
    limit_for(monkeypatch, 20_000, 2_000)
    made = Timeline(y)
    oldest, second = made._kept[0], made._kept[1]
    made.numbers(oldest.start)
    made.numbers(made._chunks[0].start)
    assert oldest.numbers is not None and second.numbers is None


@pytest.mark.parametrize("spoil", ["write", "free"])
def test_numbers_that_cannot_be_computed_again_say_why(
    monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    x = leaf(np.linspace(0.1, 1, 100), "x")
    y = (ops.tanh(ops.exp(x * x)) * x).sum()
    limit_for(monkeypatch, 0, 0)
    made = Timeline(y)
    if spoil == "write":
        with no_grad():
            x += 1
    else:
        y.backward()
    cause = "overwritten after the forward" if spoil == "write" else r"freed .*retain_graph=True"
    made.numbers(len(made) - 1)  # is kept
    for index in (2, 2, 3):
        with pytest.raises(GraphError, match=cause):
            made.numbers(index)
    made.numbers(len(made) - 1)


def test_a_limited_time_line_dies_by_reference_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    limit_for(monkeypatch, 3_000, 300)
    with garbage_collector_off():
        y = recurrence()
        made = Timeline(y)
        orders_ = orders(made)
        rows(made, orders_["back"])
        dead = [weakref.ref(made), weakref.ref(y.node), weakref.ref(made.numbers(3).after)]
        del y, made
        assert [reference() for reference in dead] == [None, None, None]
