"""Who places a plan: `dot`, else pygraphviz, else our own layout, else nobody."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from tests.viz.layout.plans import each_engine, in_a_row, ladder, lecture, put_dot, reused
from viz import layout
from viz.layout import LayoutError, Placement, Plan, Spot, engines_here, place
from viz.layout.process import EngineError

HANGS = "exec /usr/bin/tail -f /dev/null"


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own layout has tests of its own; here it stands everything in a row."""
    monkeypatch.setattr(layout, "_layered", lambda: in_a_row)
    monkeypatch.setattr(layout, "_stuck", set())


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system without any Graphviz: the empty folder that is its PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(layout, "_has_wheel", lambda: False)
    return tmp_path


def many(count: int) -> Plan:
    """So many boxes, and a label."""
    boxes = tuple(Spot(f"b{i}", 10, 10) for i in range(count))
    return Plan((*boxes, Spot("e", 10, 10, is_label=True)), ())


@each_engine
def test_one_engine_can_be_demanded(engine: str) -> None:
    placed = place(lecture(), engine=engine)
    assert placed.by == engine and placed.note == ""


def test_our_own_layout_can_be_demanded() -> None:
    placed = place(lecture(), engine="graphgrad")
    assert placed.by == "graphgrad" and placed.note == ""


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError) as caught:
        place(lecture(), engine="neato")
    known = "'dot', 'pygraphviz', 'graphgrad'"
    assert str(caught.value) == f"engine is 'neato'; it must be one of {known}."


@pytest.mark.skipif(not engines_here(), reason="needs a Graphviz")
def test_the_first_that_is_here_is_the_first_choice() -> None:
    placed = place(lecture())
    assert placed.by == engines_here()[0] and placed.note == ""


@pytest.mark.skipif("pygraphviz" not in engines_here(), reason="needs pygraphviz")
def test_without_dot_pygraphviz_is_used_and_nothing_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    placed = place(lecture())
    assert placed.by == "pygraphviz" and placed.note == ""


@pytest.mark.skipif("pygraphviz" not in engines_here(), reason="needs pygraphviz")
def test_when_dot_crashes_pygraphviz_takes_over_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dot(tmp_path, "kill -SEGV $$", monkeypatch)
    placed = place(lecture())
    assert placed.by == "pygraphviz"
    assert placed.note == "`dot` crashed (SIGSEGV); pygraphviz was used"


def test_without_any_graphviz_our_own_layout_is_used(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    placed = place(lecture())
    assert placed.by == "graphgrad" and placed.note == (
        "there is no Graphviz here (sudo apt-get install graphviz); graphgrad's own layout was used"
    )


def test_a_dot_that_hangs_takes_the_whole_time_and_ours_follows(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dot(bare, HANGS, monkeypatch)
    monkeypatch.setattr(layout, "_has_wheel", lambda: True)
    placed = place(lecture(), seconds=0.5)
    assert placed.by == "graphgrad"
    assert placed.note == "`dot` took more than 0.5 s; graphgrad's own layout was used"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("exit 1", "`dot` failed with code 1"),
        ("echo '<svg/>'", "`dot` gave something that is no layout"),
        ("printf '\\377\\376'", "`dot` gave something that is no layout"),
        ("echo Format: json0 not recognized >&2; exit 1", "`dot` is too old to write json0"),
    ],
)
def test_a_dot_that_fails_is_named_and_ours_follows(
    body: str, reason: str, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dot(bare, body, monkeypatch)
    placed = place(lecture())
    assert placed.by == "graphgrad" and placed.note.startswith(reason)
    assert placed.note.endswith("; graphgrad's own layout was used") and "\n" not in placed.note


def test_without_a_second_python_ours_is_used(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_dot(bare, "exit 0", monkeypatch)
    monkeypatch.setattr(sys, "executable", "")
    assert "sys.executable is ''" in place(lecture()).note


def test_too_many_boxes_are_refused_with_the_options(bare: Path) -> None:
    assert place(many(1000)).by == "graphgrad"
    with pytest.raises(LayoutError) as caught:
        place(many(1001))
    message = str(caught.value)
    assert message.startswith("1,001 boxes are too many to place (there is no Graphviz here")
    assert "graphgrad's own layout takes 1,000" in message
    assert message.endswith("or fewer boxes with max_nodes=, depth= or around=; or as text.")
    with pytest.raises(LayoutError, match=r"^1,001 boxes are too many to place: graphgrad's own"):
        place(many(1001), engine="graphgrad")


@pytest.mark.parametrize("engine", ["dot", "pygraphviz"])
def test_a_demanded_engine_that_fails_is_an_error(
    engine: str, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise EngineError(f"`{engine}` is ill")

    monkeypatch.setattr(layout, "graphviz_layout", fails)
    with pytest.raises(LayoutError, match=rf"^`{engine}` is ill\. Install it: "):
        place(lecture(), engine=engine)
    monkeypatch.setattr(layout, "engines_here", lambda: [engine])
    with pytest.raises(LayoutError, match="Without engine= another layout takes its place"):
        place(lecture(), engine=engine)


@pytest.mark.parametrize(("version", "is_new"), [("2.0.4", True), ("1.14", False), ("x", False)])
def test_pygraphviz_before_2_has_no_graphviz_of_its_own(
    version: str, is_new: bool, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(bare))
    monkeypatch.setattr(metadata, "version", lambda name: version)
    assert engines_here() == (["pygraphviz"] if is_new else [])


def test_each_system_has_its_own_command(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = []
    for system in ("linux", "darwin", "win32"):
        monkeypatch.setattr(sys, "platform", system)
        commands.append(layout.install().split()[0])
    assert commands == ["sudo", "brew", "winget"]


def test_frames_are_placed_by_our_own_layout_first_up_to_a_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def graphviz(plan: Plan, name: str, *times: float) -> Placement:
        asked.append(name)
        return in_a_row(plan)

    monkeypatch.setattr(layout, "graphviz_layout", graphviz)
    monkeypatch.setattr(layout, "engines_here", lambda: ["dot"])
    framed = ladder(layout.FRAMED // 2, 10)
    assert framed.regions and place(framed).note == "" and not asked
    place(replace(framed, regions=(), spots=tuple(replace(s, region="") for s in framed.spots)))
    place(ladder(layout.FRAMED + 1, 10))
    place(framed, engine="dot")
    assert asked == ["dot"] * 3
    place(reused(layout.FAN - 1))
    place(reused(layout.FAN))
    assert asked == ["dot"] * 4


def test_an_engine_that_hung_is_not_asked_again(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dot(bare, HANGS, monkeypatch)
    assert "took more than 0.3 s" in place(lecture(), seconds=0.3).note
    monkeypatch.setattr(layout, "graphviz_layout", lambda *given: pytest.fail("asked again"))
    assert place(lecture()).note.startswith("`dot` has taken too long before; ")


def test_a_graph_that_nobody_could_see_is_refused_before_graphviz_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layout, "graphviz_layout", lambda *given: pytest.fail("asked"))
    with pytest.raises(LayoutError, match=r"^5,001 boxes are too many to place: "):
        place(many(layout.MOST + 1))
