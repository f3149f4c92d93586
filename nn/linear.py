"""Layers of products: Linear, its lazy forms LazyLinear and Dense, Bilinear; and Identity.

A lazy layer learns the size of its input from the first one that it sees, or from a state that is
loaded. Until then its weight is there, with no columns, so that an optimizer may hold it already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from numbers import Integral
from typing import Any

from autograd import Tensor, as_tensor, ops, zeros
from autograd.errors import DTypeError, ShapeError
from nn import init
from nn.activation_functions import activation_named
from nn.functional import bilinear
from nn.inputs import check_dtype, check_input, check_size
from nn.module import Module
from nn.parameter import Parameter, become

__all__ = ["Bilinear", "Dense", "Identity", "LazyLinear", "Linear"]


class Identity(Module):
    """z = x: a place that another layer may take. Any arguments are accepted, and ignored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: Any) -> Tensor:
        """x itself."""
        return as_tensor(x)


class Linear(Module):
    """z = x wᵀ + b: a layer of neurons, each with a weight for every input.

    x: (…, in_features), of the weight's dtype.  Returns (…, out_features).
    weight: (out_features, in_features), at first uniform on ±1/√in_features.  bias: whether there
    is a b, (out_features,), at first uniform on the same range.
    Raises ShapeError or DTypeError for an x that does not fit, TypeError for a size that is no int.
    Source: the initial values are PyTorch's, kaiming_uniform_ with a = √5.
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        check_size(type(self).__name__, "in_features", in_features)
        check_size(type(self).__name__, "out_features", out_features)
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(zeros(out_features, in_features, dtype=dtype, device=device))
        self.register_parameter(
            "bias", Parameter(zeros(out_features, dtype=dtype, device=device)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the initial weight and bias anew."""
        init.kaiming_uniform_(self.weight, a=sqrt(5))
        if self.bias is not None:
            bound = 1 / sqrt(max(self.in_features, 1))
            init.uniform_(self.bias, -bound, bound)

    def forward(self, x: Any) -> Tensor:
        """x wᵀ + b, (…, out_features)."""
        weight = self.weight
        if not isinstance(x, Tensor):
            x = as_tensor(x)
        if x.dtype is not weight.dtype:
            check_dtype(self._label(), x, weight.dtype)
        try:
            z = ops.linear(x, weight)
        except ShapeError as error:
            raise self._misfit(x, error) from None
        return z if self.bias is None else z + self.bias

    def _misfit(self, x: Tensor, error: Exception) -> Exception:
        """What to say of an x that the product refused."""
        try:
            check_input(self._label(), x, self.weight.dtype, self.in_features)
        except (ShapeError, DTypeError) as clearer:
            return clearer
        return error

    def _label(self) -> str:
        return f"{type(self).__name__}({self.in_features}, {self.out_features})"

    def extra_repr(self) -> str:
        """The sizes, as PyTorch writes them."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )

    def drawing_detail(self) -> str:
        """Its class and sizes: "Linear 784 → 50"."""
        return f"{type(self).__name__} {self.in_features} → {self.out_features}"


class LazyLinear(Linear):
    """A Linear whose in_features is the size of the last axis of the first x that it is called on,
    or that of the weight in a state that is loaded.

    Until then in_features is 0 and the weight, which stays the same object, is (out_features, 0).
    """

    def __init__(
        self,
        out_features: int,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(0, out_features, bias, device, dtype)

    def reset_parameters(self) -> None:
        """Draws the initial weight and bias anew, once the size of the input is known."""
        if self.in_features:
            super().reset_parameters()

    def forward(self, x: Any) -> Tensor:
        """x wᵀ + b, (…, out_features); the first x fixes in_features."""
        if not self.in_features:
            x = as_tensor(x)
            check_dtype(f"{type(self).__name__}({self.out_features})", x, self.weight.dtype)
            size = x.shape[-1] if x.ndim else 0
            if not size:
                raise ShapeError(
                    f"{type(self).__name__}({self.out_features}): x is {x.shape}, from whose last "
                    "axis the layer cannot learn how many inputs it has. Give (…, inputs)."
                )
            self._resize(size)
            self.reset_parameters()
        return super().forward(x)

    def _resize(self, in_features: int) -> None:
        """Gives the weight that many columns, all 0."""
        self.in_features = in_features
        weight = self.weight
        become(
            weight,
            zeros(self.out_features, in_features, dtype=weight.dtype, device=weight.device).data,
        )

    def build_from(self, state: Mapping[str, Any]) -> bool:
        """Whether in_features, unknown so far, was now taken from the weight in state, a state
        dictionary with this layer's own names. load_state_dict asks."""
        shape: tuple[int, ...] = getattr(state.get("weight"), "shape", ())
        if self.in_features or len(shape) != 2 or shape[0] != self.out_features or not shape[1]:
            return False
        self._resize(int(shape[1]))
        return True

    def unbuild(self) -> None:
        """Takes build_from back, for a state that did not fit."""
        self._resize(0)


