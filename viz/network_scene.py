"""What a picture of a network consists of: circles, wires, words and frames, in pixels.

`network_placing.py` says where they stand, `network_picture.py` paints them, as SVG or for
Graphviz.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from viz import format
from viz.metrics import width
from viz.network_reading import Reading

KEPT = 10
"""Circles that stand for a layer with too many units."""


INDEX = 0.68
"""The size of an index, of that of its word."""


@dataclass(frozen=True, slots=True)
class Word:
    """Text around (x, y), its middle; at its start or end if anchor says so.

    role: of Palette.  below: an index, set smaller and lower.  ground: the role of what hides what
    lies behind, "" for nothing.
    """

    text: str
    x: float
    y: float
    size: float
    role: str = "ink"
    bold: bool = False
    anchor: str = "middle"
    below: str = ""
    ground: str = ""

    @property
    def width(self) -> float:
        """In pixels, with the index."""
        return width(self.text, self.size, self.bold) + width(self.below, INDEX * self.size)


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle. id: unique.  shade: how opaque the colour of its line lies inside.  tooltip: what
    it stands for."""

    id: str
    x: float
    y: float
    radius: float
    fill: str
    line: str
    shade: float = 0.0
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Wire:
    """A straight line between two discs, or two points. share: of the thickest, 0 to 1.

    dash: "" for a solid line, else pixels drawn and left out.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    role: str
    thick: float
    share: float = 1.0
    dash: str = ""
    tooltip: str = ""


@dataclass(slots=True)
class Scene:
    """Everything to be painted, back to front: frames, wires, discs, dots, words.

    frames: left, top, width and height.  dots: small discs that stand for hidden ones.
    """

    title: str
    wide: float = 0.0
    high: float = 0.0
    frames: list[tuple[float, float, float, float]] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    discs: list[Disc] = field(default_factory=list)
    dots: list[tuple[float, float]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Looks:
    """What a picture of a network shows. names, results: of inputs and outputs, () for x₁, y₁, ….

    most: units of a layer that are all shown.  weights: whether to write them where few; None
    decides by how many there are.  bias: whether biases are written.  precision: digits.
    """

    names: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    most: int = 32
    weights: bool | None = None
    bias: bool = True
    precision: int = 3


def shown_units(count: int, most: int) -> tuple[int, ...]:
    """The units of a layer that are shown: all of at most most, else the first few and the last.

    >>> shown_units(3, 32), shown_units(100, 4)
    ((0, 1, 2), (0, 1, 2, 99))
    """
    if count <= most:
        return tuple(range(count))
    kept = min(KEPT, most)
    return (*range(kept - 1), count - 1)


def unit_name(layer: int, unit: int, reading: Reading, looks: Looks) -> str:
    """x₁ of the inputs, y₁ of the outputs, h₁ of the hidden layer; h⁽²⁾₁ where there are more."""
    last = len(reading.layers)
    given = looks.names if layer == 0 else looks.results if layer == last else ()
    if given:
        return given[unit]
    letter = "x" if layer == 0 else "y" if layer == last else "h"
    above = f"⁽{_digits(layer, '⁰¹²³⁴⁵⁶⁷⁸⁹')}⁾" if letter == "h" and last > 2 else ""
    return f"{letter}{above}{_digits(unit + 1, '₀₁₂₃₄₅₆₇₈₉')}"


def _digits(number: int, digits: str) -> str:
    return "".join(digits[int(d)] for d in str(number))


def signed(number: float, precision: int) -> str:
    """A number with a true minus sign."""
    return format.number(number, precision).replace("-", "−")


def title_of(reading: Reading) -> str:
    """What a screen reader says of the picture."""
    weights = sum(layer.weight.size for layer in reading.layers)
    return f"Neural network {'-'.join(map(str, reading.sizes))}: {weights:,} weights"


def bounds(scene: Scene) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a scene."""
    boxes = list(_boxes(scene))
    return (
        min(box[0] for box in boxes), min(box[1] for box in boxes),
        max(box[2] for box in boxes), max(box[3] for box in boxes),
    )  # fmt: skip


def _boxes(scene: Scene) -> Iterator[tuple[float, float, float, float]]:
    for disc in scene.discs:
        r = disc.radius + 1
        yield disc.x - r, disc.y - r, disc.x + r, disc.y + r
    for x, y, wide, high in scene.frames:
        yield x, y, x + wide, y + high
    for wire in scene.wires:
        (x, y), (u, v) = wire.start, wire.end
        yield min(x, u), min(y, v), max(x, u), max(y, v)
    for word in scene.words:
        wide = word.width
        left = {"start": word.x, "middle": word.x - wide / 2, "end": word.x - wide}[word.anchor]
        yield left, word.y - word.size * 0.6, left + wide, word.y + word.size * 0.6


def move(scene: Scene, right: float, down: float) -> None:
    """Moves everything by so many pixels."""

    def by(points: Sequence[float]) -> tuple[float, float]:
        return points[0] + right, points[1] + down

    scene.frames = [(*by(f), *f[2:]) for f in scene.frames]
    scene.wires = [replace(w, start=by(w.start), end=by(w.end)) for w in scene.wires]
    scene.discs = [replace(d, x=d.x + right, y=d.y + down) for d in scene.discs]
    scene.dots = [by(dot) for dot in scene.dots]
    scene.words = [replace(w, x=w.x + right, y=w.y + down) for w in scene.words]
