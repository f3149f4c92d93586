"""Small data files in the formats that nn.data reads, right and wrong, for tests."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

needs_data = pytest.mark.skipif(
    not os.environ.get("GRAPHGRAD_DATA"),
    reason="GRAPHGRAD_DATA does not name a folder with the real data",
)

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (6, 28, 28)).astype(np.uint8)
LABELS = np.array([3, 0, 9, 1, 1, 7], np.uint8)
CODES = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}


def idx(array: np.ndarray[Any, Any]) -> bytes:
    """The array as the bytes of an IDX file."""
    header = struct.pack(">HBB", 0, CODES[array.dtype.str[1:]], array.ndim)
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return header + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write_mnist(
    folder: Path,
    images: np.ndarray[Any, Any] = IMAGES,
    labels: np.ndarray[Any, Any] = LABELS,
    *,
    part: str = "train",
) -> tuple[Path, Path]:
    """One set of MNIST's files, compressed; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = (
        folder / f"{part}-images-idx3-ubyte.gz",
        folder / f"{part}-labels-idx1-ubyte.gz",
    )
    for path, array in zip(paths, (images, labels), strict=True):
        path.write_bytes(gzip.compress(idx(array), mtime=0))
    return paths


def cifar_records(labels: list[int], seed: int = 0) -> tuple[bytes, np.ndarray[Any, Any]]:
    """Records of CIFAR-10's binary version, and their images (N, 3, 32, 32)."""
    images = np.random.default_rng(seed).integers(0, 256, (len(labels), 3, 32, 32), np.uint8)
    records = [
        bytes([label]) + image.tobytes() for label, image in zip(labels, images, strict=True)
    ]
    return b"".join(records), images
