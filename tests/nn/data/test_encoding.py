"""One-hot encoding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import DTypeError, ShapeError, Tensor
from nn.data import one_hot
from tests import standin


def test_each_label_becomes_a_row_of_the_identity() -> None:
    labels = np.array([[2, 0], [1, 2]])
    np.testing.assert_array_equal(one_hot(labels), np.eye(3)[labels])
    assert one_hot(labels).dtype == np.int64 and one_hot(labels, 5).shape == (2, 2, 5)
    assert one_hot([1, 0], 2, dtype="float32").dtype == np.float32
    assert one_hot(np.array(2)).tolist() == [0, 0, 1]
    assert one_hot(np.zeros(0, int), 4).shape == (0, 4)


def test_a_tensor_gives_a_tensor() -> None:
    hot = one_hot(Tensor(np.array([1, 0])))
    assert isinstance(hot, Tensor) and hot.tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("labels", "classes", "kind", "fault"),
    [
        ([0, 3], 3, ValueError, r"label 3 is outside \[0, 3\)"),
        ([0, -1], -1, ValueError, r"label -1 is outside"),
        ([0.5], -1, DTypeError, "float64"),
        ([], -1, ShapeError, "num_classes"),
    ],
)
def test_labels_that_are_no_classes_are_refused(
    labels: Any, classes: int, kind: type[Exception], fault: str
) -> None:
    with pytest.raises(kind, match=fault):
        one_hot(labels, classes)


def test_it_agrees_with_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    labels = np.array([[3, 1], [0, 3]])
    theirs = torch.nn.functional.one_hot(torch.from_numpy(labels)).numpy()
    np.testing.assert_array_equal(one_hot(labels), theirs)
    assert one_hot(labels).dtype == theirs.dtype


def test_labels_on_a_device_stay_there() -> None:
    with standin.installed():
        hot = one_hot(Tensor(np.array([1, 0, 2]), device="cuda"), 4, dtype="float32")
        assert hot.device == "cuda:0" and hot.to("cpu").numpy().argmax(-1).tolist() == [1, 0, 2]
