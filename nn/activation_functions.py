"""Activations as functions, with PyTorch's names, argument order and defaults.

Most are operations of `autograd.ops` under PyTorch's signature; those that only networks use are
declared here, each with its rule. At a kink the gradient is the least of the subgradients, but for
`prelu`, `leaky_relu` and `elu`, which take the negative side. `inplace` must be False, as for the
layers, which are in `activation.py`; `nn.functional` has all of these names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Tensor, as_tensor, ops
from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops import gelu, sigmoid, tanh
from nn.inputs import refuse_inplace

__all__ = [
    "elu",
    "gelu",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "maxout",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "step",
    "tanh",
    "threshold",
]


def relu(x: Any, inplace: bool = False) -> Tensor:
    """max(x, 0), elementwise. Its gradient at 0 is 0."""
    if inplace:
        refuse_inplace("relu", inplace)
    return ops.relu(x)


def selu(x: Any, inplace: bool = False) -> Tensor:
    """1.0507 · (x where x > 0, else 1.6733 · (eˣ − 1)), elementwise.

    Source: Klambauer et al., Self-Normalizing Neural Networks, arXiv:1706.02515 (2017).
    """
    refuse_inplace("selu", inplace)
    return ops.selu(x)


def silu(x: Any, inplace: bool = False) -> Tensor:
    """x · σ(x), elementwise; also known as swish.

    Source: Elfwing et al., arXiv:1702.03118 (2017).
    """
    refuse_inplace("silu", inplace)
    return ops.silu(x)


def mish(x: Any, inplace: bool = False) -> Tensor:
    """x · tanh(ln(1 + eˣ)), elementwise. Source: Misra, arXiv:1908.08681 (2019)."""
    refuse_inplace("mish", inplace)
    return ops.mish(x)


def hardswish(x: Any, inplace: bool = False) -> Tensor:
    """x · min(max(x + 3, 0), 6) / 6, elementwise. Gradient 0 at −3 and 1 at 3.

    Source: Howard et al., Searching for MobileNetV3, arXiv:1905.02244 (2019).
    """
    refuse_inplace("hardswish", inplace)
    return ops.hardswish(x)


def leaky_relu(x: Any, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x where x > 0, else negative_slope · x, elementwise."""
    refuse_inplace("leaky_relu", inplace)
    return ops.leaky_relu(x, negative_slope=negative_slope)


