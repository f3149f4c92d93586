"""CIFAR-10's binary files and the subset's archive: read, and refused where they are wrong."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn.data import CIFAR10, CIFAR10Subset, DataError, MissingDataError
from tests.nn.data.files import cifar_records, needs_data

RGB = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)


def write_binary(folder: Path) -> np.ndarray[Any, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    everything = []
    for number in range(1, 6):
        content, images = cifar_records([number, 0], seed=number)
        (folder / f"data_batch_{number}.bin").write_bytes(content)
        everything.append(images)
    (folder / "test_batch.bin").write_bytes(cifar_records([9])[0])
    return np.concatenate(everything)


@pytest.mark.parametrize("folder", ["", "cifar10", "cifar-10-batches-bin"])
def test_the_five_training_files_are_read_in_order(tmp_path: Path, folder: str) -> None:
    images = write_binary(tmp_path / folder)
    train, test = CIFAR10(tmp_path), CIFAR10(tmp_path, train=False, flat=True)
    np.testing.assert_array_equal(train.images, images)
    assert train.labels.tolist() == [1, 0, 2, 0, 3, 0, 4, 0, 5, 0]
    assert test.labels.tolist() == [9] and test.classes[9] == "truck"
    assert train[0][0].shape == (3, 32, 32) and test[0][0].shape == (3072,)


def test_a_missing_batch_is_named(tmp_path: Path) -> None:
    write_binary(tmp_path)
    (tmp_path / "data_batch_4.bin").unlink()
    with pytest.raises(MissingDataError, match=r"CIFAR10: data_batch_4\.bin not found"):
        CIFAR10(tmp_path)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "0 bytes are not a whole number of records"),
        (cifar_records([1, 2])[0][:-1], "6145 bytes are not a whole number of records of 3073"),
        (cifar_records([1, 10])[0], "label 1 is 10, outside 0 … 9"),
    ],
)
def test_a_faulty_batch_is_named_with_its_fault(tmp_path: Path, content: bytes, fault: str) -> None:
    write_binary(tmp_path)
    path = tmp_path / "data_batch_3.bin"
    path.write_bytes(content)
    with pytest.raises(DataError, match=fault) as caught:
        CIFAR10(tmp_path)
    assert str(caught.value).startswith(str(path))


def write_subset(folder: Path, **changes: Any) -> Path:
    arrays = {"train_x": RGB, "train_y": [6, 9, 3], "test_x": RGB[:1], "test_y": [3]} | changes
    path = folder / "cifar10_subset.npz"
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    return path


def test_the_subset_is_read_with_channels_first(tmp_path: Path) -> None:
    write_subset(tmp_path)
    train, test = CIFAR10Subset(tmp_path), CIFAR10Subset(tmp_path, train=False)
    np.testing.assert_array_equal(train.images[2, 1], RGB[2, :, :, 1])
    assert train.labels.tolist() == [6, 9, 3] and len(test) == 1
    assert train.images.dtype == np.uint8 and train.labels.dtype == np.int64


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"train_y": None}, "train_x and train_y cannot be read"),
        ({"train_x": RGB.transpose(0, 3, 1, 2)}, r"train_x is uint8 \(3, 3, 32, 32\)"),
        ({"train_x": RGB / 255}, "train_x is float64"),
        ({"train_y": [1, 2]}, r"train_y is int64 \(2,\) beside 3 images"),
        ({"train_y": [1, 2, -1]}, "label 2 is -1"),
        ({"train_x": np.array([{}], object)}, "cannot be read"),
    ],
)
def test_a_faulty_archive_is_named_with_its_fault(
    tmp_path: Path, changes: dict[str, Any], fault: str
) -> None:
    path = write_subset(tmp_path, **changes)
    with pytest.raises(DataError, match=fault) as caught:
        CIFAR10Subset(tmp_path)
    assert str(caught.value).startswith(str(path))


def test_an_archive_that_is_cut_short_or_none_is_refused(tmp_path: Path) -> None:
    path = write_subset(tmp_path)
    single = io.BytesIO()
    np.save(single, RGB)
    header = io.BytesIO()
    too_much = {"descr": "|u1", "fortran_order": False, "shape": (10**13, 32, 32, 3)}
    np.lib.format.write_array_header_1_0(header, too_much)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr("train_x.npy", header.getvalue())
    contents = (path.read_bytes()[:5000], b"", b"some text", single.getvalue(), bomb.getvalue())
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(DataError, match="cannot be read"):
            CIFAR10Subset(tmp_path)


@needs_data
def test_the_real_subset_begins_as_cifar10_does() -> None:
    train, test = CIFAR10Subset(), CIFAR10Subset(train=False)
    assert (len(train), len(test)) == (2000, 1000)
    assert train.labels[:10].tolist() == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]
    assert test.labels[:10].tolist() == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1]
    assert train.images[0, :, 0, 0].tolist() == [59, 62, 63]
