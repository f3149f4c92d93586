"""A checkpoint's second run sees what the first saw: values, hooks, writes and random numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import GraphError, Tensor, checkpoint, grad, no_grad, rand, random


def leaf(array: Any) -> Tensor:
    return Tensor(np.asarray(array, "float64"), requires_grad=True)


def gradient(x: Tensor) -> Any:
    assert x.grad is not None
    return x.grad.tolist()


# Hooks


def test_a_hook_on_an_argument_runs_once() -> None:
    x, seen = leaf(3.0), []
    x.register_hook(lambda g: seen.append(g.item()) or g * 2)
    checkpoint(lambda a: a * a, x).backward()
    assert gradient(x) == 12
    assert seen == [6.0]


def test_a_hook_on_an_inner_tensor_that_enters_runs_once() -> None:
    x, seen = leaf(3.0), []
    h = x * 1
    h.register_hook(lambda g: seen.append(g.item()) or g * 2)
    checkpoint(lambda a: a * a, h).backward()
    assert gradient(x) == 12
    assert seen == [6.0]


def test_a_hook_on_a_parameter_that_is_closed_over_runs_once() -> None:
    x, w, seen = leaf(3.0), leaf(5.0), []
    w.register_hook(lambda g: seen.append(g.item()))
    checkpoint(lambda a: a * w, x).backward()
    assert seen == [3.0]


# Arguments that move on


def add_ten(h: Tensor) -> None:
    h += 10


def clear_first(h: Tensor) -> None:
    h[0] = 0.0


@pytest.mark.parametrize("change", [add_ten, clear_first])
def test_the_value_that_the_argument_had_is_replayed(change: Callable[[Tensor], None]) -> None:
    x = leaf([1.0, 2.0])
    h = x * 2
    y = checkpoint(lambda a: (a * a).sum(), h)
    change(h)
    y.backward()
    assert gradient(x) == [8, 16]


def test_a_keyword_argument_is_replayed_too() -> None:
    x = leaf([1.0, 2.0])
    h = x * 2
    y = checkpoint(lambda *, a: (a * a).sum(), a=h)
    h *= 3
    y.backward()
    assert gradient(x) == [8, 16]


def test_a_change_inside_the_function_does_not_reach_the_second_run() -> None:
    def bump(a: Tensor) -> Tensor:
        a += 1
        return (a * a).sum()

    x = leaf([1.0, 2.0])
    checkpoint(bump, x * 2).backward()
    assert gradient(x) == [12, 20]  # 2 · 2 · (2 x + 1)


# True writes


@pytest.mark.parametrize("use", [lambda a, s: a * s, lambda a, s: a * (s * 2), lambda a, s: a * 2])
def test_a_write_to_an_untracked_argument_is_found(use: Callable[..., Tensor]) -> None:
    x, scale = leaf([1.0, 2.0]), Tensor(np.array([3.0, 4.0]))
    y = checkpoint(lambda a, s: use(a, s).sum(), x, scale)
    scale.copy_([0.0, 0.0])
    with pytest.raises(GraphError, match="overwritten after the forward pass"):
        y.backward()
    assert x.grad is None


def test_a_write_to_a_buffer_that_is_closed_over_is_found() -> None:
    x, buffer = leaf([1.0, 2.0]), Tensor(np.array([3.0, 4.0]))
    y = checkpoint(lambda a: (a * buffer).sum(), x)
    with no_grad():
        buffer += 1
    with pytest.raises(GraphError, match="overwritten after the forward pass"):
        y.backward()
    assert x.grad is None


def test_a_write_before_the_checkpoint_does_not_matter() -> None:
    x, buffer = leaf([1.0, 2.0]), Tensor(np.array([3.0, 4.0]))
    buffer.copy_([5.0, 6.0])
    checkpoint(lambda a: (a * buffer).sum(), x).backward()
    assert gradient(x) == [5, 6]


# Random numbers


def test_another_thread_that_draws_meanwhile_does_not_change_the_mask() -> None:
    x, masks = leaf(np.ones(20)), []

    def dropout(a: Tensor) -> Tensor:
        masks.append(rand(20).numpy() > 0.5)
        other = threading.Thread(target=rand, args=(3,))
        other.start()
        other.join()
        masks.append(rand(20).numpy() > 0.5)
        return (a * Tensor(masks[-1].astype("float64"))).sum()

    y = checkpoint(dropout, x)
    rand(7)
    y.backward()
    assert len(masks) == 4
    np.testing.assert_array_equal(masks[:2], masks[2:])
    np.testing.assert_array_equal(gradient(x), masks[1])


def test_arguments_that_did_not_move_are_given_again_as_themselves() -> None:
    x = leaf([1.0, 2.0])
    y = checkpoint(lambda q, k: q * k if q is k else q + k, x, x)
    y.sum().backward()
    assert x.grad.tolist() == [2, 4]
    with pytest.raises(TypeError, match="function"):
        checkpoint(function=lambda v: v)


def test_a_function_that_moves_its_argument_gets_the_old_one_each_time() -> None:
    x = leaf([1.0, 2.0])

    def doubled(a: Tensor) -> Tensor:
        a *= a
        return a * 1

    y = checkpoint(doubled, x * 1).sum()
    for _ in range(2):
        (found,) = grad(y, x, create_graph=True)
        assert found.tolist() == [2, 4]


def test_a_seed_set_inside_stays_inside() -> None:
    def same(x: Tensor) -> Tensor:
        state = random.get_state()
        first = random.rand(2)
        random.set_state(state)
        return x * 0 + (first == random.rand(2))

    before = random.get_state()
    assert checkpoint(same, leaf([1.0, 2.0])).tolist() == [1, 1]
    assert random.get_state() == (before[0], before[1] + 1)
