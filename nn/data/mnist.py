"""MNIST and Fashion-MNIST, read from the original IDX files.

What the files must hold is checked here; their format in `idx.py`, where they are in `folder.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from nn.data.errors import DataError
from nn.data.folder import Download, Source, locate
from nn.data.idx import read_idx
from nn.data.images import ImageDataset

__all__ = ["MNIST", "FashionMNIST"]

_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def _source(name: str, folders: tuple[str, ...], base: str, md5s: tuple[str, ...]) -> Source:
    return Source(
        name,
        folders,
        tuple(
            Download(f"{base}{file}.gz", f"md5:{md5}")
            for file, md5 in zip(_FILES, md5s, strict=True)
        ),
    )


class MNIST(ImageDataset):
    """Handwritten digits, 60,000 to train on and 10,000 to test: item i is (image, label).

    root: the folder with the four files, or with a folder mnist/ that has them; the folder named by
    $GRAPHGRAD_DATA, or the user's cache, if None.  train: which of the two sets.
    An image is float32 (1, 28, 28) in [0, 1]; (784,) with flat; the file's uint8 without normalize.
    transform: see ImageDataset.  download: fetches files that are not there, through pooch.
    `images` is uint8 (N, 28, 28) and `labels` int64 (N,). The training set's mean and standard
    deviation are 0.1307 and 0.3081.
    Raises MissingDataError for files that are nowhere; DataError for a file that is cut short, of
    another kind or size, has a label outside 0 … 9, or does not belong to the other one.
    Source: LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to document recognition,
    Proc. IEEE 86(11), 1998.
    """

    source: ClassVar[Source] = _source(
        "MNIST",
        ("mnist", "MNIST/raw"),
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        (
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
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
        names = _FILES[:2] if train else _FILES[2:]
        # Unpacked copies are often called train-images.idx3-ubyte.
        files = [(f"{n}.gz", n, n.replace("-idx", ".idx")) for n in names]
        images, labels = (_checked(p) for p in locate(self.source, files, root, download))
        super().__init__(
            *_pair(images, labels), normalize=normalize, flat=flat, transform=transform
        )


class FashionMNIST(MNIST):
    """Zalando's pictures of clothes in ten classes, in MNIST's format and numbers.

    The arguments and errors are MNIST's; its folder is fashion_mnist/. The training set's mean and
    standard deviation are 0.2860 and 0.3530.
    Source: Xiao, Rasul, Vollgraf, Fashion-MNIST, arXiv 1708.07747, 2017.
    """

    classes: ClassVar[tuple[str, ...]] = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
    source: ClassVar[Source] = _source(
        "FashionMNIST",
        ("fashion_mnist", "FashionMNIST/raw"),
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        (
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
    )


def _checked(path: Path) -> tuple[Path, np.ndarray[Any, Any]]:
    """The file's array, if it is of the kind that its name says: images or labels."""
    array = read_idx(path)
    kinds = {1: "labels", 3: "images"}
    wanted = 3 if "images" in path.name else 1
    if array.dtype != np.uint8 or array.ndim != wanted:
        found = kinds.get(array.ndim, f"{array.ndim} axes") if array.dtype == np.uint8 else "other"
        raise DataError(
            f"{path}: its magic number says {found} ({array.dtype}, {array.ndim} axes), but its "
            f"name says {kinds[wanted]} (uint8, {wanted} axes). The files may be swapped; "
            "rename them, or get them again."
        )
    if wanted == 3 and array.shape[1:] != (28, 28):
        raise DataError(
            f"{path}: its images are {array.shape[1]} × {array.shape[2]} pixels, not 28 × 28. It "
            "is another data set; get the right file."
        )
    if wanted == 1 and array.size and array.max() > 9:
        place = int(np.argmax(array > 9))
        raise DataError(
            f"{path}: label {place} is {array[place]}, outside 0 … 9. The file is damaged or of "
            "another data set; get it again."
        )
    return path, array


def _pair(
    images: tuple[Path, np.ndarray[Any, Any]], labels: tuple[Path, np.ndarray[Any, Any]]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The two arrays, if there are as many labels as images."""
    if len(images[1]) != len(labels[1]) or not len(images[1]):
        raise DataError(
            f"{images[0]} has {len(images[1])} images, but {labels[0].name} beside it has "
            f"{len(labels[1])} labels. They do not belong together; get both again."
        )
    return images[1], labels[1]
