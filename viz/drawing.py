"""`draw(y)`, and the Drawing it gives: a picture, a text, a graph for Graphviz, or a file.

Drawing only looks. No `.grad`, mode, hook or file changes by it; a file is written by `save()`,
whole or not at all.
"""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graphviz

import autograd
from autograd import Tensor
from autograd.graph import constant
from viz import format
from viz.boxes import View
from viz.changes import changed
from viz.dot import dot_of
from viz.layout import LayoutError
from viz.names import caller_names
from viz.record import to_json
from viz.save import save, tell
from viz.style import Style
from viz.svg import painted
from viz.text import text_of
from viz.value_names import ValueNames
from viz.view import Selection, Trace, leaves_of, view_of
from viz.view.arguments import with_arguments
from viz.view.naming import parameter_names
from viz.walk import Walk, is_short, recorded

STEPS = 64
"""Operations up to which draw() records every step, unless it is asked to or not to."""


@dataclass(frozen=True, slots=True, repr=False)
class Drawing:
    """A graph, ready to be shown, printed, handed to Graphviz or saved. Made by `draw()`.

    walk: its steps, for a page that steps through it; None if they were not recorded.
    """

    view: View
    style: Style
    walk: Walk | None = None

    def to_svg(self) -> str:
        """The picture as SVG.

        If Graphviz failed, one line on the standard error says what placed the boxes instead.
        Raises LayoutError for a graph of more than 1,000 boxes where there is no Graphviz.
        """
        painting = painted(self.view, self.style)
        tell(painting.note)
        return painting.svg

    def to_text(self, encoding: str | None = None, *, colour: bool = False) -> str:
        """The drawing in characters: a line for each wire, with its value → and its gradient ←.

        encoding: where the text is going, by default to the standard output. Characters that it
        lacks are replaced by ASCII.  colour: whether to colour it for a terminal.
        """
        encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
        return text_of(self.view, self.style, encoding, colour=colour)

    def to_dot(self) -> graphviz.Digraph:
        """The drawing for Graphviz: `dot -Tsvg` of its `.source` is the textbook figure."""
        return dot_of(self.view, self.style)

    def to_json(self) -> str:
        """Boxes, wires, values and gradients as JSON, for programs."""
        return to_json(self.view, self.style)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the drawing into a file, and returns the path written.

        The ending chooses: .svg .png .pdf .html .dot .txt .json. A .html steps through the pass
        if draw() recorded its steps. Where what a format needs is not
        here, the nearest format that can be written is, and one line on the standard error says so.
        Raises ValueError for another ending, OSError if the file cannot be written.
        """
        return save(self.view, self.style, path, self.walk)

    def show(self) -> None:
        """Opens the picture: in the notebook, else in the browser, else as text."""
        if (display := _notebook()) is not None:
            display(self)
            return
        folder = Path(tempfile.mkdtemp(prefix="graphgrad-"))
        if not webbrowser.open(self.save(folder / "drawing.html").as_uri()):
            print(self.to_text())

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        boxes, wires = len(self.view.boxes), len(self.view.wires)
        size = f"{boxes} boxes and {wires} wire{'s' * (wires != 1)}"
        return f"<Drawing of {size}; print(…) is its text, .show() its picture>"

    def _repr_svg_(self) -> str | None:
        """What a notebook shows; None, and so the text, for what cannot be placed."""
        try:
            return self.to_svg()
        except LayoutError:
            return None

    def _repr_pretty_(self, printer: Any, is_cycle: bool) -> None:
        """What IPython shows at its prompt."""
        printer.text(repr(self) if is_cycle else self.to_text())


def draw(
    y: Tensor | Sequence[Tensor],
    mode: str = "both",
    *,
    values: bool = True,
    grads: str | bool = "edge",
    gradient: Any = None,
    params: Any = None,
    depth: int | None = None,
    roll: bool = False,
    around: Tensor | str | None = None,
    hops: int = 3,
    max_nodes: int = 300,
    precision: int = format.PRECISION,
    direction: str = "LR",
    theme: str = "auto",
    layout: str = "auto",
    steps: bool | None = None,
) -> Drawing:
    """The graph of y, or of several outputs, with values above its wires and gradients below.

    mode: "both", "forward" or "backward"; boxes stand at the same places in all three.  values:
    whether numbers stand on the forward wires.  grads: "edge" for the contribution along each wire,
    "total" for the whole gradient of the value on it, False for none.  gradient: ∂L/∂y where y is
    not a single number; a list of them for several outputs.  params: a model, or a mapping of names
    to tensors and models, whose names the parameters then bear.  depth: modules inside so many
    others are folded into one box.  roll: whether equal modules in a row are folded into one, such
    as the blocks of a stack or the time steps of a recurrent net.  around, hops: only what is
    so many operations away from a tensor, or from the values of a name.  max_nodes: larger
    graphs are drawn with modules folded, and then without their middle.  precision: significant
    digits.  direction: "LR" or "TB".  theme: "auto", "light", "dark" or "print"; auto follows
    the reader's settings. layout: what places the boxes, "dot", "pygraphviz" or "graphgrad";
    auto is the first that can. steps: whether to record every step, for a .html that walks
    through them; None does so for up to 64 operations.
    Gradients come from a pass of the drawing's own, which runs no hooks; "–" is one that was not
    computed.
    Raises TypeError if y is no Tensor, ValueError for an argument it does not know.
    """
    style = Style(mode, values, grads, precision, direction, theme, layout)
    # Of one tensor, a list is its gradient's numbers; of a list of tensors, a gradient for each.
    seeds = [gradient] if isinstance(y, Tensor) and gradient is not None else gradient
    select = Selection(depth, roll, hops, max_nodes)
    outputs = _listed(y)
    if steps is None:
        steps = mode == "both" and grads == "edge" and is_short(outputs, STEPS)
    return drawing_of(
        outputs, style, select, gradient=seeds, params=params, around=around, steps=steps
    )


def draw_backward(
    y: Tensor,
    mode: str = "forward",
    *,
    values: bool = True,
    grads: str | bool = "edge",
    gradient: Any = None,
    params: Any = None,
    depth: int | None = None,
    roll: bool = False,
    around: Tensor | str | None = None,
    hops: int = 3,
    max_nodes: int = 300,
    precision: int = format.PRECISION,
    direction: str = "LR",
    theme: str = "auto",
    layout: str = "auto",
) -> Drawing:
    """The graph of y's backward pass: how ∂y/∂leaf is computed, for every leaf that y depends on.

    Forward operations are numbered 1, 2, …, and those that compute their gradients bear ∂1, ∂2, ….
    gradient: ∂L/∂y where y is not a single number; a leaf of the picture, under that name.  The
    other arguments are those of draw(). Gradients in this picture (mode="both") are second
    derivatives: those of the sum of all ∂y/∂leaf.
    Raises TypeError if y is no Tensor, GraphError if it is not tracked, or if its graph was freed.
    """
    if not isinstance(y, Tensor):
        raise TypeError(f"draw_backward() takes one Tensor, not {type(y).__name__}.")
    style = Style(mode, values, grads, precision, direction, theme, layout)
    leaves = leaves_of(y)
    variables = caller_names()
    paths = parameter_names(params, [constant(y)], variables)
    names = with_arguments([constant(y)], paths, variables)
    of, *by = [x.name or paths.get(constant(x)) or names.get(x.node) for x in (y, *leaves)]
    if gradient is not None and not isinstance(gradient, Tensor):
        gradient = Tensor(gradient, dtype=y.dtype, device=y.device)
    first = autograd.grad(y, leaves, gradient, create_graph=True)
    labels = [f"∂{of or 'y'}/∂{x}" if x else None for x in by]
    known = {} if gradient is None else {gradient.node: f"∂L/∂{of or 'y'}"}
    select = Selection(depth, roll, hops, max_nodes)
    return drawing_of(
        first, style, select, labels=labels, known=known, params=params, around=around, besides=[y]
    )


def diff(before: Tensor | Drawing, after: Tensor | Drawing, **options: Any) -> Drawing:
    """Two graphs in one picture: what was added, removed, or has other numbers.

    options: as for draw(), which draws what is given as a tensor. Of two drawings, the style is
    that of after.
    Raises TypeError for anything else.
    """
    for y in (before, after):
        if not isinstance(y, Drawing | Tensor):
            raise TypeError(f"diff() takes two Tensors or drawings, not {type(y).__name__}.")
    one, other = (y if isinstance(y, Drawing) else draw(y, **options) for y in (before, after))
    return Drawing(changed(one.view, other.view), other.style)


def drawing_of(
    outputs: Sequence[Tensor],
    style: Style,
    select: Selection | None = None,
    *,
    labels: Sequence[str | None] = (),
    known: Mapping[Any, str] | None = None,
    gradient: Any = None,
    params: Any = None,
    around: Tensor | str | None = None,
    besides: Sequence[Tensor] = (),
    steps: bool = False,
) -> Drawing:
    """The drawing of outputs under labels of their own, in the given style.

    known: names for nodes that neither they nor a variable of the caller have a name for.  steps:
    whether to record every step, which one tracked output has.  The other arguments are those of
    `view_of`.
    """
    variables = {**(known or {}), **caller_names()}
    trace = Trace()
    view = view_of(
        outputs,
        labels=labels,
        variables=variables,
        params=params,
        gradient=gradient,
        # Also where they are not shown: room for them keeps boxes at the same places in all modes.
        grads=style.grads,
        around=around,
        besides=besides,
        select=select,
        explains_gradients=style.shows_gradients,
        precision=style.precision,
        trace=trace,
    )
    walk = None
    if steps and len(outputs) == 1:
        paths = parameter_names(params, ends := [constant(outputs[0])], variables)
        names = ValueNames(ends, paths, variables)
        seed = gradient[0] if isinstance(gradient, list) else gradient
        walk = recorded(outputs[0], seed, trace, names, precision=style.precision)
    return Drawing(view, style, walk)


def _notebook() -> Any:
    """IPython's display() if this runs in a notebook, else None."""
    shell = sys.modules.get("IPython")
    shell = shell.get_ipython() if shell is not None else None
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display

    return display


def _listed(y: Tensor | Sequence[Tensor]) -> list[Tensor]:
    outputs = [y] if isinstance(y, Tensor) else list(y) if isinstance(y, list | tuple) else None
    if not outputs or not all(isinstance(output, Tensor) for output in outputs):
        what = (
            type(y).__name__
            if outputs is None
            else "an empty list"
            if not outputs
            else "a list of other things"
        )
        raise TypeError(f"draw() takes a Tensor or a list of Tensors, not {what}.")
    return outputs
