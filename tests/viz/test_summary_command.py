"""`graphgrad summary` and `graphgrad network`."""

from __future__ import annotations

from pathlib import Path

import pytest

from viz.cli import main

MODEL = """import nn
print("building")
class 신경망(nn.Module):
    def __init__(self):
        self.층 = nn.Linear(2, 3)
        self.embedding = nn.Embedding(5, 2)
    def forward(self, x, i=None):
        return self.층(x) if i is None else self.층(x) + self.층(self.embedding(i))
model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
other = 신경망()
number = 3
"""


@pytest.fixture
def script(tmp_path: Path) -> str:
    """A script that builds two models."""
    path = tmp_path / "model.py"
    path.write_text(MODEL, "utf-8")
    return str(path)


def test_a_summary_is_printed_and_nothing_else(
    script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["summary", f"{script}:model", "--input", "32,2"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("module ") and "(32, 1)" in out and err == "building\n"
    assert "288 multiply-adds" in out  # 32 · (2·3 + 3·1)


def test_inputs_may_be_several_and_of_integers(
    script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--input", "4,2", "--input", "4:int64"]
    assert main(["summary", f"{script}:other", *given]) == 0
    out = capsys.readouterr().out
    assert "(4, 3) ×2" in out and "an input of (4, 2), (4,)" in out


def test_depth_folds_and_without_input_nothing_runs(
    script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["summary", f"{script}:model", "--depth", "0"]) == 0
    out = capsys.readouterr().out
    assert "Tanh" not in out and "multiply-adds" not in out and "13 parameters" in out


def test_a_network_is_saved_or_printed(
    script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.svg"
    options = ["--theme", "dark", "--max-units", "4", "--x", "-1,2"]
    assert main(["network", f"{script}:model", "-o", str(path), *options]) == 0
    assert capsys.readouterr().out == f"{path}\n" and "#0d1117" in path.read_text("utf-8")
    assert main(["network", f"{script}:model", "--x", "-1,2"]) == 0
    assert "h₁ = tanh(" in (out := capsys.readouterr().out) and "x₁ = −1  x₂ = 2" in out
    assert main(["network", f"{script}:model", "-o", "-"]) == 0
    assert capsys.readouterr().out.startswith("graph network")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["summary", "{}"], "which model?"),
        (["summary", "{}:none"], "has no variable none. Its models: model, other."),
        (["summary", "{}:number"], "number of {} is int; a model is needed"),
        (["summary", "gone.py:model"], "there is no script gone.py"),
        (["summary", "x*y"], "is no script with a model"),
        (["summary", "{}:model", "--input", "3,5"], "summary() ran 0 on (3, 5)"),
        (["summary", "{}:model", "--depth", "-1"], "depth is -1"),
        (["network", "{}:number"], "number of {} is int; a model is needed"),
        (["network", "{}:model", "-o", "net.gif"], "a network is saved as .svg"),
        (["network", "{}:model", "--x", "1,2,3,4"], "the first layer takes 2"),
        (["network", "{}:model", "--max-units", "1"], "--max-units is 1"),
    ],
)
def test_wrong_usage_is_told_in_a_line(
    arguments: list[str], told: str, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([argument.format(script) for argument in arguments]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"graphgrad {arguments[0]}: ") and told.format(script) in last


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["summary", "m.py", "--input", "a,b"], "'a,b' is no shape, such as 32,784"),
        (["summary", "m.py", "--input", "3:text"], "'3:text' is no shape"),
        (["network", "m.py", "--x", "a"], "'a' are no numbers, such as 0,1"),
        (["summary", "m.py", "x=2"], "graphgrad summary takes one model, and no x=2"),
        (["network", "m.py", "--colour", "red"], "--colour is no option"),
    ],
)
def test_what_the_options_cannot_be_is_told(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2 and told in capsys.readouterr().err


def test_the_only_model_of_a_script_needs_no_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "one.py"
    path.write_text("import nn\nnet = nn.Linear(2, 3)\n", "utf-8")
    assert main(["summary", str(path)]) == 0
    assert "9 parameters" in capsys.readouterr().out
    path.write_text("x = 3\n", "utf-8")
    assert main(["summary", str(path)]) == 2
    assert "It builds no model at its top level." in capsys.readouterr().err


def test_a_script_that_fails_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.py"
    path.write_text("import nn\nnn.Linear(2)\n", "utf-8")
    assert main(["summary", f"{path}:model"]) == 1
    assert "TypeError" in capsys.readouterr().err
