"""Fused operations: first derivatives by hand, higher ones from the composite."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import GraphError, Tensor, grad, gradcheck, gradgradcheck, no_grad, op, ops


def composed(x: Tensor, w: Tensor, b: Tensor | None = None, *, scale: float = 1.0) -> Tensor:
    """scale · tanh(x @ w + b)"""
    z = x @ w
    return ops.tanh(z if b is None else z + b) * scale


@op("scaled tanh", private=("t",), composite=composed)
def fused(xp: Any, x: Any, w: Any, b: Any = None, *, scale: float = 1.0) -> Any:
    z = x @ w
    t = xp.tanh(z if b is None else z + b)
    return t * scale, t


def all_gradients(g: Any, x: Any, w: Any, t: Any, scale: float, needs: Any) -> Any:
    inner = g * (scale * (1 - t * t))
    return inner @ w.T, x.T @ inner, inner.sum(axis=0)


fused.vjp_all(all_gradients, x="dx = g @ wᵀ", w="dw = xᵀ @ g", b="dx = g")


def composed_pair(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return ops.sin(x) * y, x * x * y


@op("pair", outputs=("a", "b"), composite=composed_pair)
def fused_pair(xp: Any, x: Any, y: Any) -> Any:
    return xp.sin(x) * y, x * x * y


fused_pair.vjp_all(
    lambda g, x, y, xp: (g[0] * xp.cos(x) * y + g[1] * 2 * x * y, g[0] * xp.sin(x) + g[1] * x * x),
    x="dx = g0 · cos(x) · y + g1 · 2 · x · y",
    y="dx = g0 · sin(x) + g1 · x · x",
)


def leaves(*shapes: tuple[int, ...], seed: int = 0) -> list[Tensor]:
    rng = np.random.default_rng(seed)
    return [Tensor(rng.standard_normal(s), requires_grad=True) for s in shapes]


def inputs() -> list[Tensor]:
    return leaves((4, 3), (3, 2), (2,))


def test_the_composite_gives_the_same_value() -> None:
    for values in (inputs(), inputs()[:2]):
        np.testing.assert_allclose(
            fused(*values, scale=2.0).detach().numpy(),
            composed(*values, scale=2.0).detach().numpy(),
            rtol=1e-14,
        )


def test_both_orders_pass_with_and_without_the_optional_input() -> None:
    x, w, b = inputs()
    for values in ([x, w, b], [x, w], [x, w, None], [x.detach(), w, b], [x, w.detach(), b]):
        assert gradcheck(lambda *v: fused(*v, scale=0.7), values)
        assert gradgradcheck(lambda *v: fused(*v, scale=0.7), values)


def test_several_outputs_pass_both_orders() -> None:
    for choose in (lambda p: p, lambda p: p[0], lambda p: p[1], lambda p: p[0] * p[1]):
        x, y = leaves((3,), (3,))
        assert gradcheck(lambda x, y, choose=choose: choose(fused_pair(x, y)), [x, y])
        assert gradgradcheck(lambda x, y, choose=choose: choose(fused_pair(x, y)), [x, y])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_first_gradients_are_bit_equal_with_create_graph_on_and_off(dtype: str) -> None:
    values = [Tensor(v.data.astype(dtype), requires_grad=True) for v in inputs()]
    plain = grad((fused(*values) * 3).sum(), values)
    recorded = grad((fused(*values) * 3).sum(), values, create_graph=True)
    for a, b in zip(plain, recorded, strict=True):
        assert a.dtype == b.dtype == dtype
        np.testing.assert_array_equal(a.numpy(), b.detach().numpy())
        assert b.requires_grad


def derivatives(function: Any, x: Tensor, orders: int) -> list[np.ndarray]:
    """Σ of the output, and its derivatives along ones, up to the given order."""
    y, found = function(x).sum(), []
    for _ in range(orders):
        (y,) = grad(y, x, create_graph=True)
        found.append(y.detach().numpy())
        y = (y * y).sum()
    return found


def test_third_and_fourth_order_agree_with_the_composite() -> None:
    (x,) = leaves((4, 3))
    _, w, b = (v.detach() for v in inputs())
    ours = derivatives(lambda x: fused(x, w, b, scale=1.5), x, 4)
    theirs = derivatives(lambda x: composed(x, w, b, scale=1.5), x, 4)
    for a, c in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, c, rtol=1e-9)


def test_third_order_through_several_outputs() -> None:
    x, y = leaves((3,), (3,))
    ours = derivatives(lambda x: fused_pair(x, y.detach())[0] * fused_pair(y.detach(), x)[1], x, 3)
    theirs = derivatives(
        lambda x: composed_pair(x, y.detach())[0] * composed_pair(y.detach(), x)[1], x, 3
    )
    for a, c in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, c, rtol=1e-10)


def test_one_tensor_in_two_places() -> None:
    x, _ = leaves((3, 3), (1,))
    ours = derivatives(lambda x: fused(x, x, x[0]), x, 3)
    theirs = derivatives(lambda x: composed(x, x, x[0]), x, 3)
    for a, c in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, c, rtol=1e-9)


def test_the_gradient_s_node_is_drawn_with_a_prime() -> None:
    values = inputs()
    (dx,) = grad(fused(*values).sum(), [values[0]], create_graph=True)
    assert dx.node is not None
    parent = dx.node.parents[0]
    assert (parent.op.name, parent.op.symbol) == ("fused'", "scaled tanh'")
    assert parent.origin is not None
    assert parent.origin.op is fused


def test_a_second_walk_through_the_gradient_needs_retain_graph() -> None:
    rng = np.random.default_rng(0)
    x, w = (Tensor(rng.standard_normal((9, 9)), requires_grad=True) for _ in range(2))
    (dx,) = grad(fused(x, w).sum(), [x], create_graph=True)
    loss = (dx * dx).sum()
    first = grad(loss, [x], retain_graph=True)[0].numpy()
    np.testing.assert_array_equal(grad(loss, [x])[0].numpy(), first)
    with pytest.raises(GraphError, match="retain_graph=True"):
        grad(loss, [x])


def test_a_write_between_the_passes_is_found() -> None:
    x, w, b = inputs()
    (dx,) = grad(fused(x, w, b).sum(), [x], create_graph=True)
    with no_grad():
        w.copy_(w.data * 2)
    with pytest.raises(GraphError, match="overwritten"):
        grad((dx * dx).sum(), [x])


def test_a_fused_operation_keeps_its_inputs() -> None:
    values = inputs()
    node = fused(*values).node
    assert node is not None
    assert node.kept is not None
    assert [a.shape for a in node.kept] == [(4, 3), (3, 2), (2,), (4, 2)]


def test_a_starred_fused_operation_passes_both_orders_and_the_third() -> None:
    def plain(*xs: Tensor, k: float = 1.0) -> Tensor:
        return ops.stack([x * x * x * k for x in xs]).sum(axis=0)

    @op("Σk·x³", composite=plain)
    def cubes(xp: Any, *xs: Any, k: float = 1.0) -> Any:
        return sum(k * x * x * x for x in xs)

    cubes.vjp_all(lambda g, xs, k: tuple(3 * k * g * x * x for x in xs), xs="dx = 3 · k · g · xs²")
    a, b = leaves((3,), (3,))
    for inputs in ([a, b], [a, b.detach()]):
        assert gradcheck(lambda *xs: cubes(*xs, k=2.0), inputs)
        assert gradgradcheck(lambda *xs: cubes(*xs, k=2.0), inputs)
    ours = derivatives(lambda x: cubes(x, b, x), a, 3)
    for mine, theirs in zip(ours, derivatives(lambda x: plain(x, b, x), a, 3), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)
