"""Timelines: lines that say when something happened, in Markdown or text, or a CSV with a date and an event.

    ## The steam age
    - **1769**: James Watt patents the separate condenser.
    1804 – A locomotive pulls a train in Wales.

A heading is the topic of the lines below it, a row of a table is a line. Dates are years, months or days, ranges of
these, and years before our era with BC or BCE. Other calendars and "the 1840s" are not read.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from loresmith.errors import UserError
from loresmith.exchange.dialogue import Dropped
from loresmith.records import Record

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",), ("june", "jun"),
            ("july", "jul"), ("august", "aug"), ("september", "sept", "sep"), ("october", "oct"),
            ("november", "nov"), ("december", "dec"),
        ),
        1,
    )
    for name in names
}  # fmt: skip
MONTH = "|".join(MONTHS)
ONE_DATE = (
    rf"(?:(?:c\.|ca\.|circa)\s*)?(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}\s+(?:{MONTH})\.?\s+\d{{1,4}}"
    rf"|(?:{MONTH})\.?\s+\d{{1,2}},\s+\d{{1,4}}|(?:{MONTH})\.?\s+\d{{1,4}}|\d{{1,4}})(?:\s*(?:BCE|BC|CE|AD)\b)?"
)
DATE = re.compile(rf"{ONE_DATE}(?:\s*[–—-]\s*{ONE_DATE})?", re.IGNORECASE)
BOLD = r"(?:\*\*|__)?"
ENTRY = re.compile(
    rf"^\s*(?:[-*+|]\s*|\d+\.\s+)?{BOLD}(?P<date>{DATE.pattern}){BOLD}\s*[:–—|-]\s*{BOLD}\s*(?P<event>\S.*)$",
    re.IGNORECASE,
)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$")
DATE_COLUMNS = ("date", "year", "when", "time")
EVENT_COLUMNS = ("event", "description", "what", "text")
TOPIC_COLUMNS = ("topic", "category", "title")


class Entry(Record):
    """Something that happened, and when."""

    place: str
    date: str
    """As written."""
    begins: tuple[int, int, int]
    """Year (negative before our era), month and day; 0 where they are not said."""
    event: str
    topic: str

    @property
    def is_range(self) -> bool:
        """Whether it went on from one date to another."""
        first = re.match(ONE_DATE, self.date, re.IGNORECASE)
        return first is not None and first.end() < len(self.date)

    def is_apart(self, other: "Entry") -> bool:
        """Whether the two dates, as exactly as both are said, differ: 1789 and 14 July 1789 do not."""
        shared = min(sum(map(bool, self.begins)), sum(map(bool, other.begins)))
        return self.begins[:shared] != other.begins[:shared]


def entries(source: Path) -> Iterator[Entry | Dropped]:
    """The entries of a file, or of every .md, .txt and .csv file of a folder, in the order of the files.

    Raises:
        UserError: nothing is there, a file is not UTF-8, or a CSV has no columns of dates and events.
    """
    if not source.exists():
        raise UserError(f"There is nothing at {source}.", next_step="Give a timeline in Markdown, text or CSV.")
    kinds = {".md": _lines, ".markdown": _lines, ".txt": _lines, ".csv": _table}
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.suffix in kinds)
    for path in files:
        read = kinds.get(path.suffix.lower())
        if read is None:
            raise UserError(f"{path} is no timeline.", next_step=f"Give one of {', '.join(kinds)}.")
        try:
            yield from read(path)
        except (UnicodeDecodeError, OSError) as fault:
            raise UserError(f"{path} cannot be read: {fault}.", next_step="Save it as UTF-8.") from fault


def begins(said: str) -> tuple[int, int, int] | None:
    """When a date begins, for sorting; `None` when it is no date."""
    if DATE.fullmatch(said.strip()) is None:
        return None
    match = re.match(ONE_DATE, said.strip(), re.IGNORECASE)
    assert match is not None
    first = match[0]
    # "49–44 BC": the era stands at the end of the range and holds for both
    is_before = re.search(r"BCE?\b", first if re.search(r"\b(?:CE|AD)\b", said, re.I) else said, re.I) is not None
    if iso := re.search(r"(\d{4})-(\d{2})-(\d{2})", first):
        return int(iso[1]), int(iso[2]), int(iso[3])
    month = next((MONTHS[word] for word in re.findall(r"[a-z]+", first.lower()) if word in MONTHS), 0)
    numbers = [int(number) for number in re.findall(r"\d+", first)]
    year, day = numbers[-1], numbers[0] if len(numbers) > 1 else 0
    return -year if is_before else year, month, day


def _lines(path: Path) -> Iterator[Entry | Dropped]:
    topic = ""
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if heading := HEADING.match(line):
            topic = heading[1]
        elif line.strip():
            found = ENTRY.match(line)
            place = f"{path}, line {number}"
            if found is None:
                yield Dropped(place=place, reason="a line without a date at its beginning")
            else:
                yield _entry(place, found["date"], found["event"], topic)


def _table(path: Path) -> Iterator[Entry | Dropped]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        names = {str(name).strip().lower(): name for name in reader.fieldnames or ()}
        when, what, about = (
            next((names[name] for name in columns if name in names), None)
            for columns in (DATE_COLUMNS, EVENT_COLUMNS, TOPIC_COLUMNS)
        )
        if when is None or what is None:
            raise UserError(
                f"{path} has the columns {', '.join(names) or 'none'}; a timeline needs a date and an event.",
                next_step=f"Name them `{DATE_COLUMNS[0]}` and `{EVENT_COLUMNS[0]}`.",
            )
        for row in reader:
            said, event = (row[when] or "").strip(), (row[what] or "").strip()
            yield _entry(f"{path}, line {reader.line_num}", said, event, (row[about] or "") if about else "")


def _entry(place: str, said: str, event: str, topic: str) -> Entry | Dropped:
    start = begins(said)
    plain = re.sub(r"\*\*|__|`", "", event).strip().rstrip(".").strip(" |")
    if start is None:
        return Dropped(place=place, reason="no date that can be read")
    if not plain:
        return Dropped(place=place, reason="a date without an event")
    return Entry(place=place, date=" ".join(said.split()), begins=start, event=plain, topic=topic.strip())
