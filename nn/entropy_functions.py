"""Losses between probabilities: cross-entropies, the negative log-likelihood, and the divergence.

The two that read logits are fused operations of `autograd.ops`; weights are put on around them.
Losses that measure distances and margins are in `loss_functions.py`, which has these names too.
"""

from __future__ import annotations

from typing import Any

from autograd import Tensor, backend, ops
from autograd.backend import Array, ArrayModule
from autograd.op import op
from autograd.ops.either import either
from nn.loss_checks import (
    as_targets,
    check_reduction,
    check_values,
    checked_classes,
    checked_pair,
    class_weights,
    element_weights,
    floating,
    reduced,
    same_dtype,
)

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "kl_div",
    "nll_loss",
]

_NAN = float("nan")

# Yes or no


def _log(xp: ArrayModule, x: Any) -> Any:
    """log x, and −100 for what is below: a probability of 0 costs much, not ∞."""
    is_zero = x == 0
    return xp.where(is_zero, -100, xp.maximum(xp.log(xp.where(is_zero, 1, x)), -100))


@op("BCE", name="binary_cross_entropy", floating=True)
def _binary_cross_entropy(xp: ArrayModule, p: Array, target: Array) -> Array:
    """z = −target · log p − (1 − target) · log(1 − p), elementwise, logarithms at least −100."""
    return -target * _log(xp, p) - (1 - target) * _log(xp, 1 - p)


def _binary_cross_entropy_dp(xp: ArrayModule, g: Any, p: Any, target: Any) -> Any:
    """g · (p − target) / (p (1 − p)), the quotient bounded so that a sigmoid's p (1 − p) can take
    it back without an overflow."""
    least = 2.0**-14 if p.dtype.itemsize == 2 else 1e-12
    return g * ((p - target) / xp.maximum(p * (1 - p), least))


_binary_cross_entropy.vjp(
    p=("∂z/∂p = (p − target) / (p · (1 − p))", _binary_cross_entropy_dp),
    target=(
        "∂z/∂target = log(1 − p) − log(p)",
        lambda xp, g, p: g * (_log(xp, 1 - p) - _log(xp, p)),
    ),
)


@op("binary cross-entropy", name="positive_weighted_cross_entropy", floating=True)
def _positive_weighted(xp: ArrayModule, logits: Array, target: Array, pos_weight: Array) -> Array:
    """z = pos_weight · target · log(1 + e^(−logits)) + (1 − target) · log(1 + e^logits).

    logits, target: of one shape.  pos_weight: broadcast to it, and constant.
    """
    # Each half on its own: a difference of large terms would lose the digits of small losses.
    rest = xp.log1p(xp.exp(-xp.abs(logits)))
    yes = (xp.maximum(-logits, 0) + rest) * target
    return yes * pos_weight + (xp.maximum(logits, 0) + rest) * (1 - target)


def _positive_weighted_dlogits(g: Any, logits: Any, target: Any, pos_weight: Any) -> Any:
    no = (1 - target) * either(ops.sigmoid, logits)
    return g * (no - pos_weight * target * either(ops.sigmoid, -logits))


def _positive_weighted_dtarget(g: Any, logits: Any, pos_weight: Any) -> Any:
    exact = float("inf")
    yes = pos_weight * either(ops.softplus, -logits, beta=1.0, threshold=exact)
    return g * (yes - either(ops.softplus, logits, beta=1.0, threshold=exact))


_positive_weighted.vjp(
    logits=(
        "∂z/∂logits = (1 − target) · sigmoid(logits) − pos_weight · target · sigmoid(−logits)",
        _positive_weighted_dlogits,
    ),
    target=(
        "∂z/∂target = pos_weight · log(1 + exp(−logits)) − log(1 + exp(logits))",
        _positive_weighted_dtarget,
    ),
)


def _check_probabilities(name: str, word: str, x: Tensor, remedy: str) -> None:
    check_values(name, word, x, (x.data < 0) | (x.data > 1), f"is outside [0, 1]. {remedy}")


_YES = 'A target is the probability of "yes": 0, 1, or between. For labels −1 and 1 use ' + (
    "(target + 1) / 2; for several classes use cross_entropy."
)


