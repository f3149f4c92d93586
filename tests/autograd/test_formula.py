"""The grammar of formulas: what it reads, what it computes, and its one pretty print."""

from __future__ import annotations

import ast
import doctest
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd.expression
import autograd.formula
from autograd.expression import display_width, pointed, pretty
from autograd.formula import MAX_CHARACTERS, Formula, FormulaError

X = np.array([-2.0, -0.5, 0.0, 0.5, 3.0])
FUNCTIONS = {"exp": np.exp, "sign": np.sign, "reshape": np.reshape, "sum": np.sum}


def value(right: str, **variables: Any) -> Any:
    return Formula.parse(f"∂z/∂x = {right}").evaluate(variables, FUNCTIONS)


def spelled(text: str) -> str:
    return Formula.parse(text).pretty()


def tree(text: str) -> str:
    return ast.dump(Formula.parse(text).expression)


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ("1 − z²", 1 - X**2),
        ("−z / y²", -X / 4),
        ("n · yⁿ⁻¹", 12.0),
        ("[z > 0]", [0, 0, 0, 1, 1]),
        ("[−1 ≤ z ≤ 1]", [0, 1, 1, 1, 0]),
        ("[z > 0] + slope · [z <= 0]", [0.1, 0.1, 0.1, 1, 1]),
        ("[z < −1 ∨ z > 1]", [1, 0, 0, 0, 1]),
        ("[z < 1 ∧ (z > −1 ∨ z = −2)]", [1, 1, 1, 1, 0]),
        ("[z ≠ 0]", [1, 1, 0, 1, 1]),
        ("[z]", [1, 1, 0, 1, 1]),
        ("|z|", np.abs(X)),
        ("||z| − 1|", np.abs(np.abs(X) - 1)),
        ("sign(z)", np.sign(X)),
        ("2/√π · exp(−z²)", 2 / math.sqrt(math.pi) * np.exp(-(X**2))),
        ("z ** 2 * y ÷ 4 × 1e-3", X**2 * 2 / 4 * 1e-3),
        ("2 ^ 3 ^ 2", 512.0),
        ("−2²", -4.0),
        ("2⁻¹", 0.5),
        ("1 − 2 − 3", -4),
        ("8 / 4 / 2", 1.0),
        ("1e−3", 1e-3),
    ],
)
def test_a_formula_computes_what_it_says(right: str, expected: Any) -> None:
    result = value(right, z=X, y=2, n=3, slope=0.1)
    np.testing.assert_allclose(result, np.asarray(expected, float), rtol=1e-15)


def test_a_whole_product_is_written_with_matrices_calls_and_settings() -> None:
    g, y = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(4, 3)
    assert np.array_equal(Formula.parse("dx = g @ yᵀ").evaluate({"g": g, "y": y}, {}), g @ y.T)
    reshaped = Formula.parse("dx = reshape(g, x_shape)")
    assert reshaped.evaluate({"g": g, "x_shape": (3, 2)}, FUNCTIONS).shape == (3, 2)
    summed = Formula.parse("dx = sum(g, axis=(0, 1), keepdims=True)")
    assert summed.evaluate({"g": g}, FUNCTIONS).shape == (1, 1)


def test_transposing_swaps_the_last_two_axes_and_leaves_a_vector_alone() -> None:
    assert value("yᵀ", y=np.ones((5, 2, 3))).shape == (5, 3, 2)
    assert value("yᵀ", y=np.ones(3)).shape == (3,)


def test_the_left_side_says_what_is_differentiated_and_in_which_form() -> None:
    local, whole = Formula.parse("∂z/∂xᵢ = y"), Formula.parse("dbias = sum(g)")
    assert (local.wrt, local.is_local) == ("x", True)
    assert (whole.wrt, whole.is_local) == ("bias", False)


def test_a_formula_names_what_it_needs_but_not_what_it_knows() -> None:
    formula = Formula.parse("∂z/∂x = 2/√π · exp(−|x|) · [lo ≤ x]")
    assert formula.names == {"x", "lo"}
    assert formula.functions == {"exp"}


def test_names_are_compared_as_python_compares_them() -> None:
    assert value("µ", μ=3) == 3  # the micro sign and the Greek letter


