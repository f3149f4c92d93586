"""HIPS autograd is imported as `autograd` too: nn and viz say so instead of failing oddly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import autograd

ROOT = Path(__file__).parents[1]


def import_behind(foreign: Path, package: str) -> subprocess.CompletedProcess[str]:
    """The process that imported a package, with a foreign folder before ours on the path."""
    code = f"import sys; sys.path[:0] = [{str(foreign)!r}, {str(ROOT)!r}]; import {package}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@pytest.mark.parametrize("package", ["nn", "viz"])
@pytest.mark.parametrize("file", ["autograd/__init__.py", "autograd.py"])
def test_a_foreign_autograd_is_refused_with_file_cause_and_cure(
    tmp_path: Path, package: str, file: str
) -> None:
    foreign = tmp_path / file
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_text("__version__ = '1.8'\n")
    result = import_behind(tmp_path, package)
    assert result.returncode == 1, f"{package} was imported beside a foreign autograd"
    error = result.stderr.splitlines()[-1]
    assert error.startswith(f"ImportError: {package} needs graphgrad's autograd"), result.stderr
    assert str(foreign) in error
    assert "another package named autograd, such as HIPS autograd" in error
    assert "python3 -m venv .venv && .venv/bin/pip install graphgrad" in error


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_our_own_autograd_is_accepted(tmp_path: Path, package: str) -> None:
    result = import_behind(tmp_path, package)
    assert result.returncode == 0, result.stderr


def test_the_mark_is_the_version() -> None:
    assert autograd.__graphgrad__ == autograd.__version__
