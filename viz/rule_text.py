"""The rule behind one step backwards, as text: `∂z/∂x = y = 소비세`, or with shapes

    dW (784, 50) = xᵀ (784, 32) @ G (32, 50)

The formulas are the operations' own; inputs and outputs in them take the user's names.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from typing import Any, TypeAlias

from autograd.expression import SIGNS, Binding, pretty
from autograd.formula import Formula
from autograd.graph import Node
from viz import format
from viz.textbook import as_in_textbooks

Names: TypeAlias = Callable[[Node], str]
"""What a value is called."""

UPSTREAM = "G"
"""The gradient that comes in, where it is an array."""


KEEP = "\x01"
"""Put before a name, so that it is not raised into an exponent: v2 would read as v squared."""


def formula_of(node: Node, position: int) -> Formula | None:
    """The formula of the rule for one of node's inputs; None where the operation states none, or
    states it for other settings: the formulas of losses are those of a mean without smoothing."""
    inputs = getattr(node.op, "inputs", ())
    settings = node.settings or {}
    is_other = settings.get("reduction", "mean") != "mean" or settings.get("label_smoothing")
    if not inputs or is_other:
        return None
    name = inputs[0] if node.op.is_starred else inputs[position]
    rule = node.op.rules.get(name)
    return rule.parsed() if rule is not None else None


def scalar_rule(node: Node, position: int, names: Names) -> str:
    """The rule where all is single numbers: `∂z/∂x = y = 소비세`, or "" where none is stated."""
    formula = formula_of(node, position)
    if formula is None:
        return ""
    text, right = formula.pretty(), formula.expression
    if not isinstance(right, ast.Name) or (value := _known(node, names).get(right.id)) is None:
        return text
    return text if value[0] == right.id else f"{text} = {value[0]}"


def array_rule(node: Node, position: int, names: Names) -> str:
    """The rule with shapes: `dW (784, 50) = xᵀ (784, 32) @ G (32, 50)`; the shapes stand behind
    every name if only products and sums of arrays are in it."""
    formula, target = formula_of(node, position), node.parents[position]
    shape = tuple(target.shape)
    left = f"d{names(target)} {format.shape_text(shape)}" if shape else f"d{names(target)}"
    if formula is None:
        return left
    right = as_in_textbooks(copy.deepcopy(formula.expression), node)
    g = ast.Name("g", ast.Load())
    if formula.is_local:
        axes = _summed_axes(tuple(target.shape), tuple(node.shape))
        right = _times(g, right)
        text = _Writer(node, names, target).text(right)
        # Where an input was broadcast, its gradient is summed over what it was repeated along.
        return f"{left} = " + (f"sum of {text} over {axes}" if axes else text)
    return f"{left} = {_Writer(node, names, target).text(right)}"


def _times(g: ast.expr, local: ast.expr) -> ast.expr:
    if isinstance(local, ast.Constant) and local.value == 1:
        return g
    if ast.dump(local) == ast.dump(ast.UnaryOp(ast.USub(), ast.Constant(1))):
        return ast.UnaryOp(ast.USub(), g)
    match local:  # g · (a − b) / n, and not g · ((a − b) / n)
        case ast.BinOp(left=ast.BinOp(op=ast.Add() | ast.Sub()) as sum_, op=ast.Div() as by):
            return ast.BinOp(ast.BinOp(g, ast.Mult(), sum_), by, local.right)
    return ast.BinOp(g, ast.Mult(), local)


def _summed_axes(shape: tuple[int, ...], result: tuple[Any, ...]) -> str:
    """`axis 0` or `axes 0, 1`: along which an input of that shape was broadcast; "" if it was
    not."""
    new = len(result) - len(shape)
    if new < 0 or not all(isinstance(size, int) for size in result):
        return ""
    padded = (1,) * new + shape
    if any(size not in (1, whole) for size, whole in zip(padded, result, strict=True)):
        return ""  # not broadcast: the operation reduced or rearranged it
    axes = [i for i, whole in enumerate(result) if i < new or padded[i] != whole]
    return f"{'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}" if axes else ""


def _known(node: Node, names: Names) -> dict[str, tuple[str, tuple[Any, ...]]]:
    """For each word of node's formulas that is a value: its name, and its shape."""
    known: dict[str, tuple[str, tuple[Any, ...]]] = {}
    if not node.op.is_starred:
        for word, parent in zip(node.op.inputs, node.parents, strict=False):
            if parent is not None:
                name = names(parent)
                name = f"({name})" if name.startswith("-") else name
                known[word] = name, tuple(parent.shape)
    if not node.op.outputs:
        known["z"] = names(node), tuple(node.shape)
    return known


