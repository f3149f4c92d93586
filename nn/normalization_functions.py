"""Normalisation as functions, with PyTorch's names, argument order and defaults.

Each stands on one fused operation of `autograd.ops`; batch_norm also keeps the running statistics.
The layers, which own weights and statistics, are in `normalization.py`; `nn.functional` has all of
these names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor, as_tensor, ops, writes
from autograd.errors import ShapeError
from autograd.mode import local

__all__ = ["batch_norm", "group_norm", "layer_norm", "rms_norm"]


def layer_norm(
    x: Any,
    normalized_shape: int | Sequence[int],
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Tensor:
    """x with mean 0 and variance 1 over its last axes, then scaled and shifted.

        z = (x − mean(x)) / √(var(x) + eps) · weight + bias

    x: (..., *normalized_shape).  weight, bias: normalized_shape.
    Raises ShapeError if x does not end in normalized_shape, or weight or bias is of another shape.
    Source: Ba, Kiros and Hinton (2016), "Layer normalization".
    """
    x = as_tensor(x)
    axis = _last_axes("layer_norm", x, normalized_shape)
    return ops.layer_norm(x, weight, bias, axis=axis, eps=eps)


def rms_norm(
    x: Any,
    normalized_shape: int | Sequence[int],
    weight: Any = None,
    eps: float | None = None,
) -> Tensor:
    """x with root mean square 1 over its last axes, then scaled.

        z = x / √(mean(x²) + eps) · weight

    x: (..., *normalized_shape).  weight: normalized_shape.  eps: None for the step from 1 to the
    next number of x's dtype, of float32 for float16, whose squares are summed in that.
    Raises ShapeError if x does not end in normalized_shape, or weight is of another shape.
    Source: Zhang and Sennrich (2019), "Root mean square layer normalization".
    """
    x = as_tensor(x)
    axis = _last_axes("rms_norm", x, normalized_shape)
    if eps is None:
        dtype = x.dtype if x.dtype.kind == "f" else local.mode.dtype
        eps = float(np.finfo(np.result_type(dtype, np.float32)).eps)
    return ops.rms_norm(x, weight, axis=axis, eps=eps)


def group_norm(
    x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Tensor:
    """x with mean 0 and variance 1 in each sample's groups of channels, then scaled and shifted.

        z = (x − mean(x)) / √(var(x) + eps) · weight + bias

    x: (N, C, ...), whose C channels make num_groups groups of neighbours.  weight, bias: (C,).
    Raises ShapeError if C cannot be divided so, or weight or bias is not (C,).
    Source: Wu and He (2018), "Group normalization".
    """
    x = as_tensor(x)
    if x.ndim < 2 or num_groups < 1 or x.shape[1] % num_groups:
        raise ShapeError(
            f"group_norm: x is {x.shape}; it must be (N, C, ...) with a number of channels C that "
            f"{num_groups} groups can share evenly."
        )
    n, channels = x.shape[:2]
    grouped = x.reshape((n, num_groups, x.size // (n * num_groups or 1)))
    z: Tensor = ops.layer_norm(grouped, eps=eps).reshape(x.shape)
    if weight is not None:
        z = z * _by_channel("group_norm", "weight", weight, channels, x.ndim)
    if bias is not None:
        z = z + _by_channel("group_norm", "bias", bias, channels, x.ndim)
    return z


def batch_norm(
    x: Any,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: Any = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """x with mean 0 and variance 1 in each channel, then scaled and shifted.

        z = (x − mean) / √(var + eps) · weight + bias

    x: (N, C, ...).  running_mean, running_var, weight, bias: (C,).
    training: mean and the biased variance are the batch's, and the running statistics, if given,
    are overwritten: running ← (1 − momentum) · running + momentum · batch, where the batch's
    variance is the unbiased one. Otherwise mean and variance are the running statistics.
    Raises ShapeError if shapes do not fit, or a batch to train on has one value in each channel;
    ValueError if running statistics are needed and missing.
    Source: Ioffe and Szegedy (2015), "Batch normalization".
    """
    x = as_tensor(x)
    if x.ndim < 2:
        raise ShapeError(f"batch_norm: x is {x.shape}; it must be (N, C, ...), channels second.")
    if not training:
        return _by_statistics(x, running_mean, running_var, weight, bias, eps)
    count = x.size // (x.shape[1] or 1)
    if count == 1:
        raise ShapeError(
            f"batch_norm: x is {x.shape}, one value in each channel, and the variance of one value "
            "is 0. Train on batches of at least 2 (DataLoader(..., drop_last=True)), or call "
            "eval() first."
        )
    z, mean, var = _normalized(x, weight, bias, eps)
    # A drawing or a stepper that runs a checkpointed function again only looks.
    if not local.mode.looking and count:
        for running, batch in ((running_mean, mean.data), (running_var, var.data)):
            if running is not None:
                scale = count / (count - 1) if running is running_var else 1.0
                _follow(running, batch, momentum, scale)
    return z


def _normalized(x: Tensor, weight: Any, bias: Any, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """The operation's three outputs, under their types."""
    outputs: Any = ops.batch_norm(x, weight, bias, eps=eps)
    z, mean, var = outputs
    return z, mean, var


