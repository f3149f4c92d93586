"""Formulas as textbooks write them: (softmax(x) − onehot(t)) / 8.

An operation's own formula is written so that it can be computed, with every axis and shape. Here
what a reader takes for granted is left out, and the sum of what is known, such as of targets, is
its number. `rule_text.py` then puts the user's names in.
"""

from __future__ import annotations

import ast
import math
from typing import Any

from autograd import Tensor, no_grad
from autograd.expression import Evaluation, named
from autograd.graph import Node
from autograd.timeline import aside
from viz import format
from viz.value_names import array_of
from viz.vocabulary import functions

CALLED = {"indicator": "onehot"}
"""What functions are called in textbooks, where it is something else."""

GRANTED = {"indicator": "shape"}
"""The setting of a function that its other arguments tell."""

ALONG_CLASSES = ("softmax", "log_softmax")
"""Functions that go along the last axis unless something else is said."""

LARGEST = 1_000_000
"""Elements of an array whose sum is computed for a formula."""


def as_in_textbooks(tree: ast.expr, node: Node) -> ast.expr:
    """The right side of a rule of node, rewritten. tree: is changed."""
    if node.op.is_starred:
        return tree
    tree = _Sums(node).visit(tree)
    shapes = {
        word: tuple(parent.shape)
        for word, parent in zip(node.op.inputs, node.parents, strict=False)
        if parent is not None
    }
    for call in [one for one in ast.walk(tree) if isinstance(one, ast.Call)]:
        if isinstance(call.func, ast.Name):
            call.keywords = [k for k in call.keywords if not _is_granted(call, k, shapes)]
            call.func.id = CALLED.get(call.func.id, call.func.id)
    return tree


def _is_granted(call: ast.Call, setting: ast.keyword, shapes: dict[str, tuple[int, ...]]) -> bool:
    """Whether a reader knows the setting without being told."""
    match call:
        case ast.Call(func=ast.Name(id=name)) if GRANTED.get(name) == setting.arg:
            return True
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=word)]) if name in ALONG_CLASSES:
            last = (ast.dump(ast.Constant(len(shapes.get(word, ())) - 1)), ast.dump(_MINUS_ONE))
            return setting.arg == "axis" and ast.dump(setting.value) in last
    return False


_MINUS_ONE = ast.UnaryOp(ast.USub(), ast.Constant(1))


class _Sums(ast.NodeTransformer):
    """Puts the number for each sum of what does not depend on anything that is learned."""

    def __init__(self, node: Node) -> None:
        self.known: dict[str, Any] = {}
        self.is_small = True
        for word, parent in zip(node.op.inputs, node.parents, strict=False):
            if parent is None:
                continue
            self.known[f"{word}_shape"] = shape = tuple(parent.shape)
            self.is_small = self.is_small and math.prod(shape) <= LARGEST
            if not parent.tracked and (array := array_of(parent)) is not None:
                self.known[word] = Tensor(array)

    def visit_Call(self, call: ast.Call) -> ast.expr:
        """The number of a call of sum(), or the call."""
        match call:
            case ast.Call(func=ast.Name(id="sum"), args=[inside], keywords=[]):
                words = {name.id for name in named(inside)[0]}
                if self.is_small and words and words <= self.known.keys():
                    return self._number(call)
        self.generic_visit(call)
        return call

    def _number(self, call: ast.Call) -> ast.expr:
        try:
            with aside(), no_grad():
                found = Evaluation(self.known, functions()).value(call)
            text = format.number(float(found.item()))
            return ast.Name(f"({text})" if text.startswith("-") else text, ast.Load())
        except Exception:  # a rule of the user's own may call what there is not, or what fails
            return call
