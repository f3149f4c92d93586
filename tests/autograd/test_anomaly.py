"""Anomaly mode names the first bad number of the forward pass, and of the backward pass."""

from __future__ import annotations

import inspect
import threading
from typing import Any

import numpy as np
import pytest

from autograd import AnomalyError, GraphError, Tensor, detect_anomaly, grad, op, ops
from autograd.mode import local

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the NaNs are the point


def leaf(value: Any, dtype: str = "float64") -> Tensor:
    return Tensor(np.asarray(value, dtype), requires_grad=True)


def here() -> int:
    """The line of the caller."""
    return inspect.currentframe().f_back.f_lineno


@op("∞'")
def steep(xp: Any, x: Any) -> Any:
    """x, with a rule that gives NaN at the second element."""
    return x * 1


steep.vjp(x=("∂z/∂x = 1", lambda xp, g: g * xp.where(xp.abs(g) > 1.5, xp.log(g * 0 - 1), 1)))


# Forward


def test_the_first_nan_of_the_forward_pass_is_named_with_index_and_line() -> None:
    x = leaf([[1.0, 2.0], [-3.0, 4.0]])
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        line = here() + 1
        ops.exp(ops.log(x)).sum()
    assert str(caught.value) == (
        f"forward of 'log' (test_anomaly.py:{line}): its output is nan at index (1, 0). "
        "Its inputs were finite: (2, 2)."
    )


def test_an_infinity_of_the_forward_pass_is_named_with_its_inputs() -> None:
    x = leaf(1.0)
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"'div'.*is inf at index \(\)\.") as e:
        x / 0.0
    assert "Its inputs were finite: 1, 0." in str(e.value)


def test_a_bad_input_is_blamed_on_the_input() -> None:
    x = leaf([1.0, np.nan])
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"'mul'.*input 0 was not finite al"):
        x * 2


@pytest.mark.parametrize(
    ("last", "blame"),
    [(np.inf, "Its input 0 was not finite"), (1e4, "Its inputs were finite: (2,)")],
)
def test_a_bad_output_of_several_is_found(last: float, blame: str) -> None:
    @op("eˣ, x", outputs=("exp", "same"))
    def exp_and_same(xp: Any, x: Any) -> Any:
        return xp.exp(x), x * 1

    exp_and_same.vjp(x=("dx = g1", lambda g: g[1]))
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"'exp_and_same'.*\(1,\)") as caught:
        exp_and_same(leaf([1.0, last]))
    assert blame in str(caught.value)


def test_integer_and_untracked_results_are_not_looked_at() -> None:
    x = Tensor([1.0, np.nan])
    with detect_anomaly():
        y = x * 2
        z = ops.argmax(leaf([1.0, 2.0]))
    assert np.isnan(y.data[1])
    assert z.item() == 1


# Backward


def test_the_first_nan_of_the_backward_pass_is_named_with_index_and_line() -> None:
    x = leaf([1.0, 2.0])
    with detect_anomaly():
        h = x * 3
        y, line = steep(h), here()
        z = y * np.array([1.0, 2.0])
        with pytest.raises(AnomalyError) as caught:
            z.sum().backward()
    assert str(caught.value) == (
        f"backward of 'steep' (test_anomaly.py:{line}): the gradient for input 0 is nan at index "
        "(1,). It is the first bad gradient of this backward pass."
    )
    assert x.grad is None


def test_an_infinite_slope_is_named_though_the_forward_pass_is_fine() -> None:
    x = leaf([4.0, 0.0])
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"backward of 'sqrt'.* inf at .*\(1,"):
        ops.sqrt(x).sum().backward()


def test_the_backward_pass_of_a_graph_made_outside_is_checked() -> None:
    y = ops.sqrt(leaf(0.0))
    with detect_anomaly(), pytest.raises(AnomalyError, match="backward of 'sqrt'"):
        y.backward()


def test_a_bad_seed_is_not_blamed_on_a_rule() -> None:
    y = leaf([1.0, 2.0]) * 2
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"reached it is nan at index \(1,\)"):
        y.backward(np.array([1.0, np.nan]))


def test_a_bad_result_of_a_hook_is_not_blamed_on_a_rule() -> None:
    x = leaf([1.0, 2.0])
    h = x * 2
    h.register_hook(lambda g: g * np.inf)
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"of 'mul'.*from a hook") as caught:
        h.sum().backward()
    assert "no rule gave one" in str(caught.value)


def test_a_sum_of_contributions_that_overflows_is_found_at_a_leaf() -> None:
    x = leaf([1.0], "float32")
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"'leaf'.*sum that overflowed"):
        y = ops.concatenate([x, x])
        y.backward(np.array([3e38, 3e38]))
    assert x.grad is None


def test_grad_and_create_graph_are_checked_too() -> None:
    x = leaf([4.0, 0.0])
    y = ops.sqrt(x).sum()
    with detect_anomaly():
        with pytest.raises(AnomalyError, match="sqrt"):
            grad(y, x, retain_graph=True)
        with pytest.raises(AnomalyError) as caught:
            grad(y, x, create_graph=True)
    assert "sqrt" in str(caught.value) + "".join(getattr(caught.value, "__notes__", []))


def test_finite_passes_give_the_same_numbers_as_outside() -> None:
    def gradient() -> bytes:
        x = leaf(np.linspace(-1, 1, 200))
        (ops.tanh(x * 3) * x).sum().backward()
        return x.grad.data.tobytes()

    with detect_anomaly():
        inside = gradient()
    assert inside == gradient()


# The switch


def test_outside_anomaly_mode_nan_passes() -> None:
    x = leaf([4.0, 0.0])
    ops.sqrt(x).sum().backward()
    assert np.isinf(x.grad.data[1])


def test_anomaly_mode_can_decorate_a_function() -> None:
    @detect_anomaly()
    def train() -> None:
        ops.log(leaf(-1.0))

    with pytest.raises(AnomalyError, match="'log'"):
        train()
    assert not local.mode.anomaly
    assert local.mode.watch is None


def test_anomaly_mode_nests_and_ends() -> None:
    with detect_anomaly():
        with detect_anomaly():
            pass
        assert local.mode.anomaly
    assert not local.mode.anomaly


def test_anomaly_mode_belongs_to_the_thread() -> None:
    seen: list[bool] = []
    with detect_anomaly():
        thread = threading.Thread(target=lambda: seen.append(local.mode.anomaly))
        thread.start()
        thread.join()
    assert seen == [False]


def test_every_value_is_kept_for_looking_at() -> None:
    x = leaf(np.ones(1000))
    with detect_anomaly():
        y = x * 2
    assert y.node.value is y.data


def test_an_anomaly_is_a_graph_error() -> None:
    with detect_anomaly(), pytest.raises(GraphError):
        ops.log(leaf(-1.0))
