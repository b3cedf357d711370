"""The review in a real browser, without a mouse; skipped where there is none."""

from collections.abc import Iterator
from typing import Any

import pytest

from loresmith.pipeline import Project
from loresmith.review.session import Entry, Review
from loresmith.serve.access import Access
from loresmith.serve.review.site import create_review_site
from tests.serve.librarian import Site, served, wait_until
from tests.serve.review.hostile import HOSTILE, HOSTILE_QUESTION

DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


class Reviewer:
    """One tab, every request that it made to another host, and every complaint of the browser."""

    def __init__(self, tab: Any, home: str) -> None:
        self.tab, self.outside, self.complaints = tab, [], []  # type: ignore[var-annotated]
        tab.on("request", lambda asked: None if asked.url.startswith((home, "data:")) else self.outside.append(asked))
        tab.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        tab.goto(f"{home}/review")
        tab.wait_for_selector(".card.here")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tab.keyboard.press(key)

    def type(self, text: str) -> None:
        """Into the field that has the focus, over what stands there."""
        self.press("Control+a")
        self.tab.keyboard.insert_text(text)

    def wait_for_progress(self, text: str) -> None:
        self.tab.wait_for_function("text => document.getElementById('progress').textContent.startsWith(text)", arg=text)

    def heading(self) -> str:
        """The question of the card that the keys are about."""
        text: str = self.tab.inner_text(".card.here h2")
        return text

    def is_too_wide(self) -> bool:
        wide: bool = self.tab.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        return wide


@pytest.fixture(params=[(DESK, "light"), (PHONE, "dark")], ids=["desk in light", "phone in dark"])
def reviewer(request: pytest.FixtureRequest, browser: Any, site: Site) -> Iterator[Reviewer]:
    size, scheme = request.param
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        yield Reviewer(context.new_page(), site.url)


def first_of(project: Project, count: int) -> list[Entry]:
    return Review(project.path).entries()[:count]


def test_keys_accept_edit_reject_and_undo(reviewer: Reviewer, workshop: Project) -> None:
    first, second, third, fourth = (entry.question.question for entry in first_of(workshop, 4))
    assert reviewer.heading() == first
    reviewer.press("a")
    reviewer.wait_for_progress("1 of")
    assert reviewer.heading() == second
    reviewer.press("r")
    reviewer.type("ae r u")  # letters in a field are letters
    reviewer.press("Enter")
    reviewer.wait_for_progress("2 of")
    assert reviewer.heading() == third
    reviewer.press("e")
    reviewer.type(f"In short: {third}")
    reviewer.press("Enter")
    reviewer.wait_for_progress("3 of")
    assert reviewer.heading() == fourth
    verdicts = [(entry.verdict, entry.question.question) for entry in first_of(workshop, 4)]
    assert verdicts == [
        ("accept", first), ("reject", second), ("edit", f"In short: {third}"), ("undecided", fourth)
    ]  # fmt: skip
    assert first_of(workshop, 2)[1].decision.reason == "ae r u"  # type: ignore[union-attr]
    for left in (2, 1, 0):
        reviewer.press("u")
        reviewer.wait_for_progress(f"{left} of")
    assert reviewer.heading() == first
    assert [entry.verdict for entry in first_of(workshop, 4)] == ["undecided"] * 4
    assert reviewer.tab.is_disabled("#undo")
    assert not reviewer.is_too_wide()
    assert (reviewer.outside, reviewer.complaints) == ([], [])


def test_undo_brings_back_the_verdict_before_and_not_only_none(reviewer: Reviewer, workshop: Project) -> None:
    reviewer.press("a")
    reviewer.wait_for_progress("1 of")
    reviewer.press("ArrowUp", "r", "Enter")
    reviewer.tab.wait_for_selector(".card.reject")
    reviewer.press("u")
    reviewer.tab.wait_for_selector(".card.accept")
    assert [entry.verdict for entry in first_of(workshop, 1)] == ["accept"]


def test_arrows_move_between_cards_and_escape_leaves_a_form_as_it_was(reviewer: Reviewer, workshop: Project) -> None:
    _, second, third = (entry.question.question for entry in first_of(workshop, 3))
    reviewer.press("ArrowDown", "ArrowDown")
    assert reviewer.heading() == third
    reviewer.press("ArrowUp", "e")
    reviewer.type("Something else")
    reviewer.press("Escape")
    assert reviewer.heading() == second
    assert reviewer.tab.locator(".card form:visible").count() == 0
    reviewer.press("e")
    assert reviewer.tab.input_value(".card form:visible textarea") == second
    assert [entry.verdict for entry in first_of(workshop, 3)] == ["undecided"] * 3


def test_a_refused_edit_says_why_in_the_form_and_keeps_the_words(reviewer: Reviewer, workshop: Project) -> None:
    reviewer.press("e", "Tab")
    reviewer.type("a submarine")
    reviewer.press("Enter")
    reviewer.tab.wait_for_selector("text=answer is not in the quote")
    assert reviewer.tab.input_value(".card form:visible input[name=answer]") == "a submarine"
    assert [entry.verdict for entry in first_of(workshop, 1)] == ["undecided"]


def test_a_filter_shows_what_is_undecided_and_the_next_page_what_follows(reviewer: Reviewer, workshop: Project) -> None:
    entries = Review(workshop.path).entries()
    reviewer.press("a", "a")
    wait_until(lambda: Review(workshop.path).count().decided >= 1)
    reviewer.tab.select_option("select[name=verdict]", "undecided")
    reviewer.tab.wait_for_url("**verdict=undecided*")
    assert reviewer.tab.locator(".card.accept").count() == 0
    last = reviewer.tab.locator(".card").last.get_attribute("data-key")
    reviewer.tab.click("#after")
    reviewer.tab.wait_for_url("**start=*")
    keys = [entry.row.key for entry in entries]
    assert reviewer.tab.get_attribute(".card", "data-key") == keys[keys.index(last) + 1]


def test_hostile_words_stay_words(browser: Any, hostile: Project) -> None:
    with served(create_review_site(hostile, Access())) as site, browser.new_context(viewport=DESK) as context:
        reviewer = Reviewer(context.new_page(), site.url)
        assert reviewer.heading() == HOSTILE_QUESTION
        assert HOSTILE in reviewer.tab.inner_text(".card.here mark")
        reviewer.press("e")
        reviewer.type(f"How many {HOSTILE} blades?")
        reviewer.press("Enter")
        reviewer.wait_for_progress("1 of")
        assert f"How many {HOSTILE} blades?" in reviewer.tab.inner_text(".card.edit h2")
        assert reviewer.tab.locator("img").count() == 0
        assert reviewer.tab.title() == "Review · hostile"
        assert (reviewer.outside, reviewer.complaints) == ([], [])
