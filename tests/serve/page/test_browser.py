"""The page in a real browser; skipped where there is none."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from loresmith.pipeline import Project
from loresmith.serve.access import Gate, House, own_names
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk, Limits
from loresmith.serve.feedback import remarks
from loresmith.serve.page.build import PageFacts, mount_page
from tests.serve.journey import answered
from tests.serve.librarian import Librarian, Site, served, wait_until

DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
HOSTILE = (
    '<img src="https://evil.example/a.png" onerror="document.title=\'gone\'"><script>document.title="gone"</script>'
)


class Visit:
    """One tab, and every request that it made to another host."""

    def __init__(self, tab: Any, home: str) -> None:
        self.tab, self.outside, self.complaints = tab, [], []  # type: ignore[var-annotated]
        ours = (home, "data:", "blob:")
        tab.on("request", lambda asked: None if asked.url.startswith(ours) else self.outside.append(asked.url))
        tab.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        tab.goto(home)
        tab.wait_for_selector("#question textarea")

    def ask(self, question: str) -> str:
        """The answer's text once its sources are shown."""
        self.tab.fill("#question textarea", question)
        self.tab.keyboard.press("Enter")
        self.tab.wait_for_selector("#sources .source")
        text: str = self.tab.inner_text("#conversation .bot-row")
        return text

    def take_quiz(self, questions: int) -> list[str]:
        """What was said after each answer; the first option is always chosen."""
        self.tab.get_by_role("tab", name="Quiz").click()
        return answered(self.tab, questions)

    def is_too_wide(self) -> bool:
        """Whether the page scrolls sideways."""
        wide: bool = self.tab.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        return wide


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk in light", "phone in dark"])
def test_a_visitor_asks_sees_the_source_and_takes_a_quiz_of_ten(
    browser: Any, plant: Site, size: dict[str, int], scheme: str
) -> None:
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        visit = Visit(context.new_page(), plant.url)
        assert "opens at 4 bar" in visit.ask("At what pressure does the relief valve open?")
        card = visit.tab.inner_text("#sources .source >> nth=0")
        assert "pumps.md" in card
        assert "opens at 4 bar" in card
        assert "by meaning: rank" in card
        assert not visit.is_too_wide()
        said = visit.take_quiz(10)
        assert all(words.startswith(("Right.", "Not quite: ")) and ".md" in words for words in said)
        right = sum(words.startswith("Right.") for words in said)
        assert visit.tab.inner_text(".score") == f"{right} of 10 right"
        assert visit.tab.locator(".review > li").count() == 10
        assert not visit.is_too_wide()
        assert ("dark" in (visit.tab.get_attribute("body", "class") or "")) is (scheme == "dark")
        assert visit.outside == []
        assert visit.complaints == []


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "dark"), (PHONE, "light")], ids=["desk in dark", "phone in light"])
def test_an_example_is_answered_at_a_click_and_the_report_tab_says_what_is_missing(
    browser: Any, plant: Site, size: dict[str, int], scheme: str
) -> None:
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        visit = Visit(context.new_page(), plant.url)
        example = visit.tab.locator("#conversation .example").first
        question = example.inner_text()
        example.click()
        visit.tab.wait_for_selector("#sources .source")
        assert visit.tab.inner_text("#conversation .user-row").strip() == question.strip()
        visit.tab.get_by_role("tab", name="Report").click()
        assert "loresmith report" in visit.tab.inner_text("#report")
        assert not visit.is_too_wide()
        assert visit.outside == []
        assert visit.complaints == []


def test_a_thumb_under_an_answer_is_kept_with_it(browser: Any, plant: Site, project: Project) -> None:
    with browser.new_context(viewport=DESK) as context:
        visit = Visit(context.new_page(), plant.url)
        visit.ask("What is the weight of the Curlew pump?")
        visit.ask("At what pressure does the relief valve open?")
        visit.tab.wait_for_selector("#sources .source >> text=opens at 4 bar")  # the first answer's sources are gone
        visit.tab.locator("#conversation button[aria-label*='islike']").last.click()
        wait_until(lambda: len(list(remarks(project.path))) == 1)
        (said,) = remarks(project.path)
        assert (said.value, said.question) == ("down", "At what pressure does the relief valve open?")
        assert "opens at 4 bar" in said.text
        assert visit.complaints == []


