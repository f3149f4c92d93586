"""The backward pass is itself a graph: drawn, differentiated, and drawn again.

    y = x³ = 8 at 2:   y' = 3x² = 12,   y'' = 6x = 12,   y''' = 6

Writes out/cube.svg, out/cube_backward.svg and out/cube_double_backward.svg.
"""

from pathlib import Path

import autograd
import viz
from autograd import Tensor

OUT = Path("out")
OUT.mkdir(exist_ok=True)

x = Tensor(2.0, requires_grad=True, name="x")
y = x * x * x
y.name = "y"
print(viz.draw(y).save(OUT / "cube.svg"))

(first,) = autograd.grad(y, x, create_graph=True)
first.name = "dy/dx"
print(viz.draw(first).save(OUT / "cube_backward.svg"))

(second,) = autograd.grad(first, x, create_graph=True)
second.name = "d²y/dx²"
print(viz.draw(second).save(OUT / "cube_double_backward.svg"))

(third,) = autograd.grad(second, x)
print(f"y {y:.4g}, first {first:.4g}, second {second:.4g}, third {third:.4g}")
