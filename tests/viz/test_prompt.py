"""The (bdb) prompt, with commands piped into it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from autograd import Tensor, scope
from tests.viz.graphs import leaf, lecture, square_plus_self
from viz.prompt import Prompt, user_frame
from viz.stepping import Stepper, step

ROOT = Path(__file__).parents[2]


def told(stepper: Stepper, *commands: str, encoding: str = "utf-8") -> list[list[str]]:
    """What each command prints, line by line."""
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    typed = io.StringIO("".join(f"{command}\n" for command in commands))
    Prompt(stepper, user_frame(sys._getframe(1)), stdin=typed, stdout=out).run()
    out.flush()
    text = out.buffer.getvalue().decode(encoding)
    answers = text.split("(bdb) ")[1:-1]
    assert [answer.split("\n")[0] for answer in answers] == list(commands)
    return [answer.split("\n")[1:-1] for answer in answers]


def heads(stepper: Stepper, *commands: str) -> list[str]:
    """The number that the last line of each answer begins with."""
    return [answer[-1].partition(" ")[0] for answer in told(stepper, *commands)]


def test_the_moves_go_forwards_and_back() -> None:
    commands = ["s", "s 2", "", "n", "bs", "bn", "back 2", "step", "next", "goto 8", "jump 1"]
    places = [1, 3, 5, 6, 5, 4, 0, 1, 2, 8, 1]
    assert heads(step(lecture()), *commands) == [f"[{n}/8]" for n in places]


def test_until_takes_names_operations_and_python() -> None:
    y = lecture()
    tax = leaf(2.0)
    z = y * tax
    assert heads(step(z), "unt 귤 개수", "until tax", "bs 9", "unt tax", "bs 9", "unt +") == [
        "[8/10]", "***", "[0/10]", "[2/10]", "[0/10]", "[5/10]",
    ]  # fmt: skip


def test_r_leaves_the_module_and_the_ends_are_said() -> None:
    x = leaf(2.0, "x")
    with scope("inner"):
        h = (x * x).exp()
    answers = told(step(h * 2.0), "s", "s", "r", "s", "bs 20", "rc")
    assert answers[2][-1].startswith("[4/4]")
    assert answers[3][0] == "the end: nothing is ahead"
    assert answers[5][0] == "the beginning: nothing is behind"


def test_breakpoints_stop_in_both_directions_and_can_be_cleared() -> None:
    commands = ["b 소비세", "b op:+", "tbreak |g|>160", "b", "c", "c", "c", "rc", "cl 2", "cl", "c"]
    answers = told(step(lecture()), *commands)
    assert answers[0] == ["breakpoint 1 at 소비세"]
    assert answers[3] == [
        "breakpoint 1 at 소비세", "breakpoint 2 at op:+", "breakpoint 3 at |g|>160",
    ]  # fmt: skip
    assert [a[-1][:5] for a in answers[4:8]] == ["[2/8]", "[3/8]", "[8/8]", "[3/8]"]
    assert answers[8:10] == [["breakpoint 2 is gone"], ["all breakpoints are gone"]]
    assert answers[10][-1].startswith("[8/8]")


def test_conditions_are_python_about_the_gradient() -> None:
    bound = 100
    commands = [
        "b |g|>0, g > bound and total > bound",
        "c",
        "c",
        "condition 1 g < 2",
        "goto 2",
        "c",
        "b",
    ]
    answers = told(step(lecture()), *commands)
    assert bound == 100
    assert [answers[i][-1][:5] for i in (1, 2, 5)] == ["[2/8]", "[6/8]", "[3/8]"]
    assert answers[3] == ["breakpoint 1 at |g|>0 if g < 2, hit 2 times"]
    assert answers[6] == ["breakpoint 1 at |g|>0 if g < 2, hit 3 times"]


def test_a_condition_that_fails_stops_there_and_says_so() -> None:
    answers = told(step(lecture()), "b 소비세, absent > 1", "goto 8", "rc")
    assert answers[2][0] == "*** NameError: name 'absent' is not defined"
    assert answers[2][1].startswith("[2/8]")


def test_values_and_gradients_are_shown_as_they_are_now() -> None:
    y = square_plus_self()
    commands = ["p x", "s 2", "p x", "c", "p x", "whatis x", "pp x", "p 1 + 1", "whatis 1", "p"]
    answers = told(step(y), *commands)
    assert answers[0] == ["x = 3     x.grad: –"]
    assert answers[2] == ["x = 3     x.grad: 1 so far"]
    assert answers[4] == ["x = 3     x.grad: 7"]
    assert answers[5][0].startswith("x: leaf, () float32, graphs.py:")
    assert answers[6] == ["x =", "3.0", "x.grad =", "7.0"]
    assert answers[7:9] == [["2"], ["<class 'int'>"]]
    assert answers[9][0].startswith("*** which value?")


def test_display_and_watch_follow_a_value() -> None:
    commands = ["display x", "s", "undisplay x", "s", "watch x", "c", "display"]
    answers = told(step(square_plus_self()), *commands)
    assert answers[0] == ["display x: x = 3     x.grad: –"]
    assert answers[1][1:] == ["display x: x = 3     x.grad: –"]
    assert len(answers[3]) == 1
    assert answers[4] == ["breakpoint 1 at watch x"]
    assert answers[5][0].startswith("[3/4]") and answers[5][1].endswith("x.grad: 4 so far")
    assert answers[6] == ["display x: x = 3     x.grad: 4 so far"]


def test_looking_around_lists_explains_and_draws() -> None:
    answers = told(
        step(lecture()), "s", "w", "l", "", "l 7", "explain 소비세", "draw", "h", "h unt"
    )
    assert answers[1][0].startswith("operation  × mul: 650, 소비세 → 최종 금액")
    assert [line[:8] for line in answers[2][:3]] == ["   [0/8]", "-> [1/8]", "   [2/8]"]
    assert answers[3][0].startswith("   [7/8]")
    assert answers[4][-1].startswith("   [8/8]")
    assert answers[5][0] == "∂최종 금액/∂소비세 = 650"
    assert len(answers[6]) == 9
    assert answers[7][0].startswith("s [k]  one edge")
    assert answers[8][0].startswith("unt, until X:")


def test_a_page_and_a_picture_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answers = told(step(lecture()), "html", "html b.html", "draw c.svg", "html d.txt")
    assert answers[:3] == [["step.html"], ["b.html"], ["c.svg"]]
    assert answers[3][0].startswith("*** d.txt does not end in .html")
    assert {path.name for path in tmp_path.iterdir()} == {"step.html", "b.html", "c.svg"}


def test_other_lines_are_python_in_the_users_frame() -> None:
    x = leaf(2.0, "x")
    commands = ["x.name", "n = 3", "!n = 4", "p n", "[x.name for _ in range(2)]", "None", "s.name"]
    answers = told(step(x * 3.0), *commands)
    assert answers[0] == ["'x'"]
    assert answers[1] == ["*** n takes a number of steps, not '= 3'. ! runs it as Python."]
    assert answers[2:6] == [[], ["4"], ["['x', 'x']"], []]
    assert answers[6] == ["*** NameError: name 's' is not defined"]


def test_the_frame_keeps_nothing_alive_that_the_prompt_looked_at() -> None:
    y = leaf(2.0, "x") * 3.0
    node = weakref.ref(y.node)
    typed, out = io.StringIO("p y\n# a comment\n"), io.StringIO()
    Prompt(step(y), sys._getframe(), stdin=typed, stdout=out).run()
    assert "(bdb) p y\ny = 6     y.grad: 1\n(bdb) # a comment\n(bdb) \n" in out.getvalue()
    del y
    assert node() is None


def test_errors_are_one_line_and_the_session_goes_on() -> None:
    commands = ["1 / 0", "(", "raise ValueError('a' + chr(10) + 'b')", "goto 99", "goto x", "cl 9",
                "b pear", "unt", "unt pear", "r 2", "s 0", "h pear", "condition x", "b x, (", "s",
                ]  # fmt: skip
    answers = told(step(lecture()), *commands)
    assert all(len(a) == 1 and a[0].startswith("*** ") for a in answers[:-1])
    assert answers[0] == ["*** ZeroDivisionError: division by zero"]
    assert answers[2] == ["*** ValueError: a b"]
    assert answers[-1][0].startswith("[1/8]")


@pytest.mark.parametrize("word", ["q", "quit", "exit", "exit()", "raise SystemExit"])
def test_there_are_many_ways_to_leave(word: str) -> None:
    typed, out = io.StringIO(f"{word}\ns\n"), io.StringIO()
    Prompt(step(lecture()), sys._getframe(), stdin=typed, stdout=out).run()
    assert "[1/8]" not in out.getvalue()


def test_where_a_terminal_has_only_ascii_all_is_spelled_in_it() -> None:
    answers = told(step(square_plus_self()), "s", "explain", "draw", "explain x", encoding="ascii")
    assert answers[0] == ["[1/4] +  -> input 0 (9)        1 * 1 = 1         dz/dx = 1"]
    assert answers[3][-5].split("     ")[0].strip() == "y -+ 1-> 9 -* 3-> x"
    assert answers[3][-5].endswith("1 * 3 = 3")


def test_completion_knows_commands_names_with_spaces_and_python() -> None:
    some_variable = 1
    prompt = Prompt(step(lecture()), sys._getframe(), stdin=io.StringIO(), stdout=io.StringIO())
    assert some_variable == 1
    assert "unt" in prompt.completenames("un") and "some_variable" in prompt.completenames("some_")
    assert prompt.completedefault("lea", "p lea", 2, 5) == ["leaf"]
    assert prompt.completenames("some_variable.rea") == ["some_variable.real"]
    assert prompt.completenames("nothing.here") == []
    assert prompt.completedefault("사과", "unt 사과", 4, 6) == ["사과 가격", "사과 개수"]
    assert prompt.completedefault("가", "unt 사과 가", 7, 8) == ["가격"]


def test_variables_of_a_module_can_be_changed_by_a_script_on_standard_input(tmp_path: Path) -> None:
    script = tmp_path / "shop.py"
    script.write_text(
        "from autograd import Tensor\nfrom viz.stepping import step\n"
        "x = Tensor(2.0, requires_grad=True)\nn = 1\nstep(x * 3.0).interact()\n"
        "print('n', n, x.grad)\n",
        "utf-8",
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        input="s\n!n = 7\n",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        "[0/1] seed   ∂output/∂output = 1",
        "(bdb) s",
        "[1/1] ×  → input 0 (x)        1 × 3 = 3         ∂z/∂x = y = 3              x.grad: – → 3",
        "(bdb) !n = 7",
        "(bdb) ",
        "n 7 None",
    ]


def test_ipython_runs_the_prompt_with_the_variables_of_its_session() -> None:
    pytest.importorskip("IPython", reason="IPython is not here; pip install ipython")
    code = (
        "from autograd import Tensor\nfrom viz.stepping import step\n"
        "x = Tensor(2.0, requires_grad=True)\ny = x * 3.0\nstep(y).interact()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--quick", "--colors=NoColor", "-c", code],
        input="unt x\np y\n",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert "(bdb) p y\ny = 6     y.grad: 1\n" in ran.stdout, ran.stderr
    assert Tensor is not None


@pytest.mark.parametrize("name", ["x, y", "W[1, 2]"])
def test_a_name_may_look_like_a_condition_or_an_element(name: str) -> None:
    y = leaf(2.0, name) * 3.0
    said = told(step(y), f"b {name}", f"explain {name}")
    assert said[0] == [f"breakpoint 1 at {name}"]
    assert said[1][0] == f"∂y/∂{name} = 3"


def test_j_is_jump_as_in_pdb() -> None:
    assert heads(step(lecture()), "j 3", "jump 1") == heads(step(lecture()), "goto 3", "goto 1")
