"""What all optimizers share: groups, the step over them, saving by pickle, and the errors."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import autograd
from autograd import Tensor, as_tensor
from autograd.errors import DTypeError, GraphError, ShapeError
from nn import optim
from nn.parameter import Parameter

from .cases import NAMES, build, give_gradients, leaves, slope, start, walk


def leaf(*values: float, name: str | None = None) -> Tensor:
    """A vector that requires grad."""
    return Tensor(np.array(values), requires_grad=True, name=name)


def test_groups_have_options_of_their_own_and_the_defaults_for_the_rest() -> None:
    a, b = leaf(1.0), leaf(1.0)
    given = {"params": b, "lr": 0.5}
    optimizer = optim.SGD([{"params": [a]}, given], lr=0.1, weight_decay=0.2)
    assert [g["lr"] for g in optimizer.param_groups] == [0.1, 0.5]
    assert [g["weight_decay"] for g in optimizer.param_groups] == [0.2, 0.2]
    assert given == {"params": b, "lr": 0.5}, "the user's dictionary was changed"
    a.grad = b.grad = Tensor(np.array([1.0]))
    optimizer.step()
    np.testing.assert_allclose([a.item(), b.item()], [1 - 0.1 * 1.2, 1 - 0.5 * 1.2])


def test_a_group_that_is_added_is_stepped_with_its_options() -> None:
    a, b = leaf(1.0), leaf(1.0)
    optimizer = optim.SGD([a], lr=0.1)
    optimizer.add_param_group({"params": [b], "lr": 1.0})
    a.grad = b.grad = Tensor(np.array([1.0]))
    optimizer.step()
    np.testing.assert_allclose([a.item(), b.item()], [0.9, 0.0])


def test_scratch_grows_with_a_larger_group() -> None:
    small, large = leaf(1.0), leaf(*np.ones(100))
    optimizer = optim.Adam([small])
    small.grad = Tensor(np.ones(1))
    optimizer.step()
    optimizer.add_param_group({"params": [large]})
    large.grad = Tensor(np.ones(100))
    optimizer.step()
    np.testing.assert_allclose(large.data, np.full(100, 0.999), 1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_without_gradient_stay_and_keep_no_state(name: str) -> None:
    params = leaves(start())
    optimizer = build(name, params)
    params[1].grad = Tensor(slope(params[1].data, 1))
    optimizer.step()
    for place, (p, x) in enumerate(zip(params, start(), strict=True)):
        assert np.array_equal(p.data, x) == (place != 1)
    assert set(optimizer.state) <= {params[1]}


def test_a_parameter_that_joins_late_begins_its_own_count() -> None:
    a, b = leaf(1.0), leaf(1.0)
    optimizer = optim.Adam([a, b], lr=0.1)
    for _ in range(3):
        a.grad = Tensor(np.ones(1))
        optimizer.step()
    b.grad = Tensor(np.ones(1))
    optimizer.step()
    assert (optimizer.state[a]["step"], optimizer.state[b]["step"]) == (4, 1)
    np.testing.assert_allclose(b.item(), 0.9, 1e-6)


def test_an_option_may_be_switched_on_later() -> None:
    p = leaf(1.0)
    optimizer = optim.SGD([p], lr=0.1)
    for momentum in (0.0, 0.5, 0.5):
        optimizer.param_groups[0]["momentum"] = momentum
        p.grad = Tensor(np.ones(1))
        optimizer.step()
    np.testing.assert_allclose(p.item(), 1 - 0.1 - 0.1 - 0.15)


def test_step_returns_what_the_closure_returns_and_records_in_it() -> None:
    p = leaf(3.0)
    optimizer = optim.SGD([p], lr=0.1)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with autograd.no_grad():
        loss = optimizer.step(closure)
    assert loss.item() == 9.0
    np.testing.assert_allclose(p.item(), 3.0 - 0.1 * 6.0)
    assert optimizer.step() is None


def test_a_step_between_forward_and_backward_is_noticed() -> None:
    p = leaf(3.0, name="w")
    optimizer = optim.SGD([p], lr=0.1)
    loss = (p * p).sum()
    p.grad = Tensor(np.ones(1))
    optimizer.step()
    with pytest.raises(GraphError, match="overwritten after the forward pass"):
        loss.backward()


def test_zero_grad_drops_gradients() -> None:
    p, q = leaf(1.0), leaf(2.0)
    p.grad = Tensor(np.ones(1))
    optim.SGD([p, q]).zero_grad()
    assert p.grad is None and q.grad is None


@pytest.mark.parametrize("kind", ["owned", "read-only", "tracked"])
def test_zero_grad_can_fill_with_zeros(kind: str) -> None:
    p = leaf(1.0, 2.0)
    given = {
        "owned": Tensor(np.ones(2)),
        "read-only": as_tensor(np.broadcast_to(np.ones(1), (2,))),
        "tracked": leaf(1.0, 1.0) * 2,
    }[kind]
    p.grad = given
    optim.SGD([p]).zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0.0, 0.0] and not p.grad.requires_grad
    assert (p.grad is given) == (kind == "owned")


def test_names_of_the_parameters_are_kept() -> None:
    pairs = [("fc.weight", leaf(1.0)), ("fc.bias", leaf(2.0))]
    optimizer = optim.SGD(iter(pairs))
    assert optimizer.param_groups[0]["param_names"] == ["fc.weight", "fc.bias"]
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["fc.weight", "fc.bias"]
    assert "param_names" not in optim.SGD([leaf(1.0)]).state_dict()["param_groups"][0]


def test_repr_lists_the_options_of_each_group_as_pytorch_does() -> None:
    optimizer = optim.SGD([{"params": [leaf(1.0)]}, {"params": [leaf(1.0)], "lr": 0.5}], lr=0.1)
    assert repr(optimizer) == (
        "SGD (\n"
        "Parameter Group 0\n    dampening: 0\n    lr: 0.1\n    maximize: False\n"
        "    momentum: 0\n    nesterov: False\n    weight_decay: 0\n"
        "Parameter Group 1\n    dampening: 0\n    lr: 0.5\n    maximize: False\n"
        "    momentum: 0\n    nesterov: False\n    weight_decay: 0\n)"
    )


def test_repr_is_pytorchs_but_for_options_that_are_pytorchs_alone() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    alone = ("foreach", "differentiable", "fused", "capturable", "decoupled_weight_decay")
    for name in NAMES:
        if name != "Lion":
            theirs = repr(getattr(torch.optim, name)([torch.ones(1, requires_grad=True)]))
            lines = [x for x in theirs.splitlines() if x.strip().partition(":")[0] not in alone]
            assert repr(getattr(optim, name)([leaf(1.0)])) == "\n".join(lines)


@pytest.mark.parametrize("way", ["pickle", "deepcopy"])
@pytest.mark.parametrize("name", NAMES)
def test_a_copy_goes_on_as_the_original_does(name: str, way: str) -> None:
    params = [Parameter(x) for x in start()]
    optimizer = walk(name, params, steps=3)
    pair = (params, optimizer)
    copies, twin = copy.deepcopy(pair) if way == "deepcopy" else pickle.loads(pickle.dumps(pair))
    for t in (4, 5):
        for both, stepped in ((params, optimizer), (copies, twin)):
            give_gradients(both, t)
            stepped.step()
    for p, q in zip(params, copies, strict=True):
        assert p is not q
        np.testing.assert_array_equal(p.data, q.data)


# Errors

TWICE = leaf(1.0, name="w")


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        (lambda: [], ValueError, "there are no parameters. A generator"),
        (lambda: iter(()), ValueError, "there are no parameters"),
        (lambda: leaf(1.0), TypeError, r"not one Tensor of shape \(1,\). Use SGD\(\[x\]\)"),
        (lambda: {leaf(1.0)}, TypeError, "a set, whose order changes"),
        (lambda: 3, TypeError, "not a int"),
        (lambda: {"params": [leaf(1.0)]}, TypeError, "not a dict"),
        (lambda: [leaf(1.0), 3.0], TypeError, "parameter 1 of group 0 is a float, not a Tensor"),
        (lambda: [Tensor([1.0])], GraphError, "none of the 1 parameters requires grad"),
        (lambda: [leaf(1.0), leaf(1.0) * 2], GraphError, "parameter 1 .* result of an operation"),
        (lambda: [TWICE, TWICE], ValueError, "parameter 0 .'w'. .* in group 0 and again"),
        (lambda: [{"params": [TWICE]}, {"params": [TWICE]}], ValueError, "and again in group 1"),
        (lambda: [{"lr": 1.0}], TypeError, 'a dictionary with "params"'),
        (lambda: [{"params": [TWICE]}, leaf(1.0)], TypeError, "entry 1 is a Tensor among groups"),
        (lambda: [("a", leaf(1.0)), leaf(1.0)], ValueError, "1 of 2 parameters came with a name"),
        (
            lambda: [{"params": [("a", leaf(1.0))]}, {"params": [leaf(1.0)]}],
            ValueError,
            "some groups come with names",
        ),
    ],
)
def test_parameters_that_cannot_be_optimized_are_refused(params, error, message) -> None:
    with pytest.raises(error, match=message) as caught:
        optim.SGD(params())
    assert str(caught.value).startswith("SGD: ")


def test_a_module_given_for_its_parameters_is_told_so() -> None:
    class Net:
        def parameters(self) -> list[Tensor]:
            return [leaf(1.0)]

    with pytest.raises(TypeError, match=r"not a Net. Pass .parameters\(\)"):
        optim.Adam(Net())


def test_an_unfit_parameter_is_called_by_its_name() -> None:
    with pytest.raises(GraphError, match=r"parameter 1 \('fc.bias'\)"):
        optim.SGD([("fc.weight", leaf(1.0)), ("fc.bias", leaf(1.0) * 2)])


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("SGD", {"lr": -0.1}, "SGD: lr is -0.1; it must be at least 0."),
        ("SGD", {"lr": float("nan")}, "lr is nan"),
        ("SGD", {"momentum": -1}, "momentum is -1"),
        ("SGD", {"nesterov": True}, "nesterov needs momentum above 0 and no dampening"),
        ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "dampening 0.1"),
        ("Adagrad", {"lr_decay": -1}, "lr_decay is -1"),
        ("Adagrad", {"initial_accumulator_value": -1}, "initial_accumulator_value is -1"),
        ("Adadelta", {"rho": 1.5}, r"rho is 1.5; it must be in \[0, 1\]"),
        ("RMSprop", {"alpha": 2}, "alpha is 2"),
        ("Adam", {"betas": (0.9, 1.0)}, r"betas\[1\] is 1.0; it must be in \[0, 1\)"),
        ("AdamW", {"eps": -1e-8}, "AdamW: eps is -1e-08"),
        ("Lion", {"weight_decay": -1}, "weight_decay is -1"),
    ],
)
def test_an_option_out_of_its_range_is_refused(name: str, options, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(optim, name)([leaf(1.0)], **options)
    optimizer = getattr(optim, name)([leaf(1.0)])
    with pytest.raises(ValueError, match=message):
        optimizer.add_param_group({"params": [leaf(1.0)], **options})
    assert len(optimizer.param_groups) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": "0.1"}, "lr is a str"),
        ({"lr": Tensor(0.1)}, r"lr is a Tensor, .* Use float\(lr\)"),
        ({"betas": 0.9}, "betas is 0.9; it must be a pair"),
    ],
)
def test_an_option_of_another_type_is_refused(options, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        optim.Adam([leaf(1.0)], **options)


@pytest.mark.parametrize(
    ("change", "error"), [("dtype", DTypeError), ("shape", ShapeError), ("gradient", DTypeError)]
)
def test_a_parameter_that_no_longer_fits_is_named_and_nothing_moves(change, error) -> None:
    first, second = leaf(1.0, 2.0), leaf(1.0, 2.0)
    optimizer = optim.Adam([("a", first), ("b", second)], lr=0.1)
    for p in (first, second):
        p.grad = Tensor(np.ones(2))
    optimizer.step()
    before = first.data.copy()
    if change == "gradient":
        second._data = second.data.astype("float32")
    else:
        second._place(np.ones(2, "f4") if change == "dtype" else np.ones(3), True, None)
        second.grad = Tensor(np.ones(second.shape, second.dtype))
    with pytest.raises(error, match=r"parameter 1 \('b'\) is"):
        optimizer.step()
    np.testing.assert_array_equal(first.data, before)
    assert optimizer.state[first]["step"] == 1


def test_state_follows_a_cast_parameter_by_loading_it_into_itself() -> None:
    p = leaf(1.0, 2.0)
    optimizer = walk("Adam", [p], steps=2)
    p._place(p.data.astype("float32"), True, None)
    optimizer.load_state_dict(optimizer.state_dict())
    give_gradients([p], 3)
    optimizer.step()
    assert optimizer.state[p]["exp_avg"].dtype == p.dtype == np.float32
    assert optimizer.state[p]["step"] == 3


def test_a_read_only_parameter_is_refused_before_anything_moves() -> None:
    first, second = leaf(1.0), leaf(1.0)
    second.data.setflags(write=False)
    for p in (first, second):
        p.grad = Tensor(np.ones(1))
    with pytest.raises(GraphError, match=r"parameter 1 of shape .* read-only memory"):
        optim.SGD([first, second]).step()
    assert first.item() == 1.0


def test_a_subclass_without_a_rule_is_told_so() -> None:
    class Lazy(optim.Optimizer):
        pass

    p = leaf(1.0)
    p.grad = Tensor(np.ones(1))
    with pytest.raises(NotImplementedError, match=r"Lazy has no update\(\)"):
        Lazy([p], {}).step()
