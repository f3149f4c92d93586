"""Losses that read logits: cross-entropy over classes, and over yes-or-no answers.

Each is fused with the softmax or sigmoid before it, so that it is finite at ±1e4 and its gradient
is the textbook's ŷ − y. The composites beside them are the same functions in plain operations:
their specification, what a drawing unfolds to, and their higher derivatives. Other losses are in
`nn`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.backend import Array, ArrayModule
from autograd.errors import DTypeError, ShapeError
from autograd.op import op
from autograd.ops.activation import softplus
from autograd.ops.arithmetic import where
from autograd.ops.softmax import log_softmax, shifted
from autograd.promote import to_array, wrap
from autograd.shapes import summed

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["binary_cross_entropy_with_logits", "cross_entropy", "indicator"]

_INF, _NAN = float("inf"), float("nan")


def _check_reduction(reduction: str, name: str) -> None:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(
            f'{name}: reduction={reduction!r} is not known. Use "mean", "sum" or "none".'
        )


@op("𝟙")
def indicator(xp: ArrayModule, target: Array, *, shape: tuple[int, ...]) -> Array:
    """True where the class, counted along axis 1, is the target: the one-hot form of target.

    target: integers (N, ...).  shape: (N, C, ...), as returned. A target that is no class gives
    no True.
    """
    classes = xp.arange(shape[1]).reshape(-1, *(1,) * (len(shape) - 2))
    return target[:, None] == classes


def cross_entropy(
    logits: Any,
    target: Any,
    *,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
    ignore_index: int = -100,
) -> Tensor:
    """Cross-entropy between softmax(logits) and the target classes, in nats.

        L = −(1/N) Σₙ log softmax(logits)ₙ,targetₙ

    logits: (N, C) or (N, C, ...), unnormalised scores, classes along axis 1.  target: integers in
    [0, C) of logits' shape without axis 1; or probabilities, floating, of logits' shape.
    reduction: "mean", "sum", or "none" for one loss a target.  label_smoothing: the share ε of each
    target that is spread evenly over all classes.  ignore_index: integer targets that count
    nowhere, nor in the mean; where all are ignored, the mean is NaN.
    Raises ShapeError if the shapes do not fit; IndexError if a target is outside [0, C);
    ValueError for another reduction, or a label_smoothing outside [0, 1].
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, §6.2.2.3; label smoothing:
    Szegedy et al. (2016), "Rethinking the Inception architecture for computer vision".
    """
    if not isinstance(label_smoothing, (int, float)) or not 0 <= label_smoothing <= 1:
        raise ValueError(
            f"cross_entropy: label_smoothing={label_smoothing!r} must be a number in [0, 1]: "
            "the share of each target that is spread over all classes."
        )
    settings: dict[str, Any] = {
        "reduction": reduction,
        "label_smoothing": float(label_smoothing),
    }
    dtype = target.dtype if hasattr(target, "dtype") else np.asarray(target).dtype
    if dtype.kind == "f":
        loss: Tensor = _soft_cross_entropy(logits, target, **settings)
        return loss
    return _cross_entropy(logits, target, **settings, ignore_index=ignore_index)


def _cross_entropy_composite(
    logits: Tensor, target: Tensor, *, reduction: str, label_smoothing: float, ignore_index: int
) -> Tensor:
    """cross_entropy for integer targets, in plain operations."""
    scores = log_softmax(logits, axis=1)
    losses = -where(indicator(target, shape=logits.shape), scores, 0).sum(axis=1)
    if label_smoothing:
        spread = -scores.sum(axis=1) / logits.shape[1]
        losses = (1 - label_smoothing) * losses + label_smoothing * spread
    is_valid = target != ignore_index
    losses = where(is_valid, losses, 0)
    if reduction == "none":
        return losses
    total = losses.sum()
    if reduction == "sum":
        return total
    count = is_valid.astype(total.dtype).sum()
    return total / where(count > 0, count, _NAN)


@op(
    "cross-entropy",
    name="cross_entropy",
    floating=True,
    private=("p", "live"),
    composite=_cross_entropy_composite,
)
def _cross_entropy(
    xp: ArrayModule,
    logits: Array,
    target: Array,
    *,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
    ignore_index: int = -100,
) -> tuple[Array, Array, Array]:
    """cross_entropy for integer targets: see there.

    Also returns softmax(logits), (N, C, L), and which targets have a finite loss and count, (N, L).
    """
    _check_classes(xp, logits, target, reduction, ignore_index)
    n, classes, *rest = logits.shape
    t = target.reshape(n, prod(rest))
    is_valid = t != ignore_index
    scores = shifted(xp, logits.reshape(n, classes, prod(rest)), 1)
    p = xp.exp(scores)
    total = xp.maximum(summed(p, 1, keepdims=True), 1)  # below 1, and then 0, if all are −∞
    p /= total
    # Three index arrays are three times faster here than take_along_axis.
    picked = scores[xp.arange(n)[:, None], xp.where(is_valid, t, 0), xp.arange(t.shape[1])]
    losses = xp.log(total)[:, 0] - picked
    if label_smoothing:
        spread = xp.log(total)[:, 0] - summed(scores, 1) / classes
        losses = (1 - label_smoothing) * losses + label_smoothing * spread
    z = xp.where(is_valid, losses, 0).reshape(target.shape)
    if reduction != "none":
        z = z.sum()
    if reduction == "mean":
        count = is_valid.sum()
        z = (z / xp.where(count == 0, _NAN, count)).astype(logits.dtype)
    return z, p, is_valid & (picked > -_INF)


def _cross_entropy_dlogits(
    xp: ArrayModule,
    g: Array,
    logits: Array,
    target: Array,
    p: Array,
    live: Array,
    reduction: str,
    label_smoothing: float,
    ignore_index: int,
) -> tuple[Array, None]:
    """(softmax − onehot) · share, where share is each target's part of the reduction.

    A masked class (−∞) has no slope, and neither has a target that is one: its loss is ∞.
    """
    (n, classes, length), t = p.shape, target.reshape(-1, p.shape[2])
    is_valid = t != ignore_index
    if reduction == "mean":
        g = (g / is_valid.sum()).astype(g.dtype)
    elif reduction == "none":
        g = g.reshape(t.shape)
    main = xp.where(live, g, 0)
    if label_smoothing:
        main = main * (1 - label_smoothing)
    dx = p * main[:, None]
    dx[xp.arange(n)[:, None], xp.where(live, t, 0), xp.arange(length)] -= main
    if label_smoothing:
        is_open = logits.reshape(p.shape) > -_INF
        share = xp.where(is_valid, g, 0)
        even = xp.where(is_open, share[:, None] * (label_smoothing / classes), 0)
        dx += p * even.sum(axis=1, keepdims=True) - even
    return dx.reshape(logits.shape), None


_ONE_HOT = "indicator(target, shape=logits_shape)"
_cross_entropy.vjp_all(
    _cross_entropy_dlogits,
    logits=f"∂z/∂logits = (softmax(logits, axis=1) − {_ONE_HOT}) / sum({_ONE_HOT})",
)


def _check_classes(
    xp: ArrayModule, logits: Array, target: Array, reduction: str, ignore_index: int
) -> None:
    _check_reduction(reduction, "cross_entropy")
    shape = logits.shape
    if len(shape) < 2 or not shape[1] or target.shape != shape[:1] + shape[2:]:
        wanted = f"; target must be {shape[:1] + shape[2:]}" if len(shape) > 1 else ""
        raise ShapeError(
            f"cross_entropy: logits is {shape} and target is {target.shape}{wanted}. "
            + _target_remedy(shape, target)
        )
    if target.dtype.kind not in "iu":
        raise DTypeError(
            f"cross_entropy: target is {target.dtype}; it must be integer classes, or floating "
            'probabilities of logits\' shape. Use target.astype("int64").'
        )
    bad = xp.flatnonzero(((target < 0) | (target >= shape[1])) & (target != ignore_index))
    if bad.size:
        raise IndexError(
            f"cross_entropy: target {int(target.ravel()[bad[0]])} at position {int(bad[0])} is "
            f"outside [0, {shape[1]}), the classes of logits {shape}."
        )


def _target_remedy(shape: tuple[int, ...], target: Array) -> str:
    """What to do with a target of classes that does not fit logits of a shape."""
    if len(shape) > 1 and shape[1] > 1 and target.shape == shape:
        return 'If it is one-hot, use target.argmax(1), or target.astype("float32").'
    if len(shape) > 1 and shape[1] and target.size == prod(shape) // shape[1]:
        return f"Use target.reshape({shape[:1] + shape[2:]})."
    return (
        "logits must be (N, C, ...) with C ≥ 1 classes along axis 1, target the same without axis "
        "1."
    )


def _soft_cross_entropy(logits: Any, target: Any, *, reduction: str, label_smoothing: float) -> Any:
    """cross_entropy for probabilities as targets: differentiable in both, in plain operations."""
    _check_reduction(reduction, "cross_entropy")
    scores = log_softmax(logits, axis=1)
    if not hasattr(target, "_node"):
        target = wrap(to_array(target))
    if target.shape != scores.shape:
        raise ShapeError(
            f"cross_entropy: logits is {scores.shape} and target, floating, is {target.shape}. "
            "Probabilities must have logits' shape; if these are classes, use "
            'target.astype("int64").'
        )
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / scores.shape[1]
    is_open = (scores > -_INF) | (target != 0)  # a masked class of probability 0 costs nothing
    return _reduced(-(target * where(is_open, scores, 0)).sum(axis=1), reduction)


def _reduced(losses: Any, reduction: str) -> Any:
    """The losses, an array or a Tensor, their sum, or their mean: NaN where there are none."""
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / (losses.size or _NAN)


def _binary_cross_entropy_composite(logits: Tensor, target: Tensor, *, reduction: str) -> Any:
    """binary_cross_entropy_with_logits in plain operations."""
    return _reduced(softplus(logits, threshold=_INF) - logits * target, reduction)


@op("binary cross-entropy", floating=True, composite=_binary_cross_entropy_composite)
def binary_cross_entropy_with_logits(
    xp: ArrayModule, logits: Array, target: Array, *, reduction: str = "mean"
) -> Array:
    """Cross-entropy between sigmoid(logits) and the target probabilities of "yes", in nats.

        L = −(1/m) Σ target · log σ(logits) + (1 − target) · log(1 − σ(logits))
          = (1/m) Σ max(logits, 0) − logits · target + log(1 + exp(−|logits|))

    logits, target: of one shape; target in [0, 1].  reduction: "mean", "sum", or "none" for one
    loss an element. Raises ShapeError if the shapes differ.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, §6.2.2.2.
    """
    _check_reduction(reduction, "binary_cross_entropy_with_logits")
    if logits.shape != target.shape:
        raise ShapeError(
            f"binary_cross_entropy_with_logits: logits is {logits.shape} and target is "
            f"{target.shape}; they must be equal. Reshape one of them."
        )
    e = xp.exp(-xp.abs(logits))
    # Not max(logits, 0) − logits · target, whose digits cancel where target is nearly sure.
    return _reduced(logits * ((logits > 0) - target) + xp.log1p(e), reduction)


def _binary_cross_entropy_slopes(
    xp: ArrayModule,
    g: Array,
    logits: Array,
    target: Array,
    reduction: str,
    needs: tuple[bool, ...],
) -> tuple[Array, Array | None]:
    share = g / (logits.size or 1) if reduction == "mean" else g
    e = xp.exp(-xp.abs(logits))
    sigmoid = xp.where(logits >= 0, 1, e) / (1 + e)
    return (sigmoid - target) * share, -logits * share if needs[1] else None


binary_cross_entropy_with_logits.vjp_all(
    _binary_cross_entropy_slopes,
    logits="∂z/∂logits = (sigmoid(logits) − target) / n",
    target="∂z/∂target = −logits / n",
)
