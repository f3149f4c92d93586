"""The command line's expressions: `(사과*사과개수 + 귤*귤개수) * 소비세`, and its `사과=100`.

Text is parsed by `ast.parse`, checked node by node against a list of what is allowed, and walked
by `autograd/expression.py`. It is never evaluated as Python: a name means what the caller gives for
it, a function is one of the caller's operations, and nothing else has a meaning. `cli.py` uses it.
"""

from __future__ import annotations

import ast
import difflib
import keyword
import math
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias, TypeGuard

from autograd.expression import MAX_DEPTH, OPERATORS, RAISED, Evaluation, named, pointed, too_deep

MAX_CHARACTERS = 2_000
"""Longest expression that is read."""

MAX_VALUE_CHARACTERS = 20_000
"""Longest name=value that is read: about a thousand numbers."""

MAX_AXES = 32
"""Deepest nesting of lists that is read as an array."""

ALLOWED = (
    "Allowed are numbers, names, + - * / ** @, parentheses, "
    "and functions such as exp(x) or sum(x, axis=0)."
)
"""The last sentence of a message about an expression."""

ALLOWED_VALUE = "A value is a number or a list of numbers, as in 1.1 or [1, 2, 3]."
"""The last sentence of a message about the value in name=value."""

MAX_WORD = 40
"""Longest piece of the user's text that a message repeats."""

Value: TypeAlias = "int | float | list[Value]"

