"""The painter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.dom import minidom

import pytest

from tests.viz.graphs import GRADIENTS, VALUES, lecture, square_plus_self
from tests.viz.views import LIGHT, changed, network, recurrent, through
from viz import draw
from viz.boxes import Box, View
from viz.layout import place
from viz.layout.plan import Placement, Plan
from viz.style import THEME_NAMES, Style
from viz.svg import painted, svg_of

ROOT = Path(__file__).parents[2]
VIEWS = {
    "lecture": draw(lecture()).view,
    "branch": draw(square_plus_self()).view,
    "network": network(),
    "recurrent": recurrent(),
    "changed": changed(),
    "empty": View((), ()),
}
each_view = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())


def parsed(svg: str) -> minidom.Element:
    """The root element."""
    return minidom.parseString(svg.encode()).documentElement


def written(node: minidom.Element) -> str:
    """All text of an element."""
    return "".join(written(c) if c.childNodes else c.nodeValue or "" for c in node.childNodes)


def texts(node: minidom.Element) -> list[str]:
    """Each text that is painted, in the order of the file."""
    return [written(text) for text in node.getElementsByTagName("text")]


def groups(root: minidom.Element) -> dict[str, minidom.Element]:
    """The groups that have an id."""
    found = root.getElementsByTagName("g")
    return {g.getAttribute("id"): g for g in found if g.getAttribute("id")}


def inner(root: minidom.Element, kind: str) -> list[str]:
    """The texts of each wire's value or gradient, in the order of the file."""
    found = [g for g in root.getElementsByTagName("g") if g.getAttribute("class") == f"gg-{kind}"]
    return [" ".join(texts(g)) for g in found]


def test_the_lecture_has_its_numbers_in_their_order() -> None:
    root = parsed(svg_of(VIEWS["lecture"], LIGHT))
    wires = VIEWS["lecture"].wires
    order = [VALUES[i] for i in range(9)]
    assert sorted(inner(root, "value")) == sorted(order)
    assert sorted(inner(root, "gradient")) == sorted(GRADIENTS)
    pairs = dict(zip(VALUES, GRADIENTS, strict=True))
    drawn = zip(inner(root, "value"), inner(root, "gradient"), strict=True)
    assert [pairs[value] == gradient for value, gradient in drawn] == [True] * len(wires)


def test_a_branch_has_its_contributions_and_their_sum() -> None:
    root = parsed(svg_of(VIEWS["branch"], LIGHT))
    assert inner(root, "gradient") == ["3+3+1 = 7", "3", "3", "1", "1", "1"]
    bold = [s for s in root.getElementsByTagName("tspan") if s.getAttribute("font-weight")]
    assert [written(span) for span in bold] == ["7"]


@each_view
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_both_passes_have_their_boxes_at_the_same_places(view: View, direction: str) -> None:
    def places(mode: str) -> list[str]:
        svg = svg_of(view, Style(mode, direction=direction))
        shapes = re.findall(r"<(?:circle|rect|svg) [^>]*>", svg.replace("gg-", ""))
        ids = [re.sub(r' (class|id|aria-label)="[^"]*"', "", shape) for shape in shapes]
        names = re.findall(r'<text class="f-ink"[^>]*font-size="14"[^>]*>[^<]*', svg)
        return ids + names

    assert places("both") == places("forward") == places("backward")


@each_view
def test_a_mode_leaves_the_other_pass_out(view: View) -> None:
    forward, backward = (svg_of(view, Style(mode)) for mode in ("forward", "backward"))
    assert 'gg-gradient"' not in forward and 'gg-value"' not in backward


@each_view
def test_ids_are_those_of_the_view(view: View) -> None:
    root = parsed(svg_of(view, LIGHT))
    ids = [part.id for part in (*view.clusters, *view.wires, *view.boxes)]
    assert list(groups(root)) == ids
    assert re.fullmatch(r"gg-[0-9a-f]{8}", root.getAttribute("id"))


