"""A network's scene as SVG, and for Graphviz, which makes PDF of it.

The SVG has the colours, the themes and the guarantees of `svg.py`: nothing from outside, text that
can be selected, the same bytes for the same network.
"""

from __future__ import annotations

import hashlib

import graphviz

from viz.canvas import Canvas, decimal, escaped
from viz.class_colours import mixed
from viz.dot import FONTS
from viz.lettering import Run
from viz.network_scene import INDEX, Disc, Scene, Wire, Word
from viz.style import THEMES, Palette
from viz.stylesheet import stylesheet
from viz.tables import escaped as escape
from viz.tables import font

FAINTEST = 0.4
"""How opaque the wire of a vanishing weight is."""

HEAD = 8.0
"""Pixels of an arrow's head."""

INCH = 72
"""Pixels in an inch of Graphviz, which calls them points."""

MIDDLE = 0.35
"""How far the base line of a word lies below its middle, in em."""


def svg_of(scene: Scene, theme: str, *, inline: bool = False) -> str:
    """The scene as an SVG of its own. inline: with plain colours instead of CSS variables."""
    canvas = Canvas(is_picture=inline)
    for left, top, wide, high in scene.frames:
        canvas.rectangle(left, top, wide, high, fill="frame", line="edge", thick=1, corner=14)
    for wire in scene.wires:
        _wire(canvas, wire)
    for disc in scene.discs:
        canvas.start(disc.id, "unit", disc.tooltip)
        centre = (disc.x, disc.y)
        canvas.circle(centre, disc.radius, disc.fill, ' stroke-width="1.6"', disc.line)
        if disc.shade > 0:
            opacity = f' fill-opacity="{decimal(disc.shade)}"'
            canvas.circle(centre, disc.radius - 0.8, disc.line, opacity)
        canvas.end()
    for dot in scene.dots:
        canvas.circle(dot, 1.8, "muted")
    for word in scene.words:
        _word(canvas, word)
    return _root(canvas, scene, theme, inline)


def _wire(canvas: Canvas, wire: Wire) -> None:
    (x, y), (u, v) = wire.start, wire.end
    coordinates = zip(("x1", "y1", "x2", "y2"), map(decimal, (x, y, u, v)), strict=True)
    dash = f' stroke-dasharray="{wire.dash}"' if wire.dash else ""
    opacity = FAINTEST + (1 - FAINTEST) * wire.share
    faded = f' stroke-opacity="{decimal(opacity)}"' if opacity < 1 else ""
    places = " ".join(f'{name}="{value}"' for name, value in coordinates)
    start = f'<line class="{canvas.use(f"s-{wire.role}")}" {places}'
    look = f' stroke-width="{decimal(wire.thick)}"{faded}{dash}'
    tooltip = f"><title>{escaped(wire.tooltip)}</title></line>" if wire.tooltip else "/>"
    canvas.add(f"{start}{look}{tooltip}")
    if wire.role == "wire":
        canvas.polygon([(u + HEAD, v), (u, v - HEAD / 2.4), (u, v + HEAD / 2.4)], "wire")


def _word(canvas: Canvas, word: Word) -> None:
    if word.ground:
        wide, high = word.width + 4, word.size * 1.15
        left, top = decimal(word.x - wide / 2), decimal(word.y - high / 2)
        size = f'width="{decimal(wide)}" height="{decimal(high)}" rx="3"'
        canvas.add(f'<rect class="{canvas.use(f"f-{word.ground}")}" x="{left}" y="{top}" {size}/>')
    run, base = Run(word.text, word.role, word.size, word.bold), word.y + MIDDLE * word.size
    if not word.below:
        canvas.text(run, (word.x, base), word.anchor)
        return
    x, y = decimal(word.x), decimal(base)
    index = f'<tspan dy="{decimal(0.2 * word.size)}" font-size="{INDEX * word.size:g}">'
    canvas.add(
        f'<text class="{canvas.use(f"f-{word.role}")}" x="{x}" y="{y}" font-size="{word.size:g}" '
        f'text-anchor="{word.anchor}">{canvas.lettered(word.text)}{index}{escaped(word.below)}</tspan>'
        "</text>"
    )


