"""The reverse pass: sums over uses, several outputs, second passes, and seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import GraphError, ShapeError, Tensor, grad, no_grad, op, ops, scope


def leaf(value: Any, dtype: str = "float64") -> Tensor:
    return Tensor(np.asarray(value, dtype), requires_grad=True)


def gradient_of(function: Any, *values: Any) -> list[np.ndarray]:
    """The gradients of Σ function(leaves), weighted so that no two elements are alike."""
    leaves = [leaf(v) for v in values]
    y = function(*leaves)
    y.backward(np.arange(1.0, y.data.size + 1).reshape(y.shape))
    return [x.grad.data for x in leaves]


# One tensor used more than once


def test_a_sum_of_sums_of_one_leaf_gives_four() -> None:
    a = leaf(1.0)
    b = a + a
    c = b + b
    c.backward()
    assert a.grad.item() == 4.0


def test_a_tensor_times_itself_has_twice_itself_as_gradient() -> None:
    (g,) = gradient_of(lambda x: x * x, [1.0, -2.0, 3.0])
    np.testing.assert_array_equal(g, [2.0, -8.0, 18.0])


def test_a_tensor_minus_itself_has_gradient_zero() -> None:
    (g,) = gradient_of(lambda x: x - x, [1.0, -2.0, 3.0])
    np.testing.assert_array_equal(g, [0.0, 0.0, 0.0])


def test_a_matrix_times_itself_adds_the_gradients_of_both_places() -> None:
    x = np.arange(4.0).reshape(2, 2)
    seed = np.arange(1.0, 5.0).reshape(2, 2)
    (g,) = gradient_of(lambda t: t @ t, x)
    np.testing.assert_array_equal(g, seed @ x.T + x.T @ seed)


def test_a_tensor_joined_to_itself_adds_the_gradients_of_both_parts() -> None:
    (g,) = gradient_of(lambda x: ops.concatenate([x, x]), [5.0, 6.0])
    np.testing.assert_array_equal(g, [1.0 + 3.0, 2.0 + 4.0])


def test_choosing_between_a_tensor_and_itself_gives_the_whole_gradient() -> None:
    condition = np.array([True, False, True])
    (g,) = gradient_of(lambda x: ops.where(condition, x, x), [5.0, 6.0, 7.0])
    np.testing.assert_array_equal(g, [1.0, 2.0, 3.0])


def test_a_tensor_used_many_times_adds_every_use() -> None:
    x = leaf([1.0, 2.0])
    total = x * 0
    for factor in range(1, 11):
        total = total + x * factor
    total.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [55.0, 55.0])


def test_gradients_of_two_passes_add_up() -> None:
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    (x * 3).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [5.0, 7.0])


@given(st.integers(0, 2**16), st.floats(-4, 4))
@settings(max_examples=40, deadline=None)
def test_the_pass_is_linear_in_the_upstream_gradient(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = leaf(rng.standard_normal((2, 3))), leaf(rng.uniform(1, 2, (3,)))
    z = ops.tanh(x * y) / y + ops.where(x.data > 0, x, x * y)
    a, b = rng.standard_normal((2, *z.shape))
    first, second, both = (grad(z, [x, y], g, retain_graph=True) for g in (a, b, a + factor * b))
    for p, q, r in zip(first, second, both, strict=True):
        np.testing.assert_allclose(r.data, p.data + factor * q.data, rtol=1e-9, atol=1e-9)


def test_names_and_scopes_change_no_number() -> None:
    def gradient(is_labelled: bool) -> bytes:
        x = leaf(np.linspace(-1, 1, 7))
        if is_labelled:
            x.name = "x"
            with scope("layer"):
                y = ops.tanh(x * 3)
            y.name = "hidden"
        else:
            y = ops.tanh(x * 3)
        (y * x).sum().backward()
        return x.grad.data.tobytes()

    assert gradient(True) == gradient(False)


# Several outputs


@op("±", outputs=("plus", "minus", "whole"))
def sums(xp: Any, x: Any, y: Any) -> Any:
    """x + y, x − y, and ⌊x⌋ as integers."""
    return x + y, x - y, xp.floor(x).astype("int64")


sums.vjp(
    x=("dx = g0 + g1", lambda g: g[0] + g[1]),
    y=("dy = g0 − g1", lambda g: g[0] - g[1]),
)


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(("used", "dx", "dy"), [((0,), 1, 1), ((1,), 1, -1), ((0, 1), 2, 0)])
def test_outputs_that_nobody_uses_count_as_zeros(
    used: tuple[int, ...], dx: float, dy: float, create_graph: bool
) -> None:
    x, y = leaf([1.5, 2.5]), leaf([1.0, 2.0])
    outputs = sums(x, y)
    chosen = [outputs[i].sum() for i in used]
    del outputs
    total = chosen[0] if len(chosen) == 1 else chosen[0] + chosen[1]
    total.backward(create_graph=create_graph)
    np.testing.assert_array_equal(x.grad.data, [dx, dx])
    np.testing.assert_array_equal(y.grad.data, [dy, dy])


def test_an_output_used_twice_adds_both_uses() -> None:
    x, y = leaf([1.5, 2.5]), leaf([1.0, 2.0])
    plus, _, _ = sums(x, y)
    (plus * plus).sum().backward()
    np.testing.assert_array_equal(x.grad.data, 2 * (x.data + y.data))


def test_an_integer_output_is_not_tracked() -> None:
    _, _, whole = sums(leaf([1.5]), leaf([1.0]))
    assert not whole.requires_grad
    np.testing.assert_array_equal(whole.data, [1])


def test_outputs_of_a_sort_can_be_dropped() -> None:
    x = leaf([3.0, 1.0, 2.0])
    ops.topk(x, 2)[0].sum().backward()
    np.testing.assert_array_equal(x.grad.data, [1.0, 0.0, 1.0])


# A second pass


def test_a_second_pass_without_retain_graph_names_the_operation_and_its_line() -> None:
    x = leaf([1.0, 2.0])
    y = x * x
    y.backward(np.ones(2))
    line = y.node.where[0].co_firstlineno + 2
    message = (
        rf"^backward\(\) through 'mul' \(test_backward\.py:{line}\): its kept arrays were freed by "
        r"an earlier backward\(\)\. Pass retain_graph=True to the first call\.$"
    )
    with pytest.raises(GraphError, match=message):
        y.backward(np.ones(2))
    np.testing.assert_array_equal(x.grad.data, [2.0, 4.0])


def test_a_shared_part_walked_by_another_output_is_spent_too() -> None:
    x = leaf([1.0, 2.0])
    common = x * x
    first, second = common.sum(), (common * 2).sum()
    first.backward()
    with pytest.raises(GraphError, match="through 'mul'"):
        second.backward()
    np.testing.assert_array_equal(x.grad.data, [2.0, 4.0])


@pytest.mark.parametrize("create_graph", [False, True])
def test_with_retain_graph_a_second_pass_adds_the_same_gradient(create_graph: bool) -> None:
    x = leaf(np.arange(100.0))
    y = (x * x * x).sum()
    y.backward(retain_graph=True, create_graph=create_graph)
    first = x.grad.data.copy()
    y.backward()
    np.testing.assert_array_equal(first, 3 * x.data**2)
    np.testing.assert_array_equal(x.grad.data, 2 * first)


def test_create_graph_without_retain_graph_spends_the_graph() -> None:
    x = leaf([1.0, 2.0])
    y = (x * x * x).sum()
    y.backward(create_graph=True, retain_graph=False)
    np.testing.assert_array_equal(x.grad.detach().data, [3.0, 12.0])
    with pytest.raises(GraphError, match=r"'sum' .*freed .*retain_graph=True"):
        y.backward()
    np.testing.assert_array_equal(x.grad.detach().data, [3.0, 12.0])
    x.grad = None
    y = (x * x * x).sum()
    y.backward(create_graph=True)
    y.backward()
    np.testing.assert_array_equal(x.grad.detach().data, [6.0, 24.0])


def test_three_passes_over_a_power_give_three_times_the_gradient() -> None:
    x = leaf(2.0)
    y = x**4
    for _ in range(2):
        y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 96.0


# Seeds


def test_backward_from_several_numbers_asks_for_a_gradient() -> None:
    with pytest.raises(GraphError, match=r"output of shape \(2,\).*\.sum\(\) or \.mean\(\)"):
        (leaf([1.0, 2.0]) * 2).backward()


def test_a_gradient_of_another_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"gradient is \(3,\) but the output is \(2,\)"):
        (leaf([1.0, 2.0]) * 2).backward(np.ones(3))


def test_backward_from_an_untracked_tensor_says_how_to_track_it() -> None:
    with pytest.raises(GraphError, match="requires_grad=True"):
        Tensor(1.0).backward()


def test_backward_through_an_operation_without_gradient_names_it_and_its_line() -> None:
    y = ops.floor(leaf(1.5))
    with pytest.raises(GraphError, match=r"'floor' \(test_backward\.py:\d+\), which has no"):
        y.backward()


def test_the_seed_takes_the_dtype_of_the_output() -> None:
    x = leaf([1.0, 2.0], "float32")
    (x * 2).backward(np.ones(2, "float64"))
    assert x.grad.dtype == np.float32


def test_a_leaf_can_be_its_own_output() -> None:
    x = leaf(3.0)
    x.backward()
    assert x.grad.item() == 1.0


def test_backward_works_under_no_grad() -> None:
    x = leaf(3.0)
    y = x * x
    with no_grad():
        y.backward()
    assert x.grad.item() == 6.0
    assert not x.grad.requires_grad
