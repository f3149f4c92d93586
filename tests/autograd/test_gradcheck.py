"""The checker itself: it passes what is right and finds what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import (
    DTypeError,
    GraphError,
    Tensor,
    gradcheck,
    gradgradcheck,
    no_grad,
    op,
    ops,
)


@op("2x²")
def right(xp: Any, x: Any) -> Any:
    return 2 * x * x


right.vjp(x=("∂z/∂x = 4 · x", lambda g, x: g * 4 * x))


@op("2x²")
def wrong(xp: Any, x: Any) -> Any:
    return 2 * x * x


wrong.vjp(x=("∂z/∂x = 2 · x", lambda g, x: g * 2 * x))


@op("x³", private=("slope",), composite=lambda x: x * x * x * x)
def wrong_second(xp: Any, x: Any) -> Any:
    return x * x * x, 3 * x * x


wrong_second.vjp(x=("∂z/∂x = 3 · x · x", lambda g, slope: g * slope))


def leaf(*values: float) -> Tensor:
    return Tensor(np.array(values), requires_grad=True)


def test_a_right_rule_passes_both_orders() -> None:
    x = leaf(0.5, -1.0)
    assert gradcheck(right, [x])
    assert gradgradcheck(right, [x])


def test_a_wrong_rule_is_found_with_its_place_and_both_numbers() -> None:
    x = leaf(0.0, 3.0, 0.1)
    message = r"tracked input 0 at index \(1,\) .* is -?\d+\.?\d*, .* give -?\d+\.\d+"
    with pytest.raises(GraphError, match=message):
        gradcheck(wrong, [x])
    assert not gradcheck(wrong, [x], raise_exception=False)
    with pytest.raises(GraphError, match="tracked input 1"):
        gradcheck(lambda c, a, b: a * 2 + wrong(b) * c, [Tensor(1.0), leaf(1.0), leaf(2.0)])


def test_a_wrong_second_derivative_is_found_by_gradgradcheck_alone() -> None:
    x = leaf(0.5, -1.2)
    assert gradcheck(wrong_second, [x])
    with pytest.raises(GraphError, match="gradcheck: for tracked input 0"):
        gradgradcheck(wrong_second, [x])
    assert not gradgradcheck(wrong_second, [x], raise_exception=False)


def test_a_cut_graph_is_found() -> None:
    x = leaf(0.5, -1.2)
    for cut in (lambda x: x.detach() * x, lambda x: x.detach() * 2, lambda x: (x * x, x.detach())):
        with pytest.raises(GraphError, match="the gradient is"):
            gradcheck(cut, [x])

    def under_no_grad(x: Tensor) -> Tensor:
        with no_grad():
            return x * x

    with pytest.raises(GraphError, match="the gradient is 0"):
        gradcheck(under_no_grad, [x])


def test_functions_without_gradient_pass_where_they_are_flat() -> None:
    x = leaf(0.5, -1.2)
    assert gradcheck(ops.floor, [x])
    assert gradgradcheck(lambda x: x * 2, [x])
    assert gradcheck(lambda x, y: x * 2, [x, leaf(1.0)])
    assert gradgradcheck(lambda x, y: x * x, [x, leaf(1.0)])


def test_coarse_inputs_are_refused() -> None:
    for dtype in ("float32", "float16"):
        x = Tensor([1.0], requires_grad=True, dtype=dtype)
        for check in (gradcheck, gradgradcheck):
            with pytest.raises(DTypeError, match=f'{dtype}, too coarse .* dtype="float64"'):
                check(right, [x])


def test_nothing_to_check_is_an_error() -> None:
    for check in (gradcheck, gradgradcheck):
        with pytest.raises(GraphError, match="no input requires grad"):
            check(right, [Tensor(np.ones(2))])
        with pytest.raises(GraphError, match="no floating Tensor"):
            check(lambda x: x > 0, [leaf(1.0)])
        with pytest.raises(GraphError, match="returned a float, no Tensor"):
            check(lambda x: 3.0, [leaf(1.0)])


def test_inputs_are_left_as_they_were() -> None:
    x, constant = leaf(0.5, -1.0), Tensor(np.array([2.0, 3.0]))
    before = x.data
    x.grad = Tensor(np.array([7.0, 7.0]))
    for check in (gradcheck, gradgradcheck):
        assert check(
            lambda x, c, n, k: (right(x) * c * k, x.sum() * n), [x, constant, 2, None or 3]
        )
        with pytest.raises(GraphError):
            check(wrong_second if check is gradgradcheck else wrong, [x])
    assert x.data is before
    assert x.tolist() == [0.5, -1.0]
    assert x.grad.tolist() == [7, 7]


@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 0), (2, 3)])
def test_all_shapes_are_taken(shape: tuple[int, ...]) -> None:
    x = Tensor(np.full(shape, 0.5), requires_grad=True)
    assert gradcheck(right, [x])
    assert gradgradcheck(right, [x])


def test_tolerances_and_seed_can_be_given() -> None:
    x = leaf(0.5)
    assert gradcheck(wrong, [x], atol=100)
    assert not gradcheck(wrong, [x], atol=1e-8, seed=5, raise_exception=False)
    assert gradcheck(ops.exp, [x], eps=1e-4, rtol=1e-5)


def test_nan_is_a_disagreement() -> None:
    with pytest.raises(GraphError, match="nan"), np.errstate(invalid="ignore"):
        gradcheck(lambda x: ops.sqrt(x), [leaf(-1.0)])


def test_both_checks_work_under_no_grad() -> None:
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    with no_grad():
        assert gradgradcheck(lambda x: x**3, [x])
        assert not gradgradcheck(wrong_second, [x], raise_exception=False)


def test_one_tensor_may_stand_for_a_list_of_one() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, dtype="float64")
    assert gradcheck(lambda v: v * v, x)
    assert gradgradcheck(lambda v: v * v * v, x)
