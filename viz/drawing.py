"""`draw(y)`, and the Drawing it gives: a text, a graph for Graphviz, or a file.

Drawing only looks. No `.grad`, mode, hook or file changes by it; a file is written by `save()`,
whole or not at all.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graphviz

import autograd
from autograd import Tensor
from viz import format
from viz.boxes import View
from viz.dot import DotError, dot_of, render
from viz.names import caller_names
from viz.style import Style
from viz.text import text_of
from viz.view import leaves_of, view_of

ENDINGS = (".dot", ".svg", ".txt")
"""What `save()` writes."""


@dataclass(frozen=True, slots=True, repr=False)
class Drawing:
    """A graph, ready to be printed, handed to Graphviz or saved. Made by `draw()`."""

    view: View
    style: Style

    def to_text(self, encoding: str | None = None) -> str:
        """The drawing in characters: a line for each wire, with its value → and its gradient ←.

        encoding: where the text is going, by default to the standard output. Characters that it
        lacks are replaced by ASCII.
        """
        return text_of(self.view, self.style, encoding or sys.stdout.encoding or "utf-8")

    def to_dot(self) -> graphviz.Digraph:
        """The drawing for Graphviz: `dot -Tsvg` of its `.source` is the textbook figure."""
        return dot_of(self.view, self.style)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the drawing into a .svg, .dot or .txt file, and returns the path written.

        A .svg needs the `dot` program. Where it is missing, fails or takes more than 20 s, the .dot
        is saved beside it instead, and one line on the standard error says so.
        Raises ValueError for another ending, OSError if the file cannot be written.
        """
        path = check_ending(path)
        match path.suffix.lower():
            case ".txt":
                return _write(path, (self.to_text("utf-8") + "\n").encode())
            case ".dot":
                return _write(path, self.to_dot().source.encode())
        source = self.to_dot().source
        try:
            return _write(path, render(source))
        except DotError as error:
            instead = _write(path.with_suffix(".dot"), source.encode())
            print(f"graphgrad: saved {instead} instead of {path.name}: {error}", file=sys.stderr)
            return instead

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        boxes, wires = len(self.view.boxes), len(self.view.wires)
        return f"<Drawing of {boxes} boxes and {wires} wire{'s' * (wires != 1)}>"


def draw(
    y: Tensor | Sequence[Tensor],
    mode: str = "both",
    *,
    values: bool = True,
    grads: str | bool = "edge",
    gradient: Any = None,
    max_nodes: int = 300,
    precision: int = format.PRECISION,
    direction: str = "LR",
    theme: str = "light",
) -> Drawing:
    """The graph of y, or of several outputs, with values above its wires and gradients below.

    mode: "both", "forward" or "backward".  values: whether numbers stand on the forward wires.
    grads: "edge" for the contribution along each wire, "total" for the whole gradient of the value
    on it, False for none. gradient: ∂L/∂y where y is not a single number; a list of them for
    several outputs.  max_nodes: larger graphs are drawn without their middle.  precision:
    significant digits.  direction: "LR" or "TB". theme: "light" or "dark". Gradients come from a
    pass of the drawing's own, which runs no hooks; "–" is one that was not computed.
    Raises TypeError if y is no Tensor, ValueError for an argument it does not know.
    """
    style = Style(mode, values, grads, precision, direction, theme)
    # Of one tensor, a list is its gradient's numbers; of a list of tensors, a gradient for each.
    seeds = [gradient] if isinstance(y, Tensor) and gradient is not None else gradient
    return drawing_of(_listed(y), style, gradient=seeds, max_nodes=max_nodes)


def draw_backward(
    y: Tensor,
    mode: str = "forward",
    *,
    values: bool = True,
    grads: str | bool = "edge",
    gradient: Any = None,
    max_nodes: int = 300,
    precision: int = format.PRECISION,
    direction: str = "LR",
    theme: str = "light",
) -> Drawing:
    """The graph of y's backward pass: how ∂y/∂leaf is computed, for every leaf that y depends on.

    gradient: ∂L/∂y where y is not a single number; a leaf of the picture, under that name.  The
    other arguments are those of draw(). Gradients in this picture (mode="both") are second
    derivatives: those of the sum of all ∂y/∂leaf.
    Raises TypeError if y is no Tensor, GraphError if it is not tracked, or if its graph was freed.
    """
    if not isinstance(y, Tensor):
        raise TypeError(f"draw_backward() takes one Tensor, not {type(y).__name__}.")
    style = Style(mode, values, grads, precision, direction, theme)
    leaves = leaves_of(y)
    names = caller_names()
    of, *by = [x.name or names.get(x.node) for x in (y, *leaves)]
    if gradient is not None and not isinstance(gradient, Tensor):
        gradient = Tensor(gradient, dtype=y.dtype, device=y.device)
    first = autograd.grad(y, leaves, gradient, create_graph=True)
    labels = [f"∂{of or 'y'}/∂{x}" if x else None for x in by]
    known = {} if gradient is None else {gradient.node: f"∂L/∂{of or 'y'}"}
    return drawing_of(first, style, labels=labels, known=known, max_nodes=max_nodes)


def drawing_of(
    outputs: Sequence[Tensor],
    style: Style,
    *,
    labels: Sequence[str | None] = (),
    known: Mapping[Any, str] | None = None,
    gradient: Any = None,
    max_nodes: int = 300,
) -> Drawing:
    """The drawing of outputs under labels of their own, in the given style.

    known: names for nodes that neither they nor a variable of the caller have a name for.
    """
    view = view_of(
        outputs,
        labels=labels,
        variables={**(known or {}), **caller_names()},
        gradient=gradient,
        grads=style.grads if style.shows_gradients else False,
        max_nodes=max_nodes,
        precision=style.precision,
    )
    return Drawing(view, style)


def check_ending(path: str | os.PathLike[str]) -> Path:
    """path, if save() can write such a file; else a ValueError that names the endings it can."""
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(
            f"{path.name!r}: a drawing is saved as {', '.join(ENDINGS)}; end the name so."
        )
    return path


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


def _write(path: Path, data: bytes) -> Path:
    """path, with data in it: under another name first, so that no reader ever finds half a file."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}. Make it first.")
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path
