"""What save() wrote, load() gives back: kinds, bits and names; and nothing else is written."""

from __future__ import annotations

import collections
import enum
import json
import math
import os
import pickle
import threading
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import autograd
from autograd import Tensor
from nn.archive import CheckpointError
from nn.checkpoint import load, save
from nn.parameter import Parameter
from tests import standin

DTYPES = "bool u1 u2 u4 u8 i1 i2 i4 i8 f2 f4 f8 >f4 >i2 c8".split()


def assert_same(got: Any, expected: Any) -> None:
    """The same kinds all the way down, and the same bits."""
    if isinstance(expected, Tensor):
        assert type(got) is Tensor
        assert not got.requires_grad
        assert_same(got.data, expected.data)
    elif isinstance(expected, np.ndarray | np.generic):
        assert type(got) is type(expected)
        assert (got.shape, got.dtype) == (expected.shape, expected.dtype)
        assert got.tobytes() == expected.tobytes()
    elif isinstance(expected, dict):
        assert type(got) is dict
        assert [(type(key), key) for key in got] == [(type(key), key) for key in expected]
        for key in expected:
            assert_same(got[key], expected[key])
    elif isinstance(expected, list | tuple):
        assert type(got) is type(expected)
        assert len(got) == len(expected)
        for one, other in zip(got, expected, strict=True):
            assert_same(one, other)
    else:
        assert type(got) is type(expected)
        assert repr(got) == repr(expected)


ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**200), 2**200),
    st.floats(),
    st.text(st.characters(), max_size=9),
    st.binary(max_size=9),
    ARRAYS,
    ARRAYS.filter(lambda a: a.dtype.kind != "c").map(autograd.tensor),
    arrays("f4", ()).map(lambda a: a[()]),
    st.sampled_from([np.float64(0.1), np.bool_(True), np.int8(-3), np.float16("nan")]),
)
KEYS = st.one_of(st.text(st.characters(), max_size=5), st.integers(), st.sampled_from(["$", "a.b"]))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(KEYS, inner, max_size=3),
    ),
    max_leaves=8,
)
FILES = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FILES
@given(VALUES)
def test_whatever_is_saved_comes_back_of_the_same_kind_and_bits(tmp_path: Path, value: Any) -> None:
    path = save(value, tmp_path / "x.npz")
    assert_same(load(path), value)
    assert os.listdir(tmp_path) == ["x.npz"]


def test_a_training_state_comes_back(tmp_path: Path) -> None:
    state = {
        "model": {"0.weight": autograd.randn(3, 4), "0.bias": autograd.zeros(3)},
        "optimizer": {"state": {0: {"m": np.ones((3, 4)), "step": 7}}, "lr": (0.1, math.inf)},
        "random": autograd.random.get_state(),
        "best": -0.0,
        "note": None,
        7: b"\x00\xff",
    }
    assert_same(load(save(state, tmp_path / "state.npz")), state)


def test_arrays_in_any_memory_order_come_back_in_c_order(tmp_path: Path) -> None:
    whole = np.arange(24, dtype="f4").reshape(4, 6)
    state = [whole.T, whole[::-2, ::3], np.asfortranarray(whole), np.broadcast_to(whole, (2, 4, 6))]
    for got, expected in zip(load(save(state, tmp_path / "x.npz")), state, strict=True):
        assert got.flags.c_contiguous
        np.testing.assert_array_equal(got, expected)


def test_a_parameter_comes_back_as_an_untracked_tensor_that_can_be_written(tmp_path: Path) -> None:
    got = load(save(Parameter([1.0, 2.0]), tmp_path / "x.npz"))
    assert_same(got, autograd.tensor([1.0, 2.0]))
    got.data[0] = 5


def test_other_mappings_and_number_classes_come_back_as_the_plain_ones(tmp_path: Path) -> None:
    value = {
        "history": types.MappingProxyType(collections.OrderedDict(loss=[1.0])),
        "size": autograd.zeros(2, 3).size,
    }
    assert_same(load(save(value, tmp_path / "x.npz")), {"history": {"loss": [1.0]}, "size": 6})


def test_memory_that_two_places_share_is_stored_once_and_shared_again(tmp_path: Path) -> None:
    weight = autograd.randn(300, 300)
    path = save({"a": weight, "b": weight.detach(), "turned": weight.data.T}, tmp_path / "x.npz")
    assert path.stat().st_size < 2.1 * weight.data.nbytes
    got = load(path)
    assert np.shares_memory(got["a"].data, got["b"].data)
    np.testing.assert_array_equal(got["turned"], weight.data.T)


def test_numpy_alone_reads_the_arrays_under_names_that_tell_their_place(tmp_path: Path) -> None:
    state = {
        "model": {"0.weight": autograd.ones(2)},
        "state": {0: np.zeros(1), "0": np.ones(1)},
        "structure": np.full(1, 2.0),
        "a/b.npy": np.full(1, 3.0),
        "größe": np.full(1, 4.0),
    }
    with np.load(save(state, tmp_path / "x.npz"), allow_pickle=False) as file:
        held = {name: file[name].tolist() for name in file.files if file[name].dtype != np.uint8}
    assert held == {
        "model.0.weight": [1, 1],
        "state.0": [0],
        "state.0~2": [1],
        "structure_": [2],
        "a_b.npy_": [3],
        "größe": [4],
    }


