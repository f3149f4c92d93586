"""What models and their modules are called, in frames and in the names of parameters alike."""

from __future__ import annotations

import numpy as np
import pytest

import nn
import viz
from autograd import Tensor, scope

BATCH = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
TARGET = np.array([0, 1, 0, 1, 0, 1])


def net(outputs: int = 3) -> nn.Sequential:
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, outputs))


def adversarial(gen: nn.Module, disc: nn.Module) -> Tensor:
    """A loss in which one model runs once, and the other twice."""
    real, noise = Tensor(BATCH), Tensor(BATCH[::-1].copy())
    return (disc(real) ** 2).mean() + (disc(gen(noise)) ** 2).mean()


def frames(drawing: viz.Drawing) -> list[str]:
    return [cluster.name for cluster in drawing.view.clusters if not cluster.parent]


def headers(drawing: viz.Drawing) -> list[str]:
    lines = drawing.to_text("utf-8").splitlines()
    return [line.removeprefix("┌─ ").split("  ")[0] for line in lines if line.startswith("┌─")]


def parameters(drawing: viz.Drawing) -> set[str]:
    wires = {w.name for w in drawing.view.wires}
    return {name for name in wires if name.endswith((".weight", ".bias"))}


def test_a_loss_with_a_buffer_is_no_second_model() -> None:
    model = net(2)
    loss = nn.CrossEntropyLoss(weight=np.ones(2, "float32"))(model(BATCH), TARGET)
    stepper = viz.step(loss)
    assert stepper.names.known()[1:3] == ["0.weight", "0.bias"]
    assert str(viz.explain("0.weight", of=loss)).startswith("∂loss/∂0.weight")
    assert frames(viz.draw(loss)) == ["Sequential", "CrossEntropyLoss"]


class Scaled(nn.Module):
    """A loss with a buffer, which is called as a parameter of the model is."""

    def __init__(self) -> None:
        self.register_buffer("weight", Tensor(np.ones((6, 2), "float32")))

    def forward(self, z: Tensor) -> Tensor:
        return (z * self.weight).mean()


def test_a_buffer_of_a_loss_bears_the_name_of_the_loss() -> None:
    loss = Scaled()(nn.Linear(3, 2)(BATCH))
    known = viz.step(loss).names.known()
    assert {"weight", "bias", "Scaled.weight"} <= set(known)
    drawing = viz.draw(loss)
    assert frames(drawing) == ["Linear", "Scaled"]
    shown = [(box.label, box.cluster) for box in drawing.view.boxes if "weight" in box.label]
    assert shown == [("weight", "c0"), ("weight", "c1")]


def test_several_models_bear_the_names_of_the_callers_variables_however_often_they_run() -> None:
    G, D = net(), net(1)
    drawing = viz.draw(adversarial(G, D), depth=1)
    assert frames(drawing) == ["D", "G", "D"]
    assert headers(drawing) == ["D", "G", "D (2)"]
    assert parameters(drawing) == {"D.0.weight", "D.0.bias", "D.2.weight", "D.2.bias"}
    assert "G.2.weight" in viz.step(adversarial(G, D)).names.known()
    assert [box.label for box in viz.draw(adversarial(G, D), depth=0).view.boxes].count("D") == 2


def test_models_without_a_variable_are_numbered_once_each_not_once_a_run() -> None:
    pair = [net(), net(1)]
    drawing = viz.draw(adversarial(*pair), depth=1)
    assert frames(drawing) == ["Sequential1", "Sequential2", "Sequential1"]
    assert {name.partition(".")[0] for name in parameters(drawing)} == {"Sequential1"}
    report = viz.check(adversarial(*pair))
    assert [layer.name for layer in report.layers][-2:] == ["Sequential2.0", "Sequential2.2"]


def test_a_frame_names_the_class_of_a_model_that_is_called_by_its_variable() -> None:
    G, D = net(), net(1)
    details = {c.name: c.detail for c in viz.draw(adversarial(G, D)).view.clusters if not c.parent}
    assert details == {"G": "Sequential · 38", "D": "Sequential · 26, shared"}


def test_a_mapping_names_models() -> None:
    pair = [net(), net(1)]
    loss, params = adversarial(*pair), {"gen": pair[0], "disc": pair[1]}
    drawing = viz.draw(loss, params=params, depth=1)
    assert frames(drawing) == ["disc", "gen", "disc"]
    assert parameters(drawing) == {"disc.0.weight", "disc.0.bias", "disc.2.weight", "disc.2.bias"}
    assert viz.step(loss, params=params).find("gen.2.bias")
    assert viz.check(loss, params=params).layers[-1].name == "gen.2"
    one = viz.draw(net()(BATCH).sum(), params={"net": pair[0], "w": Tensor([1.0])})
    assert frames(one) == ["Sequential"]


def test_the_only_model_goes_by_its_name_in_the_mapping() -> None:
    model = net()
    loss = model(BATCH).sum()
    assert viz.step(loss, params={"actor": model}).names.known()[1] == "actor.0.weight"
    assert frames(viz.draw(loss, params={"actor": model})) == ["actor"]


def test_the_end_of_a_name_is_enough_where_only_one_ends_so() -> None:
    G, D = net(), nn.Linear(3, 1)
    loss = (D(G(BATCH)) ** 2).mean()
    stepper = viz.step(loss)
    assert stepper.find("0.weight") == stepper.find("G.0.weight")
    assert stepper.until("0.weight").target is G[0].weight.node
    assert str(viz.explain("2.bias[1]", of=loss)).startswith("∂loss/∂G.2.bias[1]")
    assert viz.draw(loss, around="0.weight", hops=1).view.hidden
    with pytest.raises(ValueError, match=r"'bias' may be G\.0\.bias or G\.2\.bias or D\.bias\. "):
        stepper.find("bias")


def test_a_model_in_a_scope_has_its_names() -> None:
    model = net()
    with scope("generator"):
        loss = model(BATCH).sum()
    assert "0.weight" in viz.step(loss).names.known()
