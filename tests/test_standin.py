"""The stand-in for CuPy refuses what CuPy refuses, and counts every copy to the host."""

from __future__ import annotations

import copy
import functools
import pickle
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests import standin
from tests.standin import CUPY_NAMES, copies
from tests.standin.cases import (
    MASK_READS,
    MISSING,
    MIXTURES,
    READS,
    REFUSALS,
    UNIMITATED,
    UNSUPPORTED,
    VIEWS,
)


@pytest.fixture
def cp() -> Iterator[Any]:
    """The stand-in, installed."""
    with standin.installed() as module:
        yield module


@pytest.fixture
def x(cp: Any) -> Any:
    """[[0, 1, 2], [3, 4, 5]] in float32 on the device."""
    return cp.arange(6, dtype=cp.float32).reshape(2, 3).copy()


def host(array: Any) -> Any:
    """The values of a device array, as nested lists, uncounted."""
    return array._host.tolist()


def test_the_modules_are_there_inside_and_gone_outside() -> None:
    before = {name for name in sys.modules if name.partition(".")[0] in {"cupy", "cupyx"}}
    with standin.installed() as module:
        import cupy
        import cupyx.scipy.special
        from cupy.linalg import inv

        assert cupy is module
        assert cupy.linalg.inv is inv
        assert callable(cupyx.scipy.special.erf)
    after = {name for name in sys.modules if name.partition(".")[0] in {"cupy", "cupyx"}}
    assert after == before


def test_an_error_inside_still_removes_the_modules() -> None:
    with pytest.raises(KeyError), standin.installed():
        raise KeyError
    assert "cupy" not in sys.modules or sys.modules["cupy"].__doc__ != "Stand-in for cupy."


def test_arrays_say_that_cupy_owns_them(cp: Any, x: Any) -> None:
    assert type(x).__module__.partition(".")[0] == "cupy"
    assert type(x).__name__ == "ndarray"
    assert isinstance(x, cp.ndarray) and not isinstance(x, np.ndarray)
    assert cp.get_array_module(x) is cp and cp.get_array_module(np.ones(2)) is np


def test_the_device_is_there(cp: Any, x: Any) -> None:
    assert cp.cuda.runtime.getDeviceCount() == 1 and cp.cuda.is_available() and cp.is_available()
    with cp.cuda.Device(0) as device:
        assert x.device == device
    with pytest.raises(cp.cuda.runtime.CUDARuntimeError):
        cp.cuda.Device(1).use()


def find(cp: Any, name: str) -> Any:
    """The object behind a dotted name of CUPY_NAMES."""
    root, path = (sys.modules["cupyx"], name[6:]) if name.startswith("cupyx.") else (cp, name)
    return functools.reduce(getattr, path.split("."), root)


def test_every_listed_name_is_imitated_or_said_not_to_be(cp: Any) -> None:
    special = {name for name in CUPY_NAMES if name.startswith("cupyx.scipy.special.")}
    for name in CUPY_NAMES - UNIMITATED - special:
        assert find(cp, name) is not None or name == "newaxis"
    assert callable(find(cp, "cupyx.scipy.special.erf"))
    names = {"linalg.inv", "cupyx.scipy.special.erf", "cuda.Device", "lib.stride_tricks.as_strided"}
    assert names | {"random.default_rng", "einsum", "matmul", "add", "asnumpy"} <= CUPY_NAMES


@pytest.mark.parametrize("name", MISSING)
def test_a_name_cupy_lacks_is_missing(cp: Any, name: str) -> None:
    assert name not in CUPY_NAMES
    with pytest.raises(AttributeError):
        find(cp, name)


@pytest.mark.parametrize("name", "mT setflags to_device byteswap resize __index__ ctypes".split())
def test_an_attribute_cupy_arrays_lack_is_missing(x: Any, name: str) -> None:
    assert not hasattr(x, name)


def test_arrays_know_contiguity_but_not_writeable_and_can_be_weakly_held(x: Any) -> None:
    assert x.flags.c_contiguous and not x.T.flags.c_contiguous
    assert not hasattr(x.flags, "writeable") and weakref.ref(x)() is x
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)


@pytest.mark.parametrize("reason", sorted(READS))
def test_reading_a_value_counts_one_copy(cp: Any, reason: str) -> None:
    scalar = cp.asarray(2.0)
    assert copies.count == 0
    READS[reason](cp, scalar)
    assert (copies.count, copies.log, copies.masks) == (1, [reason], 0)
    copies.reset()
    assert (copies.count, copies.log) == (0, [])


