"""Layers that normalise: BatchNorm1d, BatchNorm2d, LayerNorm, GroupNorm and RMSNorm.

Each gives its input mean 0 and variance 1 (RMSNorm: root mean square 1) along some axes, then
scales and shifts by learned weights. BatchNorm alone couples the samples of a batch, and so keeps
running statistics for evaluation. What they compute is in `normalization_functions.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from autograd import Tensor, as_tensor, ops, writes
from autograd.errors import DTypeError, ShapeError
from autograd.mode import local
from nn import normalization_functions as functions
from nn.inputs import check_dtype
from nn.module import Module
from nn.normalization_functions import as_shape
from nn.parameter import Parameter

__all__ = ["BatchNorm1d", "BatchNorm2d", "GroupNorm", "LayerNorm", "RMSNorm"]


class _Norm(Module):
    """A layer that may have a weight of ones and a bias of zeros, both of one shape."""

    weight: Parameter | None
    bias: Parameter | None

    def _make(
        self, shape: tuple[int, ...], weight: bool, bias: bool, device: str | None, dtype: Any
    ) -> None:
        """Registers the parameters that are wanted, and None for the others."""
        for name, wanted, fill in (("weight", weight, ops.ones), ("bias", bias, ops.zeros)):
            made = Parameter(fill(shape, dtype=dtype, device=device)) if wanted else None
            self.register_parameter(name, made)

    def reset_parameters(self) -> None:
        """Sets weight to 1 and bias to 0 again."""
        for parameter, value in ((self.weight, 1), (getattr(self, "bias", None), 0)):
            if parameter is not None:
                parameter.data[...] = value
                writes.stamp(parameter.data)

    def _checked(self, x: Any) -> Tensor:
        """x as a Tensor. Raises DTypeError if it is not floating, or not of weight's dtype."""
        tensor = as_tensor(x)
        if self.weight is not None:
            if tensor.dtype != self.weight.dtype:
                check_dtype(self._label(), tensor, self.weight.dtype)
        elif tensor.dtype.kind != "f":
            raise DTypeError(
                f"{self._label()}: x is {tensor.dtype}, and only floating numbers can be "
                f'normalised. Use x.astype("{local.mode.dtype}").'
            )
        return tensor

    def _label(self) -> str:
        """What messages call the layer."""
        return type(self).__name__


class _BatchNorm(_Norm):
    """What BatchNorm1d and BatchNorm2d share; they differ in the shapes they take."""

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None
    _shapes: ClassVar[dict[int, str]]

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: str | None = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self._make((num_features,), affine, affine and bias, device, dtype)
        made: dict[str, Tensor | None] = dict.fromkeys(
            ("running_mean", "running_var", "num_batches_tracked")
        )
        if track_running_stats:
            made["running_mean"] = ops.zeros((num_features,), dtype=dtype, device=device)
            made["running_var"] = ops.ones((num_features,), dtype=dtype, device=device)
            made["num_batches_tracked"] = ops.zeros((), dtype="int64", device=device)
        for name, buffer in made.items():
            self.register_buffer(name, buffer)

    def reset_running_stats(self) -> None:
        """Forgets the batches seen: mean 0, variance 1, none counted."""
        for buffer, value in (
            (self.running_mean, 0),
            (self.running_var, 1),
            (self.num_batches_tracked, 0),
        ):
            if buffer is not None:
                buffer.data[...] = value
                writes.stamp(buffer.data)

    def reset_parameters(self) -> None:
        """Sets weight to 1 and bias to 0 again, and forgets the batches seen."""
        self.reset_running_stats()
        super().reset_parameters()

    def forward(self, x: Any) -> Tensor:
        """x normalised by its own statistics in training, by the running ones in evaluation."""
        x = self._checked(x)
        if x.ndim not in self._shapes or x.shape[1] != self.num_features:
            wanted = " or ".join(self._shapes.values()).replace("C", str(self.num_features))
            raise ShapeError(f"{self._label()}: x is {x.shape}; it must be {wanted}.")
        is_tracking = self.training and self.track_running_stats
        return functions.batch_norm(
            x,
            self.running_mean if is_tracking or not self.training else None,
            self.running_var if is_tracking or not self.training else None,
            self.weight,
            self.bias,
            training=self.training or self.running_mean is None,
            momentum=self._counted(x) if is_tracking else 0.0,
            eps=self.eps,
        )

    def _counted(self, x: Tensor) -> Any:
        """The share of this batch in the running statistics, with the batch counted.

        Without a momentum all batches count alike; the quotient then stays on the device.
        """
        if self.num_batches_tracked is None or x.size <= x.shape[1] or local.mode.looking:
            return 0.0 if self.momentum is None else self.momentum
        count = self.num_batches_tracked.data
        count += 1
        writes.stamp(count)
        return 1.0 / count if self.momentum is None else self.momentum

    def _label(self) -> str:
        return f"{type(self).__name__}({self.num_features})"

    def extra_repr(self) -> str:
        """The number of channels and the settings."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )

    def drawing_detail(self) -> str:
        """The name and the number of channels."""
        return f"{type(self).__name__} {self.num_features}"


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of features, (N, C), or of channels along one axis, (N, C, L).

        z = (x − mean) / √(var + eps) · weight + bias, for each of the C channels

    In training, mean and the biased var are the batch's, and running_mean and running_var follow:
    running ← (1 − momentum) · running + momentum · batch, with the unbiased variance. momentum=None
    averages over all batches; num_batches_tracked counts them. In evaluation mean and var are the
    running ones, or still the batch's where track_running_stats is False. Inside a checkpoint the
    running statistics follow each batch twice, as in PyTorch, for it is run twice.
    weight, bias: (num_features,); both absent if affine is False, bias also if bias is False.
    Raises ShapeError for another shape, or in training for one value in each channel; DTypeError if
    x is not of weight's dtype.
    Source: Ioffe and Szegedy (2015), "Batch normalization".
    """

    _shapes: ClassVar = {2: "(N, C)", 3: "(N, C, L)"}


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of images, (N, C, H, W): see BatchNorm1d."""

    _shapes: ClassVar = {4: "(N, C, H, W)"}


class _RowNorm(_Norm):
    """What LayerNorm and RMSNorm share: they normalise the last axes of each sample."""

    normalized_shape: tuple[int, ...]
    eps: Any
    elementwise_affine: bool

    def _label(self) -> str:
        return f"{type(self).__name__}({self.normalized_shape})"

    def _checked(self, x: Any) -> Tensor:
        tensor, shape = super()._checked(x), self.normalized_shape
        if tensor.shape[-len(shape) :] != shape:
            raise ShapeError(
                f"{self._label()}: x is {tensor.shape}; it must end in {shape}. "
                "Build the layer for the axes that x has, or reshape x."
            )
        return tensor

    def extra_repr(self) -> str:
        """The shape and the settings."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine=" + str(
            self.elementwise_affine
        )

    def drawing_detail(self) -> str:
        """The name and the sizes."""
        return f"{type(self).__name__} {'×'.join(map(str, self.normalized_shape))}"


