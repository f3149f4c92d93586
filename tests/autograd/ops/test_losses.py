"""Cross-entropies against their composites, PyTorch, and the textbook's ŷ − y."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import DTypeError, ShapeError, Tensor, grad, gradcheck, gradgradcheck, ops
from tests.samples import normal, uniform

INF = float("inf")
SETTINGS = [
    {"reduction": reduction, "label_smoothing": smoothing, "ignore_index": ignored}
    for reduction in ("mean", "sum", "none")
    for smoothing in (0.0, 0.3)
    for ignored in (-100, 1)
]
CLASSES = [((5, 4), (5,)), ((2, 3, 2), (2, 2)), ((2, 3, 2, 1), (2, 2, 1))]
fused = ops.cross_entropy.__globals__["_cross_entropy"]
binary = ops.binary_cross_entropy_with_logits


def tracked(*shape: int) -> Tensor:
    return Tensor(normal(*shape), requires_grad=True, dtype="float64")


def targets(shape: tuple[int, ...], classes: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, classes, shape)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize(("shape", "target_shape"), CLASSES)
def test_cross_entropy_agrees_with_pytorch_and_with_its_composite(
    shape: tuple[int, ...], target_shape: tuple[int, ...], settings: dict[str, Any]
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x, t = tracked(*shape), targets(target_shape, shape[1])
    mirror = torch.tensor(x.detach().numpy(), requires_grad=True)
    expected = torch.nn.functional.cross_entropy(mirror, torch.tensor(t), **settings)
    g = normal(*expected.shape, seed=1)
    expected.backward(torch.tensor(g))
    for z in (ops.cross_entropy(x, t, **settings), fused.composite(x, Tensor(t), **settings)):
        np.testing.assert_allclose(z.detach().numpy(), expected.detach().numpy(), rtol=1e-12)
        np.testing.assert_allclose(grad(z, x, g)[0].numpy(), mirror.grad.numpy(), atol=1e-13)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_cross_entropy_has_right_derivatives_of_both_orders(settings: dict[str, Any]) -> None:
    x, t = tracked(3, 3), np.array([1, 0, 2])
    assert gradcheck(lambda x: ops.cross_entropy(x, t, **settings), [x])
    assert gradgradcheck(lambda x: ops.cross_entropy(x, t, **settings), [x])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_takes_probabilities_and_agrees_with_pytorch(
    reduction: str, smoothing: float
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x = tracked(2, 3, 2)
    t = Tensor(uniform(0, 1, 2, 3, 2, seed=2), requires_grad=True, dtype="float64")
    mirrors = [torch.tensor(v.detach().numpy(), requires_grad=True) for v in (x, t)]
    settings: dict[str, Any] = {"reduction": reduction, "label_smoothing": smoothing}
    z = ops.cross_entropy(x, t, **settings)
    expected = torch.nn.functional.cross_entropy(*mirrors, **settings)
    np.testing.assert_allclose(z.detach().numpy(), expected.detach().numpy(), rtol=1e-12)
    g = normal(*z.shape, seed=1)
    expected.backward(torch.tensor(g))
    for found, mirror in zip(grad(z, [x, t], g), mirrors, strict=True):
        np.testing.assert_allclose(found.numpy(), mirror.grad.numpy(), rtol=1e-12, atol=1e-13)


def test_the_gradient_of_cross_entropy_is_prediction_minus_target() -> None:
    x = tracked(3, 4)
    t = np.array([2, 0, 3])
    (slope,) = grad(ops.cross_entropy(x, t), x)
    expected = (ops.softmax(x).detach().numpy() - np.eye(4)[t]) / 3
    np.testing.assert_allclose(slope.numpy(), expected, atol=1e-15)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_losses_keep_the_dtype_and_are_finite_at_ten_thousand(dtype: str, reduction: str) -> None:
    x = Tensor(np.array([[1e4, -1e4], [-1e4, 1e4]], dtype), requires_grad=True)
    loss = ops.cross_entropy(x, np.array([0, 0]), reduction=reduction, label_smoothing=0.5)
    yes = binary(x, np.array([[1, 0], [0, 0]]), reduction=reduction)
    for z in (loss, yes):
        (slope,) = grad(z.sum(), x)
        assert z.dtype == slope.dtype == np.dtype(dtype)
        assert np.isfinite(z.detach().numpy()).all() and np.isfinite(slope.numpy()).all()


def test_where_every_target_is_ignored_the_mean_is_nan_and_the_gradient_is_zero() -> None:
    x = tracked(2, 3)
    z = ops.cross_entropy(x, np.array([-100, -100]), label_smoothing=0.1)
    assert np.isnan(z.item())
    assert not grad(z, x)[0].numpy().any()
    assert ops.cross_entropy(x, np.array([-100, -100]), reduction="sum").item() == 0


def test_masked_classes_get_no_gradient_and_a_masked_target_an_infinite_loss() -> None:
    x = Tensor(np.array([[0.0, -INF, 0.0], [0.0, -INF, 0.0]]), requires_grad=True)
    t = np.array([0, 1])
    for function in (ops.cross_entropy, fused.composite):
        settings = {"reduction": "none", "label_smoothing": 0.0, "ignore_index": -100}
        z = function(x, Tensor(t), **settings)
        assert z.detach().numpy().tolist() == [np.log(2), INF]
        slope = grad(z, x, np.ones(2))[0].numpy()
        assert slope.tolist() == [[-0.5, 0, 0.5], [0, 0, 0]]


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_a_fully_masked_row_has_an_infinite_loss_and_no_gradient(smoothing: float) -> None:
    x = Tensor(np.full((1, 2), -INF), requires_grad=True)
    z = ops.cross_entropy(x, np.array([1]), label_smoothing=smoothing)
    assert z.item() == INF
    assert grad(z, x)[0].numpy().tolist() == [[0, 0]]


def test_smoothing_beside_a_masked_class_has_the_composites_gradient() -> None:
    x = Tensor(np.array([[0.4, -INF, 1.0]]), requires_grad=True)
    settings = {"reduction": "sum", "label_smoothing": 0.3, "ignore_index": -100}
    slopes = [
        grad(function(x, Tensor(np.array([0])), **settings), x)[0].numpy()
        for function in (ops.cross_entropy, fused.composite)
    ]
    np.testing.assert_allclose(*slopes, atol=1e-15)
    assert slopes[0][0, 1] == 0


def test_probabilities_of_zero_at_masked_classes_cost_nothing() -> None:
    x = Tensor(np.array([[0.0, -INF]]), requires_grad=True)
    z = ops.cross_entropy(x, np.array([[1.0, 0.0]]))
    assert z.item() == 0 and grad(z, x)[0].numpy().tolist() == [[0, 0]]


def test_targets_may_be_a_list() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    by_list = ops.cross_entropy(x, [0, 1])
    assert by_list.item() == ops.cross_entropy(x, np.array([0, 1])).item()
    assert by_list.item() == pytest.approx(ops.cross_entropy(x, [[1.0, 0.0], [0.0, 1.0]]).item())


@pytest.mark.parametrize(
    ("t", "message"),
    [
        ([0, 3], r"target 3 at position 1 is outside \[0, 3\)"),
        ([-1, 2], r"target -1 at position 0 is outside \[0, 3\)"),
    ],
)
def test_a_target_that_is_no_class_is_an_index_error(t: list[int], message: str) -> None:
    with pytest.raises(IndexError, match=message):
        ops.cross_entropy(np.ones((2, 3)), np.array(t))


@pytest.mark.parametrize(
    ("shape", "t", "error", "message"),
    [
        ((2, 3), np.zeros(3, int), ShapeError, r"target is \(3,\); target must be \(2,\)"),
        ((3,), np.zeros(3, int), ShapeError, r"logits is \(3,\) and target is \(3,\)"),
        ((2, 3), np.zeros((2, 1), int), ShapeError, r"Use target.reshape\(\(2,\)\)"),
        ((2, 3), np.zeros((2, 3), int), ShapeError, r"one-hot, use target.argmax\(1\)"),
        ((2, 3), np.zeros((2, 2)), ShapeError, r"target, floating, is \(2, 2\)"),
        ((2, 3), np.zeros(2), ShapeError, r'if these are classes, use target.astype\("int64"\)'),
        ((2, 3), np.zeros(2, bool), DTypeError, "target is bool"),
    ],
)
def test_targets_that_do_not_fit_are_refused(
    shape: tuple[int, ...], t: np.ndarray, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ops.cross_entropy(np.ones(shape), t)


def test_an_unknown_reduction_is_refused() -> None:
    for function, t in ((ops.cross_entropy, np.zeros(2, int)), (binary, np.zeros((2, 3)))):
        with pytest.raises(ValueError, match="reduction='average' is not known"):
            function(np.ones((2, 3)), t, reduction="average")
    with pytest.raises(ValueError, match="reduction='average' is not known"):
        ops.cross_entropy(np.ones((2, 3)), np.ones((2, 3)), reduction="average")


def test_a_loss_is_one_node_and_its_gradient_is_bit_equal_with_create_graph() -> None:
    x, t = tracked(3, 4), np.array([0, 1, 2])
    for z in (ops.cross_entropy(x, t), binary(x, uniform(0, 1, 3, 4))):
        assert z._node.parents[0] is x._node
        plain, graphed = grad(z, x, retain_graph=True)[0], grad(z, x, create_graph=True)[0]
        np.testing.assert_array_equal(plain.numpy(), graphed.detach().numpy())


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_binary_cross_entropy_agrees_with_pytorch_and_has_right_derivatives(reduction: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x = tracked(3, 2)
    t = Tensor(uniform(0, 1, 3, 2, seed=2), requires_grad=True, dtype="float64")
    mirrors = [torch.tensor(v.detach().numpy(), requires_grad=True) for v in (x, t)]
    theirs = torch.nn.functional.binary_cross_entropy_with_logits
    z, expected = binary(x, t, reduction=reduction), theirs(*mirrors, reduction=reduction)
    np.testing.assert_allclose(z.detach().numpy(), expected.detach().numpy(), rtol=1e-12)
    g = normal(*z.shape, seed=1)
    expected.backward(torch.tensor(g))
    for found, mirror in zip(grad(z, [x, t], g), mirrors, strict=True):
        np.testing.assert_allclose(found.numpy(), mirror.grad.numpy(), rtol=1e-12, atol=1e-14)
    assert gradgradcheck(lambda x, t: binary(x, t, reduction=reduction), [x, t])


def test_binary_cross_entropy_is_smooth_at_zero() -> None:
    x = Tensor(np.zeros(2), requires_grad=True)
    t = np.array([0.0, 1.0])
    (first,) = grad(binary(x, t, reduction="sum"), x, create_graph=True)
    assert first.detach().numpy().tolist() == [0.5, -0.5]
    assert grad(first.sum(), x)[0].numpy().tolist() == [0.25, 0.25]


def test_binary_cross_entropy_refuses_shapes_that_differ() -> None:
    with pytest.raises(ShapeError, match=r"logits is \(2, 1\) and target is \(2,\)"):
        binary(np.ones((2, 1)), np.ones(2))


def test_the_mean_loss_of_nothing_is_nan() -> None:
    assert np.isnan(ops.cross_entropy(np.ones((0, 3)), np.zeros(0, int)).item())
    assert np.isnan(binary(np.ones(0), np.ones(0)).item())


def test_the_indicator_marks_each_target_and_nothing_for_targets_that_are_no_class() -> None:
    marks = ops.indicator(np.array([1, -100]), shape=(2, 3)).numpy()
    assert marks.tolist() == [[False, True, False], [False, False, False]]


@pytest.mark.parametrize("smoothing", [-0.1, 2, "a"])
def test_label_smoothing_outside_0_to_1_is_refused(smoothing: Any) -> None:
    with pytest.raises(ValueError, match=r"label_smoothing=.* must be a number in \[0, 1\]"):
        ops.cross_entropy(normal(2, 3), np.array([0, 2]), label_smoothing=smoothing)


def test_binary_cross_entropy_keeps_its_digits_at_large_logits_of_nearly_sure_targets() -> None:
    x, t = np.array([1e4, -1e4], np.float32), np.array([1 - 2**-12, 2**-12], np.float32)
    z = ops.binary_cross_entropy_with_logits(x, t, reduction="none")
    np.testing.assert_allclose(z.numpy(), np.float32(1e4 * 2**-12), rtol=1e-7)
