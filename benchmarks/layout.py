"""How long a layout takes: our own, and Graphviz's `dot` beside it where it is installed.

Three plans: 300 boxes in 20 layers with operands at random, most from the layer before; a network
of 60 linear layers of 300 boxes, each in its region; and 660 boxes in 44 layers at random. Each
value that is used twice gets a branch, and each wire its label: these come in addition. Rounds
alternate between both; each number is the median. Run it with `python benchmarks/layout.py`.
"""

from __future__ import annotations

import os
import platform
import random
import shutil
import statistics
import time

from viz.layout import Link, Plan, Region, Spot, place

ROUNDS, SEED = 5, 0
FAR = 0.15
"""The part of operands that come from any earlier layer."""

Operands = list[list[int]]


def plan_of(operands: Operands, regions: dict[int, str]) -> Plan:
    """A plan of boxes, given by their operands' numbers, in regions."""
    uses = [0] * len(operands)
    for some in operands:
        for operand in some:
            uses[operand] += 1
    spots: list[Spot] = []
    links: list[Link] = []

    def wire(tail: str, head: str, region: str) -> None:
        name = f"e{len(links)}"
        spots.append(Spot(name, 60, 44, region, is_label=True))
        links.extend((Link(f"{name}a", tail, name), Link(f"{name}b", name, head)))

    for i, some in enumerate(operands):
        region = regions.get(i, "")
        for operand in some:
            tail = f"b{operand}" if uses[operand] > 1 else f"n{operand}"
            wire(tail, f"n{i}", region if regions.get(operand, "") == region else "")
        size = (47.4, 47.4) if some else (64, 28)
        spots.append(Spot(f"n{i}", *size, region, is_round=bool(some)))
        if uses[i] > 1:
            wire(f"n{i}", f"b{i}", region)
            spots.append(Spot(f"b{i}", 19, 19, region, is_round=True))
    names = dict.fromkeys(regions.values())
    return Plan(tuple(spots), tuple(links), tuple(Region(name, "", 150, 18) for name in names))


def at_random(boxes: int, layers: int) -> Plan:
    """So many boxes in layers, each with one or two operands."""
    chance, wide = random.Random(SEED), boxes // layers
    operands: Operands = []
    for i in range(boxes):
        layer = i // wide
        count = chance.choice((1, 2, 2)) if layer else 0
        before = [
            chance.randrange(layer) if chance.random() < FAR else layer - 1 for _ in range(count)
        ]
        operands.append([k * wide + chance.randrange(wide) for k in before])
    return plan_of(operands, {})


def network(layers: int) -> Plan:
    """So many linear layers with a ReLU after each: five boxes, of which four are in a region."""
    operands: Operands = [[]]
    regions: dict[int, str] = {}
    for k in range(layers):
        last, first = len(operands) - 1, len(operands)
        operands += [[], [last, first], [], [first + 1, first + 2], [first + 3]]
        regions |= dict.fromkeys(range(first, first + 4), f"fc{k}")
    return plan_of(operands, regions)


def measure(plan: Plan, engines: list[str]) -> dict[str, float]:
    """The median time of each engine in milliseconds, rounds alternating."""
    times: dict[str, list[float]] = {engine: [] for engine in engines}
    for _ in range(ROUNDS):
        for engine in engines:
            start = time.perf_counter()
            place(plan, seconds=300, engine=engine)
            times[engine].append((time.perf_counter() - start) * 1e3)
    return {engine: statistics.median(some) for engine, some in times.items()}


def report() -> None:
    """Prints the table."""
    engines = ["graphgrad", *(["dot"] if shutil.which("dot") else [])]
    if len(engines) == 1:
        print("Graphviz is not installed: it adds the column of `dot`.")
    print(f"{'milliseconds':34}" + "".join(f"{engine:>14}" for engine in engines))
    rows = {
        "300 boxes in 20 layers at random": at_random(300, 20),
        "300 boxes, 60 linear layers": network(60),
        "660 boxes in 44 layers at random": at_random(660, 44),
    }
    for label, plan in rows.items():
        medians = measure(plan, engines)
        print(f"{label:34}" + "".join(f"{medians[engine]:14.0f}" for engine in engines))


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    report()
