"""What values are called: their own name, their path, their variable, or v1, v2, …"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograd import Tensor, scope
from tests.viz.graphs import leaf
from viz.view import view_of
from viz.view.naming import given_names, parameter_names


class Model:
    """What nn.Module offers to a drawing."""

    def __init__(self) -> None:
        self.weight, self.mean = leaf(2.0), Tensor(0.5)

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        yield "fc1.weight", self.weight

    def named_buffers(self) -> Iterator[tuple[str, Tensor]]:
        yield "norm.mean", self.mean


def test_a_models_parameters_and_buffers_bear_their_path() -> None:
    model = Model()
    view = view_of([leaf(1.0, "x") * model.weight - model.mean], params=model)
    assert [box.label for box in view.boxes][1:4:2] == ["fc1.weight", "norm.mean"]
    assert all(wire.is_named for wire in view.wires if wire.name in ("fc1.weight", "norm.mean"))


def test_inside_its_module_a_parameter_goes_by_its_last_name() -> None:
    w, v = Tensor([2.0], requires_grad=True), Tensor([3.0], requires_grad=True)
    with scope("fc1"):
        y = w * v * 2.0
    view = view_of([y.sum()], params={"fc1.weight": w, "fc10.weight": v})
    assert [b.label for b in view.boxes if b.kind == "parameter"] == ["weight", "fc10.weight"]


def test_a_path_that_begins_inside_the_outer_modules_is_shortened_as_well() -> None:
    w, v = Tensor([2.0], requires_grad=True), Tensor([3.0], requires_grad=True)
    with scope("net"), scope("blocks.0"), scope("fc1"):
        y = w * v
    view = view_of([y.sum()], params={"blocks.0.fc1.weight": w, "net.blocks.0.fc1.": v})
    assert [b.label for b in view.boxes if b.kind == "parameter"] == ["weight", "net.blocks.0.fc1."]


def test_a_mapping_names_parameters_and_a_shared_one_keeps_its_first_name() -> None:
    w = leaf(1.0)
    assert parameter_names({"encoder": w, "decoder": w}) == {w.node: "encoder"}
    assert parameter_names(None) == {}


@pytest.mark.parametrize("params", [3, [leaf(1.0)], {"w": 1.0}, {"w": None}])
def test_what_is_no_model_is_refused(params: object) -> None:
    with pytest.raises(TypeError, match="params"):
        parameter_names(params)


def test_the_users_own_name_comes_before_the_path_and_that_before_the_variable() -> None:
    a, b, c, d = leaf(1.0, "own"), leaf(2.0), leaf(3.0), leaf(4.0, " ")
    nodes = [t.node for t in (a, b, c, d)]
    names = given_names(nodes, {nodes[0]: "path", nodes[1]: "path"}, dict.fromkeys(nodes[:3], "v"))
    assert names == {nodes[0]: "own", nodes[1]: "path", nodes[2]: "v"}


def test_a_name_is_one_short_line() -> None:
    node = leaf(1.0, "a\n" + "b" * 60).node
    (name,) = given_names([node], {}, {}).values()
    assert name.startswith("a\\nb") and name.endswith("…")


def test_numbers_skip_names_that_are_taken_wherever_they_stand() -> None:
    y = (leaf(1.0) * leaf(2.0)) * leaf(3.0, "v1")
    y.name = "v3"
    names = list(dict.fromkeys(wire.name for wire in view_of([y]).wires))
    assert names == ["v2", "v4", "v5", "v1", "v3"]
