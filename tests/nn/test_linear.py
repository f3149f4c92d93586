"""Linear and its kin: initial values, lazy sizes, activations by name, and what does not fit."""

from __future__ import annotations

import copy
from math import sqrt
from typing import Any

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, no_grad, ones, randn
from autograd.ops import add, linear


def test_initial_values_are_in_pytorch_s_bounds() -> None:
    autograd.manual_seed(0)
    layer = nn.Linear(64, 100)
    for parameter in layer.parameters():
        largest = abs(parameter.detach().numpy()).max()
        assert 0.95 / 8 < largest <= 1 / 8


def test_initial_values_of_bilinear_are_in_pytorch_s_bounds() -> None:
    autograd.manual_seed(0)
    layer = nn.Bilinear(16, 9, 100)
    for parameter in layer.parameters():
        assert 0.95 / 4 < abs(parameter.detach().numpy()).max() <= 1 / 4


def test_initial_values_of_dense_are_keras_s() -> None:
    autograd.manual_seed(0)
    layer = nn.Dense(100, input_shape=(64,))
    bound = sqrt(6 / 164)
    assert 0.99 * bound < abs(layer.weight.detach().numpy()).max() <= bound
    assert layer.bias is not None
    assert not layer.bias.detach().numpy().any()


def test_the_graph_shows_the_product_and_the_plus_alone() -> None:
    z = nn.Linear(3, 2)(ones(4, 3))
    assert z.node is not None
    assert z.node.op is add
    product = z.node.parents[0]
    assert product is not None
    assert product.op is linear


def test_gradients_lie_in_memory_as_the_parameters_do() -> None:
    layer = nn.Linear(3, 2)
    layer(ones(4, 3)).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.data.flags.c_contiguous


FAULTS: list[tuple[np.ndarray, type[Exception], str]] = [
    (
        np.ones((4, 784)),
        DTypeError,
        "Linear(784, 10): x is float64 but weight is float32. "
        'Use x.astype("float32"), or build the layer with dtype="float64".',
    ),
    (
        np.ones((4, 784), "int64"),
        DTypeError,
        "Linear(784, 10): x is int64, and a layer with weights needs floating numbers. "
        'Use x.astype("float32").',
    ),
    (
        np.ones((4, 28, 28), "float32"),
        ShapeError,
        "Linear(784, 10): x is (4, 28, 28), whose last axis has size 28, not 784. "
        "Put nn.Flatten() before the layer.",
    ),
    (
        np.ones((784, 4), "float32"),
        ShapeError,
        "Linear(784, 10): x is (784, 4), whose last axis has size 4, not 784. "
        "If samples are in the columns, use x.T.",
    ),
    (
        np.ones(3, "float32"),
        ShapeError,
        "Linear(784, 10): x is (3,), whose last axis has size 3, not 784. "
        "Build the layer for 3 inputs, or reshape x.",
    ),
    (
        np.ones((), "float32"),
        ShapeError,
        "Linear(784, 10): x is (), a single number; its last axis must have size 784.",
    ),
]


@pytest.mark.parametrize(("x", "kind", "message"), FAULTS)
def test_input_that_does_not_fit_is_explained(
    x: np.ndarray, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind) as caught:
        nn.Linear(784, 10)(x)
    assert str(caught.value) == message


def test_bilinear_checks_both_inputs() -> None:
    layer = nn.Bilinear(3, 2, 4)
    with pytest.raises(ShapeError, match=r"Bilinear\(3, 2, 4\): x is \(5, 3\), whose last axis"):
        layer(ones(5, 3), ones(5, 3))
    with pytest.raises(ShapeError, match=r"x1 is \(5, 3\) and x2 is \(4, 2\)"):
        layer(ones(5, 3), ones(4, 2))
    with pytest.raises(ShapeError, match=r"weight is \(2, 3\)"):
        F.bilinear(ones(3), ones(2), ones(2, 3))


def test_bilinear_is_a_quadratic_form_for_each_output() -> None:
    autograd.manual_seed(0)
    layer, x, y = nn.Bilinear(3, 2, 4, bias=False), randn(5, 3), randn(5, 2)
    expected = np.einsum("ni,kij,nj->nk", x.numpy(), layer.weight.detach().numpy(), y.numpy())
    np.testing.assert_allclose(layer(x, y).detach().numpy(), expected, rtol=1e-5, atol=1e-6)


def test_identity_takes_any_arguments() -> None:
    x = Tensor([1.0])
    assert nn.Identity(54, unused=True)(x) is x


# Lazy sizes


def test_a_lazy_layer_takes_its_size_from_the_first_input() -> None:
    layer = nn.LazyLinear(2)
    weight = layer.weight
    assert repr(layer) == "LazyLinear(in_features=0, out_features=2, bias=True)"
    assert list(layer.state_dict()) == ["weight", "bias"]
    assert layer(ones(4, 3)).shape == (4, 2)
    assert layer.weight is weight
    assert (weight.shape, layer.in_features) == ((2, 3), 3)
    assert weight.detach().numpy().all()
    with pytest.raises(ShapeError, match=r"LazyLinear\(3, 2\): x is \(4, 5\)"):
        layer(ones(4, 5))


