"""How an expert stands, and the picture of it."""

import itertools
import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loresmith.pictures.timeline import Event, Point, drawn
from loresmith.records import Estimate
from loresmith.watch.places import Places
from loresmith.watch.records import Changes, Sitting
from loresmith.watch.standing import event_words, picture
from tests.watch.test_triggers import a_round

BEGIN = datetime(2026, 11, 2, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def test_a_timeline_is_well_formed_and_says_its_figures() -> None:
    points = [Point(BEGIN + timedelta(days=day), 0.5, 0.4, 0.6, "a") for day in (0, 7)]
    events = [Event(BEGIN, '<script>"&'), Event(BEGIN + timedelta(days=9), "refused", is_bad=True)]
    tree = ElementTree.fromstring(drawn(points, events, [], "plant & <co>"))
    assert len(tree.findall(f".//{SVG}circle")) == 2
    assert tree.attrib["aria-label"] == "plant & <co>: 02 Nov: 50%; 09 Nov: 50%"
    assert any("02 Nov: <script>" in "".join(text.itertext()) for text in tree.findall(f".//{SVG}text"))


def test_points_lie_higher_for_a_higher_share_and_further_for_a_later_time() -> None:
    points = [Point(BEGIN, 0.2, 0.1, 0.3, "a"), Point(BEGIN + timedelta(days=3), 0.9, 0.8, 1.0, "a")]
    first, second = ElementTree.fromstring(drawn(points, [], [], "x")).findall(f".//{SVG}g/{SVG}circle")
    assert float(first.attrib["cx"]) < float(second.attrib["cx"])
    assert float(first.attrib["cy"]) > float(second.attrib["cy"])


def test_the_picture_of_a_watch_shows_who_was_refused(tmp_path: Path) -> None:
    places = Places(tmp_path)
    assert picture(places, "plant") is None
    seen = Estimate(value=0.5, low=0.4, high=0.6, n=40, method="m")
    refused = a_round(2, "2026-11-09T10:00:00+00:00", outcome="kept")
    places.path.mkdir()
    places.end(refused.model_copy(update={"after": seen, "before": seen, "against": 1}))
    at = "2026-11-15T10:00:00+00:00"
    places.sat(Sitting(at=at, champion=1, arm="lora", accuracy=seen, baseline=0.5, is_below=False))
    drawing = picture(places, "plant")
    assert drawing is not None and "refused" in drawing
    assert drawing.count("<whisker") == 0 and drawing.count('class="whisker"') == 3


def test_a_round_is_told_in_a_word_or_two() -> None:
    done = a_round(1, "2026-11-09T10:00:00+00:00", outcome="kept")
    moved = done.model_copy(update={"changes": Changes(new=("a", "b"), withdrawn=("c",))})
    assert (event_words(done), event_words(moved)) == ("refused", "+2, −1: refused")


def test_words_of_neighbouring_events_do_not_meet() -> None:
    days = [
        (2, "+2: promoted"),
        (17, "+1: cannot tell"),
        (20, "-1: promoted"),
        (24, "+1: cannot tell"),
        (26, "-1: index"),
    ]
    events = [Event(datetime(2026, 11, day, tzinfo=UTC), words) for day, words in days]
    svg = drawn([Point(datetime(2026, 11, 1, tzinfo=UTC), 0.5, 0.4, 0.6, "a")], events, [], "plant")
    found = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="(start|end)">(\d\d Nov[^<]*)<', svg)
    assert len(found) == len(days)
    rows: dict[str, list[tuple[float, float]]] = {}
    for x, y, anchor, words in found:
        begin = float(x) - (6 * len(words) if anchor == "end" else 0)
        rows.setdefault(y, []).append((begin, begin + 6 * len(words)))
    for spans in map(sorted, rows.values()):
        assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
