"""`summary(model, x)`: what a model is made of, a line for each module.

The model runs once on x, in evaluation mode, and is afterwards as it was. Operations are counted as
they are recorded, each for the innermost module that runs it, so that every column of the table
adds up to its total. `summary_costs.py` says what an operation costs, `summary_table.py` prints.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import autograd
from autograd import Tensor
from autograd.graph import Node
from viz.names import one_line
from viz.probe import (
    apart,
    check_tensors,
    detail_of,
    hooked,
    inputs_for,
    modules_of,
    own_parameters,
    tensors_in,
    tracked,
    undisturbed,
    unsized,
    watching,
)
from viz.summary_costs import multiply_adds
from viz.value import measure

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One module: what is its own and not that of modules shown below it.

    path: its place in the model, "" for the model itself.  detail: what it is.  depth: modules
    around it.  outputs: the shape of each tensor that its last call gave; None if it was not
    called, or without x.  calls: how often it was called.  parameters, frozen: numbers that it
    holds, and how many of those are not learned.  gradient: the norm of their gradients; None if
    there are none.  parameter_bytes, output_bytes: memory; of the outputs only where no module is
    inside, all calls together.  multiply_adds: None without x.  is_folded: whether modules inside
    are counted in.
    """

    path: str
    detail: str
    depth: int
    outputs: tuple[Shape, ...] | None = None
    calls: int = 0
    parameters: int = 0
    frozen: int = 0
    gradient: float | None = None
    parameter_bytes: int = 0
    output_bytes: int | None = None
    multiply_adds: int | None = None
    is_folded: bool = False

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition(".")[2]

    @property
    def memory(self) -> int:
        """Bytes of parameters and outputs."""
        return self.parameter_bytes + (self.output_bytes or 0)


@dataclass(frozen=True, slots=True, repr=False)
class Summary:
    """A model module by module, ready to be printed. Made by `summary()`.

    rows: one for each module shown, outer before inner.  inputs: the shapes that it ran on, None if
    it did not run.  shared: for each further place of a parameter, that place and the first.
    unsized: parameters of lazy layers that the model itself has not given a size yet.
    buffer_bytes: of state that is not learned.  grads: whether gradients are shown.
    """

    rows: tuple[Row, ...]
    inputs: tuple[Shape, ...] | None = None
    shared: tuple[tuple[str, str], ...] = ()
    unsized: tuple[str, ...] = ()
    buffer_bytes: int = 0
    grads: bool = True

    @property
    def total_parameters(self) -> int:
        """All numbers that the model holds, shared ones once."""
        return sum(row.parameters for row in self.rows)

    @property
    def frozen_parameters(self) -> int:
        """Those that are not learned."""
        return sum(row.frozen for row in self.rows)

    @property
    def trainable_parameters(self) -> int:
        """Those that are learned."""
        return self.total_parameters - self.frozen_parameters

    @property
    def parameter_bytes(self) -> int:
        """Memory of the parameters."""
        return sum(row.parameter_bytes for row in self.rows)

    @property
    def output_bytes(self) -> int | None:
        """Memory of what the innermost modules gave; None without x."""
        return None if self.inputs is None else sum(row.output_bytes or 0 for row in self.rows)

    @property
    def multiply_adds(self) -> int | None:
        """Products added up in one forward pass; None without x."""
        return None if self.inputs is None else sum(row.multiply_adds or 0 for row in self.rows)

    def row(self, path: str) -> Row:
        """The row of a module. Raises KeyError if none has that path."""
        for row in self.rows:
            if row.path == path:
                return row
        known = ", ".join(row.path or '""' for row in self.rows[:10])
        raise KeyError(f"{path!r} is no row; they are {known}.")

    def to_text(self, encoding: str | None = None, width: int = 80) -> str:
        """The table in characters that the encoding has, by default that of standard output, in at
        most so many columns where names allow it."""
        from viz.summary_table import text_of

        return text_of(self, encoding, width)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_pretty_(self, printer: Any, is_cycle: bool) -> None:
        """What IPython shows at its prompt."""
        printer.text("<Summary>" if is_cycle else self.to_text())


def summary(model: Any, x: Any = None, *, depth: int | None = None, grads: bool = True) -> Summary:
    """The modules of a model: what each is, what it gives, holds, learns and costs.

    x: what the model runs on once, in evaluation mode: a shape such as (32, 784), which stands for
    zeros, an array or Tensor, or a list of these for several inputs; without it there are no output
    shapes and costs.  depth: modules inside so many others are counted into the one around them; 0
    is the model in one row.  grads: whether to show the norms of gradients.
    A parameter at several places counts at the first. Multiply-adds are the products that are added
    up in matrix products and convolutions; elementwise operations do not count.
    Nothing of the model changes: no gradient, buffer, training flag or random state; of lazy layers
    without a size yet a copy is run.
    Raises TypeError for what is no model, and what the model raises on x, with the module's path.
    """
    modules = modules_of(model, "summary")
    check_tensors(model, "summary")
    if depth is not None and (type(depth) is not int or depth < 0):
        raise ValueError(f"depth is {depth!r}; it must be a number of modules from 0, or None.")
    run, inputs, lazy = None, None, tuple(unsized(model))
    if x is not None:
        model = apart(model)
        modules = modules_of(model, "summary")
        given = inputs_for(model, x, "summary")
        inputs = tuple(tuple(one.shape) for one in given)
        run = _ran(model, modules, given)
    rows, shared = _rows(modules, run)
    buffers = getattr(model, "named_buffers", None)
    size = sum(b.data.nbytes for _, b in buffers()) if callable(buffers) else 0
    return Summary(tuple(_folded(rows, depth)), inputs, tuple(shared), lazy, size, grads)


