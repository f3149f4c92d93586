"""The digits that come with graphgrad."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

import nn.data
from nn.data import Digits

FILES = Path(nn.data.__file__).parent / "files"
FIRST = [2, 8, 2, 6, 6, 7, 1, 9]
"""The labels that the training part begins with."""


def test_the_file_is_the_one_its_source_describes() -> None:
    digest = hashlib.sha256((FILES / "optdigits.npz").read_bytes()).hexdigest()
    source = (FILES / "SOURCE.txt").read_text(encoding="utf-8")
    assert digest in source and "CC BY 4.0" in source


def test_all_1797_digits_are_there_with_their_counts() -> None:
    everything = Digits(train=None)
    assert len(everything) == 1797 and everything.images.shape == (1797, 8, 8)
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(everything.labels).tolist() == counts


def test_the_two_parts_make_up_the_whole_and_never_change() -> None:
    train, test, everything = Digits(), Digits(train=False), Digits(train=None)
    assert (len(train), len(test)) == (1437, 360)
    images = np.concatenate([train.images, test.images]).reshape(1797, 64)
    whole = everything.images.reshape(1797, 64)
    order, expected = np.lexsort(images.T), np.lexsort(whole.T)
    np.testing.assert_array_equal(images[order], whole[expected])
    labels = np.concatenate([train.labels, test.labels])
    np.testing.assert_array_equal(np.sort(labels), np.sort(everything.labels))
    assert train.labels[:8].tolist() == FIRST


def test_full_ink_is_1() -> None:
    x, y = Digits(train=None, flat=True).tensors()
    assert x.shape == (1797, 64) and x.dtype == np.float32 and y.dtype == np.int64
    assert (x.data.min(), x.data.max()) == (0, 1)
    assert Digits(normalize=False)[0][0].max() <= 16
    assert Digits()[0][0].shape == (1, 8, 8)
