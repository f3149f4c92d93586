"""Operations that users declare: in a script, in a REPL, well and badly."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import DTypeError, GraphError, ShapeError, Tensor, gradcheck, gradgradcheck, op, ops
from autograd.op import REGISTRY

ROOT = Path(__file__).parents[2]


def leaf(*values: float, dtype: str = "float64") -> Tensor:
    return Tensor(np.array(values, dtype), requires_grad=True)


@op("swish")
def swish(xp: Any, x: Any, *, beta: float = 1.0) -> Any:
    """z = x · σ(β · x)"""
    return x / (1 + xp.exp(-beta * x))


swish.vjp(
    x=(
        "∂z/∂x = 1 / (1 + exp(−beta · x)) + beta · z · (1 − 1 / (1 + exp(−beta · x)))",
        lambda g, x, z, beta, xp: g * (1 + beta * (x - z)) / (1 + xp.exp(-beta * x)),
    )
)


def test_a_user_s_operation_passes_both_checks_and_keeps_its_words() -> None:
    x = leaf(0.5, -1.0)
    assert gradcheck(swish, [x])
    assert gradcheck(lambda x: swish(x, beta=2.0), [x])
    assert gradgradcheck(lambda x: swish(x, beta=2.0), [x])
    assert "σ" in (swish.__doc__ or "")
    assert repr(swish) == "<op swish swish>"
    assert "swish" not in REGISTRY


def test_a_user_s_operation_takes_numbers_lists_arrays_and_keeps_dtype() -> None:
    for x in (0.5, [0.5], np.float32(0.5), np.array([0.5], "float32")):
        assert swish(x).dtype == np.float32
    for dtype in ("float16", "float32", "float64"):
        x = leaf(0.5, dtype=dtype)
        y = swish(x)
        y.sum().backward()
        assert x.grad is not None
        assert y.dtype == x.grad.dtype == dtype


SESSION = """\
import numpy as np
from autograd import Tensor, gradcheck, gradgradcheck, grad, op
@op("x³")
def cube(xp, x):
    return x * x * x

