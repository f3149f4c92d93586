"""Elementary functions: values, edges of their domains, dtypes, and PyTorch's opinion."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops

INF = float("inf")
TORCH = {
    name: name for name in "exp expm1 exp2 log log1p log2 log10 sqrt square reciprocal".split()
}
TORCH |= {name: name for name in "sin cos tan sinh cosh tanh".split()}
TORCH |= {f"arc{name}": f"arc{name}" for name in "sin cos tan sinh cosh tanh".split()}
UNARY = [*TORCH, "cbrt"]
ROUNDING = ["floor", "ceil", "trunc", "round"]


def inside(name: str) -> np.ndarray:
    """Numbers inside the domain of the function."""
    return np.array([1.1, 1.5, 2.5]) if name == "arccosh" else np.array([0.1, 0.4, 0.9])


def slope(function: Any, *values: Any) -> list[Any]:
    leaves = [Tensor(np.asarray(v, "float64"), requires_grad=True) for v in values]
    return [g.tolist() for g in grad(function(*leaves).sum(), leaves)]


@pytest.mark.parametrize("name", [*UNARY, *ROUNDING])
def test_values_are_numpys(name: str) -> None:
    x = inside(name)
    np.testing.assert_array_equal(getattr(ops, name)(x).numpy(), getattr(np, name)(x))


@pytest.mark.parametrize("name", UNARY)
def test_pytorch_agrees_on_gradients(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    if name == "cbrt":
        pytest.skip("PyTorch has no cbrt")
    x = inside(name)
    t = torch.tensor(x, requires_grad=True)
    getattr(torch, TORCH[name])(t).sum().backward()
    np.testing.assert_allclose(slope(getattr(ops, name), x)[0], t.grad.numpy(), rtol=1e-13)


@pytest.mark.parametrize("name", [*UNARY, "arctan2", "hypot", "logaddexp"])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("shape", [(), (3,)])
def test_narrow_dtypes_stay_in_value_and_gradient(name: str, dtype: str, shape: Any) -> None:
    op = getattr(ops, name)
    xs = [
        Tensor(np.resize(inside(name), shape).astype(dtype), requires_grad=True) for _ in op.inputs
    ]
    z = op(*xs)
    gradients = grad(z.sum(), xs)
    assert {z.dtype, *(g.dtype for g in gradients)} == {np.dtype(dtype)}
    assert {z.shape, *(g.shape for g in gradients)} == {shape}


def test_integers_become_the_default_dtype_except_in_rounding() -> None:
    x = Tensor(np.array([1, 2]))
    assert ops.exp(x).dtype == ops.sqrt(x).dtype == np.float32
    assert all(getattr(ops, name)(x).dtype == x.dtype for name in ROUNDING)


def test_roots_and_the_logarithm_are_infinitely_steep_at_zero() -> None:
    with np.errstate(divide="ignore"):
        assert [slope(f, 0.0)[0] for f in (ops.sqrt, ops.cbrt, ops.log)] == [INF] * 3


def test_roundings_say_that_they_have_no_gradient() -> None:
    for name in ROUNDING:
        y = getattr(ops, name)(Tensor(1.7, requires_grad=True))
        with pytest.raises(RuntimeError, match=f"'{name}'.*has no gradient"):
            y.backward()


def test_rounding_takes_decimals_and_halves_go_to_even() -> None:
    assert ops.round([0.5, 1.5, 2.5]).tolist() == [0, 2, 2]
    assert ops.round(np.array([0.126, -0.126]), decimals=2).tolist() == [0.13, -0.13]


def test_hypot_is_flat_at_the_origin_and_does_not_overflow() -> None:
    assert slope(ops.hypot, [0.0, 3.0], [0.0, 4.0]) == [[0.0, 0.6], [0.0, 0.8]]
    x = Tensor(1e30, requires_grad=True)
    (g,) = grad(ops.hypot(x, x), x)
    assert g.item() == pytest.approx(2**0.5)


def test_second_derivatives_of_hypot_at_the_origin_are_finite() -> None:
    x = Tensor([0.0, 0.0], requires_grad=True)
    (first,) = grad(ops.hypot(x, 0.0).sum(), x, create_graph=True)
    assert grad(first.sum(), x)[0].tolist() == [0, 0]


def test_arctan2_does_not_square_tiny_or_huge_numbers() -> None:
    for scale in (1e-30, 1e30):
        x = Tensor(scale, requires_grad=True)
        (g,) = grad(ops.arctan2(x, scale), x)
        assert g.item() * scale == pytest.approx(0.5)


def test_logaddexp_is_finite_far_out_and_flat_at_minus_infinity() -> None:
    assert ops.logaddexp(1e4, -1e4).item() == 1e4
    assert slope(ops.logaddexp, [1e4, -1e4, -INF, -INF], [1e4, 1e4, 0.0, -INF]) == [
        [0.5, 0, 0, 0],
        [0.5, 1, 1, 0],
    ]


def test_inverse_functions_keep_their_digits_near_one() -> None:
    x = 1 - 2.0**-50
    exact = 2.0**50 / (2 - 2.0**-50)
    assert slope(ops.arctanh, x)[0] == pytest.approx(exact, rel=1e-15)
    assert slope(ops.arcsin, x)[0] == pytest.approx(exact**0.5, rel=1e-15)


def test_arcsinh_has_a_gradient_where_its_square_overflows() -> None:
    x = Tensor(1e30, requires_grad=True)
    assert grad(ops.arcsinh(x), x)[0].item() == pytest.approx(1e-30)


def test_round_leaves_bools_alone_and_wants_whole_decimals() -> None:
    assert ops.round(np.array([True])).dtype == bool
    with pytest.raises(ShapeError, match=r"decimals=1\.5 must be an integer"):
        ops.round(np.ones(2), 1.5)
