"""A recorded graph computed again, with one value moved: the check that a gradient is right.

Every operation's forward runs on copies on the host. What cannot be run again (a checkpoint's
inside, a value that nobody kept) is said, never guessed. `explain.py` and `check.py` use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import backend, writes
from autograd.graph import Node, ancestors, depending_on, describe
from autograd.op import Op
from autograd.recording import kept_names

EXACT = np.dtype("float64")
"""What central differences are computed in."""

STEP = float(np.finfo(EXACT).eps) ** (1 / 3)
"""How far a number is moved, relative to its size: where rounding and curvature err alike."""

SMALLER = (1e-2, 1e-4)
"""Steps that are tried where a function turns within the first."""

NOISE = 64 * float(np.finfo(EXACT).eps)
"""A gradient that is off by less, times the largest number of x, is as right as float64 can be."""

HIDDEN = 0.1
"""A difference that may be off by more than this share of the gradient says nothing."""

RELATIVE = {2: 5e-2, 4: 2e-3, 8: 1e-6}
"""By bytes of a gradient's dtype: how far it may lie from the central difference, relatively."""


class NotReplayed(ValueError):
    """The graph cannot be computed again. The message says which part, and why."""


def recorded_values(nodes: Iterable[Node]) -> dict[Node, Any]:
    """For each node whose value is still there, that value: its own, its tensor's, or the one that
    an operation kept."""
    found: dict[Node, Any] = {}
    for node in nodes:
        if node.value is not None:
            found.setdefault(node, node.value)
        elif node.op is None and node.tensor is not None and (t := node.tensor()) is not None:
            found.setdefault(node, t.data)
        for value, array in _kept_by(node):
            if array is not None and array.shape == value.shape:
                found.setdefault(value, array)
    return found


def _kept_by(node: Node) -> Iterator[tuple[Node, Any]]:
    """What node kept for its rules: values of its inputs, or its own."""
    hub = node if node.index is None else node.parents[0]
    if not isinstance(hub.op, Op) or hub.kept is None:
        return
    kept = dict(zip(kept_names(hub.op), hub.kept, strict=True))
    if "z" in kept and node.index is not None:
        yield node, kept["z"][node.index]
    if node is not hub:
        return
    if "z" in kept and not hub.op.outputs:
        yield node, kept["z"]
    names = hub.op.inputs
    arrays = kept.get(names[0], ()) if hub.op.is_starred else [kept.get(name) for name in names]
    yield from (
        (p, a)
        for p, a in zip(node.parents, arrays, strict=False)
        if p is not None and a is not None
    )


def check_inputs(node: Node, known: dict[Node, Any]) -> None:
    """Raises NotReplayed if a leaf that node took was overwritten after that."""
    for parent in node.parents:
        if parent is not None and parent.op is None and parent in known:
            if writes.written_at(known[parent]) > node.number:
                raise NotReplayed(f"an input of {describe(node)} was overwritten after that ran.")


def check_operation(node: Node) -> None:
    """Raises NotReplayed for an operation without a forward function, such as a checkpoint."""
    if node.index is None and not isinstance(node.op, Op):
        raise NotReplayed(f"{describe(node)} cannot be computed again by itself.")


def computed(node: Node, arrays: list[Any], dtype: np.dtype[Any] | None) -> Any:
    """What node's operation gives for these inputs, on the host; a tuple for several outputs.

    dtype: what floating numbers are computed in; None for that of the recorded call.
    Raises NotReplayed for an operation that has no forward function of its own.
    """
    if node.index is not None:
        return arrays[0][node.index]
    check_operation(node)
    op = node.op
    if op.name == "to_device":
        return arrays[0]
    settings = {name: _on_host(value) for name, value in (node.settings or {}).items()}
    if op.name == "astype" and dtype is not None and np.dtype(settings["dtype"]).kind == "f":
        return arrays[0].astype(dtype)
    if op.name != "astype":
        arrays = _cast(op, arrays, dtype or _dtype_of(node))
    z = op.forward(np, *arrays, **settings)
    z = z[0] if op.private else z
    return tuple(map(np.asarray, z)) if op.outputs else np.asarray(z)


def _dtype_of(node: Node) -> np.dtype[Any]:
    """The floating dtype that node computed in."""
    dtypes = node.dtype if isinstance(node.dtype, tuple) else (node.dtype,)
    return next((dtype for dtype in dtypes if dtype.kind == "f"), EXACT)


def _cast(op: Op[Any], arrays: list[Any], dtype: np.dtype[Any]) -> list[Any]:
    casts = op.is_cast * len(arrays) if op.is_starred else op.is_cast
    return [
        a.astype(dtype, copy=False) if a is not None and is_cast else a
        for a, is_cast in zip(arrays, casts, strict=True)
    ]


def _on_host(setting: Any) -> Any:
    if isinstance(setting, tuple):
        return tuple(map(_on_host, setting))
    return backend.to_host(setting) if backend.is_cupy(setting) else setting


