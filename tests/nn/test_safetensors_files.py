"""State dictionaries in .safetensors files: what other tools read, and what comes back."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from nn.archive import CheckpointError
from nn.checkpoint import load, save
from nn.safetensors_files import load_safetensors, save_safetensors
from tests import standin

safetensors = pytest.importorskip("safetensors", reason="the extra `safetensors` is not installed")

DTYPES = "bool u1 u2 u4 u8 i1 i2 i4 i8 f2 f4 f8 >f4 >i2".split()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0, 3), (4, 6)])
def test_every_dtype_and_shape_comes_back_as_a_tensor(
    tmp_path: Path, dtype: str, shape: tuple[int, ...]
) -> None:
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    state = {"a": array, "b": autograd.tensor(array)}
    got = load_safetensors(save_safetensors(state, tmp_path / "x.safetensors"))
    assert [*got] == ["a", "b"]
    for tensor in got.values():
        assert type(tensor) is autograd.Tensor
        assert tensor.dtype == array.dtype.newbyteorder("=")
        np.testing.assert_array_equal(tensor.data, array)
        tensor.data[...] = 1  # its own memory, and writable


def test_strided_arrays_are_not_scrambled(tmp_path: Path) -> None:
    whole = np.arange(24, dtype="f4").reshape(4, 6)
    state = {
        "turned": whole.T,
        "every": whole[::-2, ::3],
        "wide": np.broadcast_to(whole[0], (3, 6)),
    }
    got = load(save(state, tmp_path / "x.safetensors"))
    for name, array in state.items():
        np.testing.assert_array_equal(got[name].data, array)


def test_safetensors_itself_reads_the_arrays_and_the_metadata(tmp_path: Path) -> None:
    state = {"fc.weight": autograd.randn(3, 4), "fc.bias": autograd.zeros(3)}
    path = save_safetensors(state, tmp_path / "x.safetensors", {"epoch": "7"})
    with safetensors.safe_open(path, framework="np") as file:
        assert file.metadata() == {"epoch": "7"}
        for name, tensor in state.items():
            np.testing.assert_array_equal(file.get_tensor(name), tensor.data)


def test_pytorch_reads_what_is_saved_and_is_read(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    from safetensors.torch import load_file, save_file

    weight = autograd.randn(3, 4)
    path = save({"w": weight}, tmp_path / "x.safetensors")
    assert load_file(path)["w"].tolist() == weight.tolist()
    save_file({"w": torch.tensor([[1.5, 2.5]])}, path)
    assert load(path)["w"].tolist() == [[1.5, 2.5]]
    save_file({"w": torch.tensor([1.5], dtype=torch.bfloat16)}, path)
    with pytest.raises(CheckpointError, match="or of a dtype without a NumPy equivalent"):
        load(path)


def test_tensors_on_a_gpu_are_saved_and_come_back_on_the_device_asked_for(tmp_path: Path) -> None:
    with standin.installed():
        state = {"w": autograd.tensor([1.0, 2.0], device="cuda")}
        path = save(state, tmp_path / "x.safetensors")
        assert load(path, "cuda:0")["w"].device == "cuda:0"
        assert load(path)["w"].device == "cpu"


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ([1.0], "a flat dict of arrays is needed, not a list"),
        ({"a": {"b": np.zeros(1)}}, "'a' is a dict; the format holds arrays only"),
        ({"a": 1.0}, "'a' is a float"),
        ({1: np.zeros(1)}, "the key 1 is an int"),
        ({"a": np.zeros(1, "c16")}, "'a' has dtype complex128, which the format cannot hold"),
        ({"a": np.array(["x"])}, "'a' has dtype <U1"),
    ],
)
def test_what_the_format_cannot_hold_is_refused_and_the_old_file_stays(
    tmp_path: Path, state: Any, message: str
) -> None:
    path = save({"old": np.ones(1)}, tmp_path / "x.safetensors")
    with pytest.raises(TypeError, match=message):
        save(state, path)
    with pytest.raises(TypeError, match="names and values must be strings"):
        save_safetensors({}, path, {"epoch": 7})
    assert load(path)["old"].tolist() == [1]
    assert os.listdir(tmp_path) == ["x.safetensors"]


def test_a_damaged_file_is_refused_by_name(tmp_path: Path) -> None:
    path = save({"a": np.ones(100), "b": np.zeros(3)}, tmp_path / "x.safetensors")
    whole = path.read_bytes()
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(CheckpointError, match=r"x\.safetensors cannot be read"):
            load(path)
    header = json.dumps({"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 4]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"1234")
    with pytest.raises(CheckpointError, match="cannot be read as safetensors"):
        load(path)


def test_without_the_package_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    for act in (lambda p: save({}, p), load):
        with pytest.raises(ImportError, match=r"pip install 'graphgrad\[safetensors\]'"):
            act(tmp_path / "x.safetensors")
    assert os.listdir(tmp_path) == []
