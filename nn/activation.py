"""Activations as layers: what stands between the products of a network.

The mathematics is in `activation_functions.py`; a layer here stores the settings. `inplace`, which
PyTorch's layers take, must be False: no layer overwrites its input, since the graph may need it.
"""

from __future__ import annotations

from typing import Any, Literal

from autograd import Tensor, as_tensor, full, ops
from nn import activation_functions as F
from nn import init
from nn.inputs import check_dtype, refuse_inplace
from nn.module import Module
from nn.parameter import Parameter

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Maxout",
    "Mish",
    "PReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Step",
    "Tanh",
    "Threshold",
]


class ReLU(Module):
    """z = max(x, 0), elementwise. Its gradient at 0 is 0."""

    def __init__(self, inplace: bool = False) -> None:
        refuse_inplace(self, inplace)

    def forward(self, x: Any) -> Tensor:
        """relu(x), of x's shape."""
        return ops.relu(x)


class ReLU6(Module):
    """z = min(max(x, 0), 6), elementwise."""

    def __init__(self, inplace: bool = False) -> None:
        refuse_inplace(self, inplace)

    def forward(self, x: Any) -> Tensor:
        """relu6(x), of x's shape."""
        return F.relu6(x)


class SELU(Module):
    """z = 1.0507 · (x where x > 0, else 1.6733 · (eˣ − 1)), elementwise.

    Source: Klambauer et al., Self-Normalizing Neural Networks, arXiv:1706.02515 (2017).
    """

    def __init__(self, inplace: bool = False) -> None:
        refuse_inplace(self, inplace)

    def forward(self, x: Any) -> Tensor:
        """selu(x), of x's shape."""
        return F.selu(x)


class SiLU(Module):
    """z = x · σ(x), elementwise; also known as swish.

    Source: Elfwing et al., arXiv:1702.03118 (2017).
    """

    def __init__(self, inplace: bool = False) -> None:
        refuse_inplace(self, inplace)

    def forward(self, x: Any) -> Tensor:
        """silu(x), of x's shape."""
        return F.silu(x)


class Mish(Module):
    """z = x · tanh(ln(1 + eˣ)), elementwise.

    Source: Misra, arXiv:1908.08681 (2019).
    """

    def __init__(self, inplace: bool = False) -> None:
        refuse_inplace(self, inplace)

    def forward(self, x: Any) -> Tensor:
        """mish(x), of x's shape."""
        return F.mish(x)


class Hardswish(Module):
    """z = x · min(max(x + 3, 0), 6) / 6, elementwise.

    Source: Howard et al., Searching for MobileNetV3, arXiv:1905.02244 (2019).
    """

    def __init__(self, inplace: bool = False) -> None:
        refuse_inplace(self, inplace)

    def forward(self, x: Any) -> Tensor:
        """hardswish(x), of x's shape."""
        return F.hardswish(x)


class Hardsigmoid(Module):
    """z = min(max(x + 3, 0), 6) / 6, elementwise.

    Source: Howard et al., Searching for MobileNetV3, arXiv:1905.02244 (2019).
    """

    def __init__(self, inplace: bool = False) -> None:
        refuse_inplace(self, inplace)

    def forward(self, x: Any) -> Tensor:
        """hardsigmoid(x), of x's shape."""
        return F.hardsigmoid(x)


class Sigmoid(Module):
    """z = σ(x) = 1 / (1 + e⁻ˣ), elementwise."""

    def forward(self, x: Any) -> Tensor:
        """sigmoid(x), of x's shape."""
        return F.sigmoid(x)


class Tanh(Module):
    """z = tanh(x), elementwise."""

    def forward(self, x: Any) -> Tensor:
        """tanh(x), of x's shape."""
        return F.tanh(x)


class LogSigmoid(Module):
    """z = ln σ(x), elementwise, finite where σ(x) rounds to 0."""

    def forward(self, x: Any) -> Tensor:
        """logsigmoid(x), of x's shape."""
        return F.logsigmoid(x)


class Softsign(Module):
    """z = x / (1 + |x|), elementwise."""

    def forward(self, x: Any) -> Tensor:
        """softsign(x), of x's shape."""
        return F.softsign(x)


class LeakyReLU(Module):
    """z = x where x > 0, else negative_slope · x, elementwise.

    Source: Maas et al., Rectifier nonlinearities improve neural network acoustic models (2013).
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        refuse_inplace(self, inplace)
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Tensor:
        """leaky_relu(x), of x's shape."""
        return F.leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        """The slope, as PyTorch writes it."""
        return f"negative_slope={self.negative_slope}"


class ELU(Module):
    """z = x where x > 0, else alpha · (eˣ − 1), elementwise.

    Source: Clevert et al., Exponential Linear Units, arXiv:1511.07289 (2015).
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        refuse_inplace(self, inplace)
        self.alpha = alpha

    def forward(self, x: Any) -> Tensor:
        """elu(x), of x's shape."""
        return F.elu(x, self.alpha)

    def extra_repr(self) -> str:
        """The setting, as PyTorch writes it."""
        return f"alpha={self.alpha}"


