"""Labels for Graphviz."""

from __future__ import annotations

import shutil

import pytest

from viz.tables import beside, escaped, font, framed, left, matrix, plain, stacked

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs the dot program")


def test_what_graphviz_would_read_as_its_own_is_escaped() -> None:
    assert plain("\\N & <b>") == "\\\\N &amp; <b>"
    assert escaped('\\N "<b>&') == "\\\\N &quot;&lt;b&gt;&amp;"
    assert plain("a\nb") == "a\\\\nb" and escaped("\x00") == "\\\\x00"


def test_a_label_in_angle_brackets_is_no_html() -> None:
    import graphviz

    graph = graphviz.Digraph()
    graph.node("n", plain("<b>"))
    graph.node("m", left(["<b>", "c"]))
    assert 'n [label="<b>"]' in graph.source and 'm [label="<b>\\lc\\l"]' in graph.source


def test_cells_alone_need_no_table() -> None:
    assert stacked([]) == "" and stacked(["a"]) == "a"
    assert stacked(["a", "b"]).count("<TR>") == 2 and beside(["a", "b"]).count("<TD>") == 2
    assert font("a", "#000", 10.5, bold=True) == (
        '<FONT COLOR="#000" POINT-SIZE="10.5"><B>a</B></FONT>'
    )


@needs_dot
def test_graphviz_reads_every_table() -> None:
    from viz.dot import render

    cells = beside([matrix([["1", "<2"], ["3", "4"]], "#c2255c"), font(escaped("a&b"), "#000000")])
    label = framed([cells, stacked(["x", "y"])], "#ffffff", "#000000", 4)
    svg = render(f"digraph {{ n [shape=plain, label={label}] }}").decode()
    assert "&lt;2" in svg and "a&amp;b" in svg
