"""Checkpoints: the same numbers with less memory."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from typing import Any

import numpy as np
import pytest

from autograd import GraphError, Tensor, checkpoint, grad, no_grad, ops, rand
from autograd.backward import reverse_pass
from autograd.graph import ancestors
from autograd.random import get_state

RNG = np.random.default_rng(0)
X, W = RNG.standard_normal((4, 3)), RNG.standard_normal((3, 3))


def leaf(array: Any, **more: Any) -> Tensor:
    return Tensor(array, requires_grad=True, **more)


def gradients(output: Tensor, *leaves: Tensor) -> list[np.ndarray]:
    for x in leaves:
        x.grad = None
    output.backward()
    return [x.grad.numpy() for x in leaves if x.grad is not None]


def same(ours: list[np.ndarray], theirs: list[np.ndarray]) -> None:
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_gradients_are_those_without_a_checkpoint() -> None:
    x, w = leaf(X), leaf(W)

    def layer(x: Tensor) -> Tensor:
        return ops.tanh(x @ w) * x

    assert float(checkpoint(layer, x).sum()) == float(layer(x).sum())
    same(gradients(checkpoint(layer, x).sum(), x, w), gradients(layer(x).sum(), x, w))


def test_keywords_several_outputs_and_unused_ones() -> None:
    x, w = leaf(X), leaf(W)

    def split(x: Tensor, *, scale: float) -> tuple[Tensor, Tensor, Tensor]:
        return x @ w, ops.exp(x) * scale, Tensor([1.0])

    a, b, constant = checkpoint(split, x, scale=2.0)
    assert not constant.requires_grad
    plain = split(x, scale=2.0)
    same(gradients((a.sum() + b.sum()), x, w), gradients(plain[0].sum() + plain[1].sum(), x, w))
    _, b, _ = checkpoint(split, x, scale=2.0)
    same(gradients(b.sum(), x), gradients(split(x, scale=2.0)[1].sum(), x))


def test_inputs_inside_the_graph_receive_gradients() -> None:
    x, w = leaf(X), leaf(W)

    def through(y: Tensor) -> Tensor:
        return ops.sin(y) * y

    same(
        gradients(checkpoint(through, x @ w).sum() + x.sum(), x, w),
        gradients(through(x @ w).sum() + x.sum(), x, w),
    )


def test_a_function_may_return_its_input_among_others() -> None:
    x = leaf(X)

    def both(x: Tensor) -> tuple[Tensor, Tensor]:
        return x, x * x

    a, b = checkpoint(both, x)
    same(gradients((a * 3 + b).sum(), x), [3 + 2 * X])
    other = leaf(X)
    a, b = checkpoint(lambda x: (other, x * x), x)
    same(gradients((a * 3 + b).sum(), x, other), [2 * X, np.full(X.shape, 3.0)])
    assert checkpoint(lambda x: x, x) is x


def test_what_is_not_a_tensor_passes_through() -> None:
    x = leaf(X)
    assert checkpoint(lambda x: None, x) is None
    label, y, count = checkpoint(lambda x: ("label", x * 2, 3), x)
    assert (label, count) == ("label", 3)
    same(gradients(y.sum(), x), [np.full(X.shape, 2.0)])


def test_random_masks_are_drawn_again() -> None:
    x = leaf(X)
    masks = []

    def dropout(x: Tensor) -> Tensor:
        mask = rand(*x.shape).numpy() > 0.5
        masks.append(mask)
        return x * x * Tensor(mask.astype("float64"))

    y = checkpoint(dropout, x)
    rand(5)
    before = get_state()
    (dx,) = gradients(y.sum(), x)
    assert get_state() == before
    np.testing.assert_array_equal(masks[0], masks[1])
    np.testing.assert_array_equal(dx, 2 * X * masks[0])


def test_checkpoints_nest() -> None:
    x, w = leaf(X), leaf(W)
    masks: list[np.ndarray] = []

    def inner(x: Tensor) -> Tensor:
        masks.append(rand(*x.shape).numpy())
        return ops.tanh(x @ w) * Tensor(masks[-1].astype("float64"))

    def outer(x: Tensor) -> Tensor:
        return checkpoint(inner, checkpoint(inner, x) * 2)

    ours = gradients(checkpoint(outer, x).sum(), x, w)
    assert len(masks) == 6
    first, second = masks[:2]
    assert all((m == first).all() or (m == second).all() for m in masks)
    again = ops.tanh(x @ w) * Tensor(first.astype("float64")) * 2
    plain = ops.tanh(again @ w) * Tensor(second.astype("float64"))
    same(ours, gradients(plain.sum(), x, w))


def test_second_derivatives_go_through() -> None:
    x, w = leaf(X), leaf(W)

    def layer(x: Tensor) -> Tensor:
        return ops.tanh(x @ w)

    seconds = []
    for y in (checkpoint(layer, x), layer(x)):
        first = grad((y * y).sum(), [x, w], create_graph=True)
        seconds.append([g.numpy() for g in grad(sum((g * g).sum() for g in first), [x, w])])
        seconds[-1] += [g.detach().numpy() for g in first]
    for a, b in zip(*seconds, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_under_no_grad_it_is_the_function_itself() -> None:
    x = leaf(X)
    calls = []

    def count(x: Tensor) -> Tensor:
        calls.append(1)
        return x * 2

    with no_grad():
        y = checkpoint(count, x)
    assert not y.requires_grad
    assert len(calls) == 1
    assert not checkpoint(count, Tensor(X)).requires_grad


def chain(x: Tensor) -> Tensor:
    for _ in range(20):
        x = ops.sin(x)
    return x


def kept_bytes(y: Tensor) -> int:
    """Bytes of the arrays that the nodes behind y hold."""
    assert y.node is not None
    return sum(a.nbytes for node in ancestors([y.node]) for a in node.kept or ())


def test_what_is_kept_is_really_smaller() -> None:
    x = leaf(np.zeros(10_000))
    plain, short = chain(x), checkpoint(chain, x)
    assert kept_bytes(plain) >= 19 * x.data.nbytes
    assert kept_bytes(short) <= x.data.nbytes
    del plain, short
    held = []
    for make in (lambda: chain(x), lambda: checkpoint(chain, x)):
        tracemalloc.start()
        y = make()
        held.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        del y
    assert held[1] < held[0] / 8


def test_memory_returns_by_counting_alone() -> None:
    gc.disable()
    try:
        x, big = leaf(X), leaf(np.ones((4, 3)))
        y = checkpoint(lambda x, big=big: x * big, x)
        y.sum().backward()
        dead = weakref.ref(big.data), weakref.ref(x.data)
        del x, big, y
        assert [r() for r in dead] == [None, None]
    finally:
        gc.enable()


def test_a_second_backward_needs_retain_graph() -> None:
    x = leaf(X)
    y = checkpoint(chain, x).sum()
    y.backward(retain_graph=True)
    assert x.grad is not None
    once = x.grad.numpy().copy()
    y.backward()
    np.testing.assert_array_equal(x.grad.numpy(), 2 * once)
    with pytest.raises(GraphError, match=r"retain_graph=True"):
        y.backward()
    lone = checkpoint(lambda x: (x * x).sum(), x)
    lone.backward()
    with pytest.raises(GraphError, match=r"'checkpoint' \(test_checkpoint.py:\d+\).*freed"):
        lone.backward()


def test_a_function_that_changes_is_found() -> None:
    x, w = leaf(X), leaf(W)
    calls: list[int] = []

    def changing(options: list[Any]) -> Any:
        def function(x: Tensor) -> Any:
            calls.append(1)
            return options[(len(calls) - 1) % 2](x)

        return function

    cases = [
        ([lambda x: x * 2, lambda x: x @ w], "used 1 tensors that it had not used before"),
        ([lambda x: x @ w, lambda x: x * 2], "left out 1"),
        ([lambda x: x * 2, lambda x: (x * 2).sum()], r"gave outputs of shapes \(\(\),\), not"),
        ([lambda x: x * 2, lambda x: (x, x)], "gave outputs of shapes"),
        ([lambda x: x * 2, lambda x: x.detach()], "left out 1"),
    ]
    for options, message in cases:
        calls.clear()
        y = checkpoint(changing(options), x)
        with pytest.raises(GraphError, match=message):
            y.sum().backward()
        assert x.grad is None
        assert w.grad is None


def test_an_overwritten_parameter_is_found() -> None:
    x, w = leaf(X), leaf(W)
    y = checkpoint(lambda x: x @ w, x).sum()
    with no_grad():
        w.copy_(W * 2)
    with pytest.raises(GraphError, match="overwritten after the forward pass"):
        y.backward()
    assert x.grad is None


def test_a_write_elsewhere_does_not_matter() -> None:
    x, other = leaf(X), leaf(W)
    y = checkpoint(lambda x: (x * x, x * 3), x)
    with no_grad():
        other.copy_(W * 2)
    same(gradients((y[0] + y[1]).sum(), x), [2 * X + 3])


def test_an_exception_in_the_second_run_changes_nothing() -> None:
    x = leaf(X)
    calls: list[int] = []

    def failing(x: Tensor) -> Tensor:
        calls.append(1)
        if len(calls) == 2:
            raise KeyError("second run")
        return x * 2

    y, before = checkpoint(failing, x).sum(), get_state()
    with pytest.raises(KeyError, match="second run"):
        y.backward(retain_graph=True)
    assert x.grad is None
    assert get_state() == before
    same(gradients(y, x), [np.full(X.shape, 2.0)])


def test_a_look_through_a_checkpoint_runs_no_hook_inside() -> None:
    calls: list[object] = []

    def work(x: Tensor) -> Tensor:
        y = x * 2.0
        y.register_hook(lambda g: calls.append(g))
        return y * y

    x = Tensor(3.0, requires_grad=True)
    y = checkpoint(work, x)
    steps = list(reverse_pass([(y.node, np.ones(()))], retain_graph=True, observe=True))
    assert not calls and steps[-1][1] == 24
    y.backward()
    assert len(calls) == 1
