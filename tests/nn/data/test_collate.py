"""Collating items into batches, and batches into Tensors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd
from autograd import DTypeError, ShapeError, Tensor
from nn.data import default_collate
from nn.data.collate import to_tensors
from tests import standin


class Point(NamedTuple):
    x: Any
    y: Any


def test_arrays_are_stacked_field_by_field_and_keep_their_dtype() -> None:
    items = [(np.full((2, 3), i, np.float16), np.int32(i)) for i in range(4)]
    x, y = default_collate(items)
    assert x.shape == (4, 2, 3) and x.dtype == np.float16
    np.testing.assert_array_equal(y, np.arange(4, dtype=np.int32))
    assert y.dtype == np.int32


def test_python_numbers_take_the_default_dtypes() -> None:
    assert default_collate([1, 2]).dtype == np.int64
    assert default_collate([1.5, 2]).dtype == np.float32
    assert default_collate([True, False]).dtype == np.bool_
    assert default_collate([np.float64(1.5)]).dtype == np.float64
    autograd.set_default_dtype("float64")
    try:
        assert default_collate([1.5]).dtype == np.float64
    finally:
        autograd.set_default_dtype("float32")


def test_structures_stay_what_they_are() -> None:
    item = {"text": "ab", "pair": Point(1, [np.zeros(2), b"x"])}
    batch = default_collate([item, item])
    assert batch["text"] == ["ab", "ab"]
    assert type(batch["pair"]) is Point and batch["pair"].x.tolist() == [1, 1]
    assert type(batch["pair"].y) is list and batch["pair"].y[0].shape == (2, 2)
    assert batch["pair"].y[1] == [b"x", b"x"]


def test_tensors_are_collated_without_their_graph() -> None:
    batch = default_collate([Tensor([1.0, 2.0], requires_grad=True)] * 3)
    assert type(batch) is np.ndarray and batch.shape == (3, 2)


def test_items_of_different_shapes_are_named_with_both_shapes() -> None:
    items = [(np.zeros((2, 3)), 0), (np.zeros((2, 3)), 1), (np.zeros((4, 3)), 2)]
    with pytest.raises(ShapeError) as caught:
        default_collate(items, indices=[7, 5, 9])
    assert "item 7[0] has the shape (2, 3), but item 9[0] has (4, 3)" in str(caught.value)


@pytest.mark.parametrize(
    ("items", "fault"),
    [
        ([(1, 2), (1,)], "item 0 has a length of 2, but item 1 has 1"),
        ([{"a": 1}, {"b": 1}], r"item 0 has the keys \['a'\], but item 1 has \['b'\]"),
        ([np.zeros(2), 3], r"item 0 has the shape \(2,\), but item 1 has \(\)"),
    ],
)
def test_items_of_different_structures_are_refused(items: list[Any], fault: str) -> None:
    with pytest.raises(ShapeError, match=fault):
        default_collate(items)


def test_what_is_no_data_is_named_by_its_type() -> None:
    with pytest.raises(DTypeError, match=r"item 1\[1\] is a NoneType"):
        default_collate([(0, 1), (0, None)])
    with pytest.raises(ValueError, match="no items"):
        default_collate([])


def test_arrays_become_tensors_around_the_same_memory() -> None:
    x = np.zeros((2, 2))
    batch = to_tensors({"x": x, "rest": ["a", (np.arange(2), None)]}, None)
    assert isinstance(batch["x"], Tensor) and batch["x"].data is x
    assert batch["rest"][0] == "a" and batch["rest"][1][1] is None
    assert batch["rest"][1][0].dtype == np.int64
    assert to_tensors(np.array(["text"]), None).dtype.kind == "U"


def test_tensors_stay_themselves_unless_they_must_move() -> None:
    tensor = Tensor([1.0], requires_grad=True)
    assert to_tensors([tensor], None)[0] is tensor
    with standin.installed():
        assert to_tensors((tensor,), "cuda")[0].device == "cuda:0"


def test_arrays_on_a_device_are_stacked_there() -> None:
    with standin.installed() as cupy:
        items = [(cupy.asarray(np.full(2, i, np.float32)), i) for i in range(3)]
        standin.copies.reset()
        x, y = to_tensors(default_collate(items), "cuda")
        assert standin.copies.count == 0
        assert x.device == y.device == "cuda:0" and x.shape == (3, 2)


@pytest.mark.parametrize(
    ("items", "fault"),
    [
        (["a", 3], "item 0 is a text, but item 1 is one value"),
        ([(1, 2), 5], "item 0 is a tuple or list, but item 1 is one value"),
        ([({"a": 1},), (5,)], r"item 0\[0\] is a mapping, but item 1\[0\] is one value"),
        ([{"a": 1}, {1: 2, "b": 3}], r"the keys \['a'\], but item 1 has \['b', 1\]"),
    ],
)
def test_items_of_different_kinds_are_named(items: list[Any], fault: str) -> None:
    with pytest.raises(ShapeError, match=fault):
        default_collate(items)


@pytest.mark.parametrize("number", [2**64, 2**63, -(2**63) - 1])
def test_integers_beyond_int64_are_refused_instead_of_rounded(number: int) -> None:
    with pytest.raises(DTypeError, match=f"item 1 is {number}, which is beyond int64"):
        default_collate([-1, number])