def test_a_condition_counts_and_must_be_one_element(x: Any) -> None:
    if x.sum() > 3:
        pass
    assert copies.log == ["bool"]
    with pytest.raises(ValueError, match="ambiguous"):
        bool(x)


def test_what_needs_no_value_is_free(cp: Any, x: Any) -> None:
    assert (len(x), x.shape, x.ndim, x.size, x.nbytes, x.itemsize) == (2, (2, 3), 2, 6, 24, 4)
    assert (x.strides, x.dtype) == ((12, 4), np.float32)
    assert [row.shape for row in x] == [(3,), (3,)]
    assert cp.size(x) == 6 and cp.ndim(x) == 2 and cp.shape(x) == (2, 3)
    assert cp.result_type(x, cp.float64) == np.float64 and cp.shares_memory(x, x[0])
    cp.asarray(np.ones(3)), cp.array([1, 2]), copy.deepcopy(x), x @ x.T, x[:, ::2], cp.sort(x)
    assert copies.count == copies.masks == 0


@pytest.mark.parametrize("read", MASK_READS)
def test_a_shape_that_depends_on_values_counts_apart(cp: Any, x: Any, read: Any) -> None:
    read(cp, x)
    assert (copies.count, copies.masks) == (0, 1)


def test_pickling_an_array_is_a_copy(cp: Any, x: Any) -> None:
    again = pickle.loads(pickle.dumps(x))
    assert isinstance(again, cp.ndarray) and copies.log == ["get"]


def test_implicit_conversion_to_numpy_is_refused(x: Any) -> None:
    for convert in (np.asarray, np.array, lambda a: np.asarray([a, a]), lambda a: np.ones(3)[a]):
        with pytest.raises((TypeError, IndexError)):
            convert(x)
    with pytest.raises(TypeError, match="Implicit conversion"):
        np.asarray(x)


@pytest.mark.parametrize("place", range(len(MIXTURES)))
def test_mixing_with_the_host_is_a_type_error(cp: Any, x: Any, place: int) -> None:
    with pytest.raises(TypeError):
        MIXTURES[place](cp, x, np.ones((2, 3), np.float32))
    assert copies.count == 0


def test_numpy_arrays_cannot_be_changed_in_place_by_device_arrays(x: Any) -> None:
    numpy_array = np.ones((2, 3), np.float32)
    with pytest.raises(TypeError):
        numpy_array += x
    with pytest.raises(TypeError):
        x += numpy_array


def test_numpy_functions_on_device_arrays_become_cupys(cp: Any, x: Any) -> None:
    results = [np.exp(x), np.sum(x), np.concatenate([x, x]), np.linalg.norm(x), np.float32(2) * x]
    assert all(isinstance(result, cp.ndarray) for result in results)
    for missing in (np.matrix_transpose, np.unstack, np.add.reduce):
        with pytest.raises(TypeError):
            missing(x)


def test_operators_leave_it_to_classes_that_ask_for_it(x: Any) -> None:
    class Opaque:
        __array_ufunc__ = None
        __radd__ = __rmatmul__ = __gt__ = lambda self, other: "mine"

    class Priority:
        __array_priority__ = 200
        __radd__ = __rmatmul__ = __gt__ = lambda self, other: "mine"

    for other in (Opaque(), Priority()):
        assert (x + other, x @ other, x < other) == ("mine", "mine", "mine")


@pytest.mark.parametrize("case", sorted(REFUSALS))
def test_a_parameter_cupy_lacks_is_a_type_error(cp: Any, x: Any, case: str) -> None:
    with pytest.raises(TypeError):
        REFUSALS[case](cp, x)


@pytest.mark.parametrize("name", ["maximum", "minimum", "logaddexp", "subtract", "logical_and"])
def test_only_add_and_multiply_reduce(cp: Any, x: Any, name: str) -> None:
    with pytest.raises(NotImplementedError):
        getattr(cp, name).reduce(x)
    assert host(cp.add.reduce(x)) == [3, 5, 7]
    assert host(cp.multiply.reduce(x, axis=1, keepdims=True)) == [[0], [60]]


def test_repeats_on_the_device_are_refused(cp: Any, x: Any) -> None:
    counts = cp.asarray([1, 2])
    for repeat in (x.repeat, functools.partial(cp.repeat, x)):
        with pytest.raises(ValueError, match="repeats"):
            repeat(counts, 0)
    assert host(cp.repeat(cp.asarray([1, 2]), [1, 2])) == [1, 2, 2]


