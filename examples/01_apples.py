"""Two apples at 100 won with 10% tax: the smallest graph worth drawing.

    100 · 2 · 1.1 = 220

The gradient of the total with respect to the price of one apple is 2.2: one won more on the price
is 2.2 won more on the bill. Source: Saito, Deep Learning from Scratch (2016), §5.1.
"""

import viz
from autograd import Tensor

price = Tensor(100.0, requires_grad=True, name="사과 가격")
count = Tensor(2.0, requires_grad=True, name="사과 개수")
tax = Tensor(1.1, requires_grad=True, name="소비세")

total = price * count * tax
total.name = "최종 금액"
total.backward()

print(viz.draw(total).to_text())
print(f"price {price.grad:.4g}, count {count.grad:.4g}, tax {tax.grad:.4g}")
print(f"total {total:.4g}")
