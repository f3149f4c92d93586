"""State dictionaries: all or nothing, with every problem in one error."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import GraphError, Tensor
from tests.nn.networks import Net


def test_a_state_holds_parameters_and_saved_buffers_and_shares_their_memory() -> None:
    net = Net()
    net.register_buffer("cache", Tensor([1.0]), persistent=False)
    state = net.state_dict()
    assert list(state) == ["seen", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]
    assert state["fc1.weight"].data is net.fc1.weight.data
    assert not any(value.requires_grad for value in state.values())


def test_loading_writes_into_the_parameters_themselves() -> None:
    net, other = Net(), Net()
    for p in other.parameters():
        p.data[...] = 7
    weight, memory = net.fc1.weight, net.fc1.weight.data
    assert net.load_state_dict(other.state_dict()) == ([], [])
    assert net.fc1.weight is weight
    assert weight.data is memory
    assert (memory == 7).all()
    assert net.fc1.weight.data is not other.fc1.weight.data


def test_arrays_of_other_dtypes_are_cast() -> None:
    net = Net()
    net.load_state_dict({k: np.full(v.shape, 3, "int64") for k, v in net.state_dict().items()})
    assert net.fc1.bias.dtype == np.float32
    assert (net.fc1.bias.data == 3).all()


def test_all_problems_are_in_one_error_and_nothing_is_changed() -> None:
    net = Net()
    before = {k: v.data.copy() for k, v in net.state_dict().items()}
    bad = {k: np.full_like(v, 9) for k, v in before.items()}
    del bad["fc2.bias"]
    bad |= {"fc3.weight": np.ones(2), "fc1.weight": np.ones((3, 3)), "fc1.bias": "text"}
    with pytest.raises(ValueError) as caught:
        net.load_state_dict(bad)
    message = str(caught.value)
    for part in (
        "missing: fc2.bias",
        "unexpected: fc3.weight",
        "fc1.weight: the module's is (4, 3), the state's is (3, 3)",
        "fc1.bias: no array",
        "strict=False",
    ):
        assert part in message
    for key, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[key])


def test_not_strict_loads_what_both_have() -> None:
    net = Net()
    keys = net.load_state_dict({"fc1.bias": np.full(4, 5.0), "more": np.ones(1)}, strict=False)
    assert keys.unexpected_keys == ["more"]
    assert keys.missing_keys == ["seen", "fc1.weight", "fc2.weight", "fc2.bias"]
    assert (net.fc1.bias.data == 5).all()
    with pytest.raises(ValueError, match=r"fc1\.bias: the module's is"):
        net.load_state_dict({"fc1.bias": np.ones(3)}, strict=False)


def test_loading_between_forward_and_backward_is_noticed() -> None:
    net = Net()
    loss = net(np.ones((1, 3), "float32")).sum()
    net.load_state_dict(Net().state_dict())
    with pytest.raises(GraphError, match="overwritten"):
        loss.backward()


def test_tied_parameters_are_saved_under_each_path_and_loaded() -> None:
    net = Net(3)
    net.tied = net.fc2.weight
    twin = nn.Sequential(net)
    state = {k: v.data.copy() for k, v in twin.state_dict().items()}
    assert {"0.tied", "0.fc2.weight"} <= set(state)
    twin.load_state_dict(state)
    assert net.tied is net.fc2.weight


def test_nothing_is_loaded_where_one_parameter_cannot_be_written() -> None:
    net = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    fixed = np.ones((1, 1), "float32")
    fixed.flags.writeable = False
    net[1].weight.data = fixed
    before = net[0].weight.item()
    with pytest.raises(ValueError, match=r"1\.weight: the module's is in read-only memory"):
        net.load_state_dict({path: np.full(p.shape, 5.0) for path, p in net.named_parameters()})
    assert net[0].weight.item() == before


def test_a_path_is_no_state() -> None:
    with pytest.raises(TypeError, match=r"nn\.load\(path\)"):
        Net().load_state_dict("net.npz")
