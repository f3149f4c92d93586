"""Nodes: their order, their walks, and the user's line that each of them and each error names."""

from __future__ import annotations

import inspect
import os
from typing import Any

import numpy as np
import pytest

from autograd import GraphError, ShapeError, Tensor, functional, grad, op, ops, scope
from autograd.graph import ancestors, depending_on, describe, line_of, location


def leaf(value: Any = 2.0) -> Tensor:
    return Tensor(np.asarray(value, "float64"), requires_grad=True)


def here() -> int:
    """The line of the caller."""
    return inspect.currentframe().f_back.f_lineno


# Order


def test_parents_have_smaller_numbers_than_their_children() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    z = ops.concatenate([x * y, 2.0 * x, ops.topk(y, 1)[0]]).sum() / 3
    for node in ancestors([z.node]):
        assert all(parent.number < node.number for parent in node.parents)


def test_the_order_holds_in_a_backward_graph_and_its_own() -> None:
    x = leaf([1.0, 2.0])
    (dx,) = grad((x**3).sum(), x, create_graph=True)
    (ddx,) = grad(dx.sum(), x, create_graph=True)
    for node in ancestors([ddx.node]):
        assert all(parent.number < node.number for parent in node.parents)


def test_the_order_holds_after_a_change_in_place() -> None:
    x = leaf([1.0, 2.0])
    y = x * 2
    y += x
    y[0] = x[1]
    for node in ancestors([y.node]):
        assert all(parent.number < node.number for parent in node.parents)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [0.0, 4.0])


def test_ancestors_come_once_each_and_parents_first() -> None:
    x = leaf()
    y = x * x
    z = y + y
    assert ancestors([z.node, y.node]) == [x.node, y.node, z.node]


def test_nodes_between_inputs_and_outputs_are_found() -> None:
    x, w = leaf(), leaf()
    a, b = x * 2, w * 3
    z = a + b
    assert depending_on({x.node}, [z.node]) == {x.node, a.node, z.node}


def test_a_tensor_keeps_its_node() -> None:
    x = leaf()
    assert (x * 2).node.parents[0] is x.node
    assert (x + 1).node.parents[0] is x.node


def test_a_constant_gets_one_node_for_all_its_uses() -> None:
    x, c = leaf(), Tensor(3.0, dtype="float64")
    assert c.node is None
    first, second = x * c, x + c
    assert first.node.parents[1] is second.node.parents[1] is c.node
    assert not c.node.tracked


def test_small_outputs_keep_their_value_and_large_ones_do_not() -> None:
    small, large = leaf(np.ones(64)) * 2, leaf(np.ones(65)) * 2
    np.testing.assert_array_equal(small.node.value, np.full(64, 2.0))
    assert large.node.value is None


def test_a_node_knows_the_scope_that_it_was_made_in() -> None:
    with scope("net"), scope("fc1"):
        y = leaf() * 2
    assert y.node.module.path == "net.fc1"
    assert y.node.module.outer.name == "net"
    assert (leaf() * 2).node.module is None


# Lines


@op("·2")
def doubled(xp: Any, x: Any) -> Any:
    """2 · x, by an operation of the user."""
    return x * 2


def _double_rule(g: Any) -> Any:
    return g * 2


doubled.vjp(x=("∂z/∂x = 2", _double_rule))


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x * x,
        lambda x: 2.0 * x,
        lambda x: x / 3,
        lambda x: -x,
        lambda x: x @ x,
        lambda x: x[0],
        lambda x: x[np.array([0, 1])],
        lambda x: x.sum(),
        lambda x: x.reshape(1, 2),
        lambda x: x.astype("float32"),
        lambda x: x.tanh(),
        lambda x: x.mean(axis=0),
        lambda x: ops.exp(x),
        lambda x: ops.concatenate([x, x]),
        lambda x: ops.stack([x, x]),
        lambda x: ops.einsum("i,i->", x, x),
        lambda x: np.exp(x),
        lambda x: np.ones(2) * x,
        lambda x: ops.topk(x, 1)[0],
        lambda x: ops.split(x, 2)[1],
        lambda x: doubled(x),
    ],
)
def test_the_line_of_a_node_is_the_users(make: Any) -> None:
    y = make(leaf([1.0, 2.0]))
    assert location(y.node) == (__file__, make.__code__.co_firstlineno)


def test_the_line_is_found_in_a_call_over_several_lines() -> None:
    x = leaf([1.0, 2.0])
    line = here()
    y = (
        x
        * 2
    )  # fmt: skip
    assert line < location(y.node)[1] <= line + 4


