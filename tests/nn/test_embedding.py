"""Embedding: rows by index, the padding row, given vectors, and indices that are out of range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, grad
from autograd.op import Op
from nn import functional
from tests import standin
from tests.autograd.test_registry import numpy_functions

VECTORS = np.arange(12.0, dtype="float32").reshape(4, 3)


@pytest.mark.parametrize("shape", [(), (5,), (2, 3), (0,), (2, 0)])
def test_each_index_is_replaced_by_its_row(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).integers(0, 4, shape)
    z = nn.Embedding.from_pretrained(VECTORS)(x)
    assert z.shape == (*shape, 3)
    np.testing.assert_array_equal(z.numpy(), VECTORS[x])


@pytest.mark.parametrize(
    "x", [[0, 3], (0, 3), np.array([0, 3], "uint8"), Tensor(np.array([0, 3]))], ids=repr
)
def test_indices_may_be_a_list_an_array_or_a_tensor(x: Any) -> None:
    np.testing.assert_array_equal(F.embedding(x, VECTORS).numpy(), VECTORS[[0, 3]])


def test_the_gradients_of_an_index_that_comes_twice_add_up() -> None:
    layer = nn.Embedding(4, 3)
    layer([1, 1, 2]).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.sum(axis=1).tolist() == [0.0, 6.0, 3.0, 0.0]


@pytest.mark.parametrize("padding_idx", [2, -2])
def test_the_padding_row_starts_at_zero_and_gets_no_gradient(padding_idx: int) -> None:
    layer = nn.Embedding(4, 3, padding_idx)
    assert layer.padding_idx == 2
    assert layer.weight.detach().numpy()[2].tolist() == [0.0, 0.0, 0.0]
    (layer([[2, 1], [2, 3]]) + 1.0).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.sum(axis=1).tolist() == [0.0, 3.0, 0.0, 3.0]


def test_a_padding_row_that_was_given_keeps_its_value_and_gets_no_gradient() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    layer = nn.Embedding.from_pretrained(VECTORS, freeze=False, padding_idx=1)
    theirs = torch.nn.Embedding.from_pretrained(torch.tensor(VECTORS), freeze=False, padding_idx=1)
    x = np.array([1, 0, 1, 3])
    z, expected = layer(x), theirs(torch.tensor(x))
    np.testing.assert_array_equal(z.detach().numpy(), expected.detach().numpy())
    (z * z).sum().backward()
    (expected * expected).sum().backward()
    assert layer.weight.grad is not None
    np.testing.assert_array_equal(layer.weight.grad.numpy(), theirs.weight.grad.numpy())


def test_a_padding_row_is_one_operation_on_the_weight_and_the_indices() -> None:
    layer = nn.Embedding(4, 3, padding_idx=1)
    z = layer([[1, 2]])
    assert z.node is not None and z.node.op.symbol == "take"
    assert z.node.op is functional._padded_rows
    assert z.node.parents[0] is layer.weight.node


def test_the_second_derivative_passes_the_padding_row_by_too() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x, v = np.array([[1, 0, 1], [3, 3, 2]]), np.random.default_rng(0).standard_normal((4, 3))
    ours, theirs = Tensor(VECTORS, requires_grad=True), torch.tensor(VECTORS, requires_grad=True)
    (first,) = grad((F.embedding(x, ours, 1) ** 3).sum(), ours, create_graph=True)
    (second,) = grad((first * v.astype("float32")).sum(), ours)
    z = torch.nn.functional.embedding(torch.tensor(x), theirs, 1)
    (expected,) = torch.autograd.grad((z**3).sum(), theirs, create_graph=True)
    product = (expected * torch.tensor(v.astype("float32"))).sum()
    (expected_second,) = torch.autograd.grad(product, theirs)
    np.testing.assert_allclose(first.detach().numpy(), expected.detach().numpy(), rtol=1e-6)
    np.testing.assert_allclose(second.numpy(), expected_second.numpy(), rtol=1e-6)
    assert not second.numpy()[1].any()


def test_the_formula_of_the_padding_row_agrees_with_its_rule() -> None:
    x, weight = np.array([[1, 0, 1], [3, 3, 2]]), Tensor(VECTORS, requires_grad=True)
    z = F.embedding(x, weight, 1)
    assert z.node is not None
    op = z.node.op
    assert isinstance(op, Op)
    g = np.random.default_rng(0).standard_normal(z.shape).astype("float32")
    (ours,) = grad(z, weight, Tensor(g))
    variables = {"g": g, "x": x, "weight_shape": (4, 3), "padding_idx": 1}
    theirs = op.rules["weight"].parsed().evaluate(variables, numpy_functions())
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-6)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((4.0, 3), r"Embedding: num_embeddings=4\.0 must be a whole number, an int\. Use 4\."),
        ((4, 2.5), r"embedding_dim=2\.5 must be .* Round it, as in int\(embedding_dim\)"),
        ((4, "3"), r"embedding_dim='3' must be .* Give an int"),
    ],
)
def test_a_size_that_is_no_int_is_named(sizes: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        nn.Embedding(*sizes)


def test_given_vectors_are_copied_and_frozen_unless_told_otherwise() -> None:
    given = VECTORS.copy()
    layer = nn.Embedding.from_pretrained(given)
    given[0] = 100.0
    assert layer.weight.detach().numpy()[0].tolist() == [0.0, 1.0, 2.0]
    assert (layer.num_embeddings, layer.embedding_dim) == (4, 3)
    assert not layer.weight.requires_grad
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert nn.Embedding.from_pretrained(VECTORS, freeze=False).weight.requires_grad
    assert nn.Embedding.from_pretrained(VECTORS.astype("float64")).weight.dtype == "float64"
    with pytest.raises(ShapeError, match=r"embeddings is \(3,\)"):
        nn.Embedding.from_pretrained(np.ones(3))


def test_an_index_out_of_range_is_named_with_its_position_and_the_range() -> None:
    layer = nn.Embedding(4, 3)
    message = r"index 7 at position \(1, 0\) of x is out of range. It must be in \[0, 3\]"
    with pytest.raises(IndexError, match=message):
        layer(np.array([[0, 1], [7, 9]]))
    with pytest.raises(IndexError, match=r"index -1 at position \(\) of x"):
        layer(np.array(-1))


def test_on_a_device_an_index_out_of_range_is_named_too() -> None:
    with standin.installed():
        layer = nn.Embedding(4, 3, device="cuda")
        with pytest.raises(IndexError, match=r"index 4 at position \(1,\)"):
            layer(Tensor(np.array([0, 4])).to("cuda"))


@pytest.mark.parametrize("dtype", ["float32", "bool"])
def test_indices_must_be_integers(dtype: str) -> None:
    with pytest.raises(DTypeError, match=f"x is {dtype}, and must be integers"):
        nn.Embedding(4, 3)(np.ones(2, dtype))


@pytest.mark.parametrize("padding_idx", [4, -5])
def test_a_padding_row_that_is_not_there_is_refused(padding_idx: int) -> None:
    with pytest.raises(IndexError, match=rf"padding_idx {padding_idx} is out of range"):
        nn.Embedding(4, 3, padding_idx)


def test_a_weight_that_is_no_matrix_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"weight is \(3,\)"):
        F.embedding([0], np.ones(3))


def test_a_drawing_tells_the_sizes() -> None:
    assert nn.Embedding(1000, 64).drawing_detail() == "Embedding 1000 → 64"


def test_an_empty_list_names_no_row() -> None:
    assert nn.Embedding(3, 2)([]).shape == (0, 2)


def test_the_padding_row_is_a_constant_when_the_graph_is_run_again() -> None:
    x, padding = np.array([1, 2]), VECTORS[1]
    rows = functional._padded_rows(VECTORS + 1, padding, x, padding_idx=1)
    assert rows.tolist() == [padding.tolist(), (VECTORS[2] + 1).tolist()]
