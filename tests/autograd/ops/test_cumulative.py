"""Products and running sums: right where factors are 0, in the first and the second derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, gradcheck, gradgradcheck, ops
from tests.samples import normal

ZEROS = {
    "one zero": [[2.0, 0.0, 3.0], [1.0, -2.0, 4.0]],
    "two zeros": [[0.0, 0.0, 3.0], [5.0, 2.0, 0.0]],
    "first and last": [[0.0, 7.0, 0.0], [0.0, 2.0, 3.0]],
    "zeros alone": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
}


@pytest.mark.parametrize("rows", ZEROS.values(), ids=ZEROS)
@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1), (1, 0)])
def test_prod_is_differentiable_twice_where_factors_are_zero(rows: Any, axis: Any) -> None:
    x = Tensor(np.array(rows), requires_grad=True)
    assert gradcheck(lambda t: ops.prod(t, axis=axis), [x])
    assert gradgradcheck(lambda t: ops.prod(t, axis=axis), [x])


@pytest.mark.parametrize("rows", ZEROS.values(), ids=ZEROS)
@pytest.mark.parametrize("axis", [None, 0, -1])
def test_cumprod_is_differentiable_twice_where_factors_are_zero(rows: Any, axis: Any) -> None:
    x = Tensor(np.array(rows), requires_grad=True)
    assert gradcheck(lambda t: ops.cumprod(t, axis=axis), [x])
    assert gradgradcheck(lambda t: ops.cumprod(t, axis=axis), [x])


def test_the_gradient_of_a_product_with_one_zero_is_the_product_of_the_others() -> None:
    x = Tensor([2.0, 0.0, 3.0], requires_grad=True)
    (g,) = grad(ops.prod(x), x)
    assert g.tolist() == [0.0, 6.0, 0.0]


def test_the_gradient_of_a_product_with_two_zeros_is_zero_and_its_hessian_is_not() -> None:
    x = Tensor([0.0, 5.0, 0.0], requires_grad=True)
    (g,) = grad(ops.prod(x), x, create_graph=True)
    assert g.tolist() == [0.0, 0.0, 0.0]
    (row,) = grad(g[0], x)
    assert row.tolist() == [0.0, 0.0, 5.0]


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 8, 13])
def test_cumprod_has_the_right_gradient_at_every_length(length: int) -> None:
    assert gradcheck(ops.cumprod, [Tensor(normal(length) + 2, requires_grad=True)])


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
def test_running_values_are_those_of_numpy(name: str, axis: int | None) -> None:
    x = normal(2, 3)
    ours = getattr(ops, name)(Tensor(x), axis=axis).numpy()
    np.testing.assert_allclose(ours, getattr(np, name)(x, axis=axis))


def test_products_of_nothing_are_one() -> None:
    x = Tensor(np.zeros((2, 0)), requires_grad=True)
    z = ops.prod(x, axis=1)
    assert z.tolist() == [1.0, 1.0]
    (g,) = grad(z.sum(), x)
    assert g.shape == (2, 0)
    (g,) = grad(ops.cumprod(x, axis=1).sum(), x)
    assert g.shape == (2, 0)


@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
def test_a_bad_axis_raises_with_its_value(name: str) -> None:
    with pytest.raises(ShapeError, match=rf"{name}: axis 2 is out of range for 2 dimensions"):
        getattr(ops, name)(Tensor(normal(2, 3)), axis=2)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", ["cumsum", "cumprod", "prod"])
def test_dtypes_are_kept(name: str, dtype: str) -> None:
    x = Tensor(normal(4).astype(dtype), requires_grad=True)
    z = getattr(ops, name)(x)
    z.sum().backward()
    assert x.grad is not None and z.dtype == x.grad.dtype == np.dtype(dtype)


@pytest.mark.parametrize("rows", ZEROS.values(), ids=ZEROS)
def test_gradients_agree_with_pytorch(rows: Any) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x = np.array(rows)
    for ours, theirs in [
        (ops.prod, torch.prod),
        (ops.cumprod, torch.cumprod),
        (ops.cumsum, torch.cumsum),
    ]:
        leaf, mine = torch.tensor(x, requires_grad=True), Tensor(x, requires_grad=True)
        (theirs(leaf, dim=1) ** 2).sum().backward()
        (ours(mine, axis=1) ** 2).sum().backward()
        assert mine.grad is not None
        np.testing.assert_allclose(mine.grad.numpy(), leaf.grad.numpy())
