"""`grad()`: gradients as results, of inner tensors too, with what is unused said so."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import (
    DTypeError,
    GraphError,
    ShapeError,
    Tensor,
    enable_grad,
    grad,
    mode,
    no_grad,
    ops,
)


def leaf(value: object, dtype: str = "float64") -> Tensor:
    return Tensor(np.asarray(value, dtype), requires_grad=True)


def test_grad_returns_gradients_and_leaves_those_of_tensors_alone() -> None:
    x, y = leaf(2.0), leaf(5.0)
    dx, dy = grad(x * x * y, [x, y])
    assert (dx.item(), dy.item()) == (20.0, 4.0)
    assert x.grad is None
    assert y.grad is None


def test_grad_of_one_input_is_a_tuple_of_one() -> None:
    x = leaf(3.0)
    (dx,) = grad(x * x, x)
    assert dx.item() == 6.0


def test_grad_sums_over_several_outputs_each_with_its_upstream_gradient() -> None:
    x = leaf([1.0, 2.0])
    (dx,) = grad([x * x, x * 3], x, [np.array([1.0, 10.0]), np.array([0.5, 0.25])])
    np.testing.assert_array_equal(dx.data, [3.5, 40.75])


def test_grad_reaches_inner_tensors() -> None:
    x = leaf(2.0)
    h = x * x
    y = h * h * x
    dh, dx = grad(y, [h, x])
    assert dh.item() == 2 * 4.0 * 2.0
    assert dx.item() == 5 * 2.0**4


def test_grad_with_respect_to_an_inner_tensor_alone_stops_there() -> None:
    x = leaf(2.0)
    h = x * x
    y = h * 3
    (dh,) = grad(y, h)
    assert dh.item() == 3.0
    h.backward()  # the part before h was not walked, so it is not spent
    assert x.grad.item() == 4.0


def test_grad_of_a_tensor_with_respect_to_itself_is_the_seed() -> None:
    x = leaf([1.0, 2.0])
    seed = np.array([3.0, 4.0])
    (dx,) = grad(x, x, seed)
    np.testing.assert_array_equal(dx.data, seed)
    assert not np.shares_memory(dx.data, seed)


def test_an_input_given_twice_gets_two_gradients_of_their_own() -> None:
    x = leaf([1.0, 2.0])
    first, second = grad((x * x).sum(), [x, x])
    np.testing.assert_array_equal(first.data, second.data)
    assert not np.shares_memory(first.data, second.data)


@pytest.mark.parametrize("create_graph", [False, True])
def test_results_share_no_memory_with_each_other_or_the_seed(create_graph: bool) -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    seed = np.ones(2)
    dx, dy = grad(x + y, [x, y], seed, create_graph=create_graph)
    assert not np.shares_memory(dx.data, dy.data)
    assert not np.shares_memory(dx.data, seed)
    assert dx.data.flags.writeable
    assert dy.data.flags.writeable


def test_results_are_untracked_unless_a_graph_is_asked_for() -> None:
    x = leaf(2.0)
    (plain,) = grad(x * x, x)
    (recorded,) = grad(x * x, x, create_graph=True)
    assert not plain.requires_grad
    assert recorded.requires_grad


def test_gradients_can_be_differentiated_again_and_again() -> None:
    x = leaf(2.0)
    y = x**5
    found = []
    for _ in range(5):
        (y,) = grad(y, x, create_graph=True)
        found.append(y.item())
    assert found == [80.0, 160.0, 240.0, 240.0, 120.0]


def test_create_graph_records_under_no_grad_too() -> None:
    x = leaf(2.0)
    y = x**3
    with no_grad():
        (dx,) = grad(y, x, create_graph=True)
    (ddx,) = grad(dx, x)
    assert ddx.item() == 12.0


def test_second_derivatives_go_through_both_uses_of_a_leaf() -> None:
    x, y = leaf(2.0), leaf(3.0)
    (dx,) = grad(x * x * y, x, create_graph=True)
    dxx, dxy = grad(dx, [x, y])
    assert (dxx.item(), dxy.item()) == (6.0, 4.0)


def test_a_penalty_on_the_gradient_is_differentiable_by_backward() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, -1.0])
    (dx,) = grad((w * x * x).sum(), x, create_graph=True)
    (dx * dx).sum().backward()
    np.testing.assert_allclose(w.grad.data, 8 * w.data * x.data**2)


def test_create_graph_keeps_the_graph_for_another_pass() -> None:
    x = leaf(2.0)
    y = x * x
    grad(y, x, create_graph=True)
    (dx,) = grad(y, x)
    assert dx.item() == 4.0


def test_a_second_grad_without_retain_graph_is_refused() -> None:
    x = leaf(2.0)
    y = x * x
    grad(y, x)
    with pytest.raises(GraphError, match=r"'mul' \(test_differentiate\.py:\d+\).*retain_graph"):
        grad(y, x)


def test_retain_graph_keeps_it() -> None:
    x = leaf(2.0)
    y = x * x
    first, second = grad(y, x, retain_graph=True), grad(y, x)
    assert first[0].item() == second[0].item() == 4.0


def test_an_unused_input_is_an_error_that_names_its_place() -> None:
    x, unused = leaf(2.0), leaf([1.0, 2.0])
    with pytest.raises(GraphError, match=r"do not depend on input 1 \(of shape \(2,\)\).*allow_un"):
        grad(x * x, [x, unused])


def test_an_unused_input_is_none_where_that_is_allowed() -> None:
    x, unused = leaf(2.0), leaf(1.0)
    dx, nothing = grad(x * x, [x, unused], allow_unused=True)
    assert dx.item() == 4.0
    assert nothing is None


def test_an_input_behind_an_operation_without_gradient_counts_as_unused() -> None:
    x, w = leaf(2.5), leaf(1.0)
    with pytest.raises(GraphError, match="input 0"):
        grad(ops.floor(x) * w, x)


def test_an_untracked_input_is_refused() -> None:
    with pytest.raises(GraphError, match=r"input 1 of shape \(2,\) does not require grad"):
        x = leaf(1.0)
        grad(x * x, [x, Tensor([1.0, 2.0])])


def test_an_untracked_output_is_refused() -> None:
    x = leaf(1.0)
    with no_grad():
        y = x * x
    with pytest.raises(GraphError, match=r"grad\(\): this tensor does not require grad.*no_grad"):
        grad(y, x)


def test_a_wrong_shape_of_an_upstream_gradient_is_refused() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"\(3,\) but the output is \(2,\)"):
        grad(x * x, x, np.ones(3))


def test_several_outputs_with_too_few_upstream_gradients_are_refused() -> None:
    x = leaf(1.0)
    for wrong, count in (
        ([np.ones(())], "1 are"),
        ([None] * 3, "3 are"),
        (Tensor([1.0, 1.0]), "a Tensor is"),
        (1.0, "a float is"),
    ):
        with pytest.raises(ShapeError, match=f"2 outputs need as many grad_outputs, but {count}"):
            grad([x * x, x * 2], x, wrong)


def test_a_single_upstream_gradient_needs_no_list() -> None:
    x = leaf([1.0, 2.0])
    for seed in (Tensor([3.0, 5.0]), np.array([3.0, 5.0]), [[3.0, 5.0]], (Tensor([3.0, 5.0]),)):
        assert grad([x * x], [x], seed)[0].tolist() == [6, 20]
    assert grad(x * x, x, [3.0, 5.0])[0].tolist() == [6, 20]
    assert grad([(x * x).sum()], x, 2.0)[0].tolist() == [4, 8]


def test_what_is_no_tensor_is_refused_by_its_type() -> None:
    x = leaf(1.0)
    for outputs, inputs, message in (
        (3.0, x, "among the outputs is a float"),
        ([x * x, 3], x, "among the outputs is a int"),
        (x * x, 1.0, "among the inputs is a float"),
        (x * x, [x, None], "among the inputs is a NoneType"),
    ):
        with pytest.raises(DTypeError, match=message):
            grad(outputs, inputs)


def test_grad_computes_only_what_leads_to_the_inputs() -> None:
    visited: list[str] = []
    x, w = leaf(2.0), leaf(3.0)
    w.register_hook(lambda g: visited.append("w"))
    grad((x * 2) * (w * 3), x)
    assert visited == []


def test_gradients_of_float32_are_float32_arrays() -> None:
    x = leaf(2.0, "float32")
    (dx,) = grad(x * 3.5 * np.float64(2), x)
    assert type(dx.data) is np.ndarray
    assert dx.dtype == np.float32


def test_gradients_reach_a_leaf_used_in_a_wider_dtype() -> None:
    x, y = leaf([2.0, 3.0], "float32"), leaf([5.0, 7.0])
    z = x * y
    dx, dy = grad(z.sum(), [x, y], create_graph=True)
    assert (z.dtype, dx.dtype, dy.dtype) == (np.float64, np.float32, np.float64)
    (ddy,) = grad(dx.sum(), y)
    np.testing.assert_array_equal(ddy.data, [1.0, 1.0])


def test_recording_can_be_switched_back_on_for_the_function_alone() -> None:
    x = leaf(2.0)
    with no_grad(), enable_grad():
        y = x * x
    (dx,) = grad(y, x)
    assert dx.item() == 4.0


def test_an_observer_sees_the_seeds_and_steps_of_every_pass_and_hands_them_on() -> None:
    seen: list[tuple[object, object]] = []

    def observe(seeds, steps):
        for step in steps:
            seen.append((seeds[0][0], step[0]))
            yield step

    x = leaf(2.0)
    y = x * x
    mode.local.mode.observer = observe
    try:
        (dx,) = grad(y, x, retain_graph=True)
        y.backward()
    finally:
        mode.local.mode.observer = None
    assert dx.item() == x.grad.item() == 4.0
    assert seen == [(y.node, y.node), (y.node, x.node)] * 2
    grad(x * x, x)
    assert len(seen) == 4


def test_gradients_stay_apart_from_what_an_observer_keeps() -> None:
    kept: list[object] = []

    def observe(seeds, steps):
        kept.extend(steps)
        yield from kept

    x = leaf([2.0, 3.0])
    mode.local.mode.observer = observe
    try:
        (x * 2.0).sum().backward()
    finally:
        mode.local.mode.observer = None
    assert not any(g is x.grad.data for _, g, _ in kept)
