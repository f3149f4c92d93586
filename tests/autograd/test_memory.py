"""Memory returns by reference counting alone: these tests run with the garbage collector off.

Weak references watch arrays, tensors and nodes die; `tracemalloc` counts the bytes of long chains.
"""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd import (
    GraphError,
    Tensor,
    as_tensor,
    checkpoint,
    detect_anomaly,
    functional,
    grad,
    keep_values,
    no_grad,
    op,
    ops,
)
from autograd.backward import reverse_pass

BIG = 10_000


@pytest.fixture(autouse=True)
def without_garbage_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


class Watch:
    """Weak references to arrays, tensors and nodes, which tell what is still alive."""

    def __init__(self) -> None:
        self.references: dict[str, Any] = {}

    def __call__(self, **things: Any) -> None:
        for name, thing in things.items():
            self.references[name] = weakref.ref(thing)
            if isinstance(thing, Tensor):
                self.references[f"{name}.data"] = weakref.ref(thing.data)
                if thing.node is not None:
                    self.references[f"{name}.node"] = weakref.ref(thing.node)

    def alive(self) -> list[str]:
        return [name for name, reference in self.references.items() if reference() is not None]


def leaf(size: int = BIG) -> Tensor:
    return Tensor(np.linspace(0.1, 1.0, size), requires_grad=True)


# Everything dies at del


def test_all_dies_after_a_forward_pass() -> None:
    watch, x = Watch(), leaf()
    h = ops.tanh(x * 2)
    y = (h * h).sum()
    watch(x=x, h=h, y=y)
    assert "h.node" in watch.alive()
    del x, h, y
    assert watch.alive() == []


def test_all_dies_after_backward() -> None:
    watch, x = Watch(), leaf()
    y = (ops.tanh(x * 2) * x).sum()
    y.backward()
    watch(x=x, y=y, grad=x.grad)
    del x, y
    assert watch.alive() == []


