"""Dropout: noise for training, which keeps units from relying on one another.

The mask is drawn from `autograd.random`, so `manual_seed` repeats it and `checkpoint` replays it.
The function is `nn.functional.dropout`.
"""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn.functional import dropout
from nn.inputs import check_probability, refuse_inplace
from nn.module import Module

__all__ = ["Dropout"]


class Dropout(Module):
    """Zeroes each element of x with probability p in training.

        inverted:      training z = x · m / (1 − p),  eval z = x,  m = 1 with probability 1 − p
        not inverted:  training z = x · m,            eval z = x · (1 − p)

    x: any shape, which z has too.  inverted: PyTorch's form; False gives that of the lectures and
    of the paper.  inplace: must be False, as no layer overwrites its input.
    Raises ValueError if p is outside [0, 1].
    Source: Srivastava et al., Dropout, JMLR 15 (2014), §4 and §10.
    """

    def __init__(self, p: float = 0.5, inplace: bool = False, *, inverted: bool = True) -> None:
        check_probability("Dropout", p)
        refuse_inplace(self, inplace)
        self.p, self.inverted = p, inverted

    def forward(self, x: Any) -> Tensor:
        """x with some elements zeroed, in training."""
        return dropout(x, self.p, self.training, inverted=self.inverted)

    def extra_repr(self) -> str:
        """The probability, as PyTorch writes it."""
        return f"p={self.p}, inplace=False" + ("" if self.inverted else ", inverted=False")

    def drawing_detail(self) -> str:
        """Its class and probability: "Dropout 0.5"."""
        return f"Dropout {self.p:g}"
