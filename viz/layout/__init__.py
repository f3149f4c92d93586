"""Where boxes, labels and wires go: Graphviz if it is here, else our own layout.

Modules are the exception: Graphviz forgets the order of operands inside a frame and leads wires
around it, so a graph with frames that is not too large is placed by our own layout first.

`plan.py` says what goes in and comes out, `engines.py` speaks to Graphviz in a process of its own
(`process.py`, `__main__.py`), `layered` needs nothing but Python. Read `plan.py` next.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata

from viz.layout.engines import graphviz_layout
from viz.layout.plan import LayoutError, Link, Placement, Plan, Point, Region, Spot
from viz.layout.process import EngineError, EngineTimeout

__all__ = [
    "ENGINES",
    "LARGEST",
    "LayoutError",
    "Link",
    "Placement",
    "Plan",
    "Point",
    "Region",
    "Spot",
    "engines_here",
    "install",
    "place",
]

SECONDS = 20.0
"""How long Graphviz may take for one layout, all attempts together."""

LARGEST = 1000
"""How many spots that are no labels our own layout takes."""

MOST = 5000
"""How many such spots Graphviz is asked to place; nobody would wait for more, or see anything."""

FRAMED = 300
"""How many such spots a graph with frames has at most for our own layout to be the first choice."""

FAN = 100
"""Uses of one value beyond which `dot` takes its whole time, and our own layout is asked first."""

_stuck: set[str] = set()
"""Engines that took all their time for few boxes. They are not asked again in this process, so that
a notebook does not wait for a `dot` that hangs at every cell."""

ENGINES = ("dot", "pygraphviz", "graphgrad")
"""What can place a plan, by the names that `draw(layout=...)` takes."""


def place(plan: Plan, seconds: float = SECONDS, engine: str | None = None) -> Placement:
    """Where everything in the plan goes, by the first that can: `dot`, pygraphviz, our own layout;
    with frames around up to 300 boxes, or a value of more than 100 uses, our own.

    seconds: how long Graphviz may take, in all; then our own layout follows.  engine: the only one
    to use, of "dot", "pygraphviz" and "graphgrad".  The placement's note says what failed.
    Raises LayoutError if there are too many spots for what is left; ValueError for an unknown
    engine.
    """
    if engine not in (None, *ENGINES):
        known = ", ".join(map(repr, ENGINES))
        raise ValueError(f"engine is {engine!r}; it must be one of {known}.")
    if engine is None and _is_ours(plan):
        return _own(plan, [])
    if _boxes(plan) > MOST:
        return _own(plan, [])  # which refuses it at once
    deadline = time.monotonic() + seconds
    faults: list[str] = []
    for name in engines_here() if engine is None else [engine] if engine != "graphgrad" else []:
        if engine is None and name in _stuck:
            faults.append(f"`{name}` has taken too long before")
            continue
        rest = deadline - time.monotonic()
        if faults and rest <= 0:
            break
        try:
            placed = graphviz_layout(plan, name, rest, seconds)
        except EngineError as error:
            faults.append(str(error))
            had_time = rest > seconds / 2
            if isinstance(error, EngineTimeout) and had_time and _boxes(plan) <= FRAMED:
                _stuck.add(name)
        else:
            return _noted(placed, faults, f"{name} was used")
    if engine in ("dot", "pygraphviz"):
        raise LayoutError(f"{'; '.join(faults)}. {_remedy(engine)}")
    if engine is None and not faults:
        faults = [f"there is no Graphviz here ({install()})"]
    return _own(plan, faults)


def engines_here() -> list[str]:
    """The Graphviz engines that are installed, the first choice first."""
    return [*(["dot"] if shutil.which("dot") else []), *(["pygraphviz"] if _has_wheel() else [])]


def install() -> str:
    """The command that installs Graphviz on this system."""
    commands = {"darwin": "brew install graphviz", "win32": "winget install graphviz"}
    return commands.get(sys.platform, "sudo apt-get install graphviz")


def _has_wheel() -> bool:
    """Whether pygraphviz is here with a Graphviz of its own, which it has from version 2 on."""
    try:
        return int(metadata.version("pygraphviz").partition(".")[0]) >= 2
    except (metadata.PackageNotFoundError, ValueError):
        return False


def _own(plan: Plan, faults: list[str]) -> Placement:
    """Our own layout, if it is not too much for it."""
    boxes = _boxes(plan)
    if boxes > LARGEST:
        tried = f" ({'; '.join(faults)})" if faults else ""
        raise LayoutError(
            f"{boxes:,} boxes are too many to place{tried}: graphgrad's own layout takes "
            f"{LARGEST:,}. Show fewer outputs, or fewer boxes with max_nodes=, depth= or around=; "
            f"or as text."
        )
    return _noted(_layered()(plan), faults, "graphgrad's own layout was used")


def _is_ours(plan: Plan) -> bool:
    """Whether our own layout is the first choice."""
    if _boxes(plan) > LARGEST:
        return False
    uses = Counter(link.tail for link in plan.links)
    return max(uses.values(), default=0) > FAN or (bool(plan.regions) and _boxes(plan) <= FRAMED)


def _boxes(plan: Plan) -> int:
    return sum(not spot.is_label for spot in plan.spots)


def _layered() -> Callable[[Plan], Placement]:
    """Our own layout, which most drawings never need."""
    from viz.layout.layered import layered

    return layered


def _noted(placed: Placement, faults: list[str], instead: str) -> Placement:
    notes = [placed.note, *faults, instead] if faults else [placed.note]
    return replace(placed, note="; ".join(filter(None, notes)))


def _remedy(engine: str) -> str:
    if engine in engines_here():
        return "Without engine= another layout takes its place."
    command = install() if engine == "dot" else "pip install 'graphgrad[dot]'"
    return f"Install it: {command}"
