"""Files, and what is written in the place of those that cannot be."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.viz.graphs import lecture
from tests.viz.views import LIGHT, through
from viz import draw, save
from viz.dot import DotTimeout
from viz.layout.plan import LayoutError
from viz.style import Style
from viz.svg import Painting

PNG = b"\x89PNG\r\n\x1a\n"
VIEW = draw(lecture()).view


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins as a process does."""
    monkeypatch.setattr(save, "_said", set())
    save._lacks_font.cache_clear()


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """No program is on the path."""
    monkeypatch.setattr(shutil, "which", lambda name: None)


@pytest.fixture
def no_resvg(monkeypatch: pytest.MonkeyPatch) -> None:
    """resvg-py is not installed."""
    monkeypatch.setitem(sys.modules, "resvg_py", None)


def test_every_kind_is_written(tmp_path: Path) -> None:
    kinds = [e for e in save.ENDINGS if e not in (".png", ".pdf")]
    paths = [save.save(VIEW, Style(), tmp_path / f"a{ending}") for ending in kinds]
    assert [path.name for path in paths] == ["a.svg", "a.html", "a.dot", "a.txt", "a.json"]
    svg, html, dot, text, data = (path.read_text("utf-8") for path in paths)
    assert svg.startswith("<svg") and "<!DOCTYPE html>" in html and dot.startswith("digraph")
    assert text.endswith("\n") and json.loads(data)
    assert all("715" in content for content in (svg, html, dot, text, data))


def test_the_case_of_an_ending_does_not_matter(tmp_path: Path) -> None:
    assert save.save(VIEW, Style(), tmp_path / "a.SVG").name == "a.SVG"


@pytest.mark.parametrize("theme", ["auto", "dark", "print"])
def test_a_png_is_our_own_picture(tmp_path: Path, theme: str) -> None:
    pytest.importorskip("resvg_py", reason="PNG files need resvg-py")
    path = save.save(VIEW, Style(theme=theme), tmp_path / "a.png")
    data = path.read_bytes()
    assert data.startswith(PNG) and path.name == "a.png"
    svg = save.rendered(VIEW, Style(theme=theme), ".svg").data.decode()
    width = float(svg.partition(' width="')[2].partition('"')[0])
    assert int.from_bytes(data[16:20], "big") == pytest.approx(2 * width, abs=2)


def test_a_png_that_resvg_cannot_draw_is_drawn_by_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**settings: object) -> None:
        raise ValueError("no")

    monkeypatch.setitem(sys.modules, "resvg_py", SimpleNamespace(svg_to_bytes=fail))
    monkeypatch.setattr(save, "render", lambda source, kind: PNG)
    assert save.rendered(VIEW, LIGHT, ".png").data == PNG


def test_a_huge_png_is_scaled_down_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def svg_to_bytes(**settings: Any) -> bytes:
        given.update(settings)
        return PNG

    huge = Painting("<svg/>", "", (32_768.0, 100.0))
    monkeypatch.setattr(save, "painted", lambda view, style, inline: huge)
    monkeypatch.setitem(sys.modules, "resvg_py", SimpleNamespace(svg_to_bytes=svg_to_bytes))
    remarks = save.rendered(VIEW, LIGHT, ".png").remarks
    assert given["zoom"] == 0.5
    assert "the .png is scaled down to 16,384 pixels; a .svg stays sharp" in remarks


