"""A checkpoint file that is damaged, altered or hostile is refused, by file and by array."""

from __future__ import annotations

import hashlib
import io
import json
import os
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from nn.archive import CheckpointError
from nn.checkpoint import load, save

VALUE = {"model": {"weight": np.arange(6.0).reshape(2, 3)}, "rate": 0.1, "bias": np.ones(2, "f4")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return save(VALUE, tmp_path / "x.npz")


def entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path: Path, content: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def bytes_of(array: np.ndarray[Any, Any], path: Path) -> bytes:
    np.save(path.with_suffix(".npy"), array)
    return path.with_suffix(".npy").read_bytes()


def restructure(path: Path, change: Callable[[Any], None]) -> None:
    """Alters the structure as an attacker would, with a checksum that fits."""
    content = entries(path)
    with np.load(path) as file:
        structure = json.loads(file["structure"].tobytes())
    change(structure)
    text = json.dumps(structure).encode()
    digest = hashlib.sha256(text).digest()
    content["structure.npy"] = bytes_of(np.frombuffer(text, np.uint8), path)
    content["structure_sha256.npy"] = bytes_of(np.frombuffer(digest, np.uint8), path)
    rewrite(path, content)


def test_a_file_cut_at_any_byte_is_refused_by_name(path: Path) -> None:
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(CheckpointError, match=r"x\.npz"):
            load(path)


def test_a_cut_file_tells_in_which_array_it_ends(tmp_path: Path) -> None:
    path = save({"first": np.zeros(1000), "second": np.zeros(1000)}, tmp_path / "x.npz")
    path.write_bytes(path.read_bytes()[:12_000])
    with pytest.raises(CheckpointError, match=r"truncated: it ends after 12000 bytes.*'second'"):
        load(path)


def test_a_file_with_any_one_byte_altered_is_refused_or_loads_the_same(path: Path) -> None:
    # What no value depends on, such as a zip entry's date, has no checksum.
    whole = path.read_bytes()
    refused = 0
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                got = load(path)
        except CheckpointError as error:
            assert "x.npz" in str(error)
            refused += 1
        else:
            assert got["rate"] == 0.1
            np.testing.assert_array_equal(got["model"]["weight"], VALUE["model"]["weight"])
            np.testing.assert_array_equal(got["bias"], VALUE["bias"])
    assert refused > 0.8 * len(whole)


def test_an_array_altered_together_with_its_zip_checksum_is_refused_by_its_name(
    path: Path,
) -> None:
    content = entries(path)
    data = content["model.weight.npy"]
    rewrite(path, content | {"model.weight.npy": data[:-1] + bytes([data[-1] ^ 1])})
    with pytest.raises(
        CheckpointError, match=r"array 'model\.weight' has the sha256 \w{12}…, but \w{12}… was"
    ):
        load(path)


def test_an_array_of_another_shape_or_dtype_is_refused_with_what_was_expected(path: Path) -> None:
    content = entries(path)
    for array in (np.zeros((3, 2)), np.zeros((2, 3), "i8"), np.zeros((2, 3), order="F")):
        rewrite(path, content | {"model.weight.npy": bytes_of(array, path)})
        with pytest.raises(
            CheckpointError, match=r"'model\.weight' \(<f8, shape \(2, 3\)\) cannot be read"
        ):
            load(path)


def test_arrays_that_are_missing_or_added_are_refused_by_name(path: Path) -> None:
    content = entries(path)
    rewrite(path, {name: data for name, data in content.items() if name != "bias.npy"})
    with pytest.raises(CheckpointError, match="array 'bias' is missing from the 2"):
        load(path)
    rewrite(path, content | {"more.npy": content["bias.npy"]})
    with pytest.raises(CheckpointError, match="array 'more' is in the file, but not in its"):
        load(path)


def test_a_changed_structure_is_refused(path: Path) -> None:
    content = entries(path)
    data = content["structure.npy"].replace(b'"rate": 0.1', b'"rate": 0.2')
    assert data != content["structure.npy"]
    rewrite(path, content | {"structure.npy": data})
    with pytest.raises(CheckpointError, match="the sha256 of its structure is not the one saved"):
        load(path)


def test_a_newer_format_is_refused_with_the_versions(path: Path) -> None:
    restructure(path, lambda structure: structure.update(version=2))
    with pytest.raises(CheckpointError, match=r"format graphgrad\.nn 2.*up to 1.*pip install -U"):
        load(path)


def test_pickled_objects_are_never_loaded(path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(path.parent / "exploded"),)

    content = entries(path)
    objects = np.array([Bomb()], dtype=object)
    np.save(path.with_suffix(".npy"), objects, allow_pickle=True)
    bomb = path.with_suffix(".npy").read_bytes()
    rewrite(path, content | {"bias.npy": bomb})
    with pytest.raises(CheckpointError, match="'bias'"):
        load(path)
    restructure(path, lambda s: s["arrays"]["bias"].update(dtype="|O", shape=[1]))
    with pytest.raises(CheckpointError, match=r"'\|O' is no dtype of numbers"):
        load(path)
    assert not (path.parent / "exploded").exists()


def test_a_file_cannot_ask_for_more_memory_than_it_has_bytes(path: Path) -> None:
    shape = (2, 3 * 10**12)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": shape}
    )
    rewrite(path, entries(path) | {"model.weight.npy": header.getvalue() + bytes(48)})
    restructure(path, lambda s: s["arrays"]["model.weight"].update(shape=shape))
    with pytest.raises(CheckpointError, match=r"'model\.weight'.*bytes are there"):
        load(path)


