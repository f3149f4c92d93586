"""How a drawing shall look: what it shows, and the colours of each theme.

The colours are for the grounds they stand on: every one that text is set in has a contrast of at
least 4.5 : 1. Meaning never rests on colour alone: place, direction, thickness, signs and dashes
carry it too, so that the print theme needs no colour at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from viz.layout import ENGINES

MODES = ("both", "forward", "backward")
GRADS = ("edge", "total", False)
DIRECTIONS = ("LR", "TB")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, and the thickness of its gradient wires in pixels.

    ground: behind everything.  ink, muted: text.  fill, line: of operations and modules.  frame,
    edge: the ground and the line of clusters.  warm, gold: those of parameters.  blush: the
    inside of an operation that computes a gradient.  bad: nan or inf.
    zero: exactly zero.  faint: vanishing.  added, removed, changed: against another graph.
    """

    ground: str
    ink: str
    wire: str
    gradient: str
    fill: str
    line: str
    muted: str
    bad: str
    zero: str
    faint: str
    frame: str
    edge: str
    warm: str
    gold: str
    blush: str
    added: str
    removed: str
    changed: str
    thick: float = 2.0

    def of(self, health: str) -> str:
        """The colour of a gradient in that state of health, as `Value.health` names it."""
        colours = {"bad": self.bad, "zero": self.zero, "faint": self.faint}
        return colours.get(health, self.gradient)


THEMES = {
    "light": Palette(
        ground="#ffffff", ink="#1f2933", wire="#5b6770", gradient="#c2255c", fill="#e7f0fb",
        line="#2b6cb0", muted="#5b6770", bad="#d0222b", zero="#636b74", faint="#9c5200",
        frame="#f6f8fa", edge="#d0d7de", warm="#fff7e0", gold="#d69e2e", blush="#fdecf2",
        added="#187733", removed="#cf222e", changed="#8a5a00",
    ),
    "dark": Palette(
        ground="#0d1117", ink="#e6edf3", wire="#8b949e", gradient="#ff7b9c", fill="#16283f",
        line="#58a6ff", muted="#98a2ad", bad="#ff6b6b", zero="#8b949e", faint="#f59f00",
        frame="#151b23", edge="#303841", warm="#2b2411", gold="#d29922", blush="#341823",
        added="#3fb950", removed="#ff7b72", changed="#e3b341",
    ),
    "print": Palette(
        ground="#ffffff", ink="#000000", wire="#000000", gradient="#000000", fill="#ffffff",
        line="#000000", muted="#333333", bad="#000000", zero="#000000", faint="#000000",
        frame="#f5f5f5", edge="#888888", warm="#ffffff", gold="#000000", blush="#e4e4e4",
        added="#000000", removed="#000000", changed="#000000", thick=2.8,
    ),
}  # fmt: skip

LAYOUTS = ("auto", *ENGINES)

THEME_NAMES = ("auto", *THEMES)
"""What a drawing's theme can be. "auto" is light, dark or print, as the reader's screen is."""


@dataclass(frozen=True, slots=True)
class Style:
    """What a drawing shows. Raises ValueError for a word it does not know.

    mode: "both", "forward" or "backward".  values: whether numbers stand on the forward wires.
    grads: "edge" for the contribution along each wire, "total" for the whole gradient of its value,
    False for none. precision: significant digits.  direction: "LR" or "TB".  theme: "auto",
    "light", "dark" or "print".  layout: what places the boxes; "auto" is the first that can.
    """

    mode: str = "both"
    values: bool = True
    grads: str | bool = "edge"
    precision: int = 4
    direction: str = "LR"
    theme: str = "auto"
    layout: str = "auto"

    def __post_init__(self) -> None:
        _check("mode", self.mode, MODES)
        _check("grads", self.grads, GRADS)
        _check("direction", self.direction, DIRECTIONS)
        _check("theme", self.theme, THEME_NAMES)
        _check("layout", self.layout, LAYOUTS)
        # type(), as True is an int.
        if type(self.precision) is not int or not 1 <= self.precision <= 17:
            raise ValueError(
                f"precision is {self.precision!r}; it must be a number of digits from 1 to 17."
            )

    @property
    def shows_values(self) -> bool:
        """Whether forward wires are drawn."""
        return self.mode != "backward"

    @property
    def shows_gradients(self) -> bool:
        """Whether gradients are drawn, and so must be computed."""
        return self.mode != "forward" and self.grads is not False

    @property
    def palette(self) -> Palette:
        """The colours of the theme, where there can be only one: those of light for "auto"."""
        return THEMES["light" if self.theme == "auto" else self.theme]


def _check(what: str, given: object, known: tuple[object, ...]) -> None:
    if given not in known:
        raise ValueError(f"{what} is {given!r}; it must be one of {', '.join(map(repr, known))}.")