def _follow(running: Tensor, batch: Any, momentum: Any, scale: float) -> None:
    """Moves running towards scale · batch, in place: whoever shares its memory sees it."""
    if running.shape != batch.shape:
        raise ShapeError(
            f"batch_norm: a running statistic is {running.shape}; it must be {batch.shape}, one "
            "number for each channel."
        )
    data = running.data
    data *= 1 - momentum
    data += (momentum * scale) * batch
    writes.stamp(data)


def _by_statistics(
    x: Tensor, mean: Tensor | None, var: Tensor | None, weight: Any, bias: Any, eps: float
) -> Tensor:
    """batch_norm with given mean and variance, in plain operations.

    The mean is subtracted first: folded into bias it would cost digits where it is large.
    """
    if mean is None or var is None:
        raise ValueError(
            "batch_norm: without training, running_mean and running_var are needed. Give them, or "
            "training=True for the statistics of the batch."
        )
    channels = x.shape[1]

    def spread(word: str, values: Any) -> Tensor:
        return _by_channel("batch_norm", word, values, channels, x.ndim)

    dtype = x.dtype if x.dtype.kind == "f" else mean.dtype
    mean, var = (s if s.dtype == dtype else s.astype(dtype) for s in (mean, var))
    scale: Any = 1 / ops.sqrt(var + eps)
    if weight is not None:
        scale = scale * weight
    z = (x - spread("running_mean", mean)) * spread("running_var", scale)
    return z if bias is None else z + spread("bias", bias)


def _by_channel(name: str, word: str, values: Any, channels: int, ndim: int) -> Tensor:
    """values (C,), of a shape that broadcasts against (N, C, ...)."""
    values = as_tensor(values)
    if values.shape != (channels,):
        raise ShapeError(
            f"{name}: {word} is {values.shape}; it must be ({channels},), one number for each "
            "channel of x."
        )
    spread: Tensor = values.reshape((channels,) + (1,) * (ndim - 2))
    return values if ndim == 2 else spread


def _last_axes(name: str, x: Tensor, normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    """The axes of normalized_shape, counted from the end."""
    shape = as_shape(normalized_shape)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ShapeError(
            f"{name}: x is {x.shape} and normalized_shape is {shape}; x must end in it. "
            f"Normalise over {x.shape[-1:] or 'at least one axis'}, or reshape x."
        )
    return tuple(range(-len(shape), 0))


def as_shape(size: int | Sequence[int]) -> tuple[int, ...]:
    """size as a shape: a number stands for one axis."""
    return (int(size),) if isinstance(size, (int, np.integer)) else tuple(size)
