"""nn.functional: one place for all functions of layers, which take arrays as well as Tensors."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import nn.functional as F
from autograd import ShapeError, Tensor
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
