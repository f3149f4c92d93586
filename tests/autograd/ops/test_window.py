"""unfold and fold against PyTorch, against each other, and on one and three axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, ops
from tests.samples import normal

MOVES = [
    {"kernel_size": 2},
    {"kernel_size": (3, 2), "stride": (2, 3)},
    {"kernel_size": 2, "dilation": (2, 3), "padding": (1, 2)},
    {"kernel_size": 3, "stride": 2, "padding": 1, "dilation": 1},
]


@pytest.mark.parametrize("moves", MOVES, ids=str)
def test_unfold_and_fold_agree_with_pytorch(moves: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x = normal(2, 3, 7, 6)
    columns = ops.unfold(x, **moves).numpy()
    np.testing.assert_array_equal(columns, torch.nn.functional.unfold(torch.tensor(x), **moves))
    folded = ops.fold(columns, output_size=(7, 6), **moves).numpy()
    expected = torch.nn.functional.fold(torch.tensor(columns), (7, 6), **moves)
    np.testing.assert_allclose(folded, expected, rtol=1e-12)


@pytest.mark.parametrize("size", [(7,), (5, 6), (4, 5, 3)])
def test_fold_is_the_adjoint_of_unfold_on_any_number_of_axes(size: tuple[int, ...]) -> None:
    moves = {"kernel_size": 2, "stride": 2, "padding": 1, "dilation": 2}
    x = normal(2, 3, *size)
    columns = ops.unfold(x, **moves).numpy()
    y = normal(*columns.shape, seed=1)
    back = ops.fold(y, output_size=size, **moves).numpy()
    assert back.shape == x.shape
    np.testing.assert_allclose((columns * y).sum(), (x * back).sum())


def test_fold_of_unfold_counts_in_how_many_windows_an_element_lies() -> None:
    columns = ops.unfold(np.ones((1, 1, 4)), kernel_size=3)
    counts = ops.fold(columns, output_size=(4,), kernel_size=3)
    assert counts.numpy().tolist() == [[[1, 2, 2, 1]]]


def test_unfold_does_not_share_memory_with_its_input() -> None:
    x = Tensor(np.ones((1, 1, 3)))
    assert not np.shares_memory(ops.unfold(x, kernel_size=1).data, x.data)


def test_unfold_refuses_an_input_without_spatial_axes() -> None:
    with pytest.raises(ShapeError, match=r"unfold: x is \(3, 4\)"):
        ops.unfold(np.ones((3, 4)), kernel_size=1)


@pytest.mark.parametrize("shape", [(1, 5, 4), (1, 4, 3), (4, 4)])
def test_fold_refuses_columns_that_do_not_belong_to_the_windows(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"needs \(N, C·4, 4\): 4 windows of 4 elements"):
        ops.fold(np.ones(shape), output_size=(3, 3), kernel_size=2)


def test_fold_wants_a_tuple_of_sizes() -> None:
    with pytest.raises(ShapeError, match="output_size=5 must be a tuple"):
        ops.fold(normal(1, 2, 6), output_size=5, kernel_size=2)