def _root(canvas: Canvas, scene: Scene, theme: str, inline: bool) -> str:
    ground = f'<rect class="{canvas.use("f-ground")}" width="100%" height="100%"/>'
    body = "\n".join([ground, *canvas.elements])
    wide, high, title = decimal(scene.wide), decimal(scene.high), escaped(scene.title)
    seed = f"{theme} {inline} {wide} {high}\n{body}"
    root = f"gg-{hashlib.sha256(seed.encode()).hexdigest()[:8]}"
    rules = stylesheet(root, canvas.classes, theme, inline=inline)
    names = ", ".join(f"'{name}'" if " " in name else name for name in FONTS.split(","))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{root}" class="gg" '
        f'viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="img" '
        f'aria-label="{title}" font-family="{names}">\n<title>{title}</title>\n'
        f"<style>\n{rules}\n</style>\n{body}\n</svg>\n"
    )


def dot_of(scene: Scene, theme: str) -> graphviz.Graph:
    """The scene for Graphviz, everything at its place: `dot -Tpdf` of its source is the picture."""
    palette = THEMES["light" if theme == "auto" else theme]
    graph = graphviz.Graph("network")
    graph.attr("graph", layout="neato", splines="false", bgcolor=palette.ground, pad="0.1",
               outputorder="edgesfirst")  # fmt: skip
    graph.attr("node", fontname=FONTS, shape="plain", fontcolor=palette.ink)
    painter = _Dot(graph, scene, palette)
    painter.paint()
    return graph


class _Dot:
    """Writes one scene for Graphviz, whose y axis points up."""

    def __init__(self, graph: graphviz.Graph, scene: Scene, palette: Palette) -> None:
        self.graph, self.scene, self.palette, self.count = graph, scene, palette, 0

    def paint(self) -> None:
        """Everything, back to front."""
        for left, top, wide, high in self.scene.frames:
            self._node(left + wide / 2, top + high / 2, label="", shape="box", style="rounded",
                       color=self._colour("edge"), width=f"{wide / INCH:.4f}",
                       height=f"{high / INCH:.4f}")  # fmt: skip
        for wire in self.scene.wires:
            self._wire(wire)
        for disc in self.scene.discs:
            self._disc(disc)
        for x, y in self.scene.dots:
            self._node(x, y, shape="point", width="0.05", color=self._colour("muted"))
        for word in self.scene.words:
            self._word(word)

    def _colour(self, role: str) -> str:
        return str(getattr(self.palette, role))

    def _node(self, x: float, y: float, **attributes: str) -> str:
        name, self.count = f"n{self.count}", self.count + 1
        place = f"{x / INCH:.4f},{(self.scene.high - y) / INCH:.4f}!"
        self.graph.node(name, pos=place, **attributes)
        return name

    def _disc(self, disc: Disc) -> None:
        self._node(
            disc.x, disc.y, label="", shape="circle", style="filled", penwidth="1.6",
            fixedsize="true", width=f"{2 * disc.radius / INCH:.4f}",
            fillcolor=mixed(self._colour(disc.fill), self._colour(disc.line), disc.shade),
            color=self._colour(disc.line),
        )  # fmt: skip

    def _wire(self, wire: Wire) -> None:
        ends = [
            self._node(*at, shape="point", width="0.001", style="invis")
            for at in (wire.start, wire.end)
        ]
        alpha = round(255 * (FAINTEST + (1 - FAINTEST) * wire.share))
        style = {"": "solid", "5 3": "dashed"}.get(wire.dash, "dotted")
        arrow = {"dir": "forward", "arrowsize": "0.6"} if wire.role == "wire" else {}
        colour = f"{self._colour(wire.role)}{alpha:02x}"
        self.graph.edge(*ends, color=colour, penwidth=f"{wire.thick:.2f}", style=style, **arrow)

    def _word(self, word: Word) -> None:
        if not word.text:  # Graphviz takes no empty words
            return
        x = word.x + {"start": 0.5, "middle": 0.0, "end": -0.5}[word.anchor] * word.width
        ground = {"style": "filled", "fillcolor": self._colour(word.ground)} if word.ground else {}
        label = font(escape(word.text), self._colour(word.role), word.size, bold=word.bold)
        if word.below:
            label += f"<SUB>{font(word.below, self._colour(word.role), INDEX * word.size)}</SUB>"
        self._node(x, word.y, label=f"<{label}>", color="transparent", **ground)
