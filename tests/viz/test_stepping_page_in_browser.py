"""The page that steps, driven in headless Chromium by keyboard, slider, click and hash.

Skipped where there is no browser or no selenium, unless CI_NEEDS_BROWSER=1 says that there must be.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.viz.graphs import lecture, matrix, square_plus_self
from viz.stepping_page import page_of, widget_of

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
WAIT = 20
"""Seconds that something may take to appear."""

Page = Callable[..., Any]


def missing() -> str:
    """What is not here to drive a browser; "" if all is."""
    if importlib.util.find_spec("selenium") is None:
        return "selenium is not installed: pip install selenium"
    programs = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    if programs:
        return f"{', '.join(programs)} is not here: apt install chromium chromium-driver"
    return ""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser of the tests' own."""
    if reason := missing():
        if os.environ.get("CI_NEEDS_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.binary_location = str(shutil.which("chromium"))
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Page]:
    """Opens a page, at a width in pixels and with media features; it must log no error."""

    def opened(text: str, hash: str = "", width: int = 1000, **media: str) -> Any:
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": name.replace("_", "-"), "value": x} for name, x in media.items()]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        browser.get("about:blank")
        browser.get(path.as_uri() + hash)
        return browser

    yield opened
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def text(browser: Any, selector: str) -> str:
    """What an element says, whether it can be seen or not."""
    script = "return document.querySelector(arguments[0])?.textContent ?? ''"
    return str(browser.execute_script(script, selector))


def gradients(browser: Any) -> list[str]:
    """The gradients that can be seen, in the order of the wires."""
    script = """return [...document.querySelectorAll(".gg-gradient text")].filter(
        (label) => getComputedStyle(label).visibility === "visible").map((l) => l.textContent)"""
    return list(browser.execute_script(script))


