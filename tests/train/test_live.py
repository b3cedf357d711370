"""The page of a training: what stands on it, and that it holds nothing that loads."""

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest

from loresmith.train import live

LOGGED = [
    {"step": 0, "validation_loss": 4.2},
    {"step": 10, "loss": 3.0, "learning_rate": 2e-4, "tokens": 900},
    {"step": 20, "loss": 1.5, "learning_rate": 1e-4, "tokens": 1800},
]
EXAMINED = [{"step": 0, "recall": 0.1, "recall_f1": 0.2, "general": 0.8}, {"step": 20, "recall": None, "general": 0.7}]


@pytest.fixture
def view() -> live.View:
    return live.View(
        names=("",), done=20, total=80, seconds=40.0, left=120.0, note="loss 1.5", clock="12:00:00",
        logged=LOGGED, examined=EXAMINED, speeds=[(10, 20.0), (20, 22.5)],
    )  # fmt: skip


def words(page: str) -> str:
    """What a reader sees, on one line."""

    class Text(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.found: list[str] = []

        def handle_data(self, data: str) -> None:
            self.found.append(data)

    parser = Text()
    parser.feed(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    return " ".join(" ".join(parser.found).split())


def test_it_shows_how_far_it_is_and_every_curve(view: live.View) -> None:
    said = words(live.page(view))
    for part in ("20 of 80", "about 2 min", "training 1.50", "validation 4.20", "questions 0.10", "general 0.70"):
        assert part in said
    assert "rate 0.0001" in said
    assert "tokens/s 22" in said
    assert "width:25.0%" in live.page(view)


@pytest.mark.parametrize(("state", "reloads"), [(live.RUNNING, 1), (live.DONE, 0), (live.ENDED, 0)])
def test_it_loads_itself_again_only_while_it_works(view: live.View, state: str, reloads: int) -> None:
    view.state = state
    page = live.page(view)
    assert page.count('http-equiv="refresh"') == reloads
    assert live.WORDS[state] in words(page)
    assert ("about" in words(page)) == (state == live.RUNNING)


def test_it_has_no_script_and_no_address_and_dark_colours(view: live.View) -> None:
    page = live.page(view)
    assert not re.search(r"<script|https?://|url\(|src=|href=", page)
    assert "prefers-color-scheme: dark" in page
    for svg in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        ElementTree.fromstring(svg)


def test_what_others_wrote_is_text(view: live.View) -> None:
    view.note = "<script>alert(1)</script>"
    assert "<script>" not in live.page(view)
    assert view.note in words(live.page(view))


def test_before_the_first_line_it_says_so() -> None:
    assert "Nothing is logged yet." in words(live.page(live.View(names=("",))))


def test_however_long_the_log_the_page_stays_small(view: live.View) -> None:
    view.logged = [{"step": n, "loss": 1 / n, "learning_rate": 1e-4} for n in range(1, 100_001)]
    assert len(live.page(view)) < 30_000
    points = live.series(view)["Loss, in nats per token of an answer"][0].points
    assert len(points) <= live.MOST_POINTS + 1
    assert points[-1] == (100_000, 1e-5)


def test_adapters_that_are_finished_stand_below(view: live.View) -> None:
    view.names, view.name = ("pumps", "valves", ""), "valves"
    view.finished = [("pumps", {"steps": 30, "last_loss": 0.25, "exam_recall": 0.5})]
    said = words(live.page(view))
    assert "training: valves" in said
    assert "2 of 3" in said
    assert "pumps 30 0.25 0.5" in said


@pytest.mark.parametrize(("seconds", "said"), [(8, "8 s"), (200, "3 min"), (11_100, "3 h 05 min")])
def test_durations_are_told_as_people_do(seconds: float, said: str) -> None:
    assert live.duration(seconds) == said
