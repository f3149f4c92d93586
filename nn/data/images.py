"""ImageDataset: labelled images in memory, which MNIST, CIFAR-10 and the digits share.

The numbers are kept as the files have them, one byte each, and become floats batch by batch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from autograd import Tensor, as_tensor
from autograd.errors import DTypeError, ShapeError
from nn.data.dataset import Dataset, check_index, check_indices

__all__ = ["ImageDataset"]

Array = np.ndarray[Any, Any]


class ImageDataset(Dataset):
    """N images with their labels; item i is (image, label).

    images: (N, H, W) grey or (N, C, H, W), uint8.  labels: (N,) integers.
    normalize: True gives images as float32 in [0, 1]; False as the file's own uint8.
    flat: an image is (C·H·W,) instead of (C, H, W); grey images have C = 1.
    transform: called with each image (C, H, W), after normalize and before flat. One that has the
    attribute `takes_batches = True`, as those of `transforms.py` have, is called with whole batches
    (B, C, H, W) where the DataLoader reads them, which is faster.
    Raises DTypeError for other dtypes; ShapeError for other shapes, and where there are not as many
    labels as images.
    """

    classes: ClassVar[tuple[str, ...]] = tuple("0123456789")
    """What the labels mean."""
    full_scale: ClassVar[int] = 255
    """The number that the file has for full ink or light."""

    def __init__(
        self,
        images: Array,
        labels: Array,
        *,
        normalize: bool = True,
        flat: bool = False,
        transform: Callable[[Any], Any] | None = None,
    ) -> None:
        given = np.asarray(labels)
        if images.dtype != np.uint8 or (given.size and given.dtype.kind not in "iu"):
            raise DTypeError(
                f"{type(self).__name__}: images is {images.dtype} and labels {given.dtype}; they "
                "must be uint8 and integers. Use TensorDataset for images of other numbers."
            )
        self.images, self.labels = images, given.astype(np.int64)
        self.normalize, self.flat, self.transform = normalize, flat, transform
        if images.ndim not in (3, 4) or self.labels.shape != images.shape[:1]:
            raise ShapeError(
                f"{type(self).__name__}: images is {images.shape} and labels {self.labels.shape}; "
                "they must be (N, H, W) or (N, C, H, W), and (N,)."
            )

    def __len__(self) -> int:
        """N."""
        return len(self.images)

    def __getitem__(self, index: Any) -> tuple[Array, int]:
        """(image, label) at index. Raises IndexError outside [−N, N)."""
        place = check_index(self, index)
        image = self._transformed(self._numbers([place])[0])
        return image.reshape(-1) if self.flat else image, int(self.labels[place])

    def gather(self, indices: Any) -> tuple[Array, Array]:
        """(images (B, …), labels (B,)) at indices."""
        rows = check_indices(self, indices)
        return self._batch(rows), self.labels[rows]

    def tensors(self) -> tuple[Tensor, Tensor]:
        """All images and labels as two Tensors, for TensorDataset or full-batch work."""
        return as_tensor(self._batch(slice(None))), as_tensor(self.labels)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} images of {self.images.shape[1:]})"

    def _batch(self, rows: Any) -> Array:
        """The images at rows as items have them, (B, …)."""
        images = self._numbers(rows)
        if getattr(self.transform, "takes_batches", False):
            images = self._transformed(images)
        elif self.transform is not None and len(images):
            images = np.stack([self._transformed(image) for image in images])
        return images.reshape(len(images), -1) if self.flat and len(images) else images

    def _numbers(self, rows: Any) -> Array:
        """The images at rows before the transform, (B, C, H, W), as memory of their own."""
        images = self.images[rows] if self.images.ndim == 4 else self.images[rows, None]
        if not self.normalize:
            return images.copy()
        return np.divide(images, np.float32(self.full_scale), dtype=np.float32)

    def _transformed(self, images: Array) -> Array:
        return images if self.transform is None else self.transform(images)
