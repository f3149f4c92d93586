"""Wrappers, methods and indices on a device: what users write that is not one registered operation.

Each line is run with NumPy and on the stand-in (or CuPy): the same numbers, no copy to the host.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, grad, ops
from tests import standin

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's own; devices are silent

Expression = Callable[[Tensor, Tensor, Callable[[Any], Tensor]], Any]
"""A function of x (3, 4), w (4, 2) and a maker of untracked tensors on the same device."""

WRAPPERS: dict[str, Expression] = {
    "stack": lambda x, w, t: ops.stack([x, x * 2], axis=1),
    "concatenate": lambda x, w, t: ops.concatenate([x, w.T], axis=0),
    "concatenate with a list": lambda x, w, t: ops.concatenate([x[0], [1.0, 2.0]]),
    "hstack, vstack": lambda x, w, t: ops.hstack([x, x]).sum() + ops.vstack([x, w.T]),
    "split": lambda x, w, t: ops.split(x, 2, axis=1),
    "unbind": lambda x, w, t: ops.unbind(x, axis=1),
    "repeat": lambda x, w, t: ops.repeat(x, 2, axis=0),
    "repeat unevenly": lambda x, w, t: ops.repeat(x, [1, 0, 2], axis=0),
    "tile": lambda x, w, t: ops.tile(x, (2, 1)),
    "roll": lambda x, w, t: ops.roll(x, 1, axis=0),
    "pad": lambda x, w, t: ops.pad(x, ((1, 0), (0, 2))),
    "einsum": lambda x, w, t: ops.einsum("ij,jk->ik", x, w),
    "einsum of one": lambda x, w, t: ops.einsum("ij->j", x),
    "tensordot": lambda x, w, t: ops.tensordot(x, w, axes=1),
    "kron": lambda x, w, t: ops.kron(x, w),
    "norm": lambda x, w, t: ops.norm(x),
    "norm p": lambda x, w, t: ops.norm(x, ord=3, axis=1),
    "norm inf": lambda x, w, t: ops.norm(x, ord=np.inf, axis=1),
    "diag": lambda x, w, t: ops.diag(x[0]),
    "topk": lambda x, w, t: ops.topk(x, 2)[0],
    "gelu": lambda x, w, t: ops.gelu(x) + ops.gelu(x, approximate="tanh"),
    "cross-entropy": lambda x, w, t: ops.cross_entropy(x, t(np.array([0, 3, 1]))),
    "cross-entropy on a list": lambda x, w, t: ops.cross_entropy(x, [0, 3, 1], reduction="none"),
    "cross-entropy on chances": lambda x, w, t: ops.cross_entropy(x, t(np.full((3, 4), 0.25))),
    "zeros_like, full_like": lambda x, w, t: x * ops.zeros_like(x) + ops.full_like(x, 2),
    "where": lambda x, w, t: ops.where(x > 0, x, 0),
    "where on scalars": lambda x, w, t: ops.where(x > 0, 1.0, 0.0) * x,
    "maximum of a number": lambda x, w, t: ops.maximum(x, 0.1) + ops.minimum(0.5, x),
    "clip": lambda x, w, t: ops.clip(x, -0.5, 0.5) + x.clip(0.1, None),
    "powers": lambda x, w, t: x**2 + x**3.0 + 2**x + (x * x) ** 0.5,
    "astype": lambda x, w, t: x.astype("float32").double(),
    "logsumexp, softmax": lambda x, w, t: x.softmax(axis=0) + x.logsumexp(axis=1, keepdims=True),
    "var, std": lambda x, w, t: x.var(axis=0, ddof=1) + x.std(axis=0),
    "mean, prod": lambda x, w, t: x.mean() * x.prod(axis=1),
    "max, min": lambda x, w, t: x.max(axis=1) - x.min(axis=1) + x.max(),
    "argmax": lambda x, w, t: ops.argmax(x, axis=1),
    "sort, argsort": lambda x, w, t: x.sort(axis=1) + ops.argsort(x, axis=0),
    "cumsum, cumprod": lambda x, w, t: x.cumsum(axis=0) + x.cumprod(axis=1),
    "shapes": lambda x, w, t: x.T.reshape(2, -1).swapaxes(0, 1).expand_dims(1).squeeze(1).ravel(),
    "permute, moveaxis": lambda x, w, t: x.permute(1, 0) + ops.moveaxis(x, 0, 1) + x.transpose(),
    "matrix products": lambda x, w, t: (x @ w).T @ x + x[0] @ x[0],
    "iteration": lambda x, w, t: [row * 2 for row in x],
    "numpy's words": lambda x, w, t: np.exp(x) + np.sum(x) + np.maximum(x, 0.0),
    "in place": lambda x, w, t: in_place(x),
    "floor, mod": lambda x, w, t: x // 1 + x % 0.7 + abs(x) - (-x),
    "trace, tril": lambda x, w, t: (
        ops.tril(x) + ops.triu(x, 1) + ops.trace(x) + ops.diagonal(x).sum()
    ),
    "conv": lambda x, w, t: ops.conv1d(x[None], ops.reshape(w, (1, 4, 2))[:, :3]),
}

INDICES: dict[str, Callable[[Callable[[Any], Tensor]], Any]] = {
    "integer": lambda t: 1,
    "negative": lambda t: (-1, 2),
    "slice": lambda t: (slice(None, None, -2), slice(1, 3)),
    "none and ellipsis": lambda t: (None, Ellipsis, 1),
    "list": lambda t: [2, 0, 0],
    "lists": lambda t: ([2, 0, 0], [1, 1, 3]),
    "host array": lambda t: np.array([[0, 2], [1, 1]]),
    "device integers": lambda t: t(np.array([2, -1, 0])),
    "mixed with a slice": lambda t: (slice(1, None), t(np.array([0, 0, 3]))),
    "host mask": lambda t: np.array([True, False, True]),
    "device mask": lambda t: t(np.array([True, False, True])),
    "full mask": lambda t: t(np.arange(12).reshape(3, 4) % 3 == 0),
    "empty": lambda t: [],
    "numpy integer": lambda t: (np.int64(1), np.int32(2)),
    "0-d tensor": lambda t: t(np.array(1)),
}


def in_place(x: Tensor) -> Tensor:
    y = x * 1
    y[0] = 2.0
    y[:, 1] = x[:, 0]
    y += x
    y *= 2
    return y


def evaluated(expression: Expression, device: str) -> list[Any]:
    """The outputs of expression on device, its gradients, and how often it read values."""
    rng = np.random.default_rng(0)
    x, w = (
        Tensor(rng.uniform(0.2, 0.9, shape), requires_grad=True, device=device)
        for shape in [(3, 4), (4, 2)]
    )
    standin.copies.reset()
    result = expression(x, w, lambda array: Tensor(array, device=device))
    results = list(result) if isinstance(result, (tuple, list)) else [result]
    tracked = [y for y in results if y.requires_grad]
    if tracked:
        loss = ops.stack([(y * y).sum() for y in tracked]).sum()
        first = grad(loss, [x, w], create_graph=True, allow_unused=True)
        results += first
        curved = [(g * g).sum() for g in first if g is not None and g.requires_grad]
        if curved:
            results += grad(ops.stack(curved).sum(), [x, w], allow_unused=True)
    assert standin.copies.count == 0, standin.copies.log
    return results


def check(expression: Expression) -> None:
    expected, found = evaluated(expression, "cpu"), evaluated(expression, "cuda")
    for a, b in zip(found, expected, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert (a.device, a.dtype, a.shape) == ("cuda:0", b.dtype, b.shape)
            np.testing.assert_allclose(
                a.detach().cpu().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-12
            )


@pytest.mark.parametrize("name", WRAPPERS)
def test_wrappers_and_methods_are_numpy_s(name: str, device: str) -> None:
    check(WRAPPERS[name])


@pytest.mark.parametrize("name", INDICES)
def test_reading_at_an_index_is_numpy_s(name: str, device: str) -> None:
    check(lambda x, w, t: x[INDICES[name](t)])


@pytest.mark.parametrize("name", INDICES)
def test_writing_at_an_index_is_numpy_s(name: str, device: str) -> None:
    def recorded(x: Tensor, w: Tensor, t: Callable[[Any], Tensor]) -> Tensor:
        y = x * 2
        y[INDICES[name](t)] = 7.0
        return y * x

    def unrecorded(x: Tensor, w: Tensor, t: Callable[[Any], Tensor]) -> Tensor:
        y = x.detach() * 2
        y[INDICES[name](t)] = 7.0
        return y

    check(recorded)
    check(unrecorded)


@pytest.mark.parametrize("index", [5, -4, (0, 9), [0, 3], np.array([-4])], ids=repr)
def test_an_index_out_of_range_is_refused_there_too(index: Any, device: str) -> None:
    x = Tensor(np.ones((3, 4)), requires_grad=True, device="cuda")
    requests = [lambda: x[index], lambda: (x * 1).__setitem__(index, 0.0)]
    requests += [lambda: x.detach().__setitem__(index, 0.0)]
    for request in requests:
        with pytest.raises(IndexError):
            request()
    for function in (ops.take, lambda x, i: ops.cross_entropy(x[:2], i)):
        with pytest.raises(IndexError):
            function(x, Tensor(np.array([0, 12]), device="cuda"))


@pytest.mark.parametrize("function", [ops.inv, ops.cholesky, lambda a: ops.solve(a, a[0])])
def test_failing_linear_algebra_is_an_error_there_too(function: Any, device: str) -> None:
    singular = Tensor(-np.ones((2, 2)), requires_grad=True, device="cuda")
    with pytest.raises(np.linalg.LinAlgError):
        function(singular)
