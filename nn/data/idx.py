"""Reading IDX, the format of MNIST's files: a header, then the numbers, big-endian.

The header is two zero bytes, a type code, the number of axes, and a 32-bit size for each axis
(described on the MNIST page, http://yann.lecun.com/exdb/mnist/). `mnist.py` says which files.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from nn.data.errors import DataError

__all__ = ["read_idx"]

Stream = BinaryIO | gzip.GzipFile

_PIECE = 1 << 24
_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> np.ndarray[Any, Any]:
    """The array of an IDX file, which may be compressed with gzip, whatever it is called.

    Returns an array of the file's shape, in this machine's byte order.
    Raises DataError, naming the file and the fault, for a file that is not IDX, cut short, longer
    than its header says, or damaged in its compression.
    """
    path = Path(path)
    with _opened(path) as file:
        try:
            return _array(path, file)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(
                f"{path}: the gzip file is cut short or damaged: {error}. Get it again."
            ) from error


def _array(path: Path, file: Stream) -> np.ndarray[Any, Any]:
    """The array of an open file, of which no more is read than its header says, and one byte: a few
    kilobytes of gzip may stand for gigabytes."""
    start = file.read(4)
    if len(start) < 4:
        raise DataError(f"{path}: {len(start)} bytes are too few for an IDX file. Get it again.")
    zeros, code, ndim = struct.unpack(">HBB", start)
    if zeros or code not in _DTYPES:
        raise DataError(
            f"{path}: it begins with {start.hex(' ')}, which is no IDX header (00 00, type, "
            "axes). It is another kind of file; get the right one."
        )
    sizes = file.read(4 * ndim)
    if len(sizes) < 4 * ndim:
        raise DataError(f"{path}: the file ends within its header. Get it again.")
    shape = struct.unpack(f">{ndim}I", sizes)
    dtype = np.dtype(_DTYPES[code])
    wanted = math.prod(shape) * dtype.itemsize
    content = _read(file, wanted + 1)
    if len(content) != wanted:
        is_short = len(content) < wanted
        raise DataError(
            f"{path}: the file {'is cut short' if is_short else 'goes on after its end'}: its "
            f"header says {' × '.join(map(str, shape))}, which is {wanted} bytes, but "
            f"{len(content) if is_short else 'more'} follow. Get it again."
        )
    try:
        numbers = np.frombuffer(content, dtype).reshape(shape)
    except ValueError as error:  # of nothing, in more axes or larger ones than NumPy has
        raise DataError(
            f"{path}: its header says {ndim} axes, {' × '.join(map(str, shape[:8]))}, which is no "
            "array. Get it again."
        ) from error
    return numbers.astype(dtype.newbyteorder("="))


def _read(file: Stream, most: int) -> bytes:
    """At most so many bytes, in pieces: what is asked for may be far more than there is."""
    pieces = []
    while most > 0 and (piece := file.read(min(most, _PIECE))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _opened(path: Path) -> Stream:
    """The file, decompressed while it is read if it begins as gzip does."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if is_gzip else path.open("rb")
