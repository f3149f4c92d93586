"""Class weights: a loss in which each sample counts as much as its class is given.

    L = (1/N) Σₙ w(targetₙ) lₙ

N counts samples, as in Keras, whose word `class_weight` is. So batches are not rescaled by which
classes they happen to hold, and the mean over batches is the weighted mean over the data. The
`weight` of nn.CrossEntropyLoss divides by Σₙ w instead, as in PyTorch.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor, as_tensor, backend
from nn.metrics.metric import array_of


class ClassWeighted:
    """loss(output, target) with a weight for each class; a class that is not named has 1.

    loss: a loss with a `reduction`, of which a copy without one is used; "sum" leaves out 1/N.
    class_weight: weights ≥ 0 by class, or a sequence of them.  Classes are read off the target:
    indices, one-hot rows, or 0 and 1.
    Raises TypeError for a loss without reduction, ValueError for weights that are negative or not
    finite, or classes that are no whole numbers ≥ 0.
    """

    def __init__(self, loss: Any, class_weight: Mapping[int, float] | Any) -> None:
        if not hasattr(loss, "reduction"):
            raise TypeError(
                f"class_weight: the loss {loss!r} has no reduction, so its samples cannot be "
                "weighted. Use a loss of nn, or weight the samples in the loss itself."
            )
        self.reduction = loss.reduction
        self.loss = copy.copy(loss)
        self.loss.reduction = "none"
        self.table = _table(class_weight)

    def __call__(self, output: Any, target: Any) -> Tensor:
        losses = self.loss(output, target)
        rows = losses.reshape(losses.shape[0], -1)
        weights = self.weights(array_of(target), rows.data, tuple(output.shape))
        weighted: Tensor = rows * as_tensor(weights[:, None], device=rows.device)
        return weighted.sum() if self.reduction == "sum" else weighted.mean()

    def weights(self, target: Any, like: Any, shape: tuple[int, ...]) -> Any:
        """(N,): the weight of each sample's class, in the losses' dtype.

        shape: of the output. Raises ShapeError unless each sample has one class.
        """
        n = len(like)
        if target.size != n and (target.ndim != 2 or target.shape != shape):
            raise ShapeError(
                f"class_weight: the target is {target.shape}, which is not one class for each of "
                f"{n} samples. Weight the elements in the loss itself."
            )
        if target.size != n:  # one-hot or soft rows (N, C)
            target = target.argmax(1)
        xp = backend.module_of(target)
        classes = target.reshape(n).astype("int64")
        table = xp.asarray(self.table, dtype=like.dtype)
        known = (classes >= 0) & (classes < len(self.table))
        return xp.where(known, table[classes * known], xp.ones((), dtype=like.dtype))


def _table(class_weight: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The weight of each class up to the greatest that is named."""
    if not isinstance(class_weight, Mapping):
        class_weight = dict(enumerate(np.asarray(class_weight).tolist()))
    table = np.ones(max((int(c) for c in class_weight), default=-1) + 1)
    for number, weight in class_weight.items():
        if number != int(number) or number < 0 or not (np.isfinite(weight) and weight >= 0):
            raise ValueError(
                f"class_weight: class {number!r} has weight {weight!r}; classes are whole numbers "
                "from 0, and weights finite and not negative."
            )
        table[int(number)] = weight
    return table
