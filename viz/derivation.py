"""An explanation in words: the paths line by line, the sum, the reading and the check.

`explain.py` finds what is told here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import backend
from autograd.graph import Node
from viz import format
from viz.names import one_line
from viz.paths import Link, Paths, Routes
from viz.replay import Difference
from viz.terminal import columns, padded
from viz.terms import Term, term_lines
from viz.value import measure

LONG = 8
"""Operations of a path that are all shown; a longer one is without its middle."""

ENDS = 2
"""Operations that are shown of either end of a longer path."""

GAP = "     "
"""Between a path and its product."""


@dataclass(frozen=True, slots=True)
class Story:
    """All that an explanation tells. groups: the paths by their last edge, where they are too many
    to follow.  shown: the element asked for.  place: the element whose number is shown.  is_right:
    whether the paths' sum is the gradient.  values: of the nodes on the way, where kept."""

    routes: Routes
    names: Mapping[Node, str]
    gradient: Any
    found: Paths
    groups: list[tuple[Any, int, Any]]
    total: Any
    shown: tuple[int, ...] | None
    place: tuple[int, ...] | None
    seed: Any
    has_seed: bool
    difference: Difference | None
    note: str
    is_right: bool
    rules: list[str]
    terms: list[Term] | None
    values: Mapping[Node, Any]

    @property
    def output(self) -> str:
        """What the output is called."""
        return self.names.get(self.routes.y, "y")

    @property
    def top(self) -> str:
        """What is differentiated: the output, or L where its gradient was given."""
        return "L" if self.has_seed else self.output

    @property
    def bottom(self) -> str:
        """What it is differentiated by."""
        element = "" if self.shown is None else str(list(self.shown))
        return self.name + element

    @property
    def name(self) -> str:
        """What x is called."""
        return self.names.get(self.routes.x, "x")

    def links(self, link: Link | None) -> list[Link]:
        """The edges of a path, from the output on."""
        found: list[Link] = []
        while link is not None:
            found.append(link)
            link = link.before
        return found[::-1]

    def step(self, box: Node, position: int, factor: float | None) -> str:
        """An operation on the way: its sign, the other factor's name, the local derivative."""
        other = ""
        is_product = box.op.name in ("mul", "matmul") or (box.op.name == "div" and position == 0)
        if is_product and box.parents[0] is not box.parents[1]:
            other = self.names.get(box.parents[1 - position], "")
        gap = " " if other and box.op.name == "matmul" else ""
        number = "" if factor is None else f" {format.number(factor)}"
        return f"{one_line(box.op.symbol)}{gap}{other}{number}"

    def value(self, node: Node) -> str:
        """A value on the way: its name, else its number or shape."""
        if node is self.routes.y:
            return self.output
        if node is self.routes.x:
            return self.bottom
        if node in self.names:
            return self.names[node]
        array = self.values.get(node)
        if array is not None and math.prod(node.shape) == 1:
            return format.number(backend.to_host(array).reshape(-1)[0].item())
        return format.shape_text(node.shape)


def text_of(story: Story) -> str:
    """The whole explanation."""
    lines = [f"∂{story.top}/∂{story.bottom} = {_shown(story.gradient)}"]
    lines += _group_lines(story) if story.groups else _path_lines(story)
    lines += story.rules
    if story.terms is not None:
        lines += term_lines(story.terms, story.routes.x, story.name, story.shown or (), story.names)
    lines += _check_lines(story)
    return "\n".join(lines)


def counted(n: int) -> str:
    """A number of paths, which may have thousands of digits.

    >>> counted(2**40), counted(10**5000)
    ('1,099,511,627,776', 'about 1e5000')
    """
    if n < 10**15:
        return f"{n:,}"
    fraction, exponent = math.modf(math.log10(n))
    return f"about {10**fraction:.3g}e{int(exponent)}"


def _path_lines(story: Story) -> list[str]:
    count, rest = story.found.count, story.found.rest
    rows = [(_ways(story, link), _product(story, v, link)) for v, link in story.found.best]
    if count == 1:
        way, product = rows[0]
        return [f"  1 path: {way}{GAP}{product}"]
    hidden = count - len(rows)
    title = (
        f"  {counted(count)} paths:"
        if not hidden
        else f"  {counted(count)} paths, the largest first:"
    )
    if hidden:
        rows.append((f"{counted(hidden)} more", _shown(rest)))
    rows.append(("sum", _sum(story)))
    return [title, *_aligned(rows)]


def _group_lines(story: Story) -> list[str]:
    title = f"  {counted(story.found.count)} paths, too many to follow; by their last operation:"
    rows = []
    for event, count, value in story.groups[:20]:
        step = story.step(event.node, event.position, None)
        ways = f"{counted(count)} path{'s' * (count != 1)}"
        rows.append((f"… ─{step}→ {story.bottom}   {ways}", _shown(value)))
    if rest := story.groups[20:]:
        total = sum((value for _, _, value in rest[1:]), rest[0][2])
        rows.append((f"{len(rest):,} more operations", _shown(total)))
    rows.append(("sum", _sum(story)))
    return [title, *_aligned(rows)]


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    width = max(columns(way) for way, _ in rows)
    return [f"    {padded(way, width)}{GAP}{product}" for way, product in rows]


def _ways(story: Story, link: Link | None) -> str:
    """A path in one line."""
    links = story.links(link)
    parts = [
        f"─{story.step(one.edge.box, one.edge.position, one.factor)}→ "
        f"{story.value(one.edge.target)}"
        for one in links
    ]
    if len(parts) > LONG:
        middle = f"… {len(parts) - 2 * ENDS:,} more operations …"
        parts = [*parts[:ENDS], middle, *parts[-ENDS:]]
    return " ".join([story.output, *parts])


def _product(story: Story, value: Any, link: Link | None) -> str:
    """The product along a path; only its value where a factor is no single number."""
    factors = [one.factor for one in story.links(link)]
    numbers = [f for f in factors if f is not None]
    if len(numbers) < len(factors) or not factors:
        return _shown(value)
    seed = float(backend.to_host(story.seed).reshape(-1)[0])
    texts = [format.number(f) for f in ([] if seed == 1 else [seed]) + numbers]
    if len(texts) == 1:
        return texts[0]
    if len(texts) > LONG:
        texts = [*texts[:ENDS], "…", *texts[-ENDS:]]
    return f"{' · '.join(texts)} = {_shown(value)}"


def _sum(story: Story) -> str:
    return _shown(story.total) + ("" if story.is_right else ", which is not the gradient")


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return format.number(value)
    return format.in_line(measure(np.asarray(value)))


def _check_lines(story: Story) -> list[str]:
    found = story.difference
    if found is None:
        check = f"central difference: none, because {story.note}"
    else:
        along = "" if story.place is not None else " in a random direction"
        verdict = _verdict(found)
        check = f"central difference{along}: {format.number(found.slope)} {verdict}"
    if story.place is None or not math.isfinite(story.gradient):
        return [f"  {check}"]
    g = story.gradient
    sign = "-" if g < 0 else "+"
    reading = f"{story.bottom} + 1 → {story.top} {sign} {format.number(abs(g))}"
    return [f"  reading: {reading}      {check}"]


def _verdict(found: Difference) -> str:
    expected, left, right = map(format.number, (found.expected, found.left, found.right))
    sides = f"{left} on the left, {right} on the right"
    if found.is_ok:
        return f"ok, at a kink: {sides}" if found.is_kink else "ok"
    if found.is_kink:
        return f"differs from {expected}: a kink, {sides}"
    return f"differs from {expected}: a rule is wrong, or a kink or jump is near"
