"""What one node does to the gradient that reaches it: add passes it on, multiply swaps, a branch
sums.

The upstream gradient is the lecture's 1.3. Add gives 1.3 and 1.3; multiply 10 × 5 gives 6.5 and 13;
a value that is used twice gets the sum of both, 2.6. Source: Saito, Deep Learning from Scratch
(2016), §5.3.
"""

import autograd
from autograd import Tensor

UPSTREAM = 1.3


def gradients(make: object, *values: float) -> list[float]:
    """The gradients that a node passes back when 1.3 reaches it."""
    inputs = [Tensor(v, requires_grad=True) for v in values]
    output = make(*inputs)
    return [g.item() for g in autograd.grad(output, inputs, Tensor(UPSTREAM))]


add = gradients(lambda x, y: x + y, 10.0, 5.0)
multiply = gradients(lambda x, y: x * y, 10.0, 5.0)
branch = gradients(lambda x: x + x, 10.0)

print("add      10 + 5 :", *(f"{g:.4g}" for g in add))
print("multiply 10 × 5 :", *(f"{g:.4g}" for g in multiply))
print("branch   x + x  :", *(f"{g:.4g}" for g in branch))
print(f"multiply {multiply[0]:.4g} {multiply[1]:.4g}")
