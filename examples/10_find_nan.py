"""A loss that is nan: which operation it came from, and on which line, found by looking at the
graph.

    L = −mean log(e^z / Σ e^z)

Written out like this, e^z overflows float32 for a score above 88: inf / inf is nan. The check names
the first operation that is not finite, exp at index [1, 2], where the score is 120. Computed by
log_softmax, which shifts the scores by their largest first, the loss is 1.2 and nothing is found.
Writes out/nan.svg, with what is bad in red. Source: Goodfellow et al., Deep Learning (2016), §4.1.
"""

from pathlib import Path

import numpy as np

import viz
from autograd import Tensor, keep_values, ops
from viz.check import check

OUT = Path("out")
SCORES = [[2.0, 1.0, 0.5], [80.0, 10.0, 120.0], [0.0, 3.0, 1.0]]
LABELS = np.array([0, 2, 0])
ROWS = np.arange(3)


def naive(z: Tensor) -> Tensor:
    """The formula as it stands in the book."""
    e = ops.exp(z)
    e.name = "e"
    p = e / e.sum(axis=1, keepdims=True)
    p.name = "p"
    return -ops.log(p[ROWS, LABELS]).mean()


def shifted(z: Tensor) -> Tensor:
    """The same, safe for scores of any size."""
    return -ops.log_softmax(z, axis=1)[ROWS, LABELS].mean()


scores = Tensor(SCORES, requires_grad=True, name="scores")
with np.errstate(all="ignore"), keep_values():
    bad = naive(scores)
bad.name = "loss"

report = check(bad)
print(report)
OUT.mkdir(exist_ok=True)
print(f"drawn to {viz.draw(bad).save(OUT / 'nan.svg')}")

good = shifted(scores)
good.name = "shifted loss"
print(check(good))

first = report.findings[0]
row, column = first.index
print(
    f"loss {good:.2g}; the first bad value was at [{row}, {column}], score {SCORES[row][column]:g}"
)
