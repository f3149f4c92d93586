"""Embedding: a learned vector for each of a number of things, such as words.

The function is `nn.functional.embedding`.
"""

from __future__ import annotations

from typing import Any, Self

from autograd import Tensor, no_grad, zeros
from autograd.errors import ShapeError
from autograd.promote import to_array
from nn import init
from nn.functional import embedding, padding_row
from nn.inputs import check_size
from nn.module import Module
from nn.parameter import Parameter

__all__ = ["Embedding"]


class Embedding(Module):
    """z = the rows of weight that x names: a vector for each index.

    x: integers of any shape, in [0, num_embeddings).  Returns (*x.shape, embedding_dim).
    weight: (num_embeddings, embedding_dim), at first standard normal.  padding_idx: the index whose
    row is 0 at first and gets no gradient; from the end if negative.
    Raises DTypeError if x is not integer, IndexError if an index is out of range, naming the index
    and its position, or a padding_idx that names no row; TypeError for a size that is no int.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        check_size("Embedding", "num_embeddings", num_embeddings)
        check_size("Embedding", "embedding_dim", embedding_dim)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_row(padding_idx, num_embeddings)
        self.weight = Parameter(zeros(num_embeddings, embedding_dim, dtype=dtype, device=device))
        self.reset_parameters()

    @classmethod
    def from_pretrained(
        cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None
    ) -> Self:
        """An Embedding with a copy of these vectors.

        embeddings: (num_embeddings, embedding_dim), a Tensor or array.  freeze: whether they stay
        as they are in training.  Raises ShapeError if embeddings is not 2-D.
        """
        array = to_array(embeddings)
        if array.ndim != 2:
            raise ShapeError(
                f"Embedding.from_pretrained: embeddings is {array.shape}, and must be "
                "(num_embeddings, embedding_dim)."
            )
        given = Parameter(array, requires_grad=not freeze)
        count, size = array.shape
        made = cls(count, size, padding_idx, device=given.device, dtype=given.dtype)
        made.weight = given
        return made

    def reset_parameters(self) -> None:
        """Draws the initial vectors anew; that of padding_idx is 0."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = 0.0

    def forward(self, x: Any) -> Tensor:
        """The vectors of x's indices, (*x.shape, embedding_dim)."""
        return embedding(x, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """The sizes, as PyTorch writes them."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"

    def drawing_detail(self) -> str:
        """Its class and sizes: "Embedding 1000 → 64"."""
        return f"Embedding {self.num_embeddings} → {self.embedding_dim}"
