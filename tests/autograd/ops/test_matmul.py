"""Products: all ranks, their gradients, dtypes, and what is said when sizes do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import Sample, normal
from tests.samples.matmul import SAMPLES

NUMPY = {
    "matmul": np.matmul,
    "linear": lambda x, w: x @ w.T,
    "dot": np.dot,
    "outer": np.outer,
    "kron": np.kron,
    "tensordot": np.tensordot,
}


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_products_have_numpys_values(sample: Sample) -> None:
    z = getattr(ops, sample.op)(*sample.inputs, **sample.settings)
    expected = NUMPY[sample.op](*sample.inputs, **sample.settings)
    assert z.shape == np.shape(expected)
    np.testing.assert_allclose(z.numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.op == "matmul"], ids=str)
def test_matmul_has_pytorchs_gradients(sample: Sample) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    ours = [Tensor(x, requires_grad=True) for x in sample.inputs]
    theirs = [torch.tensor(x, requires_grad=True) for x in sample.inputs]
    (ours[0] @ ours[1]).sum().backward()
    (theirs[0] @ theirs[1]).sum().backward()
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.grad.numpy(), other.grad.numpy(), atol=1e-12)


def test_the_affine_node_of_the_lecture() -> None:
    x, w = (
        Tensor([1.0, 2.0], requires_grad=True),
        Tensor([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]], requires_grad=True),
    )
    z = x @ w
    z.backward(Tensor([1.0, 10.0, 100.0]))
    assert z.tolist() == [5.0, 11.0, 17.0]
    assert x.grad.tolist() == [531.0, 642.0]
    assert w.grad.tolist() == [[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]]


def test_a_matrix_times_itself_collects_both_gradients() -> None:
    x = Tensor(normal(3, 3), requires_grad=True)
    (dx,) = grad((x @ x).sum(), [x])
    one = np.ones((3, 3))
    np.testing.assert_allclose(dx.numpy(), one @ x.data.T + x.data.T @ one)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("op", NUMPY)
def test_products_keep_the_dtype(op: str, dtype: str) -> None:
    x, y = (Tensor(normal(2, 2), requires_grad=True, dtype=dtype) for _ in range(2))
    z = getattr(ops, op)(x, y)
    dx, dy = grad(z.sum(), [x, y])
    assert z.dtype == dx.dtype == dy.dtype == dtype


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (
            (32, 784),
            (10, 784),
            "matmul: x is (32, 784) and y is (10, 784); the inner sizes 784 and 10 differ. "
            "If y is stored as (out, in), use x @ y.T.",
        ),
        ((2, 3), (4, 5), "matmul: x is (2, 3) and y is (4, 5); the inner sizes 3 and 4 differ."),
        ((3,), (4,), "matmul: x is (3,) and y is (4,); the inner sizes 3 and 4 differ."),
        (
            (2, 2, 3),
            (3, 3, 2),
            "matmul: x is (2, 2, 3) and y is (3, 3, 2); the axes before the last two do not "
            "broadcast. They must be equal or 1.",
        ),
        ((), (3,), "matmul: x is () and y is (3,); a single number is no matrix. Use x * y."),
    ],
)
def test_matmul_says_what_does_not_fit_and_what_to_do(x: Any, y: Any, message: str) -> None:
    with pytest.raises(ShapeError) as raised:
        ops.matmul(Tensor(np.zeros(x)), Tensor(np.zeros(y)))
    assert str(raised.value) == message


def test_other_products_name_the_sizes_too() -> None:
    x, y = Tensor(np.zeros((2, 3))), Tensor(np.zeros((4, 5)))
    with pytest.raises(ShapeError, match=r"dot: .* the inner sizes 3 and 4 differ"):
        ops.dot(x, y)
    with pytest.raises(ShapeError, match="axis 1 of x has size 3 and axis 0 of y has size 4"):
        ops.tensordot(x, y, axes=1)
    with pytest.raises(ShapeError, match="do not pair"):
        ops.tensordot(x, y, axes=((0, 1), (0,)))
    with pytest.raises(ShapeError, match="axes=3"):
        ops.tensordot(x, y, axes=3)


def test_a_batch_of_inputs_gives_a_weight_its_gradient_in_one_product() -> None:
    x, w = normal(4, 5, 3), normal(3, 2, seed=1)
    weight = Tensor(w, requires_grad=True)
    (Tensor(x) @ weight).sum().backward()
    np.testing.assert_allclose(weight.grad.numpy(), np.einsum("bti,btj->ij", x, np.ones((4, 5, 2))))


@pytest.mark.parametrize("axes", [(0,), "a", 1.0])
def test_tensordot_says_what_axes_may_be(axes: Any) -> None:
    with pytest.raises(ShapeError, match="must be a number of axes, or a pair"):
        ops.tensordot(normal(2, 3), normal(2, 3), axes=axes)


def test_tensordot_takes_numpy_integers() -> None:
    x, y = normal(2, 3), normal(4, 3, seed=1)
    one = np.int64(1)
    np.testing.assert_allclose(ops.tensordot(x, y, axes=(one, one)).numpy(), x @ y.T)