class Replay:
    """All that an output depends on, computed again in float64, and again with one value moved.

    values: by node; missing holds, for a node without one, the reason.
    """

    def __init__(self, output: Node) -> None:
        self.output = output
        self.order = ancestors([output])
        self.values: dict[Node, Any] = {}
        self.missing: dict[Node, str] = {}
        self.known = recorded_values(self.order)
        with backend.quiet():
            for node in self.order:
                self._compute(node, self.known)

    def _compute(self, node: Node, known: dict[Node, Any]) -> None:
        why = f"the value of {describe(node)}, {node.shape}, was not kept"
        if node.op is not None:
            lacking = [p for p in node.parents if p is not None and p in self.missing]
            try:
                if not lacking:
                    check_inputs(node, known)
                    self.values[node] = computed(node, self._inputs(node, self.values), EXACT)
                    return
                why = self.missing[lacking[0]]
            except NotReplayed as error:
                why = str(error).rstrip(".")
        if node in known:
            self.values[node] = _exact(known[node])
        else:
            self.missing[node] = why

    def _inputs(self, node: Node, *layers: dict[Node, Any]) -> list[Any]:
        """The values of node's inputs, each from the first layer that has it."""
        return [
            None if p is None else next(layer[p] for layer in layers if p in layer)
            for p in node.parents
        ]

    def moved(self, x: Node) -> Moved:
        """The output as a function of x alone. Raises NotReplayed."""
        if x in self.missing:
            raise NotReplayed(f"{self.missing[x]}.")
        return Moved(self, x)


class Moved:
    """The output as a function of one value of the graph."""

    def __init__(self, replay: Replay, x: Node) -> None:
        self.replay, self.x = replay, x
        between = depending_on({x}, [replay.output])
        self.steps = [node for node in replay.order if node in between and node is not x]
        for node in self.steps:
            check_inputs(node, replay.known)
            check_operation(node)
            for parent in node.parents:
                if parent in replay.missing and parent not in between:
                    raise NotReplayed(f"{replay.missing[parent]}.")

    def at(self, value: Any) -> Any:
        """The output where x has that value."""
        values: dict[Node, Any] = {self.x: value}
        for node in self.steps:
            inputs = self.replay._inputs(node, values, self.replay.values)
            values[node] = computed(node, inputs, EXACT)
        return values[self.replay.output]


@dataclass(frozen=True, slots=True)
class Difference:
    """A slope by central difference. expected: what the gradient says.  left, right: the slopes on
    either side.  margin: how far off it may be by rounding and curvature.  is_kink: whether left
    and right differ however near one comes.  is_ok: whether the slope agrees."""

    slope: float
    expected: float
    left: float
    right: float
    margin: float
    is_kink: bool
    is_ok: bool


def central_difference(
    moved: Moved, seed: Any, direction: Any, expected: float, *, itemsize: int, size: float
) -> Difference:
    """(L(x + h·d) − L(x − h·d)) / 2h, for L = Σ seed · y and a direction d.

    itemsize: bytes of the gradient's numbers, which say how exact it can be.  size: how large its
    contributions are, since they may cancel.
    """
    x = moved.replay.values[moved.x]
    if not x.size:
        raise NotReplayed("it holds no numbers.")
    scale = float(np.mean(np.abs(x[direction != 0])))
    if not np.isfinite(scale):
        raise NotReplayed("the value itself is not finite.")
    steps = (max(1.0, scale), *SMALLER, scale or 1.0)
    # Where a gradient is zero but for rounding, such as that of a singular matrix's determinant.
    noise = NOISE * float(np.max(np.abs(x)))
    allowed, found = RELATIVE.get(itemsize, 1e-6) * size + noise, None
    for step in dict.fromkeys(STEP * s for s in steps):
        one = _difference(moved, seed, x, direction, step, expected, allowed)
        is_lost = one.margin > HIDDEN * size > 0
        if np.isfinite(one.slope) and not is_lost:
            found = found or one
            if one.is_ok:
                return one
    if found is None:
        raise NotReplayed("differences so near are lost in rounding.")
    return found


def _difference(
    moved: Moved, seed: Any, x: Any, d: Any, h: float, expected: float, allowed: float
) -> Difference:
    def loss(t: float) -> float:
        with backend.quiet():
            return float(np.sum(seed * moved.at(x + t * d)))

    further, low, middle, high, beyond = (loss(t * h) for t in (-2, -1, 0, 1, 2))
    slope, left, right = (high - low) / (2 * h), (middle - low) / h, (high - middle) / h
    rounding = 16 * float(np.finfo(EXACT).eps) * max(abs(low), abs(high)) / h
    curvature = 2 * abs((beyond - further) / (4 * h) - slope)
    margin = rounding + (curvature if np.isfinite(curvature) else 0.0)
    is_ok = abs(slope - expected) <= allowed + margin
    # Over twice the distance a curve's slopes differ twice as much, and a kink's by the same.
    jump, wider = abs(right - left), abs(beyond - 2 * middle + further) / (2 * h)
    is_kink = jump > 1e-3 * max(abs(left), abs(right)) + 4 * rounding and wider < 1.5 * jump
    return Difference(slope, expected, left, right, margin, bool(is_kink), bool(is_ok))


def _exact(array: Any) -> Any:
    host = backend.to_host(array)
    return host.astype(EXACT) if host.dtype.kind == "f" else host
