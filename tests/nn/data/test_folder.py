"""Where files are looked for, and downloads: from a server on this machine, never the network."""

from __future__ import annotations

import functools
import hashlib
import io
import logging
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from nn.data import CIFAR10, MNIST, MissingDataError, SMSSpam, data_folder
from nn.data.folder import Download, Source
from tests.nn.data.files import IMAGES, LABELS, cifar_records, write_mnist


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address under which it is served."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield folder, f"http://127.0.0.1:{http.server_address[1]}"
        finally:
            http.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here sees the real data or the user's cache, nor a proxy."""
    monkeypatch.delenv("GRAPHGRAD_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def served(kind: type[Any], files: list[Path], address: str, **members: Any) -> Source:
    """kind's source with the files on the server in place of the published ones."""
    downloads = tuple(
        Download(
            f"{address}/{path.name}",
            f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}",
            **members,
        )
        for path in files
    )
    return replace(kind.source, downloads=downloads)


def with_mnist(server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    pytest.importorskip("pooch", reason="pooch is an extra")
    folder, address = server
    files = [*write_mnist(folder), *write_mnist(folder, IMAGES[:2], LABELS[:2], part="t10k")]
    monkeypatch.setattr(MNIST, "source", served(MNIST, files, address))
    return files


def refusal(*args: Any, kind: Any = MNIST, **kwargs: Any) -> str:
    with pytest.raises(MissingDataError) as caught:
        kind(*args, **kwargs)
    return str(caught.value)


def test_the_data_folder_is_the_variables_or_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert data_folder() == tmp_path / "cache" / "graphgrad"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert data_folder() == tmp_path / "home" / ".cache" / "graphgrad"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert data_folder() == tmp_path / "home" / "Library" / "Caches" / "graphgrad"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert data_folder() == tmp_path / "local" / "graphgrad" / "Cache"
    monkeypatch.setenv("GRAPHGRAD_DATA", str(tmp_path / "mine"))
    assert data_folder() == tmp_path / "mine"


def test_the_root_comes_before_the_variable_and_the_variable_before_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mnist(tmp_path / "cache" / "graphgrad" / "mnist", IMAGES[:1], LABELS[:1])
    write_mnist(tmp_path / "mine" / "mnist", IMAGES[:2], LABELS[:2])
    write_mnist(tmp_path / "root", IMAGES[:3], LABELS[:3])
    assert len(MNIST()) == 1
    monkeypatch.setenv("GRAPHGRAD_DATA", str(tmp_path / "mine"))
    assert len(MNIST()) == 2
    assert len(MNIST(tmp_path / "root")) == 3
    assert "train-images" in refusal(tmp_path / "empty")  # no other place is taken in its stead


def test_only_a_root_may_hold_the_files_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In the shared folder they could be those of Fashion-MNIST, whose names are the same.
    write_mnist(tmp_path / "mine")
    monkeypatch.setenv("GRAPHGRAD_DATA", str(tmp_path / "mine"))
    assert len(MNIST(tmp_path / "mine")) == 6
    assert "train-images" in refusal()


def test_missing_files_are_named_with_the_places_and_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHGRAD_DATA", str(tmp_path))
    message = refusal(train=False)
    for part in (
        "MNIST: t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz not found",
        str(tmp_path / "mnist"),
        "GRAPHGRAD_DATA",
        "download=True fetches https://ossci-datasets.s3.amazonaws.com/mnist/t10k-images",
        "graphgrad[data]",
    ):
        assert part in message
    with pytest.raises(FileNotFoundError):
        MNIST(tmp_path)


def test_only_the_file_that_is_missing_is_named(tmp_path: Path) -> None:
    _, labels = write_mnist(tmp_path / "mnist")
    labels.unlink()
    message = refusal(tmp_path)
    assert "MNIST: train-labels-idx1-ubyte.gz not found" in message
    assert "train-images" not in message


def test_the_files_are_downloaded_once_and_then_read(
    tmp_path: Path, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = with_mnist(server, monkeypatch)
    assert len(MNIST(tmp_path / "root", download=True)) == 6
    found = sorted(path.name for path in (tmp_path / "root" / "mnist").iterdir())
    assert found == sorted(path.name for path in files[:2])  # the test set was not asked for
    for path in files:
        path.unlink()
    assert len(MNIST(tmp_path / "root", download=True)) == 6
    assert len(MNIST(tmp_path / "root")) == 6


def test_progress_is_shown_where_somebody_watches(
    tmp_path: Path, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tqdm", reason="tqdm is an extra")
    with_mnist(server, monkeypatch)
    for watched in (False, True):
        screen = io.StringIO()
        screen.isatty = lambda seen=watched: seen  # type: ignore[method-assign,misc]
        monkeypatch.setattr(sys, "stderr", screen)
        MNIST(tmp_path / str(watched), download=True)
        assert ("100%" in screen.getvalue()) is watched


def test_without_a_root_downloads_go_to_the_data_folder(
    tmp_path: Path, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_mnist(server, monkeypatch)
    monkeypatch.setenv("GRAPHGRAD_DATA", str(tmp_path / "mine"))
    MNIST(train=False, download=True)
    assert (tmp_path / "mine" / "mnist" / "t10k-labels-idx1-ubyte.gz").is_file()


def test_a_file_that_is_there_is_kept_even_if_it_is_another(
    tmp_path: Path, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_mnist(server, monkeypatch)
    mine, other = write_mnist(tmp_path / "root" / "mnist", IMAGES[::-1])
    before = mine.read_bytes()
    other.unlink()
    MNIST(tmp_path / "root", download=True)
    assert mine.read_bytes() == before


def test_a_download_with_another_checksum_is_thrown_away(
    tmp_path: Path, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = with_mnist(server, monkeypatch)
    files[1].write_bytes(files[1].read_bytes()[:-1])
    message = refusal(tmp_path / "root", download=True)
    for part in (
        MNIST.source.downloads[1].url,
        MNIST.source.downloads[1].checksum,
        "put train-labels-idx1-ubyte.gz into",
        str(tmp_path / "root" / "mnist"),
    ):
        assert part in message
    left = [path.name for path in (tmp_path / "root" / "mnist").iterdir()]
    assert left == ["train-images-idx3-ubyte.gz"]


@pytest.mark.parametrize("fault", ["gone", "nobody listens", "no folder"])
def test_a_failed_download_says_what_to_do_by_hand(
    tmp_path: Path, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    files = with_mnist(server, monkeypatch)
    if fault == "gone":
        files[0].unlink()
    elif fault == "nobody listens":
        source = served(MNIST, files, "http://127.0.0.1:9")
        monkeypatch.setattr(MNIST, "source", source)
    else:
        (tmp_path / "root").write_text("a file where a folder should be")
    message = refusal(tmp_path / "root", download=True)
    assert f"downloading {MNIST.source.downloads[0].url} failed" in message
    assert "put train-images-idx3-ubyte.gz into" in message


def test_without_pooch_the_extra_and_the_way_by_hand_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    message = refusal(tmp_path, download=True, kind=SMSSpam)
    for part in (
        "SMSSpamCollection not found",
        "pip install 'graphgrad[data]'",
        "sms+spam+collection.zip",
        str(tmp_path / "sms_spam"),
    ):
        assert part in message
    assert list(tmp_path.glob("**/*")) == []


def test_of_a_zip_archive_only_the_file_is_taken(
    tmp_path: Path, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pooch", reason="pooch is an extra")
    folder, address = server
    with zipfile.ZipFile(folder / "sms.zip", "w") as archive:
        archive.writestr("SMSSpamCollection", "ham\thello\nspam\twin\n")
        archive.writestr("../outside", "never unpacked")
    members = SMSSpam.source.downloads[0].members
    monkeypatch.setattr(
        SMSSpam, "source", served(SMSSpam, [folder / "sms.zip"], address, members=members)
    )
    assert SMSSpam(tmp_path / "root", download=True).texts == ["hello", "win"]
    left = [path.relative_to(tmp_path) for path in (tmp_path / "root").rglob("*")]
    assert sorted(map(str, left)) == ["root/sms_spam", "root/sms_spam/SMSSpamCollection"]


def pack_cifar(path: Path, names: list[str]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for number, name in enumerate(names):
            content, _ = cifar_records([number])
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_of_a_tar_archive_all_files_are_taken_at_once(
    tmp_path: Path, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pooch", reason="pooch is an extra")
    folder, address = server
    names = [name for name, _ in CIFAR10.source.downloads[0].members]
    members = CIFAR10.source.downloads[0].members
    pack_cifar(folder / "cifar.tar.gz", names)
    monkeypatch.setattr(
        CIFAR10, "source", served(CIFAR10, [folder / "cifar.tar.gz"], address, members=members)
    )
    assert CIFAR10(tmp_path, download=True).labels.tolist() == [0, 1, 2, 3, 4]
    (folder / "cifar.tar.gz").unlink()  # it is not fetched a second time for the test set
    assert CIFAR10(tmp_path, train=False, download=True).labels.tolist() == [5]
    pack_cifar(folder / "cifar.tar.gz", names[:2])
    monkeypatch.setattr(
        CIFAR10, "source", served(CIFAR10, [folder / "cifar.tar.gz"], address, members=members)
    )
    message = refusal(tmp_path / "other", download=True, kind=CIFAR10)
    assert "data_batch_3.bin" in message


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """pooch reports each download on the terminal."""
    logger = logging.getLogger("pooch")
    before, logger.disabled = logger.disabled, True
    yield
    logger.disabled = before
