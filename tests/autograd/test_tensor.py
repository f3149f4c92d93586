"""What a Tensor holds, how it is made, read, printed and handed to NumPy."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    DTypeError,
    GraphError,
    ShapeError,
    Tensor,
    as_tensor,
    no_grad,
    set_default_dtype,
    tensor,
)


@pytest.mark.parametrize("data", [3, 3.0, [1, 2], [1.0, 2.0], (1, 2), [[1, 2], [3, 4]], [], 2**70])
def test_python_numbers_and_lists_become_the_default_dtype(data: Any) -> None:
    assert Tensor(data).dtype == np.float32
    set_default_dtype("float64")
    try:
        assert Tensor(data).dtype == np.float64
    finally:
        set_default_dtype("float32")


def test_python_bools_stay_bool() -> None:
    assert Tensor([True, False]).dtype == np.bool_
    assert Tensor([True, 2]).dtype == np.float32


@pytest.mark.parametrize("dtype", "bool int8 int32 int64 uint8 float16 float32 float64".split())
def test_arrays_and_numpy_scalars_keep_their_dtype(dtype: str) -> None:
    array = np.ones((2, 3), dtype)
    assert Tensor(array).dtype == as_tensor(array).dtype == Tensor(array[0, 0]).dtype == dtype
    assert Tensor(array[0, 0]).shape == ()


def test_an_integer_array_cannot_require_grad_but_python_ints_become_floats() -> None:
    assert Tensor([1, 2], requires_grad=True).dtype == np.float32
    assert Tensor(3, requires_grad=True).requires_grad
    for data in (np.arange(3), np.ones(2, bool), np.int64(2), [True]):
        with pytest.raises(DTypeError, match=r"cannot require grad.*astype"):
            Tensor(data, requires_grad=True)
    with pytest.raises(DTypeError, match="int64 cannot require grad"):
        Tensor([1.5], requires_grad=True, dtype="int64")
    with pytest.raises(DTypeError, match="int64 cannot require grad"):
        Tensor(np.arange(3)).requires_grad_()


def test_a_tensor_copies_and_as_tensor_shares() -> None:
    array = np.zeros(3)
    copied, shared, again = Tensor(array), as_tensor(array), Tensor(as_tensor(array))
    array[0] = 7
    assert copied.tolist() == again.tolist() == [0, 0, 0]
    assert shared.tolist() == [7, 0, 0]
    assert np.shares_memory(shared.data, array)
    assert tensor(array).tolist() == [7, 0, 0]
    assert not np.shares_memory(tensor(array).data, array)


def test_a_tensor_of_a_view_is_a_copy() -> None:
    array = np.arange(12.0).reshape(3, 4)
    for view in (array[:, ::2], array.T, array[::-1], array[1:]):
        made = Tensor(view)
        assert not np.shares_memory(made.data, array)
        np.testing.assert_array_equal(made.numpy(), view)


def test_as_tensor_returns_a_tensor_itself_and_keeps_its_graph() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    assert as_tensor(x) is x
    assert as_tensor(x, dtype="float32", device="cpu") is x
    as_tensor(x, dtype="float64").sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1, 1]


def test_a_tensor_made_from_a_tensor_is_a_leaf_of_its_own() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    made = Tensor(x * 2)
    assert made.is_leaf
    assert not made.requires_grad


def test_read_only_and_memory_mapped_arrays_are_taken(tmp_path: Path) -> None:
    array = np.arange(6.0)
    array.flags.writeable = False
    mapped = np.memmap(tmp_path / "a.bin", np.float32, "w+", shape=(4,))
    mapped[:] = [1, 2, 3, 4]
    for source in (array, mapped):
        for make in (Tensor, as_tensor):
            x = make(source)
            assert type(x.data) is np.ndarray
            np.testing.assert_array_equal(x.numpy(), source)
        assert np.shares_memory(as_tensor(source).data, source)
        leaf = Tensor(source, requires_grad=True)
        (leaf * leaf).sum().backward()
        assert leaf.grad is not None
        np.testing.assert_array_equal(leaf.grad.numpy(), 2 * source)
        with no_grad():
            leaf.copy_(np.zeros(source.shape))
        assert leaf.tolist() == [0] * source.size


def test_swapped_byte_order_becomes_the_machine_s() -> None:
    for dtype in (">f4", "<f4", ">i8", ">f2"):
        x = Tensor(np.array([1, 2, 3], dtype))
        assert x.dtype.isnative
        assert x.dtype is np.dtype(x.dtype.char)
        assert x.tolist() == [1, 2, 3]


def test_subclasses_of_ndarray_become_plain_arrays() -> None:
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1.0, 2.0], [3.0, 4.0]])
    x = Tensor(matrix)
    assert (x * x).tolist() == [[1, 4], [9, 16]]
    with pytest.raises(DTypeError, match="masked array"):
        Tensor(np.ma.masked_array([1.0, 2.0], [True, False]))


NOT_NUMBERS = [
    *("a", None, {1, 2}, {}, range(3), object(), 1j, [1j], ["a"], [None, 1.0]),
    *(np.array([1j]), np.array(["a"]), np.array([None, 1]), np.array(["2020"], "M8[D]")),
    *(np.array([1], "m8[s]"), np.zeros(2, [("a", "f4")]), np.complex64(1), np.str_("a")),
]


@pytest.mark.parametrize("data", NOT_NUMBERS, ids=repr)
def test_what_holds_no_numbers_is_refused(data: Any) -> None:
    for make in (Tensor, as_tensor):
        with pytest.raises(DTypeError, match=r"cannot be used (as|in) a Tensor"):
            make(data)
    x = Tensor([1.0, 2.0])
    if data is not None:
        with pytest.raises(TypeError):
            x + data
        with pytest.raises(TypeError):
            data + x


def test_ragged_lists_and_lists_of_tensors_are_refused_with_a_remedy() -> None:
    with pytest.raises(DTypeError, match=r"regular nest of lists.*\(2,\)"):
        Tensor([[1, 2], [3]])
    for data in ([Tensor(1.0), Tensor(2.0)], [[Tensor(1.0)], [2.0]]):
        with pytest.raises(DTypeError, match="stack"):
            Tensor(data)


def test_an_unknown_dtype_is_refused_by_name() -> None:
    for refuse in (
        lambda: Tensor([1.0], dtype="float99"),
        lambda: as_tensor([1.0], dtype="float99"),
    ):
        with pytest.raises(DTypeError, match="'float99' is not a dtype"):
            refuse()
    with pytest.raises(DTypeError, match="complex"):
        Tensor([1.0], dtype=complex)


def test_properties() -> None:
    x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True, name="w")
    assert (x.shape, x.ndim, x.size, x.device, x.name) == ((2, 3), 2, 6, "cpu", "w")
    assert x.dtype == np.float32
    assert x.T.shape == (3, 2)
    assert x.is_leaf
    assert x.grad is None
    y = x * 2
    assert not y.is_leaf
    assert y.requires_grad
    assert not y.detach().requires_grad
    assert np.shares_memory(y.detach().data, y.data)


def test_grad_is_a_tensor_of_the_tensor_s_shape_and_dtype() -> None:
    for dtype in ("float16", "float32", "float64"):
        x = Tensor(np.ones((2, 3), dtype), requires_grad=True)
        (x * 3).sum().backward()
        assert isinstance(x.grad, Tensor)
        assert (x.grad.shape, x.grad.dtype) == ((2, 3), dtype)
    with pytest.raises(ShapeError, match=r"shape \(2, 3\), not of shape \(3,\)"):
        x.grad = Tensor([1.0, 2.0, 3.0])
    with pytest.raises(ShapeError, match="not a ndarray"):
        x.grad = np.ones((2, 3))
    with pytest.raises(DTypeError, match=r"grad: the tensor is float64 .* float32.*\.astype"):
        x.grad = Tensor(np.ones((2, 3), "float32"))
    x.grad = None
    assert x.grad is None


def test_data_can_be_replaced_by_an_array_that_fits() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    x.data = np.array([3.0, 4.0], np.float32)
    assert x.tolist() == [3, 4]
    with pytest.raises(ShapeError, match=r"\(2,\) but the new array is \(3,\)"):
        x.data = np.zeros(3, np.float32)
    with pytest.raises(DTypeError, match="int64"):
        x.data = np.arange(2)
    for t in (x, x.detach(), x * 1):
        with pytest.raises(DTypeError, match=r"data: the tensor is float32 .* float64.*\.astype"):
            t.data = np.zeros(2)
        t.data = [3.0, 4.0]
    assert x.tolist() == [3, 4]


def test_conversion_to_python() -> None:
    assert f"{Tensor(1.23456):.3f}" == "1.235"
    assert f"{Tensor([[0.5]]):.1f}" == "0.5"
    assert f"{Tensor([1.0, 2.0])}" == "Tensor([1., 2.])"
    assert (float(Tensor(2.5)), int(Tensor(2.5)), bool(Tensor(0.0)), len(Tensor([1, 2]))) == (
        *(2.5, 2, False, 2),
    )
    assert float(Tensor([2.5], requires_grad=True)) == 2.5
    assert Tensor([[7.0]]).item() == 7
    assert [10, 20, 30][Tensor(np.int64(1))] == 20
    assert Tensor([[1, 2]]).tolist() == [[1.0, 2.0]]


def test_conversions_without_one_answer_are_refused() -> None:
    x = Tensor([1.0, 2.0])
    for convert in (float, int, Tensor.item, "{:.3f}".format):
        with pytest.raises(ShapeError, match=r"shape \(2,\) holds 2 elements"):
            convert(x)
    for ambiguous in (x, Tensor([])):
        with pytest.raises(ShapeError, match=r"\.any\(\) or \.all\(\)"):
            bool(ambiguous)
    with pytest.raises(TypeError, match="0-d tensor"):
        len(Tensor(1.0))
    with pytest.raises(TypeError, match="0-d tensor"):
        iter(Tensor(1.0))
    with pytest.raises(DTypeError, match="0-d integer tensor is an index"):
        [1, 2][Tensor(1.0)]


def test_iteration_gives_the_rows_with_their_gradients() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    first, second = x
    (first * 2 + second * 3).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[2, 2], [3, 3]]
    assert [float(v) for v in Tensor([5.0, 6.0])] == [5, 6]


def test_numpy_takes_untracked_tensors_only() -> None:
    x = Tensor([1.0, 2.0])
    assert np.shares_memory(x.numpy(), x.data)
    np.testing.assert_array_equal(np.asarray(x), np.array([1, 2], np.float32))
    assert np.asarray(x, dtype="float64").dtype == np.float64
    assert np.array(x) is not x.data
    y = Tensor([1.0, 2.0], requires_grad=True)
    for take in (np.asarray, np.array, lambda t: np.asarray([t, t]), Tensor.numpy):
        with pytest.raises(GraphError, match=r"\.detach\(\)\.numpy\(\)"):
            take(y)
    assert y.detach().numpy().tolist() == [1, 2]


def test_words_of_pytorch_that_mean_another_thing_here_name_the_replacement() -> None:
    x = Tensor([[1.0, 2.0]])
    assert x.size == 2
    with pytest.raises(TypeError, match=r"x\.shape"):
        x.size()
    with pytest.raises(TypeError, match=r"x\.shape"):
        x.size(0)
    with pytest.raises(TypeError, match=r"\.reshape\(\)"):
        x.view(2, 1)
    with pytest.raises(TypeError, match="axis="):
        x.sum(dim=0)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: Tensor(3), "Tensor(3.)"),
        (lambda: Tensor([1.0, 2.5]), "Tensor([1. , 2.5])"),
        (lambda: Tensor(1.0, dtype="float64"), "Tensor(1., dtype=float64)"),
        (lambda: Tensor(np.arange(3)), "Tensor([0, 1, 2], dtype=int64)"),
        (lambda: Tensor([True]), "Tensor([ True])"),
        (lambda: Tensor([]), "Tensor([])"),
        (lambda: Tensor([[]]), "Tensor([], shape=(1, 0))"),
        (lambda: Tensor([1.0], True, name="w"), "Tensor([1.], name='w', requires_grad=True)"),
        (lambda: Tensor([1.0], True) * 2, "Tensor([2.], op=mul)"),
        (lambda: Tensor([[1, 2], [3, 4]]), "Tensor([[1., 2.],\n        [3., 4.]])"),
    ],
)
def test_repr_shows_value_dtype_name_and_operation(made: Any, text: str) -> None:
    assert repr(made()) == text


def test_repr_of_a_large_tensor_is_short() -> None:
    assert len(repr(Tensor(np.zeros((100, 100))))) < 500


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 3), (2, 0, 4)])
def test_empty_tensors_compute_and_have_empty_gradients(shape: tuple[int, ...]) -> None:
    x = Tensor(np.zeros(shape), requires_grad=True)
    y = (x * 2 + 1).sum()
    y.backward()
    assert float(y) == 0
    assert x.grad is not None
    assert x.grad.shape == shape
    assert list(Tensor(np.zeros((0, 3)))) == []


def test_tensors_hash_by_identity_and_can_be_looked_for_in_lists() -> None:
    x, y = Tensor([1.0, 2.0]), Tensor([1.0, 2.0, 3.0])
    assert {x: "x", y: "y"}[x] == "x"
    assert len({x, Tensor([1.0, 2.0])}) == 2
    assert x in [y, x]
    assert x not in [y]
    assert x != None  # noqa: E711  # a user may write so


def test_casts_and_moves_are_recorded() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    for y in (x.to("float64"), x.to(np.float64), x.astype("float64"), x.double()):
        assert y.dtype == np.float64
        (y * 2).sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [8, 8]
    assert x.to("cpu") is x
    assert x.cpu() is x


def test_requires_grad_can_be_changed_on_leaves_only() -> None:
    x = Tensor([1.0])
    assert x.requires_grad_() is x
    y = x * 2
    with pytest.raises(GraphError, match="detach"):
        y.requires_grad_(False)
    x.requires_grad = False
    assert not (x * 2).requires_grad


def test_copies_and_pickles_of_leaves_keep_data_grad_and_name() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="w")
    (x * x).sum().backward()
    for other in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert (other.tolist(), other.name, other.requires_grad) == ([1, 2], "w", True)
        assert other.grad is not None
        assert other.grad.tolist() == [2, 4]
        assert not np.shares_memory(other.data, x.data)
    for verb in (copy.deepcopy, pickle.dumps):
        with pytest.raises(GraphError, match=r"'mul'.*\.detach\(\)"):
            verb(x * 2)


def test_the_public_surface_is_there() -> None:
    words = "tensor zeros ones full arange linspace eye rand randn zeros_like ones_like full_like"
    missing = [w for w in [*words.split(), "rand_like", "randn_like"] if not hasattr(autograd, w)]
    assert missing == []


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_python_number_is_found_in_a_tensor_of_any_precision(dtype: str) -> None:
    t = Tensor(np.array([0.3, 1.0], dtype))
    assert 0.3 in t and 1 in t and 0.4 not in t
