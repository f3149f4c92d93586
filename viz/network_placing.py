"""Where the circles, wires and words of a network stand.

Layers are columns from left to right. Of a layer with too many units the first ones and the last
are shown, with dots between. `network_scene.py` says what there is to place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from viz import format
from viz.metrics import width
from viz.network_reading import Layer, Reading
from viz.network_scene import (
    Disc,
    Looks,
    Scene,
    Wire,
    Word,
    bounds,
    move,
    shown_units,
    signed,
    title_of,
    unit_name,
)

SIZES = (
    (4, 22.0, 86.0), (6, 20.0, 64.0), (12, 16.0, 48.0), (18, 13.0, 34.0), (10_000, 9.0, 23.0),
)  # fmt: skip
"""Up to how many units a layer's circles have this radius, and this distance of their middles."""

MOST_NUMBERS = 3
"""Weights are written on the wires between layers of at most so many units each."""

ROOM_FOR_BIAS = 16.0
"""Pixels between two circles that a bias needs."""

NAMED_INSIDE = 13.0
"""The radius from which an input's name stands in its circle."""

THINNEST, THICKEST = 0.5, 4.2
"""Pixels of the wires of the smallest and of the largest weight."""

SHADE = 0.5
"""How opaque the circle of a unit is whose value is 1, where values are shares."""


@dataclass(frozen=True, slots=True)
class Column:
    """A layer's place. shown: the units that have a circle.  ys: where their middles are."""

    x: float
    radius: float
    step: float
    shown: tuple[int, ...]
    ys: tuple[float, ...]
    count: int

    @property
    def is_cut(self) -> bool:
        """Whether units are hidden."""
        return len(self.shown) < self.count

    @property
    def top(self) -> float:
        """The upper end of the first circle."""
        return self.ys[0] - self.radius

    @property
    def bottom(self) -> float:
        """The lower end of the last circle."""
        return self.ys[-1] + self.radius


def scene_of(reading: Reading, looks: Looks) -> Scene:
    """The picture of a network in pixels."""
    return _Builder(reading, looks).scene()


def short(number: float) -> str:
    """A number for a circle: two decimals, or none if it is whole.

    >>> short(0.98765), short(1.0), short(1e-9), short(123.456)
    ('0.99', '1', '0.00', '123')
    """
    if number == int(number) if math.isfinite(number) else True:
        return format.number(number, 2)
    return f"{number:.2f}" if abs(number) < 10 else format.number(number, 3)


