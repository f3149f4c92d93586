"""Graphs of several threads do not meet, though they share parameters that they only read."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, enable_grad, grad, no_grad, op, ops
from autograd.graph import ancestors

THREADS = 8


@pytest.fixture(autouse=True)
def threads_take_turns_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def together(work: Callable[[int], Any]) -> list[Any]:
    """The results of work(0) … work(7), each in a thread of its own, begun at one moment."""
    barrier = threading.Barrier(THREADS)

    def begin(i: int) -> Any:
        barrier.wait(30)
        return work(i)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


@pytest.fixture
def weight() -> Tensor:
    """A parameter that all threads read."""
    rng = np.random.default_rng(0)
    return Tensor(rng.standard_normal((16, 16)).astype("float32") / 4, requires_grad=True)


def train(weight: Tensor, i: int, create_graph: bool = False) -> list[bytes]:
    """The gradients of a small network with a layer of its own below the shared weight."""
    rng = np.random.default_rng(i)
    x = Tensor(rng.standard_normal((8, 16)).astype("float32"))
    own = Tensor(rng.standard_normal((16, 16)).astype("float32") / 4, requires_grad=True)
    found = []
    for _ in range(20):
        h = ops.tanh(x @ own) @ weight
        loss = (ops.exp(-h * h) + h / (1.0 + h * h)).mean()
        dw, down = grad(loss, [weight, own], create_graph=create_graph)
        found += [dw.detach().numpy().tobytes(), down.detach().numpy().tobytes()]
        with no_grad():
            own -= 0.1 * down.detach()
    return found


@pytest.mark.parametrize("create_graph", [False, True])
def test_eight_threads_compute_what_one_computes(weight: Tensor, create_graph: bool) -> None:
    serial = [train(weight, i, create_graph) for i in range(THREADS)]
    assert together(lambda i: train(weight, i, create_graph)) == serial


def test_backward_in_eight_threads_fills_the_leaves_of_each() -> None:
    def work(i: int) -> tuple[float, Any]:
        x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
        y = x
        for _ in range(200):
            y = y + x * i
        y.sum().backward()
        return x.grad.data[0], x.grad.dtype

    assert together(work) == [(1.0 + 200 * i, np.float32) for i in range(THREADS)]


def test_numbers_of_nodes_are_unique_across_threads() -> None:
    def work(i: int) -> list[int]:
        y = x = Tensor(1.0, requires_grad=True)
        for _ in range(500):
            y = y + x
        return [node.number for node in ancestors([y.node])]

    numbers = [n for found in together(work) for n in found]
    assert len(set(numbers)) == len(numbers) == THREADS * 501


def test_an_operation_first_used_in_eight_threads_at_once_works_in_each() -> None:
    @op("x²")
    def squared(xp: Any, x: Any) -> Any:
        return x * x

    squared.vjp(x=("∂z/∂x = 2 · x", lambda g, x: 2 * g * x))

    def work(i: int) -> float:
        x = Tensor(float(i), requires_grad=True)
        squared(x).backward()
        return x.grad.item()

    assert together(work) == [2.0 * i for i in range(THREADS)]


def test_switches_of_one_thread_are_not_those_of_another(weight: Tensor) -> None:
    def work(i: int) -> list[bool]:
        with no_grad() if i % 2 else enable_grad():
            return [(weight * 2).requires_grad for _ in range(300)]

    for i, seen in enumerate(together(work)):
        assert set(seen) == {i % 2 == 0}


def test_a_graph_made_in_one_thread_can_be_walked_in_another(weight: Tensor) -> None:
    y = (weight * weight).sum()
    thread = threading.Thread(target=y.backward)
    thread.start()
    thread.join()
    np.testing.assert_array_equal(weight.grad.data, 2 * weight.data)


def test_writes_of_one_thread_disturb_no_other(weight: Tensor) -> None:
    def work(i: int) -> float:
        buffer = Tensor(np.zeros(4))
        x = Tensor(np.ones(4), requires_grad=True)
        for step in range(100):
            buffer[step % 4] = float(i)
            y = (x * buffer * x).sum()
            y.backward()
        return x.grad.data[0]

    serial = [work(i) for i in range(THREADS)]
    assert together(work) == serial


def test_gradients_of_all_threads_add_up_in_a_shared_parameter() -> None:
    w = Tensor(np.ones(3), requires_grad=True)

    def work(i: int) -> None:
        for k in range(40):
            (w * float(40 * i + k)).sum().backward()

    together(work)
    assert w.grad is not None
    assert w.grad.tolist() == [sum(range(40 * THREADS))] * 3