class PReLU(Module):
    """z = x where x > 0, else weight · x: a leaky ReLU with a slope that is learned.

    x: (N, C, …), of the weight's dtype.  weight: (num_parameters,), all init at first.
    num_parameters: 1, or C for a slope a channel.
    Raises ShapeError if x has another number of channels, DTypeError for another dtype.
    Source: He et al., Delving Deep into Rectifiers, arXiv:1502.01852 (2015), eq. 1.
    """

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(full(num_parameters, init, dtype=dtype, device=device))

    def reset_parameters(self) -> None:
        """Gives the slopes their initial value again."""
        init.constant_(self.weight, self.init)

    def forward(self, x: Any) -> Tensor:
        """prelu(x, weight), of x's shape."""
        x = as_tensor(x)
        if x.dtype is not self.weight.dtype:
            check_dtype(f"PReLU({self.num_parameters})", x, self.weight.dtype)
        return F.prelu(x, self.weight)

    def extra_repr(self) -> str:
        """The number of slopes, as PyTorch writes it."""
        return f"num_parameters={self.num_parameters}"


class GELU(Module):
    """z = x · Φ(x), elementwise, Φ the normal distribution function.

    approximate: "none", or "tanh" for x · (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2.
    Raises ValueError for another approximate.
    Source: Hendrycks and Gimpel, Gaussian Error Linear Units, arXiv:1606.08415 (2016).
    """

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise ValueError(f'GELU: approximate is {approximate!r}; it must be "none" or "tanh".')
        self.approximate = approximate

    def forward(self, x: Any) -> Tensor:
        """gelu(x), of x's shape."""
        return F.gelu(x, approximate=self.approximate)

    def extra_repr(self) -> str:
        """The form, as PyTorch writes it."""
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """z = ln(1 + e^(beta · x)) / beta, elementwise: a smooth ReLU; x where beta · x > threshold."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold

    def forward(self, x: Any) -> Tensor:
        """softplus(x), of x's shape."""
        return F.softplus(x, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The settings, as PyTorch writes them."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Hardtanh(Module):
    """z = x kept within [min_val, max_val], elementwise; the gradient at the bounds is 0.

    Raises ValueError if min_val ≥ max_val.
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        refuse_inplace(self, inplace)
        if not min_val < max_val:
            raise ValueError(f"Hardtanh: min_val = {min_val} must be below max_val = {max_val}.")
        self.min_val, self.max_val = min_val, max_val

    def forward(self, x: Any) -> Tensor:
        """hardtanh(x), of x's shape."""
        return F.hardtanh(x, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        """The bounds, as PyTorch writes them."""
        return f"min_val={self.min_val}, max_val={self.max_val}"


class Threshold(Module):
    """z = x where x > threshold, else value, elementwise. For 0 and 1 see Step."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        refuse_inplace(self, inplace)
        self.threshold, self.value = threshold, value

    def forward(self, x: Any) -> Tensor:
        """threshold(x), of x's shape."""
        return F.threshold(x, self.threshold, self.value)

    def extra_repr(self) -> str:
        """The settings, as PyTorch writes them."""
        return f"threshold={self.threshold}, value={self.value}"


class Step(Module):
    """z = 1 where x > threshold, else 0: the perceptron's unit.

    It has no gradient, and backward() through it raises GraphError that says so: a perceptron is
    taught by its own rule, and a network by units with a slope, such as Sigmoid.
    Source: Rosenblatt, The perceptron: a probabilistic model, Psychological Review 65 (1958).
    """

    def __init__(self, threshold: float = 0.0) -> None:
        self.threshold = threshold

    def forward(self, x: Any) -> Tensor:
        """0 or 1 for each element of x."""
        return F.step(x, threshold=self.threshold)

    def extra_repr(self) -> str:
        """The threshold."""
        return f"threshold={self.threshold}"


class Softmax(Module):
    """z = eˣ / Σ eˣ along axis dim: probabilities. Before a cross-entropy, leave it out: the loss
    takes the scores themselves."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Tensor:
        """softmax(x), of x's shape."""
        return F.softmax(x, self.dim)

    def extra_repr(self) -> str:
        """The axis, as PyTorch writes it."""
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """z = x − ln Σ eˣ along axis dim: the logarithms of probabilities, as NLLLoss takes them."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Tensor:
        """log_softmax(x), of x's shape."""
        return F.log_softmax(x, self.dim)

    def extra_repr(self) -> str:
        """The axis, as PyTorch writes it."""
        return f"dim={self.dim}"


class Maxout(Module):
    """z = the largest of each group of pieces neighbours along axis dim: n become n / pieces.

    Behind a Linear(in, pieces · out), it is a layer of out units, each the largest
    of pieces planes.
    Raises ShapeError if pieces does not divide the size of the axis.
    Source: Goodfellow et al., Maxout Networks, arXiv:1302.4389 (2013).
    """

    def __init__(self, pieces: int, dim: int = -1) -> None:
        self.pieces, self.dim = pieces, dim

    def forward(self, x: Any) -> Tensor:
        """maxout(x): x's shape, with axis dim shorter by the factor pieces."""
        return F.maxout(x, self.pieces, self.dim)

    def extra_repr(self) -> str:
        """The settings."""
        return f"pieces={self.pieces}, dim={self.dim}"

    def drawing_detail(self) -> str:
        """Its class and the size of a group: "Maxout 2"."""
        return f"Maxout {self.pieces}"