def test_a_lazy_layer_draws_what_a_linear_layer_of_the_size_does() -> None:
    layer = nn.LazyLinear(2)
    autograd.manual_seed(4)
    layer(ones(1, 3))
    autograd.manual_seed(4)
    other = nn.Linear(3, 2)
    for ours, theirs in zip(layer.parameters(), other.parameters(), strict=True):
        assert np.array_equal(ours.detach(), theirs.detach())


@pytest.mark.parametrize("x", [np.ones((2, 3)), np.ones((2, 3), "int8"), np.float32(1), ones(2, 0)])
def test_a_first_input_that_does_not_fit_builds_nothing(x: Any) -> None:
    layer = nn.LazyLinear(2)
    with pytest.raises((ShapeError, DTypeError), match=r"LazyLinear\(2\): x is"):
        layer(x)
    assert layer.in_features == 0


def test_parameters_that_were_given_to_an_optimizer_are_the_ones_that_learn() -> None:
    model = nn.Sequential()
    model.add(nn.Dense(5, activation="relu"))
    model.add(nn.Dense(2))
    held = list(model.parameters())
    with no_grad():
        model(ones(3, 4))
    model(ones(3, 4)).sum().backward()
    assert [p.shape for p in held] == [(5, 4), (5,), (2, 5), (2,)]
    assert all(p.grad is not None and p.grad.shape == p.shape for p in held)


def test_a_state_gives_a_lazy_model_its_sizes() -> None:
    model, again = (nn.Sequential(nn.Dense(5, "tanh"), nn.LazyLinear(2)) for _ in range(2))
    x = randn(3, 4)
    expected = model(x)
    again.load_state_dict(model.state_dict())
    assert [m.in_features for m in again] == [4, 5]
    assert np.array_equal(again(x).detach(), expected.detach())


def test_a_state_that_does_not_fit_leaves_a_lazy_model_unbuilt() -> None:
    state = nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 3)).state_dict()
    model = nn.Sequential(nn.LazyLinear(5), nn.LazyLinear(2))
    with pytest.raises(ValueError, match="nothing was loaded"):
        model.load_state_dict(state)
    assert [m.in_features for m in model] == [0, 0]
    assert [p.size for p in model.parameters()] == [0, 5, 0, 2]
    assert model(ones(1, 7)).shape == (1, 2)


def test_a_lazy_layer_may_be_moved_and_copied_before_it_has_its_size() -> None:
    layer = copy.deepcopy(nn.LazyLinear(2).to("float64"))
    assert layer(np.ones((1, 3))).dtype == "float64"


@pytest.mark.parametrize("input_shape", [3, (3,), [28, 3]])
def test_dense_may_be_told_its_input_shape(input_shape: Any) -> None:
    assert nn.Dense(2, input_shape=input_shape).weight.shape == (2, 3)


# Dense's activation


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "softmax", "selu", "softplus", "gelu"])
def test_dense_applies_the_activation_of_that_name(name: str) -> None:
    autograd.manual_seed(0)
    layer, x = nn.Dense(4, name), randn(3, 5)
    z = layer(x)
    assert layer.bias is not None
    expected = getattr(F, name)(F.linear(x, layer.weight, layer.bias))
    assert np.array_equal(z.detach(), expected.detach())


@pytest.mark.parametrize("name", [None, "linear"])
def test_dense_without_an_activation_is_a_linear_layer(name: str | None) -> None:
    layer, x = nn.Dense(4, name), ones(3, 5)
    z = layer(x)
    assert np.array_equal(z.detach(), F.linear(x, layer.weight, layer.bias).detach())


def test_an_unknown_activation_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match=r"Dense\(4\): activation 'rleu' .* relu, .* softmax"):
        nn.Dense(4, "rleu")


def test_drawings_tell_class_and_sizes() -> None:
    assert nn.Linear(784, 50).drawing_detail() == "Linear 784 → 50"
    assert nn.Dense(50, "relu", input_shape=784).drawing_detail() == "Dense 784 → 50 relu"
    assert nn.Bilinear(5, 4, 3).drawing_detail() == "Bilinear 5 × 4 → 3"


def test_an_input_shape_may_be_a_numpy_integer_and_must_be_a_size() -> None:
    assert nn.Dense(3, input_shape=np.int64(4)).in_features == 4
    for shape in ((), 0, (3.5,)):
        with pytest.raises(ShapeError, match=r"Dense\(3\): input_shape is"):
            nn.Dense(3, input_shape=shape)


def test_a_wrong_size_is_said_once_without_the_products_own_message() -> None:
    with pytest.raises(ShapeError, match=r"nn\.Flatten\(\)") as caught:
        nn.Linear(64, 10)(np.zeros((2, 8, 8), "float32"))
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_a_size_that_is_no_int_is_named() -> None:
    with pytest.raises(TypeError, match=r"^Linear: in_features=64\.0 must be a whole .* Use 64\.$"):
        nn.Linear(64.0, 10)
    with pytest.raises(TypeError, match=r"out_features=None must be a whole number.* Give an int"):
        nn.Linear(64, None)
