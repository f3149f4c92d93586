"""Curves as pictures, by matplotlib."""

from __future__ import annotations

import math
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="curves as pictures need matplotlib")

import matplotlib

from viz.plots import curve

ROOT = Path(__file__).parents[2]
STARTS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
HISTORY = {"loss": [3.0, 2.0, math.nan, 1.0], "val_loss": [2.0, 1.5], "acc": [0.1, 0.5, 0.7, 0.9]}


@pytest.mark.parametrize("kind", STARTS)
def test_the_same_curve_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    files = [
        curve(HISTORY, title="학습 $x_1$ <b>", theme="dark").save(tmp_path / f"{i}.{kind}")
        for i in range(2)
    ]
    first, second = (path.read_bytes() for path in files)
    assert first == second and first.startswith(STARTS[kind])


def test_themes_have_grounds_of_their_own() -> None:
    grounds = {"auto": "#ffffff", "light": "#ffffff", "dark": "#0d1117", "print": "#ffffff"}
    for theme, ground in grounds.items():
        svg = curve(HISTORY, theme=theme)._repr_svg_()
        assert svg is not None and f"fill: {ground}" in svg
        ET.fromstring(svg)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "history",
    [
        [3.0],
        [2.0] * 9,
        [math.nan] * 3,
        [-1.0, -2.0],
        [1.7e308, -1.7e308, 5e-324],
        [1e-300, 1e300],
        [1, math.nan, 2, math.inf, 3],
        {"_a": [1, 2], "日本語 😀": [2, 3], "$": [3, 4], "x" * 99: [4, 5]},
        {f"s{i}": [i, 1] for i in range(9)},
    ],
)
def test_whatever_has_a_step_has_a_picture(history: object, log: bool) -> None:
    for together in (False, True):
        assert curve(history, log=log, together=together)._repr_svg_()


def test_a_million_points_make_no_large_file() -> None:
    y = np.random.default_rng(0).random(1_000_000)
    y[::3] = math.nan
    svg = curve(y)._repr_svg_()
    assert svg is not None and len(svg) < 3_000_000


def test_the_users_settings_and_backend_stay_as_they_are() -> None:
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"axes.facecolor": "pink", "font.size": 40}):
        pink = curve(HISTORY)._repr_svg_()
    assert pink == curve(HISTORY)._repr_svg_() and dict(matplotlib.rcParams) == before


def test_pyplot_is_not_imported() -> None:
    drawn = "import sys, viz.plots as p; p.curve([1, 2])._repr_svg_()"
    code = f"{drawn}; print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert done.stdout == "False\n"


def test_an_svg_has_its_size_in_pixels_and_can_be_drawn_by_resvg() -> None:
    svg = curve([3.0, 2.0, 1.0])._repr_svg_()
    assert svg is not None and 'width="614.4" height="278.4"' in svg
    resvg = pytest.importorskip("resvg_py", reason="resvg is an optional painter")
    assert bytes(resvg.svg_to_bytes(svg_string=svg)).startswith(b"\x89PNG")
