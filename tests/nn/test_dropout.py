"""Dropout: both forms, their means, repetition by seed and by checkpoint, and the edges of p."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
from autograd import Tensor, checkpoint, ones

SIZE = 20_000


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_in_training_kept_elements_are_scaled_so_that_the_mean_stays(p: float) -> None:
    autograd.manual_seed(0)
    z = nn.Dropout(p)(ones(SIZE, dtype="float64")).numpy()
    assert set(np.unique(z)) == {0.0, 1 / (1 - p)}
    assert (z == 0).mean() == pytest.approx(p, abs=0.015)


def test_the_lecture_s_form_scales_after_training_instead() -> None:
    autograd.manual_seed(0)
    layer, x = nn.Dropout(0.25, inverted=False), ones(SIZE, dtype="float64")
    z = layer(x).numpy()
    assert set(np.unique(z)) == {0.0, 1.0}
    assert (layer.eval()(x).numpy() == 0.75).all()
    assert z.mean() == pytest.approx(0.75, abs=0.015)


def test_after_training_the_inverted_form_changes_nothing() -> None:
    x = Tensor([1.0, 2.0])
    assert nn.Dropout(0.5).eval()(x) is x
    assert F.dropout(x, 0.5, False) is x


def test_both_forms_drop_the_same_elements() -> None:
    x = ones(50)
    autograd.manual_seed(3)
    inverted = F.dropout(x, 0.5)
    autograd.manual_seed(3)
    plain = F.dropout(x, 0.5, inverted=False)
    np.testing.assert_array_equal(inverted.numpy(), 2 * plain.numpy())


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_p_of_zero_keeps_all(inverted: bool, training: bool) -> None:
    x = Tensor([1.0, -2.0])
    assert F.dropout(x, 0.0, training, inverted=inverted).tolist() == [1.0, -2.0]


@pytest.mark.parametrize("inverted", [True, False])
def test_p_of_one_drops_all_with_a_gradient_of_zero(inverted: bool) -> None:
    x = Tensor([1.0, -2.0], requires_grad=True)
    z = F.dropout(x, 1, inverted=inverted)
    z.sum().backward()
    assert x.grad is not None
    assert np.abs(z.detach().numpy()).tolist() == x.grad.tolist() == [0.0, 0.0]
    expected = [1.0, -2.0] if inverted else [0.0, 0.0]
    assert F.dropout(x, 1, False, inverted=inverted).detach().numpy() == pytest.approx(expected)


def test_a_gradient_passes_where_the_value_did() -> None:
    autograd.manual_seed(1)
    x = Tensor(np.full((6, 5), 3.0, "float32"), requires_grad=True)
    z = nn.Dropout(0.4)(x)
    z.sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), z.detach().numpy() / 3, rtol=1e-6)


def test_a_seed_repeats_the_masks_and_each_call_draws_a_new_one() -> None:
    layer, x = nn.Dropout(), ones(64)
    autograd.manual_seed(5)
    first, second = layer(x).tolist(), layer(x).tolist()
    autograd.manual_seed(5)
    assert [layer(x).tolist(), layer(x).tolist()] == [first, second]
    assert first != second


def test_a_checkpoint_replays_the_mask() -> None:
    layer, x = nn.Dropout(), Tensor(np.full(64, 2.0), requires_grad=True)
    z = checkpoint(lambda v: layer(v) * v, x)
    autograd.rand(3)  # the common stream moves on between the passes
    z.sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), z.detach().numpy())  # d(2v²)/dv = 4v, z = 2v², v = 2


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan"), "half", None])
def test_a_p_that_is_no_probability_is_refused(p: Any) -> None:
    with pytest.raises(ValueError, match=r"Dropout: p is .*; a probability is a number in"):
        nn.Dropout(p)
    with pytest.raises(ValueError, match="dropout: p is"):
        F.dropout(ones(2), p)


def test_integers_become_floating() -> None:
    assert F.dropout(Tensor([1, 2]), 0.5).dtype == "float32"


def test_a_single_number_may_be_dropped() -> None:
    assert F.dropout(Tensor(2.0), 0.5).item() in (0.0, 4.0)
    assert F.dropout(Tensor(2.0, dtype="float16"), 0.5).dtype == "float16"


def test_a_drawing_tells_the_probability() -> None:
    assert nn.Dropout(0.5).drawing_detail() == "Dropout 0.5"
    assert repr(nn.Dropout(0.5, inverted=False)) == "Dropout(p=0.5, inplace=False, inverted=False)"