# One character each, so that columns stay what they were. East Asian keyboards give the full width.
_SPELLINGS = str.maketrans(
    {"×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-"}
    | {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
)

_NUMBER = re.compile(r"[\w.]+")
_SIGN = re.compile(r"//|<<|>>|[^\s()（）]")

_FORBIDDEN: dict[type[ast.AST], str] = {
    ast.Attribute: "Attribute access", ast.BoolOp: "'and' or 'or'", ast.Compare: "A comparison",
    ast.Constant: "This constant", ast.Dict: "A dictionary", ast.IfExp: "A conditional",
    ast.JoinedStr: "Text", ast.Lambda: "A lambda", ast.List: "A list", ast.NamedExpr: "':='",
    ast.Set: "A set", ast.Starred: "A starred argument", ast.Subscript: "Indexing",
    ast.Tuple: "A tuple", ast.ListComp: "A comprehension", ast.SetComp: "A comprehension",
    ast.DictComp: "A comprehension", ast.GeneratorExp: "A comprehension", ast.UnaryOp: "This sign",
}  # fmt: skip


class _Kind(NamedTuple):
    """How long and how deep a text may be, the remedy for one too deep, and what is allowed."""

    characters: int
    depth: int
    flatten: str
    allowed: str


_EXPRESSION = _Kind(MAX_CHARACTERS, MAX_DEPTH, "Group long sums with parentheses.", ALLOWED)
_VALUE = _Kind(MAX_VALUE_CHARACTERS, MAX_AXES, "Use fewer axes.", ALLOWED_VALUE)


class ExpressionError(ValueError):
    """An expression or a name=value that cannot be used; the message points at the character."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that passed the checks.

    text: as typed.  tree: its nodes, with columns counted in characters of text.  names, functions:
    as typed, in order of first appearance.
    """

    text: str
    tree: ast.expr = field(compare=False, repr=False)
    names: tuple[str, ...] = field(compare=False)
    functions: tuple[str, ...] = field(compare=False)

    def evaluate(
        self, values: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> Any:
        """The expression's value, by Python's operators on the values given.

        Raises ExpressionError for all missing names at once, for an unknown function, and for an
        operation that fails.

        >>> parse("(사과 × 개수) ** 2").evaluate({"사과": 100, "개수": 2}, {})
        40000.0
        """
        given = {normal(name): value for name, value in values.items()}
        self._check_missing(given)
        self._check_functions(functions)
        walk = Evaluation(given, functions)
        try:
            return walk.value(self.tree)
        except (ValueError, TypeError, ArithmeticError, LookupError, RuntimeError) as error:
            raise _error(str(error), self.text, walk.at or self.tree) from error

    def check_names(self, values: Iterable[str]) -> None:
        """Raises ExpressionError unless the names given are exactly those of the expression.

        >>> parse("x + y").check_names(["x", "y"])
        """
        given = {normal(name): name for name in values}
        self._check_missing(given)
        known = {normal(name) for name in self.names}
        if unused := [typed for name, typed in given.items() if name not in known]:
            verb = "is given but does" if len(unused) == 1 else "are given but do"
            uses = ", ".join(self.names) or "no names"
            fault = f"{', '.join(unused)} {verb} not appear in the expression, which uses {uses}."
            raise ExpressionError(f"{fault} Leave out {'=…, '.join(unused)}=….")

    def _check_missing(self, given: Mapping[str, Any]) -> None:
        missing = [name for name in self.names if normal(name) not in given]
        if missing:
            verb = "has no value" if len(missing) == 1 else "have no value"
            examples = " ".join(f"{name}=1" for name in missing)
            there = f"; given: {', '.join(given)}" if given else ""
            fault = f"{', '.join(missing)} {verb}{there}. Add name=value, for example {examples}."
            raise _error(fault, self.text, self._first(0, missing[0]))

    def _check_functions(self, functions: Mapping[str, Any]) -> None:
        for name in self.functions:
            if normal(name) not in functions:
                close = difflib.get_close_matches(normal(name), functions, n=3)
                hint = f"Did you mean {' or '.join(close)}?" if close else _some(functions)
                fault = f"{name} is not a function known here. {hint}"
                raise _error(fault, self.text, self._first(1, name))

    def _first(self, kind: int, name: str) -> ast.Name:
        return next(node for node in named(self.tree)[kind] if node.id == normal(name))


def parse(text: str) -> Expression:
    """The expression that the text writes; × ÷ · − and full-width signs are read too.

    Raises ExpressionError, pointing at the character, for anything that is not arithmetic.

    >>> parse("사과 * 개수 + exp(세금)").names
    ('사과', '개수', '세금')
    """
    tree = _tree(text, 0, _EXPRESSION)
    _check(tree, text)
    names, functions = (_typed(nodes, text) for nodes in named(tree))
    return Expression(text, tree, names, functions)


def parse_assignments(items: Iterable[str]) -> dict[str, Value]:
    """The values of `name=value` arguments, by name as typed: numbers and nested lists of them.

    Raises ExpressionError for anything else, for uneven lists, and for a name given twice.

    >>> parse_assignments(["사과=100", "x=[1, 2.5]"])
    {'사과': 100, 'x': [1, 2.5]}
    """
    values: dict[str, Value] = {}
    typed: dict[str, str] = {}
    for item in items:
        name, value = _assignment(item)
        if normal(name) in typed:
            start = item.index(name)
            fault = f"{name} is given twice, first as {_short(typed[normal(name)])}. Give it once."
            raise _error_at(fault, item, start, start + len(name))
        values[name], typed[normal(name)] = value, item
    return values


def normal(name: str) -> str:
    """The form in which Python compares names (NFKC): a decomposed 사과 is the composed one.

    >>> normal("ｘ")
    'x'
    """
    return unicodedata.normalize("NFKC", name)


def _error(fault: str, text: str, node: ast.expr | ast.keyword) -> ExpressionError:
    return _error_at(fault, text, node.col_offset, node.end_col_offset or node.col_offset)


def _error_at(fault: str, text: str, start: int, stop: int) -> ExpressionError:
    return ExpressionError(pointed(fault, text, start, stop))


def _short(text: str) -> str:
    return " ".join(text.split())[:MAX_WORD]


def _some(functions: Mapping[str, Any]) -> str:
    shown = sorted(functions)[:8]
    more = ", …" if len(functions) > len(shown) else ""
    return f"Known are {', '.join(shown)}{more}." if shown else "No functions are known."


def _typed(nodes: Sequence[ast.Name], text: str) -> tuple[str, ...]:
    first = {node.id: node for node in reversed(nodes)}
    order = dict.fromkeys(node.id for node in nodes)
    return tuple(text[first[name].col_offset : first[name].end_col_offset] for name in order)


def _tree(text: str, start: int, kind: _Kind) -> ast.expr:
    """The tree of the text from start on, with columns counted in characters of the text."""
    source = _source(text, start, kind)
    shift = len(text) - len(source.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(source.strip(), mode="eval").body
    except SyntaxError as error:
        raise _syntax_error(error, text, shift, kind.allowed) from None
    except (RecursionError, MemoryError, ValueError):
        fault = "Too many operations are nested. Use fewer parentheses or signs."
        raise _error_at(fault, text, shift, shift + 1) from None
    _count_characters(tree, source.strip(), shift)
    if deepest := too_deep(tree, kind.depth):
        fault = f"Parts are nested more than {kind.depth} deep here. {kind.flatten}"
        raise _error(fault, text, deepest)
    return tree


def _source(text: str, start: int, kind: _Kind) -> str:
    """The text from start on in Python's spelling, as long as before.

    Raises ExpressionError for its size, and for characters that hide, end or raise a part of it.
    """
    count = len(text) - start
    if count > kind.characters:
        fault = f"{count:,} characters are given; at most {kind.characters:,} are read."
        raise _error_at(f"{fault} Draw a variable of a script instead.", text, start, start)
    source = text[start:].translate(_SPELLINGS)
    for position, character in enumerate(source, start):
        if fault := _fault(character, kind.allowed):
            raise _error_at(fault, text, position, position + 1)
    if not source.strip():
        raise _error_at(f"Nothing is given. {kind.allowed}", text, start, start)
    return "".join(" " if character.isspace() else character for character in source)


def _fault(character: str, allowed: str) -> str:
    """Why a character cannot be read anywhere; empty if it can."""
    if not character.isprintable() and not character.isspace():
        return f"The invisible character U+{ord(character):04X} is not allowed. {allowed}"
    if character in RAISED:
        return "Superscripts are not read here. Write a power with **, as in x**2."
    return f"{character} is not allowed. {allowed}" if character in "#\\" else ""


def _syntax_error(error: SyntaxError, text: str, shift: int, allowed: str) -> ExpressionError:
    # Python gives 0 for the end of the text. Its own messages speak of Python's whole grammar.
    end = len(text.rstrip())
    start = min(shift + error.offset - 1, end) if error.offset else end
    stop = max(start + 1, shift + (error.end_offset or 0) - 1)
    runs = (run.span() for run in _NUMBER.finditer(text))
    run = next((run for run in runs if run[0] <= start < run[1]), (start, stop))
    if is_number := "literal" in error.msg or run[0] < start:
        start, stop = run
    word = _short(text[start:stop])
    if keyword.iskeyword(normal(word)):
        fault = f"{word} is a word of Python, so it cannot be a name."
    elif "never closed" in error.msg:
        fault = f"{word} is never closed."
    elif "nested parentheses" in error.msg or "Exceeds" in error.msg:
        fault = "Too many parentheses are nested, or a number has too many digits."
    elif is_number and word[:1].isdigit():
        fault = f"{word} is not a number; multiplication needs its sign, as in 2*x."
    else:
        fault = f"{word} does not fit here." if word else "The end comes too early."
    return _error_at(f"{fault} {allowed}", text, start, stop)


def _count_characters(tree: ast.expr, source: str, shift: int) -> None:
    """Turns the columns of Python's nodes, UTF-8 bytes, into characters."""
    data = source.encode()

    def characters(column: int) -> int:
        return shift + len(data[:column].decode(errors="ignore"))

    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.keyword):
            node.col_offset = characters(node.col_offset)
            node.end_col_offset = characters(node.end_col_offset or 0)


def _check(tree: ast.expr, text: str) -> None:
    """Raises at the first node, in reading order, that is not on the list of what is allowed."""
    waiting = [tree]
    while waiting:
        match node := waiting.pop():
            case ast.Constant() if _is_number(node):
                node.value = _number(node, text)
            case ast.Name():
                pass
            case ast.UnaryOp() if type(node.op) in OPERATORS:
                waiting.append(node.operand)
            case ast.BinOp() if type(node.op) in OPERATORS:
                waiting += (node.right, node.left)
            case ast.Call(func=ast.Name()):
                _check_settings(node, text)
                waiting += reversed(node.args)
            case _:
                raise _forbidden(node, text)


def _check_settings(call: ast.Call, text: str) -> None:
    for setting in call.keywords:
        if setting.arg is None or not _is_setting(setting.value):
            fault = "A setting is name=number, as in axis=0, axis=(0, 1) or keepdims=True."
            raise _error(fault, text, setting)
        for node in ast.walk(setting.value):
            if isinstance(node, ast.expr) and _is_number(node):
                node.value = _number(node, text)


def _is_setting(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=bool()):
            return True
        case ast.Tuple():
            return all(_is_setting(element) for element in node.elts)
        case ast.UnaryOp(op=ast.USub()):
            return _is_number(node.operand)
    return _is_number(node)


def _is_number(node: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _number(node: ast.Constant, text: str) -> int | float:
    """The literal's number; one that no int64 holds becomes a float."""
    assert isinstance(node.value, int | float)
    try:
        if math.isfinite(float(node.value)):
            return node.value if abs(node.value) < 2**63 else float(node.value)
    except OverflowError:
        pass
    raise _error("This number is too large: a float holds at most 1.8e308.", text, node)


def _forbidden(node: ast.expr, text: str) -> ExpressionError:
    if isinstance(node, ast.BinOp):
        found = _SIGN.search(text, node.left.end_col_offset or 0)
        start, stop = found.span() if found else (node.col_offset, node.col_offset)
        remedy = "Write ** for a power." if isinstance(node.op, ast.BitXor) else ALLOWED
        fault = f"{text[start:stop]} is not an operator here. {remedy}"
        return _error_at(fault, text, start, stop)
    if isinstance(node, ast.Call):
        return _error(f"Only a function's name can be called. {ALLOWED}", text, node.func)
    what = _FORBIDDEN.get(type(node), "This")
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        what = "Text"
    return _error(f"{what} is not allowed. {ALLOWED}", text, node)


def _assignment(item: str) -> tuple[str, Value]:
    left, sign, _ = item.partition("=")
    name, start = left.strip(), len(left) + len(sign)
    if not sign or not normal(name).isidentifier() or keyword.iskeyword(normal(name)):
        what = "The name is not one word of letters, digits and _" if sign else "A value is missing"
        fault = f"{what}. Write name=value, for example 사과=100 or x=[1,2,3]."
        raise _error_at(fault, item, 0, len(left))
    return name, _literal(_tree(item, start, _VALUE), item)


def _literal(node: ast.expr, item: str) -> Value:
    match node:
        case ast.Constant() if _is_number(node):
            return _number(node, item)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as number) if _is_number(number):
            return -_number(number, item)
        case ast.List() | ast.Tuple():
            values = [_literal(element, item) for element in node.elts]
            shapes = [_shape(value) for value in values]
            if any(shape != shapes[0] for shape in shapes):
                fault = "The parts of this list differ in size. Give every row as many numbers."
                raise _error(fault, item, node)
            return values
    raise _error(f"This is not a number. {ALLOWED_VALUE}", item, node)


def _shape(value: Value) -> tuple[int, ...]:
    if not isinstance(value, list):
        return ()
    return (len(value), *(_shape(value[0]) if value else ()))
