"""The way of a visitor through the whole page: sign in, add a PDF, ask, open a citation, take a quiz, review."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
KEY = "a key for the journey"
DOCK = (
    "72 100 18 bold The dock\n"
    "72 130 11 regular The dock lies at the mouth of the river. It was built by the harbour board.\n"
    "72 146 11 regular It has four berths and two cranes.",
    "72 100 14 bold Cranes\n"
    "72 130 11 regular The crane of the dock lifts 18 tonnes. It was built in Gothenburg.\n"
    "72 146 11 regular A gantry is a crane that spans the quay.",
)
"""Two pages, in the words of `tests.ingest.conftest.drawn`."""
QUESTION = "What does the crane of the dock lift?"
Look = Callable[[str], None]
"""Takes a picture of what is seen now, under a name."""


def answered(tab: Any, questions: int, look: Callable[[], None] = lambda: None) -> list[str]:
    """What was said after each answer of a quiz, of which the first option is always chosen; `look` at the first."""
    tab.click("#quiz-begin")
    said = []
    for number in range(1, questions + 1):
        tab.wait_for_selector(f"text=Question {number} of {questions}")
        tab.locator("#quiz-options .option:visible").first.click()
        tab.wait_for_selector("#quiz-feedback .verdict blockquote")
        said.append(tab.inner_text("#quiz-feedback .verdict"))
        if number == 1:
            look()
        tab.click("#quiz-next")
    tab.wait_for_selector(".score")
    return said


class Journey:
    """One tab of a browser, and everything that it asked of another host or complained of."""

    def __init__(self, tab: Any, home: str, look: Look = lambda name: None) -> None:
        self.tab, self.home, self.look = tab, home, look
        self.outside: list[str] = []
        self.complaints: list[str] = []
        ours = (home, "data:", "blob:")
        tab.set_default_timeout(60_000)
        tab.on("request", lambda asked: None if asked.url.startswith(ours) else self.outside.append(asked.url))
        tab.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)

    def sign_in(self, key: str) -> None:
        self.tab.goto(self.home)
        assert self.tab.url.endswith("/sign-in")
        self.tab.fill("input[name=key]", key)
        self.tab.keyboard.press("Enter")
        self.tab.wait_for_selector("#question textarea")

    def turn_to(self, name: str) -> None:
        """Open a tab; on a phone those without room are behind the button `More tabs`."""
        tab = self.tab.get_by_role("tab", name=name, exact=True)
        if tab.count():
            tab.click()
            return
        self.tab.get_by_role("button", name="More tabs").click()
        self.tab.locator(".overflow-dropdown button", has_text=name).click()

    def upload(self, name: str, content: bytes) -> str:
        """What the page says of the file once it is in the index, or why it is not."""
        self.turn_to("Documents")
        frame = self.tab.frame_locator("iframe[title=Documents]")
        frame.locator("#file").set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        )
        frame.locator("#jobs li.done, #jobs li.failed").first.wait_for()
        said: str = frame.locator("#jobs li").first.inner_text()
        self.look("documents")
        return said

    def ask(self, question: str) -> str:
        """The first source's card under the answer."""
        self.turn_to("Chat")
        self.tab.fill("#question textarea", question)
        self.tab.keyboard.press("Enter")
        self.tab.wait_for_selector("#sources .source")
        self.look("chat")
        card: str = self.tab.inner_text("#sources .source >> nth=0")
        return card

    def open_citation(self) -> tuple[str, str, int]:
        """The marked words, where the document says that they stand, and the width of the picture of that page."""
        self.tab.click("#sources .source a.open-source >> nth=0")
        view = self.tab.frame_locator("#viewer iframe")
        view.locator("mark").first.wait_for()
        picture = view.locator("figure img")
        picture.scroll_into_view_if_needed()
        picture.evaluate("async img => { if (!img.complete) await new Promise(r => img.addEventListener('load', r)) }")
        view.locator("mark").first.scroll_into_view_if_needed()
        self.look("source")
        told = " ".join(view.locator("mark").all_inner_texts()), view.locator(".top").inner_text()
        width = picture.evaluate("img => img.naturalWidth")
        self.tab.get_by_role("button", name="Close", exact=True).click()
        return *told, width

    def take_quiz(self, questions: int) -> tuple[list[str], str, int]:
        """What was said after each answer, the score, and how many questions the review shows."""
        self.turn_to("Quiz")
        said = answered(self.tab, questions, lambda: self.look("quiz"))
        return said, self.tab.inner_text(".score"), self.tab.locator(".review > li").count()

    def review(self) -> str:
        """How far the review is once the first question is accepted."""
        self.turn_to("Review")
        frame = self.tab.frame_locator("iframe[title='Review of questions']")
        frame.locator(".card [data-do=accept]").first.click()
        frame.locator(".card.accept").first.wait_for()
        self.look("review")
        progress: str = frame.locator("#progress").inner_text()
        return progress

    def monitor(self) -> str:
        """The figures beside the picture of the answers."""
        self.turn_to("Monitor")
        frame = self.tab.frame_locator("iframe[title=Monitor]")
        frame.locator(".panel svg").first.wait_for()
        self.look("monitor")
        figures: str = frame.locator(".panel", has_text="cited").inner_text()
        return figures

    def is_too_wide(self) -> bool:
        """Whether the page or one that stands in it scrolls sideways."""
        wide = "document.documentElement.scrollWidth > window.innerWidth"
        return any(frame.evaluate(wide) for frame in self.tab.frames if frame.url.startswith(self.home))


def pictures_into(folder: Path, tab: Any) -> Look:
    """Takes pictures of `tab` into `folder`."""

    def look(name: str) -> None:
        tab.screenshot(path=str(folder / f"{name}.png"))

    return look