def test_a_compressed_copy_is_refused(path: Path) -> None:
    rewrite(path, entries(path), zipfile.ZIP_DEFLATED)
    with pytest.raises(CheckpointError, match="it is compressed"):
        load(path)


HOSTILE = [
    {"$": "code"},
    {"$": "tensor", "name": "none"},
    {"$": "tensor"},
    {"$": "dict", "items": [[[1], 2]]},
    {"$": "dict", "items": 3},
    {"$": "tuple", "items": None},
    {"$": "int", "hex": "eval"},
    {"$": "float", "value": "one"},
    {"$": "scalar", "dtype": "|O", "hex": "00"},
    {"$": "scalar", "dtype": "<f4", "hex": "00"},
    {"$": "scalar", "dtype": "<f3", "hex": "000000"},
    {"$": "bytes", "base64": "*"},
    {"$": ["tuple"]},
]


@pytest.mark.parametrize("tree", HOSTILE, ids=str)
def test_a_structure_that_save_would_not_write_is_refused(path: Path, tree: Any) -> None:
    restructure(path, lambda structure: structure.update(tree={"a": [tree]}))
    with pytest.raises(CheckpointError, match=r"x\.npz was altered: its structure is not one"):
        load(path)


def test_a_structure_nested_without_end_is_refused(path: Path) -> None:
    text = b'{"format": "graphgrad.nn", "tree": ' + b"[" * 100_000
    content = entries(path) | {
        "structure.npy": bytes_of(np.frombuffer(text, np.uint8), path),
        "structure_sha256.npy": bytes_of(
            np.frombuffer(hashlib.sha256(text).digest(), np.uint8), path
        ),
    }
    rewrite(path, content)
    with pytest.raises(CheckpointError, match=r"x\.npz is damaged: maximum recursion"):
        load(path)


def test_a_file_that_was_written_by_version_1_is_read_forever(tmp_path: Path) -> None:
    """The format itself, made with NumPy alone: what is on disks must stay readable."""
    weight = np.array([[1.5, -2.0]], "<f4")
    record = {"dtype": "<f4", "shape": [1, 2], "sha256": hashlib.sha256(weight).hexdigest()}
    structure = {
        "format": "graphgrad.nn",
        "version": 1,
        "kind": "checkpoint",
        "arrays": {"w": record},
        "tree": {
            "w": {"$": "tensor", "name": "w"},
            "a": {"$": "array", "name": "w"},
            "t": {"$": "tuple", "items": [1, {"$": "float", "value": "nan"}]},
            "d": {"$": "dict", "items": [[7, {"$": "bytes", "base64": "eA=="}]]},
            "i": {"$": "int", "hex": "-0x100000000000000000"},
            "s": {"$": "scalar", "dtype": "<f2", "hex": "003e"},
        },
    }
    text = json.dumps(structure).encode()
    path = tmp_path / "old.npz"
    np.savez(
        path,
        w=weight,
        structure=np.frombuffer(text, np.uint8),
        structure_sha256=np.frombuffer(hashlib.sha256(text).digest(), np.uint8),
    )
    got = load(path)
    assert isinstance(got["w"], autograd.Tensor)
    assert got["w"].tolist() == got["a"].tolist() == [[1.5, -2.0]]
    assert repr(got["t"]) == "(1, nan)"
    assert got["d"] == {7: b"x"}
    assert got["i"] == -(2**68)
    assert got["s"] == np.float16(1.5)


def test_an_entry_that_is_there_twice_is_refused(path: Path) -> None:
    content = entries(path)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("bias.npy", content["bias.npy"])
    with pytest.raises(CheckpointError, match=r"'bias\.npy' twice"):
        load(path)


def test_a_file_that_is_replaced_while_it_is_read_is_read_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = path.with_name("short.npz")
    save({"x": 1}, short)
    large = {"x": np.ones(10_000)}
    save(large, path)
    real_open = open

    def opened(*args: Any, **kwargs: Any) -> Any:
        file = real_open(*args, **kwargs)
        if short.exists():
            os.replace(short, path)
        return file

    monkeypatch.setattr("builtins.open", opened)
    assert np.array_equal(load(path)["x"], large["x"])


@pytest.mark.parametrize("content", ["", "00", "00" * 8])
def test_a_scalar_of_another_size_is_refused(path: Path, content: str) -> None:
    scalar = {"$": "scalar", "dtype": "<f4", "hex": content}
    restructure(path, lambda structure: structure["tree"].update(rate=scalar))
    with pytest.raises(CheckpointError, match="are no float32 number"):
        load(path)


def test_entries_that_lie_over_one_another_are_refused(tmp_path: Path) -> None:
    """An entry that holds another, as in D. Fifield, "A better zip bomb" (WOOT 2019)."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("inner.npy", bytes(5000))
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("outer.npy", inner.getvalue())
        inside = zipfile.ZipInfo("inner.npy")
        inside.file_size = inside.compress_size = 5000
        inside.CRC = zlib.crc32(bytes(5000))
        inside.header_offset = 30 + len("outer.npy")
        archive.filelist.append(inside)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["outer.npy", "inner.npy"]
    with pytest.raises(CheckpointError, match="lie over one another"):
        load(path)
