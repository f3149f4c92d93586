"""Two apples and three tangerines with 10% tax, drawn as the textbook draws it.

    (100·2 + 150·3) · 1.1 = 715

Forward values stand above the wires, gradients below: 2.2 and 110 for the apples, 3.3 and 165 for
the tangerines, 650 for the tax. Writes out/apples_and_tangerines.svg. Source: Saito, Deep Learning
from Scratch (2016), §5.1.
"""

from pathlib import Path

import viz
from autograd import Tensor

OUT = Path("out")

apple = Tensor(100.0, requires_grad=True, name="사과 가격")
apples = Tensor(2.0, requires_grad=True, name="사과 개수")
tangerine = Tensor(150.0, requires_grad=True, name="귤 가격")
tangerines = Tensor(3.0, requires_grad=True, name="귤 개수")
tax = Tensor(1.1, requires_grad=True, name="소비세")

total = (apple * apples + tangerine * tangerines) * tax
total.name = "최종 금액"
total.backward()

drawing = viz.draw(total)
OUT.mkdir(exist_ok=True)
print(drawing.to_text())
for x in (apple, apples, tangerine, tangerines, tax):
    print(f"d total / d {x.name} = {x.grad:.4g}")
print(f"drawn to {drawing.save(OUT / 'apples_and_tangerines.svg')}")
print(f"total {total:.4g}")
