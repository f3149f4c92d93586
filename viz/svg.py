"""The painter: a view becomes an SVG, the textbook figure with its values and gradients.

`figure.py` says what is written, a layout where it stands, `wires.py` how the lines run. The SVG
needs nothing from outside, its text can be selected, and its stylesheet touches nothing but itself,
so that several can stand in one page. The same view always gives the same bytes.
"""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from viz.bezier import samples
from viz.boxes import Box, View
from viz.canvas import DASHED, Canvas, decimal, escaped
from viz.dot import FONTS
from viz.figure import Figure, Shape, figure_of, plan
from viz.format import shape_text
from viz.labels import CLEAR, OFFSET, Label
from viz.layout import place
from viz.layout.plan import LayoutError, Placement, Plan, Point
from viz.lettering import Line, Run, size_of
from viz.metrics import width
from viz.style import Style
from viz.stylesheet import stylesheet
from viz.wires import Stroke, WireLines, lines_of

MARGIN = 16.0
"""Pixels around the picture."""

NOTE = 11.0
"""The size of notes."""

NARROWEST = 60
"""Letters that a line of notes has at least."""

NOTE_LETTER = 0.54 * NOTE
"""The width of one of its letters, on average."""

SIGNS = {"added": "+", "removed": "−", "changed": "≠"}
"""Stand beside the colours of changes."""

PAINTS = {
    "parameter": ("warm", "gold"),
    "hidden": ("ground", "muted"),
    "branch": ("wire", "wire"),
}
"""The colours of a box's inside and outline, by its kind; else OTHERS."""

OTHERS = ("fill", "line")

MIDDLES = {0.26: "acemnorsuvwxzασπτεικνωμ@", 0.31: "+−×÷=±·~<>", 0.17: "gpqyμρ", 0.4: "*"}
"""How high above the base line, in em, the middle of a symbol of these lies; else MIDDLE."""

MIDDLE = 0.345


@dataclass(frozen=True, slots=True)
class Painting:
    """An SVG, and what its layout says of itself: "" or one line.  size: in pixels."""

    svg: str
    note: str = ""
    size: tuple[float, float] = (0.0, 0.0)


def _placed(wanted: Plan, layout: str) -> Placement:
    """The placement by one layout or, with a note, by our own where that one cannot."""
    if layout == "auto":
        return place(wanted)
    if layout == "graphgrad":
        return place(wanted, engine=layout)
    try:
        return place(wanted, engine=layout)
    except LayoutError as error:
        note = f"{error}; graphgrad's own layout was used"
        return replace(place(wanted, engine="graphgrad"), note=note)


def svg_of(view: View, style: Style, *, inline: bool = False) -> str:
    """The view as an SVG of its own, ready for a file or to stand inside a page.

    inline: with plain colours instead of CSS variables, for renderers that know none.
    Raises LayoutError if the graph is too large for the layouts that are here.
    """
    return painted(view, style, inline=inline).svg


def painted(view: View, style: Style, *, inline: bool = False) -> Painting:
    """The view as an SVG, and whether anything was odd about its layout. Raises LayoutError."""
    figure = figure_of(view, style)
    placement = _placed(plan(figure, style), style.layout)
    svg, size = _Painter(figure, placement, style, inline).svg()
    return Painting(svg, placement.note, size)


