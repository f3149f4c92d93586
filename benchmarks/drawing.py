"""What drawing and stepping cost on large graphs: `python benchmarks/drawing.py`.

Medians of several rounds, in milliseconds. The last two lines are ratios to backward() on the same
graph, in the same run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

import viz
from autograd import Tensor, ops, scope

ROUNDS = 5


def learned(value: object, name: str) -> Tensor:
    """A value whose gradient is wanted."""
    return Tensor(np.asarray(value, "float64"), requires_grad=True, name=name)


def chain(length: int) -> Tensor:
    """So many multiplications by one number, one after the other."""
    y, one = learned(1.0, "first"), learned(1.0, "one")
    for _ in range(length):
        y = y * one
    return y


def doubled(times: int) -> Tensor:
    """x + x, and that + itself, and so on: 2 to the power of times paths."""
    y = learned(1.0, "x")
    for _ in range(times):
        y = y + y
    return y


def transformer(layers: int, width: int = 16) -> Tensor:
    """Blocks of attention and a two-layer network with residual ways, in scopes."""
    rng = np.random.default_rng(0)

    def weight(name: str, *shape: int) -> Tensor:
        return learned(rng.normal(size=shape) * 0.1, name)

    h = learned(rng.normal(size=(6, width)), "x")
    for i in range(layers):
        with scope(f"block{i}", "Block"):
            with scope("attention"):
                q, k, v = (h @ weight(name, width, width) for name in "QKV")
                mixed = ops.softmax(q @ k.T / width**0.5, axis=-1) @ v
            h = h + mixed
            with scope("mlp"):
                inner = ops.relu(h @ weight("W", width, 4 * width) + weight("b", 4 * width))
                h = h + inner @ weight("V", 4 * width, width) + weight("c", width)
    return (h * h).mean()


def milliseconds(work: Callable[[], object]) -> float:
    """The median time of work."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> None:
    """Prints a line for each graph and for each way to look at it."""
    graphs = {
        "chain of 50,000 operations": chain(50_000),
        "a value doubled 40 times": doubled(40),
        "Transformer of 12 blocks": transformer(12),
    }
    for name, y in graphs.items():
        print(f"{name}: view and text {milliseconds(lambda y=y: viz.draw(y).to_text()):.3g} ms")
    y = graphs["Transformer of 12 blocks"]
    print(f"Transformer of 12 blocks: SVG {milliseconds(lambda: viz.draw(y).to_svg()):.3g} ms")
    long = chain(100_000)
    backward = milliseconds(lambda: long.backward(retain_graph=True))
    ready = milliseconds(lambda: viz.step(long))
    stepper = viz.step(long)
    moves = [
        milliseconds(move) for move in (lambda: stepper.goto(77_777), stepper.next, stepper.back)
    ]
    print(f"100,000 operations: viz.step / backward() = {ready / backward:.2g}")
    print("goto, next, back:", *(f"{ms:.2g}" for ms in moves), "ms")


if __name__ == "__main__":
    main()
