"""How a drawing shall look: what it shows, and the colours of each theme.

The colours are for the ground they stand on: every one that text is set in has a contrast of at
least 4.5 : 1. Meaning never rests on colour alone: place, direction and thickness carry it too.
"""

from __future__ import annotations

from dataclasses import dataclass

MODES = ("both", "forward", "backward")
GRADS = ("edge", "total", False)
DIRECTIONS = ("LR", "TB")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme. bad: nan or inf.  zero: exactly zero.  faint: vanishing."""

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

    def of(self, health: str) -> str:
        """The colour of a gradient in that state of health, as `Value.health` names it."""
        colours = {"bad": self.bad, "zero": self.zero, "faint": self.faint}
        return colours.get(health, self.gradient)


THEMES = {
    "light": Palette(
        ground="white", ink="#1f2933", wire="#5b6770", gradient="#c2255c", fill="#e7f0fb",
        line="#2b6cb0", muted="#5b6770", bad="#e03131", zero="#6f777f", faint="#a85b00",
    ),
    "dark": Palette(
        ground="#0d1117", ink="#e6edf3", wire="#8b949e", gradient="#ff7b9c", fill="#16283f",
        line="#58a6ff", muted="#8b949e", bad="#ff6b6b", zero="#8b949e", faint="#f59f00",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """What a drawing shows. Raises ValueError for a word it does not know.

    mode: "both", "forward" or "backward".  values: whether numbers stand on the forward wires.
    grads: "edge" for the contribution along each wire, "total" for the whole gradient of its value,
    False for none. precision: significant digits.  direction: "LR" or "TB".  theme: "light" or
    "dark".
    """

    mode: str = "both"
    values: bool = True
    grads: str | bool = "edge"
    precision: int = 4
    direction: str = "LR"
    theme: str = "light"

    def __post_init__(self) -> None:
        _check("mode", self.mode, MODES)
        _check("grads", self.grads, GRADS)
        _check("direction", self.direction, DIRECTIONS)
        _check("theme", self.theme, tuple(THEMES))
        if not isinstance(self.precision, int) or not 1 <= self.precision <= 17:
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
        """The colours of the theme."""
        return THEMES[self.theme]


def _check(what: str, given: object, known: tuple[object, ...]) -> None:
    if given not in known:
        raise ValueError(f"{what} is {given!r}; it must be one of {', '.join(map(repr, known))}.")
