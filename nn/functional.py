"""Layers as functions, `import nn.functional as F`, with PyTorch's names, argument order, defaults.

They take weights as arguments and keep nothing. What has a file of its own is gathered here:
activations, normalisations, losses. The layers that own weights are in `linear.py`, `embedding.py`,
`dropout.py` and their neighbours.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, as_tensor, get_default_dtype, ops, random
from autograd.backend import as_array, on_device, to_host
from autograd.errors import DTypeError, ShapeError
from nn import activation_functions, loss_functions, normalization_functions
from nn.activation_functions import *  # noqa: F403  # all of it is to be found here
from nn.inputs import check_probability
from nn.loss_functions import *  # noqa: F403
from nn.normalization_functions import *  # noqa: F403

__all__ = ["bilinear", "dropout", "embedding", "linear"]
__all__ += activation_functions.__all__
__all__ += loss_functions.__all__
__all__ += normalization_functions.__all__


def linear(x: Any, weight: Any, bias: Any = None) -> Tensor:
    """z = x wᵀ + b. x: (…, in).  weight: (out, in).  bias: (out,) or None.  Returns (…, out).

    Raises ShapeError if the sizes do not fit.
    """
    z = ops.linear(x, weight)
    return z if bias is None else z + bias


def bilinear(x1: Any, x2: Any, weight: Any, bias: Any = None) -> Tensor:
    """zₖ = x1ᵀ wₖ x2 + bₖ. x1: (…, in1).  x2: (…, in2).  weight: (out, in1, in2).  bias: (out,) or
    None.  Returns (…, out).

    Raises ShapeError if the sizes do not fit.
    """
    x1, x2, weight = as_tensor(x1), as_tensor(x2), as_tensor(weight)
    if weight.ndim != 3 or (x1.shape[-1:], x2.shape[-1:]) != (weight.shape[1:2], weight.shape[2:]):
        raise ShapeError(
            f"bilinear: x1 is {x1.shape}, x2 is {x2.shape} and weight is {weight.shape}; they must "
            "be (…, in1), (…, in2) and (out, in1, in2)."
        )
    if x1.shape[:-1] != x2.shape[:-1]:
        raise ShapeError(
            f"bilinear: x1 is {x1.shape} and x2 is {x2.shape}; their axes before the last must be "
            "the same."
        )
    rows = ops.tensordot(x1, weight, axes=((-1,), (1,)))  # (…, out, in2)
    z = ops.matmul(rows, ops.expand_dims(x2, axis=-1)).reshape(rows.shape[:-1])
    return z if bias is None else z + bias


def embedding(x: Any, weight: Any, padding_idx: int | None = None) -> Tensor:
    """The rows of weight that x names.

    x: integers of any shape, in [0, n).  weight: (n, d).  Returns (*x.shape, d).
    padding_idx: the row that gets no gradient; from the end if negative.
    Raises DTypeError if x is not integer, IndexError if an index is out of range, naming the index
    and its position.
    """
    if isinstance(x, (int, list, tuple)):
        x = np.asarray(x)  # as_tensor would make floats of a list's integers
        x = x if x.size else x.astype(np.int64)
    x, weight = as_tensor(x), as_tensor(weight)
    if weight.ndim != 2:
        raise ShapeError(f"embedding: weight is {weight.shape}, and must be (rows, size).")
    count = weight.shape[0]
    _check_indices(x, count)
    rows = ops.take(weight, x, axis=0)
    if padding_idx is None:
        return rows
    is_padding = (x.data == padding_row(padding_idx, count)).reshape((*x.shape, 1))
    return ops.where(is_padding, rows.detach(), rows)


def padding_row(padding_idx: int, count: int) -> int:
    """padding_idx counted from the front. Raises IndexError if there is no such row of count."""
    if not -count <= padding_idx < count:
        raise IndexError(
            f"embedding: padding_idx {padding_idx} is out of range. It must be in "
            f"[{-count}, {count - 1}], for there are {count} rows."
        )
    return padding_idx % count


def _check_indices(x: Tensor, count: int) -> None:
    """Raises DTypeError or IndexError if x does not name rows of count."""
    if x.dtype.kind not in "iu":
        raise DTypeError(f'embedding: x is {x.dtype}, and must be integers. Use x.astype("int64").')
    data = x.data
    is_bad = (data < 0) | (data >= count)
    if is_bad.any():
        position = tuple(np.argwhere(to_host(is_bad))[0].tolist())
        raise IndexError(
            f"embedding: index {int(data[position])} at position {position} of x is out of range. "
            f"It must be in [0, {count - 1}], for there are {count} rows."
        )


def dropout(x: Any, p: float = 0.5, training: bool = True, *, inverted: bool = True) -> Tensor:
    """x with each element zeroed with probability p in training, so that no unit relies on others.

        inverted:      training z = x · m / (1 − p),  else z = x,  m = 1 with probability 1 − p
        not inverted:  training z = x · m,            else z = x · (1 − p)

    Both have the mean of z the same in training and after; the first, PyTorch's, leaves nothing to
    do in use, the second is the form in which it was proposed.
    Raises ValueError if p is outside [0, 1].
    Source: Srivastava et al., Dropout, JMLR 15 (2014), §4 and §10.
    """
    check_probability("dropout", p)
    given, kept = as_tensor(x), 1 - float(p)
    if kept == 1 or (inverted and not training):
        return given
    if not training:
        return ops.mul(given, kept)
    return ops.mul(given, _mask(given, float(p), 1 / kept if inverted and kept else 1.0))


def _mask(x: Tensor, p: float, scale: float) -> Tensor:
    """0 with probability p, else scale: of x's shape, on its device, in its dtype."""
    dtype = x.dtype if x.dtype.kind == "f" else get_default_dtype()
    with on_device(x.device):
        drawn = as_array(random.generator(x.device).random(x.shape, dtype=np.float32))
        mask = as_array(drawn >= p).astype(dtype)
        mask *= scale
    named = as_tensor(mask, device=x.device)
    named.name = "mask"  # what drawings call it
    return named
