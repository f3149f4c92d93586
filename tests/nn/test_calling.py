"""A call of a module: its hooks, and what is recorded about where it happened."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd import Tensor, ops
from autograd.graph import ancestors, describe
from tests.nn.networks import Affine, Net
from viz.view.naming import parameter_names

X = np.ones((2, 3), "float32")


def paths(y: Tensor) -> list[tuple[str, str]]:
    """Each operation with the path of the module it was recorded in."""
    return [
        (node.op.name, node.module.path if node.module else "")
        for node in ancestors([y.node])
        if node.op is not None
    ]


def test_operations_know_the_module_they_ran_in() -> None:
    y = Net()(X)
    assert paths(y) == [
        ("linear", "Net.fc1"), ("add", "Net.fc1"), ("relu", "Net"),
        ("linear", "Net.fc2"), ("add", "Net.fc2"), ("mul", "Net"),
    ]  # fmt: skip
    assert paths(y.sum())[-1] == ("sum", "")


def test_a_part_called_by_itself_has_its_own_name() -> None:
    net = Net()
    assert paths(net.fc1(X))[0] == ("linear", "fc1")


def test_every_run_of_a_module_is_an_entry_of_its_own() -> None:
    cell = Affine(3, 3)
    y = cell(cell(X))
    entries = {node.module for node in ancestors([y.node]) if node.op is not None}
    assert len(entries) == 2
    assert {entry.owner for entry in entries} == {cell}


def test_the_module_is_left_also_after_an_error() -> None:
    with pytest.raises(autograd.ShapeError):
        Net()(np.ones((2, 5), "float32"))
    y = Tensor([1.0], requires_grad=True) * 2
    assert y.node.module is None
    assert "test_calling.py" in describe(y.node)


def test_drawings_name_parameters_by_their_paths() -> None:
    drawn = viz.draw(ops.sum(Net()(X)))
    assert [cluster.name for cluster in drawn.view.clusters] == ["Net", "fc1", "fc2"]
    assert {"weight", "bias"} <= {box.label for box in drawn.view.boxes}
    assert "∂z/∂fc2.weight" in str(viz.explain("fc2.weight", of=(Net()(X)).sum(), element=(0, 0)))


def test_several_models_in_one_graph_are_told_apart() -> None:
    first, second = nn.Sequential(Affine(3, 3)), Net()
    names = parameter_names(None, [second(first(X)).node])
    assert {"Sequential.0.weight", "Net.fc1.weight"} <= set(names.values())


def test_the_line_is_the_users_call_of_a_layer_of_the_library() -> None:
    net = nn.Sequential(Affine(3, 2), nn.Sequential(Affine(2, 2)))
    y = net(X)
    lines = {describe(node) for node in ancestors([y.node]) if node.op is not None}
    assert all("networks.py" in line for line in lines)  # Affine's own forward is a user's


def test_forward_hooks_see_and_replace() -> None:
    net, seen = Net(), []
    first = net.fc1.register_forward_pre_hook(lambda m, args: seen.append((m, len(args))))
    second = net.fc1.register_forward_pre_hook(lambda m, args: args[0] * 0)
    third = net.register_forward_hook(lambda m, args, y: y + 100)
    y = net(X)
    assert seen == [(net.fc1, 1)]
    expected = net.fc2(net.fc1.bias.detach().relu()) * 2 + 100
    np.testing.assert_allclose(y.detach()[0], expected.detach())
    for handle in (first, second, third):
        handle.remove()
    assert (net(X).numpy() if not net(X).requires_grad else net(X).detach().numpy()).max() < 100


def test_a_backward_hook_sees_the_gradients_of_one_run() -> None:
    net, seen = Net(), []
    net.fc2.register_full_backward_hook(lambda m, gi, go: seen.append((gi, go)))
    x = Tensor(X, requires_grad=True)
    net(x).sum().backward()
    ((grad_input, grad_output),) = seen
    np.testing.assert_array_equal(grad_output[0], np.full((2, 2), 2.0))
    np.testing.assert_allclose(grad_input[0], grad_output[0].numpy() @ net.fc2.weight.data)


def test_a_backward_hook_can_replace_the_gradient_of_the_only_input() -> None:
    net = Net()
    handle = net.fc2.register_full_backward_hook(lambda m, gi, go: (gi[0] * 0,))
    net(X).sum().backward()
    assert not net.fc1.weight.grad.numpy().any()
    assert net.fc2.weight.grad.numpy().any()
    handle.remove()
    net(X).sum().backward()
    assert net.fc1.weight.grad.numpy().any()


def test_a_backward_hook_on_a_first_layer_has_no_input_gradient() -> None:
    net, seen = Net(), []
    net.fc1.register_full_backward_hook(lambda m, gi, go: seen.append((gi, len(go))))
    net(X).sum().backward()
    assert seen == [((None,), 1)]


def test_a_backward_hook_of_several_inputs_cannot_replace() -> None:
    class Product(nn.Module):
        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            return x * y

    product, seen = Product(), []
    product.register_full_backward_hook(lambda m, gi, go: seen.append(gi))
    x, y = Tensor([3.0], requires_grad=True), Tensor([5.0], requires_grad=True)
    product(x, y).sum().backward()
    assert [g.item() for g in seen[0]] == [5.0, 3.0]
    product.register_full_backward_hook(lambda m, gi, go: gi)
    with pytest.raises(TypeError, match="2 inputs of the module have one"):
        product(x, y).sum().backward()


def test_nothing_is_left_in_the_mode_when_nothing_is_recorded() -> None:
    with autograd.no_grad():
        assert not Net()(X).requires_grad
    assert autograd.mode.local.mode.module is None
    assert autograd.mode.local.mode.where is None