def test_resvg_gets_plain_colours_twice_as_large(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def svg_to_bytes(**settings: Any) -> list[int]:
        given.update(settings)
        return list(PNG)

    monkeypatch.setitem(sys.modules, "resvg_py", SimpleNamespace(svg_to_bytes=svg_to_bytes))
    assert save.rendered(VIEW, Style(), ".png").data == PNG
    assert "var(" not in given["svg_string"] and given["zoom"] == 2


@pytest.mark.parametrize(("kind", "start"), [("png", PNG), ("pdf", b"%PDF")])
def test_graphviz_draws_what_nothing_else_does(
    kind: str, start: bytes, monkeypatch: pytest.MonkeyPatch, no_resvg: None
) -> None:
    monkeypatch.setattr(save, "render", lambda source, wanted: start + wanted.encode())
    made = save.rendered(VIEW, LIGHT, f".{kind}")
    assert made.data == start + kind.encode() and made.suffix == f".{kind}"


@pytest.mark.parametrize(
    ("kind", "need"),
    [("png", "pip install 'graphgrad[png]'"), ("pdf", "a .pdf needs Graphviz")],
)
def test_without_anything_the_svg_is_saved_and_one_line_says_so(
    kind: str,
    need: str,
    tmp_path: Path,
    no_resvg: None,
    no_programs: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(save, "painted", lambda view, style: Painting("<svg/>"))
    path = save.save(VIEW, LIGHT, tmp_path / f"a.{kind}")
    assert path == tmp_path / "a.svg" and path.read_text() == "<svg/>"
    said = capsys.readouterr()
    assert not said.out and said.err.count("\n") == 1
    assert (
        said.err.startswith(f"graphgrad: saved {path} instead of a.{kind}: ") and need in said.err
    )
    assert "there is no `dot` program here" in said.err


@pytest.mark.parametrize("kind", ["svg", "html", "png", "pdf"])
def test_a_graph_that_no_layout_places_becomes_text(
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    no_programs: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(*args: object, **settings: object) -> None:
        raise LayoutError("2,000 boxes are too many; max_nodes=300 shows fewer.")

    monkeypatch.setattr(save, "painted", refuse)
    path = save.save(VIEW, LIGHT, tmp_path / f"a.{kind}")
    assert path.name == "a.txt" and "715" in path.read_text("utf-8")
    assert f"instead of a.{kind}: 2,000 boxes are too many;" in capsys.readouterr().err


def test_what_a_layout_says_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(save, "painted", lambda view, style: Painting("<svg/>", "dot took 20 s"))
    for name in ("a.svg", "b.svg", "c.html"):
        save.save(VIEW, LIGHT, tmp_path / name)
    assert capsys.readouterr().err == "graphgrad: dot took 20 s\n"


def listing(output: bytes, code: int = 0) -> Any:
    """A run of `fc-list` that prints so."""
    return lambda *args, **settings: subprocess.CompletedProcess(args, code, output, b"")


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("사과", "fonts-nanum"),
        ("りんご", "fonts-noto-cjk"),
        ("リンゴ", "fonts-noto-cjk"),
        ("値", "fonts-noto-cjk"),
    ],
)
def test_a_missing_font_is_named_with_its_package(
    name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: f"/bin/{program}")
    monkeypatch.setattr(save, "render", lambda source, kind: b"%PDF")
    monkeypatch.setattr(subprocess, "run", listing(b""))
    (remark,) = save.rendered(through(name=name), LIGHT, ".pdf").remarks
    assert remark.startswith("no font here has ") and remark.endswith(f"apt-get install {package}")


@pytest.mark.parametrize("output", [b"/usr/share/fonts/nanum.ttf\n", None])
def test_a_font_that_is_there_or_that_nobody_knows_of_is_not_named(
    output: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **settings: object) -> None:
        raise OSError("broken")

    monkeypatch.setattr(shutil, "which", lambda program: f"/bin/{program}")
    monkeypatch.setattr(save, "render", lambda source, kind: b"%PDF")
    monkeypatch.setattr(subprocess, "run", fail if output is None else listing(output))
    assert not save.rendered(through(name="사과"), LIGHT, ".pdf").remarks


def test_without_fontconfig_nothing_is_said(
    no_programs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(save, "render", lambda source, kind: b"%PDF")
    assert not save.rendered(through(name="사과"), LIGHT, ".pdf").remarks


@pytest.mark.parametrize("name", ["a.gif", "a", "a.svg.gz"])
def test_other_endings_are_refused_with_those_that_work(tmp_path: Path, name: str) -> None:
    message = r"saved as \.svg, \.png, \.pdf, \.html, \.dot, \.txt, \.json; end the name so\."
    with pytest.raises(ValueError, match=message):
        save.save(VIEW, LIGHT, tmp_path / name)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere\. Make it first\."):
        save.save(VIEW, LIGHT, tmp_path / "nowhere" / "a.txt")


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save.save(VIEW, LIGHT, path)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["folder.svg", f"{'a' * 300}.svg"])
def test_a_place_that_cannot_be_written_is_named_as_the_user_wrote_it(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(OSError) as caught:
        save.save(VIEW, LIGHT, path)
    assert str(caught.value).startswith(f"{path} cannot be written: ")
    assert ".part" not in str(caught.value)
    assert [other.name for other in tmp_path.iterdir()] == ["folder.svg"]


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path: Path) -> None:
    path = tmp_path / f"{'a' * 251}.txt"
    assert save.save(VIEW, LIGHT, path) == path and path.is_file()


def test_a_graphviz_that_hung_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(source: str, kind: str) -> bytes:
        raise DotTimeout("`dot` took more than 20 s")

    def fail(*args: object) -> Any:
        raise AssertionError("Graphviz was asked for a layout")

    monkeypatch.setattr("viz.save.render", hang)
    monkeypatch.setattr("viz.layout.graphviz_layout", fail)
    assert save.save(VIEW, LIGHT, tmp_path / "a.pdf") == tmp_path / "a.svg"


def test_a_link_stays_a_link_and_a_file_keeps_its_mode(tmp_path: Path) -> None:
    file, link = tmp_path / "a.txt", tmp_path / "b.txt"
    file.write_text("old")
    file.chmod(0o600)
    link.symlink_to(file)
    assert save.save(VIEW, Style(), link) == link
    assert link.is_symlink() and file.stat().st_mode & 0o777 == 0o600
    assert "715" in file.read_text("utf-8")
