"""Flatten and Unflatten: shapes, their inverse relation, and what does not fit."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import ShapeError, Tensor, zeros


@pytest.mark.parametrize(
    ("dims", "shape", "flat"),
    [
        ((1, -1), (2, 3, 4, 5), (2, 60)),
        ((0, -1), (2, 3), (6,)),
        ((1, 2), (2, 3, 4, 5), (2, 12, 5)),
        ((-2, -1), (2, 3, 4), (2, 12)),
        ((1, 1), (2, 3, 4), (2, 3, 4)),
        ((1, -1), (0, 3, 4), (0, 12)),
        ((1, -1), (), (1,)),
    ],
)
def test_flatten_makes_one_axis_of_several(
    dims: tuple[int, int], shape: tuple[int, ...], flat: tuple[int, ...]
) -> None:
    assert nn.Flatten(*dims)(zeros(shape)).shape == flat


def test_unflatten_undoes_flatten() -> None:
    x = Tensor(np.arange(24.0).reshape(2, 3, 4))
    again = nn.Sequential(nn.Flatten(), nn.Unflatten(1, [3, -1]))(x)
    assert np.array_equal(again.numpy(), x.numpy())


def test_an_empty_batch_is_unflattened_too() -> None:
    assert nn.Unflatten(1, (3, 4))(zeros(0, 12)).shape == (0, 3, 4)
    assert nn.Unflatten(0, (-1, 4))(zeros(0, 12)).shape == (0, 4, 12)


@pytest.mark.parametrize("sizes", [(3, 5), (-1, 5), (-1, -1), (-2, -6), (-1, 0), ()])
def test_sizes_that_do_not_fit_are_named(sizes: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"has size 12, which does not split into"):
        nn.Unflatten(1, sizes)(zeros(2, 12))


def test_axes_in_the_wrong_order_or_missing_are_named() -> None:
    with pytest.raises(ShapeError, match="start_dim = 2 lies behind end_dim = 1"):
        nn.Flatten(2, 1)(zeros(2, 3, 4))
    with pytest.raises(ShapeError, match="Flatten"):
        nn.Flatten(1)(zeros(3))
    with pytest.raises(ShapeError, match="Unflatten"):
        nn.Unflatten(2, (1, 3))(zeros(2, 3))
