"""An optimizer's state, saved and loaded: bit-equal resumption, and errors that change nothing."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from autograd import Tensor
from nn import optim

from .cases import NAMES, build, combinations, give_gradients, leaves, start, walk


def arrays_of(params: list[Tensor]) -> list[np.ndarray]:
    """Copies of the parameters' arrays."""
    return [p.data.copy() for p in params]


@pytest.mark.parametrize("name", NAMES)
def test_a_loaded_optimizer_goes_on_bit_for_bit(name: str) -> None:
    for options in combinations(name):
        params = leaves(start())
        optimizer = walk(name, params, steps=3, **options)
        others = leaves(arrays_of(params))
        resumed = build(name, others)
        resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
        for t in (4, 5, 6):
            for both, stepped in ((params, optimizer), (others, resumed)):
                give_gradients(both, t)
                stepped.step()
        for p, q in zip(params, others, strict=True):
            np.testing.assert_array_equal(p.data, q.data, str(options))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "Lion"])
def test_state_has_pytorchs_names_and_its_values_go_on_here(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    for options in combinations(name):
        theirs = [torch.tensor(x, requires_grad=True) for x in start()]
        other = getattr(torch.optim, name)(theirs, **options)
        params = leaves(start())
        optimizer = build(name, params, **options)
        for t in range(1, 7):
            give_gradients(params, t)
            if t > 3:
                optimizer.step()
            for q, p in zip(theirs, params, strict=True):
                q.grad = torch.tensor(p.grad.data)
            other.step()
            if t == 3:
                saved = other.state_dict()
                state = {
                    i: {k: v.numpy().copy() for k, v in kept.items() if v is not None}
                    for i, kept in saved["state"].items()
                }
                optimizer.load_state_dict({**saved, "state": state})
                for p, q in zip(params, theirs, strict=True):
                    p.data[...] = q.detach().numpy()
        assert {k for s in optimizer.state.values() for k in s} == {
            k for s in other.state_dict()["state"].values() for k in s
        }
        for p, q in zip(params, theirs, strict=True):
            np.testing.assert_allclose(p.data, q.detach().numpy(), 1e-12, 1e-12)


def test_loading_copies_and_saving_shares() -> None:
    params = leaves(start())
    optimizer = walk("Adam", params, steps=2)
    state = optimizer.state_dict()
    assert state["state"][0]["exp_avg"] is optimizer.state[params[0]]["exp_avg"]
    others = leaves(start())
    resumed = build("Adam", others)
    resumed.load_state_dict(state)
    loaded = resumed.state[others[0]]["exp_avg"]
    assert not np.shares_memory(loaded, state["state"][0]["exp_avg"])
    resumed.param_groups[0]["lr"] = 9.0
    assert state["param_groups"][0]["lr"] != 9.0


def test_options_and_entries_of_schedulers_are_loaded_with_the_groups() -> None:
    optimizer = optim.SGD(leaves(start()), lr=0.1, momentum=0.9)
    optim.lr_scheduler.StepLR(optimizer, 2)
    other = optim.SGD(leaves(start()), lr=0.7)
    group = other.param_groups[0]
    other.load_state_dict(optimizer.state_dict())
    assert group is other.param_groups[0]
    assert (group["lr"], group["momentum"], group["initial_lr"]) == (0.1, 0.9, 0.1)


def test_state_is_cast_to_the_parameters_dtype() -> None:
    optimizer = walk("Adam", leaves(start("float64")), steps=2)
    params = leaves(start("float32"))
    other = build("Adam", params)
    other.load_state_dict(optimizer.state_dict())
    assert {s["exp_avg"].dtype.name for s in other.state.values()} == {"float32"}
    assert {s["step"] for s in other.state.values()} == {2}


def test_tensors_in_the_state_are_taken_as_arrays() -> None:
    state = walk("Adam", leaves(start()), steps=2).state_dict()
    for kept in state["state"].values():
        kept.update({k: Tensor(v) for k, v in kept.items()})
    params = leaves(start())
    other = build("Adam", params)
    other.load_state_dict(state)
    give_gradients(params, 3)
    other.step()
    assert other.state[params[0]]["step"] == 3
    assert isinstance(other.state[params[0]]["exp_avg"], np.ndarray)


def test_names_are_the_optimizers_own_or_else_the_loaded() -> None:
    named = optim.SGD([("a", Tensor(1.0, requires_grad=True))])
    plain = optim.SGD([Tensor(1.0, requires_grad=True)])
    other = optim.SGD([("b", Tensor(1.0, requires_grad=True))])
    for optimizer in (plain, other):
        optimizer.load_state_dict(named.state_dict())
    assert plain.param_groups[0]["param_names"] == ["a"]
    assert other.param_groups[0]["param_names"] == ["b"]


def test_state_that_belongs_to_no_parameter_is_kept() -> None:
    optimizer = optim.SGD(leaves(start()))
    optimizer.state["temperature"] = {"now": 0.5, "best": [np.ones(2), None]}
    other = optim.SGD(leaves(start()))
    other.load_state_dict(optimizer.state_dict())
    assert other.state["temperature"]["now"] == 0.5
    assert other.state["temperature"]["best"][0] is not optimizer.state["temperature"]["best"][0]


def spoil_shape(state: dict) -> None:
    """Another shape of one array."""
    state["state"][1]["exp_avg"] = np.ones(2)


def spoil_two(state: dict) -> None:
    """Two faults at once."""
    del state["state"][0]["exp_avg_sq"]
    spoil_shape(state)


@pytest.mark.parametrize(
    ("spoil", "messages"),
    [
        (lambda s: s.pop("state"), ['no dictionary with "state" and "param_groups"']),
        (lambda s: s["param_groups"].append({"params": []}), ["2 parameter groups, the optimizer"]),
        (lambda s: s["param_groups"][0]["params"].pop(), ["2 parameters, the optimizer's 3"]),
        (lambda s: s["param_groups"][0].pop("betas"), ["group 0 lacks betas"]),
        (lambda s: s["param_groups"][0].update(lr=-1), ["lr is -1"]),
        (lambda s: s["state"].update({7: {}}), ["state for parameter 7, which is in no group"]),
        (spoil_shape, [r"parameter 1: exp_avg is \(2,\), the parameter \(5,\)"]),
        (spoil_two, ["parameter 0: exp_avg_sq is missing", "parameter 1: exp_avg is"]),
    ],
)
def test_what_does_not_fit_is_listed_and_nothing_changes(spoil, messages: list[str]) -> None:
    params = leaves(start())
    optimizer = walk("Adam", params, steps=2)
    before = copy.deepcopy(optimizer.state_dict())
    state = copy.deepcopy(walk("Adam", leaves(start()), steps=5).state_dict())
    state["param_groups"][0]["lr"] = 0.5
    spoil(state)
    with pytest.raises(ValueError, match=r"^Adam.load_state_dict: the state does not fit") as error:
        optimizer.load_state_dict(state)
    for message in messages:
        error.match(message)
    assert optimizer.param_groups[0]["lr"] == before["param_groups"][0]["lr"]
    for number, p in enumerate(params):
        for name, kept in optimizer.state[p].items():
            np.testing.assert_array_equal(kept, before["state"][number][name])


def test_another_optimizers_state_is_refused() -> None:
    with pytest.raises(ValueError, match="group 0 lacks amsgrad, betas, eps"):
        optim.Adam(leaves(start())).load_state_dict(optim.SGD(leaves(start())).state_dict())


def test_state_of_all_parameters_together_keeps_the_widest_dtype() -> None:
    narrow = Tensor(np.ones(2, "float32"), requires_grad=True)
    wide = Tensor(np.ones(2), requires_grad=True)
    optimizer = optim.SimulatedAnnealing([narrow, wide])
    optimizer.step(lambda: (wide**2).sum() + (narrow**2).sum())
    again = optim.SimulatedAnnealing([narrow, wide])
    again.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    best, kept = (o.state[narrow]["best"] for o in (again, optimizer))
    assert best.dtype == np.float64
    np.testing.assert_array_equal(best, kept)


def test_the_state_of_half_precision_is_loaded_without_rounding() -> None:
    params = leaves([np.ones(3, "float16")])
    optimizer = optim.Adam(params)
    params[0].grad = Tensor(np.full(3, 1e-4, "float16"))
    optimizer.step()
    again = optim.Adam(params)
    again.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    kept = optimizer.state[params[0]]["exp_avg_sq"]
    assert kept.all()
    np.testing.assert_array_equal(again.state[params[0]]["exp_avg_sq"], kept)


def test_a_state_without_parameters_is_loaded() -> None:
    optimizer = optim.Adam([{"params": []}])
    optimizer.load_state_dict(optimizer.state_dict())
    assert not optimizer.state
