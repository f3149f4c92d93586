"""A network in characters: its layers in a line, and a formula for each neuron.

Of a neuron with many inputs the number and the range of its weights is told instead; of a layer
with too many neurons the first ones and the last are.
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace

from viz.network_reading import Layer, Reading
from viz.network_scene import Looks, shown_units, signed, unit_name
from viz.terminal import columns, wrapped
from viz.text import can_encode, spelled

WIDTH = 80
"""Columns of a line."""

INDENT = 7
"""Columns before what did not fit into the first line of a formula."""

WRITTEN = 8
"""Weights of a neuron that are written out; of more, their number and range."""

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾₀₁₂₃₄₅₆₇₈₉ⱼ⋮", "0123456789()0123456789j:")
"""Indices where there is nothing but ASCII: h⁽²⁾₁ becomes h(2)_1."""

NORMALISED = {"softmax": "∝ exp", "log softmax": "log ∝ exp"}
"""What a neuron computes whose output depends on its neighbours' too."""


def text_of(reading: Reading, looks: Looks, encoding: str | None = None) -> str:
    """The network as lines that the encoding, by default that of standard output, can hold."""
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    lines = (_wrapped(line) for line in _lines(reading, looks))
    text = "\n".join(piece for pieces in lines for piece in pieces)
    if can_encode(text, encoding):
        return text
    plain = (
        re.sub("([₀-₉ⱼ]+)", r"_\1", text).translate(RAISED).replace("∝", "~").replace("∘", " of ")
    )
    return spelled(plain.replace("σ", "sigmoid"), encoding)


def _wrapped(line: str) -> list[str]:
    """A line as it is, or in several of which the further ones stand under its formula."""
    if columns(line) <= WIDTH:
        return [line]
    first, *rest = wrapped(line, WIDTH)
    indent = " " * INDENT
    return [first, *(indent + piece for piece in wrapped(" ".join(rest), WIDTH - INDENT))]


def _lines(reading: Reading, looks: Looks) -> list[str]:
    weights = sum(layer.weight.size for layer in reading.layers)
    biases = sum(layer.bias.size for layer in reading.layers if layer.bias is not None)
    sizes = "-".join(map(str, reading.sizes))
    lines = [f"{sizes}   {weights:,} weights, {biases:,} biases"]
    if reading.is_given:
        shown = shown_units(reading.sizes[0], WRITTEN)
        names = (
            f"{unit_name(0, unit, reading, looks)} = {signed(reading.inputs[unit], 4)}"
            for unit in shown
        )
        lines.append("  ".join(names) + (" …" if len(shown) < reading.sizes[0] else ""))
    for i, layer in enumerate(reading.layers, start=1):
        lines.append("")
        path = f"{layer.path}: " if layer.path else ""
        lines.append(f"{path}{layer.weight.shape[1]} → {layer.size} {layer.activation}".rstrip())
        shown = shown_units(layer.size, looks.most)
        for unit in shown:
            if unit and unit - 1 not in shown:
                lines.append("  ⋮")
            lines.append(f"  {_formula(i, unit, layer, reading, looks)}")
    return lines


def _formula(i: int, unit: int, layer: Layer, reading: Reading, looks: Looks) -> str:
    """One neuron: h₁ = σ(20·x₁ − 10)."""
    row, inside, note = layer.weight[unit], "", ""
    if len(row) <= WRITTEN:
        for j, weight in enumerate(row):
            name = unit_name(i - 1, j, reading, looks)
            inside += _term(float(weight), f"·{name}", looks.precision, bool(inside))
    else:
        low, high = (signed(float(w), looks.precision) for w in (row.min(), row.max()))
        inside = f"Σⱼ wⱼ·{unit_name(i - 1, 0, reading, replace(looks, names=()))[:-1]}ⱼ"
        note = f"   {len(row):,} weights from {low} to {high}"
    if layer.bias is not None:
        inside += _term(float(layer.bias[unit]), "", looks.precision, bool(inside))
    name = unit_name(i, unit, reading, looks)
    value = signed(float(layer.values[unit]), 4) if reading.is_given else ""
    if layer.activation in NORMALISED:
        equals = f" = {value} " if value else " "
        return f"{name}{equals}{NORMALISED[layer.activation]}({inside}){note}"
    text = f"{layer.activation}({inside})" if layer.activation else inside
    return f"{name} = {text}" + (f" = {value}" if value else "") + note


def _term(number: float, times: str, precision: int, follows: bool) -> str:
    text = f"{signed(abs(number), precision)}{times}"
    if not follows:
        return f"−{text}" if number < 0 else text
    return f" {'−' if number < 0 else '+'} {text}"
