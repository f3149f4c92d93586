"""The gradients of a graph layer by layer: where they vanish, explode, or are exactly zero.

A layer is a module with parameters of its own, or a parameter outside all modules. Layers are
compared by the size of a gradient's numbers other than zero, so that neither a layer's width nor
the rows of an embedding that a batch leaves out count. How small gradients are by themselves says
nothing: a net that has learned its task has small ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograd.graph import Node
from autograd.mode import Entry
from viz import format
from viz.first_bad import Backward, Finding, called
from viz.terminal import columns, cut, padded
from viz.view.graph import Graph
from viz.view.models import ModelNames

RATIO = 1e-3
"""A layer whose gradient is so many times that of the layer nearest to the output is vanishing, or
exploding at the inverse."""

HUGE = 1e6
"""A gradient with an element above this is exploding."""

FAINTEST = 1e-7
"""All is vanishing where no larger share of the output comes back to the layers: less than float32
can tell from nothing. In a net that has converged, gradients cancel in the layers only."""

ROWS = 40
"""Layers that the table shows."""

NAME = 24
"""Columns of a layer's name."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer. size: how many numbers it learns.  norm, largest: of its gradient.  typical: the
    root mean square of the gradient's numbers that are not zero.  zeros: the share that are.
    is_array: whether it has more than single numbers.  state: "", "zero", "vanishing", "exploding"
    or "bad".  share: the largest number that came back to it, as a share of
    the output, or of 1 if that is larger."""

    name: str
    size: int
    norm: float
    largest: float
    typical: float
    zeros: float
    is_array: bool
    state: str = ""
    share: float = math.inf

    @property
    def is_sound(self) -> bool:
        """Whether its gradient can be compared."""
        return math.isfinite(self.norm) and self.norm > 0


def layers_of(
    graph: Graph, found: Backward, names: Mapping[Node, str], models: ModelNames, scale: float
) -> list[Layer]:
    """The layers that a gradient reached, in the order of their use. scale: how large the output
    is."""
    members: dict[object, list[Node]] = {}
    for leaf in graph.boxes:
        if leaf.op is None and leaf in found.gradients:
            members.setdefault(graph.homes.get(leaf, leaf), []).append(leaf)
    layers = []
    for home, leaves in members.items():
        name = models.path(home) if isinstance(home, Entry) else called(leaves[0], names)
        layers.append(_layer(name, leaves, found, scale))
    last = next((layer for layer in reversed(layers) if layer.is_array and layer.is_sound), None)
    return [_judged(layer, last) for layer in layers]


def _layer(name: str, leaves: Sequence[Node], found: Backward, scale: float) -> Layer:
    values = [found.gradients[leaf] for leaf in leaves]
    size = sum(math.prod(value.shape) for value in values)
    zeros = sum(found.zeros[leaf] for leaf in leaves)
    norm = math.hypot(*(value.norm or 0.0 for value in values))
    norms = [value.largest or 0.0 for value in values]
    largest = next((x for x in norms if math.isnan(x)), max(norms))
    typical = norm / math.sqrt(size - zeros) if size > zeros else 0.0
    is_array = any(leaf.shape for leaf in leaves)
    upstream = max(found.upstream.get(leaf, math.inf) for leaf in leaves)
    share = upstream / min(scale, 1.0) if scale > 0 else math.inf
    return Layer(
        name, size, norm, largest, typical, zeros / size if size else 0.0, is_array, share=share
    )


def _judged(layer: Layer, last: Layer | None) -> Layer:
    ratio = layer.typical / last.typical if last is not None and layer.is_array else 1.0
    if not layer.size:
        state = ""
    elif not math.isfinite(layer.norm):
        state = "bad"
    elif layer.norm == 0:
        state = "zero"
    elif layer.share < FAINTEST or ratio < RATIO:
        state = "vanishing"
    else:
        state = "exploding" if layer.largest > HUGE or ratio > 1 / RATIO else ""
    return replace(layer, state=state)


def layer_findings(layers: Sequence[Layer]) -> list[Finding]:
    """One finding each for vanishing and exploding gradients."""
    found = []
    sound = [layer for layer in layers if layer.is_array and layer.is_sound]
    for state, word in (("vanishing", "smallest"), ("exploding", "largest")):
        those = [layer for layer in layers if layer.state == state]
        if not those:
            continue
        pick = min if state == "vanishing" else max
        worst = pick(those, key=lambda layer: layer.typical)
        text = f"{len(those)} of {len(layers)} layers; the {word} is {worst.name}, norm "
        text += format.number(worst.norm)
        if sound and sound[-1] is not worst and worst.is_array:
            ratio = format.number(worst.typical / sound[-1].typical)
            text += f", an element {ratio} times one of {sound[-1].name}"
        elif worst.share < FAINTEST:
            text += f"; of the output, {format.number(worst.share)} times as much comes back to it"
        found.append(Finding(state, f"{text}."))
    return found


def zero_findings(graph: Graph, found: Backward, names: Mapping[Node, str]) -> list[Finding]:
    """A finding for each leaf whose gradient is exactly zero throughout, or that none reaches."""
    findings = []
    for leaf in graph.boxes:
        if leaf.op is not None or not leaf.tracked or not math.prod(leaf.shape):
            continue
        name = called(leaf, names)
        if leaf in found.gradients and found.gradients[leaf].largest == 0:
            text = f"every element of the gradient of {name} is exactly 0"
            killer = found.killers.get(leaf)
            text += f", since {called(killer, names)} passes none on." if killer else "."
            findings.append(Finding("zero", text))
    return findings


def table(layers: Sequence[Layer]) -> list[str]:
    """The layers in rows of at most 80 columns."""
    last = next((layer for layer in reversed(layers) if layer.is_array and layer.is_sound), None)
    rows = [("layer", "numbers", "|gradient|", "zeros", "× last", "")]
    half = ROWS // 2
    shown = list(layers) if len(layers) <= ROWS else [*layers[:half], *layers[-half:]]
    for layer in shown:
        is_comparable = last is not None and layer.is_array and layer.is_sound
        ratio = format.number(layer.typical / last.typical, 3) if is_comparable and last else ""
        zeros = f"{layer.zeros:.0%}" if layer.zeros else ""
        name = cut(layer.name, NAME)
        norm = format.number(layer.norm)
        rows.append((name, f"{layer.size:,}", norm, zeros, ratio, layer.state))
    widths = [max(columns(row[i]) for row in rows) for i in range(5)]
    lines = []
    for row in rows:
        cells = [padded(row[0], widths[0])]
        cells += [
            padded(text, width, ">") for text, width in zip(row[1:5], widths[1:], strict=True)
        ]
        lines.append(f"  {'  '.join(cells)}  {row[5]}".rstrip())
    if len(layers) > ROWS:
        lines.insert(half + 1, f"  … {len(layers) - ROWS:,} more layers …")
    return lines
