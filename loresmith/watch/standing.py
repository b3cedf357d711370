"""How an expert stands: who answers, how current it is, what the last rounds decided, what is due, what people say."""

from collections.abc import Mapping
from datetime import datetime

from loresmith.errors import UserError
from loresmith.pictures import timeline
from loresmith.pictures.timeline import Event, Key, Point
from loresmith.records import Record
from loresmith.registry import CANDIDATE, CHAMPION, PREVIOUS
from loresmith.watch import collecting
from loresmith.watch.places import Places
from loresmith.watch.records import Changes, Round, Sitting, Started
from loresmith.watch.round import Bench
from loresmith.watch.schedule import next_run
from loresmith.watch.voices import heard, tallied
from loresmith.watch.watching import schedules

LAST = 5
"""Rounds that are shown."""
SHADES = {"promoted": "a", "kept": "bad", "cannot tell": "c"}


class Said(Record):
    """Thumbs since the champion was promoted."""

    up: int
    down: int
    refused: int
    """Of the answers with a thumb, those that declined."""


class Standing(Record):
    """How an expert stands."""

    champion: int | None
    candidate: int | None
    previous: int | None
    since: str | None
    """When the champion became it."""
    pending: Changes | None
    """Documents that the champion does not answer from yet; `None` where the documents cannot be read."""
    under_way: Started | None
    rounds: tuple[Round, ...]
    exams: tuple[Sitting, ...]
    due: Mapping[str, str]
    """When the exam and the refresh are next due, ISO 8601, UTC."""
    feedback: Said


def standing(bench: Bench) -> Standing:
    """How the expert of `bench` stands now; nothing is changed."""
    book, places = bench.book, bench.places
    crowned = [event for event in book.events() if CHAMPION in event.moves]
    since = crowned[-1].at if crowned else None
    said = heard(bench.project.path, book.path)
    counted = tallied(voice for voice in said if since is None or voice.at >= since)
    return Standing(
        champion=book.alias(CHAMPION),
        candidate=book.alias(CANDIDATE),
        previous=book.alias(PREVIOUS),
        since=since,
        pending=_pending(bench),
        under_way=places.started(),
        rounds=tuple(places.rounds()[-LAST:]),
        exams=tuple(places.exams()),
        due={name: next_run(line, bench.now()).isoformat() for name, line in schedules(bench).items()},
        feedback=Said(up=counted.up, down=counted.down, refused=counted.refused),
    )


def picture(places: Places, name: str) -> str | None:
    """The exams of rounds and between them over time as an SVG; `None` where none was held."""
    points, events = [], []
    for one in places.rounds():
        at = datetime.fromisoformat(one.ended)
        if one.after is not None:
            shade = SHADES.get(one.outcome, "c")
            points.append(Point(at, one.after.value, one.after.low, one.after.high, shade, one.outcome != "promoted"))
        if one.before is not None and one.against is not None:
            points.append(Point(at, one.before.value, one.before.low, one.before.high, "b", is_hollow=True))
        events.append(Event(at, event_words(one), one.outcome in ("kept", "failed")))
    for exam in places.exams():
        seen = exam.accuracy
        points.append(Point(datetime.fromisoformat(exam.at), seen.value, seen.low, seen.high, "a"))
    keys = [
        Key("a", "who answers"),
        Key("b", "who answered before, on the same exam", is_hollow=True),
        Key("bad", "a candidate that was refused", is_hollow=True),
    ]
    return timeline.drawn(points, events, keys, f"{name}: share of right answers") if points else None


def event_words(done: Round) -> str:
    """A round in a word or two, such as `+1 document: promoted`."""
    counts = (("+", done.changes.new), ("~", done.changes.changed), ("−", done.changes.withdrawn))
    moved = ", ".join(f"{sign}{len(names)}" for sign, names in counts if names)
    outcome = {"kept": "refused", "refreshed": "index only"}.get(done.outcome, done.outcome)
    return f"{moved}: {outcome}" if moved else outcome


def _pending(bench: Bench) -> Changes | None:
    try:
        return collecting.changes(collecting.answered_from(bench.book), collecting.found(bench.project))
    except UserError:
        return None
