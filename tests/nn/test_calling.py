"""A call of a module: its hooks, and what is recorded about where it happened."""

from __future__ import annotations

import gc
import weakref

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


def test_several_models_of_one_class_are_numbered() -> None:
    first, second = nn.Sequential(Affine(3, 3)), nn.Sequential(Affine(3, 3))
    names = parameter_names(None, [second(first(X)).node])
    found = {names[p.node] for p in (first[0].weight, second[0].weight)}
    assert found == {"Sequential1.0.weight", "Sequential2.0.weight"}
    assert names[first[0].weight.node] == "Sequential1.0.weight"


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


class Product(nn.Module):
    """The product of two inputs, and their sum."""

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return x * y, x + y


def watched(module: nn.Module) -> list[tuple[list[float | None], list[float | None]]]:
    """The gradients that a backward hook of module will have seen, as numbers."""
    seen: list[tuple[list[float | None], list[float | None]]] = []

    def numbers(gradients: tuple[Tensor | None, ...]) -> list[float | None]:
        return [None if g is None else g.item() for g in gradients]

    module.register_full_backward_hook(lambda m, gi, go: seen.append((numbers(gi), numbers(go))))
    return seen


def test_a_backward_hook_sees_each_pass_over_several_inputs_once() -> None:
    product = Product()
    seen = watched(product)
    x, y = Tensor([3.0], requires_grad=True), Tensor([5.0], requires_grad=True)
    z = product(x, y)[0].sum()
    z.backward(retain_graph=True)
    (2 * z).backward()
    assert seen == [([5, 3], [1, 0]), ([10, 6], [2, 0])]
    assert (x.grad.item(), y.grad.item()) == (15, 9)


def test_a_backward_hook_can_replace_the_gradients_of_several_inputs() -> None:
    product = Product()
    product.register_full_backward_hook(lambda m, gi, go: (gi[0] * 10, None))
    x, y = Tensor([3.0], requires_grad=True), Tensor([5.0], requires_grad=True)
    product(x, y)[0].sum().backward()
    assert (x.grad.item(), y.grad.item()) == (50, 3)


def test_a_backward_hook_that_returns_what_does_not_fit_is_told_so() -> None:
    product = Product()
    handle = product.register_full_backward_hook(lambda m, gi, go: gi[:1])
    x = Tensor([3.0], requires_grad=True)
    with pytest.raises(autograd.ShapeError, match="returned 1 gradients for its 2 inputs"):
        product(x, x)[0].sum().backward()
    handle.remove()
    product.register_full_backward_hook(lambda m, gi, go: (np.ones(3), None))
    with pytest.raises(autograd.ShapeError, match=r"returned shape \(3,\)"):
        product(x, x)[0].sum().backward()
    assert x.grad is None


def test_a_backward_hook_runs_where_an_input_or_the_first_output_is_not_used() -> None:
    first, second = Product(), Affine(1, 1)
    seen = watched(first)
    x, y = Tensor([3.0], requires_grad=True), Tensor([5.0], requires_grad=True)
    first(x, y)[1].sum().backward()
    assert seen == [([1, 1], [0, 1])]
    second.forward = lambda x: (x @ second.weight.detach(), x @ second.weight)
    seen = watched(second)
    second(np.ones((1, 1), "float32"))[1].sum().backward()
    assert seen == [([None], [None, 1])]


@pytest.mark.parametrize("kind", [list, dict])
def test_a_backward_hook_sees_outputs_in_a_list_or_dict(kind: type) -> None:
    class Several(nn.Module):
        def forward(self, x: Tensor) -> object:
            return kind(a=x * 2) if kind is dict else [x * 2]

    module, x = Several(), Tensor([3.0], requires_grad=True)
    seen = watched(module)
    (y,) = dict(module(x)).values() if kind is dict else module(x)
    y.sum().backward()
    assert seen == [([2], [1])]


def test_a_backward_hook_on_an_output_that_cannot_be_read_is_refused() -> None:
    class Odd(nn.Module):
        def forward(self, x: Tensor) -> object:
            return {x * 2} if x.requires_grad else None

    odd = Odd()
    watched(odd)
    with pytest.raises(TypeError, match="returned a set, in which no gradient can be read"):
        odd(Tensor([3.0], requires_grad=True))
    assert odd(Tensor([3.0])) is None


def test_second_derivatives_pass_a_backward_hook_and_drawings_do_not_run_it() -> None:
    product = Product()
    seen = watched(product)
    x, y = Tensor([3.0], requires_grad=True), Tensor([5.0], requires_grad=True)
    z = ops.square(product(x, y)[0]).sum()
    assert "×" in str(viz.draw(z))
    assert not seen
    (dx,) = autograd.grad(z, [x], create_graph=True)  # 2xy²
    dx.sum().backward()
    assert (x.grad.item(), y.grad.item()) == (50, 60)


def test_a_module_with_backward_hooks_dies_with_its_graph() -> None:
    product = Product()
    product.register_full_backward_hook(lambda m, gi, go: None)
    x, y = Tensor([3.0], requires_grad=True), Tensor([5.0], requires_grad=True)
    (dx,) = autograd.grad(product(x, y)[0].sum(), [x], create_graph=True)
    gone = weakref.ref(product)
    gc.disable()
    try:
        del product, dx
        assert gone() is None
    finally:
        gc.enable()


def test_layers_of_a_slice_keep_their_names_in_the_whole() -> None:
    net = nn.Sequential(Affine(3, 3), Affine(3, 3))
    tail = net[1:]
    assert [path for _, path in paths(net(X))][::2] == ["Sequential.0", "Sequential.1"]
    assert paths(tail(X))[0][1] == "Sequential.0"


def test_nothing_is_left_in_the_mode_when_nothing_is_recorded() -> None:
    with autograd.no_grad():
        assert not Net()(X).requires_grad
    assert autograd.mode.local.mode.module is None
    assert autograd.mode.local.mode.where is None


def test_an_array_is_one_tensor_for_all_its_uses() -> None:
    class Residual(nn.Module):
        def __init__(self) -> None:
            self.inner = Affine(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.inner(x)

    y = Residual()(X)
    arrays = [node for node in ancestors([y.node]) if node.op is None and node.shape == X.shape]
    assert len(arrays) == 1