def _is_passed_on(setting: ast.keyword) -> bool:
    """Whether a setting is the operation's own, as in stride=stride; the axis is shown."""
    value = setting.value
    return isinstance(value, ast.Name) and value.id == setting.arg != "axis"


class _Writer:
    """Writes a right side in the user's names."""

    def __init__(self, node: Node, names: Names, target: Node) -> None:
        self.known = _known(node, names)
        self.shapes: list[tuple[Any, ...]] = []
        self.known["g"] = UPSTREAM, () if node.op.outputs else tuple(node.shape)
        for i, shape in enumerate(node.shape if node.op.outputs else ()):
            self.known[f"g{i}"] = f"{UPSTREAM}{i}", tuple(shape)
        # What is written out only where functions are: the shapes of inputs, and the axis.
        self.more = {
            f"{word}_shape": (format.shape_text(tuple(parent.shape)), ())
            for word, parent in zip(node.op.inputs, node.parents, strict=False)
            if parent is not None and not node.op.is_starred
        }
        settings = node.settings or node.op.settings
        if "axis" in settings:
            self.more["axis"] = str(settings["axis"]), ()

    def text(self, right: ast.expr) -> str:
        """The right side, with shapes if it is made of products and sums alone."""
        if (shaped := self._shaped(right)) is not None:
            return shaped
        self._rename(right)
        text = pretty(right).replace(KEEP, "")
        shape = self.known["g"][1]
        return f"{text}, {UPSTREAM} {format.shape_text(shape)}" if shape else text

    def _rename(self, tree: ast.expr) -> None:
        """Puts names, shapes and the axis in, and leaves out settings that are passed on."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                node.keywords = [k for k in node.keywords if not _is_passed_on(k)]
            elif isinstance(node, ast.Name):
                found = self.known.get(node.id) or self.more.get(node.id)
                node.id = f"{KEEP}{found[0]}" if found else node.id

    def _shaped(self, tree: ast.expr, minimum: int = Binding.OR) -> str | None:
        """tree with a shape behind each name; None where a function or a power is in it."""
        match tree:
            case ast.Name() if tree.id in self.known:
                name, shape = self.known[tree.id]
                return f"{name} {format.shape_text(shape)}" if shape else name
            case ast.Attribute(value=ast.Name(id=word)) if word in self.known:
                name, shape = self.known[word]
                turned = (*shape[:-2], *shape[:-3:-1]) if len(shape) > 1 else shape
                return f"{name}ᵀ {format.shape_text(turned)}"
            case ast.Constant():
                return repr(tree.value)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self._shaped(operand, Binding.ROOT)
                return None if inner is None else f"−{inner}"
            case ast.BinOp(op=ast.Mult() | ast.MatMult() | ast.Div() | ast.Add() | ast.Sub()):
                return self._joined(tree, minimum)
        return None

    def _joined(self, tree: ast.BinOp, minimum: int) -> str | None:
        is_sum = isinstance(tree.op, ast.Add | ast.Sub)
        binding = Binding.SUM if is_sum else Binding.PRODUCT
        left, right = self._shaped(tree.left, binding), self._shaped(tree.right, binding + 1)
        if left is None or right is None:
            return None
        text = f"{left} {SIGNS[type(tree.op)]} {right}"
        return f"({text})" if binding < minimum else text
