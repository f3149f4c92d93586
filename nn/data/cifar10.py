"""CIFAR-10: the original binary version, and a small subset of it in a NumPy archive.

The Python version of CIFAR-10 holds pickles, which can run code when they are loaded; the binary
version has the same images as plain bytes, and is what is read here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from nn.data.errors import DataError
from nn.data.folder import Download, Source, locate
from nn.data.images import ImageDataset

__all__ = ["CIFAR10", "CIFAR10Subset"]

Array = np.ndarray[Any, Any]

_TRAIN = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
_FOLDER = "cifar-10-batches-bin"
_PIXELS = 3 * 32 * 32
_CLASSES = tuple("airplane automobile bird cat deer dog frog horse ship truck".split())


class CIFAR10(ImageDataset):
    """Colour photographs in ten classes, 50,000 to train on and 10,000 to test: item i is
    (image, label).

    root: the folder with the binary version's files, or with a folder cifar10/ or
    cifar-10-batches-bin/ that has them; the folder named by $GRAPHGRAD_DATA, or the user's cache,
    if None.  train: data_batch_1.bin … data_batch_5.bin, or test_batch.bin.
    An image is float32 (3, 32, 32) in [0, 1], red, green, blue; (3072,) with flat; the file's uint8
    without normalize.  transform: see ImageDataset.  download: fetches 162 MB through pooch.
    Raises MissingDataError for files that are nowhere; DataError for a file that is cut short or
    has a label outside 0 … 9.
    Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.
    """

    classes: ClassVar[tuple[str, ...]] = _CLASSES
    source: ClassVar[Source] = Source(
        "CIFAR10",
        ("cifar10", _FOLDER, f"cifar10/{_FOLDER}"),
        (
            Download(
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                "md5:c32a1d4ab5d03f1284b67883e8d87530",
                tuple((name, f"{_FOLDER}/{name}") for name in (*_TRAIN, "test_batch.bin")),
            ),
        ),
    )

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        train: bool = True,
        *,
        flat: bool = False,
        normalize: bool = True,
        transform: Callable[[Any], Any] | None = None,
        download: bool = False,
    ) -> None:
        names = _TRAIN if train else ("test_batch.bin",)
        parts = [_records(p) for p in locate(self.source, [(n,) for n in names], root, download)]
        super().__init__(
            np.concatenate([images for images, _ in parts]),
            np.concatenate([labels for _, labels in parts]),
            normalize=normalize,
            flat=flat,
            transform=transform,
        )


class CIFAR10Subset(ImageDataset):
    """The first 2,000 training and 1,000 test images of CIFAR-10, from cifar10_subset.npz.

    The file has the arrays train_x (N, 32, 32, 3) and test_x of uint8, and train_y, test_y (N,);
    it may hold any number of images. root is the folder with the file, or with a folder
    cifar10_subset/ that has it. Items, other arguments and errors are as CIFAR10 has them; there is
    no download.
    """

    classes: ClassVar[tuple[str, ...]] = _CLASSES
    source: ClassVar[Source] = Source("CIFAR10Subset", ("cifar10_subset",))

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        train: bool = True,
        *,
        flat: bool = False,
        normalize: bool = True,
        transform: Callable[[Any], Any] | None = None,
    ) -> None:
        (path,) = locate(self.source, [("cifar10_subset.npz",)], root)
        images, labels = _archive(path, "train" if train else "test")
        super().__init__(images, labels, normalize=normalize, flat=flat, transform=transform)


def _records(path: Path) -> tuple[Array, Array]:
    """Images (N, 3, 32, 32) and labels (N,) of a binary file: a label byte, then the planes."""
    content = np.frombuffer(path.read_bytes(), np.uint8)
    if content.size == 0 or content.size % (1 + _PIXELS):
        raise DataError(
            f"{path}: {content.size} bytes are not a whole number of records of {1 + _PIXELS} "
            "bytes (a label and 3 × 32 × 32 pixels). The file is cut short or of another kind; get "
            "it again."
        )
    records = content.reshape(-1, 1 + _PIXELS)
    labels = _labels(path, records[:, 0])
    return records[:, 1:].reshape(-1, 3, 32, 32), labels


def _labels(path: Path, labels: Array) -> Array:
    """The labels, if all are in 0 … 9."""
    outside = np.flatnonzero((labels < 0) | (labels > 9))
    if outside.size:
        raise DataError(
            f"{path}: label {outside[0]} is {labels[outside[0]]}, outside 0 … 9. The file is "
            "damaged or of another data set; get it again."
        )
    return labels


def _archive(path: Path, part: str) -> tuple[Array, Array]:
    """Images (N, 3, 32, 32) and labels (N,) of one part of the NumPy archive."""
    try:
        # An open file: given a path, np.load leaves it open if it is no archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            images, labels = data[f"{part}_x"], data[f"{part}_y"]
    # A MemoryError for a header that says too much, a TypeError for an .npy, a RuntimeError for an
    # archive with a password, …: whatever it is, no such archive.
    except Exception as error:
        raise DataError(
            f"{path}: {part}_x and {part}_y cannot be read from it: {error}. The file is cut "
            "short, damaged or of another kind; get it again."
        ) from error
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != (32, 32, 3):
        raise DataError(
            f"{path}: {part}_x is {images.dtype} {images.shape}, not uint8 (N, 32, 32, 3). It is "
            "another kind of file; get the right one."
        )
    if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
        raise DataError(
            f"{path}: {part}_y is {labels.dtype} {labels.shape} beside {len(images)} images. They "
            "do not belong together; get the file again."
        )
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)), _labels(path, labels)