def test_the_line_of_a_leaf_is_where_it_was_made() -> None:
    x, line = Tensor(1.0, requires_grad=True), here()
    assert location(x.node) == (__file__, line)


def test_the_line_of_a_changed_tensor_is_that_of_the_change() -> None:
    y = leaf([1.0, 2.0]) * 1
    y += 1
    assert location(y.node) == (__file__, here() - 1)
    y[0] = 5.0
    assert location(y.node) == (__file__, here() - 1)


def test_nodes_of_a_backward_graph_name_the_line_that_asked_for_it() -> None:
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    (dx,) = grad(y, x, create_graph=True)
    line = here() - 1
    new = [n for n in ancestors([dx.node]) if n.number > y.node.number and n.op is not None]
    assert new
    assert {location(n) for n in new} == {(__file__, line)}


def test_nodes_of_a_backward_graph_name_the_line_of_backward() -> None:
    x = leaf([1.0, 2.0])
    (x * x).sum().backward(create_graph=True)
    assert location(x.grad.node) == (__file__, here() - 1)


def test_nodes_of_a_users_rule_name_the_line_of_the_rule() -> None:
    x = leaf()
    (dx,) = grad(doubled(x), x, create_graph=True)
    (ddx,) = grad(doubled(x) * x, x, create_graph=True)
    assert dx.item() == 2.0
    lines = {location(n) for n in ancestors([ddx.node]) if n.op is ops.mul}
    assert (__file__, _double_rule.__code__.co_firstlineno + 1) in lines


def test_nodes_of_a_backward_graph_know_the_node_that_they_come_from() -> None:
    x = leaf([1.0, 2.0])
    y = x * x
    (dx,) = grad(y, x, np.ones(2), create_graph=True)
    products = [n for n in ancestors([dx.node]) if n.op is ops.mul and n is not y.node]
    assert products
    assert {n.origin for n in products} == {y.node}


def test_functions_of_functional_name_the_line_of_the_users_function() -> None:
    nodes: list[Any] = []

    def cube(x: Tensor) -> Tensor:
        y = x * x * x
        nodes.append(y.node)
        return y

    functional.hvp(cube, leaf(), Tensor(1.0, dtype="float64"))
    assert location(nodes[0]) == (__file__, cube.__code__.co_firstlineno + 1)


def test_messages_name_a_node_by_operation_file_and_line() -> None:
    y = leaf() * 2
    expected = f"'mul' ({os.path.basename(__file__)}:{here() - 1})"
    assert describe(y.node) == expected
    assert line_of(y.node) == f"test_graph.py:{here() - 3}"


def test_messages_name_a_leaf_by_its_name() -> None:
    x = Tensor(1.0, requires_grad=True, name="weight")
    assert describe(x.node) == f"'weight' (test_graph.py:{here() - 1})"


def test_messages_name_an_output_of_several_by_its_operation() -> None:
    values, _ = ops.topk(leaf([1.0, 2.0]), 1)
    assert describe(values.node) == f"'topk' (test_graph.py:{here() - 1})"


def test_a_node_without_a_line_is_shown_with_a_question_mark() -> None:
    x, c = leaf(), Tensor(1.0, dtype="float64")
    assert (x * c).requires_grad
    assert line_of(c.node) == "?"


def test_a_shape_error_of_the_forward_pass_names_both_shapes() -> None:
    with pytest.raises(ShapeError, match=r"mul: x is \(2,\) and y is \(3,\).*do not broadcast"):
        leaf(np.ones(2)) * leaf(np.ones(3))


def test_an_error_of_numpy_in_the_forward_pass_gains_the_operation_and_shapes() -> None:
    @op("?")
    def broken(xp: Any, x: Any) -> Any:
        raise ZeroDivisionError("on purpose")

    broken.vjp(x=("∂z/∂x = 1", lambda g: g))
    with pytest.raises(ZeroDivisionError, match="on purpose") as caught:
        broken(leaf(np.ones(2)))
    assert caught.value.__notes__ == ["in broken: x is (2,)"]


# Reprs


def test_a_node_shows_its_number_operation_and_shape() -> None:
    x = leaf([1.0, 2.0])
    y = x * x
    assert repr(y.node) == f"<Node {y.node.number} mul (2,)>"
    assert repr(x.node) == f"<Node {x.node.number} leaf (2,)>"


def test_the_error_about_a_freed_output_of_several_names_its_operation() -> None:
    x = leaf(np.arange(200.0))
    values, _ = ops.topk(x, 100)
    values.sum().backward()
    with pytest.raises(GraphError, match="its kept arrays were freed"):
        values.sum().backward()
