"""Elements of an SVG."""

from __future__ import annotations

from xml.dom import minidom

import pytest

from viz.canvas import Canvas, decimal, escaped
from viz.lettering import Line, Matrix, Run


def drawn(canvas: Canvas) -> minidom.Element:
    """What the canvas holds, as a parsed element."""
    return minidom.parseString(f"<svg>{''.join(canvas.elements)}</svg>").documentElement


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-0.004, "0"),
        (3.0, "3"),
        (1.005, "1"),
        (-2.5, "-2.5"),
        (100, "100"),
    ],
)
def test_coordinates_are_short(length: float, text: str) -> None:
    assert decimal(length) == text


@pytest.mark.parametrize(
    "text",
    ["</script>", "a & b", "\"'", "a\x00b\x1b[31m", "\ud800", "\ufffe", "two\nlines", "\\n", "]]>"],
)
def test_whatever_a_text_holds_the_result_is_xml(text: str) -> None:
    canvas = Canvas()
    canvas.text(Run(text), (0.0, 0.0))
    canvas.start(text, "input", text)
    canvas.end()
    texts = drawn(canvas).getElementsByTagName("text")
    assert texts[0].firstChild is not None and len(texts) == 1
    assert "<script" not in escaped(text) and escaped(text).isprintable()


def test_a_forbidden_character_is_written_out() -> None:
    assert escaped("a\x1b\ud800") == "a\\x1b\\ud800"


def test_runs_of_one_line_are_one_text() -> None:
    canvas = Canvas()
    canvas.line(Line((Run("3+3 = "), Run("6", bold=True))), 50.0, 0.0)
    (text,) = drawn(canvas).getElementsByTagName("text")
    spans = text.getElementsByTagName("tspan")
    assert [s.firstChild.nodeValue for s in spans] == ["3+3 = ", "6"]
    assert spans[1].getAttribute("font-weight") == "bold"


def test_a_warning_is_a_text_of_its_own() -> None:
    canvas = Canvas()
    canvas.line(Line((Run("⚠ "), Run("nan"))), 50.0, 0.0)
    assert len(drawn(canvas).getElementsByTagName("text")) == 2


def test_the_columns_of_a_matrix_are_flush_right() -> None:
    canvas = Canvas()
    canvas.line(Line((Matrix((("1", "2"), ("10", "-3"))),)), 50.0, 0.0)
    texts = drawn(canvas).getElementsByTagName("text")
    assert [t.firstChild.nodeValue for t in texts] == ["1", "2", "10", "-3"]
    ends = [t.getAttribute("x") for t in texts]
    assert ends[0] == ends[2] != ends[1] == ends[3]
    assert {t.getAttribute("text-anchor") for t in texts} == {"end"}
    assert len(drawn(canvas).getElementsByTagName("path")) == 2


def test_used_classes_are_remembered_once_in_their_order() -> None:
    canvas = Canvas()
    canvas.circle((0.0, 0.0), 1.0, "fill", line="line")
    canvas.circle((0.0, 0.0), 1.0, "fill")
    canvas.badge("+", "added", (0.0, 0.0))
    assert list(canvas.classes) == ["f-fill", "s-line", "f-ground", "s-added", "f-added"]


def test_only_a_picture_sets_its_signs_in_a_font_that_has_them_large() -> None:
    plain, picture = Canvas(), Canvas(is_picture=True)
    for canvas in (plain, picture):
        canvas.text(Run("∂L/∂x |∇| <"), (0.0, 0.0))
        canvas.line(Line((Run("∂"), Run("1", bold=True))), 50.0, 0.0)
    assert not any(e.count("font-family") for e in plain.elements)
    spans = drawn(picture).getElementsByTagName("tspan")
    signs = [s.firstChild.nodeValue for s in spans if s.hasAttribute("font-family")]
    assert signs == ["∂", "∂", "∇", "∂"]
    assert "&lt;" in picture.elements[0]
    picture.text(Run("∂사과"), (0.0, 0.0))
    fonts = drawn(picture).getElementsByTagName("tspan")[-1].getAttribute("font-family")
    assert fonts.startswith("'Noto Sans CJK KR'")  # which has all of it


def test_a_picture_sets_a_text_with_small_digits_in_one_font() -> None:
    canvas = Canvas(is_picture=True)
    assert canvas.lettered("h₀").startswith("<tspan font-family=\"'DejaVu Sans'")
    assert canvas.lettered("h₀").endswith(">h₀</tspan>")
    assert canvas.lettered("h0") == "h0"
    assert Canvas().lettered("h₀") == "h₀"