class _Painter:
    """Paints one picture."""

    def __init__(self, figure: Figure, placement: Placement, style: Style, inline: bool) -> None:
        self.figure, self.placement, self.style, self.inline = figure, placement, style, inline
        self.canvas = Canvas(is_picture=inline)
        # A curve lies between its control points: most are nowhere near the title of a frame.
        self.curves = [(_extent(path), path) for path in placement.curves.values()]

    def svg(self) -> tuple[str, tuple[float, float]]:
        """The whole picture, its width and its height."""
        left, top, right, bottom = _bounds(self.figure, self.placement, self.style.direction)
        notes = self._notes(right - left)
        inner = max([right - left, *(width(note, NOTE) for note in notes)])
        shift = (MARGIN + (inner - right + left) / 2 - left, MARGIN - top)
        self.canvas.add(f'<g transform="translate({decimal(shift[0])} {decimal(shift[1])})">')
        self._clusters()
        for lines in lines_of(self.figure, self.placement, self.style.direction).values():
            self._wire(lines)
        for shape in self.figure.shapes.values():
            self._box(shape)
        self.canvas.end()
        high = bottom - top + 2 * MARGIN
        for note in notes:
            self.canvas.text(Run(note, "muted", NOTE), (MARGIN, high + 3), "start")
            high += NOTE * 1.4
        size = (inner + 2 * MARGIN, high + (4 if notes else 0))
        return self._root(*size), size

    def _root(self, wide: float, high: float) -> str:
        ground = f'<rect class="{self.canvas.use("f-ground")}" width="100%" height="100%"/>'
        body = "\n".join([ground, *self.canvas.elements])
        title = escaped(title_of(self.figure.view))
        size = f'width="{decimal(wide)}" height="{decimal(high)}"'
        box = f'viewBox="0 0 {decimal(wide)} {decimal(high)}"'
        seed = f"{self.style.theme} {self.inline} {size}\n{body}"
        root = f"gg-{hashlib.sha256(seed.encode()).hexdigest()[:8]}"
        rules = stylesheet(root, self.canvas.classes, self.style.theme, inline=self.inline)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" id="{root}" class="gg" {box} {size} '
            f'role="img" aria-label="{title}" font-family="{_fonts()}">\n<title>{title}</title>\n'
            f"<style>\n{rules}\n</style>\n{body}\n</svg>\n"
        )

    def _notes(self, wide: float) -> list[str]:
        letters = max(NARROWEST, int(wide / NOTE_LETTER))
        return [line for note in self.figure.view.notes for line in textwrap.wrap(note, letters)]

    def _clusters(self) -> None:
        for cluster in self.figure.view.clusters:
            if cluster.id not in self.placement.regions:
                continue
            left, top, right, bottom = self.placement.regions[cluster.id]
            self.canvas.start(cluster.id, "cluster")
            self.canvas.rectangle(
                left, top, right - left, bottom - top,
                fill="frame", line="edge", thick=1, corner=12,
            )  # fmt: skip
            self._titled(self.figure.titles[cluster.id].lines, left + 12, right - 12, bottom - 8)
            self.canvas.end()

    def _titled(self, lines: Sequence[Line], left: float, right: float, bottom: float) -> None:
        """A title at the lower left, or at the right if wires run through it there only."""
        wide, high = size_of(lines)
        x = left
        if self._is_crossed((left, bottom - high, left + wide, bottom)) and not self._is_crossed(
            (right - wide, bottom - high, right, bottom)
        ):
            x = right - wide
        top = bottom - high
        for line in lines:
            self.canvas.line(line, x, top, "start")
            top += line.height

    def _is_crossed(self, place: tuple[float, float, float, float]) -> bool:
        """Whether a wire runs through a rectangle, or close by."""
        left, top, right, bottom = place[0] - 6, place[1], place[2] + 6, place[3]
        near = (
            path
            for (west, north, east, south), path in self.curves
            if west < right and east > left and north < bottom and south > top
        )
        return any(left < x < right and top < y < bottom for path in near for x, y in samples(path))

    def _box(self, shape: Shape) -> None:
        box, centre = shape.box, self.placement.centres[shape.box.id]
        x, y = centre
        self.canvas.start(box.id, box.kind, _tooltip(box))
        self._outline(shape, centre)
        if shape.form == "circle":
            run = shape.lines[0].items[0]
            assert isinstance(run, Run)
            self.canvas.text(run, (x, y + _middle(run.text) * run.size))
        else:
            self.canvas.stack(shape.lines, x, y - size_of(shape.lines)[1] / 2)
        right, top = _corner(shape, centre, self.style.direction)
        if box.pair:
            self.canvas.badge(box.pair, "gradient" if "∂" in box.pair else "line", (right, top))
        if box.change:
            self.canvas.badge(SIGNS[box.change], box.change, (2 * x - right, top))
        self.canvas.end()

    def _outline(self, shape: Shape, centre: Point) -> None:
        box = shape.box
        fill, line = PAINTS.get(box.kind, OTHERS)
        if "∂" in box.pair:
            fill, line = "blush", "gradient"
        line = box.change or line
        dash = DASHED if box.kind == "hidden" or box.change == "removed" else ""
        thick = 1.8 if box.kind in ("operation", "module") else 1.3
        if shape.form == "dot":
            self.canvas.circle(centre, shape.width / 2, line)
        elif shape.form == "circle":
            more = f' stroke-width="{thick:g}"{dash}'
            self.canvas.circle(centre, shape.width / 2, fill, more, line)
        elif shape.form == "rounded":
            left, top = centre[0] - shape.width / 2, centre[1] - shape.height / 2
            self.canvas.rectangle(
                left, top, shape.width, shape.height, fill=fill, line=line, thick=thick, more=dash
            )

    def _wire(self, lines: WireLines) -> None:
        label, wire = lines.label, lines.label.wire
        shape = f" {shape_text(wire.value.shape)}" if wire.value and wire.value.shape else ""
        self.canvas.start(wire.id, "wire", wire.name and wire.name + shape)
        dash = DASHED if wire.change == "removed" else ""
        if self.style.shows_values:
            self.canvas.add('<g class="gg-value">')
            self._stroke(lines.forward, label.value, f' stroke-width="1.2"{dash}')
            self.canvas.stack(label.above, *self._side(lines.centre, label.above, -1))
            self.canvas.end()
        if self.style.shows_gradients:
            self.canvas.add('<g class="gg-gradient">')
            if label.gradient:
                self._stroke(lines.gradient, label.gradient, dash, is_thick=True)
            self.canvas.stack(label.below, *self._side(lines.centre, label.below, 1))
            self.canvas.end()
        if not self.style.shows_values and not label.gradient:
            dots = ' stroke-width="1.2" stroke-dasharray="1.5 3"'
            whole = lines.forward.whole
            self._stroke(Stroke(whole, (), whole), "wire", dots)
        if wire.change in ("added", "removed"):
            self.canvas.badge(SIGNS[wire.change], wire.change, self._start(label, lines.centre))
        self.canvas.end()

    def _side(self, centre: Point, lines: Sequence[Line], sign: int) -> tuple[float, float]:
        """Where the lines on one side of a wire stand: their middle, and their top."""
        wide, high = size_of(lines)
        x, y = centre
        if self.style.direction == "TB":
            return x + sign * (OFFSET + 2 * CLEAR + wide / 2), y - high / 2
        return x, y - OFFSET - CLEAR - high if sign < 0 else y + OFFSET + CLEAR

    def _start(self, label: Label, centre: Point) -> Point:
        """Where a wire comes to its label."""
        x, y = centre
        if self.style.direction == "TB":
            return x, y - label.size[1] / 2
        return x - label.size[0] / 2, y

    def _stroke(self, stroke: Stroke, role: str, more: str, is_thick: bool = False) -> None:
        names = [f"s-{role}"]
        if is_thick:
            names += ["k-thick", *([f"d-{role}"] if role in ("zero", "faint") else [])]
        self.canvas.path(stroke.path, self.canvas.use(*names), more)
        if stroke.head:
            self.canvas.polygon(stroke.head, role)


