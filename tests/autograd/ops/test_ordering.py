"""Sorting: NumPy's order, the first of equals first, and gradients back where each value was."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import normal


@pytest.mark.parametrize("axis", [-1, 0, None])
def test_sorting_gives_the_values_and_positions_of_numpy(axis: int | None) -> None:
    x = np.array([[3.0, 1.0, 2.0], [2.0, 2.0, np.nan]])
    np.testing.assert_array_equal(ops.sort(Tensor(x), axis=axis).numpy(), np.sort(x, axis))
    expected = np.argsort(x, axis, kind="stable")
    np.testing.assert_array_equal(ops.argsort(Tensor(x), axis=axis).numpy(), expected)


@pytest.mark.parametrize("axis", [-1, 0, None])
def test_each_gradient_goes_back_to_where_its_value_was(axis: int | None) -> None:
    x = Tensor(normal(3, 4), requires_grad=True)
    z = ops.sort(x, axis=axis)
    (g,) = grad([z], [x], [z.detach().numpy()])
    np.testing.assert_array_equal(g.numpy(), x.detach().numpy())


def test_of_equals_the_first_has_the_first_gradient() -> None:
    x = Tensor(np.array([2.0, 1.0, 2.0]), requires_grad=True)
    (g,) = grad([ops.sort(x)], [x], [np.array([10.0, 20.0, 30.0])])
    assert g.tolist() == [20.0, 10.0, 30.0]


def test_topk_gives_the_largest_in_falling_and_the_smallest_in_rising_order() -> None:
    x = Tensor([[3.0, 1.0, 4.0, 1.0, 5.0]])
    values, indices = ops.topk(x, 3)
    assert values.tolist() == [[5.0, 4.0, 3.0]] and indices.tolist() == [[4, 2, 0]]
    values, indices = ops.topk(x, 3, largest=False)
    assert values.tolist() == [[1.0, 1.0, 3.0]] and indices.tolist() == [[1, 3, 0]]


def test_topk_takes_the_first_of_equals_first() -> None:
    assert ops.topk(Tensor([1.0, 7.0, 7.0, 7.0]), 2)[1].tolist() == [1, 2]


def test_topk_gives_its_gradient_to_the_chosen_alone() -> None:
    x = Tensor(np.array([[3.0, 1.0], [4.0, 5.0], [0.0, 9.0]]), requires_grad=True)
    values, indices = ops.topk(x, 2, axis=0)
    assert not indices.requires_grad
    (g,) = grad([values], [x], [np.array([[1.0, 2.0], [3.0, 4.0]])])
    assert g.tolist() == [[3.0, 0.0], [1.0, 4.0], [0.0, 2.0]]


def test_topk_of_none_is_empty() -> None:
    x = Tensor(normal(2, 3), requires_grad=True)
    values, _ = ops.topk(x, 0)
    assert values.shape == (2, 0)
    (g,) = grad([values], [x], [np.zeros((2, 0))])
    assert g.tolist() == [[0.0] * 3] * 2


@pytest.mark.parametrize("k", [4, -1])
def test_topk_of_more_than_there_are_raises(k: int) -> None:
    with pytest.raises(ShapeError, match=rf"topk: k={k} but axis 1 of x, which is \(2, 3\), has 3"):
        ops.topk(Tensor(normal(2, 3)), k)


@pytest.mark.parametrize("name", ["sort", "argsort"])
def test_a_bad_axis_raises_with_its_value(name: str) -> None:
    with pytest.raises(ShapeError, match=f"{name}: axis 1 is out of range for 1 dimensions"):
        getattr(ops, name)(Tensor(normal(3)), axis=1)


def test_single_precision_is_kept() -> None:
    x = Tensor(normal(4).astype(np.float32), requires_grad=True)
    (ops.sort(x).sum() + ops.topk(x, 2)[0].sum()).backward()
    assert x.grad is not None and x.grad.dtype == np.float32


def test_values_and_gradients_agree_with_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x, weights = normal(3, 5), normal(3, 5, seed=1)
    leaf, mine = torch.tensor(x, requires_grad=True), Tensor(x, requires_grad=True)
    values, indices = torch.topk(leaf, 2, dim=1)
    ((leaf.sort(dim=1).values * torch.tensor(weights)).sum() + (values**2).sum()).backward()
    ours, positions = ops.topk(mine, 2, axis=1)
    ((ops.sort(mine, axis=1) * weights).sum() + (ours**2).sum()).backward()
    assert mine.grad is not None
    np.testing.assert_array_equal(positions.numpy(), indices.numpy())
    np.testing.assert_allclose(mine.grad.numpy(), leaf.grad.numpy())


def test_topk_does_not_cut_k_to_an_integer() -> None:
    with pytest.raises(ShapeError, match=r"topk: k=1\.5 must be an integer"):
        ops.topk(normal(2, 3), 1.5)