@each_view
@pytest.mark.parametrize("theme", THEME_NAMES)
def test_nothing_is_fetched_and_nothing_refers_to_anything(view: View, theme: str) -> None:
    svg = svg_of(view, Style(theme=theme))
    assert not re.search(r"url\(|href|<marker|<mask|<script|@import|-0[ \",]", svg)
    assert re.findall(r"https?://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]
    assert set(re.findall(r"var\((--\w+)", svg)) == {"--gg"}
    assert "var(" not in svg_of(view, Style(theme=theme), inline=True)


@each_view
def test_every_class_with_a_colour_has_a_rule(view: View) -> None:
    svg = svg_of(view, LIGHT)
    used = {name for names in re.findall(r'class="([^"]*)"', svg) for name in names.split()}
    ruled = set(re.findall(r"\.([a-z-]+)\{", svg))
    assert {name for name in used if re.match("[fsk]-", name)} == ruled


def test_different_pictures_have_different_ids() -> None:
    svgs = [svg_of(VIEWS["lecture"], Style(theme=theme)) for theme in THEME_NAMES]
    svgs.append(svg_of(VIEWS["branch"], LIGHT))
    assert len({parsed(svg).getAttribute("id") for svg in svgs}) == len(svgs)


HOSTILE = ["</script><script>", "\"x\" & 'y'", "a\x00b\x1b[31m", "\ud800", "two\nlines", "\\n|<b>"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_a_name(name: str) -> None:
    view = through(source="n1", target="n2", name=name)
    box = Box("n0", "input", name, op=name, results=(name,), where=name, formulas=(name,))
    named = replace(view, boxes=(box, *view.boxes[1:]), notes=(name,))
    svg = svg_of(named, LIGHT)
    root = parsed(svg)
    assert "<script" not in svg and len(root.getElementsByTagName("g")) > 3


def test_a_screen_reader_hears_what_it_is() -> None:
    root = parsed(svg_of(VIEWS["lecture"], LIGHT))
    title = "Computational graph of 최종 금액: 5 inputs, 4 operations"
    assert root.getAttribute("aria-label") == title and root.getAttribute("role") == "img"
    assert written(root.getElementsByTagName("title")[0]) == title
    many = View(tuple(Box(f"n{i}", "output", f"y{i}") for i in range(4)), ())
    label = parsed(svg_of(many, LIGHT)).getAttribute("aria-label")
    assert label == "Computational graph of y0, y1, y2 and more: 0 inputs, 0 operations"


def test_a_box_tells_its_operation_rules_and_line() -> None:
    root = parsed(svg_of(network(), LIGHT))
    (title,) = groups(root)["n2"].getElementsByTagName("title")
    assert written(title) == "matmul\n∂z/∂x = g @ yᵀ\nnet.py:6"
    (name,) = groups(root)["e0"].getElementsByTagName("title")
    assert written(name) == "x (32, 784)"


def test_clusters_parameters_and_modules_say_what_they_are() -> None:
    root = parsed(svg_of(network(), LIGHT))
    assert texts(groups(root)["c1"]) == ["fc1  Linear 784 → 50 · 39,250"]
    assert texts(groups(root)["n1"]) == ["W", "(784, 50)"]
    assert texts(groups(root)["n3"]) == ["fc2", "Linear(50, 10)", "510 params · |∇| 2.5"]
    assert "stroke-dasharray" in groups(root)["n4"].toxml()


def test_the_title_of_a_cluster_gives_way_to_a_wire() -> None:
    root = parsed(svg_of(network(), Style(direction="TB")))
    assert texts(groups(root)["c1"]) == ["fc1", "Linear 784 → 50 · 39,250"]


@pytest.mark.parametrize(("crossing", "is_left"), [(60.0, False), (540.0, True), (None, True)])
def test_a_title_gives_way_to_a_wire_that_runs_through_it(
    crossing: float | None, is_left: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crossed(wanted: Plan) -> Placement:
        placement = place(wanted)
        frames = {"c1": (0.0, 0.0, 600.0, 300.0)}  # and none for c0
        curves = {id: ((-9.0, -9.0),) * 4 for id in placement.curves}
        if crossing is not None:
            curves["e0a"] = tuple((crossing, y) for y in (200.0, 250.0, 280.0, 310.0))
        return replace(placement, regions=frames, curves=curves, width=700.0, height=400.0)

    monkeypatch.setattr("viz.svg.place", crossed)
    found = groups(parsed(svg_of(network(), LIGHT)))
    assert "c0" not in found
    x = float(found["c1"].getElementsByTagName("text")[0].getAttribute("x"))
    assert (x == 12.0) == is_left


def test_notes_stand_below_and_are_wrapped() -> None:
    view = replace(through(), notes=("one two three four five six seven " * 5,))
    lines = [t for t in texts(parsed(svg_of(view, LIGHT))) if "seven" in t]
    assert len(lines) > 1 and all(len(line) >= 50 for line in lines[:-1])


def test_changes_have_signs_beside_colours() -> None:
    root = parsed(svg_of(changed(), LIGHT))
    found = groups(root)
    assert texts(found["n0"]) == ["x", "≠"]
    assert texts(found["n1"]) == ["tanh", "1", "−"] and texts(found["n2"]) == ["softmax", "∂1", "+"]
    assert texts(found["e0"])[-1] == "−" and texts(found["e1"])[-1] == "+"
    assert "2 → 3" in texts(found["e2"])
    assert "stroke-dasharray" in found["e0"].toxml() and "stroke-dasharray" in found["n1"].toxml()
    assert "stroke-dasharray" not in found["e1"].toxml()


def test_a_gradient_that_is_missing_leaves_a_dotted_wire_in_the_backward_pass() -> None:
    wire = groups(parsed(svg_of(through(), Style("backward"))))["e0"]
    assert texts(wire) == ["–"] and "1.5 3" in wire.toxml()
    assert not wire.getElementsByTagName("polygon")


@each_view
def test_all_is_inside_of_the_picture(view: View) -> None:
    root = parsed(svg_of(view, LIGHT))
    wide, high = (float(root.getAttribute(name)) for name in ("width", "height"))
    shift = re.search(r"translate\(([-\d.]+) ([-\d.]+)\)", svg_of(view, LIGHT))
    assert shift is not None
    for circle in root.getElementsByTagName("circle"):
        x, y = (float(circle.getAttribute(f"c{axis}")) for axis in "xy")
        assert 0 < x + float(shift[1]) < wide and 0 < y + float(shift[2]) < high


PROGRAM = """
import sys, hashlib, viz
from tests.viz.graphs import lecture
from tests.viz.views import changed, network, recurrent
from viz.style import Style
from viz.svg import painted, svg_of
for view in (viz.draw(lecture()).view, network(), recurrent(), changed()):
    for theme in ("auto", "print"):
        sys.stdout.buffer.write(svg_of(view, Style(theme=theme)).encode())
"""


def test_the_bytes_are_the_same_in_every_run() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] and runs[0].count(b"<svg") == 8


def test_a_layout_can_be_chosen_and_is_replaced_with_a_note_where_it_is_not_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = VIEWS["lecture"]
    assert painted(view, Style(layout="graphgrad")).note == ""
    monkeypatch.setenv("PATH", "")
    note = painted(view, Style(layout="dot")).note
    assert note.startswith("`dot` is not on PATH. Install it: ")
    with pytest.raises(ValueError, match="layout is 'neato'; it must be one of 'auto', 'dot'"):
        Style(layout="neato")