def _extent(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """The least and the greatest x and y, as left, top, right and bottom."""
    across, down = zip(*points, strict=True)
    return min(across), min(down), max(across), max(down)


def _bounds(
    figure: Figure, placement: Placement, direction: str
) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of all that may be painted, in whatever mode.

    A layout gives a box with loops their room on both sides, and they are on one.
    """
    corners = list(_corners(figure, placement, direction))
    if not corners:
        return 0.0, 0.0, placement.width, placement.height
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    return max(left, 0.0), max(top, 0.0), min(right, placement.width), min(bottom, placement.height)


def _corners(figure: Figure, placement: Placement, direction: str) -> Iterator[Point]:
    def around(x: float, y: float, half_width: float, half_height: float) -> Iterator[Point]:
        yield x - half_width, y - half_height
        yield x + half_width, y + half_height

    for left, top, right, bottom in placement.regions.values():
        yield from ((left, top), (right, bottom))
    for curve in placement.curves.values():
        yield from curve
    for id, shape in figure.shapes.items():
        x, y = placement.centres[id]
        yield from around(x, y, shape.width / 2 + 2, shape.height / 2 + 2)
        for loop in shape.loops:
            across = loop.away + loop.label.size[direction == "LR"] / 2
            wide = max(loop.reach + OFFSET + 2, loop.label.size[direction == "TB"] / 2)
            yield from (
                ((x - wide, y - across), (x + wide, y))
                if direction == "LR"
                else ((x, y - wide), (x + across, y + wide))
            )
    for label in figure.labels.values():
        if label.wire.is_loop:
            continue
        (x, y), (wide, high), (before, after) = (
            placement.centres[label.wire.id], label.size, label.sides,
        )  # fmt: skip
        yield from (
            ((x - wide / 2, y - before), (x + wide / 2, y + after))
            if direction == "LR"
            else ((x - before, y - high / 2), (x + after, y + high / 2))
        )


def _corner(shape: Shape, centre: Point, direction: str) -> Point:
    """Where a badge stands: on the outline to the right, above, or below where wires come from."""
    x, y = centre
    down = 1 if direction == "TB" else -1
    if shape.form == "circle":
        return x + 0.72 * shape.width / 2, y + down * 0.78 * shape.height / 2
    return x + shape.width / 2 - 3, y + down * (shape.height / 2 + 1)


def _middle(symbol: str) -> float:
    """How high above the base line the middle of a symbol lies, in em."""
    found = (high for high, letters in MIDDLES.items() if set(symbol) <= set(letters))
    return next(found, MIDDLE)


def _tooltip(box: Box) -> str:
    """What is shown when the mouse rests on a box: its operation, its rules, the user's line."""
    name = box.op if box.op != box.label else ""
    return "\n".join(line for line in (name, *box.formulas, box.where) if line)


def title_of(view: View) -> str:
    """What a screen reader says of the picture."""
    outputs = [box.label for box in view.boxes if box.kind == "output"]
    named = f" of {', '.join(outputs[:3])}" + (" and more" if len(outputs) > 3 else "")
    leaves = sum(box.kind in ("input", "parameter", "constant") for box in view.boxes)
    operations = sum(box.kind in ("operation", "module") for box in view.boxes)
    counts = [_counted(leaves, "input"), _counted(operations, "operation")]
    return f"Computational graph{named if outputs else ''}: {', '.join(counts)}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _fonts() -> str:
    names = [f"'{name}'" if " " in name else name for name in FONTS.split(",")]
    return ", ".join(names)
