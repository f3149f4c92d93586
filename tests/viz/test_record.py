"""The drawing as JSON, and the same numbers in every format."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import autograd
import viz
from autograd import Tensor
from tests.viz.graphs import GRADIENTS, VALUES, leaf, lecture, square_plus_self
from tests.viz.handmade import changes, modules
from tests.viz.views import number
from viz.boxes import Box, View, Wire
from viz.dot import dot_of
from viz.record import record_of, to_json
from viz.style import Style
from viz.text import text_of
from viz.value import Value


def read(view: View, style: Style | None = None) -> dict[str, Any]:
    """The record as a strict reader gets it."""

    def refuse(literal: str) -> None:
        raise AssertionError(f"{literal} is no JSON")

    record: dict[str, Any] = json.loads(to_json(view, style or Style()), parse_constant=refuse)
    return record


def test_the_lectures_numbers_stand_in_the_order_of_the_other_formats() -> None:
    record = read(viz.draw(lecture()).view)
    assert [wire["value"]["text"] for wire in record["wires"]] == VALUES
    assert [wire["gradient"]["text"] for wire in record["wires"]] == GRADIENTS


def test_the_record_says_who_wrote_it_and_has_its_keys_in_order() -> None:
    record = record_of(modules(), Style())
    assert list(record) == [
        "graphgrad", "format", "boxes", "clusters", "wires", "notes", "hidden",
    ]  # fmt: skip
    assert record["graphgrad"] == autograd.__version__ and record["format"] == 1
    assert record["hidden"] == 1250 and record["notes"] == list(modules().notes)
    assert record["clusters"][1] == {
        "id": "c1", "name": "fc1", "detail": "Linear 784 → 50 · 39,250", "parent": "c0",
    }  # fmt: skip


def test_boxes_have_the_fields_that_say_something() -> None:
    boxes = record_of(modules(), Style())["boxes"]
    assert boxes[0] == {"id": "n0", "kind": "input", "label": "x"}
    assert boxes[2] == {
        "id": "n2", "kind": "operation", "label": "@", "op": "matmul", "results": ["v1"],
        "cluster": "c1", "pair": "1",
    }  # fmt: skip
    assert boxes[3]["gradient"]["norm"] == "nan" and boxes[3]["parameters"] == 510
    empty = Box("n0", "module", "act", parameters=0, where="net.py:6", formulas=("∂z/∂x = y",))
    assert record_of(View((empty,), ()), Style())["boxes"][0] == {
        "id": "n0", "kind": "module", "label": "act", "parameters": 0, "where": "net.py:6",
        "formulas": ["∂z/∂x = y"],
    }  # fmt: skip


def test_wires_have_what_is_not_usual_besides() -> None:
    wires = {wire["id"]: wire for wire in record_of(modules(), Style())["wires"]}
    assert wires["e4"]["is_loop"] is True and wires["e4"]["value"] is None
    assert wires["e5"]["count"] == 3 and "is_loop" not in wires["e5"]
    changed = record_of(changes(), Style())["wires"][1]
    assert changed["change"] == "changed" and changed["old_value"]["text"] == "[[1 2] [3 5]]"
    assert changed["old_gradient"]["norm"] == 1.5
    branch = record_of(viz.draw(square_plus_self()).view, Style())["wires"][0]
    assert [part["text"] for part in branch["parts"]] == ["3", "3", "1"]


def test_a_pass_that_is_not_drawn_is_not_recorded() -> None:
    for view in (modules(), changes(), viz.draw(square_plus_self()).view):
        forward = to_json(view, Style("forward"))
        assert "gradient" not in forward and "parts" not in forward and '"value"' in forward
        assert '"gradient"' not in to_json(view, Style(grads=False))
        backward = to_json(view, Style("backward"))
        assert "value" not in backward.replace("3 values", "").replace("keep_values", "").replace(
            "Values", ""
        )
        assert '"value"' not in to_json(view, Style(values=False))


def test_numbers_that_json_lacks_are_written_as_texts() -> None:
    values = Value((3,), (math.nan, math.inf, -math.inf), math.nan, math.inf)
    view = View((Box("n0", "input", "x"), Box("n1", "output", "y")), (
        Wire("e0", "n0", "n1", "x", True, values, Value((2,), None, None, None)),
    ))  # fmt: skip
    wire = read(view)["wires"][0]
    assert wire["value"] == {
        "shape": [3], "numbers": ["nan", "inf", "-inf"], "norm": "nan", "largest": "inf",
        "health": "bad", "text": "[nan inf -inf]",
    }  # fmt: skip
    assert wire["gradient"]["norm"] is None and wire["gradient"]["text"] == "(2,) (not kept)"


@pytest.mark.parametrize("numbers", [(True, False), (1, -2), (0.1, 1e-300)])
def test_numbers_keep_their_type_and_all_their_digits(numbers: tuple[Any, ...]) -> None:
    value = Value((2,), numbers, 1.0, 1.0)
    view = View((Box("n0", "input", "x"),), (Wire("e0", "n0", "n0", "x", True, value),))
    assert read(view)["wires"][0]["value"]["numbers"] == list(numbers)


@pytest.mark.parametrize(
    "name",
    ['a"b', "</script>", "back\\slash", "line\nbreak", "사과 가격", "👩‍👧", "\ud800", "\x00"],
)
def test_any_name_can_be_read_again(name: str) -> None:
    box = Box("n0", "input", name, where=name)
    text = to_json(View((box,), (), notes=(name,)), Style())
    text.encode("utf-8")
    shown = name.encode("utf-8", "backslashreplace").decode("utf-8")
    if name == "\ud800":
        return
    assert json.loads(text)["boxes"][0]["label"] == shown == json.loads(text)["notes"][0]


def test_the_text_has_an_indent_of_two_short_lines_and_a_newline_at_its_end() -> None:
    text = to_json(modules(), Style())
    assert text.endswith("}\n") and not text.endswith("\n\n")
    lines = text.splitlines()
    assert lines[1].startswith('  "graphgrad": ')
    assert lines[4] == '    {"id": "n0", "kind": "input", "label": "x"},'
    assert all(len(line) <= 100 for line in lines if "Values" not in line)
    assert json.loads(text) == record_of(modules(), Style())
    assert text == to_json(modules(), Style()), "the same every time"


def matrices() -> Tensor:
    """A small product and a large one."""
    x = Tensor([[1.0, -2.5], [10.0, 0.25]], requires_grad=True, name="x")
    w = Tensor(np.arange(8.0).reshape(2, 4), requires_grad=True, name="w")
    y = (x @ w).tanh().sum()
    y.name = "y"
    return y


def sick() -> Tensor:
    """A nan, an exact zero and a gradient that vanishes."""
    y = leaf(1.0, "x") * 1e-8 + leaf(2.0, "z") * 0.0 + leaf(3.0, "n") * float("nan")
    y.name = "y"
    return y


def numbers(value: dict[str, Any] | None) -> list[str]:
    """The numbers in a text as drawings print it, without the shape."""
    if value is None:
        return []
    text = re.sub(r"\([\d, ]*\)", " ", value["text"])
    return re.findall(r"-?\d[\d.e-]*|nan|-?inf", text)


def recorded(view: View, mode: str) -> list[list[str]]:
    """The numbers on each wire in the drawing of one pass, as JSON has them."""
    key = "value" if mode == "forward" else "gradient"
    wires = record_of(view, Style(mode))["wires"]
    constants = {box.id for box in view.boxes if box.kind == "constant"}
    return [numbers(wire[key]) for wire in wires if wire["from"] not in constants]


def in_dot(view: View, mode: str) -> Iterator[list[str]]:
    """The numbers on each wire, as the source for Graphviz has them."""
    source = dot_of(view, Style(mode)).source
    constants = {box.id for box in view.boxes if box.kind == "constant"}
    labels = dict(re.findall(r"^\t(e\d+) \[label=<(.*)> shape=plain\]$", source, re.M))
    order = re.findall(r"^\t(e\d+) \[label", source, re.M)
    assert order == sorted(order, key=lambda id: int(id[1:]))
    for wire in view.wires:
        if wire.source not in constants:
            label = re.sub(r'POINT-SIZE="11">.*?</FONT>', ">", labels.get(wire.id, ""))
            text = re.sub(r"<.*?>", " ", label)
            text = re.sub(r".* = ", "", text)
            text = re.sub(r".*→ ", "", text)
            yield re.findall(r"-?\d[\d.e-]*|nan|-?inf", re.sub(r"\([\d, ]*\)", " ", text))


def in_text(view: View, mode: str) -> list[str]:
    """All numbers of the text drawing, with those in names."""
    text = re.sub(r"\([\d, ]*\)", " ", text_of(view, Style(mode), width=1000))
    return re.findall(r"(?<![\w.])-?\d[\d.e-]*|nan|-?inf", text)


VIEWS = {
    "lecture": viz.draw(lecture()).view,
    "branch": viz.draw(square_plus_self()).view,
    "matrices": viz.draw(matrices()).view,
    "health": viz.draw(sick()).view,
    "modules": modules(),
    "changes": changes(),
}


@pytest.mark.parametrize("mode", ["forward", "backward"])
@pytest.mark.parametrize("name", VIEWS)
def test_text_dot_and_json_have_the_same_numbers_in_the_same_order(name: str, mode: str) -> None:
    view = VIEWS[name]
    expected = recorded(view, mode)
    assert any(expected)
    assert list(in_dot(view, mode)) == expected
    found = iter(in_text(view, mode))
    missing = [n for wire in expected for n in wire if n not in found]
    assert not missing, f"{missing} are not in the text, or not in this order"


def test_health_has_a_word_and_the_same_text_everywhere() -> None:
    record = read(VIEWS["health"])
    states = {wire["gradient"]["health"] for wire in record["wires"] if wire.get("gradient")}
    assert states == {"bad", "zero", "faint", "fine"}
    text = text_of(VIEWS["health"], Style())
    assert "←─ ⚠ nan" in text and "←─ 0" in text and "←─ 1e-8" in text


def test_precision_changes_the_texts_and_not_the_numbers() -> None:
    view = View((Box("n0", "input", "x"), Box("n1", "output", "y")), (
        Wire("e0", "n0", "n1", "x", True, number(math.pi)),
    ))  # fmt: skip
    value = read(view, replace(Style(), precision=2))["wires"][0]["value"]
    assert value["text"] == "3.1" and value["numbers"] == [math.pi]