def test_object_arrays_are_refused(cp: Any) -> None:
    for make in UNSUPPORTED:
        with pytest.raises(ValueError, match="Unsupported dtype"):
            make(cp)


def test_results_are_never_scalars(cp: Any, x: Any) -> None:
    for result in (x.sum(), x[1, 2], x.max(), cp.mean(x), x[0][0] * 2, cp.vdot(x, x), x.argmax()):
        assert isinstance(result, cp.ndarray) and result.shape == ()
    assert isinstance(cp.allclose(x, x), cp.ndarray) and isinstance(
        cp.array_equal(x, x), cp.ndarray
    )


def test_index_arrays_out_of_range_wrap_silently_but_single_integers_do_not(
    cp: Any, x: Any
) -> None:
    far = cp.asarray([1, 5])
    assert host(x[0, far]) == [1, 2]
    assert host(x[:, [1, 4]]) == [[1, 1], [4, 4]]
    assert host(x[..., far, None]) == [[[1], [2]], [[4], [5]]]
    assert host(cp.take(x, far, axis=1)) == host(x.take(far, axis=1)) == [[1, 2], [4, 5]]
    assert host(cp.take_along_axis(x, cp.asarray([[7], [7]]), axis=1)) == [[1], [4]]
    x[cp.asarray([3])] = 9
    assert host(x) == [[0, 1, 2], [9, 9, 9]]
    with pytest.raises(IndexError):
        x[2]


def test_masks_and_indices_after_a_mask_find_their_axes(cp: Any) -> None:
    cube = cp.arange(24).reshape(2, 3, 4)
    mask = cp.asarray([[True, False, False], [False, False, True]])
    assert host(cube[mask, cp.asarray([5, 1])]) == [1, 21]
    assert host(cube[None, mask].sum()) == host(cube[0, 0].sum() + cube[1, 2].sum())


def test_an_index_on_the_device_gathers_a_copy(cp: Any, x: Any) -> None:
    row = x[cp.asarray(1)]
    assert row.base is None and host(row) == [3, 4, 5]
    row[:] = 0
    assert host(x[1]) == [3, 4, 5]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "uint64"])
def test_add_at_adds_repeated_indices(cp: Any, dtype: str) -> None:
    totals = cp.zeros(3, dtype=dtype)
    cp.add.at(totals, cp.asarray([0, 0, 5]), cp.ones(3, dtype=dtype))
    sys.modules["cupyx"].scatter_add(totals, cp.asarray([1]), 4)
    assert host(totals) == [2, 4, 1]


def test_at_is_refused_where_cupy_has_no_atomic(cp: Any) -> None:
    zero = cp.asarray([0])
    for name, dtype in (("add", "int64"), ("add", "int8"), ("maximum", "float16")):
        with pytest.raises(TypeError, match="only supports"):
            getattr(cp, name).at(cp.zeros(2, dtype=dtype), zero, 1)
    with pytest.raises(NotImplementedError):
        cp.multiply.at(cp.ones(2), zero, 1)
    with pytest.raises(TypeError, match="Unsupported type"):
        cp.add.at(cp.ones(2), zero, np.ones(1))


def test_views_share_their_root(cp: Any, x: Any) -> None:
    assert x.base is None
    views = [make(cp, x) for make in VIEWS]
    assert [view.base is x for view in views] == [True] * len(views)
    assert cp.asarray(x) is x and x.astype(x.dtype, copy=False) is x


def test_copies_have_memory_of_their_own(cp: Any, x: Any) -> None:
    for other in (x.copy(), x + 0, x.flatten(), cp.array(x), x[[0]], x.T.ravel(), copy.copy(x)):
        assert other.base is None and other.data.ptr != x.data.ptr
    values = np.ones(3)
    device = cp.asarray(values)
    values[:] = 0
    assert host(device) == [1, 1, 1]


def test_in_place_operators_write_and_return_the_same_array(cp: Any, x: Any) -> None:
    same, row = x, x[0]
    x += 1
    x *= x
    x -= cp.float32(1)
    x /= 2
    x **= 1
    assert x is same and host(row) == [0, 1.5, 4]
    x[0] = row[::-1].copy()
    x[1, 1:] = 0
    x[1].fill(7)
    assert host(x) == [[4, 1.5, 0], [7, 7, 7]]


def test_out_writes_into_device_arrays(cp: Any, x: Any) -> None:
    out = cp.empty_like(x)
    assert cp.add(x, 1, out=out) is out and cp.multiply(x, 2, out) is out
    assert np.negative(x, out=out) is out and cp.sum(x, axis=0, out=out[0]).base is out
    assert host(out[0]) == [3, 5, 7]


