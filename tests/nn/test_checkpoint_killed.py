"""kill -9 at any moment of a save leaves the previous file, or the new one, whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nn.checkpoint import save
from tests.nn.dying_saver import SIZE, number_in

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills by POSIX signals")

ROOT = Path(__file__).parents[2]


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.nn.dying_saver", *map(str, arguments)]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def test_a_save_killed_at_any_of_its_steps_leaves_a_whole_file(tmp_path: Path) -> None:
    with start("steps", tmp_path) as saver:
        lines = [tuple(map(int, line.split())) for line in saver.stdout or ()]
    assert saver.returncode == 0
    *deaths, survived = lines
    assert len(deaths) > 30
    assert {status for *_, status in deaths} == {signal.SIGKILL}
    assert survived[1:] == (2, 0, 0)
    found = [number for _, number, *_ in deaths]
    # The old version up to the one step that replaces it, then the new one.
    assert found == sorted(found)
    assert {*found} == {1, 2}
    # A death leaves one temporary file at most, and the save after it has removed it.
    left = [count for _, _, count, _ in deaths]
    assert {*left} == {0, 1}
    assert os.listdir(tmp_path) == ["x.npz"]


def test_a_saver_killed_at_random_leaves_a_whole_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "x.npz"
    for _ in range(6):
        saves, written = int(rng.integers(1, 5)), int(rng.integers(0, 8 * SIZE))
        with start("loop", path) as saver:
            assert saver.stdout is not None
            returned = [int(saver.stdout.readline()) for _ in range(saves)][-1]
            while saver.poll() is None and bytes_in_flight(tmp_path) < written:
                pass
            saver.kill()
        assert saver.returncode == -signal.SIGKILL
        assert number_in(str(path)) >= returned
        assert len(os.listdir(tmp_path)) <= 2
    save({}, path)
    assert os.listdir(tmp_path) == ["x.npz"]


def bytes_in_flight(folder: Path) -> int:
    """The size of the temporary file beside the saved one; -1 if there is none now."""
    for name in os.listdir(folder):
        if name.endswith(".tmp"):
            try:
                return os.stat(folder / name).st_size
            except FileNotFoundError:
                pass
    return -1