class _Builder:
    """Builds one scene."""

    def __init__(self, reading: Reading, looks: Looks) -> None:
        self.reading, self.looks = reading, looks
        weights = [abs(layer.weight[abs(layer.weight) < math.inf]) for layer in reading.layers]
        self.largest = max((float(w.max()) for w in weights if w.size), default=0.0)
        self.picture = Scene(title_of(reading))
        self.columns = self._columns()

    def scene(self) -> Scene:
        """The whole picture."""
        for i, layer in enumerate(self.reading.layers):
            self._wires(i, layer)
        for i in range(len(self.columns)):
            self._units(i)
            self._caption(i)
        if self._has_bracket(len(self.columns) - 1):
            self._bracket()
        self._legend()
        self._trim()
        return self.picture

    # Places

    def _columns(self) -> list[Column]:
        sizes = self.reading.sizes
        shown = [shown_units(count, self.looks.most) for count in sizes]
        looks = [_circle(len(units)) for units in shown]
        tallest = max(step * len(units) for units, (_, step) in zip(shown, looks, strict=True))
        # Small layers beside large ones have more room.
        looks = [
            (radius, max(step, min(1.5 * step, 0.5 * tallest / len(units))))
            for units, (radius, step) in zip(shown, looks, strict=True)
        ]
        highs = [
            step * (len(units) - 1 + (len(units) < count))
            for units, (_, step), count in zip(shown, looks, sizes, strict=True)
        ]
        columns, x = [], 0.0
        for i, (units, (radius, step), high) in enumerate(zip(shown, looks, highs, strict=True)):
            if i:
                x += self._distance(i - 1, max(high, highs[i - 1]))
            ys = [step * j - high / 2 for j in range(len(units))]
            if len(units) < sizes[i]:
                ys[-1] += step
            columns.append(Column(x, radius, step, units, tuple(ys), sizes[i]))
        return columns

    def _distance(self, i: int, high: float) -> float:
        """From one column to the next: further apart where wires are steep, or bear numbers."""
        return max(170.0 + 40.0 * self._has_numbers(i), min(0.5 * high, 280.0))

    def _has_numbers(self, i: int) -> bool:
        """Whether the weights from column i to the next are written."""
        few = max(self.reading.sizes[i : i + 2]) <= MOST_NUMBERS
        return few if self.looks.weights is None else self.looks.weights and few

    # What stands there

    def _wires(self, i: int, layer: Layer) -> None:
        before, after = self.columns[i], self.columns[i + 1]
        wires = []
        for a, y in zip(before.shown, before.ys, strict=True):
            for b, z in zip(after.shown, after.ys, strict=True):
                weight = float(layer.weight[b, a])
                ends = _cut_back((before.x, y), (after.x, z), before.radius, after.radius)
                wires.append((abs(weight), self._wire(weight, ends, self._words(i, a, b, weight))))
        # The strongest last, so that none covers them.
        self.picture.wires += [wire for _, wire in sorted(wires, key=lambda pair: pair[0])]
        if self._has_numbers(i):
            self._numbers(before, after, layer)

    def _numbers(self, before: Column, after: Column, layer: Layer) -> None:
        """The weights on their wires, where those are as far apart as can be."""
        share = 1 / (after.count + 1)
        for a, y in zip(before.shown, before.ys, strict=True):
            for b, z in zip(after.shown, after.ys, strict=True):
                text = format.number(float(layer.weight[b, a]), self.looks.precision)
                place = before.x + share * (after.x - before.x), y + share * (z - y)
                self.picture.words.append(Word(text, *place, 11, ground="ground"))

    def _words(self, i: int, a: int, b: int, weight: float) -> str:
        """What is shown where the mouse rests on a wire."""
        one, other = (
            unit_name(layer, unit, self.reading, self.looks) for layer, unit in ((i, a), (i + 1, b))
        )
        return f"{one} → {other}: {signed(weight, 4)}"

    def _wire(
        self, weight: float, ends: tuple[tuple[float, float], tuple[float, float]], tooltip: str
    ) -> Wire:
        if not math.isfinite(weight):
            return Wire(*ends, "bad", 2.0, 1.0, "2 2", tooltip)
        if weight == 0 or not self.largest:
            return Wire(*ends, "muted", THINNEST, 0.5, "1 4", tooltip)
        share = abs(weight) / self.largest
        thick = THINNEST + (THICKEST - THINNEST) * share
        role, dash = ("line", "") if weight > 0 else ("gradient", "5 3")
        return Wire(*ends, role, thick, share, dash, tooltip)

    def _units(self, i: int) -> None:
        column, is_input = self.columns[i], i == 0
        values = self.reading.inputs if is_input else self.reading.layers[i - 1].values
        are_shares = self.reading.is_given and bool(((values >= 0) & (values <= 1)).all())
        for unit, y in zip(column.shown, column.ys, strict=True):
            name, value = unit_name(i, unit, self.reading, self.looks), float(values[unit])
            colours = ("ground", "muted") if is_input else ("fill", "line")
            tip = f"{name} = {signed(value, 4)}" if self.reading.is_given else name
            shade = SHADE * value if are_shares else 0.0
            disc = Disc(f"u{i}-{unit}", column.x, y, column.radius, *colours, shade, tip)
            self.picture.discs.append(disc)
            self._inside(i, unit, disc, value)
            if not is_input:
                self._bias(i, unit, disc, column)
            if i == len(self.columns) - 1:
                self._result(disc, unit)
        if column.is_cut:
            middle = (column.ys[-1] + column.ys[-2]) / 2
            self.picture.dots += [(column.x, middle + d) for d in (-7.0, 0.0, 7.0)]

    def _name(self, unit: int, names: tuple[str, ...], letter: str) -> tuple[str, str]:
        """A name, and the index below it."""
        return (names[unit], "") if names else (letter, str(unit + 1))

    def _inside(self, i: int, unit: int, disc: Disc, value: float) -> None:
        """The words in a circle: an input's name or number, a neuron's activation and number."""
        has_room = disc.radius >= NAMED_INSIDE
        symbol = self._symbol(i)
        if i == 0:
            name, index = self._name(unit, self.looks.names, "x")
            word = Word(name, disc.x, disc.y, 13 if has_room else 10, below=index)
            if not has_room or self.reading.is_given or word.width > 2 * disc.radius - 4:
                word = replace(word, x=disc.x - disc.radius - 6, anchor="end")
            self.picture.words.append(word)
        if self.reading.is_given:
            is_high = i > 0 and disc.radius >= 16 and bool(symbol)
            text, y = short(value), disc.y + (5 if is_high else 0)
            self._fitted(text, disc, y, 12, bold=True)
            if is_high:
                role = "ink" if disc.shade else "muted"
                self._fitted(symbol, disc, disc.y - 9, 9, role=role)
        elif i > 0 and symbol and has_room:
            self._fitted(symbol, disc, disc.y, 14)

    def _symbol(self, i: int) -> str:
        """What stands in the circles of a column."""
        text = self.reading.layers[i - 1].activation if i else ""
        return "Σ" if self._has_bracket(i) or not text else text

    def _fitted(
        self, text: str, disc: Disc, y: float, size: float, role: str = "ink", bold: bool = False
    ) -> None:
        """A word as large as its circle allows, up to a size."""
        room = 2 * math.sqrt(max(disc.radius**2 - (y - disc.y) ** 2, 1)) - 4
        size = min(size, size * room / max(width(text, size, bold), 1))
        word = Word(text, disc.x, y, round(size, 1), role, bold)
        self.picture.words.append(word)

    def _bias(self, i: int, unit: int, disc: Disc, column: Column) -> None:
        layer, room = self.reading.layers[i - 1], column.step - 2 * column.radius
        if layer.bias is None or not self.looks.bias or room < ROOM_FOR_BIAS:
            return
        bias = float(layer.bias[unit])
        word = Word("", disc.x, disc.y + disc.radius + min(room / 2, 9), 10, "muted")
        word = replace(word, ground="frame" if self._has_bracket(i) else "ground")
        for precision in range(self.looks.precision, 0, -1):
            text = f"{'+' if bias > 0 else ''}{format.number(bias, precision)}"
            word = replace(word, text=text)
            if word.width <= 2 * disc.radius + 8:
                break
        self.picture.words.append(word)

    def _result(self, disc: Disc, unit: int) -> None:
        """The arrow out of an output, and its name."""
        start = disc.x + disc.radius + (11 if self._has_bracket(len(self.columns) - 1) else 0)
        self.picture.wires.append(Wire((start, disc.y), (start + 18, disc.y), "wire", 1.2))
        name, index = self._name(unit, self.looks.results, "y")
        size = 13 if disc.radius >= NAMED_INSIDE else 10
        word = Word(name, start + 30, disc.y, size, anchor="start", below=index)
        self.picture.words.append(word)

    def _caption(self, i: int) -> None:
        """How many units a column has, and what it is; all captions stand on one line."""
        column = self.columns[i]
        y = max(c.bottom for c in self.columns) + 38
        what = "input" if i == 0 else "output" if i == len(self.columns) - 1 else "hidden"
        lines = [what, f"{len(column.shown)} shown" if column.is_cut else ""]
        if i:
            layer = self.reading.layers[i - 1]
            lines += [layer.activation if column.radius < NAMED_INSIDE else ""]
            # The numbers of a Sequential say nothing.
            lines += [layer.path if not layer.path.replace(".", "").isdecimal() else ""]
        self.picture.words.append(Word(f"{column.count:,}", column.x, y, 14, bold=True))
        for j, text in enumerate(filter(None, lines)):
            self.picture.words.append(Word(text, column.x, y + 17 + 14 * j, 11, "muted"))

    def _has_bracket(self, i: int) -> bool:
        """Whether a column is the softmax's, whose outputs depend on one another."""
        is_last = i == len(self.columns) - 1
        return is_last and "softmax" in self.reading.layers[-1].activation

    def _bracket(self) -> None:
        """The frame around the outputs of a softmax."""
        column = self.columns[-1]
        biases = 18.0 if self.looks.bias else 0.0
        side = column.radius + 11
        top, high = column.top - 12, column.bottom - column.top + 24 + biases / 2
        self.picture.frames.append((column.x - side, top, 2 * side, high))
        text = self.reading.layers[-1].activation
        self.picture.words.append(Word(text, column.x, top - 10, 11, "ink"))

    def _legend(self) -> None:
        """What thickness, colour and dashes mean."""
        lines = max(w.y for w in self.picture.words) + 26
        left = min(c.x for c in self.columns) - 20
        weights = np.concatenate([layer.weight.ravel() for layer in self.reading.layers])
        known = weights[np.isfinite(weights)]
        x = left
        for is_there, text, role, dash in (
            ((known > 0).any(), "positive", "line", ""),
            ((known < 0).any(), "negative", "gradient", "5 3"),
            (known.size < weights.size, "nan or inf", "bad", "2 2"),
        ):
            if is_there:
                self.picture.wires.append(Wire((x, lines), (x + 26, lines), role, 2.4, 1.0, dash))
                self.picture.words.append(Word(text, x + 32, lines, 11, "muted", anchor="start"))
                x += 32 + width(text, 11) + 18
        if self.largest:
            text = f"thickest: |w| = {format.number(self.largest, 3)}"
            self.picture.words.append(Word(text, x, lines, 11, "muted", anchor="start"))

    def _trim(self) -> None:
        """Moves everything so that the picture begins at 0, and notes how large it is."""
        left, top, right, bottom = bounds(self.picture)
        move(self.picture, 16 - left, 16 - top)
        # Whole pixels: of a part of one at its edge, a .png would have a seam.
        self.picture.wide = float(math.ceil(right - left + 32))
        self.picture.high = float(math.ceil(bottom - top + 32))


def _circle(count: int) -> tuple[float, float]:
    """Radius and distance of the circles of a layer."""
    return next((radius, step) for most, radius, step in SIZES if count <= most)


def _cut_back(
    start: tuple[float, float], end: tuple[float, float], before: float, after: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The line between two circles without what lies inside of them."""
    (x, y), (u, v) = start, end
    length = math.hypot(u - x, v - y)
    across, down = (u - x) / length, (v - y) / length
    return (x + before * across, y + before * down), (u - after * across, v - after * down)
