"""graphgrad's pictures: the computational graph with every value and gradient on its wire.

`draw(y)` gives a Drawing: a text for the terminal, a `graphviz.Digraph`, a file. `view.py` turns
the graph into boxes and wires and is the only reader of Node; `dot.py` and `text.py` draw what it
gives; `cli.py` is the command `graphgrad`. Read `view.py` next.
"""

import autograd

# HIPS autograd has the same import name, and whichever comes first on the path wins.
if not hasattr(autograd, "__graphgrad__"):
    raise ImportError(
        f"viz needs graphgrad's autograd, but {getattr(autograd, '__file__', autograd)} was found "
        "first: another package named autograd, such as HIPS autograd. Give graphgrad a virtual "
        "environment of its own: python3 -m venv .venv && .venv/bin/pip install graphgrad"
    )

from viz.drawing import Drawing, draw, draw_backward

__all__ = ["Drawing", "draw", "draw_backward"]
