"""Frames around modules that are shown open."""

from __future__ import annotations

import numpy as np
import pytest

import nn
import viz
from autograd import Tensor, scope
from tests.viz.graphs import leaf, matrix, stack, transformer, two_layers
from viz.boxes import Cluster, View
from viz.view import Selection, view_of


def framed(view: View) -> dict[str, str]:
    """The name of the frame that each box stands in."""
    names = {cluster.id: cluster.name for cluster in view.clusters} | {"": ""}
    return {box.label: names[box.cluster] for box in view.boxes}


def test_frames_lie_in_one_another_and_say_what_they_are_and_learn() -> None:
    assert view_of([two_layers()]).clusters == (
        Cluster("c0", "net", "MLP · 23"),
        Cluster("c1", "fc1", "Linear 4 → 3 · 15", "c0"),
        Cluster("c2", "fc2", "Linear 3 → 2 · 8", "c0"),
    )


def test_every_box_stands_in_its_innermost_frame() -> None:
    frames = framed(view_of([two_layers()]))
    assert (frames["x"], frames["weight"], frames["tanh"], frames["Σ"]) == ("", "fc2", "net", "")


def test_a_module_that_shows_one_box_has_no_frame() -> None:
    assert "act" not in {c.name for c in view_of([two_layers()]).clusters}
    folded = view_of([two_layers()], select=Selection(depth=1))
    assert [c.name for c in folded.clusters] == ["net"]
    assert not view_of([two_layers()], select=Selection(depth=0)).clusters


def test_a_module_without_parameters_says_only_what_it_is() -> None:
    x = Tensor([1.0], requires_grad=True, name="x")
    with scope("act", "Square twice"):
        h = x * x
        y = h * h
    view = view_of([y.sum()], params={"w": leaf(1.0)})
    assert view.clusters == (Cluster("c0", "act", "Square twice"),)


def test_a_name_in_a_frame_is_one_harmless_line() -> None:
    with scope("a\nb", "c\x1b[31m"):
        y = leaf(1.0) * leaf(2.0)
    assert view_of([y]).clusters == (Cluster("c0", "a\\nb", "c\\x1b[31m · 2"),)


def test_a_branch_stands_in_the_frame_of_its_value() -> None:
    with scope("net"):
        h = leaf(2.0, "x") * 3.0
        y = h * h
    view = view_of([y])
    assert {box.cluster for box in view.boxes if box.kind == "branch"} == {"c0"}


def test_a_parameter_in_a_frame_is_drawn_with_its_shape_and_a_number_as_input() -> None:
    with scope("net"):
        y = Tensor([[1.0, 2.0]]) @ matrix(2, 3, "w") * leaf(2.0, "scale")
    boxes = {box.label: box for box in view_of([y.sum()]).boxes}
    assert (boxes["w"].kind, boxes["w"].details) == ("parameter", ("(2, 3)",))
    assert boxes["scale"].kind == "input"


def test_a_row_inside_a_module_is_framed_with_its_inputs_outside() -> None:
    view = view_of([transformer(3)], select=Selection(roll=True))
    names = {cluster.id: cluster.name for cluster in view.clusters}
    row = next(box for box in view.boxes if box.label == "blocks ×3")
    assert names[row.cluster] == "net"


def test_what_is_hidden_stands_in_no_frame() -> None:
    view = view_of([stack(6)], around="W3", select=Selection(hops=1))
    assert {box.cluster for box in view.boxes if box.kind == "hidden"} == {""}
    assert view.clusters


def test_frames_count_what_their_modules_learn_also_where_it_is_hidden() -> None:
    view = view_of([stack(6)], around="W3", select=Selection(hops=1))
    assert all(cluster.detail == "Linear 3 → 3 · 9" for cluster in view.clusters)


def test_one_model_alone_goes_without_its_class_in_the_paths_of_its_modules() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Linear(3, 2)))
    hidden = net(Tensor(np.ones((1, 2), "float32")))
    loss = nn.MSELoss()(hidden, np.zeros((1, 2), "float32"))
    assert [layer.name for layer in viz.check(loss).layers] == ["0", "1.0"]
    stepper = viz.step(loss)
    assert "module     MSELoss\n" in stepper.where()
    stepper.goto(len(stepper.events) - 1)
    assert "module     0\n" in stepper.where()
    both = loss + nn.Linear(2, 2)(hidden).sum()
    assert [layer.name for layer in viz.check(both).layers] == [
        "net.0", "net.1.0", "Linear",
    ]  # fmt: skip


class Tied(nn.Module):
    """Two layers with one matrix, the first of which runs twice."""

    def __init__(self) -> None:
        self.a, self.b = nn.Linear(64, 64), nn.Linear(64, 64)
        self.b.weight = self.a.weight
        self.c = nn.Linear(64, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.c(self.a(self.b(self.a(x))))


def test_a_folded_module_has_all_its_parameters_and_says_that_others_use_them_too() -> None:
    drawing = viz.draw(Tied()(np.ones((2, 64), "float32")).sum(), depth=1)
    boxes = [box for box in drawing.view.boxes if box.kind == "module"]
    told = [(box.label, box.parameters, box.note) for box in boxes]
    a, b, c = ("a", 4160, "shared"), ("b", 4160, "shared"), ("c", 130, "")
    assert told == [a, b, a, c]
    assert "4,160 params, shared ·" in drawing.to_text("utf-8")
    assert "4,160 params, shared" in drawing.to_svg()
    assert '"note": "shared"' in drawing.to_json()
    assert {cluster.detail for cluster in drawing.view.clusters} == {"4,354"}


def test_the_gradient_of_a_shared_parameter_is_the_whole_one() -> None:
    model = Tied()
    loss = model(np.ones((2, 64), "float32")).sum()
    boxes = [box for box in viz.draw(loss, depth=1).view.boxes if box.kind == "module"]
    loss.backward()
    weight, bias = model.b.weight.grad.data, model.b.bias.grad.data
    expected = np.sqrt((weight**2).sum() + (bias**2).sum())
    assert boxes[1].gradient.norm == pytest.approx(expected, rel=1e-5)


def test_frames_count_shared_parameters_too() -> None:
    details = [c.detail for c in viz.draw(Tied()(np.ones((2, 64), "float32"))).view.clusters]
    shared = "Linear 64 → 64 · 4,160, shared"
    assert details == ["4,354", shared, shared, shared, "Linear 64 → 2 · 130"]


def test_a_frozen_module_says_so() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))
    net[1].requires_grad_(False)
    boxes = viz.draw(net(np.ones((1, 2), "float32")).sum(), depth=1).view.boxes
    assert [(b.parameters, b.note) for b in boxes if b.kind == "module"] == [(9, ""), (8, "frozen")]


def test_a_rolled_stack_counts_the_parameters_of_all_its_blocks() -> None:
    net = nn.Sequential(*(nn.Linear(3, 3) for _ in range(4)))
    boxes = viz.draw(net(np.ones((1, 3), "float32")).sum(), roll=True).view.boxes
    assert [(b.parameters, b.note) for b in boxes if b.kind == "module"] == [(48, "")]
