"""Losses as functions, with PyTorch's names and defaults: what a model's output costs.

Here are distances (squares, absolute values, angles) and margins (hinges). Each loss takes the
output, then the target, an array or a Tensor, and reduces one loss an element (or a sample) by
`reduction`: "mean", "sum" or "none". Losses between probabilities are in `entropy_functions.py`,
the layers in `losses.py`; `nn.functional` has all of these names.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd.errors import ShapeError
from nn.entropy_functions import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    kl_div,
    nll_loss,
)
from nn.loss_checks import (
    as_targets,
    check_reduction,
    check_signs,
    checked_classes,
    checked_pair,
    class_weights,
    floating,
    reduced,
    same_dtype,
)

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mape_loss",
    "mse_loss",
    "multi_margin_loss",
    "nll_loss",
    "smooth_l1_loss",
]

# Distances


def mse_loss(input: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """The mean squared error.

        L = (1/n) Σ (input − target)²

    input, target: of one shape.  Raises ShapeError if the shapes differ.
    """
    check_reduction("mse_loss", reduction)
    x, t = checked_pair("mse_loss", input, target)
    return reduced(ops.square(x - t), reduction)


def l1_loss(input: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """The mean absolute error; its gradient where they are equal is 0.

        L = (1/n) Σ |input − target|

    input, target: of one shape.  Raises ShapeError if the shapes differ.
    """
    check_reduction("l1_loss", reduction)
    x, t = checked_pair("l1_loss", input, target)
    return reduced(abs(x - t), reduction)


def mape_loss(input: Any, target: Any, *, reduction: str = "mean", eps: float = 1e-7) -> Tensor:
    """The mean absolute percentage error.

        L = (100/n) Σ |input − target| / max(|target|, eps)

    input, target: of one shape.  Raises ShapeError if the shapes differ.
    """
    check_reduction("mape_loss", reduction)
    x, t = checked_pair("mape_loss", input, target)
    return reduced(100 * (abs(x - t) / ops.maximum(abs(t), eps)), reduction)


def smooth_l1_loss(
    input: Any, target: Any, *, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    """The absolute error with its kink rounded off: Huber's loss by beta.

        L = (1/n) Σ d² / (2 · beta) where d = |input − target| < beta, else d − beta / 2

    input, target: of one shape.  beta: at least 0, which is l1_loss.
    Raises ShapeError if the shapes differ, ValueError for a negative beta.
    Source: Girshick (2015), "Fast R-CNN".
    """
    if beta < 0:
        raise ValueError(f"smooth_l1_loss: beta={beta} must not be negative.")
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    check_reduction("smooth_l1_loss", reduction)
    x, t = checked_pair("smooth_l1_loss", input, target)
    return reduced(_huber(x - t, beta) / beta, reduction)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """Half the squared error near the target, and linear far from it, where outliers lie.

        L = (1/n) Σ d² / 2 where d = |input − target| < delta, else delta · (d − delta / 2)

    input, target: of one shape.  delta: positive.
    Raises ShapeError if the shapes differ, ValueError for a delta that is not positive.
    Source: Huber (1964), "Robust estimation of a location parameter".
    """
    if not delta > 0:
        raise ValueError(f"huber_loss: delta={delta} must be positive.")
    check_reduction("huber_loss", reduction)
    x, t = checked_pair("huber_loss", input, target)
    return reduced(_huber(x - t, delta), reduction)


def _huber(d: Tensor, delta: float) -> Tensor:
    """d² / 2 where |d| < delta, else delta · (|d| − delta / 2).

    Written without a case: bounded is d, or ±delta. And without |d|, whose kink at 0 would cost the
    second derivative there.
    """
    bounded = d.clip(-delta, delta)
    losses: Tensor = bounded * (d - 0.5 * bounded)
    return losses


# Angles


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along dim.

        z = x1 · x2 / (max(‖x1‖, eps) · max(‖x2‖, eps))

    x1, x2: of shapes that broadcast, with the vectors along axis dim, which is gone in the result.
    A vector of zeros has similarity 0, and as in PyTorch the gradient of x1 / eps.  eps: at least
    the least normal number of the dtype, 6e-5 in half precision.
    Raises ShapeError if there is no such axis.
    """
    x1 = floating(x1)
    x2 = same_dtype(floating(x2), x1)
    try:
        np.broadcast_shapes(x1.shape, x2.shape)
    except ValueError:
        raise ShapeError(
            f"cosine_similarity: x1 is {x1.shape} and x2 is {x2.shape}, which do not broadcast."
        ) from None
    eps = max(eps, float(np.finfo(x1.dtype).tiny))  # 1e-8 would be 0 in half precision
    # Divided before the sum: in half precision a product of two long vectors overflows.
    units = [x / ops.maximum(ops.norm(x, axis=dim, keepdims=True), eps) for x in (x1, x2)]
    cosines: Tensor = (units[0] * units[1]).sum(axis=dim)
    return cosines


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, *, reduction: str = "mean"
) -> Tensor:
    """Pulls pairs of vectors with target 1 into one direction, and pushes those with −1 apart.

        L = (1/N) Σ 1 − cos(input1, input2) where target = 1, max(0, cos − margin) where −1

    input1, input2: (N, D), or (D,) for one pair.  target: (N,) or (), of 1 and −1.
    Raises ShapeError if the shapes do not fit, ValueError for another target.
    """
    name = "cosine_embedding_loss"
    check_reduction(name, reduction)
    x1, x2 = checked_pair(name, input1, input2, ("input1", "input2"))
    if x1.ndim not in (1, 2):
        raise ShapeError(f"{name}: input1 is {x1.shape}; it must be (N, D) or (D,).")
    cos, t = checked_pair(
        name, cosine_similarity(x1, x2, dim=-1), target, ("the number of pairs", "target")
    )
    check_signs(name, t)
    return reduced(ops.where(t == 1, 1 - cos, ops.relu(cos - margin)), reduction)


