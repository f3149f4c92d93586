"""ImageDataset: what an item is, one by one and in batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import DTypeError, ShapeError, Tensor
from nn.data import DataLoader, ImageDataset, RandomShift, Subset

GREY = np.random.default_rng(0).integers(0, 256, (5, 4, 6)).astype(np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (5, 3, 4, 6)).astype(np.uint8)
LABELS = np.array([1, 0, 2, 2, 9], np.uint8)


@pytest.mark.parametrize("images", [GREY, COLOUR], ids=["grey", "colour"])
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("normalize", [False, True])
def test_items_batches_and_tensors_agree(images: Any, flat: bool, normalize: bool) -> None:
    dataset = ImageDataset(images, LABELS, flat=flat, normalize=normalize)
    channels = images.reshape(5, -1, 4, 6)
    wanted = channels.astype(np.float32) / np.float32(255) if normalize else channels
    wanted = wanted.reshape(5, -1) if flat else wanted
    image, label = dataset[-2]
    np.testing.assert_array_equal(image, wanted[3])
    assert image.dtype == wanted.dtype and label == 2 and type(label) is int
    x, y = dataset.gather([4, 1])
    np.testing.assert_array_equal(x, wanted[[4, 1]])
    assert y.tolist() == [9, 0] and y.dtype == np.int64
    all_x, all_y = dataset.tensors()
    assert isinstance(all_x, Tensor) and all_y.dtype == np.int64
    np.testing.assert_array_equal(all_x, wanted)
    for array in (image, x, all_x.data):
        assert not np.shares_memory(array, images)


def test_the_brightest_pixel_is_exactly_1() -> None:
    dataset = ImageDataset(np.array([[[0, 255]]], np.uint8), [0])
    assert dataset[0][0].tolist() == [[[0.0, 1.0]]]


def test_a_transform_sees_single_images_unless_it_takes_batches() -> None:
    shapes = []

    def single(image: Any) -> Any:
        shapes.append(image.shape)
        return image[:, 1:3]

    class Batched:
        takes_batches = True

        def __call__(self, image: Any) -> Any:
            return single(image[..., :2, :])

    dataset = ImageDataset(GREY, LABELS, transform=single)
    assert dataset.gather([0, 1])[0].shape == (2, 1, 2, 6) and dataset[0][0].shape == (1, 2, 6)
    assert shapes == [(1, 4, 6)] * 3
    flat = ImageDataset(GREY, LABELS, transform=Batched(), flat=True)
    assert flat[0][0].shape == (6,) and flat.gather([0, 1])[0].shape[0] == 2
    assert shapes[3:] == [(1, 2, 6), (2, 1, 2, 6)]


@pytest.mark.parametrize("prefetch", [0, 2])
def test_random_transforms_repeat_with_the_loaders_seed(prefetch: int) -> None:
    dataset = Subset(ImageDataset(GREY, LABELS, transform=RandomShift(2)), [0, 0, 0, 0, 1])

    def epochs(seed: int) -> list[list[Any]]:
        loader = DataLoader(dataset, 2, seed=seed, prefetch=prefetch)
        return [[x.tolist() for x, _ in loader] for _ in range(2)]

    first = epochs(0)
    autograd.rand(3)
    assert epochs(0) == first != epochs(1)
    assert first[0] != first[1]


def test_a_transform_that_writes_into_its_image_leaves_the_dataset_alone() -> None:
    def darken(image: Any) -> Any:
        image[...] = 0
        return image

    for normalize in (True, False):
        dataset = ImageDataset(GREY.copy(), LABELS, transform=darken, normalize=normalize)
        assert dataset[1][0].max() == 0 and dataset.gather([1])[0].max() == 0
        np.testing.assert_array_equal(dataset.images, GREY)


@pytest.mark.parametrize(("images", "labels"), [(GREY, LABELS[:4]), (GREY[0, 0], LABELS)])
def test_shapes_that_do_not_fit_are_named(images: Any, labels: Any) -> None:
    with pytest.raises(ShapeError, match=r"images is \(.*labels \("):
        ImageDataset(images, labels)


def test_an_index_outside_is_an_error() -> None:
    dataset = ImageDataset(GREY, LABELS)
    with pytest.raises(IndexError, match="index 5 is outside a dataset of 5"):
        dataset[5]
    with pytest.raises(IndexError, match="index -6"):
        dataset.gather([-6])
    assert repr(dataset) == "ImageDataset(5 images of (4, 6))"


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((2, 3, 3), np.float32), [0, 1]),
        (np.zeros((2, 3, 3), np.uint8), [0.5, 1.5]),
    ],
)
def test_other_numbers_than_the_files_are_refused(images: Any, labels: Any) -> None:
    with pytest.raises(DTypeError, match="must be uint8 and integers"):
        ImageDataset(images, labels)
