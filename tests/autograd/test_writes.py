"""True writes between forward and backward are found; functional ones leave old values valid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import GraphError, Tensor, as_tensor, detect_anomaly, grad, no_grad, ops
from autograd.writes import stamp


def leaf(value: Any, name: str | None = None) -> Tensor:
    return Tensor(np.asarray(value, "float64"), requires_grad=True, name=name)


def step(t: Tensor, by: float = 1.0) -> None:
    """A write as an optimizer makes it."""
    t.data[...] -= by
    stamp(t.data)


# Found


def write_by_copy(w: Tensor) -> None:
    with no_grad():
        w.copy_([9.0, 9.0])


def write_by_item(w: Tensor) -> None:
    with no_grad():
        w[0] = 9.0


def write_by_operator(w: Tensor) -> None:
    with no_grad():
        w -= 0.1


def write_through_detach(w: Tensor) -> None:
    w.detach()[1] = 9.0


def write_through_a_view_of_detach(w: Tensor) -> None:
    w.detach()[1:][0] = 9.0


def write_through_numpy_view(w: Tensor) -> None:
    as_tensor(w.detach().numpy()[:1]).copy_([9.0])


WRITES: list[Callable[[Tensor], None]] = [
    write_by_copy,
    write_by_item,
    write_by_operator,
    write_through_detach,
    write_through_a_view_of_detach,
    write_through_numpy_view,
    step,
]


@pytest.mark.parametrize("write", WRITES, ids=lambda f: f.__name__)
def test_a_write_between_forward_and_backward_is_refused(write: Any) -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0], name="weight")
    y = x * w
    write(w)
    with pytest.raises(GraphError) as caught:
        y.backward(np.ones(2))
    line = y.node.where[0].co_firstlineno + 3
    assert str(caught.value) == (
        f"backward() through 'mul' (test_writes.py:{line}): its input y 'weight' of shape (2,) was "
        "overwritten after the forward pass (an optimizer step, copy_, load or item assignment). "
        "Call backward() before the write, or write to a copy()."
    )
    assert x.grad is None
    assert w.grad is None


def test_a_tensor_without_a_name_is_called_by_its_place() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = x * w
    write_by_copy(x)
    with pytest.raises(GraphError, match=r"'mul' .*: its input x of shape \(2,\) was overwritten"):
        y.backward(np.ones(2))


def test_an_overwritten_output_is_called_so() -> None:
    h = ops.tanh(leaf([1.0, 2.0]))
    y = h.sum()
    write_by_copy(h)
    with pytest.raises(GraphError, match=r"'tanh' .*: its output of shape \(2,\) was overwritten"):
        y.backward()


def test_an_overwritten_buffer_that_needs_no_gradient_is_found_too() -> None:
    x, mask = leaf([1.0, 2.0]), Tensor([1.0, 0.0], dtype="float64", name="mask")
    y = x * mask
    mask[0] = 0.0
    with pytest.raises(GraphError, match="its input y 'mask'"):
        y.sum().backward()


def test_a_member_of_a_list_is_found() -> None:
    x, w = leaf([[1.0, 2.0]]), leaf([[3.0], [4.0]], name="w")
    y = ops.einsum("ij,jk->ik", x, w)
    with no_grad():
        w[0] = 0.0
    with pytest.raises(GraphError, match=r"'einsum' .*'w' of shape \(2, 1\)"):
        y.sum().backward()


def test_a_view_of_a_kept_array_shares_its_stamp() -> None:
    x, buffer = leaf([1.0, 2.0]), Tensor(np.ones((3, 2)))
    y = x * buffer[1]
    buffer[1] = 5.0
    with pytest.raises(GraphError, match="overwritten"):
        y.sum().backward()


def test_the_check_holds_for_grad_and_create_graph() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = (x * w).sum()
    write_by_copy(w)
    with pytest.raises(GraphError, match="overwritten"):
        grad(y, x, create_graph=True)


def test_a_backward_graph_is_checked_like_any_other() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (dx,) = grad((x * x * w * w).sum(), x, create_graph=True)
    write_by_copy(w)
    with pytest.raises(GraphError, match="overwritten"):
        dx.sum().backward()


# Not found, because nothing is wrong


def test_the_ordinary_training_loop_is_left_alone() -> None:
    x, target = as_tensor(np.linspace(-1, 1, 20)), as_tensor(np.linspace(-3, 5, 20))
    w, b = leaf(0.0), leaf(0.0)
    losses = []
    for _ in range(100):
        error = x * w + b - target
        loss = (error * error).mean()
        w.grad = b.grad = None
        loss.backward()
        with no_grad():
            for p in (w, b):
                p -= 0.3 * p.grad
        losses.append(loss.item())
    assert losses[-1] < 1e-9 < losses[0]
    np.testing.assert_allclose([w.item(), b.item()], [4.0, 1.0], atol=1e-4)


def test_a_write_to_what_no_rule_keeps_is_no_fault() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = (x + w).sum()
    write_by_copy(w)
    y.backward()
    np.testing.assert_array_equal(w.grad.data, [1.0, 1.0])


def test_a_write_before_the_forward_pass_is_no_fault() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    write_by_copy(w)
    (x * w).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [9.0, 9.0])


def test_a_write_to_a_copy_is_no_fault() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = (x * w).sum()
    write_by_copy(w.detach().copy())
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [3.0, 4.0])


def test_replacing_the_array_of_a_leaf_leaves_the_old_one_valid() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = (x * w).sum()
    w.data = np.array([9.0, 9.0])
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [3.0, 4.0])


def test_a_write_to_another_tensor_is_no_fault() -> None:
    x, w, other = leaf([1.0, 2.0]), leaf([3.0, 4.0]), leaf([5.0, 6.0])
    y = (x * w).sum()
    write_by_copy(other)
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [3.0, 4.0])


def test_a_stamp_dies_with_its_memory() -> None:
    from autograd import writes

    before = len(writes._stamps)
    tensors = [leaf([1.0, 2.0]) for _ in range(10)]
    for t in tensors:
        step(t)
        step(t)
    assert len(writes._stamps) == before + 10
    del tensors, t
    assert len(writes._stamps) == before


# Functional changes


def test_a_recorded_item_assignment_leaves_the_old_value_to_those_who_kept_it() -> None:
    x = leaf([1.0, 2.0, 3.0])
    h = x * 2
    old, view, squared = h.detach(), h[:2], h * h
    h[0] = 10.0
    np.testing.assert_array_equal(old.data, [2.0, 4.0, 6.0])
    np.testing.assert_array_equal(view.data, [2.0, 4.0])
    (h.sum() + view.sum() + squared.sum()).backward()
    np.testing.assert_array_equal(h.data, [10.0, 4.0, 6.0])
    np.testing.assert_array_equal(x.grad.data, [0 + 2 + 8, 2 + 2 + 16, 2 + 0 + 24])


def test_an_assigned_value_gets_its_gradient() -> None:
    x, v = leaf([1.0, 2.0, 3.0]), leaf(7.0)
    h = x * 2
    h[1:] = v
    (h * np.array([1.0, 10.0, 100.0])).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [2.0, 0.0, 0.0])
    assert v.grad.item() == 110.0


def test_an_operator_in_place_is_recorded() -> None:
    x = leaf([1.0, 2.0])
    h = x * 2
    kept = h * h
    handle = h
    h *= x
    assert handle is h
    (h.sum() + kept.sum()).backward()
    np.testing.assert_array_equal(x.grad.data, 4 * x.data + 8 * x.data)


def test_retain_grad_follows_the_handle() -> None:
    x = leaf([1.0, 2.0])
    h = x * 2
    h.retain_grad()
    h *= 3
    (h * h).sum().backward()
    np.testing.assert_array_equal(h.grad.data, 2 * h.data)


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.__setitem__(0, 1.0),
        lambda w: w.__iadd__(1.0),
        lambda w: w.__imul__(w),
        lambda w: w.copy_([1.0, 2.0]),
    ],
)
def test_a_recorded_change_of_a_leaf_that_requires_grad_is_refused(change: Any) -> None:
    w = leaf([3.0, 4.0])
    with pytest.raises(GraphError, match=r"leaf|requires grad"):
        change(w)
    np.testing.assert_array_equal(w.data, [3.0, 4.0])
    assert w.is_leaf


def test_a_change_of_an_untracked_tensor_is_a_write_into_its_memory() -> None:
    array = np.zeros(3)
    t = as_tensor(array)
    t[1] = 5.0
    t += 1
    np.testing.assert_array_equal(array, [1.0, 6.0, 1.0])


# Behind the graph's back


@pytest.mark.parametrize("size", [2, 1000])
def test_a_raw_write_is_found_in_anomaly_mode_only(size: int) -> None:
    x, w = leaf(np.ones(size)), leaf(np.full(size, 3.0))
    with detect_anomaly():
        y = (x * w).sum()
        w.data[0] = 100.0
        with pytest.raises(GraphError, match=r"'mul' \(test_writes\.py:\d+\).*changed after"):
            y.backward()
    assert x.grad is None


def test_a_raw_write_through_the_shared_numpy_array_is_found() -> None:
    array = np.array([3.0, 4.0])
    x, w = leaf([1.0, 2.0]), as_tensor(array)
    with detect_anomaly():
        y = (x * w).sum()
        array[0] = 100.0
        with pytest.raises(GraphError, match=r"through \.data or the NumPy array it shares"):
            y.backward()


def test_a_raw_write_is_found_in_an_operation_with_several_outputs() -> None:
    @_two_products
    def check(product: Any) -> None:
        x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
        with detect_anomaly():
            first, _ = product(x, w)
            w.data[0] = 100.0
            with pytest.raises(GraphError, match=r"'products' .*changed after the forward pass"):
                first.sum().backward()


def _two_products(check: Callable[[Any], None]) -> None:
    """Runs check on an operation with two outputs that keeps its inputs."""
    from autograd import op

    @op("××", outputs=("once", "twice"))
    def products(xp: Any, x: Any, y: Any) -> Any:
        return x * y, 2 * x * y

    products.vjp(
        x=("dx = (g0 + 2 · g1) · y", lambda g, y: (g[0] + 2 * g[1]) * y),
        y=("dy = (g0 + 2 · g1) · x", lambda g, x: (g[0] + 2 * g[1]) * x),
    )
    check(products)


WRITES: dict[str, Callable[[Tensor], Any]] = {
    "t += v": lambda t: t.__iadd__(1),
    "t *= v": lambda t: t.__imul__(2.0),
    "t[...] = v": lambda t: t.__setitem__(0, 1.0),
    "copy_": lambda t: t.copy_([3.0, 4.0]),
}


@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize(
    "array", [np.broadcast_to(np.ones(1), 2), np.frombuffer(np.ones(2).tobytes())]
)
def test_a_write_into_read_only_memory_is_refused(what: str, array: Any) -> None:
    t = as_tensor(array)
    with pytest.raises(ValueError, match=r"is read-only: .* clone") as error:
        WRITES[what](t)
    assert str(error.value).startswith(f"{what}: the memory of this tensor, of shape (2,)")
    assert t.tolist() == [1, 1]
    WRITES[what](t.clone())
