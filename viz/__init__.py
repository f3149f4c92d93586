"""graphgrad's pictures: the computational graph with every value and gradient on its wire.

`draw(y)` gives a Drawing: a picture, a text for the terminal, a file. The package `view` turns the
graph into boxes and wires, for pictures the only reader of Node; `layout` says where they stand;
`svg.py`, `text.py`, `dot.py` and `record.py` paint them; `cli.py` is the command `graphgrad`.
`step(y)` walks through the backward pass, `explain` and `check` say why a gradient has its value
and what is wrong with it; `curve` shows a run of training, `doctor` what is installed. `summary`,
`network`, `boundary` and `histogram` look at models. Read `boxes.py` next.
"""

import autograd

# HIPS autograd has the same import name, and whichever comes first on the path wins.
if not hasattr(autograd, "__graphgrad__"):
    raise ImportError(
        f"viz needs graphgrad's autograd, but {getattr(autograd, '__file__', autograd)} was found "
        "first: another package named autograd, such as HIPS autograd. Give graphgrad a virtual "
        "environment of its own: python3 -m venv .venv && .venv/bin/pip install graphgrad"
    )

from viz.boundary import Boundary, boundary
from viz.breaking import break_on
from viz.check import Health, check
from viz.diagnosis import Report, doctor
from viz.drawing import Drawing, diff, draw, draw_backward
from viz.explain import Explanation, explain
from viz.histogram import Histogram, histogram
from viz.network import Network, network
from viz.plots import Curve, curve
from viz.probe import ModelError
from viz.stepping import Stepper, step
from viz.summary import Summary, summary

__all__ = [
    "Boundary",
    "Curve",
    "Drawing",
    "Explanation",
    "Health",
    "Histogram",
    "ModelError",
    "Network",
    "Report",
    "Stepper",
    "Summary",
    "boundary",
    "break_on",
    "check",
    "curve",
    "diff",
    "doctor",
    "draw",
    "draw_backward",
    "explain",
    "histogram",
    "network",
    "step",
    "summary",
]
