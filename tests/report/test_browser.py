"""The page in a real browser: what axe-core finds, what it asks for, and how it fits; skipped where there is none.

The rules of axe-core find a part of what WCAG asks; how the page reads aloud they cannot tell.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.report.compose import compose
from loresmith.report.material import Material
from loresmith.report.page import page

PHONE, DESK = 390, 1280
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true })"
TWO_OF_A_KIND = (
    "document.querySelectorAll('tbody tr:nth-child(n + 3), .example:nth-child(n + 2), svg:nth-of-type(n + 3),"
    " dl.facts > div:nth-child(n + 3), td:nth-child(n + 8), th:nth-child(n + 8), .command:nth-of-type(n + 2)')"
    ".forEach(one => one.remove())"
)
"""Rows of a table look alike; axe-core takes several times as long for all of them."""
Opened = Callable[[int, str], Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(wide: Material, tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(page(compose(wide)), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Opened]:
    """`opened(width, scheme)`: the page, with all that is folded open; `asked` and `said` hang on it."""
    views: list[Any] = []

    def view(width: int, scheme: str) -> Any:
        shown = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        shown.asked, shown.said = [], []
        shown.on("request", lambda request: shown.asked.append(request.url))
        shown.on("console", lambda message: shown.said.append(message.text))
        shown.on("dialog", lambda dialog: shown.said.append(dialog.message))
        shown.goto(address)
        shown.evaluate(OPEN_ALL)
        views.append(shown)
        return shown

    yield view
    for shown in views:
        shown.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_nothing_serious_and_nothing_is_fetched_or_runs(
    opened: Opened, address: str, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    view = opened(width, scheme)
    assert view.evaluate("document.documentElement.scrollWidth") == width
    view.evaluate(TWO_OF_A_KIND)
    found = axe.Axe().run(view, options={"resultTypes": ["violations"]}).response["violations"]
    grave = {
        rule["id"]: [node["html"][:200] for node in rule["nodes"][:3]]
        for rule in found
        if rule["impact"] in ("serious", "critical")
    }
    assert grave == {}
    assert view.asked == [address]
    assert view.said == []


def test_headings_skip_no_level_and_the_landmarks_are_there(opened: Opened) -> None:
    view = opened(DESK, "light")
    levels = view.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(one => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert view.get_by_role(landmark).count() == 1, landmark


def test_what_scrolls_sideways_can_be_reached_by_keyboard(opened: Opened) -> None:
    view = opened(PHONE, "light")
    script = (
        "[...document.querySelectorAll('body *')].filter(one => one.scrollWidth > one.clientWidth + 1 "
        "&& getComputedStyle(one).overflowX === 'auto')"
    )
    assert view.evaluate(f"{script}.length") > 0
    assert view.evaluate(f"{script}.every(one => one.tabIndex === 0)")


def test_a_cell_of_the_map_is_read_with_its_interval_and_few_questions_look_different(opened: Opened) -> None:
    view = opened(DESK, "light")
    cell = view.locator("table.heat td.enough").first
    assert "95% interval" in cell.text_content()
    assert cell.locator(".unseen").bounding_box()["width"] <= 1
    borders = view.evaluate(
        "['small', 'enough'].map(name => getComputedStyle(document.querySelector(`.heat td.${name}`)).borderTopStyle)"
    )
    assert borders == ["dashed", "none"]
