"""Gradients have memory of their own: apart from each other, the seed and the data."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, op, ops


def leaf(value: Any, dtype: str = "float64") -> Tensor:
    return Tensor(np.asarray(value, dtype), requires_grad=True)


def shared(arrays_: list[np.ndarray]) -> list[tuple[int, int]]:
    pairs = itertools.combinations(range(len(arrays_)), 2)
    return [(i, j) for i, j in pairs if np.shares_memory(arrays_[i], arrays_[j])]


COPIES = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "add twice": lambda a, b: (a + b) + a,
    "reshape": lambda a, b: (a + b).reshape(3, 2),
    "transpose": lambda a, b: ops.transpose(a) + ops.transpose(b),
    "sum": lambda a, b: a.sum() + b.sum(),
    "broadcast_to": lambda a, b: ops.broadcast_to(a, (2, 2, 3)) + b,
    "getitem": lambda a, b: a[0] + b[1],
    "concatenate": lambda a, b: ops.concatenate([a, b]),
    "stack": lambda a, b: ops.stack([a, b]),
    "where": lambda a, b: ops.where(True, a, b),
    "mul": lambda a, b: a * b,
    "copy": lambda a, b: a.copy() + b.copy(),
    "astype": lambda a, b: a.astype("float64") + b,
}


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("name", COPIES)
def test_gradients_share_no_memory_and_can_be_written(name: str, create_graph: bool) -> None:
    a, b = leaf(np.ones((2, 3))), leaf(np.full((2, 3), 2.0))
    z = COPIES[name](a, b)
    seed = np.ones(z.shape)
    z.backward(seed, create_graph=create_graph)
    found = [a.grad.data, b.grad.data]
    assert shared([*found, seed, a.data, b.data, z.data]) == []
    for g in found:
        assert g.flags.writeable
        g[...] = 7.0
    assert (seed == 1).all()


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_seed_given_as_tensor_is_not_the_gradient(create_graph: bool) -> None:
    x, seed = leaf([1.0, 2.0]), Tensor([3.0, 4.0], dtype="float64")
    x.backward(seed, create_graph=create_graph)
    np.testing.assert_array_equal(x.grad.data, [3.0, 4.0])
    assert not np.shares_memory(x.grad.data, seed.data)


def test_a_gradient_seen_by_a_hook_is_not_that_of_the_leaf() -> None:
    seen: list[Tensor] = []
    x = leaf([1.0, 2.0])
    x.register_hook(seen.append)
    (x * 2).sum().backward()
    assert not np.shares_memory(seen[0].data, x.grad.data)


def test_retained_gradients_of_inner_tensors_are_their_own() -> None:
    x = leaf([1.0, 2.0])
    y = x + 1.0
    z = y + 2.0
    y.retain_grad()
    z.retain_grad()
    z.backward(np.ones(2))
    assert shared([x.grad.data, y.grad.data, z.grad.data]) == []


def test_a_later_pass_leaves_an_earlier_gradient_as_it_was() -> None:
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    before = x.grad
    (x * x).sum().backward()
    np.testing.assert_array_equal(before.data, [2.0, 4.0])
    np.testing.assert_array_equal(x.grad.data, [4.0, 8.0])


def test_a_rule_that_gives_its_kept_array_does_not_give_it_away() -> None:
    @op("id'")
    def own_input(xp: Any, x: Any) -> Any:
        return x * x / 2

    own_input.vjp(x=("∂z/∂x = x", lambda x: x))
    x = leaf([1.0, 2.0])
    own_input(x).sum().backward()
    assert not np.shares_memory(x.grad.data, x.data)
