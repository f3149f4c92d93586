"""einsum: NumPy's values, PyTorch's gradients, and what is said of subscripts that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import normal
from tests.samples.einsum import CASES


def operands(subscripts: str) -> list[np.ndarray]:
    return [normal(*shape, seed=k) for k, shape in enumerate(CASES[subscripts])]


@pytest.mark.parametrize("subscripts", CASES)
def test_einsum_has_numpys_value(subscripts: str) -> None:
    arrays = operands(subscripts)
    z = ops.einsum(subscripts, *[Tensor(a) for a in arrays])
    np.testing.assert_allclose(z.numpy(), np.einsum(subscripts, *arrays), rtol=1e-12)


@pytest.mark.parametrize("subscripts", CASES)
def test_einsum_has_pytorchs_gradients(subscripts: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    ours = [Tensor(a, requires_grad=True) for a in operands(subscripts)]
    theirs = [torch.tensor(a.data, requires_grad=True) for a in ours]
    (ops.einsum(subscripts, *ours) ** 2).sum().backward()
    (torch.einsum(subscripts, *theirs) ** 2).sum().backward()
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.grad.numpy(), other.grad.numpy(), rtol=1e-10, atol=1e-12)


def test_the_same_tensor_twice_collects_both_gradients() -> None:
    x = Tensor(normal(3), requires_grad=True)
    (dx,) = grad(ops.einsum("i,i->", x, x), [x])
    np.testing.assert_allclose(dx.numpy(), 2 * x.data)


def test_large_operands_take_the_way_of_matrix_products_to_the_same_numbers() -> None:
    x, y = normal(4, 30, 20), normal(4, 20, 10, seed=1)
    z = ops.einsum("bij,bjk->bik", Tensor(x), Tensor(y))
    np.testing.assert_allclose(z.numpy(), x @ y)


def test_einsum_keeps_float16_and_float32() -> None:
    for dtype in ("float16", "float32"):
        x = Tensor(normal(2, 2), requires_grad=True, dtype=dtype)
        z = ops.einsum("ij,jk->ik", x, x)
        (dx,) = grad(z.sum(), [x])
        assert z.dtype == dx.dtype == dtype


@pytest.mark.parametrize(
    ("subscripts", "shapes", "message"),
    [
        ("ij,jk->ik", [(2, 3)], "names 2 operands, but 1 are given"),
        ("ij->i", [(2,)], "operand 0 has 1 axes, but 'ij->i' names 2 of them"),
        ("i->i", [(2, 2)], "operand 0 has 2 axes"),
        ("ij,jk->ik", [(2, 3), (4, 2)], "operand 1 is .* label 'j' has size 4, but it has size 3"),
        ("ii->i", [(2, 3)], "label 'i' has size 3, but it has size 2"),
        ("i->ii", [(2,)], "names 'i', which must occur once"),
        ("i->j", [(2,)], "names 'j', which must occur once there and in an operand"),
        ("i1->i", [(2, 2)], "'1' in 'i1->i' is no label"),
        ("...i->i", [(2, 2)], 'have axes under "...", but the result has none'),
        ("......i", [(2, 2)], 'further ones by one "..."'),
        ("", [], "no operand"),
    ],
)
def test_subscripts_that_do_not_fit_are_named(
    subscripts: str, shapes: list[tuple[int, ...]], message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        ops.einsum(subscripts, *[Tensor(np.zeros(shape)) for shape in shapes])


def test_operands_before_the_subscripts_are_refused() -> None:
    with pytest.raises(ShapeError, match="the subscripts come first"):
        ops.einsum(Tensor([1.0]), "i")
