"""Hooks see a gradient once it is complete, and may replace it; retain_grad keeps it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import DTypeError, GraphError, ShapeError, Tensor, grad, no_grad, ops


def leaf(value: Any, dtype: str = "float64") -> Tensor:
    return Tensor(np.asarray(value, dtype), requires_grad=True)


# Seeing


def test_a_hook_on_a_leaf_sees_its_gradient_once_and_complete() -> None:
    seen: list[Any] = []
    x = leaf([1.0, 2.0])
    x.register_hook(lambda g: seen.append(g.tolist()))
    (x * x + x).sum().backward()
    assert seen == [[3.0, 5.0]]


def test_a_hook_on_an_inner_tensor_sees_the_sum_over_its_uses() -> None:
    seen: list[Any] = []
    x = leaf(2.0)
    h = x * x
    h.register_hook(lambda g: seen.append(g.item()))
    (h * 3 + h * 4).backward()
    assert seen == [7.0]
    assert x.grad.item() == 28.0


def test_hooks_run_from_the_output_to_the_leaves() -> None:
    order: list[str] = []
    x = leaf(2.0)
    h = x * 3
    y = h * h
    for name, t in (("x", x), ("h", h), ("y", y)):
        t.register_hook(lambda g, name=name: order.append(name))
    y.backward()
    assert order == ["y", "h", "x"]


def test_hooks_of_one_tensor_run_in_the_order_of_their_registration() -> None:
    order: list[int] = []
    x = leaf(2.0)
    for i in range(3):
        x.register_hook(lambda g, i=i: order.append(i))
    (x * 2).backward()
    assert order == [0, 1, 2]


def test_a_hook_runs_in_every_pass() -> None:
    seen: list[float] = []
    x = leaf(2.0)
    x.register_hook(lambda g: seen.append(g.item()))
    (x * 2).backward()
    (x * 5).backward()
    assert seen == [2.0, 5.0]
    assert x.grad.item() == 7.0


def test_a_hook_runs_in_grad_too() -> None:
    x = leaf(2.0)
    x.register_hook(lambda g: g * 10)
    (dx,) = grad(x * 3, x)
    assert dx.item() == 30.0
    assert x.grad is None


def test_a_hook_on_one_of_several_outputs_sees_that_gradient() -> None:
    seen: list[Any] = []
    first, second = ops.split(leaf([1.0, 2.0, 3.0, 4.0]), 2)
    second.register_hook(lambda g: seen.append(g.tolist()))
    (first * 2 + second * 3).sum().backward()
    assert seen == [[3.0, 3.0]]


def test_a_hook_is_given_an_untracked_tensor() -> None:
    seen: list[bool] = []
    x = leaf(2.0)
    x.register_hook(lambda g: seen.append(g.requires_grad or (g * x).requires_grad))
    (x * x).backward()
    assert seen == [False]


# Replacing


def test_what_a_hook_returns_replaces_the_gradient_for_all_that_follows() -> None:
    x = leaf(2.0)
    h = x * 3
    h.retain_grad()
    h.register_hook(lambda g: g * 100)
    (h * h).backward()
    assert h.grad.item() == 1200.0
    assert x.grad.item() == 3600.0


def test_each_hook_is_given_what_the_one_before_returned() -> None:
    x = leaf(2.0)
    x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: None)
    x.register_hook(lambda g: g * 10)
    (x * 4).backward()
    assert x.grad.item() == 50.0


def test_a_hook_may_write_into_what_it_is_given_and_nobody_else_sees_it() -> None:
    def double(g: Tensor) -> None:
        g *= 2

    x, y, seed = leaf([1.0, 2.0]), leaf([3.0, 4.0]), np.ones(2)
    x.register_hook(double)
    (x + y).backward(seed)
    np.testing.assert_array_equal(x.grad.data, [2.0, 2.0])
    np.testing.assert_array_equal(y.grad.data, [1.0, 1.0])
    np.testing.assert_array_equal(seed, [1.0, 1.0])


def test_a_hook_may_write_into_a_gradient_that_was_broadcast() -> None:
    def clear(g: Tensor) -> None:
        g[0] = 0.0

    x = leaf([1.0, 2.0])
    x.register_hook(clear)
    x.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [0.0, 1.0])


def test_a_hook_may_write_with_create_graph_too_and_nobody_else_sees_it() -> None:
    def clear(g: Tensor) -> None:
        g[0] = 0.0

    def double(g: Tensor) -> Tensor:
        g *= 2
        return g

    x, y, seed = leaf([1.0, 2.0]), leaf([3.0, 4.0]), Tensor(np.ones(2))
    remove = [x.register_hook(double), x.register_hook(clear)]
    dx, dy = grad(x * x + y, [x, y], seed, create_graph=True)
    np.testing.assert_array_equal(dx.detach().data, [0.0, 8.0])
    np.testing.assert_array_equal(dy.data, [1.0, 1.0])
    np.testing.assert_array_equal(seed.data, [1.0, 1.0])
    assert not seed.requires_grad
    assert [r() for r in remove] == [None, None]
    np.testing.assert_array_equal(grad(dx.sum(), x)[0].data, [0.0, 4.0])
    x.register_hook(double)
    dx, dy = grad(x + y, [x, y], seed, create_graph=True)  # each is given the seed itself
    np.testing.assert_array_equal(dx.data, [2.0, 2.0])
    np.testing.assert_array_equal(dy.data, [1.0, 1.0])
    np.testing.assert_array_equal(seed.data, [1.0, 1.0])


def test_a_result_in_another_dtype_is_cast_to_that_of_the_tensor() -> None:
    x = leaf([1.0, 2.0], "float32")
    x.register_hook(lambda g: np.array([0.5, 0.25]))
    x.sum().backward()
    assert x.grad.dtype == np.float32
    np.testing.assert_array_equal(x.grad.data, [0.5, 0.25])


def test_a_result_of_another_shape_is_refused_and_changes_nothing() -> None:
    x, y = leaf([1.0, 2.0]), leaf([1.0, 2.0])
    x.register_hook(lambda g: g.sum())
    with pytest.raises(ShapeError, match=r"hook on 'leaf' \(.*\) gave shape \(\) .* shape \(2,\)"):
        (x * y).sum().backward()
    assert x.grad is None
    assert y.grad is None


def test_a_result_that_is_no_number_is_refused() -> None:
    x = leaf([1.0, 2.0])
    x.register_hook(lambda g: "gradient")
    with pytest.raises(DTypeError, match="str"):
        x.sum().backward()
    assert x.grad is None


def test_an_error_in_a_hook_keeps_its_type_and_changes_nothing() -> None:
    def stop(g: Tensor) -> None:
        raise KeyError("stop")

    x, y = leaf([1.0, 2.0]), leaf([1.0, 2.0])
    x.register_hook(stop)
    with pytest.raises(KeyError, match="stop") as error:
        (x * y).sum().backward()
    assert x.grad is None
    assert y.grad is None
    (note,) = error.value.__notes__
    assert note.startswith("in a hook on 'leaf' (test_hooks.py:")
    assert note.endswith("of shape (2,)")


def test_with_create_graph_a_hook_is_part_of_the_graph() -> None:
    x = leaf(2.0)
    x.register_hook(lambda g: g * g)
    (dx,) = grad(x**3, x, create_graph=True)  # (3 x²)²
    assert dx.item() == 144.0
    x.node.hooks.clear()
    (ddx,) = grad(dx, x)
    assert ddx.item() == 36 * 8.0


# Removing


def test_a_removed_hook_runs_no_more() -> None:
    seen: list[str] = []
    x = leaf(2.0)
    remove = x.register_hook(lambda g: seen.append("first"))
    x.register_hook(lambda g: seen.append("second"))
    (x * 2).backward()
    remove()
    (x * 2).backward()
    assert seen == ["first", "second", "second"]


def test_removing_a_hook_twice_does_no_harm() -> None:
    x = leaf(2.0)
    remove = x.register_hook(lambda g: g * 10)
    remove()
    remove()
    (x * 2).backward()
    assert x.grad.item() == 2.0


def test_a_hook_may_remove_itself_while_it_runs() -> None:
    seen: list[str] = []
    x = leaf(2.0)

    def once(g: Tensor) -> None:
        seen.append("once")
        remove()

    remove = x.register_hook(once)
    x.register_hook(lambda g: seen.append("always"))
    (x * 2).backward()
    (x * 2).backward()
    assert seen == ["once", "always", "always"]


def test_one_function_registered_twice_runs_twice() -> None:
    x = leaf(2.0)

    def double(g: Tensor) -> Tensor:
        return g * 2

    x.register_hook(double)
    x.register_hook(double)
    x.backward()
    assert x.grad.item() == 4.0


def test_a_hook_on_an_untracked_tensor_is_refused() -> None:
    with pytest.raises(GraphError, match="no gradient will reach"):
        Tensor(1.0).register_hook(lambda g: None)


# retain_grad


def test_an_inner_tensor_has_no_gradient_unless_it_is_retained() -> None:
    x = leaf(2.0)
    plain, kept = x * 3, x * 5
    kept.retain_grad()
    (plain * kept).backward()
    with pytest.warns(UserWarning, match=r"no leaf is read: .* retain_grad\(\)"):
        assert plain.grad is None
    assert kept.grad.item() == 6.0


def test_the_handle_of_a_hook_removes_it_by_either_word() -> None:
    x, seen = leaf(2.0), []
    first, second = x.register_hook(seen.append), x.register_hook(seen.append)
    first.remove()
    second()
    first.remove()
    (x * x).backward()
    assert seen == []
    with pytest.raises(TypeError, match="a function of the gradient is needed, not 5"):
        x.register_hook(5)


def test_retained_gradients_add_up_over_passes() -> None:
    x = leaf(2.0)
    h = x * 3
    h.retain_grad()
    y = h * h
    y.backward(retain_graph=True)
    y.backward()
    assert h.grad.item() == 24.0


def test_an_output_can_retain_its_own_gradient() -> None:
    y = leaf([1.0, 2.0]) * 2
    y.retain_grad()
    seed = np.array([3.0, 4.0])
    y.backward(seed)
    np.testing.assert_array_equal(y.grad.data, seed)
    assert not np.shares_memory(y.grad.data, seed)


def test_one_output_of_several_can_retain_its_gradient() -> None:
    x = leaf([3.0, 1.0, 2.0])
    values, _ = ops.topk(x, 2)
    values.retain_grad()
    (values * np.array([5.0, 7.0])).sum().backward()
    np.testing.assert_array_equal(values.grad.data, [5.0, 7.0])
    np.testing.assert_array_equal(x.grad.data, [5.0, 0.0, 7.0])


def test_retaining_on_a_leaf_changes_nothing() -> None:
    x = leaf(2.0)
    x.retain_grad()
    (x * x).backward()
    assert x.grad.item() == 4.0


def test_an_untracked_tensor_cannot_retain_a_gradient() -> None:
    with no_grad():
        y = leaf(2.0) * 2
    with pytest.raises(GraphError, match="does not require grad"):
        y.retain_grad()
