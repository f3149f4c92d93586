"""Names that users give: to an operation, its inputs, its settings and its private arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, gradcheck, gradgradcheck, op

TAKEN = ["z", "g", "needs", "x_shape", "_x", "_op", "__init"]
FREE = [
    *("x_a", "x_p", "x_c", "w_r", "a0", "tuple", "zip", "any", "enumerate", "Exception"),
    *("AttributeError", "self", "local", "mode", "np", "node", "args", "i", "σ", "größe"),
]


def leaf(*values: float) -> Tensor:
    return Tensor(np.array(values), requires_grad=True)


def declared(source: str, **more: Any) -> Any:
    """The operation whose forward is the lambda in source, which may use any identifier."""
    return op("f", name="f", **more)(eval(source))


# Refused


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_that_rules_need_is_refused_at_declaration(name: str) -> None:
    wanted = rf"op 'f': the name '{name}' is taken.*Rename it"
    with pytest.raises(TypeError, match=wanted):
        declared(f"lambda xp, x, {name}: x")
    with pytest.raises(TypeError, match=wanted):
        declared(f"lambda xp, x, *, {name}=1: x")
    with pytest.raises(TypeError, match=wanted):
        declared("lambda xp, x: (x, x > 0)", private=(name,))


def test_the_names_that_only_some_operations_need_are_refused_there() -> None:
    with pytest.raises(TypeError, match="the name 'i' is taken"):
        declared("lambda xp, *xs, i=1: xs[0]")
    with pytest.raises(TypeError, match="the name 'xs_shape' is taken"):
        declared("lambda xp, *xs, xs_shape=1: xs[0]")
    with pytest.raises(TypeError, match="the name 'xp' is taken"):
        declared("lambda xp, x: (x, x > 0)", private=("xp",))
    with pytest.raises(TypeError, match="the name '_x' is taken"):
        declared("lambda xp, *_x: _x[0]")
    declared("lambda xp, x, *, y_shape=1: x")  # there is no y


# Taken as they are


@pytest.mark.parametrize("name", FREE)
def test_any_other_name_works_for_an_input(name: str) -> None:
    f = declared(f"lambda xp, x, {name}, *, k=1.0: x * {name} * k")
    f.vjp(
        x=_pair(f"lambda g, {name}, k: g * {name} * k"),
        **{name: _pair("lambda g, x, k: g * x * k")},
    )
    x, y = leaf(2.0, 3.0), leaf(5.0, -1.0)
    assert gradcheck(lambda x, y: f(x, y, k=3.0), [x, y])
    assert gradgradcheck(lambda x, y: f(x, y, k=3.0), [x, y])
    assert f(x, **{name: y}).tolist() == [10, -3]


@pytest.mark.parametrize("name", FREE)
def test_any_other_name_works_for_a_setting(name: str) -> None:
    f = declared(f"lambda xp, x, *, {name}=2.0: x * x * {name}")
    f.vjp(x=_pair(f"lambda g, x, {name}: 2 * g * x * {name}"))
    x = leaf(2.0, 3.0)
    assert gradcheck(lambda x: f(x, **{name: 5.0}), [x])
    assert gradgradcheck(lambda x: f(x, **{name: 5.0}), [x])
    assert f(x).tolist() == [8, 18]


@pytest.mark.parametrize("name", FREE)
def test_any_other_name_works_for_a_private_array(name: str) -> None:
    f = declared("lambda xp, x: (x * abs(x), x > 0)", private=(name,))
    f.vjp(x=_pair(f"lambda g, x, {name}, xp: 2 * g * xp.where({name}, x, -x)"))
    x = leaf(2.0, -3.0)
    assert gradcheck(f, [x])
    assert gradgradcheck(f, [x])


@pytest.mark.parametrize("name", [n for n in FREE if n != "i"])
def test_any_other_name_works_for_starred_inputs_and_beside_them(name: str) -> None:
    f = declared(f"lambda xp, *{name}, k=2.0: {name}[0] * {name}[1] * k")
    f.vjp(**{name: _pair(f"lambda g, i, k, {name}: g * k * {name}[1 - i]")})
    assert gradcheck(f, [leaf(2.0, 3.0), leaf(5.0, -1.0)])
    assert gradgradcheck(f, [leaf(2.0, 3.0), leaf(5.0, -1.0)])
    f = declared(f"lambda xp, *xs, {name}=2.0: xs[0] * xs[1] * {name}")
    f.vjp(xs=_pair(f"lambda g, i, xs, {name}: g * {name} * xs[1 - i]"))
    assert gradcheck(f, [leaf(2.0, 3.0), leaf(5.0, -1.0)])


def _pair(source: str) -> tuple[str, Any]:
    """A rule from its source, under a formula that any operation has."""
    return "dx = g", eval(source)


# Operations


def lambda_(xp: Any, x: Any) -> Any:
    return x * x


def is_(xp: Any, x: Any) -> Any:
    return x * x


def pass_(xp: Any, x: Any) -> Any:
    return x * x


def _private(xp: Any, x: Any) -> Any:
    return x * x


@pytest.mark.parametrize("forward", [lambda_, is_, pass_, _private, lambda xp, x: x * x])
@pytest.mark.parametrize("name", [None, "my op", "x→y", "0"])
def test_an_operation_may_have_any_name(forward: Any, name: str | None) -> None:
    square = op("x²", name=name)(forward)
    square.vjp(x=("∂z/∂x = 2 · x", lambda g, x: 2 * g * x))
    x = leaf(2.0, -3.0)
    assert gradcheck(square, [x])
    assert gradgradcheck(square, [x])
    assert square.name == (name or forward.__name__.strip("_"))
    assert f"op={square.name}" in repr(square(x))
