"""Graphs computed again give what was recorded, and their slopes are the gradients."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import Tensor, checkpoint, no_grad, ops
from autograd.op import REGISTRY
from tests.autograd.registry import DIFFERENTIABLE, outputs_of, run, tensors, upstream
from tests.samples import Sample
from tests.viz.graphs import leaf, lecture
from viz.explain import explain
from viz.replay import NotReplayed, Replay, recorded_values

DISCONTINUOUS = {"sign"}
"""Operations that jump nowhere near their samples, and whose gradient is 0."""


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_every_operation_computes_again_what_it_gave(sample: Sample) -> None:
    for y in outputs_of(run(sample, tensors(sample))):
        again = Replay(y.node).values[y.node]
        np.testing.assert_allclose(again, y.detach().numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_every_gradient_agrees_with_a_central_difference(sample: Sample) -> None:
    values = tensors(sample)
    outputs = outputs_of(run(sample, values))
    for y, g in zip(outputs, upstream(outputs), strict=True):
        for x in values:
            is_tracked = isinstance(x, Tensor) and x.requires_grad and x.size
            if not is_tracked or autograd.grad(y, x, g, True, allow_unused=True)[0] is None:
                continue
            found = explain(x, of=y, gradient=g)
            assert found.is_ok, str(found)
            assert found.difference is not None


def test_every_operation_with_a_rule_is_among_the_samples() -> None:
    differentiable = {name for name, op in REGISTRY.items() if op.is_differentiable}
    assert {sample.op for sample in DIFFERENTIABLE} == differentiable


def test_a_float32_graph_is_computed_again_in_float64() -> None:
    x = Tensor([0.1, 0.2], True, dtype="float32")
    y = (x.astype("float16").astype("float32") * 3).sum()
    assert {a.dtype.name for a in Replay(y.node).values.values()} == {"float64"}


def test_values_that_an_operation_kept_are_found() -> None:
    x = Tensor(np.ones(100), True)
    h = ops.exp(x * 2)
    y = (h * h).sum()
    found = recorded_values([*y.node.parents, h.node, x.node])
    np.testing.assert_array_equal(found[h.node], h.detach().numpy())
    assert x.node in found


def test_a_dead_leaf_that_nobody_kept_is_said() -> None:
    def one() -> tuple[Tensor, Tensor]:
        x, dead = Tensor(np.ones(100), True), Tensor(np.ones(100), True)
        return x, ((x + dead) * 2).sum()

    x, y = one()
    found = explain(x, of=y)
    assert found.is_ok is None
    assert found.difference is None
    assert "(100,), was not kept" in found.note
    assert f"central difference: none, because {found.note}" in str(found)


def test_a_checkpoint_is_said_not_to_be_computed_again() -> None:
    x = leaf(2.0, "x")
    y = checkpoint(lambda x: x * x, x) * 3.0
    with pytest.raises(NotReplayed, match="checkpoint"):
        Replay(y.node).moved(x.node)


def test_an_input_overwritten_since_is_not_used() -> None:
    x = Tensor(np.ones(100), True, name="x")
    y = (x * 3).sum()
    with no_grad():
        x -= 1.0
    found = explain(x, of=y)
    assert found.is_ok is None
    assert "overwritten" in found.note


def test_data_replaced_since_is_noticed_by_the_output() -> None:
    x = Tensor([1.0, 2.0], True, name="x")
    y = (x * 3).sum()
    x.data = np.array([5.0, 5.0], "float32")
    assert "overwritten since" in explain(x, of=y).note


def test_nothing_of_the_graph_changes() -> None:
    y = lecture()
    before = {node: (node.value, node.kept, node.spent) for node in Replay(y.node).order}
    explain("소비세", of=y)
    assert {node: (node.value, node.kept, node.spent) for node in before} == before
    y.backward()
