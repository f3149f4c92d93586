"""NumPy's functions on Tensors: their arguments by place and by name, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor

X = np.array([[3.0, -1.0, 2.0], [0.5, 4.0, 1.0]])

CALLS: dict[str, Callable[[Any], Any]] = {
    "clip": lambda t: np.clip(t, 0, 1),
    "clip a_min a_max": lambda t: np.clip(t, a_min=0, a_max=1),
    "clip min max": lambda t: np.clip(t, min=0, max=1),
    "clip one side": lambda t: np.clip(t, None, 1),
    "mean": lambda t: np.mean(t, 0),
    "mean None": lambda t: np.mean(t, 1, None, None, True),
    "sum keepdims": lambda t: np.sum(t, axis=(0, 1), dtype=None, out=None, keepdims=True),
    "std ddof": lambda t: np.std(t, 0, None, None, 1),
    "var ddof": lambda t: np.var(t, axis=1, ddof=1),
    "max": lambda t: np.max(t, 1, None, True),
    "prod": lambda t: np.prod(t, 0),
    "cumsum": lambda t: np.cumsum(t, 1, None),
    "sort": lambda t: np.sort(t, 0, None),
    "sort default": lambda t: np.sort(t, order=None),
    "argsort": lambda t: np.argsort(t, 1),
    "where": lambda t: np.where(t > 1, t, 0),
    "take": lambda t: np.take(t, [0, 1], 1, None, "raise"),
    "reshape": lambda t: np.reshape(t, (3, 2), "C"),
    "transpose": lambda t: np.transpose(t, (1, 0)),
    "concatenate": lambda t: np.concatenate([t, t], 1),
    "stack": lambda t: np.stack((t, t), axis=1),
    "split": lambda t: np.split(t, 3, 1)[1],
    "dot": lambda t: np.dot(t, np.ones(3)),
    "einsum": lambda t: np.einsum("ij,kj->ik", t, t),
    "trace": lambda t: np.trace(t, 1),
    "pad": lambda t: np.pad(t, 1, "constant", constant_values=2),
    "norm": lambda t: np.linalg.norm(t, 2, 1, True),
    "zeros_like": lambda t: np.zeros_like(t),
    "expand_dims": lambda t: np.expand_dims(t, 1),
    "repeat": lambda t: np.repeat(t, 2, 0),
    "moveaxis": lambda t: np.moveaxis(t, 0, 1),
    "round": lambda t: np.round(t, 1),
    "squeeze": lambda t: np.squeeze(t[:1], 0),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_numpy_function_takes_its_arguments_as_numpy_does(name: str) -> None:
    result = CALLS[name](Tensor(X))
    assert isinstance(result, Tensor)
    np.testing.assert_allclose(result.numpy(), CALLS[name](X))


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "mean dtype": (lambda t: np.mean(t, 0, np.float64), "np.mean takes no dtype= with a Tensor"),
    "sum dtype": (lambda t: np.sum(t, dtype="int64"), "np.sum takes no dtype="),
    "sum where": (lambda t: np.sum(t, where=X > 0), "np.sum takes no where="),
    "max initial": (lambda t: np.max(t, initial=0.0), "np.max takes no initial="),
    "sort kind": (lambda t: np.sort(t, 0, "stable"), "np.sort takes no kind="),
    "reshape order": (lambda t: np.reshape(t, (3, 2), "F"), "np.reshape takes no order="),
    "take mode": (lambda t: np.take(t, [0], mode="wrap"), "np.take takes no mode="),
    "mean out": (lambda t: np.mean(t, 0, None, np.zeros(3)), "np.mean: a Tensor cannot be written"),
    "sum out": (lambda t: np.sum(t, out=np.zeros(())), "np.sum: a Tensor cannot be written"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_argument_that_only_numpy_knows_is_refused_by_name(name: str) -> None:
    call, message = REFUSED[name]
    with pytest.raises(TypeError, match=message):
        call(Tensor(X))


def test_gradients_flow_through_positional_settings() -> None:
    x = Tensor(X, requires_grad=True)
    np.std(x, 0, None, None, 1).sum().backward()
    assert x.grad is not None
    centred = X - X.mean(0)
    np.testing.assert_allclose(x.grad.numpy(), centred / X.std(0, ddof=1))


def test_an_array_is_looked_for_in_a_tensor_where_it_broadcasts() -> None:
    t = Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert np.array([1.0, 9.0]) in t
    assert np.array([9.0, 9.0]) not in t
    for wrong in (np.ones(3), Tensor([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]):
        with pytest.raises(ShapeError, match=r"in: the array is \(3,\) and the tensor is \(2, 2\)"):
            _ = wrong in t
