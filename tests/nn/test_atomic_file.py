"""A file is replaced whole or not at all, and nothing is left beside it."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn import atomic_file
from nn.checkpoint import load, save

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions, links and devices")


def only(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_the_content_reaches_the_disk_before_the_name_and_the_name_before_save_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace

    def watched_fsync(number: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(number).st_mode)
        size = os.fstat(number).st_size
        calls.append("sync folder" if is_folder else f"sync file of {size > 8000}")
        fsync(number)

    def watched_replace(source: Any, target: Any) -> None:
        assert Path(source).parent == Path(target).parent
        calls.append("replace")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "replace", watched_replace)
    save(np.zeros(1000), tmp_path / "x.npz")
    assert calls == ["sync file of True", "replace", "sync folder"]


@pytest.mark.parametrize("place", ["fsync", "replace", "write"])
def test_a_save_that_fails_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    path = save({"version": 1}, tmp_path / "x.npz")

    def full(*args: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    class FullDisk(io.FileIO):
        def write(self, data: Any) -> Any:
            return full() if self.tell() > 5000 else super().write(data)

    if place == "write":
        monkeypatch.setattr(
            atomic_file,
            "open",
            lambda path, mode: io.BufferedRandom(FullDisk(path, "x+"), 512),
            raising=False,
        )
    else:
        monkeypatch.setattr(os, place, full)
    with pytest.raises(OSError, match=r"x\.npz was not saved: No space left.*unchanged") as raised:
        save({"version": 2, "data": np.zeros(10_000)}, path)
    assert raised.value.errno == errno.ENOSPC
    assert only(tmp_path) == ["x.npz"]
    monkeypatch.undo()
    assert load(path) == {"version": 1}


def test_a_save_that_is_interrupted_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save({"version": 1}, tmp_path / "x.npz")

    def interrupt(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save({"version": 2}, path)
    assert only(tmp_path) == ["x.npz"]
    assert load(path) == {"version": 1}


def test_what_a_killed_save_left_goes_with_the_next_save_to_the_same_name(tmp_path: Path) -> None:
    leftovers = [".x.npz.0123abcd.tmp", ".x.npz.ffffffff.tmp"]
    others = [".y.npz.0123abcd.tmp", ".x.npz.tmp", "x.npz.0123abcd.tmp", ".x.npz.0123abcg.tmp"]
    for name in leftovers + others:
        (tmp_path / name).write_bytes(b"half")
    save({}, tmp_path / "x.npz")
    assert only(tmp_path) == sorted([*others, "x.npz"])


def test_a_save_leaves_the_temporary_file_of_another_that_is_running(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with atomic_file.replacing(path) as file:
        file.write(b"mine")
        save({"version": "theirs"}, path)
        assert len(only(tmp_path)) == 2
        assert load(path) == {"version": "theirs"}
    assert path.read_bytes() == b"mine"
    assert only(tmp_path) == ["x.npz"]


def test_threads_that_save_to_one_name_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"

    def work(version: int) -> None:
        for _ in range(10):
            save(np.full(20_000, version), path)

    threads = [threading.Thread(target=work, args=(version,)) for version in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(np.unique(load(path))) == 1
    assert only(tmp_path) == ["x.npz"]


@posix
def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        path = save({}, tmp_path / "x.npz")
        os.umask(0o077)
        private = save({}, tmp_path / "y.npz")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(private.stat().st_mode) == 0o600


@posix
def test_saving_through_a_link_replaces_the_file_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    target, link = tmp_path / "runs" / "7.npz", tmp_path / "last.npz"
    link.symlink_to(Path("runs") / "7.npz")
    for version in range(2):  # first the link leads nowhere
        assert save({"version": version}, link) == link
        assert link.is_symlink()
        assert load(target) == load(link) == {"version": version}
    assert only(tmp_path / "runs") == ["7.npz"]
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="loop"):
        save({}, tmp_path / "loop")
    assert (tmp_path / "loop").is_symlink()


@posix
def test_folders_devices_and_pipes_are_refused_and_stay(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match=r"it is a folder\. Name a file in it"):
        save({}, tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="it is a device or pipe"):
        save({}, tmp_path / "pipe")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    with pytest.raises(FileNotFoundError, match=r"the folder .*none does not exist. Make it"):
        save({}, tmp_path / "none" / "x.npz")
    assert only(tmp_path) == ["pipe"]


def test_no_ending_is_added_and_long_names_work(tmp_path: Path) -> None:
    for name in ("model", "model.v1", "ü" * 127, "n" * 255, "[a]*?.npz"):
        path = save({"name": name}, tmp_path / name)
        assert only(tmp_path) == [name]
        assert load(path) == {"name": name}
        path.unlink()


def test_a_path_must_be_a_name(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"a file name is needed, not a BytesIO"):
        save({}, io.BytesIO())
    with pytest.raises(ValueError, match="the file name is empty"):
        save({}, "")
    path = os.fsencode(tmp_path / "x.npz")
    assert load(save({}, path)) == {}
