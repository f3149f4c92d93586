"""Layers as functions, `import nn.functional as F`, with PyTorch's names, argument order, defaults.

They take weights as arguments and keep nothing. What has a file of its own is gathered here:
activations, normalisations, losses. The layers that own weights are in `linear.py`, `embedding.py`,
`dropout.py` and their neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from autograd import Tensor, as_tensor, backend, get_default_dtype, ops, random
from autograd.backend import Array, ArrayModule, as_array, on_device, to_host
from autograd.errors import DTypeError, ShapeError
from autograd.op import op
from nn import absent, activation_functions, loss_functions, normalization_functions
from nn.activation_functions import *  # noqa: F403  # all of it is to be found here
from nn.data.encoding import one_hot
from nn.inputs import check_probability, refuse_inplace
from nn.loss_functions import *  # noqa: F403  # what it exports is in its __all__
from nn.normalization_functions import *  # noqa: F403  # as above

__all__ = ["bilinear", "dropout", "embedding", "linear", "normalize", "one_hot"]
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
    if padding_idx is None:
        return ops.take(weight, x, axis=0)
    place = padding_row(padding_idx, count)
    padding = as_tensor(weight.data[place].copy(), device=weight.device)
    padding.name = "padding"  # what drawings call it
    return _padded_rows(weight, padding, x, padding_idx=place)


@op("take", name="padded_rows")
def _padded_rows(
    xp: ArrayModule, weight: Array, padding: Array, x: Array, *, padding_idx: int
) -> Array:
    """z = weight's rows at x, but padding, a constant, where x is padding_idx.

    weight: (n, d).  padding: (d,), what weight has there.  x: integers (…).  Returns (…, d).
    """
    rows = ops.take.forward(xp, weight, x, axis=0)
    if xp is not np:
        return xp.where((x == padding_idx)[..., None], padding, rows)
    rows[x == padding_idx] = padding  # few, so quicker than a choice
    return rows


def _padded_rows_dweight(
    xp: ArrayModule, g: Any, x: Any, weight_shape: tuple[int, ...], padding_idx: int
) -> Any:
    if backend.is_array(g):
        slopes = ops.scatter_take.forward(xp, g, x, shape=weight_shape, axis=0)
        slopes[padding_idx] = 0
        return slopes
    is_word = xp.expand_dims(x != padding_idx, axis=-1)
    return ops.scatter_take(xp.where(is_word, g, 0), x, shape=weight_shape, axis=0)


_padded_rows.vjp(
    weight=(
        "dweight = scatter_take(g · expand_dims([x ≠ padding_idx], axis=−1), x, "
        "shape=weight_shape, axis=0)",
        _padded_rows_dweight,
    )
)


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


def normalize(x: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """x divided by its p-norm along axis dim, so that each vector there has norm 1.

        z = x / max(‖x‖ₚ, eps)

    x: of any shape, which is returned.  eps: at least the least normal number of x's dtype, 6e-5 in
    half precision; a vector of zeros stays one.
    Raises ShapeError if there is no such axis, or for p = 0.
    """
    given = as_tensor(x)
    given = given if given.dtype.kind == "f" else given.astype(get_default_dtype())
    least = max(eps, float(np.finfo(given.dtype).tiny))  # 1e-12 would be 0 in half precision
    return ops.div(given, ops.maximum(ops.norm(given, p, axis=dim, keepdims=True), least))


def dropout(
    x: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    inverted: bool = True,
) -> Tensor:
    """x with each element zeroed with probability p in training, so that no unit relies on others.

        inverted:      training z = x · m / (1 − p),  else z = x,  m = 1 with probability 1 − p
        not inverted:  training z = x · m,            else z = x · (1 − p)

    Both have the mean of z the same in training and after; the first, PyTorch's, leaves nothing to
    do in use, the second is the form in which it was proposed.
    Raises ValueError if p is outside [0, 1], or if inplace, which PyTorch's has, is not False.
    Source: Srivastava et al., Dropout, JMLR 15 (2014), §4 and §10.
    """
    refuse_inplace("dropout", inplace)
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


if not TYPE_CHECKING:  # which would take every name for there

    def __getattr__(name: str) -> NoReturn:
        raise absent.function(name)
