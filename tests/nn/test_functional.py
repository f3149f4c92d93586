"""nn.functional: one place for all functions of layers, which take arrays as well as Tensors."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import ShapeError, Tensor, gradcheck
from nn import activation_functions, loss_functions, normalization_functions

ELEMENTWISE = """elu gelu hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish relu relu6 selu
    sigmoid silu softplus softsign tanh""".split()


def test_each_name_stands_once_and_is_documented() -> None:
    assert len(F.__all__) == len(set(F.__all__))
    for name in F.__all__:
        assert inspect.getdoc(getattr(F, name)), name


@pytest.mark.parametrize(
    "module",
    [activation_functions, loss_functions, normalization_functions],
    ids=lambda m: m.__name__,
)
def test_functions_with_a_file_of_their_own_are_found_here(module: object) -> None:
    for name in vars(module)["__all__"]:
        assert getattr(F, name) is getattr(module, name)


def test_linear_multiplies_by_the_transposed_weight_and_adds_the_bias() -> None:
    x, weight, bias = np.ones((4, 3)), np.arange(6.0).reshape(2, 3), np.array([10.0, 20.0])
    np.testing.assert_array_equal(F.linear(x, weight).numpy(), x @ weight.T)
    np.testing.assert_array_equal(F.linear(x, weight, bias).numpy(), x @ weight.T + bias)
    with pytest.raises(ShapeError, match="linear: x is"):
        F.linear(x, weight.T)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_activations_agree_with_pytorch_s_functions_on_arrays(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x = np.linspace(-7, 7, 30)
    theirs = getattr(torch.nn.functional, name)(torch.tensor(x)).numpy()
    np.testing.assert_allclose(getattr(F, name)(x).numpy(), theirs, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("leaky_relu", (0.3,)),
        ("elu", (0.7,)),
        ("softplus", (2.0, 3.0)),
        ("hardtanh", (-0.5, 2.0)),
        ("threshold", (0.5, -1.0)),
        ("softmax", (0,)),
        ("log_softmax", (0,)),
    ],
)
def test_settings_stand_in_pytorch_s_order(name: str, arguments: tuple[float, ...]) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x = np.linspace(-3, 3, 12).reshape(4, 3)
    theirs = getattr(torch.nn.functional, name)(torch.tensor(x), *arguments).numpy()
    np.testing.assert_allclose(getattr(F, name)(Tensor(x), *arguments).numpy(), theirs, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "more"),
    [(name, ()) for name in ["relu", "relu6", "leaky_relu", "elu", "selu", "silu", "mish"]]
    + [("hardswish", ()), ("hardtanh", ()), ("hardsigmoid", ()), ("threshold", (0.0, 1.0))]
    + [("dropout", ())],
)
def test_overwriting_the_input_is_refused_as_the_layers_refuse_it(name: str, more: tuple) -> None:
    with pytest.raises(ValueError, match=f"^{name}: inplace=True, but no layer overwrites"):
        getattr(F, name)(np.ones(2), *more, inplace=True)
    assert getattr(F, name)(np.ones(2), *more, inplace=False).shape == (2,)


@pytest.mark.parametrize("arguments", [(), (2.0, 0), (1.0, -1), (3.0, 1), (float("inf"), 1)])
def test_normalize_gives_vectors_of_norm_one_as_pytorch_does(arguments: tuple) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x = np.random.default_rng(0).standard_normal((3, 4))
    theirs = torch.nn.functional.normalize(torch.tensor(x), *arguments).numpy()
    np.testing.assert_allclose(F.normalize(x, *arguments).numpy(), theirs, rtol=1e-12)


def test_normalize_is_differentiable_and_leaves_zeros() -> None:
    x = Tensor(np.random.default_rng(0).standard_normal((3, 4)), requires_grad=True)
    assert gradcheck(F.normalize, [x])
    zeros = Tensor(np.zeros((2, 3), "float16"), requires_grad=True)
    z = F.normalize(zeros)
    z.sum().backward()
    assert z.dtype == "float16" and not z.detach().numpy().any()
    assert zeros.grad is not None and np.isfinite(zeros.grad.numpy()).all()
    assert F.normalize([[3, 4]]).tolist() == pytest.approx(np.array([[0.6, 0.8]]))


def test_one_hot_is_the_encoding_of_nn_data() -> None:
    assert F.one_hot is nn.data.one_hot
    assert F.one_hot(Tensor(np.array([0, 2])), 3).tolist() == [[1, 0, 0], [0, 0, 1]]
