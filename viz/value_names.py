"""What the stepper calls the values of a graph, and which value a name means.

A value goes by the name that the user gave it; else by its number, if it is a single one; else by
v1, v2, …, as in drawings. `view/naming.py` finds the names that were given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from autograd.graph import Node
from autograd.mode import Entry
from viz import format
from viz.names import matching, one_line
from viz.value import Value, measure
from viz.view.arguments import with_arguments
from viz.view.graph import parents_first
from viz.view.naming import given_names, models_of, numbered


def array_of(node: Node) -> Any:
    """The array of a value: from its node, or from the living tensor that it remembers; else
    None."""
    if node.value is not None or node.tensor is None:
        return node.value
    tensor = node.tensor()
    # After `t += v` the tensor stands for another node.
    return tensor.data if tensor is not None and tensor.node is node else None


def value_of(node: Node) -> Value:
    """What is known of a value; of one that was not kept, its shape."""
    array = array_of(node)
    return measure(array) if array is not None else Value(tuple(node.shape), None, None, None)


class ValueNames:
    """The label of each value that outputs depend on: called with a node, it gives the label.

    paths: of parameters.  variables: of the caller's frame. Nothing is read until the first call.
    """

    def __init__(
        self, outputs: Sequence[Node], paths: Mapping[Node, str], variables: Mapping[Any, str]
    ) -> None:
        self._outputs, self._paths, self._variables = list(outputs), paths, variables

    def __call__(self, node: Node) -> str:
        """What the prompt calls node; an operation with several outputs goes by theirs."""
        if (label := self._labels.get(node)) is not None:
            return label
        several = [self._labels[value] for value in self.values if node in value.parents]
        return ", ".join(several) if node.op is not None else one_line(node.name or "?")

    def __contains__(self, node: object) -> bool:
        return node in self._labels

    def find(self, text: str) -> list[Node]:
        """The values of that name: as the user gave it, or as the prompt writes it; or the only
        one that ends so behind a dot. Of several with equal numbers, none is meant."""
        name = one_line(text.strip())
        found = [node for node in self.values if self.given.get(node) == name]
        found = found or [n for n in self.values if self._variables.get(n) == name]
        found = found or [n for n, number in self._numbered.items() if number == name]
        if not found:
            found = [node for node in self.values if self._labels[node] == name]
            found = found if len(found) == 1 else []
        return found or matching(self.given, name)

    def path(self, module: Entry) -> str:
        """What a module is called: the path that its parameters' names begin with."""
        return models_of(self._paths).path(module)

    def is_named(self, node: Node) -> bool:
        """Whether the user gave node a name."""
        return node in self.given

    def known(self) -> list[str]:
        """The names that the user gave, in the order of the formula."""
        return list(dict.fromkeys(self.given.values()))

    @cached_property
    def values(self) -> list[Node]:
        """All values, parents first; operations with several outputs are left out for those."""
        return list(self._in_order())

    def _in_order(self) -> Iterator[Node]:
        order = parents_first(self._outputs)
        selected: dict[Node, list[Node]] = {}
        for node in order:
            if node.index is not None:
                selected.setdefault(node.parents[0], []).append(node)
        for node in order:
            if node.index is None:
                yield from sorted(selected.get(node, [node]), key=lambda value: value.index or 0)

    @cached_property
    def given(self) -> dict[Node, str]:
        """The values that the user named, and how."""
        variables = with_arguments(self._outputs, self._paths, self._variables)
        return given_names(self.values, self._paths, variables)

    @cached_property
    def _numbered(self) -> dict[Node, str]:
        """v1, v2, … for the values without a name, counted as drawings count them."""
        return numbered(self.values, self.given)

    @cached_property
    def _labels(self) -> dict[Node, str]:
        return {value: self._label(value) for value in self.values}

    def _label(self, value: Node) -> str:
        if value in self.given:
            return self.given[value]
        array = array_of(value)
        if array is not None and array.size == 1:
            return format.number(array.item())
        return self._numbered.get(value) or format.shape_text(tuple(value.shape))