# Margins


def hinge_loss(input: Any, target: Any, *, reduction: str = "mean", margin: float = 1.0) -> Tensor:
    """The hinge loss of a linear classifier between two classes, as a support vector machine's.

        L = (1/n) Σ max(0, margin − target · input)

    input: scores.  target: 1 or −1, of input's shape. The gradient at the hinge is 0.
    Raises ShapeError if the shapes differ, ValueError for another target.
    Source: Cortes and Vapnik (1995), "Support-vector networks".
    """
    check_reduction("hinge_loss", reduction)
    x, t = checked_pair("hinge_loss", input, target)
    check_signs("hinge_loss", t)
    return reduced(ops.relu(margin - t * x), reduction)


def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    *,
    reduction: str = "mean",
) -> Tensor:
    """The hinge loss between several classes.

        L = (1/N) Σₙ (1/C) Σ_{i≠t} max(0, margin − inputₙ,ₜ + inputₙ,ᵢ)ᵖ · weightₜ, with t = targetₙ

    input: (N, C) scores, or (C,) for one sample.  target: (N,) or (), integers in [0, C).
    p: 1 or 2.  weight: (C,), what each class counts.
    Raises ShapeError if the shapes do not fit; DTypeError if target is not integer; IndexError for
    a target outside [0, C); ValueError for another p.
    Source: Crammer and Singer (2001); Weston and Watkins (1999), "Support vector machines for
    multi-class pattern recognition".
    """
    name = "multi_margin_loss"
    check_reduction(name, reduction)
    if p not in (1, 2):
        raise ValueError(f"{name}: p={p!r} must be 1 or 2.")
    shape = as_targets(target).shape
    x, t = checked_classes(name, input, target)
    if x.ndim != 2:
        raise ShapeError(f"{name}: input is {x.shape}; it must be (N, C) or (C,).")
    picked = ops.take_along_axis(x, t.reshape((-1, 1)), axis=1)
    hinges = ops.where(ops.indicator(t, shape=x.shape), 0, ops.relu(margin - picked + x))
    if p == 2:
        hinges = ops.square(hinges)
    losses: Tensor = hinges.sum(axis=1) / x.shape[1]
    if weight is not None:
        losses = losses * ops.take(class_weights(name, weight, x), t)
    return reduced(losses.reshape(shape), reduction)


def hinge_embedding_loss(
    input: Any, target: Any, margin: float = 1.0, *, reduction: str = "mean"
) -> Tensor:
    """Makes distances with target 1 small, and those with −1 at least margin.

        L = (1/n) Σ input where target = 1, max(0, margin − input) where −1

    input: distances.  target: 1 or −1, of input's shape.
    Raises ShapeError if the shapes differ, ValueError for another target.
    """
    name = "hinge_embedding_loss"
    check_reduction(name, reduction)
    x, t = checked_pair(name, input, target)
    check_signs(name, t)
    return reduced(ops.where(t == 1, x, ops.relu(margin - x)), reduction)
