"""Activations at their kinks and extremes, the perceptron's step, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import DTypeError, GraphError, ShapeError, Tensor, grad
from autograd.op import Op
from nn import activation_functions
from tests.autograd.test_registry import numpy_functions

#: Class, kinks, and the gradients there.
KINKS: list[tuple[Any, list[float], list[float]]] = [
    (nn.ReLU(), [0.0], [0.0]),
    (nn.ReLU6(), [0.0, 6.0], [0.0, 0.0]),
    (nn.Hardtanh(), [-1.0, 1.0], [0.0, 0.0]),
    (nn.Hardsigmoid(), [-3.0, 3.0], [0.0, 0.0]),
    (nn.Hardswish(), [-3.0, 3.0], [0.0, 1.0]),
    (nn.LeakyReLU(0.25), [0.0], [0.25]),
    (nn.PReLU(init=0.25), [0.0], [0.25]),
    (nn.ELU(0.5), [0.0], [0.5]),
    (nn.Threshold(0.5, 2.0), [0.5], [0.0]),
    (nn.Softsign(), [0.0], [1.0]),
]
SATURATING = [nn.Sigmoid(), nn.Tanh(), nn.LogSigmoid(), nn.Softsign(), nn.Softmax(), nn.Softplus()]
ELEMENTWISE = [
    *SATURATING,
    *(layer for layer, _, _ in KINKS),
    *(nn.SELU(), nn.SiLU(), nn.Mish(), nn.GELU(), nn.GELU("tanh"), nn.LogSoftmax()),
]
#: The operations that are declared in nn, called on values of x: name of the function, arguments.
OWN: list[tuple[str, tuple[Any, ...]]] = [
    ("prelu", (Tensor([0.3], dtype="float64", requires_grad=True),)),
    ("hardtanh", (-0.7, 0.9)),
    ("hardsigmoid", ()),
    ("logsigmoid", ()),
    ("softsign", ()),
    ("threshold", (0.2, 5.0)),
]
INPLACE = [
    *(nn.ReLU, nn.ReLU6, nn.SELU, nn.SiLU, nn.Mish, nn.Hardswish, nn.Hardsigmoid),
    *(nn.LeakyReLU, nn.ELU, nn.Hardtanh, nn.Dropout),
]


@pytest.mark.parametrize(("layer", "kinks", "slopes"), KINKS, ids=repr)
def test_at_a_kink_the_gradient_is_the_published_one(
    layer: Any, kinks: list[float], slopes: list[float]
) -> None:
    x = Tensor(kinks, requires_grad=True)
    layer(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == slopes


@pytest.mark.parametrize("layer", ELEMENTWISE, ids=repr)
def test_values_and_gradients_are_finite_for_large_inputs(layer: Any) -> None:
    x = Tensor([[-1e4, -50.0, 50.0, 1e4]], requires_grad=True)
    z = layer(x)
    z.sum().backward()
    assert x.grad is not None
    assert np.isfinite(z.detach().numpy()).all()
    assert np.isfinite(x.grad.numpy()).all()


@pytest.mark.parametrize("layer", [*ELEMENTWISE, nn.Step()], ids=repr)
def test_nan_is_passed_on(layer: Any) -> None:
    assert np.isnan(layer(Tensor([float("nan")])).detach().numpy()).all()


def test_logsigmoid_is_exact_where_sigmoid_rounds_to_zero() -> None:
    x = Tensor([-800.0, -30.0, 0.0, 30.0], dtype="float64")
    exact = np.minimum(x.numpy(), 0) - np.log1p(np.exp(-np.abs(x.numpy())))
    np.testing.assert_allclose(F.logsigmoid(x).numpy(), exact, rtol=1e-15)


def test_a_step_is_one_above_its_threshold_and_zero_at_it() -> None:
    x = Tensor([-1.0, 0.0, 1e-30, 0.5, 2.0])
    assert nn.Step()(x).tolist() == [0.0, 0.0, 1.0, 1.0, 1.0]
    assert nn.Step(0.5)(x).tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]
    assert nn.Step()(Tensor([3, -1])).tolist() == [1.0, 0.0]


def test_backward_through_a_step_says_that_it_has_no_gradient() -> None:
    x = Tensor([0.3], requires_grad=True)
    with pytest.raises(GraphError, match=r"'step' \(test_activation.py:\d+\), which has no grad"):
        nn.Step()(x).sum().backward()


def test_maxout_behind_a_linear_layer_takes_the_largest_plane() -> None:
    x = Tensor([[1.0, 4.0, 2.0, -1.0]])
    assert nn.Maxout(2)(x).tolist() == [[4.0, 2.0]]
    with pytest.raises(ShapeError, match="groups of 3"):
        nn.Maxout(3)(x)


def test_prelu_has_one_slope_or_one_a_channel() -> None:
    weight = Tensor([0.5, 0.1])
    z = F.prelu(Tensor([[[-2.0, 1.0], [-2.0, 3.0]]]), weight)
    np.testing.assert_allclose(z.numpy(), [[[-1.0, 1.0], [-0.2, 3.0]]])
    with pytest.raises(ShapeError, match=r"weight is \(2,\) and x is \(4, 3\)"):
        nn.PReLU(2)(np.ones((4, 3), "float32"))
    with pytest.raises(DTypeError, match=r"PReLU\(1\): x is float64 but weight is float32"):
        nn.PReLU()(np.ones(3))
    layer = nn.PReLU(2, init=0.4)
    nn.init.zeros_(layer.weight)
    layer.reset_parameters()
    np.testing.assert_allclose(layer.weight.detach().numpy(), 0.4)


@pytest.mark.parametrize("cls", INPLACE, ids=lambda cls: cls.__name__)
def test_overwriting_the_input_is_refused(cls: Any) -> None:
    with pytest.raises(ValueError, match=f"{cls.__name__}: inplace=True, but no layer overwrites"):
        cls(inplace=True)


def test_settings_that_make_no_sense_are_refused_when_the_layer_is_built() -> None:
    with pytest.raises(ValueError, match="min_val = 1 must be below max_val = 1"):
        nn.Hardtanh(1, 1)
    with pytest.raises(ValueError, match="approximate is 'erf'"):
        nn.GELU("erf")


@pytest.mark.parametrize(("name", "more"), OWN)
def test_formulas_agree_with_the_rules_they_describe(name: str, more: tuple[Any, ...]) -> None:
    x = Tensor([-4.0, -0.8, 0.1, 0.6, 3.5], dtype="float64", requires_grad=True)
    z = getattr(F, name)(x, *more)
    assert z.node is not None
    op, settings = z.node.op, z.node.settings or {}
    assert isinstance(op, Op)
    inputs = dict(zip(op.inputs, (x, *more), strict=False))
    g = np.linspace(0.5, 1.5, 5)
    for role in op.rules:
        variables = {"x": x.data, "z": z.data, "g": g, **settings}
        variables |= {key: t.data for key, t in inputs.items() if isinstance(t, Tensor)}
        (ours,) = grad(z, inputs[role], Tensor(g), retain_graph=True)
        theirs = g * op.rules[role].parsed().evaluate(variables, numpy_functions())
        expected = theirs if role == "x" else theirs.sum(keepdims=True)
        np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-12)


def test_every_operation_declared_in_nn_is_tested_by_its_formula() -> None:
    declared = {
        op.name
        for op in vars(activation_functions).values()
        if isinstance(op, Op) and op.__module__.startswith("nn.") and op.is_differentiable
    }
    assert declared == {name for name, _ in OWN}
