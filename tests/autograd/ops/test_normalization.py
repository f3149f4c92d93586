"""Normalisations against their composites and PyTorch, precision, shares of the work, errors."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import normal

ROWS = [((4, 5), -1), ((2, 3, 4), 2), ((2, 3, 4), (-2, -1)), ((2, 3, 4), (0, 1, 2)), ((6,), 0)]
CHANNELS = [(6, 3), (4, 3, 5), (2, 3, 2, 3)]


def tracked(x: np.ndarray) -> Tensor:
    return Tensor(x, requires_grad=True)


def affine(shape: tuple[int, ...], count: int) -> list[Tensor]:
    return [tracked(normal(*shape, seed=k + 1)) for k in range(count)]


@pytest.mark.parametrize("name", ["layer_norm", "rms_norm"])
@pytest.mark.parametrize(("shape", "axis"), ROWS)
def test_rows_agree_with_pytorch_and_with_the_composite(
    name: str, shape: tuple[int, ...], axis: Any
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    inner = shape[-1:] if isinstance(axis, int) else shape[-len(axis) :]
    x, rest = tracked(normal(*shape) * 3 + 1), affine(inner, 2 if name == "layer_norm" else 1)
    mirrors = [torch.tensor(v.detach().numpy(), requires_grad=True) for v in (x, *rest)]
    expected = getattr(torch.nn.functional, name)(mirrors[0], inner, *mirrors[1:], eps=1e-3)
    g = normal(*shape, seed=7)
    expected.backward(torch.tensor(g))
    op = getattr(ops, name)
    for z in (op(x, *rest, axis=axis, eps=1e-3), op.composite(x, *rest, axis=axis, eps=1e-3)):
        np.testing.assert_allclose(z.detach().numpy(), expected.detach().numpy(), rtol=1e-11)
        for found, mirror in zip(grad(z, [x, *rest], g), mirrors, strict=True):
            np.testing.assert_allclose(found.numpy(), mirror.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shape", CHANNELS)
def test_channels_agree_with_pytorch_and_with_the_composite(shape: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x, rest = tracked(normal(*shape) * 3 + 1), affine((3,), 2)
    mirrors = [torch.tensor(v.detach().numpy(), requires_grad=True) for v in (x, *rest)]
    axes = tuple(a for a in range(len(shape)) if a != 1)
    mean, var = mirrors[0].mean(axes), mirrors[0].var(axes, unbiased=False)
    z = torch.nn.functional.batch_norm(mirrors[0], None, None, *mirrors[1:], True, eps=1e-3)
    gs = [normal(*shape, seed=7), normal(3, seed=8), normal(3, seed=9)]
    torch.autograd.backward([z, mean, var], [torch.tensor(g) for g in gs])
    for outputs in (
        ops.batch_norm(x, *rest, eps=1e-3),
        ops.batch_norm.composite(x, *rest, eps=1e-3),
    ):
        for ours, theirs in zip(outputs, (z, mean, var), strict=True):
            np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-10)
        for found, mirror in zip(grad(list(outputs), [x, *rest], gs), mirrors, strict=True):
            np.testing.assert_allclose(found.numpy(), mirror.grad.numpy(), rtol=1e-9, atol=1e-12)


def called(name: str, x: Any, *rest: Any) -> Tensor:
    z: Any = getattr(ops, name)(x, *rest)
    return z[0] if isinstance(z, tuple) else z


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (name, wanted)
        for name, count in (("layer_norm", 3), ("batch_norm", 3), ("rms_norm", 2))
        for wanted in list(product([False, True], repeat=count))[1:]
    ],
    ids=str,
)
def test_a_gradient_does_not_depend_on_which_others_are_wanted(
    name: str, wanted: tuple[bool, ...]
) -> None:
    inputs = [normal(5, 4), normal(4, seed=1), normal(4, seed=2)][: len(wanted)]
    g = normal(5, 4, seed=3)
    every = [tracked(v) for v in inputs]
    expected = grad(called(name, *every), every, g)
    some = [Tensor(v, requires_grad=w) for v, w in zip(inputs, wanted, strict=True)]
    chosen = [k for k, is_wanted in enumerate(wanted) if is_wanted]
    found = grad(called(name, *some), [some[k] for k in chosen], g)
    for k, slope in zip(chosen, found, strict=True):
        np.testing.assert_allclose(slope.numpy(), expected[k].numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["layer_norm", "batch_norm"])
def test_a_large_mean_does_not_cost_the_variance(name: str) -> None:
    x = (normal(64, 32) + 1000).astype(np.float32)
    exact = x.astype(np.float64)
    axis = 1 if name == "layer_norm" else 0
    expected = (exact - exact.mean(axis, keepdims=True)) / exact.std(axis, keepdims=True)
    np.testing.assert_allclose(called(name, x).numpy(), expected, atol=2e-3)


@pytest.mark.parametrize("name", ["layer_norm", "batch_norm", "rms_norm"])
def test_half_precision_does_not_overflow_in_sums_of_squares(name: str) -> None:
    x = Tensor((normal(8, 8) * 150).astype(np.float16), requires_grad=True)
    z = called(name, x)
    assert z.dtype == np.float16 and np.isfinite(z.detach().numpy()).all()
    (slope,) = grad(z, x, normal(8, 8, seed=1).astype(np.float16))
    assert slope.dtype == np.float16 and np.isfinite(slope.numpy()).all()


@pytest.mark.parametrize("name", ["layer_norm", "batch_norm", "rms_norm"])
def test_what_does_not_vary_is_normalised_to_a_finite_number(name: str) -> None:
    x = tracked(np.zeros((3, 4)))
    z = called(name, x)
    assert not z.detach().numpy().any()
    assert np.isfinite(grad(z.sum(), x)[0].numpy()).all()


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
@pytest.mark.parametrize("name", ["layer_norm", "batch_norm", "rms_norm"])
def test_nothing_is_normalised_to_nothing(name: str, shape: tuple[int, int]) -> None:
    x, w = tracked(np.zeros(shape)), tracked(np.ones(shape[1]))
    found = grad(called(name, x, w).sum(), [x, w])
    assert [f.shape for f in found] == [shape, shape[1:]]
    assert not found[1].numpy().any()


def test_integers_are_computed_in_the_default_dtype() -> None:
    for name in ("layer_norm", "batch_norm", "rms_norm"):
        assert called(name, np.arange(6).reshape(2, 3)).dtype == np.float32


@pytest.mark.parametrize(
    ("name", "args", "settings", "message"),
    [
        ("layer_norm", (normal(2, 3),), {"axis": 0}, "axis=0 of x, which is .* its last axes"),
        ("layer_norm", (normal(2, 3), normal(2)), {}, r"weight is \(2,\) .* must be \(3,\)"),
        ("layer_norm", (normal(2, 3), None, normal(1)), {}, r"bias is \(1,\) .* must be \(3,\)"),
        ("layer_norm", (normal(2, 3),), {"axis": 2}, "axis 2"),
        ("rms_norm", (normal(2, 3), normal(2, 3)), {}, r"weight is \(2, 3\) .* must be \(3,\)"),
        ("rms_norm", (np.array(1.0),), {"axis": ()}, "its last axes"),
        ("batch_norm", (normal(3),), {}, r"x is \(3,\); it must be \(N, C, ...\)"),
        ("batch_norm", (normal(2, 3), normal(2)), {}, r"weight is \(2,\) .* must be \(3,\)"),
        ("batch_norm", (normal(2, 3), None, normal(2)), {}, r"bias is \(2,\) .* must be \(3,\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(
    name: str, args: Any, settings: Any, message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        getattr(ops, name)(*args, **settings)


@pytest.mark.parametrize("name", ["layer_norm", "rms_norm"])
def test_long_rows_are_added_up_exactly(name: str) -> None:
    x = normal(2, 300_000).astype("float32")
    z, exact = (getattr(ops, name)(v).numpy() for v in (x, x.astype("float64")))
    assert abs(z - exact).max() < 1e-5
