"""Frames around modules that are shown open."""

from __future__ import annotations

import numpy as np

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
        "Sequential.0", "Sequential.1.0", "Linear",
    ]  # fmt: skip
