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
from typing import Any

import numpy as np

from nn.data.errors import DataError

__all__ = ["read_idx"]

_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> np.ndarray[Any, Any]:
    """The array of an IDX file, which may be compressed with gzip, whatever it is called.

    Returns an array of the file's shape, in this machine's byte order.
    Raises DataError, naming the file and the fault, for a file that is not IDX, cut short, longer
    than its header says, or damaged in its compression.
    """
    path = Path(path)
    content = _content(path)
    if len(content) < 4:
        raise DataError(f"{path}: {len(content)} bytes are too few for an IDX file. Get it again.")
    zeros, code, ndim = struct.unpack(">HBB", content[:4])
    start = 4 + 4 * ndim
    if zeros or code not in _DTYPES:
        raise DataError(
            f"{path}: it begins with {content[:4].hex(' ')}, which is no IDX header (00 00, type, "
            "axes). It is another kind of file; get the right one."
        )
    if len(content) < start:
        raise DataError(f"{path}: the file ends within its header. Get it again.")
    shape = struct.unpack(f">{ndim}I", content[4:start])
    dtype = np.dtype(_DTYPES[code])
    wanted = math.prod(shape) * dtype.itemsize
    if len(content) - start != wanted:
        what = "is cut short" if len(content) - start < wanted else "goes on after its end"
        raise DataError(
            f"{path}: the file {what}: its header says {' × '.join(map(str, shape))}, which is "
            f"{wanted} bytes, but {len(content) - start} follow. Get it again."
        )
    numbers = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return numbers.astype(dtype.newbyteorder("="))


def _content(path: Path) -> bytes:
    """The bytes of the file, decompressed if they begin as gzip does."""
    raw = path.read_bytes()
    if raw[:2] != b"\x1f\x8b":
        return raw
    try:
        return gzip.decompress(raw)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path}: the gzip file is cut short or damaged: {error}. Get it again."
        ) from error
