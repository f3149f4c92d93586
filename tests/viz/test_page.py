"""A drawing as a web page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.viz.graphs import lecture
from tests.viz.views import through
from viz import draw
from viz.page import page_of
from viz.style import THEME_NAMES, Style
from viz.svg import svg_of


class Reader(HTMLParser):
    """Reads a page: its tags, and the text inside of <pre>."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.pre = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.pre += data if self.tags[-1:] == ["pre"] else ""


@pytest.mark.parametrize("theme", THEME_NAMES)
def test_the_page_has_the_picture_and_the_text_and_fetches_nothing(theme: str) -> None:
    drawing = draw(lecture())
    style = Style(theme=theme)
    page = page_of(drawing.view, style)
    assert svg_of(drawing.view, style) in page
    assert drawing.to_text("utf-8").strip() in Reader(page).pre
    assert not re.search(r"<script|<link|src=|href=|@import|url\(", page)
    assert "<title>Computational graph of 최종 금액: 5 inputs, 4 operations</title>" in page
    assert ("prefers-color-scheme" in page) == (theme == "auto")


def test_a_hostile_name_stays_a_name() -> None:
    view = through(source="n1", target="n2", name="</pre></svg><script>alert(1)</script>")
    tags = Reader(page_of(view, Style())).tags
    assert "script" not in tags and tags.count("pre") == 1 and tags.count("svg") == 1
