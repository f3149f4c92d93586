"""Digits: 1,797 handwritten digits of 8 × 8 pixels that come with graphgrad.

They need no download, and so are the default data set of examples and tests. Their source and
licence (CC BY 4.0) are in `files/SOURCE.txt`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from nn.data.images import ImageDataset

__all__ = ["Digits"]

_FILE = Path(__file__).parent / "files" / "optdigits.npz"
_HELD_OUT = 360


class Digits(ImageDataset):
    """The UCI optical digits' test set (Alpaydin and Kaynak 1998): item i is (image, label).

    train: True for 1,437 of them, False for the other 360, None for all 1,797 in the file's order.
    The two parts are of one fixed shuffle, since the file is not mixed: its end is harder than the
    rest.
    An image is float32 (1, 8, 8) in [0, 1]; (64,) with flat; the file's uint8 0 … 16 without
    normalize.
    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository (1998), DOI 10.24432/C50P49, CC BY 4.0.
    """

    full_scale: ClassVar[int] = 16

    def __init__(
        self,
        train: bool | None = True,
        *,
        flat: bool = False,
        normalize: bool = True,
        transform: Callable[[Any], Any] | None = None,
    ) -> None:
        with np.load(_FILE, allow_pickle=False) as data:
            images, labels = data["images"], data["labels"]
        if train is not None:
            # RandomState's stream is frozen: the parts are the same in every version of NumPy.
            shuffled = np.random.RandomState(0).permutation(len(labels))
            part = shuffled[:-_HELD_OUT] if train else shuffled[-_HELD_OUT:]
            images, labels = images[part], labels[part]
        super().__init__(images, labels, normalize=normalize, flat=flat, transform=transform)
