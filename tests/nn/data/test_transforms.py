"""Transforms of images: what they do to pixels, and that a seed repeats them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import DTypeError, ShapeError
from nn.data import (
    Compose,
    Normalize,
    RandomCrop,
    RandomHorizontalFlip,
    RandomRotation,
    RandomShift,
    ToDtype,
    rotate,
)

RNG = np.random.default_rng(0)
IMAGE = RNG.random((5, 7)).astype(np.float32)
SQUARE = RNG.random((3, 6, 6))
BATCH = RNG.random((40, 2, 6, 8)).astype(np.float32)
RANDOM = {
    "shift": RandomShift((1, 2), fill=9),
    "crop": RandomCrop((4, 5), padding=(1, 0)),
    "flip": RandomHorizontalFlip(),
    "rotation": RandomRotation(25),
    "all": Compose([RandomShift(1), RandomRotation((5, 10)), RandomHorizontalFlip(0.3)]),
}


@pytest.mark.parametrize("name", RANDOM)
@pytest.mark.parametrize("x", [IMAGE, SQUARE, BATCH], ids=["(H,W)", "(C,H,W)", "(N,C,H,W)"])
def test_random_transforms_keep_rank_and_dtype_and_leave_their_input_alone(
    name: str, x: np.ndarray
) -> None:
    before = x.copy()
    autograd.manual_seed(1)
    y = RANDOM[name](x)
    wanted = (*x.shape[:-2], 4, 5) if name == "crop" else x.shape
    assert y.shape == wanted and y.dtype == x.dtype and y.flags.writeable
    assert not np.shares_memory(x, y)
    np.testing.assert_array_equal(x, before)
    autograd.manual_seed(1)
    np.testing.assert_array_equal(RANDOM[name](x), y)


@pytest.mark.parametrize("name", RANDOM)
def test_each_image_of_a_batch_gets_a_draw_of_its_own(name: str) -> None:
    autograd.manual_seed(0)
    y = RANDOM[name](np.broadcast_to(BATCH[:1], BATCH.shape))
    assert len({image.tobytes() for image in y}) > 1
    # All channels of one image are treated alike.
    autograd.manual_seed(0)
    alike = RANDOM[name](np.repeat(BATCH[:, :1], 2, axis=1))
    np.testing.assert_array_equal(alike[:, 0], alike[:, 1])


def shifted(x: np.ndarray, down: int, right: int, fill: float) -> np.ndarray:
    """x moved, pixel by pixel."""
    y = np.full_like(x, fill)
    for i, j in np.ndindex(x.shape):
        if 0 <= i + down < x.shape[0] and 0 <= j + right < x.shape[1]:
            y[i + down, j + right] = x[i, j]
    return y


def test_shifts_reach_every_place_and_no_other_and_fill_from_outside() -> None:
    autograd.manual_seed(0)
    shift = RandomShift((1, 2), fill=5)
    seen = {shift(IMAGE).tobytes() for _ in range(300)}
    wanted = {shifted(IMAGE, i, j, 5).tobytes() for i in (-1, 0, 1) for j in range(-2, 3)}
    assert seen == wanted


def test_crops_reach_every_place_of_the_padded_image_and_no_other() -> None:
    autograd.manual_seed(0)
    crop = RandomCrop((4, 7), padding=(1, 1), fill=2)
    padded = np.pad(IMAGE, 1, constant_values=2)
    seen = {crop(IMAGE).tobytes() for _ in range(200)}
    assert seen == {padded[i : i + 4, j : j + 7].tobytes() for i in range(4) for j in range(3)}
    np.testing.assert_array_equal(RandomCrop((5, 7))(IMAGE), IMAGE)


def test_flips_mirror_left_to_right_with_their_probability() -> None:
    np.testing.assert_array_equal(RandomHorizontalFlip(1)(BATCH), BATCH[..., ::-1])
    np.testing.assert_array_equal(RandomHorizontalFlip(0)(SQUARE), SQUARE)
    autograd.manual_seed(0)
    many = np.broadcast_to(np.arange(2.0), (2000, 1, 1, 2))
    assert RandomHorizontalFlip(0.3)(many)[:, 0, 0, 0].mean() == pytest.approx(0.3, abs=0.04)


@pytest.mark.parametrize("quarters", range(-3, 5))
def test_quarter_turns_move_pixels_counter_clockwise_and_exactly(quarters: int) -> None:
    np.testing.assert_array_equal(
        rotate(SQUARE, 90 * quarters), np.rot90(SQUARE, quarters, axes=(1, 2))
    )


def bilinear(x: np.ndarray, degrees: float, fill: float) -> np.ndarray:
    """The formula of rotate, written pixel by pixel."""
    y, angle = np.zeros_like(x), np.deg2rad(degrees)
    down0, right0 = (x.shape[0] - 1) / 2, (x.shape[1] - 1) / 2
    padded = np.pad(x, 20, constant_values=fill)
    for i, j in np.ndindex(x.shape):
        right, up = j - right0, down0 - i
        # The inverse turn, clockwise, in coordinates whose second axis points up.
        u = right * np.cos(angle) + up * np.sin(angle)
        v = -right * np.sin(angle) + up * np.cos(angle)
        row, column = down0 - v, right0 + u
        for a in range(-20, x.shape[0] + 20):
            for b in range(-20, x.shape[1] + 20):
                weight = max(0, 1 - abs(row - a)) * max(0, 1 - abs(column - b))
                y[i, j] += weight * padded[a + 20, b + 20]
    return y


@pytest.mark.parametrize("degrees", [17.0, -140.0, 45.0])
def test_rotation_is_bilinear_interpolation_about_the_centre(degrees: float) -> None:
    x = RNG.random((4, 5))
    np.testing.assert_allclose(rotate(x, degrees, fill=2), bilinear(x, degrees, 2), atol=1e-12)


def test_each_image_turns_by_its_own_angle_and_integers_are_rounded() -> None:
    turned = rotate(BATCH[:2], [10, -20])
    np.testing.assert_allclose(turned[1], rotate(BATCH[1], -20), atol=1e-6)
    pixels = (SQUARE * 255).astype(np.uint8)
    exact = rotate(pixels.astype(np.float64), 30)
    assert rotate(pixels, 30).dtype == np.uint8
    np.testing.assert_allclose(rotate(pixels, 30), exact, atol=0.501)
    np.testing.assert_array_equal(rotate(np.full((3, 3), 7, np.uint8), 45, fill=7), 7)


def test_angles_are_drawn_from_the_range() -> None:
    autograd.manual_seed(0)
    column = np.zeros((200, 1, 21, 21))
    column[:, :, :10, 10] = 1  # a hand that points up
    turned = RandomRotation((30, 60))(column)[:, 0]
    weight = turned.sum(axis=(1, 2))
    rows, columns = np.mgrid[:21, :21]
    up = ((10 - rows) * turned).sum(axis=(1, 2)) / weight
    left = ((10 - columns) * turned).sum(axis=(1, 2)) / weight
    angles = np.rad2deg(np.arctan2(left, up))
    assert 29 < angles.min() < 32 and 58 < angles.max() < 61


def test_scaling_makes_bytes_numbers_from_0_to_1() -> None:
    y = ToDtype("float32", scale=True)(np.array([[0, 51, 255]], np.uint8))
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, np.array([[0, 51 / 255, 1]], np.float32))
    np.testing.assert_array_equal(ToDtype("float64", scale=True)(np.array([[3.0]])), [[3.0]])
    assert ToDtype("float16")(IMAGE).dtype == np.float16
    with pytest.raises(DTypeError, match="int64"):
        ToDtype("int64", scale=True)


def test_normalizing_subtracts_and_divides_by_channel() -> None:
    y = Normalize([0.5, 0.25], [0.5, 2])(BATCH)
    np.testing.assert_allclose(y[:, 0], (BATCH[:, 0] - 0.5) / 0.5, rtol=1e-6)
    np.testing.assert_allclose(y[:, 1], (BATCH[:, 1] - 0.25) / 2, rtol=1e-6)
    assert y.dtype == np.float32
    np.testing.assert_allclose(Normalize(0.5, 2)(IMAGE), (IMAGE - 0.5) / 2, rtol=1e-6)
    np.testing.assert_allclose(Normalize(1, 2)(SQUARE), (SQUARE - 1) / 2)


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: Normalize(0, 0), "std 0"),
        (lambda: RandomShift(-1), "max_shift is -1"),
        (lambda: RandomShift(1.5), "max_shift is 1.5"),
        (lambda: RandomCrop(0), "size is 0"),
        (lambda: RandomCrop(3, padding=(1, 2, 3)), r"padding is \(1, 2, 3\)"),
        (lambda: RandomHorizontalFlip(1.5), "p is 1.5"),
        (lambda: RandomRotation(-5), "degrees is -5"),
        (lambda: RandomCrop(9)(IMAGE), "less than the size"),
        (lambda: RandomShift(1)(np.zeros(784)), r"\(784,\)"),
        (lambda: Normalize([0, 0], [1, 1])(SQUARE), r"3 channel\(s\)"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        make()


def test_integers_cannot_be_normalized() -> None:
    with pytest.raises(DTypeError, match="ToDtype"):
        Normalize(0, 1)(np.zeros((2, 2), np.uint8))


def test_a_composition_goes_from_first_to_last_and_takes_batches_if_all_do() -> None:
    assert Compose([lambda x: x + 1, lambda x: x * 2])(3) == 8
    assert RANDOM["all"].takes_batches and not Compose([lambda x: x]).takes_batches
    assert "RandomHorizontalFlip" in repr(Compose([RandomHorizontalFlip()]))


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "int64"])
def test_scaling_to_float16_overflows_for_no_integer(dtype: str) -> None:
    most = np.iinfo(dtype).max
    scaled = ToDtype("float16", scale=True)(np.array([[0, most // 2, most]], dtype))
    assert scaled.dtype == "float16"
    np.testing.assert_allclose(scaled, [[0, 0.5, 1]], rtol=5e-3)


def test_a_turn_by_nothing_keeps_large_integers() -> None:
    x = np.array([[2**24 + 1, 2**31 - 1]], np.int32)
    np.testing.assert_array_equal(rotate(x, 0), x)


@pytest.mark.parametrize("fill", [300, -1, 0.5])
def test_a_fill_that_the_dtype_cannot_hold_is_refused(fill: float) -> None:
    x = np.zeros((3, 3), np.uint8)
    for transform in (
        RandomShift(1, fill),
        RandomCrop(2, 1, fill),
        RandomRotation(5, fill),
    ):
        with pytest.raises(ValueError, match=f"fill is {fill}, which uint8 cannot hold"):
            transform(x)


def test_degrees_may_be_any_number_and_must_fit_the_batch() -> None:
    assert RandomRotation(np.int64(3)).degrees == (-3, 3)
    with pytest.raises(ValueError, match="degrees is inf"):
        RandomRotation(np.inf)
    with pytest.raises(ShapeError, match=r"degrees is \(3,\), but x is \(2, 1, 3, 3\)"):
        rotate(np.ones((2, 1, 3, 3)), [1, 2, 3])


def test_a_tensor_is_no_image_and_told_so() -> None:
    with pytest.raises(TypeError, match=r"x is a Tensor; they take NumPy arrays. Use x.numpy"):
        RandomShift(1)(autograd.zeros(3, 3))
