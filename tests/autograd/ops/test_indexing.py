"""Brackets: every key gives NumPy's value, the adjoint its gradient; what errors say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import BackendError, DTypeError, ShapeError, Tensor, grad, ops
from autograd.ops.keys import index_of
from tests import standin
from tests.samples.indexing import KEYS, ROWS, X

IMPOSSIBLE_IN_TORCH = {"negative step"}


def tracked(x: Any, dtype: str = "float64") -> Tensor:
    return Tensor(np.asarray(x), requires_grad=True, dtype=dtype)


@pytest.mark.parametrize("name", KEYS)
def test_every_key_reads_what_numpy_reads(name: str) -> None:
    np.testing.assert_array_equal(Tensor(X)[KEYS[name]].numpy(), X[KEYS[name]])


@pytest.mark.parametrize("name", KEYS)
def test_the_gradient_adds_up_what_each_element_was_read_for(name: str) -> None:
    key, x = KEYS[name], tracked(X)
    z = x[key]
    g = np.random.default_rng(1).standard_normal(z.shape)
    z.backward(Tensor(g))
    expected = np.zeros_like(X)
    np.add.at(expected, key, g)
    np.testing.assert_allclose(x.grad.numpy(), expected)


@pytest.mark.parametrize("name", [n for n in KEYS if n not in IMPOSSIBLE_IN_TORCH])
def test_values_and_gradients_are_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    key, x, theirs = KEYS[name], tracked(X), torch.tensor(X, requires_grad=True)
    parts = key if isinstance(key, tuple) else (key,)
    (x[key] ** 2).sum().backward()
    read = theirs[tuple(torch.from_numpy(p) if isinstance(p, np.ndarray) else p for p in parts)]
    (read**2).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), theirs.grad.numpy())


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_indexing_keeps_the_dtype_of_value_and_gradient(dtype: str) -> None:
    for key in (1, (0, 0), ROWS, X > 0):
        x = tracked(X, dtype)
        z = x[key]
        z.sum().backward()
        assert z.dtype == x.grad.dtype == dtype


def test_the_gradient_of_many_half_precision_reads_of_one_row_does_not_stall() -> None:
    x = tracked([1.0, 2.0], "float16")
    x[np.zeros(5000, int)].sum().backward()
    assert x.grad.tolist() == [5000.0, 0.0]


def test_tensors_and_lists_are_keys() -> None:
    x = tracked(X)
    rows, mask = Tensor(ROWS), x > 0
    np.testing.assert_array_equal(x[rows].detach().numpy(), X[ROWS])
    np.testing.assert_array_equal(x[mask].detach().numpy(), X[X > 0])
    np.testing.assert_array_equal(x[[0, 2], [1, 1]].detach().numpy(), X[[0, 2], [1, 1]])
    np.testing.assert_array_equal(x[[]].detach().numpy(), X[[]])
    np.testing.assert_array_equal(x[Tensor(np.array(1))].detach().numpy(), X[1])
    np.testing.assert_array_equal(x[range(2), [True, False, True, False]].shape, (2,))


def test_an_index_array_changed_after_the_forward_pass_does_not_change_the_gradient() -> None:
    x, rows = tracked(X), np.array([0, 0])
    z = x[rows].sum()
    rows[:] = 2
    z.backward()
    assert x.grad.numpy()[:, 0].tolist() == [2.0, 0.0, 0.0]


def test_a_floating_index_is_refused_with_the_remedy() -> None:
    x = Tensor(X)
    with pytest.raises(DTypeError, match=r'float64. Use .astype\("int64"\)'):
        x[Tensor(np.array([0.0, 1.0]))]
    with pytest.raises(DTypeError, match=r"not the number 1\.0"):
        x[1.0]
    with pytest.raises(IndexError, match="str is no index"):
        x["first"]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (3, r"getitem: index 3 is out of range for axis 0 of size 3. It must be in \[-3, 2\]."),
        ((slice(None), np.array([1, -5])), "index -5 is out of range for axis 1 of size 4"),
        ((..., 4), "index 4 is out of range for axis 1"),
        ((0, 0, 0), r"3 indices for x of shape \(3, 4\), which has 2 axes"),
        (np.array([True, False]), r"the mask is \(2,\) but x is \(3, 4\)"),
    ],
)
def test_an_index_out_of_range_says_which_axis_and_its_size(key: Any, message: str) -> None:
    with pytest.raises(IndexError, match=message):
        Tensor(X)[key]
    with pytest.raises(IndexError, match=message.replace("getitem", "setitem")):
        ops.setitem(Tensor(X), 0.0, index=key)


def test_scatter_refuses_an_index_out_of_range_too() -> None:
    with pytest.raises(IndexError, match="scatter: index 5 is out of range for axis 0 of size 3"):
        ops.scatter(Tensor(np.ones(2)), index=np.array([5, 0]), shape=(3,))


def test_a_slice_of_a_tracked_tensor_has_a_view_but_its_gradient_has_its_own_memory() -> None:
    x = tracked(X)
    x[1:].sum().backward()
    assert np.shares_memory(x[1:].data, x.data)
    assert not np.shares_memory(x.grad.data, x.data)


# Item assignment


@pytest.mark.parametrize("name", KEYS)
def test_setitem_gives_numpys_value_and_leaves_its_input(name: str) -> None:
    key, x = KEYS[name], Tensor(X)
    v = np.random.default_rng(2).standard_normal(X[key].shape)
    expected = X.copy()
    expected[key] = v
    np.testing.assert_array_equal(ops.setitem(x, Tensor(v), index=key).numpy(), expected)
    np.testing.assert_array_equal(x.numpy(), X)


def test_where_an_element_is_assigned_twice_the_last_value_has_the_gradient() -> None:
    x, v = tracked([1.0, 2.0, 3.0]), tracked([10.0, 20.0, 30.0])
    z = ops.setitem(x, v, index=np.array([1, 0, 1]))
    dx, dv = grad((z * Tensor([1.0, 2.0, 4.0], dtype="float64")).sum(), [x, v])
    assert z.tolist() == [20.0, 30.0, 3.0]
    assert dx.tolist() == [0.0, 0.0, 4.0]
    assert dv.tolist() == [0.0, 1.0, 2.0]


def test_setitem_sums_the_gradient_of_a_broadcast_value() -> None:
    x, v = tracked(X), tracked(2.0)
    ops.setitem(x, v, index=(slice(None), slice(1, 3))).sum().backward()
    assert v.grad.item() == 6.0
    assert x.grad.numpy()[0].tolist() == [1.0, 0.0, 0.0, 1.0]


def test_setitem_names_the_shapes_of_a_value_that_does_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"v is \(3,\) but x\[index\] is \(2, 4\)"):
        ops.setitem(Tensor(X), Tensor(np.ones(3)), index=slice(1, None))


def test_masked_fill_hides_infinite_gradients_of_what_it_covers() -> None:
    x = tracked([0.0, 4.0])
    ops.masked_fill(ops.sqrt(x), np.array([True, False]), value=1.0).sum().backward()
    assert x.grad.tolist()[1] == 0.25
    z = ops.masked_fill(tracked([1.0, 2.0], "float32"), [True, False], value=-np.inf)
    assert z.dtype == "float32" and z.tolist() == [-np.inf, 2.0]


def test_nonzero_gives_one_index_tensor_for_each_axis() -> None:
    rows, columns = ops.nonzero(Tensor(X > 0))
    np.testing.assert_array_equal(np.stack([rows.numpy(), columns.numpy()]), np.nonzero(X > 0))
    np.testing.assert_array_equal(ops.flatnonzero(X > 0).numpy(), np.flatnonzero(X > 0))
    assert not rows.requires_grad


def test_index_of_keeps_plain_keys_and_copies_arrays() -> None:
    key = (slice(1, 2), None, ..., 3)
    assert index_of(key) == key
    assert index_of(np.int64(2)) == 2
    assert index_of(np.True_) is True
    assert index_of(ROWS) is not ROWS


# On a device that wraps indices silently, and where the order of writes is not defined


def test_on_a_device_indices_out_of_range_are_found_before_they_wrap() -> None:
    with standin.installed():
        x, rows = Tensor(X, device="cuda"), np.array([0, 3])
        for call in (
            lambda: x[rows],
            lambda: ops.take(x, rows.tolist(), axis=0),
            lambda: ops.take_along_axis(x, Tensor(rows[:, None], device="cuda"), axis=0),
            lambda: ops.scatter(x[:2], index=rows, shape=(3, 4)),
            lambda: ops.setitem(x, 0.0, index=rows),
        ):
            with pytest.raises(IndexError, match="index 3 is out of range for axis 0 of size 3"):
                call()


def test_on_a_device_the_last_of_several_assignments_wins_too() -> None:
    with standin.installed():
        x = Tensor(X, requires_grad=True, device="cuda")
        v = Tensor(np.arange(4.0)[:, None], requires_grad=True, device="cuda", dtype="float64")
        z = ops.setitem(x, v, index=ROWS)
        z.sum().backward()
        assert z.detach().cpu().numpy()[:, 0].tolist() == [1.0, X[1, 0], 3.0]
        assert v.grad.cpu().tolist() == [[0.0], [4.0], [0.0], [4.0]]
        with pytest.raises(ShapeError, match=r"v is \(3, 1\) but x\[index\] is \(4, 4\)"):
            ops.setitem(x, v[:3], index=ROWS)


def test_on_a_device_integers_add_up_and_host_and_device_do_not_mix() -> None:
    with standin.installed():
        x = Tensor(np.array([1, 2]), device="cuda")
        z = ops.scatter_add(x, Tensor(np.array([0, 0]), device="cuda"), x, axis=0)
        assert z.cpu().tolist() == [4, 2]
        with pytest.raises(BackendError, match="x is on the host but an index is on a GPU"):
            Tensor(X)[x]


def test_masked_fill_keeps_the_dtype_beside_a_numpy_number() -> None:
    x, mask = np.ones(2, np.float32), np.array([True, False])
    assert ops.masked_fill(x, mask, value=np.float64(-1)).dtype == np.float32
    assert ops.masked_fill(np.arange(2), mask, value=1.5).dtype == np.float32
    assert ops.masked_fill(np.arange(2), mask, value=7).tolist() == [7, 1]


def test_masked_fill_refuses_what_is_no_mask_and_no_number() -> None:
    with pytest.raises(DTypeError, match="the mask is int64, not bool"):
        ops.masked_fill(np.ones(2), np.array([0, 1]), value=0.0)
    for value in ("a", Tensor(1.0)):
        with pytest.raises(DTypeError, match="must be a number"):
            ops.masked_fill(np.ones(2), np.array([True, False]), value=value)
