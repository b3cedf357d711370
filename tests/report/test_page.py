"""The page as a browser sees it: nothing from documents or models is markup, nothing is fetched."""

import re
from html.parser import HTMLParser

import pytest

from loresmith.artifact import Artifact
from loresmith.recipe.settings import ReportSettings
from loresmith.report.compose import compose
from loresmith.report.material import Material
from loresmith.report.page import page

VOID = {"meta", "img", "br", "hr", "input", "link", "wbr"}


class Elements(HTMLParser):
    """Collects tags, attributes and text, and minds that every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID and not (self.get_starttag_text() or "").endswith("/>"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def html(settings: ReportSettings, parents: dict[str, Artifact]) -> str:
    return page(compose(Material(settings, parents)))


@pytest.fixture
def elements(html: str) -> Elements:
    parsed = Elements()
    parsed.feed(html)
    return parsed


def test_hostile_texts_are_shown_as_they_are_and_are_no_elements(elements: Elements, hostile: str) -> None:
    assert {tag for tag, _ in elements.tags}.isdisjoint({"script", "img", "iframe", "object", "embed", "form"})
    assert hostile in "".join(elements.text)
    assert not any(name.startswith("on") for _, attributes in elements.tags for name in attributes)


def test_every_element_is_closed_in_order(elements: Elements) -> None:
    assert elements.open == []


def test_nothing_points_outside_the_page(html: str, elements: Elements) -> None:
    for tag, attributes in elements.tags:
        for name in ("href", "src", "xlink:href", "action", "data"):
            if name in attributes:
                assert (tag, str(attributes[name])[0]) == ("a", "#")
    assert "url(" not in html
    assert "@import" not in html


def test_every_entry_of_the_contents_leads_to_a_section(elements: Elements) -> None:
    ids = [attributes["id"] for tag, attributes in elements.tags if tag == "section"]
    links = [str(attributes["href"])[1:] for tag, attributes in elements.tags if tag == "a"]
    assert links == ids
    assert len(set(ids)) == len(ids)


def test_pictures_say_in_words_what_they_show(elements: Elements) -> None:
    drawn = [attributes for tag, attributes in elements.tags if tag == "svg"]
    assert len(drawn) == 11  # four panels of arms, two of differences, four of certainty, one loss curve
    assert all("95% interval" in str(a["aria-label"]) or "loss" in str(a["aria-label"]) for a in drawn)


def test_colours_follow_the_readers_scheme_and_paper_gets_its_own(html: str) -> None:
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    assert "prefers-color-scheme: dark" in style[1]
    assert "@media print" in style[1]


def test_a_mark_that_is_only_a_sign_has_a_name_and_a_role_that_may_have_one(elements: Elements) -> None:
    named = [attributes for tag, attributes in elements.tags if tag == "span" and "aria-label" in attributes]
    assert {attributes["aria-label"] for attributes in named} == {"right", "wrong"}
    assert {attributes.get("role") for attributes in named} == {"img"}
