"""Whether a graph is sound: what is found, what is not, and what could not be seen."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import GraphError, Tensor, checkpoint, keep_values, ops
from tests import standin
from tests.viz.graphs import leaf, lecture, matrix, transformer, two_layers
from viz.check import WIDTH, check
from viz.terminal import columns


def test_a_sound_graph_is_fine() -> None:
    report = check(lecture())
    assert report.is_ok
    assert report.findings == report.unseen == ()
    assert str(report).splitlines()[:3] == [
        "check of 최종 금액: nothing found, all is fine",
        "  forward     9 values: all finite.",
        "  backward    8 edges: all finite.",
    ]


def test_the_first_bad_operation_is_named_with_its_index_value_and_line() -> None:
    x = Tensor([1.0, 2.0, -3.0], True, name="x")
    with np.errstate(all="ignore"):
        y = (ops.log(x) * 2).sum()
    report = check(y)
    first = report.findings[0]
    assert (first.kind, first.index) == ("forward", (2,))
    assert np.isnan(first.value)
    assert first.text.startswith("'log' (test_check.py:")
    assert first.text.endswith("is the first that is nan at [2]: x is -3 there.")
    assert not report.is_ok


def test_the_first_bad_edge_is_found_where_the_values_are_finite() -> None:
    x = Tensor([4.0, 0.0], True, name="x")
    h = x * 1.0
    report = check(ops.sqrt(h).sum())
    (first,) = report.findings
    assert (first.kind, first.index, first.value) == ("backward", (1,), np.inf)
    assert "→ input 0 (h) is the first edge that is inf at [1]: upstream 1, input 0." in first.text
    assert report.layers[0].state == "bad"


def test_a_gradient_that_is_exactly_zero_is_traced_to_where_it_ended() -> None:
    w = matrix(3, 3, "W")
    with keep_values():
        y = ops.relu(-ops.exp(w)).sum()
    report = check(y)
    (found,) = report.findings
    assert found.kind == "zero"
    assert "every element of the gradient of W is exactly 0, since 'relu'" in found.text


def test_zeros_pass_through_several_outputs() -> None:
    w = matrix(2, 4, "W")
    a, b = ops.split(w, [1], axis=0)
    report = check((ops.relu(-ops.exp(a)) + ops.relu(-ops.exp(b))).sum())
    assert [one.kind for one in report.findings] == ["zero"]
    assert "'relu'" in report.findings[0].text


def test_a_parameter_that_is_not_used_is_a_finding() -> None:
    w, u = matrix(2, 2), leaf(1.0)
    report = check((w * w).sum(), params={"w": w, "u": u})
    (found,) = report.findings
    assert (found.kind, found.text) == ("unused", "the output does not depend on u.")


def test_values_that_were_not_kept_are_computed_again() -> None:
    x = Tensor(np.linspace(-1, 1, 100), True, name="x")
    with np.errstate(all="ignore"):
        y = (ops.log(x + 0.0) + 1.0).sum()
    report = check(y)
    assert report.forward.again > 0
    assert report.unseen == ()
    assert report.findings[0].index == (0,)
    assert "'log'" in report.findings[0].text


def test_a_value_that_cannot_be_seen_is_listed_and_never_called_clean() -> None:
    def one() -> Tensor:
        dead, w = Tensor(np.ones(100)), Tensor(np.ones(100), True, name="w")
        return (w + dead).sum()

    report = check(one())
    assert not report.is_ok
    assert report.findings == ()
    assert "nothing found, but not all was seen" in str(report)
    assert "  not seen    3 forward values. " in str(report)
    assert "keep_values()" in str(report)


def test_inside_a_checkpoint_nothing_is_seen_but_its_outputs() -> None:
    x = Tensor(np.ones(100), True, name="x")
    report = check(checkpoint(lambda x: ops.exp(x) * 2, x).sum())
    assert not report.is_ok
    assert "'checkpoint' " in report.unseen[0]


def test_a_graph_that_backward_freed_is_not_called_clean() -> None:
    x = Tensor(np.ones(100), True, name="x")
    y = (x * x).sum()
    y.backward()
    report = check(y)
    assert not report.is_ok
    assert "retain_graph=True" in " ".join(report.unseen)
    assert x.grad is not None


def test_a_bad_gradient_that_is_given_is_said() -> None:
    x = Tensor([1.0, 2.0], True, name="x")
    report = check(x * 2, gradient=[1.0, np.nan])
    assert report.findings[0].text == "the gradient given for the output is nan at [1]."


def test_a_sum_that_overflows_is_said() -> None:
    x = Tensor(1.0, True, name="x", dtype="float32")
    with np.errstate(all="ignore"):
        y = x * 3e38 + x * 3e38
        report = check(y - y.detach())
    assert "the sum of what reaches x is inf" in " ".join(one.text for one in report.findings)


@pytest.mark.parametrize("make", [two_layers, lambda: transformer(2), lecture])
def test_a_report_has_at_most_80_columns(make: object) -> None:
    report = check(make())
    assert max(map(columns, str(report).splitlines())) <= WIDTH
    assert repr(report) == str(report)


def test_checking_changes_nothing_and_can_be_repeated() -> None:
    y = two_layers()
    assert str(check(y)) == str(check(y))
    y.backward()


def test_what_has_no_gradient_is_refused() -> None:
    with pytest.raises(GraphError, match=r"check\(\)"):
        check(Tensor(1.0))
    with pytest.raises(GraphError, match=r"check\(\) needs a gradient"):
        check(matrix(2, 2) * 1)
    with pytest.raises(TypeError, match=r"check\(\) takes a Tensor, not int"):
        check(3)


def test_a_graph_on_a_device_is_checked() -> None:
    with standin.installed():
        w = Tensor(np.full((30, 30), 0.1), True, name="W", device="cuda")
        assert check(ops.tanh(w @ w).sum()).is_ok
        with np.errstate(all="ignore"):
            report = check(ops.log(w - 0.1).sum())
    assert report.findings[0].index == (0, 0)
