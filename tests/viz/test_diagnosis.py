"""What `doctor()` finds, and that nothing makes it fail."""

from __future__ import annotations

import io
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.viz.layout.plans import needs_dot, put_dot
from viz import diagnosis
from viz.diagnosis import Finding, Report, doctor

SUBJECTS = [
    "dot", "pygraphviz", "own layout", "draw()", "PNG", "PDF", "matplotlib", "IPython",
    "Korean font", "Japanese font", "emoji font", "terminal",
]  # fmt: skip


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system with nothing on PATH and no optional package: the empty folder that is its PATH."""

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(metadata, "version", missing)
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


def finding(what: str) -> Finding:
    """What the doctor finds about it."""
    return next(found for found in doctor().findings if found.what == what)


def test_everything_is_spoken_of_in_lines_of_80_columns() -> None:
    report = doctor()
    assert [found.what for found in report.findings] == SUBJECTS
    assert repr(report) == str(report)
    assert all(len(line) <= 80 for line in str(report).splitlines() if " install " not in line)


@needs_dot
def test_a_dot_that_works_is_told_with_its_version() -> None:
    found = finding("dot")
    assert found.is_here and "dot " in found.state and "a test layout works" in found.state
    assert finding("draw()").state == "places boxes with dot"


def test_what_is_missing_has_the_command_that_mends_it(bare: Path) -> None:
    report = doctor()
    remedies = {found.what: found.remedy for found in report.missing}
    assert remedies.pop("terminal", None) in (None, "export PYTHONIOENCODING=utf-8")
    assert remedies == {
        "dot": "sudo apt-get install graphviz",
        "pygraphviz": "pip install 'graphgrad[dot]'",
        "PNG": "pip install 'graphgrad[png]'",
        "PDF": "sudo apt-get install graphviz",
        "matplotlib": "pip install 'graphgrad[plot]'",
        "IPython": "pip install ipython",
    }
    assert not report.is_complete
    assert finding("draw()").state == "places boxes with graphgrad's own layout"
    assert finding("Korean font").state == "cannot be looked up without fc-list"


def test_a_dot_that_hangs_is_told_and_the_rest_too(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis, "SECONDS", 0.3)
    put_dot(bare, "/usr/bin/tail -f /dev/null; true", monkeypatch)
    report = doctor()
    assert len(report.findings) == len(SUBJECTS)
    assert report.findings[0].state == f"{bare}/dot: took more than 0.3 s"
    assert report.findings[1].is_here is None, "with a dot, pygraphviz is no loss"
    assert report.findings[3].state == "places boxes with graphgrad's own layout"


def test_a_dot_that_draws_only_out_of_order_is_not_well(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dot(bare, "/bin/grep -q ordering && kill -SEGV $$\nexit 7", monkeypatch)
    assert finding("dot").state.endswith("failed with code 7")
    assert finding("PNG").remedy == "pip install 'graphgrad[png]'"
    assert finding("PDF").is_here is False, "nor can it make a PDF"


def test_an_old_or_broken_pygraphviz_is_told(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: "1.14")
    assert "1.14 is too old" in finding("pygraphviz").state
    monkeypatch.setattr(metadata, "version", lambda name: "2.9")
    monkeypatch.setattr(diagnosis, "_fault", lambda engine: "crashed (SIGSEGV)")
    assert finding("pygraphviz").state == "2.9: crashed (SIGSEGV)"
    monkeypatch.setattr(diagnosis, "_fault", lambda engine: "")
    assert finding("pygraphviz").state == "2.9, a test layout works"
    assert finding("PNG").state == "resvg-py 2.9" and finding("matplotlib").is_here


@pytest.mark.parametrize(
    ("script", "is_here", "state"),
    [
        ("echo '나눔고딕'; echo 'Nanum Gothic,나눔'; echo Nanum", True, "Nanum"),
        ("exit 0", False, "no font: PNG and PDF show empty boxes"),
        ("echo Nanum; exit 1", False, "no font: PNG and PDF show empty boxes"),
    ],
)
def test_fonts_are_asked_of_fontconfig(script: str, is_here: bool, state: str, bare: Path) -> None:
    program = bare / "fc-list"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    found = finding("Korean font")
    assert (found.is_here, found.state) == (is_here, state)
    assert found.remedy == ("" if is_here else "sudo apt-get install fonts-nanum")


def test_only_debian_like_systems_get_a_debian_package(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare / "fc-list").write_text("#!/bin/sh\n")
    (bare / "fc-list").chmod(0o755)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert finding("Japanese font").remedy == ""


@pytest.mark.parametrize("encoding", ["ascii", "cp949", "utf-8"])
def test_the_report_fits_the_terminals_encoding(
    encoding: str, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding))
    report = doctor()
    str(report).encode(encoding)
    assert (
        ("✗" in str(report))
        == (encoding == "utf-8")
        == (not report.missing[-1:][0].remedy.startswith("export"))
    )
    assert "without colour (NO_COLOR)" in report.findings[-1].state


def test_without_any_output_there_still_is_a_report(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert doctor().findings[-1].state.startswith("no encoding, ")


def test_an_illness_of_the_doctors_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def ill(faults: dict[str, str]) -> diagnosis.Answer:
        raise OSError("no\nfile descriptors")

    monkeypatch.setattr(diagnosis, "QUESTIONS", {"dot": ill})
    found = Finding("dot", None, "could not be looked at: no file descriptors")
    assert doctor() == Report((found,)) and doctor().is_complete
    assert str(Report(())) == ""


def test_a_program_that_cannot_be_started_says_nothing(bare: Path) -> None:
    assert diagnosis._said([str(bare / "nothing")]) == ""


def test_a_program_that_hangs_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "SECONDS", 0.2)
    assert diagnosis._said(["/bin/sh", "-c", "/usr/bin/tail -f /dev/null; true"]) == ""
