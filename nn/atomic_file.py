"""Writing a file so that its name always leads to a whole file: the old one, or the new one.

The new content goes to a temporary file in the same folder, reaches the disk, and then takes the
name in one step. A process that is killed leaves a temporary file at worst, and the next save to
the same name removes it. What is written is the business of `archive.py`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed in the first place
    fcntl = None  # type: ignore[assignment]  # not on Windows

__all__: list[str] = []

_LONGEST_NAME = 255  # bytes, on all usual file systems
_ADDED = len("." + ".12345678.tmp")


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write into. When the block ends it is fsynced and takes path's place; when the
    block raises, path stays as it was and nothing is left behind.

    A link is followed: the file that it names is replaced. Permissions follow the umask.
    Raises IsADirectoryError for a folder, FileNotFoundError if the folder of path is missing,
    OSError for what is no ordinary file and for all that the system refuses.
    """
    target = _target_of(path)
    temporary = None
    try:
        _remove_leftovers(target)
        temporary, file = _open_temporary(target)
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if fcntl is None:
                file.close()
            # Still open, and so still locked: nobody takes it for a leftover.
            os.replace(temporary, target)
    except BaseException as error:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)
        if isinstance(error, OSError):
            raise OSError(
                error.errno or errno.EIO,
                f"{path} was not saved: {error.strerror or error}. What was there before is "
                "unchanged.",
            ) from error
        raise
    _sync_folder(target.parent)


def as_path(path: Any) -> Path:
    """path, a string or path object, as a Path; no ending is added.

    Raises TypeError for anything else, such as an open file, and ValueError for an empty name.
    """
    try:
        name = os.fsdecode(path)
    except TypeError as error:
        raise TypeError(
            f"path: a file name is needed, not a {type(path).__name__}. Pass a string or a "
            "pathlib.Path."
        ) from error
    if not name:
        raise ValueError('path: the file name is empty. Pass a name, such as "model.npz".')
    return Path(name)


def _target_of(path: Path) -> Path:
    """The file that path names at the end of all links, checked to be one that may be replaced."""
    target = Path(os.path.realpath(path))
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise FileNotFoundError(
                errno.ENOENT,
                f"{path} was not saved: the folder {target.parent} does not exist. Make it first, "
                "with Path.mkdir(parents=True)",
            ) from None
        return target
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(
            errno.EISDIR, f"{path} was not saved: it is a folder. Name a file in it"
        )
    if not stat.S_ISREG(mode):
        raise OSError(
            errno.EINVAL, f"{path} was not saved: it is a device or pipe. Name an ordinary file"
        )
    return target


def _prefix(target: Path) -> str:
    """How the names of target's temporary files begin; a name too long to carry gives its hash."""
    if len(os.fsencode(target.name)) + _ADDED <= _LONGEST_NAME:
        return f".{target.name}."
    return f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()}."


def _open_temporary(target: Path) -> tuple[Path, BinaryIO]:
    """A new temporary file beside target, open and locked."""
    while True:
        path = target.parent / f"{_prefix(target)}{secrets.token_hex(4)}.tmp"
        file = open(path, "x+b")  # with the permissions that the umask leaves
        # Another save may take it for a leftover before the lock is on; then the name is gone.
        if _lock(file.fileno()) is not False and path.exists():
            return path, file
        file.close()


def _lock(number: int) -> bool | None:
    """Whether the open file is now locked by this process; None where there are no locks."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return None
    return True


def _remove_leftovers(target: Path) -> None:
    """Removes target's temporary files that no living process is writing."""
    pattern = re.compile(re.escape(_prefix(target)) + r"[0-9a-f]{8}\.tmp")
    with suppress(OSError):  # such as a folder that may be written and not read
        for path in [p for p in target.parent.iterdir() if pattern.fullmatch(p.name)]:
            with suppress(OSError):
                _remove_if_unlocked(path)


def _remove_if_unlocked(path: Path) -> None:
    if fcntl is None:
        os.unlink(path)  # fails while another process has it open
        return
    number = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        if _lock(number):
            os.unlink(path)
    finally:
        os.close(number)


def _sync_folder(folder: Path) -> None:
    """Brings the new name to the disk, where folders can be synced."""
    try:
        number = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows, or a folder that may be written and not read
        return
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(number)