def test_a_follow_up_is_answered_from_the_question_before_it(browser: Any, plant: Site) -> None:
    with browser.new_context(viewport=DESK) as context:
        visit = Visit(context.new_page(), plant.url)
        visit.ask("What is the weight of the Curlew pump?")
        visit.tab.fill("#question textarea", "What is its price & how is <b>it</b> sold?")
        visit.tab.keyboard.press("Enter")
        visit.tab.wait_for_selector("#conversation .bot-row >> text=Understood as:")
        understood = visit.tab.locator("#conversation .bot-row em").last.inner_text()
        assert understood == "Understood as: What is the Curlew pump's price & how is <b>it</b> sold?"
        assert visit.complaints == []


class HostileLibrarian(Librarian):
    """Says what a poisoned document would make a model say."""

    def stream(self, question: str, max_new_tokens: int | None = None) -> Any:
        *pieces, told = super().stream(question, max_new_tokens)
        yield from pieces
        bad = told.citations[0].model_copy(update={"quote": HOSTILE, "source": HOSTILE})  # type: ignore[union-attr]
        text = f"{HOSTILE} ![x](https://evil.example/b.png) [y](javascript:document.title='gone') `<b>`"
        yield told.model_copy(update={"text": text, "citations": (bad,)})  # type: ignore[union-attr]


@pytest.fixture
def poisoned() -> Iterator[Site]:
    reader = HostileLibrarian()
    app: FastAPI = create_api(Desk(reader), "papers")
    facts = PageFacts(f"papers {HOSTILE}", 1, 2, HOSTILE, [HOSTILE], 10, False)
    app = mount_page(app, Desk(reader), None, facts)
    app.add_middleware(Gate, house=House(hosts=own_names("127.0.0.1")))
    with served(app) as running:
        yield running


def test_hostile_words_stay_words_and_reach_no_other_host(browser: Any, poisoned: Site) -> None:
    with browser.new_context(viewport=DESK) as context:
        visit = Visit(context.new_page(), poisoned.url)
        visit.ask(HOSTILE)
        visit.tab.wait_for_function("document.querySelector('#conversation .bot-row').innerText.includes('evil')")
        assert HOSTILE in visit.tab.inner_text("#conversation .bot-row")
        assert HOSTILE in visit.tab.inner_text("#conversation .user-row")
        assert HOSTILE in visit.tab.inner_text("#sources blockquote")
        assert HOSTILE in visit.tab.inner_text("#banner")
        drawn = "#conversation .message img, #sources img, #banner img, #conversation .message a[href^=javascript]"
        assert visit.tab.locator(drawn).count() == 0
        assert "gone" not in (visit.tab.evaluate("document.title").split("papers")[0])
        assert visit.outside == []


def test_a_full_house_is_said_in_the_conversation(browser: Any) -> None:
    reader = Librarian()
    app = create_api(Desk(reader, Limits(waiting=0)), "papers")
    desk = Desk(reader, Limits(waiting=0))
    with served(mount_page(app, desk, None, PageFacts("papers", 1, 2, "tiny", [], 10, False))) as site:
        reader.pause.clear()
        with browser.new_context() as context:
            first, second = Visit(context.new_page(), site.url), Visit(context.new_page(), site.url)
            for visit in (first, second):
                visit.tab.fill("#question textarea", "Why?")
                visit.tab.keyboard.press("Enter")
                visit.tab.wait_for_selector("#conversation .bot-row")
            second.tab.wait_for_selector("text=Too many questions are waiting.")
            reader.pause.set()
            first.tab.wait_for_selector("text=Two small matrices [1].")
