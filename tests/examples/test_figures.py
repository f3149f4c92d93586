"""The lecture's figures, and the notebook: what they show is what the engine computes."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

NUMBERS = {
    "apple_forward": "100 2 200 1.1 220",
    "apple_backward": "2.2 110 1.1 200 1",
    "apples_and_tangerines_forward": "100 2 150 3 200 450 650 1.1 715",
    "apples_and_tangerines_backward": "2.2 110 3.3 165 1.1 1.1 1.1 650 1",
    "apples_and_tangerines": "100 2.2 2 110 150 3.3 3 165 200 1.1 450 1.1 650 1.1 1.1 650 715 1",
    "add_node": "10 1.3 5 1.3 15 1.3",
    "multiply_node": "10 6.5 5 13 50 1.3",
    "branch": "3 3+3+1 = 7 3 3 3 3 9 1 3 1 12 1",
    "affine": "1 2 0.5 1 1 3 5 2 4 6 1 -1 0.5 2 -2 1 5 11 17 1 -1 0.5 1 2 3 1 -1 0.5 6 13 20",
    "affine_batch": "(32, 2) norm 7.315 norm 48.53 (2, 50) norm 9.806 norm 46.77 (32, 50)",
    "sigmoid_parts": "1 0.1966 -1 -0.1966 0.3679 -0.5344 1.368 -0.5344 0.7311 1",
    "sigmoid": "1 0.1966 0.7311 1",
    "softmax_cross_entropy_parts": "0.3 2.9 4 0.01821 0.2452 -0.2634",
    "softmax_cross_entropy": "0.3 2.9 4 0.01821 0.2452 -0.2634",
    "two_layers_expanded": "(32, 64) norm 21.79 – norm 10.02",
    "two_layers_collapsed": "(32, 64) norm 21.79 – (32, 50)",
    "convolution_kernel_gradient": "(1, 1, 5, 5) norm 3.606 – 1 0 1 0 1 0 1 0 1 6 7 6 4 7 7 4 6 6 "
    "4 3 4 2 4 3 2 3 4 1 1 1 1 1 1 1 1 1",
    "recurrent_unrolled": "0.8 0+0.2566+0.549 = 0.8056",
    "recurrent_rolled": "0 – h -0.0592 1",
}
"""What stands on the wires, in their order: of large figures, on the first of them."""


def on_the_wires(svg: str) -> str:
    """The texts of an SVG's wires, with blanks between."""
    wires = re.findall(r'<g id="e\d+".*?(?=<g id="[en]\d|</svg>)', svg, re.DOTALL)
    texts = (re.sub(r"<title>.*?</title>", "", wire, flags=re.DOTALL) for wire in wires)
    return " ".join(word for t in texts for word in unescape(re.sub(r"<[^>]*>", " ", t)).split())


def run(*command: str, cwd: Path) -> str:
    """What a Python process prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run(
        [sys.executable, *command], cwd=cwd, env=environment, capture_output=True, encoding="utf-8"
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the figures were drawn."""
    here = tmp_path_factory.mktemp("figures")
    printed = run("-W", "error", str(ROOT / "examples" / "figures.py"), cwd=here)
    assert printed.splitlines()[-1] == f"{len(NUMBERS)} figures"
    yield here / "out" / "figures"


def test_each_figure_of_the_lecture_is_one_file(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{n}.svg" for n in NUMBERS)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_figure_shows_the_lectures_numbers(name: str, folder: Path) -> None:
    shown = on_the_wires((folder / f"{name}.svg").read_text("utf-8"))
    assert shown.startswith(NUMBERS[name])


def test_the_pictures_of_the_documents_are_those_that_the_script_makes(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="curves as pictures need matplotlib")
    run(str(ROOT / "docs" / "pictures.py"), str(tmp_path), cwd=tmp_path)
    kept = sorted((ROOT / "docs").glob("*.svg"))
    assert [path.name for path in kept] == sorted(path.name for path in tmp_path.iterdir())
    for path in kept:
        anew = (tmp_path / path.name).read_text("utf-8")
        assert on_the_wires(path.read_text("utf-8")) == on_the_wires(anew), path.name


def test_the_notebook_shows_what_a_run_of_it_gives(tmp_path: Path) -> None:
    for package in ("nbformat", "nbclient", "ipykernel"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed; pip install 'graphgrad[notebook]'")
    import nbformat

    run(str(ROOT / "docs" / "notebook.py"), str(tmp_path / "anew.ipynb"), cwd=tmp_path)
    kept, anew = (
        [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        for path in (ROOT / "examples" / "lecture.ipynb", tmp_path / "anew.ipynb")
    )
    assert [outputs(cell) for cell in kept] == [outputs(cell) for cell in anew]
    assert sum("image/svg+xml" in str(cell.outputs) for cell in kept) >= 10


def outputs(cell: dict[str, list[dict[str, object]]]) -> list[object]:
    """The texts of a cell's outputs; of a picture, those on its wires, wherever they stand."""
    shown: list[object] = []
    for output in cell["outputs"]:
        data = output.get("data", {})
        assert isinstance(data, dict)
        svg = data.get("image/svg+xml", "")
        shown.append((output.get("text"), data.get("text/plain"), on_the_wires(svg)))
    return shown
