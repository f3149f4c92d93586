"""Each example runs by itself, and its last line prints the numbers that its docstring states."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("[0-9]*.py"))
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?%?")


def test_all_eight_examples_are_here() -> None:
    assert [path.name[:2] for path in EXAMPLES][:8] == [f"{n:02}" for n in range(1, 9)]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_last_line_prints_what_the_docstring_says(path: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    stated = set(NUMBER.findall(ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""))
    printed = NUMBER.findall(ran.stdout.strip().splitlines()[-1])
    assert printed
    assert [number for number in printed if number not in stated] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_short_and_parse_no_arguments(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 80
    assert "argparse" not in text
    assert "sys.argv" not in text
