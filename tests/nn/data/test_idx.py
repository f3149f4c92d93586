"""IDX files, right and wrong."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from nn.data import DataError, read_idx
from tests.nn.data.files import CODES, idx


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("code", CODES)
def test_arrays_come_back_as_they_were_written(tmp_path: Path, code: str, compressed: bool) -> None:
    array = (np.arange(24).reshape(2, 3, 4) - 5 * (code[0] != "u")).astype(code)
    path = tmp_path / "any-name"
    path.write_bytes(gzip.compress(idx(array)) if compressed else idx(array))
    found = read_idx(path)
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype and found.dtype.isnative and found.flags.writeable


GOOD = idx(np.arange(12, dtype=np.uint8).reshape(3, 4))
PACKED = gzip.compress(GOOD)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "0 bytes are too few"),
        (b"\x00\x00\x08", "3 bytes are too few"),
        (b"PK\x03\x04 is a zip file", "begins with 50 4b 03 04"),
        (b"\x00\x00\x0a\x01\x00\x00\x00\x00", "begins with 00 00 0a 01"),
        (GOOD[:9], "ends within its header"),
        (GOOD[:-1], "cut short: its header says 3 × 4, which is 12 bytes, but 11 follow"),
        (GOOD + b"\x00", "goes on after its end"),
        (b"\x00\x00\x08\x02" + b"\xff" * 8, "cut short: its header says 4294967295"),
        (b"\x00\x00\x08\xff" + bytes(4 * 255), "255 axes, .* which is no array"),
        (b"\x00\x00\x08\x04" + bytes(4) + b"\xff" * 12, "4 axes, 0 × 42.* is no array"),
        (PACKED[:-4], "gzip file is cut short or damaged"),
        (PACKED[:20], "gzip file is cut short or damaged"),
        (PACKED[:12] + b"\xff\xff\xff" + PACKED[15:], "gzip file is cut short or damaged"),
        (PACKED[:-8] + b"\x00" + PACKED[-7:], "gzip file is cut short or damaged"),
    ],
)
def test_a_faulty_file_is_named_with_its_fault(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "data.idx"
    path.write_bytes(content)
    with pytest.raises(DataError, match=fault) as caught:
        read_idx(str(path))
    assert str(caught.value).startswith(str(path))


def test_no_more_is_decompressed_than_the_header_says(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(GOOD + bytes(100_000_000)))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="goes on after its end"):
            read_idx(path)
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()
