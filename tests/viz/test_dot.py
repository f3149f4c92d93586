"""The view as a graph for Graphviz."""

from __future__ import annotations

import os
import re
import select
import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import viz
from autograd import Tensor
from autograd.op import op
from tests.viz.graphs import GRADIENTS, VALUES, chain, leaf, lecture, square_plus_self
from tests.viz.handmade import changes, modules
from viz.boxes import Box, Cluster, View, Wire
from viz.dot import DotError, dot_of, render
from viz.names import one_line
from viz.style import THEMES, Style

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs the dot program")

HOSTILE = [
    'a"b', "<b>&amp;", "{x|y}", "line\nbreak", "back\\nslash\\", "\\N", "<TABLE>", "]]>", "-->",
    "%s", '"]; evil [label="', "🍎", "사과 & 귤", "\x1b[31m", "\ud800", "a\u202eb", "N" * 200,
    "node", "\\",
]  # fmt: skip


def numbers(source: str, colour: str) -> list[str]:
    """The texts in that colour on the wires, in the order of the source."""
    texts = re.findall(rf'<FONT COLOR="{colour}" POINT-SIZE="13">(.*?)</FONT>', source)
    return [re.sub(r"<.*?>", "", text) for text in texts]


@pytest.mark.parametrize("theme", THEMES)
def test_the_lectures_numbers_stand_in_the_source_in_order(theme: str) -> None:
    source = viz.draw(lecture(), theme=theme).to_dot().source
    palette = THEMES[theme]
    if theme == "print":  # values and gradients are both black
        both = [n for pair in zip(VALUES, GRADIENTS, strict=True) for n in pair]
        assert numbers(source, palette.ink) == both
    else:
        assert numbers(source, palette.ink) == VALUES
        assert numbers(source, palette.gradient) == GRADIENTS
    assert f'bgcolor="{palette.ground}"' in source or f"bgcolor={palette.ground}" in source


def test_the_source_follows_the_textbook_recipe() -> None:
    source = viz.draw(lecture()).to_dot().source
    assert "rankdir=LR" in source and "ordering=in" in source
    assert source.count("shape=circle") == 4 and source.count("×") == 3
    assert source.count("dir=back") == 9, "each wire has a gradient that flows back"
    assert "n0 -> e0:m:w" in source and "e0:m:e -> n2" in source
    assert 'label="사과 가격"' in source and 'label="최종 금액"' in source


def test_a_branch_shows_the_contributions_and_their_sum() -> None:
    source = viz.draw(square_plus_self()).to_dot().source
    assert "3+3+1 = <B>7</B>" in source
    assert source.count("shape=point") == 1


def test_forward_and_backward_show_one_side_each() -> None:
    light = THEMES["light"]
    forward = viz.draw(lecture(), "forward").to_dot().source
    assert numbers(forward, light.ink) == VALUES and light.gradient not in forward
    backward = viz.draw(lecture(), "backward").to_dot().source
    assert numbers(backward, light.gradient) == GRADIENTS and 'PORT="m"' not in backward
    silent = viz.draw(lecture(), values=False).to_dot().source
    assert not numbers(silent, light.ink) and numbers(silent, light.gradient) == GRADIENTS


def test_what_was_not_computed_is_a_dash_without_an_arrow() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    source = viz.draw(x * x).to_dot().source
    assert numbers(source, THEMES["light"].gradient) == ["–"] * 4
    assert "dir=back" not in source


def test_small_arrays_are_printed_and_large_ones_measured() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    w = Tensor(np.ones((2, 4)), requires_grad=True)
    source = viz.draw((x @ w).sum()).to_dot().source
    assert 'SIDES="LR"' in source and "(2, 4)<BR/>norm 2.828" in source


def test_sick_gradients_have_a_colour_and_a_sign() -> None:
    light = THEMES["light"]
    x = leaf(1.0)
    assert numbers(viz.draw(x * float("nan")).to_dot().source, light.bad)[0] == "⚠ nan"
    assert numbers(viz.draw(x * 0.0).to_dot().source, light.zero) == ["0"]
    assert numbers(viz.draw(x * 6.1e-6).to_dot().source, light.faint) == ["6.1e-6"]


def test_a_value_in_the_middle_shows_the_name_it_was_given() -> None:
    x = leaf(1.0, "x")
    h = x * 2.0
    h.name = "<h>"
    assert 'POINT-SIZE="11">&lt;h&gt;</FONT>' in viz.draw(h * x).to_dot().source


def test_the_source_is_the_same_every_time() -> None:
    sources = {viz.draw(lecture(), direction=d).to_dot().source for d in ("LR", "TB") for _ in "ab"}
    assert len(sources) == 2


