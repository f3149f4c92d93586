"""Gradient clipping: by the norm of all gradients together, or each element by itself.

Called between `backward()` and `step()`. Gradients are changed in place; parameters without one are
passed over.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from math import inf
from typing import Any

from autograd import Tensor, as_tensor, backend, writes
from autograd.backend import Array


def get_total_norm(
    tensors: Tensor | Iterable[Tensor], norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Tensor:
    """The norm of all the tensors' elements as one vector, ( Σ |xᵢ|ᵖ )^(1/p), shape ().

    tensors: of any shapes.  norm_type: p above 0; inf gives the largest |xᵢ|.
    error_if_nonfinite: whether a norm that is inf or NaN is an error.
    Raises ValueError for norm_type not above 0, RuntimeError for such a norm if asked.
    """
    given = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    return _in_dtype_of(given, _wide_norm(given, norm_type, error_if_nonfinite))


def _wide_norm(tensors: list[Tensor], norm_type: float, error_if_nonfinite: bool) -> Tensor:
    """get_total_norm, of half precision in single, where norms above 65504 are not infinite."""
    order = float(norm_type)
    if not order > 0:
        raise ValueError(
            f"get_total_norm: norm_type is {norm_type}; it must be above 0. Use 2, 1 or inf."
        )
    arrays = [t.data for t in tensors]
    with backend.quiet():
        parts = [_norm(array, order) for array in arrays if array.size]
        if not parts:
            return as_tensor(0.0)
        xp = backend.module_of(arrays[0])
        if len(parts) > 1:
            device = backend.device_of(parts[0])
            total = _norm(xp.stack([backend.to_device(part, device) for part in parts]), order)
        else:
            total = parts[0]
    if error_if_nonfinite and not bool(xp.isfinite(total)):
        raise RuntimeError(
            f"the norm of order {norm_type:g} of {len(arrays)} gradients is {float(total)}, so "
            "they cannot be clipped to it. Find the cause under autograd.detect_anomaly(), or pass "
            "error_if_nonfinite=False."
        )
    return as_tensor(total)


def _in_dtype_of(tensors: list[Tensor], norm: Tensor) -> Tensor:
    """norm, in half precision if all the tensors are."""
    if any(t.dtype.itemsize != 2 for t in tensors) or not tensors:
        return norm
    with backend.quiet():
        return norm.astype("float16")


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Scales all gradients, g ← g · min(1, max_norm / (‖g‖ + 10⁻⁶)); returns ‖g‖ before, shape ().

    ‖g‖ is the norm of order norm_type of all gradients as one vector.
    Raises ValueError for a negative max_norm, else as `get_total_norm` does; then no gradient has
    changed.
    Source: Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks
    (2013), algorithm 1.
    """
    owners = _with_gradient(parameters, "clip_grad_norm_")
    _check_bound("clip_grad_norm_", "max_norm", max_norm)
    gradients = [p.grad for p in owners if p.grad is not None]
    total = _wide_norm(gradients, norm_type, error_if_nonfinite)
    _scale(owners, max_norm, total)
    return _in_dtype_of(gradients, total)


def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, total_norm: Tensor
) -> None:
    """Scales all gradients by min(1, max_norm / (total_norm + 10⁻⁶)), for a norm that is known.

    total_norm: shape (), as `get_total_norm` gives it.
    Raises ValueError for a negative max_norm.
    """
    _check_bound("clip_grads_with_norm_", "max_norm", max_norm)
    _scale(_with_gradient(parameters, "clip_grads_with_norm_"), max_norm, total_norm)


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Limits every element of every gradient to [−clip_value, clip_value].

    Raises ValueError for a negative clip_value.
    """
    _check_bound("clip_grad_value_", "clip_value", clip_value)
    bound = float(clip_value)
    for parameter in _with_gradient(parameters, "clip_grad_value_"):
        gradient = _own_gradient(parameter)
        backend.module_of(gradient).clip(gradient, -bound, bound, out=gradient)
        writes.stamp(gradient)


def _scale(parameters: Iterable[Tensor], max_norm: float, total_norm: Tensor) -> None:
    """Scales the gradients of parameters that have one."""
    total = as_tensor(total_norm).data
    xp = backend.module_of(total)
    with backend.quiet():
        # A bare number would have to be read from the device: the factor stays an array.
        factor = xp.minimum(float(max_norm) / (total + 1e-6), 1.0)
        for parameter in parameters:
            gradient = _own_gradient(parameter)
            scale = backend.to_device(backend.as_array(factor), backend.device_of(gradient))
            if gradient.dtype.itemsize == 2:  # a factor below 6e-8 is 0 there
                gradient[...] = gradient.astype("float32") * scale
            else:
                scale = scale.astype(gradient.dtype)
                backend.module_of(gradient).multiply(gradient, scale, out=gradient)
            writes.stamp(gradient)


def _norm(array: Array, order: float) -> Array:
    """The norm of array's elements, a 0-d array of its dtype, of float32 for half precision."""
    xp = backend.module_of(array)
    # In float16 the square of 256 is inf already.
    flat = array.astype("float32") if array.dtype.itemsize == 2 else array
    flat = flat.reshape(-1)
    if order == 2:
        total = xp.sqrt(xp.dot(flat, flat))
    elif order == inf:
        total = abs(flat).max()
    elif order == 1:
        total = abs(flat).sum()
    else:
        total = (abs(flat) ** order).sum() ** (1.0 / order)
    return backend.as_array(total).astype(flat.dtype)


def _with_gradient(parameters: Any, owner: str) -> list[Tensor]:
    """The parameters that have a gradient. Warns if there is no parameter at all."""
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    if not given:
        warnings.warn(
            f"{owner}: there are no parameters, so nothing is clipped. A generator such as "
            "model.parameters() is empty once it was read: call it anew.",
            stacklevel=3,
        )
    return [p for p in given if p.grad is not None]


def _own_gradient(parameter: Tensor) -> Array:
    """The array of parameter's gradient, which it now owns and may write: a copy if it must be."""
    gradient = parameter.grad
    assert gradient is not None  # _with_gradient chose it
    if gradient.requires_grad or not getattr(gradient.data.flags, "writeable", True):
        parameter.grad = gradient = as_tensor(gradient.data.copy())
    return gradient.data


def _check_bound(owner: str, name: str, value: float) -> None:
    """Raises ValueError unless value is at least 0."""
    if not float(value) >= 0:
        raise ValueError(f"{owner}: {name} is {value}; it must be at least 0.")


__all__ = ["clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]
