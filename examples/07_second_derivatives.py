"""Second derivatives: Newton's method, and a Hessian.

    f(x) = x⁴ − 2x²:   x ← x − f'(x) / f''(x)

From x = 2 Newton's method reaches the minimum at 1 in seven steps. The Hessian of Rosenbrock's
function at its minimum (1, 1) is [[802, −400], [−400, 200]].
"""

import autograd
from autograd import Tensor
from autograd.functional import hessian

x = Tensor(2.0, requires_grad=True, dtype="float64", name="x")
for step in range(1, 8):
    y = x**4 - 2 * x**2
    (first,) = autograd.grad(y, x, create_graph=True)
    (second,) = autograd.grad(first, x)
    print(f"step {step}: x {x:.6f}  f' {first:10.6f}  f'' {second:10.6f}")
    x = Tensor((x - first / second).detach(), requires_grad=True, name="x")


def rosenbrock(p: Tensor) -> Tensor:
    """(1 − a)² + 100 (b − a²)²."""
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


matrix = hessian(rosenbrock, Tensor([1.0, 1.0], dtype="float64"))
print("Hessian", matrix.tolist())
print(f"minimum at {x:.4g}")