@needs_dot
@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_reaches_the_picture_as_text(name: str) -> None:
    h = leaf(1.0, name) * 2.0
    h.name = name
    y = h * leaf(3.0, name)
    y.name = name
    drawing = viz.draw(y)
    svg = render(drawing.to_dot().source).decode()
    shown = drawing.view.boxes[0].label
    texts = re.findall(r"<text[^>]*>(.*?)</text>", svg)
    for character, entity in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ('"', "&quot;"),
        ("-", "&#45;"),
    ):
        shown = shown.replace(character, entity)
    assert texts.count(shown) == 4, f"{shown!r} is not in {texts}"


@needs_dot
@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("mode", ["both", "forward", "backward"])
def test_dot_draws_every_kind_of_drawing_without_a_warning(mode: str, direction: str) -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    source = viz.draw((x @ x * 2.0).sum(), mode, direction=direction).to_dot().source
    done = subprocess.run(["dot", "-Tsvg"], input=source.encode(), capture_output=True)
    assert done.returncode == 0 and not done.stderr


def test_hidden_boxes_are_dashed_and_long_symbols_get_a_wider_box() -> None:
    source = viz.draw(chain(20), max_nodes=5).to_dot().source
    assert 'label="… 17 more"' in source and 'style="dashed,rounded"' in source

    @op("a wide symbol")
    def wide_op(xp, x):
        """x."""
        return x * 1.0

    wide_op.vjp(x=("dx = g", lambda g: g))
    wide = viz.draw(wide_op(leaf(1.0))).to_dot().source
    assert 'style="filled,rounded"' in wide


def test_a_program_that_cannot_be_run_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path))
    with pytest.raises(DotError, match="`dot` could not be run"):
        render("digraph {}")


def texts(source: str) -> list[str]:
    """What `dot` writes into its picture, in the order of the picture."""
    return re.findall(r"<text[^>]*>(.*?)</text>", render(source).decode())


def test_clusters_hold_their_boxes_and_the_wires_between_them() -> None:
    source = dot_of(modules(), Style()).source
    outer = source[source.index("subgraph cluster_c0") :]
    inner = outer[outer.index("subgraph cluster_c1") : outer.index("}")]
    assert re.findall(r"^\s*([ne]\d)$", inner, re.M) == ["n1", "n2", "e1"]
    assert "n3" in outer[: outer.index("subgraph cluster_c1")]
    assert "<B>fc1</B>" in inner and "Linear 784 → 50 · 39,250" in inner
    assert "labeljust=l" in inner and "labelloc=b" in inner and THEMES["light"].frame in inner
    assert "newrank=true" in source and "newrank" not in viz.draw(lecture()).to_dot().source


def test_operands_in_clusters_are_written_from_the_last_to_the_first() -> None:
    source = dot_of(modules(), Style()).source
    assert source.index("e1:m:e -> n2") < source.index("e0:m:e -> n2")
    assert source.index("e6:m:e -> n7") < source.index("e7:m:e -> n7")
    down = dot_of(modules(), Style(direction="TB")).source
    assert down.index("e0:m:s -> n2") < down.index("e1:m:s -> n2")


def test_modules_parameters_hidden_boxes_and_loops_have_their_shapes() -> None:
    light = THEMES["light"]
    source = dot_of(modules(), Style()).source
    lines = {line.strip().split(" ")[0]: line for line in source.splitlines() if "label=" in line}
    assert light.gold in lines["n1"] and "(784, 50)" in lines["n1"] and "<B>weight" in lines["n1"]
    assert "510 params · |∇| ⚠ nan" in lines["n3"] and light.fill in lines["n3"]
    assert "dashed,rounded" in lines["n5"] and "dashed,rounded" in lines["n6"]
    assert "n4 -> n4" in source and "↺ h, c" in source and "3 values" in lines["e5"]
    assert "–" not in lines["e5"] and "–" in lines["e0"]
    assert "<B>1</B>" in lines["n2"] and "<B>∂1</B>" in lines["n7"]
    assert "|∇|" not in dot_of(modules(), Style("forward")).source


def test_notes_stand_at_the_bottom_in_short_lines() -> None:
    source = dot_of(modules(), Style()).source
    note = re.search(r'label="(Values.*?)"', source)
    assert note is not None and all(len(line) <= 90 for line in note[1].split("\\l"))
    assert "labeljust=l" in source and "fontsize=11" in source


