"""Local derivatives as text: a small grammar, its trees, their numbers and their pretty print.

`∂z/∂x = 1 − z²` is a local derivative, elementwise: the gradient is g times its right side.
`dx = g @ yᵀ` is the whole vector-Jacobian product, written with g. A right side is made of

    condition   sums compared by < ≤ = ≠ ≥ >, joined by ∧ and, weaker, ∨; only inside [ ]
    sum         products joined by + −
    product     operands joined by · / @
    operand     −operand, √atom, or an atom with ᵀ, superscripts, ^ operand
    atom        number, name, name(arguments), (sum), |sum|, [condition]: 1 where true, else 0

Other spellings (- * × ÷ ** <= == !=) are read too. Text becomes a tree of Python's own `ast` nodes with
columns counted in characters; it is never compiled. `op.py` declares formulas, `viz/expression.py`
reads the command line's expressions with the same walk.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple, TypeVar

MAX_CHARACTERS = 500
"""Longest formula that is read: several times the longest that fits on a wire."""

MAX_DEPTH = 100
"""Deepest tree that is read, so that walks by recursion stay far from Python's limit."""

WINDOW = 40
"""Characters shown on each side of a fault."""

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵝᵞᵟᶿᵠᵡ"
_LOWERED = "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥᵦᵧᵨᵩᵪ"
_LOWER = {ord(raised): unicodedata.normalize("NFKC", raised) for raised in _RAISED}
_RAISE = {ord(plain): chr(raised) for raised, plain in _LOWER.items()}

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+\-−]?[0-9]+)?)"
    rf"|(?P<name>(?!\d)[^\W{_RAISED}{_LOWERED}ᵀ]+)"
    rf"|(?P<superscript>[{_RAISED}]+)"
    rf"|(?P<subscript>[{_LOWERED}]+)"
    r"|(?P<sign>\*\*|[<>=!]=|\S)"
)
_SPELLINGS = {"-": "−", "*": "·", "×": "·", "⋅": "·", "÷": "/", "**": "^"}
_SPELLINGS |= {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}

_BINARY: dict[str, type[ast.operator]] = {
    "+": ast.Add, "−": ast.Sub, "·": ast.Mult, "/": ast.Div, "@": ast.MatMult,
}  # fmt: skip
_RELATIONS: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt, "≤": ast.LtE, "=": ast.Eq, "≠": ast.NotEq, "≥": ast.GtE, ">": ast.Gt,
}  # fmt: skip
_SIGNS = {node: sign for sign, node in (_BINARY | _RELATIONS).items()}
_LITERALS = {"None": None, "True": True, "False": False}

# How tightly a node binds, for the parser and for the parentheses of the pretty print.
_OR, _AND, _COMPARISON, _SUM, _PRODUCT, _MINUS, _ROOT, _POWER, _TRANSPOSE, _ATOM = range(10)
_LEVELS = {"∨": _OR, "∧": _AND, "+": _SUM, "−": _SUM, "·": _PRODUCT, "/": _PRODUCT, "@": _PRODUCT}
_LEVELS |= dict.fromkeys(_RELATIONS, _COMPARISON)

N = TypeVar("N", bound=ast.expr)


class FormulaError(ValueError):
    """A formula that cannot be read or computed; the message points at the character."""


def display_width(text: str) -> int:
    """Columns that the text takes in a terminal: 2 for wide characters, 0 for combining ones.

    >>> display_width("사과 x")
    6
    """
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    # A decomposed Hangul syllable is as wide as its first letter; U+1160 to U+11FF are the others.
    if unicodedata.combining(character) or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pointed(message: str, text: str, start: int, stop: int) -> str:
    """The message, and below it the text with carets under its characters from start to stop.

    The carets line up under Hangul and other wide characters. Long texts are cut around the fault,
    and characters that do not print are replaced, so that a message cannot steer a terminal.

    >>> print(pointed("'%' is unknown.", "사과 % 2", 3, 4))
    '%' is unknown.
        사과 % 2
             ^
    """
    first, last = max(0, start - WINDOW), max(start + 1, min(stop, start + WINDOW))
    before = "…" * (first > 0) + _printable(text[first:start])
    marked, after = _printable(text[start:last]), _printable(text[last : last + WINDOW])
    rest = "…" * (last + WINDOW < len(text))
    carets = " " * display_width(before) + "^" * max(1, display_width(marked))
    return f"{message}\n    {before}{marked}{after}{rest}\n    {carets}"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)


