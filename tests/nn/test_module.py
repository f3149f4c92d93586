"""Module: what it registers, how its tree is walked, moved, frozen, copied and printed."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import autograd
import nn
from autograd import BackendError, DTypeError, Tensor
from tests.nn.networks import Affine, Net


def test_parameters_buffers_and_modules_are_registered_by_assignment() -> None:
    net = Net()
    assert [path for path, _ in net.named_parameters()] == [
        "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias",
    ]  # fmt: skip
    assert [path for path, _ in net.named_buffers()] == ["seen"]
    assert [path for path, _ in net.named_modules()] == ["", "fc1", "fc2"]
    assert list(net.children()) == [net.fc1, net.fc2]
    assert list(net.fc1.parameters()) == [net.fc1.weight, net.fc1.bias]
    assert list(net.parameters(recurse=False)) == []


def test_a_shared_module_or_parameter_counts_once() -> None:
    net = Net(3)
    net.again = net.fc1
    net.tied = net.fc2.weight
    assert len(list(net.parameters())) == 4
    assert [path for path, _ in net.named_modules()] == ["", "fc1", "fc2"]
    assert [p for p, _ in net.named_modules(remove_duplicate=False)] == ["", "fc1", "fc2", "again"]
    assert {path for path, _ in net.named_parameters(remove_duplicate=False)} >= {
        "tied", "fc2.weight", "again.weight", "fc1.weight",
    }  # fmt: skip
    assert {"tied", "again.bias"} <= set(net.state_dict())


def test_assigning_another_kind_of_thing_to_a_registered_name_is_refused() -> None:
    net = Net()
    with pytest.raises(TypeError, match="weight is a parameter and cannot become a Tensor"):
        net.fc1.weight = Tensor([1.0])
    with pytest.raises(TypeError, match="fc1 is a module and cannot become a int"):
        net.fc1 = 3
    with pytest.raises(TypeError, match="seen is a buffer and cannot become a list"):
        net.seen = [1, 2]
    assert len(list(net.parameters())) == 4
    net.fc1.bias = None
    assert [path for path, _ in net.named_parameters()] == ["fc1.weight", "fc2.weight", "fc2.bias"]
    net.fc1.bias = nn.Parameter([1.0])
    assert len(list(net.parameters())) == 4


def test_a_name_that_changes_its_kind_leaves_its_old_registry() -> None:
    net = Net()
    net.seen = nn.Parameter([1.0])
    assert list(net.buffers()) == []
    del net.fc2
    assert [path for path, _ in net.named_parameters()] == ["seen", "fc1.weight", "fc1.bias"]
    with pytest.raises(AttributeError):
        _ = net.fc2


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: m.register_parameter("a.b", None), KeyError, "without dots"),
        (lambda m: m.register_parameter("fc1", None), KeyError, "has an attribute 'fc1'"),
        (lambda m: m.register_parameter("w", Tensor([1.0])), TypeError, "is no Parameter"),
        (lambda m: m.register_buffer("forward", None), KeyError, "already"),
        (lambda m: m.register_buffer("b", [1]), TypeError, "is no Tensor"),
        (lambda m: m.add_module("", None), KeyError, "at least one letter"),
        (lambda m: m.add_module("m", 3), TypeError, "is no Module"),
        (lambda m: m.get_submodule("fc1.deep"), AttributeError, "fc1 has no module 'deep'"),
        (lambda m: m.get_parameter("fc1.x"), AttributeError, "Its parameters: weight, bias"),
        (lambda m: m.train("yes"), TypeError, "must be True or False"),
        (lambda m: nn.Module()(1), NotImplementedError, "has no forward"),
        (lambda m: nn.Module(1), TypeError, "takes no arguments"),
        (lambda m: m.register_forward_hook(3), TypeError, "must be a function"),
    ],
)
def test_mistakes_are_named(call, error, message) -> None:
    with pytest.raises(error, match=message):
        call(Net())


def test_parts_are_found_by_path() -> None:
    net = Net()
    assert net.get_submodule("") is net
    assert net.get_submodule("fc2") is net.fc2
    assert net.get_parameter("fc2.bias") is net.fc2.bias


def test_train_and_eval_reach_every_module() -> None:
    net = nn.Sequential(Net(), nn.Sequential(Net()))
    assert all(module.training for module in net.modules())
    assert not any(module.training for module in net.eval().modules())
    assert all(module.training for module in net.train().modules())


def test_apply_visits_inner_modules_first() -> None:
    net, seen = Net(), []
    assert net.apply(seen.append) is net
    assert seen == [net.fc1, net.fc2, net]


def test_freezing_and_forgetting_gradients() -> None:
    net = Net()
    net.requires_grad_(False)
    assert not net(np.ones((1, 3), "float32")).requires_grad
    net.requires_grad_()
    net(np.ones((1, 3), "float32")).sum().backward()
    net.zero_grad(set_to_none=False)
    assert all(not p.grad.numpy().any() for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_moving_to_a_dtype_keeps_the_parameters_themselves() -> None:
    net = Net()
    before = list(net.parameters())
    net.register_buffer("count", Tensor(np.array(3)))
    net(np.ones((1, 3), "float32")).sum().backward()
    assert net.double() is net
    assert list(net.parameters()) == before
    assert {p.dtype.name for p in before} == {"float64"}
    assert all(p.requires_grad and p.grad is None and p.is_leaf for p in before)
    assert net.seen.dtype == np.float64
    assert net.count.dtype.kind == "i"
    y = net(np.ones((1, 3)))
    y.sum().backward()
    assert y.dtype == before[0].grad.dtype == np.float64
    assert {p.dtype.name for p in net.half().float().parameters()} == {"float32"}


def test_moving_refuses_what_is_no_device_and_no_floating_dtype() -> None:
    net = Net()
    with pytest.raises(DTypeError, match="cannot be int64"):
        net.to("int64")
    with pytest.raises(BackendError):
        net.to("cuda:x")
    assert net.to("cpu") is net


def test_a_copy_shares_nothing_and_keeps_tied_parameters_tied() -> None:
    net = Net(3)
    net.tied = net.fc2.weight
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin.tied is twin.fc2.weight
        assert twin.tied is not net.tied
        x = np.ones((2, 3), "float32")
        np.testing.assert_array_equal(twin(x).detach(), net(x).detach())
        assert twin.config() == {"hidden": 3, "scale": 2.0}


def test_the_constructors_arguments_are_kept_by_name() -> None:
    assert Net(scale=3.0).config() == {"hidden": 4, "scale": 3.0}
    assert Affine(2, 1).config() == {"inputs": 2, "outputs": 1}


def test_repr_is_a_tree() -> None:
    assert repr(nn.Sequential(Net(), Affine(2, 1))) == (
        "Sequential(\n"
        "  (0): Net(\n"
        "    (fc1): Affine(3 to 4)\n"
        "    (fc2): Affine(4 to 2)\n"
        "  )\n"
        "  (1): Affine(2 to 1)\n"
        ")"
    )
    assert repr(nn.Sequential()) == "Sequential()"


def test_a_module_dies_at_del_with_its_graphs() -> None:
    gc.disable()
    try:
        net = Net()
        y = net(np.ones((1, 3), "float32")).sum()
        y.backward()
        gone = weakref.ref(net)
        del net, y
        assert gone() is None
    finally:
        gc.enable()


def test_parameters_are_leaves_and_say_what_they_are() -> None:
    p = nn.Parameter([1.0, 2.0])
    assert p.is_leaf
    assert p.requires_grad
    assert repr(p).startswith("Parameter containing:\n")
    assert not nn.Parameter([1, 2], requires_grad=False, dtype="int64").requires_grad
    with pytest.raises(DTypeError):
        nn.Parameter(np.array([1, 2]))
    y = p * 2
    assert type(y) is autograd.Tensor


def test_zero_grad_forgets_what_is_not_finite() -> None:
    net = Net()
    for parameter in net.parameters():
        parameter.grad = Tensor(np.full(parameter.shape, np.nan, "float32"))
    net.zero_grad(set_to_none=False)
    assert all(p.grad is not None and not p.grad.numpy().any() for p in net.parameters())


def test_hooks_of_a_parameter_outlive_a_move_and_a_freeze() -> None:
    layer, seen = Affine(3, 2), []
    handle = layer.weight.register_hook(lambda g: seen.append(g.dtype.name))
    layer.double()(np.ones((1, 3))).sum().backward()
    layer.requires_grad_(False).float().requires_grad_(True)
    layer(np.ones((1, 3), "float32")).sum().backward()
    handle.remove()
    layer(np.ones((1, 3), "float32")).sum().backward()
    assert seen == ["float64", "float32"]


def test_a_module_built_from_an_iterator_is_copied_and_pickled() -> None:
    class Tower(nn.Module):
        def __init__(self, layers: object) -> None:
            self.layers = nn.ModuleList(layers)

    tower = Tower(Affine(2, 2) for _ in range(3))
    assert len(copy.deepcopy(tower).layers) == 3
    assert len(pickle.loads(pickle.dumps(nn.ModuleList(Affine(2, 2) for _ in range(2))))) == 2
    assert "can be read only once" in repr(tower.config()["layers"])


def test_a_shallow_copy_has_a_list_of_parts_of_its_own() -> None:
    net = Net()
    copied = copy.copy(net)
    del copied.fc1
    copied.more = Affine(2, 2)
    assert [path for path, _ in net.named_modules()] == ["", "fc1", "fc2"]
    assert [path for path, _ in copied.named_modules()] == ["", "fc2", "more"]
    assert copied.fc2 is net.fc2


def test_what_an_attribute_refuses_is_not_registered() -> None:
    class Fixed(nn.Module):
        @property
        def weight(self) -> None:
            """What nobody can set."""

    module = Fixed()
    with pytest.raises(AttributeError):
        module.weight = nn.ReLU()
    assert repr(module) == "Fixed()"