def test_changes_are_words_colours_and_dashes() -> None:
    light = THEMES["light"]
    source = dot_of(changes(), Style()).source
    lines = {line.strip().split(" ")[0]: line for line in source.splitlines() if "label=" in line}
    assert "removed" in lines["n3"] and light.removed in lines["n3"] and "dashed" in lines["n3"]
    assert "added" in lines["n4"] and light.added in lines["n4"] and light.added in lines["n5"]
    assert "changed" in lines["n1"] and light.changed in lines["n6"]
    assert "removed" in lines["e2"] and f'color="{light.removed}"' in source
    shown = re.sub("<.*?>", "", lines["e1"].replace("<TR>", " "))
    assert "norm 1.5 → 2" in shown and " → " in shown
    assert "(4, 4)norm 7 → 0.75" in re.sub("<.*?>", "", lines["e5"])
    assert "⚠ inf" in lines["e5"]


@needs_dot
@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("theme", ["auto", "light", "dark", "print"])
@pytest.mark.parametrize("mode", ["both", "forward", "backward"])
@pytest.mark.parametrize("view", [modules(), changes()], ids=["modules", "changes"])
def test_dot_draws_all_of_it_without_a_warning(
    view: View, mode: str, theme: str, direction: str
) -> None:
    source = dot_of(view, Style(mode, theme=theme, direction=direction)).source
    done = subprocess.run(["dot", "-Tsvg"], input=source.encode(), capture_output=True)
    assert done.returncode == 0 and not done.stderr


@needs_dot
@pytest.mark.parametrize("name", [*HOSTILE, "</script>", "&amp;"])
def test_any_name_of_a_module_a_cluster_or_in_a_note_is_shown_as_typed(name: str) -> None:
    typed = one_line(name, 1000)
    view = View(
        (
            Box("n0", "parameter", typed, details=(typed,), cluster="c0"),
            Box("n1", "module", typed, details=(typed,), parameters=1, cluster="c0"),
            Box("n2", "hidden", typed, details=(typed,)),
            Box("n3", "operation", "exp", pair=typed),
            Box("n4", "input", typed, details=(typed,)),
            Box("n5", "output", "y"),
        ),
        (Wire("e0", "n0", "n1", typed, True, None), Wire("e1", "n1", "n1", typed, True, None,
         is_loop=True)),
        (Cluster("c0", typed, typed),),
        ("note",),
    )  # fmt: skip
    for given in (typed, name):  # even where a view has characters that names never have
        shown = texts(dot_of(view, Style()).source)
        expected = (
            typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            .replace('"', "&quot;").replace("-", "&#45;")
        )  # fmt: skip
        assert sum(expected in text for text in shown) >= 11, f"{given!r}: {shown}"
        boxes = (replace(view.boxes[0], label=name, details=(name,)), *view.boxes[1:])
        view = replace(view, boxes=boxes)


def put_dot(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a `dot` program with that shell script the only one there is."""
    program = folder / "dot"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))


def test_a_missing_program_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(DotError, match="there is no `dot` program here; install Graphviz: "):
        render("digraph {}")


def test_a_program_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_dot(tmp_path, "exec tail -f /dev/null", monkeypatch)
    with pytest.raises(DotError, match=r"`dot` took more than 0\.2 s"):
        render("digraph {}", seconds=0.2)


@pytest.mark.parametrize("body", ["kill -SEGV $$", "echo bad >&2; exit 3", "exit 0"])
def test_a_program_that_fails_is_an_error_in_one_line(
    body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dot(tmp_path, body, monkeypatch)
    with pytest.raises(DotError, match=r"`dot` failed with code") as caught:
        render("digraph {}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("interruption", "seen"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (subprocess.TimeoutExpired("dot", 1), DotError),
    ],
)
def test_what_the_program_has_started_ends_with_it(
    interruption: BaseException,
    seen: type[BaseException],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    put_dot(tmp_path, f"(echo started; exec tail -f /dev/null) > {pipe} & wait", monkeypatch)

    def read() -> bytes:
        assert select.select([reader], [], [], 10)[0], "it still runs"
        return os.read(reader, 100)

    def communicate(*_: object) -> None:
        assert read() == b"started\n"
        raise interruption

    monkeypatch.setattr(subprocess.Popen, "communicate", communicate)
    try:
        with pytest.raises(seen):
            render("digraph {}")
        assert read() == b"", "nobody holds the pipe any more"
    finally:
        os.close(reader)


def test_a_program_that_has_just_ended_needs_no_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dot(tmp_path, "exit 0", monkeypatch)

    def communicate(child: subprocess.Popen[bytes], *_: object) -> None:
        child.wait()
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", communicate)
    with pytest.raises(KeyboardInterrupt):
        render("digraph {}")


def test_graphviz_stops_improving_the_places_of_many_boxes() -> None:
    assert "nslimit" not in viz.draw(chain(20)).to_dot().source
    assert "nslimit=4" in viz.draw(chain(70)).to_dot().source