def test_a_given_function_takes_the_place_of_a_built_in_one() -> None:
    assert Formula.parse("dx = √x").evaluate({"x": 9}, {"sqrt": lambda x: "ours"}) == "ours"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("∂z/∂x=1-z**2", "∂z/∂x = 1 − z²"),
        ("dx = g@yᵀ", "dx = g @ yᵀ"),
        ("∂z/∂x = n*x^(n-1)", "∂z/∂x = n · xⁿ⁻¹"),
        ("∂z/∂x = x^q", "∂z/∂x = x^q"),
        ("∂z/∂x = x^0.5^y", "∂z/∂x = x^(0.5ʸ)"),
        ("∂z/∂x = ((x)) - (y - 1)", "∂z/∂x = x − (y − 1)"),
        ("∂z/∂x = x * -y - -1", "∂z/∂x = x · (−y) − (−1)"),
        ("∂z/∂x = [x>=0 ∧ y!=1]", "∂z/∂x = [x ≥ 0 ∧ y ≠ 1]"),
        ("∂z/∂x = abs(x) + sqrt(x) + sqrt(x+1)", "∂z/∂x = |x| + √x + √(x + 1)"),
        ("∂z/∂x = (√x)² · (x²)³ · (x²)ᵀ", "∂z/∂x = (√x)² · (x²)³ · (x²)ᵀ"),
        ("dx = f(g,(0,),( ),None,a=True)", "dx = f(g, (0,), (), None, a=True)"),
    ],
)
def test_the_pretty_print_has_one_spelling(text: str, canonical: str) -> None:
    assert spelled(text) == canonical
    assert tree(canonical) == tree(text)


@pytest.mark.parametrize(
    ("text", "fault", "column"),
    [
        ("∂y/∂x = 1", "'y' stands where 'z' is needed", 1),
        ("x = 1", "∂z/∂x = … or dx = …", 0),
        ("d = 1", "∂z/∂x = … or dx = …", 0),
        ("dx : 1", "'='", 3),
        ("dx =", "The end stands where a number", 4),
        ("dx = 2x", "Multiplication needs its sign", 6),
        ("dx = x y", "Multiplication needs its sign", 7),
        ("dx = (x", "The end stands where ',' or ')'", 7),
        ("dx = f(", "The end stands where a number", 7),
        ("dx = f(x", "The end stands where ',' or ')'", 8),
        ("dx = x)", "')' stands where an operator", 6),
        ("dx = |x", "The end stands where '|'", 7),
        ("dx = x²⁻", "The end of the exponent", 8),
        ("dx = √x²", "read in two ways", 5),
        ("dx = √x^2", "read in two ways", 5),
        ("dx = x > 0", "only in brackets", 5),
        ("dx = f(x == 0)", "only in brackets", 7),
        ("dx = [x > 0] + (x > 1)", "only in brackets", 15),
        ("dx = (1, 2) + 3", "A tuple is no number", 5),
        ("dx = (1, 2)", "A tuple is no number", 5),
        ("dx = f(a=1, a=2)", "a is given twice", 12),
        ("dx = f(a=1, x)", "Arrays come before settings", 12),
        ("dx = 1e999", "too large", 5),
        ("dx = ½", "a name", 5),
        ("dx = xᵢ", "an operator", 6),
        ("dx = x.T", "'.'", 6),
        ("dx = x[0]", "'['", 6),
        ("dx = f(x)(y)", "'('", 9),
        ("dx = __import__('os')", '"\'"', 16),
        ("dx = lambda: 0", "':'", 11),
        ("dx = (y := 1)", "':'", 8),
        ("dx = x # y", "'#'", 7),
        ("dx = [x for x in y]", "Multiplication needs its sign", 8),
        ("dx = \0", "stands where", 5),
    ],
)
def test_a_fault_is_named_and_pointed_at(text: str, fault: str, column: int) -> None:
    with pytest.raises(FormulaError) as caught:
        Formula.parse(text)
    message, _, carets = str(caught.value).splitlines()
    assert fault in message
    assert carets.index("^") == 4 + column


@pytest.mark.parametrize("nest", ["(", "−", "|", "f(", "[", "x^", "√("])
def test_deep_nesting_is_refused_without_exhausting_the_stack(nest: str) -> None:
    count = (MAX_CHARACTERS - 10) // len(nest)
    with pytest.raises(FormulaError, match="nested more than 100 deep"):
        Formula.parse(f"dx = {nest * count}x")


def test_a_long_chain_and_a_long_text_are_refused() -> None:
    with pytest.raises(FormulaError, match="nested more than 100 deep"):
        Formula.parse("dx = x" + "+x" * 150)
    with pytest.raises(FormulaError, match="10,005 characters; at most 500"):
        Formula.parse("dx = " + "(" * 10_000)


def test_an_unknown_name_is_named_beside_those_that_are_known() -> None:
    with pytest.raises(FormulaError, match=r"variable q is not known here\. Known are: x, y"):
        value("q · x", x=1, y=2)
    with pytest.raises(FormulaError, match="function tanh is not known here"):
        value("tanh(x)", x=1)


def test_powers_of_integers_stay_small_and_real() -> None:
    with pytest.raises(OverflowError, match="too large for a float"):
        value("9^9^9^9")
    with pytest.raises(ValueError, match="not a real number"):
        value("(−8)^0.5")


