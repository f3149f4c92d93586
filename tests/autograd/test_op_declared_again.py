"""Rules that are declared anew, as in a REPL: older nodes keep theirs; bad rules are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import GraphError, Tensor, grad, op, ops


def leaf(*values: float) -> Tensor:
    return Tensor(np.array(values), requires_grad=True)


def product() -> Any:
    """x · y, whose rules keep both inputs."""
    made = op("·", name="product")(lambda xp, x, y: x * y)
    made.vjp(x=("dx = g · y", lambda g, y: g * y), y=("dx = g · x", lambda g, x: g * x))
    return made


AGAIN: dict[str, dict[str, Any]] = {
    "the same names": {"x": ("dx = g · y · 10", lambda g, y: g * y * 10)},
    "fewer names": {"x": ("dx = g", lambda g: g), "y": ("dx = g", lambda g: g)},
    "other names": {"x": ("dx = z · g", lambda g, z: g * z), "y": ("dx = g", lambda g: g)},
    "more names": {"x": ("dx = g", lambda g, x, y, z, x_shape: g)},
}


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("case", AGAIN)
def test_a_node_keeps_the_rules_that_it_was_recorded_under(case: str, create_graph: bool) -> None:
    f, x, y = product(), leaf(2.0), leaf(3.0)
    before = f(x, y).sum()
    f.vjp(**AGAIN[case])
    found = grad(before, [x, y], create_graph=create_graph)
    assert [d.item() for d in found] == [3, 2]
    fresh = product()
    fresh.vjp(**AGAIN[case])
    expected = grad(fresh(x, y).sum(), [x, y])
    found = grad(f(x, y).sum(), [x, y], create_graph=create_graph)
    assert [d.item() for d in found] == [d.item() for d in expected]


def test_each_of_several_declarations_is_remembered() -> None:
    f, x = op("x", name="f")(lambda xp, x: x * 1), leaf(1.0)
    assert not f(x).requires_grad
    made = []
    for k in range(4):
        f.vjp(x=("dx = g", _times(k)))
        made.append(f(x).sum())
    assert [grad(y, x, retain_graph=True)[0].item() for y in made] == [0, 1, 2, 3]
    f.vjp_all(lambda g: (g * 9,), x="dx = g")
    assert [grad(y, x)[0].item() for y in (*made, f(x).sum())] == [0, 1, 2, 3, 9]
    with pytest.raises(GraphError, match="freed"):
        made[0].backward()


def _times(k: int) -> Any:
    return lambda g: g * k


@pytest.mark.parametrize(
    ("rule", "parameter"),
    [
        (lambda g, *, x: g, "x"),
        (lambda g, **x: g, r"\*\*x"),
        (lambda g, *x: g, r"\*x"),
        (lambda g, *, xp=None: g, "xp=None"),
    ],
)
def test_a_rule_whose_parameter_cannot_be_given_by_place_is_refused(
    rule: Any, parameter: str
) -> None:
    f = op("x", name="f")(lambda xp, x: x * 1)
    for declare in (lambda: f.vjp(x=("dx = g", rule)), lambda: f.vjp_all(rule, x="dx = g")):
        with pytest.raises(TypeError, match=rf"op 'f': the rule's parameter {parameter} cannot be"):
            declare()
    assert not f.is_differentiable


def test_rules_of_built_in_and_fused_operations_stay_as_they_are() -> None:
    ops.exp(Tensor(1.0))
    with pytest.raises(TypeError, match=r"op 'exp' is built in and in use"):
        ops.exp.vjp(x=("∂z/∂x = exp(x)", lambda xp, g, x: g * xp.exp(x)))

    @op("x³", composite=lambda x: x**3)
    def cube(xp: Any, x: Any) -> Any:
        return x**3

    cube.vjp(x=("∂z/∂x = 3 · x²", lambda g, x: 3 * g * x**2))
    cube(Tensor(2.0, requires_grad=True))
    with pytest.raises(TypeError, match=r"op 'cube' is fused and in use"):
        cube.vjp(x=("∂z/∂x = 3 · z / x", lambda g, z, x: 3 * g * z / x))


def test_a_joint_rule_is_not_replaced_in_part() -> None:
    @op("q")
    def product(xp: Any, x: Any, y: Any) -> Any:
        return x * y

    product.vjp_all(lambda g, x, y: (g * y, g * x), x="∂z/∂x = y", y="∂z/∂y = x")
    with pytest.raises(TypeError, match=r"joint rule .* vjp_all\(\) again"):
        product.vjp(x=("∂z/∂x = 7", lambda g: g * 7))


def test_a_rule_on_arrays_that_gives_a_tensor_is_refused() -> None:
    @op("e")
    def power(xp: Any, x: Any) -> Any:
        return xp.exp(x)

    power.vjp(x=("∂z/∂x = exp(x)", lambda g, x: g * ops.exp(x)))
    with pytest.raises(GraphError, match=r"'power' gave a Tensor, but was handed arrays"):
        power(Tensor([1.0], requires_grad=True)).sum().backward()