class Dense(LazyLinear):
    """z = f(x wᵀ + b): Keras's layer, a lazy Linear with an activation.

    x: (…, in).  Returns (…, units).  units: how many neurons.  activation: f by name, such as
    "relu", "sigmoid", "tanh" or "softmax" (along the last axis); None or "linear" for none.
    use_bias: whether there is a b.  input_shape: of one sample, such as 784 or (784,); the last
    size counts. Left out, the first x fixes it.
    The initial weight is Keras's, `xavier_uniform_`, and the bias 0.
    Raises ValueError for an activation that is not known, ShapeError or DTypeError for an x that
    does not fit.
    """

    def __init__(
        self,
        units: int,
        activation: str | None = None,
        use_bias: bool = True,
        *,
        input_shape: int | Sequence[int] | None = None,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.activation = activation
        activation_named(activation, f"Dense({units})")
        super().__init__(units, use_bias, device, dtype)
        if input_shape is not None:
            self._resize(_last_size(input_shape, f"Dense({units})"))
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the initial weight anew and makes the bias 0."""
        if self.in_features:
            init.xavier_uniform_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, x: Any) -> Tensor:
        """f(x wᵀ + b), (…, units)."""
        z = super().forward(x)
        return z if self.activation is None else activation_named(self.activation, "Dense")(z)

    def extra_repr(self) -> str:
        """The sizes and the activation."""
        return f"{super().extra_repr()}, activation={self.activation!r}"

    def drawing_detail(self) -> str:
        """Its class, sizes and activation: "Dense 784 → 50 relu"."""
        return f"{super().drawing_detail()} {self.activation or ''}".rstrip()


def _last_size(shape: Any, layer: str) -> int:
    """The last size in an input_shape. Raises ShapeError unless it is a positive integer."""
    sizes = [shape] if isinstance(shape, Integral) else list(shape)
    if not sizes or not isinstance(sizes[-1], Integral) or sizes[-1] < 1:
        raise ShapeError(
            f"{layer}: input_shape is {shape!r}; it must be the shape of one sample, such as 784 "
            "or (28, 28). Leave it out to learn it from the first batch."
        )
    return int(sizes[-1])


class Bilinear(Module):
    """zₖ = x1ᵀ wₖ x2 + bₖ: a product of two inputs for each output.

    x1: (…, in1_features).  x2: (…, in2_features), with the same axes before the last.  Returns
    (…, out_features).  weight: (out_features, in1_features, in2_features), bias: (out_features,),
    at first uniform on ±1/√in1_features.
    Raises ShapeError or DTypeError for inputs that do not fit.
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.in1_features, self.in2_features = in1_features, in2_features
        self.out_features = out_features
        shape = (out_features, in1_features, in2_features)
        self.weight = Parameter(zeros(shape, dtype=dtype, device=device))
        self.register_parameter(
            "bias", Parameter(zeros(out_features, dtype=dtype, device=device)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the initial weight and bias anew."""
        bound = 1 / sqrt(max(self.in1_features, 1))
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def forward(self, x1: Any, x2: Any) -> Tensor:
        """x1ᵀ wₖ x2 + bₖ for each k, (…, out_features)."""
        x1, x2, dtype = as_tensor(x1), as_tensor(x2), self.weight.dtype
        label = f"Bilinear({self.in1_features}, {self.in2_features}, {self.out_features})"
        check_input(label, x1, dtype, self.in1_features)
        check_input(label, x2, dtype, self.in2_features)
        return bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes, as PyTorch writes them."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )

    def drawing_detail(self) -> str:
        """Its class and sizes: "Bilinear 5 × 4 → 3"."""
        return f"Bilinear {self.in1_features} × {self.in2_features} → {self.out_features}"
