"""Local derivatives as text: a small grammar, its trees, and their one pretty print.

`∂z/∂x = 1 − z²` is a local derivative, elementwise: the gradient is g times its right side.
`dx = g @ yᵀ` is the whole vector-Jacobian product, written with g. A right side is made of

    condition   sums compared by < ≤ = ≠ ≥ >, joined by ∧ and, weaker, ∨; only inside [ ]
    sum         products joined by + −
    product     operands joined by · / @
    operand     −operand, √atom, or an atom with ᵀ, superscripts, ^ operand
    atom        number, name, name(arguments), (sum), |sum|, [condition]: 1 where true, else 0

Other spellings (- * × ÷ ** <= == !=) are read too. `op.py` declares formulas; `expression.py` walks
their trees.
"""

from __future__ import annotations

import ast
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from autograd.expression import (
    ARITHMETIC,
    BINDINGS,
    BUILT_IN,
    LOWER,
    MAX_DEPTH,
    RAISED,
    RELATIONS,
    Binding,
    Evaluation,
    named,
    pointed,
    pretty,
    too_deep,
)

MAX_CHARACTERS = 500
"""Longest formula that is read: several times the longest that fits on a wire."""

_SPELLINGS = {"-": "−", "*": "·", "×": "·", "⋅": "·", "÷": "/", "**": "^"}
_SPELLINGS |= {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
_LITERALS = {"None": None, "True": True, "False": False}
_CONDITION = "A condition counts as a number only in brackets, as in [x > 0]."
_TUPLE = "A tuple is no number. Pass it to a function, as in sum(g, (0, 1))."

# The parents that a node may have, and what is wrong under any other.
_PLACES: dict[type[ast.AST], tuple[Any, str]] = {
    ast.Compare: (ast.List | ast.BoolOp, _CONDITION),
    ast.BoolOp: (ast.List | ast.BoolOp, _CONDITION),
    ast.Tuple: (ast.Call | ast.keyword | ast.Tuple, _TUPLE),
}
_LOWERED = "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₒₓₔₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥᵦᵧᵨᵩᵪ"

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+\-−]?[0-9]+)?)"
    rf"|(?P<name>(?!\d)[^\W{RAISED}{_LOWERED}ᵀ]+)"
    rf"|(?P<superscript>[{RAISED}]+)"
    rf"|(?P<subscript>[{_LOWERED}]+)"
    r"|(?P<sign>\*\*|[<>=!]=|\S)"
)

N = TypeVar("N", bound=ast.expr)


