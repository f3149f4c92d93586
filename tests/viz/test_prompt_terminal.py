"""The real prompt on a real terminal: a pseudo-terminal, driven as a person does."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.viz.sessions import SESSION

pexpect = pytest.importorskip(
    "pexpect", reason="pexpect is not here, so no terminal can be played; pip install pexpect"
)

ROOT = Path(__file__).parents[2]

SHOP = """
from autograd import Tensor
from viz.stepping import step

apple = Tensor(100.0, requires_grad=True, name="사과 가격")
n_apple = Tensor(2.0, requires_grad=True, name="사과 개수")
tangerine = Tensor(150.0, requires_grad=True, name="귤 가격")
n_tangerine = Tensor(3.0, requires_grad=True, name="귤 개수")
tax = Tensor(1.1, requires_grad=True, name="소비세")
total = (apple*n_apple + tangerine*n_tangerine) * tax
total.name = "최종 금액"
step(total).interact()
print("left with", apple.grad)
"""

ESCAPES = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]|\x07|\r")


class Terminal:
    """A pseudo-terminal on which the shop runs."""

    def __init__(self, script: Path, **environment: str) -> None:
        known = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "TERM": "dumb"}
        known.pop("NO_COLOR", None)
        self.child: Any = pexpect.spawn(
            sys.executable,
            [str(script)],
            env={**known, **environment},
            encoding="utf-8",
            dimensions=(50, 200),
            timeout=60,
            # A run in the background ignores Ctrl-C, and its children inherit that.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        self.child.expect_exact("(bdb) ")
        self.first = self.seen()

    def seen(self) -> str:
        """What the terminal showed before the prompt, without the echo and the escapes."""
        return ESCAPES.sub("", str(self.child.before))

    def type(self, line: str) -> str:
        """What is printed after a line is typed."""
        self.child.sendline(line)
        self.child.expect_exact("(bdb) ")
        return self.seen().partition("\n")[2].rstrip("\n")

    def leave(self, keys: str) -> str:
        """What is printed after the keys that leave, until the program ends."""
        self.child.send(keys)
        self.child.expect(pexpect.EOF)
        return self.seen()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    script = tmp_path / "shop.py"
    script.write_text(SHOP, "utf-8")
    terminal = Terminal(script)
    yield terminal
    terminal.child.close(force=True)


def test_the_session_of_the_documents_is_shown_line_by_line(terminal: Terminal) -> None:
    shown = [*terminal.first.strip("\n").split("\n")]
    for line in SESSION.splitlines():
        if line.startswith("(bdb) "):
            shown += [line, *terminal.type(line.removeprefix("(bdb) ")).split("\n")]
    assert shown == SESSION.splitlines()


def test_enter_repeats_and_ctrl_d_leaves(terminal: Terminal) -> None:
    terminal.type("s")
    assert terminal.type("").startswith("[2/8]")
    assert terminal.type("").startswith("[3/8]")
    assert "left with None" in terminal.leave("\x04")


def test_ctrl_c_returns_to_the_prompt(terminal: Terminal) -> None:
    terminal.child.send("half a li")
    terminal.child.expect_exact("half a li")
    terminal.child.sendintr()
    terminal.child.expect_exact("interrupted; q leaves")
    terminal.child.expect_exact("(bdb) ")
    terminal.child.sendline("""exec("print('run' + 'ning')\\nwhile True: pass")""")
    terminal.child.expect_exact("running")
    terminal.child.sendintr()
    terminal.child.expect_exact("interrupted; q leaves")
    terminal.child.expect_exact("(bdb) ")
    assert terminal.type("s").startswith("[1/8]")
    assert "left with None" in terminal.leave("q\n")


def test_tab_completes_names_with_spaces_and_arrow_up_brings_lines_back(
    terminal: Terminal,
) -> None:
    pytest.importorskip("readline", reason="this Python has no readline")
    assert terminal.type("unt 사과 가\t").startswith("[7/8]")
    assert terminal.type("goto 2").startswith("[2/8]")
    assert terminal.type("\x1b[A\x1b[A").startswith("[7/8]")


def test_a_terminal_gets_colours_unless_no_color_is_set(tmp_path: Path) -> None:
    script = tmp_path / "shop.py"
    script.write_text(SHOP, "utf-8")
    coloured = Terminal(script, TERM="xterm")
    plain = Terminal(script, TERM="xterm", NO_COLOR="1")
    assert "\x1b[35m1\x1b[0m" in str(coloured.child.before)
    assert "\x1b[35m" not in str(plain.child.before)
    for terminal in (coloured, plain):
        terminal.leave("q\n")
        terminal.child.close(force=True)
