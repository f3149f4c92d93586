"""Optimizers and clipping on a device: the same numbers, and nothing copied to the host."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from autograd import Tensor, as_tensor, backend
from autograd.errors import DTypeError
from nn import optim
from tests import standin

from .cases import NAMES, build, combinations, leaves, slope, start

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's own; devices are silent


def on_device(arrays: list[np.ndarray]) -> list[Tensor]:
    """Parameters on the device."""
    return [Tensor(backend.to_device(x, "cuda"), requires_grad=True) for x in arrays]


@pytest.mark.parametrize("name", NAMES)
def test_every_optimizer_steps_on_a_device_without_copies_to_the_host(
    device: str, name: str
) -> None:
    for options in list(combinations(name))[::3]:
        host, far = leaves(start("float32")), on_device(start("float32"))
        ours, theirs = build(name, host, **options), build(name, far, **options)
        for t in (1, 2, 3):
            gradients = [slope(p.data, t) for p in host]
            for p, q, g in zip(host, far, gradients, strict=True):
                p.grad, q.grad = Tensor(g), as_tensor(backend.to_device(g, "cuda"))
            standin.copies.reset()
            ours.step()
            theirs.step()
            theirs.zero_grad(set_to_none=False)
            assert standin.copies.count == 0
        for p, q in zip(host, far, strict=True):
            assert q.dtype == np.float32
            np.testing.assert_allclose(q.data.get(), p.data, 1e-6, 1e-6)


@pytest.mark.parametrize("order", [1.0, 2.0, 3.0, float("inf")])
def test_clipping_on_a_device_copies_nothing_to_the_host(device: str, order: float) -> None:
    host, far = leaves(start("float32")), on_device(start("float32"))
    for p, q in zip(host, far, strict=True):
        p.grad, q.grad = Tensor(p.data), as_tensor(q.data.copy())
    standin.copies.reset()
    total = optim.clip_grad_norm_(far, 0.5, order)
    optim.clip_grad_value_(far, 0.1)
    assert standin.copies.count == 0
    wanted = optim.clip_grad_norm_(host, 0.5, order)
    optim.clip_grad_value_(host, 0.1)
    np.testing.assert_allclose(total.data.get(), wanted.data, 1e-6)
    for p, q in zip(host, far, strict=True):
        np.testing.assert_allclose(q.grad.data.get(), p.grad.data, 1e-6)


def test_state_made_on_the_host_moves_with_load_state_dict(device: str) -> None:
    params = leaves(start())
    optimizer = build("Adam", params)
    for p in params:
        p.grad = Tensor(slope(p.data, 1))
    optimizer.step()
    state = copy.deepcopy(optimizer.state_dict())
    for p in params:
        p._place(backend.to_device(p.data, "cuda"), True, None)
        p.grad = as_tensor(backend.to_device(slope(p.data.get(), 2), "cuda"))
    with pytest.raises(DTypeError, match=r"its state 'exp_avg' is .* on cpu\. Move or cast"):
        optimizer.step()
    optimizer.load_state_dict(state)
    optimizer.step()
    assert optimizer.state[params[0]]["step"] == 2
    assert optimizer.state[params[0]]["exp_avg"].__class__ is params[0].data.__class__


@pytest.mark.parametrize("name", NAMES)
def test_half_precision_on_a_device_is_stepped_in_single(device: str, name: str) -> None:
    host, far = leaves(start("float16")), on_device(start("float16"))
    ours, theirs = build(name, host), build(name, far)
    for t in (1, 2, 3):
        for p, q in zip(host, far, strict=True):
            g = slope(p.data, t).astype("float16")
            p.grad, q.grad = Tensor(g), as_tensor(backend.to_device(g, "cuda"))
        standin.copies.reset()
        ours.step()
        theirs.step()
        assert standin.copies.count == 0
    for p, q in zip(host, far, strict=True):
        assert q.dtype == np.float16 and q.device != "cpu"
        np.testing.assert_allclose(q.data.get(), p.data, 1e-3, 1e-3)
