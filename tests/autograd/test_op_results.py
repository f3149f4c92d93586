"""What a user's forward and rules may give: shapes, dtypes, numbers, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from functools import partial, wraps
from typing import Any

import numpy as np
import pytest

from autograd import DTypeError, ShapeError, Tensor, grad, gradcheck, gradgradcheck, op, ops


def leaf(array: Any, dtype: str = "float64") -> Tensor:
    return Tensor(np.asarray(array, dtype), requires_grad=True)


def same_as(rule: Any, forward: Any = lambda xp, x: x * 1) -> Any:
    """An operation of one input with the given rule."""
    made = op("f", name="f")(forward)
    made.vjp(x=("dx = g", rule))
    return made


# Rules


@pytest.mark.parametrize("rule", [lambda g: 3.0, lambda g: 3, lambda g: np.full(2, 3.0)])
def test_a_rule_may_give_a_number_or_an_array_also_with_create_graph(rule: Any) -> None:
    x, f = leaf([1.0, 2.0]), same_as(rule)
    f(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3, 3]
    (dx,) = grad((f(x) * x).sum(), x, create_graph=True)
    assert dx.tolist() == [4, 5]  # 3 from the rule, and f(x) = x
    assert grad(dx.sum(), x)[0].tolist() == [3, 3]


WRONG_SHAPES = [
    (lambda g: g.sum(), r"shape \(\) for an input of shape"),
    (lambda g: g.sum(axis=0), "for an input of shape"),
]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(("rule", "message"), WRONG_SHAPES)
@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_a_smaller_gradient_of_an_elementwise_operation_is_refused(
    rule: Any, message: str, shape: tuple[int, ...], create_graph: bool
) -> None:
    x = leaf(np.ones(shape))
    with pytest.raises(ShapeError, match=f"rule of 'f' gave a gradient of {message}|{message}"):
        same_as(rule)(x).sum().backward(create_graph=create_graph)
    assert x.grad is None


def test_a_smaller_gradient_of_a_broadcast_input_is_refused() -> None:
    add = op("+", name="plus")(lambda xp, x, y: x + y)
    add.vjp(x=("dx = g", lambda g: g.sum(axis=0)), y=("dx = g", lambda g: g))
    with pytest.raises(ShapeError, match=r"'plus' gave a gradient of shape \(3,\)"):
        add(leaf(np.ones((2, 3))), leaf(np.ones(3))).sum().backward()


def test_a_reduction_s_rule_may_leave_the_repeating_to_the_engine() -> None:
    x = leaf(np.ones((2, 3)))
    total = same_as(lambda g: g, lambda xp, x: x.sum())
    by_column = same_as(lambda g: g, lambda xp, x: x.sum(axis=0))
    assert gradcheck(total, [x])
    assert gradgradcheck(lambda x: by_column(x) ** 2, [x])


# Forwards


@pytest.mark.parametrize(
    "value", [2 + 1j, [1.0, 2.0], (1.0,), "text", None, Fraction(1, 2), Tensor(1.0)]
)
def test_a_forward_that_gives_no_array_of_numbers_is_refused(value: Any) -> None:
    f = same_as(lambda g: g, lambda xp, x: value)
    for x in (leaf(1.0), Tensor(1.0)):
        with pytest.raises(DTypeError, match=f"op 'f': forward gave a {type(value).__name__}"):
            f(x)


def test_a_forward_that_gives_integers_is_refused_where_a_gradient_is_wanted() -> None:
    f = same_as(lambda g: g, lambda xp, x: x.astype("int64"))
    assert f(Tensor([1.5])).tolist() == [1]
    with pytest.raises(DTypeError, match=r"op 'f': forward gave int64 .* declare no rule"):
        f(leaf([1.5]))
    chosen = op("f", name="f")(lambda xp, *xs: xs[0].astype("int64"))
    chosen.vjp(xs=("dx = g", lambda g, i: g))
    with pytest.raises(DTypeError, match="forward gave int64"):
        chosen(leaf([1.5]), leaf([2.5]))


@pytest.mark.parametrize("value", [2.5, np.float64(2.5), np.array(2.5)])
def test_a_number_that_a_forward_gives_becomes_an_array(value: Any) -> None:
    x, f = leaf(1.0), same_as(lambda g: g * 0, lambda xp, x: value)
    y = f(x)
    assert isinstance(y.data, np.ndarray)
    assert (y.shape, y.item()) == ((), 2.5)
    y.backward()
    assert x.grad is not None
    assert x.grad.item() == 0


@pytest.mark.parametrize("value", [3, 2.5, "text", None, [1, 2]])
def test_a_private_value_that_is_no_array_is_refused(value: Any) -> None:
    f = op("f", name="f", private=("extra",))(lambda xp, x: (x * 1, value))
    f.vjp(x=("dx = g", lambda g, extra: g))
    with pytest.raises(DTypeError, match=f"private value 'extra' is a {type(value).__name__}"):
        f(leaf(1.0))


# Forwards that are no plain functions


def doubled(forward: Any) -> Any:
    @wraps(forward)
    def wrapper(*args: Any, **settings: Any) -> Any:
        return 2 * forward(*args, **settings)

    return wrapper


@doubled
def decorated(xp: Any, x: Any) -> Any:
    return xp.exp(x)


def scaled(xp: Any, x: Any, *, by: float) -> Any:
    return xp.exp(x) * by


class Callable_:
    """2 eˣ"""

    def __call__(self, xp: Any, x: Any) -> Any:
        return 2 * xp.exp(x)


@pytest.mark.parametrize("forward", [decorated, partial(scaled, by=2.0), Callable_()])
def test_decorated_partial_and_callable_objects_are_given_xp(forward: Any) -> None:
    f = op("2eˣ", name="f")(forward)
    f.vjp(x=("∂z/∂x = z", lambda g, z: g * z))
    x = leaf([1.0, 2.0])
    np.testing.assert_allclose(f(x).detach().numpy(), 2 * np.exp([1.0, 2.0]))
    assert gradcheck(f, [x])
    assert gradgradcheck(f, [x])


# Optional inputs, and fused operations


def test_leading_inputs_may_be_left_out() -> None:
    def forward(xp: Any, a: Any = None, b: Any = None, c: Any = None) -> Any:
        return xp.exp(sum(v for v in (a, b, c) if v is not None))

    total = op("Σ", name="total", floating=True)(forward)
    total.vjp(**{n: (f"∂z/∂{n} = z", lambda g, z: g * z) for n in "abc"})
    x, y = leaf([1.0, 2.0]), leaf([3.0, -1.0])
    for function, inputs in (
        (lambda x, y: total(None, x, y), [x, y]),
        (lambda x: total(None, None, x), [x]),
        (lambda x, y: total(x, None, y), [x, y]),
        (lambda x: total(c=x), [x]),
    ):
        assert gradcheck(function, inputs)
        assert gradgradcheck(function, inputs)
    assert total(None, [1.0, 2.0], x).dtype == np.float64
    assert total(None, leaf([1.0, 2.0], "float32"), x).dtype == np.float64
    assert total(None, Tensor([1, 2]), None).dtype == np.float32


def test_second_derivatives_of_a_fused_operation_keep_each_input_s_dtype() -> None:
    def forward(xp: Any, x: Any, y: Any) -> Any:
        return x * x * y

    def composite(x: Any, y: Any) -> Any:
        return x * x * y

    fused = op("x²y", name="fused", composite=composite)(forward)
    fused.vjp(
        x=("∂z/∂x = 2 · x · y", lambda g, x, y: 2 * g * x * y),
        y=("∂z/∂y = x · x", lambda g, x: g * x * x),
    )
    x, y = leaf([2.0, 3.0], "float32"), leaf([5.0, 7.0], "float64")
    for make in (fused, composite):
        first = grad(make(x, y).sum(), [x, y], create_graph=True)
        assert [d.dtype for d in first] == [np.float32, np.float64]
        total = (first[0] * first[1]).sum()  # 2 x³ y
        second = grad(total, [x, y], create_graph=True)
        assert [d.dtype for d in second] == [np.float32, np.float64]
        np.testing.assert_allclose(second[0].detach().numpy(), [120, 378])
        np.testing.assert_allclose(second[1].detach().numpy(), [16, 54])
        third = grad(second[0].sum(), [x, y])
        assert [d.dtype for d in third] == [np.float32, np.float64]
        np.testing.assert_allclose(third[0].numpy(), [120, 252])


def test_a_fused_operation_of_the_library_keeps_dtypes_too() -> None:
    logits, target = leaf([0.3, 0.6], "float32"), leaf([0.5, 0.25], "float64")
    loss = ops.binary_cross_entropy_with_logits(logits, target)
    first = grad(loss, [logits, target], create_graph=True)
    second = grad((first[0] * first[1]).sum(), [logits, target])
    assert [d.dtype for d in (*first, *second)] == [np.float32, np.float64] * 2
