"""Memory returns by reference counting alone: everything dies at `del`, whatever happened before.

The garbage collector is off. What nodes keep, and for how long, is in `test_kept.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd import (
    GraphError,
    Tensor,
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
from tests.autograd.watching import BIG, Watch, garbage_collector_off, leaf


@pytest.fixture(autouse=True)
def without_garbage_collector() -> Iterator[None]:
    with garbage_collector_off():
        yield


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


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x, y: x * y,
        lambda x, y: x @ y,
        lambda x, y: x.reshape(7),
        lambda x, y: x[[BIG]],
        lambda x, y: ops.concatenate([x, y], axis=1),
    ],
)
def test_all_dies_after_an_exception_in_the_forward_pass(wrong: Any) -> None:
    watch, x, y = Watch(), leaf(), leaf(3)
    watch(x=x, y=y)
    try:
        wrong(x, y)
    except (ValueError, IndexError) as error:
        message = str(error)
    assert message
    del x, y
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


def test_a_seed_that_lives_on_does_not_hold_the_graph() -> None:
    watch, x, seed = Watch(), leaf(), Tensor(np.ones(BIG))
    y = ops.tanh(x * 2)
    (dx,) = grad(y, x, seed, create_graph=True)
    (dx * dx).sum().backward()
    watch(x=x, y=y, dx=dx)
    del x, y, dx
    assert seed.node is not None
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