class FormulaError(ValueError):
    """A formula that cannot be read or computed; the message points at the character."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula read from text.

    wrt: the input it differentiates by.  is_local: True for ∂z/∂x (the gradient is g · expression),
    False for dx (it is the expression).  expression: the right side.  names, functions: what its
    evaluation must be given; π, |x| and √x are known.
    """

    text: str
    wrt: str
    is_local: bool
    expression: ast.expr = field(compare=False, repr=False)
    names: frozenset[str] = field(compare=False)
    functions: frozenset[str] = field(compare=False)

    @classmethod
    def parse(cls, text: str) -> Formula:
        """The formula that the text writes. Raises FormulaError where it is not in the grammar.

        >>> Formula.parse("∂z/∂x = -x / y**2").pretty()
        '∂z/∂x = −x / y²'
        """
        parser = _Parser(text)
        wrt, is_local = parser.left_side()
        expression = parser.right_side()
        names, functions = ({node.id for node in nodes} for nodes in named(expression))
        known = frozenset(names - {"π"}), frozenset(functions - BUILT_IN.keys())
        return cls(text, wrt, is_local, expression, *known)

    def pretty(self) -> str:
        """The formula in its one canonical spelling, which parses to the same tree.

        >>> Formula.parse("dx = g@transpose*2 + sqrt(y)").pretty()
        'dx = g @ transpose · 2 + √y'
        """
        return f"{'∂z/∂' if self.is_local else 'd'}{self.wrt} = {pretty(self.expression)}"

    def evaluate(
        self, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> Any:
        """The right side's value for numbers, arrays or Tensors. A bracket is 1.0 or 0.0.

        Raises FormulaError for a name that is not given, and whatever the operations raise.

        >>> Formula.parse("∂z/∂x = 3 · x² · [x > 0]").evaluate({"x": 2}, {})
        12.0
        """
        self._require("variable", self.names, variables)
        self._require("function", self.functions, functions)
        return Evaluation({**variables, "π": math.pi}, functions).value(self.expression)

    def _require(self, kind: str, needed: frozenset[str], given: Mapping[str, Any]) -> None:
        for node in named(self.expression)[kind == "function"]:
            if node.id in needed and node.id not in given:
                there = ", ".join(sorted(given)) or "none"
                fault = f"The {kind} {node.id} is not known here. Known are: {there}."
                raise FormulaError(pointed(fault, self.text, node.col_offset, _end(node)))


def _end(node: ast.expr) -> int:
    return node.end_col_offset or node.col_offset


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    stop: int


def _tokens(text: str, offset: int = 0) -> Iterator[_Token]:
    """Tokens in canonical spelling. An exponent in superscripts comes as ⁽ its tokens ⁾."""
    for match in _TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match.group()
        start, stop = offset + match.start(), offset + match.end()
        if kind == "superscript":
            yield _Token("sign", "⁽", start, start + 1)
            yield from _tokens(word.translate(LOWER), start)
            yield _Token("sign", "⁾", stop, stop + 1)
        else:
            yield _Token(kind, _SPELLINGS.get(word, word), start, stop)


class _Parser:
    """Recursive descent with precedence climbing over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self.text, self.index, self.depth = text, 0, 0
        if len(text) > MAX_CHARACTERS:
            fault = f"The formula has {len(text):,} characters; at most {MAX_CHARACTERS} are read."
            raise self.error(f"{fault} Move a part into a function.", MAX_CHARACTERS, len(text))
        self.tokens = [*_tokens(text), _Token("end", "", len(text), len(text) + 1)]

    @property
    def here(self) -> _Token:
        return self.tokens[self.index]

    def take(self) -> _Token:
        token = self.here
        self.index += token.kind != "end"
        return token

    def skip(self, sign: str) -> bool:
        found = self.here.text == sign
        self.index += found
        return found

    def expect(self, sign: str, wanted: str = "") -> None:
        if not self.skip(sign):
            raise self.unexpected(self.here, wanted or f"{sign!r}")

    def error(self, fault: str, start: int, stop: int) -> FormulaError:
        return FormulaError(pointed(fault, self.text, start, stop))

    def unexpected(self, token: _Token, wanted: str) -> FormulaError:
        found = {"": "The end", "⁾": "The end of the exponent"}.get(token.text, repr(token.text))
        fault = f"{found} stands where {wanted} is needed."
        is_operand = token.kind in ("name", "number") or token.text in ("(", "[", "√")
        if is_operand and token is self.here and self.tokens[self.index - 1].text not in ("∂", "="):
            fault += " Multiplication needs its sign, as in 2 · x."
        return self.error(fault, token.start, token.stop)

    def place(self, node: N, start: int) -> N:
        node.lineno = node.end_lineno = 1
        node.col_offset, node.end_col_offset = start, self.tokens[self.index - 1].stop
        return node

    def left_side(self) -> tuple[str, bool]:
        is_local = self.skip("∂")
        for sign in ("z", "/", "∂") if is_local else ():
            self.expect(sign)
        token = self.take()
        name = token.text if is_local else token.text.removeprefix("d")
        if token.kind != "name" or not name or (not is_local and name == token.text):
            raise self.unexpected(token, "∂z/∂x = … or dx = …")
        if self.here.kind == "subscript":
            self.take()
        self.expect("=")
        return unicodedata.normalize("NFKC", name), is_local

    def right_side(self) -> ast.expr:
        tree = self.operation()
        if self.here.kind != "end":
            raise self.unexpected(self.here, "an operator or the end")
        if deepest := too_deep(tree):
            raise self.too_deep(deepest.col_offset)
        self.check(tree)
        return tree

    def too_deep(self, start: int) -> FormulaError:
        fault = f"Operations are nested more than {MAX_DEPTH} deep. Move a part into a function."
        return self.error(fault, start, start + 1)

    def check(self, tree: ast.expr) -> None:
        """Raises for conditions outside brackets, and tuples that are no argument of a function."""
        for parent in ast.walk(ast.Expression(tree)):
            for node in ast.iter_child_nodes(parent):
                places, fault = _PLACES.get(type(node), (ast.AST, ""))
                if isinstance(node, ast.expr) and not isinstance(parent, places):
                    raise self.error(fault, node.col_offset, _end(node))

    def operation(self, minimum: int = Binding.OR) -> ast.expr:
        """Operands joined by signs that bind at least as tightly as minimum."""
        left = self.operand()
        while (level := BINDINGS.get(self.here.text, -1)) >= minimum:
            left = self.place(self.joined(left, level), left.col_offset)
        return left

    def joined(self, left: ast.expr, level: int) -> ast.expr:
        if level >= Binding.SUM:
            sign = self.take().text
            return ast.BinOp(left, ARITHMETIC[sign](), self.operation(level + 1))
        signs, terms = [], [left]
        while BINDINGS.get(self.here.text) == level:
            signs.append(self.take().text)
            terms.append(self.operation(level + 1))
        if level == Binding.COMPARISON:
            return ast.Compare(left, [RELATIONS[sign]() for sign in signs], terms[1:])
        return ast.BoolOp(ast.And() if level == Binding.AND else ast.Or(), terms)

    def operand(self) -> ast.expr:
        self.depth += 1
        start = self.here.start
        if self.depth > MAX_DEPTH:
            raise self.too_deep(start)
        node: ast.expr
        if self.skip("−"):
            node = ast.UnaryOp(ast.USub(), self.operand())
        elif self.skip("√"):
            node = self.root(start)
        else:
            node = self.power()
        self.depth -= 1
        return self.place(node, start)

    def root(self, start: int) -> ast.expr:
        node = self.call("sqrt", self.atom(), start)
        if self.here.text in ("ᵀ", "⁽", "^"):
            shown = self.text[start : self.here.stop]
            fault = f"{shown} can be read in two ways. Write (√x)² or √(x²)."
            raise self.error(fault, start, self.here.stop)
        return node

    def power(self) -> ast.expr:
        start, node = self.here.start, self.atom()
        while self.here.text in ("ᵀ", "⁽"):
            if self.skip("ᵀ"):
                node = ast.Attribute(node, "mT", ast.Load())
            else:
                self.expect("⁽")
                node = ast.BinOp(node, ast.Pow(), self.operation(Binding.SUM))
                self.expect("⁾", "an operator or the end of the exponent")
            self.place(node, start)
        if self.skip("^"):
            node = ast.BinOp(node, ast.Pow(), self.operand())
        return self.place(node, start)

    def atom(self) -> ast.expr:
        token = self.take()
        node: ast.expr
        match token.kind, token.text:
            case "number", _:
                node = ast.Constant(self.number(token))
            case "name", _:
                node = self.name(token)
            case _, "(":
                node = self.group()
            case _, "|":
                node = self.call("abs", self.operation(Binding.SUM), token.start)
                self.expect("|")
            case _, "[":
                node = ast.List([self.operation()], ast.Load())
                self.expect("]")
            case _:
                raise self.unexpected(token, "a number, a name, ( ), | |, [ ] or √")
        return self.place(node, token.start)

    def number(self, token: _Token) -> float:
        value = float(token.text.replace("−", "-"))
        if math.isinf(value):
            raise self.error(f"{token.text} is too large for a float.", token.start, token.stop)
        return int(token.text) if token.text.isdecimal() else value

    def name(self, token: _Token) -> ast.expr:
        # Python reads its own names in this normal form: the micro sign µ as the Greek letter μ.
        name = unicodedata.normalize("NFKC", token.text)
        if not name.isidentifier():
            raise self.unexpected(token, "a name")
        if name in _LITERALS:
            return ast.Constant(_LITERALS[name])
        function = self.place(ast.Name(name, ast.Load()), token.start)
        return self.arguments(function) if self.skip("(") else function

    def call(self, name: str, argument: ast.expr, start: int) -> ast.Call:
        function = self.place(ast.Name(name, ast.Load()), start)
        return ast.Call(function, [argument], [])

    def group(self) -> ast.expr:
        """What follows an opening parenthesis: a sum or a condition, or a tuple."""
        elements: list[ast.expr] = []
        while not self.skip(")"):
            elements.append(self.operation())
            if len(elements) == 1 and self.skip(")"):
                return elements[0]
            if self.here.text != ")" or len(elements) == 1:
                self.expect(",", "',' or ')'")
        return ast.Tuple(elements, ast.Load())

    def arguments(self, function: ast.Name) -> ast.expr:
        call = ast.Call(function, [], [])
        while not self.skip(")"):
            token, after = self.here, self.tokens[min(self.index + 1, len(self.tokens) - 1)]
            # == has become = too, but is two characters wide.
            if token.kind == "name" and after.text == "=" and after.stop - after.start == 1:
                self.index += 2
                name = unicodedata.normalize("NFKC", token.text)
                if any(name == setting.arg for setting in call.keywords):
                    raise self.error(f"{name} is given twice.", token.start, token.stop)
                call.keywords.append(ast.keyword(name, self.operation(Binding.SUM)))
            elif call.keywords:
                raise self.error("Arrays come before settings.", token.start, token.stop)
            else:
                call.args.append(self.operation())
            if self.here.text != ")":
                self.expect(",", "',' or ')'")
        return call
