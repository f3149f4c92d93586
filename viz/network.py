"""`network(model)`: the lecture's picture of a small net, circles in layers and wires for weights.

Width is the size of a weight, colour and dashes its sign. `network_reading.py` reads the model,
`network_scene.py` places everything, `network_picture.py` and `network_text.py` write it down.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import graphviz

from viz.dot import DotError, render
from viz.names import one_line
from viz.network_picture import dot_of, svg_of
from viz.network_placing import scene_of
from viz.network_reading import Reading, read
from viz.network_scene import Looks
from viz.save import LARGEST, PNG, SCALE, write_whole
from viz.style import THEME_NAMES

ENDINGS = (".svg", ".png", ".pdf", ".dot", ".txt")
"""What a network is saved as."""

FEWEST = 4
"""Units of a layer that are shown at least, if not all are."""


@dataclass(frozen=True, slots=True, repr=False)
class Network:
    """A net of neurons, ready to be shown, printed or saved. Made by `network()`."""

    reading: Reading
    looks: Looks
    theme: str = "auto"

    def to_svg(self) -> str:
        """The picture as SVG."""
        return svg_of(scene_of(self.reading, self.looks), self.theme)

    def to_text(self, encoding: str | None = None) -> str:
        """A formula for each neuron, h₁ = σ(20·x₁ − 10), in characters that the encoding has, by
        default that of the standard output."""
        from viz.network_text import text_of

        return text_of(self.reading, self.looks, encoding)

    def to_dot(self) -> graphviz.Graph:
        """The picture for Graphviz, with everything at its place."""
        return dot_of(scene_of(self.reading, self.looks), self.theme)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the picture as .svg, .png, .pdf, .dot or .txt, and returns the path written.

        Where a .png or .pdf cannot be made, the .svg is written; one line on the standard error
        says so. Raises ValueError for another ending, OSError if the file cannot be written.
        """
        path = check_ending(path)
        suffix = path.suffix.lower()
        data, reason = self._rendered(suffix)
        if data is not None:
            return write_whole(path, data)
        target = write_whole(path.with_suffix(".svg"), self.to_svg().encode())
        print(f"graphgrad: saved {target} instead of {path.name}: {reason}", file=sys.stderr)
        return target

    def _rendered(self, suffix: str) -> tuple[bytes | None, str]:
        """The content of a file of that kind; or None, and why it cannot be made."""
        if suffix == ".svg":
            return self.to_svg().encode(), ""
        if suffix == ".dot":
            return self.to_dot().source.encode(), ""
        if suffix == ".txt":
            return f"{self.to_text('utf-8')}\n".encode(), ""
        if suffix == ".png" and (data := self._png()) is not None:
            return data, ""
        try:
            return render(self.to_dot().source, suffix[1:]), ""
        except DotError as error:
            need = f"resvg-py or Graphviz; {PNG}" if suffix == ".png" else "Graphviz"
            return None, f"a {suffix} needs {need}. {error}"

    def _png(self) -> bytes | None:
        """Our picture through resvg; None without it."""
        try:
            resvg = import_module("resvg_py")
        except ImportError:
            return None
        scene = scene_of(self.reading, self.looks)
        svg = svg_of(scene, self.theme, inline=True)
        scale = min(SCALE, LARGEST / max(scene.wide, scene.high))
        try:
            return bytes(resvg.svg_to_bytes(svg_string=svg, zoom=scale))
        except ValueError:
            return None

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        sizes = "-".join(map(str, self.reading.sizes))
        return f"<Network {sizes}; print(…) is its text, .save(…) its picture>"

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        return self.to_svg()

    def _repr_pretty_(self, printer: Any, is_cycle: bool) -> None:
        """What IPython shows at its prompt."""
        printer.text(repr(self) if is_cycle else self.to_text())


def network(
    model: Any,
    *,
    x: Any = None,
    max_units: int = 32,
    values: bool | None = None,
    bias: bool = True,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    precision: int = 3,
    theme: str = "auto",
) -> Network:
    """The neurons of a small net: layers of circles, a wire for each weight.

    A wire is the thicker the larger its weight is, solid if it is positive and dashed if negative.
    Biases are no units; they stand below their circles where there is room.
    x: one input, (in,) or with a leading axis of 1; the circles then show what each unit gives for
    it.  max_units: of a layer with more, the first few and the last are shown.  values: whether to
    write weights on their wires; None writes them between layers of up to 3 units, and never
    are they written between larger ones.  inputs, outputs: names for x₁, … and y₁, ….  precision:
    significant digits.  theme: "auto", "light", "dark" or "print".
    Raises TypeError for what is no model, ModelError (a ValueError) for one that is no stack of
    fully connected layers, ValueError for an argument that does not fit.
    """
    if theme not in THEME_NAMES:
        raise ValueError(f"theme is {theme!r}; it must be one of {', '.join(THEME_NAMES)}.")
    if type(max_units) is not int or max_units < FEWEST:
        raise ValueError(f"max_units is {max_units!r}; it must be a number from {FEWEST}.")
    if type(precision) is not int or precision < 1:
        raise ValueError(f"precision is {precision!r}; it must be a number of digits from 1.")
    reading = read(model, x)
    for what, names, count in (
        ("inputs", inputs, reading.sizes[0]), ("outputs", outputs, reading.sizes[-1]),
    ):  # fmt: skip
        if names and (isinstance(names, str) or len(names) != count):
            raise ValueError(f"{what} has {len(names)} names, but the model has {count} {what}.")
    shown = [tuple(one_line(str(name)) for name in names) for names in (inputs, outputs)]
    looks = Looks(shown[0], shown[1], max_units, values, bias, precision)
    return Network(reading, looks, theme)


def check_ending(path: str | os.PathLike[str]) -> Path:
    """path, if a network can be saved so; else a ValueError that names the endings it can."""
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(
            f"{path.name!r}: a network is saved as {', '.join(ENDINGS)}; end the name so."
        )
    return path
