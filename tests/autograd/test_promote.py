"""Promotion by category: what operands of different kinds are computed in."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import DTypeError, ShapeError, Tensor, op, ops, set_default_dtype

DTYPES = "bool int8 uint8 int32 int64 float16 float32 float64".split()
KINDS = [(form, dtype) for form in ("scalar", "0-d", "1-d") for dtype in DTYPES]
PAIRS = [(a, b) for a, b in itertools.product(KINDS, KINDS) if a[0] != "scalar" or b[0] != "scalar"]
OPERATORS: list[Callable[[Any, Any], Any]] = [
    *(operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv),
    *(operator.pow, operator.lt, operator.eq),
]
FLOATS = ("float16", "float32", "float64")
ARITHMETIC = [*OPERATORS[:4], operator.pow]


def array_of(form: str, dtype: str) -> Any:
    """A Python number, or an array with one value or two."""
    if form == "scalar":
        return {"b": True, "i": 2, "u": 2, "f": 2.0}[np.dtype(dtype).kind]
    return np.full(() if form == "0-d" else 2, 2, dtype)


def test_every_pair_of_kinds_promotes_as_in_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    compared, wrong = 0, []
    for (a, b), function in itertools.product(PAIRS, OPERATORS):
        x, y = array_of(*a), array_of(*b)
        theirs = [torch.tensor(v) if isinstance(v, np.ndarray) else v for v in (x, y)]
        ours = [Tensor(v) if isinstance(v, np.ndarray) else v for v in (x, y)]
        try:
            expected = str(function(*theirs).dtype).removeprefix("torch.")
        except RuntimeError:  # PyTorch has no subtraction and no powers of bools
            continue
        if function is operator.pow and a[1] == b[1] == "bool":
            continue  # NumPy has no power of bools either and takes int8
        compared += 1
        if function(*ours).dtype != expected:
            wrong.append((a, function.__name__, b, function(*ours).dtype, expected))
    assert wrong == []
    assert compared > 3000


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(), (3,)])
def test_numbers_ints_and_bools_never_widen(dtype: str, shape: tuple[int, ...]) -> None:
    x = Tensor(np.full(shape, 2, dtype), requires_grad=True)
    weak = [2, 2.0, True, np.float64(2), np.int64(2), np.bool_(True), np.float16(2)]
    weak += [Tensor(np.array(2)), Tensor(np.array(True)), np.array(2), Tensor(np.full(3, 2))]
    weak += [Tensor(np.array(2.0)), np.array(2.0)] if shape else []
    for other, function in itertools.product(weak, ARITHMETIC):
        for y in (function(x, other), function(other, x)):
            assert isinstance(y, Tensor)
            assert y.dtype == dtype, (function, other)
            x.grad = None
            y.sum().backward()
            assert x.grad is not None
            assert (x.grad.dtype, x.grad.shape) == (np.dtype(dtype), shape)


def test_two_floating_tensors_give_the_wider() -> None:
    for a, b in itertools.product(FLOATS, FLOATS):
        x, y = Tensor(np.ones(2, a), requires_grad=True), Tensor(np.ones(2, b), requires_grad=True)
        z = x * y
        assert z.dtype == np.promote_types(a, b)
        z.sum().backward()
        assert x.grad is not None
        assert y.grad is not None
        assert (x.grad.dtype, y.grad.dtype) == (a, b)


def test_numbers_alone_are_of_the_default_dtype() -> None:
    assert ops.add(1.0, 2).dtype == np.float32
    assert ops.add(np.float64(1), 2).dtype == np.float32
    assert (Tensor(np.arange(3)) * 1.5).dtype == np.float32
    set_default_dtype("float64")
    try:
        assert (Tensor(np.arange(3)) * 1.5).dtype == np.float64
        assert ops.div(Tensor(np.arange(3)), 2).dtype == np.float64
        assert ops.exp(Tensor(np.arange(3))).dtype == np.float64
    finally:
        set_default_dtype("float32")


def test_integers_become_the_default_dtype_where_the_result_is_floating() -> None:
    n = Tensor(np.arange(1, 4))
    for y in (n / n, ops.exp(n), ops.sqrt(n), ops.mean(n), 1 / n):
        assert y.dtype == np.float32
    assert (n + n).dtype == (n * 2).dtype == (n // 2).dtype == np.int64


def test_lists_beside_a_tensor_are_of_the_default_dtype() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    for y in (x + [1, 2], [1, 2] * x, x - (1, 2)):  # noqa: RUF005  # lists as operands are the test
        assert isinstance(y, Tensor)
        assert y.dtype == np.float32
    assert (Tensor(np.ones(2, "float16")) * [1, 2]).dtype == np.float32


def test_numpy_operands_on_the_left_give_tensors_with_gradients() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    left = [np.float64(2), np.float32(2), np.int64(2), np.longdouble(2), np.array(2.0)]
    for value in (*left, np.array([2.0, 2.0]), np.array([2, 2])):
        x.grad = None
        y = value * x
        assert isinstance(y, Tensor)
        y.sum().backward()
        assert x.grad is not None
        assert x.grad.tolist() == [2, 2]
    for y in (np.ones((2, 2)) @ x, np.exp(x), np.add(np.ones(2), x), np.ones(2) - x):
        assert isinstance(y, Tensor)
        assert y.requires_grad
    assert isinstance(np.ones(2) < x, Tensor)
    assert isinstance(np.ones(2) == x, Tensor)


@pytest.mark.parametrize(
    "left",
    [np.array([1j, 2]), np.array(["a", "b"]), np.array([None, 1]), np.complex64(2)],
    ids=repr,
)
def test_numpy_operands_without_real_numbers_give_a_clear_error(left: Any) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    for function in (operator.mul, operator.add, operator.lt):
        with pytest.raises(DTypeError, match="must be bool, integer or floating"):
            function(left, x)
        with pytest.raises(DTypeError, match="must be bool, integer or floating"):
            function(x, left)


def test_swapped_byte_order_beside_a_tensor_is_converted() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = np.array([3, 4], ">f4") * x
    y.sum().backward()
    assert y.dtype is np.dtype("float32")
    assert x.grad is not None
    assert x.grad.tolist() == [3, 4]


def test_numpy_writes_nothing_it_cannot_record() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    array = np.ones(2)
    with pytest.raises(TypeError, match="a = a"):
        array += x
    with pytest.raises(TypeError, match="out="):
        np.add(x, 1, out=array)
    assert array.tolist() == [1, 1]


def test_indices_and_conditions_are_not_promoted() -> None:
    x = Tensor(np.arange(6, dtype=np.float32).reshape(2, 3), requires_grad=True)
    assert x[[1, 0]].tolist() == [[3, 4, 5], [0, 1, 2]]
    assert x[Tensor(np.array([1]))].shape == (1, 3)
    assert ops.where(Tensor([[True], [False]]), x, 0).dtype == np.float32
    assert ops.take(x, [0, 2], axis=1).shape == (2, 2)


def test_python_numbers_are_rounded_once_to_the_dtype_they_meet() -> None:
    x = Tensor(np.ones(2), requires_grad=True)
    assert Tensor(0.1, dtype="float64").item() == Tensor([0.1], dtype="float64").tolist()[0] == 0.1
    for y in (x * 0.1, x * [0.1, 0.1], ops.concatenate([[0.1, 0.1], x])[:2] * 1):
        assert y.tolist() == [0.1, 0.1]
    assert ops.where([True, False], x, 0.1).tolist() == [1, 0.1]
    y = Tensor(np.ones(3))
    y[0] = 0.1
    y[1:2] = [0.1]
    assert y.tolist() == [0.1, 0.1, 1]
    assert y.copy_([0.1, 0.2, 0.3]).tolist() == [0.1, 0.2, 0.3]
    y.data = [0.2, 0.2, 0.2]
    assert (y.dtype, y.tolist()) == (np.float64, [0.2, 0.2, 0.2])
    (x * 1).backward([0.1, 0.2])
    assert x.grad is not None
    assert x.grad.tolist() == [0.1, 0.2]


@pytest.mark.parametrize("pair", [("uint64", "int64"), ("int32", "uint64"), ("uint64", "int8")])
def test_integers_stay_integers_where_numpy_makes_floats(pair: tuple[str, str]) -> None:
    a, b = (Tensor(np.array([2, 3], dtype)) for dtype in pair)
    for y in (a + b, b * a, ops.stack([a, b]), ops.maximum(a, b), ops.where(a > 2, a, b)):
        assert y.dtype == np.int64
    assert (a + a).dtype == a.dtype
    assert (Tensor(np.array(2, pair[0])) + b).dtype == b.dtype or pair[0] == "int32"


def test_an_integer_too_large_for_its_dtype_is_refused_with_its_size() -> None:
    huge, x = 10**400, Tensor([1.0, 2.0])
    for function in (
        lambda: Tensor(huge),
        lambda: Tensor([1, huge]),
        lambda: Tensor(huge, dtype="float64"),
        lambda: x * huge,
        lambda: huge - x,
        lambda: x.astype("float64") / huge,
        lambda: ops.add(x, [1, huge]),
    ):
        with pytest.raises(DTypeError, match=r"an integer( of 1329 bits)? is too large for float"):
            function()
    for function in (lambda: Tensor(np.array([1])) * huge, lambda: Tensor(np.array([1])) + 2**70):
        with pytest.raises(DTypeError, match=r"an integer of \d+ bits is too large for int64"):
            function()
    assert Tensor(10**30).item() == np.float32(1e30)
    assert (x * 10**30).dtype == np.float32


def test_a_starred_operation_needs_an_input() -> None:
    joined = op("+", name="joined")(lambda xp, *xs: sum(xs))
    joined.vjp(xs=("dx = g", lambda g, i: g))
    with pytest.raises(ShapeError, match="joined: it needs at least one xs"):
        joined()
