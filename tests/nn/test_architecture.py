"""Every layer of the library is described by its arguments and built from them again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from nn.architecture import build, describe
from nn.archive import CheckpointError
from nn.saved_model import load_model, save_model
from tests.nn.layer_samples import LayerSample, all_samples


def called(layer: nn.Module, sample: LayerSample) -> tuple[Tensor, ...]:
    """What the layer gives for the sample's inputs; what it draws is the same each time."""
    inputs = (
        autograd.tensor(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
        for x in sample.inputs
    )
    with autograd.random.replay((0, 0)), autograd.no_grad():
        result = layer.train(sample.training)(*inputs)
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("sample", all_samples(), ids=str)
def test_every_layer_comes_back_with_its_settings_and_outputs(
    tmp_path: Path, sample: LayerSample
) -> None:
    layer = getattr(nn, sample.layer)(**sample.settings)
    layer.double()
    called(layer, sample)  # running statistics and lazy sizes are there
    got = load_model(save_model(layer, tmp_path / "layer.npz"))
    assert type(got) is type(layer)
    assert repr(got) == repr(layer)
    for one, other in zip(called(got, sample), called(layer, sample), strict=True):
        assert one.dtype == other.dtype
        assert one.data.tobytes() == other.data.tobytes()


def test_a_description_is_plain_and_gives_itself_again() -> None:
    model = nn.Sequential({"in": nn.Linear(2, 3), "act": nn.Sequential(nn.ReLU(), nn.Dropout(0.2))})
    architecture = describe(model)
    assert json.loads(json.dumps(architecture)) == architecture
    assert describe(build(architecture, 100)) == architecture
    assert [entry["class"] for entry in architecture["modules"]] == [
        "Linear",
        "ReLU",
        "Dropout",
        "Sequential",
        "Sequential",
    ]


def test_a_module_that_contains_itself_is_refused(tmp_path: Path) -> None:
    circle = nn.Sequential(nn.ReLU())
    circle.append(nn.Sequential(circle))
    with pytest.raises(ValueError, match="Sequential contains itself"):
        save_model(circle, tmp_path / "x.npz")


def test_arguments_that_a_class_refuses_are_named_with_the_class() -> None:
    for config, fact in (({"p": 7.0}, "ValueError: .*p is 7"), ({"q": 1}, "no argument q")):
        with pytest.raises(CheckpointError, match=f"a Dropout that cannot be built.*{fact}"):
            build({"modules": [{"class": "Dropout", "config": config}]}, 0)
