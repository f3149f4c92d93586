"""The rules behind the steps, in the user's names and with shapes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autograd import Tensor, op, ops
from tests.viz.graphs import leaf, matrix
from viz.rule_text import array_rule, scalar_rule
from viz.value_names import ValueNames


def rule(y: Tensor, position: int = 0, *, scalar: bool = False) -> str:
    """The text of the rule of y's operation for one input."""
    node = y.node
    assert node is not None
    return (scalar_rule if scalar else array_rule)(node, position, ValueNames([node], {}, {}))


def test_a_single_input_takes_the_users_name() -> None:
    x, w = leaf(2.0, "x"), leaf(3.0, "weight")
    assert rule(x * w, 0, scalar=True) == "∂z/∂x = y = weight"
    assert rule(w * x, 0, scalar=True) == "∂z/∂x = y = x"
    assert rule(x * leaf(4.0, "y"), 0, scalar=True) == "∂z/∂x = y"
    assert rule(x + w, 0, scalar=True) == "∂z/∂x = 1"
    assert rule(ops.tanh(x), 0, scalar=True) == "∂z/∂x = 1 − z²"


@pytest.mark.parametrize(
    ("make", "position", "text"),
    [
        (lambda x, w: x @ w, 0, "dx (2, 3) = G (2, 4) @ wᵀ (4, 3)"),
        (lambda x, w: x @ w, 1, "dw (3, 4) = xᵀ (3, 2) @ G (2, 4)"),
        (lambda x, w: x + 1.0, 0, "dx (2, 3) = G (2, 3)"),
        (lambda x, w: -x, 0, "dx (2, 3) = −G (2, 3)"),
        (lambda x, w: 5.0 - x, 1, "dx (2, 3) = −G (2, 3)"),
        (lambda x, w: x / 2.0, 0, "dx (2, 3) = G (2, 3) · (1 / 2)"),
        (lambda x, w: ops.tanh(x), 0, "dx (2, 3) = G · (1 − v1²), G (2, 3)"),
        (lambda x, w: x.reshape(6), 0, "dx (2, 3) = reshape(G, (2, 3)), G (6,)"),
        (lambda x, w: x * w[0, :3], 1, "dv1 (3,) = sum of G (2, 3) · x (2, 3) over axis 0"),
        (lambda x, w: x.sum(), 0, "dx (2, 3) = G"),
        (lambda x, w: x * leaf(2.0, "s"), 1, "ds = sum of G (2, 3) · x (2, 3) over axes 0, 1"),
    ],
)
def test_arrays_show_their_shapes(
    make: Callable[[Tensor, Tensor], Tensor], position: int, text: str
) -> None:
    assert rule(make(matrix(2, 3, "x"), matrix(3, 4, "w")), position) == text


def test_names_are_not_raised_and_settings_that_are_passed_on_are_left_out() -> None:
    x, n = Tensor(np.full((2, 3), 0.5), True, name="x"), matrix(2, 3)
    assert rule(x**n) == "dx (2, 3) = G · (v1 · x^(v1 − 1)), G (2, 3)"
    assert rule(ops.cumsum(x, axis=1)).endswith("axis=1), (2, 3)), G (2, 3)")
    image, kernel = Tensor(np.ones((1, 1, 4, 4)), True), Tensor(np.ones((1, 1, 2, 2)), True)
    assert rule(ops.conv2d(image, kernel)) == (
        "dv1 (1, 1, 4, 4) = conv_input(G, v2, input_size=(1, 1, 4, 4)), G (1, 1, 3, 3)"
    )


def test_negative_numbers_stand_in_parentheses() -> None:
    assert rule(matrix(2, 2, "x") * -2.0) == "dx (2, 2) = G (2, 2) · (-2)"


def test_an_operation_of_the_users_own_is_told_by_its_formula() -> None:
    @op("cube")
    def cube(xp, x):
        return x * x * x

    cube.vjp(x=("∂z/∂x = 3 · x²", lambda g, x: g * 3 * x * x))
    assert rule(cube(leaf(2.0, "x")), scalar=True) == "∂z/∂x = 3 · x²"
    x = Tensor(np.ones(3), requires_grad=True, name="x")
    assert rule(cube(x)) == "dx (3,) = G · (3 · x²), G (3,)"
