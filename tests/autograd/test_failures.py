"""An exception in a rule changes nothing, keeps its type, and says where it happened."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, enable_grad, is_grad_enabled, no_grad, op
from autograd.mode import local


def leaf(value: Any, dtype: str = "float64") -> Tensor:
    return Tensor(np.asarray(value, dtype), requires_grad=True)


class Overheated(Exception):
    """An exception that only a user's rule would raise."""


@op("fail")
def failing(xp: Any, x: Any) -> Any:
    """x, with a rule that raises."""
    return x * 1


def _fail(g: Any) -> Any:
    raise Overheated("no gradient today")


failing.vjp(x=("∂z/∂x = 1", _fail))


@pytest.mark.parametrize("create_graph", [False, True])
def test_an_error_in_a_rule_changes_no_gradient_and_keeps_its_type(create_graph: bool) -> None:
    before = leaf([1.0, 2.0])
    h = failing(before * 2)
    after = leaf([3.0, 4.0])  # younger than h, so its gradient is complete before the rule fails
    after.grad = kept = Tensor([9.0, 9.0], dtype="float64")
    y = (h * after).sum()
    with pytest.raises(Overheated) as caught:
        y.backward(create_graph=create_graph)
    assert before.grad is None
    assert after.grad is kept
    np.testing.assert_array_equal(kept.data, [9.0, 9.0])
    assert str(caught.value) == "no gradient today"


@pytest.mark.parametrize("create_graph", [False, True])
def test_an_error_in_a_rule_gains_the_operation_shapes_and_line(create_graph: bool) -> None:
    y = failing(leaf(np.ones((2, 3))))
    line = y.node.where[0].co_firstlineno + 2
    with pytest.raises(Overheated) as caught:
        y.backward(np.ones((2, 3)), create_graph=create_graph)
    (note,) = caught.value.__notes__
    assert note == (
        f"in backward of 'failing' (test_failures.py:{line}): inputs (2, 3), output (2, 3)"
    )


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("is_recording", [False, True])
def test_an_error_in_a_rule_restores_the_modes(is_recording: bool, create_graph: bool) -> None:
    y, before = failing(leaf(1.0)), np.geterr()
    with enable_grad() if is_recording else no_grad():
        with pytest.raises(Overheated):
            y.backward(create_graph=create_graph)
        assert is_grad_enabled() is is_recording
    assert local.mode.origin is None
    assert np.geterr() == before


def test_the_pass_can_be_run_again_after_a_failed_one_with_retain_graph() -> None:
    x = leaf(2.0)
    calls: list[int] = []

    def once(g: Tensor) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise Overheated

    y = x * x
    x.register_hook(once)
    with pytest.raises(Overheated):
        y.backward(retain_graph=True)
    assert x.grad is None
    y.backward()
    assert x.grad.item() == 4.0


def test_a_rule_whose_gradient_has_a_wrong_shape_is_named() -> None:
    @op("bad")
    def misshapen(xp: Any, x: Any) -> Any:
        return x * 1

    misshapen.vjp(x=("∂z/∂x = 1", lambda xp, g: xp.concatenate([g, g])))
    x = leaf([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"'misshapen' gave .* \(4,\) for an input of .* \(2,\)"):
        misshapen(x).backward(np.ones(2))
    assert x.grad is None


def test_a_joint_rule_that_forgets_an_input_is_refused() -> None:
    @op("two")
    def paired(xp: Any, x: Any, y: Any) -> Any:
        return x + y

    paired.vjp_all(lambda g: (g,), x="∂z/∂x = 1", y="∂z/∂y = 1")
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    with pytest.raises(ValueError, match="argument"):
        paired(x, y).backward(np.ones(2))
    assert x.grad is None
    assert y.grad is None


def test_a_rule_may_give_a_number_or_a_smaller_array() -> None:
    @op("k")
    def constant_slope(xp: Any, x: Any) -> Any:
        return x * 2

    constant_slope.vjp(x=("∂z/∂x = 2", lambda g: 2))
    x = leaf(np.ones((2, 3)), "float32")
    constant_slope(x).backward(np.ones((2, 3)))
    assert type(x.grad.data) is np.ndarray
    assert x.grad.dtype == np.float32
    np.testing.assert_array_equal(x.grad.data, np.full((2, 3), 2.0))


def test_a_rule_runs_only_for_an_input_that_needs_it() -> None:
    asked: list[str] = []

    @op("seen")
    def observed(xp: Any, x: Any, y: Any) -> Any:
        return x * y

    def rule(name: str, slope: Any) -> Any:
        asked.append(name)
        return slope

    observed.vjp(
        x=("∂z/∂x = y", lambda g, y: rule("x", g * y)),
        y=("∂z/∂y = x", lambda g, x: rule("y", g * x)),
    )
    x = leaf(2.0)
    observed(x, Tensor(3.0, dtype="float64")).backward()
    assert asked == ["x"]
    assert x.grad.item() == 3.0
