"""Variables of a script, drawn by the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from viz.cli import main
from viz.script import ScriptError, ScriptFailed, is_script, run, variable_of

ROOT = Path(__file__).parents[2]
SHOP = """
import sys
from autograd import Tensor
from tax import TAX

print("in the shop", sys.argv, __name__)
apple = Tensor(100.0, requires_grad=True)
count = Tensor(2.0, requires_grad=True)
_hidden = apple * count
loss = _hidden * TAX
both = [apple * 2, loss]
price = 3.5
matrix = Tensor([[1.0, 2.0]] * 50, requires_grad=True)
vector = matrix * 2
total = (vector * vector).sum()
del vector
"""


@pytest.fixture
def shop(tmp_path: Path) -> str:
    """The path of a script that imports a file beside it."""
    (tmp_path / "shop.py").write_text(SHOP, "utf-8")
    (tmp_path / "tax.py").write_text("TAX = 1.1\n", "utf-8")
    sys.modules.pop("tax", None)
    return str(tmp_path / "shop.py")


def script(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "script.py"
    path.write_text(text, "utf-8")
    return path


def failed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["draw", *arguments]) == 2
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("shop.py:loss", True), ("C:\\work\\shop.py:loss", True), ("shop.py", True),
        ("가게.pyw:손실", True), ("x * y", False), ("x / py", False), ("happy", False),
    ],
)  # fmt: skip
def test_a_script_is_known_by_its_ending(text: str, is_one: bool) -> None:
    assert is_script(text) is is_one


def test_a_variable_is_drawn_with_the_names_of_the_others(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["draw", f"{shop}:loss"]) == 0
    output = capsys.readouterr()
    assert output.err == f"in the shop ['{shop}'] __main__\n"
    assert "apple 100 ─→ ┐ ←─ 2.2" in output.out and "= loss" in output.out
    assert "∂loss/∂apple = 2.2\n∂loss/∂count = 110\n" in output.out and "_hidden" not in output.out


def test_the_source_alone_goes_to_the_standard_output(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["draw", f"{shop}:loss", "-o", "-"]) == 0
    assert capsys.readouterr().out.startswith("digraph")


def test_a_list_of_tensors_is_drawn_as_several_outputs(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["draw", f"{shop}:both"]) == 0
    output = capsys.readouterr().out
    assert "both[0]" in output and "both[1]" in output and "∂Σ/∂count = 110" in output


def test_values_on_the_way_are_kept(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", f"{shop}:total"]) == 0
    assert "not kept" not in capsys.readouterr().out


def test_the_advice_is_what_a_script_can_do(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", f"{shop}:matrix"]) == 0
    assert "Draw a variable that holds its .sum()." in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        (":los", "has no variable los. Did you mean loss?"),
        (":zzz", "has no variable zzz. It has apple, count, loss, both, matrix, total."),
        (":price", "is float; a Tensor or a list of them can be drawn. It has apple, count"),
        ("", "which of its variables?"),
        (":loss[0]", "'loss[0]' is no variable"),
    ],
)
def test_what_is_no_tensor_of_the_script_is_told(
    rest: str, message: str, shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in failed([shop + rest], capsys)


def test_a_missing_script_is_told_with_one_of_a_like_name(
    shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = failed([f"{tmp_path / 'shp.py'}:loss"], capsys)
    assert message.endswith(f"Did you mean {shop}?")
    assert "There is no folder" in failed([f"{tmp_path / 'no' / 'shop.py'}:loss"], capsys)


def test_assignments_are_for_expressions(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "x=1 is for expressions" in failed([f"{shop}:loss", "x=1"], capsys)


def test_a_script_without_tensors_says_so(tmp_path: Path) -> None:
    path = script(tmp_path, "x = None\n")
    with pytest.raises(ScriptError, match=r"x of .* is None; .* no Tensors at its top level"):
        variable_of(f"{path}:x")


def test_many_tensors_are_counted(tmp_path: Path) -> None:
    path = script(tmp_path, "from autograd import Tensor\n" + "".join(
        f"x{i} = Tensor(1.0)\n" for i in range(20)
    ))  # fmt: skip
    with pytest.raises(ScriptError, match=r"x8, x9, … \(20 in all\)\."):
        variable_of(f"{path}:y")


def test_an_error_of_the_script_is_shown_with_its_own_frames_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = script(tmp_path, "def f():\n    return 1 / 0\n\n\nf()\n")
    assert main(["draw", f"{path}:x"]) == 1
    first, *lines = capsys.readouterr().err.splitlines()
    assert first == "Traceback (most recent call last):"
    assert [line for line in lines if "File" in line] == [
        f'  File "{path}", line 5, in <module>',
        f'  File "{path}", line 2, in f',
    ]
    assert lines[-1] == "ZeroDivisionError: division by zero"


def test_wrong_syntax_is_shown_where_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = script(tmp_path, "x = = 1\n")
    assert main(["draw", f"{path}:x"]) == 1
    error = capsys.readouterr().err
    assert f'File "{path}", line 1' in error and "Traceback" not in error


def test_a_script_may_end_by_itself_unless_it_failed(tmp_path: Path) -> None:
    assert run(script(tmp_path, "import sys\nx = 1\nsys.exit()\n"))["x"] == 1
    with pytest.raises(ScriptFailed, match=r"ended by itself: exit code 3\."):
        run(script(tmp_path, "raise SystemExit(3)\n"))
    with pytest.raises(ScriptFailed, match=r"ended by itself: no data\.$"):
        run(script(tmp_path, "raise SystemExit('no data.')\n"))


def test_nothing_of_the_script_stays_behind(tmp_path: Path) -> None:
    before = sys.argv, sys.path, sys.modules["__main__"], [*sys.argv], [*sys.path]
    path = script(tmp_path, "import sys\nsys.argv.append('x')\nsys.path.append('y')\n1 / 0\n")
    with pytest.raises(ScriptFailed):
        run(path)
    assert (sys.argv, sys.path, sys.modules["__main__"], [*sys.argv], [*sys.path]) == before


def test_the_program_draws_a_script_in_another_folder(tmp_path: Path, shop: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "viz.cli", "draw", f"{Path(shop).name}:loss", "-o", "a.json"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert done.stdout.split() == [b"a.json"] and (tmp_path / "a.json").exists()