def test_windows_cannot_be_written(cp: Any, x: Any) -> None:
    windows = cp.lib.stride_tricks.sliding_window_view(x, 2, axis=1)
    with pytest.raises(ValueError, match="read-only"):
        windows[0] = 1
    with pytest.raises(NotImplementedError):
        cp.lib.stride_tricks.sliding_window_view(x, 2, axis=1, writeable=True)


def test_no_warning_leaves_the_device(cp: Any, x: Any) -> None:
    zero = cp.zeros_like(x)
    results = [x / zero, cp.log(zero), cp.exp(x * 1e10), cp.mean(zero[:0]), x[0, :1].var(ddof=1)]
    zero /= zero
    results += [zero.astype(cp.float16), cp.linalg.inv(cp.zeros((2, 2))), cp.nanmax(zero)]
    assert all(isinstance(result, cp.ndarray) for result in results)


def test_the_generator_lacks_what_cupys_lacks(cp: Any) -> None:
    rng = cp.random.default_rng(3)
    missing = "normal permutation shuffle choice permuted bit_generator multivariate_normal".split()
    assert not any(hasattr(rng, name) for name in missing)
    for read in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be read"):
            read(rng)


def test_the_generator_draws_device_arrays_by_seed(cp: Any) -> None:
    first, second = (cp.random.default_rng(3) for _ in range(2))
    a = first.standard_normal((2, 3), dtype=cp.float32)
    assert isinstance(a, cp.ndarray) and a.dtype == np.float32
    assert host(a) == host(second.standard_normal((2, 3), dtype=cp.float32))
    assert first.uniform(0, 1, 4, dtype=cp.float32).dtype == np.float32
    assert first.integers(0, 5, size=3).shape == (3,) and first.random().shape == ()
    assert isinstance(first.exponential(size=2), cp.ndarray)


def test_the_legacy_functions_follow_seed(cp: Any) -> None:
    cp.random.seed(1)
    a = cp.random.permutation(5), cp.random.normal(size=2, dtype=cp.float32)
    cp.random.seed(1)
    b = cp.random.permutation(5), cp.random.normal(size=2, dtype=cp.float32)
    assert [host(part) for part in a] == [host(part) for part in b] and a[1].dtype == np.float32


def test_linalg_reads_no_status_unless_asked(cp: Any) -> None:
    singular = cp.zeros((2, 2))
    assert np.isnan(cp.linalg.inv(singular)._host).all()
    assert np.isnan(cp.linalg.cholesky(-cp.eye(2))._host).all()
    assert (copies.count, copies.status) == (0, 0)
    with (
        sys.modules["cupyx"].errstate(linalg="raise"),
        pytest.raises(np.linalg.LinAlgError, match="Singular"),
    ):
        cp.linalg.inv(singular)
    assert (copies.count, copies.status) == (0, 1)
    with pytest.raises(cp.linalg.LinAlgError, match="square"):
        cp.linalg.inv(cp.ones((2, 3)))


def test_solve_takes_stacks_but_does_not_broadcast(cp: Any) -> None:
    a = 2 * cp.broadcast_to(cp.eye(3), (2, 3, 3))
    assert host(cp.linalg.solve(a, cp.ones((2, 3)))) == [[0.5] * 3] * 2
    assert cp.linalg.solve(a, cp.ones((2, 3, 4))).shape == (2, 3, 4)
    assert cp.linalg.solve(a[0], cp.ones(3)).shape == (3,)
    with pytest.raises(ValueError, match="must have"):
        cp.linalg.solve(a[0], cp.ones((2, 3, 4)))


def test_linalg_gives_plain_tuples_of_device_arrays(cp: Any) -> None:
    sign, logdet = cp.linalg.slogdet(cp.eye(2))
    assert isinstance(sign, cp.ndarray) and isinstance(logdet, cp.ndarray)
    assert not hasattr(cp.linalg.slogdet(cp.eye(2)), "sign")


def test_erf_keeps_a_floating_dtype(cp: Any, x: Any) -> None:
    erf = sys.modules["cupyx.scipy.special"].erf
    assert erf(x).dtype == np.float32 and erf(cp.arange(3)).dtype == np.float64
    assert float(erf(cp.asarray(1.0))) == pytest.approx(0.8427007929497149)
    with pytest.raises(TypeError):
        erf(np.ones(2))
