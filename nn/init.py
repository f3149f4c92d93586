"""Initial values of parameters: each function here overwrites a tensor in place and returns it.

The scaled schemes (xavier, kaiming, lecun) keep the variance of signals, or of gradients, the same
from layer to layer. A weight is (out, in, *kernel) as in PyTorch: fan_in = in · kernel elements,
fan_out = out · kernel elements. Numbers are drawn from `autograd.random`, so that
`autograd.manual_seed` repeats them. Layers call these from `reset_parameters`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, inf, prod, sqrt
from typing import Any, TypeVar

import numpy as np

from autograd import Tensor, backend, no_grad, random
from autograd.errors import ShapeError

__all__ = [
    "calculate_gain",
    "constant_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "lecun_normal_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

T = TypeVar("T", bound=Tensor)
_NEGLIGIBLE = 10.0
"""Where a normal density is e^(−10²/2) of its largest value in a window, it counts as 0: no draw of
fewer than 10²⁰ numbers would tell."""


def _written(tensor: T, array: Any) -> T:
    """tensor, with array's numbers in its memory."""
    with no_grad():
        tensor.copy_(array)
    return tensor


def _drawn(tensor: T, draw: Callable[[Any, Any], Any]) -> T:
    """tensor, filled by draw(generator, dtype); half precision is drawn in single."""
    dtype = np.float64 if tensor.dtype.itemsize == 8 else np.float32
    with backend.on_device(tensor.device):
        return _written(tensor, backend.as_array(draw(random.generator(tensor.device), dtype)))


def uniform_(tensor: T, a: float = 0.0, b: float = 1.0) -> T:
    """tensor, filled from the uniform distribution on [a, b)."""
    return _drawn(
        tensor, lambda rng, dtype: a + float(b - a) * rng.random(tensor.shape, dtype=dtype)
    )


def normal_(tensor: T, mean: float = 0.0, std: float = 1.0) -> T:
    """tensor, filled from the normal distribution with that mean and standard deviation."""
    return _drawn(
        tensor,
        lambda rng, dtype: mean + float(std) * rng.standard_normal(tensor.shape, dtype=dtype),
    )


def trunc_normal_(
    tensor: T, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0
) -> T:
    """tensor, filled from the normal distribution of that mean and std, restricted to [a, b].

    mean and std are those before the restriction; a and b are values, not multiples of std.
    Raises ValueError if a ≥ b or std ≤ 0.
    Source: Robert, Simulation of truncated normal variables (1995), rejection from the uniform.
    """
    if not a < b or not std > 0:
        raise ValueError(f"trunc_normal_: a = {a}, b = {b}, std = {std}; it needs a < b, std > 0.")
    low, high = (a - mean) / std, (b - mean) / std
    nearest = min(max(low, 0.0), high)  # where the density is largest
    reach = sqrt(nearest * nearest + _NEGLIGIBLE * _NEGLIGIBLE)
    low, high = max(low, -reach), min(high, reach)

    def draw(rng: Any, dtype: Any) -> Any:
        z = rng.random((prod(tensor.shape),), dtype=dtype)
        xp = backend.module_of(z)
        wanted = xp.arange(z.size)
        while wanted.size:
            u = low + (high - low) * rng.random(wanted.shape, dtype=dtype)
            is_taken = rng.random(wanted.shape, dtype=dtype) < xp.exp((nearest**2 - u * u) / 2)
            z[wanted] = u
            wanted = wanted[~is_taken]
        return (mean + std * z).clip(a, b).reshape(tensor.shape)

    return _drawn(tensor, draw)


def constant_(tensor: T, val: float) -> T:
    """tensor, filled with val."""
    return _written(tensor, val)


def zeros_(tensor: T) -> T:
    """tensor, filled with 0."""
    return _written(tensor, 0.0)


def ones_(tensor: T) -> T:
    """tensor, filled with 1."""
    return _written(tensor, 1.0)


def eye_(tensor: T) -> T:
    """tensor, (n, m), made the identity: 1 on the diagonal, else 0.

    Raises ShapeError if it is not 2-D.
    """
    rows, columns = _matrix(tensor, "eye_")
    xp = backend.module_of(tensor.data)
    return _written(tensor, xp.eye(rows, columns, dtype=tensor.dtype))


def xavier_uniform_(tensor: T, gain: float = 1.0) -> T:
    """tensor, uniform on ±gain · √(6 / (fan_in + fan_out)): Keras's glorot_uniform.

    Raises ShapeError for fewer than two axes.
    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks (2010), eq. 16.
    """
    bound = gain * sqrt(6 / max(sum(_fans(tensor, "xavier_uniform_")), 1))
    return uniform_(tensor, -bound, bound)


def xavier_normal_(tensor: T, gain: float = 1.0) -> T:
    """tensor, normal with std gain · √(2 / (fan_in + fan_out)).

    Raises ShapeError for fewer than two axes.
    Source: Glorot and Bengio (2010), eq. 12.
    """
    return normal_(tensor, 0.0, gain * sqrt(2 / max(sum(_fans(tensor, "xavier_normal_")), 1)))