def test_all_dies_after_two_passes_over_a_kept_graph() -> None:
    watch, x = Watch(), leaf()
    y = (ops.tanh(x * 2) * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    watch(x=x, y=y, grad=x.grad)
    del x, y
    assert watch.alive() == []


def test_all_dies_after_backward_with_create_graph() -> None:
    watch, x = Watch(), leaf()
    y = (ops.tanh(x * 2) * x).sum()
    y.backward(create_graph=True)
    watch(x=x, y=y, grad=x.grad)
    del x, y
    assert watch.alive() == []


def test_all_dies_after_third_derivatives() -> None:
    watch, x = Watch(), leaf()
    y = (ops.tanh(x) * x).sum()
    (d1,) = grad(y, x, create_graph=True)
    (d2,) = grad(d1.sum(), x, create_graph=True)
    d2.sum().backward()
    watch(x=x, y=y, d1=d1, d2=d2)
    del x, y, d1, d2
    assert watch.alive() == []


def test_all_dies_though_gradients_of_gradients_were_retained() -> None:
    watch, x = Watch(), leaf()
    h = x * x
    h.retain_grad()
    (h * x).sum().backward(create_graph=True)
    (h.grad * x.grad).sum().backward()
    watch(x=x, h=h, dx=x.grad, dh=h.grad)
    del x, h
    assert watch.alive() == []


def test_all_dies_with_hooks_on_leaves_and_inner_tensors() -> None:
    watch, x = Watch(), leaf()
    seen: list[float] = []
    h = x * 2
    x.register_hook(lambda g: seen.append(g.data[0]))
    remove = h.register_hook(lambda g: g * 2)
    y = (h * x).sum()
    y.backward()
    watch(x=x, h=h, y=y)
    assert len(seen) == 1
    del x, h, y, remove
    assert watch.alive() == []


@op("fail")
def failing(xp: Any, x: Any) -> Any:
    """x, with a rule that raises."""
    return x * 1


def _fail(g: Any, x: Any) -> Any:
    raise ArithmeticError("no gradient today")


failing.vjp(x=("∂z/∂x = 1", _fail))


@pytest.mark.parametrize("create_graph", [False, True])
def test_all_dies_after_an_exception_in_a_rule(create_graph: bool) -> None:
    watch, x = Watch(), leaf()
    y = (failing(x * 2) * x).sum()
    try:
        y.backward(create_graph=create_graph)
    except ArithmeticError as error:
        assert error.__notes__
    watch(x=x, y=y)
    del x, y
    assert watch.alive() == []


def test_all_dies_after_an_exception_in_the_forward_pass() -> None:
    watch, x, y = Watch(), leaf(), leaf(3)
    for wrong in (lambda: x * y, lambda: x @ y, lambda: x.reshape(7), lambda: x[[BIG]]):
        try:
            wrong()
        except (ValueError, IndexError) as error:
            assert str(error)
        else:
            pytest.fail("it should have raised")
    watch(x=x, y=y)
    del x, y, wrong
    assert watch.alive() == []


def test_all_dies_after_a_second_backward_was_refused() -> None:
    watch, x = Watch(), leaf()
    y = (x * x).sum()
    y.backward()
    try:
        y.backward()
    except GraphError as error:
        assert "freed" in str(error)
    watch(x=x, y=y)
    del x, y
    assert watch.alive() == []


def test_all_dies_after_several_outputs_some_of_them_dropped() -> None:
    watch, x = Watch(), leaf()
    largest, _ = ops.topk(x, 5)
    parts = ops.split(x, 4)
    y = (largest.sum() * parts[1].sum()).sum()
    y.backward(create_graph=True)
    watch(x=x, y=y, largest=largest, part=parts[2])
    del x, y, largest, parts, _
    assert watch.alive() == []


def test_all_dies_after_a_checkpoint() -> None:
    watch, x = Watch(), leaf()
    y = checkpoint(lambda t: ops.tanh(t * 2), x).sum()
    y.backward()
    watch(x=x, y=y)
    del x, y
    assert watch.alive() == []


def test_all_dies_after_second_derivatives_of_a_fused_operation() -> None:
    watch, x = Watch(), Tensor(np.linspace(-1, 1, BIG).reshape(-1, 10), requires_grad=True)
    y = ops.cross_entropy(x, np.zeros(BIG // 10, int))
    (dx,) = grad(y, x, create_graph=True)
    (dx * dx).sum().backward()
    watch(x=x, y=y, dx=dx)
    del x, y, dx
    assert watch.alive() == []


def test_all_dies_after_the_transforms_of_functional() -> None:
    watch, x = Watch(), leaf()
    v = Tensor(np.ones(BIG))
    for result in (
        functional.hvp(lambda t: (ops.tanh(t) * t).sum(), x, v),
        functional.jvp(ops.tanh, x, v),
        functional.vjp(ops.tanh, x, v, create_graph=True),
    ):
        watch(result=result[1])
    watch(x=x)
    del x, result
    assert watch.alive() == []


def test_all_dies_after_anomaly_mode_and_kept_values() -> None:
    watch, x = Watch(), leaf()
    with detect_anomaly(), keep_values():
        y = (ops.tanh(x * 2) * x).sum()
        y.backward(create_graph=True)
    watch(x=x, y=y)
    del x, y
    assert watch.alive() == []


def test_all_dies_after_changes_in_place() -> None:
    watch, x = Watch(), leaf()
    y = x * 2
    view = y[:5]
    y += 1
    y[0] = 3.0
    with no_grad():
        x.copy_(np.zeros(BIG))
    watch(x=x, y=y, view=view)
    del x, y, view
    assert watch.alive() == []


def test_a_pass_that_is_dropped_halfway_leaves_nothing() -> None:
    watch, x = Watch(), leaf()
    y = (ops.tanh(x * 2) * x).sum()
    steps = reverse_pass([(y.node, np.ones(()))])
    next(steps)
    next(steps)
    watch(x=x, y=y)
    del x, y, steps
    assert watch.alive() == []


def test_a_graph_dies_with_its_output_though_the_leaves_live() -> None:
    watch, x = Watch(), leaf()
    h = ops.tanh(x)
    watch(h=h)
    y = (h * h).sum()
    del h
    assert watch.alive() == ["h.data", "h.node"]
    del y
    assert watch.alive() == []


def test_a_dead_leaf_gets_no_gradient_and_stops_nothing() -> None:
    x, w = leaf(), leaf()
    y = (x * w).sum()
    del w
    y.backward()
    np.testing.assert_array_equal(x.grad.data, np.linspace(0.1, 1.0, BIG))


# What a node keeps, and for how long


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
        watch.references[str(i)] = weakref.ref(x.data)
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
