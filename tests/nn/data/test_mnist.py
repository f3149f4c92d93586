"""MNIST's files: found, read, and refused where they are wrong."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn.data import MNIST, DataError, FashionMNIST
from tests.nn.data.files import IMAGES, LABELS, idx, needs_data, write_mnist


def test_images_and_labels_are_read(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    write_mnist(tmp_path, IMAGES[:2], LABELS[:2], part="t10k")
    train, test = MNIST(tmp_path), MNIST(str(tmp_path), train=False, flat=True)
    np.testing.assert_array_equal(train.images, IMAGES)
    np.testing.assert_array_equal(train.labels, LABELS)
    assert train.images.dtype == np.uint8 and train.labels.dtype == np.int64
    assert train[0][0].shape == (1, 28, 28) and test[1][0].shape == (784,)
    np.testing.assert_array_equal(test[1][0], (IMAGES[1] / np.float32(255)).reshape(-1))
    assert len(test) == 2 and train.classes[3] == "3"


@pytest.mark.parametrize("kind", [MNIST, FashionMNIST])
def test_files_may_lie_where_other_libraries_put_them(tmp_path: Path, kind: type[MNIST]) -> None:
    for number, folder in enumerate(kind.source.folders, 1):
        write_mnist(tmp_path / str(number) / folder, IMAGES[:number], LABELS[:number])
        assert len(kind(tmp_path / str(number))) == number


def test_unpacked_files_are_read_too_under_both_their_names(tmp_path: Path) -> None:
    (tmp_path / "train-images.idx3-ubyte").write_bytes(idx(IMAGES))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(LABELS))
    assert len(MNIST(tmp_path)) == 6


def refusal(folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        MNIST(folder)
    return str(caught.value)


def test_swapped_files_are_found_by_their_magic_numbers(tmp_path: Path) -> None:
    images, _ = write_mnist(tmp_path, LABELS, IMAGES)
    message = refusal(tmp_path)
    assert message.startswith(f"{images}: its magic number says labels")
    assert "its name says images" in message and "swapped" in message


def test_labels_that_are_images_are_found(tmp_path: Path) -> None:
    _, labels = write_mnist(tmp_path, IMAGES, IMAGES)
    assert refusal(tmp_path).startswith(f"{labels}: its magic number says images")


@pytest.mark.parametrize(
    ("images", "labels", "fault"),
    [
        (IMAGES, LABELS[:4], "6 images, but train-labels-idx1-ubyte.gz beside it has 4 labels"),
        (IMAGES[:0], LABELS[:0], "0 images"),
        (IMAGES[:, :20], LABELS, "20 × 28 pixels, not 28 × 28"),
        (IMAGES, LABELS + 1, r"label 2 is 10, outside 0 … 9"),
        (IMAGES.astype("i2"), LABELS, "says other"),
        (IMAGES[:, 0], LABELS, "says 2 axes"),
    ],
)
def test_files_with_wrong_content_are_named_with_the_fault(
    tmp_path: Path, images: Any, labels: Any, fault: str
) -> None:
    write_mnist(tmp_path, images, labels)
    message = refusal(tmp_path)
    assert fault in message and str(tmp_path) in message


def test_a_download_that_was_cut_short_is_found(tmp_path: Path) -> None:
    images, _ = write_mnist(tmp_path)
    images.write_bytes(images.read_bytes()[:-100])
    assert refusal(tmp_path).startswith(f"{images}: the gzip file is cut short")
    images.write_bytes(gzip.compress(idx(IMAGES)[:-100]))
    assert refusal(tmp_path).startswith(f"{images}: the file is cut short")


@needs_data
def test_the_real_files_have_their_known_counts() -> None:
    train, test = MNIST(), MNIST(train=False)
    assert (len(train), len(test)) == (60000, 10000)
    assert train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert np.bincount(test.labels).tolist() == [
        *(980, 1135, 1032, 1010, 982),
        *(892, 958, 1028, 974, 1009),
    ]
    pixels = train.images / 255
    assert (round(pixels.mean(), 4), round(pixels.std(), 4)) == (0.1307, 0.3081)
