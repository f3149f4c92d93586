"""Products with Jacobians and Hessians, against calculus and against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import GraphError, ShapeError, Tensor, enable_grad, no_grad, ops
from autograd.functional import hessian, hvp, jacobian, jvp, value_and_grad, vjp

RNG = np.random.default_rng(0)
A, X, Y = RNG.standard_normal((2, 3)), RNG.standard_normal(3), RNG.standard_normal((2, 3))


def leaf(array: Any) -> Tensor:
    return Tensor(array, requires_grad=True)


def linear(x: Tensor) -> Tensor:
    return ops.matmul(Tensor(A), x)


def cubic(x: Tensor) -> Tensor:
    return (x * x * x).sum()


def mixed(x: Tensor, y: Tensor) -> Tensor:
    return (ops.sin(x) * y * y).sum()


def close(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours.detach().numpy(), np.asarray(theirs), rtol=1e-10, atol=1e-12)


def test_products_with_a_linear_map_are_its_matrix() -> None:
    x, v, u = leaf(X), Tensor(RNG.standard_normal(3)), Tensor(RNG.standard_normal(2))
    value, row = vjp(linear, x, u)
    close(value, A @ X)
    close(row, u.numpy() @ A)
    close(jvp(linear, x, v)[1], A @ v.numpy())
    close(jacobian(linear, x), A)
    assert x.grad is None


def test_second_derivatives_of_a_cubic() -> None:
    x, v = leaf(X), Tensor(RNG.standard_normal(3))
    close(hessian(cubic, x), np.diag(6 * X))
    value, product = hvp(cubic, x, v)
    close(value, (X**3).sum())
    close(product, 6 * X * v.numpy())
    assert x.grad is None


def test_several_inputs_give_tuples() -> None:
    x, y = leaf(X), leaf(Y)
    value, (dx, dy) = vjp(mixed, (x, y))
    close(value, (np.sin(X) * Y * Y).sum())
    close(dx, (np.cos(X) * Y * Y).sum(0))
    close(dy, 2 * np.sin(X) * Y)
    jx, jy = jacobian(mixed, [x, y])
    close(jx, dx.numpy())
    close(jy, dy.numpy())
    (hxx, hxy), (hyx, hyy) = hessian(mixed, (x, y))
    assert (hxx.shape, hxy.shape, hyx.shape, hyy.shape) == (
        *((3, 3), (3, 2, 3), (2, 3, 3), (2, 3, 2, 3)),
    )
    close(hxx, np.diag((-np.sin(X) * Y * Y).sum(0)))
    close(hxy.reshape(3, 6), hyx.detach().numpy().reshape(6, 3).T)
    _, (vx, vy) = hvp(mixed, (x, y), (Tensor(X), Tensor(Y)))
    flat = np.block([[hxx.numpy(), hxy.numpy().reshape(3, 6)]])
    close(vx, flat @ np.concatenate([X, Y.ravel()]))
    assert vy.shape == (2, 3)


def test_several_outputs_give_tuples() -> None:
    def both(x: Tensor) -> list[Tensor]:
        return [x * x, ops.sin(x)]

    x, v = leaf(X), Tensor(RNG.standard_normal(3))
    values, row = vjp(both, x, (v, v))
    assert isinstance(values, tuple)
    close(row, v.numpy() * (2 * X + np.cos(X)))
    _, (first, second) = jvp(both, x, v)
    close(first, 2 * X * v.numpy())
    close(second, np.cos(X) * v.numpy())


@pytest.mark.parametrize("create_graph", [False, True])
def test_what_the_function_does_not_use_has_zeros(create_graph: bool) -> None:
    x, y = leaf(X), leaf([np.inf, np.nan])

    def first(x: Tensor, y: Tensor) -> Tensor:
        return (x * x).sum()

    def constant(x: Tensor) -> Tensor:
        return Tensor(np.ones(2))

    zeros = [vjp(first, (x, y), create_graph=create_graph)[1][1]]
    zeros += [jacobian(first, (x, y), create_graph)[1], hessian(first, (x, y), create_graph)[0][1]]
    zeros += [hvp(first, (x, y), (x.detach(), y.detach()), create_graph)[1][1]]
    zeros += [value_and_grad(first, (0, 1))(x, y)[1][1], value_and_grad(first, 1)(x, y)[1]]
    zeros += [jacobian(constant, x, create_graph), jvp(constant, x, x.detach(), create_graph)[1]]
    zeros += [vjp(constant, x, np.ones(2), create_graph)[1]]
    zeros += [hessian(lambda x: x.sum(), x, create_graph)]
    zeros += [hvp(lambda x: (x * 3).sum(), x, Tensor(X), create_graph)[1]]
    shapes = [(2,), (2,), (3, 2), (2,), (2,), (2,), (2, 3), (2,), (3,), (3, 3), (3,)]
    assert [z.shape for z in zeros] == shapes
    assert all((z.detach().numpy() == 0).all() for z in zeros)


def test_results_can_be_differentiated_with_create_graph() -> None:
    x = leaf(X)
    _, row = vjp(cubic, x, create_graph=True)
    row.sum().backward()
    assert x.grad is not None
    close(x.grad, 6 * X)
    x.grad = None
    jacobian(lambda x: x * x * x, x, create_graph=True).sum().backward()
    close(x.grad, 6 * X)
    x.grad = None
    hessian(cubic, x, create_graph=True).sum().backward()
    close(x.grad, np.full(3, 6.0))
    x.grad = None
    hvp(cubic, x, x.detach(), create_graph=True)[1].sum().backward()
    close(x.grad, 6 * X)
    x.grad = None
    jvp(lambda x: x * x * x, x, x.detach(), create_graph=True)[1].sum().backward()
    close(x.grad, 6 * X * X)


def test_without_create_graph_results_are_constants() -> None:
    x = leaf(X)
    results = [*vjp(cubic, x), *jvp(cubic, x, Tensor(X)), *hvp(cubic, x, Tensor(X))]
    results += [jacobian(cubic, x), hessian(cubic, x), *value_and_grad(cubic)(Tensor(X))]
    with no_grad():
        results += value_and_grad(cubic)(x)
    assert not any(r.requires_grad for r in results)


def test_value_and_grad_composes_with_itself() -> None:
    def third(x: Tensor) -> Tensor:
        return value_and_grad(lambda x: value_and_grad(lambda x: x**4)(x)[1])(x)[1]

    for x in (Tensor(2.0, dtype="float64"), Tensor(2.0, True, dtype="float64")):
        value, slope = value_and_grad(third)(x)  # 12 x² and 24 x
        assert (float(value), float(slope)) == (48, 48)
        value, slope = value_and_grad(lambda x: value_and_grad(cubic)(x)[0] * 2)(x)
        assert (float(value), float(slope)) == (16, 24)
        assert x.grad is None
        assert x.requires_grad == value.requires_grad == slope.requires_grad


def test_value_and_grad_is_connected_to_what_its_function_closes_over() -> None:
    def outer(y: Tensor) -> Tensor:
        return value_and_grad(lambda x: x * x * y)(Tensor(3.0, dtype="float64"))[1]  # 2 x y

    assert float(value_and_grad(outer)(5.0)[1]) == 6
    x = leaf(2.0)
    _, slope = value_and_grad(lambda x: x**3)(x)
    slope.backward()
    close(x.grad, 12)
    _, slope = value_and_grad(lambda y, x: y * y * x, argnums=0)(5.0, x)
    slope.backward()
    close(x.grad, 22)


def test_transforms_nest() -> None:
    x = leaf(X)

    def slope(x: Tensor) -> Tensor:
        return vjp(cubic, x, create_graph=True)[1]

    def curvature(x: Tensor) -> Tensor:
        return jvp(slope, x, Tensor(np.ones(3)), create_graph=True)[1]

    close(jacobian(slope, x), np.diag(6 * X))
    close(curvature(x), 6 * X)
    close(jacobian(curvature, x), np.diag(np.full(3, 6.0)))
    close(value_and_grad(lambda x: slope(x).sum())(x)[1], 6 * X)


def test_value_and_grad_takes_positions_and_keywords() -> None:
    def loss(w: Tensor, b: Tensor, *, scale: float = 1.0) -> Tensor:
        return (w * w * b).sum() * scale

    value, dw = value_and_grad(loss)(2.0, 5.0, scale=10.0)
    assert (float(value), float(dw)) == (200, 200)
    _, (db, dw) = value_and_grad(loss, [1, 0])(Tensor(2.0), Tensor(5.0))
    assert (float(db), float(dw)) == (4, 20)
    shared = leaf(3.0)
    _, (dw, db) = value_and_grad(loss, (0, 1))(shared, shared)
    assert (float(dw), float(db)) == (18, 9)
    assert shared.grad is None


def test_parameters_that_the_function_closes_over_are_left_alone() -> None:
    w = leaf(X)
    value_and_grad(lambda x: (x * w).sum())(Tensor(X))
    hessian(lambda x: (x * x * w).sum(), Tensor(X))
    assert w.grad is None
    inside = w * 2
    jacobian(lambda x: x * inside, Tensor(X))
    inside.sum().backward()
    close(w.grad, np.full(3, 2.0))


def test_the_graph_of_the_point_is_left_alone() -> None:
    x = leaf(X)
    point = x * x
    for create_graph in (False, True):
        vjp(cubic, point, create_graph=create_graph)
        jvp(cubic, point, Tensor(X), create_graph=create_graph)
        hvp(cubic, point, Tensor(X), create_graph=create_graph)
    point.sum().backward()
    close(x.grad, 2 * X)


def test_arrays_and_numbers_are_taken_as_points() -> None:
    close(jacobian(lambda x: x * x, X), np.diag(2 * X))
    assert float(vjp(lambda x: x * x, 3.0)[1]) == 6
    assert float(jvp(lambda x: x * x, 3.0, 2.0)[1]) == 12
    x = leaf([1.0, 2.0])
    assert vjp(lambda x: x * x, x, [0.5, 1.0])[1].tolist() == [1, 4]
    assert jvp(lambda x: x * x, x, [0.5, 1.0])[1].tolist() == [1, 4]


def test_under_no_grad_the_same_numbers_come_out() -> None:
    x = leaf(X)
    with no_grad():
        close(vjp(cubic, x)[1], 3 * X * X)
        close(jvp(cubic, x, Tensor(X))[1], (3 * X**3).sum())
        close(hvp(cubic, x, Tensor(X))[1], 6 * X * X)
        close(hessian(cubic, x), np.diag(6 * X))
        close(jacobian(linear, x), A)
        close(value_and_grad(cubic)(x)[1], 3 * X * X)
        with enable_grad():
            assert vjp(cubic, x, create_graph=True)[1].requires_grad


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (1, 1)])
def test_shapes_of_edge_cases(shape: tuple[int, ...]) -> None:
    x = leaf(np.ones(shape))
    assert jacobian(lambda x: x * x, x).shape == shape * 2
    assert hessian(lambda x: (x * x).sum(), x).shape == shape * 2
    assert isinstance(jvp(lambda x: x * x, x, Tensor(np.ones(shape)))[1].data, np.ndarray)


def test_wrong_arguments_are_named() -> None:
    x = leaf(X)
    with pytest.raises(GraphError, match=r"value_and_grad: .* not shape \(3,\)"):
        value_and_grad(lambda x: x * 2)(x)
    with pytest.raises(GraphError, match=r"hessian: .* not shape \(3,\)"):
        hessian(lambda x: x * 2, x)
    with pytest.raises(GraphError, match=r"hvp: .* not shape \(3,\)"):
        hvp(lambda x: x * 2, x, x.detach())
    with pytest.raises(GraphError, match=r"value_and_grad: .* not a float"):
        value_and_grad(lambda x: 3.0)(x)
    with pytest.raises(GraphError, match="vjp: the function returned a float"):
        vjp(lambda x: 3.0, x)
    with pytest.raises(ShapeError, match=r"jvp: v is \(2,\) but its input is \(3,\)"):
        jvp(cubic, x, Tensor([1.0, 2.0]))
    with pytest.raises(
        ShapeError, match="hvp: 1 inputs need a tuple of as many v, but 2 are given"
    ):
        hvp(cubic, (x,), (Tensor(X), Tensor(X)))
    with pytest.raises(ShapeError, match=r"vjp: 2 outputs need .* but a Tensor is given"):
        vjp(lambda x: (x, x), x, Tensor(X))
    with pytest.raises(IndexError, match="value_and_grad: argnums has 3, but 1 are given"):
        value_and_grad(cubic, 3)(x)
    with pytest.raises(ShapeError, match=r"the gradient is \(3,\) but the output is \(\)"):
        vjp(cubic, x, Tensor(X))
    with pytest.raises(GraphError, match="jacobian: the function must return one Tensor"):
        jacobian(lambda x: (x, x), x)


def pytorch_cases() -> list[Any]:
    def by(f: Callable[..., Any]) -> Any:
        return f

    return [
        by(lambda m, x, y: (m.exp(x) * y).sum()),
        by(lambda m, x, y: (m.tanh(x * y) * x).sum()),
        by(lambda m, x, y: ((x / (y * y + 1)) ** 3).sum()),
    ]


@pytest.mark.parametrize("case", pytorch_cases())
def test_results_agree_with_pytorch(case: Any) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    theirs = torch.autograd.functional
    ours_at, at = (leaf(X), leaf(Y)), (torch.tensor(X), torch.tensor(Y))
    v, tv = (Tensor(X), Tensor(Y)), (torch.tensor(X), torch.tensor(Y))

    def mine(x: Tensor, y: Tensor) -> Any:
        return case(ops, x, y)

    def other(x: Any, y: Any) -> Any:
        return case(torch, x, y)

    pairs = [
        (vjp(mine, ours_at)[1], theirs.vjp(other, at)[1]),
        ((jvp(mine, ours_at, v)[1],), (theirs.jvp(other, at, tv)[1],)),
        (jacobian(mine, ours_at), theirs.jacobian(other, at)),
        (hvp(mine, ours_at, v)[1], theirs.hvp(other, at, tv)[1]),
        (sum(hessian(mine, ours_at), ()), sum(theirs.hessian(other, at), ())),
        (value_and_grad(mine, (0, 1))(*ours_at)[1], torch.func.grad(other, (0, 1))(*at)),
    ]
    for ours, reference in pairs:
        for a, b in zip(ours, reference, strict=True):
            close(a, b)