def test_the_same_value_gives_the_same_file(tmp_path: Path) -> None:
    value = {"a": np.arange(3), "b": [1, (2.5, None)]}
    one, other = save(value, tmp_path / "one"), save(value, tmp_path / "other")
    assert one.read_bytes() == other.read_bytes()


class Colour(enum.IntEnum):
    RED = 1


Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"optimizer": {"state": {0: {"fn": len}}}}, r"optimizer\.state\.0\.fn is a builtin"),
        ([1, {2, 3}], "^1 is a set, which a checkpoint cannot hold"),
        (object(), "^the object is an object"),
        ({"c": Colour.RED}, r"c is a Colour.*\.value"),
        ({"p": Point(1, 2)}, "p is a Point"),
        ({"z": 1 + 2j}, "z is a complex"),
        ({"names": np.array(["a"])}, "names has dtype <U1.*lists of str"),
        ({"objects": np.array([None])}, "objects has dtype object"),
        ({"masked": np.ma.zeros(3)}, "masked is a MaskedArray.*asarray"),
        ({"word": np.str_("a")}, "word has dtype <U1"),
        ({"in": {(1, 2): 3}}, r"in has the key \(1, 2\), a tuple"),
        ({True: 1}, "the object has the key True, a bool"),
        ({"in": {np.int64(1): 3}}, "in has the key .*1.*, an int64"),
        ({"path": Path("x")}, "path is a PosixPath"),
    ],
)
def test_a_value_that_cannot_be_stored_is_refused_by_its_place_before_anything_is_written(
    tmp_path: Path, value: Any, message: str
) -> None:
    path = save({"old": 1}, tmp_path / "x.npz")
    with pytest.raises(TypeError, match=message):
        save(value, path)
    assert load(path) == {"old": 1}
    assert os.listdir(tmp_path) == ["x.npz"]


def test_a_nest_that_contains_itself_or_is_too_deep_is_refused(tmp_path: Path) -> None:
    circle: dict[str, Any] = {"a": []}
    circle["a"].append(circle)
    with pytest.raises(ValueError, match=r"^a\.0 contains itself"):
        save(circle, tmp_path / "x.npz")
    deep: list[Any] = []
    for _ in range(150):
        deep = [deep]
    with pytest.raises(ValueError, match="deeper than 100 levels"):
        save(deep, tmp_path / "x.npz")
    twice = [1, 2]
    assert load(save([twice, twice], tmp_path / "x.npz")) == [[1, 2], [1, 2]]


def test_integers_of_any_size_are_exact_even_for_readers_that_know_floats_only(
    tmp_path: Path,
) -> None:
    value = [2**53 - 1, 2**53, -(2**53), 10**5000, -(10**5000)]  # Python prints up to 4,300 digits
    path = save(value, tmp_path / "x.npz")
    assert load(path) == value
    with np.load(path) as file:
        tree = json.loads(file["structure"].tobytes(), parse_int=float)["tree"]
    assert tree[0] == 2**53 - 1
    assert tree[1] == {"$": "int", "hex": hex(2**53)}


def test_a_save_during_which_another_thread_writes_into_the_arrays_is_readable(
    tmp_path: Path,
) -> None:
    array, done = np.zeros(300_000, "f4"), threading.Event()

    def train() -> None:
        while not done.is_set():
            array[:] += 1

    thread = threading.Thread(target=train)
    thread.start()
    try:
        for _ in range(10):
            assert load(save({"w": array}, tmp_path / "x.npz"))["w"].shape == array.shape
    finally:
        done.set()
        thread.join()


def test_an_empty_dict_and_a_lone_number_can_be_saved(tmp_path: Path) -> None:
    assert load(save({}, tmp_path / "x")) == {}
    assert load(save(3.5, str(tmp_path / "x"))) == 3.5


def test_arrays_of_a_gpu_pass_through_the_host_and_come_back_where_they_are_wanted(
    tmp_path: Path,
) -> None:
    with standin.installed() as cupy:
        tensor = autograd.tensor([1.0, 2.0], device="cuda")
        state = {"tensor": tensor, "moment": tensor.data, "host": np.arange(3)}
        path = save(state, tmp_path / "x.npz")
        for device in ("cpu", "cuda:0"):
            got = load(path, device)
            assert got["tensor"].device == device
            assert got["tensor"].tolist() == [1, 2]
            assert isinstance(got["moment"], np.ndarray if device == "cpu" else cupy.ndarray)
            assert isinstance(got["host"], np.ndarray)
        assert load(path)["tensor"].device == "cpu"
    with pytest.raises(autograd.BackendError, match="gpu"):
        load(path, "gpu")


def test_a_file_of_another_tool_is_refused_with_the_tool_to_use(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, weight=np.zeros(2))
    with pytest.raises(CheckpointError, match=r"no entry 'structure' \(it holds weight\).*load\("):
        load(path)
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(CheckpointError, match=r"is no \.npz file, or its beginning is lost"):
        load(path)
    path.write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"x.npz \(0 bytes\) is no .npz file"):
        load(path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "missing.npz")
    with pytest.raises(IsADirectoryError):
        load(tmp_path)
