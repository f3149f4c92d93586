"""The command line: what it can call, several results, its advice, and where carets stand."""

from __future__ import annotations

import inspect
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from viz.cli import main
from viz.vocabulary import JOINS, functions

ROOT = Path(__file__).parents[2]


def drawn(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the command prints, lines wrapped by the terminal's width joined again."""
    assert main(["draw", *arguments]) == 0
    return " ".join(capsys.readouterr().out.split())


def failed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["draw", *arguments]) == 2
    return capsys.readouterr().err


def test_all_parts_of_a_split_are_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    output = drawn(capsys, "split(x,2)", "x=[1,2,3,4]")
    assert "split ←─ – = result 1, result 2" in output
    assert "result 1 [1 2] ─→" in output and "result 2 [3 4] ─→" in output


def test_the_values_and_the_positions_of_topk_are_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    output = drawn(capsys, "topk(x,1)", "x=[1,4,3]")
    assert "result 1 [4] ─→ ←─ [1]" in output and "result 2 [1] ─→ ←─ –" in output
    assert "∂result/∂x = [0 1 0]" in output


@pytest.mark.parametrize(
    ("expression", "gradient"),
    [
        ("sum(concatenate(x, y) ** 2)", "[2 4]"),
        ("sum(concatenate(x, y, axis=0) ** 2)", "[2 4]"),
        ("sum(stack(x, y, axis=1) ** 2)", "[2 4]"),
        ("sum(concatenate(split(x * y, 2)))", "[3 4]"),
    ],
)
def test_arrays_are_joined_one_by_one_or_as_the_results_of_an_operation(
    expression: str, gradient: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"∂result/∂x = {gradient}" in drawn(capsys, expression, "x=[1,2]", "y=[3,4]")


def test_no_function_is_offered_that_needs_a_text_or_a_list() -> None:
    for name, function in functions().items():
        call = inspect.signature(getattr(function, "forward", function))
        needed = [p for p in call.parameters.values() if p.default is p.empty]
        types = {str(p.annotation) for p in needed}
        assert not types & {"str", "Sequence[Any]"} and "dtype" not in call.parameters, name
    assert set(JOINS) <= functions().keys()


def test_einsum_is_unknown_and_marked(capsys: pytest.CaptureFixture[str]) -> None:
    fault, shown, carets = failed(capsys, "2 * einsum(x)", "x=1").rstrip("\n").split("\n")
    assert "einsum is not a function known here" in fault
    assert carets.index("^") == shown.index("einsum") and carets.count("^") == len("einsum")


@pytest.mark.parametrize(
    ("expression", "advice"),
    [
        ("x * x", "the output is (4,). Take its sum, as in sum(...)."),
        (
            "split(x, 2)",
            "the output is (2,). Join the results and take the sum, as in sum(concatenate(...)).",
        ),
    ],
)
def test_the_advice_is_what_the_command_can_do(
    expression: str, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = drawn(capsys, expression, "x=[1,2,3,4]")
    assert f"Gradients (–) need a single number, and {advice}" in output
    assert "gradient=" not in output and ".sum()" not in output


def test_a_long_expression_hides_its_middle_and_names_the_option_of_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    groups = "+".join(f"({'+'.join(['x*x'] * 20)})" for _ in range(10))
    output = drawn(capsys, groups, "x=1")
    assert "are hidden in the dashed box. --max-nodes 400 shows all." in output


def test_large_values_on_the_way_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = ",".join(["1"] * 100)
    output = drawn(capsys, "sum(x * 2)", f"x=[{numbers}]")
    assert "not kept" not in output and "v1 (100,) norm 20" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["x*x", "x=3", "y=4"],
            "y is given but does not appear in the expression, which uses x. Leave out y=….",
        ),
        (
            ["x*x", "x=3", "y=4", "배=5"],
            "y, 배 are given but do not appear in the expression, which uses x. "
            "Leave out y=…, 배=….",
        ),
    ],
)
def test_an_unused_assignment_is_named_and_left_out(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failed(capsys, *arguments) == f"graphgrad draw: {message}\n"


@pytest.mark.parametrize(
    ("arguments", "marked"),
    [
        (["사과 + 귤", "사과=1"], "\\uade4"),
        (["사과 * x[0]", "사과=1", "x=2"], "x[0]"),
        (["a·사과 + cosinus(사과)", "사과=1", "a=1"], "cosinus"),
    ],
)
def test_carets_stand_under_the_fault_where_hangul_is_spelled_in_ascii(
    arguments: list[str], marked: str
) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "viz.cli", "draw", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    _, shown, carets = done.stderr.decode("ascii").rstrip("\n").split("\n")
    assert done.returncode == 2
    assert shown[carets.index("^") : len(carets)] == marked


def test_messages_fit_the_stream_that_they_go_to(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), "ascii", write_through=True)
    monkeypatch.setattr(sys, "stderr", stream)
    assert main(["draw", "사과 + 귤", "사과=1"]) == 2
    _, shown, carets = stream.buffer.getvalue().decode("ascii").rstrip("\n").split("\n")
    assert shown[carets.index("^") : len(carets)] == "\\uade4"
    stream.close()
