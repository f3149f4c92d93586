"""Each example runs by itself, and its last line prints the numbers that its docstring states."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.examples.running import run

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("[0-9]*.py"))
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?%?")


def test_all_eight_examples_are_here() -> None:
    assert [path.name[:2] for path in EXAMPLES][:8] == [f"{n:02}" for n in range(1, 9)]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_last_line_prints_what_the_docstring_says(path: Path, tmp_path: Path) -> None:
    shown = run(path, tmp_path)
    stated = set(NUMBER.findall(ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""))
    printed = NUMBER.findall(shown.strip().splitlines()[-1])
    assert printed
    assert [number for number in printed if number not in stated] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_short_and_parse_no_arguments(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 80
    assert "argparse" not in text
    assert "sys.argv" not in text