print(float(cube(2.0)))
cube.vjp(x=("∂z/∂x = 3 · x · x", lambda g, x: g * 3 * x * x))
x = Tensor(2.0, requires_grad=True, dtype="float64", name="x")
y = cube(x)
y.backward(create_graph=True)
print(float(x.grad), *(float(v) for v in grad(x.grad, x)))
print(gradcheck(cube, [x]), gradgradcheck(cube, [x]))
"""

DRAWING = """\
import viz
text = viz.draw(cube(x)).to_text()
print("x³" in text, "8" in text)
"""


def repl(session: str) -> subprocess.CompletedProcess[str]:
    """Python fed line by line, as at its prompt: no source of what is typed can be looked up."""
    command = [sys.executable, "-W", "error", "-i", "-q"]
    return subprocess.run(
        command,
        input=session,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        timeout=60,
    )


def test_five_lines_in_a_repl_make_an_operation() -> None:
    done = repl(SESSION + DRAWING)
    assert done.stdout.split() == "8.0 12.0 12.0 True True True True".split(), done.stderr
    assert "Error" not in done.stderr


def test_an_error_in_a_repl_names_the_operation() -> None:
    done = repl(SESSION + "y.backward()\ny.backward()\n")
    line = r"GraphError: backward\(\) through 'cube' \(<(stdin|python-input-\d+)>(-\d+)?:1\)"
    assert re.search(line, done.stderr), done.stderr


def test_code_that_is_executed_without_a_module_name_can_declare() -> None:
    scope: dict[str, Any] = {"op": op}
    exec(SESSION.split("print")[0].split("op\n", 1)[1], scope)
    assert float(scope["cube"](3.0)) == 27


def test_rules_may_come_after_the_first_call_and_be_replaced() -> None:
    @op("5x")
    def five(xp: Any, x: Any) -> Any:
        return x * 5

    x = leaf(1.0)
    assert not five(x).requires_grad
    five.vjp(x=("∂z/∂x = 4", lambda g: g * 4))
    five(x).sum().backward()
    assert not gradcheck(five, [x], raise_exception=False)
    five.vjp(x=("∂z/∂x = 5", lambda g: g * 5))
    assert gradcheck(five, [x])


def test_optional_inputs_settings_and_shapes() -> None:
    @op("affine")
    def affine(xp: Any, x: Any, w: Any, b: Any = None, *, scale: float = 1.0) -> Any:
        z = (x @ w) * scale
        return z if b is None else z + b

    affine.vjp(
        x=("dx = scale · (g @ wᵀ)", lambda g, w, scale: (g @ w.T) * scale),
        w=("dw = scale · (xᵀ @ g)", lambda g, x, scale: (x.T @ g) * scale),
        b=("dx = g", lambda g, b_shape: g.sum(axis=0).reshape(b_shape)),
    )
    rng = np.random.default_rng(0)
    x, w, b = (leaf(*rng.standard_normal(n)) for n in (6, 6, 2))
    x2, w2 = Tensor(x.data.reshape(2, 3), True), Tensor(w.data.reshape(3, 2), True)
    for inputs in (
        [x2, w2, b],
        [x2, w2],
        [x2, w2, None],
        [x2.detach(), w2, b],
        [x2, w2, b.detach()],
    ):
        assert gradcheck(lambda *v: affine(*v, scale=3.0), inputs)
        assert gradgradcheck(lambda *v: affine(*v, scale=3.0), inputs)
    with pytest.raises(TypeError, match="missing 1 required"):
        affine(x2)
    with pytest.raises(TypeError, match="unexpected keyword"):
        affine(x2, w2, bias=b)
    with pytest.raises(ValueError, match="matmul") as error:
        affine(x2, x2)
    assert "in affine: x is (2, 3) and w is (2, 3)" in "".join(error.value.__notes__)


def test_several_outputs_with_some_unused() -> None:
    @op("±", outputs=("plus", "minus"))
    def both(xp: Any, x: Any, y: Any) -> Any:
        return x + y, (x - y) * y

    both.vjp(
        x=("dx = g0 + g1 · y", lambda g, y: g[0] + g[1] * y),
        y=("dx = g0 + g1 · (x − 2 · y)", lambda g, x, y: g[0] + g[1] * (x - 2 * y)),
    )
    x, y = leaf(1.0, 2.0), leaf(3.0, 5.0)
    for choose in (lambda p: p, lambda p: p[0], lambda p: p[1], lambda p: p[1] * p[0]):
        assert gradcheck(lambda x, y, choose=choose: choose(both(x, y)), [x, y])
        assert gradgradcheck(lambda x, y, choose=choose: choose(both(x, y)), [x, y])


def test_starred_inputs_get_their_position() -> None:
    @op("Σi·x")
    def weighted(xp: Any, *xs: Any, shift: float = 0.0) -> Any:
        return sum((i + 1) * x for i, x in enumerate(xs)) + shift

    weighted.vjp(xs=("dx = g · (i + 1)", lambda g, i: g * (i + 1)))
    a, b, c = leaf(1.0, 2.0), leaf(3.0), leaf(5.0, 6.0)
    assert gradcheck(lambda *xs: weighted(*xs, shift=1.0), [a, b, c])
    weighted(a, 2.0, c).sum().backward()
    assert a.grad is not None
    assert c.grad is not None
    assert (a.grad.tolist(), c.grad.tolist()) == ([1, 1], [3, 3])


def test_several_outputs_with_private_arrays_integers_and_z() -> None:
    @op("eˣ, order", outputs=("power", "order"), private=("mask",))
    def ordered(xp: Any, x: Any) -> Any:
        return (xp.exp(x), xp.argsort(x)), x > 0

    ordered.vjp(
        x=("dx = g0 · z0", lambda g, z, mask, xp: xp.where(mask, g[0] * z[0], z[0] * g[0])),
    )
    x = leaf(2.0, -1.0)
    power, order = ordered(x)
    assert order.tolist() == [1, 0]
    assert power.requires_grad
    assert not order.requires_grad
    assert gradcheck(lambda x: ordered(x)[0], [x])
    assert gradgradcheck(lambda x: ordered(x)[0], [x])


@pytest.mark.parametrize("given", [lambda x: (x, x, x), lambda x: x, lambda x: (x,)])
def test_another_number_of_outputs_than_declared_is_refused(given: Any) -> None:
    @op("two", outputs=("a", "b"))
    def two(xp: Any, x: Any) -> Any:
        return given(x)

    two.vjp(x=("dx = g0 + g1", lambda g: g[0] + g[1]))
    for x in (leaf(1.0, 2.0), Tensor([1.0, 2.0])):
        with pytest.raises(TypeError, match=r"'two': forward must return the tuple \(a, b\)"):
            two(x)


def test_starred_inputs_with_one_rule_for_all_and_with_private_arrays() -> None:
    @op("Σk·x²")
    def squares(xp: Any, *xs: Any, k: float = 1.0) -> Any:
        return sum(k * x * x for x in xs)

    squares.vjp_all(
        lambda g, xs, k, needs: tuple(
            2 * k * g * x if need else None for x, need in zip(xs, needs, strict=True)
        ),
        xs="dx = 2 · k · g · xs",
    )

    @op("·", private=("sign",))
    def times(xp: Any, *xs: Any) -> Any:
        z = xs[0] * xs[1]
        return z, z > 0

    times.vjp(xs=("dx = g", lambda g, i, xs, sign, xp: g * xs[1 - i] + xp.where(sign, 0, 0)))
    a, b = leaf(1.0, 2.0), leaf(3.0, -5.0)
    for inputs in ([a, b], [a, b.detach()], [a.detach(), b]):
        for function in (lambda *xs: squares(*xs, k=3.0), times):
            assert gradcheck(function, inputs)
            assert gradgradcheck(function, inputs)


def test_private_arrays_of_integers_and_bools_are_kept_for_the_rules() -> None:
    @op("half", private=("mask",))
    def positive(xp: Any, x: Any) -> Any:
        mask = x > 0
        return xp.where(mask, x * x, 0 * x), mask

    positive.vjp(x=("∂z/∂x = 2 · x", lambda g, x, mask, xp: xp.where(mask, 2 * x, 0 * x) * g))
    x = leaf(1.0, -2.0, 3.0)
    assert gradcheck(positive, [x])
    assert gradgradcheck(positive, [x])
    assert positive(x.detach()).tolist() == [1, 0, 9]


def test_a_floating_private_array_without_a_composite_is_refused() -> None:
    @op("x²", private=("double",))
    def square(xp: Any, x: Any) -> Any:
        return x * x, 2 * x

    square.vjp(x=("∂z/∂x = 2 · x", lambda g, double: g * double))
    with pytest.raises(DTypeError, match=r"'square'.*'double' is float64.*composite"):
        square(leaf(1.0))


BAD_SIGNATURES = [
    (lambda x: x, "first parameter must be xp"),
    (lambda: 1, "first parameter must be xp"),
    (lambda xp: 1, "needs an array parameter"),
    (lambda xp, x, k=2: x, r"k=2 looks like a setting.*Write \*, k=2"),
    (lambda xp, x, **more: x, r"\*\*more is not possible"),
    (lambda xp, a, *xs: a, "must be its only array parameter"),
]


@pytest.mark.parametrize(("forward", "message"), BAD_SIGNATURES)
def test_a_wrong_signature_fails_at_declaration(forward: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        op("?", name="bad")(forward)


def test_an_operation_without_a_symbol_fails_at_declaration() -> None:
    with pytest.raises(TypeError, match=r'@op\("×"\), not @op'):

        @op
        def nameless(xp: Any, x: Any) -> Any:
            return x


def test_wrong_rules_fail_at_declaration_and_change_nothing() -> None:
    @op("x")
    def same(xp: Any, x: Any, *, k: int = 1) -> Any:
        return x * 1

    good = ("∂z/∂x = 1", lambda g: g)
    wrong: list[tuple[dict[str, Any], str]] = [
        (
            {"x": ("∂z/∂x = 1", lambda g, w, v: g)},
            "names w, v, .* may name g, k, x, x_shape, xp, z",
        ),
        ({"x": ("∂z/∂x = 1", lambda g, i: g)}, "names i"),
        ({"x": ("∂z/∂x = 1", lambda g, y_shape: g)}, "names y_shape"),
        ({"x": good, "y": good}, "has no input 'y'; its inputs are x"),
        ({"x": lambda g: g}, "must be a pair of its formula and a function"),
        ({"x": (lambda g: g, "∂z/∂x = 1")}, "must be a pair of its formula and a function"),
    ]
    for rules, message in wrong:
        with pytest.raises(TypeError, match=message):
            same.vjp(**rules)
    with pytest.raises(TypeError, match="names w"):
        same.vjp_all(lambda g, w: (g,), x="∂z/∂x = 1")
    with pytest.raises(TypeError, match="no input 'y'"):
        same.vjp_all(lambda g: (g,), y="∂z/∂x = 1")
    with pytest.raises(ValueError, match="stands where"):
        same.vjp(x=("∂z/∂x = (", lambda g: g))
    assert not same.is_differentiable
    assert not same(leaf(1.0)).requires_grad


def test_an_input_without_a_rule_is_an_error_where_its_gradient_is_wanted() -> None:
    @op("·")
    def times(xp: Any, x: Any, y: Any) -> Any:
        return x * y

    times.vjp(x=("∂z/∂x = y", lambda g, y: g * y))
    x, y = leaf(2.0), leaf(3.0)
    times(x, y.detach()).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3]
    with pytest.raises(GraphError, match=r"no rule for its input y.*y\.detach\(\)"):
        times(x, y).sum().backward()
    assert x.grad.tolist() == [3]


def test_an_operation_without_rules_says_so_at_backward() -> None:
    @op("sign")
    def plain(xp: Any, x: Any) -> Any:
        return xp.sign(x)

    y = plain(leaf(2.0))
    assert not y.requires_grad
    with pytest.raises(
        GraphError, match=r"comes from 'plain' \(test_op.py:\d+\), which has no gradient"
    ):
        y.backward()
    with pytest.raises(GraphError, match=r"comes from 'plain' \(test_op.py:\d+\)"):
        (y * 2 + 1).sum().backward()


def test_rules_that_give_nonsense_name_the_operation() -> None:
    def declared(rule: Any) -> Any:
        @op("x")
        def same(xp: Any, x: Any) -> Any:
            return x * 1

        same.vjp(x=("∂z/∂x = 1", rule))
        return same

    cases = [
        (lambda g: None, GraphError, "the rule of 'same' gave None"),
        (lambda g: g.repeat(3), ShapeError, r"'same' gave a gradient of shape \(6,\) .* \(2,\)"),
        (lambda g: g.nothing, AttributeError, "nothing"),
    ]
    for rule, kind, message in cases:
        x = leaf(1.0, 2.0)
        with pytest.raises(kind, match=message) as error:
            declared(rule)(x).sum().backward()
        assert "in backward of 'same' (test_op.py:" in "".join(error.value.__notes__)
        assert x.grad is None


def test_rules_are_called_only_for_inputs_that_need_them() -> None:
    called = []

    @op("·")
    def times(xp: Any, x: Any, y: Any) -> Any:
        return x * y

    times.vjp(
        x=("∂z/∂x = y", lambda g, y: called.append("x") or g * y),
        y=("∂z/∂y = x", lambda g, x: called.append("y") or g * x),
    )
    times(leaf(1.0), 2.0).sum().backward()
    times(2.0, leaf(1.0)).sum().backward()
    assert called == ["x", "y"]


def test_a_node_keeps_what_the_rules_name_and_no_more() -> None:
    x, y = leaf(*range(100)), leaf(*range(100))
    kept = {
        "add": (x + y).node,
        "mul": (x * y).node,
        "mul by a constant": (x * y.detach()).node,
        "tanh": ops.tanh(x).node,
        "sum": x.sum().node,
    }
    counts = {k: sum(a is not None for a in n.kept or ()) for k, n in kept.items() if n is not None}
    assert counts == {"add": 0, "mul": 2, "mul by a constant": 1, "tanh": 1, "sum": 0}