def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
) -> Tensor:
    """Cross-entropy between probabilities of "yes" and the target ones, in nats.

        L = −(1/n) Σ target · log input + (1 − target) · log(1 − input)

    input, target: of one shape, in [0, 1].  weight: of each element, broadcast to input.  Where a
    logarithm is below −100 it counts as −100. Prefer binary_cross_entropy_with_logits, which loses
    nothing where a sigmoid saturates.
    Raises ShapeError if the shapes differ; ValueError for a value outside [0, 1].
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, §6.2.2.2.
    """
    name = "binary_cross_entropy"
    check_reduction(name, reduction)
    x, t = checked_pair(name, input, target)
    remedy = "For scores without a sigmoid use binary_cross_entropy_with_logits."
    _check_probabilities(name, "input", x, remedy)
    _check_probabilities(name, "target", t, _YES)
    losses = _binary_cross_entropy(x, t)
    if weight is not None:
        losses = losses * element_weights(name, "weight", weight, x)
    return reduced(losses, reduction)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Tensor:
    """Cross-entropy between sigmoid(input) and the target probabilities of "yes", in nats.

        L = −(1/n) Σ pos_weight · target · log σ(input) + (1 − target) · log(1 − σ(input))

    input: scores.  target: of input's shape, in [0, 1].  weight: of each element, broadcast to
    input.  pos_weight: of a "yes", broadcast to input: above 1 where they are rare.
    Raises ShapeError if the shapes do not fit; ValueError for a target outside [0, 1].
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, §6.2.2.2.
    """
    name = "binary_cross_entropy_with_logits"
    check_reduction(name, reduction)
    x, t = checked_pair(name, input, target)
    _check_probabilities(name, "target", t, _YES)
    if weight is None and pos_weight is None:
        return ops.binary_cross_entropy_with_logits(x, t, reduction=reduction)
    if pos_weight is None:
        losses = ops.binary_cross_entropy_with_logits(x, t, reduction="none")
    else:
        losses = _positive_weighted(x, t, element_weights(name, "pos_weight", pos_weight, x))
    if weight is not None:
        losses = losses * element_weights(name, "weight", weight, x)
    return reduced(losses, reduction)


# Classes


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross-entropy between softmax(input) and the target classes, in nats.

        L = −(1/N) Σₙ log softmax(input)ₙ,targetₙ

    input: (N, C) or (N, C, ...), unnormalised scores; (C,) for one sample.  target: integers in
    [0, C) of input's shape without C; or probabilities, floating, of input's shape.
    weight: (C,), what each class counts: for integer targets the mean is Σ wL / Σ w.
    ignore_index: integer targets that count nowhere; where all are ignored, the mean is NaN.
    label_smoothing: the share of each target that is spread evenly over all classes.
    Raises ShapeError if the shapes do not fit; IndexError for a target outside [0, C); ValueError
    for another reduction, or a label_smoothing outside [0, 1].
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, §6.2.2.3; label smoothing:
    Szegedy et al. (2016), "Rethinking the Inception architecture for computer vision".
    """
    if not isinstance(label_smoothing, (int, float)) or not 0 <= label_smoothing <= 1:
        raise ValueError(
            f"cross_entropy: label_smoothing={label_smoothing!r} must be a number in [0, 1]: the "
            "share of each target that is spread over all classes."
        )
    x, t = floating(input), as_targets(target)
    if x.ndim == 1:
        is_single = t.ndim == (1 if t.dtype.kind == "f" else 0)
        x, t = x.reshape((1, x.size)), t.reshape((1, *t.shape)) if is_single else t
        losses = cross_entropy(
            x,
            t,
            weight,
            ignore_index=ignore_index,
            reduction=reduction,
            label_smoothing=label_smoothing,
        )
        return losses.reshape(()) if reduction == "none" else losses
    is_soft = t.dtype.kind == "f"
    t = same_dtype(t, x) if is_soft else t
    if weight is not None:
        w = class_weights("cross_entropy", weight, x)
        if not is_soft:
            return _weighted_classes(x, t, w, ignore_index, reduction, label_smoothing)
        if t.shape == x.shape:  # others are refused below
            t = (t * (1 - label_smoothing) + label_smoothing / x.shape[1]) * _along_classes(w, x)
            label_smoothing = 0.0
    return ops.cross_entropy(
        x, t, reduction=reduction, label_smoothing=label_smoothing, ignore_index=ignore_index
    )


def _along_classes(weight: Tensor, x: Tensor) -> Tensor:
    """weight (C,), of a shape that broadcasts against x (N, C, ...)."""
    return weight.reshape((-1,) + (1,) * (x.ndim - 2))


def _shares(weight: Tensor | None, target: Tensor, ignore_index: int, x: Tensor) -> Tensor:
    """What each target counts: its class's weight, 1 if there are none, and 0 if it is ignored."""
    is_valid = target.data != ignore_index
    if weight is None:
        return same_dtype(as_targets(is_valid), x)
    classes = backend.module_of(target.data).where(is_valid, target.data, 0)
    return as_targets(weight.data[classes] * is_valid)


