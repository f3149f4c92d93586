"""ParameterList and ParameterDict: registered, in the state, rebuilt by a saved model."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn import Parameter, ParameterDict, ParameterList


class Net(nn.Module):
    def __init__(self) -> None:
        self.weights = ParameterList([Parameter(np.ones(3)), Parameter(np.zeros(2))])
        self.scales = ParameterDict({"low": Parameter([1.0]), "high": Parameter([2.0])})

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weights[0] * self.scales["high"]


def test_their_parameters_are_the_owner_s_under_number_or_name() -> None:
    net = Net()
    paths = ["weights.0", "weights.1", "scales.low", "scales.high"]
    assert [path for path, _ in net.named_parameters()] == paths
    assert list(net.state_dict()) == paths
    net(Tensor(np.ones(3))).sum().backward()
    assert net.weights[0].grad is not None and net.scales["high"].grad is not None


def test_a_list_counts_up_and_is_read_as_a_list() -> None:
    first, second, third = (Parameter([float(i)]) for i in range(3))
    held = ParameterList([first]).append(second).extend([third])
    assert len(held) == 3 and list(held) == [first, second, third]
    assert held[-1] is third and second in held and Parameter([1.0]) not in held
    assert list(held[1:]) == [second, third] and list(held[1:].state_dict()) == ["0", "1"]
    held[0] = third
    assert held[0] is third and len(held) == 3
    with pytest.raises(IndexError, match="index 3 is outside its 3 parameters"):
        held[3]


def test_a_dict_is_read_and_changed_by_name() -> None:
    held = ParameterDict({"a": Parameter([1.0])})
    held.update({"a": Parameter([2.0]), "b": Parameter([3.0])})
    assert held.keys() == ["a", "b"] == list(held) and "a" in held
    assert [p.item() for p in held.values()] == [2.0, 3.0]
    assert dict(held.items())["b"] is held["b"]
    del held["a"]
    assert list(held.state_dict()) == ["b"] and len(held) == 1
    with pytest.raises(KeyError, match="'a' is none of its parameters: b"):
        del held["a"]
    with pytest.raises(KeyError, match="has an attribute 'forward' already"):
        held["forward"] = Parameter([1.0])


def test_a_tensor_becomes_a_parameter_and_anything_else_is_refused() -> None:
    given = Tensor([1.0, 2.0])
    held = ParameterList([given])
    assert isinstance(held[0], Parameter) and held[0].requires_grad
    assert not np.shares_memory(held[0].data, given.data)
    assert not ParameterList([Tensor(np.array([1, 2]))])[0].requires_grad
    with pytest.raises(TypeError, match=r"ParameterList: .* is a ndarray, not a Parameter\. Use"):
        ParameterList([np.ones(2)])
    with pytest.raises(TypeError, match=r"ParameterDict: 1\.0 is a float"):
        ParameterDict({"a": 1.0})


@pytest.mark.parametrize(
    "model",
    [
        ParameterList([Parameter([1.0, 2.0]), Parameter([3.0], requires_grad=False)]),
        ParameterDict({"a": Parameter([1.0, 2.0]), "b": Parameter([3.0], requires_grad=False)}),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_saved_model_has_them_again(model: nn.Module, tmp_path: Path) -> None:
    loaded = nn.load_model(nn.save_model(model, tmp_path / "model.npz"))
    assert type(loaded) is type(model)
    ours, theirs = dict(model.named_parameters()), dict(loaded.named_parameters())
    assert list(ours) == list(theirs)
    for name, parameter in ours.items():
        assert theirs[name].tolist() == parameter.tolist()
        assert theirs[name].requires_grad == parameter.requires_grad


def test_a_copy_has_parameters_of_its_own() -> None:
    net = Net()
    copied = copy.deepcopy(net)
    assert copied.weights[0] is not net.weights[0]
    assert list(copied.state_dict()) == list(net.state_dict())
    copied.load_state_dict(net.state_dict())


def test_a_subclass_with_a_constructor_of_its_own_keeps_its_arguments() -> None:
    class Steps(ParameterList):
        def __init__(self, count: int) -> None:
            super().__init__([Parameter(np.zeros(2)) for _ in range(count)])

    assert Steps(3).config() == {"count": 3} and len(Steps(3)) == 3


def test_the_repr_tells_names_shapes_and_dtypes() -> None:
    held = ParameterList([Parameter(np.ones((2, 3)))])
    assert repr(held) == "ParameterList(\n  (0): Parameter of shape (2, 3), float64\n)"
    assert repr(ParameterDict()) == "ParameterDict()"
