"""The command line's expressions: arithmetic in any script, and nothing else."""

from __future__ import annotations

import doctest
import unicodedata
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import viz.expression
from autograd.expression import display_width
from viz.expression import (
    MAX_CHARACTERS,
    MAX_VALUE_CHARACTERS,
    ExpressionError,
    parse,
    parse_assignments,
)

SHOP = "(사과*사과개수 + 귤*귤개수) * 소비세"
PRICES = ["사과=100", "사과개수=2", "귤=150", "귤개수=3", "소비세=1.1"]
DECOMPOSED = unicodedata.normalize("NFD", "사과")


def value(text: str, **values: Any) -> Any:
    return parse(text).evaluate(values, {"exp": np.exp, "expm1": np.expm1, "sum": np.sum})


def message(text: str) -> tuple[str, str, str]:
    """The three lines of the error that the text gives."""
    with pytest.raises(ExpressionError) as caught:
        parse(text).evaluate({}, {})
    fault, shown, carets = str(caught.value).split("\n")
    return fault, shown, carets


def test_the_lecture_total_is_715() -> None:
    expression = parse(SHOP)
    values = parse_assignments(PRICES)
    expression.check_names(values)
    assert expression.evaluate(values, {}) == pytest.approx(715)
    assert expression.names == ("사과", "사과개수", "귤", "귤개수", "소비세")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x × 2 − 6 ÷ 4 · 2", 3.0),
        ("（x ＋ ２）＊ 3", 15.0),
        ("-x ** 2", -9.0),
        ("+x - -x", 6.0),
        ("2 ** 3 ** 2", 512.0),
        ("1e-3 * x", 0.003),
        ("  x\n * 2\t", 6.0),
        ("exp(x) - exp(x)", 0.0),
        ("(((x)))", 3.0),
        ("x * 10_000_000_000_000_000_000_000", 3e22),
    ],
)
def test_arithmetic_is_computed(text: str, expected: float) -> None:
    assert value(text, x=3.0) == pytest.approx(expected)


def test_functions_take_arrays_and_number_settings() -> None:
    x = np.arange(6.0).reshape(2, 3)
    assert value("sum(x, axis=-1, keepdims=True)", x=x).tolist() == [[3], [12]]
    assert value("sum(x @ x ** 2, axis=(0, 1))", x=np.eye(2)) == 2
    assert parse("sum(exp(x)) + exp(y)").functions == ("sum", "exp")


@pytest.mark.parametrize(
    ("text", "fault", "marked"),
    [
        ("__import__('os')", "Text is not allowed", "'os'"),
        ("사과.__class__", "Attribute access is not allowed", "사과.__class__"),
        ("1 + 사과[0]", "Indexing is not allowed", "사과[0]"),
        ("lambda: 0", "A lambda is not allowed", "lambda: 0"),
        ("[i for i in x]", "A comprehension is not allowed", "[i for i in x]"),
        ("f(i for i in x)", "A comprehension is not allowed", "(i for i in x)"),
        ("f'{x}'", "Text is not allowed", "f'{x}'"),
        ("(x := 1)", "':=' is not allowed", "x := 1"),
        ("x = 1", "= does not fit here", "="),
        ("사과 < 1", "A comparison is not allowed", "사과 < 1"),
        ("x and y", "'and' or 'or' is not allowed", "x and y"),
        ("x if y else z", "A conditional is not allowed", "x if y else z"),
        ("x, y", "A tuple is not allowed", "x, y"),
        ("{1: x}", "A dictionary is not allowed", "{1: x}"),
        ("~x", "This sign is not allowed", "~x"),
        ("await x", "This is not allowed", "await x"),
        ("(yield)", "This is not allowed", "yield"),
        ("1j", "This constant is not allowed", "1j"),
        ("None", "This constant is not allowed", "None"),
        ("f(x)(y)", "Only a function's name can be called", "f(x)"),
        ("f(*x)", "A starred argument is not allowed", "*x"),
        ("f(**x)", "A setting is name=number", "**x"),
        ("f(x, axis='사과')", "A setting is name=number", "axis='사과'"),
        ("f(x, axis=y)", "A setting is name=number", "axis=y"),
        ("f(x, axis=1e999)", "This number is too large", "1e999"),
        ("(사과) // (2)", "// is not an operator here", "//"),
        ("사과 % 2", "% is not an operator here", "%"),
        ("(사과) %-(2)", "% is not an operator here", "%"),
        ("사과 ^ 2", "Write ** for a power", "^"),
        ("사과²", "Write a power with **", "²"),
        ("사과ⁿ", "Write a power with **", "ⁿ"),
        ("1e999", "This number is too large", "1e999"),
        ("사과 + 12oo", "12oo is not a number", "12oo"),
        ("2사과", "2사과 is not a number", "2사과"),
        ("(사과 귤)", "사과 귤 does not fit here", "사과 귤"),
        ("사과 $ 2", "$ does not fit here", "$"),
        ("사과)", ") does not fit here", ")"),
        ("(사과", "( is never closed", "("),
        ("사과 class", "class is a word of Python", "class"),
        ("사과 # 귤", "# is not allowed", "#"),
        ("사과; 귤", "; does not fit here", ";"),
        ("x\\", "\\ is not allowed", "\\"),
        ("사과 + '귤", "' does not fit here", "'"),
        ("2 * 9 ** 8 ** 7 ** 6", "too large for a float", "8 ** 7 ** 6"),
        ("2 * (-8) ** 0.5", "not a real number", "(-8) ** 0.5"),
        ("2 + 1 / 0", "division by zero", "1 / 0"),
        ("tanh(1)", "tanh is not a function known here", "tanh"),
        ("귤 * 사과", "귤, 사과 have no value", "귤"),
    ],
)
def test_a_fault_is_named_and_pointed_at(text: str, fault: str, marked: str) -> None:
    said, shown, carets = message(text)
    assert fault in said
    assert shown == f"    {text}"
    assert carets.index("^") == 4 + display_width(text[: text.index(marked)])
    assert carets.count("^") == display_width(marked)


