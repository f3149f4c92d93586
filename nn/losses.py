"""Losses as modules: `loss = nn.CrossEntropyLoss(); loss(output, target).backward()`.

Each only stores its settings and weights; what it computes, and what it raises, is written at the
function of its name in `loss_functions.py`. `reduction` is "mean", "sum" or "none" everywhere.
"""

from __future__ import annotations

import inspect
from typing import Any, Self

from autograd import Tensor, as_tensor
from nn import loss_functions as functions
from nn.loss_checks import check_reduction
from nn.module import Module

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CosineEmbeddingLoss",
    "CosineSimilarity",
    "CrossEntropyLoss",
    "HingeEmbeddingLoss",
    "HingeLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MAPELoss",
    "MSELoss",
    "MultiMarginLoss",
    "NLLLoss",
    "SmoothL1Loss",
]


class _Loss(Module):
    """A module called with (output, target) that reduces as it is told."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """A loss without its settings. Those given in PyTorch's older ways are refused here, with
        what to write instead."""
        own = inspect.signature(cls.__init__).parameters
        names = [p.name for p in own.values() if p.kind is p.POSITIONAL_OR_KEYWORD][1:]
        for place, value in enumerate(args):
            is_ours = cls.__init__.__module__ == __name__  # a subclass may take a string there
            if is_ours and isinstance(value, str) and names[place : place + 1] != ["reduction"]:
                raise TypeError(
                    f"{cls.__name__}: {value!r} was given by position, where PyTorch has arguments "
                    f"that it no longer uses. Use {cls.__name__}(reduction={value!r})."
                )
        if old := {"size_average", "reduce"} & ({*kwargs} - {*own}):
            raise TypeError(
                f"{cls.__name__}() takes no {old.pop()}=, which PyTorch no longer uses. Use "
                'reduction="mean", "sum" or "none".'
            )
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *, reduction: str = "mean") -> None:
        check_reduction(type(self).__name__, reduction)
        self.reduction = reduction

    def _keep(self, **weights: Any) -> None:
        """Registers each weight as a buffer, so that `to()` moves it with the model."""
        for name, weight in weights.items():
            self.register_buffer(name, None if weight is None else as_tensor(weight).detach())


# Distances


class MSELoss(_Loss):
    """The mean squared error, L = (1/n) Σ (input − target)²: see mse_loss."""

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of input, of target's shape."""
        return functions.mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    """The mean absolute error, L = (1/n) Σ |input − target|: see l1_loss."""

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of input, of target's shape."""
        return functions.l1_loss(input, target, reduction=self.reduction)


class MAPELoss(_Loss):
    """The mean absolute percentage error, L = (100/n) Σ |input − target| / max(|target|, eps)."""

    def __init__(self, *, reduction: str = "mean", eps: float = 1e-7) -> None:
        super().__init__(reduction=reduction)
        self.eps = eps

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of input, of target's shape."""
        return functions.mape_loss(input, target, reduction=self.reduction, eps=self.eps)


class SmoothL1Loss(_Loss):
    """The absolute error, squared where it is below beta: see smooth_l1_loss."""

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of input, of target's shape."""
        return functions.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    """Half the squared error, linear from delta on: see huber_loss."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of input, of target's shape."""
        return functions.huber_loss(input, target, self.reduction, self.delta)


# Angles


class CosineSimilarity(Module):
    """The cosine of the angle between vectors along dim, which is gone: see cosine_similarity."""

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        self.dim, self.eps = dim, eps

    def forward(self, x1: Any, x2: Any) -> Tensor:
        """The cosines, of the shape of x1 and x2 without dim."""
        return functions.cosine_similarity(x1, x2, self.dim, self.eps)


class CosineEmbeddingLoss(_Loss):
    """Turns pairs with target 1 together, those with −1 apart: see cosine_embedding_loss."""

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.margin = margin

    def forward(self, input1: Any, input2: Any, target: Any) -> Tensor:
        """The loss of pairs (N, D), with target (N,)."""
        return functions.cosine_embedding_loss(
            input1, input2, target, self.margin, reduction=self.reduction
        )


# Probabilities


class KLDivLoss(_Loss):
    """The divergence of the log-probabilities input from target: see kl_div.

    reduction: "batchmean" gives the divergence itself, averaged over the first axis.
    """

    def __init__(self, *, reduction: str = "mean", log_target: bool = False) -> None:
        check_reduction("KLDivLoss", reduction, "batchmean")
        self.reduction, self.log_target = reduction, log_target

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of input, of target's shape."""
        return functions.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class BCELoss(_Loss):
    """Cross-entropy of the probabilities input, after a sigmoid: see binary_cross_entropy.

    weight: of each element, broadcast to input.
    """

    weight: Tensor | None

    def __init__(self, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self._keep(weight=weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of input, of target's shape."""
        return functions.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """Cross-entropy of sigmoid(input), exact for any score: see binary_cross_entropy_with_logits.

    weight: of each element.  pos_weight: of a "yes". Both broadcast to input.
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(
        self, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None
    ) -> None:
        super().__init__(reduction=reduction)
        self._keep(weight=weight, pos_weight=pos_weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of input, of target's shape."""
        return functions.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class CrossEntropyLoss(_Loss):
    """Cross-entropy of softmax(input), for classes or probabilities: see cross_entropy.

    weight: (C,), what each class counts.  ignore_index: targets that count nowhere.
    label_smoothing: the share of each target that is spread evenly over all classes.
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction=reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing
        self._keep(weight=weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of scores (N, C, ...), with target (N, ...) or of input's shape."""
        return functions.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(_Loss):
    """The negative log-likelihood, of what log_softmax gave: see nll_loss.

    weight: (C,), what each class counts.  ignore_index: targets that count nowhere.
    """

    weight: Tensor | None

    def __init__(
        self, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        self.ignore_index = ignore_index
        self._keep(weight=weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of log-probabilities (N, C, ...), with target (N, ...)."""
        return functions.nll_loss(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )


# Margins


class HingeLoss(_Loss):
    """The hinge loss between two classes, 1 and −1: see hinge_loss."""

    def __init__(self, *, reduction: str = "mean", margin: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.margin = margin

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of scores, of target's shape."""
        return functions.hinge_loss(input, target, reduction=self.reduction, margin=self.margin)


class MultiMarginLoss(_Loss):
    """The hinge loss between several classes: see multi_margin_loss.

    p: 1 or 2.  weight: (C,), what each class counts.
    """

    weight: Tensor | None

    def __init__(
        self, p: int = 1, margin: float = 1.0, weight: Any = None, *, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        self.p, self.margin = p, margin
        self._keep(weight=weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of scores (N, C), with target (N,)."""
        return functions.multi_margin_loss(
            input, target, self.p, self.margin, self.weight, reduction=self.reduction
        )


class HingeEmbeddingLoss(_Loss):
    """Makes distances with target 1 small, those with −1 large: see hinge_embedding_loss."""

    def __init__(self, margin: float = 1.0, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.margin = margin

    def forward(self, input: Any, target: Any) -> Tensor:
        """The loss of distances, of target's shape."""
        return functions.hinge_embedding_loss(input, target, self.margin, reduction=self.reduction)
