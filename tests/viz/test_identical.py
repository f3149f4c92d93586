"""The same graph gives the same bytes, in every process and for every ending but .pdf."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ENDINGS = [".svg", ".html", ".dot", ".txt", ".json", *([".png"] if find_spec("resvg_py") else [])]
"""A .pdf carries the time at which Graphviz made it."""

PROGRAM = """
import hashlib, pathlib, sys
import viz
from tests.viz.graphs import gated, lecture, transformer
drawings = {
    "lecture": viz.draw(lecture()),
    "gated": viz.draw(gated(2), "both", roll=True),
    "transformer": viz.draw(transformer(1), depth=3),
    "backward": viz.draw_backward(lecture()),
    "diff": viz.diff(gated(2), gated(3)),
}
for name, drawing in drawings.items():
    for ending in sys.argv[2:]:
        path = drawing.save(pathlib.Path(sys.argv[1], name + ending))
        print(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
"""


def written(folder: Path, seed: str, path: str) -> list[str]:
    """The hashes of all files, written by a process of its own."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), *ENDINGS],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PATH": path},
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.split("\n")
    assert len(lines) == 5 * len(ENDINGS) + 1
    return lines


@pytest.mark.parametrize("has_dot", [True, False], ids=["with dot", "without dot"])
def test_files_are_identical_across_runs_and_hash_seeds(tmp_path: Path, has_dot: bool) -> None:
    path = os.environ["PATH"] if has_dot else str(tmp_path)
    one, other = (written(tmp_path / seed, seed, path) for seed in ("1", "4711"))
    assert one == other
