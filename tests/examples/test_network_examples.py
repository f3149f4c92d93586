"""What the examples of networks draw and print, where matplotlib is missing: then regions and
curves are saved as text, which can be read here."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted(
    path for path in (ROOT / "examples").glob("[0-9]*.py") if 19 <= int(path.name[:2]) <= 24
)
WITHOUT_MATPLOTLIB = """
import runpy, sys
sys.modules["matplotlib"] = None
runpy.run_path(sys.argv[1], run_name="__main__")
"""


@dataclass(frozen=True)
class Ran:
    """A run of an example: the script, the folder that it ran in, and what it printed."""

    script: Path
    folder: Path
    shown: str

    def saved(self, name: str) -> str:
        """The content of a file below out/."""
        return (self.folder / "out" / name).read_text("utf-8")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """Each example by its number."""
    found = {}
    for script in EXAMPLES:
        folder = tmp_path_factory.mktemp(script.stem)
        process = subprocess.run(
            [sys.executable, "-W", "error", "-c", WITHOUT_MATPLOTLIB, str(script)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert process.returncode == 0, process.stderr
        found[script.name[:2]] = Ran(script, folder, process.stdout)
    return found


def planes_of(text: str) -> list[list[str]]:
    """The rows of characters inside each frame of decision regions."""
    frames = re.findall(r"┌─+┐\n(.*?)\n *└", text, re.DOTALL)
    return [[row.split("│")[1] for row in frame.splitlines()] for frame in frames]


def has_gap(row: str) -> bool:
    """Whether ground of class 0 lies between ground of class 1. Points hide the ground."""
    return " " in row[row.find("░") : row.rfind("░")]


def test_each_example_writes_the_pictures_that_it_names(ran: dict[str, Ran]) -> None:
    for one in ran.values():
        docstring = ast.get_docstring(ast.parse(one.script.read_text("utf-8"))) or ""
        named = sorted(Path(name).stem for name in re.findall(r"out/\w+\.svg", docstring))
        written = sorted(path.stem for path in one.folder.glob("out/*"))
        assert written == named, one.script.name


def test_two_layers_give_a_convex_region_and_three_any(ran: dict[str, Ran]) -> None:
    half_plane, convex, horseshoe = planes_of(ran["19"].saved("regions_meshed.txt"))
    assert not any(map(has_gap, half_plane)) and not any(map(has_gap, convex))
    assert sum(map(has_gap, horseshoe)) >= 5
    counts = re.findall(r"(\d+) of 400 points right", ran["19"].saved("regions_meshed.txt"))
    assert len(counts) == 3 and sorted(counts) == counts and counts[-1] == "400"


def test_only_a_bent_line_parts_the_moons(ran: dict[str, Ran]) -> None:
    drawn = ran["20"].saved("moons.txt")
    straight, *bent = re.findall(r"(\d+) of 400 points right", drawn)
    assert int(straight) < 360 and min(map(int, bent)) > 380
    assert len(planes_of(drawn)) == 3 and "lower [░]" in drawn


def test_the_net_of_five_by_five_dots_is_drawn_while_it_reads_a_two(ran: dict[str, Ran]) -> None:
    table = re.findall(r"^(\d): (.+)$", ran["21"].shown, re.MULTILINE)
    shares = [[0.0 if p == "." else float(p) for p in row.split()] for _, row in table]
    assert [row.index(max(row)) for row in shares] == list(range(10))
    svg = ran["21"].saved("five_by_five_net.svg")
    values = re.findall(r'font-weight="bold">(\d\.\d\d)<', svg)
    assert [float(value) for value in values[-10:]] == shares[2]
    assert "softmax" in svg and "25" in svg


def test_the_run_stops_its_patience_after_the_best_epoch(ran: dict[str, Ran]) -> None:
    (stopped, best), *_ = re.findall(r"stopped after epoch (\d+), best .* (\d+)", ran["22"].shown)
    assert int(stopped) - int(best) == 10
    curve = ran["22"].saved("early_stopping.txt")
    assert re.findall(r"val_loss .* min \S+ at (\d+)", curve) == [best]


def test_the_support_vectors_alone_are_drawn(ran: dict[str, Ran]) -> None:
    assert "of 200 points right" in ran["23"].saved("svm_and_logistic.txt")
    drawn = ran["23"].saved("svm_support.txt")
    assert len(planes_of(drawn)) == 2 and drawn.count("of 51 points right") == 2


def test_the_tour_of_the_trainer_leaves_no_file_but_its_picture(ran: dict[str, Ran]) -> None:
    assert "in the folder: best.npz, last.npz, log.csv" in ran["24"].shown
    assert "taken up in epoch 5 after batch 16" in ran["24"].shown
    left = [path for path in ran["24"].folder.rglob("*") if path.is_file()]
    assert [path.name for path in left] == ["trainer.svg"]