def too_deep(tree: ast.expr, limit: int = MAX_DEPTH) -> ast.expr | None:
    """The first expression found that lies deeper than limit in the tree; None if there is none.

    >>> too_deep(ast.parse("1 + 2", mode="eval").body) is None
    True
    """
    waiting: list[tuple[ast.AST, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > limit and isinstance(node, ast.expr):
            return node
        deeper = depth + isinstance(node, ast.expr)
        waiting += ((child, deeper) for child in ast.iter_child_nodes(node))
    return None


def named(tree: ast.expr) -> tuple[list[ast.Name], list[ast.Name]]:
    """The nodes that name variables and those that name called functions, from left to right.

    >>> variables, functions = named(ast.parse("f(y, x)", mode="eval").body)
    >>> [node.id for node in variables]
    ['y', 'x']
    """
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names.sort(key=lambda node: node.col_offset)
    return [n for n in names if id(n) not in called], [n for n in names if id(n) in called]


def _power(x: Any, y: Any) -> Any:
    # Two Python integers would give an exact result of any size: 9 ** 9 ** 9 ** 9 never ends.
    power = float(x) ** y if isinstance(x, int) and isinstance(y, int) else x**y
    if isinstance(power, complex):
        raise ValueError(f"{x} to the power {y} is not a real number. Use a base of at least 0.")
    return power


def _transpose(x: Any) -> Any:
    return x.swapaxes(-1, -2) if getattr(x, "ndim", 0) > 1 else x


OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.MatMult: operator.matmul, ast.Pow: _power, ast.USub: operator.neg, ast.UAdd: operator.pos,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Eq: operator.eq, ast.NotEq: operator.ne,
    ast.GtE: operator.ge, ast.Gt: operator.gt, ast.And: operator.and_, ast.Or: operator.or_,
}  # fmt: skip
"""What each operator of a tree computes: Python's operator, on numbers, arrays or Tensors."""

_FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": abs, "sqrt": lambda x: _power(x, 0.5)}


class Evaluation:
    """Computes trees node by node, without compiling anything.

    variables, functions: what the names stand for.  at: the node computed last, so that a caller
    can point at it when its operation raises.

    >>> Evaluation({"x": 3}, {}).value(ast.parse("x * x + 1", mode="eval").body)
    10
    """

    def __init__(
        self, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> None:
        self.variables, self.functions = variables, _FUNCTIONS | dict(functions)
        self.at: ast.expr | None = None

    def value(self, node: ast.expr) -> Any:
        """The value of a tree. Raises whatever its operations raise; `at` is then their node."""
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self.variables[node.id]
            case ast.Tuple():
                return tuple(self.value(element) for element in node.elts)
            case ast.List(elts=[condition]):
                return self._truth(condition) * 1.0
            case ast.UnaryOp():
                return self._apply(node, OPERATORS[type(node.op)], node.operand)
            case ast.BinOp():
                return self._apply(node, OPERATORS[type(node.op)], node.left, node.right)
            case ast.Attribute():
                return self._apply(node, _transpose, node.value)
            case ast.Call(func=ast.Name(id=name)):
                return self._apply(node, self.functions[name], *node.args, settings=node.keywords)
        raise TypeError(f"{type(node).__name__} is no part of the grammar, so it has no value.")

    def _apply(
        self,
        node: ast.expr,
        function: Callable[..., Any],
        *operands: ast.expr,
        settings: list[ast.keyword] | None = None,
    ) -> Any:
        values = [self.value(operand) for operand in operands]
        named = {str(setting.arg): self.value(setting.value) for setting in settings or ()}
        self.at = node
        return function(*values, **named)

    def _truth(self, node: ast.expr) -> Any:
        match node:
            case ast.BoolOp():
                return reduce(OPERATORS[type(node.op)], map(self._truth, node.values))
            case ast.Compare():
                terms = [self.value(term) for term in (node.left, *node.comparators)]
                compare = (OPERATORS[type(relation)] for relation in node.ops)
                return reduce(operator.and_, map(lambda f, a, b: f(a, b), compare, terms, terms[1:]))
        return self.value(node) != 0
