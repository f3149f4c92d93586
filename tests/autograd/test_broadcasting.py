"""For every broadcasting pair of shapes, gradients are arrays of the inputs' shapes and dtypes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, mutually_broadcastable_shapes

from autograd import Tensor, ops
from autograd.shapes import sum_to_shape


def leaf(value: Any, dtype: str = "float64") -> Tensor:
    return Tensor(np.asarray(value, dtype), requires_grad=True)


SHAPES: list[tuple[int, ...]] = [(), (1,), (3,), (2, 3), (1, 3), (2, 1), (1, 1, 3), (4, 2, 3)]
EMPTY: list[tuple[int, ...]] = [(), (1,), (3,), (0, 3), (1, 3), (1, 1, 3), (0, 1), (0,)]


def is_compatible(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    try:
        np.broadcast_shapes(first, second)
    except ValueError:
        return False
    return True


PAIRS = sorted(
    {pair for s in (SHAPES, EMPTY) for pair in itertools.product(s, s) if is_compatible(*pair)}
)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("function", [ops.add, ops.sub, ops.mul, ops.div], ids=lambda f: f.name)
@pytest.mark.parametrize(("first", "second"), PAIRS, ids=str)
def test_every_broadcasting_pair_gives_gradients_of_the_inputs_shape_and_dtype(
    first: tuple[int, ...], second: tuple[int, ...], function: Any, dtype: str
) -> None:
    rng = np.random.default_rng(0)
    x, y = (leaf(rng.uniform(1, 2, size=shape), dtype) for shape in (first, second))
    z = function(x, y)
    assert type(z.data) is np.ndarray
    z.backward(np.ones(z.shape, dtype))
    for t in (x, y):
        assert type(t.grad.data) is np.ndarray
        assert (t.grad.shape, t.grad.dtype) == (t.shape, t.dtype)
    ones = np.ones(z.shape)
    slopes = {"add": (1, 1), "sub": (1, -1), "mul": (y.data, x.data)}
    slopes["div"] = (1 / y.data, -z.data / y.data)
    for t, slope in zip((x, y), slopes[function.name], strict=True):
        expected = sum_to_shape(np.asarray(ones * slope, "float64"), t.shape)
        np.testing.assert_allclose(t.grad.data, expected, rtol=2e-2 if dtype == "float16" else 1e-5)


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=str)
def test_broadcasting_gives_arrays_also_through_create_graph(
    first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    x, y = leaf(np.full(first, 2.0)), leaf(np.full(second, 3.0))
    z = x * y
    z.backward(np.ones(z.shape), create_graph=True)
    for t in (x, y):
        assert type(t.grad.data) is np.ndarray
        assert (t.grad.shape, t.grad.dtype) == (t.shape, t.dtype)


def test_three_broadcast_inputs_each_get_their_own_shape() -> None:
    condition = np.array([[True], [False]])
    x, y = leaf(1.0), leaf(np.ones((1, 1, 3)))
    z = ops.where(condition, x, y)
    z.sum().backward()
    assert z.shape == (1, 2, 3)
    assert x.grad.item() == 3.0
    np.testing.assert_array_equal(y.grad.data, np.ones((1, 1, 3)))


@given(mutually_broadcastable_shapes(num_shapes=1, max_dims=4, max_side=4), st.data())
@settings(max_examples=60, deadline=None)
def test_sum_to_shape_is_the_adjoint_of_broadcast_to(shapes: Any, data: Any) -> None:
    """⟨broadcast(x), g⟩ = ⟨x, sum_to_shape(g)⟩ for every x and g: exact, for they are integers."""
    (shape,), target = shapes
    whole = st.integers(-9, 9).map(float)
    extra = data.draw(st.lists(st.integers(1, 3), max_size=2).map(tuple))
    target = (*extra, *np.broadcast_shapes(shape, target))
    x, g = (
        data.draw(arrays("float64", shape, elements=whole)),
        data.draw(arrays("float64", target, elements=whole)),
    )
    summed = sum_to_shape(g, shape)
    assert summed.shape == shape
    assert (np.broadcast_to(x, target) * g).sum() == (x * summed).sum()


def test_the_gradient_of_a_bias_in_half_precision_is_added_up_in_single() -> None:
    x, bias = leaf(np.zeros((10_000, 3)), "float16"), leaf(np.zeros(3), "float16")
    (x + bias).backward(np.full((10_000, 3), 0.5, "float16"))
    np.testing.assert_array_equal(bias.grad.numpy(), np.full(3, 5000, "float16"))
    assert bias.grad.dtype == np.float16
    wide = leaf(np.zeros((1, 3)), "float16")
    (x + wide).sum(axis=1).backward(np.full(10_000, 0.5, "float16"))
    np.testing.assert_array_equal(wide.grad.numpy(), np.full((1, 3), 5000, "float16"))
