"""What the engine costs beyond the arithmetic: a recorded operation, a node's backward, a chain of
21 operations.

Rounds of graphgrad, PyTorch and hand-written NumPy alternate in one run; each number is the median
over the rounds.
The chain is y ← y·b + a ten times on 4 float32 numbers, then a sum, forward and backward. Run it
with `python benchmarks/overhead.py`; PyTorch is left out where it is not installed. `--million`
adds the chain of a million nodes.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from autograd import Tensor

ROUNDS, REPEATS, LENGTH = 15, 200, 10
A = np.array([0.1, 0.2, 0.3, 0.4], np.float32)
B = np.array([1.1, 0.9, 1.05, 0.95], np.float32)
X = np.ones(4, np.float32)


def chain_numpy(x: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
    """The chain and its gradients as one would write them by hand."""
    ys = [x]
    for _ in range(LENGTH):
        ys.append(ys[-1] * b + a)
    ys[-1].sum()
    g = np.ones(4, np.float32)
    da, db = np.zeros(4, np.float32), np.zeros(4, np.float32)
    for y in ys[-2::-1]:
        da += g
        db += g * y
        g = g * b
    return g, da, db


def chain(x: object, a: object, b: object) -> object:
    """The chain, forward only, in whichever library x belongs to."""
    y = x
    for _ in range(LENGTH):
        y = y * b + a
    return y.sum()


def chain_and_back(x: object, a: object, b: object) -> None:
    """The chain, forward and backward."""
    chain(x, a, b).backward()


def multiply(x: object, a: object, b: object) -> None:
    """One recorded operation."""
    x * b


def microseconds(function: Callable[..., object], args: tuple[object, ...]) -> float:
    """The mean time of one call."""
    start = time.perf_counter()
    for _ in range(REPEATS):
        function(*args)
    return (time.perf_counter() - start) / REPEATS * 1e6


def libraries() -> dict[str, tuple[object, ...]]:
    """(x, a, b) as leaves of each library that is installed."""
    made: dict[str, tuple[object, ...]] = {
        "graphgrad": tuple(Tensor(v, requires_grad=True) for v in (X, A, B))
    }
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed: `pip install torch` adds its column.")
    else:
        torch.set_num_threads(1)
        made[f"PyTorch {torch.__version__}"] = tuple(
            torch.tensor(v, requires_grad=True) for v in (X, A, B)
        )
    return made


def measure() -> dict[tuple[str, str], float]:
    """The median time of each task in each library, rounds alternating."""
    leaves = libraries()
    times: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        for name, xab in leaves.items():
            for task, function in (
                ("mul", multiply),
                ("forward", chain),
                ("chain", chain_and_back),
            ):
                times.setdefault((task, name), []).append(microseconds(function, xab))
        times.setdefault(("mul", "NumPy by hand"), []).append(microseconds(multiply, (X, A, B)))
        times.setdefault(("chain", "NumPy by hand"), []).append(
            microseconds(chain_numpy, (X, A, B))
        )
    return {key: statistics.median(values) for key, values in times.items()}


def report(times: dict[tuple[str, str], float]) -> None:
    """Prints the table and the ratios."""
    nodes = 2 * LENGTH + 1
    names = sorted({name for _, name in times}, key=lambda n: (n != "graphgrad", n))
    print(f"{'microseconds':34}" + "".join(f"{name:>20}" for name in names))
    back = {
        n: (times["chain", n] - times["forward", n]) / nodes
        for n in names
        if ("forward", n) in times
    }
    rows = {
        "one recorded operation (x·b)": {n: times["mul", n] for n in names},
        "chain of 21, forward": {n: times["forward", n] for n in names if ("forward", n) in times},
        "chain of 21, forward and backward": {n: times["chain", n] for n in names},
        "backward, per node": back,
    }
    for label, row in rows.items():
        print(f"{label:34}" + "".join(f"{row[n]:20.2f}" if n in row else f"{'':20}" for n in names))
    for name in names[1:]:
        print(
            f"chain: {name} / graphgrad = "
            f"{times[('chain', name)] / times[('chain', 'graphgrad')]:.2f}"
        )


def million() -> None:
    """A chain of a million nodes, forward, backward and freed: time and bytes a node, at three
    lengths."""
    for count in (250_000, 500_000, 1_000_000):
        x = Tensor(1.0, requires_grad=True)
        start = time.perf_counter()
        y = x
        for _ in range(count):
            y = y * x
        forward = time.perf_counter()
        y.backward()
        backward = time.perf_counter()
        del y
        freed = time.perf_counter()
        steps = [
            (forward - start) / count,
            (backward - forward) / count,
            (freed - backward) / count,
        ]
        shown = [
            f"{what} {step * 1e6:.2f} µs"
            for what, step in zip(("forward", "backward", "free"), steps, strict=True)
        ]
        print(f"{count:>9,} nodes, each: {', '.join(shown)}")
    tracemalloc.start()
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y * x
    print(f"bytes a node: {tracemalloc.get_traced_memory()[0] / 100_000:.0f}")
    tracemalloc.stop()


def machine() -> str:
    """What the numbers were measured on, with the BLAS that NumPy uses."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        blas = "BLAS unknown: `pip install threadpoolctl`"
    else:
        found = [
            f"{i['internal_api']} {i['version']}"
            for i in threadpool_info()
            if "openblas" in i["filepath"]
        ]
        blas = ", ".join(dict.fromkeys(found)) or "another BLAS"
    forced = os.environ.get("OPENBLAS_CORETYPE")
    note = f" (OPENBLAS_CORETYPE={forced}: unset it)" if forced else ""
    cores = f"{platform.machine()}, {os.cpu_count()} cores"
    return f"Python {platform.python_version()}, NumPy {np.__version__}, {blas}{note}, {cores}"


if __name__ == "__main__":
    print(machine())
    report(measure())
    if "--million" in sys.argv:
        million()
