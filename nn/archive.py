"""The file of a checkpoint: an .npz whose every array is checked against its sha256.

Beside the arrays it holds "structure", the JSON that says where each belongs and what its dtype,
shape and sha256 are, and "structure_sha256". numpy.load reads all of it without this library;
nothing in it is ever unpickled or run. The JSON of the values is made in `structure.py`.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from autograd.backend import Array, to_host
from nn.structure import RESERVED, as_dtype

__all__: list[str] = []

FORMAT, VERSION = "graphgrad.nn", 1
_CHUNK = 1 << 20  # bytes moved at once: what is hashed is still in the cache when it is copied
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")  # PKWARE APPNOTE 6.3.10, §4.3.7
_HEADERS: dict[tuple[int, int], Callable[..., tuple[tuple[int, ...], bool, np.dtype[Any]]]] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


class CheckpointError(ValueError):
    """A file that is no checkpoint, or is not whole, or was altered after it was saved.

    The message names the file, the array in it where one is at fault, and what was expected.
    """


class Contents(NamedTuple):
    """What a checkpoint file holds: its kind ("checkpoint" or "model"), the JSON of the value, and
    the arrays by name."""

    kind: str
    tree: Any
    arrays: dict[str, np.ndarray[Any, Any]]


def write(file: BinaryIO, kind: str, tree: Any, arrays: Mapping[str, Array]) -> None:
    """Writes a checkpoint into an open file.

    tree: JSON.  arrays: by name, on any device; they pass through the host one at a time.
    """
    records = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            host = np.require(to_host(array), requirements="C")
            digest = _write_array(archive, name, host)
            shape = list(host.shape)
            records[name] = {"dtype": host.dtype.str, "shape": shape, "sha256": digest}
        head = {"format": FORMAT, "version": VERSION, "kind": kind}
        text = json.dumps(head | {"arrays": records, "tree": tree}, allow_nan=False)
        structure = text.encode("ascii")
        for name, content in zip(
            RESERVED, (structure, hashlib.sha256(structure).digest()), strict=True
        ):
            _write_array(archive, name, np.frombuffer(content, np.uint8))


def _write_array(archive: zipfile.ZipFile, name: str, array: np.ndarray[Any, Any]) -> str:
    """Writes a contiguous array as an entry, and returns the sha256 of its bytes.

    The bytes are copied first, a piece at a time: if another thread trains on meanwhile, checksums
    and file still agree.
    """
    digest, memory = hashlib.sha256(), _bytes_of(array)
    header = np.lib.format.header_data_from_array_1_0(array)
    # ZipInfo's own date, 1980, and not today's: the same value gives the same file.
    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
        np.lib.format.write_array_header_1_0(entry, header)
        for at in range(0, len(memory), _CHUNK):
            chunk = bytes(memory[at : at + _CHUNK])
            digest.update(chunk)
            entry.write(chunk)
    return digest.hexdigest()


def _bytes_of(array: np.ndarray[Any, Any]) -> memoryview:
    """The memory of a contiguous array."""
    return array.reshape(-1).view(np.uint8).data


def read(path: Path) -> Contents:
    """All that a checkpoint file holds, checked.

    Raises CheckpointError for a file that is damaged or no checkpoint, OSError for one that cannot
    be opened.
    """
    with open(path, "rb") as file:
        try:
            return _Reader(path, file).contents()
        except CheckpointError:
            raise
        # Damage shows in zipfile and NumPy as a dozen kinds of error: of ValueErrors, struct.error,
        # NotImplementedError, a warning about an old header, …
        except Exception as error:
            raise CheckpointError(
                f"{path} is damaged: {error or type(error).__name__}. Use another copy of it."
            ) from error


class _Reader:
    """One reading of a file."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        # Of the open file: another may have taken its name by now.
        self.path, self.size = path, os.fstat(file.fileno()).st_size
        try:
            self.archive = zipfile.ZipFile(file)
        except zipfile.BadZipFile as error:
            raise CheckpointError(_why_no_archive(path, file, self.size)) from error
        self.entries: dict[str, zipfile.ZipInfo] = {}
        for info in self.archive.infolist():
            if self.entries.setdefault(info.filename, info) is not info:
                raise CheckpointError(
                    f"{path} was altered: it holds {info.filename!r} twice, and readers may differ "
                    "in which they take. Use another copy of it."
                )

        if sum(info.compress_size for info in self.entries.values()) > self.size:
            raise CheckpointError(
                f"{path} was altered: its entries lie over one another, so that they would be "
                f"larger than its {self.size} bytes. Use another copy of it."
            )

    def contents(self) -> Contents:
        """What the file holds."""
        header = self._header()
        records = header["arrays"]
        expected = {f"{name}.npy" for name in (*records, *RESERVED)}
        for name in sorted(expected ^ {*self.entries}):
            raise CheckpointError(
                f"{self.path} was altered: the array {name.removesuffix('.npy')!r} is "
                + ("missing from" if name in expected else "in the file, but not in its structure:")
                + f" the {len(records)} that were saved. Use another copy of it."
            )
        arrays = {name: self._array(name, record) for name, record in records.items()}
        return Contents(header["kind"], header["tree"], arrays)

    def _header(self) -> Any:
        """The JSON of the entry "structure"."""
        for name in RESERVED:
            if f"{name}.npy" not in self.entries:
                held = ", ".join(n.removesuffix(".npy") for n in list(self.entries)[:5])
                raise CheckpointError(
                    f"{self.path} was not written by nn.save: it has no entry {name!r} (it holds "
                    f"{held or 'nothing'}). Read the arrays of another tool's .npz with "
                    "numpy.load()."
                )
        structure, digest = (self._read(name, None)[0].tobytes() for name in RESERVED)
        if hashlib.sha256(structure).digest() != digest:
            raise CheckpointError(
                f"{self.path} is damaged: the sha256 of its structure is not the one saved with "
                "it. Use another copy of it."
            )
        header = json.loads(structure)
        if header["format"] != FORMAT or header["version"] > VERSION:
            raise CheckpointError(
                f"{self.path} has format {header['format']} {header['version']}, and this version "
                f"of graphgrad reads {FORMAT} up to {VERSION}. Update graphgrad: "
                "pip install -U graphgrad."
            )
        return header

    def _array(self, name: str, record: Any) -> np.ndarray[Any, Any]:
        """One array, which must be as its record says."""
        try:
            expected = as_dtype(record["dtype"]), tuple(record["shape"])
            array, digest = self._read(name, expected)
        except Exception as error:
            raise CheckpointError(
                f"{self.path} is damaged: the array {name!r} ({record['dtype']}, shape "
                f"{tuple(record['shape'])}) cannot be read: {error or type(error).__name__}. "
                "Use another copy of it."
            ) from error
        if digest != record["sha256"]:
            raise CheckpointError(
                f"{self.path} is damaged: the array {name!r} has the sha256 {digest[:12]}…, but "
                f"{record['sha256'][:12]}… was saved. Use another copy of it."
            )
        return array

    def _read(self, name: str, expected: Any) -> tuple[np.ndarray[Any, Any], str]:
        """An entry and its sha256. expected: (dtype, shape); None for bytes of any number.

        Nothing is believed before it is compared, so that no file can ask for more memory than its
        own size.
        """
        info = self.entries[f"{name}.npy"]
        if info.compress_type != zipfile.ZIP_STORED or info.file_size > self.size:
            raise ValueError("it is compressed, or larger than the file; nn.save stores it plain")
        with self.archive.open(info) as entry:
            read_header = _HEADERS[np.lib.format.read_magic(entry)]
            shape, is_fortran, dtype = read_header(entry)
            left = info.file_size - entry.tell()
            if expected is None:
                expected = np.dtype(np.uint8), (left,)
            if (dtype, shape) != expected or is_fortran:
                raise ValueError(f"the file holds {dtype.str}, shape {shape}")
            if math.prod(shape) * dtype.itemsize != left:
                raise ValueError(f"{left} bytes are there")
            array, digest = np.empty(shape, dtype), hashlib.sha256()
            memory, at = _bytes_of(array), 0
            while chunk := entry.read(_CHUNK):  # the read at the end compares the zip's CRC
                memory[at : at + len(chunk)] = chunk
                digest.update(chunk)
                at += len(chunk)
        if at != left:
            raise ValueError(f"{at} of {left} bytes are there")
        return array, digest.hexdigest()


def _why_no_archive(path: Path, file: BinaryIO, size: int) -> str:
    """What is wrong with a file that is no zip archive: where it breaks off, if it began as one."""
    at, last = 0, None
    while True:
        file.seek(at)
        start = file.read(_LOCAL_HEADER.size)
        if len(start) < _LOCAL_HEADER.size or not start.startswith(b"PK\x03\x04"):
            break
        *_, stored, _, name_size, extra_size = _LOCAL_HEADER.unpack(start)
        last, extra = file.read(name_size).decode("utf-8", "replace"), file.read(extra_size)
        if stored == 0xFFFFFFFF and len(extra) >= 20:  # zip64: id, size, then the two sizes
            stored = struct.unpack_from("<Q", extra, 12)[0]
        at = file.tell() + stored
    if last is not None:
        return (
            f"{path} is truncated: it ends after {size} bytes, in or after the array "
            f"{last.removesuffix('.npy')!r}, without its table of contents. Use another copy of it."
        )
    return (
        f"{path} ({size} bytes) is no .npz file, or its beginning is lost. nn.load reads what "
        "nn.save wrote; what else is in it, the tool that made it reads."
    )