def elu(x: Any, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where x > 0, else alpha · (eˣ − 1), elementwise."""
    refuse_inplace("elu", inplace)
    return ops.elu(x, alpha=alpha)


def softplus(x: Any, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """ln(1 + e^(beta · x)) / beta, elementwise; x itself where beta · x > threshold."""
    return ops.softplus(x, beta=beta, threshold=threshold)


def softmax(x: Any, dim: int = -1) -> Tensor:
    """eˣ / Σ eˣ along axis dim: probabilities, whose sum along it is 1."""
    return ops.softmax(x, axis=dim)


def log_softmax(x: Any, dim: int = -1) -> Tensor:
    """x − ln Σ eˣ along axis dim: the logarithm of softmax, finite where that rounds to 0."""
    return ops.log_softmax(x, axis=dim)


def maxout(x: Any, pieces: int, dim: int = -1) -> Tensor:
    """The largest of each group of pieces neighbours along axis dim: n become n / pieces.

    Raises ShapeError if pieces does not divide the size of the axis.
    Source: Goodfellow et al., Maxout Networks, arXiv:1302.4389 (2013).
    """
    return ops.maxout(x, pieces=pieces, axis=dim)


def prelu(x: Any, weight: Tensor) -> Tensor:
    """x where x > 0, else weight · x: leaky_relu with a slope that is learned.

    x: (N, C, …).  weight: (1,), or (C,) for a slope a channel.
    Raises ShapeError if weight is neither.
    Source: He et al., Delving Deep into Rectifiers, arXiv:1502.01852 (2015), eq. 1.
    """
    x = as_tensor(x)
    channels = x.shape[1] if x.ndim > 1 else 1
    if weight.ndim > 1 or weight.size not in (1, channels):
        raise ShapeError(
            f"prelu: weight is {weight.shape} and x is {x.shape}; weight must hold one slope, or "
            f"one for each of the {channels} channels of axis 1."
        )
    if weight.size > 1 and x.ndim > 2:
        weight = weight.reshape((channels, *(1,) * (x.ndim - 2)))
    elif x.ndim == 0:
        weight = weight.reshape(())
    return _prelu(x, weight)


@op("prelu", name="prelu", floating=True)
def _prelu(xp: ArrayModule, x: Array, w: Array) -> Array:
    """z = x where x > 0, else w · x; shapes broadcast."""
    return xp.where(x > 0, x, w * x)


_prelu.vjp(
    x=("∂z/∂x = [x > 0] + [x ≤ 0] · w", lambda xp, g, x, w: xp.where(x > 0, g, g * w)),
    w=("∂z/∂w = [x ≤ 0] · x", lambda xp, g, x: xp.where(x > 0, 0, g * x)),
)


def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """x kept within [min_val, max_val], elementwise; the gradient at the bounds is 0.

    Raises ValueError if min_val ≥ max_val.
    """
    refuse_inplace("hardtanh", inplace)
    if not min_val < max_val:
        raise ValueError(f"hardtanh: min_val = {min_val} must be below max_val = {max_val}.")
    return _hardtanh(x, low=float(min_val), high=float(max_val))


def relu6(x: Any, inplace: bool = False) -> Tensor:
    """min(max(x, 0), 6), elementwise; the gradient at 0 and at 6 is 0.

    Source: Krizhevsky, Convolutional deep belief networks on CIFAR-10 (2010).
    """
    refuse_inplace("relu6", inplace)
    return _hardtanh(x, low=0.0, high=6.0)


@op("hardtanh", name="hardtanh", floating=True)
def _hardtanh(xp: ArrayModule, x: Array, *, low: float, high: float) -> Array:
    """z = min(max(x, low), high)."""
    return xp.clip(x, low, high)


_hardtanh.vjp(
    x=(
        "∂z/∂x = [low < x < high]",
        lambda xp, g, x, low, high: xp.where((x <= low) | (x >= high), 0, g),
    )
)


def hardsigmoid(x: Any, inplace: bool = False) -> Tensor:
    """min(max(x + 3, 0), 6) / 6, elementwise: a sigmoid of three lines; gradient 0 at −3 and 3.

    Source: Howard et al., Searching for MobileNetV3, arXiv:1905.02244 (2019), §5.2.
    """
    refuse_inplace("hardsigmoid", inplace)
    return _hardsigmoid(x)


@op("hardsigmoid", name="hardsigmoid", floating=True)
def _hardsigmoid(xp: ArrayModule, x: Array) -> Array:
    """z = min(max(x + 3, 0), 6) / 6."""
    return xp.clip(x + 3, 0, 6) / 6


_hardsigmoid.vjp(
    x=(
        "∂z/∂x = [−3 < x < 3] / 6",
        lambda xp, g, x: xp.where((x <= -3) | (x >= 3), 0, g / 6),
    )
)


@op("ln σ", floating=True)
def logsigmoid(xp: ArrayModule, x: Array) -> Array:
    """z = ln σ(x) = −ln(1 + e⁻ˣ), finite where σ(x) rounds to 0."""
    return xp.minimum(x, 0) - xp.log1p(xp.exp(-xp.abs(x)))


logsigmoid.vjp(x=("∂z/∂x = 1 − exp(z)", lambda xp, g, z: g * -xp.expm1(z)))


@op("softsign", floating=True)
def softsign(xp: ArrayModule, x: Array) -> Array:
    """z = x / (1 + |x|). Its gradient at 0 is 1."""
    return x / (1 + xp.abs(x))


def _softsign_x(xp: ArrayModule, g: Array, x: Array) -> Array:
    u = 1 + xp.abs(x)
    return g / u / u  # u² would overflow first


softsign.vjp(x=("∂z/∂x = 1 / (1 + abs(x))²", _softsign_x))


def threshold(x: Any, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x where x > threshold, else value, elementwise."""
    refuse_inplace("threshold", inplace)
    return _threshold(x, threshold=float(threshold), value=float(value))


@op("threshold", name="threshold", floating=True)
def _threshold(xp: ArrayModule, x: Array, *, threshold: float, value: float) -> Array:
    """z = x where x > threshold, else value."""
    return xp.where(x <= threshold, value, x)


_threshold.vjp(
    x=(
        "∂z/∂x = [x > threshold]",
        lambda xp, g, x, threshold: xp.where(x <= threshold, 0, g),
    )
)


@op("step", floating=True)
def step(xp: ArrayModule, x: Array, *, threshold: float = 0.0) -> Array:
    """z = 1 where x > threshold, else 0: the perceptron's unit. NaN stays NaN.

    It has no gradient: it is constant but for a jump, so that gradient descent cannot learn through
    it. Source: Rosenblatt, The perceptron (1958).
    """
    return xp.heaviside(x - float(threshold), xp.zeros((), x.dtype))


BY_NAME: dict[str, Callable[[Any], Tensor]] = {
    "elu": elu,
    "gelu": gelu,
    "hard_sigmoid": hardsigmoid,
    "leaky_relu": leaky_relu,
    "linear": as_tensor,
    "log_softmax": log_softmax,
    "mish": mish,
    "relu": relu,
    "relu6": relu6,
    "selu": selu,
    "sigmoid": sigmoid,
    "silu": silu,
    "softmax": softmax,
    "softplus": softplus,
    "softsign": softsign,
    "step": step,
    "swish": silu,
    "tanh": tanh,
}
"""What `Dense(units, activation="relu")` may name; the names are Keras's."""


def activation_named(name: str | None, layer: str) -> Callable[[Any], Tensor]:
    """The activation of that name; None and "linear" change nothing.

    Raises ValueError for another name, with those that there are.
    """
    if name is None:
        return as_tensor
    if not isinstance(name, str) or name not in BY_NAME:
        raise ValueError(
            f"{layer}: activation {name!r} is not known. Use one of {', '.join(BY_NAME)}, or None; "
            "any other goes behind the layer as a module of its own."
        )
    return BY_NAME[name]