@dataclass(slots=True)
class _Run:
    """What was seen while the model ran, by path."""

    open: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, tuple[Shape, ...]] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    hubs: set[Node] = field(default_factory=set)

    def enter(self, path: str, module: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Opens a module; what it is given is tracked, so that its operations are recorded."""
        self.open.append(path)
        self.inputs.append(", ".join(str(tuple(t.shape)) for t in tensors_in(inputs)))
        return tuple(map(tracked, inputs))

    def leave(self, path: str, module: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Closes it, with what it gave."""
        self.open.pop()
        self.inputs.pop()
        tensors = tensors_in(output)
        self.calls[path] = self.calls.get(path, 0) + 1
        self.outputs[path] = tuple(tuple(tensor.shape) for tensor in tensors)
        self.bytes[path] = self.bytes.get(path, 0) + sum(t.data.nbytes for t in tensors)

    def look(self, node: Node, array: Any) -> None:
        """Counts one operation; one with several outputs once."""
        if node.index is not None:
            node = node.parents[0]
            if node in self.hubs:
                return
            self.hubs.add(node)
        path = self.open[-1] if self.open else ""
        self.products[path] = self.products.get(path, 0) + multiply_adds(node)


def _ran(model: Any, modules: list[tuple[str, Any]], inputs: tuple[Tensor, ...]) -> _Run:
    run = _Run()
    with (
        undisturbed(model),
        autograd.enable_grad(),
        watching(run.look),
        hooked(modules, run.enter, run.leave),
    ):
        try:
            model(*inputs)
        except Exception as error:
            if run.open:
                where = run.open[-1] or type(model).__name__
                error.add_note(f"summary() ran {where} on {run.inputs[-1] or 'no Tensor'}.")
            raise
    return run


def _rows(
    modules: list[tuple[str, Any]], run: _Run | None
) -> tuple[list[Row], list[tuple[str, str]]]:
    """A row for each module with what is its own, and the places of shared parameters."""
    first: dict[int, str] = {}
    shared, rows = [], []
    parents = {path.rpartition(".")[0] for path, _ in modules if path}
    for path, module in modules:
        own = []
        for name, parameter in own_parameters(module):
            place = f"{path}.{name}" if path else name
            if first.setdefault(id(parameter), place) == place:
                own.append(parameter)
            else:
                shared.append((place, first[id(parameter)]))
        shown = one_line(path, max(len(path), 1))
        depth = path.count(".") + 1 if path else 0
        row = Row(shown, one_line(detail_of(module)), depth, **_held(own))
        rows.append(row if run is None else _with_run(row, path, run, path not in parents))
    return rows, shared


def _held(parameters: list[Tensor]) -> dict[str, Any]:
    """The fields of a row that tell of its parameters."""
    grads = [p.grad.data for p in parameters if p.grad is not None]
    norms = [measure(g).norm or 0.0 for g in grads]
    return {
        "parameters": sum(int(p.data.size) for p in parameters),
        "frozen": sum(int(p.data.size) for p in parameters if not p.requires_grad),
        "gradient": math.hypot(*norms) if norms else None,
        "parameter_bytes": sum(int(p.data.nbytes) for p in parameters),
    }


def _with_run(row: Row, path: str, run: _Run, is_innermost: bool) -> Row:
    return replace(
        row,
        outputs=run.outputs.get(path),
        calls=run.calls.get(path, 0),
        output_bytes=run.bytes.get(path, 0) if is_innermost else 0,
        multiply_adds=run.products.get(path, 0),
    )


def _folded(rows: list[Row], depth: int | None) -> list[Row]:
    """The rows in at most so many modules, with what is below counted in."""
    if depth is None:
        return rows
    shown: list[Row] = []
    for row in rows:
        if row.depth <= depth:
            shown.append(row)
        else:
            shown[-1] = _with(shown[-1], row)
    return shown


def _with(row: Row, inner: Row) -> Row:
    norms = [g for g in (row.gradient, inner.gradient) if g is not None]

    def added(one: int | None, other: int | None) -> int | None:
        return None if one is None or other is None else one + other

    return replace(
        row,
        parameters=row.parameters + inner.parameters,
        frozen=row.frozen + inner.frozen,
        gradient=math.hypot(*norms) if norms else None,
        parameter_bytes=row.parameter_bytes + inner.parameter_bytes,
        output_bytes=added(row.output_bytes, inner.output_bytes),
        multiply_adds=added(row.multiply_adds, inner.multiply_adds),
        is_folded=True,
    )
