"""The functions written for an operation's signature: how they take arguments and record."""

from __future__ import annotations

import dis
import inspect
import linecache
from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, no_grad, op, ops
from autograd.graph import Node, line_of, new_leaf
from autograd.op import REGISTRY, Op
from autograd.pulling import pull_source
from autograd.recording import new_node
from autograd.specialise import call_source, uses_xp


def leaf(*values: float) -> Tensor:
    return Tensor(np.array(values), requires_grad=True)


def test_the_ordinary_call_has_no_loop_no_star_and_no_dictionary() -> None:
    for declared in (ops.add, ops.mul, ops.tanh):
        source = call_source(declared)
        assert " for " not in source
        assert "while " not in source
        assert "**" not in source
        assert source.startswith(f"def _function({', '.join(declared.inputs)}):")
        assert "_n.settings = None" in source


@pytest.mark.parametrize("declared", REGISTRY.values(), ids=lambda o: o.name)
def test_every_operation_s_functions_can_be_written(declared: Op[Any]) -> None:
    compile(call_source(declared), declared.name, "exec")
    for lifted in (False, True):
        if declared.is_differentiable:
            compile(pull_source(declared, lifted=lifted), declared.name, "exec")
    words = list(inspect.signature(declared.call).parameters)
    assert words == [*declared.inputs, *declared.settings]
    assert declared.call.__doc__ == declared.__doc__


def test_arguments_are_taken_by_place_and_by_name() -> None:
    x = leaf(1.0, 2.0)
    for y in (ops.mul(x, 3.0), ops.mul(x, y=3.0), ops.mul(y=3.0, x=x), ops.mul.call(x, 3.0)):
        assert y.tolist() == [3, 6]
    for wrong in (lambda: ops.mul(x), lambda: ops.mul(x, x, x), lambda: ops.mul(x, w=x)):
        with pytest.raises(TypeError, match=r"mul\(\) (missing|takes|got an unexpected)"):
            wrong()


def test_whether_a_forward_reads_xp_is_seen_in_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def reads(xp: Any, x: Any) -> Any:
        return xp.exp(x)

    def ignores(xp: Any, x: Any) -> Any:
        return x * x

    assert uses_xp(reads)
    assert not uses_xp(ignores)
    assert not uses_xp(ops.mul.forward)
    plain = next(i for i in dis.get_instructions(reads) if i.argval == "xp")
    paired = plain._replace(argval=("x", "xp"))  # as Python 3.13 loads two variables at once
    monkeypatch.setattr(dis, "get_instructions", lambda code: iter([paired]))
    assert uses_xp(reads)
    monkeypatch.setattr(
        dis, "get_instructions", lambda code: iter([plain._replace(argval=("x", "y"))])
    )
    assert not uses_xp(reads)


def test_settings_with_and_without_defaults() -> None:
    @op("s", name="scaled")
    def scaled(xp: Any, x: Any, b: Any = None, *, by: float, plus: float = 0.0) -> Any:
        z = x * by + plus
        return z if b is None else z + b

    scaled.vjp(x=("∂z/∂x = by", lambda g, by: g * by), b=("∂z/∂b = 1", lambda g: g))
    x = leaf(1.0, 2.0)
    y = scaled(x, by=2.0)
    assert y.node is not None
    assert y.node.settings == {"by": 2.0, "plus": 0.0}
    assert y.node.parents[1] is None
    assert scaled(x, x, by=2.0, plus=1.0).tolist() == [4, 7]
    with pytest.raises(TypeError, match="required keyword-only argument: 'by'"):
        scaled(x)
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2, 2]


def test_a_node_is_filled_whole() -> None:
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    z = x * y
    node = z.node
    assert node is not None
    assert (node.op, node.parents, node.shape, node.dtype) == (
        ops.mul,
        (x.node, y.node),
        (2,),
        z.dtype,
    )
    assert node.value is z.data
    assert node.tracked
    assert not node.spent
    assert all(p.number < node.number for p in node.parents)
    big = Tensor(np.ones(100), requires_grad=True) * 2
    assert big.node is not None
    assert big.node.value is None


def test_every_way_to_make_a_node_sets_every_slot() -> None:
    x = leaf(1.0, 2.0)
    slots = [slot for slot in Node.__slots__ if slot != "__weakref__"]
    made = [
        (x * x).node,  # specialised
        ops.exp(x).node,
        ops.stack([x, x]).node,  # starred
        ops.topk(x, 1)[0].node,  # one of several outputs
        ops.topk(x, 1)[0].node.parents[0],  # and what made them
        ops.sign(x).node,  # without a gradient
        x.node,
        (Tensor([1.0]) * x).node.parents[0],  # a constant
        new_leaf(np.ones(2), None, tracked=False),
        new_node(ops.mul, (), (), None, np.ones(2)),
    ]
    for node in made:
        assert node is not None
        assert [slot for slot in slots if not hasattr(node, slot)] == []
        assert not hasattr(node, "__dict__")


def test_a_node_knows_the_line_that_made_it() -> None:
    x = leaf(1.0, 2.0)
    line = inspect.currentframe()
    assert line is not None
    made = [
        x * x,  # by an operator
        ops.mul(x, 2),  # through convert
        ops.stack([x, x]),  # a wrapper and a starred operation
        np.exp(x),  # NumPy's protocol
        x.sum(),  # a method
        ops.topk(x, 1)[0],  # several outputs
    ]
    for y, word in zip(
        made, ["x * x", "ops.mul", "ops.stack", "np.exp", "x.sum", "topk"], strict=True
    ):
        assert y.node is not None
        assert line_of(y.node).startswith("test_specialise.py:")
        text = linecache.getline(__file__, int(line_of(y.node).split(":")[1]))
        assert word in text


def test_nothing_is_recorded_without_need() -> None:
    x, constant = leaf(1.0), Tensor([1.0])
    assert (constant * constant).node is None
    with no_grad():
        y = x * x
    assert y.node is None
    assert not y.requires_grad
    assert (x * constant).requires_grad


def test_what_only_an_unneeded_rule_names_is_not_kept() -> None:
    x, w = Tensor(np.ones(100)), Tensor(np.ones(100), requires_grad=True)
    kept = {o: (o(x, w)).node for o in (ops.mul, ops.div)}
    assert [a is None for a in kept[ops.mul].kept] == [False, True]


def test_zero_dimensional_results_are_arrays() -> None:
    x = Tensor(np.array(2.0), requires_grad=True)
    for y in (x * x, ops.exp(x), x.sum(), x + 1, 1 - x, ops.maximum(x, 1), x[...], x.max()):
        assert isinstance(y.data, np.ndarray)
        assert y.shape == ()
        x.grad = None
        y.backward()
        assert x.grad is not None
        assert isinstance(x.grad.data, np.ndarray)


def test_errors_of_the_forward_name_the_operation_and_the_shapes() -> None:
    x, y = leaf(1.0, 2.0), leaf(1.0, 2.0, 3.0)
    with pytest.raises(ShapeError, match=r"^add: x is \(2,\) and y is \(3,\); .* do not broadcast"):
        x + y

    @op("?", name="failing")
    def failing(xp: Any, *xs: Any) -> Any:
        raise KeyError("why")

    failing.vjp(xs=("dx = g", lambda g, i: g))
    with pytest.raises(KeyError, match="why") as error:
        failing(x, y)
    assert error.value.__notes__ == ["in failing: input 0 is (2,) and input 1 is (3,)"]
    assert error.value.__cause__ is None
