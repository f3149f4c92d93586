"""The first bad value and the first bad edge, and why."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Tensor, ops
from autograd.graph import ancestors
from tests.autograd.registry import DIFFERENTIABLE, outputs_of, run, tensors
from tests.samples import Sample
from viz.first_bad import called, forward_of, place
from viz.replay import recorded_values


def seen(y: Tensor) -> object:
    order = ancestors([y.node])
    return forward_of(order, recorded_values(order), {})


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_every_value_of_every_operation_is_seen(sample: Sample) -> None:
    values = tensors(sample)
    for y in outputs_of(run(sample, values)):
        found = seen(y)
        assert found.unseen == {}
        assert found.finding is None


def test_a_bad_input_is_the_first_itself() -> None:
    x = Tensor([1.0, np.inf], True, name="x")
    with np.errstate(all="ignore"):
        y = (x - x).sum()
    assert seen(y).finding.text == "an input of shape (2,) is the first that is inf at [1]."


def test_an_overflow_shows_the_numbers_that_made_it() -> None:
    x, w = Tensor([[1e30, 1.0]], True, dtype="float32"), Tensor([[1e30], [1.0]], dtype="float32")
    with np.errstate(all="ignore"):
        y = x @ w
    text = seen(y).finding.text
    assert text.endswith(
        "is the first that is inf at [0, 0]: input 0, (1, 2), is finite; "
        "input 1, (2, 1), is finite."
    )


def test_a_value_computed_again_overflows_as_the_recorded_one_did() -> None:
    x = Tensor(np.full(100, 100.0, "float32"), True, name="x")
    with np.errstate(all="ignore"):
        y = (ops.exp(x * 1.0) * 0.0 + 1.0).sum()
    found = seen(y)
    assert "'exp'" in found.finding.text
    assert found.finding.value == np.inf


def test_an_output_of_several_goes_by_its_operation() -> None:
    x = Tensor(np.eye(3), True)
    sign, logabsdet = ops.slogdet(x)
    assert called(logabsdet.node, {}).startswith("'slogdet' (test_first_bad.py:")
    assert called(sign.node, {sign.node: "s"}).startswith("s = 'slogdet'")


def test_a_place_is_an_index_or_nothing() -> None:
    assert (place((1, 2)), place(())) == (" at [1, 2]", "")
