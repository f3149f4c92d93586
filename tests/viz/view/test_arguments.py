"""Names for what goes into a model where the caller's frame has none."""

from __future__ import annotations

import numpy as np
import pytest

import nn
import viz
from autograd import Tensor
from viz.drawing import Drawing

BATCH = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")


def labels(drawing: Drawing) -> list[str]:
    """What the data is called."""
    return [box.label for box in drawing.view.boxes if box.kind == "input"]


def net() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 10))


def test_the_input_and_the_target_are_called_as_forward_calls_them() -> None:
    loss = nn.CrossEntropyLoss()(net()(BATCH), np.arange(8))
    assert labels(viz.draw(loss)) == ["x", "target"]
    assert viz.step(loss).names.find("target")
    assert str(viz.explain("0.weight", of=loss)).startswith("∂loss/∂0.weight")
    stepper = viz.step(loss)
    assert "d0.weight (6, 4) = Gᵀ (6, 8) @ x (8, 4)" in stepper.line(stepper.events[-1])


def test_a_variable_of_the_caller_and_a_name_of_its_own_go_first() -> None:
    images = Tensor(BATCH)
    assert labels(viz.draw(net()(images))) == ["images"]
    assert labels(viz.draw(net()(Tensor(BATCH, name="pixels")))) == ["pixels"]


class Two(nn.Module):
    """A model of two inputs, which are not told apart by the order of their use."""

    def __init__(self) -> None:
        self.fc = nn.Linear(4, 4)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        return self.fc(second) * first


class Noisy(nn.Module):
    """A model that makes a value of its own."""

    def forward(self, x: Tensor) -> Tensor:
        return x * Tensor(np.full((8, 4), 2.0, "float32"), requires_grad=True)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Two()(Tensor(BATCH), Tensor(BATCH)),
        lambda: Noisy()(BATCH),
        lambda: net()(BATCH) + net()(BATCH),
    ],
)
def test_where_there_is_doubt_the_names_are_numbers(make: object) -> None:
    shown = labels(viz.draw(make()))
    assert shown and all(label.startswith("v") for label in shown)


def test_a_name_that_is_taken_is_not_given_again() -> None:
    x = Tensor(np.ones((8, 10), "float32"))
    assert labels(viz.draw(net()(BATCH) + x)) == ["v1", "x"]


def test_the_backward_pass_names_the_gradients_of_parameters() -> None:
    loss = nn.CrossEntropyLoss()(net()(BATCH), np.arange(8))
    drawing = viz.draw_backward(loss)
    named = [box.label for box in drawing.view.boxes if box.kind == "output"]
    assert named[:4] == [
        "∂loss/∂0.weight", "∂loss/∂0.bias", "∂loss/∂2.weight", "∂loss/∂2.bias",
    ]  # fmt: skip


def frozen_front() -> nn.Sequential:
    model = net()
    model[0].requires_grad_(False)
    return model


def test_what_frozen_layers_give_is_not_called_the_input() -> None:
    drawing = viz.draw(frozen_front()(BATCH).sum())
    assert labels(drawing) == ["output of 1"]
    note = "What ran before 2 is not recorded: nothing in 0 requires grad."
    assert note in drawing.view.notes and note in drawing.to_text("utf-8")


class Backbone(nn.Module):
    """A model whose order cannot be read off its modules."""

    def __init__(self) -> None:
        self.body = nn.Linear(4, 6)
        self.head = nn.Sequential(nn.Linear(6, 3), nn.Tanh(), nn.Linear(3, 2))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x)) * 2.0


def test_behind_a_frozen_backbone_the_input_has_no_name_and_a_note_says_why() -> None:
    model = Backbone()
    assert labels(viz.draw(model(BATCH).sum()))[0] == "x"
    model.body.requires_grad_(False)
    drawing = viz.draw(model(BATCH).sum())
    assert labels(drawing)[0].startswith("v")
    notes = [note for note in drawing.view.notes if "not recorded" in note]
    assert notes == ["What ran before head is not recorded: nothing in body requires grad."]
    model.body.requires_grad_(True)
    model.head[0].requires_grad_(False)
    assert not any("not recorded" in note for note in viz.draw(model(BATCH)).view.notes)


def test_frozen_layers_inside_a_module_are_named_by_their_path() -> None:
    model = nn.Sequential(frozen_front(), nn.Linear(10, 2))
    drawing = viz.draw(model(BATCH).sum())
    assert labels(drawing) == ["output of 0.1"]
    assert "nothing in 0.0 requires grad" in drawing.view.notes[0]


def test_what_a_layer_without_parameters_gives_is_called_so_too() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    drawing = viz.draw(model(BATCH.reshape(8, 2, 2)).sum())
    assert labels(drawing) == ["output of 0"]
    assert not any("not recorded" in note for note in drawing.view.notes)


def test_a_frozen_layer_in_the_middle_leaves_the_input_its_name() -> None:
    model = net()
    model[2].requires_grad_(False)
    drawing = viz.draw(model(BATCH).sum())
    assert labels(drawing) == ["x"]
    assert not any("not recorded" in note for note in drawing.view.notes)