class LayerNorm(_RowNorm):
    """Normalisation of each sample over its last axes, the same in training and evaluation.

        z = (x − mean(x)) / √(var(x) + eps) · weight + bias

    x: (..., *normalized_shape).  weight, bias: normalized_shape; both absent if elementwise_affine
    is False, bias also if bias is False.
    Raises ShapeError if x ends in another shape, DTypeError if it is not of weight's dtype.
    Source: Ba, Kiros and Hinton (2016), "Layer normalization".
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.normalized_shape = as_shape(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        has_bias = elementwise_affine and bias
        self._make(self.normalized_shape, elementwise_affine, has_bias, device, dtype)

    def forward(self, x: Any) -> Tensor:
        """x normalised, scaled and shifted."""
        x = self._checked(x)
        return functions.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The shape and the settings."""
        return f"{super().extra_repr()}, bias={self.bias is not None}"


class RMSNorm(_RowNorm):
    """Scaling of each sample to root mean square 1 over its last axes, without shifting it.

        z = x / √(mean(x²) + eps) · weight

    x: (..., *normalized_shape).  weight: normalized_shape, absent if elementwise_affine is False.
    eps: None for the step from 1 to the next number of x's dtype, of float32 for float16.
    Raises ShapeError if x ends in another shape, DTypeError if it is not of weight's dtype.
    Source: Zhang and Sennrich (2019), "Root mean square layer normalization".
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.normalized_shape = as_shape(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        made = Parameter(ops.ones(self.normalized_shape, dtype=dtype, device=device))
        self.register_parameter("weight", made if elementwise_affine else None)

    def forward(self, x: Any) -> Tensor:
        """x normalised and scaled."""
        return functions.rms_norm(self._checked(x), self.normalized_shape, self.weight, self.eps)


class GroupNorm(_Norm):
    """Normalisation of each sample over groups of its channels, the same at any batch size.

        z = (x − mean(x)) / √(var(x) + eps) · weight + bias

    x: (N, num_channels, ...); the channels make num_groups groups of neighbours: one group is a
    LayerNorm of the whole sample.  weight, bias: (num_channels,); both absent if affine is False,
    bias also if bias is False.
    Raises ValueError if num_groups does not divide num_channels; ShapeError if x has another number
    of channels, DTypeError if it is not of weight's dtype.
    Source: Wu and He (2018), "Group normalization".
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: str | None = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        if num_groups < 1 or num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: {num_channels} channels cannot make {num_groups} groups of equal "
                "size. Choose a num_groups that divides num_channels."
            )
        self.num_groups, self.num_channels = num_groups, num_channels
        self.eps, self.affine = eps, affine
        self._make((num_channels,), affine, affine and bias, device, dtype)

    def forward(self, x: Any) -> Tensor:
        """x normalised, scaled and shifted."""
        x = self._checked(x)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ShapeError(
                f"{self._label()}: x is {x.shape}; it must be (N, {self.num_channels}, ...)."
            )
        return functions.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def _label(self) -> str:
        return f"GroupNorm({self.num_groups}, {self.num_channels})"

    def extra_repr(self) -> str:
        """The numbers of groups and channels, and the settings."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )

    def drawing_detail(self) -> str:
        """The name and the numbers of channels and groups."""
        return f"GroupNorm {self.num_channels} in {self.num_groups}"
