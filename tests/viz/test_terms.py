"""An element's gradient is written out as a sum, exactly."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import autograd
from autograd import Tensor, backend, ops
from autograd.timeline import Timeline
from tests.autograd.registry import DIFFERENTIABLE, outputs_of, run, tensors, upstream
from tests.samples import Sample
from viz.breaking import break_on
from viz.explain import explain
from viz.terms import terms_of


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_the_terms_of_every_operation_add_up(sample: Sample) -> None:
    values = tensors(sample)
    outputs = outputs_of(run(sample, values))
    for y, g in zip(outputs, upstream(outputs), strict=True):
        timeline = Timeline(y, g)
        for x in values:
            if not isinstance(x, Tensor) or not x.size or not timeline.arrivals(x.node):
                continue
            element = (0,) * len(x.shape)
            terms = terms_of(timeline, x.node, element)
            if terms is None:
                continue
            expected = autograd.grad(y, x, g, True)[0].numpy()[element]
            total = sum(term.product for term in terms)
            np.testing.assert_allclose(total, expected, rtol=1e-9, atol=1e-12)


def test_a_product_of_matrices_is_written_as_its_sum() -> None:
    x = Tensor(np.arange(12.0).reshape(4, 3), name="x")
    w = Tensor(np.ones((3, 2)), True, name="W")
    weights = np.array([[1.0, 0.0], [2.0, 5.0], [0.0, 0.0], [3.0, 1.0]])
    text = str(explain(w[1, 0], of=(x @ w), gradient=weights))
    assert text.splitlines()[2:6] == [
        "  dW[1, 0] = Σₙ x[n, 1] · G[n, 0]:",
        "    n = 3   10 · 3 = 30",
        "    n = 1   4 · 2 = 8",
        "    n = 0   1 · 1 = 1",
    ]


def test_the_left_matrix_sums_over_the_columns() -> None:
    x = Tensor(np.ones((2, 3)), True, name="x")
    w = Tensor(np.arange(6.0).reshape(3, 2), name="W")
    assert "  dx[1, 2] = Σₘ W[2, m] · G[1, m]:" in str(explain(x[1, 2], of=(x @ w).sum()))


def test_more_than_five_terms_show_the_rest_as_one() -> None:
    b = Tensor(np.zeros(2), True, name="b")
    y = (b + Tensor(np.ones((8, 2)))).sum()
    lines = str(explain(b, of=y, element=1)).splitlines()
    assert "  db[1] = Σ ∂z/∂b[1] · G, over 8 elements of z = + (8, 2):" in lines
    assert "    3 more      3" in lines


def test_a_single_term_is_one_line() -> None:
    x = Tensor(np.array([1.0, 2.0]), True, name="x")
    text = str(explain(x[1], of=ops.exp(x).sum(), element=None))
    assert "  dx[1] = ∂z/∂x[1] · G = 7.389 · 1 = 7.389" in text


def test_an_element_that_reaches_nothing_is_said() -> None:
    x = Tensor(np.array([-1.0, 2.0]), True, name="x")
    text = str(explain(x, of=ops.relu(x).sum(), element=0))
    assert "  dx[0]: it reaches no element" in text


def test_a_matrix_has_the_rule_with_its_shapes() -> None:
    x = Tensor(np.ones((4, 3)), True, name="x")
    w = Tensor(np.ones((3, 2)), True, name="W")
    y = (x @ w).sum()
    assert "  dW (3, 2) = xᵀ (3, 4) @ G (4, 2)" in str(explain(w, of=y)).splitlines()
    assert "  dx (4, 3) = G (4, 2) @ Wᵀ (2, 3)" in str(explain(x, of=y)).splitlines()


def test_terms_are_left_out_where_the_derivative_of_another_element_is_infinite() -> None:
    x = Tensor(np.array([0.0, 2.0]), requires_grad=True, name="x")
    with backend.quiet():
        y = ops.sqrt(x).sum()
    told = explain(x, of=y, element=1)
    assert told.is_ok and told.gradient == pytest.approx(0.5 / np.sqrt(2))
    assert "nan" not in str(told)


def test_looking_for_terms_is_no_pass_that_break_on_or_anomaly_mode_sees(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True, name="x")
    y = ops.exp(x).sum()
    monkeypatch.setattr(sys, "stdin", None)  # a prompt would need it
    with break_on(), autograd.detect_anomaly():
        assert "dx[1] = " in str(explain(x, of=y, element=1))
