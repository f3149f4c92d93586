"""svg, text, dot and json of a drawing carry the same numbers, in the same order."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import viz
from autograd import Tensor, backend, ops
from examples.figures import CHAPTERS
from tests.viz.graphs import gated, lecture, matrix, recurrent, square_plus_self, stack, two_layers
from viz import format
from viz.rows import Marks, Writer

SHAPE = re.compile(r"\(\d*(?:, ?\d*)*\)")
NUMBER = re.compile(r"[+-]?(?:nan|inf|True|False|\d+(?:\.\d+)?(?:e-?\d+)?)")

Lines = list[tuple[list[str], list[str]]]
"""For each wire the numbers of its value, and those of its gradient."""


def broken() -> Tensor:
    """nan, both infinities, zero, the smallest and the largest."""
    x = Tensor(np.array([1e300, 1e-300, 0.0, -0.0, -2.5]), requires_grad=True, name="x 1")
    with backend.quiet():
        first = x[:3] * np.array([np.inf, -np.inf, 0.0])
        return (first + x[2:] * 1e-7).sum() - ops.log(x[2])


def many() -> Tensor:
    """A value of many uses, some of them negative."""
    x = Tensor(1.5, requires_grad=True, name="x")
    return x - x * -2.0 + x - x / 3 - x + x * 1e-7 - x - x


GRAPHS = {
    "lecture": lecture,
    "branch": square_plus_self,
    "layers": two_layers,
    "stack": lambda: stack(3),
    "recurrent": lambda: recurrent(3),
    "gated": lambda: gated(2),
    "broken": broken,
    "many": many,
    "matrices": lambda: (matrix(3, 3, "A1") @ matrix(3, 2, "B2")).sum(),
    "logical": lambda: ops.where(Tensor([True, False]), matrix(1, 2, "x"), matrix(1, 2, "y")).sum(),
}

OPTIONS: list[dict[str, Any]] = [
    {},
    {"mode": "forward"},
    {"mode": "backward"},
    {"grads": "total"},
    {"grads": False},
    {"values": False},
    {"precision": 2},
    {"precision": 8},
    {"direction": "TB", "theme": "print"},
    {"depth": 0},
    {"roll": True},
]


def numbers(text: str) -> list[str]:
    """The numbers of a text, in their order, without shapes; a minus may stand apart."""
    text = SHAPE.sub(" ", text).replace("- ", "-").replace(",", "")
    return [found.removeprefix("+") for found in NUMBER.findall(text)]


def without(name: str, texts: list[str]) -> str:
    """The texts in a row, without the name that may be the first of them."""
    return " ".join(texts[1:] if name and texts[:1] == [name] else texts)


def of_json(drawing: viz.Drawing) -> Lines:
    record = json.loads(drawing.to_json())
    return [
        (list(_texts(wire, "value")), list(_texts(wire, "gradient"))) for wire in record["wires"]
    ]


def _texts(wire: dict[str, Any], key: str) -> Iterator[str]:
    if wire.get(key) is None:
        return
    parts = wire.get("parts", []) if key == "gradient" else []
    if len(parts) > 1 and not any(part["shape"] for part in parts):
        shown = parts if len(parts) <= format.TERMS else parts[: format.TERMS - 1]
        yield from (number for part in shown for number in numbers(part["text"]))
        yield from [str(len(parts) - len(shown))] if len(shown) < len(parts) else []
    yield from numbers(wire[key]["text"])


def of_text(drawing: viz.Drawing) -> Lines:
    """By its rows, which must stand in the text in that order."""
    found, lines = [], iter(viz.text.text_of(drawing.view, drawing.style, width=10_000).split("\n"))
    writer = Writer(drawing.view, drawing.style, Marks(), False, 24)
    for row in writer.rows():
        if row.header or not (row.name or row.forward or row.backward):
            continue
        value = row.value if drawing.style.shows_values else []
        gradient = row.gradient if drawing.style.shows_gradients else []
        for i in range(max(len(value), len(gradient))):
            pieces = [*value[i : i + 1], *gradient[i : i + 1]]
            assert any(all(piece in line for piece in pieces) for line in lines)
        found.append((numbers(" ".join(value)), numbers(" ".join(gradient))))
    return found


def of_svg(drawing: viz.Drawing) -> Lines:
    root = ET.fromstring(drawing.to_svg())
    groups = {group.get("id"): group for group in root.iter() if group.get("class") == "gg-wire"}

    def texts(wire: str, kind: str) -> list[str]:
        parts = [part for part in groups[wire] if part.get("class") == kind]
        return [
            "".join(text.itertext())
            for part in parts
            for text in part.iter("{http://www.w3.org/2000/svg}text")
        ]

    return [
        (
            numbers(without(wire.name, texts(wire.id, "gg-value"))),
            numbers(" ".join(texts(wire.id, "gg-gradient"))),
        )
        for wire in drawing.view.wires
    ]


def of_dot(drawing: viz.Drawing) -> Lines:
    source = drawing.to_dot().source
    tables = dict(re.findall(r"^\t+(e\d+) \[label=<(.*)> shape=plain\]$", source, re.MULTILINE))

    def texts(table: str) -> list[str]:
        words = (html.unescape(word).strip() for word in re.split(r"<[^>]*>", table))
        return [word for word in words if word]

    found = []
    for wire in drawing.view.wires:
        above, _, below = re.sub(r'<TD PORT="."', "\0<TD", tables.get(wire.id, "")).partition("\0")
        sides = without(wire.name, texts(above)), " ".join(texts(below))
        found.append((numbers(sides[0]), numbers(sides[1])))
    return found


def check(drawing: viz.Drawing) -> None:
    constants = {box.id for box in drawing.view.boxes if box.kind == "constant"}
    for wire, known, *others in zip(
        drawing.view.wires,
        *(formatted(drawing) for formatted in (of_json, of_text, of_svg, of_dot)),
        strict=True,
    ):
        text, *pictures = others
        assert text == known, f"{wire}: text"
        # A constant's number is its box; it does not stand on its wire again.
        value = [] if wire.source in constants else known[0]
        for name, picture in zip(("svg", "dot"), pictures, strict=True):
            assert picture == (value, known[1]), f"{wire}: {name}"


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", GRAPHS)
def test_all_formats_carry_the_same_numbers_in_the_same_order(
    name: str, options: dict[str, Any]
) -> None:
    check(viz.draw(GRAPHS[name](), **options))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: str(chapter.__name__))
def test_so_do_the_lectures_figures(chapter: Any) -> None:
    for _, drawing in chapter():
        check(drawing)


def test_so_does_the_backward_pass() -> None:
    check(viz.draw_backward(lecture(), "both"))
