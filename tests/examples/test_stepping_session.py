"""The sessions at the prompt that the example and the documents show, line by line."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.examples.running import run
from tests.viz.sessions import SESSION as BEGINNING

ROOT = Path(__file__).parent.parent.parent

SESSION = (
    BEGINNING
    + """\
(bdb) bn
[6/8] ×  → input 1 (귤 개수)  1.1 × 150 = 165   ∂z/∂y = x = 귤 가격        귤 개수.grad: – → 165
(bdb) w
operation  × mul: 귤 가격, 귤 개수 → 450
module     outside of all
line       09_stepping.py:42  total = (apple * apples + tangerine * tangerines) * tax
waits      200 (1.1)
(bdb) b op:+
breakpoint 1 at op:+
(bdb) rc
[3/8] +  → input 0 (200)      1.1 × 1 = 1.1     ∂z/∂x = 1
(bdb) p 소비세
소비세 = 1.1     소비세.grad: 650
(bdb) goto 4
[4/8] +  → input 1 (450)      1.1 × 1 = 1.1     ∂z/∂y = 1
(bdb) draw out/apple_step.svg
out/apple_step.svg
(bdb) html out/apple_steps.html
out/apple_steps.html
(bdb) c
[8/8] ×  → input 1 (사과 개수)  1.1 × 100 = 110   ∂z/∂y = x = 사과 가격      사과 개수.grad: – → 110
(bdb) \n\
stepping left .grad alone: None
∂total/∂apple 2.2
"""
)


def test_the_example_shows_the_recorded_session(tmp_path: Path) -> None:
    shown = run(ROOT / "examples" / "09_stepping.py", tmp_path)
    assert shown.replace(os.sep, "/").splitlines() == SESSION.splitlines()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "apple_step.svg", "apple_steps.html",
    }  # fmt: skip


def test_the_page_on_stepping_shows_what_its_code_gives(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "stepping.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    session, report = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    script = tmp_path / "shop.py"
    script.write_text("\n".join(blocks), "utf-8")
    commands = [line.removeprefix("(bdb) ") for line in session.splitlines() if "(bdb) " in line]
    shown = run(script, tmp_path, "".join(f"{command}\n" for command in commands))
    assert shown.startswith(session)
    rest = shown.removeprefix(session)
    assert rest.startswith("[5/8] ×  → input 0 (귤 가격)") and "(bdb)" not in rest
    assert {path.name for path in tmp_path.iterdir()} == {"shop.py", "stepping.svg", "apple.html"}
    example = run(ROOT / "examples" / "11_vanishing_gradients.py", tmp_path, "")
    assert columns(example).startswith(columns(report))


def columns(report: str) -> str:
    """A report without its last digits, which differ between machines' matrix products."""
    return re.sub(r"\d+(\.\d+)?(e-\d+)?", "#", re.sub(r" +", " ", report))
