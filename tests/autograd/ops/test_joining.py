"""Joining, taking apart and repeating: NumPy's values, and gradients to every part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import normal


@pytest.mark.parametrize("axis", [0, -1, None])
def test_concatenate_gives_the_values_of_numpy(axis: int | None) -> None:
    parts = [normal(2, 3), normal(2, 3, seed=1)]
    ours = ops.concatenate([Tensor(p) for p in parts], axis=axis)
    np.testing.assert_array_equal(ours.numpy(), np.concatenate(parts, axis=axis))


def test_concatenate_gives_each_part_its_own_gradient() -> None:
    parts = [Tensor(normal(n, 2), requires_grad=True) for n in (1, 0, 3)]
    upstream = normal(4, 2, seed=9)
    found = grad([ops.concatenate(parts)], parts, [upstream])
    np.testing.assert_array_equal(found[0].numpy(), upstream[:1])
    assert found[1].shape == (0, 2)
    np.testing.assert_array_equal(found[2].numpy(), upstream[1:])


@pytest.mark.parametrize("join", [ops.concatenate, ops.stack])
def test_a_tensor_joined_with_itself_gets_both_gradients(join: Any) -> None:
    x = Tensor(normal(3), requires_grad=True)
    z = join([x, x])
    (g,) = grad([z], [x], [np.arange(6.0).reshape(z.shape)])
    assert g.tolist() == [3.0, 5.0, 7.0]


def test_arrays_and_tensors_of_other_dtypes_are_joined_in_the_widest() -> None:
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    z = ops.concatenate([x, np.array([1, 2]), Tensor(np.ones(1))])
    z.sum().backward()
    assert z.dtype == np.float64 and x.grad is not None and x.grad.dtype == np.float32


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_stack_gives_the_values_of_numpy(axis: int) -> None:
    parts = [normal(2, 3), normal(2, 3, seed=1)]
    ours = ops.stack([Tensor(p) for p in parts], axis=axis)
    np.testing.assert_array_equal(ours.numpy(), np.stack(parts, axis=axis))


@pytest.mark.parametrize(("cut", "axis"), [(2, 0), ([1, 3], 0), ([-1], 0), ([0, 2], 1), (3, -1)])
def test_split_gives_the_parts_of_numpy(cut: Any, axis: int) -> None:
    x = normal(4, 3)
    ours, theirs = ops.split(Tensor(x), cut, axis), np.split(x, cut, axis)
    assert len(ours) == len(theirs)
    for part, expected in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(part.numpy(), expected)


def test_parts_that_nobody_uses_count_as_zeros() -> None:
    x = Tensor(normal(5), requires_grad=True)
    (g,) = grad(ops.split(x, [1, 3])[1].sum(), x)
    assert g.tolist() == [0.0, 1.0, 1.0, 0.0, 0.0]
    (g,) = grad(ops.unbind(x)[4], x)
    assert g.tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]


def test_parts_are_views() -> None:
    x = Tensor(normal(4, 2))
    assert all(np.shares_memory(p.data, x.data) for p in (*ops.split(x, 2), *ops.unbind(x, 1)))


def test_split_and_concatenate_undo_each_other() -> None:
    x = Tensor(normal(3, 7), requires_grad=True)
    parts = ops.split(x, [2, 2, 5], axis=1)
    assert ops.joints([p.shape for p in parts], axis=1) == (2, 2, 5)
    z = ops.concatenate(parts, axis=1)
    np.testing.assert_array_equal(z.detach().numpy(), x.data)


def test_unbind_and_stack_undo_each_other() -> None:
    x = normal(3, 4)
    np.testing.assert_array_equal(ops.stack(ops.unbind(Tensor(x), 1), axis=1).numpy(), x)
    assert [part.shape for part in ops.unbind(Tensor(normal(3)))] == [()] * 3


def test_hstack_vstack_and_broadcast_arrays_are_those_of_numpy() -> None:
    for parts in [[normal(2), normal(3)], [normal(2, 3), normal(2, 1)], [normal(), normal()]]:
        ours = ops.hstack([Tensor(p) for p in parts]).numpy()
        np.testing.assert_array_equal(ours, np.hstack(parts))
    for parts in [[normal(3), normal(3)], [normal(2, 3), normal(3)], [normal(), normal()]]:
        ours = ops.vstack([Tensor(p) for p in parts]).numpy()
        np.testing.assert_array_equal(ours, np.vstack(parts))
    pair = normal(3, 1), normal(2)
    for ours, theirs in zip(ops.broadcast_arrays(*pair), np.broadcast_arrays(*pair), strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs)


@pytest.mark.parametrize(
    ("repeats", "axis"),
    [(2, None), (3, 0), (2, -1), ((1, 2), 0), ([2, 0, 1], 1), ((3,), 1), (0, 0)],
)
def test_repeat_gives_the_values_of_numpy_and_adds_up_its_copies(repeats: Any, axis: Any) -> None:
    x = Tensor(normal(2, 3), requires_grad=True)
    z = ops.repeat(x, repeats, axis)
    np.testing.assert_array_equal(z.detach().numpy(), np.repeat(x.data, repeats, axis))
    (g,) = grad([z], [x], [np.ones(z.shape)])
    positions = np.repeat(np.arange(6).reshape(2, 3), repeats, axis)
    np.testing.assert_array_equal(g.numpy().ravel(), np.bincount(positions.ravel(), minlength=6))


@pytest.mark.parametrize("reps", [3, (2, 1), (2, 1, 3), (0, 2), ()])
def test_tile_gives_the_values_of_numpy_and_adds_up_its_copies(reps: Any) -> None:
    x = Tensor(normal(2, 3), requires_grad=True)
    z = ops.tile(x, reps)
    np.testing.assert_array_equal(z.detach().numpy(), np.tile(x.data, reps))
    (g,) = grad([z], [x], [np.ones(z.shape)])
    assert g.tolist() == np.full((2, 3), z.size / 6).tolist()


BAD: list[tuple[Any, str]] = [
    (lambda x: ops.concatenate([]), "concatenate: the sequence is empty"),
    (lambda x: ops.stack([]), "stack: the sequence is empty"),
    (lambda x: ops.concatenate([x, normal(2, 4)]), r"\(2, 3\), \(2, 4\), joined along axis 0"),
    (lambda x: ops.concatenate([x, x], axis=2), "concatenate: axis 2 is out of range"),
    (lambda x: ops.concatenate([1.0, 2.0]), "a single number has no axis to join along"),
    (lambda x: ops.concatenate([x] * 9 + [normal(3)]), r"are \(2, 3\), \(3,\), joined"),
    (lambda x: ops.stack([x, normal(3, 2)]), r"stack: the shapes are \(2, 3\), \(3, 2\)"),
    (lambda x: ops.stack([x, x], axis=3), "stack: axis 3 is out of range for 3 dimensions"),
    (lambda x: ops.split(x, 2, axis=1), "has size 3; that makes no 2 equal parts"),
    (lambda x: ops.split(x, 0), "has size 2; that makes no 0 equal parts"),
    (lambda x: ops.split(x, [2, 1], axis=1), r"the positions \(2, 1\) along axis 1, of size 3"),
    (lambda x: ops.split(x, 1, axis=2), "split: axis 2 is out of range"),
    (lambda x: ops.unbind(x, -3), "unbind: axis -3 is out of range"),
    (lambda x: ops.repeat(x, (1, 2), axis=1), r"repeat: repeats=\(1, 2\) does not fit axis 1"),
    (lambda x: ops.repeat(x, -1, axis=1), "repeat: repeats=-1 does not fit axis 1"),
    (lambda x: ops.tile(x, (1, -2)), r"tile: reps=\(1, -2\) holds a negative count"),
    (lambda x: ops.broadcast_arrays(x, normal(2)), r"\(2, 3\), \(2,\) do not broadcast"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_arguments_raise_with_their_values(call: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        call(Tensor(normal(2, 3)))


def test_values_and_gradients_agree_with_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    a, b = normal(2, 3), normal(2, 3, seed=1)
    ta, tb = (torch.tensor(v, requires_grad=True) for v in (a, b))
    xa, xb = (Tensor(v, requires_grad=True) for v in (a, b))
    theirs = torch.stack([torch.cat([ta, tb], 1), torch.cat([tb, ta * ta], 1)], 1).unbind(0)
    ours = ops.unbind(
        ops.stack([ops.concatenate([xa, xb], 1), ops.concatenate([xb, xa * xa], 1)], 1)
    )
    (theirs[0] ** 2).sum().backward()
    (ours[0] ** 2).sum().backward()
    for mine, leaf in [(xa, ta), (xb, tb)]:
        assert mine.grad is not None
        np.testing.assert_allclose(mine.grad.numpy(), leaf.grad.numpy())


@pytest.mark.parametrize(
    "call",
    [
        lambda x: ops.split(x, [0.5]),
        lambda x: ops.split(x, 1.5),
        lambda x: ops.repeat(x, 1.5),
        lambda x: ops.tile(x, (2, 2.5)),
        lambda x: ops.concatenate([x, x], axis=1.0),
    ],
)
def test_counts_that_are_no_integers_are_refused_and_not_cut(call: Any) -> None:
    with pytest.raises(ShapeError, match="integer"):
        call(normal(2, 3))


@pytest.mark.parametrize("name", ["concatenate", "stack", "hstack", "vstack"])
def test_one_number_is_no_sequence_to_join(name: str) -> None:
    with pytest.raises(ShapeError, match=rf"{name}: .* Write {name}\(\[x, y\]\)"):
        getattr(ops, name)(5)