def test_carets_line_up_under_wide_combining_and_hidden_characters() -> None:
    decomposed = "\u1109\u1161"
    assert [display_width(text) for text in ("사과", "x²", decomposed, "e\u0301")] == [4, 2, 2, 1]
    assert (
        pointed("No.", f"사{decomposed}+\x1b", 3, 4) == f"No.\n    사{decomposed}+\ufffd\n        ^"
    )


def test_a_fault_in_a_long_text_is_shown_with_its_surroundings() -> None:
    _, text, carets = pointed("No.", "a" * 1000 + "!" + "b" * 1000, 1000, 1001).splitlines()
    assert len(text) < 100
    assert text[carets.index("^")] == "!"


def test_the_examples_in_docstrings_hold() -> None:
    for module in (autograd.expression, autograd.formula):
        tested = doctest.testmod(module)
        assert tested.attempted > 0
        assert tested.failed == 0


NAMES = ("x", "y", "n", "x_shape", "σ", "π", "사과", "q1", "q")
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult, ast.Pow)
RELATIONS = (ast.Lt, ast.LtE, ast.Eq, ast.NotEq, ast.GtE, ast.Gt)
NUMBERS = st.integers(0, 10**30) | st.floats(0, 1e308, allow_subnormal=False)
CHILDREN = {"operation": 2, "minus": 1, "transpose": 1, "call": 2, "settings": 2, "bracket": 3}


def named(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


@st.composite
def trees(draw: st.DrawFn, depth: int = 4) -> ast.expr:
    """Any tree of the grammar that is no condition and no tuple."""
    kind = draw(st.sampled_from(["number", "name", *(CHILDREN if depth else ())]))
    parts = [draw(trees(depth - 1)) for _ in range(CHILDREN.get(kind, 0))]
    match kind:
        case "operation":
            return ast.BinOp(parts[0], draw(st.sampled_from(ARITHMETIC))(), parts[1])
        case "minus":
            return ast.UnaryOp(ast.USub(), parts[0])
        case "transpose":
            return ast.Attribute(parts[0], "mT", ast.Load())
        case "call":
            pair = draw(st.sampled_from([parts[:1], parts, [ast.Tuple(parts[1:], ast.Load())], []]))
            return ast.Call(named(draw(st.sampled_from(["exp", "abs", "sqrt"]))), pair, [])
        case "settings":
            return ast.Call(named("abs"), parts[:1], [ast.keyword("axis", parts[1])])
        case "bracket":
            return ast.List([draw(conditions(parts))], ast.Load())
        case "name":
            return named(draw(st.sampled_from(NAMES)))
    return ast.Constant(draw(NUMBERS))


@st.composite
def conditions(draw: st.DrawFn, terms: list[ast.expr]) -> ast.expr:
    """Comparisons of the terms, and conditions joined by and, or."""
    relations = draw(st.lists(st.sampled_from(RELATIONS), min_size=2, max_size=2))
    single = ast.Compare(terms[0], [relations[0]()], terms[1:2])
    chained = ast.Compare(terms[0], [relation() for relation in relations], terms[1:])
    either = ast.BoolOp(draw(st.sampled_from([ast.And, ast.Or]))(), [single, terms[2]])
    both = ast.BoolOp(draw(st.sampled_from([ast.And, ast.Or]))(), [chained, either, single])
    return draw(st.sampled_from([terms[0], single, chained, either, both]))


@given(trees())
def test_the_pretty_print_of_any_tree_parses_to_that_tree(expression: ast.expr) -> None:
    text = f"dx = {pretty(expression)}"
    if len(text) <= MAX_CHARACTERS:
        formula = Formula.parse(text)
        assert ast.dump(formula.expression) == ast.dump(expression)
        assert formula.pretty() == text


@given(
    st.recursive(
        st.sampled_from(["x", "y", "2", "0.5"]),
        lambda inner: st.one_of(
            st.builds("{} {} {}".format, inner, st.sampled_from(["+", "-", "*"]), inner),
            st.builds("({} / 3)".format, inner),
            st.builds("-({})".format, inner),
            st.builds("({}) ** 2".format, inner),
            st.builds("abs({})".format, inner),
        ),
        max_leaves=8,
    )
)
def test_arithmetic_agrees_with_python(text: str) -> None:
    if len(text) < MAX_CHARACTERS - 10:
        expected = eval(text, {"x": 1.5, "y": -2.0, "abs": abs})
        assert value(text, x=1.5, y=-2.0) == pytest.approx(expected, rel=1e-12)


@given(st.text(max_size=60) | st.text("xyzg0123.²ⁿ⁻ᵀ√π|[]()<>≤=∧∨+-−*·/@^, ", max_size=40))
def test_any_text_is_a_formula_or_a_formula_error(text: str) -> None:
    try:
        formula = Formula.parse(f"dx = {text}")
    except FormulaError:
        return
    assert tree(formula.pretty()) == ast.dump(formula.expression)
