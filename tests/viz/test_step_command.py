"""`graphgrad step`."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

import pytest

from viz.step_command import add_step_arguments, step_command

LECTURE = [
    "(사과*개수 + 귤*귤개수) * 소비세",
    "사과=100",
    "개수=2",
    "귤=150",
    "귤개수=3",
    "소비세=1.1",
]


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_step_arguments(parser)
    return step_command(parser.parse_args(arguments))


def test_an_expression_opens_the_prompt_with_its_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys, "stdin", io.StringIO("unt 소비세\n사과.item() + 1\nwhatis 소비세\nw\n")
    )
    assert run(*LECTURE) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "[0/8] seed   ∂result/∂result = 1"
    assert shown[2].startswith("[2/8] ×  → input 1 (소비세)   1 × 650 = 650")
    assert shown[4] == "101.0"
    assert shown[6] == "소비세: leaf, () float64"
    assert shown[10] == "line       ?"


def test_forward_operations_can_come_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("q\n"))
    assert run(*LECTURE, "--forward") == 0
    assert capsys.readouterr().out.startswith("[0/12] ×  forward")


def test_a_variable_of_a_script_is_stepped_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "shop.py"
    script.write_text(
        "from autograd import Tensor\nx = Tensor(2.0, requires_grad=True)\nloss = x * 3.0\n"
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO("s\nw\n"))
    assert run(f"{script}:loss") == 0
    shown = capsys.readouterr().out
    assert "[0/1] seed   ∂loss/∂loss = 1" in shown and "shop.py:3  loss = x * 3.0" in shown


def test_with_an_output_the_page_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "apple.html"
    assert run(*LECTURE, "-o", str(path)) == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert "소비세" in path.read_text("utf-8")


def test_results_that_are_no_single_number_are_refused_with_the_remedy() -> None:
    with pytest.raises(ValueError, match="Take its sum"):
        run("x * 2", "x=[1,2]")
    with pytest.raises(ValueError, match="2 results; step through one"):
        run("split(x, 2)", "x=[1,2]")
