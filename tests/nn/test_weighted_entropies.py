"""Cross-entropies with weights of classes: one operation each, exact, and PyTorch's numbers."""

from __future__ import annotations

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor, grad, gradcheck, gradgradcheck
from autograd.op import Op
from tests.autograd.test_registry import numpy_functions


def weighted(requires_grad: bool = True) -> tuple[Tensor, Tensor, np.ndarray]:
    """Scores, targets between 0 and 1, and a weight of "yes" for each column."""
    rng = np.random.default_rng(0)
    x = Tensor(rng.standard_normal((3, 2)) * 4, requires_grad=requires_grad)
    return x, Tensor(rng.random((3, 2)), requires_grad=requires_grad), np.array([0.5, 3.0])


def test_a_weight_of_yes_is_one_operation_whose_formulas_agree_with_its_rules() -> None:
    x, t, w = weighted()
    z = F.binary_cross_entropy_with_logits(x, t, reduction="none", pos_weight=w)
    assert z.node is not None
    op = z.node.op
    assert isinstance(op, Op) and op.symbol == "binary cross-entropy"
    g = np.random.default_rng(1).standard_normal((3, 2))
    found = grad(z, [x, t], Tensor(g))
    variables = {"logits": x.data, "target": t.data, "pos_weight": w}
    for role, ours in zip(("logits", "target"), found, strict=True):
        theirs = g * op.rules[role].parsed().evaluate(variables, numpy_functions())
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-12)


def test_a_weight_of_yes_has_derivatives_of_first_and_second_order() -> None:
    x, t, w = weighted()

    def loss(x: Tensor, t: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(x, t, pos_weight=w)

    assert gradcheck(loss, [x, t])
    assert gradgradcheck(loss, [x, t])


def test_a_weight_of_yes_is_finite_and_exact_for_any_score() -> None:
    x = Tensor([-1e4, -40.0, 40.0, 1e4], requires_grad=True, dtype="float64")
    losses = F.binary_cross_entropy_with_logits(
        x, Tensor(np.ones(4)), reduction="none", pos_weight=2.0
    )
    assert losses.tolist() == pytest.approx([2e4, 80.0, 2 * np.exp(-40.0), 0.0], rel=1e-12)
    losses.sum().backward()
    assert x.grad is not None and np.isfinite(x.grad.numpy()).all()


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_smoothed_classes_with_weights_agree_with_pytorch_and_skip_the_ignored(reduction) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    rng = np.random.default_rng(0)
    scores, target = rng.standard_normal((6, 4, 2)), rng.integers(0, 4, (6, 2))
    target[1, 0] = target[4, 1] = -100
    w = np.array([0.5, 2.0, 0.0, 1.5])
    options = {"reduction": reduction, "label_smoothing": 0.1}
    ours, theirs = Tensor(scores, requires_grad=True), torch.tensor(scores, requires_grad=True)
    loss = F.cross_entropy(ours, target, w, **options)
    other = torch.tensor(target)
    expected = torch.nn.functional.cross_entropy(theirs, other, torch.tensor(w), **options)
    np.testing.assert_allclose(loss.detach().numpy(), expected.detach().numpy(), rtol=1e-12)
    loss.sum().backward()
    expected.sum().backward()
    assert ours.grad is not None
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-10, atol=1e-14)


def test_a_class_outside_is_named_with_weights_and_smoothing_too() -> None:
    with pytest.raises(IndexError, match=r"cross_entropy: target 4 at position 1 is outside"):
        F.cross_entropy(np.zeros((2, 4)), np.array([0, 4]), np.ones(4), label_smoothing=0.1)
