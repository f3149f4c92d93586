"""The gradients that a drawing shows, from a reverse pass of its own.

The pass is the engine's; it runs no hooks and frees nothing. What goes into a group of boxes is
the sum of what goes into its members.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from autograd import GraphError, Tensor, backend
from autograd.backward import reverse_pass
from autograd.differentiate import seed_of
from autograd.graph import Node
from viz import format
from viz.value import Value, measure
from viz.view.folding import Fold, Unit, unit_of

REDUCE = "Draw its .sum(), or pass gradient=."
"""The remedy for an output that is not a single number. `cli.py` replaces it by one of its own."""

Use: TypeAlias = tuple[Any, int]
"""Where a value goes: (box, position of the input), (group, 0), or (number of the output, 0)."""


@dataclass(slots=True)
class Slopes:
    """The gradients of one pass.

    edges: along each wire.  branches: the sum of a value's edges, where it has several.  totals:
    the whole gradient of a value with several uses, those inside its own group included.  learned:
    that of each leaf inside a folded module.
    """

    edges: dict[tuple[Node, Use], Value] = field(default_factory=dict)
    branches: dict[Node, Value] = field(default_factory=dict)
    totals: dict[Node, Value] = field(default_factory=dict)
    learned: dict[Node, Value] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def fill(
        self, outputs: Sequence[Tensor], uses: dict[Node, list[Use]], folds: Fold, gradient: Any
    ) -> None:
        """Runs the pass. What it cannot compute stays out, and a note says why."""
        seeds = self._seeds(outputs, gradient)
        if seeds is None:
            return
        for i, (node, g) in seeds.items():
            self.edges[node, (i, 0)] = measure(g)
        if len(seeds) > 1:
            weighted = "" if gradient is None else ", each times the gradient given for it"
            self.notes.append(
                f"Gradients are those of the sum of the {len(seeds)} outputs{weighted}."
            )
        sums = _Sums(folds, _used_inside(uses, folds))
        try:
            with backend.quiet():
                self._run(list(seeds.values()), uses, sums)
        except GraphError as error:
            fault = str(error).removeprefix("backward() through ")
            self.notes.append(f"Some gradients (–) were not computed. {fault}")
            return  # the sums lack what the rest of the pass would have added
        for (value, group), g in sums.into_groups.items():
            self.edges[value, (group, 0)] = measure(g)
        for value, g in sums.from_outside.items():
            self.branches[value] = measure(g)

    def _run(
        self, starts: list[tuple[Node, Any]], uses: dict[Node, list[Use]], sums: _Sums
    ) -> None:
        for node, g in starts:
            sums.note_outside(node, g)
        for node, g, contributions in reverse_pass(starts, retain_graph=True, observe=True):
            is_inside = node in sums.inside
            if len(uses.get(node, ())) > 1 or is_inside:
                self.totals[node] = total = measure(g)
                if not is_inside:
                    self.branches[node] = total
            if node.op is None and node in sums.folds:
                self.learned[node] = measure(g)
            if node.index is None:
                self._note_step(node, contributions, sums)

    def of_leaves(self, leaves: Sequence[Node]) -> Value | None:
        """The gradient of several leaves taken together; None unless all are known."""
        found = {**self.totals, **self.learned}
        known = [found[leaf] for leaf in leaves if leaf in found]
        if not known or len(known) < len(leaves):
            return None
        size = sum(math.prod(value.shape) for value in known)
        norms = [value.norm or 0.0 for value in known]
        largest = max((value.largest or 0.0 for value in known), key=_nan_last)
        return Value((size,), None, math.hypot(*norms), largest)

    def _seeds(
        self, outputs: Sequence[Tensor], gradient: Any
    ) -> dict[int, tuple[Node, Any]] | None:
        """Where the pass begins, by the output's position; None, and a note, where it cannot.

        An output that is not tracked, such as the positions that topk gives, is left out.
        """
        given = gradient if isinstance(gradient, list | tuple) else [gradient] * len(outputs)
        if len(given) != len(outputs):
            raise ValueError(
                f"draw(): {len(given)} gradients are given for {len(outputs)} outputs. Give one "
                f"for each."
            )
        tracked = {i: y for i, y in enumerate(outputs) if y.node is not None and y.node.tracked}
        if not tracked:
            self.notes.append(f"No gradients (–): {_why_untracked(outputs)}.")
            return None
        if gradient is None and (large := [y for y in tracked.values() if y.size != 1]):
            self.notes.append(
                f"Gradients (–) need a single number, and the output is "
                f"{format.shape_text(large[0].shape)}. {REDUCE}"
            )
            return None
        return {i: seed_of(y, given[i], False, "draw()") for i, y in tracked.items()}

    def _note_step(self, node: Node, contributions: tuple[Any, ...], sums: _Sums) -> None:
        unit = unit_of(node, sums.folds)
        for i, (parent, c) in enumerate(zip(node.parents, contributions, strict=False)):
            if c is None:
                continue
            if unit is node:
                self.edges[parent, (node, i)] = measure(c)
                sums.note_outside(parent, c)
            elif unit_of(parent, sums.folds) is not unit:
                _add(sums.into_groups, (parent, unit), c)
                sums.note_outside(parent, c)


@dataclass(slots=True)
class _Sums:
    """What adds up in the course of a pass where boxes are folded.

    inside: values that leave their group and are used in it as well.  into_groups: what comes back
    from a group to each value that it takes.  from_outside: what comes back to those of inside
    without what their own group contributes.
    """

    folds: Fold
    inside: set[Node]
    into_groups: dict[tuple[Node, Unit], Any] = field(default_factory=dict)
    from_outside: dict[Node, Any] = field(default_factory=dict)

    def note_outside(self, value: Node, c: Any) -> None:
        """Counts a contribution to value that does not come from its own group."""
        if value in self.inside:
            _add(self.from_outside, value, c)


def _add(sums: dict[Any, Any], key: Any, c: Any) -> None:
    sums[key] = sums[key] + c if key in sums else c


def _used_inside(uses: dict[Node, list[Use]], folds: Fold) -> set[Node]:
    """The values of uses that a box of their own group takes."""
    return {
        value
        for box, group in folds.items()
        for value in box.parents
        if value in uses and unit_of(value, folds) is group
    }


def _nan_last(x: float) -> tuple[bool, float]:
    return math.isnan(x), x


def _why_untracked(outputs: Sequence[Tensor]) -> str:
    source = outputs[0].node.source if outputs[0].node is not None else None
    if source is not None:
        return f"{source.name} has none"
    return "the output was not computed from an input with requires_grad=True"
