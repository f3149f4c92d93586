"""Normalising layers: running statistics, modes, memory, and errors.

Values and gradients are checked with all layers in `test_layers_registry.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd import DTypeError, ShapeError, Tensor, grad, ops
from nn import normalization_functions as functions
from nn.normalization import BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm, RMSNorm
from tests.samples import normal

BATCHES = [normal(5, 3, 2, 2, seed=k) * (k + 1) + k for k in range(4)]
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def statistics(layer: Any) -> list[np.ndarray]:
    return [getattr(layer, name).numpy().copy() for name in STATISTICS]


# Running statistics


@pytest.mark.parametrize("momentum", [0.1, 0.7, 0.0, 1.0, None])
def test_running_statistics_are_pytorchs_over_several_batches(momentum: float | None) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    ours = BatchNorm2d(3, momentum=momentum, dtype="float64")
    theirs = torch.nn.BatchNorm2d(3, momentum=momentum, dtype=torch.float64)
    for x in BATCHES:
        found, expected = ours(x), theirs(torch.tensor(x))
        np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-9)
        for name, value in zip(STATISTICS, statistics(ours), strict=True):
            np.testing.assert_allclose(value, getattr(theirs, name).numpy(), rtol=1e-10)
    found, expected = ours.eval()(BATCHES[0]), theirs.eval()(torch.tensor(BATCHES[0]))
    np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-9)


def test_a_batch_is_normalised_by_the_biased_variance_and_stored_by_the_unbiased() -> None:
    x = np.array([[1.0], [3.0]])
    layer = BatchNorm1d(1, eps=0.0, momentum=1.0, dtype="float64")
    assert layer(x).detach().numpy().tolist() == [[-1], [1]]
    assert layer.running_mean.item() == 2 and layer.running_var.item() == 2


def test_without_a_momentum_the_statistics_are_the_mean_over_all_batches() -> None:
    layer = BatchNorm2d(3, momentum=None, dtype="float64")
    for x in BATCHES:
        layer(x)
    mean, var, count = statistics(layer)
    np.testing.assert_allclose(mean, np.mean([x.mean((0, 2, 3)) for x in BATCHES], 0))
    np.testing.assert_allclose(var, np.mean([x.var((0, 2, 3), ddof=1) for x in BATCHES], 0))
    assert count == 4


def test_statistics_are_overwritten_in_place_and_not_recorded() -> None:
    layer = BatchNorm1d(3)
    kept = layer.running_mean, layer.running_mean.data, layer.state_dict()["running_mean"]
    layer(Tensor(normal(4, 3), requires_grad=True, dtype="float32"))
    assert layer.running_mean is kept[0] and layer.running_mean.data is kept[1]
    assert np.array_equal(kept[2].numpy(), layer.running_mean.numpy())
    assert kept[2].numpy().any()
    assert not layer.running_mean.requires_grad and layer.running_mean.node is None


def test_evaluation_changes_no_statistics_and_training_under_no_grad_does() -> None:
    layer = BatchNorm2d(3, dtype="float64").eval()
    before = statistics(layer)
    layer(BATCHES[1])
    assert all(np.array_equal(a, b) for a, b in zip(before, statistics(layer), strict=True))
    with autograd.no_grad():
        layer.train()(BATCHES[1])
    assert not any(np.array_equal(a, b) for a, b in zip(before, statistics(layer), strict=True))


def test_without_running_statistics_evaluation_is_training() -> None:
    layer = BatchNorm2d(3, track_running_stats=False, dtype="float64")
    assert layer.running_mean is None and layer.num_batches_tracked is None
    assert "running_mean" not in layer.state_dict()
    trained = layer(BATCHES[0]).detach().numpy()
    assert np.array_equal(layer.eval()(BATCHES[0]).detach().numpy(), trained)


def test_resetting_forgets_the_batches_and_the_weights() -> None:
    layer = BatchNorm2d(3, dtype="float64")
    layer(BATCHES[1])
    with autograd.no_grad():
        layer.weight.copy_(np.full(3, 5.0))
    layer.reset_parameters()
    assert [v.tolist() for v in statistics(layer)] == [[0] * 3, [1] * 3, 0]
    assert layer.weight.tolist() == [1] * 3 and layer.bias.tolist() == [0] * 3


def test_a_failed_call_changes_no_statistics() -> None:
    layer = BatchNorm1d(3, dtype="float64")
    before = statistics(layer)
    with pytest.raises(ShapeError, match="one value in each channel"):
        layer(np.ones((1, 3)))
    assert all(np.array_equal(a, b) for a, b in zip(before, statistics(layer), strict=True))


def test_an_empty_batch_changes_no_statistics() -> None:
    layer = BatchNorm1d(3, momentum=None, dtype="float64")
    before = statistics(layer)
    assert layer(np.ones((0, 3))).shape == (0, 3)
    assert all(np.array_equal(a, b) for a, b in zip(before, statistics(layer), strict=True))


def test_training_between_an_evaluation_and_its_backward_does_not_change_the_gradient() -> None:
    layer, x = BatchNorm1d(3).eval(), Tensor(normal(4, 3), requires_grad=True, dtype="float32")
    expected = grad(layer(x).sum(), x)[0].numpy()
    z = layer(x).sum()
    layer.train()(x)
    assert np.array_equal(grad(z, x)[0].numpy(), expected)


# Graphs


def test_double_backward_goes_through_a_layer_in_training() -> None:
    layer = BatchNorm1d(3, dtype="float64")
    x = Tensor(normal(4, 3), requires_grad=True)
    (first,) = grad((layer(x) ** 3).sum(), x, create_graph=True)
    (first**2).sum().backward()
    assert np.isfinite(x.grad.numpy()).all() and np.isfinite(layer.weight.grad.numpy()).all()
    assert layer.num_batches_tracked.item() == 1


def test_a_checkpoint_around_a_layer_gives_the_same_gradients() -> None:
    x, found = normal(4, 3), []
    for run in (lambda f, x: f(x), autograd.checkpoint):
        layer, t = BatchNorm1d(3, dtype="float64"), Tensor(x, requires_grad=True)
        (run(layer, t) ** 3).sum().backward()
        found.append([t.grad.numpy(), layer.weight.grad.numpy(), layer.bias.grad.numpy()])
    for plain, replayed in zip(*found, strict=True):
        assert np.array_equal(plain, replayed)


def test_looking_at_a_checkpointed_layer_changes_no_statistics() -> None:
    layer = BatchNorm1d(3, dtype="float64")
    z = autograd.checkpoint(layer, Tensor(normal(4, 3), requires_grad=True)).sum()
    before = statistics(layer)
    viz.draw(z)  # computes the gradients to write them down, and so runs the layer again
    assert all(np.array_equal(a, b) for a, b in zip(before, statistics(layer), strict=True))


def test_a_training_step_keeps_no_memory_of_the_batch() -> None:
    layer = BatchNorm1d(3)
    x = Tensor(normal(4, 3), requires_grad=True, dtype="float32")
    layer(x).sum().backward()
    assert layer.running_var.node is None and layer.running_mean.data.base is None


# Functions


def test_one_group_is_a_layer_norm_and_groups_of_one_channel_normalise_each() -> None:
    x = normal(2, 4, 3)
    whole = functions.group_norm(x, 1).numpy()
    np.testing.assert_allclose(whole, functions.layer_norm(x, (4, 3)).numpy(), rtol=1e-12)
    each = functions.group_norm(x, 4).numpy()
    np.testing.assert_allclose(each, functions.layer_norm(x, 3).numpy(), rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_rms_norm_without_eps_takes_that_of_the_dtype_it_computes_in(dtype: str) -> None:
    x = np.zeros((1, 2), dtype)
    x[0, 0] = np.finfo(np.result_type(dtype, np.float32)).eps ** 0.5
    z = functions.rms_norm(x, 2)
    assert z.dtype == dtype
    np.testing.assert_allclose(z.numpy()[0, 0], (1 / 1.5) ** 0.5, rtol=1e-2)


def test_batch_norm_takes_integers_and_lists_and_follows_given_statistics() -> None:
    mean, var = Tensor([0.0, 0.0]), Tensor([1.0, 1.0])
    functions.batch_norm(np.array([[1, 2], [3, 4]]), mean, var, training=True, momentum=0.5)
    assert mean.tolist() == [1, 1.5] and var.tolist() == [1.5, 1.5]


def test_a_float32_network_stays_float32_beside_float64_statistics() -> None:
    x = normal(2, 2).astype(np.float32)
    mean, var = Tensor(np.zeros(2)), Tensor(np.ones(2))
    assert functions.batch_norm(x, mean, var).dtype == np.float32


# Errors


@pytest.mark.parametrize(
    ("layer", "x", "error", "message"),
    [
        (BatchNorm1d(4), np.ones((3, 5), "f"), ShapeError, r"\(4\): x is \(3, 5\); it must be \(N"),
        (BatchNorm1d(4), np.ones((3, 4, 2, 2), "f"), ShapeError, r"it must be \(N, 4\) or \(N, 4,"),
        (BatchNorm2d(4), np.ones((3, 4), "f"), ShapeError, r"it must be \(N, 4, H, W\)"),
        (BatchNorm2d(4), np.ones((1, 4, 1, 1), "f"), ShapeError, "drop_last=True"),
        (LayerNorm(4), np.ones((3, 4)), DTypeError, "x is float64 but weight is float32"),
        (LayerNorm((2, 3)), np.ones((3, 3), "f"), ShapeError, r"must end in \(2, 3\)"),
        (RMSNorm(4), np.ones(4, int), DTypeError, "x is int64"),
        (RMSNorm(4), np.ones((), "f"), ShapeError, r"RMSNorm\(\(4,\)\): x is \(\)"),
        (GroupNorm(2, 4, affine=False), np.ones((2, 4), int), DTypeError, "only floating numbers"),
        (GroupNorm(2, 4), np.ones((2, 6), "f"), ShapeError, r"it must be \(N, 4, ...\)"),
    ],
)
def test_input_that_does_not_fit_is_refused(
    layer: Any, x: np.ndarray, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        layer(x)


def test_what_functions_are_given_is_checked() -> None:
    x = np.ones((2, 4))
    with pytest.raises(ShapeError, match=r"weight is \(3,\); it must be \(4,\)"):
        functions.group_norm(x, 2, np.ones(3))
    with pytest.raises(ShapeError, match="3 groups can share evenly"):
        functions.group_norm(x, 3)
    with pytest.raises(ShapeError, match=r"layer_norm: x is \(2, 4\) and normalized_shape is \(3,"):
        functions.layer_norm(x, 3)
    with pytest.raises(ValueError, match="running_mean and running_var are needed"):
        functions.batch_norm(x, None, None)
    with pytest.raises(ShapeError, match=r"a running statistic is \(3,\); it must be \(4,\)"):
        functions.batch_norm(x, Tensor(np.zeros(3)), None, training=True)
    with pytest.raises(ShapeError, match=r"running_var is \(3,\); it must be \(4,\)"):
        functions.batch_norm(x, Tensor(np.zeros(4)), Tensor(np.ones(3)))
    with pytest.raises(ShapeError, match=r"it must be \(N, C, ...\)"):
        functions.batch_norm(np.ones(3), None, None, training=True)


def test_groups_that_do_not_divide_the_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="4 channels cannot make 3 groups"):
        GroupNorm(3, 4)


def test_drawings_name_the_sizes() -> None:
    layers = (BatchNorm2d(16), LayerNorm((8, 4)), RMSNorm(64), GroupNorm(2, 6))
    assert [layer.drawing_detail() for layer in layers] == [
        "BatchNorm2d 16",
        "LayerNorm 8×4",
        "RMSNorm 64",
        "GroupNorm 6 in 2",
    ]


def test_a_network_with_batch_norm_learns() -> None:
    autograd.manual_seed(0)
    x, t = normal(32, 2), (normal(32, 2) > 0).astype(int)[:, 0]
    model = nn.Sequential(nn.Linear(2, 8), BatchNorm1d(8), nn.Linear(8, 2)).to("float64")
    losses = []
    for _ in range(20):
        loss = ops.cross_entropy(model(x), t)
        model.zero_grad()
        loss.backward()
        with autograd.no_grad():
            for p in model.parameters():
                p -= 0.5 * p.grad
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
