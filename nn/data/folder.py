"""Where data files are looked for, and how they are downloaded where the user asks for it.

The places: the folder given as `root=`; else the folder named by the environment variable
GRAPHGRAD_DATA; else the user's cache. Files that are there are read and never replaced. Downloads
go through `pooch`, an extra, and are kept only if their checksum is the published one.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nn.data.errors import DataError, MissingDataError

__all__ = ["data_folder"]

VARIABLE = "GRAPHGRAD_DATA"


@dataclass(frozen=True)
class Download:
    """One file to fetch. checksum: "md5:…" or "sha256:…".  members: for an archive, the path in it
    of each file that it provides; without, the url's last part is the file."""

    url: str
    checksum: str
    members: tuple[tuple[str, str], ...] = ()

    @property
    def files(self) -> list[str]:
        """The names of the files that it provides."""
        return [name for name, _ in self.members] or [self.url.rpartition("/")[2]]


@dataclass(frozen=True)
class Source:
    """A data set's name, the folders below a root that may hold it (the first is its own; others
    are where other libraries put it), and its downloads."""

    name: str
    folders: tuple[str, ...]
    downloads: tuple[Download, ...] = ()


def data_folder() -> Path:
    """The folder that holds a folder for each data set: $GRAPHGRAD_DATA, or the user's cache
    (~/.cache/graphgrad; on macOS and Windows, where their caches are)."""
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE]).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "graphgrad" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "graphgrad"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "graphgrad"


def locate(
    source: Source,
    files: Sequence[Sequence[str]],
    root: str | os.PathLike[str] | None = None,
    download: bool = False,
) -> list[Path]:
    """The paths of the files, all from the first place that has them all.

    files: for each file the names it may have; the first is the one that is downloaded.
    Raises MissingDataError where they are nowhere, and DataError for a failed download.
    """
    places = list(_places(source, root))
    for place in places:
        if not _missing(place, files):
            return _paths(place, files)
    target = places[0]
    if download and source.downloads:
        for job in source.downloads:
            if not {*job.files}.isdisjoint(_missing(target, files)):
                # Of an archive all that is not there, so that it is fetched only once.
                _fetch(source, job, _missing(target, [(name,) for name in job.files]), target)
        return _paths(target, files)
    nearest = min(places, key=lambda place: len(_missing(place, files)))
    missing = ", ".join(_missing(nearest, files))
    tried = ", ".join(map(str, places))
    raise MissingDataError(
        f"{source.name}: {missing} not found; the places tried are {tried}. Put the files there, "
        f"pass root=, or set {VARIABLE} to the folder that holds {source.folders[0]}/."
        + (_offer(source, missing) if source.downloads else "")
    )


def _offer(source: Source, missing: str) -> str:
    urls = [job.url for job in source.downloads if any(name in missing for name in job.files)]
    return f" download=True fetches {', '.join(urls)} (pip install 'graphgrad[data]')."


def _places(source: Source, root: str | os.PathLike[str] | None) -> Iterator[Path]:
    """Where the files may be, the place for downloads first."""
    base = data_folder() if root is None else Path(root).expanduser()
    yield from (base / folder for folder in source.folders)
    if root is not None:
        yield base


def _missing(place: Path, files: Sequence[Sequence[str]]) -> list[str]:
    return [names[0] for names in files if not any((place / name).is_file() for name in names)]


def _paths(place: Path, files: Sequence[Sequence[str]]) -> list[Path]:
    return [next(place / n for n in names if (place / n).is_file()) for names in files]


def _fetch(source: Source, job: Download, wanted: Sequence[str], target: Path) -> None:
    """Downloads job into target: the file itself, or what is wanted of an archive."""
    names = ", ".join(wanted)
    by_hand = f"Or get {job.url} by other means and put {names} into {target}."
    try:
        import pooch
    except ImportError as error:
        raise MissingDataError(
            f"{source.name}: {names} not found, and download=True needs pooch, which is not "
            f"installed: pip install 'graphgrad[data]'. {by_hand}"
        ) from error
    try:
        target.mkdir(parents=True, exist_ok=True)
        # The file is complete and checked before it gets its name, whatever interrupts this.
        with tempfile.TemporaryDirectory(prefix=".download-", dir=target) as folder:
            got = _retrieve(pooch, job, folder)
            for name in wanted:
                os.replace(_member(got, dict(job.members).get(name), folder), target / name)
    except (OSError, tarfile.TarError, zipfile.BadZipFile, KeyError) as error:
        raise MissingDataError(
            f"{source.name}: downloading {job.url} failed: {error}. {by_hand}"
        ) from error
    except ValueError as error:  # pooch's word for a checksum that differs
        raise MissingDataError(
            f"{source.name}: {job.url} was downloaded, but its checksum is not {job.checksum}, so "
            f"it was deleted; the server gave another or a damaged file. {by_hand}"
        ) from error


def _retrieve(pooch: Any, job: Download, folder: str) -> Path:
    """The path in folder of the downloaded file, whose checksum is right."""
    responses: list[Any] = []
    downloader = pooch.HTTPDownloader(
        progressbar=_shows_progress(),
        chunk_size=2**16,
        # pooch leaves the connection open when a download fails.
        hooks={"response": lambda response, **_: responses.append(response)},
    )
    try:
        return Path(
            pooch.retrieve(job.url, job.checksum, "download", folder, downloader=downloader)
        )
    finally:
        for response in responses:
            response.close()


def _member(path: Path, member: str | None, folder: str) -> Path:
    """The file at path; or a copy, in folder, of the one called member in the archive there."""
    if member is None:
        return path
    copy = Path(folder) / "member"
    with _opened(path, member) as stream, copy.open("wb") as out:
        shutil.copyfileobj(stream, out)
    return copy


@contextmanager
def _opened(path: Path, member: str) -> Iterator[IO[bytes]]:
    """The member of a zip or tar archive, read by name: nothing else is unpacked."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            yield stream
        return
    with tarfile.open(path) as tar:
        found: Any = tar.extractfile(member)
        if found is None:
            raise KeyError(f"{member} is no file in {path.name}")
        with found:
            yield found


def _shows_progress() -> bool:
    """Whether a progress bar can be drawn: tqdm is there, and somebody is watching."""
    return importlib.util.find_spec("tqdm") is not None and sys.stderr.isatty()


def read_text(path: Path) -> str:
    """The UTF-8 text of a file, with its line ends as they are.

    Raises DataError naming the line that is not UTF-8, and for an empty file.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}: line {line} is not UTF-8: byte {content[error.start]:#04x} at place "
            f"{error.start}. Convert the file, for example with iconv."
        ) from error
    if not text.strip():
        raise DataError(f"{path}: the file is empty. Get it again.")
    return text


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file without their ends. Only line feeds separate lines: a message may
    hold what str.splitlines takes for one."""
    lines = read_text(path).split("\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]
