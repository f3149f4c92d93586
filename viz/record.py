"""A view as JSON, for programs: everything that a drawing shows, and the numbers in full.

    {"graphgrad": "0.1.0", "format": 1, "boxes": […], "clusters": […], "wires": […], "notes": […],
     "hidden": 0}

A box has id, kind and label, and those of the other fields of `boxes.Box` that say something. A
cluster has id, name, detail and parent. A wire has id, from, to, name, is_named, value and
gradient; parts, count, is_loop, change, old_value and old_gradient only where they say something.
Boxes stand in topological order, wires in that of the boxes they enter, as in every other format.

A value is {"shape": [2, 2], "numbers": [1.0, 2.0, 3.0, 4.0], "norm": 5.477225575051661, "largest":
4.0, "health": "fine", "text": "[[1 2] [3 4]]"}: text is what drawings print; numbers is null for
more than 64 elements; all but shape, health and text are null where the graph did not keep the
value. Numbers that JSON lacks are "nan", "inf" and "-inf". A value or gradient of null is not
known; the key is missing if the drawing does not show any, as in mode="forward" the gradient.
"""

from __future__ import annotations

import json
import math
from typing import Any

import autograd
from viz import format
from viz.boxes import Box, View, Wire
from viz.style import Style
from viz.value import Value

FORMAT = 1
"""Grows when a program that reads these records would have to change."""

WIDTH = 100
"""What fits into so many columns stands in one line."""


def record_of(view: View, style: Style) -> dict[str, Any]:
    """The view as plain dictionaries, lists, texts and numbers, its keys in a fixed order.

    style: its mode says whether values and gradients are there, its precision is that of the texts.
    """
    return {
        "graphgrad": autograd.__version__,
        "format": FORMAT,
        "boxes": [_box(box, style) for box in view.boxes],
        "clusters": [
            {"id": c.id, "name": c.name, "detail": c.detail, "parent": c.parent}
            for c in view.clusters
        ],
        "wires": [_wire(wire, style) for wire in view.wires],
        "notes": list(view.notes),
        "hidden": view.hidden,
    }


def to_json(view: View, style: Style) -> str:
    """The record as JSON with an indent of 2, ended by a newline. It can be encoded as UTF-8."""
    text = f"{_written(record_of(view, style), 0)}\n"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _box(box: Box, style: Style) -> dict[str, Any]:
    gradient = box.gradient if style.shows_gradients else None
    told = {
        "op": box.op,
        "results": list(box.results),
        "details": list(box.details),
        "parameters": box.parameters,
        "note": box.note,
        "gradient": _value(gradient, style),
        "cluster": box.cluster,
        "where": box.where,
        "formulas": list(box.formulas),
        "pair": box.pair,
        "change": box.change,
    }
    return {"id": box.id, "kind": box.kind, "label": box.label} | _without_defaults(told)


def _wire(wire: Wire, style: Style) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": wire.id,
        "from": wire.source,
        "to": wire.target,
        "name": wire.name,
        "is_named": wire.is_named,
    }
    old: dict[str, Any] = {}
    if style.shows_values and style.values:
        record["value"] = _value(wire.value, style)
        old["old_value"] = _value(wire.old_value, style)
    if style.shows_gradients:
        record["gradient"] = _value(wire.gradient, style)
        old["parts"] = [_value(part, style) for part in wire.parts]
        old["old_gradient"] = _value(wire.old_gradient, style)
    count = wire.count if wire.count > 1 else None
    told = {"count": count, "is_loop": wire.is_loop, "change": wire.change}
    return record | _without_defaults(told | old)


def _without_defaults(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that say something; 0 parameters do."""
    return {
        key: field
        for key, field in fields.items()
        if not (field is None or field is False or field == "" or field == [])
    }


def _value(value: Value | None, style: Style) -> dict[str, Any] | None:
    if value is None:
        return None
    numbers = value.numbers
    return {
        "shape": [int(n) for n in value.shape],
        "numbers": None if numbers is None else [_number(x) for x in numbers],
        "norm": _number(value.norm),
        "largest": _number(value.largest),
        "health": value.health,
        "text": format.in_line(value, style.precision),
    }


def _number(x: float | int | bool | None) -> float | int | bool | str | None:
    """x, or its name if it is one that JSON lacks."""
    return str(x) if isinstance(x, float) and not math.isfinite(x) else x


def _written(data: Any, indent: int, before: int = 0) -> str:
    """data as JSON, in one line where that is short enough: json.dumps would give each number a
    line of its own.

    before: the columns that stand in its first line already, besides the indent.
    """
    line = json.dumps(data, ensure_ascii=False, allow_nan=False)
    if not isinstance(data, dict | list) or not data or indent + before + len(line) <= WIDTH:
        return line
    inner = indent + 2
    if isinstance(data, dict):
        keys = {key: f"{json.dumps(key)}: " for key in data}
        items = [key + _written(data[name], inner, len(key)) for name, key in keys.items()]
    else:
        items = [_written(item, inner) for item in data]
    opening, closing = "{}" if isinstance(data, dict) else "[]"
    separator = f",\n{' ' * inner}"
    return f"{opening}\n{' ' * inner}{separator.join(items)}\n{' ' * indent}{closing}"
