"""Backprop edge by edge: a session at the (bdb) prompt, forwards and back in time.

    (100·2 + 150·3) · 1.1 = 715

The commands are piped in, as `python shop.py < commands` does; typed at a terminal they do the
same. The gradient of the apples' price is 1 · 1.1 · 1 · 2 = 2.2 along its one path. Writes
out/apple_step.svg, the graph in the middle of the pass, and out/apple_steps.html, which steps in a
browser.
"""

import io
from pathlib import Path

import viz
from autograd import Tensor
from viz.prompt import Prompt

OUT = Path("out")
OUT.mkdir(exist_ok=True)

COMMANDS = """\
s
unt 사과 가격
explain
bn
w
b op:+
rc
p 소비세
goto 4
draw out/apple_step.svg
html out/apple_steps.html
c
"""

apple = Tensor(100.0, requires_grad=True, name="사과 가격")
apples = Tensor(2.0, requires_grad=True, name="사과 개수")
tangerine = Tensor(150.0, requires_grad=True, name="귤 가격")
tangerines = Tensor(3.0, requires_grad=True, name="귤 개수")
tax = Tensor(1.1, requires_grad=True, name="소비세")

total = (apple * apples + tangerine * tangerines) * tax
total.name = "최종 금액"

# At a terminal this is viz.step(total).interact().
Prompt(viz.step(total), stdin=io.StringIO(COMMANDS)).run()

stepper = viz.step(total)
stepper.until(apple)
numbers = stepper.numbers()
print(f"stepping left .grad alone: {apple.grad}")
print(f"∂total/∂apple {numbers.after:.4g}")
