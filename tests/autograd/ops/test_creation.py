"""New tensors: their values, default dtypes and devices, and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import DTypeError, ShapeError, Tensor, ops, set_default_device, set_default_dtype
from tests import standin

MAKERS: list[tuple[Any, Any]] = [
    (lambda **k: ops.zeros(2, 3, **k), np.zeros((2, 3))),
    (lambda **k: ops.zeros((2, 3), **k), np.zeros((2, 3))),
    (lambda **k: ops.zeros(**k), np.zeros(())),
    (lambda **k: ops.ones([2], **k), np.ones(2)),
    (lambda **k: ops.empty(2, 0, **k), np.zeros((2, 0))),
    (lambda **k: ops.full((2,), 1.5, **k), np.full(2, 1.5)),
    (lambda **k: ops.full(3, 7, **k), np.full(3, 7.0)),
    (lambda **k: ops.arange(0, 1, 0.25, **k), np.arange(0, 1, 0.25)),
    (lambda **k: ops.linspace(-1, 1, 5, **k), np.linspace(-1, 1, 5)),
    (lambda **k: ops.eye(2, **k), np.eye(2)),
    (lambda **k: ops.eye(2, 3, k=1, **k), np.eye(2, 3, 1)),
]


@pytest.mark.parametrize(("make", "expected"), MAKERS)
def test_new_tensors_have_the_values_of_numpy_in_the_default_dtype(
    make: Any, expected: Any
) -> None:
    made = make()
    assert made.dtype == np.float32 and made.device == "cpu" and not made.requires_grad
    np.testing.assert_array_equal(made.numpy(), expected)


@pytest.mark.parametrize(("make", "expected"), MAKERS)
def test_new_tensors_can_be_named_leaves_of_another_dtype(make: Any, expected: Any) -> None:
    made = make(requires_grad=True, name="w", dtype="float64")
    assert made.requires_grad and made.is_leaf and made.name == "w" and made.dtype == np.float64
    (made * 2).sum().backward()
    assert made.grad.tolist() == np.full(expected.shape, 2.0).tolist()


@pytest.mark.parametrize(("make", "expected"), MAKERS)
def test_new_tensors_follow_the_default_dtype_and_device(make: Any, expected: Any) -> None:
    with standin.installed():
        set_default_dtype("float64")
        set_default_device("cuda")
        try:
            made, elsewhere = make(), make(device="cpu")
        finally:
            set_default_dtype("float32")
            set_default_device("cpu")
        assert made.dtype == np.float64 and made.device == "cuda:0" and elsewhere.device == "cpu"
        np.testing.assert_array_equal(made.cpu().numpy(), expected)


@pytest.mark.parametrize(
    ("like", "value"), [(ops.zeros_like, 0), (ops.ones_like, 1), (ops.empty_like, 0)]
)
def test_tensors_like_another_share_its_shape_dtype_and_device(like: Any, value: float) -> None:
    with standin.installed():
        x = Tensor(np.ones((2, 3)), device="cuda", requires_grad=True)
        made = like(x)
        assert made.shape == (2, 3) and made.dtype == np.float64 and made.device == "cuda:0"
        assert not made.requires_grad and made.cpu().tolist() == np.full((2, 3), value).tolist()
        other = like(x, shape=(4,), dtype="float32", device="cpu", requires_grad=True, name="v")
        assert other.shape == (4,) and other.dtype == np.float32 and other.device == "cpu"
        assert other.requires_grad and other.name == "v"


def test_full_like_takes_arrays_too() -> None:
    made = ops.full_like(np.zeros(2, np.int32), 3)
    assert made.dtype == np.int32 and made.tolist() == [3, 3]


def test_a_range_of_integers_is_made_of_integers_unless_it_needs_a_gradient() -> None:
    assert ops.arange(3).dtype == np.int64 and ops.arange(3).tolist() == [0, 1, 2]
    assert ops.arange(5, 0, -2).tolist() == [5, 3, 1]
    assert ops.arange(3, requires_grad=True).dtype == np.float32
    assert ops.arange(3, dtype="float64").dtype == np.float64


def test_truth_values_stay_bool() -> None:
    assert ops.full((2,), True).dtype == np.bool_


def test_bad_shapes_and_dtypes_raise_with_their_values() -> None:
    with pytest.raises(ShapeError, match=r"zeros: the shape \(2, -1\) must be integers"):
        ops.zeros(2, -1)
    with pytest.raises(ShapeError, match=r"ones: the shape .* Give dtype=, .* by name"):
        ops.ones((2, 3), "float64")
    with pytest.raises(
        ShapeError, match=r"zeros: the shape \(3, True\) .* requires_grad= .* by name"
    ):
        ops.zeros(3, True)
    with pytest.raises(DTypeError, match="complex64 is no dtype for a Tensor"):
        ops.zeros(2, dtype="complex64")
    with pytest.raises(DTypeError, match="cannot require grad"):
        ops.zeros(2, dtype="int64", requires_grad=True)


def test_a_name_that_is_no_dtype_is_refused() -> None:
    for make in (
        lambda: ops.zeros(2, dtype="flaot32"),
        lambda: ops.astype(Tensor([1.0]), "flaot32"),
    ):
        with pytest.raises(DTypeError, match="'flaot32' is not a dtype"):
            make()


@pytest.mark.parametrize("value", ["a", None, [1, 2], Tensor(1.0)])
def test_what_is_no_number_fills_nothing(value: Any) -> None:
    with pytest.raises(DTypeError, match="must be a number"):
        ops.full((2,), value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: ops.arange(1, 2, 0),
        lambda: ops.arange("a"),  # the point of the test
        lambda: ops.linspace(0, 1, -1),
        lambda: ops.linspace(0, 1, 2.5),  # the point of the test
        lambda: ops.eye(-1),
        lambda: ops.eye(2, k=1.5),  # the point of the test
    ],
)
def test_ranges_and_sizes_that_make_no_sense_are_shape_errors(call: Any) -> None:
    with pytest.raises(ShapeError, match="must be"):
        call()