def press(browser: Any, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    for key in keys:
        ActionChains(browser).send_keys(key).perform()


def click(browser: Any, selector: str) -> None:
    """A click of the mouse on the middle of an element, whatever lies there."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By

    element = browser.find_element(By.CSS_SELECTOR, selector)
    ActionChains(browser).move_to_element(element).click().perform()


def test_keys_step_forwards_and_back(page: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    browser = page(page_of(lecture()))
    assert text(browser, "output") == "0 / 13" and gradients(browser) == []
    press(browser, Keys.ARROW_RIGHT, "n")
    assert text(browser, "output") == "2 / 13"
    assert text(browser, ".live") == "귤 가격 150 × 귤 개수 3 = 450"
    press(browser, Keys.ARROW_LEFT)
    assert text(browser, "h2") == "1/13 · forward ×"
    press(browser, "h")
    assert text(browser, "output") == "0 / 13"
    press(browser, Keys.END)
    assert gradients(browser) == ["2.2", "110", "3.3", "165", "1.1", "1.1", "1.1", "650", "1"]
    press(browser, Keys.ARROW_RIGHT)
    assert text(browser, "output") == "13 / 13"
    press(browser, Keys.HOME)
    assert text(browser, "output") == "0 / 13" and gradients(browser) == []


def test_the_hash_opens_a_step_and_follows(page: Page) -> None:
    browser = page(page_of(lecture()), "#step=7")
    assert text(browser, ".live") == "1 (upstream) × 650 (local) = 650 → 소비세"
    assert text(browser, "h2") == "7/13 · backward × → input 1, 소비세"
    assert gradients(browser) == ["1.1", "650", "1"]
    assert "total = (apples + tangerines) * tax" in text(browser, "section")
    press(browser, "n")
    assert browser.current_url.endswith("#step=8")
    browser.execute_script("location.hash = '#step=13'")
    wait(browser, lambda b: text(b, "output") == "13 / 13")
    browser = page(page_of(lecture(), step=5), "#step=99")
    assert text(browser, "output") == "13 / 13"
    browser = page(page_of(lecture(), step=5))
    assert text(browser, "output") == "5 / 13"


def wait(browser: Any, until: Callable[[Any], Any]) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, WAIT).until(until)


def test_what_happens_now_is_marked(page: Page) -> None:
    browser = page(page_of(lecture()), "#step=7")
    marked = """return [...document.querySelectorAll(".now, .now-gradient, .now-value")].map(
        (group) => group.querySelector("title")?.textContent.split("\\n")[0])"""
    assert browser.execute_script(marked) == ["소비세", "mul"]
    script = 'return getComputedStyle(document.querySelector(".now > circle")).stroke'
    assert browser.execute_script(script) == "rgb(245, 159, 0)"


def test_the_slider_moves_by_mouse_and_by_keys(page: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    browser = page(page_of(lecture()))
    click(browser, "nav input")
    assert text(browser, "output") in ("6 / 13", "7 / 13")
    # The slider has the focus: it must not take the key a second time.
    before = int(text(browser, "output").split()[0])
    press(browser, Keys.ARROW_RIGHT)
    assert text(browser, "output") == f"{before + 1} / 13"


def test_a_click_runs_until_there(page: Page) -> None:
    browser = page(page_of(lecture()))
    click(browser, "#e7 .gg-value text")  # the tax
    assert text(browser, "output") == "7 / 13"
    click(browser, "#n2 circle")  # the apples' operation: its first contribution
    assert text(browser, "output") == "12 / 13"
    click(browser, "#n2 circle")
    assert text(browser, "h2") == "1/13 · forward ×"


def test_the_buttons_do_what_they_say(page: Page) -> None:
    browser = page(page_of(lecture()))
    for name, place in [("end", 13), ("back", 12), ("start", 0), ("next", 1)]:
        click(browser, f"[data-do={name}]")
        assert text(browser, "output") == f"{place} / 13"


def test_space_plays_to_the_end_and_stops(page: Page) -> None:
    browser = page(page_of(lecture()), "#step=11")
    press(browser, " ")
    assert "pause" in text(browser, "[data-do=play]")
    wait(browser, lambda b: text(b, "output") == "13 / 13")
    assert "play" in text(browser, "[data-do=play]")
    press(browser, " ", " ")
    assert text(browser, "output") == "0 / 13" and "play" in text(browser, "[data-do=play]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_reader_and_the_button(page: Page, scheme: str) -> None:
    grounds = {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}
    script = """return [getComputedStyle(document.body).backgroundColor,
        getComputedStyle(document.querySelector("svg > rect")).fill]"""
    browser = page(page_of(lecture()), prefers_color_scheme=scheme)
    assert browser.execute_script(script) == [grounds[scheme]] * 2
    for theme in ("light", "dark"):
        click(browser, "[data-do=theme]")
        assert browser.execute_script(script) == [grounds[theme]] * 2
    click(browser, "[data-do=theme]")
    assert browser.execute_script(script) == [grounds[scheme]] * 2


def test_a_branch_shows_the_sum_so_far(page: Page) -> None:
    browser = page(page_of(square_plus_self()), "#step=5")
    assert "1 …" in gradients(browser)
    press(browser, "n")
    assert "1 + 3 = 4 …" in gradients(browser)
    assert text(browser, ".sum") == "Sum so far for x: 1 + 3 = 4 · 2 of 3 contributions"
    press(browser, "n")
    assert text(browser, ".sum").endswith("7 · complete") and "3+3+1 = 7" in gradients(browser)


def test_a_click_on_an_element_tells_its_sum(page: Page) -> None:
    w, x = matrix(2, 2, "w"), matrix(3, 2, "x")
    browser = page(page_of((x @ w).sum()), "#step=6")
    assert "dw (2, 2) = xᵀ (2, 3) @ G (3, 2)" in text(browser, "section")
    click(browser, ".card:last-of-type .heat button:nth-child(2)")
    told = text(browser, ".element")
    assert told.startswith("w [0, 1] = G[0, 1] 1 × -0.5 + G[1, 1] 1 ×")
    assert text(browser, ".live") == told


def test_hostile_names_do_nothing(page: Page) -> None:
    from tests.viz.graphs import leaf

    name = "</script><img src=x onerror=document.title=1>"
    y = leaf(2.0, name) * leaf(3.0, "'\"`${1}")
    browser = page(page_of(y, title=name), "#step=3")
    assert name[:30] in text(browser, "h2") and name[:30] in browser.title
    assert browser.execute_script("return document.querySelectorAll('img').length") == 0


@pytest.mark.parametrize("width", [360, 1000])
def test_nothing_sticks_out_of_the_window(page: Page, width: int) -> None:
    browser = page(page_of(lecture()), "#step=7", width=width)
    script = "return document.documentElement.scrollWidth <= innerWidth"
    assert browser.execute_script(script)
    script = """const now = document.querySelector(".now").getBoundingClientRect();
        return now.left >= 0 && now.right <= innerWidth"""
    wait(browser, lambda b: b.execute_script(script))


def test_two_widgets_in_one_document_step_by_themselves(page: Page) -> None:
    from selenium.webdriver.common.by import By

    widget = widget_of(lecture())
    browser = page(f"<!DOCTYPE html><title>notebook</title>{widget}{widget}")
    first, second = browser.find_elements(By.TAG_NAME, "iframe")
    browser.switch_to.frame(first)
    click(browser, "[data-do=next]")
    assert text(browser, "output") == "1 / 13"
    browser.switch_to.default_content()
    browser.switch_to.frame(second)
    assert text(browser, "output") == "0 / 13"
    browser.switch_to.default_content()
