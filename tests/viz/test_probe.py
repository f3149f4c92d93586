"""Looking at models: on any device, and without a trace."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd import Tensor
from tests import standin
from viz.probe import apart, hooked, inputs_for, tensors_in, undisturbed, watching


def test_models_on_a_device_are_looked_at_there() -> None:
    with standin.installed():
        model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Sigmoid(), nn.Linear(3, 1))
        model.to("cuda")
        x = Tensor(np.ones((4, 2)), dtype="float32", device="cuda")
        model(x).sum().backward()
        told = viz.summary(model, (4, 2))
        assert told.multiply_adds == 4 * (6 + 3) and told.row("0").gradient is not None
        assert viz.network(model, x=[1, 0]).to_svg()
        assert viz.boundary(model, x, [0, 1, 0, 1], resolution=5).to_text("utf-8")
        for of in ("weights", "gradients", "activations"):
            assert viz.histogram(model, of=of, x=np.ones((4, 2))).to_text("utf-8")
        assert all(p.device == "cuda:0" for p in model.parameters())


def test_inputs_are_shapes_arrays_tensors_or_lists_of_them() -> None:
    model = nn.Linear(2, 2).to("float64")
    for x, shapes in (
        ((3, 2), [(3, 2)]), ([3, 2], [(3, 2)]), ((), [()]), (np.int64(3) * np.ones(2), [(2,)]),
        ([(3, 2), np.ones(4)], [(3, 2), (4,)]), ((Tensor([1.0]), (2,)), [(1,), (2,)]),
    ):  # fmt: skip
        assert [tuple(one.shape) for one in inputs_for(model, x, "f")] == shapes
    assert inputs_for(model, np.ones(2, "float32"), "f")[0].dtype == "float64"
    assert inputs_for(model, np.ones(2, int), "f")[0].dtype == np.ones(2, int).dtype
    for x in ("3,2", 3, [[1.5]], (True, 2)):
        with pytest.raises(TypeError, match=r"f\(\): x is"):
            inputs_for(model, x, "f")


def test_an_exception_leaves_no_trace() -> None:
    model = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(0.5))
    before = pickle.dumps([t.data for t in model.state_dict().values()])
    with pytest.raises(ZeroDivisionError), undisturbed(model), watching(print):
        model[0].running_mean.data[...] = 3.0
        model[0].training = True
        raise ZeroDivisionError
    assert pickle.dumps([t.data for t in model.state_dict().values()]) == before
    assert model[0].training and autograd.mode.local.mode.watch is None


def test_a_watcher_sees_nodes_beside_one_that_was_there() -> None:
    x, seen, others = Tensor(2.0, requires_grad=True), [], []
    with watching(lambda node, z: others.append(node)), watching(lambda node, z: seen.append(node)):
        y = x * x
    assert y.node in seen and y.node in others


def test_hooks_are_called_with_paths_and_taken_off() -> None:
    model, calls = nn.Sequential(nn.ReLU(), nn.Tanh()), []

    def entered(path: str, module: Any, inputs: Any) -> Any:
        calls.append(f"> {path}")
        return (inputs[0] * 0,) if path == "1" else None

    def left(path: str, module: Any, inputs: Any, output: Any) -> None:
        calls.append(f"< {path}")

    with hooked(list(model.named_modules()), entered, left):
        assert model(Tensor([3.0])).item() == 0
    assert calls == ["> ", "> 0", "< 0", "> 1", "< 1", "< "]
    assert model(Tensor([3.0])).item() > 0.9 and len(calls) == 6


def test_tensors_are_found_in_any_nest() -> None:
    a, b = Tensor([1.0]), Tensor([2.0])
    found = tensors_in({"x": [a, (b, None)], "y": 3})
    assert len(found) == 2 and found[0] is a and found[1] is b


def test_only_lazy_models_are_copied() -> None:
    built, lazy = nn.Linear(2, 2), nn.LazyLinear(2)
    assert apart(built) is built and apart(lazy) is not lazy and apart(print) is print


class Foreign:
    """A model of another library, with the same methods."""

    def named_modules(self) -> list[tuple[str, Any]]:
        return [("", self)]

    def named_parameters(self) -> list[tuple[str, Any]]:
        return [("weight", np.ones((2, 2)))]


@pytest.mark.parametrize("look", [viz.summary, viz.network])
def test_a_model_of_another_library_is_told_so(look: Any) -> None:
    with pytest.raises(TypeError, match=r"its parameter weight is numpy\.ndarray: a model of an"):
        look(Foreign())


def test_the_weights_of_any_library_may_be_counted() -> None:
    assert viz.histogram(Foreign()).panels[0].mean == 1