def kaiming_uniform_(
    tensor: T, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> T:
    """tensor, uniform on ±gain · √(3 / fan).

    a: negative slope, if nonlinearity is "leaky_relu".  mode: "fan_in" keeps the variance of the
    forward pass, "fan_out" that of the backward pass.  nonlinearity: see `calculate_gain`.
    Raises ShapeError for fewer than two axes, ValueError for another mode or nonlinearity.
    Source: He et al., Delving Deep into Rectifiers, arXiv:1502.01852 (2015), eq. 10.
    """
    bound = sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity, "kaiming_uniform_")
    return uniform_(tensor, -bound, bound)


def kaiming_normal_(
    tensor: T, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> T:
    """tensor, normal with std gain / √fan. The rest is as in `kaiming_uniform_`."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity, "kaiming_normal_"))


def lecun_normal_(tensor: T) -> T:
    """tensor, normal with std √(1 / fan_in): what self-normalising networks (SELU) start from.

    Raises ShapeError for fewer than two axes.
    Source: LeCun et al., Efficient BackProp (1998), §4.6; Klambauer et al., arXiv:1706.02515.
    """
    return normal_(tensor, 0.0, sqrt(1 / max(_fans(tensor, "lecun_normal_")[0], 1)))


def orthogonal_(tensor: T, gain: float = 1) -> T:
    """tensor, made gain times a random matrix with orthonormal rows or columns, the fewer of both.

    Axes after the first count as one. Raises ShapeError for fewer than two axes.
    Source: Saxe et al., Exact solutions to the nonlinear dynamics of learning, arXiv:1312.6120.
    """
    _fans(tensor, "orthogonal_")
    rows, columns = tensor.shape[0], prod(tensor.shape[1:])

    def draw(rng: Any, dtype: Any) -> Any:
        tall = rng.standard_normal((max(rows, columns), min(rows, columns)), dtype=dtype)
        xp = backend.module_of(tall)
        q, r = xp.linalg.qr(tall)
        # QR alone favours some matrices; with the signs of r's diagonal all are equally likely.
        q = q * xp.where(xp.diagonal(r) < 0, -1, 1)
        return (gain * (q if rows >= columns else q.T)).reshape(tensor.shape)

    return _drawn(tensor, draw)


def sparse_(tensor: T, sparsity: float, std: float = 0.01) -> T:
    """tensor, (n, m), normal with that std, and the fraction sparsity of each column set to 0.

    Raises ShapeError if it is not 2-D, ValueError if sparsity is outside [0, 1].
    Source: Martens, Deep learning via Hessian-free optimization (2010).
    """
    rows, columns = _matrix(tensor, "sparse_")
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparse_: sparsity is {sparsity}; a fraction is in [0, 1].")

    def draw(rng: Any, dtype: Any) -> Any:
        rank = rng.random((rows, columns), dtype=dtype).argsort(axis=0).argsort(axis=0)
        values = std * rng.standard_normal((rows, columns), dtype=dtype)
        return values * (rank >= ceil(sparsity * rows))

    return _drawn(tensor, draw)


_GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv3d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": sqrt(2.0),
    "leaky_relu": inf,  # by its slope
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which a weight's std makes up for what an activation does to the variance.

        1 for "linear", "sigmoid" and convolutions; 5/3 for "tanh"; √2 for "relu"; 3/4 for "selu";
        √(2 / (1 + param²)) for "leaky_relu", param its negative slope, 0.01 if left out

    Raises ValueError for another name.
    Source: He et al., arXiv:1502.01852 (2015), §2.2; the table is PyTorch's.
    """
    if nonlinearity not in _GAINS:
        raise ValueError(
            f"calculate_gain: {nonlinearity!r} is not known. Use one of {', '.join(_GAINS)}."
        )
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return sqrt(2 / (1 + slope * slope))
    return _GAINS[nonlinearity]


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str, name: str) -> float:
    fan_in, fan_out = _fans(tensor, name)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'{name}: mode is {mode!r}; it must be "fan_in" or "fan_out".')
    fan = fan_in if mode == "fan_in" else fan_out
    return calculate_gain(nonlinearity, a) / sqrt(max(fan, 1))


def _fans(tensor: Tensor, name: str) -> tuple[int, int]:
    """(fan_in, fan_out): how many inputs reach one output, and how many outputs one input."""
    if tensor.ndim < 2:
        raise ShapeError(
            f"{name}: the tensor is {tensor.shape}, and needs at least two axes (out, in, …). "
            "For a bias use uniform_, normal_ or zeros_."
        )
    kernel = prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


def _matrix(tensor: Tensor, name: str) -> tuple[int, int]:
    if tensor.ndim != 2:
        raise ShapeError(f"{name}: the tensor is {tensor.shape}, and must have two axes.")
    rows, columns = tensor.shape
    return rows, columns
