"""What nodes keep, and for how long: only what their rules name, and until those have run.

Weak references watch arrays die as backward goes; `tracemalloc` counts the bytes of long chains.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, as_tensor, checkpoint, grad, no_grad, ops
from autograd.backward import reverse_pass
from tests.autograd.watching import BIG, Watch, garbage_collector_off, leaf


@pytest.fixture(autouse=True)
def without_garbage_collector() -> Iterator[None]:
    with garbage_collector_off():
        yield


def kept_by(y: Tensor) -> list[Any]:
    return [a for a in y.node.kept if a is not None]


def test_operations_whose_rules_need_no_input_keep_none() -> None:
    x, y = leaf(), leaf()
    moved = [x + y, x - y, -x, x.sum(), x.reshape(100, 100), x[:5], ops.transpose(x), x + 1.0]
    moved += [ops.concatenate([x, y]), ops.stack([x, y]), ops.broadcast_to(x, (2, BIG)), x.copy()]
    assert [t.node.op.name for t in moved if kept_by(t)] == []


def test_operations_keep_only_what_their_rules_name() -> None:
    x, w = leaf(), leaf()
    h = ops.tanh(x)
    assert [a is h.data for a in kept_by(h)] == [True]
    p = x * w
    assert {id(a) for a in kept_by(p)} == {id(x.data), id(w.data)}


def test_a_product_with_a_constant_keeps_the_constant_alone() -> None:
    x, c = leaf(), as_tensor(np.linspace(0, 1, BIG))
    assert [a is c.data for a in kept_by(x * c)] == [True]
    assert [a is c.data for a in kept_by(c * x)] == [True]


def test_an_input_that_no_rule_needs_dies_before_backward() -> None:
    watch, x = Watch(), leaf()
    h = x * 2.0
    watch(h=h)
    y = h + 1.0
    del h
    assert watch.alive() == ["h.node"]
    assert y.requires_grad


def test_nothing_is_kept_under_no_grad() -> None:
    watch, x = Watch(), leaf()
    with no_grad():
        h = ops.tanh(x)
        watch(h=h)
        y = (h * h).sum()
    del h
    assert watch.alive() == []
    assert y.node is None


def layers(x: Tensor, depth: int, watch: Watch) -> Tensor:
    """A chain of tanh whose kept arrays are watched; no handle on them is left."""
    for i in range(depth):
        x = ops.tanh(x)
        watch(**{str(i): x.data})
    return x.sum()


def test_kept_arrays_are_freed_one_by_one_as_backward_goes() -> None:
    watch, x = Watch(), leaf()
    y = layers(x, 8, watch)
    alive = []
    for node, _, _ in reverse_pass([(y.node, np.ones(()))]):
        if node.op is ops.tanh:
            alive.append(len(watch.alive()))
    assert alive == [7, 6, 5, 4, 3, 2, 1, 0]


def test_kept_arrays_stay_with_retain_graph() -> None:
    watch, x = Watch(), leaf()
    y = layers(x, 8, watch)
    y.backward(retain_graph=True)
    assert len(watch.alive()) == 8
    y.backward()
    assert watch.alive() == []


def test_memory_falls_during_backward_so_its_peak_is_that_of_the_forward_pass() -> None:
    depth, x = 30, leaf(100_000)
    tracemalloc.start()
    y = layers(x, depth, Watch())
    forward = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    y.backward()
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert forward > depth * x.data.nbytes
    # Beside what the forward pass kept: g, the product that the rule makes of it, its temporary.
    assert peak < forward + 5 * x.data.nbytes
    assert after < 2 * x.data.nbytes


def test_a_checkpoint_keeps_no_inner_array() -> None:
    watch, x = Watch(), leaf()
    y = checkpoint(lambda t: layers(t, 8, watch), x)
    assert watch.alive() == []
    y.backward()
    assert x.grad is not None
    assert watch.alive() == []


# A million nodes


def chain(length: int) -> tuple[Tensor, Tensor]:
    x = Tensor(1.0, requires_grad=True, dtype="float64")
    y = x
    for _ in range(length):
        y = y + x
    return x, y


def test_a_chain_of_a_million_nodes_goes_forward_backward_and_away() -> None:
    x, y = chain(1_000_000)
    watch = Watch()
    watch(y=y)
    y.backward()
    assert x.grad.item() == 1_000_001
    del y
    assert watch.alive() == []


def test_a_chain_costs_less_than_two_kilobytes_a_node_whatever_its_length() -> None:
    costs = []
    for length in (20_000, 100_000):
        tracemalloc.start()
        x, y = chain(length)
        y.backward()
        costs.append(tracemalloc.get_traced_memory()[1] / length)
        del x, y
        left = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert left / length < 16
    assert max(costs) < 2048
    assert costs[1] < 1.2 * costs[0]


def test_a_long_chain_can_be_differentiated_with_create_graph_and_dropped() -> None:
    x, y = chain(50_000)
    (dx,) = grad(y * y, x, create_graph=True)
    (ddx,) = grad(dx, x)
    assert ddx.item() == 2 * 50_001**2
    watch = Watch()
    watch(y=y, dx=dx)
    del y, dx
    assert watch.alive() == []
