"""`graphgrad explain` and `graphgrad check`."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from viz.questions import (
    add_check_arguments,
    add_explain_arguments,
    check_command,
    explain_command,
)

SHOP = "(사과*사과개수 + 귤*귤개수) * 소비세"
PRICES = ["사과=100", "사과개수=2", "귤=150", "귤개수=3", "소비세=1.1"]


def explained(*arguments: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    add_explain_arguments(parser)
    options, rest = parser.parse_known_args(arguments)
    options.assignments += rest
    return explain_command(options)


def checked(*arguments: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    add_check_arguments(parser)
    options, rest = parser.parse_known_args(arguments)
    options.assignments += rest
    return check_command(options)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(
        "import numpy as np\n"
        "from autograd import Tensor, ops\n"
        "W = Tensor(np.ones((2, 2)), True)\n"
        "x = Tensor(np.array([[1.0, 2.0]]), name='x')\n"
        "loss = (x @ W).sum()\n"
        "bad = ops.relu(-loss) * 2\n"
        "both = [loss, bad]\n",
        "utf-8",
    )
    return path


def test_the_lecture_s_price_is_explained() -> None:
    code, text = explained("사과", "--of", SHOP, *PRICES)
    assert code == 0
    assert text.splitlines()[0] == "∂result/∂사과 = 2.2"
    assert text.endswith("central difference: 2.2 ok")


def test_an_element_of_an_input_is_explained() -> None:
    code, text = explained("x[-1]", "--of", "sum(x**2)", "x=[1,2,3]")
    assert code == 0
    assert text.startswith("∂result/∂x[2] = 6\n")


def test_a_variable_of_a_script_is_explained_by_the_names_in_it(script: Path) -> None:
    code, text = explained("W[1, 0]", "--of", f"{script}:loss")
    assert code == 0
    assert text.startswith("∂loss/∂W[1, 0] = 2\n")


def test_a_kink_gives_exit_code_1() -> None:
    assert explained("x", "--of", "relu(x)", "x=0")[0] == 1


def test_a_sound_expression_gives_0_and_a_bad_one_1() -> None:
    assert checked(SHOP, *PRICES)[0] == 0
    code, text = checked("sqrt(x)", "x=0")
    assert code == 1
    assert "result = 'sqrt' → input 0 (x) is the first edge that is inf: upstream 1, input 0." in (
        " ".join(text.split())
    )


def test_a_script_is_checked_with_every_value_seen(script: Path) -> None:
    assert checked(f"{script}:loss")[0] == 0
    code, text = checked(f"{script}:bad")
    assert code == 1
    assert "gradient of W is exactly 0, since 'relu' (net.py:6)" in " ".join(text.split())


def test_each_of_several_results_is_checked(script: Path) -> None:
    code, text = checked(f"{script}:both")
    assert code == 1
    assert text.count("check of ") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("q", "--of", "x*x", "x=2"), "nothing here is called q"),
        (("x[3]", "--of", "x*x", "x=2"), r"it has no element \[3\]"),
        (("x", "--of", "x*x", "x=[1,2]"), r"Take its sum, as in sum\(\.\.\.\)\."),
        (("x", "--of", "split(x, 2)", "x=[1,2]"), "2 results"),
        (("x", "--of", "2+2"), "has no names"),
    ],
)
def test_wrong_usage_is_said_in_a_line(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        explained(*arguments)
    assert "\n" not in str(caught.value)


def test_a_script_takes_no_assignments(script: Path) -> None:
    with pytest.raises(ValueError, match="a script sets its variables itself"):
        checked(f"{script}:loss", "x=1")
