"""The page that steps, as a file; `test_stepping_page_in_browser.py` runs it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import GraphError, ShapeError, Tensor
from tests.viz.graphs import chain, leaf, lecture, matrix, two_layers
from viz.names import one_line
from viz.stepping_page import MOST_BYTES, MOST_STEPS, page_of, widget_of
from viz.style import THEME_NAMES

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "\"'><img src=x onerror=alert(1)>",
    "a\nb\u2028c\u2029d\x00\ud800",
    "&amp;lt;",
    "name" * 2_500,
]
VOID = {"meta", "input", "path", "rect", "circle", "polygon"}


class Reader(HTMLParser):
    """Reads a page: its tags in order, those left open, and the texts of <script>."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.scripts: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self.open += [] if tag in VOID else [tag]
        self.scripts += [""] if tag == "script" else []

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.scripts[-1] += data
        elif self.open[-1:] != ["style"]:
            self.text += data


def data_of(page: str) -> dict[str, Any]:
    """The steps in a page."""
    data: dict[str, Any] = json.loads(Reader(page).scripts[0])
    return data


@pytest.mark.parametrize("theme", THEME_NAMES)
def test_the_page_is_whole_and_fetches_nothing(theme: str) -> None:
    page = page_of(lecture(), theme=theme)
    reader = Reader(page)
    assert page.startswith("<!DOCTYPE html>") and not reader.open
    assert reader.tags.count("svg") == reader.tags.count("main") == 1
    assert len(reader.scripts) == 2 and "<title>최종 금액, step by step</title>" in page
    links = re.sub(r'xmlns="http://www.w3.org/2000/svg"|"http://www.w3.org/2000/svg"', "", page)
    assert not re.search(
        r"https?://|<link|src=|href=|@import|url\(|fetch\(|XMLHttp|import\(", links
    )
    assert f'data-theme="{theme}"' in page


def test_only_its_own_program_may_run() -> None:
    page = page_of(lecture())
    program = Reader(page).scripts[1]
    digest = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
    policy = re.search('Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None and policy[1].startswith("default-src 'none'; ")
    assert policy[1].endswith(f"script-src 'sha256-{digest}'")


def test_the_page_of_the_lecture_has_thirteen_steps_and_is_small() -> None:
    page = page_of(lecture())
    data = data_of(page)
    assert [step["kind"] for step in data["steps"]] == ["forward"] * 4 + ["seed"] + ["edge"] * 8
    results = [data["values"][step["result"]]["text"] for step in data["steps"][4:]]
    assert results == ["1", "1.1", "650", "1.1", "1.1", "3.3", "165", "2.2", "110"]
    assert len(page.encode()) < 40_000


def test_the_picture_has_the_ids_that_the_steps_point_at() -> None:
    page = page_of(two_layers().sum())
    data, ids = data_of(page), set(re.findall(r'<g id="(\w+)"', page))
    steps, operations = data["steps"], data["operations"]
    wires = {wire for step in steps for wire in [step.get("wire"), *step.get("wires", ())]}
    assert wires - {None} <= ids and {operation["box"] for operation in operations} <= ids


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_everywhere(name: str) -> None:
    y = leaf(2.0, name) * leaf(3.0, "x")
    y.name = name
    for page in (page_of(y, title=name), html.unescape(widget_of(y).split('srcdoc="')[1])):
        reader = Reader(page.removesuffix('"></iframe>'))
        assert len(reader.scripts) == 2 and "img" not in reader.tags and not reader.open
        assert "\u2028" not in page and "\x00" not in page
        shown = json.loads(reader.scripts[0])["steps"][1]["to"]
        assert shown == one_line(name) and len(shown) <= 40
        page.encode()


def test_names_come_from_the_model_and_from_the_callers_variables() -> None:
    weight = Tensor(np.ones((2, 2)), requires_grad=True)
    loss = (weight * weight).sum()
    steps = data_of(page_of(loss))["steps"]
    assert {step["to"] for step in steps if step.get("named")} == {"weight"}
    steps = data_of(page_of(loss, params={"fc.weight": weight}))["steps"]
    assert {step["to"] for step in steps if step.get("named")} == {"fc.weight"}
    assert any(step.get("to") == "loss" for step in steps)


def test_a_matrix_needs_a_gradient_and_takes_one() -> None:
    w = matrix(2, 2, "w")
    with pytest.raises((GraphError, ShapeError)):
        page_of(w * 2.0)
    data = data_of(page_of(w * 2.0, gradient=[[1.0, 0.0], [0.0, 3.0]]))
    assert data["values"][data["steps"][-1]["result"]]["cells"] == [["2", "0"], ["0", "6"]]


def test_what_is_no_tensor_or_has_no_gradient_is_refused() -> None:
    with pytest.raises(TypeError, match="steps through one Tensor, not float"):
        page_of(1.0)
    with pytest.raises(GraphError):
        page_of(Tensor(1.0) * 2.0)


def test_too_many_steps_are_refused_with_the_remedy_that_then_works() -> None:
    y = chain(MOST_STEPS + 1)
    with pytest.raises(
        ValueError, match=r"at least 2,001 steps; a page holds at most 2,000\. Name"
    ):
        page_of(y)
    with pytest.raises(ValueError, match=r"this graph has 2,701 steps"):
        page_of(chain(900))
    for options in ({"around": "last"}, {"max_nodes": 20}):
        page = page_of(y, **options)
        assert 0 < len(data_of(page)["steps"]) < 100
        assert "steps inside folded or hidden parts are left out" in page


def test_a_page_that_would_be_too_large_loses_its_heat_maps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    y = two_layers().sum()
    full = page_of(y)
    assert len(full.encode()) < MOST_BYTES
    monkeypatch.setattr("viz.stepping_page.MOST_BYTES", len(full.encode()) - 1_000)
    small = page_of(y)
    assert "cells" in json.dumps(data_of(full)) and "cells" not in json.dumps(data_of(small))
    monkeypatch.setattr("viz.stepping_page.MOST_BYTES", 10_000)
    with pytest.raises(ValueError, match=r"these 18 steps would have [\d,]+ bytes; at most 10,000"):
        page_of(y)


def test_stepping_changes_nothing_of_the_users() -> None:
    w = matrix(2, 2, "w")
    loss = (w * w).sum()
    page = page_of(loss)
    assert w.grad is None
    loss.backward()
    assert np.array_equal(w.grad.data, 2 * w.data)
    assert page_of(loss) == page


def test_the_same_graph_gives_the_same_bytes_in_any_process() -> None:
    code = (
        "from tests.viz.graphs import two_layers\nfrom viz.stepping_page import page_of\n"
        "import hashlib\nprint(hashlib.sha256(page_of(two_layers()).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_a_widget_is_a_frame_with_the_whole_page_in_it() -> None:
    widget = widget_of(lecture(), step=7)
    found = re.fullmatch(r'<iframe title="([^"]*)" style="[^"]*" sandbox="allow-scripts" '
                         r'srcdoc="([^"]*)"></iframe>', widget)  # fmt: skip
    assert found is not None and found[1] == "최종 금액, step by step"
    assert html.unescape(found[2]) == page_of(lecture(), step=7)


def test_the_assets_are_files_of_the_package() -> None:
    from importlib.resources import files

    for name in ("stepping.js", "stepping.css"):
        assert files("viz").joinpath("assets", name).read_text(encoding="utf-8").count("\n") <= 400
