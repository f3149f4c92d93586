"""flip, roll and pad: NumPy's values, adjoint gradients, and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import DTypeError, ShapeError, Tensor, grad, gradcheck, gradgradcheck, ops
from tests.samples import normal

MODES = ["constant", "edge", "reflect", "symmetric", "wrap"]


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1), ()])
def test_flip_gives_the_values_of_numpy(axis: Any) -> None:
    x = normal(2, 3)
    np.testing.assert_array_equal(ops.flip(Tensor(x), axis=axis).numpy(), np.flip(x, axis))


@pytest.mark.parametrize(
    ("shift", "axis"), [(1, None), (-2, 0), (7, -1), ((1, 2), (0, 1)), (1, (0, 1)), ((1, 2), 1)]
)
def test_roll_gives_the_values_of_numpy_and_rolls_its_gradient_back(shift: Any, axis: Any) -> None:
    x = Tensor(normal(2, 3), requires_grad=True)
    z = ops.roll(x, shift, axis)
    np.testing.assert_array_equal(z.detach().numpy(), np.roll(x.data, shift, axis))
    (g,) = grad([z], [x], [z.detach().numpy()])
    np.testing.assert_array_equal(g.numpy(), x.data)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("width", [1, (2, 1), ((1, 0), (0, 2)), 0])
def test_pad_gives_the_values_of_numpy_in_every_mode(mode: str, width: Any) -> None:
    x = normal(3, 4)
    ours = ops.pad(Tensor(x), width, mode).numpy()
    np.testing.assert_array_equal(ours, np.pad(x, width, mode))


@pytest.mark.parametrize("mode", MODES)
def test_pad_adds_up_the_gradients_of_its_copies(mode: str) -> None:
    x = Tensor(normal(3, 2), requires_grad=True)
    assert gradcheck(lambda t: ops.pad(t, ((2, 1), (0, 1)), mode), [x])
    assert gradgradcheck(lambda t: ops.pad(t, ((2, 1), (0, 1)), mode) ** 3, [x])


def test_pad_takes_the_number_to_fill_with() -> None:
    assert ops.pad(Tensor([1.0]), (1, 2), constant_values=-7).tolist() == [-7.0, 1.0, -7.0, -7.0]


def test_pad_keeps_the_dtype() -> None:
    x = Tensor(np.ones(2, np.float16), requires_grad=True)
    z = ops.pad(x, 1, constant_values=0.5)
    z.sum().backward()
    assert z.dtype == np.float16 and x.grad is not None and x.grad.dtype == np.float16


def test_crop_takes_away_what_pad_added() -> None:
    x, width = normal(2, 3), ((1, 2), (0, 3))
    padded = ops.pad(Tensor(x), width)
    np.testing.assert_array_equal(ops.crop(padded, pad_width=width).numpy(), x)


BAD: list[tuple[Any, str]] = [
    (lambda x: ops.flip(x, axis=2), "flip: axis 2 is out of range"),
    (lambda x: ops.roll(x, 1, 2), "roll: axis 2 is out of range"),
    (lambda x: ops.roll(x, (1, 2, 3), (0, 1)), r"roll: shift \(1, 2, 3\) and axis \(0, 1\)"),
    (lambda x: ops.pad(x, -1), r"pad: pad_width -1 does not fit x, which is \(2, 3\)"),
    (lambda x: ops.pad(x, 1.5), r"pad: pad_width 1.5 does not fit"),
    (lambda x: ops.pad(x, ((1, 1),) * 3), r"pad: pad_width .* does not fit x, which is \(2, 3\)"),
    (lambda x: ops.pad(x, 1, "zeros"), "pad: mode 'zeros' is not known"),
    (lambda x: ops.pad(x[:0], 1, "edge"), r"pad: x is \(0, 3\); axis 0 has no element to pad with"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_arguments_raise_with_their_values(call: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        call(Tensor(normal(2, 3)))


@pytest.mark.parametrize(("mode", "theirs"), [("edge", "replicate"), ("reflect", "reflect")])
def test_margins_agree_with_pytorch(mode: str, theirs: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    x, weights = normal(1, 1, 5), normal(1, 1, 9)
    leaf, mine = torch.tensor(x, requires_grad=True), Tensor(x, requires_grad=True)
    padded = torch.nn.functional.pad(leaf, (3, 1), mode=theirs)
    (padded * torch.tensor(weights)).sum().backward()
    (ops.pad(mine, ((0, 0), (0, 0), (3, 1)), mode) * weights).sum().backward()
    assert mine.grad is not None
    np.testing.assert_allclose(mine.grad.numpy(), leaf.grad.numpy())


def test_roll_takes_lists_and_refuses_half_steps() -> None:
    x = normal(2, 3)
    found = ops.roll(x, [1, 2], axis=[0, 1]).numpy()
    np.testing.assert_array_equal(found, np.roll(x, [1, 2], axis=[0, 1]))
    with pytest.raises(ShapeError, match=r"shift=1\.5 must be an integer"):
        ops.roll(x, 1.5)


@pytest.mark.parametrize("value", ["a", (1, 2), Tensor(1.0)])
def test_pad_wants_one_number_to_pad_with(value: Any) -> None:
    with pytest.raises(DTypeError, match="must be one number"):
        ops.pad(normal(2, 3), 1, constant_values=value)