def _shared(losses: Tensor, shares: Tensor, reduction: str) -> Tensor:
    """Losses that count by shares, reduced: the mean is their sum by the sum of shares."""
    if reduction != "mean":
        return reduced(losses, reduction)
    xp = backend.module_of(shares.data)
    total = shares.data.sum()  # a constant, and no operation of the graph
    return losses.sum() / as_targets(xp.where(total == 0, _NAN, total).astype(shares.dtype))


def _weighted_classes(
    x: Tensor,
    target: Tensor,
    weight: Tensor,
    ignore_index: int,
    reduction: str,
    label_smoothing: float,
) -> Tensor:
    """cross_entropy of integer targets with a weight for each class."""
    check_reduction("cross_entropy", reduction)
    if label_smoothing:
        checked_classes("cross_entropy", x, target, ignore_index)
        spread = _smoothed(weight, target, ignore_index, x, label_smoothing)
        losses = ops.cross_entropy(x, spread, reduction="none")
        shares = _shares(weight, target, ignore_index, x)
    else:
        losses = ops.cross_entropy(x, target, reduction="none", ignore_index=ignore_index)
        shares = _shares(weight, target, ignore_index, x)
        losses = losses * shares
    return _shared(losses, shares, reduction)


def _smoothed(
    weight: Tensor, target: Tensor, ignore_index: int, x: Tensor, label_smoothing: float
) -> Tensor:
    """What each class counts for each target, of x's shape: (1 − ε) · onehot + ε / C, times the
    class's weight; 0 where the target is ignored."""
    xp = backend.module_of(x.data)
    is_target = ops.indicator.forward(xp, target.data, shape=x.shape)
    even = label_smoothing / x.shape[1]
    spread = xp.where(is_target, 1 - label_smoothing + even, even).astype(x.dtype)
    spread *= _along_classes(weight, x).data
    spread *= (target.data != ignore_index)[:, None]
    return as_targets(spread)


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """The negative log-likelihood of the target classes, in nats.

        L = −(1/N) Σₙ inputₙ,targetₙ

    input: (N, C) or (N, C, ...), logarithms of probabilities (log_softmax); (C,) for one sample.
    target: integers in [0, C) of input's shape without C.  weight: (C,), what each class counts:
    the mean is Σ wL / Σ w.  ignore_index: targets that count nowhere.
    Raises ShapeError if the shapes do not fit; DTypeError if target is not integer; IndexError for
    a target outside [0, C).
    """
    check_reduction("nll_loss", reduction)
    shape = as_targets(target).shape
    x, t = checked_classes("nll_loss", input, target, ignore_index)
    w = None if weight is None else class_weights("nll_loss", weight, x)
    is_valid = t != ignore_index
    classes = ops.where(is_valid, t, 0).reshape((t.shape[0], 1, *t.shape[1:]))
    picked = ops.take_along_axis(x, classes, axis=1).reshape(shape)
    losses = ops.where(is_valid.reshape(shape), -picked, 0)
    shares = _shares(w, t, ignore_index, x).reshape(shape)
    return _shared(losses if w is None else losses * shares, shares, reduction)


def kl_div(input: Any, target: Any, *, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """The Kullback-Leibler divergence of the distribution input from target, in nats.

        L = (1/n) Σ target · (log target − input)

    input: logarithms of probabilities.  target: probabilities, or with log_target their logarithms,
    of input's shape. A target of 0 costs nothing.
    reduction: "batchmean", the divergence itself, divides by the size of the first axis; "mean" by
    the number of all elements.
    Raises ShapeError if the shapes differ.
    Source: Kullback and Leibler (1951), "On information and sufficiency".
    """
    check_reduction("kl_div", reduction, "batchmean")
    x, t = checked_pair("kl_div", input, target)
    if log_target:
        is_zero = t == -float("inf")
        losses: Tensor = ops.exp(t) * ops.where(is_zero, 0, t - x)
    else:
        is_zero = t == 0
        losses = t * (ops.log(ops.where(is_zero, 1, t)) - ops.where(is_zero, 0, x))
    if reduction == "batchmean":
        return losses.sum() / (x.shape[0] if x.ndim and x.shape[0] else 1)
    return reduced(losses, reduction)
