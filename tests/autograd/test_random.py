"""Random tensors: repeatable, of the right distribution, alike in every thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd import (
    DTypeError,
    ShapeError,
    Tensor,
    manual_seed,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    random,
    randperm,
)
from autograd.random import get_state, permutation, replay, set_state


@pytest.fixture(autouse=True)
def same_state_after() -> Iterator[None]:
    state = get_state()
    yield
    set_state(state)


def draw() -> list[Any]:
    return [rand(3).tolist(), randn(2, 2).tolist(), randint(0, 100, (4,)).tolist()]


def test_a_seed_repeats_everything_drawn_after_it() -> None:
    manual_seed(7)
    first, order = draw(), permutation(10)
    manual_seed(7)
    assert draw() == first
    assert permutation(10).tolist() == order.tolist()
    manual_seed(8)
    assert draw() != first
    for seed in (0, -1, 2**63, 2**70):
        manual_seed(seed)
        assert len(set(rand(10).tolist())) == 10


def test_successive_draws_differ() -> None:
    manual_seed(0)
    values = np.concatenate([rand(100).numpy() for _ in range(10)])
    assert len(np.unique(values)) > 990


def test_a_saved_state_goes_on_where_it_was_saved() -> None:
    manual_seed(3)
    rand(5)
    state = get_state()
    after = draw()
    set_state(state)
    assert draw() == after
    assert get_state() == (3, state[1] + 3)


def test_replay_draws_again_and_then_goes_on() -> None:
    manual_seed(3)
    state, first = get_state(), draw()
    with replay(state):
        again = draw()
        inner = get_state()
    assert again == first
    assert inner == get_state() == (3, 3)
    following = draw()
    set_state((3, 3))
    assert draw() == following


def test_replay_is_of_one_thread_and_ends_with_an_exception() -> None:
    manual_seed(3)
    seen: list[Any] = []
    with pytest.raises(KeyError), replay((99, 5)):
        thread = threading.Thread(target=lambda: seen.append(get_state()))
        thread.start()
        thread.join()
        raise KeyError
    assert seen == [(3, 0)]
    assert get_state() == (3, 0)


def test_distributions_have_their_moments() -> None:
    manual_seed(0)
    uniform, normal = rand(20_000).numpy(), randn(20_000).numpy()
    assert 0 <= uniform.min() < uniform.max() < 1
    assert abs(uniform.mean() - 0.5) < 0.01
    assert abs(uniform.var() - 1 / 12) < 0.005
    assert abs(normal.mean()) < 0.03
    assert abs(normal.var() - 1) < 0.05
    whole = randint(-2, 3, (1000,)).numpy()
    assert set(whole.tolist()) == {-2, -1, 0, 1, 2}
    assert whole.dtype == np.int64
    assert sorted(permutation(50).tolist()) == list(range(50))


@pytest.mark.parametrize("make", [rand, randn])
def test_shapes_dtypes_and_leaves(make: Any) -> None:
    for shape in [(), (3,), (2, 3), (0, 2)]:
        for dtype in ("float16", "float32", "float64"):
            x = make(*shape, dtype=dtype, requires_grad=True, name="w")
            assert (x.shape, x.dtype, x.name) == (shape, np.dtype(dtype), "w")
            assert x.is_leaf
            assert x.requires_grad
            assert isinstance(x.data, np.ndarray)
        assert make(shape).shape == make(list(shape)).shape == shape
    assert make(2).dtype == np.float32
    with pytest.raises(DTypeError, match="dtype int64 cannot be drawn"):
        make(2, dtype="int64")
    with pytest.raises(DTypeError, match="not a dtype"):
        make(2, dtype="real")


def test_half_precision_stays_below_one() -> None:
    manual_seed(0)
    x = rand(20_000, dtype="float16")
    assert x.dtype == np.float16
    assert 0 <= x.numpy().min() < x.numpy().max() < 1


def test_like_takes_shape_dtype_and_device() -> None:
    x = Tensor(np.zeros((2, 3), np.float64))
    for made in (rand_like(x), randn_like(x)):
        assert (made.shape, made.dtype, made.device) == (x.shape, x.dtype, x.device)
    assert rand_like(x, requires_grad=True).requires_grad


def test_threads_share_one_sequence_without_repeating_a_draw() -> None:
    manual_seed(11)
    draws: list[float] = []

    def work() -> None:
        for _ in range(50):
            draws.append(float(rand(())))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert get_state() == (11, 400)
    manual_seed(11)
    assert sorted(draws) == sorted(float(rand(())) for _ in range(400))


def test_numpy_s_global_state_is_left_alone() -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002  # must not change
    manual_seed(0)
    draw()
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002  # must not change
    assert random.get_state()[0] == 0


def test_a_random_order_is_a_tensor_that_indexes() -> None:
    manual_seed(4)
    order = randperm(6)
    assert (order.dtype, order.device) == (np.int64, "cpu")
    assert sorted(order.tolist()) == list(range(6))
    assert Tensor(np.arange(6) * 10)[order].tolist() == [10 * i for i in order.tolist()]
    manual_seed(4)
    assert permutation(6).tolist() == order.tolist()


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: rand(2, True), r"rand: the shape \(2, True\)"),
        (lambda: randn(-1), r"randn: the shape \(-1,\)"),
        (lambda: randint(0, 9, (2, 0.5)), r"randint: the shape \(2, 0.5\)"),
        (lambda: randperm(2.5), r"randperm: the shape \(2.5,\)"),
    ],
)
def test_sizes_that_are_none_are_refused_and_nothing_is_drawn(make: Any, fault: str) -> None:
    state = get_state()
    with pytest.raises(ShapeError, match=fault):
        make()
    assert get_state() == state


def test_integers_from_an_empty_interval_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no integer in \[5, 5\)"):
        randint(5, 5, 3)
