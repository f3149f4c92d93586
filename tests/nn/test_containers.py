"""Sequential, ModuleList, ModuleDict: their items, names, and what they run."""

from __future__ import annotations

import gc
import itertools
import weakref

import numpy as np
import pytest

import nn
from tests.nn.networks import Affine, Net

X = np.ones((2, 3), "float32")


def test_sequential_runs_its_modules_in_order() -> None:
    one, two = Affine(3, 4), Affine(4, 2)
    net = nn.Sequential(one, two)
    np.testing.assert_array_equal(net(X).detach(), two(one(X)).detach())
    assert list(net) == [one, two]
    assert (len(net), net[0], net[-1], one in net) == (2, one, two, True)
    assert [path for path, _ in net.named_parameters()][:2] == ["0.weight", "0.bias"]
    x = object()
    assert nn.Sequential()(x) is x


def test_sequential_grows_by_add_as_in_keras() -> None:
    net = nn.Sequential()
    assert net.add(Affine(3, 4)) is net
    net.append(Affine(4, 2)).extend([Affine(2, 2)])
    assert [name for name, _ in net.named_children()] == ["0", "1", "2"]
    assert net(X).shape == (2, 2)
    assert net.config() == {"modules": list(net)}


def test_named_sequential_keeps_its_names() -> None:
    net = nn.Sequential({"encode": Affine(3, 4), "decode": Affine(4, 3)})
    net.add(Affine(3, 1))
    assert [name for name, _ in net.named_children()] == ["encode", "decode", "2"]
    assert net.encode is net[0]
    assert list(net.config()["modules"]) == ["encode", "decode", "2"]


def test_slices_are_of_the_same_class_and_share_the_modules() -> None:
    net = nn.Sequential(Affine(3, 4), Affine(4, 4), Affine(4, 2))
    part = net[1:]
    assert isinstance(part, nn.Sequential)
    assert list(part) == [net[1], net[2]]
    assert [name for name, _ in part.named_children()] == ["0", "1"]
    assert len(net) == 3


@pytest.mark.parametrize("kind", [nn.Sequential, lambda *m: nn.ModuleList(m)])
def test_items_can_be_put_taken_and_replaced(kind) -> None:
    a, b, c = Affine(1, 1), Affine(2, 2), Affine(3, 3)
    held = kind(a, b)
    held.insert(0, c)
    assert list(held) == [c, a, b]
    held[1] = b
    assert list(held) == [c, b, b]
    assert held.pop() is b
    del held[0]
    assert list(held) == [b]
    assert [name for name, _ in held.named_children()] == ["0"]
    with pytest.raises(IndexError, match="index 5 is outside its 1 modules"):
        _ = held[5]


@pytest.mark.parametrize("wrong", [nn.Sequential, 3, None, "relu"])
def test_what_is_no_module_is_refused_and_nothing_changes(wrong) -> None:
    held = nn.ModuleList([Affine(1, 1)])
    with pytest.raises(TypeError, match="Module"):
        held.append(wrong)
    assert len(held) == 1


def test_a_module_list_registers_and_is_not_called() -> None:
    class Stack(nn.Module):
        def __init__(self) -> None:
            self.layers = nn.ModuleList(Affine(3, 3) for _ in range(3))

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    stack = Stack()
    assert len(list(stack.parameters())) == 6
    assert stack(X).shape == (2, 3)
    with pytest.raises(NotImplementedError, match="ModuleList has no forward"):
        stack.layers(X)


def test_a_module_dict_is_a_mapping_of_modules() -> None:
    held = nn.ModuleDict({"a": Affine(1, 1)})
    held["b"] = net = Net()
    assert (held.keys(), held.values()[1], len(held), "b" in held) == (["a", "b"], net, 2, True)
    assert dict(held.items())["b"] is held["b"]
    assert [name for name in held] == ["a", "b"]
    held.update({"a": net})
    assert held["a"] is net
    del held["a"]
    assert held.config() == {"modules": {"b": net}}
    with pytest.raises(KeyError, match="is none of its modules: b"):
        _ = held["c"]
    with pytest.raises(KeyError, match="already"):
        held["forward"] = net


def test_a_subclass_with_a_constructor_of_its_own_is_built_from_its_arguments() -> None:
    class Pair(nn.Sequential):
        def __init__(self, width: int) -> None:
            super().__init__(Affine(3, width), Affine(width, 2))

    assert Pair(5).config() == {"width": 5}


def test_names_that_are_numbers_are_kept() -> None:
    held = nn.Sequential({"5": Affine(3, 3)})
    assert list(held.config()["modules"]) == ["5"]


def test_a_module_taken_out_of_a_container_is_let_go() -> None:
    net, named = nn.Sequential(Affine(3, 3), nn.ReLU()), nn.ModuleDict({"a": Affine(3, 3)})
    gone = [weakref.ref(net[0]), weakref.ref(named["a"])]
    gc.disable()
    try:
        del net[0], named["a"]
        assert [r() for r in gone] == [None, None]
    finally:
        gc.enable()


def test_a_slice_of_a_subclass_with_its_own_constructor_is_a_plain_container() -> None:
    class Tower(nn.Sequential):
        def __init__(self, sizes: list[int]) -> None:
            super().__init__(*[Affine(a, b) for a, b in itertools.pairwise(sizes)])

    tower = Tower([3, 4, 2])
    assert type(tower[1:]) is nn.Sequential and tower[1:][0] is tower[1]
    assert tower.config() == {"sizes": [3, 4, 2]}


def test_what_is_no_module_cannot_take_a_place() -> None:
    net = nn.Sequential(Affine(3, 3))
    with pytest.raises(TypeError, match="None is no Module"):
        net[0] = None
    assert isinstance(net[0], Affine)


def test_a_dict_with_its_own_constructor_is_described_by_its_arguments() -> None:
    class Heads(nn.ModuleDict):
        def __init__(self, count: int) -> None:
            super().__init__({str(i): Affine(2, 2) for i in range(count)})

    assert Heads(2).config() == {"count": 2}


def test_a_list_of_layers_is_taken_as_keras_has_it() -> None:
    layers = [Affine(3, 4), Affine(4, 2)]
    assert list(nn.Sequential(layers)) == layers
    assert nn.Sequential(layers).config() == {"modules": layers}


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        (nn.ReLU, r"ReLU is a class\. Call it: ReLU\(\)"),
        (nn.functional.relu, r"nn\.ReLU\(\) for relu"),
        (lambda x: x, "a Module of your own"),
        ("relu", "'relu' is a str, not a Module"),
    ],
)
def test_what_is_no_module_is_told_what_to_write(wrong, remedy) -> None:
    with pytest.raises(TypeError, match=remedy):
        nn.Sequential(wrong)
