"""The command line."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.viz.graphs import GRADIENTS
from viz.cli import main

ROOT = Path(__file__).parents[2]
LECTURE = [
    "(사과*개수 + 귤*귤개수) * 소비세",
    "사과=100",
    "개수=2",
    "귤=150",
    "귤개수=3",
    "소비세=1.1",
]


def test_the_lectures_expression_is_drawn_with_its_gradients(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["draw", *LECTURE]) == 0
    drawing, _, gradients = capsys.readouterr().out.partition("\n\n")
    assert [line.split("←─ ")[1].split()[0] for line in drawing.splitlines()] == GRADIENTS
    assert gradients.splitlines() == [
        "∂result/∂사과 = 2.2",
        "∂result/∂개수 = 110",
        "∂result/∂귤 = 3.3",
        "∂result/∂귤개수 = 165",
        "∂result/∂소비세 = 650",
    ]


def test_a_file_is_written_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.dot"
    assert main(["draw", *LECTURE, "-o", str(path), "--theme", "dark", "--mode", "forward"]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    source = path.read_text("utf-8")
    assert "#0d1117" in source and "#ff7b9c" not in source


def test_a_dash_prints_the_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "x*y", "x=1", "-o", "-", "y=2"]) == 0
    assert capsys.readouterr().out.startswith("digraph")


def test_the_source_is_utf_8_in_every_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for encoding in ("ascii", "latin-1"):
        terminal = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", terminal)
        assert main(["draw", "사과 * é", "사과=1", "é=2", "-o", "-"]) == 0
        source = terminal.buffer.getvalue().decode("utf-8")
        assert "사과" in source and "é" in source


def test_forward_mode_prints_no_gradients(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "x*y", "x=1", "y=2", "--mode", "forward"]) == 0
    assert "∂" not in capsys.readouterr().out


def test_functions_and_lists_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "sum(sigmoid(x @ w))", "x=[0,0]", "w=[[1,2],[3,4]]"]) == 0
    assert "∂result/∂x = [0.75 1.75]" in capsys.readouterr().out


def test_an_expression_may_begin_with_minus(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "-x*2", "x=3"]) == 0
    assert "∂result/∂x = -2" in capsys.readouterr().out


def test_numbers_are_kept_as_typed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "x - y", "x=16777217", "y=16777216"]) == 0
    assert "result       1 ─→" in capsys.readouterr().out


def test_what_has_no_gradient_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "floor(x)", "x=1.5"]) == 0
    output = capsys.readouterr().out
    assert "No gradients (–): floor has none." in output and "∂result/∂x = –" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x +", "x=1"], "The end comes too early"),
        (["x * y", "x=1"], "y has no value"),
        (["x", "x=1", "z=2"], "z is given but does not appear"),
        (["x", "x=1", "-o", "a.gif"], "a drawing is saved as .svg, .png, .pdf, .html, .dot"),
        (["x", "x=1", "--precision", "99"], "precision is 99; it must be"),
        (["x", "x=1", "--max-nodes", "0"], "at least 1 is needed"),
        (["x", "x=1", "--hops", "-1"], "hops is -1; at least 0 is needed"),
        (["x*y", "x=1", "y=2", "--around", "z"], "around: 'z' is not in this graph"),
        (["no.py:loss"], "there is no script no.py."),
        (["x", "x=1", "-o", "nowhere/a.dot"], "there is no folder nowhere"),
        (["1 + 2"], "the expression has no names, and its value is 3"),
        (["x @ w", "x=[1,2,3]", "w=[1,2]"], "the inner sizes 3 and 2 differ"),
        (["__import__('os')", "x=1"], "not allowed"),
    ],
)
def test_faults_are_told_in_plain_words(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["draw", *arguments]) == 2
    output = capsys.readouterr()
    assert output.err.startswith("graphgrad draw: ") and message in output.err
    assert not output.out and "Traceback" not in output.err


@pytest.mark.parametrize(
    "arguments", [["draw"], ["draw", "x", "x=1", "--mode", "up"], ["draw", "x", "--no"], ["stray"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2 and "usage: graphgrad" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [".svg", ".html", ".json", ".txt"])
def test_every_kind_of_file_is_written(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"a{ending}"
    assert main(["draw", "x*y", "x=2", "y=4", "-o", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}\n" and path.stat().st_size > 0


def test_options_choose_what_stands_on_the_wires(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--no-values", "--grads", "total", "--direction", "TB", "--precision", "2"]
    assert main(["draw", "x*x", "x=1.2345", *options]) == 0
    output = capsys.readouterr().out
    assert "1.2345" not in output and "∂result/∂x = 2.5" in output
    assert main(["draw", "x*x", "x=1.2345", "--grads", "none"]) == 0
    assert "←" not in capsys.readouterr().out


def test_only_what_is_near_a_name_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["draw", "exp(tanh(sin(x * y)))", "x=1", "y=2", "--around", "x", "--hops", "1"]
    assert main(arguments) == 0
    output = capsys.readouterr().out
    assert "×" in output and "tanh" not in output and "more" in output


def test_a_terminal_gets_colours_unless_it_wants_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viz.cli.wants_colour", lambda stream: True)
    assert main(["draw", "x*y", "x=1", "y=2"]) == 0
    assert "\x1b[" in capsys.readouterr().out
    monkeypatch.setattr("viz.cli.wants_colour", lambda stream: False)
    assert main(["draw", "x*y", "x=1", "y=2"]) == 0
    assert "\x1b[" not in capsys.readouterr().out


def test_the_doctor_says_what_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "own layout" in capsys.readouterr().out
    with pytest.raises(SystemExit) as caught:
        main(["doctor", "x"])
    assert caught.value.code == 2 and "takes no arguments" in capsys.readouterr().err


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "graphgrad draw" in capsys.readouterr().err


def test_a_terminal_without_unicode_gets_ascii() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "viz.cli", "draw", "사과*x", "사과=1", "x=2"]
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert b"dresult/dx = 1" in done.stdout and not done.stderr


def test_a_reader_that_stops_early_is_no_error() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "viz.cli", "draw", "x*x", "x=2"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait() == 0
    assert process.stderr is not None and process.stderr.read() == b""
    process.stderr.close()


def test_ctrl_c_ends_the_command_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("viz.cli.drawing_of", interrupt)
    assert main(["draw", "x*2", "x=1"]) == 130
    assert capsys.readouterr().err == "graphgrad draw: interrupted.\n"


def test_a_closed_standard_output_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["draw", "x*2", "x=1"]) == 0


SHOP = [
    "(사과*개수 + 귤*귤개수) * 소비세",
    *("사과=100", "개수=2", "귤=150", "귤개수=3", "소비세=1.1"),
]


def test_explain_says_why_a_gradient_has_its_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "사과", "--of", *SHOP]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("∂result/∂사과 = 2.2\n  1 path: ")
    assert "central difference: 2.2 ok" in printed


def test_check_ends_with_one_if_it_finds_something(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *SHOP]) == 0
    assert main(["check", "log(x * 0)", "x=1"]) == 1
    assert "is the first that is -inf" in capsys.readouterr().out


def test_step_reads_its_commands_from_the_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("s\nunt 사과\nq\n"))
    assert main(["step", *SHOP]) == 0
    printed = capsys.readouterr().out
    assert "[0/8] seed" in printed and "[7/8] ×  → input 0 (사과)" in printed


@pytest.mark.parametrize("command", ["step", "explain", "check"])
def test_an_unknown_option_of_a_question_is_named(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "x*2", "x=1", "--of", "x*2", "--fast"])
    assert caught.value.code == 2
    assert "is no option. See graphgrad" in capsys.readouterr().err
