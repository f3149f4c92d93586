"""Plans that are placed in the tests, and a `dot` that is not one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from viz.layout.plan import Link, Placement, Plan, Region, Spot
from viz.layout.process import EngineError, run

Operations = list[tuple[str, list[str], str]]


def plan_of(
    operations: Operations,
    regions: tuple[tuple[str, str], ...] = (),
    direction: str = "LR",
    is_labelled: bool = True,
) -> Plan:
    """A plan of operations and inputs: id, ids of the operands, region; a label in each wire."""
    spots, links = [], []
    for name, operands, region in operations:
        for i, operand in enumerate(operands):
            wire = f"{operand}>{name}.{i}"
            if is_labelled:
                spots.append(Spot(wire, 40, 34, region, is_label=True))
                links += [Link(f"{wire}a", operand, wire), Link(f"{wire}b", wire, name)]
            else:
                links.append(Link(wire, operand, name))
        size = (37.5, 37.5) if operands else (64.0, 22.0)
        spots.append(Spot(name, *size, region, is_round=bool(operands)))
    frames = tuple(Region(name, parent, 90, 14) for name, parent in regions)
    return Plan(tuple(spots), tuple(links), frames, direction)


def lecture(direction: str = "LR") -> Plan:
    """(apple × n + tangerine × m) × tax."""
    inputs: Operations = [(n, [], "") for n in ("apple", "n", "tangerine", "m", "tax")]
    operations: Operations = [
        ("apples", ["apple", "n"], ""),
        ("tangerines", ["tangerine", "m"], ""),
        ("sum", ["apples", "tangerines"], ""),
        ("total", ["sum", "tax"], ""),
    ]
    return plan_of(inputs + operations, direction=direction)


def layers(count: int, direction: str = "LR") -> Plan:
    """Linear layers in regions of their own inside of one region, each followed by a ReLU."""
    operations: Operations = [("x", [], "")]
    last = "x"
    for i in range(count):
        region = f"fc{i}"
        operations += [
            (f"W{i}", [], region),
            (f"@{i}", [last, f"W{i}"], region),
            (f"b{i}", [], region),
            (f"+{i}", [f"@{i}", f"b{i}"], region),
            (f"relu{i}", [f"+{i}"], "net"),
        ]
        last = f"relu{i}"
    return plan_of(operations, (("net", ""), *((f"fc{i}", "net") for i in range(count))), direction)


def recurrent(steps: int) -> Plan:
    """Steps in regions of their own that share their parameters, three regions deep."""
    operations: Operations = [(n, [], "cell") for n in ("Wx", "Wh", "b")] + [("h0", [], "")]
    for t in range(steps):
        step = f"t{t}"
        operations += [
            (f"x{t}", [], ""),
            (f"a{t}", [f"x{t}", "Wx"], step),
            (f"c{t}", [f"h{t}", "Wh"], step),
            (f"s{t}", [f"a{t}", f"c{t}"], step),
            (f"z{t}", [f"s{t}", "b"], step),
            (f"h{t + 1}", [f"z{t}"], step),
        ]
    regions = (("net", ""), ("cell", "net"), *((f"t{t}", "cell") for t in range(steps)))
    return plan_of(operations, regions)


def reused(times: int) -> Plan:
    """One value that so many products use."""
    operations: Operations = [("x", [], "")]
    last = "x"
    for i in range(times):
        operations.append((f"y{i}", ["x", last], ""))
        last = f"y{i}"
    return plan_of(operations)


def ladder(boxes: int, per_region: int) -> Plan:
    """Operations that use the last one and one a few steps back, in regions one after another."""
    operations: Operations = [("p0", [], "r0")]
    for i in range(1, boxes):
        operands = [f"p{i - 1}", f"p{max(0, i - 2 - i * i % 5)}"][: 1 + (i % 3 > 0)]
        operations.append((f"p{i}", operands, f"r{i // per_region}"))
    count = (boxes - 1) // per_region + 1
    return plan_of(operations, tuple((f"r{i}", "") for i in range(count)))


def swapped() -> Plan:
    """x·y and y·x, without labels: no order of the two suits both."""
    operations: Operations = [("x", [], ""), ("y", [], "")]
    operations += [("a", ["x", "y"], ""), ("b", ["y", "x"], ""), ("c", ["a", "b"], "")]
    return plan_of(operations, is_labelled=False)


PLANS = {
    "lecture": lecture(),
    "lecture, downwards": lecture("TB"),
    "nested regions": layers(3),
    "nested regions, downwards": layers(3, "TB"),
    "shared parameters": recurrent(3),
    "a value used 40 times": reused(40),
    "operands both ways": swapped(),
    "300 boxes": ladder(300, 20),
}


def in_a_row(plan: Plan) -> Placement:
    """A stand-in for a layout: everything in a row, regions left out."""
    centres = {spot.id: (100.0 * i, 50.0) for i, spot in enumerate(plan.spots)}
    curves = {k.id: (centres[k.tail],) * 3 + (centres[k.head],) for k in plan.links}
    return Placement(centres, curves, {}, 100.0 * len(centres), 100.0, "graphgrad")


def put_dot(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a `dot` of that shell script the only program on PATH."""
    program = folder / "dot"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def is_working(engine: str) -> bool:
    """Whether this Graphviz is here, for the tests that need it."""
    try:
        run(engine, "digraph { a -> b }", 20)
    except EngineError:
        return False
    return True


needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs the dot program")
each_engine = pytest.mark.parametrize(
    "engine",
    [
        pytest.param(name, marks=pytest.mark.skipif(not is_working(name), reason=f"needs {name}"))
        for name in ("dot", "pygraphviz")
    ],
)
