"""Trees of arithmetic: what they name, how deep they are, their value, and pointing at a fault.

The trees are made of Python's own `ast` nodes, with columns counted in characters. They come from
`formula.py`, which reads local derivatives, and from `viz/expression.py`, which reads the command
line. Nothing here is ever compiled: a value is computed node by node.
"""

from __future__ import annotations

import ast
import operator
import unicodedata
from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import reduce
from itertools import chain
from typing import Any

MAX_DEPTH = 100
"""Deepest tree that is read, so that walks by recursion stay far from Python's limit."""

WINDOW = 40
"""Characters shown on each side of a fault."""

RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵝᵞᵟᶿᵠᵡ"
"""The superscripts an exponent may be written in. ᵀ is not among them: it transposes."""

LOWER = {ord(raised): unicodedata.normalize("NFKC", raised) for raised in RAISED}
"""From superscripts to plain characters, for str.translate."""

RAISE = {ord(plain): chr(raised) for raised, plain in LOWER.items()}
"""From plain characters to superscripts."""

ARITHMETIC: dict[str, type[ast.operator]] = {
    "+": ast.Add, "−": ast.Sub, "·": ast.Mult, "/": ast.Div, "@": ast.MatMult,
}  # fmt: skip
"""The signs that join numbers, in their canonical spelling."""

RELATIONS: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt, "≤": ast.LtE, "=": ast.Eq, "≠": ast.NotEq, "≥": ast.GtE, ">": ast.Gt,
}  # fmt: skip
"""The signs that compare numbers."""

SIGNS = {node: sign for sign, node in (ARITHMETIC | RELATIONS).items()}
"""The sign of each such operator."""


class Binding(IntEnum):
    """How tightly a node binds, from the weakest; what binds less than its place needs ( )."""

    OR, AND, COMPARISON, SUM, PRODUCT, MINUS, ROOT, POWER, TRANSPOSE, ATOM = range(10)


BINDINGS = dict.fromkeys(RELATIONS, Binding.COMPARISON) | {
    "∨": Binding.OR, "∧": Binding.AND, "+": Binding.SUM, "−": Binding.SUM,
    "·": Binding.PRODUCT, "/": Binding.PRODUCT, "@": Binding.PRODUCT,
}  # fmt: skip
"""The binding of each sign that stands between operands."""


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
    marked, after = _printable(text[start:last]), _printable(text[last : start + WINDOW])
    rest = "…" * (start + WINDOW < len(text))
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
    try:
        power = float(x) ** y if isinstance(x, int) and isinstance(y, int) else x**y
    except OverflowError:
        raise OverflowError(f"{x} to the power {y} is too large for a float.") from None
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

BUILT_IN: dict[str, Callable[..., Any]] = {"abs": abs, "sqrt": lambda x: _power(x, 0.5)}
"""What |x| and √x compute where the caller gives no function of that name."""


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
        self.variables, self.functions = variables, BUILT_IN | dict(functions)
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
                pairs = zip(node.ops, terms, terms[1:], strict=False)
                return reduce(operator.and_, (OPERATORS[type(r)](x, y) for r, x, y in pairs))
        return self.value(node) != 0


def pretty(node: ast.expr, minimum: int = Binding.OR) -> str:
    """The canonical text of a tree, in parentheses if it binds less tightly than minimum.

    >>> pretty(ast.parse("-(x - y) ** 2 / sqrt(n)", mode="eval").body)
    '−(x − y)² / √n'
    """
    return f"({_text(node)})" if _binding(node) < minimum else _text(node)


def _binding(node: ast.expr) -> Binding:
    match node:
        case ast.BinOp(op=ast.Pow()):
            return Binding.POWER
        case ast.BinOp():
            return BINDINGS[SIGNS[type(node.op)]]
        case ast.UnaryOp():
            return Binding.MINUS
        case ast.Attribute():
            return Binding.TRANSPOSE
        case ast.Compare():
            return Binding.COMPARISON
        case ast.BoolOp():
            return Binding.AND if isinstance(node.op, ast.And) else Binding.OR
        case ast.Call(func=ast.Name(id="sqrt"), args=[_], keywords=[]):
            return Binding.ROOT
    return Binding.ATOM


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant() | ast.Name():
            return node.id if isinstance(node, ast.Name) else repr(node.value)
        case ast.UnaryOp():
            return "+−"[isinstance(node.op, ast.USub)] + pretty(node.operand, Binding.ROOT)
        case ast.Attribute():
            return pretty(node.value, Binding.TRANSPOSE) + "ᵀ"
        case ast.BinOp(op=ast.Pow()):
            return pretty(node.left, Binding.ATOM) + _exponent(node.right)
        case ast.BinOp():
            left, right = pretty(node.left, _binding(node)), _right(node.right, _binding(node) + 1)
            return f"{left} {SIGNS[type(node.op)]} {right}"
        case ast.Compare():
            signs = [f" {SIGNS[type(relation)]} " for relation in node.ops]
            terms = [pretty(term, Binding.SUM) for term in (node.left, *node.comparators)]
            return "".join(chain.from_iterable(zip(terms, [*signs, ""], strict=True)))
        case ast.BoolOp():
            sign = " ∧ " if isinstance(node.op, ast.And) else " ∨ "
            return sign.join(pretty(value, _binding(node) + 1) for value in node.values)
        case ast.List():
            return f"[{', '.join(map(pretty, node.elts))}]"
        case ast.Tuple():
            return f"({', '.join(map(pretty, node.elts))}{',' * (len(node.elts) == 1)})"
        case ast.Call():
            return _call(node)
    raise TypeError(f"{type(node).__name__} is no part of the grammar, so it has no text.")


def _call(node: ast.Call) -> str:
    name, arguments = pretty(node.func), [pretty(argument) for argument in node.args]
    if len(arguments) == 1 and not node.keywords and name in ("abs", "sqrt"):
        is_plain = isinstance(node.args[0], ast.Name | ast.Constant)
        root = f"√{arguments[0]}" if is_plain else f"√({arguments[0]})"
        return f"|{arguments[0]}|" if name == "abs" else root
    arguments += [f"{setting.arg}={pretty(setting.value)}" for setting in node.keywords]
    return f"{name}({', '.join(arguments)})"


def _right(node: ast.expr, minimum: int) -> str:
    text = pretty(node, minimum)
    return f"({text})" if text.startswith(("+", "−")) else text


def _exponent(node: ast.expr) -> str:
    raised = pretty(node).replace(" ", "")
    if all(ord(character) in RAISE for character in raised):
        return raised.translate(RAISE)
    return "^" + pretty(node, Binding.ATOM)