@pytest.mark.parametrize("text", ["사과 +", "사과 * ( 귤 + ) ** ", "", "   ", "exp("])
def test_an_expression_that_breaks_off_is_an_error(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_the_end_is_pointed_at_behind_wide_characters() -> None:
    fault, _, carets = message("사과 +")
    assert fault.startswith("The end comes too early.")
    assert carets == " " * 10 + "^"


@pytest.mark.parametrize(
    "character", ["\0", "\x1b", "\u202e", "\u200b", "\ud800"], ids="U+{0!a}".format
)
def test_hidden_characters_are_refused_and_not_repeated(character: str) -> None:
    fault, shown, carets = message(f"사과{character} + 1")
    assert f"U+{ord(character):04X}" in fault
    assert character not in fault + shown
    assert shown[carets.index("^") - 2] == "\ufffd"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "(" * 900 + "x" + ")" * 900,
        "-" * 1_900 + "x",
        "f(" * 150 + "x" + ")" * 150,
        "x" + "+x" * 150,
        "**".join("x" * 150),
        "9" * 400,
        "9" * 1_999,
    ],
    ids=lambda text: f"{text[:5]}…{len(text)}",
)
def test_sizes_have_limits(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert len(str(caught.value)) < 400


def test_two_thousand_characters_and_150_parentheses_are_still_read() -> None:
    assert parse("(" * 150 + "x" + ")" * 150).names == ("x",)
    assert parse("x" * MAX_CHARACTERS).names == ("x" * MAX_CHARACTERS,)


def test_nothing_is_called_but_the_functions_given() -> None:
    fault, _, _ = message("__import__(1)")
    assert fault == "__import__ is not a function known here. No functions are known."
    with pytest.raises(ExpressionError, match=r"Did you mean exp or expm1\?|Did you mean exp\?"):
        value("exq(1)")


def test_names_match_in_any_normal_form_and_are_reported_as_typed() -> None:
    expression = parse(f"{DECOMPOSED} * ｘ + 사과")
    assert expression.names == (DECOMPOSED, "ｘ")
    assert expression.evaluate({"사과": 2, "x": 3}, {}) == 8
    with pytest.raises(ExpressionError, match=f"{DECOMPOSED}, ｘ have no value"):
        expression.evaluate({}, {})


def test_missing_and_unused_names_are_all_named() -> None:
    with pytest.raises(ExpressionError, match="귤, 소비세 have no value; given: 사과") as caught:
        parse("(사과 + 귤) * 소비세").check_names(["사과"])
    assert "for example 귤=1 소비세=1." in str(caught.value)
    with pytest.raises(ExpressionError, match=r"배, 감 are given but do not appear.*uses 사과\."):
        parse("사과").check_names(["사과", "배", "감"])


def test_an_operation_that_fails_is_pointed_at_and_keeps_its_cause() -> None:
    with pytest.raises(ExpressionError, match="core dimension") as caught:
        value("1 + 사과 @ x", 사과=np.ones(2), x=np.ones(3))
    assert str(caught.value).endswith("    1 + 사과 @ x\n        ^^^^^^^^")
    assert isinstance(caught.value.__cause__, ValueError)


def test_assignments_give_numbers_and_lists_of_them() -> None:
    given = ["사과=100", "x=[[1, -2], [3, 4e-1]]", "y = −3", "ｎ=１０", "z=[]", "b=1" + "0" * 25]
    assert parse_assignments(given) == {
        "사과": 100, "x": [[1, -2], [3, 0.4]], "y": -3, "ｎ": 10, "z": [], "b": 1e25,
    }  # fmt: skip
    assert parse_assignments([]) == {}


@pytest.mark.parametrize(
    ("items", "fault"),
    [
        (["사과"], "A value is missing"),
        (["x="], "Nothing is given"),
        (["=1"], "The name is not one word"),
        (["a b=1"], "The name is not one word"),
        (["class=1"], "The name is not one word"),
        (["x.y=1"], "The name is not one word"),
        (["x==1"], "= does not fit here"),
        (["x=1oo"], "1oo is not a number"),
        (["x=1+1"], "This is not a number"),
        (["x='1'"], "This is not a number"),
        (["x=True"], "This is not a number"),
        (["x=nan"], "This is not a number"),
        (["x=__import__('os')"], "This is not a number"),
        (["x=[1 for i in y]"], "This is not a number"),
        (["x=1e999"], "too large"),
        (["x=" + "1" * 5000], "too many digits"),
        (["x=[1, [2]]"], "differ in size"),
        (["x=[[1], [2, 3]]"], "differ in size"),
        (["x=" + "[" * 50 + "]" * 50], "more than 32 deep"),
        (["x=" + "[" * 5000], "Too many parentheses"),
        (["x=" + "1," * MAX_VALUE_CHARACTERS], "40,000 characters are given; at most 20,000"),
        (["x=1", "y=2", "ｘ=2"], "ｘ is given twice, first as x=1"),
    ],
)
def test_a_malformed_assignment_is_an_error(items: list[str], fault: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_assignments(items)
    assert fault in str(caught.value)
    assert len(str(caught.value)) < 400


def test_an_assignment_is_pointed_at_behind_its_name() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_assignments(["사과=[1, 귤]"])
    assert str(caught.value).endswith("    사과=[1, 귤]\n             ^^")


def test_the_examples_in_docstrings_hold() -> None:
    tested = doctest.testmod(viz.expression)
    assert tested.attempted > 0
    assert tested.failed == 0


@given(
    st.recursive(
        st.sampled_from(["x", "사과", "2", "0.5", "1e-3"]),
        lambda inner: st.one_of(
            st.builds("{} {} {}".format, inner, st.sampled_from(["+", "-", "*"]), inner),
            st.builds("({}) / 3".format, inner),
            st.builds("-({})".format, inner),
            st.builds("({}) ** 2".format, inner),
            st.builds("abs({})".format, inner),
        ),
        max_leaves=10,
    )
)
def test_arithmetic_agrees_with_python(text: str) -> None:
    expected = eval(text, {"x": 1.5, "사과": -2.0, "abs": abs})
    found = parse(text).evaluate({"x": 1.5, "사과": -2.0}, {"abs": abs})
    assert found == pytest.approx(expected, rel=1e-12)


@given(st.text(max_size=60) | st.text("xy사과01.+-*/@()[]{}'\"=:,!<>~^ \t", max_size=40))
def test_any_text_is_an_expression_or_an_expression_error(text: str) -> None:
    for read in (parse, lambda typed: parse_assignments([typed])):
        try:
            read(text)
        except ExpressionError as error:
            assert all(line.isprintable() for line in str(error).split("\n"))
