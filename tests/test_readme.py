"""The README's code is run, and prints what the README says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(
    r"```python\n(.*?)```\n\n```text\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL
)


def test_the_readme_has_code_with_its_output() -> None:
    assert len(BLOCKS) >= 2


@pytest.mark.parametrize(("code", "output"), BLOCKS)
def test_readme_code_prints_what_it_says(
    code: str, output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some of it writes files
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {"__name__": "readme"})
    assert printed.getvalue() == output


def test_the_code_of_the_drawing_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "drawing.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, "drawing.md", "exec"), {"__name__": "drawing"})
    assert "3+3+1 = 7" in printed.getvalue().replace(" + ", "+")
    assert list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["building", "coming_from", "training"])
def test_the_code_of_a_page_runs_from_top_to_bottom_and_prints_what_it_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names = {"__name__": name}
    for code, output in blocks:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(code, f"{name}.md", "exec"), names)
        assert printed.getvalue() == output
    assert len(blocks) >= 2


def test_files_that_the_readme_links_to_exist() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    links = re.findall(r"\]\(((?!http)[^)#]+)\)", text) + re.findall(r'src(?:set)?="([^"]+)"', text)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
