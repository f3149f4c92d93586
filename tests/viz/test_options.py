"""The options of the command line, and what they mean for a drawing."""

from __future__ import annotations

import pytest

from viz.options import options_of, selection_of, spelled_as_options, style_of
from viz.style import Style
from viz.view import Selection


def test_without_options_a_drawing_is_that_of_draw() -> None:
    options = options_of(["draw", "x", "x=1"])
    assert options is not None
    assert style_of(options) == Style() and selection_of(options) == Selection()
    assert options.what == "x" and options.assignments == ["x=1"]


def test_each_option_has_its_argument() -> None:
    options = options_of(
        "draw x --mode forward --theme dark --direction TB --grads none --no-values --precision 7 "
        "--depth 2 --roll --around h --hops 5 --max-nodes 40 x=1".split()
    )
    assert options is not None and options.around == "h" and options.assignments == ["x=1"]
    assert style_of(options) == Style("forward", False, False, 7, "TB", "dark")
    assert selection_of(options) == Selection(2, True, 5, 40)


@pytest.mark.parametrize(
    ("message", "spelled"),
    [
        ("folded (depth=2, roll=True).", "folded (--depth 2, --roll)."),
        ("or name one in around=.", "or name one in --around."),
        ("that max_nodes=300 shows", "that --max-nodes 300 shows"),
        ("x=2 stays", "x=2 stays"),
    ],
)
def test_messages_name_options_instead_of_arguments(message: str, spelled: str) -> None:
    assert spelled_as_options(message) == spelled


def test_options_are_not_shortened(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options_of(["draw", "x", "--no"])
    assert "--no is no option" in capsys.readouterr().err
