"""Why a gradient is what it is: paths, products, sum, and a check."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import autograd
from autograd import GraphError, Tensor, op, ops
from tests import standin
from tests.viz.graphs import leaf, lecture, matrix, recurrent, square_plus_self, two_layers
from viz.explain import explain
from viz.stepping import step

SCALARS = [
    ("사과 가격", 2.2),
    ("사과 개수", 110),
    ("귤 가격", 3.3),
    ("귤 개수", 165),
    ("소비세", 650),
]


def test_the_lecture_s_price_is_explained_as_the_lecture_does() -> None:
    assert str(explain("사과 가격", of=lecture())) == (
        "∂최종 금액/∂사과 가격 = 2.2\n"
        "  1 path: 최종 금액 ─×소비세 1.1→ 650 ─+ 1→ 200 ─×사과 개수 2→ 사과 가격"
        "     1.1 · 1 · 2 = 2.2\n"
        "  reading: 사과 가격 + 1 → 최종 금액 + 2.2      central difference: 2.2 ok"
    )


@pytest.mark.parametrize(("name", "g"), SCALARS)
def test_every_input_of_the_lecture_s_graph_has_its_gradient(name: str, g: float) -> None:
    found = explain(name, of=lecture())
    assert found.gradient == pytest.approx(g)
    assert found.total == pytest.approx(g)
    assert found.difference == pytest.approx(g)
    assert found.count == len(found.paths) == 1
    assert found.is_ok is True


def test_a_value_used_three_times_has_three_paths() -> None:
    found = explain("x", of=square_plus_self())
    assert [path.value for path in found.paths] == [3.0, 3.0, 1.0]
    assert [path.factors for path in found.paths] == [(1.0, 3.0), (1.0, 3.0), (1.0,)]
    assert str(found).splitlines()[1:] == [
        "  3 paths:",
        "    y ─+ 1→ 9 ─× 3→ x     1 · 3 = 3",
        "    y ─+ 1→ 9 ─× 3→ x     1 · 3 = 3",
        "    y ─+ 1→ x             1",
        "    sum                   7",
        "  reading: x + 1 → y + 7      central difference: 7 ok",
    ]


def test_more_than_twenty_paths_show_the_five_largest_and_the_rest() -> None:
    x = y = Tensor(1.0, True, dtype="float64", name="x")
    for _ in range(40):
        y = y * 0.5 + y * 0.25
    found = explain(x, of=y)
    assert (found.count, len(found.paths)) == (2**40, 5)
    assert found.rest == pytest.approx(0.75**40 - sum(path.value for path in found.paths))
    assert "  1,099,511,627,776 paths, the largest first:" in str(found)
    assert "    1,099,511,627,771 more" in str(found)
    assert found.is_ok is True


def test_a_name_of_the_caller_s_variable_is_used() -> None:
    price, count = leaf(3.0), leaf(4.0)
    bill = price * count
    assert str(explain(price, of=bill)).startswith("∂bill/∂price = 4\n  1 path: bill ─×count 4→")


def test_the_names_of_a_model_s_parameters_are_used() -> None:
    w = matrix(2, 2)
    ws = [w]
    y = (ws.pop() @ matrix(2, 2)).sum()
    text = str(explain(y.node and w, of=y, params={"fc1.weight": w}))
    assert "→ fc1.weight" in text


def test_a_gradient_that_is_given_stands_first_in_the_product() -> None:
    x = leaf(2.0, "x")
    y = x * 3
    found = explain(x, of=y, gradient=0.5)
    assert str(found).splitlines()[:2] == [
        "∂L/∂x = 1.5",
        "  1 path: y ─× 3→ x     0.5 · 3 = 1.5",
    ]
    assert found.is_ok is True


def test_an_inner_value_is_explained_too() -> None:
    x = leaf(2.0)
    h = x * x
    y = ops.exp(h) * h
    assert explain(h, of=y).gradient == pytest.approx(np.exp(4) * 5, rel=1e-5)
    assert explain(h, of=y).is_ok is True
    assert explain(y, of=y).gradient == 1.0


def test_a_matrix_has_its_shape_and_norm() -> None:
    y = two_layers()
    found = explain("net.fc1.weight", of=y)
    assert found.gradient.shape == (4, 3)
    np.testing.assert_allclose(found.total, found.gradient)
    assert found.is_ok is True
    assert "central difference in a random direction: " in str(found)


@pytest.mark.parametrize("element", [(1, 2), (-2, -1)])
def test_an_element_is_named_by_its_index_or_by_taking_it(element: tuple[int, int]) -> None:
    w = matrix(3, 3, "W")
    y = ops.tanh(w @ w).sum()
    g = autograd.grad(y, w, retain_graph=True)[0].numpy()[1, 2]
    for found in (
        explain(w, of=y, element=element),
        explain(w[element], of=y),
        explain(f"W{list(element)}", of=y),
    ):
        assert found.gradient == pytest.approx(g)
        assert found.is_ok is True
        assert str(found).startswith("∂y/∂W[1, 2] = ")


def test_the_steps_of_a_recurrent_net_are_paths() -> None:
    found = explain("Wh", of=recurrent(4))
    assert found.count == 4
    assert found.is_ok is True


def test_too_many_paths_of_arrays_are_told_apart_by_their_last_operation() -> None:
    h = w = matrix(2, 2, "W")
    for _ in range(11):
        h = ops.tanh(h) + h * 0.5
    y = (h + w).sum()
    found = explain(w, of=y)
    assert found.count == 2**11 + 1
    assert [path.count for path in found.paths] in (
        [1024, 1024, 1],
        [1, 1024, 1024],
        [1024, 1, 1024],
    )
    np.testing.assert_allclose(found.total, found.gradient)
    assert "  2,049 paths, too many to follow; by their last operation:" in str(found)
    assert found.is_ok is True


def test_a_kink_is_said_plainly() -> None:
    x = leaf(0.0, "x")
    found = explain(x, of=ops.relu(x))
    assert found.is_ok is False
    assert "central difference: 0.5 differs from 0: a kink, 0 on the left, 1 on the right" in str(
        found
    )
    assert "0 ok, at a kink: -1 on the left, 1 on the right" in str(explain(x, of=abs(x)))


def test_near_a_kink_and_at_a_minimum_the_check_agrees() -> None:
    for value in (1e-9, -1e-9, 3.0):
        x = Tensor(value, True, dtype="float64")
        found = explain(x, of=abs(x))
        assert found.is_ok is True
        assert "kink" not in str(found)
    x = Tensor(0.0, True, dtype="float64")
    assert "kink" not in str(explain(x, of=x * x))


def test_a_wrong_rule_is_found() -> None:
    @op("f")
    def wrong(xp: object, x: object) -> object:
        return x * x

    wrong.vjp(x=("∂z/∂x = x", lambda g, x: g * x))
    x = Tensor(3.0, True, name="x")
    found = explain(x, of=wrong(x))
    assert found.is_ok is False
    assert found.difference == pytest.approx(6.0)
    assert "6 differs from 3: a rule is wrong" in str(found)


def test_a_gradient_that_is_not_finite_is_not_checked() -> None:
    x = Tensor(0.0, True, name="x")
    found = explain(x, of=ops.sqrt(x))
    assert found.is_ok is None
    assert "none, because the gradient is not finite" in str(found)


def test_explaining_leaves_no_gradient_behind_and_can_be_repeated() -> None:
    y = square_plus_self()
    assert str(explain("x", of=y)) == str(explain("x", of=y)) == repr(explain("x", of=y))
    x = y.node.parents[1].tensor()
    assert x is None or x.grad is None
    y.backward()
    assert explain("x", of=y).is_ok is True


def test_a_graph_made_with_create_graph_is_explained() -> None:
    x = Tensor(2.0, True, dtype="float64", name="x")
    (first,) = autograd.grad(x * x * x, x, create_graph=True)
    found = explain(x, of=first)
    assert found.gradient == 12.0
    assert found.is_ok is True


def test_questions_without_an_answer_are_refused() -> None:
    y, stranger = square_plus_self(), leaf(1.0, "z")
    with pytest.raises(ValueError, match=r"no gradient reaches z, since .* does not depend on it"):
        explain(stranger, of=y)
    with pytest.raises(ValueError, match=r"nothing here is called q\. Names: x, y\."):
        explain("q", of=y)
    with pytest.raises(IndexError, match=r"it has no element \[3\]"):
        explain("x", of=y, element=3)
    with pytest.raises(TypeError, match="x is int"):
        explain(3, of=y)
    with pytest.raises(TypeError, match="of is float"):
        explain("x", of=3.0)
    with pytest.raises(GraphError, match=r"explain\(\) needs a gradient"):
        explain("W", of=matrix(2, 2, "W") * 2)
    c = Tensor(2.0, name="c")
    with pytest.raises(GraphError, match="c does not require grad"):
        explain(c, of=c * stranger)


def test_a_graph_on_a_device_is_computed_again_on_the_host() -> None:
    with standin.installed() as cupy:
        x = Tensor(2.0, True, name="x", device="cuda")
        assert explain(x, of=ops.exp(x) * x + x).is_ok is True
        w = Tensor(np.ones((4, 3)), True, name="W", device="cuda")
        rows = w[cupy.asarray(np.array([0, 2, 0]))]
        for found in (
            explain(w, of=ops.tanh(rows).sum()),
            explain(w[0, 1], of=(rows * w[1]).sum()),
        ):
            assert found.is_ok is True


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_check_knows_how_exact_a_gradient_can_be(dtype: str) -> None:
    rng = np.random.default_rng(0)
    x, w = (
        Tensor(rng.standard_normal((8, 8)).astype(dtype), True, name=name) for name in ("x", "W")
    )
    y = ops.cross_entropy(ops.tanh(x @ w) @ w, np.arange(8))
    assert explain(w, of=y).is_ok is True
    assert explain(w[2, 3], of=y).is_ok is True


def test_a_function_that_turns_within_a_step_is_checked_with_a_smaller_one() -> None:
    x = Tensor(3.7, True, dtype="float64")
    found = explain(x, of=ops.sin(x * 1e6))
    assert found.is_ok is True
    assert found.difference == pytest.approx(found.gradient, rel=1e-2)


def test_what_rounding_hides_is_not_called_right() -> None:
    x = Tensor(1.0, True, dtype="float64")
    found = explain(x, of=x * 1e-9 + 1e15)
    assert found.is_ok is None
    assert "lost in rounding" in found.note


def test_an_output_that_is_not_finite_is_not_checked() -> None:
    x = Tensor(1e200, True, dtype="float64")
    with np.errstate(all="ignore"):
        y = x * x
    assert explain(x, of=y).note == "the output is not finite"


def test_an_empty_array_is_explained() -> None:
    x, w = Tensor(np.ones((0, 3)), True), Tensor(np.ones((3, 2)), True)
    y = (x @ w).sum()
    assert explain(w, of=y).is_ok is True
    assert explain(x, of=y).note == "it holds no numbers"


def test_no_hook_inside_a_checkpoint_runs() -> None:
    x, seen = leaf(3.0, "x"), []

    def inside(a: Tensor) -> Tensor:
        b = a * a
        b.register_hook(lambda g: seen.append(g))
        return b

    y = autograd.checkpoint(inside, x) * x
    assert explain(x, of=y).gradient == 27.0
    assert seen == []


def test_arrays_that_a_backward_freed_while_stepping_are_said() -> None:
    x = Tensor(np.ones(300_000), requires_grad=True, name="x")
    y = (x * x).sum()
    stepper = step(y)
    y.backward()
    with pytest.raises(GraphError, match=r"'mul' .* were freed by a backward\(\)\. Pass retain"):
        stepper.explain("x")


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda w: w[0], "made by getitem from W, and .* Pass W as a whole; element=.0, 0. expl"),
        (lambda w: w.T, "made by transpose from W, and .* Pass W as a whole"),
    ],
)
def test_a_tensor_made_after_the_output_is_said_to_be_a_new_one(
    make: Callable[[Tensor], Tensor], text: str
) -> None:
    w = matrix(3, 3, "W")
    with pytest.raises(ValueError, match=text):
        explain(make(w), of=ops.tanh(w @ w).sum())
